//! The hall's store: plain SQLite, a writer thread that commits many use cases at once, readers.
//!
//! It is opened as the hall does, and asked through the use cases that its handlers call: batches
//! of events, heartbeats with their cells, a clerk's step. Cuts begin with the first write to an
//! empty folder. What is answered after a commit is compared with the tables after the cut; then
//! the stations send again what they heard no answer to, and some that they did, and the hall must
//! know each event that it has.
//!
//! The writer groups what waits for it, and that would depend on the clock. So each group begins
//! with a use case that waits until all of its group wait behind it: the same commits every time.
//! For the same reason the hall is never stopped in order here: which of its threads closes last,
//! and so moves the log, is nobody's to say. The log moves at sizes that differ from life to life,
//! among them the product's own, so that cuts come there often enough.

mod jobs;

use std::{collections::BTreeMap, path::Path, pin::Pin, sync::mpsc};

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use hall_api::wire::Answer;
use hall_server::store::{Store, StoreError, chain};
use kiosk_words::{CaseId, Digest32};
use rusqlite::{Connection, OptionalExtension as _, Row};
use testkit::Random;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::{
    lives::{Expected, Scale, Stopped, Subject},
    tally::Found,
};

use jobs::{CaseRow, Job, State};

/// Most use cases in one commit here.
const JOBS_MAX: u64 = 5;
/// Log sizes in pages at which it is moved; 0 leaves the product's.
const CHECKPOINTS: [u32; 5] = [6, 40, 0, 16, 250];

pub struct Hall {
    path: std::path::PathBuf,
    runtime: Runtime,
    store: Option<Store>,
    expected: Expected<State>,
    /// Batches of the group under way at the cut.
    unheard: Vec<Job>,
    /// Whether that group is there.
    came_through: bool,
    /// Batches that were answered, to be repeated.
    answered: Vec<Job>,
    /// The chain when the store last answered.
    head: Option<chain::Head>,
    n_opened: usize,
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hall")
    }
}

/// What each use case of a group answered, and the chain after the last of them.
type Answers = Result<(Vec<Answer>, chain::Head), StoreError>;
type Asked<'a> = Pin<Box<dyn Future<Output = Option<Answers>> + 'a>>;

impl Hall {
    pub fn new(folder: &Path) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build();
        Ok(Self {
            path: folder.join("hall.db"),
            runtime: runtime.context("runtime of the callers")?,
            store: None,
            expected: Expected::new(State::default()),
            unheard: Vec::new(),
            came_through: false,
            answered: Vec::new(),
            head: None,
            n_opened: 0,
        })
    }

    fn store(&self) -> Result<&Store, Stopped> {
        self.store.as_ref().ok_or_else(|| Stopped::Failed("the store is closed".to_owned()))
    }

    /// All of these in one commit. One answer for each job.
    fn ask(&self, jobs: &[Job]) -> Result<Vec<Answers>, Stopped> {
        let store = self.store()?;
        let (open, gate) = mpsc::channel::<()>();
        let mut asked: Vec<Asked<'_>> = vec![Box::pin(async {
            let waited = store.write(move |_| {
                // Ends when the other end is dropped.
                let _opened = gate.recv();
                Ok(())
            });
            waited.await.err().map(Err)
        })];
        for job in jobs {
            let job = job.clone();
            asked.push(Box::pin(async move {
                Some(store.write(move |context| job.run(context)).await)
            }));
        }
        // Polled last: all others wait for the writer by now.
        asked.push(Box::pin(async move {
            drop(open);
            None
        }));
        let answers = self.runtime.block_on(join_all(asked));
        Ok(answers.into_iter().flatten().collect())
    }

    /// Runs a group that leads to `next`, and compares its answers.
    fn commit(&mut self, jobs: &[Job], answer: &Answer, next: State) -> Result<(), Stopped> {
        self.expected.begin(next);
        self.unheard = jobs.iter().filter(|job| job.is_batch()).cloned().collect();
        let answers = self.ask(jobs)?;
        if answers.iter().any(Result::is_ok) && answers.iter().any(Result::is_err) {
            let what = "a part of a commit was answered, and a part was not".to_owned();
            return Err(Stopped::Found(Found::Half(what)));
        }
        for given in answers {
            let (given, head) = given?;
            if let Some(other) = given.iter().find(|given| *given != answer) {
                let what = format!("expected {answer:?}, got {other:?}");
                return Err(Stopped::Found(match other {
                    Answer::Accepted => Found::Doubled(what),
                    Answer::Duplicate | Answer::Held { .. } => Found::Broken(what),
                }));
            }
            self.head = Some(head);
        }
        self.answered.append(&mut self.unheard);
        self.expected.acknowledge();
        Ok(())
    }

    fn new_group(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        let mut group = Vec::new();
        for _ in 0..=chance.below(JOBS_MAX) {
            group.push(jobs::draw(&mut next, chance));
        }
        self.commit(&group, &Answer::Accepted, next)
    }

    /// Stations that heard no answer send the same bytes again.
    fn send_again(&mut self) -> Result<(), Stopped> {
        let again = std::mem::take(&mut self.unheard);
        let mut next = self.expected.present().clone();
        let answer = if self.came_through {
            Answer::Duplicate
        } else {
            again.iter().for_each(|job| job.apply(&mut next));
            Answer::Accepted
        };
        self.commit(&again, &answer, next)
    }

    /// The network repeats what was answered long ago.
    fn repeat(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let job = chance.pick(&self.answered).clone();
        let next = self.expected.present().clone();
        self.commit(&[job], &Answer::Duplicate, next)
    }

    fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Stopped> {
        Ok(self.runtime.block_on(self.store()?.read(run))?)
    }

    fn look_into_chain(&self) -> Result<(), Stopped> {
        let head = self.head;
        let walked = self.read(move |sql| {
            let kept = head.map(|head| line_hash(sql, head.n_lines)).transpose()?;
            Ok((chain::verify(sql), kept))
        })?;
        match walked {
            (Err(chain::ChainError::Store(error)), _) => Err(error.into()),
            (Err(error), _) => Err(Stopped::Found(Found::Broken(format!("the chain: {error}")))),
            (Ok(_), kept) if kept == head.map(|head| Some(head.hash)) => Ok(()),
            (Ok(_), _) => {
                let what = "the chain does not pass through an acknowledged head".to_owned();
                Err(Stopped::Found(Found::Broken(what)))
            }
        }
    }
}

