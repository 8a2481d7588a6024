//! The id reader on its wire: the driver core that ships, its twin, and a cable between them.
//!
//! Bytes travel at wire speed on virtual time; what the twin says arrives cut into other pieces by
//! chance. The cable is opened again after the pump's backoff.

use std::collections::{BTreeMap, BTreeSet};

use device_api::{
    RequestId,
    id_reader::{Event, Health, Refusal, Request, Status},
};
use device_drivers::{
    id_reader::{Baud, IdReader, timings::PRODUCTION},
    machine::{Input, Machine as _, Output},
};
use device_sim::reader::{Act, ModuleHealth, Physical, ReaderTwin};
use kiosk_words::Moment;

use crate::random::Random;

/// First wait before the cable is tried again, and the longest.
const BACKOFF_FIRST_MS: u64 = 250;
const BACKOFF_MAX_MS: u64 = 2_000;

#[derive(Debug)]
pub struct ReaderBench {
    driver: IdReader,
    twin: ReaderTwin,
    plugged: bool,
    /// The driver's side has the port open.
    open: bool,
    open_at: u64,
    backoff_ms: u64,
    /// Bytes on the way to the driver: arrival in ms, order.
    to_driver: BTreeMap<(u64, u64), Vec<u8>>,
    n_pieces: u64,
    asked: BTreeSet<RequestId>,
    last_refusal: Option<Refusal>,
    /// What the port carries instead of the module's answers.
    babbles: bool,
    noise: Random,
}

impl ReaderBench {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            driver: IdReader::new(Baud::B115200, PRODUCTION),
            twin: ReaderTwin::new(),
            plugged: true,
            open: false,
            open_at: 0,
            backoff_ms: BACKOFF_FIRST_MS,
            to_driver: BTreeMap::new(),
            n_pieces: 0,
            asked: BTreeSet::new(),
            last_refusal: None,
            babbles: false,
            noise: Random::new(seed ^ 0x5eed),
        }
    }

    pub fn is_ready(&self) -> bool {
        self.driver.status().health == Health::Ready
    }

    pub fn health(&self) -> Health {
        self.driver.status().health
    }

    /// What a person sees who looks at the reader.
    pub fn look(&self) -> Physical {
        self.twin.look()
    }

    /// What the driver said when it last gave no card.
    pub const fn last_refusal(&self) -> Option<Refusal> {
        self.last_refusal
    }

    /// A request is open that is not answered yet.
    pub fn wants_card(&self) -> bool {
        !self.asked.is_empty()
    }

    pub(crate) fn plug_status(&self) -> Status {
        self.driver.status().clone()
    }

    pub(crate) fn touch(&mut self, act: Act) {
        self.twin.touch(act);
    }

    pub(crate) fn set_module(&mut self, health: ModuleHealth) {
        self.twin.touch(Act::SetModule(health));
    }

    /// Noise instead of answers, as from a wrong device on the port.
    pub(crate) const fn babble(&mut self, babbles: Babble) {
        self.babbles = matches!(babbles, Babble::On);
    }

    /// A new process: the driver begins anew, the module goes on as it was.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.driver = IdReader::new(Baud::B115200, PRODUCTION);
        self.asked.clear();
        self.to_driver.clear();
        self.open = false;
        self.open_at = now_ms;
        self.backoff_ms = BACKOFF_FIRST_MS;
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        self.plugged = false;
        self.twin.touch(Act::PowerCycle);
        self.to_driver.clear();
        if !self.open {
            return Vec::new();
        }
        self.close(now_ms);
        self.feed(Input::LinkDown, now_ms)
    }

    pub(crate) const fn plug(&mut self) {
        self.plugged = true;
    }

    fn close(&mut self, now_ms: u64) {
        self.open = false;
        self.open_at = now_ms + self.backoff_ms;
        self.backoff_ms = (self.backoff_ms * 2).min(BACKOFF_MAX_MS);
    }

    pub(crate) fn ask(&mut self, id: RequestId, request: Request, now_ms: u64) -> Vec<Event> {
        self.asked.insert(id);
        self.feed(Input::Ask(id, request), now_ms)
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let bytes = self.to_driver.keys().next().map(|(at, _)| *at);
        let tick = self.driver.deadline().map(|moment| moment.0);
        let open = (!self.open).then_some(self.open_at);
        [bytes, tick, open].into_iter().flatten().min()
    }

    /// The earliest thing happens: bytes arrive, the port is tried, or time is up.
    pub(crate) fn run(&mut self, now_ms: u64, random: &mut Random) -> Vec<Event> {
        if !self.open && self.open_at <= now_ms {
            return self.try_port(now_ms);
        }
        if let Some(entry) = self.to_driver.first_entry().filter(|entry| entry.key().0 <= now_ms) {
            let mut bytes = entry.remove();
            if bytes.len() > 1 && random.chance(30) {
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap_or(0);
                let rest = bytes.split_off(at);
                self.arrive(now_ms, rest);
            }
            return self.feed(Input::Chunk(&bytes), now_ms);
        }
        self.feed(Input::Tick, now_ms)
    }

    fn try_port(&mut self, now_ms: u64) -> Vec<Event> {
        if self.plugged {
            self.open = true;
            self.backoff_ms = BACKOFF_FIRST_MS;
            self.feed(Input::LinkUp, now_ms)
        } else {
            self.close(now_ms);
            self.feed(Input::LinkDown, now_ms)
        }
    }

    /// The pump: performs what the driver wants and collects what it tells.
    fn feed(&mut self, input: Input<'_, Request>, now_ms: u64) -> Vec<Event> {
        let mut told = Vec::new();
        for output in self.driver.handle(input, Moment(now_ms)) {
            match output {
                Output::Write(bytes) => self.write(&bytes, now_ms),
                Output::SetLineBaud(rate) => self.twin.set_line_rate(rate),
                Output::CloseLink(_) => {
                    self.to_driver.clear();
                    self.close(now_ms);
                }
                Output::Tell(event) => {
                    if let Event::Done(id, _) | Event::Refused(id, _) = &event {
                        assert!(self.asked.remove(id), "{id:?} is answered and was not asked");
                    }
                    if let Event::Refused(_, why) = &event {
                        self.last_refusal = Some(*why);
                    }
                    told.push(event);
                }
            }
        }
        told
    }

    fn write(&mut self, bytes: &[u8], now_ms: u64) {
        if self.babbles {
            let n = 1 + self.noise.below(40);
            let noise = (0..n).map(|_| u8::try_from(self.noise.below(256)).unwrap_or(0)).collect();
            return self.arrive(now_ms + 20, noise);
        }
        for speak in self.twin.hear(bytes, Moment(now_ms)) {
            self.arrive(speak.at.0.max(now_ms), speak.bytes);
        }
    }

    fn arrive(&mut self, at_ms: u64, bytes: Vec<u8>) {
        self.n_pieces += 1;
        self.to_driver.insert((at_ms, self.n_pieces), bytes);
    }
}

/// Whether the port carries noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Babble {
    On,
    Off,
}
