//! The one thread that has the store: `store`.
//!
//! Jobs are done in the order in which they were handed over. After an I/O error every write is
//! refused by the store itself until the process starts again; the thread goes on answering.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hall_api::wire::{EventEnvelope, ScanEntry};
use kiosk_core::{
    EffectId, Event, Recovered,
    effect::{Query, Refusal, Reply, Scan},
    event::PersistError as CorePersistError,
    record::Record,
};
use kiosk_store::{
    Answer as StoreAnswer, HeartbeatFacts, Identity, OpenError, Presence, Room, SealedPage, Store,
    StoreError, StoreKey, VaultError,
};
use kiosk_words::{CaseId, Digest32, Epoch, Seq, ServiceTime, WallTime};
use tokio::sync::{mpsc, oneshot};

use crate::{
    answer::Answer,
    exit::{Exit, Failure, with_causes},
    limits::STORE_QUEUE,
};

/// Work for the thread that the core waits for.
#[derive(Debug)]
pub enum Job {
    Persist { id: EffectId, records: Vec<Record>, answer: Answer },
    Find { id: EffectId, query: Query, answer: Answer },
    ChangeKeys { id: EffectId, erase_before: ServiceTime, answer: Answer },
}

type Work = Box<dyn FnOnce(&mut Store) + Send>;

enum Task {
    Job(Job),
    /// A question of another task; it answers through a channel of its own.
    Work(Work),
}

/// The asking side. The thread ends, and closes the store, when every copy is dropped.
#[derive(Debug, Clone)]
pub struct StoreHandle {
    tasks: mpsc::Sender<Task>,
    limit: Duration,
    /// The core was told that there is no room, and not yet that there is some again.
    said_full: Arc<AtomicBool>,
}

/// A page on its way into the vault.
#[derive(Debug)]
pub struct SealPage {
    pub case: CaseId,
    pub quality: device_api::camera::Quality,
    pub frame: device_api::camera::Frame,
}

/// A store that opened.
#[derive(Debug)]
pub struct Opened {
    pub handle: StoreHandle,
    pub recovered: Recovered,
    pub epoch: Epoch,
    pub identity: Option<Identity>,
    /// Told when the thread has closed the store.
    pub closed: oneshot::Receiver<()>,
}

/// Starts the thread and opens the store on it. `started_at` counts towards care mode.
pub async fn open(
    folder: &Path,
    key_file: &Path,
    started_at: WallTime,
    limit: Duration,
) -> Result<Opened, Failure> {
    let (folder, key_file) = (folder.to_owned(), key_file.to_owned());
    let (tasks, at_thread) = mpsc::channel(STORE_QUEUE);
    let (opened, was_opened) = oneshot::channel();
    let (closing, closed) = oneshot::channel();
    let said_full = Arc::new(AtomicBool::new(false));
    let full = Arc::clone(&said_full);
    let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || {
        match open_now(&folder, &key_file, started_at) {
            Ok((store, recovered)) => {
                full.store(recovered.full, Ordering::Relaxed);
                let facts = (recovered, store.epoch(), store.identity().cloned());
                if opened.send(Ok(facts)).is_ok() {
                    Thread { store, said_full: full }.work(at_thread);
                }
            }
            // Nobody waits any more: then nobody needs the reason.
            Err(failure) => drop(opened.send(Err(failure))),
        }
        // Nobody may be waiting for the end.
        let _ = closing.send(());
    });
    thread.map_err(|error| Failure::plain(&error))?;
    let died = || Failure::new(Exit::StoreDead, "the store's thread died while opening it");
    let (recovered, epoch, identity) = was_opened.await.map_err(|_| died())??;
    let handle = StoreHandle { tasks, limit, said_full };
    Ok(Opened { handle, recovered, epoch, identity, closed })
}

/// When a tool opens the store, so that it does not count as a start of the station.
pub const NOT_A_START: WallTime = WallTime(0);

