//! One RS-485 line and the boards on it, without input or output.
//!
//! It decides whose turn it is, how long an answer may take, what is an echo, and when a board
//! counts as down; it sends an open once and never again. It does not know doors: a reading is
//! handed up as contacts, and an open comes down as one pulse to one lock.
//!
//! ```text
//!  Offline ──LinkUp──▶ Draining ──quiet──▶ Idle ──gap over, due──▶ Waiting(Greet | Poll | Pulse)
//!     ▲                   ▲                 ▲ ▲                       │         │
//!     │ LinkDown          │  unasked noise  │ └────── answer ─────────┘         │
//!     │ CloseLink         ├─────────────────┘                                   │
//!     └───────────────────└──────── time-out, bad echo, answer still owed ──────┘
//! ```
//!
//! Greet is a query of one lock, sent until it is known whether the adapter echoes (function code
//! 33 comes back) or not (00 or 11 comes): without that an echo could be taken for a reply.
//! Poll is query all. A pulse goes before polls and is never repeated: whatever became of it, the
//! board is asked next. A reading that may be the late answer to an earlier poll is not believed:
//! the board is asked again.

mod board;
mod exchange;
mod invariants;
#[cfg(test)]
mod tests;

use device_api::{
    RequestId,
    locker::{Fault, Health},
};
use device_drivers::machine::{CloseReason, Input, Machine, Output};
use kiosk_words::Moment;

pub use self::exchange::Pulse;
use self::{
    board::{Board, Next},
    exchange::{Exchange, Job},
};
use crate::{
    cabinet::{BoardProfile, Cabinet},
    codec::{Address, Contacts, Ear, FRAME_LEN, Heard},
    timings::{Timings, gap_ms},
};

/// So many bad polls in a row, and the board is down.
const N_BAD_POLLS_MAX: u8 = 3;
/// So many bad polls of each board on a bus with none that answers, and the link is opened anew.
const N_BAD_ROUNDS_MAX: usize = 6;

type Outputs = Vec<Output<Event>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The open was written, in this step. Nothing says that it was heard.
    Pulsed(RequestId),
    /// The open was not written and will not be: its board is down, or there is no link.
    NotPulsed(RequestId),
    /// What a board answered just now.
    Seen {
        board: Address,
        contacts: Contacts,
    },
    Health {
        board: Address,
        health: Health,
    },
}

#[derive(Debug)]
pub struct Bus {
    boards: Vec<Board>,
    baud: u32,
    timings: Timings,
    phase: Phase,
    echo: Echo,
    ear: Ear,
    /// The open that waits for the line.
    pulse: Option<(RequestId, Pulse)>,
    /// The board of a door in use, polled more often.
    watched: Option<Address>,
    /// When the line was last heard.
    heard_at: Moment,
    /// When unasked noise last made every board be asked.
    stirred_at: Option<Moment>,
    /// Since the last good answer of any board.
    n_bad_polls: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Echo {
    Unknown,
    Absent,
    /// Every byte we send comes back first.
    Present,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Offline,
    /// Nothing is out. The next exchange may start at this moment.
    Idle {
        free_at: Moment,
    },
    Waiting(Exchange),
    /// Eats what still comes, until the line is quiet.
    Draining {
        quiet_at: Moment,
        limit_at: Moment,
    },
}

impl Bus {
    #[must_use]
    pub fn new(cabinet: &Cabinet, baud: u32, timings: Timings) -> Self {
        let boards = cabinet.boards().iter().map(|profile| Board::new(*profile)).collect();
        let known = cabinet.boards().iter().map(|b| (b.address(), b.n_channels()));
        Self {
            boards,
            baud,
            timings,
            phase: Phase::Offline,
            echo: Echo::Unknown,
            ear: Ear::new(known),
            pulse: None,
            watched: None,
            heard_at: Moment(0),
            stirred_at: None,
            n_bad_polls: 0,
        }
    }

    #[must_use]
    pub fn health(&self, address: Address) -> Option<Health> {
        self.boards.iter().find(|board| board.is(address)).map(|board| board.health)
    }

    /// Polls this board more often from now on, and no other.
    pub const fn watch(&mut self, board: Option<Address>) {
        self.watched = board;
    }

    /// Takes back an open that still waits for the line; it is then not answered.
    pub fn forget(&mut self, id: RequestId) {
        self.pulse = self.pulse.filter(|(waiting, _)| *waiting != id);
    }

