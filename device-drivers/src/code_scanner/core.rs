//! The conversation with a code scanner, without input or output.
//!
//! It decides when the lamp is on, which text belongs to which request and which to none, when a
//! command is sent again and when a scanner is given up; it answers each request exactly once. It
//! does not decide what a code means.
//!
//! ```text
//!  Offline ──LinkUp──▶ Waiting(Greet) ──answer──▶ Resting ◀───────────────────────────┐
//!     ▲                    │                        │ idle: Alive every now and then  │ answer
//!     │ LinkDown           │ no answer,             │ read open: Light, again and again
//!     │                    │ N_REPEATS_MAX times    │ lamp on for nobody: Dark        │
//!     └── Down: Silent ◀───┴────────────────────────┴──▶ Waiting(Alive, Light, Dark) ─┘
//!
//!  a scanner without commands:  Offline ──LinkUp──▶ Listening
//! ```
//!
//! **Whose text.** A text belongs to a read if its first byte came while that read was open, and
//! nothing broke off just before: the rest of a torn code must not pass for a whole one, nor a code
//! that somebody held there earlier for the one that is held there now.

mod invariants;
#[cfg(test)]
mod tests;

use device_api::{
    RequestId,
    code_scanner::{Event, Fault, Health, Refusal, Reply, Request, Status},
};
use kiosk_words::{Moment, Private};

use super::{
    Settings, Trigger,
    codec::{Answer, Command, Deframer, Garbage, Item},
    timings::Timings,
    wire::Frames,
};
use crate::{
    machine::{CloseReason, Input, Machine, Output},
    wire::Shown,
};

/// A command is sent again at most so often when nothing answers.
const N_REPEATS_MAX: u8 = 2;
/// So much garbage without one text or answer between, and the link is opened anew.
const N_GARBAGE_MAX: u8 = 32;

type Outputs = Vec<Output<Event>>;

/// The driver of one scanner.
#[derive(Debug)]
pub struct CodeScanner {
    settings: Settings,
    timings: Timings,
    phase: Phase,
    status: Status,
    deframer: Deframer,
    /// The open `Read`.
    read: Option<RequestId>,
    /// Until when that one waits.
    read_until: Moment,
    /// The lamp was switched on and may be on still.
    is_lit: bool,
    /// The read that it was switched on for last.
    lit_for: Option<RequestId>,
    /// When what has begun on the line is over, if nothing more comes.
    silent_at: Option<Moment>,
    /// What has begun on the line belongs to the open read.
    is_for_read: bool,
    /// Until then the beginning of a text is not believed.
    distrust_until: Moment,
    n_garbage: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Offline,
    /// A command is out.
    Waiting {
        step: Step,
        deadline: Moment,
        n_repeats: u8,
    },
    /// Nothing is out.
    Resting {
        next: Step,
        at: Moment,
    },
    /// There is nothing to send to this one.
    Listening,
}

/// What a command is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greet,
    Alive,
    Light,
    Dark,
}

impl Step {
    const fn command(self) -> Command {
        match self {
            Self::Greet | Self::Alive => Command::AskMode,
            Self::Light => Command::StartReading,
            Self::Dark => Command::StopReading,
        }
    }

    /// Any mode will do; a write is answered with zero.
    fn fits(self, answer: Answer) -> bool {
        match self {
            Self::Greet | Self::Alive => true,
            Self::Light | Self::Dark => answer == Answer::WRITTEN,
        }
    }
}

