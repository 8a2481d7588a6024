//! Between the core's wish for a card in the slot and the chip card driver. It decides nothing about
//! cards.

use device_api::{
    smart_card::{Event as Said, Fault, Health, Refusal, Reply, Request, Slot, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    smart_card::{Config, SmartCardHandle, spawn, timings},
};
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply as CoreReply},
};
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    answer::Answer,
    config,
    device_task::{self, Device, Jobs, Sorted},
    shell::Unasked,
};

/// The asking side, and what is known of the slot.
#[derive(Debug, Clone)]
pub struct ChipSlot {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl ChipSlot {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    pub fn ask(&self, id: EffectId, request: Request, answer: Answer) {
        self.jobs.ask(id, request, Some(answer));
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::ChipCards) -> Config {
    Config { reader: config.reader.0.clone(), timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::ChipCards,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> ChipSlot {
    let (status, seen) = watch::channel(empty(Health::Starting));
    let device = Driver { config: config_of(config), status };
    ChipSlot { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
}

pub const fn empty(health: Health) -> Status {
    Status { health, slot: Slot::Empty }
}

/// One word for a technician.
pub const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(Fault::NoService) => "no_pcscd",
        Health::Down(Fault::Missing) => "missing",
        Health::Down(Fault::Several) => "several_of_that_name",
        Health::Down(Fault::Stuck) => "stuck",
    }
}

struct Driver {
    config: Config,
    status: watch::Sender<Status>,
}

impl Driver {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status);
        Event::ChipSlot(status)
    }
}

impl Device for Driver {
    const NAME: &'static str = "smart-card";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (SmartCardHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::StatusChanged(status) => Sorted::News(self.publish(status)),
            Said::Done(id, reply) => {
                let reply = match reply {
                    Reply::SocialCard(card) => CoreReply::SocialCard(card),
                    Reply::StaffCard(card) => CoreReply::StaffCard(card),
                    Reply::Proof(signature) => CoreReply::StaffProof(signature),
                    Reply::Stopped => CoreReply::Stopped,
                };
                Sorted::Answer(id, Event::Done { id: EffectId(id.0), reply })
            }
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(empty(Health::Down(Fault::Stuck)))]
    }

    /// Nothing was read, asked or not.
    fn in_doubt(_id: EffectId, _ask: &Request) -> Option<Event> {
        None
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    Event::Refused { id, refusal: CoreRefusal::Chip(why) }
}
