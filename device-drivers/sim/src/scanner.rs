//! The twin of a code scanner, without a wire: a lamp, a lens and a slip held before it.
//!
//! It knows the trigger of the "7E 00" family and the byte that tells its mode. What the real
//! scanner says to any other command is not known; the twin says nothing.
//!
//! ```text
//!  Dark ──08 .. 0002 01──▶ Lit ──a code is held there, DECODE_US──▶ text, Dark
//!    ▲                      │ 08 .. 0002 00, or LAMP_US over
//!    └──────────────────────┘
//! ```
//! One that reads by itself is always lit, and reads a slip once until it is taken away.

use device_drivers::code_scanner::codec::{Answer, Command};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use crate::{
    port::Twin,
    trouble::{Noise, Plan},
    wire::{Speak, dribble, wire_us},
};

/// The mode byte of a scanner that is triggered by command, and of one that reads by itself.
const MODE_COMMAND: u8 = 0xD5;
const MODE_ALWAYS: u8 = 0xD6;
/// From a code in sight to its first byte.
const DECODE_US: u64 = 80_000;
/// The lamp goes out by itself.
const LAMP_US: u64 = 5_000_000;
/// Rate as delivered.
const RATE: u32 = 9_600;
/// Bytes of a command that did not come whole are kept so long.
const HEARD_LEN_MAX: usize = 64;

/// What it says, by name.
pub const SAYINGS: [&str; 2] = ["answer", "code"];

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
}

/// A trouble waiting for its time; `on` names one of [`SAYINGS`].
pub type Planned = crate::trouble::Planned<Trouble>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Command,
    Always,
}

/// What it sends after a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suffix {
    Cr,
    CrLf,
    Nothing,
}

/// The human hand and the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A slip whose code has these bytes; replaces what is held there.
    Hold(Vec<u8>),
    TakeAway,
    SetMode(Mode),
    SetSuffix(Suffix),
    Plan(Planned),
    ClearPlan,
}

/// What a person sees who looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScannerLook {
    pub is_lit: bool,
    /// Bytes of the code that is held there.
    pub held_len: Option<usize>,
    pub mode: Mode,
    pub suffix: Suffix,
    /// How often it read a code.
    pub n_reads: u64,
    pub n_commands: u64,
    pub planned: Vec<Planned>,
}

#[derive(Debug)]
struct Held {
    code: Vec<u8>,
    since_us: u64,
    was_read: bool,
}

#[derive(Debug)]
pub struct ScannerTwin {
    mode: Mode,
    suffix: Suffix,
    /// Rate of the host's end where the wire knows it.
    line_rate: Option<u32>,
    heard: Vec<u8>,
    held: Option<Held>,
    /// Since when, by a command.
    lit_us: Option<u64>,
    plan: Plan<Trouble>,
    /// Until when the line is busy.
    line_free_us: u64,
    n_reads: u64,
    n_commands: u64,
    noise: Noise,
}

impl Default for ScannerTwin {
    fn default() -> Self {
        Self::new()
    }
}

impl ScannerTwin {
    #[must_use]
    pub const fn new() -> Self {
        Self {
            mode: Mode::Command,
            suffix: Suffix::Cr,
            line_rate: None,
            heard: Vec::new(),
            held: None,
            lit_us: None,
            plan: Plan::new(),
            line_free_us: 0,
            n_reads: 0,
            n_commands: 0,
            noise: Noise::new(0x2545_F491),
        }
    }

    const fn mode_byte(&self) -> u8 {
        match self.mode {
            Mode::Command => MODE_COMMAND,
            Mode::Always => MODE_ALWAYS,
        }
    }

    fn obey(&mut self, command: Command, heard_us: u64) -> Vec<Speak> {
        self.n_commands += 1;
        let answer = match command {
            Command::AskMode => Answer(self.mode_byte()),
            Command::StartReading => {
                self.lit_us = Some(heard_us);
                // Each time it is lit it reads anew, also what was read before.
                if let Some(held) = &mut self.held {
                    held.was_read = false;
                }
                Answer::WRITTEN
            }
            Command::StopReading => {
                self.lit_us = None;
                Answer::WRITTEN
            }
        };
        self.speak("answer", answer.encode(), heard_us)
    }

