//! The hall's store: SQLite, one writer, a few readers.
//!
//! [`Store::write`] hands a use case to the writer thread, which runs many of them in one
//! transaction and answers only after the commit: what is answered is on the disk.
//! [`Store::read`] runs on its own connections and never waits for the writer.
//! The SQL of a use case stands in the submodules, one per subject; no SQL outside them.
//!
//! A failed commit ends the writer: a second sync proves nothing. Every later call gets
//! [`StoreError::Dead`] and the process has to start again.

pub mod accounts;
pub mod cases;
pub mod chain;
pub mod codes;
pub mod custody;
pub mod desk;
pub mod events;
pub mod exceptions;
pub mod feed;
pub mod freezes;
pub mod held;
pub mod orders;
pub mod scans;
pub mod staff_cards;
pub mod stations;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot, watch};

use crate::bells::Bells;
pub use writer::{WriteContext, with_own_transaction};

/// Use cases waiting for the writer. Full: the caller waits up to [`SUBMIT_LIMIT`], then is told
/// that the hall is busy; a station comes back with the same bytes.
const WRITE_QUEUE: usize = 2_048;
/// Look-ups waiting for one reader; the same rule.
const READ_QUEUE: usize = 512;
const N_READERS: usize = 2;
const SUBMIT_LIMIT: Duration = Duration::from_secs(5);
/// A use case that waited this long behind others is given up by its caller; it may still commit.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long a connection waits for a command that writes beside the serving hall.
const BUSY_LIMIT: Duration = Duration::from_secs(10);

mod schema {
    refinery::embed_migrations!("migrations");
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the hall is busy")]
    Busy,
    #[error("the store stopped after a failed write; the hall must be started again")]
    Dead,
    #[error("database")]
    Sqlite(#[from] rusqlite::Error),
    #[error("schema of the database")]
    Schema(#[from] refinery::Error),
    #[error("thread of the store")]
    Thread(#[source] std::io::Error),
    #[error("{what} in the database does not read back")]
    Content { what: &'static str },
}

type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// Handle of the store; clones share the threads, the last one ends them.
#[derive(Clone)]
pub struct Store {
    writer: mpsc::Sender<writer::Job>,
    readers: Arc<[mpsc::Sender<ReadJob>]>,
    next_reader: Arc<AtomicUsize>,
    bells: Bells,
    dead: watch::Receiver<bool>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// Opens the database for one use and brings its tables up to date. For commands.
pub fn open_database(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = connect(path)?;
    // Release n - 1 runs on the tables of release n: migrations only add.
    // Grouped: a migration and the note of it are one transaction, so that a power cut between them
    // does not leave tables that the next start would make again.
    schema::migrations::runner().set_abort_missing(false).set_grouped(true).run(&mut connection)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    #[cfg(feature = "planted")]
    if kiosk_words::planted::is_planted(kiosk_words::planted::Bug::NormalSync) {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // 64 MiB of pages; 32 MiB of log between checkpoints, each of which syncs the whole file.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "wal_autocheckpoint", 8_192)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

impl Store {
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let connection = open_database(&path)?;
        let bells = Bells::default();
        let (tell_dead, dead) = watch::channel(false);
        let (writer, jobs) = mpsc::channel(WRITE_QUEUE);
        let writer_bells = bells.clone();
        thread::Builder::new()
            .name("hall-writer".into())
            .spawn(move || writer::run(connection, jobs, &writer_bells, &tell_dead))
            .map_err(StoreError::Thread)?;
        let readers = (0..N_READERS).map(|n| reader(n, &path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            writer,
            readers: readers.into(),
            next_reader: Arc::new(AtomicUsize::new(0)),
            bells,
            dead,
        })
    }

    /// Runs a use case in the next transaction; answers after its commit.
    pub async fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut WriteContext<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = writer::job(run);
        submit(&self.writer, job).await?;
        wait(answer).await?
    }

    pub async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |connection| {
            let _gone = tell.send(run(connection));
        });
        let n = self.next_reader.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        submit(&self.readers[n], job).await?;
        wait(answer).await?
    }

    /// Rung after a commit that put something into a station's feed.
    pub const fn bells(&self) -> &Bells {
        &self.bells
    }

    /// Resolves when the writer has ended after a failed commit.
    pub async fn died(&self) {
        let mut dead = self.dead.clone();
        let _closed = dead.wait_for(|is_dead| *is_dead).await;
    }
}

async fn submit<J>(queue: &mpsc::Sender<J>, job: J) -> Result<(), StoreError> {
    match tokio::time::timeout(SUBMIT_LIMIT, queue.send(job)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_closed)) => Err(StoreError::Dead),
        Err(_late) => Err(StoreError::Busy),
    }
}

async fn wait<T>(answer: oneshot::Receiver<T>) -> Result<T, StoreError> {
    match tokio::time::timeout(ANSWER_LIMIT, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_dropped)) => Err(StoreError::Dead),
        Err(_late) => Err(StoreError::Busy),
    }
}

