//! What many cuts came to.

use std::{collections::BTreeMap, fmt};

use crate::rig::Place;

/// Something that must not be after a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// So many transactions were acknowledged and are not there (`acked_is_durable`).
    Lost(u64),
    /// A part of a transaction is there and a part is not.
    Half(String),
    /// The store opens, and its structure, its chain or a record is not whole.
    Broken(String),
    /// The store does not open with the power on.
    Unopenable(String),
    /// What was accepted is accepted again (`hall_holds_exactly_once`).
    Doubled(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(n) => write!(f, "{n} acknowledged transactions are gone"),
            Self::Half(what) => write!(f, "half a transaction: {what}"),
            Self::Broken(what) => write!(f, "broken: {what}"),
            Self::Unopenable(what) => write!(f, "does not open: {what}"),
            Self::Doubled(what) => write!(f, "taken twice: {what}"),
        }
    }
}

/// The first thing found, and the disk that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    pub seed: u64,
    /// Number of the cut on that disk, from 1.
    pub cut: u64,
    pub found: Found,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub n_disks: u64,
    pub n_cuts: u64,
    /// Transactions that were acknowledged and looked for after the cuts.
    pub n_acknowledged: u64,
    pub n_lost: u64,
    pub n_half: u64,
    pub n_broken: u64,
    pub n_unopenable: u64,
    pub n_doubled: u64,
    /// Cuts that came before the store was open again after the last one.
    pub n_in_recovery: u64,
    /// Transactions under way at a cut that were there afterwards, whole.
    pub n_survived_unheard: u64,
    /// What the disk was doing when the power went.
    pub at: BTreeMap<Place, u64>,
    pub n_writes: u64,
    pub n_syncs: u64,
    pub first: Option<First>,
}

impl Tally {
    /// Findings of every kind; a lost transaction counts once for its disk.
    pub fn n_found(&self) -> u64 {
        u64::from(self.n_lost > 0)
            + self.n_half
            + self.n_broken
            + self.n_unopenable
            + self.n_doubled
    }

    pub(crate) fn note(&mut self, seed: u64, cut: u64, found: Found) {
        match &found {
            Found::Lost(n) => self.n_lost += n,
            Found::Half(_) => self.n_half += 1,
            Found::Broken(_) => self.n_broken += 1,
            Found::Unopenable(_) => self.n_unopenable += 1,
            Found::Doubled(_) => self.n_doubled += 1,
        }
        self.first.get_or_insert(First { seed, cut, found });
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.n_disks += other.n_disks;
        self.n_cuts += other.n_cuts;
        self.n_acknowledged += other.n_acknowledged;
        self.n_lost += other.n_lost;
        self.n_half += other.n_half;
        self.n_broken += other.n_broken;
        self.n_unopenable += other.n_unopenable;
        self.n_doubled += other.n_doubled;
        self.n_in_recovery += other.n_in_recovery;
        self.n_survived_unheard += other.n_survived_unheard;
        for (place, n) in other.at {
            *self.at.entry(place).or_default() += n;
        }
        self.n_writes += other.n_writes;
        self.n_syncs += other.n_syncs;
        self.first = self.first.take().or(other.first);
    }

    pub fn cuts_at(&self, place: Place) -> u64 {
        self.at.get(&place).copied().unwrap_or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, n: u64| writeln!(f, "{name:34} {n:>10}");
        row("disks", self.n_disks)?;
        row("power cuts", self.n_cuts)?;
        row("  in the log", self.cuts_at(Place::Log))?;
        row("  in the database (checkpoint)", self.cuts_at(Place::Database))?;
        row("  in the rollback journal", self.cuts_at(Place::Journal))?;
        row("  at a name", self.cuts_at(Place::Name))?;
        row("  at rest", self.cuts_at(Place::Rest))?;
        row("  during recovery", self.n_in_recovery)?;
        row("writes", self.n_writes)?;
        row("flushes", self.n_syncs)?;
        row("acknowledged transactions", self.n_acknowledged)?;
        row("there without having been heard of", self.n_survived_unheard)?;
        row("acknowledged and lost", self.n_lost)?;
        row("half transactions", self.n_half)?;
        row("broken", self.n_broken)?;
        row("unopenable", self.n_unopenable)?;
        row("taken twice", self.n_doubled)
    }
}
