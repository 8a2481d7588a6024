//! The keypad on its wire: the driver core that ships, the twin of its controller, and a cable
//! between them; and what is heard in the earphones.

use device_api::keypad::{Health, Status};
use device_drivers::keypad::{Keypad, timings::PRODUCTION};
use device_sim::{
    keypad::{Act, KeypadTwin},
    port::Twin as _,
};
use kiosk_core::{Event, keys::Utterance};
use kiosk_words::Moment;

use crate::wire::{Bench, Disturbance, Duplex};

const RATE: u32 = 9_600;

#[derive(Debug)]
pub struct KeypadBench {
    bench: Bench<Keypad, KeypadTwin>,
    /// Everything that was said into the earphones, oldest first, and whether the last of it was
    /// cut off.
    heard: Vec<Utterance>,
    is_hushed: bool,
}

impl KeypadBench {
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<device_api::wire::Line> {
        self.bench.last_minute(now_ms)
    }

    pub(crate) fn new(seed: u64) -> Self {
        let line = (RATE, Duplex::Full);
        let bench = Bench::new(driver(), KeypadTwin::new(), line, is_steady, seed ^ 0x6e7);
        Self { bench, heard: Vec::new(), is_hushed: true }
    }

    /// A station without a keypad.
    pub(crate) fn absent(self) -> Self {
        Self { bench: self.bench.absent(), ..self }
    }

    /// What the driver knows.
    pub fn status(&self) -> Status {
        self.bench.driver.status()
    }

    pub fn is_ready(&self) -> bool {
        self.status().health == Health::Ready
    }

    /// Texts that were spoken, oldest first.
    pub fn heard(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.heard.iter().map(|utterance| utterance.text.expose().as_str())
    }

    /// The last of them as it was said.
    pub fn last(&self) -> Option<&Utterance> {
        self.heard.last()
    }

    /// What was said last was cut off, or nothing was said yet.
    pub const fn is_hushed(&self) -> bool {
        self.is_hushed
    }

    pub(crate) fn speak(&mut self, utterance: Utterance) {
        self.heard.push(utterance);
        self.is_hushed = false;
    }

    pub(crate) const fn hush(&mut self) {
        self.is_hushed = true;
    }

    pub(crate) fn touch(&mut self, act: Act, now_ms: u64) {
        self.bench.touch(act, now_ms);
    }

    pub(crate) fn disturb(&mut self, disturbance: Disturbance, now_ms: u64) {
        self.bench.disturb(disturbance, now_ms);
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        self.bench.unplug(now_ms).into_iter().map(Event::Keypad).collect()
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.bench.plug(now_ms);
    }

    /// A new process: the driver begins anew; a plug stays where it is, and nothing is said.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.bench.program_restarts(driver(), now_ms);
        self.hush();
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bench.deadline()
    }

    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<Event> {
        self.bench.run(now_ms).into_iter().map(Event::Keypad).collect()
    }
}

fn driver() -> Keypad {
    Keypad::new(PRODUCTION)
}

/// Keys and jack are known, and no press is on its way.
fn is_steady(driver: &Keypad, twin: &KeypadTwin) -> bool {
    let (status, look) = (driver.status(), twin.look(Moment(0)));
    status.health == Health::Ready
        && status.jack == look.jack
        && look.held.is_empty()
        && look.n_queued == 0
        && look.planned.is_empty()
}
