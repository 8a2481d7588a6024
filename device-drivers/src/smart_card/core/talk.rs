//! What a card is asked, answer by answer: which kind it is, what stands on it, its proof.
//!
//! ```text
//!  social security card? ─no─▶ staff card? ─no─▶ another card
//!        │ yes                     │ yes
//!      items                 certificates ─▶ signature of the card ─▶ waits for its PIN ─▶ proof
//! ```

use device_api::smart_card::{Challenge, Pin, Refusal, Reply};

use super::{
    social::SocialReading,
    staff::{Proving, StaffReading},
};
use crate::smart_card::codec::{Answer, Command};

/// What follows an answer.
#[derive(Debug)]
pub(super) enum Next {
    Ask(Command),
    /// The request is answered, and the card has done its part.
    Done(Reply),
    /// The request is answered, and the card is kept for its PIN.
    Waits(Result<Reply, Refusal>),
    Refused(Refusal),
}

#[derive(Debug)]
pub(super) enum Talk {
    Social(SocialReading, Challenge),
    Staff(StaffReading),
    Proving(Proving),
}

impl Talk {
    pub(super) fn read(challenge: Challenge) -> (Self, Command) {
        let (reading, command) = SocialReading::begin();
        (Self::Social(reading, challenge), command)
    }

    pub(super) fn prove(pin: &Pin, challenge: Challenge) -> (Self, Command) {
        let (proving, command) = Proving::begin(pin, challenge);
        (Self::Proving(proving), command)
    }

    /// A card that is asked for a proof was read before, and has spent its one read.
    pub(super) const fn is_reading(&self) -> bool {
        match self {
            Self::Social(..) | Self::Staff(_) => true,
            Self::Proving(_) => false,
        }
    }

    pub(super) fn hear(&mut self, answer: &Answer) -> Next {
        match self {
            Self::Social(reading, challenge) => match reading.hear(answer) {
                Next::Refused(Refusal::UnknownCard) => {
                    let (reading, command) = StaffReading::begin(*challenge);
                    *self = Self::Staff(reading);
                    Next::Ask(command)
                }
                next @ (Next::Ask(_) | Next::Done(_) | Next::Waits(_) | Next::Refused(_)) => next,
            },
            Self::Staff(reading) => reading.hear(answer),
            Self::Proving(proving) => proving.hear(answer),
        }
    }
}
