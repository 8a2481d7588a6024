//! Records what goes over the wire of one device while the driver that ships talks to it, as a
//! transcript that can be replayed.
//!
//! Record cards and slips that belong to nobody: a transcript holds every byte. No station has this
//! program. Exit code 2: bad command line.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use device_api::{
    RequestId, code_scanner, id_reader,
    smart_card::{self, Challenge},
};
use device_drivers::{
    clock::Clock,
    code_scanner::{Charset, Ending, Settings, Trigger},
    id_reader::{Baud, timings},
    link::{
        pcsc::PcscTerminal,
        record::{Recording, Transcript},
        serial::SerialConnect,
    },
    pump::Handle,
    receipt_printer,
    smart_card::{SmartCardReader, terminal},
};
use device_sim::printer;
use locker_controller::{BoardProfile, ByteOrder, Cabinet, Locker, Polarity};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a staff card signs while it is recorded.
const CHALLENGE: Challenge = Challenge([0; 32]);
const READ: RequestId = RequestId(1);

#[derive(Debug, Parser)]
#[command(about = "Records the wire of one device as a transcript")]
struct Cli {
    /// The new file.
    #[arg(long)]
    out: PathBuf,
    /// Where the device stands and what it is, in one line.
    #[arg(long)]
    source: String,
    /// Version of the device's firmware, or none.
    #[arg(long, default_value = "none")]
    firmware: String,
    /// So long it is recorded; a card or code that is waited for may be shown meanwhile.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[command(subcommand)]
    device: Device,
}

#[derive(Debug, Args)]
struct Port {
    #[arg(long)]
    port: PathBuf,
    #[arg(long)]
    baud: u32,
}

#[derive(Debug, Subcommand)]
enum Device {
    /// Reads one card, photo and addresses included.
    IdReader(Port),
    /// Asks a printer how it is, and cleans it.
    ReceiptPrinter(Port),
    /// Reads one code; the scanner is of the "7E 00" family and ends a text with a line end.
    CodeScanner {
        #[command(flatten)]
        port: Port,
        #[arg(long, value_enum)]
        charset: Text,
    },
    /// Looks at all doors of these boards of 24 locks; opens none.
    Locker {
        #[command(flatten)]
        port: Port,
        #[arg(long, required = true)]
        board: Vec<u8>,
    },
    /// Reads one card in the slot.
    ChipCards {
        /// Name of the reader at pcscd.
        #[arg(long)]
        reader: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Text {
    Utf8,
    Gbk,
}

impl Device {
    const fn name(&self) -> &'static str {
        match self {
            Self::IdReader(_) => "id-reader",
            Self::ReceiptPrinter(_) => "receipt-printer",
            Self::CodeScanner { .. } => "code-scanner",
            Self::Locker { .. } => "locker",
            Self::ChipCards { .. } => "chip-cards",
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match record(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "nothing was recorded");
            ExitCode::FAILURE
        }
    }
}

/// What all devices need.
struct Recorder {
    transcript: Transcript,
    clock: Clock,
    stop: CancellationToken,
    limit: Duration,
}

async fn record(cli: Cli) -> anyhow::Result<()> {
    let (clock, stop) = (Clock::start(), CancellationToken::new());
    let _ends_driver = stop.clone().drop_guard();
    let transcript =
        Transcript::create(&cli.out, cli.device.name(), &cli.source, &cli.firmware, clock)
            .with_context(|| format!("{} cannot be made anew", cli.out.display()))?;
    let limit = Duration::from_secs(cli.seconds);
    Recorder { transcript, clock, stop, limit }.device(cli.device).await
}

impl Recorder {
    async fn device(&self, device: Device) -> anyhow::Result<()> {
        let (clock, stop) = (self.clock, self.stop.clone());
        match device {
            Device::IdReader(port) => {
                let baud = Baud::from_rate(port.baud).context("no rate of this module")?;
                let (handle, said) = device_drivers::id_reader::spawn_on(
                    self.line(port),
                    baud,
                    timings::PRODUCTION,
                    clock,
                    stop,
                );
                let what =
                    id_reader::ReadWhat { photo: true, fingerprint: false, new_address: true };
                self.ask(&handle, id_reader::Request::Read(what))?;
                self.hear(said).await
            }
            Device::ReceiptPrinter(port) => {
                let rate = receipt_printer::Baud::from_rate(port.baud);
                let baud = rate.context("no rate of this printer")?;
                let typeface = printer::typeface(printer::FONT.as_ref())?;
                let core = receipt_printer::ReceiptPrinter::new(
                    baud,
                    typeface,
                    receipt_printer::timings::PRODUCTION,
                );
                let (_handle, said) = receipt_printer::spawn_on(self.line(port), core, clock, stop);
                self.hear(said).await
            }
            Device::CodeScanner { port, charset } => {
                let charset = match charset {
                    Text::Utf8 => Charset::Utf8,
                    Text::Gbk => Charset::Gbk,
                };
                let settings =
                    Settings { trigger: Trigger::Command, ending: Ending::Line, charset };
                let timings = device_drivers::code_scanner::timings::PRODUCTION;
                let (handle, said) = device_drivers::code_scanner::spawn_on(
                    self.line(port),
                    settings,
                    timings,
                    clock,
                    stop,
                );
                let patience_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
                self.ask(&handle, code_scanner::Request::Read { patience_ms })?;
                self.hear(said).await
            }
            Device::Locker { port, board } => {
                let baud = port.baud;
                let core =
                    Locker::new(&cabinet(&board)?, baud, locker_controller::timings::PRODUCTION);
                let (_handle, said) =
                    locker_controller::spawn_on(self.line(port), core, clock, stop);
                self.hear(said).await
            }
            Device::ChipCards { reader } => {
                let terminal = Recording::new(PcscTerminal::start(reader), self.transcript.clone());
                let core = SmartCardReader::new(device_drivers::smart_card::timings::PRODUCTION);
                let (handle, said) = terminal::spawn(core, terminal, clock, stop);
                self.ask(&handle, smart_card::Request::Read { challenge: CHALLENGE })?;
                self.hear(said).await
            }
        }
    }

    fn line(&self, port: Port) -> Recording<SerialConnect> {
        Recording::new(SerialConnect::new(port.port, port.baud), self.transcript.clone())
    }

    fn ask<Ask>(&self, handle: &Handle<Ask>, ask: Ask) -> anyhow::Result<()> {
        self.transcript.act("ask read");
        handle.ask(READ, ask).map_err(|error| anyhow!("{error}"))
    }

    /// Until the time is over. What is said is in the bytes.
    async fn hear<Event>(&self, mut said: mpsc::Receiver<Event>) -> anyhow::Result<()> {
        let ended =
            tokio::time::timeout(self.limit, async { while said.recv().await.is_some() {} });
        if ended.await.is_ok() {
            bail!("the driver ended by itself");
        }
        Ok(())
    }
}

fn cabinet(boards: &[u8]) -> anyhow::Result<Cabinet> {
    let board = |address: &u8| {
        BoardProfile::new(*address, 24, Polarity::ShortWhenLocked, ByteOrder::HighFirst)
    };
    let boards = boards.iter().map(board).collect::<Result<Vec<_>, _>>()?;
    Ok(Cabinet::in_order(boards)?)
}
