//! `kiosk forms`: for authors of templates, and the worker that a station starts.
//!
//! A template is rendered for its author by the same worker, under the same limits, as for a
//! citizen: what passes here passes there.

mod print;

use std::{
    ffi::OsString,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use image::RgbImage;
use kiosk_forms::worker::{
    self, Answer, Failure as WorkerFailure, Job, Made, Program, Refusal, Timings, Want, Worker,
};
use kiosk_words::Private;

use crate::{
    clock::Clock,
    exit::{Exit, Failure, with_causes},
    photo_decoder::THIS_PROGRAM,
};

/// A4 at 150 dots an inch, what a proof is looked at with.
const PROOF_WIDTH_PX: u16 = 1240;

pub use print::{Print, print};

#[derive(Debug, Subcommand)]
pub enum FormsCommand {
    /// Make a PDF of a template and a file of data; errors point into the template.
    Render(Render),
    /// Print a template with a file of data on an A4 printer, and say what became of it.
    Print(Print),
    /// Set pages for the program that started this one.
    #[command(hide = true)]
    Worker {
        #[arg(long)]
        templates: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct Render {
    /// The template, a `.typ`; others of its folder can be imported.
    template: PathBuf,
    /// What the template reads as `data.json`.
    #[arg(long)]
    data: PathBuf,
    /// Where the PDF goes; without it, beside where you are, under the template's name.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A picture of one page too, as the screen shows it.
    #[arg(long)]
    picture: Option<PathBuf>,
    /// Which page the picture is of, from 1.
    #[arg(long, default_value_t = 1)]
    page: usize,
}

/// What a worker with these templates is started by.
#[must_use]
pub fn program(kiosk: impl Into<PathBuf>, templates: &Path) -> Program {
    let arguments = ["forms", "worker", "--templates"].map(OsString::from);
    Program {
        path: kiosk.into(),
        arguments: arguments.into_iter().chain([templates.as_os_str().to_owned()]).collect(),
    }
}

/// # Errors
/// A pipe broke.
pub fn serve(templates: &Path) -> Result<Exit, Failure> {
    worker::serve(templates).map_err(|error| Failure::plain(&error))?;
    Ok(Exit::Done)
}

/// # Errors
/// What is wrong with the template or the data, in lines that point there.
pub async fn render(asked: Render) -> Result<Exit, Failure> {
    let mut workpiece = Workpiece::open(&asked.template, &asked.data)?;
    let made = workpiece.make(Want::Pdf).await?;
    let out = asked.out.unwrap_or_else(|| PathBuf::from(format!("{}.pdf", workpiece.template)));
    write(&out, made.bytes.expose())?;
    if let Some(picture) = &asked.picture {
        let page = asked.page.saturating_sub(1);
        let drawn = workpiece.make(Want::Picture { page, width_px: PROOF_WIDTH_PX }).await?;
        save_picture(&drawn, picture)?;
    }
    tell(&made, &out).map_err(|error| Failure::plain(&error))?;
    Ok(Exit::Done)
}

/// A template with its data, and the worker that sets it.
#[derive(Debug)]
struct Workpiece {
    template: String,
    data: Private<Vec<u8>>,
    made_ms: i64,
    worker: Worker,
}

impl Workpiece {
    fn open(template: &Path, data: &Path) -> Result<Self, Failure> {
        let path = fs::canonicalize(template).map_err(|error| unreadable(template, &error))?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.and_then(|name| name.strip_suffix(".typ"));
        let (Some(name), Some(folder)) = (name, path.parent()) else {
            let sentence = format!("{}: expected a template, a file `.typ`", path.display());
            return Err(Failure::new(Exit::BadConfig, sentence));
        };
        let bytes = fs::read(data).map_err(|error| unreadable(data, &error))?;
        Ok(Self {
            template: name.to_owned(),
            data: Private::new(bytes),
            made_ms: Clock::start().now().wall.0,
            worker: Worker::new(program(THIS_PROGRAM, folder), Timings::PRODUCTION),
        })
    }

    async fn make(&mut self, want: Want) -> Result<Answer, Failure> {
        let (template, made_ms) = (self.template.clone(), self.made_ms);
        let made = self.worker.ask(&Job::Form { template, made_ms, want }, &self.data).await;
        made.map_err(|failure| Failure::new(Exit::BadConfig, sentence(&failure)))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::BadConfig, format!("{}: {error}", path.display()))
}

fn tell(made: &Answer, out: &Path) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for warning in &made.warnings {
        writeln!(stdout, "warning: {warning}")?;
    }
    let n_kib = made.bytes.expose().len().div_ceil(1024);
    writeln!(stdout, "{}: {} pages, {n_kib} KiB", out.display(), made.n_pages)
}

fn save_picture(drawn: &Answer, path: &Path) -> Result<(), Failure> {
    let Made::Picture { width_px, height_px } = drawn.made else {
        unreachable!("a picture was asked for");
    };
    let picture = RgbImage::from_raw(width_px, height_px, drawn.bytes.expose().clone())
        .expect("the worker sends as many bytes as it says");
    let saved = picture.save(path);
    saved.map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", path.display())))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = fs::write(path, bytes);
    written.map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", path.display())))
}

/// All of it: an author wants the line, and what stands there.
fn sentence(failure: &WorkerFailure) -> String {
    match failure {
        WorkerFailure::Refused(Refusal::Template(errors)) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            format!("the template cannot be set:\n{}", lines.join("\n"))
        }
        WorkerFailure::Refused(Refusal::Unprintable(characters)) => {
            let points: Vec<String> =
                characters.0.chars().map(|c| format!("{c} (U+{:04X})", u32::from(c))).collect();
            format!("no font has {}; install a font that does, or leave it out", points.join(", "))
        }
        WorkerFailure::Refused(_)
        | WorkerFailure::TimeOver(_)
        | WorkerFailure::Died(_)
        | WorkerFailure::Unfit(_)
        | WorkerFailure::NotStarted(_)
        | WorkerFailure::Garbled(_) => with_causes(failure),
    }
}
