//! The twin of the SAM_V card reader, without a wire.
//!
//! It hears bytes and says what it will speak when; a hand lays and lifts cards. It knows the
//! whole command set of the module and refuses the rest as the module does: 21 for an unknown
//! command or wrong order, 10 for a bad checksum, 11 for a bad length.
//!
//! ```text
//!  Empty ──lay──▶ Lying ──20 01: 9F──▶ Found ──20 02: 90──▶ Selected ──30 0x: 90──▶ Read
//!    ▲                                                                              │
//!    └───────────────────────────── lift (from everywhere) ◀────────────────────────┘
//! ```
//!
//! How long a chip read takes inside the module is not known: it takes no time here, the wire does.

use device_drivers::id_reader::codec::{
    BadCommand, Baud, Command, Deframer, Garbage, ModuleId, ReadKind, Report, Sw3,
};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use crate::{
    port::Twin,
    specimen::CardImage,
    trouble::{Noise, Plan, Planned, Trouble},
    wire,
};

pub use crate::wire::Speak;

/// `05.01-20200101-0001234567-0987654321`
pub const MODULE_ID: ModuleId =
    ModuleId { a: 5, b: 1, date: 20_200_101, c: 1_234_567, d: 987_654_321 };

/// The human hand and the state of the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Replaces a card that lies there.
    Lay(Box<CardImage>),
    Lift,
    Plan(Planned),
    ClearPlan,
    SetModule(ModuleHealth),
    /// Another module in its place, which differs in the last part of its number.
    SetNumber(u32),
    SetFoundAgain(FoundAgain),
    /// Power off and on: the module forgets everything but its line rate.
    PowerCycle,
    /// What the module was set to before (its rate survives here; the real one is not known).
    SetBaud(Baud),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleHealth {
    Healthy,
    SelfTestFailed,
    NotAuthorised,
}

/// Whether a read card is found again: modules differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundAgain {
    AfterLift,
    Always,
}

/// What a person sees who looks at the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Physical {
    /// Name of the specimen that lies there.
    pub card: Option<&'static str>,
    pub was_read: bool,
    /// How long it lay there before the search that found it was heard.
    pub ms_to_find: Option<u64>,
    pub module: ModuleHealth,
    /// Last part of the module's number.
    pub number: u32,
    pub found_again: FoundAgain,
    pub planned: Vec<Planned>,
    pub n_commands: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CardState {
    Lying,
    Found,
    Selected,
    Read,
}

#[derive(Debug)]
pub struct ReaderTwin {
    deframer: Deframer,
    baud: Baud,
    /// Rate of the host's end where the wire knows it.
    line_rate: Option<u32>,
    card: Option<(CardImage, CardState)>,
    laid: Option<Moment>,
    found: Option<Moment>,
    module: ModuleHealth,
    id: ModuleId,
    found_again: FoundAgain,
    plan: Plan<Trouble>,
    /// Until when the line is busy, in microseconds.
    line_free_us: u64,
    n_commands: u64,
    noise: Noise,
}

impl Default for ReaderTwin {
    fn default() -> Self {
        Self::new()
    }
}

impl ReaderTwin {
    #[must_use]
    pub fn new() -> Self {
        Self {
            deframer: Deframer::new(),
            baud: Baud::B115200,
            line_rate: None,
            card: None,
            laid: None,
            found: None,
            module: ModuleHealth::Healthy,
            id: MODULE_ID,
            found_again: FoundAgain::AfterLift,
            plan: Plan::new(),
            line_free_us: 0,
            n_commands: 0,
            noise: Noise::new(0x2545_F491),
        }
    }

    /// Tells the rate of the host's end; at another rate than the module's nothing is understood.
    pub const fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    #[must_use]
    pub const fn baud(&self) -> Baud {
        self.baud
    }

