//! The writer thread: many use cases, one commit.
//!
//! ```text
//! wait for a job ► BEGIN ► job in a savepoint ► further jobs that wait ► COMMIT ► answer all
//!                                │ error: only its savepoint goes back        │ error: dead
//! ```
//! While a commit waits for the disk, jobs gather for the next one: the batch grows by itself with
//! the load and is one job when there is no load.

use std::mem;

use kiosk_words::StationId;
use rusqlite::{Connection, Savepoint, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::StoreError;
use crate::bells::Bells;

/// Most jobs in one commit: bounds how long the first of them waits.
const JOBS_PER_COMMIT_MAX: usize = 256;

/// What a use case may do: SQL, and ask for a station to be woken after the commit.
#[derive(Debug)]
pub struct WriteContext<'a> {
    pub sql: &'a Connection,
    woken: &'a mut Vec<StationId>,
}

impl WriteContext<'_> {
    pub fn wake(&mut self, station: StationId) {
        self.woken.push(station);
    }
}

/// A context for commands that hold their own transaction; nobody is woken.
pub fn with_own_transaction<T>(
    connection: &mut Connection,
    run: impl FnOnce(&mut WriteContext<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = run(&mut WriteContext { sql: &transaction, woken: &mut Vec::new() })?;
    transaction.commit()?;
    Ok(answer)
}

/// The caller's answer is sent by the returned closure, after the commit.
pub(super) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
pub(super) type Job = Box<dyn FnOnce(&mut Savepoint<'_>, &mut Vec<StationId>) -> Answer + Send>;

pub(super) fn job<T: Send + 'static>(
    run: impl FnOnce(&mut WriteContext<'_>) -> Result<T, StoreError> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, StoreError>>) {
    let (tell, answer) = oneshot::channel();
    let job: Job = Box::new(move |savepoint, woken| {
        let n_woken = woken.len();
        let mut outcome = run(&mut WriteContext { sql: savepoint, woken });
        if outcome.is_err() {
            woken.truncate(n_woken);
            if let Err(error) = savepoint.rollback() {
                outcome = Err(error.into());
            }
        }
        Box::new(move |committed| {
            let _gone = tell.send(committed.and(outcome));
        })
    });
    (job, answer)
}

pub(super) fn run(
    mut connection: Connection,
    mut jobs: mpsc::Receiver<Job>,
    bells: &Bells,
    tell_dead: &watch::Sender<bool>,
) {
    let mut answers = Vec::with_capacity(JOBS_PER_COMMIT_MAX);
    let mut woken = Vec::new();
    while let Some(first) = jobs.blocking_recv() {
        let committed = commit_many(&mut connection, first, &mut jobs, &mut answers, &mut woken);
        let is_dead = committed.is_err();
        if let Err(error) = committed {
            tracing::error!(error = &error as &dyn std::error::Error, "commit failed, store stops");
        }
        for answer in answers.drain(..) {
            answer(if is_dead { Err(StoreError::Dead) } else { Ok(()) });
        }
        if is_dead {
            tell_dead.send_replace(true);
            return;
        }
        for station in mem::take(&mut woken) {
            bells.ring(station);
        }
    }
}

fn commit_many(
    connection: &mut Connection,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
    woken: &mut Vec<StationId>,
) -> Result<(), StoreError> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut next = Some(first);
    while let Some(job) = next {
        let mut savepoint = transaction.savepoint()?;
        answers.push(job(&mut savepoint, woken));
        savepoint.commit()?;
        next = if answers.len() < JOBS_PER_COMMIT_MAX { jobs.try_recv().ok() } else { None };
    }
    #[cfg(feature = "planted")]
    if kiosk_words::planted::is_planted(kiosk_words::planted::Bug::AckBeforeCommit) {
        answers.drain(..).for_each(|answer| answer(Ok(())));
    }
    transaction.commit()?;
    Ok(())
}
