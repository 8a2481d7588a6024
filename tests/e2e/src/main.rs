//! `nightdesk-run`: a hall, device twins and a station in a throw-away folder.
//!
//! With a display the station's window opens and runs until Ctrl-C. Without one, or with
//! `--play`, Xvfb is started and the first night is played; the exit code says whether all of it
//! was seen.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use nightdesk_e2e::{
    clock::{Clock, Limit},
    house::{AtEnd, COURIER, House, MANAGER, Places, Worker},
    night::{self, Night},
    script::{FIRST_NIGHT, Script},
    shadow::Fitting,
};

/// Runs a whole house of Nightdesk on this machine.
#[derive(Debug, Parser)]
#[command(name = "nightdesk-run", version)]
struct Args {
    /// Play the first night on Xvfb even if there is a display.
    #[arg(long)]
    play: bool,
    /// Folder with `hall`, `devsim` and `kiosk`; default: beside this program.
    #[arg(long)]
    bin_dir: Option<PathBuf>,
    /// Folder of the matters; default: assets/catalog of this checkout.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Folder for pictures and summary of a played night; emptied first.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Keep the data folder with its logs and say where it is.
    #[arg(long)]
    keep: bool,
    /// Expect another word than this label: the night must fail there.
    #[arg(long, value_name = "LABEL")]
    break_label: Option<String>,
}

fn main() -> ExitCode {
    let clock = Clock::start();
    let done = stop_on_signals(&clock).and_then(|()| run(&Args::parse(), &clock));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut std::io::stderr().lock(), &format!("nightdesk-run: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args, clock: &Clock) -> Result<()> {
    let mut places = Places { fitting: Fitting::WithLocker, ..Places::beside_me()? };
    if let Some(bin_dir) = &args.bin_dir {
        places.bin_dir.clone_from(bin_dir);
    }
    if let Some(catalog) = &args.catalog {
        places.catalog = catalog.canonicalize().context("--catalog")?;
    }
    let missing = places.missing();
    if !missing.is_empty() {
        bail!("{missing:?} not found in {}; build them first", places.bin_dir.display());
    }
    let at_end = if args.keep { AtEnd::Keep } else { AtEnd::Remove };
    match std::env::var_os("DISPLAY").filter(|_| !args.play) {
        Some(display) => {
            let display = display.into_string().ok().context("DISPLAY is not UTF-8")?;
            open(&places, &display, at_end, clock)
        }
        None => play(args, &places, at_end, clock),
    }
}

fn play(args: &Args, places: &Places, at_end: AtEnd, clock: &Clock) -> Result<()> {
    let mut script = Script::read(FIRST_NIGHT)?;
    if let Some(label) = &args.break_label {
        script.break_label(label)?;
    }
    let out = args.out.clone().unwrap_or_else(night::default_out);
    let mut stdout = std::io::stdout().lock();
    say(&mut stdout, "No display: the first night is played on Xvfb.");
    let night = Night { places, script: &script, out: &out, at_end };
    let summary = night::play(&night, clock)?;
    for step in &summary.steps {
        let line = format!("{:02} {:<24} {:>6} ms", step.number, step.name, step.took_ms);
        say(&mut stdout, &line);
    }
    for line in summary.hall.iter().chain(&summary.audit) {
        say(&mut stdout, line);
    }
    say(&mut stdout, &format!("Pictures and summary: {}", out.display()));
    match summary.failure {
        None => Ok(()),
        Some(why) => bail!("{why}"),
    }
}

const CTRL_C: Limit = Limit { name: "Ctrl-C", ms: u64::MAX };

fn open(places: &Places, display: &str, at_end: AtEnd, clock: &Clock) -> Result<()> {
    let staff = [(MANAGER, random_pin()?), (COURIER, random_pin()?)];
    let mut house = House::start(places, &staff, display, clock, at_end)?;
    let mut stdout = std::io::stdout().lock();
    let addresses = house.addresses();
    for line in [
        "The station's window is open. Ctrl-C ends everything.".to_owned(),
        format!("Clerk console, first account (works once): {}", addresses.first_account),
        format!("Clerk console:                             {}", addresses.console),
        format!("Device page (lay cards and papers):        {}", addresses.device_page),
    ] {
        say(&mut stdout, &line);
    }
    for (Worker { role, id }, pin) in &staff {
        let words = "Staff at the screen (求助, 工作人员)";
        say(&mut stdout, &format!("{words}: {role}, card staff_{id} into the slot, PIN {pin}"));
    }
    say_folder(&mut stdout, house.folder(), at_end);
    drop(stdout);
    let ended = clock.until(CTRL_C, || Ok(house.given_up()));
    house.stop();
    match ended {
        Ok(why) => bail!("{why}"),
        Err(_) => Ok(()),
    }
}

/// Eight digits for this throw-away house; such as are easily guessed are refused.
fn random_pin() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).context("no randomness")?;
    Ok(format!("{:08}", u64::from_le_bytes(bytes) % 100_000_000))
}

fn say_folder(out: &mut impl std::io::Write, folder: &Path, at_end: AtEnd) {
    let fate = match at_end {
        AtEnd::Remove => "removed at the end",
        AtEnd::Keep => "kept",
    };
    say(out, &format!("Data and logs, {fate}: {}", folder.display()));
}

/// A closed pipe ends nothing: the run goes on without words.
fn say(out: &mut impl std::io::Write, line: &str) {
    let _closed = writeln!(out, "{line}");
}

/// Ctrl-C and SIGTERM end every wait, and with it the run, in order.
fn stop_on_signals(clock: &Clock) -> Result<()> {
    let clock = clock.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut int), Ok(mut term)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
            clock.ask_to_stop();
        });
    })?;
    Ok(())
}
