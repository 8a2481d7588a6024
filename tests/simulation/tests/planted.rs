//! Each mistake that somebody could make is made, and a night has to find it. Built with the
//! feature `planted` only; the nights to the find are printed.

use std::panic;

use kiosk_words::planted::Bug;
use simulation::{
    Disk,
    planted::{FIRST_SEED, NIGHTS_MAX, nights_to_find},
    play_on,
};

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
