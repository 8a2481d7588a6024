//! `kiosk forms print`: a document on a printer, followed to its end, with nobody's session around
//! it. For commissioning: a printer that does this can be put into a station.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use device_api::{
    RequestId,
    page_printer::{
        Capabilities, Counted, Document, Event, Fault, Format, Health, Refusal, Reply, Request,
        Status,
    },
};
use device_drivers::{
    clock::Clock as DriverClock,
    page_printer::{Address, Config, PagePrinterHandle, spawn, timings},
};
use kiosk_forms::worker::Want;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Workpiece;
use crate::exit::{Exit, Failure};

/// A printer that wakes up and is cleared of what others left in it.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// What a printer that names no resolution is given.
const DPI: u16 = 300;
/// The only request of this program.
const PRINT: RequestId = RequestId(1);

#[derive(Debug, Args)]
pub struct Print {
    /// The template, a `.typ`.
    template: PathBuf,
    /// What the template reads as `data.json`.
    #[arg(long)]
    data: PathBuf,
    /// Where the printer is: `ipp://host:port/path`.
    #[arg(long)]
    printer: String,
}

/// # Errors
/// The document cannot be set, or is not known to have come out; the sentence says which.
pub async fn print(asked: Print) -> Result<Exit, Failure> {
    let bad = |sentence: String| Failure::new(Exit::BadConfig, sentence);
    let address = Address::parse(&asked.printer)
        .map_err(|error| bad(format!("{error}, got {:?}", asked.printer)))?;
    let mut workpiece = Workpiece::open(&asked.template, &asked.data)?;
    // A template with an error needs no printer.
    workpiece.make(Want::Pages).await?;
    let mut bench = Bench::start(address)?;
    let capabilities = bench.until_ready().await?;
    let document = document(&mut workpiece, &capabilities).await?;
    say(&format!("{}: {} pages as {:?}", capabilities.model, document.n_pages, document.format))?;
    bench.print(document).await
}

/// As the printer takes it best.
async fn document(
    workpiece: &mut Workpiece,
    capabilities: &Capabilities,
) -> Result<Document, Failure> {
    let format =
        if capabilities.formats.contains(&Format::Pdf) { Format::Pdf } else { Format::PwgRaster };
    let want = match format {
        Format::Pdf => Want::Pdf,
        Format::PwgRaster => Want::PwgRaster { dpi: capabilities.resolution_dpi.unwrap_or(DPI) },
    };
    let made = workpiece.make(want).await?;
    let n_pages = u16::try_from(made.n_pages).expect("the worker refuses more than forty");
    Ok(Document { format, bytes: made.bytes, n_pages })
}

/// The driver that ships, and what it says.
struct Bench {
    driver: PagePrinterHandle,
    said: mpsc::Receiver<Event>,
    _ends_driver: tokio_util::sync::DropGuard,
}

impl Bench {
    fn start(address: Address) -> Result<Self, Failure> {
        let stop = CancellationToken::new();
        let ends_driver = stop.clone().drop_guard();
        let config = Config { address, timings: timings::PRODUCTION };
        let (driver, said) =
            spawn(config, DriverClock::start(), stop).map_err(|error| Failure::plain(&error))?;
        Ok(Self { driver, said, _ends_driver: ends_driver })
    }

    /// Its first word that it is down ends the wait: whoever stands there can mend it.
    async fn until_ready(&mut self) -> Result<Capabilities, Failure> {
        let (mut capabilities, mut health) = (None, Health::Starting);
        let hear = async {
            while let Some(event) = self.said.recv().await {
                match event {
                    Event::Identified(found) => capabilities = Some(found),
                    Event::StatusChanged(status) => health = status.health,
                    Event::Done(..) | Event::Refused(..) | Event::Progress { .. } => {}
                }
                match (&capabilities, health) {
                    (Some(capabilities), Health::Ready) => return Some(capabilities.clone()),
                    (_, Health::Down(_)) => return None,
                    (None, Health::Ready) | (_, Health::Starting) => {}
                }
            }
            None
        };
        let ready = timeout(READY_LIMIT, hear).await.ok().flatten();
        ready.ok_or_else(|| {
            let words = health_word(health);
            let sentence = format!("the printer is not ready: {words}; nothing was sent");
            Failure::new(Exit::Failed, sentence)
        })
    }

