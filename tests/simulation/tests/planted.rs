//! Each mistake that somebody could make is made, and a night has to find it. Built with the
//! feature `planted` only; the nights to the find are printed.

use std::panic;

use kiosk_words::planted::{Bug, plant};
use simulation::{Disk, play_on};

/// A mistake that is not found in so many nights is one the simulation cannot see.
const NIGHTS_MAX: u64 = 200;
const FIRST_SEED: u64 = 0x8000;

/// A mistake of the store is made in the real one.
fn disk_for(bug: Bug) -> Disk {
    if bug == Bug::NormalSync { Disk::Real } else { Disk::Model }
}

/// The nights until this mistake broke an invariant, and the invariant.
fn nights_to_find(bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let found = (1..=NIGHTS_MAX).find_map(|n| {
        let broken = play_on(disk_for(bug), FIRST_SEED + n, false).err()?;
        Some((n, broken.headline().to_owned()))
    });
    plant(None);
    found
}

// One test for all: a mistake is planted in the whole process.
#[test]
fn every_planted_mistake_is_found() {
    panic::set_hook(Box::new(|_| {}));
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        match nights_to_find(bug) {
            Some((n, what)) => println!("{bug:?}: found in night {n}: {what}"),
            None => missed.push(bug),
        }
    }
    let clean = play_on(Disk::Real, FIRST_SEED, false);
    let _default = panic::take_hook();
    assert!(missed.is_empty(), "not found in {NIGHTS_MAX} nights each: {missed:?}");
    assert!(clean.is_ok(), "without a mistake nothing is found: {clean:?}");
}