fn reader(n: usize, path: &Path) -> Result<mpsc::Sender<ReadJob>, StoreError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", "ON")?;
    let (queue, mut jobs) = mpsc::channel::<ReadJob>(READ_QUEUE);
    thread::Builder::new()
        .name(format!("hall-reader-{n}"))
        .spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                job(&connection);
            }
        })
        .map_err(StoreError::Thread)?;
    Ok(queue)
}

fn case_id(bytes: [u8; 16]) -> kiosk_words::CaseId {
    kiosk_words::CaseId(uuid::Uuid::from_bytes(bytes))
}

fn epoch(bytes: [u8; 16]) -> kiosk_words::Epoch {
    kiosk_words::Epoch(uuid::Uuid::from_bytes(bytes))
}

fn station(number: u16) -> Result<kiosk_words::StationId, StoreError> {
    number.try_into().map_err(|_| StoreError::Content { what: "a station number" })
}

/// SQLite counts in signed 64 bits; nothing here comes near the limit except a lie on the wire,
/// which is refused before.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSERT_CASE_V1: &str = "INSERT INTO cases (case_id, event, station, counter, receipt,
        matter, matter_name, discreet, deposited_ms, clock_quality, received_ms, clock_start_ms,
        originals, handling, handling_state, revision, complete)
        VALUES (?1, 1, 17, 1, '00170000000138', 'm', 'm', 0, 0, 'synced', 0, 0, ?2, ?3, ?4, 0, 1)";

    fn insert(sql: &Connection, case: u8, handling: &str, state: &str) {
        let originals = "\"taken_by_hall\"";
        let values = rusqlite::params![[case; 16], originals, handling, state];
        sql.execute(INSERT_CASE_V1, values).unwrap();
    }

    /// Its halls know no entry of this kind and could not read their feeds past one.
    #[test]
    fn what_is_said_of_staff_cards_is_for_nobody_in_release_2() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall.db");
        let mut old = connect(&path).unwrap();
        schema::migrations::runner()
            .set_target(refinery::Target::Version(2))
            .run(&mut old)
            .unwrap();
        let insert = "INSERT INTO stations (station, name, added_ms) VALUES (17, '', 0)";
        old.execute(insert, []).unwrap();
        drop(old);
        let mut new = open_database(&path).unwrap();
        with_own_transaction(&mut new, |context| {
            staff_cards::tell_every_station(context, kiosk_words::WallTime(0))?;
            staff_cards::tell(context, station(17)?, kiosk_words::WallTime(0))
        })
        .unwrap();
        let of_release_2 = "SELECT count(*) FROM feed WHERE station BETWEEN 1 AND 9999";
        assert_eq!(new.query_row(of_release_2, [], |row| row.get(0)), Ok(0));
        let for_station = |number| staff_cards::newest_entry(&new, super::station(number).unwrap());
        assert_eq!(for_station(17).unwrap(), Some(2));
        assert_eq!(for_station(18).unwrap(), Some(1));
    }

    /// Cases decided under the tables of release 1 are known as decided, and what release 1 writes
    /// on the tables of this release is read.
    #[test]
    fn a_database_of_release_1_is_brought_up_to_date_and_release_1_still_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall.db");
        let mut old = connect(&path).unwrap();
        schema::migrations::runner()
            .set_target(refinery::Target::Version(1))
            .run(&mut old)
            .unwrap();
        old.execute_batch(
            "INSERT INTO stations (station, name, added_ms) VALUES (17, '', 0);
             INSERT INTO events (station, epoch, seq, case_id, body_hash, body, received_ms)
             VALUES (17, x'01', 1, x'01', x'01', '', 0)",
        )
        .unwrap();
        let decided = r#"{"state":"decided","outcome":"withdrawn","on":"2026-03-06"}"#;
        insert(&old, 1, decided, "decided");
        insert(&old, 2, r#"{"state":"refused","reason":"r"}"#, "refused");
        insert(&old, 3, r#"{"state":"in_progress"}"#, "in_progress");
        drop(old);
        let new = open_database(&path).unwrap();
        insert(&new, 4, r#"{"state":"in_progress"}"#, "in_progress");
        let standing = |case: u8| {
            let case = kiosk_words::CaseId(uuid::Uuid::from_bytes([case; 16]));
            cases::standing(&new, case).unwrap().unwrap()
        };
        assert_eq!(standing(1).decided, Some(standing(1).handling));
        assert_eq!(standing(2).decided, None);
        assert!(!standing(4).is_frozen);
        let to_return = cases::shelf(&new, cases::Shelf::ToReturn, 10, 0).unwrap();
        assert_eq!(to_return.len(), 2, "withdrawn and refused");
    }
}
