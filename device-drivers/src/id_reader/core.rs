//! The conversation with a SAM_V module, without input or output.
//!
//! It decides what to send when, what each status code means, when to try again and when to give
//! up; it answers each request exactly once. It does not decide whether a card is good enough.
//!
//! ```text
//!  Offline ──LinkUp──▶ Waiting(Greet) ──no answer──▶ Waiting(Probe next rate) ──none──▶ close link
//!     ▲                   │ module id                                        (Down: Silent/Garbage)
//!     │ LinkDown          ▼
//!     ├───────────── Resting ◀──────────────── 80, done, refused ───────────────┐
//!     │                │ due: card wanted     │ due: card was read     │ due: idle
//!     │                ▼                      ▼                        ▼        │
//!     │          Waiting(Find)─9F▶(Select)─90▶(Read)─90▶(Added)   (StillThere) (Alive)
//!     │                │ time-out or bad frame
//!     │                ▼
//!     │           Draining ──quiet──▶ the same command again, at most N_REPEATS_MAX times
//!     └──── Stuck (60, 66) ──asked again every stuck_check_ms──▶ Waiting(Greet)
//! ```
//!
//! A card that was read is not read again until it was lifted: modules differ in whether they find
//! such a card, so the driver itself waits for the lifting, which 30 03 tells (90 or 91: still
//! there, anything else: lifted).

mod answers;
mod invariants;
#[cfg(test)]
mod tests;

use device_api::{
    RequestId,
    id_reader::{Event, Fault, Health, IdCard, ReadWhat, Refusal, Reply, Request, Status},
};
use kiosk_words::Moment;

use super::{
    codec::{Baud, Body, Command, Deframer, Garbage, ReadKind, Report},
    timings::Timings,
    wire::Frames,
};
use crate::{
    machine::{CloseReason, Input, Machine, Output},
    wire::Shown,
};

/// A command is sent again at most so often after a time-out or a bad frame.
const N_REPEATS_MAX: u8 = 2;
/// The module's number may be wrong or absent right after power-on: asked so often in all.
const N_GREETS_MAX: u8 = 3;
/// So many selects in a row may fail before the person is asked to lay the card again.
const N_SELECT_FAILS_MAX: u8 = 5;
/// A chip read takes seconds: a person does not wait for more than two of them.
const N_LONG_REPEATS_MAX: u8 = 1;
/// So often in one request the search starts over after a 47.
const N_RESTARTS_MAX: u8 = 2;
/// So often in one request the module is reset after a 24.
const N_RESETS_MAX: u8 = 1;
/// So much garbage without one good frame between, and the link is opened anew.
const N_GARBAGE_MAX: u8 = 32;
/// Trust failed so often in a row (31, 32): the card is refused for good.
const N_DISTRUSTS_MAX: u8 = 2;

type Outputs = Vec<Output<Event>>;

/// The driver of one reader.
#[derive(Debug)]
pub struct IdReader {
    /// Rate tried first.
    home_baud: Baud,
    /// Rate of the line.
    baud: Baud,
    timings: Timings,
    phase: Phase,
    status: Status,
    deframer: Deframer,
    /// The open `Read`.
    read: Option<Reading>,
    last_find: Option<Moment>,
    n_garbage: u8,
    /// Anything came in since the link is up: tells garbage from silence.
    heard_bytes: bool,
    n_distrusts: u8,
}

