//! What one night is made of, drawn from its seed.

use testkit::Random;

use crate::fault::Fault;

/// Stands beside the screen in so many of a hundred nights.
const WITH_LOCKER_PERCENT: u64 = 75;
/// A kind of fault is on in so many of a hundred nights.
const ON_PERCENT: u64 = 30;
/// Of so many nights one is without any fault: what fails then fails by itself.
const CLEAR_NIGHT_ONE_IN: u64 = 8;
/// How often a fault that is on happens, in a thousand acts.
const PER_THOUSAND: [u64; 4] = [1, 1, 4, 15];
/// The longest wait between two people, in ms: a queue, a usual night, a quiet one.
const GAPS_MS: [u64; 3] = [20_000, 600_000, 3_000_000];

/// What somebody comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// An old licence goes into a cell, the new one comes out of another.
    Tobacco,
    Record,
    Senior,
    Minor,
    Collect,
    Progress,
    Staff,
    /// No plan at all.
    Wander,
}

const ERRANDS: [Errand; 8] = [
    Errand::Tobacco,
    Errand::Record,
    Errand::Senior,
    Errand::Minor,
    Errand::Collect,
    Errand::Progress,
    Errand::Staff,
    Errand::Wander,
];

#[derive(Debug, Clone)]
pub struct Swarm {
    pub with_locker: bool,
    pub gap_ms_max: u64,
    /// Errands as often as they are drawn.
    pub errands: Vec<Errand>,
    /// Of a hundred acts so many go on as the page suggests.
    pub leads_on_percent: u64,
    /// Kinds of faults that are on, and how often in a thousand acts.
    pub faults: Vec<(Fault, u64)>,
    /// After so many of a hundred visits somebody mends everything.
    pub mends_percent: u64,
    /// Of a hundred visits so many begin before the last one is over.
    pub impatient_percent: u64,
    /// Of a hundred people so many leave in the moment in which the receipt appears.
    pub hasty_percent: u64,
    /// Of a hundred steps so many of the hall are a recall, a freeze or another change of mind.
    pub fickle_percent: u64,
}

impl Swarm {
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x57a2_3b1d_90c4_e6f8);
        let with_locker = random.chance(WITH_LOCKER_PERCENT);
        let errands = errands(&mut random);
        Self {
            with_locker,
            gap_ms_max: *random.pick(&GAPS_MS),
            errands,
            leads_on_percent: *random.pick(&[60, 85, 97]),
            faults: faults(&mut random, with_locker),
            mends_percent: *random.pick(&[30, 70, 95]),
            impatient_percent: *random.pick(&[0, 10, 50]),
            hasty_percent: *random.pick(&[0, 0, 25]),
            fickle_percent: *random.pick(&[0, 10, 50]),
        }
    }
}

/// Each kind weighs nothing, a little or a lot.
fn errands(random: &mut Random) -> Vec<Errand> {
    let mut all = Vec::new();
    for errand in ERRANDS {
        for _ in 0..*random.pick(&[0_u8, 1, 1, 4]) {
            all.push(errand);
        }
    }
    if all.is_empty() { ERRANDS.to_vec() } else { all }
}

fn faults(random: &mut Random, with_locker: bool) -> Vec<(Fault, u64)> {
    if random.below(CLEAR_NIGHT_ONE_IN) == 0 {
        return Vec::new();
    }
    let fitting = Fault::ALL.into_iter().filter(|fault| with_locker || !fault.needs_locker());
    let mut on = Vec::new();
    for fault in fitting {
        if random.chance(ON_PERCENT) {
            // A station gets another disk once in years.
            let rate = *random.pick(&PER_THOUSAND);
            on.push((fault, if fault == Fault::NewDisk { 1 } else { rate }));
        }
    }
    on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_and_every_errand_is_in_some_night_and_no_night_has_all() {
        let nights: Vec<Swarm> = (0..200).map(Swarm::of).collect();
        for fault in Fault::ALL {
            let n = nights.iter().filter(|n| n.faults.iter().any(|(on, _)| *on == fault)).count();
            assert!((20..180).contains(&n), "{fault:?} is on in {n} of 200 nights");
        }
        for errand in ERRANDS {
            assert!(nights.iter().any(|night| night.errands.contains(&errand)), "{errand:?}");
        }
        assert!(nights.iter().any(|night| night.faults.is_empty()));
        assert!(nights.iter().all(|night| night.faults.len() < Fault::ALL.len()));
    }

    #[test]
    fn a_seed_is_one_night() {
        let told = |seed| format!("{:?}", Swarm::of(seed));
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }
}
