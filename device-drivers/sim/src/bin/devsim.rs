//! Twins of the station's devices on real ports, with a control interface on loopback.
//!
//! Ends cleanly on SIGTERM and SIGINT and takes its ports away. Exit code 2: bad command line.

use std::{fs, net::SocketAddr, path::Path, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser;
use device_sim::{
    control,
    desk::Desk,
    lock_board::{self, LockBoards},
    port::{self, AtStart},
    printer::{self, PrinterTwin},
    scanner::ScannerTwin,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Open requests may end for so long after a stop.
const STOP_LIMIT: Duration = Duration::from_secs(3);

#[derive(Debug, Parser)]
#[command(about = "Twins of the station's devices, for tests and trying out")]
struct Args {
    /// Folder for the ports and the camera; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// Loopback address of the control interface; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
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
    if !args.control.ip().is_loopback() {
        tracing::error!(control = %args.control, "the control interface is for loopback only");
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
    fs::create_dir_all(&args.folder)
        .with_context(|| format!("folder {} cannot be made", args.folder.display()))?;
    let folder = fs::canonicalize(&args.folder).context("the folder has no full path")?;
    let stop = CancellationToken::new();
    let desk = Desk::new(folder.join("camera")).context("no camera folder")?;
    let (reader, twin) =
        port::spawn(folder.join("id-reader"), AtStart::Plugged, stop.child_token())?;
    let boards = LockBoards::new(lock_board::cabinet().boards());
    let (locker, cabinet_twin) =
        port::spawn_twin(boards, folder.join("locker"), AtStart::Plugged, stop.child_token())?;
    let typeface = printer::typeface(&args.font)
        .with_context(|| format!("no font for the paper in {}", args.font.display()))?;
    let (printer, printer_twin) = port::spawn_twin(
        PrinterTwin::new(typeface),
        folder.join("printer"),
        AtStart::Plugged,
        stop.child_token(),
    )?;
    let (scanner, scanner_twin) = port::spawn_twin(
        ScannerTwin::new(),
        folder.join("code-scanner"),
        AtStart::Plugged,
        stop.child_token(),
    )?;
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
        let ready = serde_json::json!({
            "control": control, "id_reader": reader.port(), "locker": locker.port(),
            "printer": printer.port(), "scanner": scanner.port(),
        });
        write_in_one_step(ready_file, &ready.to_string())?;
    }
    tracing::info!(%control, id_reader = %reader.port().display(), "twins are ready");

    let routes = control::router(reader, desk)
        .merge(control::locker::router(locker))
        .merge(control::printer::router(printer))
        .merge(control::scanner::router(scanner));
    let server =
        axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
    let served = tokio::select! {
        served = server.into_future() => served,
        // Kept-alive connections of a browser do not hold the stop up.
        () = limit_after(&stop) => Ok(()),
    };
    stop.cancel();
    twin.await.context("the reader twin died")?;
    cabinet_twin.await.context("the locker twin died")?;
    printer_twin.await.context("the printer twin died")?;
    scanner_twin.await.context("the scanner twin died")?;
    if let Some(ready_file) = &args.ready_file {
        fs::remove_file(ready_file).context("the ready file stays")?;
    }
    served.context("the control interface died")
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
