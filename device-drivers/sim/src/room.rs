//! The twin of a room board, without a wire, and the room that hangs on it: a button that latches,
//! a door, the mains; a lamp, a siren and the guard's panel.
//!
//! ```text
//!  input 0  button    closed while it is not pressed      relay 0  lamp
//!  input 1  door      closed while the door is shut       relay 1  siren
//!  input 2  mains     closed while they are there         relay 2  contact to the guard's panel
//! ```
//! All three contacts are closed when all is well, so that a cut wire is noticed. A contact bounces
//! when it moves. A board says nothing to a frame that is broken, for another address, or too soon
//! after its own answer; what it does not have it refuses. Its relays are read back as it switched
//! them: no wire tells whether a contact is welded.

use device_drivers::room::{
    Address, Channel, Contact as Normally, InputWire, OnWhen, OutputWire, Settings, Wiring,
    codec::{Bits, Command, Exception, FRAME_LEN_MAX, Heard, Report, hear},
};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use crate::{
    port::Twin,
    trouble::{Noise, Plan},
    wire::{Speak, dribble, wire_us},
};

/// As delivered.
pub const ADDRESS: u8 = 1;
/// Rate as delivered.
const RATE: u32 = 9_600;
/// From the last byte of a command to the first of its answer.
const THINK_US: u64 = 5_000;
/// A command so soon after an answer is not heard: 3.5 characters.
const GAP_US: u64 = 3_650;
/// What has begun and goes on no sooner than this was no command.
const TORN_US: u64 = 25_000;
/// A contact that moved is open and closed in turn for so long.
const BOUNCE_US: u64 = 6_000;
const BUTTON: u8 = 0;
const DOOR: u8 = 1;
const MAINS: u8 = 2;
const LAMP: u8 = 0;
const SIREN: u8 = 1;
const GUARD: u8 = 2;

/// What a driver has to be told of this board and this room.
#[must_use]
pub fn as_wired() -> Settings {
    let input = |no| InputWire { input: channel(no), contact: Normally::NormallyClosed };
    let output = |no| OutputWire { relay: channel(no), on_when: OnWhen::Pulled };
    let wiring = Wiring {
        emergency: input(BUTTON),
        lobby: input(DOOR),
        mains: input(MAINS),
        light: output(LAMP),
        siren: output(SIREN),
        guard: output(GUARD),
    };
    Settings { address: delivered_address(), wiring }
}

fn delivered_address() -> Address {
    Address::new(ADDRESS).unwrap_or_else(|| unreachable!("{ADDRESS} is the address of one board"))
}

/// What it says, by name.
pub const SAYINGS: [&str; 4] = ["inputs", "relays", "heard", "refusal"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing is said.
    Mute,
    /// It is said so much later.
    Late { ms: u64 },
    /// Every fifth byte is another one.
    Garble,
    /// So many meaningless bytes before it.
    Noise { n_bytes: u16 },
    /// Only the first half is said.
    Torn,
    /// The second half comes so much later.
    Halves { gap_ms: u64 },
    /// A refusal with this code in its place; what was asked is not done.
    Refuse { code: u8 },
}

/// A trouble waiting for its time; `on` names one of [`SAYINGS`].
pub type Planned = crate::trouble::Planned<Trouble>;

/// The human hand, and what befalls a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    PressButton,
    /// Turned until it springs out.
    ReleaseButton,
    /// The wire of the button.
    CutWire(bool),
    OpenDoor(bool),
    Mains(bool),
    /// The board answers for this relay and does not switch it; another one goes on working.
    Stick(Option<Channel>),
    /// The board is without power for a moment: all its relays let go.
    DropPower,
    /// The line gives every byte of the station back.
    Echo(bool),
    Plan(Planned),
    ClearPlan,
}

/// What a person sees who stands in the room, and what the board knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomLook {
    pub is_pressed: bool,
    pub is_wire_cut: bool,
    pub is_door_open: bool,
    pub has_mains: bool,
    pub is_lit: bool,
    pub is_siren_on: bool,
    /// The guard's panel shows an alarm.
    pub is_guard_called: bool,
    /// From 0.
    pub stuck_relay: Option<u8>,
    pub echoes: bool,
    pub n_commands: u64,
    /// Commands that came too soon after an answer and were not heard.
    pub n_too_soon: u64,
    pub planned: Vec<Planned>,
}