    async fn print(&mut self, document: Document) -> Result<Exit, Failure> {
        let n_pages = document.n_pages;
        self.driver.ask(PRINT, Request::Print(document)).map_err(|error| Failure::plain(&error))?;
        // The driver answers every request, in the end; each of its waits has a limit.
        while let Some(event) = self.said.recv().await {
            match event {
                Event::Done(_, reply) => return ended(reply, n_pages),
                Event::Refused(_, refusal) => return Err(not_printed(refusal, n_pages)),
                Event::Progress { n_pages_out, .. } => {
                    say(&format!("page {n_pages_out} of {n_pages}"))?;
                }
                Event::StatusChanged(status) => say(&status_words(status))?,
                Event::Identified(_) => {}
            }
        }
        Err(Failure::new(Exit::Failed, "the driver ended; look what came out"))
    }
}

fn ended(reply: Reply, n_pages: u16) -> Result<Exit, Failure> {
    match reply {
        Reply::Printed { counted: Counted::ByPrinter } => {
            say(&format!("printed, and counted by the printer: {n_pages} of {n_pages}"))?;
        }
        Reply::Printed { counted: Counted::NotCounted } => {
            say(&format!("printed; this printer counts nothing: look for {n_pages} pages"))?;
        }
        Reply::Cancelled => say("cancelled")?,
    }
    Ok(Exit::Done)
}

fn not_printed(refusal: Refusal, n_pages: u16) -> Failure {
    let sentence = match refusal {
        Refusal::NotStarted(fault) => {
            format!("not printed, nothing came out: {}", fault_word(fault))
        }
        Refusal::Stopped => "not printed, nothing came out: stopped".to_owned(),
        Refusal::Unprintable => "not printed: the printer does not take this document".to_owned(),
        Refusal::Uncertain { fault, n_pages_out } => {
            let counted = n_pages_out.map_or_else(
                || "it did not count".to_owned(),
                |n_out| format!("it counted {n_out} of {n_pages}"),
            );
            format!("uncertain, look what came out: {}; {counted}", fault_word(fault))
        }
    };
    Failure::new(Exit::Failed, sentence)
}

fn status_words(status: Status) -> String {
    let low = [
        (status.paper_low, ", paper low"),
        (status.toner_low, ", toner low"),
        (status.output_nearly_full, ", output nearly full"),
    ];
    let low = low.into_iter().filter(|(is_low, _)| *is_low).map(|(_, words)| words);
    format!("{}{}", health_word(status.health), low.collect::<String>())
}

const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::Ready => "ready",
        Health::Down(fault) => fault_word(fault),
    }
}

const fn fault_word(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::Silent => "silent",
        Fault::Garbage => "garbage",
        Fault::PaperOut => "paper out",
        Fault::WrongPaper => "no A4 paper",
        Fault::TrayMissing => "tray missing",
        Fault::PaperJam => "paper jam",
        Fault::CoverOpen => "cover open",
        Fault::TonerEmpty => "toner empty",
        Fault::OutputFull => "output full",
        Fault::Paused => "paused at its panel",
        Fault::Occupied => "occupied by a job that is not ours",
        Fault::NotAccepting => "takes no jobs",
        Fault::Stalled => "stalled",
        Fault::Miscounted => "its count is another one",
        Fault::Aborted => "the job ended early",
        Fault::NeedsTechnician => "needs a technician",
    }
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout().lock(), "{line}").map_err(|error| Failure::plain(&error))
}