impl CodeScanner {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting }
    }

    #[must_use]
    pub fn new(settings: Settings, timings: Timings) -> Self {
        Self {
            settings,
            timings,
            phase: Phase::Offline,
            status: Self::new_status(),
            deframer: Deframer::new(settings.ending),
            read: None,
            read_until: Moment(0),
            is_lit: false,
            lit_for: None,
            silent_at: None,
            is_for_read: false,
            distrust_until: Moment(0),
            n_garbage: 0,
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    fn on_link_up(&mut self, now: Moment, out: &mut Outputs) {
        self.forget_line();
        self.n_garbage = 0;
        // What comes first may be the rest of something.
        self.distrust(now);
        match self.settings.trigger {
            // Somebody else may have left the lamp on.
            Trigger::Command => {
                self.is_lit = true;
                self.send(Step::Greet, 0, now, out);
            }
            Trigger::Always => {
                self.phase = Phase::Listening;
                self.status.health = Health::Ready;
            }
        }
    }

    /// Leaves the link; whoever waits is told once.
    fn go_offline(&mut self, fault: Fault, out: &mut Outputs) {
        self.forget_line();
        self.phase = Phase::Offline;
        (self.is_lit, self.lit_for) = (false, None);
        self.status.health = Health::Down(fault);
        self.refuse(Refusal::DeviceDown(fault), out);
    }

    fn forget_line(&mut self) {
        self.deframer.reset();
        self.silent_at = None;
        self.is_for_read = false;
    }

    const fn distrust(&mut self, now: Moment) {
        self.distrust_until = now.plus_ms(self.timings.distrust_ms);
    }

    /// Closes the link so that the pump opens it anew.
    fn give_up_link(&mut self, reason: CloseReason, out: &mut Outputs) {
        let fault = match reason {
            CloseReason::Silent => Fault::Silent,
            CloseReason::Garbage => Fault::Garbage,
        };
        self.go_offline(fault, out);
        out.push(Output::CloseLink(reason));
    }

    fn on_ask(&mut self, id: RequestId, ask: Request, now: Moment, out: &mut Outputs) {
        match ask {
            Request::Read { patience_ms } => {
                self.on_read(id, now.plus_ms(patience_ms), now, out);
            }
            Request::Stop => {
                self.refuse(Refusal::Stopped, out);
                out.push(Output::Tell(Event::Done(id, Reply::Stopped)));
                self.look_for_work(now, out);
            }
        }
    }

    fn on_read(&mut self, id: RequestId, until: Moment, now: Moment, out: &mut Outputs) {
        let refusal = match (self.read, self.status.health) {
            (Some(_), _) => Some(Refusal::Stopped),
            (None, Health::Down(fault)) => Some(Refusal::DeviceDown(fault)),
            (None, Health::Starting | Health::Ready) => None,
        };
        if let Some(refusal) = refusal {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        (self.read, self.read_until) = (Some(id), until);
        self.look_for_work(now, out);
    }

    fn refuse(&mut self, why: Refusal, out: &mut Outputs) {
        if let Some(id) = self.read.take() {
            self.is_for_read = false;
            out.push(Output::Tell(Event::Refused(id, why)));
        }
    }

    // ---- what comes in ----

    fn on_chunk(&mut self, chunk: &[u8], now: Moment, out: &mut Outputs) {
        // One by one: whose a text is, is decided at its first byte.
        for byte in chunk {
            if self.phase == Phase::Offline {
                return;
            }
            if self.deframer.is_empty() {
                self.is_for_read = self.read.is_some() && now >= self.distrust_until;
            }
            if let Some(item) = self.deframer.next(&mut std::slice::from_ref(byte)) {
                self.on_item(item, now, out);
            }
            self.silent_at = (!self.deframer.is_empty()).then(|| now.plus_ms(self.timings.gap_ms));
        }
    }

    fn on_silence(&mut self, now: Moment, out: &mut Outputs) {
        self.silent_at = None;
        if let Some(item) = self.deframer.falls_silent() {
            self.on_item(item, now, out);
        }
    }

    fn on_item(&mut self, item: Result<Item, Garbage>, now: Moment, out: &mut Outputs) {
        let is_for_read = std::mem::take(&mut self.is_for_read);
        match item {
            Ok(Item::Answer(answer)) => self.on_answer(answer, now, out),
            Ok(Item::Text(bytes)) if is_for_read => self.on_text(&bytes, now, out),
            // Held there when nobody had asked, or the rest of something: it is nobody's. The lamp
            // went out over it.
            Ok(Item::Text(_)) => {
                self.lit_for = None;
                self.look_for_work(now, out);
            }
            Err(garbage) => {
                self.distrust(now);
                if is_for_read && let Some(why) = refusal_of(garbage) {
                    self.refuse(why, out);
                    self.look_for_work(now, out);
                }
                self.count_garbage(out);
            }
        }
    }

    fn on_text(&mut self, bytes: &Private<Vec<u8>>, now: Moment, out: &mut Outputs) {
        match self.settings.charset.text_of(bytes.expose()) {
            Some(text) => {
                self.n_garbage = 0;
                if let Some(id) = self.read.take() {
                    out.push(Output::Tell(Event::Done(id, Reply::Code(text))));
                }
            }
            None => {
                self.refuse(Refusal::NotText, out);
                self.count_garbage(out);
            }
        }
        self.look_for_work(now, out);
    }

    fn on_answer(&mut self, answer: Answer, now: Moment, out: &mut Outputs) {
        match self.phase {
            Phase::Waiting { step, .. } if step.fits(answer) => {
                self.n_garbage = 0;
                match step {
                    Step::Greet | Step::Alive => self.status.health = Health::Ready,
                    Step::Light => {}
                    Step::Dark => (self.is_lit, self.lit_for) = (false, None),
                }
                self.rest(now);
                self.look_for_work(now, out);
            }
            // Late, or of another host: the wait goes on.
            Phase::Waiting { .. } | Phase::Resting { .. } | Phase::Listening | Phase::Offline => {
                self.count_garbage(out);
            }
        }
    }

    fn count_garbage(&mut self, out: &mut Outputs) {
        self.n_garbage = self.n_garbage.saturating_add(1);
        if self.n_garbage >= N_GARBAGE_MAX {
            self.give_up_link(CloseReason::Garbage, out);
        }
    }

    // ---- what goes out ----

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if self.silent_at.is_some_and(|at| now >= at) {
            self.on_silence(now, out);
        }
        if self.read.is_some() && now >= self.read_until {
            self.refuse(Refusal::NothingThere, out);
            self.look_for_work(now, out);
        }
        match self.phase {
            Phase::Waiting { step, deadline, n_repeats } if now >= deadline => {
                if n_repeats < N_REPEATS_MAX {
                    self.send(step, n_repeats + 1, now, out);
                } else {
                    self.give_up_link(CloseReason::Silent, out);
                }
            }
            Phase::Resting { next, at } if now >= at => self.send(next, 0, now, out),
            Phase::Waiting { .. } | Phase::Resting { .. } | Phase::Listening | Phase::Offline => {}
        }
    }

    /// Nothing is out: what is sent next if nothing happens.
    fn rest(&mut self, now: Moment) {
        let (next, wait_ms) = match self.read {
            Some(_) => (Step::Light, self.timings.trigger_again_ms),
            None => (Step::Alive, self.timings.idle_poll_ms),
        };
        self.phase = Phase::Resting { next, at: now.plus_ms(wait_ms) };
    }

    /// The lamp must be on for an open read and off for nobody.
    fn look_for_work(&mut self, now: Moment, out: &mut Outputs) {
        if !matches!(self.phase, Phase::Resting { .. }) {
            return;
        }
        match self.read {
            Some(_) if self.lit_for != self.read => self.send(Step::Light, 0, now, out),
            None if self.is_lit => self.send(Step::Dark, 0, now, out),
            Some(_) | None => {}
        }
    }

    fn send(&mut self, step: Step, n_repeats: u8, now: Moment, out: &mut Outputs) {
        if step == Step::Light {
            (self.is_lit, self.lit_for) = (true, self.read);
        }
        let deadline = now.plus_ms(self.timings.answer_ms);
        self.phase = Phase::Waiting { step, deadline, n_repeats };
        out.push(Output::Write(step.command().encode()));
    }
}

const fn refusal_of(garbage: Garbage) -> Option<Refusal> {
    match garbage {
        Garbage::TooLong => Some(Refusal::TooLong),
        Garbage::Torn => Some(Refusal::Torn),
        // Very likely no code at all.
        Garbage::BadAnswer => None,
    }
}

impl Machine for CodeScanner {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let (before, was_open) = (self.status, self.read);
        let mut out = Outputs::new();
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::LinkUp | Input::LinkDown | Input::Chunk(_) | Input::Tick => None,
        };
        match input {
            Input::LinkUp => self.on_link_up(now, &mut out),
            Input::LinkDown => self.go_offline(Fault::Missing, &mut out),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(id, ask) => self.on_ask(id, ask, now, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        let due = match self.phase {
            Phase::Waiting { deadline, .. } => Some(deadline),
            Phase::Resting { at, .. } => Some(at),
            Phase::Offline | Phase::Listening => None,
        };
        let patience = self.read.map(|_| self.read_until);
        [due, self.silent_at, patience].into_iter().flatten().min()
    }

    fn wire(&self) -> Box<dyn Shown> {
        Box::new(Frames::new(self.settings.ending))
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Offline => "offline",
            Phase::Waiting { step: Step::Greet, .. } => "greeting",
            _ if self.read.is_some() => "reading",
            Phase::Waiting { .. } | Phase::Resting { .. } | Phase::Listening => "idle",
        }
    }
}
