//! The hall has committed, its answer gets lost: one case, not two.

use scenarios::{TOBACCO, files, files_and_leaves};
use testkit::{CommitOnCrash, World};

#[test]
fn a_lost_reply_makes_no_second_case() {
    let mut world = World::ready(211);
    world.hall().loses_replies(3);
    let receipt = files(&mut world, TOBACCO);
    world.until("the hall has it", |w| w.hall.case_of(&receipt).is_some());
    assert!(world.shows("已存本机，尚未传到大厅"), "not claimed before it is acknowledged");
    world.until("大厅已收到", |w| w.shows("大厅已收到"));
    world.comes_to_rest();
    assert_eq!(world.hall.cases().count(), 1);
}

#[test]
fn a_reply_lost_with_the_program_makes_no_second_case() {
    for commit in [CommitOnCrash::Yes, CommitOnCrash::No] {
        let mut world = World::ready(212);
        world.hall().loses_replies(1);
        let receipt = files_and_leaves(&mut world, TOBACCO);
        world.until("the hall has it", |w| w.hall.case_of(&receipt).is_some());
        world.crashes_and_restarts_with(commit);
        world.comes_to_rest();
        assert_eq!(world.hall.cases().count(), 1);
        assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
    }
}
