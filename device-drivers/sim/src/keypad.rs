//! The twin of a keypad, without a wire: keys under a finger, a jack, and the firmware between
//! them and the line, as docs/devices/keypad.md asks for it.
//!
//! ```text
//!  finger ──▶ contact (bounces) ──sampled──▶ debounced ──▶ queue of keys ──KEY, again and again──▶
//!                                               │               ▲
//!                                               └──▶ STATE      └── ACK of the first
//! ```
//! A key waits in the queue until it is acknowledged, and is forgotten when nobody heard it in
//! time; a HELLO empties the queue.

mod contact;

use std::collections::VecDeque;

use device_api::keypad::Key;
use device_drivers::keypad::codec::{Command, Deframer, Held, Report, VERSION};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use self::contact::Contacts;
use crate::{
    port::Twin,
    trouble::{Noise, Plan},
    wire::{Speak, dribble, wire_us},
};

pub const MODEL: &str = "ND-KEYPAD-9";
const FIRMWARE: (u8, u8) = (2, 1);
/// Rate of the real line.
const RATE: u32 = 9_600;
/// A key is said again after this.
const AGAIN_US: u64 = 80_000;
/// A key that nobody heard for so long is forgotten.
const FORGET_US: u64 = 2_000_000;
/// Between two reports.
const REPORT_US: u64 = 500_000;
/// Keys waiting; more are dropped.
const N_QUEUED_MAX: usize = 8;
/// A finger that taps.
const TAP_MS: u64 = 120;

/// What it says or hears, by name.
pub const SAYINGS: [&str; 4] = ["identity", "key", "state", "ack"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing is said; for `ack`: it is not heard.
    Mute,
    /// It is said so much later.
    Late { ms: u64 },
    /// One bit of every third byte is another one.
    Garble,
    /// So many meaningless bytes before it.
    Noise { n_bytes: u16 },
    /// Only the first half is said.
    Torn,
    /// It is said twice.
    Twice,
    /// It speaks this version; for `identity`.
    Version { version: u8 },
}

/// A trouble waiting for its time; `on` names one of [`SAYINGS`].
pub type Planned = crate::trouble::Planned<Trouble>;

/// The human hand, and what wears out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A finger taps a key.
    Press(Key),
    /// A key goes down and stays there.
    Hold(Key),
    Release(Key),
    PlugJack,
    UnplugJack,
    /// Contacts chatter so long after every move.
    SetBounce {
        ms: u64,
    },
    /// Worn contacts with a firmware that looks at every edge.
    SetDebounce(bool),
    Plan(Planned),
    ClearPlan,
}

/// What a person sees who looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeypadLook {
    pub jack: bool,
    /// Names of the keys that are down.
    pub held: Vec<&'static str>,
    /// A host has greeted it.
    pub is_greeted: bool,
    /// Keys that were acknowledged.
    pub n_heard: u64,
    /// Keys that wait for it.
    pub n_queued: usize,
    /// Keys that nobody heard, or for which there was no room.
    pub n_lost: u64,
    pub bounce_ms: u64,
    pub debounced: bool,
    pub planned: Vec<Planned>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    seq: u8,
    key: Key,
    since_us: u64,
    /// When it is said, or said again.
    say_us: u64,
}

#[derive(Debug)]
pub struct KeypadTwin {
    contacts: Contacts,
    jack: bool,
    /// Rate of the host's end where the wire knows it.
    line_rate: Option<u32>,
    deframer: Deframer,
    /// Zero: not greeted.
    conversation: u8,
    seq: u8,
    queue: VecDeque<Waiting>,
    report_us: u64,
    plan: Plan<Trouble>,
    line_free_us: u64,
    n_heard: u64,
    n_lost: u64,
    noise: Noise,
}

impl Default for KeypadTwin {
    fn default() -> Self {
        Self::new()
    }
}

impl KeypadTwin {
    #[must_use]
    pub fn new() -> Self {
        Self {
            contacts: Contacts::new(),
            jack: false,
            line_rate: None,
            deframer: Deframer::new(),
            conversation: 0,
            seq: 0,
            queue: VecDeque::new(),
            report_us: REPORT_US,
            plan: Plan::new(),
            line_free_us: 0,
            n_heard: 0,
            n_lost: 0,
            noise: Noise::new(0x1F12_3BB5),
        }
    }

    fn obey(&mut self, command: Command, at_us: u64) -> Vec<Speak> {
        match command {
            Command::Hello { conversation, version: _ } => {
                self.conversation = conversation;
                self.seq = 0;
                self.n_lost += self.queue.drain(..).count() as u64;
                let mut said = self.identify(at_us);
                said.extend(self.report(at_us));
                said
            }
            Command::Ack { seq } => {
                let unheard = self.plan.take(|planned| planned.on.as_deref() == Some("ack"));
                if unheard.is_none() && self.queue.front().is_some_and(|first| first.seq == seq) {
                    self.queue.pop_front();
                    self.n_heard += 1;
                    if let Some(next) = self.queue.front_mut() {
                        next.say_us = at_us;
                    }
                }
                Vec::new()
            }
        }
    }

    fn identify(&mut self, at_us: u64) -> Vec<Speak> {
        let other = |planned: &Planned| matches!(planned.trouble, Trouble::Version { .. });
        let version = match self.plan.take(other) {
            Some(Trouble::Version { version }) => version,
            _ => VERSION,
        };
        let identity = Report::Identity {
            conversation: self.conversation,
            version,
            firmware: FIRMWARE,
            model: MODEL.to_owned(),
        };
        self.speak("identity", &identity, at_us)
    }

