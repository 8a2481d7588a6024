//! One driver, its twin and the line between them on virtual time. Everything that reaches the
//! driver is written down, so that it can be told to another one in another way.

use std::collections::VecDeque;

use device_api::RequestId;
use device_drivers::machine::{Input, Machine, Output};
use device_sim::{port::Twin, wire::Speak};
use kiosk_words::Moment;

use crate::subjects::Subject;

/// What the pump waits before it opens a link again.
const REOPEN_MS: u64 = 250;

/// What reached a driver.
#[derive(Debug, Clone)]
pub(crate) enum Heard<Ask> {
    LinkUp,
    LinkDown,
    Chunk(Vec<u8>),
    Ask(RequestId, Ask),
    Tick,
}

/// What a driver did about it.
pub(crate) type Did<S> = Vec<Output<<<S as Subject>::Driver as Machine>::Event>>;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Air {
    Clear,
    /// Of a hundred pieces so many have a changed byte.
    Noisy {
        percent: u64,
    },
    /// Noise instead of answers, as from another device on the port.
    Foreign,
}

pub(crate) struct Rig<S: Subject> {
    pub(crate) driver: S::Driver,
    pub(crate) twin: S::Twin,
    pub(crate) now: Moment,
    pub(crate) air: Air,
    pub(crate) chance: Chance,
    pub(crate) heard: Vec<(Moment, Heard<<S::Driver as Machine>::Ask>)>,
    pub(crate) did: Vec<Did<S>>,
    said: VecDeque<Speak>,
    is_open: bool,
    is_plugged: bool,
    open_at: Moment,
    pub(crate) asked: Vec<RequestId>,
}

/// Repeatable chance (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    pub(crate) fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("below 256")
    }
}

