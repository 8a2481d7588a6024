//! Fixed seeds, thousands of cuts, and nothing lost; and that the looking finds what is lost.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::thread;

use power_cuts::{
    CUTS_PER_DISK, Tally, Which,
    bare::{Bare, Settings},
    disk::Flush,
    lives::run_with,
    rig::Place,
    run,
};

const SEED: u64 = 1;

/// On as many threads as there are parts.
fn run_in_parts(which: Which, seed: u64, n_cuts: u64, n_parts: u64) -> Vec<Tally> {
    let n_disks = n_cuts / CUTS_PER_DISK / n_parts;
    thread::scope(|scope| {
        let parts: Vec<_> = (0..n_parts)
            .map(|part| {
                let first = seed + part * n_disks;
                let n_here = n_disks * CUTS_PER_DISK;
                scope.spawn(move || run(which, Flush::Honest, first, n_here).unwrap())
            })
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    })
}

fn check_nothing_is_lost(which: Which, n_cuts: u64) {
    for tally in run_in_parts(which, SEED, n_cuts, 2) {
        assert_eq!(tally.n_found(), 0, "{}\n{tally}{:?}", which.word(), tally.first);
        assert_eq!(tally.n_cuts, n_cuts / 2, "every disk went through all its cuts");
        for place in [Place::Log, Place::Database, Place::Rest] {
            assert!(tally.cuts_at(place) > 0, "cuts came {place:?} too\n{tally}");
        }
        assert!(tally.n_in_recovery > 0 && tally.n_survived_unheard > 0, "{tally}");
        assert!(tally.n_acknowledged > 2 * tally.n_cuts, "{tally}");
    }
}

#[test]
fn the_station_keeps_what_it_acknowledged() {
    check_nothing_is_lost(Which::Station, 1_000);
}

#[test]
fn the_hall_keeps_what_it_acknowledged() {
    check_nothing_is_lost(Which::Hall, 1_000);
}

#[test]
fn plain_sqlite_keeps_what_it_acknowledged() {
    check_nothing_is_lost(Which::BarePlain, 1_000);
}

#[test]
fn sqlcipher_keeps_what_it_acknowledged() {
    check_nothing_is_lost(Which::BareCipher, 500);
}

/// The same disk twice.
fn check_one_seed_is_one_run(which: Which) {
    let once = || run(which, Flush::Honest, SEED, CUTS_PER_DISK).unwrap();
    assert_eq!(once(), once(), "{}", which.word());
}

#[test]
fn one_seed_is_one_run_of_the_station() {
    check_one_seed_is_one_run(Which::Station);
}

#[test]
fn one_seed_is_one_run_of_the_hall() {
    check_one_seed_is_one_run(Which::Hall);
}

/// Cuts under SQLite with other settings than the products have.
fn bare(settings: Settings) -> Tally {
    let make = |folder: std::path::PathBuf| {
        Ok(Box::new(Bare::new(&folder, settings)) as Box<dyn power_cuts::lives::Subject>)
    };
    run_with(Flush::Honest, SEED, 500, make).unwrap()
}

#[test]
fn without_a_flush_at_every_commit_acknowledged_cases_are_lost() {
    for is_cipher in [false, true] {
        let tally = bare(Settings { is_cipher, synchronous: "NORMAL", ..Settings::PLAIN });
        assert!(tally.n_lost > 0, "{tally}");
        assert_eq!(tally.n_half + tally.n_broken + tally.n_unopenable, 0, "{tally}");
    }
}

#[test]
fn without_any_flush_databases_break() {
    let tally = bare(Settings { synchronous: "OFF", ..Settings::PLAIN });
    assert!(tally.n_broken + tally.n_unopenable > 0, "{tally}");
}

#[test]
fn the_rollback_journal_keeps_what_it_acknowledged_too() {
    let tally = bare(Settings { journal: "DELETE", ..Settings::PLAIN });
    assert_eq!(tally.n_found(), 0, "{tally}");
    assert!(tally.cuts_at(Place::Journal) > 0, "{tally}");
}

/// A disk that lies breaks every promise: it can be noticed, and nothing more.
#[test]
fn a_disk_that_lies_about_its_flush_is_found_out() {
    for which in [Which::Station, Which::Hall] {
        let tally = run(which, Flush::Lying, SEED, 10 * CUTS_PER_DISK).unwrap();
        assert!(tally.n_lost > 0, "{}\n{tally}", which.word());
        assert!(tally.n_cuts < 10 * CUTS_PER_DISK, "disks ended early\n{tally}");
    }
}
