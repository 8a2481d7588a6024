//! Somebody's log-in page answers instead of the hall.

use scenarios::{RECORD, files_and_leaves};
use testkit::World;

#[test]
fn a_log_in_page_is_no_answer_of_the_hall() {
    let mut world = World::ready(31);
    world.hall().hides_behind_a_captive_portal();
    let receipt = files_and_leaves(&mut world, RECORD);
    world.passes(10 * 60_000);
    assert_eq!(world.hall.cases().count(), 0);
    assert_eq!(world.store.n_unsettled(), 1, "the case waits here");
    assert!(world.shows("未联网"));
    world.hall().comes_back();
    world.comes_to_rest();
    assert!(world.hall.case_of(&receipt).unwrap().1.is_complete());
}
