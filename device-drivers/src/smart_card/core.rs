//! The conversation with a chip card in a reader of pcscd, without input or output.
//!
//! It decides which card is read and when, what its answers mean, when to try again and when to
//! give up; it answers each request exactly once. It does not decide what a card is good for.
//!
//! ```text
//!            ┌────────── taken out, let go, refused, done ──────────┐
//!            ▼                                                      │
//!  Resting ──card in, Read open──▶ Connecting ──▶ Talking ──answer──┤ (next command)
//!            ▲                       ▲    │          │              │
//!            │                       └────┴─ Pausing ◀ no power, broken answer: N_TRIES_MAX
//!            └─ no answer in time: the card is left alone until it is taken out
//! ```
//!
//! A card serves one request: what was read or refused, what was in the slot when the reader was
//! found, and what is in it when a visit ends is `Used` until it is taken out. The next person
//! never reads the last one's card.

mod invariants;
mod social;

use device_api::{
    RequestId,
    smart_card::{Event, Fault, Health, Refusal, Reply, Request, Slot, Status},
};
use kiosk_words::{Moment, Private};

use self::social::{Next, SocialReading};
use super::{
    codec::{Exchange, Protocol, Turn},
    timings::Timings,
};

/// So often a card is powered up for one request: reading changes nothing on it.
const N_TRIES_MAX: u8 = 3;

/// What the terminal (the reader, its daemon and the slot) says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// No reader to work with.
    Down(Fault),
    Empty,
    /// There was a card in the slot when the reader was found: nobody knows whose.
    FoundInside,
    Inserted,
    /// The card has power, and nobody else talks to it.
    Connected(Protocol),
    Answer(Private<Vec<u8>>),
    Failed(Failure),
}

/// Why a card could not be connected or did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Removed,
    /// Another program holds it.
    InUse,
    /// No power, no answer to it, or a broken one.
    Broken,
    /// Too many calls into the daemon have not come back.
    Stuck,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Heard(Heard),
    Ask(RequestId, Request),
    /// The deadline is reached (an early or late tick does no harm).
    Tick,
}

/// What is wanted of the terminal, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Answered by `Connected` or `Failed`.
    Connect,
    /// Answered by `Answer` or `Failed`.
    Transmit(Private<Vec<u8>>),
    /// Power off; nothing that was asked before is heard any more, even if it comes.
    LetGo,
    Tell(Event),
}

impl Output {
    /// What the app is told.
    #[must_use]
    pub const fn told(&self) -> Option<&Event> {
        match self {
            Self::Tell(event) => Some(event),
            Self::Connect | Self::Transmit(_) | Self::LetGo => None,
        }
    }
}

type Outputs = Vec<Output>;

/// The driver of one slot.
#[derive(Debug)]
pub struct SmartCardReader {
    timings: Timings,
    status: Status,
    phase: Phase,
    /// The open `Read`.
    read: Option<RequestId>,
}

#[derive(Debug)]
enum Phase {
    /// Nothing is out.
    Resting,
    Connecting {
        deadline: Moment,
        n_tries: u8,
    },
    /// Before the card is connected once more.
    Pausing {
        until: Moment,
        n_tries: u8,
    },
    Talking {
        protocol: Protocol,
        exchange: Exchange,
        reading: Box<SocialReading>,
        deadline: Moment,
        n_tries: u8,
    },
}

