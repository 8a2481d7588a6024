//! One disk and its many lives: open, look, work until the power goes, again.
//!
//! ```text
//! open ──► look: all that was acknowledged, whole or not at all ──► work ──► cut ──┐
//!  ▲ a cut here is a cut during recovery                                           │
//!  └───────────────────────────────────────────────────────────────────────────────┘
//! ```
//! What a store is asked and how it is looked at stands with each [`Subject`]. An error while the
//! power is off is the cut; an error while it is on is a finding, which ends the disk.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use tempfile::TempDir;
use testkit::Random;

use crate::{
    bare::{Bare, Settings},
    disk::Flush,
    hall::Hall,
    rig::{Fuse, Place, Rig},
    station::Station,
    tally::{Found, Tally},
};

/// Cuts that one disk goes through before a new one is taken.
pub const CUTS_PER_DISK: u64 = 25;
/// Fewest and most transactions of a life that no fuse ends.
const STEPS_MIN: u64 = 3;
const STEPS_MAX: u64 = 30;
/// A life whose fuse has not blown by then is cut at rest: without flushes there is none to blow at.
const STEPS_WITH_FUSE: u64 = 120;

/// Why a store did not go on.
#[derive(Debug)]
pub enum Stopped {
    /// The store's own words. With the power off this is the cut.
    Failed(String),
    Found(Found),
}

impl<E: std::error::Error> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(chain(&error))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// About how many writes and flushes there are, so that fuses blow in every part of a life.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub writes_to_open: u64,
    pub writes_in_life: u64,
    pub syncs_in_life: u64,
}

/// A store under test, with what it has acknowledged.
pub trait Subject {
    /// Opens as the product does, making the store first if there is none.
    fn open(&mut self) -> Result<(), Stopped>;
    /// Looks for everything that was acknowledged.
    fn look(&mut self) -> Result<(), Stopped>;
    /// One transaction.
    fn work(&mut self, chance: &mut Random) -> Result<(), Stopped>;
    /// Drops the store; with the power on this is a stop in order.
    fn close(&mut self);
    /// How many transactions were acknowledged so far, and how many came through unheard.
    fn counts(&self) -> (u64, u64);
    fn scale(&self) -> Scale;
    /// Whether a stop in order does the same steps every time.
    fn stops_in_order(&self) -> bool;
}

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    /// The station's, SQLCipher.
    Station,
    /// The hall's, plain SQLite.
    Hall,
    /// Two tables of plain SQLite, no product.
    BarePlain,
    /// Two tables of SQLCipher, no product.
    BareCipher,
}

impl Which {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Station => "station",
            Self::Hall => "hall",
            Self::BarePlain => "bare-plain",
            Self::BareCipher => "bare-cipher",
        }
    }

    /// In this folder, which a rig must have been made for.
    pub fn subject(self, folder: PathBuf) -> Result<Box<dyn Subject>> {
        Ok(match self {
            Self::Station => Box::new(Station::new(folder)),
            Self::Hall => Box::new(Hall::new(&folder)?),
            Self::BarePlain => Box::new(Bare::new(&folder, Settings::PLAIN)),
            Self::BareCipher => Box::new(Bare::new(&folder, Settings::CIPHER)),
        })
    }
}

/// So many cuts, [`CUTS_PER_DISK`] on each disk; the first disk has this seed, the next one the
/// seed after it.
pub fn run(which: Which, flush: Flush, seed: u64, n_cuts: u64) -> Result<Tally> {
    run_with(flush, seed, n_cuts, |folder| which.subject(folder))
}

/// The same with any subject.
pub fn run_with(
    flush: Flush,
    seed: u64,
    n_cuts: u64,
    subject: impl Fn(PathBuf) -> Result<Box<dyn Subject>>,
) -> Result<Tally> {
    let mut sum = Tally::default();
    let mut seed = seed;
    // A finding ends its disk early; the cuts that it did not get are not made up for.
    for first_cut in (0..n_cuts).step_by(usize::try_from(CUTS_PER_DISK)?) {
        let n_here = CUTS_PER_DISK.min(n_cuts - first_cut);
        sum.add(one_disk(flush, seed, n_here, &subject)?);
        seed = seed.wrapping_add(1);
    }
    Ok(sum)
}

fn one_disk(
    flush: Flush,
    seed: u64,
    n_cuts: u64,
    subject: impl Fn(PathBuf) -> Result<Box<dyn Subject>>,
) -> Result<Tally> {
    let folder = scratch()?;
    let rig = Rig::new(folder.path(), flush)?;
    let mut disk = OneDisk {
        subject: subject(folder.path().canonicalize()?)?,
        rig,
        chance: Random::new(seed),
        tally: Tally { n_disks: 1, ..Tally::default() },
    };
    let outcome = disk.all_lives(n_cuts);
    disk.rig.power_off();
    disk.subject.close();
    let mut tally = disk.tally;
    (tally.n_acknowledged, tally.n_survived_unheard) = disk.subject.counts();
    (tally.n_writes, tally.n_syncs) = disk.rig.n_steps();
    if let Err(found) = outcome? {
        tally.note(seed, tally.n_cuts, found);
    }
    Ok(tally)
}

/// In memory where the machine has such a folder: what is on the disk is the model's matter.
fn scratch() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let builder = |builder: &mut tempfile::Builder<'_, '_>| {
        if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() }
    };
    Ok(builder(tempfile::Builder::new().prefix("power-cuts-"))?)
}

struct OneDisk {
    subject: Box<dyn Subject>,
    rig: Arc<Rig>,
    chance: Random,
    tally: Tally,
}