    pub fn touch(&mut self, act: Act) {
        match act {
            Act::Lay(card) => self.card = Some((*card, CardState::Lying)),
            Act::Lift => self.card = None,
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
            Act::SetModule(health) => self.module = health,
            Act::SetNumber(number) => self.id.d = number,
            Act::SetFoundAgain(found_again) => self.found_again = found_again,
            Act::PowerCycle => {
                self.deframer.reset();
                self.set_card_state(CardState::Lying);
            }
            Act::SetBaud(baud) => self.baud = baud,
        }
    }

    #[must_use]
    pub fn look(&self) -> Physical {
        Physical {
            card: self.card.as_ref().map(|(card, _)| card.specimen),
            was_read: matches!(self.card, Some((_, CardState::Read))),
            ms_to_find: self.laid.zip(self.found).map(|(laid, found)| laid.ms_until(found)),
            module: self.module,
            number: self.id.d,
            found_again: self.found_again,
            planned: self.plan.list(),
            n_commands: self.n_commands,
        }
    }

    /// Hears bytes from the host; what it says comes at wire speed.
    pub fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        if self.line_rate.is_some_and(|rate| rate != self.baud.rate()) {
            return Vec::new();
        }
        let heard_us = now.0 * 1_000 + wire::wire_us(bytes.len(), self.baud.rate());
        let mut said = Vec::new();
        let mut chunk = bytes;
        while let Some(item) = self.deframer.next(&mut chunk) {
            let (command, report) = match item {
                Ok(body) => match Command::decode(&body) {
                    Ok(command) => (Some(command), self.answer(command)),
                    Err(BadCommand::Length { .. }) => (None, Report::plain(Sw3::BadLength)),
                    Err(BadCommand::Unknown { .. }) => (None, Report::plain(Sw3::BadCommand)),
                },
                Err(Garbage::Checksum { .. }) => (None, Report::plain(Sw3::BadChecksum)),
                Err(Garbage::Length { .. }) => (None, Report::plain(Sw3::BadLength)),
                Err(Garbage::Noise { .. }) => continue,
            };
            if command == Some(Command::Find) && report.sw3 == Sw3::Found {
                self.found.get_or_insert(now);
            }
            self.n_commands += 1;
            said.extend(self.speak(command, report, heard_us));
            if let Some(Command::SetBaud(baud)) = command {
                self.baud = baud;
            }
        }
        said
    }

    fn answer(&mut self, command: Command) -> Report {
        match self.module {
            ModuleHealth::Healthy => {}
            ModuleHealth::SelfTestFailed => return Report::plain(Sw3::SelfTestFailed),
            ModuleHealth::NotAuthorised => return Report::plain(Sw3::NotAuthorised),
        }
        match command {
            Command::Reset => {
                self.set_card_state(CardState::Lying);
                Report::plain(Sw3::Ok)
            }
            Command::Status | Command::SetBaud(_) | Command::SetRfFrameMax(_) => {
                Report::plain(Sw3::Ok)
            }
            Command::ReadModuleId => Report::with_data(Sw3::Ok, self.id.encode()),
            Command::Find => self.find(),
            Command::Select => self.select(),
            Command::Read(kind) => self.read(kind),
            Command::ReadNewAddress => self.read_added(),
        }
    }

    fn find(&mut self) -> Report {
        match (&self.card, self.found_again) {
            (None, _) | (Some((_, CardState::Read)), FoundAgain::AfterLift) => {
                Report::plain(Sw3::NotFound)
            }
            (Some(_), FoundAgain::AfterLift | FoundAgain::Always) => {
                self.set_card_state(CardState::Found);
                Report::with_data(Sw3::Found, vec![0; 4])
            }
        }
    }

    fn select(&mut self) -> Report {
        match self.card {
            Some((_, CardState::Found | CardState::Selected)) => {
                self.set_card_state(CardState::Selected);
                Report::with_data(Sw3::Ok, vec![0; 8])
            }
            None | Some((_, CardState::Lying | CardState::Read)) => {
                Report::plain(Sw3::SelectFailed)
            }
        }
    }

    fn read(&mut self, kind: ReadKind) -> Report {
        let lifted =
            self.take_planned(Command::Read(kind), |trouble| trouble == Trouble::LiftMidRead);
        if lifted.is_some() {
            self.card = None;
        }
        let answer = match &self.card {
            None => return Report::plain(Sw3::ReadFailed),
            Some((_, CardState::Lying | CardState::Found)) => {
                return Report::plain(Sw3::BadCommand);
            }
            Some((card, CardState::Selected | CardState::Read)) => match kind {
                ReadKind::Base => card.base(),
                ReadKind::BaseFingerprint => card.base_fingerprint(),
            },
        };
        self.set_card_state(CardState::Read);
        Report::with_data(Sw3::Ok, answer.encode())
    }

    fn read_added(&self) -> Report {
        match &self.card {
            None => Report::plain(Sw3::ReadFailed),
            Some((_, CardState::Lying | CardState::Found)) => Report::plain(Sw3::BadCommand),
            Some((card, CardState::Selected | CardState::Read))
                if card.new_addresses.is_empty() =>
            {
                Report::plain(Sw3::NoSuchItem)
            }
            Some((card, CardState::Selected | CardState::Read)) => {
                Report::with_data(Sw3::Ok, card.added())
            }
        }
    }

    fn set_card_state(&mut self, state: CardState) {
        if let Some((_, current)) = &mut self.card {
            *current = state;
        }
    }

    fn take_planned(
        &mut self,
        command: Command,
        wanted: impl Fn(Trouble) -> bool,
    ) -> Option<Trouble> {
        let name = command.name();
        self.plan.take(|planned| planned.concerns(name) && wanted(planned.trouble))
    }

    /// Puts an answer on the line, spoiled as planned.
    fn speak(&mut self, command: Option<Command>, report: Report, heard_us: u64) -> Vec<Speak> {
        let planned = command.and_then(|command| {
            self.take_planned(command, |trouble| trouble != Trouble::LiftMidRead)
        });
        let mut bytes = report.encode();
        let (mut from_us, mut gap_us) = (heard_us.max(self.line_free_us), 0);
        match planned {
            None | Some(Trouble::LiftMidRead) => {}
            Some(Trouble::Mute) => return Vec::new(),
            Some(Trouble::Late { ms }) => from_us += ms * 1_000,
            Some(Trouble::Garble) => {
                for at in (3..bytes.len()).step_by(5) {
                    bytes[at] ^= self.noise.byte() | 1;
                }
            }
            Some(Trouble::Split { gap_ms }) => gap_us = gap_ms * 1_000,
            Some(Trouble::HalfFrame) => bytes.truncate(bytes.len() / 2),
            Some(Trouble::BadChecksum) => {
                if let Some(chk) = bytes.last_mut() {
                    *chk ^= 0x5A;
                }
            }
            Some(Trouble::Status { sw3 }) => bytes = Report::plain(Sw3::from_byte(sw3)).encode(),
            Some(Trouble::Noise { n_bytes }) => bytes = self.noise.before(n_bytes, &bytes),
        }
        let rate = self.baud.rate();
        let (pieces, left_us) = wire::dribble(&bytes, rate, from_us, gap_us);
        self.line_free_us = left_us;
        pieces
    }
}

impl Twin for ReaderTwin {
    type Act = Act;
    type Look = Physical;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        Self::hear(self, bytes, now)
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        if matches!(act, Act::Lay(_)) {
            (self.laid, self.found) = (Some(now), None);
        }
        Self::touch(self, act);
        Vec::new()
    }

    fn look(&self, _now: Moment) -> Physical {
        Self::look(self)
    }

    fn set_line_rate(&mut self, rate: u32) {
        Self::set_line_rate(self, rate);
    }

    fn power_cycle(&mut self) {
        Self::touch(self, Act::PowerCycle);
    }
}
