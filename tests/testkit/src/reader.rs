//! The id reader on its wire: the driver core that ships, its twin, and a cable between them.

use std::collections::BTreeSet;

use device_api::{
    RequestId,
    id_reader::{Event, Health, Refusal, Request, Status},
};
use device_drivers::id_reader::{Baud, IdReader, timings::PRODUCTION};
use device_sim::reader::{Act, Physical, ReaderTwin};

use crate::wire::{Bench, Disturbance, Duplex};

#[derive(Debug)]
pub struct ReaderBench {
    bench: Bench<IdReader, ReaderTwin>,
    asked: BTreeSet<RequestId>,
    last_refusal: Option<Refusal>,
}

impl ReaderBench {
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<device_api::wire::Line> {
        self.bench.last_minute(now_ms)
    }

    pub(crate) fn new(seed: u64) -> Self {
        let line = (Baud::B115200.rate(), Duplex::Full);
        let bench = Bench::new(driver(), ReaderTwin::new(), line, is_steady, seed ^ 0x5eed);
        Self { bench, asked: BTreeSet::new(), last_refusal: None }
    }

    pub fn is_ready(&self) -> bool {
        self.health() == Health::Ready
    }

    pub fn health(&self) -> Health {
        self.bench.driver.status().health
    }

    /// What a person sees who looks at the reader.
    pub fn look(&self) -> Physical {
        self.bench.twin.look()
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
        self.bench.driver.status().clone()
    }

    pub(crate) fn touch(&mut self, act: Act, now_ms: u64) {
        self.bench.touch(act, now_ms);
    }

    pub(crate) fn disturb(&mut self, disturbance: Disturbance, now_ms: u64) {
        self.bench.disturb(disturbance, now_ms);
    }

    /// A new process: the driver begins anew, the module goes on as it was.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.bench.program_restarts(driver(), now_ms);
        self.asked.clear();
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.unplug(now_ms);
        self.note(told)
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.bench.plug(now_ms);
    }

    pub(crate) fn ask(&mut self, id: RequestId, request: Request, now_ms: u64) -> Vec<Event> {
        self.asked.insert(id);
        let told = self.bench.ask(id, request, now_ms);
        self.note(told)
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bench.deadline()
    }

    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.run(now_ms);
        self.note(told)
    }

    fn note(&mut self, told: Vec<Event>) -> Vec<Event> {
        for event in &told {
            if let Event::Done(id, _) | Event::Refused(id, _) = event {
                assert!(self.asked.remove(id), "{id:?} is answered and was not asked");
            }
            if let Event::Refused(_, why) = event {
                self.last_refusal = Some(*why);
            }
        }
        told
    }
}

pub(crate) fn driver() -> IdReader {
    IdReader::new(Baud::B115200, PRODUCTION)
}

/// Nobody wants a card, none lies there, and the module answers as it should.
pub(crate) fn is_steady(driver: &IdReader, twin: &ReaderTwin) -> bool {
    let status = driver.status();
    let look = twin.look();
    status.health == Health::Ready
        && !status.card_present
        && look.card.is_none()
        && look.planned.is_empty()
}