impl<S: Subject> Rig<S> {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            driver: S::driver(),
            twin: S::twin(),
            now: Moment(0),
            air: Air::Clear,
            chance: Chance::new(seed),
            heard: Vec::new(),
            did: Vec::new(),
            said: VecDeque::new(),
            is_open: false,
            is_plugged: true,
            open_at: Moment(0),
            asked: Vec::new(),
        }
    }

    pub(crate) fn ready(seed: u64) -> Self {
        let mut rig = Self::new(seed);
        rig.until_idle("at the start");
        rig
    }

    // ---- what happens to it ----

    /// `None`: its device is asked nothing.
    pub(crate) fn ask(&mut self, n: u64) -> Option<RequestId> {
        S::ask(n).map(|ask| self.ask_this(ask))
    }

    /// Ends what would wait for a person for ever.
    pub(crate) fn ask_last(&mut self) {
        if let Some(ask) = S::last_ask() {
            self.ask_this(ask);
        }
    }

    pub(crate) fn ask_this(&mut self, ask: <S::Driver as Machine>::Ask) -> RequestId {
        let id = RequestId(self.asked.len() as u64 + 1);
        self.asked.push(id);
        self.tell(Heard::Ask(id, ask));
        id
    }

    pub(crate) fn hand(&mut self, n: u64) {
        let said = self.twin.touch(S::hand(n), self.now);
        self.carry(said);
    }

    pub(crate) fn unplug(&mut self) {
        if self.is_plugged {
            self.is_plugged = false;
            if self.is_open {
                self.is_open = false;
                self.said.clear();
                self.tell(Heard::LinkDown);
            }
            self.open_at = self.now.plus_ms(REOPEN_MS);
        }
    }

    pub(crate) fn plug(&mut self) {
        if !self.is_plugged {
            self.is_plugged = true;
            self.twin.power_cycle();
        }
    }

    /// Bytes of another time, which the driver gets before all others.
    pub(crate) fn stale(&mut self, bytes: &[u8]) {
        self.said.push_front(Speak { at: self.now, bytes: bytes.to_vec() });
    }

    /// What is on the way to the driver.
    pub(crate) fn on_the_way(&self) -> Vec<u8> {
        self.said.iter().flat_map(|speak| speak.bytes.clone()).collect()
    }

    // ---- time ----

    pub(crate) fn passes(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(due) = self.due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.one_thing();
        }
        self.now = end;
    }

    /// The port is open again.
    pub(crate) fn until_linked(&mut self) {
        while !self.is_open {
            self.passes(REOPEN_MS);
        }
    }

    /// The driver comes to where it can be asked.
    pub(crate) fn until_idle(&mut self, when: &str) {
        let end = self.now.plus_ms(S::RECOVERS_MS);
        while !S::is_idle(&self.driver) {
            let due = self.due().filter(|due| *due <= end);
            let due = due.unwrap_or_else(|| {
                panic!("{when}: {} is {} for ever", S::NAME, self.driver.state())
            });
            self.now = self.now.max(due);
            self.one_thing();
        }
    }

    fn due(&self) -> Option<Moment> {
        let reopens = (!self.is_open).then_some(self.open_at);
        let said = self.said.front().map(|speak| speak.at);
        let own = [self.driver.deadline(), self.twin.deadline(), reopens, said];
        own.into_iter().flatten().min()
    }

    fn one_thing(&mut self) {
        let is_due = |due: Option<Moment>| due.is_some_and(|due| due <= self.now);
        if !self.is_open && self.open_at <= self.now {
            return self.reopen();
        }
        if is_due(self.said.front().map(|speak| speak.at)) {
            let speak = self.said.pop_front().expect("something is on the way");
            return self.tell(Heard::Chunk(speak.bytes));
        }
        if is_due(self.twin.deadline()) {
            let said = self.twin.pass_time(self.now);
            return self.carry(said);
        }
        if is_due(self.driver.deadline()) {
            self.tell(Heard::Tick);
        }
    }

    fn reopen(&mut self) {
        if self.is_plugged {
            self.is_open = true;
            self.twin.set_line_rate(S::RATE);
            self.tell(Heard::LinkUp);
        } else {
            self.open_at = self.now.plus_ms(REOPEN_MS);
            self.tell(Heard::LinkDown);
        }
    }

    // ---- the line ----

    fn tell(&mut self, heard: Heard<<S::Driver as Machine>::Ask>) {
        let did = step::<S>(&mut self.driver, heard.clone(), self.now);
        self.heard.push((self.now, heard));
        self.did.push(did.clone());
        for output in did {
            match output {
                Output::Write(bytes) => self.write(bytes),
                Output::SetLineBaud(rate) => self.twin.set_line_rate(rate),
                Output::CloseLink(_) => {
                    self.is_open = false;
                    self.said.clear();
                    self.open_at = self.now.plus_ms(REOPEN_MS);
                }
                Output::Tell(_) => {}
            }
        }
    }

    fn write(&mut self, mut bytes: Vec<u8>) {
        if let Air::Noisy { percent } = self.air
            && self.chance.below(100) < percent
            && !bytes.is_empty()
        {
            let at = usize::try_from(self.chance.below(bytes.len() as u64)).expect("it is small");
            bytes[at] ^= 1 << self.chance.below(8);
        }
        let said = self.twin.hear(&bytes, self.now);
        self.carry(said);
    }

    fn carry(&mut self, said: Vec<Speak>) {
        if !self.is_open {
            return;
        }
        for mut speak in said {
            match self.air {
                Air::Clear => {}
                Air::Noisy { percent } => {
                    if self.chance.below(100) < percent && !speak.bytes.is_empty() {
                        let len = speak.bytes.len() as u64;
                        let at = usize::try_from(self.chance.below(len)).expect("it is small");
                        speak.bytes[at] = self.chance.byte();
                    }
                }
                Air::Foreign => {
                    speak.bytes = speak.bytes.iter().map(|_| self.chance.byte()).collect();
                }
            }
            self.said.push_back(speak);
        }
        self.said.make_contiguous().sort_by_key(|speak| speak.at);
    }

    // ---- what it told ----

    pub(crate) fn told(&self) -> impl Iterator<Item = &<S::Driver as Machine>::Event> {
        self.did.iter().flatten().filter_map(Output::told)
    }

    pub(crate) fn answers_to(&self, id: RequestId) -> Vec<&<S::Driver as Machine>::Event> {
        self.told().filter(|event| S::answers(event) == Some(id)).collect()
    }

    pub(crate) fn is_open_ask(&self) -> bool {
        self.asked.iter().any(|id| self.answers_to(*id).is_empty())
    }
}

pub(crate) fn step<S: Subject>(
    driver: &mut S::Driver,
    heard: Heard<<S::Driver as Machine>::Ask>,
    now: Moment,
) -> Did<S> {
    match heard {
        Heard::LinkUp => driver.handle(Input::LinkUp, now),
        Heard::LinkDown => driver.handle(Input::LinkDown, now),
        Heard::Chunk(bytes) => driver.handle(Input::Chunk(&bytes), now),
        Heard::Ask(id, ask) => driver.handle(Input::Ask(id, ask), now),
        Heard::Tick => driver.handle(Input::Tick, now),
    }
}
