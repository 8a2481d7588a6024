//! People go away without a word, at every step of the way.

use scenarios::{Act, MINOR, RECORD, SENIOR, TOBACCO, does};
use testkit::World;

/// Patience of elder mode and grace, with room.
const ENDS_WITHIN_MS: u64 = 8 * 60_000;

fn leaves_after(way: &[Act], n_acts: usize) {
    let mut world = World::ready(n_acts as u64);
    for act in &way[..n_acts] {
        does(&mut world, *act);
    }
    world.citizen().walks_away();
    world.until_within(ENDS_WITHIN_MS, "sleep", World::sleeps);
    world.passes(1_000);
    let n_pages: usize = world.store.cases().map(|case| case.filed.scans.len()).sum();
    assert_eq!(world.store.disk.files().count(), n_pages, "only pages of filed cases are kept");
    world.comes_to_rest();
}

#[test]
fn walk_away_at_every_step() {
    for way in [TOBACCO, RECORD, SENIOR, MINOR] {
        for n_acts in 1..way.len() {
            leaves_after(way, n_acts);
        }
    }
}

#[test]
fn the_reader_may_be_unplugged_when_people_have_gone() {
    for n_acts in 1..TOBACCO.len() {
        let mut world = World::ready(n_acts as u64);
        for act in &TOBACCO[..n_acts] {
            does(&mut world, *act);
        }
        world.citizen().walks_away();
        world.reader().is_unplugged();
        world.until_within(ENDS_WITHIN_MS, "sleep", World::sleeps);
        world.comes_to_rest();
    }
}
