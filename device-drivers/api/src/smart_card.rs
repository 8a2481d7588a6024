//! Chip cards in the slot of a PC/SC reader: the social security card that a person brings.
//!
//! What stands on such a card can be read, and so copied, by anybody: it says whom a card was made
//! out to, and proves less than an id card. What that is good for is the core's decision.

use kiosk_words::Private;

use crate::{RequestId, id_reader::Sex};

/// Specification that a social security card was made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    First,
    Second,
    Third,
}

/// 社会保障卡: what can be read without a key. The bank's side of the chip is never asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialCard {
    pub generation: Generation,
    /// Checked; upper case. The social security number is the id number.
    pub number: Private<String>,
    pub name: Private<String>,
    pub sex: Sex,
    /// `YYYYMMDD`, from the number.
    pub birth: Private<String>,
    /// Nine characters, printed on the card.
    pub card_number: Private<String>,
    /// Six-digit code of the issuing area.
    pub area: String,
    /// `YYYYMMDD`; absent on cards that say none.
    pub valid_to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Wait for a card and read it once; open until a card was read, refused or stopped.
    Read,
    /// End the open `Read`, which is then refused with `Stopped`. A card that is still in the slot
    /// belongs to nobody from now on: it is read only after it was taken out and put in again.
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    SocialCard(Box<SocialCard>),
    /// The open `Read`, if any, has ended.
    Stopped,
}

/// Why a read gave no card; each has one sentence for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// `Stop` was asked, or another read is open.
    Stopped,
    /// Taken out while it was being read.
    TakenOut,
    /// No power, or an answer that is none: upside down, dirty, or not all the way in.
    InsertAgain,
    /// It was asked and did not answer in time.
    Stalled,
    /// A chip card of another kind.
    UnknownCard,
    /// The card itself, or its application, was blocked by who issued it.
    Blocked,
    /// It gives name and number only to terminals with a key, which this station does not have.
    Protected,
    /// Made by a specification that is not known here.
    UnknownGeneration,
    /// Another program holds it.
    InUse,
    /// What stands on it fails its own check (number, layout).
    BadCardData,
    /// The reader itself cannot work.
    DeviceDown(Fault),
}

/// What is wrong with the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// pcscd does not answer.
    NoService,
    /// pcscd has no reader of the name in machine.toml.
    Missing,
    /// pcscd has several readers of that name.
    Several,
    /// Calls into pcscd do not come back.
    Stuck,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being looked for.
    Starting,
    Ready,
    Down(Fault),
}

/// What is in the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Empty,
    /// A card that nobody has used yet.
    Card,
    /// A card that was read or refused, or whose owner is gone: out with it first.
    Used,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    pub slot: Slot,
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
