//! `kiosk forms print`: from a template to a sheet in the bin of a printer, by the real program
//! over real IPP; the sheet is looked at.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Output,
    sync::Arc,
    time::Duration,
};

use device_sim::page_printer::{
    Act, Counting, Formats, PagePrinterTwin, mechanism::Sheet, server::PagePrinterHand,
};
use kiosk_app::forms_command;
use kiosk_forms::{
    Fonts, Templates,
    fonts::Faces,
    worker::{Job, Timings, Want, Worker},
};
use kiosk_words::{Moment, Private};
use tokio::process::Command;
use tokio_util::sync::{CancellationToken, DropGuard};

const KIOSK: &str = env!("CARGO_BIN_EXE_kiosk");
const PATIENT: Timings = Timings { start: Duration::from_secs(60), job: Duration::from_secs(60) };

fn assets() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/forms")
}

fn example(name: &str) -> PathBuf {
    assets().join(format!("examples/{name}.json"))
}

async fn printer(acts: &[Act]) -> (PagePrinterHand, DropGuard) {
    let stop = CancellationToken::new();
    let mut twin = PagePrinterTwin::new();
    twin.touch(Act::SetSpeed { first_page_ms: 60, page_ms: 40 }, Moment(0));
    for act in acts {
        twin.touch(act.clone(), Moment(0));
    }
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let (hand, _) = PagePrinterHand::start(twin, anywhere, stop.clone()).await.unwrap();
    (hand, stop.drop_guard())
}

async fn print(template: &str, uri: &str) -> Output {
    let mut command = Command::new(KIOSK);
    command.args(["forms", "print"]).arg(assets().join(format!("{template}.typ")));
    command.arg("--data").arg(example(template)).arg("--printer").arg(uri);
    command.output().await.unwrap()
}

fn words(said: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (said.status.code(), text(&said.stdout), text(&said.stderr))
}

/// The first page as the screen shows it, so wide; one byte a pixel.
async fn shown(template: &str, width: u32) -> Vec<u8> {
    let mut worker = Worker::new(forms_command::program(KIOSK, &assets()), PATIENT);
    let want = Want::Picture { page: 0, width_px: u16::try_from(width).unwrap() };
    let job = Job::Form { template: template.to_owned(), made_ms: 0, want };
    let data = Private::new(fs::read(example(template)).unwrap());
    let made = worker.ask(&job, &data).await.unwrap();
    made.bytes.expose().chunks(3).map(|pixel| pixel[0]).collect()
}

/// The sheets that came out, oldest first.
fn sheets(hand: &PagePrinterHand) -> Vec<Arc<Sheet>> {
    hand.look().sheets
}

#[tokio::test]
async fn a_printer_of_pdf_gets_a_pdf_and_its_sheet_looks_like_the_screen() {
    let (hand, _stops) = printer(&[]).await;
    let (code, stdout, stderr) = words(&print("application", &hand.uri()).await);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("1 pages as Pdf"), "{stdout}");
    assert!(stdout.contains("printed, and counted by the printer: 1 of 1"), "{stdout}");
    let sheets = sheets(&hand);
    assert_eq!(sheets.len(), 1);
    let sheet = sheets[0].picture().unwrap();
    let shown = shown("application", sheet.width()).await;
    // Two programs smooth edges differently: as much ink, within a tenth.
    let ink = |pixels: &[u8]| pixels.iter().map(|grey| u64::from(255 - grey)).sum::<u64>();
    let (on_paper, on_screen) = (ink(sheet.as_raw()), ink(&shown));
    assert!(on_paper.abs_diff(on_screen) < on_screen / 10, "{on_paper} and {on_screen}");
}

#[tokio::test]
async fn a_printer_of_raster_gets_every_dot() {
    let (hand, _stops) = printer(&[Act::SetFormats(Formats::RasterOnly)]).await;
    let (code, stdout, stderr) = words(&print("application", &hand.uri()).await);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("1 pages as PwgRaster"), "{stdout}");
    let sheet = sheets(&hand)[0].picture().unwrap();
    // As wide as A4 at the printer's resolution; set once more, in this process.
    let dpi = u16::try_from((sheet.width() * 254 + 1_050) / 2_100).unwrap();
    let templates =
        Templates::open(&assets(), Fonts::open(&Faces::find().unwrap()).unwrap()).unwrap();
    let data = fs::read(example("application")).unwrap();
    let raster = templates.set("application", &data).unwrap().raster(0, dpi).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (raster.width_px, raster.height_px));
    assert!(sheet.as_raw() == raster.grey.expose(), "every dot at {dpi} dots an inch");
}

#[tokio::test]
async fn a_printer_that_says_done_and_counted_nothing_is_not_believed() {
    let (hand, _stops) = printer(&[Act::SetCounting(Counting::ClaimsAll)]).await;
    let (code, stdout, stderr) = words(&print("receipt", &hand.uri()).await);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stderr.contains("uncertain, look what came out"), "{stderr}");
}

#[tokio::test]
async fn a_printer_without_paper_or_without_power_is_told_and_nothing_is_sent() {
    let (hand, _stops) = printer(&[Act::SetPaper { n_sheets: 0 }]).await;
    let (code, _, stderr) = words(&print("receipt", &hand.uri()).await);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the printer is not ready: paper out; nothing was sent"), "{stderr}");
    assert!(!hand.look().requests.contains(&"print_job"));
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, stderr) = words(&print("receipt", &format!("ipp://{free}/ipp/print")).await);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the printer is not ready: missing"), "{stderr}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anything_is_set() {
    let (code, _, stderr) = words(&print("receipt", "http://127.0.0.1/").await);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("expected ipp://host:port/path, got \"http://127.0.0.1/\""),
        "{stderr}"
    );
}
