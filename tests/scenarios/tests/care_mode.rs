//! A program that dies again and again protects what it has.

use scenarios::{RECORD, files_and_leaves};
use testkit::World;

#[test]
fn the_third_start_in_ten_minutes_is_care_mode_and_ten_quiet_minutes_end_it() {
    let mut world = World::ready(61);
    world.hall().goes_dark();
    files_and_leaves(&mut world, RECORD);
    world.crashes_and_restarts();
    assert!(world.sleeps(), "the second start is an ordinary one");
    world.passes(60_000);
    world.crashes_and_restarts();
    assert!(world.shows("这台机器正在自我保护") && world.shows("1 件"));
    assert!(world.shows("0452-0000000"), "whom to call");
    assert!(world.shows("未联网") && !world.shows("可填表"), "nothing is offered");
    world.passes(9 * 60_000);
    assert!(!world.sleeps());
    world.passes(2 * 60_000);
    assert!(world.sleeps());
    world.comes_to_rest();
}

#[test]
fn care_mode_still_brings_to_the_hall_what_it_has() {
    let mut world = World::ready(62);
    world.hall().goes_dark();
    let receipt = files_and_leaves(&mut world, RECORD);
    world.crashes_and_restarts();
    world.crashes_and_restarts();
    world.hall().comes_back();
    world.until("the hall", |w| w.hall.case_of(&receipt).is_some());
    world.until("0 件", |w| w.shows("0 件"));
    world.passes(10 * 60_000);
    world.comes_to_rest();
}
