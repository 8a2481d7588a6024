//! The hall is out of reach before, during and after a case is handed in.

use scenarios::{Act, RECORD, TOBACCO, asks_progress, files, files_and_leaves, up_to, walks};
use testkit::World;

#[test]
fn hall_down_before_and_the_case_waits_here() {
    let mut world = World::ready(141);
    world.hall().goes_dark();
    world.until("未联网", |w| w.shows("未联网"));
    let receipt = files_and_leaves(&mut world, TOBACCO);
    world.passes(8 * 3_600_000);
    asks_progress(&mut world, "wang_wei");
    assert!(world.shows("已存本机，尚未传到大厅") && world.shows("现在没联网"));
    world.comes_to_rest();
    assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
}

#[test]
fn hall_down_while_the_case_is_on_its_way() {
    let mut world = World::ready(142);
    let receipt = files(&mut world, TOBACCO);
    world.hall().goes_dark();
    world.passes(60_000);
    assert!(world.shows("已存本机，尚未传到大厅"));
    world.hall().comes_back();
    world.until("大厅已收到", |w| w.shows("大厅已收到"));
    assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
    world.comes_to_rest();
}

#[test]
fn hall_down_between_record_and_pages() {
    let mut world = World::ready(143);
    let receipt = files(&mut world, TOBACCO);
    world.until("the record", |w| w.hall.case_of(&receipt).is_some());
    world.hall().goes_dark();
    world.passes(60_000);
    assert!(!world.shows("大厅已收到"), "a record without its pages is not received");
    world.comes_to_rest();
    assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
}

#[test]
fn hall_down_after_the_case_is_there() {
    let mut world = World::ready(144);
    files(&mut world, RECORD);
    world.until("大厅已收到", |w| w.shows("大厅已收到"));
    world.hall().goes_dark();
    world.passes(60_000);
    assert!(world.shows("大厅已收到"), "what was proved stays true");
    world.comes_to_rest();
}

#[test]
fn a_crash_while_offline_loses_nothing() {
    let mut world = World::ready(145);
    world.hall().goes_dark();
    let first = files_and_leaves(&mut world, TOBACCO);
    let second = files_and_leaves(&mut world, RECORD);
    walks(&mut world, up_to(TOBACCO, Act::Photographs("old_permit")));
    world.crashes_and_restarts();
    world.comes_to_rest();
    for receipt in [first, second] {
        assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
    }
    assert_eq!(world.hall.cases().count(), 2);
}
