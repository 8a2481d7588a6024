//! Between the core's questions and the id reader's driver. It decides nothing about cards.

use device_api::{
    id_reader::{Event as Said, Fault, Health, Refusal, Reply, Request, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    id_reader::{Baud, Config, IdReaderHandle, spawn, timings},
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

/// The asking side, and what is known of the reader.
#[derive(Debug, Clone)]
pub struct Reader {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl Reader {
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
pub fn config_of(config: &config::IdReader) -> Config {
    let baud = Baud::from_rate(config.baud.0).expect("machine.toml allows the module's rates only");
    Config { port: config.port.clone(), baud, timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::IdReader,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Reader {
    let (status, seen) = watch::channel(without_module(Health::Starting));
    let device = IdReader { config: config_of(config), status };
    Reader { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
}

pub const fn without_module(health: Health) -> Status {
    Status { health, card_present: false, module_id: None }
}

/// One word for the hall's map and for a technician.
pub const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(Fault::Missing) => "missing",
        Health::Down(Fault::Silent) => "silent",
        Health::Down(Fault::Garbage) => "garbage",
        Health::Down(Fault::SelfTestFailed) => "self_test_failed",
        Health::Down(Fault::NotAuthorised) => "not_authorised",
    }
}

struct IdReader {
    config: Config,
    status: watch::Sender<Status>,
}

impl IdReader {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status.clone());
        Event::Reader(status)
    }
}

impl Device for IdReader {
    const NAME: &'static str = "id-reader";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (IdReaderHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::StatusChanged(status) => Sorted::News(self.publish(status)),
            Said::Done(id, reply) => {
                let reply = match reply {
                    Reply::Card(card) => CoreReply::Card(card),
                    Reply::Stopped => CoreReply::Stopped,
                };
                Sorted::Answer(id, Event::Done { id: EffectId(id.0), reply })
            }
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(without_module(Health::Down(Fault::Silent)))]
    }

    /// Nothing was read, asked or not.
    fn in_doubt(_id: EffectId, _ask: &Request) -> Option<Event> {
        None
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    Event::Refused { id, refusal: CoreRefusal::Card(why) }
}