impl Subject for Hall {
    fn open(&mut self) -> Result<(), Stopped> {
        let store = Store::open(self.path.clone())?;
        let pages = CHECKPOINTS[self.n_opened % CHECKPOINTS.len()];
        self.n_opened += 1;
        self.store = Some(store);
        if pages > 0 {
            let set = self.store()?.write(move |context| {
                context.sql.pragma_update(None, "wal_autocheckpoint", pages)?;
                Ok(())
            });
            self.runtime.block_on(set)?;
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), Stopped> {
        let found = self.read(|sql| {
            Ok(sql.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?)
        })?;
        if found != "ok" {
            return Err(Stopped::Found(Found::Broken(found)));
        }
        let (seen, n_events) = self.read(seen)?;
        if n_events != seen.events.len() {
            let what = format!("{n_events} rows for {} events", seen.events.len());
            return Err(Stopped::Found(Found::Doubled(what)));
        }
        self.came_through = self.expected.settle(&seen)?;
        self.look_into_chain()
    }

    fn work(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        if self.expected.present().n_stations() == 0 {
            let mut next = self.expected.present().clone();
            let job = jobs::enrol(&mut next);
            return self.commit(&[job], &Answer::Accepted, next);
        }
        if !self.unheard.is_empty() {
            return self.send_again();
        }
        if !self.answered.is_empty() && chance.chance(10) {
            return self.repeat(chance);
        }
        self.new_group(chance)
    }

    fn close(&mut self) {
        self.store = None;
    }

    fn counts(&self) -> (u64, u64) {
        self.expected.counts()
    }

    fn scale(&self) -> Scale {
        Scale { writes_to_open: 40, writes_in_life: 700, syncs_in_life: 20 }
    }

    fn stops_in_order(&self) -> bool {
        false
    }
}

fn line_hash(sql: &Connection, n_line: u64) -> Result<Option<Digest32>, StoreError> {
    let hash = sql
        .query_row("SELECT hash FROM audit_lines WHERE n = ?1", [n_line.cast_signed()], |row| {
            row.get(0).map(Digest32)
        })
        .optional()?;
    Ok(hash)
}

/// SQLite's integers have a sign; none of these is negative.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

/// What the tables hold, and how many rows of events there are.
fn seen(sql: &Connection) -> Result<(State, usize), StoreError> {
    let case_id = |bytes| CaseId(Uuid::from_bytes(bytes));
    let rows: Vec<((u16, u64), CaseId)> = sql
        .prepare_cached("SELECT station, seq, case_id FROM events")?
        .query_map([], |row| Ok(((row.get(0)?, number(row, 1)?), case_id(row.get(2)?))))?
        .collect::<Result<_, _>>()?;
    let n_events = rows.len();
    let cases: BTreeMap<CaseId, CaseRow> = sql
        .prepare_cached(
            "SELECT c.case_id, c.station, c.originals, c.handling_state, c.revision,
                (SELECT count(*) FROM custody_lines l WHERE l.case_id = c.case_id)
             FROM cases c JOIN events e ON e.id = c.event AND e.case_id = c.case_id",
        )?
        .query_map([], |row| {
            Ok((
                case_id(row.get(0)?),
                CaseRow {
                    station: row.get(1)?,
                    originals: row.get(2)?,
                    handling: row.get(3)?,
                    revision: row.get(4)?,
                    n_moves: number(row, 5)?,
                },
            ))
        })?
        .collect::<Result<_, _>>()?;
    let beats: BTreeMap<u16, u64> = sql
        .prepare_cached("SELECT station, n_outbox FROM heartbeats")?
        .query_map([], |row| Ok((row.get(0)?, number(row, 1)?)))?
        .collect::<Result<_, _>>()?;
    let count = |sql: &Connection, table: &str| -> Result<u64, StoreError> {
        Ok(sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| number(row, 0))?)
    };
    let state = State {
        events: rows.into_iter().collect(),
        cases,
        beats,
        n_certificates: count(sql, "certificates")?,
        n_lines: count(sql, "audit_lines")?,
        n_feed: count(sql, "feed")?,
        n_heads: count(sql, "audit_heads")?,
        n_held: count(sql, "held_events")?,
    };
    Ok((state, n_events))
}
