//! Papers by the real program: `kiosk forms render`, and the worker that a station starts, with
//! templates and PDFs that do what they must not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use kiosk_app::forms_command;
use kiosk_forms::worker::{Failure, Job, Made, Refusal, Timings, Want, Worker};
use kiosk_words::Private;
use tempfile::TempDir;

const KIOSK: &str = env!("CARGO_BIN_EXE_kiosk");
/// Longer than anything here takes on a busy machine.
const PATIENT: Timings = Timings { start: Duration::from_secs(60), job: Duration::from_secs(60) };
/// For a job that never ends.
const SHORT: Timings =
    Timings { start: Duration::from_secs(60), job: Duration::from_millis(1_500) };

const ENDLESS: &str =
    "#let i = 0\n#while i < 9000 {\n  let j = 0\n  while j < 9000 { j += 1 }\n  i += 1\n}\n";
const HUNGRY: &str = "#let a = range(1000000)\n#let b = range(400).map(i => a.map(n => str(n) + str(i)))\n#b.len()\n";

fn assets() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/forms")
}

fn own(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("own.typ"), text).unwrap();
    folder
}

fn worker(templates: &Path, timings: Timings) -> Worker {
    Worker::new(forms_command::program(KIOSK, templates), timings)
}

fn form(template: &str, want: Want) -> Job {
    Job::Form { template: template.to_owned(), made_ms: 1_772_648_100_000, want }
}

fn data(json: &str) -> Private<Vec<u8>> {
    Private::new(json.as_bytes().to_vec())
}

fn example(name: &str) -> Private<Vec<u8>> {
    Private::new(fs::read(assets().join(format!("examples/{name}.json"))).unwrap())
}

fn render(template: &Path, data: &Path, folder: &Path) -> Output {
    let (out, picture) = (folder.join("out.pdf"), folder.join("out.png"));
    let mut command = Command::new(KIOSK);
    command.args(["forms", "render"]).arg(template).arg("--data").arg(data);
    command.arg("--out").arg(out).arg("--picture").arg(picture).output().unwrap()
}