/// One contact at an input.
#[derive(Debug, Clone, Copy)]
struct Contact {
    is_closed: bool,
    moved_us: Option<u64>,
}

impl Contact {
    const CLOSED: Self = Self { is_closed: true, moved_us: None };

    fn set(&mut self, is_closed: bool, now_us: u64) {
        if self.is_closed != is_closed {
            *self = Self { is_closed, moved_us: Some(now_us) };
        }
    }

    fn reads(self, at_us: u64) -> bool {
        let bounces = self.moved_us.is_some_and(|moved| at_us.saturating_sub(moved) < BOUNCE_US);
        self.is_closed != (bounces && (at_us / 1_000).is_multiple_of(2))
    }
}

#[derive(Debug)]
pub struct RoomTwin {
    address: Address,
    button: Contact,
    is_wire_cut: bool,
    door: Contact,
    mains: Contact,
    relays: Bits,
    stuck: Option<Channel>,
    echoes: bool,
    /// Rate of the host's end where the wire knows it.
    line_rate: Option<u32>,
    heard: Vec<u8>,
    heard_us: u64,
    plan: Plan<Trouble>,
    /// Until when the line is busy.
    line_free_us: u64,
    n_commands: u64,
    n_too_soon: u64,
    noise: Noise,
}

impl RoomTwin {
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            button: Contact::CLOSED,
            is_wire_cut: false,
            door: Contact::CLOSED,
            mains: Contact::CLOSED,
            relays: Bits(0),
            stuck: None,
            echoes: false,
            line_rate: None,
            heard: Vec::new(),
            heard_us: 0,
            plan: Plan::new(),
            line_free_us: 0,
            n_commands: 0,
            n_too_soon: 0,
            noise: Noise::new(0x6C07_8965),
        }
    }

    /// As it comes out of its box.
    #[must_use]
    pub fn as_delivered() -> Self {
        Self::new(delivered_address())
    }

    fn rate(&self) -> u32 {
        self.line_rate.unwrap_or(RATE)
    }

    fn inputs(&self, at_us: u64) -> Bits {
        let contacts = [
            (BUTTON, !self.is_wire_cut && self.button.reads(at_us)),
            (DOOR, self.door.reads(at_us)),
            (MAINS, self.mains.reads(at_us)),
        ];
        contacts.into_iter().fold(Bits(0), |bits, (no, closed)| bits.with(channel(no), closed))
    }

    fn obey(&mut self, command: Command, at_us: u64) -> Vec<Speak> {
        self.n_commands += 1;
        let what = match command {
            Command::ReadInputs => "inputs",
            Command::ReadRelays => "relays",
            Command::SetRelay { .. } => "heard",
        };
        let trouble = self.plan.take(|planned| planned.concerns(what));
        if let Some(Trouble::Refuse { code }) = trouble {
            return self.refuse(&command.encode(self.address), Exception::from_code(code), at_us);
        }
        let report = match command {
            Command::ReadInputs => Report::Inputs(self.inputs(at_us)),
            Command::ReadRelays => Report::Relays(self.relays),
            Command::SetRelay { relay, on } => {
                if self.stuck != Some(relay) {
                    self.relays = self.relays.with(relay, on);
                }
                Report::Heard { relay, on }
            }
        };
        self.speak(report, trouble, at_us)
    }

    fn refuse(&mut self, frame: &[u8], why: Exception, at_us: u64) -> Vec<Speak> {
        let function = frame.get(1).copied().unwrap_or_default();
        let trouble = self.plan.take(|planned| planned.on.as_deref() == Some("refusal"));
        self.speak(Report::Refused { function, why }, trouble, at_us)
    }

    /// Puts something on the line, spoiled as planned.
    fn speak(&mut self, report: Report, trouble: Option<Trouble>, at_us: u64) -> Vec<Speak> {
        let mut bytes = report.encode(self.address);
        let mut from_us = (at_us + THINK_US).max(self.line_free_us);
        let mut rest = None;
        match trouble {
            None | Some(Trouble::Refuse { .. }) => {}
            Some(Trouble::Mute) => return Vec::new(),
            Some(Trouble::Late { ms }) => from_us += ms * 1_000,
            Some(Trouble::Garble) => {
                for byte in bytes.iter_mut().step_by(5) {
                    *byte ^= 0x83;
                }
            }
            Some(Trouble::Noise { n_bytes }) => bytes = self.noise.before(n_bytes, &bytes),
            Some(Trouble::Torn) => bytes.truncate(bytes.len() / 2),
            Some(Trouble::Halves { gap_ms }) => {
                rest = Some((bytes.split_off(bytes.len() / 2), gap_ms * 1_000));
            }
        }
        let rate = self.rate();
        let (mut pieces, mut left_us) = dribble(&bytes, rate, from_us, 0);
        if let Some((rest, gap_us)) = rest {
            let (more, free_us) = dribble(&rest, rate, left_us + gap_us, 0);
            pieces.extend(more);
            left_us = free_us;
        }
        self.line_free_us = left_us;
        pieces
    }
}