    fn on_link_up(&mut self, now: Moment) {
        self.echo = Echo::Unknown;
        self.n_bad_polls = 0;
        for board in &mut self.boards {
            board.next = Next::AtOnce;
            board.owes = false;
            board.retries = false;
        }
        // Old bytes may lie in the adapter.
        self.heard_at = now;
        self.drain(now);
    }

    fn on_link_down(&mut self, out: &mut Outputs) {
        self.phase = Phase::Offline;
        self.echo = Echo::Unknown;
        self.ear.reset();
        for idx in 0..self.boards.len() {
            self.set_health(idx, Health::Down(Fault::Missing), out);
        }
    }

    fn on_ask(&mut self, id: RequestId, pulse: Pulse, out: &mut Outputs) {
        let is_up = self.boards.iter().any(|b| b.is(pulse.board) && b.health == Health::Ready);
        if is_up && self.pulse.is_none() {
            self.pulse = Some((id, pulse));
        } else {
            out.push(Output::Tell(Event::NotPulsed(id)));
        }
    }

    fn on_chunk(&mut self, mut chunk: &[u8], now: Moment, out: &mut Outputs) {
        if chunk.is_empty() {
            return;
        }
        self.heard_at = now;
        // Each turn takes a byte at least, or leaves.
        while !chunk.is_empty() {
            match self.phase {
                Phase::Offline => return,
                Phase::Draining { limit_at, .. } => {
                    let quiet_at = now.plus_ms(self.timings.drain_quiet_ms);
                    self.phase = Phase::Draining { quiet_at, limit_at };
                    return;
                }
                Phase::Idle { .. } => self.hear_unasked(&mut chunk, now),
                Phase::Waiting(exchange) if exchange.n_echo_left > 0 => {
                    self.strip_echo(exchange, &mut chunk, now, out);
                }
                Phase::Waiting(exchange) => self.hear_reply(exchange, &mut chunk, now, out),
            }
        }
    }

    /// Bytes while nothing was asked: an upload, a very late answer, or noise.
    fn hear_unasked(&mut self, chunk: &mut &[u8], now: Moment) {
        self.phase = Phase::Idle { free_at: now.plus_ms(gap_ms(self.baud)) };
        match self.ear.next(chunk, None) {
            None => {}
            Some(Heard::Upload { board, .. }) => self.ask_at_once(board),
            Some(_) => {
                // An upload may have been lost in it.
                let long_ago = |at: Moment| now.ms_since(at) >= self.timings.poll_ms;
                if self.stirred_at.is_none_or(long_ago) {
                    self.stirred_at = Some(now);
                    self.boards.iter_mut().for_each(|board| board.next = Next::AtOnce);
                }
                self.drain(now);
            }
        }
    }

    /// The adapter hands back what we sent: exactly that, or the exchange is spoiled.
    fn strip_echo(
        &mut self,
        exchange: Exchange,
        chunk: &mut &[u8],
        now: Moment,
        out: &mut Outputs,
    ) {
        let Some((got, rest)) = chunk.split_first() else { return };
        *chunk = rest;
        let sent = exchange.job.command().encode();
        let n_echo_left = exchange.n_echo_left - 1;
        if sent[FRAME_LEN - exchange.n_echo_left] == *got {
            self.phase = Phase::Waiting(Exchange { n_echo_left, ..exchange });
        } else {
            self.fail(Exchange { noisy: true, ..exchange }, now, out);
        }
    }

    fn hear_reply(
        &mut self,
        exchange: Exchange,
        chunk: &mut &[u8],
        now: Moment,
        out: &mut Outputs,
    ) {
        let awaited = exchange.job.awaited(self.profile(exchange.job.board()));
        match (exchange.job, self.ear.next(chunk, Some(awaited))) {
            (_, None) => {}
            (_, Some(Heard::Upload { board, .. })) => self.ask_at_once(board),
            (Job::Greet(board), Some(Heard::Echo)) => {
                self.on_greeted(board, Echo::Present);
                // The reply to it may follow.
                self.drain(now);
            }
            (Job::Greet(board), Some(Heard::One(_))) => {
                self.on_greeted(board, Echo::Absent);
                self.rest(now);
            }
            (Job::Poll(board), Some(Heard::All(contacts))) => {
                self.on_reading(board, contacts, now, out);
            }
            (Job::Pulse(pulse), Some(Heard::Opened(_))) => {
                // What it says of the contact is not used: it can be an echo, and the door may
                // still be moving.
                self.ask_at_once(pulse.board);
                self.rest(now);
            }
            (_, Some(_)) => self.phase = Phase::Waiting(Exchange { noisy: true, ..exchange }),
        }
    }

