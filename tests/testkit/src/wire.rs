//! A driver core that ships, its twin, and the line between them, on virtual time.
//!
//! Bytes travel at the speed of their wire; they come to the driver as they leave the wire or
//! gathered by the adapter, cut into other pieces by chance. A line that was lost is opened again
//! after the pump's backoff. A hand can pull the cable and put noise on the line; on a line of two
//! wires whoever speaks while another speaks spoils what is said.
//!
//! ```text
//!            ┌──────── something happens ────────┐
//!            ▼                                   │
//!  awake: every byte is stepped ──the same again──▶ at rest: steps nothing
//! ```
//!
//! **Rest.** A driver that polls does the same again and again. When it has done so twice to the
//! byte, with nothing told and nothing planned, a third time cannot differ: driver and twin know no
//! time but what they are given, and only differences of it. So the bench stands still, with its
//! bytes on the way, until something is done to it; then it skips whole rounds, catches up on the
//! begun one, and goes on as if it had polled all the while.

mod tap;

use std::{collections::VecDeque, fmt::Debug};

use device_api::{RequestId, wire};
use device_drivers::machine::{Input, Machine, Output};
use device_sim::{port::Twin, wire::Speak};
use kiosk_words::Moment;

use crate::random::Random;
use tap::Tap;

/// The pump's waits before a line is opened again: the first, the longest, and how long a line must
/// have held for the first to count again.
const BACKOFF_FIRST_MS: u64 = 250;
const BACKOFF_MAX_MS: u64 = 2_000;
const BACKOFF_FORGIVEN_MS: u64 = 30_000;
/// An adapter hands its bytes over when they were quiet for so long, or so many are together.
const ADAPTER_QUIET_MS: u64 = 2;
const ADAPTER_LEN: usize = 60;
/// A round of polling is as long as the slowest poll in it, that of a dead lock board, or longer;
/// the longest is the reader's.
const ROUND_MS_MIN: u64 = 3_000;
const ROUND_MS_MAX: u64 = 15_000;

/// How a line is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplex {
    Full,
    /// Two wires for both directions.
    Half,
}

/// What else is on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disturbance {
    None,
    /// Noise instead of answers, as from a wrong device on the port.
    Babble,
    /// Of a hundred frames so many lose a bit, and stray bytes come between.
    Noise {
        percent: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    /// No such device is built in.
    Absent,
    Closed {
        open_at: u64,
    },
    Open {
        since: u64,
    },
}

/// The cable and what is on it. All times are the bench's own.
#[derive(Debug)]
struct Line {
    port: Port,
    plugged: bool,
    rate: u32,
    duplex: Duplex,
    backoff_ms: u64,
    /// On the way to the driver by time of arrival, oldest first.
    to_driver: VecDeque<(u64, Vec<u8>)>,
    disturbance: Disturbance,
    chance: Random,
}

impl Line {
    fn close(&mut self, now: u64) {
        if let Port::Open { since } = self.port
            && now.saturating_sub(since) >= BACKOFF_FORGIVEN_MS
        {
            self.backoff_ms = BACKOFF_FIRST_MS;
        }
        self.to_driver.clear();
        self.port = Port::Closed { open_at: now + self.backoff_ms };
        self.backoff_ms = (self.backoff_ms * 2).min(BACKOFF_MAX_MS);
    }

    const fn is_open(&self) -> bool {
        matches!(self.port, Port::Open { .. })
    }

    fn arrive(&mut self, at: u64, bytes: Vec<u8>) {
        let place = self.to_driver.iter().rposition(|(due, _)| *due <= at).map_or(0, |n| n + 1);
        self.to_driver.insert(place, (at, bytes));
    }

