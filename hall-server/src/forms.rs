//! The hall's own documents: set by the worker that stations use too, from the same templates.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use kiosk_forms::worker::{Failure, Job, Program, Timings, Want, Worker};
use kiosk_matters::documents::Document;
use kiosk_words::{Private, WallTime};
use tokio::sync::Mutex;

/// The worker as this program starts itself: `hall forms-worker --templates FOLDER`.
#[must_use]
pub fn program(hall: impl Into<PathBuf>, templates: &Path) -> Program {
    let arguments = ["forms-worker", "--templates"].map(OsString::from);
    Program {
        path: hall.into(),
        arguments: arguments.into_iter().chain([templates.as_os_str().to_owned()]).collect(),
    }
}

/// One document at a time: a clerk waits some milliseconds for another.
#[derive(Debug, Clone)]
pub(crate) struct Forms(Arc<Mutex<Worker>>);

impl Forms {
    pub(crate) fn new(program: Program) -> Self {
        Self(Arc::new(Mutex::new(Worker::new(program, Timings::PRODUCTION))))
    }

    pub(crate) async fn pdf(
        &self,
        document: &Document,
        made: WallTime,
    ) -> Result<Private<Vec<u8>>, Failure> {
        let template = document.template().to_owned();
        let job = Job::Form { template, made_ms: made.0, want: Want::Pdf };
        let mut worker = self.0.lock().await;
        worker.ask(&job, &document.data()).await.map(|answer| answer.bytes)
    }
}
