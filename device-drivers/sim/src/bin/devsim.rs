//! Twins of the station's devices on real ports, with a control interface on loopback.
//!
//! Ends cleanly on SIGTERM and SIGINT and takes its ports away. Exit code 2: bad command line.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex as StdMutex},
    time::Duration,
};

use anyhow::Context as _;
use axum::Router;
use clap::Parser;
use device_sim::{
    control::{self, card_slot::SlotHand, twins::Hands},
    desk::Desk,
    keypad::KeypadTwin,
    lock_board::{self, LockBoards},
    page_printer::{PagePrinterTwin, server::PagePrinterHand},
    port::{self, AtStart},
    printer::{self, PrinterTwin},
    room::RoomTwin,
    scanner::ScannerTwin,
    smart_card::{
        host::{self, Host},
        reader::READER,
    },
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Mutex,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Open requests may end for so long after a stop.
const STOP_LIMIT: Duration = Duration::from_secs(3);

#[derive(Debug, Parser)]
#[command(about = "Twins of the station's devices, for tests and trying out")]
struct Args {
    /// Folder for the ports and the camera; made if it is not there.
    #[arg(long, required_unless_present = "virtual_reader")]
    folder: Option<PathBuf>,
    /// Also a slot for chip cards: a real pcscd in a namespace of its own, whose socket appears in
    /// this folder. Needs root or user namespaces.
    #[arg(long)]
    card_slot: Option<PathBuf>,
    /// The child behind `--card-slot`.
    #[arg(long, hide = true)]
    virtual_reader: Option<PathBuf>,
    /// Loopback address of the control interface; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Loopback address of the page printer; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    page_printer: SocketAddr,
    /// Font that draws on the printer's paper.
    #[arg(long, default_value = printer::FONT)]
    font: PathBuf,
    /// Written in one step when everything can be used.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    if let Some(folder) = &args.virtual_reader {
        return match host::serve(folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "the virtual reader ends");
                ExitCode::FAILURE
            }
        };
    }
    if let Some(address) = [args.control, args.page_printer].iter().find(|a| !a.ip().is_loopback())
    {
        tracing::error!(%address, "control interface and page printer are for loopback only");
        return ExitCode::from(2);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let served = runtime.context("no runtime").and_then(|runtime| runtime.block_on(serve(args)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "devsim ends");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: Args) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let Twins { routes, mut ready, ended, slot } = start_twins(&args, &stop).await?;
    let listener = tokio::net::TcpListener::bind(args.control)
        .await
        .with_context(|| format!("control address {} is taken", args.control))?;
    let control = format!("http://{}", listener.local_addr()?);

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.cancel();
    });
    if let Some(ready_file) = &args.ready_file {
        ready["control"] = control.as_str().into();
        write_in_one_step(ready_file, &ready.to_string())?;
    }
    tracing::info!(%control, "twins are ready");

    let server =
        axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
    let served = tokio::select! {
        served = server.into_future() => served,
        // Kept-alive connections of a browser do not hold the stop up.
        () = limit_after(&stop) => Ok(()),
    };
    stop.cancel();
    for (name, twin) in ended {
        twin.await.with_context(|| format!("the {name} twin died"))?;
    }
    // Whoever still asks for the slot has been cut off; the child ends with its input.
    if let Some(host) = slot.and_then(Arc::into_inner) {
        host.into_inner().end().await.context("the virtual reader does not end")?;
    }
    if let Some(ready_file) = &args.ready_file {
        fs::remove_file(ready_file).context("the ready file stays")?;
    }
    served.context("the control interface died")
}