    /// What a device says, as it leaves the wire or gathered by the adapter.
    fn carry(&mut self, mut said: Vec<Speak>, now: u64) {
        if !self.is_open() || said.is_empty() {
            return;
        }
        if let Disturbance::Noise { percent } = self.disturbance
            && self.chance.chance(percent)
        {
            let n = usize::try_from(self.chance.below(said.len() as u64)).unwrap_or(0);
            self.flip_a_bit(&mut said[n].bytes);
        }
        let gathers = self.chance.chance(60);
        let mut gathered: Option<(u64, Vec<u8>)> = None;
        for Speak { at: Moment(at), mut bytes } in said {
            let at = at.max(now);
            gathered = match gathered.take() {
                Some((last, mut all))
                    if gathers
                        && at.saturating_sub(last) <= ADAPTER_QUIET_MS
                        && all.len() + bytes.len() <= ADAPTER_LEN =>
                {
                    all.append(&mut bytes);
                    Some((at, all))
                }
                Some((last, all)) => {
                    self.arrive(last, all);
                    Some((at, bytes))
                }
                None => Some((at, bytes)),
            };
        }
        if let Some((at, bytes)) = gathered {
            self.arrive(at, bytes);
        }
    }

    /// The oldest bytes that are here, often not all of them.
    fn take(&mut self, now: u64) -> Option<Vec<u8>> {
        let (_, bytes) = self.to_driver.front_mut().filter(|(at, _)| *at <= now)?;
        if bytes.len() > 1 && self.chance.chance(30) {
            let n = bytes.len() as u64;
            let at = usize::try_from(1 + self.chance.below(n - 1)).unwrap_or(1);
            let rest = bytes.split_off(at);
            return Some(std::mem::replace(bytes, rest));
        }
        self.to_driver.pop_front().map(|(_, bytes)| bytes)
    }

    /// The host speaks: whatever a device says meanwhile is spoiled.
    fn collide(&mut self, now: u64, n_bytes: usize) {
        let until = now + wire_ms(self.rate, n_bytes);
        for (_, bytes) in
            self.to_driver.iter_mut().filter(|(at, _)| self.duplex == Duplex::Half && *at <= until)
        {
            bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
        }
    }

    /// One bit of a frame: its check byte tells.
    fn flip_a_bit(&mut self, bytes: &mut [u8]) {
        if !bytes.is_empty() {
            let at = usize::try_from(self.chance.below(bytes.len() as u64)).unwrap_or(0);
            bytes[at] ^= 1 << self.chance.below(8);
        }
    }

    fn some_noise(&mut self, n_max: u64) -> Vec<u8> {
        let n = 1 + self.chance.below(n_max);
        (0..n).map(|_| u8::try_from(self.chance.below(256)).unwrap_or(0)).collect()
    }
}

fn wire_ms(rate: u32, n_bytes: usize) -> u64 {
    (n_bytes as u64 * 10_000).div_ceil(u64::from(rate))
}

/// What the bench has seen of rounds of polling.
#[derive(Debug, Default)]
struct Rounds {
    /// The write that a round begins with.
    first: Vec<u8>,
    began: u64,
    /// Everything written and said in this round and the one before, with its time in the round.
    log: Vec<u8>,
    before: Vec<u8>,
    before_ms: Option<u64>,
}

impl Rounds {
    fn begin(&mut self, first: &[u8], now: u64) {
        self.first.clear();
        self.first.extend_from_slice(first);
        self.before_ms = None;
        self.log.clear();
        self.began = now;
    }

    fn note(&mut self, at: u64, bytes: &[u8]) {
        self.log.extend_from_slice(&(at.wrapping_sub(self.began)).to_le_bytes());
        self.log.extend_from_slice(bytes);
    }

    /// The driver writes. Its length, if this ends a round that was like the one before.
    fn wrote(&mut self, bytes: &[u8], now: u64) -> Option<u64> {
        let length = now - self.began;
        if self.first.is_empty() || length > ROUND_MS_MAX {
            self.begin(bytes, now);
            return None;
        }
        if self.first != bytes || length < ROUND_MS_MIN {
            self.note(now, bytes);
            return None;
        }
        let same = self.before_ms == Some(length) && self.before == self.log;
        std::mem::swap(&mut self.before, &mut self.log);
        self.log.clear();
        self.before_ms = Some(length);
        self.began = now;
        same.then_some(length)
    }
}

