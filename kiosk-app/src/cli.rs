//! The command line: what a technician may ask of this program, and with which code it ends.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    process::Stdio,
};

use clap::{Parser, Subcommand};
use kiosk_core::{out_of_service::switched_off, station::EXIT_POWER_OFF};
use kiosk_store::STORE_KEY_FILE;
use rustix::{fs::Mode, process::umask};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};

use crate::{
    become_command::become_command,
    check,
    clock::Clock,
    config::{Machine, Program},
    control::{self, Question},
    enrol::enrol,
    exit::{Exit, Failure, with_causes},
    forms_command::{self, FormsCommand},
    limits::Timings,
    out_of_service,
    report::Report,
    run::{self, Running, Setup},
    window,
};

/// Threads of the runtime; store, camera and window have their own.
const RUNTIME_THREADS: usize = 2;

#[derive(Debug, Parser)]
#[command(name = "kiosk", version, about = "The station program of Nightdesk")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be the station: window, devices, hall.
    Run(Common),
    /// Make this machine a station of its hall, once.
    Enrol {
        #[command(flatten)]
        common: Common,
        /// The one-time code that the hall printed for this station.
        #[arg(long)]
        code: String,
    },
    /// Look at everything the station needs and print a table.
    Check {
        #[command(flatten)]
        common: Common,
        /// The same table as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say in a few lines how the station is.
    Status(Common),
    /// Close all files but three and become a command; the station starts its sandbox so.
    #[command(hide = true)]
    Become {
        #[arg(last = true, required = true)]
        words: Vec<OsString>,
    },
    /// Forms and other papers, for who makes their templates.
    Forms {
        #[command(subcommand)]
        command: FormsCommand,
    },
    /// The audit chain.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check the chain from its first line to its head.
    Verify(Common),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// What commissioning wrote about this machine.
    #[arg(long, default_value = "machine.toml")]
    machine: PathBuf,
    /// The store key, where it does not lie in the data folder (a systemd credential).
    #[arg(long)]
    store_key: Option<PathBuf>,
}

impl Common {
    fn setup(self) -> Result<Setup, Failure> {
        let machine = Machine::load(&self.machine)
            .map_err(|error| Failure::new(Exit::BadConfig, with_causes(&error)))?;
        let store_key = self.store_key.unwrap_or_else(|| machine.data.join(STORE_KEY_FILE));
        Ok(Setup { machine, store_key, timings: Timings::STATION })
    }
}

/// The whole program; call on the main thread.
pub fn main() -> Exit {
    crate::logging::start();
    // Database, log and socket are made by libraries that leave the rights to the process.
    umask(Mode::RWXG | Mode::RWXO);
    if let Err(error) = crate::dumps::forbid() {
        return told(&Failure::new(Exit::Failed, format!("cannot forbid core dumps: {error}")));
    }
    let outcome = match Cli::parse().command {
        Command::Run(common) => common.setup().and_then(run_station),
        Command::Enrol { common, code } => {
            common.setup().and_then(|setup| enrol_station(&setup, &code))
        }
        Command::Check { common, json } => ask(common, Question::Check { json }),
        Command::Status(common) => ask(common, Question::Status),
        Command::Become { words } => Err(become_command(words)),
        Command::Forms { command: FormsCommand::Render(asked) } => {
            runtime().and_then(|runtime| runtime.block_on(forms_command::render(asked)))
        }
        Command::Forms { command: FormsCommand::Print(asked) } => {
            runtime().and_then(|runtime| runtime.block_on(forms_command::print(asked)))
        }
        Command::Forms { command: FormsCommand::Worker { templates } } => {
            forms_command::serve(&templates)
        }
        Command::Audit { command: AuditCommand::Verify(common) } => {
            ask(common, Question::AuditVerify)
        }
    };
    outcome.unwrap_or_else(|failure| told(&failure))
}

fn told(failure: &Failure) -> Exit {
    // A closed standard error changes nothing about the exit code.
    let _ = writeln!(io::stderr().lock(), "kiosk: {failure}");
    failure.exit
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .thread_name("kiosk")
        .enable_all()
        .build()
        .map_err(|error| Failure::plain(&error))
}

fn enrol_station(setup: &Setup, code: &str) -> Result<Exit, Failure> {
    let Setup { machine, store_key, timings } = setup;
    let sentence = runtime()?.block_on(enrol(machine, store_key, code, *timings))?;
    print(&Report::done(sentence))
}