    fn on_greeted(&mut self, board: Address, echo: Echo) {
        self.echo = echo;
        let idx = self.idx(board);
        self.boards[idx].retries = false;
        self.boards[idx].next = Next::AtOnce;
    }

    fn on_reading(&mut self, address: Address, contacts: Contacts, now: Moment, out: &mut Outputs) {
        let idx = self.idx(address);
        let board = &mut self.boards[idx];
        self.n_bad_polls = 0;
        board.retries = false;
        if board.owes {
            board.owes = false;
            board.next = Next::AtOnce;
            return self.drain(now);
        }
        board.n_bad_polls = 0;
        self.rest(now);
        self.set_health(idx, Health::Ready, out);
        out.push(Output::Tell(Event::Seen { board: address, contacts }));
    }

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        if let Phase::Waiting(exchange) = self.phase
            && now >= exchange.deadline
        {
            let echo_broke_off = self.echo == Echo::Present && exchange.n_echo_left > 0;
            let noisy = exchange.noisy || !self.ear.is_empty() || echo_broke_off;
            self.fail(Exchange { noisy, ..exchange }, now, out);
        }
    }

    /// No good answer came.
    fn fail(&mut self, exchange: Exchange, now: Moment, out: &mut Outputs) {
        self.drain(now);
        let idx = self.idx(exchange.job.board());
        let board = &mut self.boards[idx];
        match exchange.job {
            Job::Pulse(_) => {
                board.next = Next::AtOnce;
                #[cfg(feature = "planted")]
                if let Job::Pulse(pulse) = exchange.job
                    && kiosk_words::planted::is_planted(kiosk_words::planted::Bug::ResendOpen)
                {
                    self.pulse = Some((RequestId(0), pulse));
                }
            }
            Job::Greet(_) | Job::Poll(_) if exchange.noisy && !board.retries => {
                board.retries = true;
                board.next = Next::AtOnce;
            }
            Job::Greet(_) | Job::Poll(_) => {
                let fault = if exchange.noisy { Fault::Garbage } else { Fault::Silent };
                self.count_bad_poll(idx, fault, out);
            }
        }
    }

    fn count_bad_poll(&mut self, idx: usize, fault: Fault, out: &mut Outputs) {
        self.n_bad_polls += 1;
        let board = &mut self.boards[idx];
        board.retries = false;
        board.owes |= fault == Fault::Silent;
        board.n_bad_polls = board.n_bad_polls.saturating_add(1);
        if board.n_bad_polls >= N_BAD_POLLS_MAX {
            self.set_health(idx, Health::Down(fault), out);
        }
        let none_is_up = self.boards.iter().all(|board| matches!(board.health, Health::Down(_)));
        if none_is_up && self.n_bad_polls >= N_BAD_ROUNDS_MAX * self.boards.len() {
            self.phase = Phase::Offline;
            self.echo = Echo::Unknown;
            let reason = match fault {
                Fault::Garbage => CloseReason::Garbage,
                Fault::Silent | Fault::Missing => CloseReason::Silent,
            };
            out.push(Output::CloseLink(reason));
        }
    }

    fn set_health(&mut self, idx: usize, health: Health, out: &mut Outputs) {
        let board = &mut self.boards[idx];
        let address = board.profile.address();
        if health != Health::Ready
            && let Some((id, _)) = self.pulse.take_if(|(_, pulse)| pulse.board == address)
        {
            out.push(Output::Tell(Event::NotPulsed(id)));
        }
        if board.health != health {
            board.health = health;
            out.push(Output::Tell(Event::Health { board: address, health }));
        }
    }

    fn ask_at_once(&mut self, board: Address) {
        let idx = self.idx(board);
        self.boards[idx].next = Next::AtOnce;
    }

    /// After a good exchange: the mandatory gap.
    fn rest(&mut self, now: Moment) {
        self.phase = Phase::Idle { free_at: now.plus_ms(gap_ms(self.baud)) };
    }

    /// The line is free once it was quiet for long enough, counted from its last byte.
    fn drain(&mut self, now: Moment) {
        self.ear.reset();
        self.phase = Phase::Draining {
            quiet_at: self.heard_at.plus_ms(self.timings.drain_quiet_ms),
            limit_at: now.plus_ms(self.timings.drain_limit_ms),
        };
    }

