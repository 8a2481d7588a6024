//! The room on its wire: the driver core that ships, the twin of its board with what hangs on it,
//! and a cable between them.

use device_api::{
    RequestId,
    room::{self, Health, Output, Reply, Request, Status},
};
use device_drivers::room::{Room, timings::PRODUCTION};
use device_sim::{
    port::Twin as _,
    room::{Act, RoomLook, RoomTwin, as_wired},
};
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply as CoreReply},
};
use kiosk_words::Moment;

use crate::wire::{Bench, Duplex};

/// As the board is delivered.
const RATE: u32 = 9_600;

#[derive(Debug)]
pub struct RoomBench {
    bench: Bench<Room, RoomTwin>,
}

impl RoomBench {
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<device_api::wire::Line> {
        self.bench.last_minute(now_ms)
    }

    pub(crate) fn new(seed: u64) -> Self {
        let twin = RoomTwin::as_delivered();
        let line = (RATE, Duplex::Half);
        Self { bench: Bench::new(driver(), twin, line, is_steady, seed ^ 0x700a) }
    }

    /// A station without a room board.
    pub(crate) fn absent(self) -> Self {
        Self { bench: self.bench.absent() }
    }

    /// What the driver knows.
    pub fn status(&self) -> Status {
        self.bench.driver.status()
    }

    pub fn is_ready(&self) -> bool {
        self.status().health == Health::Ready
    }

    /// What a person sees who stands in the room.
    pub fn look(&self) -> RoomLook {
        self.bench.twin.look(Moment(0))
    }

    pub(crate) fn touch(&mut self, act: Act, now_ms: u64) {
        self.bench.touch(act, now_ms);
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        self.bench.unplug(now_ms).into_iter().map(heard).collect()
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.bench.plug(now_ms);
    }

    /// A new process: the driver begins anew; the relays are as they were.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.bench.program_restarts(driver(), now_ms);
    }

    pub(crate) fn switch(
        &mut self,
        id: EffectId,
        output: Output,
        on: bool,
        now_ms: u64,
    ) -> Vec<Event> {
        let told = self.bench.ask(RequestId(id.0), Request::Set { output, on }, now_ms);
        told.into_iter().map(heard).collect()
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bench.deadline()
    }

    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<Event> {
        self.bench.run(now_ms).into_iter().map(heard).collect()
    }

    /// The bench stands still until somebody does something.
    pub fn rests(&self) -> bool {
        self.deadline().is_none()
    }
}

const fn heard(event: room::Event) -> Event {
    match event {
        room::Event::Done(id, Reply::IsSet) => {
            Event::Done { id: EffectId(id.0), reply: CoreReply::RoomSwitched }
        }
        room::Event::Refused(id, why) => {
            Event::Refused { id: EffectId(id.0), refusal: CoreRefusal::Room(why) }
        }
        room::Event::StatusChanged(status) => Event::Room(status),
    }
}

fn driver() -> Room {
    Room::new(as_wired(), PRODUCTION)
}

/// The room is known, and every output is as it was asked for.
fn is_steady(driver: &Room, twin: &RoomTwin) -> bool {
    let (status, look) = (driver.status(), twin.look(Moment(0)));
    status.health == Health::Ready
        && status.disobeys.is_none()
        && look.planned.is_empty()
        && look.stuck_relay.is_none()
}
