//! A technician at the machine: what is broken, does it work again, closed meanwhile, logs, power.

use kiosk_core::{
    effect::{Exported, NotExported},
    record::AuditKind,
    station::EXIT_POWER_OFF,
    view::{Intent, Stage},
};
use scenarios::{files_and_deposits, staff_sign_in};
use testkit::World;

/// A technician before the list of parts.
fn technician(seed: u64) -> World {
    let mut world = World::with_locker(seed);
    world.until("devices", World::has_devices);
    staff_sign_in(&mut world, "3001", "648213");
    world.citizen().sees("设备");
    world
}

fn has(world: &World, kind: AuditKind) -> bool {
    world.store.audit().contains(&kind)
}

/// The technician comes back to a closed station.
fn opens_again(world: &mut World) {
    world.slot().gives_back();
    world.passes(1_000);
    world.citizen().touches("工作人员");
    world.slot().gets_staff_card("3001");
    world.citizen().sees("请输入卡的密码").types("648213").touches("登录");
    world.citizen().touches("结束维护：恢复服务");
    world.until("the record", |w| has(w, AuditKind::MaintenanceEnded));
    world.slot().gives_back();
    world.until("sleep", World::sleeps);
}

#[test]
fn a_technician_sees_what_is_broken_what_to_do_and_that_it_works_again() {
    let mut world = technician(1001);
    world.citizen().sees("身份证读卡器");
    world.reader().is_unplugged();
    world.passes(5_000);
    world.citizen().touches("身份证读卡器").sees("没接上");
    assert!(world.shows("by-id/reader"), "where it is connected");
    world.reader().is_plugged();
    world.passes(20_000);
    world.citizen().sees("上次故障").touches("测试").sees("请把一张身份证放到读卡器上");
    world.citizen().lays_card("zhang_san").sees("通过：读到了卡");
    world.until("the record", |w| has(w, AuditKind::DeviceTested));
    assert!(!world.shows("张三"), "a test says nothing of a person");
    world.comes_to_rest();
}

#[test]
fn the_wire_of_the_last_minute_names_nobody() {
    let mut world = technician(1002);
    world.citizen().touches("身份证读卡器").touches("测试");
    world.citizen().lays_card("zhang_san").sees("通过：读到了卡");
    world.citizen().touches("看最近一分钟的数据").sees("AA AA AA 96 69");
    let Stage::Check { sections, .. } = &world.view().stage else { panic!("no wire is shown") };
    let lines: Vec<&str> = sections[0].facts.iter().map(|fact| fact.value.as_str()).collect();
    assert!(lines.iter().all(|line| line.len() < 100), "no frame of a card is shown whole");
    // Status, and the number of the bytes behind it.
    assert!(lines.iter().any(|line| line.starts_with("00 00 90 ·")), "{lines:?}");
    world.citizen().touches("返回").sees("测试结果");
    world.comes_to_rest();
}

#[test]
fn every_part_with_a_wire_is_tested_over_it() {
    let mut world = technician(1003);
    for (part, passed) in [
        ("凭条打印机", "通过：打印机说测试条出来了"),
        ("1 号锁控板", "通过：有回应的门"),
        ("插卡口", "通过：您的卡就是在这里读的"),
        ("存储", "通过：写进去了"),
    ] {
        world.citizen().touches(part).touches("测试").sees(passed).touches("返回");
    }
    world.citizen().lays_paper("old_permit");
    world.citizen().touches("拍材料的镜头").touches("测试").sees("通过：拍到了");
    world.camera().is_unplugged();
    world.citizen().touches("再测一次").sees("没通过");
    world.comes_to_rest();
}

#[test]
fn another_reader_in_the_place_of_one_is_noticed_over_a_restart_and_works() {
    let mut world = technician(1004);
    world.slot().gives_back();
    world.until("sleep", World::sleeps);
    world.reader().is_unplugged();
    world.reader().is_another_module();
    world.crashes_and_restarts();
    world.reader().is_plugged();
    world.until("reader", |w| w.reader.is_ready());
    world.until("the record", |w| has(w, AuditKind::DeviceReplaced));
    staff_sign_in(&mut world, "3001", "648213");
    world.citizen().sees("换过一台").touches("身份证读卡器").touches("知道了，已登记");
    assert!(!world.shows("换过一台"));
    world.comes_to_rest();
}