/// Driver, line and twin.
#[derive(Debug)]
pub(crate) struct Bench<M: Machine, T: Twin> {
    pub(crate) driver: M,
    pub(crate) twin: T,
    line: Line,
    /// Nothing is under way in them and nothing is planned.
    is_steady: fn(&M, &T) -> bool,
    rounds: Rounds,
    tap: Tap,
    /// Since when it rests, and how long a round is.
    rests: Option<(u64, u64)>,
    /// How far its own time is behind the world's.
    skipped_ms: u64,
}

impl<M: Machine<Event: Debug>, T: Twin> Bench<M, T> {
    pub(crate) fn new(
        driver: M,
        twin: T,
        (rate, duplex): (u32, Duplex),
        is_steady: fn(&M, &T) -> bool,
        seed: u64,
    ) -> Self {
        let line = Line {
            port: Port::Closed { open_at: 0 },
            plugged: true,
            rate,
            duplex,
            backoff_ms: BACKOFF_FIRST_MS,
            to_driver: VecDeque::new(),
            disturbance: Disturbance::None,
            chance: Random::new(seed),
        };
        let (rounds, tap) = (Rounds::default(), Tap::new(driver.wire()));
        Self { driver, twin, line, is_steady, rounds, tap, rests: None, skipped_ms: 0 }
    }

    /// The same for a station without such a device.
    pub(crate) fn absent(mut self) -> Self {
        self.line.port = Port::Absent;
        self
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        if self.rests.is_some() {
            return None;
        }
        self.due().map(|due| due + self.skipped_ms)
    }

    /// The bench's own time at a time of the world.
    pub(crate) const fn moment(&self, now_ms: u64) -> Moment {
        Moment(now_ms.saturating_sub(self.skipped_ms))
    }

    /// What a technician sees of this wire.
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<wire::Line> {
        self.tap.last_minute(self.moment(now_ms).0)
    }

    /// The earliest thing happens, if it is due; what the driver tells.
    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<M::Event> {
        if self.rests.is_some() {
            return Vec::new();
        }
        let now = self.moment(now_ms).0;
        self.go_on(now)
    }

    pub(crate) fn ask(&mut self, id: RequestId, ask: M::Ask, now_ms: u64) -> Vec<M::Event> {
        let now = self.wake(now_ms);
        self.feed(Input::Ask(id, ask), now)
    }

    /// A hand at the device.
    pub(crate) fn touch(&mut self, act: T::Act, now_ms: u64) {
        let now = self.wake(now_ms);
        let said = self.twin.touch(act, Moment(now));
        self.said(said, now);
    }

