//! Records what goes over the wire of one device while the driver that ships talks to it, as a
//! transcript that can be replayed.
//!
//! Record cards and slips that belong to nobody: a transcript holds every byte. No station has this
//! program. Exit code 2: bad command line.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use device_api::{
    RequestId, code_scanner, id_reader, room,
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
use device_sim::{printer, room::as_wired};
use locker_controller::{BoardProfile, ByteOrder, Cabinet, Locker, Polarity};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a staff card signs while it is recorded.
const CHALLENGE: Challenge = Challenge([0; 32]);
const FIRST: RequestId = RequestId(1);

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
    /// Greets a keypad and hears its keys and its jack.
    Keypad(Port),
    /// Looks at all doors of these boards of 24 locks; opens none.
    Locker {
        #[command(flatten)]
        port: Port,
        #[arg(long, required = true)]
        board: Vec<u8>,
    },
    /// Looks at the inputs and relays of a room board; what hands do meanwhile is seen.
    Room {
        #[command(flatten)]
        port: Port,
        #[arg(long)]
        address: u8,
        /// Switches the lamp on as well, at relay 1 of the board.
        #[arg(long)]
        light: bool,
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
            Self::Keypad(_) => "keypad",
            Self::Locker { .. } => "locker",
            Self::Room { .. } => "room",
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
                self.ask(&handle, "ask read", id_reader::Request::Read(what))?;
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
            Device::CodeScanner { port, charset } => self.code_scanner(port, charset).await,
            Device::Keypad(port) => {
                let timings = device_drivers::keypad::timings::PRODUCTION;
                let (_handle, said) =
                    device_drivers::keypad::spawn_on(self.line(port), timings, clock, stop);
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
            Device::Room { port, address, light } => self.room(port, address, light).await,
            Device::ChipCards { reader } => {
                let terminal = Recording::new(PcscTerminal::start(reader), self.transcript.clone());
                let core = SmartCardReader::new(device_drivers::smart_card::timings::PRODUCTION);
                let (handle, said) = terminal::spawn(core, terminal, clock, stop);
                self.ask(&handle, "ask read", smart_card::Request::Read { challenge: CHALLENGE })?;
                self.hear(said).await
            }
        }
    }

    async fn code_scanner(&self, port: Port, charset: Text) -> anyhow::Result<()> {
        let charset = match charset {
            Text::Utf8 => Charset::Utf8,
            Text::Gbk => Charset::Gbk,
        };
        let settings = Settings { trigger: Trigger::Command, ending: Ending::Line, charset };
        let (handle, said) = device_drivers::code_scanner::spawn_on(
            self.line(port),
            settings,
            device_drivers::code_scanner::timings::PRODUCTION,
            self.clock,
            self.stop.clone(),
        );
        let patience_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        self.ask(&handle, "ask read", code_scanner::Request::Read { patience_ms })?;
        self.hear(said).await
    }

    async fn room(&self, port: Port, address: u8, light: bool) -> anyhow::Result<()> {
        let address = device_drivers::room::Address::new(address);
        let address = address.context("expected an address from 1 to 247")?;
        let (handle, said) = device_drivers::room::spawn_on(
            self.line(port),
            device_drivers::room::Settings { address, ..as_wired() },
            device_drivers::room::timings::PRODUCTION,
            self.clock,
            self.stop.clone(),
        );
        if light {
            let ask = room::Request::Set { output: room::Output::Light, on: true };
            self.ask(&handle, "ask light on", ask)?;
        }
        self.hear(said).await
    }

    fn line(&self, port: Port) -> Recording<SerialConnect> {
        Recording::new(SerialConnect::new(port.port, port.baud), self.transcript.clone())
    }

    fn ask<Ask>(&self, handle: &Handle<Ask>, words: &str, ask: Ask) -> anyhow::Result<()> {
        self.transcript.act(words);
        handle.ask(FIRST, ask).map_err(|error| anyhow!("{error}"))
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
