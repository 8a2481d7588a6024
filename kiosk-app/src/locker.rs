//! Between the core's authorised openings and the locker's driver. It decides nothing about cells.

use std::collections::BTreeMap;

use device_api::{
    locker::{
        BoardChanged, DoorChanged, DoorNo, DoorState, Event as Said, Fault, Health, Refusal, Reply,
        Request,
    },
    wire,
};
use device_drivers::clock::Clock as DriverClock;
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply as CoreReply},
};
use locker_controller::{Config, LockerHandle, spawn, timings};
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    answer::Answer,
    config,
    device_task::{self, Device, Jobs, Sorted},
    shell::Unasked,
};

/// What was last seen of boards and doors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub boards: BTreeMap<u8, Health>,
    pub doors: BTreeMap<DoorNo, DoorState>,
}

impl Seen {
    /// Before anything was heard.
    pub fn nothing_yet(config: &Config) -> Self {
        let boards = config.cabinet.boards().iter();
        Self {
            boards: boards.map(|board| (board.address().get(), Health::Starting)).collect(),
            doors: config.cabinet.doors().keys().map(|door| (*door, DoorState::Unknown)).collect(),
        }
    }
}

/// The asking side, and what is known of the locker.
#[derive(Debug, Clone)]
pub struct Locker {
    jobs: Jobs<Request>,
    seen: watch::Receiver<Seen>,
}

impl Locker {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    /// `answer` says that nothing was sent if it is dropped before the driver has the request.
    pub fn open(&self, id: EffectId, door: DoorNo, answer: Answer) {
        self.jobs.ask(id, Request::Open(door), Some(answer));
    }

    pub fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::Locker) -> Config {
    let (port, baud) = (config.port.clone(), config.baud.0);
    Config { port, baud, cabinet: config.cabinet(), timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::Locker,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Locker {
    let config = config_of(config);
    let (tells, seen) = watch::channel(Seen::nothing_yet(&config));
    let jobs = device_task::start(Boards { config, seen: tells }, to_core, tasks, stop);
    Locker { jobs, seen }
}

/// A door that the driver was never asked to open.
pub const fn not_known(id: EffectId) -> Event {
    refused(id, Refusal::NotKnown)
}

/// One word for a technician.
pub const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(Fault::Missing) => "missing",
        Health::Down(Fault::Silent) => "silent",
        Health::Down(Fault::Garbage) => "garbage",
    }
}

struct Boards {
    config: Config,
    seen: watch::Sender<Seen>,
}

impl Boards {
    fn door(&self, change: DoorChanged) -> Event {
        self.seen.send_modify(|seen| seen.doors.extend([(change.door, change.is)]));
        Event::Door(change)
    }

    fn board(&self, change: BoardChanged) -> Event {
        self.seen.send_modify(|seen| seen.boards.extend([(change.board, change.health)]));
        Event::Board(change)
    }
}

impl Device for Boards {
    const NAME: &'static str = "locker";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (LockerHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::Door(change) => Sorted::News(self.door(change)),
            Said::Board(change) => Sorted::News(self.board(change)),
            Said::Done(id, Reply::Opened(door)) => {
                let (effect, reply) = (EffectId(id.0), CoreReply::DoorOpened(door));
                Sorted::Answer(id, Event::Done { id: effect, reply })
            }
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    /// As if every board had fallen silent.
    fn died(&mut self) -> Vec<Event> {
        let last = self.seen.borrow().clone();
        let is = DoorState::Unknown;
        let known = last.doors.into_iter().filter(|(_, was)| *was != is);
        let doors = known.map(|(door, was)| self.door(DoorChanged { door, was, is }));
        let health = Health::Down(Fault::Silent);
        let boards =
            last.boards.into_keys().map(|board| self.board(BoardChanged { board, health }));
        doors.chain(boards).collect()
    }

    fn in_doubt(id: EffectId, ask: &Request) -> Option<Event> {
        match ask {
            Request::Open(_) => Some(refused(id, Refusal::Lost)),
        }
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    Event::Refused { id, refusal: CoreRefusal::Door(why) }
}
