//! The conversation with an ESC/POS printer, without input or output.
//!
//! It decides when a slip may start, how fast its bytes go out, what counts as proof that it came
//! out, and what happens to a printer that stopped in the middle; it answers each request exactly
//! once and never sends a slip again by itself. It does not decide what stands on a slip.
//!
//! ```text
//!           ┌──────────── questions: DLE EOT 1 to 4, one at a time, again and again ───────────┐
//!           │  Resting ──due──▶ Waiting ──last answer──▶ Resting     no answer: Draining, again │
//!           └──────────────────────────────────────────────────────────────────────────────────┘
//!  Offline ──LinkUp──▶ (status unknown) ──all four answers, no fault──▶ cleaning
//!     ▲                                                                    │ end mark answered
//!     │ LinkDown, silent, garbage         ┌──────────▶ ready ◀─────────────┘
//!     ├───────────────────────────────────┤              │ Print
//!     │                                   │              ▼
//!     │                   Printed ◀── Confirming ◀── Checking ──fault──▶ NotStarted
//!     │                            no fault │ ▲          │ no fault
//!     │                                     │ Settling   ▼
//!     │                                     │ ▲       Writing ──end mark sent──▶ Awaiting ─┐
//!     │                                     │ └──────────────────────end mark answered─────┘
//!     │   fault, time-out, link lost        ▼
//!     └──────────────────────────────▶ Uncertain, residue: torn ──no fault──▶ cleaning
//! ```
//!
//! **End mark.** DLE EOT is answered ahead of everything that waits in the printer, so it proves
//! nothing about a slip. GS r 1 is answered when its turn comes: sent after the cut, its answer
//! says that the printer has worked through the slip. Then all four statuses must be clean.
//!
//! **Residue.** What a printer still holds of a torn slip would come out with the next person's.
//! So nothing is printed until it is cleaned: DLE ENQ 2 (empties the buffers of a printer that
//! stands in an error it knows), NULs for a command that waits for its rest, ESC @, a cut, and an
//! end mark of its own. A printer with an unknown past, at the start, is cleaned the same way.

mod asking;
mod cleaning;
mod invariants;
mod printing;
#[cfg(test)]
mod tests;

use device_api::{
    RequestId,
    receipt_printer::{Event, Fault, Health, Refusal, Reply, Request, Slip, Status},
};
use kiosk_words::Moment;

use self::{
    asking::Asking,
    cleaning::{Cleaning, Residue},
    printing::{Job, Stage},
};
use super::{
    codec::{self, Baud, Command, Deframer, Paper, Report, Sensed},
    raster::Typeface,
    timings::Timings,
    wire::Frames,
};
use crate::{
    machine::{CloseReason, Input, Machine, Output},
    wire::Shown,
};

/// So much garbage without one awaited answer between, and the link is opened anew.
const N_GARBAGE_MAX: u8 = 32;

type Outputs = Vec<Output<Event>>;

/// The driver of one printer.
#[derive(Debug)]
pub struct ReceiptPrinter {
    baud: Baud,
    timings: Timings,
    typeface: Typeface,
    deframer: Deframer,
    asking: Asking,
    sensed: Sensed,
    /// All four statuses were heard since the link is up.
    is_known: bool,
    /// Why there is no printer on the line.
    absence: Option<Fault>,
    residue: Residue,
    cleaning: Option<Cleaning>,
    job: Option<Job>,
    /// End marks that were sent and not answered.
    n_marks_due: u32,
    /// Until when the line is busy with what was written.
    line_free_us: u64,
    n_garbage: u8,
    status: Status,
}

impl ReceiptPrinter {
    #[must_use]
    pub const fn new_status() -> Status {
        Status { health: Health::Starting, paper_low: false }
    }

