//! One document from asked to accepted, and from ended to known.

use device_api::{
    RequestId,
    page_printer::{Counted, Document, Event, Fault, Refusal, Reply},
};
use kiosk_words::Moment;

use super::{Followed, Job, Output, Outputs, PagePrinter, Question, Queue, Stage};
use crate::page_printer::codec::{Answer, JobState, PrinterState, answer::Outcome};

/// The job is over; how, and what it said of its pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counting {
    pub(super) state: JobState,
    pub(super) n_out: Option<u16>,
    pub(super) has_begun: Option<bool>,
    pub(super) has_bad_document: bool,
    /// Why it was cancelled, if we did it.
    pub(super) cancelled: Option<Cancelled>,
    pub(super) since: Moment,
    pub(super) lost_since: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancelled {
    ByRequest,
    For(Fault),
}

/// What an ended job comes to.
enum Verdict {
    Printed(Counted),
    Refused(Refusal),
    /// The printer's counter may follow yet.
    NotYet {
        n_pages_out: Option<u16>,
    },
}

impl PagePrinter {
    pub(super) fn on_print(
        &mut self,
        id: RequestId,
        document: Document,
        now: Moment,
        out: &mut Outputs,
    ) {
        let refusal = match &self.job {
            Some(_) => Some(Refusal::Stopped),
            None if document.n_pages == 0 => Some(Refusal::Unprintable),
            None => None,
        };
        if let Some(refusal) = refusal {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        self.n_jobs = self.n_jobs.wrapping_add(1);
        let Document { format, bytes, n_pages } = document;
        self.job = Some(Job {
            id,
            n_pages,
            format,
            n_job: self.n_jobs,
            document: Some(bytes),
            n_ever_before: None,
            stage: Stage::Checking { asked_at: now, is_fresh: false },
        });
        if self.is_resting() && !self.queue.has_strangers() {
            self.ask(Question::Printer, now, out);
        }
    }

    /// A printer that cannot print does not get the document; it is not waited for either.
    pub(super) fn fail_checking(&mut self, out: &mut Outputs) {
        if let Some(fault) = self.printer.as_ref().and_then(|report| self.fault(report)) {
            self.refuse_checking(fault, out);
        }
    }

    /// A round has ended with a printer that holds no job.
    pub(super) fn settle(&mut self, now: Moment, out: &mut Outputs) {
        let Some(Job { format, stage: Stage::Checking { asked_at, is_fresh }, .. }) = &self.job
        else {
            let is_down = self.printer.as_ref().is_some_and(|report| self.fault(report).is_some());
            let ms = if is_down { self.timings.down_poll_ms } else { self.timings.idle_poll_ms };
            return self.rest(now, ms);
        };
        let Some(report) = self.printer.as_ref().filter(|_| *is_fresh) else {
            return self.ask(Question::Printer, now, out);
        };
        if report.lists_formats && !report.capabilities.formats.contains(format) {
            self.refuse_job(Refusal::Unprintable, out);
            self.rest(now, self.timings.idle_poll_ms);
        } else if report.state == PrinterState::Idle {
            self.start_job(now, out);
        } else if asked_at.ms_until(now) >= self.timings.busy_ms {
            self.refuse_job(Refusal::NotStarted(Fault::Occupied), out);
            self.rest(now, self.timings.down_poll_ms);
        } else {
            self.rest(now, self.timings.follow_poll_ms);
        }
    }

    fn start_job(&mut self, now: Moment, out: &mut Outputs) {
        if let Some(job) = &mut self.job {
            job.n_ever_before = self.printer.as_ref().and_then(|report| report.n_pages_ever);
            job.stage = Stage::Sending { cancelled: false };
        }
        self.ask(Question::Print, now, out);
    }

    /// No answer to the document.
    pub(super) fn on_print_lost(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        self.go_away(fault);
        if fault == Fault::Missing {
            self.refuse_job(Refusal::NotStarted(fault), out);
            self.rest(now, self.timings.down_poll_ms);
        } else {
            self.leave_job(fault, None, now, out);
        }
    }

    pub(super) fn on_accepted(&mut self, answer: &Answer, now: Moment, out: &mut Outputs) {
        let refusal = match answer.outcome() {
            Outcome::Done => return self.begin_following(answer, now, out),
            Outcome::BadDocument => Refusal::Unprintable,
            Outcome::Busy => Refusal::NotStarted(Fault::Occupied),
            Outcome::NotAccepting => Refusal::NotStarted(Fault::NotAccepting),
            // It prints while it receives, and something of its own went wrong: pages may be out.
            Outcome::Failed(code) if is_its_own_fault(code) => {
                tracing::warn!(status = answer.status, "document given up by the printer");
                return self.leave_job(Fault::NeedsTechnician, None, now, out);
            }
            Outcome::Gone | Outcome::Failed(_) => Refusal::NotStarted(Fault::NeedsTechnician),
        };
        tracing::warn!(status = answer.status, "document not accepted");
        self.refuse_job(refusal, out);
        // Refused, and nothing of it kept: that is looked at.
        self.queue = Queue::Unknown;
        self.rest(now, 0);
    }

    fn begin_following(&mut self, answer: &Answer, now: Moment, out: &mut Outputs) {
        let Some(job) = &mut self.job else { return };
        let was_cancelled = matches!(job.stage, Stage::Sending { cancelled: true });
        let Some(id) = answer.job().and_then(|report| report.id) else {
            // It has taken the document and does not say under which number.
            return self.leave_job(Fault::Garbage, None, now, out);
        };
        let mut followed = Followed::new(id, now);
        if was_cancelled {
            followed.cancel_by_request(now);
        }
        job.stage = Stage::Following(followed);
        self.rest(now, self.timings.follow_poll_ms);
        self.cancel_soon(now, out);
    }

    // ---- the end ----

    /// The job is over, and the printer has said how it stands after it.
    pub(super) fn conclude(&mut self, now: Moment, out: &mut Outputs) {
        let Some(Job { id, stage: Stage::Counting(counting), .. }) = &self.job else { return };
        let (id, since) = (*id, counting.since);
        match self.verdict() {
            Verdict::NotYet { .. } if since.ms_until(now) < self.timings.settle_ms => {
                return self.rest(now, self.timings.follow_poll_ms);
            }
            Verdict::NotYet { n_pages_out } => {
                let fault = Fault::Miscounted;
                self.refuse_job(Refusal::Uncertain { fault, n_pages_out }, out);
            }
            Verdict::Refused(refusal) => self.refuse_job(refusal, out),
            Verdict::Printed(counted) => {
                self.job = None;
                out.push(Output::Tell(Event::Done(id, Reply::Printed { counted })));
            }
        }
        // The job was seen at its end. A stranger's may have waited behind it, and is printing now.
        self.rest(now, 0);
    }

    /// The printer went away between the end of the job and its count.
    pub(super) fn lose_count(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        let lost_ms = self.timings.lost_ms;
        let Some(Job { stage: Stage::Counting(counting), .. }) = &mut self.job else { return };
        let since = *counting.lost_since.get_or_insert(now);
        self.absence = Some(fault);
        if since.ms_until(now) < lost_ms {
            return self.rest(now, self.timings.follow_poll_ms);
        }
        let n_pages_out = counting.n_out;
        self.go_away(fault);
        self.leave_job(fault, n_pages_out, now, out);
    }

    fn verdict(&self) -> Verdict {
        let Some(Job { n_pages, n_ever_before, stage: Stage::Counting(counting), .. }) = &self.job
        else {
            return Verdict::NotYet { n_pages_out: None };
        };
        let n_ever = self.printer.as_ref().and_then(|report| report.n_pages_ever);
        let moved = n_ever_before
            .zip(n_ever)
            .map(|(before, after)| u16::try_from(after.saturating_sub(before)).unwrap_or(u16::MAX));
        match counting.state {
            JobState::Completed => completed(counting.n_out, moved, *n_pages),
            JobState::Pending
            | JobState::Held
            | JobState::Processing
            | JobState::Stopped
            | JobState::Canceled
            | JobState::Aborted => Verdict::Refused(ended(counting, moved)),
        }
    }
}

/// `server-error-*` (RFC 8011 B.1.5), but the one that says that it does no such thing.
const fn is_its_own_fault(status: u16) -> bool {
    const OPERATION_NOT_SUPPORTED: u16 = 0x0501;
    matches!(status, 0x0500..=0x05ff) && status != OPERATION_NOT_SUPPORTED
}

fn completed(n_out: Option<u16>, moved: Option<u16>, n_pages: u16) -> Verdict {
    // A printer may have the attribute and not the count of a job; its life's counter tells.
    let n_out = if moved.is_some() { n_out.filter(|n_out| *n_out > 0) } else { n_out };
    match (n_out, moved) {
        (None, None) => Verdict::Printed(Counted::NotCounted),
        (Some(n_out), None) if n_out == n_pages => Verdict::Printed(Counted::ByPrinter),
        // Somebody may have copied something meanwhile.
        (None, Some(moved)) if moved >= n_pages => Verdict::Printed(Counted::ByPrinter),
        (Some(n_out), Some(moved)) if n_out == n_pages && moved >= n_pages => {
            Verdict::Printed(Counted::ByPrinter)
        }
        (Some(n_out), Some(moved)) => Verdict::NotYet { n_pages_out: Some(n_out.min(moved)) },
        (n_out, moved) => Verdict::NotYet { n_pages_out: n_out.or(moved) },
    }
}

/// Cancelled, here or at the printer, or given up by it.
fn ended(counting: &Counting, moved: Option<u16>) -> Refusal {
    let n_pages_out = counting.n_out.max(moved);
    let is_counted_none = n_pages_out == Some(0);
    // Zero pages are not enough: one may be on its way through.
    let nothing_came = counting.has_begun == Some(false) && n_pages_out.is_none_or(|n| n == 0);
    let fault = match counting.cancelled {
        Some(Cancelled::For(fault)) => fault,
        Some(Cancelled::ByRequest) | None => Fault::Aborted,
    };
    if counting.has_bad_document && counting.state == JobState::Aborted && is_counted_none {
        Refusal::Unprintable
    } else if !nothing_came {
        Refusal::Uncertain { fault, n_pages_out }
    } else if counting.cancelled == Some(Cancelled::ByRequest) {
        Refusal::Stopped
    } else {
        Refusal::NotStarted(fault)
    }
}