/// Opens the store in this thread; also for tools, when no station runs.
pub fn open_now(
    folder: &Path,
    key_file: &Path,
    started_at: WallTime,
) -> Result<(Store, Recovered), Failure> {
    let bad = |sentence: String| Failure::new(Exit::BadConfig, sentence);
    match Store::presence(folder, key_file) {
        Presence::Both => {}
        Presence::Nothing => {
            let sentence = "this machine is not enrolled: run `kiosk enrol` with the code from the \
                            hall";
            return Err(bad(sentence.to_owned()));
        }
        Presence::KeyOnly => {
            return Err(bad(format!(
                "there is a store key at {} and no database in {}: no new one is made",
                key_file.display(),
                folder.display()
            )));
        }
        Presence::DatabaseOnly => {
            return Err(bad(format!(
                "there is a database in {} and no store key at {}: no new one is made",
                folder.display(),
                key_file.display()
            )));
        }
    }
    let key = StoreKey::from_file(key_file).map_err(|error| bad(with_causes(&error)))?;
    Store::open(folder, &key, started_at).map_err(|error| failure_of(&error))
}

pub fn failure_of(error: &OpenError) -> Failure {
    let exit = match error.exit_code() {
        2 => Exit::BadConfig,
        3 => Exit::SecondProcess,
        _ => Exit::StoreDead,
    };
    Failure::new(exit, with_causes(error))
}

struct Thread {
    store: Store,
    said_full: Arc<AtomicBool>,
}

impl Thread {
    fn work(mut self, mut tasks: mpsc::Receiver<Task>) {
        while let Some(task) = tasks.blocking_recv() {
            match task {
                Task::Work(work) => work(&mut self.store),
                Task::Job(job) => self.perform(job),
            }
        }
    }

    fn perform(&mut self, job: Job) {
        match job {
            Job::Persist { id, records, answer } => answer.give(self.persist(id, &records)),
            Job::Find { id, query, answer } => match self.store.find(&query) {
                Ok(StoreAnswer::Cases(cases)) => answer.give(Event::Found { id, cases }),
                Ok(StoreAnswer::Code(right)) => answer.give(Event::CodeChecked { id, right }),
                // Dropping the answer says that nothing was found and nothing is right.
                Err(error) => {
                    tracing::error!(because = with_causes(&error), "the store finds nothing");
                }
            },
            Job::ChangeKeys { id, erase_before, answer } => match self.change_keys(erase_before) {
                Ok(n_erased) => {
                    tracing::info!(n_erased, "keys changed");
                    answer.give(Event::Done { id, reply: Reply::KeysChanged });
                }
                Err(error) => {
                    tracing::error!(because = with_causes(&error), "the keys stay as they are");
                    answer.give(Event::Refused { id, refusal: Refusal::KeysNotChanged });
                }
            },
        }
    }

    fn persist(&mut self, id: EffectId, records: &[Record]) -> Event {
        let why = match self.store.persist(records) {
            Ok(seq) => match self.receipt_qr(records) {
                Ok(receipt_qr) => return Event::Persisted { id, seq, receipt_qr },
                Err(error) => {
                    tracing::error!(because = with_causes(&error), "a receipt has no code");
                    CorePersistError::Io
                }
            },
            Err(error) => {
                tracing::warn!(because = with_causes(&error), "records were not written");
                CorePersistError::from(&error)
            }
        };
        if why == CorePersistError::Full {
            self.said_full.store(true, Ordering::Relaxed);
        }
        Event::PersistFailed { id, why }
    }

    /// The text of the receipt's code, if a case was filed.
    fn receipt_qr(&self, records: &[Record]) -> Result<Option<String>, StoreError> {
        let filed = records.iter().find_map(|record| match record {
            Record::CaseFiled(filed) => Some(filed.case),
            Record::SessionOpened { .. }
            | Record::SessionClosed { .. }
            | Record::OutboxSettled { .. }
            | Record::ScansDelivered { .. }
            | Record::CaseMoved { .. }
            | Record::FeedCursor(_)
            | Record::ReceiptBlock { .. }
            | Record::ServiceTime(_)
            | Record::Custody { .. }
            | Record::OrderReceived { .. }
            | Record::OrderChanged { .. }
            | Record::WrongCodes { .. }
            | Record::Frozen { .. }
            | Record::PrintStarted { .. }
            | Record::PrintEnded { .. }
            | Record::StaffFailed { .. }
            | Record::StaffPassed { .. }
            | Record::StaffTrust(_)
            | Record::DeviceSeen { .. }
            | Record::Maintenance(_)
            | Record::Audit { .. } => None,
        });
        let Some(case) = filed else { return Ok(None) };
        Ok(self.store.receipt_code(case)?.map(|code| code.encode()))
    }