    pub(crate) fn disturb(&mut self, disturbance: Disturbance, now_ms: u64) {
        self.wake(now_ms);
        self.line.disturbance = disturbance;
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<M::Event> {
        let now = self.wake(now_ms);
        self.line.plugged = false;
        if !self.line.is_open() {
            return Vec::new();
        }
        self.line.close(now);
        self.feed(Input::LinkDown, now)
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.wake(now_ms);
        if !self.line.plugged {
            self.line.plugged = true;
            self.twin.power_cycle();
        }
    }

    /// A new process: the driver begins anew, the device goes on as it was.
    pub(crate) fn program_restarts(&mut self, driver: M, now_ms: u64) {
        let now = self.wake(now_ms);
        self.driver = driver;
        self.line.to_driver.clear();
        self.line.backoff_ms = BACKOFF_FIRST_MS;
        if self.line.port != Port::Absent {
            self.line.port = Port::Closed { open_at: now };
        }
    }

    fn due(&self) -> Option<u64> {
        let open_at = match self.line.port {
            Port::Closed { open_at } => Some(open_at),
            Port::Absent | Port::Open { .. } => None,
        };
        let bytes = self.line.to_driver.front().map(|(at, _)| *at);
        let own = [self.driver.deadline(), self.twin.deadline()];
        own.into_iter().flatten().map(|moment| moment.0).chain(open_at).chain(bytes).min()
    }

    /// Opening comes before bytes, bytes before what the device does, and that before time-outs.
    fn go_on(&mut self, now: u64) -> Vec<M::Event> {
        if let Port::Closed { open_at } = self.line.port
            && open_at <= now
        {
            return self.try_port(now);
        }
        if let Some(bytes) = self.line.take(now) {
            self.tap.heard(&bytes, now);
            return self.feed(Input::Chunk(&bytes), now);
        }
        if self.twin.deadline().is_some_and(|due| due.0 <= now) {
            let said = self.twin.pass_time(Moment(now));
            self.said(said, now);
            return Vec::new();
        }
        if self.driver.deadline().is_some_and(|due| due.0 <= now) {
            return self.feed(Input::Tick, now);
        }
        Vec::new()
    }

    fn try_port(&mut self, now: u64) -> Vec<M::Event> {
        if self.line.plugged {
            self.line.port = Port::Open { since: now };
            self.twin.set_line_rate(self.line.rate);
            self.feed(Input::LinkUp, now)
        } else {
            self.line.close(now);
            self.feed(Input::LinkDown, now)
        }
    }

    /// The pump: performs what the driver wants and collects what it tells.
    fn feed(&mut self, input: Input<'_, M::Ask>, now: u64) -> Vec<M::Event> {
        let mut told = Vec::new();
        let mut round = None;
        for output in self.driver.handle(input, Moment(now)) {
            match output {
                Output::Write(bytes) => round = self.write(bytes, now).or(round),
                Output::SetLineBaud(rate) => self.twin.set_line_rate(rate),
                Output::CloseLink(_) => self.line.close(now),
                Output::Tell(event) => told.push(event),
            }
        }
        if !told.is_empty() {
            self.stir();
        } else if let Some(round_ms) = round
            && self.may_rest()
        {
            self.rests = Some((now, round_ms));
        }
        told
    }

    fn may_rest(&self) -> bool {
        self.line.disturbance == Disturbance::None && (self.is_steady)(&self.driver, &self.twin)
    }

    fn write(&mut self, mut bytes: Vec<u8>, now: u64) -> Option<u64> {
        self.tap.sent(&bytes, now);
        let round = self.rounds.wrote(&bytes, now);
        match self.line.disturbance {
            Disturbance::None => {}
            Disturbance::Babble => {
                let noise = self.line.some_noise(40);
                self.line.arrive(now + 20, noise);
                return None;
            }
            Disturbance::Noise { percent } => {
                if self.line.chance.chance(percent) {
                    self.line.flip_a_bit(&mut bytes);
                }
                if self.line.chance.chance(percent) {
                    let (at, stray) = (now + self.line.chance.below(500), self.line.some_noise(3));
                    self.line.arrive(at, stray);
                }
            }
        }
        self.line.collide(now, bytes.len());
        let said = self.twin.hear(&bytes, Moment(now));
        self.said(said, now);
        round
    }

    fn said(&mut self, said: Vec<Speak>, now: u64) {
        for speak in &said {
            self.rounds.note(speak.at.0, &speak.bytes);
        }
        self.line.carry(said, now);
    }

    /// Something is done from outside: the rest is over, and the skipped time made up for.
    fn wake(&mut self, now_ms: u64) -> u64 {
        if let Some((since, round_ms)) = self.rests.take() {
            let slept_ms = self.moment(now_ms).0 - since;
            self.skip(slept_ms / round_ms * round_ms);
            let now = self.moment(now_ms).0;
            while self.due().is_some_and(|due| due <= now) {
                let due = self.due().unwrap_or(now);
                let news = self.go_on(due);
                assert!(news.is_empty(), "a driver at rest has news: {news:?}");
            }
        }
        self.stir();
        self.moment(now_ms).0
    }

    fn skip(&mut self, ms: u64) {
        self.skipped_ms += ms;
        if let Port::Open { since } = &mut self.line.port {
            *since = since.saturating_sub(ms);
        }
    }

    fn stir(&mut self) {
        self.rests = None;
        self.rounds.first.clear();
    }
}

#[cfg(test)]
mod tests;