impl OneDisk {
    /// The inner error is a finding.
    fn all_lives(&mut self, n_cuts: u64) -> Result<Result<(), Found>> {
        for _ in 0..n_cuts {
            let fuse = self.fuse();
            self.rig.arm(fuse);
            if let Err(found) = self.life(fuse.is_none()) {
                return Ok(Err(found));
            }
            let place = self.rig.power_off();
            *self.tally.at.entry(place).or_default() += 1;
            self.tally.n_cuts += 1;
            self.subject.close();
            self.rig.restart(&mut self.chance)?;
        }
        // What the last cut left is looked at too.
        let last = self.subject.open().and_then(|()| self.subject.look());
        Ok(self.or_cut(last).map(|_| ()))
    }

    /// Mostly somewhere in the work, sometimes while the store opens, sometimes not at all.
    fn fuse(&mut self) -> Option<Fuse> {
        let Scale { writes_to_open, writes_in_life, syncs_in_life } = self.subject.scale();
        let chance = &mut self.chance;
        match chance.below(10) {
            0 | 1 => Some(Fuse::AtWrite(chance.below(writes_to_open))),
            2..=5 => Some(Fuse::AtWrite(chance.below(writes_in_life))),
            6..=8 => Some(Fuse::AtSync(chance.below(syncs_in_life))),
            _ => None,
        }
    }

    fn life(&mut self, is_quiet: bool) -> Result<(), Found> {
        let opened = self.subject.open().and_then(|()| self.subject.look());
        if self.or_cut(opened)?.is_none() {
            self.tally.n_in_recovery += 1;
            return Ok(());
        }
        let n_quiet = STEPS_MIN + self.chance.below(STEPS_MAX - STEPS_MIN);
        for _ in 0..if is_quiet { n_quiet } else { STEPS_WITH_FUSE } {
            let worked = self.subject.work(&mut self.chance);
            if self.or_cut(worked)?.is_none() {
                return Ok(());
            }
        }
        if self.subject.stops_in_order() && self.chance.chance(50) {
            self.subject.close();
        }
        Ok(())
    }

    /// `None`: the power went.
    fn or_cut<T: Debug>(&self, outcome: Result<T, Stopped>) -> Result<Option<T>, Found> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Stopped::Found(found)) => Err(found),
            Err(Stopped::Failed(_)) if !self.rig.is_on() => Ok(None),
            Err(Stopped::Failed(what)) => Err(Found::Unopenable(what)),
        }
    }
}

/// States that a store has acknowledged since it was last looked at, and one that may be.
#[derive(Debug)]
pub struct Expected<S> {
    /// Oldest first; the last one is what must be there.
    acknowledged: Vec<S>,
    under_way: Option<S>,
    n_acknowledged: u64,
    n_survived_unheard: u64,
}

impl<S: Clone + PartialEq + Debug> Expected<S> {
    pub fn new(first: S) -> Self {
        Self {
            acknowledged: vec![first],
            under_way: None,
            n_acknowledged: 0,
            n_survived_unheard: 0,
        }
    }

    pub fn present(&self) -> &S {
        self.acknowledged.last().expect("there is always one state")
    }

    /// A transaction is handed to the store that leads to this state.
    pub fn begin(&mut self, next: S) {
        self.under_way = Some(next);
    }

    /// The store said that it is durable.
    pub fn acknowledge(&mut self) {
        self.acknowledged.extend(self.under_way.take());
        self.n_acknowledged += 1;
    }

    pub const fn counts(&self) -> (u64, u64) {
        (self.n_acknowledged, self.n_survived_unheard)
    }

    /// What is there after a cut is the last acknowledged state, or the one under way.
    /// Says whether the one under way came through.
    pub fn settle(&mut self, seen: &S) -> Result<bool, Stopped> {
        let came_through = self.under_way.as_ref() == Some(seen);
        if came_through {
            self.n_survived_unheard += 1;
        } else if self.present() != seen {
            let n = self.acknowledged.len();
            let earlier = self.acknowledged.iter().rposition(|state| state == seen);
            return Err(Stopped::Found(match earlier {
                Some(at) => Found::Lost(u64::try_from(n - 1 - at)?),
                None => Found::Half(format!("expected {:?}, saw {seen:?}", self.present())),
            }));
        }
        self.under_way = None;
        self.acknowledged = vec![seen.clone()];
        Ok(came_through)
    }
}

/// Where a cut came is worth a word of its own in every report.
impl Place {
    pub const ALL: [Self; 5] = [Self::Log, Self::Database, Self::Journal, Self::Name, Self::Rest];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected<u8> {
        let mut expected = Expected::new(0);
        for n in 1..=3 {
            expected.begin(n);
            expected.acknowledge();
        }
        expected.begin(4);
        expected
    }

    #[test]
    fn the_last_acknowledged_state_or_the_one_under_way_is_right() {
        assert!(matches!(expected().settle(&3), Ok(false)));
        let mut unheard = expected();
        assert!(matches!(unheard.settle(&4), Ok(true)));
        assert_eq!((unheard.counts(), *unheard.present()), ((3, 1), 4));
    }

    #[test]
    fn an_earlier_state_means_that_so_many_are_lost() {
        let found = expected().settle(&1);
        assert!(matches!(found, Err(Stopped::Found(Found::Lost(2)))), "{found:?}");
    }

    #[test]
    fn a_state_that_never_was_is_half_a_transaction() {
        let found = expected().settle(&7);
        assert!(matches!(found, Err(Stopped::Found(Found::Half(_)))), "{found:?}");
    }
}
