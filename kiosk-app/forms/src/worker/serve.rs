//! The inside of the process: reads jobs, does them, and lets nothing of them out but the reply.

use std::{io, path::Path, process, sync::mpsc, thread};

use kiosk_words::{Private, WallTime};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::wire::{self, Job, Made, PAYLOAD_LEN_MAX, Refusal, Reply, Want};
use crate::{
    fonts::{Faces, Fonts},
    form::Pages,
    pdf::Reader,
    picture::{Picture, Raster},
    pwg,
    templates::Templates,
};

/// Address space: program and fonts take some 200 MB of it, the longest form that may be printed
/// less than as much again.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Files that are open: three pipes, and one that is being read.
const N_FILES_MAX: u64 = 32;

/// A picture so wide, of A4, is the largest that a reply can hold.
const WIDTH_PX_MAX: u16 = 3_900;
/// The finest that office printers have: 35 million dots on A4.
const DPI_MAX: u16 = 600;

/// Does jobs from standard input until it ends.
///
/// # Errors
/// A pipe broke, or something came that is no job.
pub fn serve(templates: &Path) -> io::Result<()> {
    // A message of a panic may quote what it was about.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a worker for forms panicked");
    }));
    let mut stdout = io::stdout().lock();
    let templates = match limit_oneself().and_then(|()| open(templates)) {
        Ok(templates) => templates,
        Err(sentence) => return wire::write(&mut stdout, &Reply::Unfit(sentence), &[]),
    };
    wire::write(&mut stdout, &Reply::Ready, &[])?;
    let jobs = jobs();
    while let Ok(job) = jobs.recv() {
        let (job, payload) = job?;
        let done = work(&templates, &job, payload);
        // typst keeps what it has set, and whose it was, until it is told to let go. Of the page
        // just set, letters and lines are needed for its next picture.
        crate::forget_older();
        match done {
            Ok((reply, bytes)) => wire::write(&mut stdout, &reply, bytes.expose())?,
            Err(refusal) => wire::write(&mut stdout, &Reply::Refused(refusal), &[])?,
        }
    }
    Ok(())
}

type Arrived = io::Result<(Job, Private<Vec<u8>>)>;

/// Read by a thread of its own, so that the end of the input ends a job that is being done too.
fn jobs() -> mpsc::Receiver<Arrived> {
    let (tell, jobs) = mpsc::sync_channel(1);
    let read_all = move || {
        let mut stdin = io::stdin().lock();
        loop {
            let arrived: Arrived = match wire::read(&mut stdin) {
                Ok(Some(job)) => Ok(job),
                Ok(None) => process::exit(0),
                Err(error) => Err(error),
            };
            let is_last = arrived.is_err();
            if tell.send(arrived).is_err() || is_last {
                return;
            }
        }
    };
    let started = thread::Builder::new().name("forms-jobs".to_owned()).spawn(read_all);
    // Without the thread its end of the channel is gone, and the worker ends at once.
    drop(started);
    jobs
}

fn limit_oneself() -> Result<(), String> {
    let limits =
        [(Resource::As, MEMORY_BYTES_MAX), (Resource::Core, 0), (Resource::Nofile, N_FILES_MAX)];
    for (resource, max) in limits {
        setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) })
            .map_err(|error| format!("no limit could be set for {resource:?}: {error}"))?;
    }
    Ok(())
}

fn open(folder: &Path) -> Result<Templates, String> {
    let words = |error: &dyn std::error::Error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let faces = Faces::find().map_err(|error| words(&error))?;
    let fonts = Fonts::open(&faces).map_err(|error| words(&error))?;
    Templates::open(folder, fonts).map_err(|error| words(&error))
}

fn work(
    templates: &Templates,
    job: &Job,
    payload: Private<Vec<u8>>,
) -> Result<(Reply, Private<Vec<u8>>), Refusal> {
    let (Job::Form { want, .. } | Job::Pdf { want }) = job;
    if is_too_fine(*want) {
        return Err(Refusal::TooLarge);
    }
    match job {
        Job::Form { template, made_ms, want } => {
            let pages = templates.set(template, payload.expose())?;
            drop(payload);
            let (made, bytes) = form(&pages, WallTime(*made_ms), *want)?;
            let n_pages = pages.n_pages();
            Ok((Reply::Done { n_pages, made, warnings: pages.warnings().to_vec() }, bytes))
        }
        Job::Pdf { want } => {
            let copy = (*want == Want::Pdf).then(|| payload.clone());
            let reader = Reader::open(payload, &templates.fonts).map_err(Refusal::Pdf)?;
            let (made, bytes) = pdf(&reader, copy, *want)?;
            let n_pages = reader.n_pages();
            Ok((Reply::Done { n_pages, made, warnings: Vec::new() }, bytes))
        }
    }
}

/// Looked at before anything is drawn: the pixels of a page too fine would take all memory.
const fn is_too_fine(want: Want) -> bool {
    match want {
        Want::Pages | Want::Pdf => false,
        Want::Picture { width_px, .. } => width_px > WIDTH_PX_MAX,
        Want::PwgRaster { dpi } => dpi > DPI_MAX,
    }
}

fn form(
    pages: &Pages<'_>,
    made: WallTime,
    want: Want,
) -> Result<(Made, Private<Vec<u8>>), Refusal> {
    match want {
        Want::Pages => Ok((Made::Nothing, Private::default())),
        Want::Pdf => Ok((Made::Pdf, pages.pdf(made)?)),
        Want::Picture { page, width_px } => {
            picture(pages.picture(page, width_px).ok_or(Refusal::NoPage(page))?)
        }
        Want::PwgRaster { dpi } => {
            let n_pages = pages.n_pages();
            let draw = |page| pages.raster(page, dpi).ok_or(Refusal::NoPage(page));
            raster(dpi, n_pages, draw)
        }
    }
}

fn pdf(
    reader: &Reader,
    copy: Option<Private<Vec<u8>>>,
    want: Want,
) -> Result<(Made, Private<Vec<u8>>), Refusal> {
    match want {
        Want::Pages => Ok((Made::Nothing, Private::default())),
        Want::Pdf => Ok((Made::Pdf, copy.unwrap_or_default())),
        Want::Picture { page, width_px } => {
            picture(reader.picture(page, width_px).map_err(Refusal::Pdf)?)
        }
        Want::PwgRaster { dpi } => {
            let draw = |page| reader.raster(page, dpi).map_err(Refusal::Pdf);
            raster(dpi, reader.n_pages(), draw)
        }
    }
}

fn picture(picture: Picture) -> Result<(Made, Private<Vec<u8>>), Refusal> {
    let Picture { width_px, height_px, rgb } = picture;
    if rgb.expose().len() > PAYLOAD_LEN_MAX {
        return Err(Refusal::TooLarge);
    }
    Ok((Made::Picture { width_px, height_px }, rgb))
}

/// One page after the other: forty at once would be gigabytes.
fn raster(
    dpi: u16,
    n_pages: usize,
    draw: impl Fn(usize) -> Result<Raster, Refusal>,
) -> Result<(Made, Private<Vec<u8>>), Refusal> {
    let mut document = pwg::Document::new(dpi, n_pages);
    for page in 0..n_pages {
        document.add(&draw(page)?);
        if document.n_bytes() > PAYLOAD_LEN_MAX {
            return Err(Refusal::TooLarge);
        }
    }
    Ok((Made::PwgRaster, document.finish()))
}