    /// Starts the next exchange if the line is free and one is due.
    fn go_on(&mut self, now: Moment, out: &mut Outputs) {
        if let Phase::Draining { quiet_at, limit_at } = self.phase {
            if now >= quiet_at {
                self.phase = Phase::Idle { free_at: self.heard_at.plus_ms(gap_ms(self.baud)) };
            } else if now >= limit_at {
                self.on_babble(now, out);
            }
        }
        if let Phase::Idle { free_at } = self.phase
            && now >= free_at
            && let Some(job) = self.next_job(now)
        {
            self.send(job, now, out);
        }
    }

    /// The line is never quiet, so nothing can be sent: as bad as a bad poll of every board.
    fn on_babble(&mut self, now: Moment, out: &mut Outputs) {
        self.drain(now);
        for idx in 0..self.boards.len() {
            if self.phase != Phase::Offline {
                self.count_bad_poll(idx, Fault::Garbage, out);
            }
        }
    }

    /// An open first, then the board that has waited longest.
    fn next_job(&mut self, now: Moment) -> Option<Job> {
        if let Some((_, pulse)) = self.pulse {
            return Some(Job::Pulse(pulse));
        }
        let board = self.boards.iter().min_by_key(|board| self.due(board))?;
        if self.due(board) > now {
            return None;
        }
        let address = board.profile.address();
        Some(if self.echo == Echo::Unknown { Job::Greet(address) } else { Job::Poll(address) })
    }

    fn send(&mut self, job: Job, now: Moment, out: &mut Outputs) {
        self.ear.reset();
        let n_echo_left = if self.echo == Echo::Present { FRAME_LEN } else { 0 };
        let answer_ms = job.answer_ms(self.profile(job.board()), self.baud, &self.timings);
        let deadline = now.plus_ms(answer_ms);
        self.phase = Phase::Waiting(Exchange { job, deadline, n_echo_left, noisy: false });
        out.push(Output::Write(job.command().encode().to_vec()));
        match job {
            Job::Greet(board) | Job::Poll(board) => {
                let idx = self.idx(board);
                self.boards[idx].asked_at = now;
                self.boards[idx].next = Next::InTurn;
            }
            Job::Pulse(_) => {
                let (id, _) = self.pulse.take().expect("a pulse was due");
                out.push(Output::Tell(Event::Pulsed(id)));
            }
        }
    }

    fn due(&self, board: &Board) -> Moment {
        board.due(self.watched, &self.timings)
    }

    fn profile(&self, address: Address) -> &BoardProfile {
        &self.boards[self.idx(address)].profile
    }

    fn idx(&self, address: Address) -> usize {
        let idx = self.boards.iter().position(|board| board.is(address));
        idx.expect("exchanges and uploads are of boards of the cabinet")
    }
}

impl Machine for Bus {
    type Ask = Pulse;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Pulse>, now: Moment) -> Outputs {
        let was_waiting = self.pulse.map(|(id, _)| id);
        let heard_before = self.heard_at;
        let mut out = Outputs::new();
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::LinkUp | Input::LinkDown | Input::Chunk(_) | Input::Tick => None,
        };
        match input {
            Input::LinkUp => self.on_link_up(now),
            Input::LinkDown => self.on_link_down(&mut out),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(id, pulse) => self.on_ask(id, pulse, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.go_on(now, &mut out);
        self.check_invariants(was_waiting, asked, heard_before.max(self.heard_at), now, &out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        match self.phase {
            Phase::Offline => None,
            Phase::Waiting(exchange) => Some(exchange.deadline),
            Phase::Draining { quiet_at, limit_at } => Some(quiet_at.min(limit_at)),
            Phase::Idle { free_at } => {
                let polls_at = self.boards.iter().map(|board| self.due(board)).min();
                let due = if self.pulse.is_some() { Some(free_at) } else { polls_at };
                due.map(|due| due.max(free_at))
            }
        }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Offline => "offline",
            Phase::Idle { .. } => "idle",
            Phase::Waiting(Exchange { job: Job::Greet(_), .. }) => "greeting",
            Phase::Waiting(Exchange { job: Job::Poll(_), .. }) => "polling",
            Phase::Waiting(Exchange { job: Job::Pulse(_), .. }) => "opening",
            Phase::Draining { .. } => "draining",
        }
    }
}