#[derive(Debug)]
struct Reading {
    id: RequestId,
    what: ReadWhat,
    /// Read from the chip; waiting for the added addresses.
    card: Option<Box<IdCard>>,
    n_select_fails: u8,
    n_restarts: u8,
    n_resets: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Offline,
    /// A command is out.
    Waiting(Wait),
    /// The answer did not come or was bad: eat what is left, then repeat.
    Draining {
        wait: Wait,
        quiet_at: Moment,
        limit_at: Moment,
    },
    /// Nothing is out.
    Resting {
        next: Step,
        at: Moment,
    },
    /// The module answers and cannot work.
    Stuck {
        check_at: Moment,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wait {
    step: Step,
    /// The request it was sent for: an answer is never used for a later one.
    for_read: Option<RequestId>,
    deadline: Moment,
    n_repeats: u8,
}

/// What a command is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greet,
    Probe(Baud),
    Alive,
    Find,
    Select,
    Read(ReadKind),
    /// Addresses added later.
    Added,
    StillThere,
    ResetModule,
}

impl Step {
    const fn command(self) -> Command {
        match self {
            Self::Greet => Command::ReadModuleId,
            Self::Probe(_) | Self::Alive => Command::Status,
            Self::Find => Command::Find,
            Self::Select => Command::Select,
            Self::Read(kind) => Command::Read(kind),
            Self::Added | Self::StillThere => Command::ReadNewAddress,
            Self::ResetModule => Command::Reset,
        }
    }

    const fn n_repeats_max(self) -> u8 {
        match self {
            Self::Greet => N_GREETS_MAX - 1,
            Self::Probe(_) => 0,
            Self::Read(_) | Self::Added => N_LONG_REPEATS_MAX,
            Self::Alive | Self::Find | Self::Select | Self::StillThere | Self::ResetModule => {
                N_REPEATS_MAX
            }
        }
    }

