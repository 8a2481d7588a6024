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
//!
//!  Talking ──staff card read──▶ Waiting ──Prove: PIN, once──▶ Talking ──proof──▶ Resting
//!                                │  ▲───────── wrong PIN ───────┘
//!                                └─ taken out, let go, too long ─▶ Resting
//! ```
//!
//! A card serves one read: what was read or refused, what was in the slot when the reader was
//! found, and what is in it when a visit ends is `Used` until it is taken out. The next person
//! never reads the last one's card. A staff card keeps its power after its read until it was asked
//! for its proof; a PIN is never sent a second time by the driver.

mod invariants;
mod social;
mod staff;
mod talk;

use device_api::{
    RequestId,
    smart_card::{Challenge, Event, Fault, Health, Pin, Refusal, Reply, Request, Slot, Status},
};
use kiosk_words::{Moment, Private};

use self::talk::{Next, Talk};
use super::{
    codec::{Command, Exchange, Protocol, Turn},
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
    /// The open `Read` or `Prove`, and what is to be signed for it.
    open: Option<(RequestId, Challenge)>,
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
        talk: Box<Talk>,
        deadline: Moment,
        n_tries: u8,
    },
    /// A staff card has power and waits for its PIN.
    Waiting {
        protocol: Protocol,
        until: Moment,
    },
}

impl SmartCardReader {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting, slot: Slot::Empty }
    }

    #[must_use]
    pub const fn new(timings: Timings) -> Self {
        Self { timings, status: Self::new_status(), phase: Phase::Resting, open: None }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let before = self.status;
        let was_open = self.open_id();
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::Heard(_) | Input::Tick => None,
        };
        let mut out = Outputs::new();
        match input {
            Input::Heard(heard) => self.on_heard(heard, now, &mut out),
            Input::Ask(id, Request::Read { challenge }) => {
                self.on_read(id, challenge, now, &mut out);
            }
            Input::Ask(id, Request::Prove { pin, challenge }) => {
                self.on_prove(id, &pin, challenge, now, &mut out);
            }
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
            Phase::Pausing { until, .. } | Phase::Waiting { until, .. } => Some(*until),
        }
    }

    /// One word for the log: never personal data.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (&self.phase, self.status.health) {
            (Phase::Connecting { .. }, _) => "connecting",
            (Phase::Pausing { .. }, _) => "pausing",
            (Phase::Talking { .. }, _) => "talking",
            (Phase::Waiting { .. }, _) => "waiting",
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
                // Another card than the one that was asked, or that waits.
                if self.is_working() {
                    self.end(Err(Refusal::TakenOut), Slot::Card, out);
                } else if self.open.is_some() {
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
        self.let_go(out);
        self.answer(Err(Refusal::DeviceDown(fault)), out);
    }

    const fn is_working(&self) -> bool {
        !matches!(self.phase, Phase::Resting)
    }

    fn open_id(&self) -> Option<RequestId> {
        self.open.map(|(id, _)| id)
    }

    /// Why nothing can be begun now.
    const fn refusal(&self) -> Option<Refusal> {
        match (self.open, self.status.health) {
            (Some(_), _) => Some(Refusal::Stopped),
            (None, Health::Down(fault)) => Some(Refusal::DeviceDown(fault)),
            (None, Health::Starting | Health::Ready) => None,
        }
    }

    fn on_read(&mut self, id: RequestId, challenge: Challenge, now: Moment, out: &mut Outputs) {
        if let Some(refusal) = self.refusal() {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        // A staff card that still waits is given up.
        self.let_go(out);
        self.open = Some((id, challenge));
        if self.status.slot == Slot::Card {
            self.connect(1, now, out);
        }
    }

    fn on_prove(
        &mut self,
        id: RequestId,
        pin: &Pin,
        challenge: Challenge,
        now: Moment,
        out: &mut Outputs,
    ) {
        let protocol = match (self.refusal(), &self.phase) {
            (None, Phase::Waiting { protocol, .. }) => Ok(*protocol),
            (Some(refusal), _) => Err(refusal),
            (None, _) => Err(Refusal::NotWaiting),
        };
        match protocol {
            Ok(protocol) => {
                self.open = Some((id, challenge));
                // Never tried again: a PIN that was sent may have been counted.
                self.talk(Talk::prove(pin, challenge), protocol, N_TRIES_MAX, now, out);
            }
            Err(refusal) => out.push(Output::Tell(Event::Refused(id, refusal))),
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
        let Some((_, challenge)) = self.open else { return };
        self.talk(Talk::read(challenge), protocol, n_tries, now, out);
    }

    fn talk(
        &mut self,
        (talk, command): (Talk, Command),
        protocol: Protocol,
        n_tries: u8,
        now: Moment,
        out: &mut Outputs,
    ) {
        let (exchange, bytes) = Exchange::begin(command, protocol);
        let deadline = now.plus_ms(self.timings.answer_ms);
        let talk = Box::new(talk);
        self.phase = Phase::Talking { protocol, exchange, talk, deadline, n_tries };
        out.push(Output::Transmit(bytes));
    }

    fn on_answer(&mut self, bytes: &Private<Vec<u8>>, now: Moment, out: &mut Outputs) {
        // Also the rest of a conversation that has ended.
        let Phase::Talking { protocol, exchange, talk, deadline, .. } = &mut self.phase else {
            return;
        };
        // A card that is gone is told by an empty answer, too (measured with pcscd 1.9.9).
        if bytes.expose().len() < 2 {
            return self.on_failed(Failure::Removed, now, out);
        }
        let send = match exchange.hear(bytes.expose()) {
            Ok(Turn::Send(bytes)) => bytes,
            Ok(Turn::Done(answer)) => match talk.hear(&answer) {
                Next::Ask(command) => {
                    let (next, bytes) = Exchange::begin(command, *protocol);
                    *exchange = next;
                    bytes
                }
                Next::Done(reply) => return self.end(Ok(reply), Slot::Used, out),
                Next::Waits(outcome) => {
                    let until = now.plus_ms(self.timings.waiting_ms);
                    self.phase = Phase::Waiting { protocol: *protocol, until };
                    self.status.slot = Slot::Used;
                    return self.answer(outcome, out);
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
            Phase::Resting | Phase::Pausing { .. } | Phase::Waiting { .. } => return,
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
            Phase::Waiting { .. } => self.let_go(out),
        }
    }

    /// The open request, if any, is answered and the card let go.
    fn end(&mut self, outcome: Result<Reply, Refusal>, slot: Slot, out: &mut Outputs) {
        self.let_go(out);
        self.status.slot = slot;
        self.answer(outcome, out);
    }

    fn let_go(&mut self, out: &mut Outputs) {
        if self.is_working() {
            self.phase = Phase::Resting;
            out.push(Output::LetGo);
        }
    }

    fn answer(&mut self, outcome: Result<Reply, Refusal>, out: &mut Outputs) {
        if let Some((id, _)) = self.open.take() {
            out.push(Output::Tell(match outcome {
                Ok(reply) => Event::Done(id, reply),
                Err(why) => Event::Refused(id, why),
            }));
        }
    }
}
