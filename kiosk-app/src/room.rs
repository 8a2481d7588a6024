//! Between the core's wishes for the room and the room board's driver. It decides nothing about
//! alarms.

use device_api::{
    room::{Event as Said, Fault, Health, Output, Refusal, Reply, Request, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    room::{Config, RoomHandle, spawn, timings},
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

/// The asking side, and what is known of the room.
#[derive(Debug, Clone)]
pub struct Room {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl Room {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    pub fn switch(&self, id: EffectId, output: Output, on: bool, answer: Answer) {
        self.jobs.ask(id, Request::Set { output, on }, Some(answer));
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::Room) -> Config {
    let (port, baud) = (config.port.clone(), config.baud.0);
    Config { port, baud, settings: config.settings(), timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::Room,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Room {
    let (status, seen) = watch::channel(without_room(Health::Starting));
    let device = Driver { config: config_of(config), status };
    Room { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
}

/// Nothing is known of the room.
pub const fn without_room(health: Health) -> Status {
    Status { health, inputs: None, outputs: None, disobeys: None }
}

/// What a technician reads: one word, and the output that is not as it was asked for.
pub fn health_words(status: Status) -> String {
    let word = match status.health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(Fault::Missing) => "missing",
        Health::Down(Fault::Silent) => "silent",
        Health::Down(Fault::Garbage) => "garbage",
        Health::Down(Fault::Unfit) => "unfit",
    };
    let disobeys = status.disobeys.map(|output| match output {
        Output::Light => ", light disobeys",
        Output::Siren => ", siren disobeys",
        Output::Guard => ", guard disobeys",
    });
    format!("{word}{}", disobeys.unwrap_or_default())
}

/// The answer to a wish that no driver took.
pub const fn not_switched(id: EffectId) -> Event {
    refused(id, Refusal::DeviceDown(Fault::Missing))
}

struct Driver {
    config: Config,
    status: watch::Sender<Status>,
}

impl Driver {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status);
        Event::Room(status)
    }
}

impl Device for Driver {
    const NAME: &'static str = "room";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (RoomHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::StatusChanged(status) => Sorted::News(self.publish(status)),
            Said::Done(id, Reply::IsSet) => {
                let reply = CoreReply::RoomSwitched;
                Sorted::Answer(id, Event::Done { id: EffectId(id.0), reply })
            }
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(without_room(Health::Down(Fault::Silent)))]
    }

    /// A state may be asked for again: the core does when the board is back.
    fn in_doubt(_id: EffectId, _ask: &Request) -> Option<Event> {
        None
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    Event::Refused { id, refusal: CoreRefusal::Room(why) }
}
