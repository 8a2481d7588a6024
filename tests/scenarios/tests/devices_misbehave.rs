//! What only devices on their wires can do: answers that are lost, noise, pulled cables, doors that
//! spring back, switches that lie, a printer that dies. The story the person is told stays true,
//! and no lock is pulsed twice for one authorisation (the world looks at that after every step).

use device_api::locker::{DoorState, Health};
use device_sim::lock_board::{Echo, On, Reads, Trouble, Uploads};
use kiosk_core::{
    custody::CellState,
    record::{AuditKind, PrintEnd},
};
use scenarios::{RECORD, TOBACCO, files, files_and_deposits};
use testkit::{World, cabinet::door};

/// Filed, and the door of cell 1 stands open for the originals.
fn door_stands_open(world: &mut World) {
    files(world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
}

#[test]
fn an_open_whose_answer_is_lost_is_seen_at_the_door_and_not_sent_again() {
    for trouble in [Trouble::Mute, Trouble::BadChecksum, Trouble::Late { ms: 600 }] {
        let mut world = World::with_locker(301);
        world.locker().board_will(1, trouble, Some(On::Open), 1);
        door_stands_open(&mut world);
        world.passes(3_000);
        assert_eq!(world.pulsed(), [door(1)], "{trouble:?}");
        world.locker().is_pushed_shut(1);
        world.citizen().touches("都放进去了").sees("原件已入柜");
        world.comes_to_rest();
    }
}

#[test]
fn an_open_that_the_board_did_not_hear_opens_nothing_and_is_not_sent_again() {
    let mut world = World::with_locker(302);
    world.locker().board_will(1, Trouble::Deaf, Some(On::Open), 1);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("01 格的门没有打开");
    assert_eq!(world.pulsed(), []);
    world.citizen().touches("换一个格口").touches("打开格口").sees("请放进去");
    assert_eq!(world.pulsed(), [door(2)]);
    world.locker().is_pushed_shut(2);
    world.comes_to_rest();
}

#[test]
fn the_cable_of_the_locks_is_pulled_and_put_back() {
    let mut world = World::with_locker(303);
    world.locker().is_unplugged();
    world.citizen().wakes_it().sees("文件柜暂时不能用");
    world.locker().is_plugged();
    world.until("the locks", World::has_devices);
    world.until("sleep", World::sleeps);
    files_and_deposits(&mut world);
    world.comes_to_rest();
}

#[test]
fn a_cable_that_is_pulled_while_the_door_is_open_comes_back_with_the_same_door() {
    let mut world = World::with_locker(304);
    door_stands_open(&mut world);
    world.locker().is_unplugged();
    world.until("unknown", |w| w.cabinet.state(1) == DoorState::Unknown);
    world.locker().is_plugged();
    world.until("open as asked", |w| w.cabinet.state(1) == DoorState::Open);
    world.locker().is_pushed_shut(1);
    world.passes(2_000);
    assert_eq!(world.pulsed(), [door(1)]);
    world.comes_to_rest();
}

#[test]
fn a_door_that_springs_back_is_not_called_shut() {
    let mut world = World::with_locker(305);
    door_stands_open(&mut world);
    world.locker().bounces(1);
    world.passes(2_000);
    assert!(!world.shows("都放进去了吗？"), "it stands open");
    assert_eq!(world.cabinet.state(1), DoorState::Open);
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？").touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn on_a_noisy_line_a_door_opens_once_or_not_at_all() {
    let mut n_opened = 0;
    for seed in 310..330 {
        let mut world = World::with_locker(seed);
        world.locker().has_a_noisy_line(15);
        files(&mut world, TOBACCO);
        world.citizen().touches_if_there("去放原件").waits_ms(1_000).touches_if_there("打开格口");
        world.passes(5_000);
        assert!(world.pulsed().len() <= 1, "{:?}", world.pulsed());
        n_opened += world.pulsed().len();
        world.comes_to_rest();
    }
    assert!(n_opened >= 10, "{n_opened} of 20 opened");
}

#[test]
fn an_hour_of_noise_on_every_line_opens_no_door_and_is_over_when_it_is_over() {
    let mut world = World::with_locker(331);
    world.until("devices", World::has_devices);
    world.locker().has_a_noisy_line(20);
    world.reader().has_a_noisy_line(20);
    for _ in 0..12 {
        world.passes(5 * 60_000);
        assert!(world.sleeps() || world.shows("暂停"), "nobody is there");
    }
    assert_eq!(world.pulsed(), [], "nobody asked for a door");
    assert!(!world.store.audit().contains(&AuditKind::DoorForced), "noise is no hand at a door");
    world.locker().is_mended();
    world.reader().is_mended();
    world.until("devices", World::has_devices);
    files_and_deposits(&mut world);
    assert_eq!(world.pulsed(), [door(1)]);
    world.comes_to_rest();
}

#[test]
fn boards_that_report_by_themselves_and_an_adapter_that_echoes_change_no_story() {
    for uploads in [Uploads::H81, Uploads::H82] {
        let mut world = World::with_locker(306);
        world.locker().reports_by_itself(uploads);
        world.locker().echoes(Echo::On);
        world.crashes_and_restarts();
        world.until("devices", World::has_devices);
        files_and_deposits(&mut world);
        assert_eq!(world.pulsed(), [door(1)]);
        world.comes_to_rest();
    }
}

#[test]
fn a_switch_that_says_shut_makes_an_open_door_a_closed_off_cell() {
    let mut world = World::with_locker(307);
    files(&mut world, TOBACCO);
    world.locker().has_a_stuck_switch(1, Reads::Shut);
    world.citizen().touches("去放原件").touches("打开格口").sees("01 格的门没有打开");
    assert_eq!(world.pulsed(), [door(1)]);
    assert_eq!(world.cabinet.open_door(), Some(1), "the station cannot see it");
    world.comes_to_rest();
}

#[test]
fn a_board_that_dies_while_a_door_opens_leaves_a_doubt() {
    let mut world = World::with_locker(308);
    files(&mut world, TOBACCO);
    world.locker().will(1, testkit::Habit::GetsLost);
    world.citizen().touches("去放原件").touches("打开格口").sees("这个格口暂时打不开");
    assert_eq!(world.pulsed(), [door(1)]);
    let is_closed_off = |w: &World| {
        let cells = &w.store.custody().cells;
        let state = cells.iter().find(|(no, _)| *no == door(1)).map(|(_, state)| *state);
        matches!(state, Some(CellState::Quarantined { .. }))
    };
    world.until("the cell is closed off", is_closed_off);
    world.until("it is back", |w| w.cabinet.health(1) == Health::Ready);
    world.comes_to_rest();
}

#[test]
fn a_printer_that_dies_in_the_middle_and_is_switched_on_prints_again_with_a_mark() {
    let mut world = World::with_locker(309);
    world.paper().dies_after(20);
    files(&mut world, RECORD);
    world.citizen().sees("不能确定有没有完整打出来");
    assert_eq!((world.printer.papers().len(), world.printer.n_scraps()), (0, 0));
    world.paper().is_switched_off_and_on();
    world.until("the printer", |w| w.printer.is_ready());
    assert_eq!(world.printer.n_scraps(), 1, "the torn slip is cut off");
    world.citizen().touches("再打印一张").sees("已打印");
    world.passes(20);
    let ends: Vec<_> = world.store.prints().iter().map(|(_, again, end)| (*again, *end)).collect();
    assert_eq!(ends, [(false, Some(PrintEnd::Uncertain)), (true, Some(PrintEnd::CameOut))]);
    world.comes_to_rest();
}

#[test]
fn a_printer_that_says_off_line_and_is_not_prints_when_it_tells_the_truth() {
    let mut world = World::with_locker(310);
    // Off line, without saying why.
    world.paper().lies(0x1A, 40);
    world.until("the lie is believed", |w| !w.printer.is_ready());
    world.until("the truth", |w| w.printer.is_ready());
    files(&mut world, RECORD);
    world.citizen().sees("已打印");
    world.comes_to_rest();
}
