//! Jobs that nobody here waits for: each is cancelled, and waited for until it is gone.

use std::collections::VecDeque;

use device_api::page_printer::{Fault, Refusal};
use kiosk_words::Moment;

use super::{Job, Outputs, PagePrinter, Question, Stage};

/// So many are asked to go before the list is asked for again.
const N_JOBS_MAX: usize = 32;

/// What is known of the jobs in the printer, the open one aside.
#[derive(Debug)]
pub(super) enum Queue {
    Unknown,
    Empty,
    Strangers {
        since: Moment,
        to_cancel: VecDeque<i32>,
        /// They were waited for long enough.
        is_overdue: bool,
    },
}

impl Queue {
    pub(super) const fn has_strangers(&self) -> bool {
        matches!(self, Self::Strangers { .. })
    }

    pub(super) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    pub(super) const fn is_overdue(&self) -> bool {
        matches!(self, Self::Strangers { is_overdue: true, .. })
    }

    /// Where a round goes on.
    pub(super) fn question(&self) -> Question {
        match self {
            // Long waits for a stranger are no reason not to see an open cover.
            Self::Unknown | Self::Empty | Self::Strangers { is_overdue: true, .. } => {
                Question::Printer
            }
            Self::Strangers { to_cancel, .. } => {
                to_cancel.front().map_or(Question::Jobs, |id| Question::CancelStrange(*id))
            }
        }
    }
}

impl PagePrinter {
    pub(super) fn on_jobs(&mut self, ids: Vec<i32>, now: Moment, out: &mut Outputs) {
        // The whole round was answered.
        self.n_failures = 0;
        let Some(first) = ids.first().copied() else {
            self.queue = Queue::Empty;
            return self.settle(now, out);
        };
        let since = match self.queue {
            Queue::Strangers { since, .. } => since,
            Queue::Unknown | Queue::Empty => now,
        };
        let is_overdue = since.ms_until(now) >= self.timings.clean_ms;
        if !self.queue.has_strangers() {
            tracing::info!(n_jobs = ids.len(), "strange jobs in the page printer are cancelled");
        }
        // What was seen of the printer before its cleaning is not what a document needs to know.
        if let Some(Job { stage: Stage::Checking { asked_at, is_fresh }, .. }) = &mut self.job {
            (*asked_at, *is_fresh) = (now, false);
        }
        let to_cancel = ids.into_iter().take(N_JOBS_MAX).collect();
        self.queue = Queue::Strangers { since, to_cancel, is_overdue };
        if is_overdue {
            self.refuse_checking(Fault::Occupied, out);
        }
        self.ask(Question::CancelStrange(first), now, out);
    }

    /// Whatever was answered: whether the job is gone is seen in the next list.
    pub(super) fn on_strange_cancelled(&mut self, now: Moment, out: &mut Outputs) {
        let Queue::Strangers { to_cancel, is_overdue, .. } = &mut self.queue else {
            return self.rest(now, 0);
        };
        to_cancel.pop_front();
        let (next, is_overdue) = (to_cancel.front().copied(), *is_overdue);
        match next {
            Some(id) => self.ask(Question::CancelStrange(id), now, out),
            None if is_overdue => self.rest(now, self.timings.down_poll_ms),
            None => self.rest(now, self.timings.clean_poll_ms),
        }
    }

    /// Only one that has not been sent.
    pub(super) fn refuse_checking(&mut self, fault: Fault, out: &mut Outputs) {
        let is_checking =
            self.job.as_ref().is_some_and(|job| matches!(job.stage, Stage::Checking { .. }));
        if is_checking {
            self.refuse_job(Refusal::NotStarted(fault), out);
        }
    }
}