    /// Erasing changes the keys by itself when there was something to erase.
    fn change_keys(&mut self, erase_before: ServiceTime) -> Result<usize, StoreError> {
        let n_erased = self.store.erase_delivered(erase_before)?;
        if n_erased == 0 {
            self.store.rotate_wrap_key()?;
        }
        Ok(n_erased)
    }
}

impl StoreHandle {
    /// Never waits; a job that is not taken is refused by its answer.
    pub fn hand_over(&self, job: Job) {
        if self.tasks.try_send(Task::Job(job)).is_err() {
            tracing::error!("the store's thread takes no job");
        }
    }

    /// The next events after this one; `None` if the store does not answer.
    pub async fn next_batch(&self, after: Seq, limit: usize) -> Option<Vec<EventEnvelope>> {
        self.ask("next batch", move |store| store.next_batch(after, limit)).await
    }

    pub async fn scans_of(&self, case: CaseId) -> Option<Vec<(ScanEntry, PathBuf)>> {
        self.ask("scans of a case", move |store| store.scans_of(case)).await
    }

    pub async fn heartbeat(&self) -> Option<HeartbeatFacts> {
        self.ask("heartbeat", |store| store.heartbeat()).await
    }

    /// Seals a page and wipes its plain bytes.
    pub async fn seal_page(&self, page: SealPage) -> Result<Scan, Refusal> {
        let SealPage { case, quality, frame } = page;
        let (width_px, height_px) = (frame.width_px, frame.height_px);
        let sealed = self.run(move |store| store.vault().seal_page(case, &frame.encoded)).await;
        match sealed {
            Some(Ok(SealedPage { digest, n_bytes })) => {
                Ok(Scan { digest, n_bytes, width_px, height_px, quality })
            }
            Some(Err(error)) => {
                tracing::warn!(because = with_causes(&error), "a page was not sealed");
                // A broken disk has no word of its own here; the next record that is written
                // finds it out.
                self.said_full.store(true, Ordering::Relaxed);
                Err(Refusal::NoRoom)
            }
            None => Err(Refusal::NoRoom),
        }
    }

    pub async fn discard_page(&self, digest: Digest32) {
        let done = self.run(move |store| store.vault().discard(&digest)).await;
        warn_if_left(done);
    }

    pub async fn wipe_pages(&self) {
        let done = self.run(|store| store.vault().wipe()).await;
        warn_if_left(done);
    }

    /// True once when there is room again after the core was told that there is none.
    pub async fn has_room_again(&self) -> bool {
        if !self.said_full.load(Ordering::Relaxed) {
            return false;
        }
        let room = self.ask("room", Store::room).await;
        room == Some(Room::Enough) && self.said_full.swap(false, Ordering::Relaxed)
    }

    /// Checks the whole audit chain; `None` if the thread does not answer.
    pub async fn verify_audit(&self) -> Option<Result<String, String>> {
        self.run(|store| verify_audit(store)).await
    }

    /// `Err` of the store is logged here.
    async fn ask<T, E>(
        &self,
        what: &'static str,
        question: impl FnOnce(&mut Store) -> Result<T, E> + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        self.run(question)
            .await?
            .inspect_err(|error| {
                tracing::error!(what, because = with_causes(error), "the store does not answer");
            })
            .ok()
    }

    /// Runs on the thread; `None` if it is too busy, hangs or died.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Option<T> {
        let (done, outcome) = oneshot::channel();
        let work: Work = Box::new(move |store| drop(done.send(work(store))));
        let exchange = async {
            self.tasks.send(Task::Work(work)).await.ok()?;
            outcome.await.ok()
        };
        tokio::time::timeout(self.limit, exchange).await.ok().flatten()
    }
}

fn warn_if_left(done: Option<Result<(), VaultError>>) {
    match done {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::warn!(because = with_causes(&error), "a sealed page stays"),
        None => tracing::error!("the store's thread did not wipe the pages"),
    }
}

/// The sentence to print, whole or broken.
pub fn verify_audit(store: &Store) -> Result<String, String> {
    let head = store.verify_audit().map_err(|error| with_causes(&error))?;
    Ok(format!("{} lines, head {}: unbroken", head.n_lines, head.hash))
}
