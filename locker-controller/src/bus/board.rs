//! One board as the bus knows it: how it is, and when it is asked next.

use device_api::locker::Health;
use kiosk_words::Moment;

use crate::{cabinet::BoardProfile, codec::Address, timings::Timings};

#[derive(Debug)]
pub(super) struct Board {
    pub(super) profile: BoardProfile,
    pub(super) health: Health,
    pub(super) n_bad_polls: u8,
    pub(super) asked_at: Moment,
    pub(super) next: Next,
    /// A poll timed out, so a late answer may still come.
    pub(super) owes: bool,
    /// The next poll follows a bad frame: if it is bad as well, both count as one bad poll.
    pub(super) retries: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    AtOnce,
    InTurn,
}

impl Board {
    pub(super) const fn new(profile: BoardProfile) -> Self {
        Self {
            profile,
            health: Health::Starting,
            n_bad_polls: 0,
            asked_at: Moment(0),
            next: Next::AtOnce,
            owes: false,
            retries: false,
        }
    }

    pub(super) fn is(&self, address: Address) -> bool {
        self.profile.address() == address
    }

    /// When it is asked next.
    pub(super) fn due(&self, watched: Option<Address>, timings: &Timings) -> Moment {
        let wait_ms = match (self.next, self.health) {
            (Next::AtOnce, _) => return Moment(0),
            (Next::InTurn, Health::Down(_)) => timings.dead_poll_ms,
            (Next::InTurn, Health::Ready) if watched == Some(self.profile.address()) => {
                timings.watch_ms
            }
            (Next::InTurn, Health::Starting | Health::Ready) => timings.poll_ms,
        };
        self.asked_at.plus_ms(wait_ms)
    }
}
