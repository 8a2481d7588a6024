//! Slips on their way to paper: written down first, printed once, known or marked as unknown.
//!
//! ```text
//!  idle ──start──► Writing ──written──► Printing ──┬─► CameOut
//!                     │ session over               ├─► NotStarted   (asking again is safe)
//!                     └─► NotStarted               └─► Uncertain    (only a marked reprint)
//! ```
//! One slip at a time. A slip that was being printed when the program ended is uncertain for ever.
//!
//! Whatever may have come out before is printed again as 补打 only. Slips of this session are
//! remembered here; of earlier sessions, and of a run that broke off, the store tells with each
//! case that is found. A slip is printed for a case that was filed or found in its session and for
//! no other, so nothing is kept from one session to the next.
//! This machine knows neither screen nor store nor printer.

use std::collections::{BTreeMap, BTreeSet};

use device_api::receipt_printer::{Fault, Refusal, Slip};
use kiosk_words::CaseId;
#[cfg(feature = "planted")]
use kiosk_words::planted::{Bug, is_planted};

use crate::{
    event::FoundCase,
    record::{PrintEnd, SlipKind},
};

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
    /// May have come out before, in this session or in one before it.
    may_be_out: BTreeSet<(CaseId, SlipKind)>,
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

    /// What the store says of cases found in this session. A 领取凭证 belongs to one act of
    /// collecting and is printed in its session only: the next one of a case is another slip.
    pub fn found(&mut self, cases: &[FoundCase]) {
        for found in cases {
            let again = found.printed.iter().filter(|kind| **kind != SlipKind::Collection);
            self.may_be_out.extend(again.map(|kind| (found.case, *kind)));
        }
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
        let reprint = self.may_be_out.contains(&(case, kind));
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
        let is_over = Some(job.session) != session;
        #[cfg(feature = "planted")]
        let is_over = is_over && !is_planted(Bug::PrintOutsideSession);
        if is_over {
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
        let key = (job.case, job.kind);
        if let Some(known) = self.outcomes.get_mut(&key) {
            *known = outcome;
            if end != PrintEnd::NotStarted {
                self.may_be_out.insert(key);
            }
        }
        Some((job, end))
    }

    /// Nothing of one person's slips is known to the next.
    pub fn session_over(&mut self) {
        self.outcomes.clear();
        self.may_be_out.clear();
        self.papers.clear();
    }
}

#[cfg(test)]
mod tests {
    use kiosk_words::{CaseState, MatterId, ReceiptNo, StationId, WallTime};

    use super::*;

    const SESSION: u64 = 1;

    fn case(n: u64) -> CaseId {
        CaseId::new(n, [0; 10])
    }

    fn found(case: CaseId, printed: Vec<SlipKind>) -> FoundCase {
        let station = StationId::try_from(17).expect("a station number");
        FoundCase {
            case,
            receipt: ReceiptNo::new(station, 1).expect("a receipt number"),
            matter: MatterId("yancao_yanxu".to_owned()),
            deposited: WallTime(0),
            state: CaseState::filed(true),
            is_party: true,
            collects: Vec::new(),
            printed,
            history: Vec::new(),
        }
    }

    /// Prints a slip to its end and says whether it was marked.
    fn prints(print: &mut Print, case: CaseId, kind: SlipKind, end: Option<Refusal>) -> bool {
        let slip = Slip { parts: Vec::new() };
        let job = print.start(SESSION, case, kind, slip).expect("nothing else is printed");
        let (number, reprint) = (job.number, job.reprint);
        print.written(number, Some(SESSION)).expect("it is wanted");
        print.ended(number, end).expect("it was under way");
        reprint
    }

    #[test]
    fn what_came_out_is_marked_again_whatever_happened_between() {
        let mut print = Print::new(0);
        let not_started = || Some(Refusal::NotStarted(Fault::PaperOut));
        assert!(!prints(&mut print, case(1), SlipKind::Receipt, not_started()));
        assert!(!prints(&mut print, case(1), SlipKind::Receipt, None), "no byte was sent before");
        print.refuse(case(1), SlipKind::Receipt, Fault::PaperOut);
        assert!(prints(&mut print, case(1), SlipKind::Receipt, not_started()));
        assert!(prints(&mut print, case(1), SlipKind::Receipt, None));
        assert!(!prints(&mut print, case(1), SlipKind::Deposit, None), "another slip");
        assert!(!prints(&mut print, case(2), SlipKind::Receipt, None), "another case");
    }

    #[test]
    fn a_found_case_brings_its_slips_and_a_session_takes_them_with_it() {
        let mut print = Print::new(0);
        print.found(&[found(case(1), vec![SlipKind::Deposit, SlipKind::Collection])]);
        assert!(prints(&mut print, case(1), SlipKind::Deposit, None));
        assert!(!prints(&mut print, case(1), SlipKind::Receipt, None));
        assert!(!prints(&mut print, case(1), SlipKind::Collection, None), "of another envelope");
        print.session_over();
        print.found(&[found(case(1), Vec::new())]);
        assert!(!prints(&mut print, case(1), SlipKind::Deposit, None));
    }
}
