//! Staff and their cards: who is let in, with which card, and for what.

use device_sim::smart_card::Trouble;
use hall_api::wire::CustodyStep;
use kiosk_core::{record::AuditKind, view::Stage};
use kiosk_words::{Content, Release, StaffCardNo};
use scenarios::{asks_for_staff_card, files_and_deposits, staff_card_in, staff_sign_in};
use testkit::{
    World,
    staff_cards::{Order, trust},
};
use uuid::Uuid;

/// A world in which an envelope lies in cell 1, so that there is something to do.
fn with_work(seed: u64) -> World {
    let mut world = World::with_locker(seed);
    files_and_deposits(&mut world);
    world
}

fn signed_in(world: &World) -> bool {
    world.store.audit().contains(&AuditKind::StaffSignedIn)
}

#[test]
fn a_card_and_its_pin_sign_in_and_taking_it_out_signs_out() {
    let mut world = with_work(901);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的").sees("取原件：01 格");
    world.until("the record", signed_in);
    assert!(!world.shows("插卡口里有一张卡"), "it belongs there");
    world.slot().gives_back();
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn a_card_taken_out_at_an_open_door_signs_out_after_the_door() {
    let mut world = with_work(902);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("取原件：01 格").sees("请取出来");
    world.slot().gives_back();
    world.passes(2_000);
    world.citizen().sees("请取出来");
    world.locker().is_pushed_shut(1);
    world.citizen().sees("取到了吗？");
    assert!(!world.shows("再开一次"), "the card is out");
    let receipt = world.store.cases().next().unwrap().filed.receipt.digits();
    world.citizen().touches("取到了").types(&receipt).touches("下一步");
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn wrong_pins_lock_longer_each_time_and_a_restart_forgives_nothing() {
    let mut world = with_work(903);
    staff_card_in(&mut world, "1001");
    world.citizen().types("111222").touches("登录").sees("密码不对。卡还让试 2 次");
    world.citizen().types("111222").touches("登录").sees("密码不对，已锁定");
    world.slot().gives_back();
    world.passes(1_000);
    world.slot().gets_staff_card("1001");
    world.citizen().sees("已锁定");
    assert!(!world.shows("请输入卡的密码"));
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    staff_card_in(&mut world, "1001");
    world.citizen().sees("已锁定");
    // A minute later the right PIN is taken, and all is forgotten.
    world.citizen().touches("返回");
    world.passes(100_000);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的");
    world.comes_to_rest();
}

#[test]
fn the_card_blocks_itself_and_says_so_before_a_pin_is_asked_for() {
    let mut world = with_work(904);
    staff_card_in(&mut world, "2001");
    world.citizen().types("111222").touches("登录").sees("卡还让试 2 次");
    world.citizen().types("111222").touches("登录").sees("已锁定");
    world.citizen().touches("返回");
    world.passes(100_000);
    staff_card_in(&mut world, "2001");
    world.citizen().sees("请输入卡的密码").types("111222").touches("登录").sees("这张卡锁死了");
    staff_card_in_again(&mut world, "2001");
    world.citizen().sees("这张卡锁死了");
    assert!(!signed_in(&world));
    world.comes_to_rest();
}

fn staff_card_in_again(world: &mut World, staff: &'static str) {
    world.slot().gives_back();
    world.passes(1_000);
    world.slot().gets_staff_card(staff);
    world.passes(1_000);
}

#[test]
fn what_can_be_no_pin_is_not_sent_to_the_card() {
    let mut world = with_work(905);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("请输入卡的密码").types("12345").touches("登录").sees("密码是 6 到 8 位");
    world.citizen().types("802461").touches("登录").sees("柜内要做的");
    world.comes_to_rest();
}

#[test]
fn each_card_that_is_not_good_is_refused_in_words() {
    let mut world = with_work(906);
    asks_for_staff_card(&mut world);
    let order = Order::of("1001");
    let other = StaffCardNo(Uuid::from_u128(7));
    let cases = [
        (Order { ca: "another hall", ..order.clone() }.make(), "不是本大厅发的"),
        (Order { years: (2020, 2024), ..order.clone() }.make(), "这张卡 2024-01-01 到期"),
        (Order { years: (2030, 2031), ..order.clone() }.make(), "才生效"),
        (Order { is_swapped: true, ..order.clone() }.make(), "不是工作人员证书"),
        (Order { other_card: Some(other), ..order.clone() }.make(), "不是工作人员证书"),
        (Order { role: "director", ..order.clone() }.make(), "不是工作人员证书"),
        (order.make().copied(), "可能是复制的"),
        (device_sim::smart_card::piv::PivChip::new("blank"), "还没有制好"),
    ];
    for (chip, said) in cases {
        world.slot().gets_chip("a card", Box::new(chip));
        world.citizen().sees(said);
        world.slot().gives_back();
        world.forgets_cards();
        world.passes(1_000);
    }
    world.slot().gets("social_zhang_san");
    world.citizen().sees("这张不是工作人员卡");
    world.slot().gives_back();
    world.passes(1_000);
    world.slot().gets("other_card");
    world.citizen().sees("这张不是工作人员卡");
    assert!(!signed_in(&world));
    world.comes_to_rest();
}

#[test]
fn a_card_that_signs_with_another_key_after_its_pin_lets_nobody_in() {
    let mut world = with_work(907);
    asks_for_staff_card(&mut world);
    let mut chip = Order::of("1001").make();
    // The card's own key is right; the holder's is another than the certificate says.
    chip.make_key(device_drivers::smart_card::codec::piv::KeySlot::Holder);
    world.slot().gets_chip("half a copy", Box::new(chip));
    world.citizen().sees("请输入卡的密码").types("802461").touches("登录").sees("可能是复制的");
    assert!(!signed_in(&world));
    world.comes_to_rest();
}

#[test]
fn a_card_taken_back_by_the_hall_is_refused_and_signed_out() {
    let mut world = with_work(908);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的");
    world.hall().takes_back_cards_of(&["1001"]);
    world.until("signed out", World::sleeps);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("已被大厅停用");
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    staff_card_in(&mut world, "1001");
    world.citizen().sees("已被大厅停用").touches("返回").touches("退出并清除");
    staff_sign_in(&mut world, "2001", "753951");
    world.citizen().sees("柜内要做的");
    world.comes_to_rest();
}

#[test]
fn before_the_hall_has_spoken_no_card_is_good() {
    let mut world = with_work(909);
    world.hall().says_of_staff(kiosk_core::staff_card::StaffTrust::default());
    world.until("the word", |w| w.store.feed_cursor() == 1);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("大厅还没有告诉本机");
    world.hall().says_of_staff(trust());
    world.until("the word", |w| w.store.feed_cursor() == 2);
    world.citizen().touches("返回").touches("退出并清除");
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的");
    world.comes_to_rest();
}

#[test]
fn each_role_sees_what_is_its_own_and_only_some_open_doors() {
    let mut world = with_work(910);
    staff_sign_in(&mut world, "3001", "648213");
    world.citizen().sees("设备状态").sees("身份证读卡器").sees("都正常");
    assert!(!world.shows("柜内要做的"));
    world.citizen().touches("做完了，离开");
    staff_sign_in(&mut world, "4001", "591837");
    world.citizen().sees("只能看，不能开门").touches_if_there("取原件：01 格");
    assert!(world.shows("柜内要做的"), "a supervisor opens nothing");
    world.citizen().touches("设备状态").sees("都正常").touches("去柜内要做的").sees("柜内要做的");
    world.citizen().touches("做完了，离开");
    staff_sign_in(&mut world, "5001", "470269");
    world.citizen().sees("现在没有报警");
    assert!(!world.shows("身份证读卡器") && !world.shows("柜内要做的"));
    world.citizen().touches("做完了，离开");
    world.locker().is_forced(1);
    staff_sign_in(&mut world, "5001", "470269");
    world.citizen().sees("01 格").sees("门被强行打开过");
    assert_eq!(world.cabinet.opened().len(), 1, "the deposit and nothing else");
    world.comes_to_rest();
}

#[test]
fn on_a_clock_that_nobody_vouches_for_staff_see_devices_and_open_no_door() {
    let mut world = with_work(911);
    world.clock().is_unknown();
    asks_for_staff_card(&mut world);
    let expired = Order { years: (2020, 2024), ..Order::of("2001") }.make();
    world.slot().gets_chip("2001", Box::new(expired));
    world.citizen().sees("请输入卡的密码").types("753951").touches("登录").sees("设备状态");
    world.citizen().sees("只能看设备，不能开门").sees("接上网络校时");
    assert!(!world.shows("柜内要做的"));
    world.citizen().touches("做完了，离开");
    staff_sign_in(&mut world, "4001", "591837");
    world.citizen().sees("只能看设备，不能开门");
    assert!(!world.shows("柜内要做的"), "not the supervisor either");
    world.comes_to_rest();
}

/// Whoever goes away before the card has answered is locked out as well.
#[test]
fn a_pin_that_is_on_its_way_to_the_card_is_waited_for() {
    let mut world = with_work(917);
    staff_card_in(&mut world, "1001");
    world.citizen().types("111222").touches("登录").sees("卡还让试 2 次");
    world.slot().will(Trouble::Stall { ms: 2_000 }, "verify");
    world.citizen().types("111222").touches("登录").touches_if_there("返回");
    world.citizen().touches_if_there("退出并清除").sees("已锁定");
    world.comes_to_rest();
}

#[test]
fn who_is_signed_in_does_not_come_to_the_first_page_by_signing_in_again() {
    let mut world = with_work(918);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的").touches("求助").touches("工作人员").sees("柜内要做的");
    world.comes_to_rest();
}

#[test]
fn another_ca_ends_what_was_begun_under_the_one_before() {
    let mut world = with_work(919);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的");
    world.hall().says_of_staff(kiosk_core::staff_card::StaffTrust::default());
    world.until("signed out", World::sleeps);
    world.hall().says_of_staff(trust());
    world.until("the word", |w| w.store.feed_cursor() == 2);
    // Between card and PIN as well.
    staff_card_in(&mut world, "1001");
    world.citizen().sees("请输入卡的密码");
    world.hall().says_of_staff(kiosk_core::staff_card::StaffTrust::default());
    world.until("the word", |w| w.store.feed_cursor() == 3);
    world.citizen().types("802461").touches("登录");
    world.until("signed out", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn a_staff_card_shows_no_citizens_cases() {
    let mut world = World::with_card_slot(912);
    world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    world.slot().gets_staff_card("1001");
    world.citizen().sees("这是工作人员卡");
    assert!(!matches!(world.view().stage, Stage::Form { .. }));
    world.comes_to_rest();
}

#[test]
fn trouble_with_the_card_is_told_and_the_pin_is_not_sent_twice() {
    let mut world = with_work(913);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("请输入卡的密码");
    world.slot().will(Trouble::Stall { ms: 6_000 }, "verify");
    world.citizen().types("802461").touches("登录").sees("没有回应");
    staff_card_in_again(&mut world, "1001");
    world.citizen().sees("请输入卡的密码").types("802461");
    world.slot().will(Trouble::Pull, "authenticate");
    world.citizen().touches("登录").sees("卡拔出来了");
    assert!(!signed_in(&world));
    world.comes_to_rest();
}

#[test]
fn a_card_waits_for_its_pin_only_so_long_and_leaves_with_its_holder() {
    let mut world = with_work(914);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("请输入卡的密码");
    world.slot().gives_back();
    world.citizen().sees("卡拔出来了").sees("请插工作人员卡");
    world.slot().gets_staff_card("1001");
    world.citizen().sees("请输入卡的密码");
    world.passes(200_000);
    assert!(world.sleeps(), "nobody typed");
    assert!(world.shows("插卡口里有一张卡"));
    world.comes_to_rest();
}

#[test]
fn without_its_daemon_the_slot_says_whom_to_call() {
    let mut world = with_work(915);
    world.slot().loses_its_daemon();
    world.citizen().wakes_it().touches("求助").touches("工作人员").sees("插卡口现在不能用");
    world.slot().is_ready();
    world.slot().gets_staff_card("1001");
    world.citizen().sees("请输入卡的密码");
    world.comes_to_rest();
}

#[test]
fn a_card_taken_back_signs_nobody_out_in_the_middle_of_a_door() {
    let mut world = with_work(916);
    let receipt = world.store.cases().next().unwrap().filed.receipt.digits();
    world.hall().sends(&receipt, Content::Result, Release::Ordinary, &["wang_wei"]);
    world.until("the order", |w| w.store.feed_cursor() == 1);
    staff_sign_in(&mut world, "1001", "802461");
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.result.1"));
    world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("请放进去");
    world.hall().takes_back_cards_of(&["1001"]);
    world.until("the word", |w| w.store.feed_cursor() == 2);
    world.citizen().sees("请放进去");
    world.locker().is_pushed_shut(2);
    world.citizen().sees("都放进去了吗？");
    assert!(!world.shows("再开一次"), "nothing further is done in that name");
    world.citizen().touches("都放进去了");
    world.until("signed out", World::sleeps);
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    let is_placed = |w: &World| w.hall.custody_of(case).last() == Some(&CustodyStep::Placed);
    world.until("the hall knows where it lies", is_placed);
    world.comes_to_rest();
}
