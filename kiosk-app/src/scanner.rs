//! Between the core's wish for a code and the code scanner's driver. It decides nothing about
//! codes.

use device_api::{
    code_scanner::{Event as Said, Fault, Health, Refusal, Reply, Request, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    code_scanner::{CodeScannerHandle, Config, Settings, spawn, timings},
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

/// How long somebody may look for the place to hold a slip; the page waits meanwhile.
const PATIENCE_MS: u64 = 10_000;

/// The asking side, and what is known of the scanner.
#[derive(Debug, Clone)]
pub struct Scanner {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl Scanner {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    pub fn read(&self, id: EffectId, answer: Answer) {
        self.jobs.ask(id, Request::Read { patience_ms: PATIENCE_MS }, Some(answer));
    }

    /// The lamp goes out. `id` is of the effect that ended the session: this request has no answer
    /// of its own.
    pub fn stop(&self, id: EffectId) {
        self.jobs.ask(id, Request::Stop, None);
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::CodeScanner) -> Config {
    let settings = Settings {
        trigger: config.trigger.into(),
        ending: config.ending.into(),
        charset: config.charset.into(),
    };
    let (port, baud) = (config.port.clone(), config.baud.0);
    Config { port, baud, settings, timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::CodeScanner,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Scanner {
    let (status, seen) = watch::channel(Status { health: Health::Starting });
    let device = CodeScanner { config: config_of(config), status };
    Scanner { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
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

struct CodeScanner {
    config: Config,
    status: watch::Sender<Status>,
}

impl CodeScanner {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status);
        Event::Scanner(status)
    }
}

impl Device for CodeScanner {
    const NAME: &'static str = "code-scanner";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (CodeScannerHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::StatusChanged(status) => Sorted::News(self.publish(status)),
            Said::Done(id, Reply::Code(code)) => {
                let reply = CoreReply::Code(code);
                Sorted::Answer(id, Event::Done { id: EffectId(id.0), reply })
            }
            Said::Done(_, Reply::Stopped) => Sorted::Nothing,
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(Status { health: Health::Down(Fault::Silent) })]
    }

    /// Nothing was read, asked or not.
    fn in_doubt(_id: EffectId, _ask: &Request) -> Option<Event> {
        None
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    let refusal = match why {
        Refusal::NothingThere | Refusal::Torn | Refusal::Stopped | Refusal::DeviceDown(_) => {
            CoreRefusal::NoCode
        }
        Refusal::TooLong | Refusal::NotText => CoreRefusal::ForeignCode,
    };
    Event::Refused { id, refusal }
}
