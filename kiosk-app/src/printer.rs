//! Between the core's slips and the receipt printer's driver. It decides nothing about paper.

use device_api::{
    receipt_printer::{Event as Said, Fault, Health, Refusal, Reply, Request, Slip, Status},
    wire,
};
use device_drivers::{
    clock::Clock as DriverClock,
    receipt_printer::{Baud, Config, ReceiptPrinterHandle, Typeface, spawn, timings},
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

/// The asking side, and what is known of the printer.
#[derive(Debug, Clone)]
pub struct Printer {
    jobs: Jobs<Request>,
    status: watch::Receiver<Status>,
}

impl Printer {
    pub fn wire(&self) -> Vec<wire::Line> {
        self.jobs.wire()
    }

    /// `answer` says that nothing was sent if it is dropped before the driver has the slip.
    pub fn print(&self, id: EffectId, slip: Box<Slip>, reprint: bool, answer: Answer) {
        self.jobs.ask(id, Request::Print { slip, reprint }, Some(answer));
    }

    /// What has not started is not printed any more (R4). `id` is of the effect that ended the
    /// session: this request has no answer of its own.
    pub fn cancel(&self, id: EffectId) {
        self.jobs.ask(id, Request::Cancel, None);
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

/// What the driver is started from.
pub fn config_of(config: &config::ReceiptPrinter, typeface: Typeface) -> Config {
    let baud = Baud::from_rate(config.baud.0).expect("machine.toml allows the driver's rates only");
    Config { port: config.port.clone(), baud, typeface, timings: timings::PRODUCTION }
}

/// Starts the driver and its task on the current runtime.
pub fn start(
    config: &config::ReceiptPrinter,
    typeface: Typeface,
    to_core: mpsc::Sender<Unasked>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Printer {
    let (status, seen) = watch::channel(with_paper(Health::Starting));
    let device = ReceiptPrinter { config: config_of(config, typeface), status };
    Printer { jobs: device_task::start(device, to_core, tasks, stop), status: seen }
}

pub const fn with_paper(health: Health) -> Status {
    Status { health, paper_low: false }
}

/// A print that the driver never had.
pub const fn not_started(id: EffectId) -> Event {
    refused(id, Refusal::NotStarted(Fault::Missing))
}

/// One word for a technician.
pub const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(Fault::Missing) => "missing",
        Health::Down(Fault::Silent) => "silent",
        Health::Down(Fault::Garbage) => "garbage",
        Health::Down(Fault::PaperOut) => "paper_out",
        Health::Down(Fault::CoverOpen) => "cover_open",
        Health::Down(Fault::Cutter) => "cutter",
        Health::Down(Fault::Hot) => "hot",
        Health::Down(Fault::Unrecoverable) => "unrecoverable",
        Health::Down(Fault::OffLine) => "off_line",
    }
}

struct ReceiptPrinter {
    config: Config,
    status: watch::Sender<Status>,
}

impl ReceiptPrinter {
    fn publish(&self, status: Status) -> Event {
        self.status.send_replace(status);
        Event::Printer(status)
    }
}

impl Device for ReceiptPrinter {
    const NAME: &'static str = "receipt-printer";
    type Ask = Request;
    type Said = Said;

    fn spawn(&self, stop: CancellationToken) -> (ReceiptPrinterHandle, mpsc::Receiver<Said>) {
        spawn(self.config.clone(), DriverClock::start(), stop)
    }

    fn sort(&mut self, said: Said) -> Sorted {
        match said {
            Said::StatusChanged(status) => Sorted::News(self.publish(status)),
            Said::Done(id, Reply::Printed) => {
                let (effect, reply) = (EffectId(id.0), CoreReply::Printed);
                Sorted::Answer(id, Event::Done { id: effect, reply })
            }
            Said::Done(_, Reply::Cancelled) => Sorted::Nothing,
            Said::Refused(id, why) => Sorted::Answer(id, refused(EffectId(id.0), why)),
        }
    }

    fn died(&mut self) -> Vec<Event> {
        vec![self.publish(with_paper(Health::Down(Fault::Silent)))]
    }

    fn in_doubt(id: EffectId, ask: &Request) -> Option<Event> {
        match ask {
            Request::Print { .. } => Some(refused(id, Refusal::Uncertain(Fault::Silent))),
            Request::Cancel => None,
        }
    }
}

const fn refused(id: EffectId, why: Refusal) -> Event {
    Event::Refused { id, refusal: CoreRefusal::Print(why) }
}
