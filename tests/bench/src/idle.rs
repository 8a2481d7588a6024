//! `idle_drivers_cpu_percent`: what the drivers cost while nobody is at the station.
//!
//! devsim has the twins: id reader, receipt printer, a cabinet of two boards, a code scanner, a room
//! board and a keypad on real ptys, and a slot behind a real pcscd. The bench runs again as a child
//! that holds nothing but the drivers that ship, on a runtime like the station's. When all are ready, the
//! processor time of all its threads is taken over a span in which every driver has looked at its
//! device several times. No bare program does the same; the limit is an aim of the project.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use device_api::{code_scanner, id_reader, keypad, locker, receipt_printer, room, smart_card};
use device_drivers::clock::Clock;
use device_sim::{
    lock_board, printer,
    room::as_wired,
    smart_card::reader::{READER, SOCKET, SOCKET_VARIABLE},
};
use nightdesk_e2e::{
    clock::{self, Limit},
    house::Places,
    process::{Program, Service},
};
use rustix::time::{ClockId, clock_gettime};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::Row;

/// The argument of the child, before its folder.
pub const CHILD: &str = "--idle-drivers-inside";
const AIM_PERCENT: f64 = 0.3;
/// Three times the longest interval at which a driver looks at its device (10 s).
const SPAN_MS: u64 = 30_000;
/// Longer than any driver needs to be ready.
const LIMIT: Duration = Duration::from_secs(60);
const TWINS_READY: Limit = Limit { name: "the device twins to answer", ms: 30_000 };
const READER_BAUD: u32 = 115_200;
const SCANNER_BAUD: u32 = 9_600;
const ROOM_BAUD: u32 = 9_600;
const KEYPAD_BAUD: u32 = 9_600;
/// As the station's.
const RUNTIME_THREADS: usize = 2;

/// One row.
pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let (slot, ready) = (folder.join("card-slot"), folder.join("ready"));
    let words = ["--folder", text(folder)?, "--card-slot", text(&slot)?, "--ready-file"];
    let program = Program {
        name: "devsim",
        path: Places::beside_me()?.bin_dir.join("devsim"),
        args: words.into_iter().chain([text(&ready)?]).map(str::to_owned).collect(),
        display: None,
        env: Vec::new(),
        log: folder.join("devsim.log"),
    };
    let clock = clock::Clock::start();
    let mut twins = Service::new(program, &clock);
    twins.start()?;
    clock.until(TWINS_READY, || match twins.given_up() {
        Some(why) => bail!("{why}: {}", fs::read_to_string(&twins.program().log)?),
        None => Ok(ready.exists().then_some(())),
    })?;
    let mut child = Command::new(std::env::current_exe()?);
    child.arg(CHILD).arg(folder).env(SOCKET_VARIABLE, slot.join(SOCKET));
    let output = child.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the child with the drivers failed: {}", output.status);
    let percent: f64 = serde_json::from_slice(&output.stdout)?;
    Ok(vec![Row::new("idle_drivers_cpu_percent", percent, "%", "an aim", AIM_PERCENT)])
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a folder with a plain name")
}

/// What the child does; its figure goes to standard output.
pub fn child(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build()?;
    let percent = runtime.block_on(measure(folder))?;
    writeln!(std::io::stdout().lock(), "{percent}").context("standard output")
}

async fn measure(folder: &Path) -> Result<f64> {
    let (clock, stop) = (Clock::start(), CancellationToken::new());
    // Dropped at the end only: an asking side that is dropped stops its driver.
    let _drivers = (
        id_reader(folder, clock, &stop).await?,
        receipt_printer(folder, clock, &stop).await?,
        locker(folder, clock, &stop).await?,
        code_scanner(folder, clock, &stop).await?,
        room(folder, clock, &stop).await?,
        keypad(folder, clock, &stop).await?,
        smart_card(clock, &stop).await?,
    );
    let (cpu, start) = (cpu_us()?, clock.now());
    clock.until(Some(start.plus_ms(SPAN_MS))).await;
    let (cpu, span_ms) = (cpu_us()? - cpu, clock.now().ms_since(start));
    Ok(f64::from(u32::try_from(cpu)?) / f64::from(u32::try_from(span_ms)?) / 10.0)
}