#[test]
fn a_station_closed_for_maintenance_says_until_when_also_after_a_restart() {
    let mut world = technician(1005);
    world.citizen().touches("维护中：暂停服务").touches("一小时").sees("维护中，暂停服务");
    world.slot().gives_back();
    world.passes(1_000);
    world.citizen().sees("预计恢复时间");
    assert!(world.shows("0452-0000000"));
    world.until("the record", |w| has(w, AuditKind::MaintenanceBegun));
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    world.citizen().sees("维护中，暂停服务");
    // Later than expected is said, not hidden.
    world.passes(70 * 60_000);
    world.citizen().sees("比预计的久");
    opens_again(&mut world);
    world.comes_to_rest();
}

#[test]
fn nobody_else_of_the_staff_closes_the_station_or_switches_it_off() {
    let mut world = World::with_locker(1006);
    files_and_deposits(&mut world);
    staff_sign_in(&mut world, "1001", "802461");
    for act in ["maintenance", "off", "export"] {
        world.forges(Intent::Choose(act.to_owned()));
        world.passes(1_000);
        assert!(!world.shows("要关机吗") && !world.shows("预计多久") && !world.shows("导出"));
    }
    assert_eq!(world.exit(), None);
}

#[test]
fn logs_are_on_the_stick_only_when_the_screen_says_so() {
    let mut world = technician(1007);
    world.citizen().touches("导出日志到 U 盘").sees("没有看到 U 盘").touches("回到设备状态");
    assert!(!has(&world, AuditKind::LogsExported));
    let folder = "nightdesk-0017-20260305-090000".to_owned();
    world.stick_takes(Ok(Exported { folder, n_files: 3, n_bytes: 4_096 }));
    world.citizen().touches("导出日志到 U 盘");
    assert!(!world.shows("可以拔出"), "it was not read back yet");
    world.citizen().sees("可以拔出 U 盘了").sees("nightdesk-0017-20260305-090000");
    world.until("the record", |w| has(w, AuditKind::LogsExported));
    world.citizen().touches("回到设备状态");
    world.stick_takes(Err(NotExported::NotTheSame));
    world.citizen().touches("导出日志到 U 盘").sees("这个 U 盘不可靠");
    world.comes_to_rest();
}

#[test]
fn the_station_is_switched_off_after_what_is_open_is_written() {
    let mut world = technician(1008);
    world.citizen().touches("关机").sees("要关机吗").touches("关机");
    world.until("the end", |w| w.exit() == Some(EXIT_POWER_OFF));
    assert!(has(&world, AuditKind::PoweredOff));
    assert!(world.shows("请等到屏幕说可以断电"));
}

#[test]
fn a_station_with_an_open_door_is_not_switched_off() {
    let mut world = World::with_locker(1009);
    files_and_deposits(&mut world);
    staff_sign_in(&mut world, "3001", "648213");
    world.locker().is_forced(2);
    world.passes(3_000);
    world.citizen().touches("关机").sees("先关好");
    world.citizen().touches_if_there("关机");
    world.passes(1_000);
    assert_eq!(world.exit(), None);
    world.comes_to_rest();
}

#[test]
fn a_test_that_is_left_reads_no_card_any_more() {
    let mut world = technician(1010);
    world.citizen().touches("身份证读卡器").touches("测试").touches("返回");
    world.passes(1_000);
    assert!(!world.reader.wants_card(), "the reader was told to stop");
    world.citizen().touches("身份证读卡器").touches("测试").touches("求助").touches("返回");
    world.citizen().touches("测试").touches("看最近一分钟的数据");
    world.passes(1_000);
    assert!(!world.reader.wants_card(), "also while its wire is looked at");
    world.comes_to_rest();
}

#[test]
fn a_closed_station_that_falls_three_times_is_still_closed_and_can_be_opened() {
    let mut world = technician(1011);
    world.citizen().touches("维护中：暂停服务").touches("半小时").sees("维护中，暂停服务");
    world.until("the record", |w| has(w, AuditKind::MaintenanceBegun));
    for _ in 0..3 {
        world.crashes_and_restarts();
        world.passes(1_000);
    }
    assert!(has(&world, AuditKind::CareModeEntered));
    world.citizen().sees("维护中，暂停服务");
    // Care mode ends by itself, and the station stays closed.
    world.passes(11 * 60_000);
    world.citizen().sees("维护中，暂停服务");
    opens_again(&mut world);
    world.comes_to_rest();
}
