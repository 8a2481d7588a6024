//! Chip cards, the slot they are pushed into, and a real pcscd with a virtual reader.
//!
//! [`CardSlot`] is the slot without a wire, and [`bench`] the driver at it on virtual time; [`vpcd`] speaks for it to a
//! virtual reader, [`reader`] starts pcscd for it in a namespace of its own, [`host`] is that as a
//! child of `devsim`, and [`specimen`] are
//! the cards.

pub mod bench;
pub mod host;
pub mod piv;
pub mod reader;
pub mod social;
pub mod specimen;
pub mod vpcd;

use device_drivers::smart_card::codec::{Answer, BadApdu, Command, Protocol, StatusWord};
use serde::{Deserialize, Serialize};

use crate::trouble::Plan;

/// A card's chip. It has no clock and no power of its own.
pub trait Chip: Send + std::fmt::Debug {
    /// Its first words; they say by which protocol it speaks.
    fn atr(&self) -> Vec<u8>;

    /// What was selected or allowed since the power came is forgotten.
    fn reset(&mut self);

    fn answer(&mut self, command: &Command) -> Vec<u8>;

    /// What it keeps without power, as text; `None` of a card that nothing changes.
    fn memory(&self) -> Option<String> {
        None
    }
}

/// `3B 6D 00 00` and 13 historical bytes: a contact card that speaks T=0 (uncertain for the cards
/// of a city; measured to give T=0 with pcscd).
#[must_use]
pub fn atr_t0() -> Vec<u8> {
    let history = [0x00, 0x81, 0x4E, 0x43, 0x23, 0x86, 0x60, 0x53, 0x44, 0x4E, 0x44, 0x30, 0x31];
    [&[0x3B, 0x6D, 0x00, 0x00][..], &history].concat()
}

/// A card that speaks T=1.
#[must_use]
pub fn atr_t1() -> Vec<u8> {
    vec![0x3B, 0x80, 0x80, 0x01, 0x01]
}

#[must_use]
pub fn protocol_of(atr: &[u8]) -> Protocol {
    if atr == atr_t1() { Protocol::T1 } else { Protocol::T0 }
}

/// Commands by the name that a trouble can be tied to.
pub const COMMANDS: [(&str, u8); 6] = [
    ("select", Command::SELECT),
    ("read_record", Command::READ_RECORD),
    ("get_response", Command::GET_RESPONSE),
    ("get_data", Command::GET_DATA),
    ("verify", Command::VERIFY),
    ("authenticate", Command::GENERAL_AUTHENTICATE),
];

fn name_of(instruction: u8) -> &'static str {
    COMMANDS.iter().find(|(_, known)| *known == instruction).map_or("other", |(name, _)| name)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// The answer comes so much later.
    Stall { ms: u64 },
    /// The card is pulled out instead.
    Pull,
    /// This status instead of the right answer.
    Status { sw: u16 },
    /// Other bytes instead of the right ones.
    Garble,
}

/// A trouble waiting for its time; `on` names one of [`COMMANDS`].
pub type Planned = crate::trouble::Planned<Trouble>;

/// What a slot does with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Answer {
        bytes: Vec<u8>,
        after_ms: u64,
    },
    /// The card is out.
    Pulled,
}

/// What a person sees who looks at the slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotLook {
    /// Specimen of the card that is in.
    pub card: Option<String>,
    /// Commands that this card heard since it was put in.
    pub n_commands: u64,
    pub planned: Vec<Planned>,
}

#[derive(Debug)]
struct Inside {
    specimen: String,
    chip: Box<dyn Chip>,
    n_commands: u64,
}

/// The slot.
#[derive(Debug)]
pub struct CardSlot {
    inside: Option<Inside>,
    plan: Plan<Trouble>,
    /// The card is pulled when it hears this command, counted from 1 since it was put in.
    pull_at: Option<u64>,
}

impl Default for CardSlot {
    fn default() -> Self {
        Self::new()
    }
}

impl CardSlot {
    #[must_use]
    pub const fn new() -> Self {
        Self { inside: None, plan: Plan::new(), pull_at: None }
    }

    /// What was in comes out first.
    pub fn put_in(&mut self, specimen: &str, mut chip: Box<dyn Chip>) {
        chip.reset();
        self.inside = Some(Inside { specimen: specimen.to_owned(), chip, n_commands: 0 });
    }

    /// What was in.
    pub fn take_out(&mut self) -> Option<Box<dyn Chip>> {
        self.inside.take().map(|inside| inside.chip)
    }

    pub fn plan(&mut self, planned: Planned) {
        self.plan.add(planned);
    }

    pub fn clear_plan(&mut self) {
        self.plan.clear();
        self.pull_at = None;
    }

    /// The next card is pulled at its command of this number.
    pub const fn pull_at(&mut self, n_command: u64) {
        self.pull_at = Some(n_command);
    }

    #[must_use]
    pub fn look(&self) -> SlotLook {
        SlotLook {
            card: self.inside.as_ref().map(|inside| inside.specimen.clone()),
            n_commands: self.inside.as_ref().map_or(0, |inside| inside.n_commands),
            planned: self.plan.list(),
        }
    }

    #[must_use]
    pub fn atr(&self) -> Option<Vec<u8>> {
        self.inside.as_ref().map(|inside| inside.chip.atr())
    }

    /// Power off, on, or a reset.
    pub fn reset(&mut self) {
        if let Some(inside) = &mut self.inside {
            inside.chip.reset();
        }
    }

    /// What the card says to these bytes; `None` without a card.
    pub fn hear(&mut self, bytes: &[u8]) -> Option<Said> {
        let inside = self.inside.as_mut()?;
        inside.n_commands += 1;
        let command = Command::decode(bytes);
        let name = command.as_ref().map_or("other", |command| name_of(command.instruction));
        let trouble = self.plan.take(|planned| planned.concerns(name));
        if self.pull_at == Some(inside.n_commands) || trouble == Some(Trouble::Pull) {
            self.pull_at = None;
            self.inside = None;
            return Some(Said::Pulled);
        }
        let mut bytes = match &command {
            Ok(command) => inside.chip.answer(command),
            Err(BadApdu::Length { .. }) => Answer::bare(StatusWord::WRONG_LENGTH).encode(),
            Err(_) => Answer::bare(StatusWord::CLASS).encode(),
        };
        let mut after_ms = 0;
        match trouble {
            None | Some(Trouble::Pull) => {}
            Some(Trouble::Stall { ms }) => after_ms = ms,
            Some(Trouble::Status { sw }) => bytes = Answer::bare(StatusWord(sw)).encode(),
            Some(Trouble::Garble) => {
                for byte in bytes.iter_mut().step_by(3) {
                    *byte ^= 0x5A;
                }
            }
        }
        Some(Said::Answer { bytes, after_ms })
    }
}