    /// Part of reading a card for somebody.
    const fn is_of_a_read(self) -> bool {
        match self {
            Self::Find | Self::Select | Self::Read(_) | Self::Added | Self::ResetModule => true,
            Self::Greet | Self::Probe(_) | Self::Alive | Self::StillThere => false,
        }
    }
}

impl IdReader {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting, card_present: false, module_id: None }
    }

    #[must_use]
    pub fn new(baud: Baud, timings: Timings) -> Self {
        Self {
            home_baud: baud,
            baud,
            timings,
            phase: Phase::Offline,
            status: Self::new_status(),
            deframer: Deframer::new(),
            read: None,
            last_find: None,
            n_garbage: 0,
            heard_bytes: false,
            n_distrusts: 0,
        }
    }

    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// Rate the module was found at.
    #[must_use]
    pub const fn baud(&self) -> Baud {
        self.baud
    }

    fn on_link_up(&mut self, now: Moment, out: &mut Outputs) {
        self.deframer.reset();
        self.n_garbage = 0;
        self.heard_bytes = false;
        self.baud = self.home_baud;
        self.send(Step::Greet, now, out);
    }

    fn on_link_down(&mut self, out: &mut Outputs) {
        self.go_offline(Fault::Missing, out);
    }

    /// Leaves the link; whoever waits is told once.
    fn go_offline(&mut self, fault: Fault, out: &mut Outputs) {
        self.deframer.reset();
        self.phase = Phase::Offline;
        self.last_find = None;
        self.status.card_present = false;
        self.go_down(fault, out);
    }

    fn go_down(&mut self, fault: Fault, out: &mut Outputs) {
        self.status.health = Health::Down(fault);
        self.refuse(Refusal::DeviceDown(fault), out);
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
            Request::Read(what) => self.on_read(id, what, now, out),
            Request::Stop => {
                self.refuse(Refusal::Stopped, out);
                out.push(Output::Tell(Event::Done(id, Reply::Stopped)));
            }
        }
    }

    fn on_read(&mut self, id: RequestId, what: ReadWhat, now: Moment, out: &mut Outputs) {
        let refusal = match (&self.read, self.status.health) {
            (Some(_), _) => Some(Refusal::Stopped),
            (None, Health::Down(fault)) => Some(Refusal::DeviceDown(fault)),
            (None, Health::Starting | Health::Ready) => None,
        };
        if let Some(refusal) = refusal {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        self.read =
            Some(Reading { id, what, card: None, n_select_fails: 0, n_restarts: 0, n_resets: 0 });
        if let Phase::Resting { .. } = self.phase {
            self.rest(now);
        }
    }

    fn on_chunk(&mut self, mut chunk: &[u8], now: Moment, out: &mut Outputs) {
        if self.phase == Phase::Offline {
            return;
        }
        self.heard_bytes |= !chunk.is_empty();
        if let Phase::Draining { wait, limit_at, .. } = self.phase {
            let quiet_at = now.plus_ms(self.timings.quiet_ms(self.baud));
            self.phase = Phase::Draining { wait, quiet_at: quiet_at.min(limit_at), limit_at };
            return;
        }
        while let Some(item) = self.deframer.next(&mut chunk) {
            match item {
                Ok(body) => self.on_frame(&body, now, out),
                Err(garbage) => self.on_garbage(garbage, now, out),
            }
            // The rest of the chunk came before the drain began and is part of what it eats; and what
            // came before a command was sent is no answer to it.
            let has_sent = out.iter().any(|output| matches!(output, Output::Write(_)));
            if has_sent || matches!(self.phase, Phase::Draining { .. } | Phase::Offline) {
                self.deframer.reset();
                return;
            }
        }
    }

    fn on_frame(&mut self, body: &Body, now: Moment, out: &mut Outputs) {
        match (self.phase, Report::decode(body)) {
            (Phase::Waiting(wait), Ok(report)) if answers::fits(wait.step, &report) => {
                self.n_garbage = 0;
                self.on_answer(wait, &report, now, out);
            }
            // An answer nobody waits for, most likely a late one: the wait goes on.
            (_, Ok(_) | Err(_)) => self.count_garbage(out),
        }
    }

    fn on_garbage(&mut self, garbage: Garbage, now: Moment, out: &mut Outputs) {
        self.count_garbage(out);
        match (garbage, self.phase) {
            // A broken frame is very likely the awaited answer: no need to wait for the time-out.
            (Garbage::Checksum { .. } | Garbage::Length { .. }, Phase::Waiting(wait)) => {
                self.drain(wait, now);
            }
            (Garbage::Noise { .. } | Garbage::Checksum { .. } | Garbage::Length { .. }, _) => {}
        }
    }

    fn count_garbage(&mut self, out: &mut Outputs) {
        self.n_garbage = self.n_garbage.saturating_add(1);
        if self.n_garbage >= N_GARBAGE_MAX {
            self.give_up_link(CloseReason::Garbage, out);
        }
    }

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match self.phase {
            Phase::Offline => {}
            Phase::Waiting(wait) => {
                if !self.deframer.is_empty() {
                    self.count_garbage(out);
                }
                if self.phase != Phase::Offline {
                    self.drain(wait, now);
                }
            }
            Phase::Draining { wait, .. } => self.repeat(wait, now, out),
            Phase::Resting { next, .. } => self.send(next, now, out),
            Phase::Stuck { .. } => self.send(Step::Greet, now, out),
        }
    }

    fn drain(&mut self, wait: Wait, now: Moment) {
        self.deframer.reset();
        self.phase = Phase::Draining {
            wait,
            quiet_at: now.plus_ms(self.timings.quiet_ms(self.baud)),
            limit_at: now.plus_ms(self.timings.drain_limit_ms),
        };
    }

    fn repeat(&mut self, wait: Wait, now: Moment, out: &mut Outputs) {
        if wait.step.is_of_a_read() && !self.is_for_open_read(wait) {
            return self.rest(now);
        }
        if wait.n_repeats < wait.step.n_repeats_max() {
            return self.send_again(wait, now, out);
        }
        match wait.step {
            // First all rates from the beginning; a module found at another rate must greet.
            Step::Greet if self.baud == self.home_baud => self.probe(None, now, out),
            Step::Probe(tried) => self.probe(Some(tried), now, out),
            // Something answers: the card or the long answer is the matter, not the reader.
            Step::Read(_) | Step::Added if self.n_garbage > 0 => {
                self.refuse(Refusal::LayAgain, out);
                self.rest(now);
            }
            Step::Greet
            | Step::Read(_)
            | Step::Added
            | Step::Alive
            | Step::Find
            | Step::Select
            | Step::StillThere
            | Step::ResetModule => self.give_up_link(self.close_reason(), out),
        }
    }

    /// Asks for a sign of life at the next rate: the usual one first, then the others.
    fn probe(&mut self, tried: Option<Baud>, now: Moment, out: &mut Outputs) {
        let others = Baud::ALL.into_iter().filter(|baud| *baud != self.home_baud);
        let mut rates = std::iter::once(self.home_baud).chain(others);
        let next = match tried {
            None => rates.next(),
            Some(tried) => rates.skip_while(|baud| *baud != tried).nth(1),
        };
        let Some(baud) = next else {
            let reason = if self.heard_bytes { CloseReason::Garbage } else { CloseReason::Silent };
            return self.give_up_link(reason, out);
        };
        if baud != self.baud {
            self.baud = baud;
            out.push(Output::SetLineBaud(baud.rate()));
        }
        self.send(Step::Probe(baud), now, out);
    }

    fn is_for_open_read(&self, wait: Wait) -> bool {
        self.read.as_ref().is_some_and(|read| wait.for_read == Some(read.id))
    }

    const fn close_reason(&self) -> CloseReason {
        if self.n_garbage > 0 { CloseReason::Garbage } else { CloseReason::Silent }
    }

    fn send(&mut self, step: Step, now: Moment, out: &mut Outputs) {
        if step == Step::Find {
            self.last_find = Some(now);
        }
        let command = step.command();
        let deadline = now.plus_ms(self.timings.answer_ms(command, self.baud));
        let for_read = self.read.as_ref().map(|read| read.id);
        self.phase = Phase::Waiting(Wait { step, for_read, deadline, n_repeats: 0 });
        out.push(Output::Write(command.encode()));
    }

    fn send_again(&mut self, wait: Wait, now: Moment, out: &mut Outputs) {
        self.send(wait.step, now, out);
        if let Phase::Waiting(again) = &mut self.phase {
            again.n_repeats = wait.n_repeats + 1;
        }
    }

    /// Nothing is out: decides what is sent next and when.
    fn rest(&mut self, now: Moment) {
        let t = self.timings;
        let (next, at) = if self.status.card_present {
            (Step::StillThere, now.plus_ms(t.present_poll_ms))
        } else if self.read.is_some() {
            (Step::Find, self.last_find.map_or(now, |last| last.plus_ms(t.poll_ms).max(now)))
        } else {
            (Step::Alive, now.plus_ms(t.idle_check_ms))
        };
        self.phase = Phase::Resting { next, at };
    }

    /// Ends the open `Read`, if any.
    fn refuse(&mut self, refusal: Refusal, out: &mut Outputs) {
        if let Some(read) = self.read.take() {
            out.push(Output::Tell(Event::Refused(read.id, refusal)));
        }
    }
}

