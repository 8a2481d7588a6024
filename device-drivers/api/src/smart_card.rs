//! Chip cards in the slot of a PC/SC reader: the social security card that a person brings, and the
//! staff card.
//!
//! What stands on a social security card can be read, and so copied, by anybody: it says whom a card
//! was made out to, and proves less than an id card. A staff card proves itself: it signs what it is
//! challenged with. What either is good for is the core's decision; the driver reads no certificate.

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

/// What a staff card is to sign: a SHA-256 that nobody can know before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge(pub [u8; 32]);

/// 工作人员卡: what it says without a PIN. Nothing of it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCard {
    /// DER; its key needs the PIN.
    pub holder_certificate: Vec<u8>,
    /// DER; its key needs none.
    pub card_certificate: Vec<u8>,
    /// Over the challenge of the `Read`, by the key of `card_certificate`: ECDSA, DER.
    pub signature: Vec<u8>,
    /// Wrong PINs until the card blocks itself.
    pub n_tries_left: u8,
}

/// PIN of a staff card: 6 to 8 digits (NIST SP 800-73-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin(Private<String>);

impl Pin {
    pub const LEN_MIN: usize = 6;
    pub const LEN_MAX: usize = 8;

    /// `None`: no PIN can look like this, and no card needs to be asked.
    #[must_use]
    pub fn new(typed: &Private<String>) -> Option<Self> {
        let digits = typed.expose();
        let is_pin = (Self::LEN_MIN..=Self::LEN_MAX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_pin.then(|| Self(typed.clone()))
    }

    #[must_use]
    pub const fn digits(&self) -> &Private<String> {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Wait for a card and read it once; open until a card was read, refused or stopped. After a
    /// staff card the slot waits for [`Request::Prove`], for a few minutes.
    Read { challenge: Challenge },
    /// The PIN of the staff card that was just read, and what its holder's key is to sign. A PIN is
    /// sent to the card once, whatever becomes of it. After a wrong one, another may follow.
    Prove { pin: Pin, challenge: Challenge },
    /// End the open request, which is then refused with `Stopped`. A card that is still in the slot
    /// belongs to nobody from now on: it is read only after it was taken out and put in again.
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    SocialCard(Box<SocialCard>),
    StaffCard(Box<StaffCard>),
    /// Over the challenge of the `Prove`, by the holder's key: ECDSA, DER.
    Proof(Vec<u8>),
    /// The open request, if any, has ended.
    Stopped,
}

/// Why a request gave nothing; each has one sentence for the person.
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
    /// A card made for staff that carries no certificate yet.
    NotPersonalised,
    /// A staff card that does not sign with the key that it should have: perhaps a copy.
    NoKey,
    /// The card has one try less now.
    WrongPin { n_left: u8 },
    /// Too many wrong PINs: the card has blocked itself.
    PinBlocked,
    /// No staff card waits for a PIN: taken out meanwhile, or too long ago.
    NotWaiting,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_six_to_eight_digits() {
        let is_pin = |text: &str| Pin::new(&Private::text(text)).is_some();
        for good in ["271828", "2718281", "27182818"] {
            assert!(is_pin(good), "{good}");
        }
        for bad in ["", "27182", "271828182", "27182a", "２７１８２８"] {
            assert!(!is_pin(bad), "{bad}");
        }
    }
}
