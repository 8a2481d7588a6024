//! The code scanner: a lamp and a lens that read the QR code or barcode of a slip held before it.
//!
//! What a code means is not known here. A code that did not come over the wire whole, or that is
//! no text, is refused and never guessed.

use kiosk_words::Private;

use crate::RequestId;

/// Longest text of a code that is taken, in bytes on the wire. The longest code of this house, a
/// receipt, has below 400.
pub const TEXT_LEN_MAX: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Wait for a code and read it once; open until one was read, refused or stopped, or so much
    /// time has passed.
    Read { patience_ms: u64 },
    /// End the open `Read`, which is then refused with `Stopped`. The lamp goes out.
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The text of the code, without the line end that the scanner adds.
    Code(Private<String>),
    /// The open `Read`, if any, has ended.
    Stopped,
}

/// Why a read gave no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Nothing was held there in time.
    NothingThere,
    /// It broke off on the wire.
    Torn,
    /// Longer than [`TEXT_LEN_MAX`]: none of this house.
    TooLong,
    /// Not in the charset that the scanner is set to, or with control characters.
    NotText,
    /// `Stop` was asked, or another read is open.
    Stopped,
    /// The scanner itself cannot work.
    DeviceDown(Fault),
}

/// What is wrong with the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, nothing answers.
    Silent,
    /// Answers that are none of this family.
    Garbage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being opened and asked.
    Starting,
    Ready,
    Down(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub baud: u32,
    /// Whether its lamp can be switched; otherwise it reads whatever comes before it.
    pub has_trigger: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    StatusChanged(Status),
}

impl Event {
    /// The request that this answers, if it does.
    #[must_use]
    pub const fn answers(&self) -> Option<RequestId> {
        match self {
            Self::Done(id, _) | Self::Refused(id, _) => Some(*id),
            Self::StatusChanged(_) => None,
        }
    }
}
