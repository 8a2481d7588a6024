//! One slip, from asked to known: its stages, the pace of its bytes, and every way it can end.

use std::collections::VecDeque;

use device_api::{
    RequestId,
    receipt_printer::{Event, Fault, Refusal, Reply},
};
use kiosk_words::Moment;

use super::{Outputs, ReceiptPrinter, Residue, moment, us};
use crate::{
    machine::Output,
    receipt_printer::{
        codec::{Command, Piece},
        timings::Timings,
    },
};

#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: RequestId,
    pub(super) stage: Stage,
    sending: Sending,
    advance_dots: u32,
    /// Since when a fault that passes by itself stops the printer.
    held_since: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing sent: the printer is being opened, cleaned or asked.
    Checking,
    Writing,
    /// All sent, the end mark last.
    Awaiting {
        deadline: Moment,
    },
    /// The end mark is answered.
    Settling {
        at: Moment,
    },
    /// The last round of questions.
    Confirming,
}

impl Stage {
    /// Bytes were sent: from here on it is not known what came out.
    pub(super) const fn has_started(self) -> bool {
        match self {
            Self::Checking => false,
            Self::Writing | Self::Awaiting { .. } | Self::Settling { .. } | Self::Confirming => {
                true
            }
        }
    }

    /// The answer to the end mark is awaited or was heard, by what it looked like.
    pub(super) const fn hangs_on_mark(self) -> bool {
        match self {
            Self::Checking | Self::Writing => false,
            Self::Awaiting { .. } | Self::Settling { .. } | Self::Confirming => true,
        }
    }
}

impl Job {
    pub(super) fn new(id: RequestId, pieces: Vec<Piece>) -> Self {
        let advance_dots = pieces.iter().map(|piece| piece.advance_dots).sum();
        let sending = Sending::new(pieces, Moment(0));
        Self { id, stage: Stage::Checking, sending, advance_dots, held_since: None }
    }
}

/// Pieces on their way out, at the pace of line and paper.
#[derive(Debug)]
pub(super) struct Sending {
    pieces: VecDeque<Piece>,
    /// When the paper has moved for everything written, in the fastest printer.
    paper_free_us: u64,
}

impl Sending {
    pub(super) fn new(pieces: Vec<Piece>, now: Moment) -> Self {
        Self { pieces: pieces.into(), paper_free_us: us(now) }
    }

    pub(super) fn is_done(&self) -> bool {
        self.pieces.is_empty()
    }

    /// When the next piece may be written; `None` when all are.
    pub(super) fn due_us(&self, line_free_us: u64, timings: &Timings) -> Option<u64> {
        self.pieces.front()?;
        let by_line = line_free_us.saturating_sub(timings.line_lead_ms * 1_000);
        let by_paper = self.paper_free_us.saturating_sub(timings.paper_lead_ms * 1_000);
        Some(by_line.max(by_paper))
    }
}

impl ReceiptPrinter {
    /// Writes what line and paper have room for, until it is time for a question.
    pub(super) fn write_due(&mut self, sending: &mut Sending, now: Moment, out: &mut Outputs) {
        while sending.due_us(self.line_free_us, &self.timings).is_some_and(|due| due <= us(now)) {
            if self.asking_deadline().is_some_and(|at| at <= now) {
                return;
            }
            let Some(piece) = sending.pieces.pop_front() else { return };
            self.write(piece.bytes.expose().clone(), now, out);
            sending.paper_free_us = sending.paper_free_us.max(self.line_free_us)
                + self.timings.paper_us_min(piece.advance_dots);
        }
    }

    /// Asks for the end mark; when its bytes have left.
    pub(super) fn send_mark(&mut self, now: Moment, out: &mut Outputs) -> Moment {
        self.send(&Command::AskPaper, now, out);
        self.n_marks_due += 1;
        self.line_free_at(now)
    }

    pub(super) fn start_job(&mut self, now: Moment, out: &mut Outputs) {
        let Some(job) = &mut self.job else { return };
        job.stage = Stage::Writing;
        job.sending.paper_free_us = us(now);
        self.residue = Residue::Torn;
        self.n_marks_due = 0;
        self.rest(now);
        self.write_job(now, out);
    }