    /// When the code that is held there has been read, if it is being read.
    fn read_due_us(&self) -> Option<u64> {
        let held = self.held.as_ref().filter(|held| !held.was_read)?;
        let lit_us = match self.mode {
            Mode::Always => 0,
            Mode::Command => self.lit_us?,
        };
        Some(held.since_us.max(lit_us) + DECODE_US)
    }

    fn dark_due_us(&self) -> Option<u64> {
        self.lit_us.map(|since| since + LAMP_US)
    }

    fn catch_up(&mut self, now: Moment) -> Vec<Speak> {
        let now_us = now.0 * 1_000;
        let (read, dark) = (self.read_due_us(), self.dark_due_us());
        let reads_first = read.is_some_and(|read| dark.is_none_or(|dark| read <= dark));
        if let Some(at_us) = read.filter(|at| reads_first && *at <= now_us) {
            return self.reads(at_us);
        }
        if dark.is_some_and(|at| at <= now_us) {
            self.lit_us = None;
        }
        Vec::new()
    }

    fn reads(&mut self, at_us: u64) -> Vec<Speak> {
        let Some(held) = &mut self.held else { return Vec::new() };
        held.was_read = true;
        self.lit_us = None;
        self.n_reads += 1;
        let suffix = match self.suffix {
            Suffix::Cr => &b"\r"[..],
            Suffix::CrLf => b"\r\n",
            Suffix::Nothing => b"",
        };
        let bytes = [&held.code[..], suffix].concat();
        self.speak("code", bytes, at_us)
    }

    /// Puts something on the line, spoiled as planned.
    fn speak(&mut self, what: &str, mut bytes: Vec<u8>, at_us: u64) -> Vec<Speak> {
        let mut from_us = at_us.max(self.line_free_us);
        let mut rest = None;
        match self.plan.take(|planned| planned.concerns(what)) {
            None => {}
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
        let rate = self.line_rate.unwrap_or(RATE);
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

impl Twin for ScannerTwin {
    type Act = Act;
    type Look = ScannerLook;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        let mut said = self.catch_up(now);
        self.heard.extend_from_slice(bytes);
        let heard_us = now.0 * 1_000 + wire_us(bytes.len(), self.line_rate.unwrap_or(RATE));
        while let Some(found) = Command::read(&self.heard) {
            let used = match found {
                Ok((command, len)) => {
                    said.extend(self.obey(command, heard_us));
                    len
                }
                Err(n_noise) => n_noise,
            };
            self.heard.drain(..used);
            if self.heard.is_empty() {
                break;
            }
        }
        self.heard.truncate(HEARD_LEN_MAX);
        said
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        let said = self.catch_up(now);
        match act {
            Act::Hold(code) => {
                self.held = Some(Held { code, since_us: now.0 * 1_000, was_read: false });
            }
            Act::TakeAway => self.held = None,
            Act::SetMode(mode) => self.mode = mode,
            Act::SetSuffix(suffix) => self.suffix = suffix,
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
        }
        said
    }

    fn look(&self, _now: Moment) -> ScannerLook {
        ScannerLook {
            is_lit: self.mode == Mode::Always || self.lit_us.is_some(),
            held_len: self.held.as_ref().map(|held| held.code.len()),
            mode: self.mode,
            suffix: self.suffix,
            n_reads: self.n_reads,
            n_commands: self.n_commands,
            planned: self.plan.list(),
        }
    }

    fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    fn power_cycle(&mut self) {
        self.heard.clear();
        self.lit_us = None;
        self.line_free_us = 0;
    }

    fn deadline(&self) -> Option<Moment> {
        let due = [self.read_due_us(), self.dark_due_us()].into_iter().flatten().min();
        due.map(|us| Moment(us.div_ceil(1_000)))
    }

    fn pass_time(&mut self, now: Moment) -> Vec<Speak> {
        self.catch_up(now)
    }
}