fn ask(common: Common, question: Question) -> Result<Exit, Failure> {
    let Setup { machine, store_key, timings } = common.setup()?;
    let report = runtime()?.block_on(async {
        match control::ask(&machine.data, &question, timings).await {
            Some(report) => Ok(report),
            None => check::alone(&machine, &store_key, question, timings).await,
        }
    })?;
    print(&report)
}

fn print(report: &Report) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let printed = report.lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    printed.and_then(|()| out.flush()).map_err(|error| Failure::plain(&error))?;
    Ok(report.exit)
}

fn run_station(setup: Setup) -> Result<Exit, Failure> {
    let (machine, timings) = (setup.machine.clone(), setup.timings);
    let runtime = runtime()?;
    let mut running = match runtime.block_on(run::start(setup)) {
        Ok(running) => running,
        Err(failure) => return Err(out_of_service::show(&machine, failure, timings, &runtime)),
    };
    let no_display = |error: slint::PlatformError| Failure::new(Exit::Failed, error.to_string());
    let (views, pictures, stop) = (running.views(), running.pictures(), running.stopper());
    let (touch, desk) = (running.touch(), Desk::of(&machine));
    let opened =
        window::open(&machine.screen, move |revision, intent| touch.send(revision, intent));
    opened.map_err(no_display)?;
    // After the window: the font is looked up where the window draws from.
    kiosk_ui::check_font().map_err(|error| Failure::new(Exit::BadConfig, error.to_string()))?;
    window::show_newest(&views, &pictures);
    runtime.spawn(window::follow(views, pictures));
    runtime.spawn(window::send_ink(running.take_ink()));
    let end = runtime.spawn(until_end(running, desk, timings));
    let shown = window::run().map_err(no_display);
    // The window was closed by hand, or the display went away, or it is the end anyway.
    stop.cancel();
    let exit = runtime.block_on(end).map_err(|error| Failure::plain(&error))?;
    shown.map(|()| exit)
}

/// What is needed of machine.toml when the station is gone.
struct Desk {
    name: String,
    /// What cuts the power; `None`: somebody does so by hand.
    off: Option<Program>,
}

impl Desk {
    fn of(machine: &Machine) -> Self {
        let off = machine.power.as_ref().map(|power| power.off.clone());
        Self { name: machine.name.zh.0.clone(), off }
    }
}

/// Waits for the end, lets the last view be read, closes store and window.
async fn until_end(mut running: Running, desk: Desk, timings: Timings) -> Exit {
    let stop = running.stopper();
    let exit = tokio::select! { biased;
        exit = running.ended() => exit,
        () = asked_to_end() => {
            stop.cancel();
            running.ended().await
        }
    };
    if exit == Exit::Core(EXIT_POWER_OFF) {
        return switch_off(running, &desk).await;
    }
    if let Exit::Core(code) = exit {
        tracing::warn!(code, "the core gave up");
        // A limit on reading the last view; a closed window or a signal ends it sooner.
        let _ = tokio::time::timeout(timings.last_view, stop.cancelled()).await;
    }
    running.close().await;
    window::close();
    exit
}

/// Staff have switched the station off: says so once everything is written, and stays until the
/// power goes or somebody ends the program.
async fn switch_off(running: Running, desk: &Desk) -> Exit {
    let stop = running.stopper();
    let is_closed = running.close().await;
    let exit = if is_closed {
        tracing::info!("switched off: the store is closed, the power may be cut");
        window::show_last(switched_off(desk.name.clone(), Clock::start().now()));
        cut_power(desk);
        tokio::select! { biased;
            () = asked_to_end() => {}
            () = stop.cancelled() => {}
        }
        Exit::Core(EXIT_POWER_OFF)
    } else {
        // Nothing is promised about the power; the supervisor starts the program again.
        Exit::Failed
    };
    window::close();
    exit
}

fn cut_power(desk: &Desk) {
    let Some(program) = &desk.off else { return };
    let mut command = program.command();
    if let Err(error) = command.stdin(Stdio::null()).spawn() {
        tracing::error!(%error, program = ?program.0, "the program of [power] does not start");
    }
}

/// SIGTERM of the supervisor or SIGINT at a terminal.
pub(crate) async fn asked_to_end() {
    let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(terminate), signal(interrupt)) else {
        return std::future::pending().await;
    };
    tokio::select! { biased;
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
