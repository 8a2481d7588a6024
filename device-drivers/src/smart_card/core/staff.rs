//! Reading a staff card, and asking it for its holder's proof, command by command.
//!
//! ```text
//!  application ─▶ certificates ─▶ signature of the card ─▶ tries left          (no PIN so far)
//!  PIN, once ─▶ signature of the holder
//! ```
//! Which certificates are good, and whose they are, is decided elsewhere: a card that signs is all
//! that is known here.

use device_api::smart_card::{Challenge, Pin, Refusal, Reply, StaffCard};

use super::talk::Next;
use crate::smart_card::codec::{
    Answer, Command, StatusWord,
    piv::{self, KeySlot},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Application,
    Certificate(KeySlot),
    Signature,
    Tries,
}

#[derive(Debug)]
pub(super) struct StaffReading {
    step: Step,
    challenge: Challenge,
    holder_certificate: Vec<u8>,
    card_certificate: Vec<u8>,
    signature: Vec<u8>,
}

impl StaffReading {
    pub(super) fn begin(challenge: Challenge) -> (Self, Command) {
        let reading = Self {
            step: Step::Application,
            challenge,
            holder_certificate: Vec::new(),
            card_certificate: Vec::new(),
            signature: Vec::new(),
        };
        (reading, piv::select())
    }

    pub(super) fn hear(&mut self, answer: &Answer) -> Next {
        let is_ok = answer.status == StatusWord::OK;
        match self.step {
            // No such application, or no such command: whatever it is, it is none of these cards.
            Step::Application if is_ok => self.ask(Step::Certificate(KeySlot::Holder)),
            Step::Application => Next::Refused(Refusal::UnknownCard),
            Step::Certificate(slot) => self.on_certificate(slot, answer),
            Step::Signature => match piv::signature(answer) {
                Some(signature) if is_ok => {
                    self.signature = signature;
                    self.ask(Step::Tries)
                }
                Some(_) | None => Next::Refused(Refusal::NoKey),
            },
            Step::Tries => match answer.status {
                StatusWord::PIN_BLOCKED => Next::Refused(Refusal::PinBlocked),
                status => match status.tries_left() {
                    Some(0) => Next::Refused(Refusal::PinBlocked),
                    Some(n_left) => Next::Waits(Ok(Reply::StaffCard(self.card(n_left)))),
                    None => Next::Refused(Refusal::InsertAgain),
                },
            },
        }
    }

    fn ask(&mut self, step: Step) -> Next {
        self.step = step;
        Next::Ask(match step {
            Step::Application => piv::select(),
            Step::Certificate(slot) => piv::get_data(slot.certificate()),
            Step::Signature => piv::sign(KeySlot::Card, &self.challenge),
            Step::Tries => piv::ask_tries(),
        })
    }

    fn on_certificate(&mut self, slot: KeySlot, answer: &Answer) -> Next {
        match answer.status {
            StatusWord::OK => {}
            StatusWord::FILE_NOT_FOUND => return Next::Refused(Refusal::NotPersonalised),
            _ => return Next::Refused(Refusal::InsertAgain),
        }
        let Some(der) = piv::certificate(answer) else {
            return Next::Refused(Refusal::BadCardData);
        };
        match slot {
            KeySlot::Holder => {
                self.holder_certificate = der;
                self.ask(Step::Certificate(KeySlot::Card))
            }
            KeySlot::Card => {
                self.card_certificate = der;
                self.ask(Step::Signature)
            }
        }
    }

    fn card(&mut self, n_tries_left: u8) -> Box<StaffCard> {
        let take = std::mem::take::<Vec<u8>>;
        Box::new(StaffCard {
            holder_certificate: take(&mut self.holder_certificate),
            card_certificate: take(&mut self.card_certificate),
            signature: take(&mut self.signature),
            n_tries_left,
        })
    }
}

/// The PIN goes to the card once, then its holder's key signs.
#[derive(Debug)]
pub(super) struct Proving {
    challenge: Challenge,
    is_pin_right: bool,
}

impl Proving {
    pub(super) fn begin(pin: &Pin, challenge: Challenge) -> (Self, Command) {
        (Self { challenge, is_pin_right: false }, piv::verify(pin))
    }

    pub(super) fn hear(&mut self, answer: &Answer) -> Next {
        if self.is_pin_right {
            return match piv::signature(answer) {
                Some(signature) if answer.status == StatusWord::OK => {
                    Next::Done(Reply::Proof(signature))
                }
                Some(_) | None => Next::Refused(Refusal::NoKey),
            };
        }
        match (answer.status, answer.status.tries_left()) {
            (StatusWord::OK, _) => {
                self.is_pin_right = true;
                Next::Ask(piv::sign(KeySlot::Holder, &self.challenge))
            }
            (StatusWord::PIN_BLOCKED, _) | (_, Some(0)) => Next::Refused(Refusal::PinBlocked),
            (_, Some(n_left)) => Next::Waits(Err(Refusal::WrongPin { n_left })),
            (_, None) => Next::Refused(Refusal::InsertAgain),
        }
    }
}
