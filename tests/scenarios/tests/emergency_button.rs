//! Somebody presses the emergency button: help is called at once, and said to be called when it is.

use device_drivers::room::Channel;
use device_sim::room::Act as RoomAct;
use kiosk_core::record::AuditKind;
use kiosk_words::StaffRole;
use scenarios::{
    Act, RECORD, TOBACCO, asks_for_staff_card, files, signs_in_at_alarm, staff_card_in, up_to,
    walks,
};
use testkit::{CommitOnCrash, World, staff_cards::STAFF};

const CALLED: &str = "已向保安报警";
const NOT_CALLED: &str = "请大声呼救";
const PHONE: &str = "0452-0000000";
/// From the finger to the guard's panel: a press is known within 0.3 s, and three relays are set.
const HELP_MS: u64 = 1_000;

fn times(world: &World, kind: AuditKind) -> usize {
    world.store.audit().iter().filter(|line| **line == kind).count()
}

fn is_pressed_and_help_is_called(world: &mut World) {
    world.room().is_pressed();
    world.until_within(HELP_MS, "help is called", |w| w.room.look().is_guard_called);
    world.citizen().sees(CALLED).sees(PHONE);
}

/// The manager lets the button out and ends the alarm.
fn is_over(world: &mut World) {
    world.room().is_let_out();
    world.passes(1_000);
    signs_in_at_alarm(world, "2001", "753951");
    world.citizen().sees("正在报警").touches("解除报警").sees("柜内要做的");
    world.slot().gives_back();
    world.until("sleep", World::sleeps);
    assert!(!world.room.look().is_guard_called && !world.room.look().is_siren_on);
}

