//! The pages of a session: from the camera to a sealed file, and the picture of it on the screen.
//!
//! Captures, discards and wipes are done one after another in the order in which the core asked,
//! so that no picture can appear after its session was wiped. Codes are read in the same order,
//! because there is one camera; where none lies under it, a scanner may wait for one.
//!
//! ```text
//!  Capture ─► camera thread: frame, quality, preview ─► store thread: seal ─► picture table ─► core
//! ```

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kiosk_core::{
    EffectId, Event,
    effect::{Refusal, Reply, Scan},
    view::ImageId,
};
use kiosk_ui::{Picture, PictureSource};
use kiosk_words::{CaseId, Digest32, Private};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    answer::Answer,
    camera::{Camera, Shot},
    limits::PAGES_QUEUE,
    scanner::Scanner,
    store_thread::{SealPage, StoreHandle},
};

#[derive(Debug)]
pub enum PageJob {
    Capture { id: EffectId, case: CaseId, answer: Answer },
    ReadCode { id: EffectId, answer: Answer },
    TryCamera { id: EffectId, answer: Answer },
    Discard { id: EffectId, image: ImageId, answer: Answer },
    Wipe { id: EffectId, answer: Answer },
}

/// The asking side, and the pictures for the screen.
#[derive(Debug, Clone)]
pub struct Pages {
    jobs: mpsc::Sender<PageJob>,
    pictures: Pictures,
}

impl Pages {
    /// Never waits; a job that is not taken is refused by its answer.
    pub fn hand_over(&self, job: PageJob) {
        if self.jobs.try_send(job).is_err() {
            tracing::error!("the pages' task takes no job");
        }
    }

    pub fn pictures(&self) -> Pictures {
        self.pictures.clone()
    }
}

/// What the screen may show of captured pages. Empty between sessions.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    table: Arc<Mutex<BTreeMap<ImageId, Preview>>>,
}

/// Rows from the top, three bytes per pixel.
#[derive(Debug)]
pub struct Preview {
    pub width_px: u32,
    pub height_px: u32,
    pub rgb: Private<Vec<u8>>,
}

impl Pictures {
    pub fn is_empty(&self) -> bool {
        self.table().is_empty()
    }

    fn table(&self) -> MutexGuard<'_, BTreeMap<ImageId, Preview>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PictureSource for Pictures {
    fn picture(&self, image: ImageId) -> Option<Picture> {
        let table = self.table();
        let preview = table.get(&image)?;
        Some(Picture {
            width_px: preview.width_px,
            height_px: preview.height_px,
            rgb: Arc::from(preview.rgb.expose().as_slice()),
        })
    }
}

/// Starts the task on the current runtime.
pub fn start(
    camera: Camera,
    scanner: Option<Scanner>,
    store: StoreHandle,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Pages {
    let (jobs, at_task) = mpsc::channel(PAGES_QUEUE);
    let pictures = Pictures::default();
    let task = Task {
        camera,
        scanner,
        store,
        pictures: pictures.clone(),
        sealed: BTreeMap::new(),
        n_images: 0,
    };
    tasks.spawn(task.run(at_task, stop));
    Pages { jobs, pictures }
}

struct Task {
    camera: Camera,
    scanner: Option<Scanner>,
    store: StoreHandle,
    pictures: Pictures,
    /// The sealed file of each picture of the session.
    sealed: BTreeMap<ImageId, Digest32>,
    n_images: u64,
}

impl Task {
    async fn run(mut self, mut jobs: mpsc::Receiver<PageJob>, stop: CancellationToken) {
        loop {
            let job = tokio::select! { biased;
                () = stop.cancelled() => None,
                job = jobs.recv() => job,
            };
            let Some(job) = job else { break };
            self.perform(job).await;
        }
        self.pictures.table().clear();
    }

    async fn perform(&mut self, job: PageJob) {
        match job {
            PageJob::Capture { id, case, answer } => {
                let image = ImageId(self.n_images + 1);
                self.n_images += 1;
                answer.give(match self.capture(image, case).await {
                    Ok(scan) => Event::Done { id, reply: Reply::Captured { image, scan } },
                    Err(refusal) => Event::Refused { id, refusal },
                });
            }
            PageJob::ReadCode { id, answer } => {
                let refusal = match self.camera.read_code().await {
                    Ok(Some(code)) => {
                        let reply = Reply::Code(Private::new(code));
                        return answer.give(Event::Done { id, reply });
                    }
                    Ok(None) => Refusal::NoCode,
                    Err(fault) => Refusal::Camera(fault),
                };
                match &self.scanner {
                    Some(scanner) => scanner.read(id, answer),
                    None => answer.give(Event::Refused { id, refusal }),
                }
            }
            PageJob::TryCamera { id, answer } => answer.give(match self.camera.shoot().await {
                Ok(Shot { frame, quality, preview: _ }) => {
                    let (width_px, height_px) = (frame.width_px, frame.height_px);
                    let reply = Reply::Looked { width_px, height_px, quality };
                    Event::Done { id, reply }
                }
                Err(fault) => Event::Refused { id, refusal: Refusal::Camera(fault) },
            }),
            PageJob::Discard { id, image, answer } => {
                self.pictures.table().remove(&image);
                if let Some(digest) = self.sealed.remove(&image) {
                    self.store.discard_page(digest).await;
                }
                answer.give(Event::Done { id, reply: Reply::Discarded });
            }
            PageJob::Wipe { id, answer } => {
                self.pictures.table().clear();
                self.sealed.clear();
                self.store.wipe_pages().await;
                answer.give(Event::Done { id, reply: Reply::Wiped });
            }
        }
    }

    async fn capture(&mut self, image: ImageId, case: CaseId) -> Result<Scan, Refusal> {
        let Shot { frame, quality, preview } =
            self.camera.shoot().await.map_err(Refusal::Camera)?;
        let scan = self.store.seal_page(SealPage { case, quality, frame }).await?;
        self.sealed.insert(image, scan.digest);
        self.pictures.table().insert(image, preview);
        Ok(scan)
    }
}
