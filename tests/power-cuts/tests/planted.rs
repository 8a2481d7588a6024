//! The same cuts with a mistake made on purpose: they must find it.
//!
//! A mistake is made in the whole process, so there is one test, and one mistake after the other.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use kiosk_words::planted::{Bug, plant};
use power_cuts::{CUTS_PER_DISK, Tally, Which, disk::Flush, run};

const SEED: u64 = 1;
const DISKS: u64 = 4;

fn cuts(which: Which, bug: Option<Bug>) -> Tally {
    plant(bug);
    let tally = run(which, Flush::Honest, SEED, DISKS * CUTS_PER_DISK);
    plant(None);
    tally.unwrap()
}

#[test]
fn every_mistake_that_a_power_cut_can_show_is_found() {
    for which in [Which::Station, Which::Hall] {
        let tally = cuts(which, None);
        assert_eq!(tally.n_found(), 0, "{} without a mistake\n{tally}", which.word());
    }
    for (which, bug) in [
        (Which::Station, Bug::NormalSync),
        (Which::Hall, Bug::NormalSync),
        (Which::Hall, Bug::AckBeforeCommit),
    ] {
        let tally = cuts(which, Some(bug));
        assert!(tally.n_lost > 0, "{bug:?} at the {}\n{tally}", which.word());
    }
}
