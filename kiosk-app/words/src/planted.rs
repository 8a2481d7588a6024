//! Bugs put in on purpose, to see that the simulation finds them. Compiled only for its tests.
//!
//! Each is one line at the place where the mistake would be made, behind the feature `planted` of
//! that crate; no product turns the feature on, and a test of the tree looks at that. One bug at a
//! time, in the whole process, because writers have threads of their own.

use std::sync::atomic::{AtomicU8, Ordering};

/// A mistake that somebody could make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// The hall says it has an event that it has not written yet.
    AckBeforeCommit = 1,
    /// The hall takes a case again when the network repeats it.
    NoUniqueKey,
    /// The hall knows a station's events by their seq alone, whatever the epoch.
    NoEpoch,
    /// A lock that did not answer is asked again by itself.
    ResendOpen,
    /// A slip comes out when the person it belongs to has left.
    PrintOutsideSession,
    /// The station's store answers before the flush.
    NormalSync,
    /// What was authorised before a restart is opened after it.
    AuthorisationSurvivesRestart,
    /// What one person filled in stands before the next.
    DraftShownToNext,
}

impl Bug {
    pub const ALL: [Self; 8] = [
        Self::AckBeforeCommit,
        Self::NoUniqueKey,
        Self::NoEpoch,
        Self::ResendOpen,
        Self::PrintOutsideSession,
        Self::NormalSync,
        Self::AuthorisationSurvivesRestart,
        Self::DraftShownToNext,
    ];
}

static PLANTED: AtomicU8 = AtomicU8::new(0);

/// From now on this mistake is made; `None` takes it out.
pub fn plant(bug: Option<Bug>) {
    PLANTED.store(bug.map_or(0, |bug| bug as u8), Ordering::SeqCst);
}

/// Is this mistake to be made?
pub fn is_planted(bug: Bug) -> bool {
    PLANTED.load(Ordering::SeqCst) == bug as u8
}
