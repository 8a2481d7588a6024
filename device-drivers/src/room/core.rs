//! The conversation with a room board, without input or output.
//!
//! It decides when the inputs are looked at and when they are believed, which relay is told what
//! and how often, and when a board is given up; it answers each request exactly once. It does not
//! decide what a pressed button or an open door means.
//!
//! ```text
//!  Offline ──LinkUp──▶ Resting ──inputs due, relay to tell, relays due──▶ Waiting
//!     ▲                 ▲  ▲                                               │  │ no answer
//!     │ LinkDown        │  └───────────────── answer ──────────────────────┘  ▼
//!     │                 │ late answer ◀─────────────────────────────────── Draining ──▶ Waiting
//!     └── Down: Silent, Garbage, Unfit ◀──── N_REPEATS_MAX times, noise, refusals ──────────┘
//! ```
//!
//! **Greeting.** The facts name no register that says what board this is. A board is taken for the
//! right one when it tells eight inputs and eight relays; until both are known it is `Starting`.
//!
//! **Echo.** A line that echoes gives every command to set a relay back as the board would. So that
//! answer means nothing, and an output is what the relays are read back as. The true answer comes
//! behind the echo: nothing is sent into it.
//!
//! **After a loss** nothing is known. The relays are read first; what differs from what was asked
//! for last is told again, as a state and never as a pulse. An output that nobody asked for is left
//! as it is found.

mod debounce;
mod invariants;
#[cfg(test)]
mod tests;
mod wishes;

use device_api::{
    RequestId,
    room::{Event, Fault, Health, Request, Status},
};
use kiosk_words::Moment;

use self::{debounce::Debounced, wishes::Wishes};
use super::{
    Settings,
    codec::{Bits, Command, Deframer, Item, Report},
    timings::Timings,
};
use crate::{
    machine::{CloseReason, Input, Machine, Output},
    wire::{Plain, Shown},
};

/// A command is sent again at most so often when nothing answers: all of them set or read a state.
const N_REPEATS_MAX: u8 = 2;
/// So often a board may refuse to be read before it is taken for another one.
const N_REFUSALS_MAX: u8 = 3;
/// So many bytes without an answer between, half a second of a full line, and it is opened anew.
const NOISE_LEN_MAX: usize = 512;

type Outputs = Vec<Output<Event>>;

/// The driver of one board.
#[derive(Debug)]
pub struct Room {
    settings: Settings,
    timings: Timings,
    phase: Phase,
    status: Status,
    deframer: Deframer,
    inputs: Debounced,
    /// As read last.
    relays: Option<Bits>,
    wishes: Wishes,
    inputs_due: Moment,
    /// Absent until the next look at the inputs.
    relays_due: Option<Moment>,
    /// When what has begun on the line is over, if nothing more comes.
    silent_at: Option<Moment>,
    /// Bytes since the last answer.
    noise_len: usize,
    n_refusals: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Offline,
    /// Nothing is out, and nothing is sent before.
    Resting {
        until: Moment,
    },
    /// A command is out.
    Waiting {
        command: Command,
        sent: Moment,
        deadline: Moment,
        n_repeats: u8,
    },
    /// Nobody answered in time; the line is listened to before it is sent again.
    Draining {
        command: Command,
        sent: Moment,
        until: Moment,
        n_repeats: u8,
    },
}

