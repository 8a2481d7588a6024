//! Rounds of questions: DLE EOT 1 to 4, one at a time.
//!
//! The four answers look alike, so a second question goes out only after the answer to the first.
//! While a slip is under way only the first status is asked, which says whether the printer is on
//! line; if it is not, the round goes on to find out why.

use device_api::receipt_printer::Fault;
use kiosk_words::Moment;

use super::{Outputs, ReceiptPrinter, printing::Stage};
use crate::{
    machine::CloseReason,
    receipt_printer::codec::{Command, StatusKind},
};

/// A round is begun again at most so often after a time-out.
const N_REPEATS_MAX: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Offline,
    Resting {
        at: Moment,
    },
    Waiting {
        kind: StatusKind,
        depth: Depth,
        deadline: Moment,
        n_repeats: u8,
    },
    /// No answer came: late ones are let pass before the round begins again.
    Draining {
        quiet_at: Moment,
        limit_at: Moment,
        n_repeats: u8,
    },
}

/// How much a round asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The first status; the others only if it is not good.
    OnLine,
    All,
}

impl ReceiptPrinter {
    pub(super) const fn is_offline(&self) -> bool {
        matches!(self.asking, Asking::Offline)
    }

    pub(super) const fn is_resting(&self) -> bool {
        matches!(self.asking, Asking::Resting { .. })
    }

    pub(super) fn asking_deadline(&self) -> Option<Moment> {
        match self.asking {
            Asking::Offline => None,
            Asking::Resting { at } => Some(at),
            Asking::Waiting { deadline, .. } => Some(deadline),
            Asking::Draining { quiet_at, limit_at, .. } => Some(quiet_at.min(limit_at)),
        }
    }

    pub(super) fn tick_asking(&mut self, now: Moment, out: &mut Outputs) {
        if self.asking_deadline().is_none_or(|due| now < due) {
            return;
        }
        match self.asking {
            Asking::Offline => {}
            Asking::Resting { .. } => self.begin_round(now, out),
            Asking::Waiting { n_repeats, .. } => self.miss_answer(n_repeats, now, out),
            Asking::Draining { n_repeats, .. } if n_repeats < N_REPEATS_MAX => {
                self.ask_first(n_repeats + 1, now, out);
            }
            Asking::Draining { .. } => {
                let reason =
                    if self.n_garbage > 0 { CloseReason::Garbage } else { CloseReason::Silent };
                self.give_up_link(reason, out);
            }
        }
    }

    /// Asks now; a stuck cutter is told to try again first.
    pub(super) fn begin_round(&mut self, now: Moment, out: &mut Outputs) {
        let started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        if self.sensed.cutter_stuck && !started {
            self.send(&Command::Clear, now, out);
        }
        self.ask_first(0, now, out);
    }

    fn ask_first(&mut self, n_repeats: u8, now: Moment, out: &mut Outputs) {
        let on_the_way = matches!(
            self.job.as_ref().map(|job| job.stage),
            Some(Stage::Writing | Stage::Awaiting { .. })
        );
        let depth = if on_the_way && self.fault().is_none() { Depth::OnLine } else { Depth::All };
        self.ask(StatusKind::Printer, depth, n_repeats, now, out);
    }

    fn ask(
        &mut self,
        kind: StatusKind,
        depth: Depth,
        n_repeats: u8,
        now: Moment,
        out: &mut Outputs,
    ) {
        self.send(&Command::AskStatus(kind), now, out);
        let deadline = self.line_free_at(now).plus_ms(self.timings.answer_ms);
        self.asking = Asking::Waiting { kind, depth, deadline, n_repeats };
    }

    pub(super) fn on_answer(&mut self, byte: u8, now: Moment, out: &mut Outputs) {
        match self.asking {
            Asking::Waiting { kind, depth, n_repeats, .. } => {
                self.n_garbage = 0;
                self.sensed.take_answer(kind, byte);
                let all = depth == Depth::All || self.sensed.off_line;
                match kind.next().filter(|_| all) {
                    Some(next) => self.ask(next, Depth::All, n_repeats, now, out),
                    None => self.end_round(all, now, out),
                }
            }
            // Late: it is what the draining is for.
            Asking::Draining { .. } => {}
            Asking::Offline | Asking::Resting { .. } => self.count_garbage(out),
        }
    }

    fn end_round(&mut self, asked_all: bool, now: Moment, out: &mut Outputs) {
        if asked_all {
            self.is_known = true;
            self.absence = None;
        }
        self.rest(now);
        self.weigh(now, out);
        if asked_all && self.fault().is_none() {
            self.on_all_clean(now, out);
        }
    }

    /// All four statuses are good: what has waited for that goes on.
    fn on_all_clean(&mut self, now: Moment, out: &mut Outputs) {
        match self.job.as_ref().map(|job| job.stage) {
            None | Some(Stage::Checking) if self.needs_cleaning() => self.start_cleaning(now, out),
            Some(Stage::Checking) if self.cleaning.is_none() => self.start_job(now, out),
            Some(Stage::Confirming) => self.finish_job(out),
            None
            | Some(
                Stage::Checking | Stage::Writing | Stage::Awaiting { .. } | Stage::Settling { .. },
            ) => {}
        }
    }

    /// The next round comes in its turn.
    pub(super) fn rest(&mut self, now: Moment) {
        let t = &self.timings;
        let started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        let pause_ms = if started || self.cleaning.is_some() {
            t.busy_poll_ms
        } else if self.fault().is_some() {
            t.stuck_poll_ms
        } else {
            t.idle_poll_ms
        };
        self.asking = Asking::Resting { at: now.plus_ms(pause_ms) };
    }

    /// The next round comes at once instead of in its turn.
    pub(super) const fn ask_soon(&mut self, now: Moment) {
        if let Asking::Resting { .. } = self.asking {
            self.asking = Asking::Resting { at: now };
        }
    }

    /// A printer that lost its power and has it again answers as if nothing had been, and has
    /// forgotten what it was sent. It was away for a second at least: a question of that time is
    /// missing. So a slip does not survive a missing answer, though the printer may.
    fn miss_answer(&mut self, n_repeats: u8, now: Moment, out: &mut Outputs) {
        if self.job.as_ref().is_some_and(|job| job.stage.has_started()) {
            let fault = if self.n_garbage > 0 { Fault::Garbage } else { Fault::Silent };
            self.fail_job(fault, now, out);
        }
        self.drain(n_repeats, now);
    }

    fn drain(&mut self, n_repeats: u8, now: Moment) {
        self.deframer.reset();
        let from = self.line_free_at(now);
        self.asking = Asking::Draining {
            quiet_at: from.plus_ms(self.timings.drain_quiet_ms),
            limit_at: from.plus_ms(self.timings.drain_limit_ms),
            n_repeats,
        };
    }

    /// Bytes came in: the line is not quiet.
    pub(super) fn note_noise(&mut self, now: Moment) {
        if let Asking::Draining { quiet_at, .. } = &mut self.asking {
            *quiet_at = now.plus_ms(self.timings.drain_quiet_ms);
        }
    }
}
