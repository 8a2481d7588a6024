//! The nights that `make test` plays: a fixed range of seeds, and every seed that ever failed.

use simulation::{Disk, Fault, Tally, play, play_on};

/// Nights of a range that never changes, so that a failure is of the change that brought it.
const SEEDS: std::ops::Range<u64> = 0x4000..0x4060;
/// Nights with the station's real store beside the model, on a disk that can be cut.
const REAL_SEEDS: std::ops::Range<u64> = 0x5000..0x5008;
/// Nights without people test little: so many happened in the range at least.
const N_FILED_MIN: u64 = 300;
const N_OPENINGS_MIN: u64 = 300;
const N_COLLECTED_MIN: u64 = 10;

fn plays(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        match play(seed) {
            Ok(tally) => sum.add(&tally),
            Err(broken) => panic!("{broken}"),
        }
    }
    sum
}

#[test]
fn every_invariant_holds_in_every_night_of_the_range() {
    let sum = plays(SEEDS);
    let filed = sum.n_filed >= N_FILED_MIN && sum.n_at_hall >= N_FILED_MIN / 2;
    let opened = sum.n_openings >= N_OPENINGS_MIN && sum.n_collected >= N_COLLECTED_MIN;
    assert!(filed && opened, "too little happens: {sum:?}");
    let never: Vec<Fault> =
        Fault::ALL.into_iter().filter(|fault| !sum.faults.contains_key(fault)).collect();
    assert!(never.is_empty(), "never happened: {never:?}");
}

#[test]
fn the_real_store_knows_what_the_model_knows_after_every_start_and_every_cut() {
    let mut sum = Tally::default();
    for seed in REAL_SEEDS {
        match play_on(Disk::Real, seed, false) {
            Ok(tally) => sum.add(&tally),
            Err(broken) => panic!("{broken}"),
        }
    }
    let cuts = sum.faults.get(&Fault::PowerCut).copied().unwrap_or(0);
    assert!(cuts > 0 && sum.n_filed > 0, "too little happens: {sum:?}");
}

#[test]
fn seeds_that_failed_once_hold_now() {
    let text = include_str!("seeds.txt");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let seeds = lines.filter(|line| !line.starts_with('#')).map(|line| {
        let word = line.split_whitespace().next().unwrap_or(line);
        let hex = word.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        hex.unwrap_or_else(|| panic!("seeds.txt: expected 0x and a seed, got {line:?}"))
    });
    plays(seeds);
}

#[test]
fn a_night_is_the_same_night_again() {
    let told = |seed| play(seed).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(told(0x4001), told(0x4001));
}