#[test]
fn an_author_gets_a_pdf_and_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let example = assets().join("examples/receipt.json");
    let said = render(&assets().join("receipt.typ"), &example, folder.path());
    let (stdout, stderr) =
        (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!(said.status.code(), Some(0), "{stderr}");
    assert!(stdout.contains("out.pdf: 1 pages, "), "{stdout}");
    assert!(fs::read(folder.path().join("out.pdf")).unwrap().starts_with(b"%PDF-1.7"));
    let picture = image::open(folder.path().join("out.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (1240, 1754));
}

#[test]
fn an_author_is_shown_the_line_that_is_wrong() {
    let folder = own("= 标题\n\n#let d = json(\"data.json\")\n#d.nmae\n");
    let data = folder.path().join("x.json");
    fs::write(&data, r#"{"name": "张三"}"#).unwrap();
    let said = render(&folder.path().join("own.typ"), &data, folder.path());
    assert_eq!(said.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert!(stderr.contains("own.typ:4:4: dictionary does not contain key \"nmae\""), "{stderr}");
    assert!(stderr.contains("  4 | #d.nmae"), "{stderr}");
    assert!(!folder.path().join("out.pdf").exists());
}

#[tokio::test]
async fn one_worker_does_many_jobs_and_forgets_them_by_ending() {
    let mut worker = worker(&assets(), PATIENT);
    assert_eq!(worker.process_id(), None);
    worker.warm().await.unwrap();
    let first = worker.process_id().unwrap();
    let pdf = worker.ask(&form("receipt", Want::Pdf), &example("receipt")).await.unwrap();
    assert_eq!((pdf.n_pages, pdf.made), (1, Made::Pdf));
    let want = Want::Picture { page: 0, width_px: 620 };
    let shown = worker.ask(&form("receipt", want), &example("receipt")).await.unwrap();
    assert_eq!(shown.made, Made::Picture { width_px: 620, height_px: 877 });
    assert_eq!(shown.bytes.expose().len(), 620 * 877 * 3);
    // What it made is what it can read.
    let read = worker.ask(&Job::Pdf { want }, &pdf.bytes).await.unwrap();
    let is_as_wide = matches!(read.made, Made::Picture { width_px: 620, height_px: 876.. });
    assert!(read.n_pages == 1 && is_as_wide, "{:?}", read.made);
    let raster = Want::PwgRaster { dpi: 300 };
    let raster = worker.ask(&form("receipt", raster), &example("receipt")).await.unwrap();
    assert!(raster.bytes.expose().starts_with(b"RaS2PwgRaster"));
    assert_eq!(worker.process_id(), Some(first), "all by the same process");
    worker.forget().await;
    assert_eq!(worker.process_id(), None);
    assert!(!Path::new(&format!("/proc/{first}")).exists());
    worker.ask(&form("receipt", Want::Pages), &example("receipt")).await.unwrap();
    assert_ne!(worker.process_id(), Some(first));
}

#[tokio::test]
async fn a_refusal_leaves_the_worker_as_it_is() {
    let mut worker = worker(&assets(), PATIENT);
    let refused = worker.ask(&form("recipe", Want::Pages), &data("{}")).await.unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::NoTemplate(_))), "{refused}");
    let first = worker.process_id().unwrap();
    let refused = worker.ask(&form("receipt", Want::Pages), &data("{}")).await.unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::Template(_))), "{refused}");
    let want = Want::Picture { page: 0, width_px: 9_000 };
    let refused = worker.ask(&form("receipt", want), &example("receipt")).await.unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::TooLarge)), "{refused}");
    let refused = worker.ask(&Job::Pdf { want: Want::Pages }, &data("%PDF-1.7")).await;
    assert!(matches!(refused.unwrap_err(), Failure::Refused(Refusal::Pdf(_))));
    worker.ask(&form("receipt", Want::Pages), &example("receipt")).await.unwrap();
    assert_eq!(worker.process_id(), Some(first));
}

#[tokio::test]
async fn an_endless_loop_is_ended_and_the_next_worker_begins_anew() {
    let folder = own(ENDLESS);
    let mut worker = worker(folder.path(), SHORT);
    worker.warm().await.unwrap();
    let first = worker.process_id().unwrap();
    let failure = worker.ask(&form("own", Want::Pages), &data("{}")).await.unwrap_err();
    assert!(matches!(failure, Failure::TimeOver(_)), "{failure}");
    assert!(!Path::new(&format!("/proc/{first}")).exists(), "nothing is left running");
    assert_eq!(worker.process_id(), None);
    worker.warm().await.unwrap();
    assert_ne!(worker.process_id(), Some(first), "the next one is there");
}

#[tokio::test]
async fn a_template_that_wants_all_memory_dies_alone() {
    let folder = own(HUNGRY);
    let mut worker = worker(folder.path(), PATIENT);
    let failure = worker.ask(&form("own", Want::Pages), &data("{}")).await.unwrap_err();
    // The allocator gives up, or a stack cannot grow.
    assert!(matches!(failure, Failure::Died(status) if !status.success()), "{failure}");
}

#[tokio::test]
async fn a_worker_without_templates_says_so() {
    let mut worker = worker(Path::new("/nowhere"), PATIENT);
    let failure = worker.warm().await.unwrap_err();
    assert_eq!(failure.to_string(), "cannot read /nowhere: No such file or directory (os error 2)");
}

#[test]
fn a_worker_ends_with_its_input_in_the_middle_of_a_job() {
    let folder = own(ENDLESS);
    let program = forms_command::program(KIOSK, folder.path());
    let mut child = Command::new(program.path)
        .args(program.arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let job = serde_json::to_vec(&form("own", Want::Pages)).unwrap();
    let mut frame = u32::try_from(job.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(&2_u32.to_be_bytes());
    frame.extend_from_slice(&job);
    frame.extend_from_slice(b"{}");
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, &frame).unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