impl Room {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting, inputs: None, outputs: None, disobeys: None }
    }

    #[must_use]
    pub fn new(settings: Settings, timings: Timings) -> Self {
        Self {
            settings,
            timings,
            phase: Phase::Offline,
            status: Self::new_status(),
            deframer: Deframer::new(settings.address),
            inputs: Debounced::default(),
            relays: None,
            wishes: Wishes::default(),
            inputs_due: Moment(0),
            relays_due: None,
            silent_at: None,
            noise_len: 0,
            n_refusals: 0,
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    fn on_link_up(&mut self, now: Moment, out: &mut Outputs) {
        self.forget();
        (self.inputs_due, self.relays_due) = (now, None);
        self.phase = Phase::Resting { until: now };
        self.look_for_work(now, out);
    }

    /// Leaves the link; whoever waits is told once.
    fn go_offline(&mut self, fault: Fault, out: &mut Outputs) {
        self.forget();
        self.phase = Phase::Offline;
        self.status.health = Health::Down(fault);
        out.extend(self.wishes.board_down(fault).into_iter().map(Output::Tell));
    }

    /// What was known of the line and of the room.
    fn forget(&mut self) {
        self.deframer.reset();
        self.silent_at = None;
        (self.noise_len, self.n_refusals) = (0, 0);
        self.inputs = Debounced::default();
        self.relays = None;
    }

    /// Closes the link so that the pump opens it anew.
    fn give_up_link(&mut self, fault: Fault, out: &mut Outputs) {
        self.go_offline(fault, out);
        let reason = match fault {
            Fault::Silent | Fault::Missing => CloseReason::Silent,
            Fault::Garbage | Fault::Unfit => CloseReason::Garbage,
        };
        out.push(Output::CloseLink(reason));
    }

    fn on_ask(&mut self, id: RequestId, ask: Request, now: Moment, out: &mut Outputs) {
        let Request::Set { output, on } = ask;
        out.extend(self.wishes.want(id, output, on, now).map(Output::Tell));
        self.relays_due = Some(now);
        match self.status.health {
            Health::Down(fault) => {
                out.extend(self.wishes.board_down(fault).into_iter().map(Output::Tell));
            }
            Health::Starting | Health::Ready => self.look_for_work(now, out),
        }
    }

    // ---- what comes in ----

    fn on_chunk(&mut self, mut chunk: &[u8], now: Moment, out: &mut Outputs) {
        if self.phase == Phase::Offline {
            return;
        }
        self.noise_len += chunk.len();
        if let Phase::Resting { until } = &mut self.phase {
            *until = (*until).max(now.plus_ms(self.timings.gap_ms));
        }
        while let Some(item) = self.deframer.next(&mut chunk) {
            match item {
                Ok(Item::Report(report)) => self.on_report(report, now, out),
                Ok(Item::Echo) => self.noise_len = 0,
                // Counted in bytes.
                Err(_) => {}
            }
            if self.phase == Phase::Offline {
                return;
            }
        }
        if self.noise_len > NOISE_LEN_MAX {
            return self.give_up_link(Fault::Garbage, out);
        }
        let torn_at = now.plus_ms(self.timings.torn_ms);
        self.silent_at = (!self.deframer.is_empty()).then_some(torn_at);
    }

    fn on_report(&mut self, report: Report, now: Moment, out: &mut Outputs) {
        let (command, sent) = match self.phase {
            Phase::Waiting { command, sent, .. } | Phase::Draining { command, sent, .. } => {
                (command, sent)
            }
            Phase::Resting { .. } | Phase::Offline => return,
        };
        // Late, or of another command: the wait goes on.
        if !report.answers(command) {
            return;
        }
        self.noise_len = 0;
        self.phase = Phase::Resting { until: now.plus_ms(self.timings.gap_ms) };
        match report {
            Report::Inputs(bits) => {
                self.n_refusals = 0;
                self.inputs.see(self.settings.wiring.inputs(bits), &self.timings, now);
                self.inputs_due = now.plus_ms(self.timings.look_every_ms);
                self.relays_due = Some(now);
            }
            Report::Relays(bits) => self.on_relays(bits, sent, now, out),
            Report::Heard { .. } => {
                let until = now.plus_ms(self.timings.settle_ms);
                self.phase = Phase::Resting { until };
                self.relays_due = Some(until);
            }
            Report::Refused { .. } => self.on_refused(command, now, out),
        }
        self.look_for_work(now, out);
    }

    fn on_relays(&mut self, bits: Bits, sent: Moment, now: Moment, out: &mut Outputs) {
        self.n_refusals = 0;
        self.relays = Some(bits);
        let outputs = self.settings.wiring.outputs(bits);
        let told = self.wishes.read_back(outputs, sent, &self.timings, now);
        out.extend(told.into_iter().map(Output::Tell));
        // Or else somebody asked while this answer was on its way.
        self.relays_due = self.wishes.open().next().map(|_| now);
    }

    fn on_refused(&mut self, command: Command, now: Moment, out: &mut Outputs) {
        if let Command::SetRelay { .. } = command {
            // That it stays as it was is told by what is read back.
            self.relays_due = Some(now);
            return;
        }
        self.n_refusals += 1;
        if self.n_refusals >= N_REFUSALS_MAX {
            return self.give_up_link(Fault::Unfit, out);
        }
        let again = now.plus_ms(self.timings.look_every_ms);
        (self.inputs_due, self.relays_due) = (again, None);
    }

    // ---- what goes out ----

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if self.silent_at.is_some_and(|at| now >= at) {
            self.silent_at = None;
            self.deframer.falls_silent();
        }
        match self.phase {
            Phase::Waiting { deadline, n_repeats, .. } if now >= deadline => {
                if n_repeats < N_REPEATS_MAX {
                    self.drain(now);
                } else {
                    let fault = if self.noise_len == 0 { Fault::Silent } else { Fault::Garbage };
                    self.give_up_link(fault, out);
                }
            }
            Phase::Draining { command, until, n_repeats, .. } if now >= until => {
                self.send(command, n_repeats + 1, now, out);
            }
            Phase::Resting { .. } => self.look_for_work(now, out),
            Phase::Waiting { .. } | Phase::Draining { .. } | Phase::Offline => {}
        }
    }

    fn drain(&mut self, now: Moment) {
        if let Phase::Waiting { command, sent, n_repeats, .. } = self.phase {
            let until = now.plus_ms(self.timings.drain_ms);
            self.phase = Phase::Draining { command, sent, until, n_repeats };
        }
    }

    /// The button first: nothing that is told to a relay may keep it waiting.
    fn look_for_work(&mut self, now: Moment, out: &mut Outputs) {
        let Phase::Resting { until } = self.phase else { return };
        if now < until {
            return;
        }
        if now >= self.inputs_due {
            return self.send(Command::ReadInputs, 0, now, out);
        }
        let wiring = self.settings.wiring;
        let to_tell = self.relays.and_then(|bits| self.wishes.to_tell(&wiring, bits, now));
        if let Some((output, on)) = to_tell {
            self.wishes.told(output);
            let wire = wiring.output(output);
            let command = Command::SetRelay { relay: wire.relay, on: wire.pulls_for(on) };
            self.send(command, 0, now, out);
        } else if self.relays_due.is_some_and(|due| now >= due) {
            self.send(Command::ReadRelays, 0, now, out);
        }
    }

    fn send(&mut self, command: Command, n_repeats: u8, now: Moment, out: &mut Outputs) {
        let deadline = now.plus_ms(self.timings.answer_ms);
        self.phase = Phase::Waiting { command, sent: now, deadline, n_repeats };
        out.push(Output::Write(command.encode(self.settings.address)));
    }

    /// When something is due on a line where nothing is out.
    fn next_work(&self) -> Moment {
        let tell = self.relays.and_then(|bits| self.wishes.next_try(&self.settings.wiring, bits));
        [tell, self.relays_due].into_iter().flatten().fold(self.inputs_due, Moment::min)
    }

    fn see_status(&mut self) {
        let wiring = self.settings.wiring;
        let known = self.inputs.known().zip(self.relays);
        self.status.inputs = known.map(|(inputs, _)| inputs);
        self.status.outputs = known.map(|(_, bits)| wiring.outputs(bits));
        self.status.disobeys = known.and_then(|(_, bits)| self.wishes.disobeys(&wiring, bits));
        if known.is_some() {
            self.status.health = Health::Ready;
        }
    }
}

impl Machine for Room {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let before = self.status;
        let mut out = Outputs::new();
        let mut waiting: Vec<RequestId> = self.wishes.open().collect();
        match input {
            Input::LinkUp => self.on_link_up(now, &mut out),
            Input::LinkDown => self.go_offline(Fault::Missing, &mut out),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(id, ask) => {
                waiting.push(id);
                self.on_ask(id, ask, now, &mut out);
            }
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.see_status();
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        self.check_invariants(&waiting, &out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        let due = match self.phase {
            Phase::Waiting { deadline, .. } => Some(deadline),
            Phase::Draining { until, .. } => Some(until),
            Phase::Resting { until } => Some(until.max(self.next_work())),
            Phase::Offline => None,
        };
        [due, self.silent_at].into_iter().flatten().min()
    }

    /// Nothing of a person is ever on this line.
    fn wire(&self) -> Box<dyn Shown> {
        Box::new(Plain)
    }

    fn state(&self) -> &'static str {
        match (self.phase, self.status.health) {
            (Phase::Offline, _) => "offline",
            (_, Health::Ready) if self.wishes.open().next().is_some() => "setting",
            (_, Health::Ready) => "idle",
            (_, Health::Starting | Health::Down(_)) => "greeting",
        }
    }
}