    fn report(&mut self, at_us: u64) -> Vec<Speak> {
        self.report_us = at_us + REPORT_US;
        let held = Held::of(self.contacts.down());
        let state = Report::State { conversation: self.conversation, jack: self.jack, held };
        self.speak("state", &state, at_us)
    }

    /// The firmware saw a key go down.
    fn enqueue(&mut self, key: Key, at_us: u64) {
        if self.conversation == 0 || self.queue.len() == N_QUEUED_MAX {
            self.n_lost += 1;
            return;
        }
        self.seq = self.seq.checked_add(1).unwrap_or(1);
        self.queue.push_back(Waiting { seq: self.seq, key, since_us: at_us, say_us: at_us });
    }

    /// What is due next, and when: a contact, a key, a report.
    fn due_us(&self) -> u64 {
        let key = self.queue.front().map(|first| first.say_us.max(self.line_free_us));
        [self.contacts.due_us(), key, Some(self.report_us)]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.report_us)
    }

    fn catch_up(&mut self, now: Moment) -> Vec<Speak> {
        let now_us = now.0 * 1_000;
        // Reports that nobody waited for are not made up for.
        self.report_us = self.report_us.max(now_us.saturating_sub(REPORT_US));
        let mut said = Vec::new();
        while self.due_us() <= now_us {
            let at_us = self.due_us();
            said.extend(self.one_thing(at_us));
        }
        said
    }

    fn one_thing(&mut self, at_us: u64) -> Vec<Speak> {
        if self.contacts.due_us().is_some_and(|due| due <= at_us) {
            let moved = self.contacts.sample(at_us);
            for key in moved.iter().filter(|(_, down)| *down).map(|(key, _)| *key) {
                self.enqueue(key, at_us);
            }
            return if moved.is_empty() { Vec::new() } else { self.report(at_us) };
        }
        if self.report_us <= at_us {
            return self.report(at_us);
        }
        let Some(first) = self.queue.front_mut() else { return Vec::new() };
        if at_us >= first.since_us + FORGET_US {
            self.queue.pop_front();
            self.n_lost += 1;
            return Vec::new();
        }
        first.say_us = at_us + AGAIN_US;
        let report = Report::Key { seq: first.seq, key: first.key };
        self.speak("key", &report, at_us)
    }

    /// Puts something on the line, spoiled as planned.
    fn speak(&mut self, what: &str, report: &Report, at_us: u64) -> Vec<Speak> {
        let mut bytes = report.encode();
        let mut from_us = at_us.max(self.line_free_us);
        match self.plan.take(|planned| {
            planned.concerns(what) && !matches!(planned.trouble, Trouble::Version { .. })
        }) {
            None | Some(Trouble::Version { .. }) => {}
            Some(Trouble::Mute) => return Vec::new(),
            Some(Trouble::Late { ms }) => from_us += ms * 1_000,
            Some(Trouble::Garble) => {
                for byte in bytes.iter_mut().step_by(3) {
                    *byte ^= 0x10;
                }
            }
            Some(Trouble::Noise { n_bytes }) => bytes = self.noise.before(n_bytes, &bytes),
            Some(Trouble::Torn) => bytes.truncate(bytes.len() / 2),
            Some(Trouble::Twice) => bytes = [&bytes[..], &bytes[..]].concat(),
        }
        let (pieces, left_us) = dribble(&bytes, self.line_rate.unwrap_or(RATE), from_us, 0);
        self.line_free_us = left_us;
        pieces
    }
}

impl Twin for KeypadTwin {
    type Act = Act;
    type Look = KeypadLook;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        let mut said = self.catch_up(now);
        let heard_us = now.0 * 1_000 + wire_us(bytes.len(), self.line_rate.unwrap_or(RATE));
        let mut rest = bytes;
        while let Some(item) = self.deframer.next(&mut rest) {
            if let Some(command) = item.ok().as_ref().and_then(Command::decode) {
                said.extend(self.obey(command, heard_us));
            }
        }
        said
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        let mut said = self.catch_up(now);
        let now_us = now.0 * 1_000;
        match act {
            Act::Press(key) => {
                self.contacts.goes(key, true, now_us);
                self.contacts.goes(key, false, now_us + TAP_MS * 1_000);
            }
            Act::Hold(key) => self.contacts.goes(key, true, now_us),
            Act::Release(key) => self.contacts.goes(key, false, now_us),
            Act::PlugJack | Act::UnplugJack => {
                self.jack = act == Act::PlugJack;
                said.extend(self.report(now_us));
            }
            Act::SetBounce { ms } => self.contacts.set_bounce(ms),
            Act::SetDebounce(on) => self.contacts.set_debounce(on),
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
        }
        said
    }

    fn look(&self, _now: Moment) -> KeypadLook {
        KeypadLook {
            jack: self.jack,
            held: self.contacts.down().map(Key::name).collect(),
            is_greeted: self.conversation > 0,
            n_heard: self.n_heard,
            n_queued: self.queue.len(),
            n_lost: self.n_lost,
            bounce_ms: self.contacts.bounce_ms(),
            debounced: self.contacts.is_debounced(),
            planned: self.plan.list(),
        }
    }

    fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    fn power_cycle(&mut self) {
        self.deframer.reset();
        (self.conversation, self.seq) = (0, 0);
        self.n_lost += self.queue.drain(..).count() as u64;
        self.line_free_us = 0;
    }

    fn deadline(&self) -> Option<Moment> {
        Some(Moment(self.due_us().div_ceil(1_000)))
    }

    fn pass_time(&mut self, now: Moment) -> Vec<Speak> {
        self.catch_up(now)
    }
}