#[test]
fn help_is_claimed_while_the_guards_contact_is_read_back_as_on() {
    let mut world = World::with_room(1001);
    world.hall().goes_dark();
    assert!(!world.shows(CALLED) && !world.shows(NOT_CALLED));
    world.room().is_pressed();
    world.until("the page", |w| w.shows(NOT_CALLED) || w.shows(CALLED));
    assert!(!world.shows(CALLED), "it was asked for, and nothing was read back yet");
    world.until_within(HELP_MS, "help", |w| w.shows(CALLED));
    let look = world.room.look();
    assert!(look.is_guard_called && look.is_siren_on && look.is_lit);
    assert!(world.shows(PHONE) && world.shows("110"));
    world.until("the record", |w| times(w, AuditKind::GuardReached) == 1);
    assert_eq!(times(&world, AuditKind::AlarmRaised), 1);
    // The board falls silent: nobody knows any more what the guard sees.
    world.room().is_unplugged();
    world.citizen().sees(NOT_CALLED).sees(PHONE);
    world.room().is_plugged();
    world.citizen().sees(CALLED);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn the_siren_ends_by_itself_and_the_call_for_help_does_not() {
    let mut world = World::with_room(1002);
    is_pressed_and_help_is_called(&mut world);
    world.room().is_let_out();
    world.passes(4 * 60_000);
    assert!(!world.room.look().is_siren_on && world.room.look().is_guard_called);
    world.passes(6 * 3_600_000);
    assert!(world.room.look().is_guard_called && world.shows(CALLED));
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn only_those_who_answer_for_the_place_end_an_alarm_and_not_while_the_button_is_in() {
    for (staff, role, pin) in STAFF {
        let mut world = World::with_room(1003);
        is_pressed_and_help_is_called(&mut world);
        signs_in_at_alarm(&mut world, staff, pin);
        match role {
            StaffRole::Guard | StaffRole::Manager | StaffRole::Supervisor => {
                world.citizen().sees("按钮还按着");
                world.citizen().touches_if_there("解除报警");
                world.passes(1_000);
                assert!(world.room.look().is_guard_called);
                world.room().is_let_out();
                world.citizen().touches("解除报警");
                world.until("calm", |w| !w.room.look().is_guard_called);
                world.until("the record", |w| times(w, AuditKind::AlarmReset) == 1);
                world.slot().gives_back();
            }
            // To mend the board.
            StaffRole::Technician => {
                world.citizen().sees("设备状态").sees("输入输出板");
                assert!(!world.shows("解除报警"));
                world.slot().gives_back();
                world.citizen().sees(CALLED);
                is_over(&mut world);
            }
            StaffRole::Courier => {
                world.citizen().sees(CALLED);
                world.slot().gives_back();
                is_over(&mut world);
            }
        }
        world.until("sleep", World::sleeps);
        world.comes_to_rest();
    }
}

#[test]
fn pressed_in_the_middle_of_a_filing_it_wipes_what_was_not_filed() {
    let mut world = World::with_room(1004);
    walks(&mut world, up_to(RECORD, Act::Sees("请核对并填写")));
    assert!(world.shows("张三"));
    is_pressed_and_help_is_called(&mut world);
    assert!(!world.shows("张三") && !world.station().holds_personal_data());
    // A finger that was on its way, and one that tries.
    world.citizen().taps_stale("下一步").touches_if_there("退出并清除");
    world.passes(1_000);
    assert!(world.shows(CALLED));
    assert_eq!(world.store.cases().count(), 0);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn pressed_at_an_open_door_it_opens_no_other_and_closes_the_cell_off() {
    let mut world = World::with_room(1006);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    let n_openings = world.n_openings();
    is_pressed_and_help_is_called(&mut world);
    world.passes(60_000);
    assert_eq!(world.n_openings(), n_openings);
    assert_eq!(world.cabinet.open_door(), Some(1));
    world.locker().is_pushed_shut(1);
    world.until("closed off", |w| times(w, AuditKind::CellClosedOff) == 1);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn a_board_that_is_dead_when_it_is_pressed_raises_the_alarm_when_it_is_back() {
    let mut world = World::with_room(1007);
    world.room().is_unplugged();
    world.passes(5_000);
    world.room().is_pressed();
    world.passes(60_000);
    assert!(world.sleeps(), "nobody can know of it");
    assert!(!world.shows(CALLED));
    world.room().is_plugged();
    world.citizen().sees(CALLED);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn a_guards_contact_that_does_not_move_is_not_called_help() {
    let mut world = World::with_room(1008);
    world.room().touch(RoomAct::Stick(Channel::new(2)));
    world.room().is_pressed();
    world.citizen().sees(NOT_CALLED).sees(PHONE);
    world.passes(60_000);
    assert!(world.room.look().is_siren_on && !world.shows(CALLED));
    assert_eq!(times(&world, AuditKind::GuardReached), 0);
    // It is asked for all the while.
    world.room().touch(RoomAct::Stick(None));
    world.citizen().sees(CALLED);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn a_cut_wire_of_the_button_raises_the_alarm_and_nobody_ends_it_before_it_is_mended() {
    let mut world = World::with_room(1009);
    world.room().touch(RoomAct::CutWire(true));
    world.citizen().sees(CALLED);
    signs_in_at_alarm(&mut world, "5001", "470269");
    world.citizen().sees("按钮还按着，或者线断了");
    world.room().touch(RoomAct::CutWire(false));
    world.citizen().touches("解除报警").sees("现在没有报警");
    world.slot().gives_back();
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn an_alarm_outlives_a_restart_and_so_does_a_pressed_button() {
    let mut world = World::with_room(1010);
    is_pressed_and_help_is_called(&mut world);
    world.room().is_let_out();
    world.passes(1_000);
    world.crashes_and_restarts();
    world.citizen().sees(CALLED);
    assert!(world.room.look().is_guard_called);
    is_over(&mut world);
    world.passes(11 * 60_000);
    world.crashes_and_restarts();
    world.passes(10_000);
    assert!(world.sleeps(), "it was ended");
    // Pressed while the program was away: no line of it is written.
    world.room().is_pressed();
    world.crashes_and_restarts_with(CommitOnCrash::No);
    world.citizen().sees(CALLED);
    is_over(&mut world);
    world.comes_to_rest();
}

#[test]
fn in_care_mode_and_while_somebody_signs_in_it_works_all_the_same() {
    let mut world = World::with_room(1011);
    asks_for_staff_card(&mut world);
    is_pressed_and_help_is_called(&mut world);
    is_over(&mut world);
    staff_card_in(&mut world, "1001");
    world.citizen().sees("请输入卡的密码").types("8024");
    is_pressed_and_help_is_called(&mut world);
    is_over(&mut world);
    world.passes(11 * 60_000);
    for _ in 0..3 {
        world.crashes_and_restarts();
    }
    assert!(world.shows("这台机器正在自我保护"));
    is_pressed_and_help_is_called(&mut world);
    world.room().is_let_out();
    world.passes(1_000);
    signs_in_at_alarm(&mut world, "2001", "753951");
    world.citizen().touches("解除报警");
    world.until("calm", |w| !w.room.look().is_guard_called);
    world.slot().gives_back();
    world.citizen().sees("这台机器正在自我保护");
    world.passes(10 * 60_000);
    world.comes_to_rest();
}