impl Machine for IdReader {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let before = self.status.clone();
        let was_open = self.read.as_ref().map(|read| read.id);
        let mut out = Outputs::new();
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::LinkUp | Input::LinkDown | Input::Chunk(_) | Input::Tick => None,
        };
        match input {
            Input::LinkUp => self.on_link_up(now, &mut out),
            Input::LinkDown => self.on_link_down(&mut out),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(id, ask) => self.on_ask(id, ask, now, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status.clone())));
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Offline => None,
            Phase::Waiting(wait) => Some(wait.deadline),
            Phase::Draining { quiet_at, limit_at, .. } => Some(quiet_at.min(limit_at)),
            Phase::Resting { at, .. } => Some(at),
            Phase::Stuck { check_at } => Some(check_at),
        }
    }

    fn wire(&self) -> Box<dyn Shown> {
        Box::<Frames>::default()
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Offline => "offline",
            Phase::Stuck { .. } => "stuck",
            Phase::Waiting(Wait { step, .. }) | Phase::Draining { wait: Wait { step, .. }, .. } => {
                match step {
                    Step::Greet | Step::Probe(_) => "greeting",
                    Step::Alive | Step::StillThere => "idle",
                    Step::Find => "searching",
                    Step::Select | Step::Read(_) | Step::Added | Step::ResetModule => "reading",
                }
            }
            Phase::Resting { .. } if self.read.is_some() => "searching",
            Phase::Resting { .. } => "idle",
        }
    }
}
