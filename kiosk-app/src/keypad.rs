//! Between the keypad's driver and the core. It decides nothing about keys.

use device_api::{
    keypad::{Event as Said, Fault, Health, Request, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    keypad::{Config, KeypadHandle, spawn, timings},
};
use kiosk_core::{EffectId, Event};
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config,
    device_task::{self, Device, Jobs, Sorted},
    shell::Unasked,
};

/// What is known of the keypad; it is asked nothing.
#[derive(Debug, Clone)]
pub struct Keypad {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl Keypad {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::Keypad) -> Config {
    Config { port: config.port.clone(), baud: config.baud.0, timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::Keypad,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Keypad {
    let (status, seen) = watch::channel(Status::STARTING);
    let device = Driver { config: config_of(config), status };
    Keypad { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
}

/// What a technician reads: one word, the key that is stuck, and the plug.
pub fn health_words(status: Status) -> String {
    let fault = |fault| match fault {
        Fault::Missing => "missing".to_owned(),
        Fault::Silent => "silent".to_owned(),
        Fault::Garbage => "garbage".to_owned(),
        Fault::OtherVersion(version) => {
            format!("expected version 1 of the protocol, got {version}")
        }
        Fault::KeyStuck(key) => format!("key {} stuck", key.name()),
    };
    let word = match status.health {
        Health::Starting => "starting".to_owned(),
        Health::Ready => "ready".to_owned(),
        Health::Hampered(why) => format!("ready, {}", fault(why)),
        Health::Down(why) => fault(why),
    };
    format!("{word}{}", if status.jack { ", earphones in" } else { "" })
}

struct Driver {
    config: Config,
    status: watch::Sender<Status>,
}

impl Driver {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status);
        Event::Keypad(Said::StatusChanged(status))
    }
}

impl Device for Driver {
    const NAME: &'static str = "keypad";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (KeypadHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        Sorted::News(match said {
            Said::StatusChanged(status) => self.publish(status),
            Said::Pressed(_) | Said::Plugged | Said::Identified(_) => Event::Keypad(said),
        })
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(Status { health: Health::Down(Fault::Silent), jack: false })]
    }

    fn in_doubt(_id: EffectId, ask: &Request) -> Option<Event> {
        match *ask {}
    }
}
