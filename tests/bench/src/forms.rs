//! What a document costs: the first picture of a form, the next ones, its PDF, a PDF shown, and the
//! memory of a worker that has set a thousand.
//!
//! All by the worker that ships, over its pipes. Cold is a worker that has just been started; the
//! station starts one before it is needed, so its start is the limit, not a part, of that figure.

use std::{ffi::OsString, fs, path::Path};

use anyhow::{Context as _, Result};
use kiosk_forms::worker::{Job, Program, Timings, Want, Worker};
use kiosk_words::Private;
use nightdesk_e2e::house::Places;
use tokio::time::Instant;

use crate::{Row, median};

const N_COLD: usize = 7;
const N_WARM: usize = 50;
const N_FORMS: usize = 1_000;
/// As wide as the stage of the portrait screen.
const WIDTH_PX: u16 = 952;
/// The wall time that the PDFs name.
const MADE_MS: i64 = 1_772_648_100_000;

/// Five rows.
pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(measure())
}

async fn measure() -> Result<Vec<Row>> {
    let places = Places::beside_me()?;
    let data = fs::read(places.forms.join("examples/application.json"))?;
    let data = Private::new(data);
    let arguments = ["forms", "worker", "--templates"].map(OsString::from);
    let program = Program {
        path: places.bin_dir.join("kiosk"),
        arguments: arguments.into_iter().chain([places.forms.into_os_string()]).collect(),
    };

    let (mut start_ms, mut cold_ms) = (Vec::new(), Vec::new());
    for _ in 0..N_COLD {
        let (start, cold) = cold(&program, &data).await?;
        start_ms.push(start);
        cold_ms.push(cold);
    }
    let mut worker = Worker::new(program, Timings::PRODUCTION);
    worker.warm().await?;
    let at_start_mib = resident_mib(&worker)?;
    let preview = form(Want::Picture { page: 0, width_px: WIDTH_PX });
    let warm_ms = warm(&mut worker, &preview, &data).await?;
    let pages_ms = warm(&mut worker, &form(Want::Pages), &data).await?;

    let pdf = worker.ask(&form(Want::Pdf), &data).await?.bytes;
    let shown = Job::Pdf { want: Want::Picture { page: 0, width_px: WIDTH_PX } };
    let shown_ms = warm(&mut worker, &shown, &pdf).await?;
    for _ in 0..N_FORMS {
        worker.ask(&preview, &data).await?;
    }
    let after_mib = resident_mib(&worker)?;
    let kib = |bytes: &Private<Vec<u8>>| bytes.expose().len() as f64 / 1024.0;
    Ok(vec![
        Row::new(
            "form_preview_cold",
            median(cold_ms),
            "ms",
            "the start of its worker, which is over before",
            median(start_ms),
        ),
        Row::new("form_preview_warm", warm_ms, "ms", "setting it without drawing it", pages_ms),
        Row::new("form_pdf_kib", kib(&pdf), "KiB", "the data on it", kib(&data)),
        Row::new(
            "resident_after_1000_forms_mib",
            after_mib,
            "MiB",
            "the same worker before its first",
            at_start_mib,
        ),
        Row::new("pdf_page_shown", shown_ms, "ms", "the same page from its template", warm_ms),
    ])
}

fn form(want: Want) -> Job {
    Job::Form { template: "application".to_owned(), made_ms: MADE_MS, want }
}

/// Milliseconds until a new worker is ready, and from then until its first picture.
async fn cold(program: &Program, data: &Private<Vec<u8>>) -> Result<(f64, f64)> {
    let mut worker = Worker::new(program.clone(), Timings::PRODUCTION);
    let begin = Instant::now();
    worker.warm().await?;
    let start_ms = begin.elapsed().as_secs_f64() * 1_000.0;
    let begin = Instant::now();
    worker.ask(&form(Want::Picture { page: 0, width_px: WIDTH_PX }), data).await?;
    Ok((start_ms, begin.elapsed().as_secs_f64() * 1_000.0))
}

async fn warm(worker: &mut Worker, job: &Job, payload: &Private<Vec<u8>>) -> Result<f64> {
    let mut took_ms = Vec::with_capacity(N_WARM);
    for _ in 0..N_WARM {
        let begin = Instant::now();
        worker.ask(job, payload).await?;
        took_ms.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(median(took_ms))
}

fn resident_mib(worker: &Worker) -> Result<f64> {
    let id = worker.process_id().context("the worker does not run")?;
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line.context("no VmRSS")?.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}
