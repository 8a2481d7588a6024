//! The conversation with a keypad, without input or output.
//!
//! It decides which press is told, and that none is told twice; when the jack counts as in; when a
//! key is stuck; when the keypad is greeted again and when it is given up. It does not decide what
//! a key does.
//!
//! ```text
//!  Offline ──LinkUp──▶ Greeting ──IDENTITY of this HELLO──▶ Talking ──no report, or
//!     ▲                  ▲   │                                 │       one of another
//!     │ LinkDown         │   │ no answer, N_REPEATS_MAX times  │       conversation
//!     │                  │   ▼                                 │
//!     │                  │  Down: Silent, link closed          │
//!     │                  └─────────────────────────────────────┘
//!     │                      IDENTITY of another version ──▶ Foreign ──later──▶ Greeting
//! ```
//!
//! **Neither lost nor doubled.** The keypad says a key again until its number is acknowledged. A
//! number that was heard last is acknowledged again and not told again. A greeting begins the
//! numbers anew, and the keypad forgets what was pressed before: a late key would press what
//! nobody meant.

mod invariants;
mod press;
#[cfg(test)]
mod tests;

use device_api::keypad::{Capabilities, Event, Fault, Health, Key, Request, Status};
use kiosk_words::Moment;

use self::press::Presses;
use super::{
    codec::{Command, Deframer, Garbage, Held, Report, VERSION},
    timings::Timings,
    wire::Frames,
};
use crate::{
    machine::{CloseReason, Input, Machine, Output},
    wire::Shown,
};

/// A greeting is sent again at most so often when nothing answers.
const N_REPEATS_MAX: u8 = 2;
/// So much garbage, each of 32 bytes, without one frame between, and the link is opened anew.
const N_GARBAGE_MAX: u8 = 16;

type Outputs = Vec<Output<Event>>;

/// The driver of one keypad.
#[derive(Debug)]
pub struct Keypad {
    timings: Timings,
    phase: Phase,
    status: Status,
    deframer: Deframer,
    /// Number of the last greeting; never zero once greeted.
    conversation: u8,
    /// Number of the key that was heard last in this conversation.
    heard: Option<u8>,
    /// When a plug that has just come in counts.
    jack_at: Option<Moment>,
    /// A report of this conversation said that no plug is in.
    was_out: bool,
    presses: Presses,
    /// When a frame that has begun is over, if nothing more comes.
    silent_at: Option<Moment>,
    n_garbage: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Offline,
    Greeting {
        deadline: Moment,
        n_repeats: u8,
    },
    /// A report is due until then.
    Talking {
        deadline: Moment,
    },
    /// It speaks another version; greeted again at this moment.
    Foreign {
        at: Moment,
    },
}

