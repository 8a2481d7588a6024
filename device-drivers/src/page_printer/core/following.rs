//! One job in the printer, from accepted to over: its pages, its stops, and letting go of it.

use device_api::page_printer::{Event, Fault};
use kiosk_words::Moment;

use super::{
    Job, Output, Outputs, PagePrinter, Question, Stage,
    sending::{Cancelled, Counting},
};
use crate::page_printer::codec::{Answer, JobReport, JobState, answer::Outcome, command::job_name};

#[derive(Debug)]
pub(super) struct Followed {
    /// The printer's number for it.
    pub(super) id: i32,
    state: Option<JobState>,
    n_out: Option<u16>,
    has_begun: Option<bool>,
    /// When it began or its last page came.
    moved_at: Moment,
    held_since: Option<Moment>,
    lost_since: Option<Moment>,
    cancelling: Option<Cancelling>,
}

#[derive(Debug, Clone, Copy)]
struct Cancelling {
    why: Cancelled,
    since: Moment,
    is_told: bool,
}

impl Followed {
    pub(super) const fn new(id: i32, now: Moment) -> Self {
        Self {
            id,
            state: None,
            n_out: None,
            has_begun: None,
            moved_at: now,
            held_since: None,
            lost_since: None,
            cancelling: None,
        }
    }

    pub(super) const fn is_cancelled(&self) -> bool {
        self.cancelling.is_some()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == Some(JobState::Stopped)
    }

    pub(super) fn question(&self) -> Question {
        if self.must_tell() { Question::CancelOurs } else { Question::Job }
    }

    fn must_tell(&self) -> bool {
        self.cancelling.is_some_and(|cancelling| !cancelling.is_told)
    }

    pub(super) fn cancel_by_request(&mut self, now: Moment) {
        self.cancel(Cancelled::ByRequest, now);
    }

    fn cancel(&mut self, why: Cancelled, now: Moment) {
        self.cancelling.get_or_insert(Cancelling { why, since: now, is_told: false });
    }

    /// What stands behind it when its end is not seen.
    fn fault(&self) -> Fault {
        match self.cancelling.map(|cancelling| cancelling.why) {
            Some(Cancelled::For(fault)) => fault,
            Some(Cancelled::ByRequest) | None => Fault::Aborted,
        }
    }

    /// Whether a page more has come out since.
    fn take(&mut self, report: &JobReport, now: Moment) -> Option<u16> {
        self.state = report.state;
        let at_work = matches!(report.state, Some(JobState::Processing | JobState::Stopped));
        let has_begun = self.has_begun == Some(true) || report.has_begun == Some(true);
        self.has_begun = if has_begun || at_work { Some(true) } else { report.has_begun };
        let n_out = report.n_pages_out?;
        let is_more = n_out > self.n_out.unwrap_or(0);
        self.n_out = self.n_out.max(Some(n_out));
        is_more.then(|| {
            self.moved_at = now;
            n_out
        })
    }
}

impl PagePrinter {
    fn followed(&mut self) -> Option<&mut Followed> {
        match self.job.as_mut().map(|job| &mut job.stage) {
            Some(Stage::Following(followed)) => Some(followed),
            Some(Stage::Checking { .. } | Stage::Sending { .. } | Stage::Counting(_)) | None => {
                None
            }
        }
    }

    /// The printer is told at once, or after the answer that is under way.
    pub(super) fn cancel_soon(&mut self, now: Moment, out: &mut Outputs) {
        let must_tell = self.followed().is_some_and(|followed| followed.must_tell());
        if must_tell && self.is_resting() {
            self.ask(Question::CancelOurs, now, out);
        }
    }