    #[must_use]
    pub fn new(baud: Baud, typeface: Typeface, timings: Timings) -> Self {
        Self {
            baud,
            timings,
            typeface,
            deframer: Deframer::new(),
            asking: Asking::Offline,
            sensed: Sensed::default(),
            is_known: false,
            absence: None,
            // Who printed before, and what of it, is not known.
            residue: Residue::Torn,
            cleaning: None,
            job: None,
            n_marks_due: 0,
            line_free_us: 0,
            n_garbage: 0,
            status: Self::new_status(),
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    fn on_link_up(&mut self, now: Moment, out: &mut Outputs) {
        self.deframer.reset();
        self.n_garbage = 0;
        self.sensed = Sensed::default();
        self.is_known = false;
        self.residue = self.residue.max(Residue::Modes);
        self.line_free_us = us(now);
        self.begin_round(now, out);
    }

    /// Leaves the link; whoever waits is told once.
    fn go_offline(&mut self, fault: Fault, out: &mut Outputs) {
        self.end_job(fault, out);
        self.cleaning = None;
        self.deframer.reset();
        self.asking = Asking::Offline;
        self.is_known = false;
        self.absence = Some(fault);
    }

    /// Closes the link so that the pump opens it anew.
    fn give_up_link(&mut self, reason: CloseReason, out: &mut Outputs) {
        let fault = match reason {
            CloseReason::Silent => Fault::Silent,
            CloseReason::Garbage => Fault::Garbage,
        };
        self.go_offline(fault, out);
        out.push(Output::CloseLink(reason));
    }

    fn on_ask(&mut self, id: RequestId, ask: Request, now: Moment, out: &mut Outputs) {
        match ask {
            Request::Print { slip, reprint } => self.on_print(id, &slip, reprint, now, out),
            Request::Cancel => {
                if self.job.as_ref().is_some_and(|job| !job.stage.has_started()) {
                    self.refuse_job(Refusal::Stopped, out);
                }
                out.push(Output::Tell(Event::Done(id, Reply::Cancelled)));
            }
        }
    }

    fn on_print(
        &mut self,
        id: RequestId,
        slip: &Slip,
        reprint: bool,
        now: Moment,
        out: &mut Outputs,
    ) {
        let refusal = match (&self.job, self.health()) {
            (Some(_), _) => Some(Refusal::Stopped),
            (None, Health::Down(fault)) => Some(Refusal::NotStarted(fault)),
            (None, Health::Starting | Health::Ready) => None,
        };
        if let Some(refusal) = refusal {
            out.push(Output::Tell(Event::Refused(id, refusal)));
            return;
        }
        match codec::encode(slip, reprint, &self.typeface) {
            Ok(pieces) => {
                self.job = Some(Job::new(id, pieces));
                if self.is_resting() && self.cleaning.is_none() {
                    self.begin_round(now, out);
                }
            }
            Err(why) => {
                tracing::warn!(%why, "slip not printable");
                out.push(Output::Tell(Event::Refused(id, Refusal::Unprintable)));
            }
        }
    }

    fn on_chunk(&mut self, mut chunk: &[u8], now: Moment, out: &mut Outputs) {
        self.note_noise(now);
        while !self.is_offline() {
            match self.deframer.next(&mut chunk) {
                Some(Ok(Report::Answer(byte))) => self.on_answer(byte, now, out),
                Some(Ok(Report::Notice(bytes))) => self.on_notice(bytes, now, out),
                Some(Ok(Report::Paper(paper))) => self.on_mark(paper, now, out),
                Some(Err(_)) => self.count_garbage(out),
                None => return,
            }
        }
    }

    fn on_notice(&mut self, bytes: [u8; 4], now: Moment, out: &mut Outputs) {
        self.sensed.take_notice(bytes);
        self.weigh(now, out);
        // A fault has gone: the next look need not wait for its turn.
        let started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        if self.fault().is_none() && !started && self.needs_cleaning() {
            self.ask_soon(now);
        }
    }

    /// An end mark is answered: everything that was sent before it is done.
    fn on_mark(&mut self, paper: Paper, now: Moment, out: &mut Outputs) {
        if self.n_marks_due == 0 {
            return self.count_garbage(out);
        }
        self.n_garbage = 0;
        self.n_marks_due -= 1;
        self.sensed.paper_low = paper.low || paper.out;
        self.sensed.paper_out = paper.out;
        if self.cleaning.is_some() {
            self.on_cleaning_mark(now);
        } else if self.n_marks_due == 0 {
            self.on_job_mark(now);
        }
        self.weigh(now, out);
    }

    fn count_garbage(&mut self, out: &mut Outputs) {
        self.n_garbage = self.n_garbage.saturating_add(1);
        // Noise, or part of something that broke off, may pass for the end mark.
        let doubtful = self.job.as_ref().is_some_and(|job| job.stage.hangs_on_mark());
        if doubtful || self.n_garbage >= N_GARBAGE_MAX {
            self.give_up_link(CloseReason::Garbage, out);
        }
    }

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        self.tick_asking(now, out);
        self.tick_cleaning(now, out);
        self.tick_job(now, out);
    }

    /// Something new is known of the printer: what follows for those who wait on it.
    fn weigh(&mut self, now: Moment, out: &mut Outputs) {
        if !self.is_known {
            return;
        }
        match self.fault() {
            None => self.release_job(now),
            Some(fault) => {
                if self.cleaning.take().is_some() {
                    self.residue = Residue::Torn;
                }
                if self.job.as_ref().is_some_and(|job| job.stage.has_started())
                    && fault_passes(fault)
                {
                    self.hold_job(now);
                } else {
                    self.fail_job(fault, now, out);
                }
            }
        }
    }

    /// What is wrong, the gravest first.
    const fn fault(&self) -> Option<Fault> {
        let s = &self.sensed;
        if s.unrecoverable {
            Some(Fault::Unrecoverable)
        } else if s.cutter_stuck {
            Some(Fault::Cutter)
        } else if s.cover_open {
            Some(Fault::CoverOpen)
        } else if s.paper_out {
            Some(Fault::PaperOut)
        } else if s.hot {
            Some(Fault::Hot)
        } else if s.off_line || s.feeding {
            Some(Fault::OffLine)
        } else {
            None
        }
    }

    fn health(&self) -> Health {
        let printing = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        match (self.absence, self.is_known, self.fault()) {
            (Some(fault), _, _) | (None, true, Some(fault)) => Health::Down(fault),
            (None, true, None) if printing || self.residue == Residue::None => Health::Ready,
            (None, true | false, None) | (None, false, Some(_)) => Health::Starting,
        }
    }

    /// Puts bytes on the line and reckons how long it is busy with them.
    fn write(&mut self, bytes: Vec<u8>, now: Moment, out: &mut Outputs) {
        self.line_free_us = self.line_free_us.max(us(now)) + self.baud.wire_us(bytes.len());
        out.push(Output::Write(bytes));
    }

    fn send(&mut self, command: &Command, now: Moment, out: &mut Outputs) {
        self.write(command.encode(), now, out);
    }

    /// When everything that was written has left.
    fn line_free_at(&self, now: Moment) -> Moment {
        moment(self.line_free_us).max(now)
    }
}

/// It goes on by itself, and the slip with it.
const fn fault_passes(fault: Fault) -> bool {
    match fault {
        Fault::Hot | Fault::OffLine => true,
        Fault::Missing
        | Fault::Silent
        | Fault::Garbage
        | Fault::PaperOut
        | Fault::CoverOpen
        | Fault::Cutter
        | Fault::Unrecoverable => false,
    }
}

const fn us(moment: Moment) -> u64 {
    moment.0 * 1_000
}

const fn moment(us: u64) -> Moment {
    Moment(us.div_ceil(1_000))
}

impl Machine for ReceiptPrinter {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let before = self.status;
        let was_open = self.job.as_ref().map(|job| (job.id, job.stage));
        let mut out = Outputs::new();
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::LinkUp | Input::LinkDown | Input::Chunk(_) | Input::Tick => None,
        };
        match input {
            Input::LinkUp => self.on_link_up(now, &mut out),
            Input::LinkDown => self.go_offline(Fault::Missing, &mut out),
            Input::Chunk(bytes) => self.on_chunk(bytes, now, &mut out),
            Input::Ask(id, ask) => self.on_ask(id, ask, now, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.status.health = self.health();
        if self.is_known {
            self.status.paper_low = self.sensed.paper_low;
        }
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    fn deadline(&self) -> Option<Moment> {
        let all = [self.asking_deadline(), self.cleaning_deadline(), self.job_deadline()];
        all.into_iter().flatten().min()
    }

    fn wire(&self) -> Box<dyn Shown> {
        Box::<Frames>::default()
    }

    fn state(&self) -> &'static str {
        match (&self.job, &self.cleaning) {
            _ if self.is_offline() => "offline",
            (Some(job), _) if job.stage.has_started() => match job.stage {
                Stage::Writing => "printing",
                Stage::Checking | Stage::Awaiting { .. } => "awaiting the end",
                Stage::Settling { .. } | Stage::Confirming => "confirming",
            },
            (_, Some(_)) => "cleaning",
            (_, None) if !self.is_known => "greeting",
            (_, None) if self.fault().is_some() => "stuck",
            (Some(_), None) => "checking",
            (None, None) => "idle",
        }
    }
}