impl SmartCardReader {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting, slot: Slot::Empty }
    }

    #[must_use]
    pub const fn new(timings: Timings) -> Self {
        Self { timings, status: Self::new_status(), phase: Phase::Resting, read: None }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let before = self.status;
        let was_open = self.read;
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::Heard(_) | Input::Tick => None,
        };
        let mut out = Outputs::new();
        match input {
            Input::Heard(heard) => self.on_heard(heard, now, &mut out),
            Input::Ask(id, Request::Read) => self.on_read(id, now, &mut out),
            Input::Ask(id, Request::Stop) => self.on_stop(id, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    /// When `Input::Tick` must come next, if ever.
    #[must_use]
    pub const fn deadline(&self) -> Option<Moment> {
        match &self.phase {
            Phase::Resting => None,
            Phase::Connecting { deadline, .. } | Phase::Talking { deadline, .. } => Some(*deadline),
            Phase::Pausing { until, .. } => Some(*until),
        }
    }

    /// One word for the log: never personal data.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (&self.phase, self.status.health) {
            (Phase::Connecting { .. }, _) => "connecting",
            (Phase::Pausing { .. }, _) => "pausing",
            (Phase::Talking { .. }, _) => "talking",
            (Phase::Resting, Health::Starting) => "starting",
            (Phase::Resting, Health::Down(_)) => "down",
            (Phase::Resting, Health::Ready) => "resting",
        }
    }

    fn on_heard(&mut self, heard: Heard, now: Moment, out: &mut Outputs) {
        match heard {
            Heard::Down(fault) => self.go_down(fault, out),
            Heard::Empty => {
                self.put_slot(Slot::Empty);
                if self.is_working() {
                    self.end(Err(Refusal::TakenOut), Slot::Empty, out);
                }
            }
            Heard::FoundInside => {
                self.put_slot(Slot::Used);
                if self.is_working() {
                    self.end(Err(Refusal::InsertAgain), Slot::Used, out);
                }
            }
            Heard::Inserted => {
                self.put_slot(Slot::Card);
                if self.read.is_some() && !self.is_working() {
                    self.connect(1, now, out);
                }
            }
            Heard::Connected(protocol) => self.on_connected(protocol, now, out),
            Heard::Answer(bytes) => self.on_answer(&bytes, now, out),
            Heard::Failed(failure) => self.on_failed(failure, now, out),
        }
    }

    const fn put_slot(&mut self, slot: Slot) {
        self.status = Status { health: Health::Ready, slot };
    }

    fn go_down(&mut self, fault: Fault, out: &mut Outputs) {
        self.status = Status { health: Health::Down(fault), slot: Slot::Empty };
        if self.is_working() {
            self.phase = Phase::Resting;
            out.push(Output::LetGo);
        }
        self.refuse(Refusal::DeviceDown(fault), out);
    }

    const fn is_working(&self) -> bool {
        !matches!(self.phase, Phase::Resting)
    }

    fn on_read(&mut self, id: RequestId, now: Moment, out: &mut Outputs) {
        let refusal = match (self.read, self.status.health) {
            (Some(_), _) => Some(Refusal::Stopped),
            (None, Health::Down(fault)) => Some(Refusal::DeviceDown(fault)),
            (None, Health::Starting | Health::Ready) => None,
        };
        if let Some(refusal) = refusal {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        self.read = Some(id);
        if self.status.slot == Slot::Card {
            self.connect(1, now, out);
        }
    }

    fn on_stop(&mut self, id: RequestId, out: &mut Outputs) {
        let slot = match self.status.slot {
            Slot::Empty => Slot::Empty,
            Slot::Card | Slot::Used => Slot::Used,
        };
        self.end(Err(Refusal::Stopped), slot, out);
        out.push(Output::Tell(Event::Done(id, Reply::Stopped)));
    }

    fn connect(&mut self, n_tries: u8, now: Moment, out: &mut Outputs) {
        let deadline = now.plus_ms(self.timings.connect_ms);
        self.phase = Phase::Connecting { deadline, n_tries };
        out.push(Output::Connect);
    }

    fn on_connected(&mut self, protocol: Protocol, now: Moment, out: &mut Outputs) {
        let Phase::Connecting { n_tries, .. } = self.phase else { return };
        let (reading, command) = SocialReading::begin();
        let (exchange, bytes) = Exchange::begin(command, protocol);
        let deadline = now.plus_ms(self.timings.answer_ms);
        let reading = Box::new(reading);
        self.phase = Phase::Talking { protocol, exchange, reading, deadline, n_tries };
        out.push(Output::Transmit(bytes));
    }

    fn on_answer(&mut self, bytes: &Private<Vec<u8>>, now: Moment, out: &mut Outputs) {
        // Also the rest of a conversation that has ended.
        let Phase::Talking { protocol, exchange, reading, deadline, .. } = &mut self.phase else {
            return;
        };
        // A card that is gone is told by an empty answer, too (measured with pcscd 1.9.9).
        if bytes.expose().len() < 2 {
            return self.on_failed(Failure::Removed, now, out);
        }
        let send = match exchange.hear(bytes.expose()) {
            Ok(Turn::Send(bytes)) => bytes,
            Ok(Turn::Done(answer)) => match reading.hear(&answer) {
                Next::Ask(command) => {
                    let (next, bytes) = Exchange::begin(command, *protocol);
                    *exchange = next;
                    bytes
                }
                Next::Card(card) => {
                    return self.end(Ok(Reply::SocialCard(card)), Slot::Used, out);
                }
                Next::Refused(why) => return self.end(Err(why), Slot::Used, out),
            },
            Err(_) => return self.on_failed(Failure::Broken, now, out),
        };
        *deadline = now.plus_ms(self.timings.answer_ms);
        out.push(Output::Transmit(send));
    }

    fn on_failed(&mut self, failure: Failure, now: Moment, out: &mut Outputs) {
        let n_tries = match self.phase {
            Phase::Connecting { n_tries, .. } | Phase::Talking { n_tries, .. } => n_tries,
            Phase::Resting | Phase::Pausing { .. } => return,
        };
        match failure {
            Failure::Removed => self.end(Err(Refusal::TakenOut), Slot::Used, out),
            Failure::Stuck => self.go_down(Fault::Stuck, out),
            Failure::InUse | Failure::Broken if n_tries < N_TRIES_MAX => {
                out.push(Output::LetGo);
                let until = now.plus_ms(self.timings.again_ms);
                self.phase = Phase::Pausing { until, n_tries };
            }
            Failure::InUse => self.end(Err(Refusal::InUse), Slot::Used, out),
            Failure::Broken => self.end(Err(Refusal::InsertAgain), Slot::Used, out),
        }
    }

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match self.phase {
            Phase::Resting => {}
            Phase::Pausing { n_tries, .. } => self.connect(n_tries + 1, now, out),
            Phase::Connecting { .. } | Phase::Talking { .. } => {
                self.end(Err(Refusal::Stalled), Slot::Used, out);
            }
        }
    }

    /// The open request, if any, is answered and the card let go.
    fn end(&mut self, outcome: Result<Reply, Refusal>, slot: Slot, out: &mut Outputs) {
        if self.is_working() {
            self.phase = Phase::Resting;
            out.push(Output::LetGo);
        }
        self.status.slot = slot;
        match outcome {
            Ok(reply) => {
                if let Some(id) = self.read.take() {
                    out.push(Output::Tell(Event::Done(id, reply)));
                }
            }
            Err(why) => self.refuse(why, out),
        }
    }

    fn refuse(&mut self, why: Refusal, out: &mut Outputs) {
        if let Some(id) = self.read.take() {
            out.push(Output::Tell(Event::Refused(id, why)));
        }
    }
}
