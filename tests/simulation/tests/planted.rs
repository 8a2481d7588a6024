//! Each mistake that somebody could make is made, and a night has to find it. Built with the
//! feature `planted` only; the nights to the find are printed.

use std::panic;

use kiosk_words::planted::{Bug, plant};
use simulation::play;

/// A mistake that is not found in so many nights is one the simulation cannot see.
const NIGHTS_MAX: u64 = 400;
const FIRST_SEED: u64 = 0x8000;

/// The nights until this mistake broke an invariant, and the invariant.
fn nights_to_find(bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let found = (1..=NIGHTS_MAX).find_map(|n| {
        let broken = play(FIRST_SEED + n).err()?;
        Some((n, broken.headline().to_owned()))
    });
    plant(None);
    found
}

// One test for all: a mistake is planted in the whole process.
#[test]
fn every_planted_mistake_is_found() {
    panic::set_hook(Box::new(|_| {}));
    let found: Vec<_> = Bug::ALL.into_iter().map(|bug| (bug, nights_to_find(bug))).collect();
    let _default = panic::take_hook();
    let mut text = String::new();
    for (bug, what) in &found {
        let line = match what {
            Some((n, what)) => format!("{bug:?}: found in night {n}: {what}\n"),
            None => format!("{bug:?}: NOT FOUND in {NIGHTS_MAX} nights\n"),
        };
        text.push_str(&line);
    }
    println!("{text}");
    assert!(found.iter().all(|(_, what)| what.is_some()), "{text}");
    assert!(play(FIRST_SEED).is_ok(), "without a mistake nothing is found");
}
