//! `hall`: the program of the central hall. Reads the command line, starts and stops; decides
//! nothing.
//!
//! Exit codes: 1 could not do it (the reason is on stderr), 2 wrong command line, 3 the audit chain
//! is broken, 75 the store stopped after a failed write: start again.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use hall_server::{
    Clock, Options, RunningHall, enrol_code,
    folder::Folder,
    forms, staff_card_code,
    store::{
        self, chain,
        staff_cards::{self, CardLine},
    },
};
use kiosk_forms::worker;
use kiosk_words::{StaffRole, StationId, WallTime, staff::is_staff_number};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Also after its file was replaced.
const THIS_PROGRAM: &str = "/proc/self/exe";
const EXIT_AUDIT_BROKEN: u8 = 3;
const EXIT_STORE_DEAD: u8 = 75;

#[derive(Debug, Parser)]
#[command(name = "hall", version, about = "The central hall of Nightdesk")]
struct Arguments {
    /// What goes to the log, for example `info` or `hall_server=debug`.
    #[arg(long, default_value = "info", global = true)]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve stations and clerks until a signal.
    Serve(Serve),
    /// Register a station and print its one-time code.
    EnrolCode {
        #[arg(long)]
        data: PathBuf,
        /// 1 to 9999.
        #[arg(long, value_parser = station)]
        station: StationId,
        #[arg(long)]
        name: Option<String>,
    },
    /// Revoke every certificate of a station.
    Revoke {
        #[arg(long)]
        data: PathBuf,
        #[arg(long, value_parser = station)]
        station: StationId,
    },
    /// Cards of staff at stations.
    #[command(subcommand)]
    StaffCard(StaffCard),
    #[command(subcommand)]
    Audit(Audit),
    /// Set documents for the hall that started this.
    #[command(hide = true)]
    FormsWorker {
        #[arg(long)]
        templates: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum StaffCard {
    /// Print the one-time code for one card of one person.
    Code {
        #[arg(long)]
        data: PathBuf,
        /// 1 to 20 letters, digits, hyphens or underscores.
        #[arg(long, value_parser = staff)]
        staff: String,
        /// technician, courier, manager, supervisor or guard.
        #[arg(long)]
        role: StaffRole,
    },
    /// Print every card: staff, role, card number, issued, valid until, state.
    List {
        #[arg(long)]
        data: PathBuf,
    },
    /// Revoke every card of a person, and the code that was not used yet.
    Revoke {
        #[arg(long)]
        data: PathBuf,
        #[arg(long, value_parser = staff)]
        staff: String,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Walk the hall's audit chain and print its head.
    Verify {
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// Folder of keys, database and scans; made if it is not there.
    #[arg(long)]
    data: PathBuf,
    /// Clerk console.
    #[arg(long)]
    console: SocketAddr,
    /// Stations, mutual TLS.
    #[arg(long)]
    stations: SocketAddr,
    /// Folder of matters; checked to be there. Names on the pages come from the records.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Folder of templates; with it, clerks can have an application form as a PDF.
    #[arg(long)]
    forms: Option<PathBuf>,
    /// Names for the server certificate besides localhost and 127.0.0.1.
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// Written when the hall serves.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

fn station(text: &str) -> Result<StationId, String> {
    let number: u16 = text.parse().map_err(|_| format!("expected a number, got {text:?}"))?;
    StationId::try_from(number)
}

fn staff(text: &str) -> Result<String, String> {
    if is_staff_number(text) {
        return Ok(text.to_owned());
    }
    Err(format!("expected 1 to 20 letters, digits, hyphens or underscores, got {text:?}"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Database, log and scans are made by libraries that leave the rights to the process.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let filter = EnvFilter::new(&arguments.log);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let done = hall_server::dumps::forbid().context("cannot forbid core dumps");
    match done.and_then(|()| run(arguments.command)) {
        Ok(code) => code,
        Err(error) => {
            let _closed = writeln!(io::stderr().lock(), "hall: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve(arguments),
        Command::EnrolCode { data, station, name } => {
            let code = enrol_code(&data, station, name.as_deref(), &Clock::system())?;
            say(&code)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Revoke { data, station } => {
            let mut database = store::open_database(&Folder::open(&data)?.database())?;
            let now = Clock::system().now();
            let n_revoked = store::with_own_transaction(&mut database, |context| {
                store::stations::revoke(context, station, now)
            })?;
            say(&format!("{n_revoked} certificates of station {station} revoked"))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::StaffCard(command) => staff_card(command),
        Command::Audit(Audit::Verify { data }) => verify(&data),
        Command::FormsWorker { templates } => {
            worker::serve(&templates)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn staff_card(command: StaffCard) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    match command {
        StaffCard::Code { data, staff, role } => {
            say(&staff_card_code(&data, &staff, role, &clock)?)?;
        }
        StaffCard::List { data } => {
            for card in staff_cards::all(&existing_database(&data)?)? {
                let (from, until) = (day(card.issued), day(card.not_after));
                let state = state(&card, clock.now());
                let (staff, role, number) = (card.staff, card.role, card.card);
                say(&format!("{staff}\t{role}\t{number}\t{from}\t{until}\t{state}"))?;
            }
        }
        StaffCard::Revoke { data, staff } => {
            let mut database = existing_database(&data)?;
            let revoked = store::with_own_transaction(&mut database, |context| {
                staff_cards::revoke(context, &staff, clock.now())
            })?;
            let (n_cards, n_codes) = (revoked.cards.len(), revoked.n_codes);
            anyhow::ensure!(n_cards + n_codes > 0, "staff {staff} has neither card nor code");
            say(&format!("{n_cards} cards and {n_codes} codes of staff {staff} revoked"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn state(card: &CardLine, now: WallTime) -> &'static str {
    if card.revoked.is_some() {
        "revoked"
    } else if card.not_after <= now {
        "expired"
    } else {
        "valid"
    }
}

fn day(at: WallTime) -> String {
    let civil = at.civil();
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// A command that only looks or ends something makes no new hall.
fn existing_database(data: &std::path::Path) -> anyhow::Result<rusqlite::Connection> {
    let path = Folder::open(data)?.database();
    anyhow::ensure!(path.exists(), "no hall has kept its data in {}", data.display());
    Ok(store::open_database(&path)?)
}

fn verify(data: &std::path::Path) -> anyhow::Result<ExitCode> {
    let database = existing_database(data)?;
    match chain::verify(&database) {
        Ok(head) => {
            say(&format!("{} lines, head {}: unbroken", head.n_lines, head.hash))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(chain::ChainError::Store(error)) => Err(error.into()),
        Err(broken) => {
            say(&format!("broken: {broken}"))?;
            Ok(ExitCode::from(EXIT_AUDIT_BROKEN))
        }
    }
}

fn serve(arguments: Serve) -> anyhow::Result<ExitCode> {
    if let Some(catalog) = &arguments.catalog {
        anyhow::ensure!(catalog.is_dir(), "no folder of matters at {}", catalog.display());
    }
    if let Some(templates) = &arguments.forms {
        anyhow::ensure!(templates.is_dir(), "no folder of templates at {}", templates.display());
    }
    let forms = arguments.forms.as_deref().map(std::path::absolute).transpose()?;
    let options = Options {
        forms: forms.map(|templates| forms::program(THIS_PROGRAM, &templates)),
        data: arguments.data,
        console: arguments.console,
        stations: arguments.stations,
        hosts: arguments.hosts,
        ready_file: arguments.ready_file,
        clock: Clock::system(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let hall = hall_server::serve(options).await?;
        announce(&hall)?;
        until_end(hall).await
    })
}

fn announce(hall: &RunningHall) -> anyhow::Result<()> {
    say(&format!("console   http://{}", hall.console_addr))?;
    say(&format!("stations  https://{}", hall.stations_addr))?;
    if let Some(link) = &hall.first_account_link {
        say(&format!("first account, once, within 24 hours: {link}"))?;
    }
    Ok(())
}

async fn until_end(hall: RunningHall) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("signal handler")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signal handler")?;
    let is_dead = tokio::select! {
        biased;
        () = hall.store_died() => true,
        _ = terminate.recv() => false,
        _ = interrupt.recv() => false,
    };
    hall.shutdown().await;
    Ok(if is_dead { ExitCode::from(EXIT_STORE_DEAD) } else { ExitCode::SUCCESS })
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
