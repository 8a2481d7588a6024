//! Slips on their way to paper: written down first, printed once, known or marked as unknown.
//!
//! ```text
//!  idle ──start──► Writing ──written──► Printing ──┬─► CameOut
//!                     │ session over               ├─► NotStarted   (asking again is safe)
//!                     └─► NotStarted               └─► Uncertain    (only a marked reprint)
//! ```
//! One slip at a time. A slip that was being printed when the program ended is uncertain for ever.
//! This machine knows neither screen nor store nor printer.

use std::collections::BTreeMap;

use device_api::receipt_printer::{Fault, Refusal, Slip};
use kiosk_words::CaseId;

use crate::record::{PrintEnd, SlipKind};

/// What is printed for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub number: u64,
    pub session: u64,
    pub case: CaseId,
    pub kind: SlipKind,
    pub reprint: bool,
    pub slip: Box<Slip>,
}

/// How a slip of a case stands, for the page that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    UnderWay,
    CameOut,
    NotStarted(Fault),
    Uncertain,
}

#[derive(Debug, Default)]
pub struct Print {
    last: u64,
    job: Option<(Job, Phase)>,
    /// Of this session: forgotten at its end.
    outcomes: BTreeMap<(CaseId, SlipKind), Outcome>,
    /// What went to the printer, as it went there.
    papers: BTreeMap<(CaseId, SlipKind), Box<Slip>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Writing,
    Printing,
}

impl Print {
    pub fn new(last: u64) -> Self {
        Self { last, ..Self::default() }
    }

    pub fn outcome(&self, case: CaseId, kind: SlipKind) -> Option<Outcome> {
        self.outcomes.get(&(case, kind)).copied()
    }

    /// The slip as it was printed last.
    pub fn paper(&self, case: CaseId, kind: SlipKind) -> Option<&Slip> {
        self.papers.get(&(case, kind)).map(AsRef::as_ref)
    }

    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Takes a job if none is under way; it must be written down before anything else.
    pub fn start(
        &mut self,
        session: u64,
        case: CaseId,
        kind: SlipKind,
        slip: Slip,
    ) -> Option<&Job> {
        if self.job.is_some() {
            return None;
        }
        self.last += 1;
        // Whatever may have come out before makes this one a reprint.
        let before = self.outcome(case, kind);
        let reprint = matches!(before, Some(Outcome::Uncertain | Outcome::CameOut));
        self.outcomes.insert((case, kind), Outcome::UnderWay);
        let slip = Box::new(slip);
        self.papers.insert((case, kind), slip.clone());
        let job = Job { number: self.last, session, case, kind, reprint, slip };
        Some(&self.job.insert((job, Phase::Writing)).0)
    }

    /// Another slip is on its way; this one comes after it.
    pub fn wait(&mut self, case: CaseId, kind: SlipKind) {
        self.outcomes.entry((case, kind)).or_insert(Outcome::UnderWay);
    }

    /// Nothing could be asked of the printer.
    pub fn refuse(&mut self, case: CaseId, kind: SlipKind, fault: Fault) {
        self.outcomes.insert((case, kind), Outcome::NotStarted(fault));
    }

    /// The job is on the disk: print it, if it is still wanted.
    pub fn written(&mut self, number: u64, session: Option<u64>) -> Option<Job> {
        let (job, phase) = self.job.as_mut().filter(|(job, _)| job.number == number)?;
        if Some(job.session) != session {
            return None;
        }
        *phase = Phase::Printing;
        Some(job.clone())
    }

    /// There was no room to write it down: it is not printed.
    pub fn not_written(&mut self, number: u64) {
        if let Some(job) = self.drop_unwanted(number) {
            self.refuse(job.case, job.kind, Fault::Unrecoverable);
        }
    }

    /// Written and no longer wanted, because its session is over (R4): how it is written off.
    pub fn drop_unwanted(&mut self, number: u64) -> Option<Job> {
        let unwanted = self
            .job
            .as_ref()
            .is_some_and(|(job, phase)| job.number == number && *phase == Phase::Writing);
        if unwanted { self.job.take().map(|(job, _)| job) } else { None }
    }

    /// The printer answered: the job and how it ended.
    pub fn ended(&mut self, number: u64, refusal: Option<Refusal>) -> Option<(Job, PrintEnd)> {
        self.job.as_ref().filter(|(job, _)| job.number == number)?;
        let (job, _) = self.job.take()?;
        let (outcome, end) = match refusal {
            None => (Outcome::CameOut, PrintEnd::CameOut),
            Some(Refusal::Uncertain(_)) => (Outcome::Uncertain, PrintEnd::Uncertain),
            Some(Refusal::NotStarted(fault)) => (Outcome::NotStarted(fault), PrintEnd::NotStarted),
            Some(Refusal::Stopped | Refusal::Unprintable) => {
                (Outcome::NotStarted(Fault::Unrecoverable), PrintEnd::NotStarted)
            }
        };
        if self.outcomes.contains_key(&(job.case, job.kind)) {
            self.outcomes.insert((job.case, job.kind), outcome);
        }
        Some((job, end))
    }

    /// Nothing of one person's slips is known to the next.
    pub fn session_over(&mut self) {
        self.outcomes.clear();
        self.papers.clear();
    }
}