    pub(super) fn on_job(&mut self, answer: &Answer, now: Moment, out: &mut Outputs) {
        match answer.outcome() {
            Outcome::Done => {}
            Outcome::Gone => return self.forget_job(now, out),
            Outcome::Busy | Outcome::NotAccepting | Outcome::BadDocument | Outcome::Failed(_) => {
                return self.lose_job(Fault::Garbage, now, out);
            }
        }
        let Some((report, state)) =
            answer.job().and_then(|report| report.state.map(|state| (report, state)))
        else {
            return self.lose_job(Fault::Garbage, now, out);
        };
        let Some(Job { id, n_job, stage: Stage::Following(followed), .. }) = &mut self.job else {
            return;
        };
        // A printer that lost its memory gives the number to somebody else.
        if report.name.as_ref().is_some_and(|name| *name != job_name(*n_job)) {
            return self.forget_job(now, out);
        }
        let id = *id;
        if let Some(n_pages_out) = followed.take(&report, now) {
            out.push(Output::Tell(Event::Progress { id, n_pages_out }));
        }
        if state.is_over() {
            self.count(state, report.has_bad_document, now);
        }
        self.ask(Question::Printer, now, out);
    }

    fn count(&mut self, state: JobState, has_bad_document: bool, now: Moment) {
        let Some(job) = &mut self.job else { return };
        if let Stage::Following(followed) = &job.stage {
            job.stage = Stage::Counting(Counting {
                state,
                n_out: followed.n_out,
                has_begun: followed.has_begun,
                has_bad_document,
                cancelled: followed.cancelling.map(|cancelling| cancelling.why),
                since: now,
                lost_since: None,
            });
        }
    }

    /// After each look at the printer while its job is not over.
    pub(super) fn weigh_job(&mut self, now: Moment, out: &mut Outputs) {
        let fault = self.printer.as_ref().and_then(|report| self.fault(report));
        let timings = self.timings;
        let Some(Job { n_pages, stage: Stage::Following(followed), .. }) = &mut self.job else {
            return;
        };
        // Both job and printer have answered.
        followed.lost_since = None;
        self.n_failures = 0;
        if let Some(cancelling) = followed.cancelling {
            if cancelling.is_told && cancelling.since.ms_until(now) >= timings.cancel_ms {
                let (fault, n_out) = (followed.fault(), followed.n_out);
                return self.leave_job(fault, n_out, now, out);
            }
        } else if let Some(fault) = fault {
            let since = *followed.held_since.get_or_insert(now);
            if since.ms_until(now) >= timings.hold_ms {
                followed.cancel(Cancelled::For(fault), now);
            }
        } else {
            if followed.held_since.take().is_some() {
                followed.moved_at = now;
            }
            let n_left = match followed.n_out {
                Some(n_out) if n_out > 0 => 1,
                Some(_) | None => *n_pages,
            };
            if followed.moved_at.ms_until(now) >= timings.pages_ms(n_left) {
                followed.cancel(Cancelled::For(Fault::Stalled), now);
            }
        }
        self.rest(now, timings.follow_poll_ms);
        self.cancel_soon(now, out);
    }

    /// Whatever was answered: whether the job is over is seen at its next look.
    pub(super) fn on_ours_cancelled(&mut self, now: Moment) {
        if let Some(cancelling) = self.followed().and_then(|f| f.cancelling.as_mut()) {
            cancelling.is_told = true;
            cancelling.since = now;
        }
        self.rest(now, 0);
    }

    /// No answer while a job is followed: the printer may be printing on.
    pub(super) fn lose_job(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        let lost_ms = self.timings.lost_ms;
        let Some(followed) = self.followed() else { return };
        let since = *followed.lost_since.get_or_insert(now);
        let n_out = followed.n_out;
        self.n_failures = self.n_failures.saturating_add(1);
        if fault == Fault::Missing || self.n_failures >= super::N_FAILURES_MAX {
            self.absence = Some(fault);
        }
        if since.ms_until(now) < lost_ms {
            return self.rest(now, self.timings.follow_poll_ms);
        }
        self.go_away(fault);
        self.leave_job(fault, n_out, now, out);
    }

    /// The printer knows nothing of the job any more.
    fn forget_job(&mut self, now: Moment, out: &mut Outputs) {
        let Some(followed) = self.followed() else { return };
        let (fault, n_out) = (followed.fault(), followed.n_out);
        self.leave_job(fault, n_out, now, out);
    }
}