/// Of all threads of this process, in microseconds.
fn cpu_us() -> Result<u64> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Ok(u64::try_from(used.tv_sec)? * 1_000_000 + u64::try_from(used.tv_nsec)? / 1_000)
}

/// Waits until all that a driver drives is ready.
async fn until<E>(
    events: &mut mpsc::Receiver<E>,
    mut is_ready: impl FnMut(E) -> bool,
) -> Result<()> {
    let ready = async {
        loop {
            if is_ready(events.recv().await.context("a driver has ended")?) {
                return Ok(());
            }
        }
    };
    timeout(LIMIT, ready).await.context("a driver does not get ready")?
}

async fn id_reader(
    folder: &Path,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<impl Sized + use<>> {
    use device_drivers::id_reader::{Baud, Config, spawn, timings::PRODUCTION};
    use id_reader::{Event, Health};
    let baud = Baud::from_rate(READER_BAUD).context("a rate")?;
    let config = Config { port: folder.join("id-reader"), baud, timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("id reader")?;
    Ok((asker, events))
}

async fn receipt_printer(
    folder: &Path,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<impl Sized + use<>> {
    use device_drivers::receipt_printer::{Baud, Config, spawn, timings::PRODUCTION};
    use receipt_printer::{Event, Health};
    let typeface = printer::typeface(printer::FONT.as_ref())?;
    let (port, baud) = (folder.join("printer"), Baud::B115200);
    let config = Config { port, baud, typeface, timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("receipt printer")?;
    Ok((asker, events))
}

async fn locker(
    folder: &Path,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<impl Sized + use<>> {
    use locker::{Event, Health};
    use locker_controller::{BAUD, Config, spawn, timings::PRODUCTION};
    let cabinet = lock_board::cabinet();
    let mut n_left = cabinet.boards().len();
    let config = Config { port: folder.join("locker"), baud: BAUD, cabinet, timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let all_ready = |event| {
        let is_board = matches!(event, Event::Board(board) if board.health == Health::Ready);
        n_left -= usize::from(is_board);
        n_left == 0
    };
    until(&mut events, all_ready).await.context("locker")?;
    Ok((asker, drained(events)))
}

async fn code_scanner(
    folder: &Path,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<impl Sized + use<>> {
    use code_scanner::{Event, Health};
    use device_drivers::code_scanner::{
        Charset, Config, Ending, Settings, Trigger, spawn, timings::PRODUCTION,
    };
    let settings =
        Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
    let (port, timings) = (folder.join("code-scanner"), PRODUCTION);
    let config = Config { port, baud: SCANNER_BAUD, settings, timings };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("code scanner")?;
    Ok((asker, events))
}

async fn room(folder: &Path, clock: Clock, stop: &CancellationToken) -> Result<impl Sized + use<>> {
    use device_drivers::room::{Config, spawn, timings::PRODUCTION};
    use room::{Event, Health};
    let (port, settings) = (folder.join("room"), as_wired());
    let config = Config { port, baud: ROOM_BAUD, settings, timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("room board")?;
    Ok((asker, events))
}

async fn keypad(
    folder: &Path,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<impl Sized + use<>> {
    use device_drivers::keypad::{Config, spawn, timings::PRODUCTION};
    use keypad::{Event, Health};
    let config = Config { port: folder.join("keypad"), baud: KEYPAD_BAUD, timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("keypad")?;
    Ok((asker, events))
}

async fn smart_card(clock: Clock, stop: &CancellationToken) -> Result<impl Sized + use<>> {
    use device_drivers::smart_card::{Config, spawn, timings::PRODUCTION};
    use smart_card::{Event, Health};
    let config = Config { reader: READER.to_owned(), timings: PRODUCTION };
    let (asker, mut events) = spawn(config, clock, stop.child_token());
    let is_ready = |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Ready);
    until(&mut events, is_ready).await.context("chip slot")?;
    Ok((asker, events))
}

/// Takes the first states of all doors: more than the channel holds would stop the driver.
fn drained<E: Send + 'static>(mut events: mpsc::Receiver<E>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move { while events.recv().await.is_some() {} })
}