    pub(super) fn job_deadline(&self) -> Option<Moment> {
        let job = self.job.as_ref()?;
        let held_until = job.held_since.map(|since| since.plus_ms(self.timings.hold_ms));
        match job.stage {
            Stage::Checking => None,
            // A round of questions comes to its end before the next piece.
            Stage::Writing if held_until.is_some() || !self.is_resting() => held_until,
            Stage::Writing => job.sending.due_us(self.line_free_us, &self.timings).map(moment),
            Stage::Awaiting { deadline } => held_until.or(Some(deadline)),
            Stage::Settling { at } => held_until.or_else(|| self.is_resting().then_some(at)),
            Stage::Confirming => held_until,
        }
    }

    pub(super) fn tick_job(&mut self, now: Moment, out: &mut Outputs) {
        if self.job_deadline().is_none_or(|due| now < due) {
            return;
        }
        let Some(job) = &self.job else { return };
        match job.stage {
            Stage::Checking => {}
            Stage::Writing if job.held_since.is_none() => self.write_job(now, out),
            Stage::Settling { .. } if job.held_since.is_none() => self.confirm(now, out),
            Stage::Writing
            | Stage::Awaiting { .. }
            | Stage::Settling { .. }
            | Stage::Confirming => {
                // Held too long, or no end mark and no fault that would say why.
                let fault = self.fault().unwrap_or(Fault::Silent);
                self.fail_job(fault, now, out);
            }
        }
    }

    fn write_job(&mut self, now: Moment, out: &mut Outputs) {
        let Some(mut job) = self.job.take() else { return };
        self.write_due(&mut job.sending, now, out);
        if job.sending.is_done() {
            let sent_at = self.send_mark(now, out);
            let from = sent_at.max(moment(job.sending.paper_free_us));
            let deadline = from.plus_ms(self.timings.end_ms(job.advance_dots));
            job.stage = Stage::Awaiting { deadline };
        }
        self.job = Some(job);
    }

    /// The answer to the newest end mark came while no cleaning is under way.
    pub(super) fn on_job_mark(&mut self, now: Moment) {
        let Some(job) = &mut self.job else { return };
        if let Stage::Awaiting { .. } = job.stage {
            // Paper cannot have moved faster than this: an earlier mark is no proof of it.
            let paper_done = moment(job.sending.paper_free_us).max(now);
            job.stage = Stage::Settling { at: paper_done.plus_ms(self.timings.settle_ms) };
        }
    }

    fn confirm(&mut self, now: Moment, out: &mut Outputs) {
        if let Some(job) = &mut self.job {
            job.stage = Stage::Confirming;
            self.begin_round(now, out);
        }
    }

    pub(super) fn finish_job(&mut self, out: &mut Outputs) {
        let Some(job) = self.job.take() else { return };
        self.residue = Residue::None;
        out.push(Output::Tell(Event::Done(job.id, Reply::Printed)));
    }

    pub(super) fn hold_job(&mut self, now: Moment) {
        if let Some(job) = &mut self.job {
            job.held_since.get_or_insert(now);
        }
    }

    pub(super) fn release_job(&mut self, now: Moment) {
        let Some(job) = &mut self.job else { return };
        let Some(since) = job.held_since.take() else { return };
        if let Stage::Awaiting { deadline } = &mut job.stage {
            *deadline = deadline.plus_ms(now.ms_since(since));
        }
    }

    /// A fault of a printer that is still there: the buffers are emptied while it stands in it.
    pub(super) fn fail_job(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        if self.job.as_ref().is_some_and(|job| job.stage.has_started()) {
            self.send(&Command::Clear, now, out);
            self.ask_soon(now);
        }
        self.end_job(fault, out);
    }

    /// Ends the slip, if any, without saying anything to the printer.
    pub(super) fn end_job(&mut self, fault: Fault, out: &mut Outputs) {
        let Some(job) = &self.job else { return };
        let refusal = if job.stage.has_started() {
            tracing::warn!(?fault, stage = ?job.stage, "slip torn");
            Refusal::Uncertain(fault)
        } else {
            Refusal::NotStarted(fault)
        };
        self.refuse_job(refusal, out);
    }

    pub(super) fn refuse_job(&mut self, refusal: Refusal, out: &mut Outputs) {
        if let Some(job) = self.job.take() {
            out.push(Output::Tell(Event::Refused(job.id, refusal)));
        }
    }
}
