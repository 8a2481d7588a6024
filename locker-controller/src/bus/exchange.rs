//! One command and what may come back for it.

use kiosk_words::Moment;

use crate::{
    cabinet::BoardProfile,
    codec::{Address, Awaited, Command, FRAME_LEN, LockNo, QUERY_ALL_EXTRA_LEN},
    timings::{Timings, wire_ms},
};

/// An open: one pulse to one lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    pub board: Address,
    pub lock: LockNo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) job: Job,
    pub(super) deadline: Moment,
    /// Bytes of our own command that are still to come back.
    pub(super) n_echo_left: usize,
    /// Bytes came that are neither echo nor reply.
    pub(super) noisy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    Greet(Address),
    Poll(Address),
    Pulse(Pulse),
}

impl Job {
    pub(super) const fn board(self) -> Address {
        match self {
            Self::Greet(board) | Self::Poll(board) => board,
            Self::Pulse(pulse) => pulse.board,
        }
    }

    pub(super) const fn command(self) -> Command {
        match self {
            Self::Greet(board) => Command::QueryOne { board, lock: LockNo::FIRST },
            Self::Poll(board) => Command::QueryAll { board },
            Self::Pulse(Pulse { board, lock }) => Command::Open { board, lock },
        }
    }

    pub(super) fn awaited(self, profile: &BoardProfile) -> Awaited {
        match self {
            Self::Greet(board) => Awaited::Greeting { board, lock: LockNo::FIRST },
            Self::Pulse(Pulse { board, lock }) => Awaited::Opened { board, lock },
            Self::Poll(board) => {
                let (status_len, order) = (profile.status_len(), profile.byte_order());
                Awaited::All { board, status_len, order }
            }
        }
    }

    /// From the first byte of a command to the last of its answer, at most.
    pub(super) fn answer_ms(self, profile: &BoardProfile, baud: u32, timings: &Timings) -> u64 {
        let (reply_len, thinks_ms) = match self {
            Self::Greet(_) => (FRAME_LEN, timings.reply_ms),
            Self::Pulse(_) => (FRAME_LEN, timings.open_reply_ms),
            Self::Poll(_) => {
                (usize::from(profile.status_len()) + QUERY_ALL_EXTRA_LEN, timings.reply_ms)
            }
        };
        wire_ms(baud, (FRAME_LEN + reply_len) as u64) + thinks_ms
    }
}