fn channel(no: u8) -> Channel {
    Channel::new(no).unwrap_or_else(|| unreachable!("a board has eight of them"))
}

impl Twin for RoomTwin {
    type Act = Act;
    type Look = RoomLook;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        let now_us = now.0 * 1_000;
        let rate = self.rate();
        let mut said = Vec::new();
        if self.echoes {
            said.extend(dribble(bytes, rate, now_us, 0).0);
        }
        // The answer is on the line still, or the gap behind it.
        if self.line_free_us > 0 && now_us < self.line_free_us + GAP_US {
            self.n_too_soon += 1;
            return said;
        }
        if now_us.saturating_sub(self.heard_us) > TORN_US {
            self.heard.clear();
        }
        self.heard_us = now_us + wire_us(bytes.len(), rate);
        self.heard.extend_from_slice(bytes);
        while let Some(found) = hear(self.address, &self.heard) {
            let (used, heard_us) = (found.map_or_else(|n| n, |(_, len)| len), self.heard_us);
            match found {
                Ok((Heard::Command(command), _)) => said.extend(self.obey(command, heard_us)),
                Ok((Heard::Refuse { why, .. }, len)) => {
                    let frame = self.heard[..len].to_vec();
                    said.extend(self.refuse(&frame, why, heard_us));
                }
                Err(_) => {}
            }
            self.heard.drain(..used);
            if self.heard.is_empty() {
                break;
            }
        }
        self.heard.truncate(FRAME_LEN_MAX);
        said
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        let now_us = now.0 * 1_000;
        match act {
            Act::PressButton => self.button.set(false, now_us),
            Act::ReleaseButton => self.button.set(true, now_us),
            Act::CutWire(is_cut) => self.is_wire_cut = is_cut,
            Act::OpenDoor(is_open) => self.door.set(!is_open, now_us),
            Act::Mains(are_there) => self.mains.set(are_there, now_us),
            Act::Stick(relay) => self.stuck = relay,
            Act::DropPower => {
                self.relays = Bits(0);
                self.heard.clear();
            }
            Act::Echo(echoes) => self.echoes = echoes,
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
        }
        Vec::new()
    }

    fn look(&self, _now: Moment) -> RoomLook {
        RoomLook {
            is_pressed: !self.button.is_closed,
            is_wire_cut: self.is_wire_cut,
            is_door_open: !self.door.is_closed,
            has_mains: self.mains.is_closed,
            is_lit: self.relays.get(channel(LAMP)),
            is_siren_on: self.relays.get(channel(SIREN)),
            is_guard_called: self.relays.get(channel(GUARD)),
            stuck_relay: self.stuck.map(Channel::get),
            echoes: self.echoes,
            n_commands: self.n_commands,
            n_too_soon: self.n_too_soon,
            planned: self.plan.list(),
        }
    }

    fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    /// The board has a supply of its own: what its relays do does not hang on the cable.
    fn power_cycle(&mut self) {
        self.heard.clear();
        self.line_free_us = 0;
    }
}
