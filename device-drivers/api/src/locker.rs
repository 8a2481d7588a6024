//! The locker: doors that open one at a time and say what they do.
//!
//! A door is not a cell: what lies behind it is the core's business (custody). Here a door has a
//! number, a state that was seen, and one way to be opened, which is never repeated by itself.

use std::fmt;

use crate::RequestId;

/// Number of a door as the cabinet map in `machine.toml` counts it; on the screen, the number of
/// its cell. There is no door 0: on the wire it would be every door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DoorNo(std::num::NonZeroU16);

impl DoorNo {
    pub const fn new(number: u16) -> Option<Self> {
        match std::num::NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for DoorNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// What is known of a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoorState {
    /// Not heard of yet, or its board is silent.
    Unknown,
    Shut,
    /// The open was sent; the door has not been seen open.
    Releasing,
    /// Open, as asked.
    Open,
    /// Open as asked, and longer than it should be.
    Ajar,
    /// Open without having been asked, or found open when first heard of.
    Forced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Open this door, once. Answered when the door is seen open, or refused.
    Open(DoorNo),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The door was seen open.
    Opened(DoorNo),
}

/// Why a door did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// No door of that number in the cabinet.
    NoSuchDoor,
    /// A door is being opened (this one, if it was asked for twice), or another is open as asked:
    /// one at a time (R5). An ajar or forced door holds nobody up: who was told of it decides.
    AnotherDoor(DoorNo),
    /// It is open already, as asked or forced.
    AlreadyOpen,
    /// The state of the door is not known: its board is silent. Nothing was sent.
    NotKnown,
    /// The open was sent and the door stayed shut: jammed, or the lock is dead.
    StayedShut,
    /// The open was sent and nothing is known since; the door may be open.
    Lost,
    /// Another door opened instead.
    WrongDoor(DoorNo),
}

/// What is wrong with a lock board or its bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, this board does not answer.
    Silent,
    /// Answers with bad check bytes, or of another address: two boards of one address, noise.
    Garbage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Starting,
    Ready,
    Down(Fault),
}

/// Unasked news of one door. `Forced` is an alarm at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorChanged {
    pub door: DoorNo,
    pub was: DoorState,
    pub is: DoorState,
}

/// Unasked news of one board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardChanged {
    pub board: u8,
    pub health: Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    Door(DoorChanged),
    Board(BoardChanged),
}