/// All twins on their ports.
struct Twins {
    routes: Router,
    /// Where each can be found.
    ready: serde_json::Value,
    /// Each ends after `stop`.
    ended: Vec<(&'static str, JoinHandle<()>)>,
    slot: Option<SlotHand>,
}

async fn start_twins(args: &Args, stop: &CancellationToken) -> anyhow::Result<Twins> {
    let folder = made(args.folder.as_deref().context("no folder")?)?;
    let child = || stop.child_token();
    let desk = Desk::new(folder.join("camera")).context("no camera folder")?;
    let desk = Arc::new(StdMutex::new(desk));
    let (reader, reader_twin) = port::spawn(folder.join("id-reader"), AtStart::Plugged, child())?;
    let boards = LockBoards::new(lock_board::cabinet().boards());
    let (locker, cabinet_twin) =
        port::spawn_twin(boards, folder.join("locker"), AtStart::Plugged, child())?;
    let typeface = printer::typeface(&args.font)
        .with_context(|| format!("no font for the paper in {}", args.font.display()))?;
    let paper = PrinterTwin::new(typeface);
    let (printer, printer_twin) =
        port::spawn_twin(paper, folder.join("printer"), AtStart::Plugged, child())?;
    let (scanner, scanner_twin) = port::spawn_twin(
        ScannerTwin::new(),
        folder.join("code-scanner"),
        AtStart::Plugged,
        child(),
    )?;
    let (room, room_twin) =
        port::spawn_twin(RoomTwin::as_delivered(), folder.join("room"), AtStart::Plugged, child())?;
    let (keypad, keypad_twin) =
        port::spawn_twin(KeypadTwin::new(), folder.join("keypad"), AtStart::Plugged, child())?;
    let (page_printer, page_printer_twin) =
        PagePrinterHand::start(PagePrinterTwin::new(), args.page_printer, child())
            .await
            .with_context(|| format!("page printer address {} is taken", args.page_printer))?;
    let slot = match &args.card_slot {
        Some(folder) => Some(Arc::new(Mutex::new(start_slot(&made(folder)?).await?))),
        None => None,
    };
    let ready = serde_json::json!({
        "id_reader": reader.port(), "locker": locker.port(),
        "printer": printer.port(), "scanner": scanner.port(),
        "room": room.port(),
        "keypad": keypad.port(),
        "page_printer": page_printer.uri(),
        "card_slot": slot.as_ref().map(|_| READER),
    });
    let routes = routes(Hands {
        reader,
        desk,
        locker,
        printer,
        scanner,
        room,
        keypad,
        page_printer,
        slot: slot.as_ref().map(Arc::clone),
    });
    let ended = vec![
        ("reader", reader_twin),
        ("locker", cabinet_twin),
        ("printer", printer_twin),
        ("scanner", scanner_twin),
        ("room", room_twin),
        ("keypad", keypad_twin),
        ("page printer", page_printer_twin),
    ];
    Ok(Twins { routes, ready, ended, slot })
}

fn routes(hands: Hands) -> Router {
    let Hands { reader, desk, locker, printer, scanner, room, keypad, page_printer, slot } =
        hands.clone();
    let routes = control::router(reader, desk)
        .merge(control::locker::router(locker))
        .merge(control::printer::router(printer))
        .merge(control::scanner::router(scanner))
        .merge(control::room::router(room))
        .merge(control::keypad::router(keypad))
        .merge(control::page_printer::router(page_printer))
        .merge(control::twins::router(hands));
    match slot {
        Some(slot) => routes.merge(control::card_slot::router(slot)),
        None => routes,
    }
}

fn made(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder)
        .with_context(|| format!("folder {} cannot be made", folder.display()))?;
    fs::canonicalize(folder).context("the folder has no full path")
}

async fn start_slot(folder: &Path) -> anyhow::Result<Host> {
    let program = std::env::current_exe().context("this program has no path")?;
    Host::start(&program, folder).await.context("no virtual card reader")
}

async fn limit_after(stop: &CancellationToken) {
    stop.cancelled().await;
    let never = std::future::pending::<()>();
    drop(tokio::time::timeout(STOP_LIMIT, never).await);
}

fn write_in_one_step(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).with_context(|| format!("{} cannot be written", path.display()))?;
    fs::rename(&beside, path).with_context(|| format!("{} cannot be written", path.display()))
}