impl Keypad {
    #[must_use]
    pub fn new(timings: Timings) -> Self {
        Self {
            timings,
            phase: Phase::Offline,
            status: Status::STARTING,
            deframer: Deframer::new(),
            conversation: 0,
            heard: None,
            jack_at: None,
            was_out: false,
            presses: Presses::default(),
            silent_at: None,
            n_garbage: 0,
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Nothing that was known of keys and jack holds any more.
    fn forget(&mut self) {
        self.heard = None;
        self.status.jack = false;
        self.jack_at = None;
        self.was_out = false;
        self.presses = Presses::default();
    }

    /// A frame that had begun on the line before does not go on.
    fn forget_line(&mut self) {
        self.deframer.reset();
        self.silent_at = None;
    }

    fn go_offline(&mut self, fault: Fault) {
        self.forget();
        self.forget_line();
        self.phase = Phase::Offline;
        self.status.health = Health::Down(fault);
    }

    /// Closes the link so that the pump opens it anew.
    fn give_up_link(&mut self, reason: CloseReason, out: &mut Outputs) {
        self.go_offline(match reason {
            CloseReason::Silent => Fault::Silent,
            CloseReason::Garbage => Fault::Garbage,
        });
        out.push(Output::CloseLink(reason));
    }

    fn greet(&mut self, n_repeats: u8, now: Moment, out: &mut Outputs) {
        self.forget();
        // Every greeting has a number of its own: an answer to the one before is none to this.
        self.conversation = self.conversation.checked_add(1).unwrap_or(1);
        let deadline = now.plus_ms(self.timings.answer_ms);
        self.phase = Phase::Greeting { deadline, n_repeats };
        let hello = Command::Hello { conversation: self.conversation, version: VERSION };
        out.push(Output::Write(hello.encode()));
    }

    // ---- what comes in ----

    fn on_chunk(&mut self, mut chunk: &[u8], now: Moment, out: &mut Outputs) {
        while self.phase != Phase::Offline
            && let Some(item) = self.deframer.next(&mut chunk)
        {
            match item {
                Ok(frame) => {
                    self.n_garbage = 0;
                    if let Some(report) = Report::decode(&frame) {
                        self.on_report(report, now, out);
                    }
                }
                Err(Garbage) => self.count_garbage(out),
            }
        }
        self.silent_at = (!self.deframer.is_empty()).then(|| now.plus_ms(self.timings.gap_ms));
    }

    fn on_silence(&mut self, now: Moment, out: &mut Outputs) {
        self.silent_at = None;
        while self.phase != Phase::Offline
            && let Some(item) = self.deframer.falls_silent()
        {
            match item {
                Ok(frame) => {
                    if let Some(report) = Report::decode(&frame) {
                        self.on_report(report, now, out);
                    }
                }
                Err(Garbage) => self.count_garbage(out),
            }
        }
    }

    fn count_garbage(&mut self, out: &mut Outputs) {
        self.n_garbage = self.n_garbage.saturating_add(1);
        if self.n_garbage >= N_GARBAGE_MAX {
            self.n_garbage = 0;
            self.give_up_link(CloseReason::Garbage, out);
        }
    }

    fn on_report(&mut self, report: Report, now: Moment, out: &mut Outputs) {
        match report {
            Report::Identity { conversation, version, firmware, model } => {
                let is_asked = matches!(self.phase, Phase::Greeting { .. });
                if is_asked && conversation == self.conversation {
                    self.on_identity(version, firmware, model, now, out);
                }
            }
            Report::Key { seq, key } => {
                if self.is_talking() {
                    self.on_key(seq, key, now, out);
                }
            }
            Report::State { conversation, jack, held } => {
                if self.is_talking() && conversation == self.conversation {
                    self.on_state(jack, held, now);
                } else if self.is_talking() {
                    // It lost its power, or another host greeted it.
                    self.greet(0, now, out);
                }
            }
        }
    }

    const fn is_talking(&self) -> bool {
        matches!(self.phase, Phase::Talking { .. })
    }

    fn on_identity(
        &mut self,
        version: u8,
        (major, minor): (u8, u8),
        model: String,
        now: Moment,
        out: &mut Outputs,
    ) {
        if version == VERSION {
            self.status.health = Health::Ready;
            self.heard_of(now);
            let firmware = format!("{major}.{minor}");
            out.push(Output::Tell(Event::Identified(Capabilities { model, firmware })));
        } else {
            self.status.health = Health::Down(Fault::OtherVersion(version));
            self.phase = Phase::Foreign { at: now.plus_ms(self.timings.other_version_ms) };
        }
    }

    /// A report came: the next one is due.
    const fn heard_of(&mut self, now: Moment) {
        self.phase = Phase::Talking { deadline: now.plus_ms(self.timings.silent_ms) };
    }

    fn on_key(&mut self, seq: u8, key: Key, now: Moment, out: &mut Outputs) {
        self.heard_of(now);
        out.push(Output::Write(Command::Ack { seq }.encode()));
        if self.heard.replace(seq) != Some(seq) && self.presses.counts(key, self.timings, now) {
            out.push(Output::Tell(Event::Pressed(key)));
        }
    }

    fn on_state(&mut self, jack: bool, held: Held, now: Moment) {
        self.heard_of(now);
        self.presses.lie(held, self.timings, now);
        if !jack {
            self.status.jack = false;
            self.jack_at = None;
            self.was_out = true;
        } else if !self.status.jack && self.jack_at.is_none() {
            self.jack_at = Some(now.plus_ms(self.timings.jack_settles_ms));
        }
    }

    // ---- time ----

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if self.silent_at.is_some_and(|at| now >= at) {
            self.on_silence(now, out);
        }
        if self.jack_at.is_some_and(|at| now >= at) {
            self.jack_at = None;
            self.status.jack = true;
        }
        match self.phase {
            Phase::Greeting { deadline, n_repeats } if now >= deadline => {
                if n_repeats < N_REPEATS_MAX {
                    self.greet(n_repeats + 1, now, out);
                } else {
                    self.give_up_link(CloseReason::Silent, out);
                }
            }
            Phase::Talking { deadline } if now >= deadline => self.greet(0, now, out),
            Phase::Foreign { at } if now >= at => self.greet(0, now, out),
            Phase::Offline
            | Phase::Greeting { .. }
            | Phase::Talking { .. }
            | Phase::Foreign { .. } => {}
        }
    }

    /// What the keys themselves say of their health.
    fn look_at_keys(&mut self, now: Moment) {
        if self.is_talking() {
            let stuck = self.presses.stuck(self.timings, now);
            self.status.health =
                stuck.map_or(Health::Ready, |key| Health::Hampered(Fault::KeyStuck(key)));
        }
    }
}

impl Machine for Keypad {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let before = self.status;
        let mut out = Outputs::new();
        match input {
            Input::LinkUp => {
                self.forget_line();
                self.n_garbage = 0;
                self.greet(0, now, &mut out);
            }
            Input::LinkDown => self.go_offline(Fault::Missing),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(_, ask) => match ask {},
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.look_at_keys(now);
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        if self.status.jack && std::mem::take(&mut self.was_out) {
            out.push(Output::Tell(Event::Plugged));
        }
        self.check_invariants(&out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        let due = match self.phase {
            Phase::Greeting { deadline, .. } | Phase::Talking { deadline } => Some(deadline),
            Phase::Foreign { at } => Some(at),
            Phase::Offline => None,
        };
        let keys = self.is_talking().then(|| self.presses.deadline(self.timings)).flatten();
        [due, self.silent_at, self.jack_at, keys].into_iter().flatten().min()
    }

    fn wire(&self) -> Box<dyn Shown> {
        Box::new(Frames::default())
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Offline => "offline",
            Phase::Greeting { .. } => "greeting",
            Phase::Talking { .. } => "talking",
            Phase::Foreign { .. } => "foreign",
        }
    }
}
