//! The conversation with a page printer, without input or output.
//!
//! It decides when a document may go out, how its job is followed, what counts as proof that it
//! came out, and how a printer is cleared of jobs that nobody waits for; it answers each request
//! exactly once and never sends a document again by itself. It does not decide what is printed.
//!
//! ```text
//!   ┌──────────────── round: again and again, and before every document ─────────────────┐
//!   │ Resting ─due▶ Printer ─answer▶ Jobs ─none▶ settled ─no document waits▶ Resting      │
//!   │                                 │  ▲          └────────────────────────────────┐    │
//!   │                                 ▼  │ still some                              │    │
//!   │                              Cancel each, wait ─ too long ▶ Down(Occupied)    │    │
//!   └────────────────────────────────────────────────────────────────────────────────────┘
//!                                                        a document waits, no fault │
//!      NotStarted, Unprintable ◀─refused── Sending ◀────────── Checking ◀───────────┘
//!                                  │ accepted    └─ no answer ▶ Uncertain
//!                                  ▼
//!      Following: Job, Printer, Job, … ──state 7, 8, 9──▶ Counting: Printer ──▶ Printed, Uncertain,
//!        │  stopped, lost, cancelled                        Stopped, NotStarted, Unprintable
//!        └─ too long: Cancel ──still there──▶ Uncertain
//! ```
//!
//! **Whose page.** A job that is found in the printer and is not the open one is somebody else's,
//! or ours from before a power cut: its pages would come out in the next person's session. So it
//! is cancelled, and nothing is printed until it is gone. A document whose end was not seen leaves
//! its job to the same cleaning.
//!
//! **Proof.** That a job is completed is the printer's word. It is believed when the pages of the
//! job fit, where the printer counts them, and when the counter of its whole life has moved, where
//! it has one.

mod cleaning;
mod following;
mod invariants;
mod sending;
#[cfg(test)]
mod tests;
mod weighing;

use device_api::{
    RequestId,
    page_printer::{
        Capabilities, Event, Fault, Format, Health, Loaded, Refusal, Reply, Request, Status,
    },
};
use kiosk_words::{Moment, Private};

use self::{cleaning::Queue, following::Followed, sending::Counting};
use super::{
    codec::{Address, Answer, Command, PrinterReport, answer::Outcome},
    timings::Timings,
};

/// So often in a row a printer that is there does not answer, or answers nonsense, before it
/// counts as down.
const N_FAILURES_MAX: u8 = 2;

/// What becomes of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Answer(Vec<u8>),
    Failed(Failure),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There was no connection: nothing was sent.
    NotConnected,
    /// The connection ended before the answer did.
    Broken,
    /// Another protocol answers, or the answer is far too long.
    NotIpp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Of the last message that was sent.
    Heard(Heard),
    Ask(RequestId, Request),
    /// The deadline is reached (an early or late tick does no harm).
    Tick,
}

/// A request to the printer and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub command: Command,
    pub head: Vec<u8>,
    pub document: Option<Private<Vec<u8>>>,
}

/// What is wanted, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Answered by what is heard, unless it is given up before.
    Send(Message),
    /// The message under way is waited for no longer; what comes of it is not heard any more.
    GiveUp,
    Tell(Event),
}

impl Output {
    /// What the app is told.
    #[must_use]
    pub const fn told(&self) -> Option<&Event> {
        match self {
            Self::Tell(event) => Some(event),
            Self::Send(_) | Self::GiveUp => None,
        }
    }
}

type Outputs = Vec<Output>;

/// The driver of one printer.
#[derive(Debug)]
pub struct PagePrinter {
    address: Address,
    timings: Timings,
    doing: Doing,
    request_id: i32,
    n_jobs: u32,
    /// As last heard.
    printer: Option<PrinterReport>,
    /// Why there is no printer to talk to.
    absence: Option<Fault>,
    n_failures: u8,
    queue: Queue,
    job: Option<Job>,
    identified: Option<Capabilities>,
    status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Resting {
        until: Moment,
    },
    /// One exchange is under way.
    Asking {
        question: Question,
        deadline: Moment,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Printer,
    Jobs,
    /// A strange job.
    CancelStrange(i32),
    Print,
    Job,
    CancelOurs,
}

#[derive(Debug)]
struct Job {
    id: RequestId,
    n_pages: u16,
    format: Format,
    n_job: u32,
    /// Until it is sent.
    document: Option<Private<Vec<u8>>>,
    /// The counter of the printer's life before it.
    n_ever_before: Option<u32>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Nothing sent. It goes out after a round that began when it was there.
    Checking {
        asked_at: Moment,
        is_fresh: bool,
    },
    Sending {
        cancelled: bool,
    },
    Following(Followed),
    Counting(Counting),
}

impl Stage {
    const fn has_started(&self) -> bool {
        match self {
            Self::Checking { .. } => false,
            Self::Sending { .. } | Self::Following(_) | Self::Counting(_) => true,
        }
    }
}

impl PagePrinter {
    #[must_use]
    pub const fn new_status() -> Status {
        Status {
            health: Health::Starting,
            a4: Loaded::Unknown,
            paper_low: false,
            toner_low: false,
            output_nearly_full: false,
        }
    }

    #[must_use]
    pub const fn new(address: Address, timings: Timings) -> Self {
        Self {
            address,
            timings,
            doing: Doing::Resting { until: Moment(0) },
            request_id: 0,
            n_jobs: 0,
            printer: None,
            absence: None,
            n_failures: 0,
            // Who printed before, and what of it, is not known.
            queue: Queue::Unknown,
            job: None,
            identified: None,
            status: Self::new_status(),
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let before = self.status;
        let was_open = self.job.as_ref().map(|job| (job.id, job.stage.has_started()));
        let asked = match &input {
            Input::Ask(id, _) => Some(*id),
            Input::Heard(_) | Input::Tick => None,
        };
        let mut out = Outputs::new();
        match input {
            Input::Heard(heard) => self.on_heard(heard, now, &mut out),
            Input::Ask(id, Request::Print(document)) => {
                self.on_print(id, document, now, &mut out);
            }
            Input::Ask(id, Request::Cancel) => self.on_cancel(id, now, &mut out),
            Input::Tick => self.on_tick(now, &mut out),
        }
        self.status = self.weigh();
        if self.status != before {
            out.push(Output::Tell(Event::StatusChanged(self.status)));
        }
        self.check_invariants(was_open, asked, &out);
        out
    }

    /// When `Input::Tick` must come next: there is always something to wait for.
    #[must_use]
    pub const fn deadline(&self) -> Option<Moment> {
        match self.doing {
            Doing::Resting { until } => Some(until),
            Doing::Asking { deadline, .. } => Some(deadline),
        }
    }

    /// One word for the log: never personal data.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.job.as_ref().map(|job| &job.stage), self.status.health) {
            (Some(Stage::Sending { .. }), _) => "sending",
            (Some(Stage::Following(_)), Health::Down(_)) => "held",
            (Some(Stage::Following(followed)), _) if followed.is_cancelled() => "cancelling",
            (Some(Stage::Following(_)), _) => "printing",
            (Some(Stage::Counting(_)), _) => "counting",
            (Some(Stage::Checking { .. }), _) => "checking",
            (None, _) if self.queue.has_strangers() => "cleaning",
            (None, Health::Starting) => "starting",
            (None, Health::Down(_)) => "down",
            (None, Health::Ready) => "idle",
        }
    }

    // ---- requests ----

    fn on_cancel(&mut self, id: RequestId, now: Moment, out: &mut Outputs) {
        match self.job.as_mut().map(|job| &mut job.stage) {
            None | Some(Stage::Counting(_)) => {}
            Some(Stage::Checking { .. }) => self.refuse_job(Refusal::Stopped, out),
            Some(Stage::Sending { cancelled }) => *cancelled = true,
            Some(Stage::Following(followed)) => {
                followed.cancel_by_request(now);
                self.cancel_soon(now, out);
            }
        }
        out.push(Output::Tell(Event::Done(id, Reply::Cancelled)));
    }

    /// Ends the open request; the printer is told nothing.
    fn refuse_job(&mut self, refusal: Refusal, out: &mut Outputs) {
        let Some(job) = self.job.take() else { return };
        tracing::warn!(n_job = job.n_job, ?refusal, "document refused");
        out.push(Output::Tell(Event::Refused(job.id, refusal)));
    }

    /// The same for one whose job may be in the printer still: the cleaning sees to that at once.
    fn leave_job(
        &mut self,
        fault: Fault,
        n_pages_out: Option<u16>,
        now: Moment,
        out: &mut Outputs,
    ) {
        self.refuse_job(Refusal::Uncertain { fault, n_pages_out }, out);
        self.queue = Queue::Unknown;
        self.rest(now, 0);
    }

    // ---- exchanges ----

    fn on_tick(&mut self, now: Moment, out: &mut Outputs) {
        match self.doing {
            Doing::Resting { until } if until <= now => self.ask_next(now, out),
            Doing::Asking { deadline, question } if deadline <= now => {
                out.push(Output::GiveUp);
                self.on_failure(question, Fault::Silent, now, out);
            }
            Doing::Resting { .. } | Doing::Asking { .. } => {}
        }
    }

    fn rest(&mut self, now: Moment, ms: u64) {
        self.doing = Doing::Resting { until: now.plus_ms(ms) };
    }

    const fn is_resting(&self) -> bool {
        matches!(self.doing, Doing::Resting { .. })
    }

    /// The question that is due after a rest.
    fn ask_next(&mut self, now: Moment, out: &mut Outputs) {
        let question = match self.job.as_ref().map(|job| &job.stage) {
            Some(Stage::Following(followed)) => followed.question(),
            Some(Stage::Counting(_)) => Question::Printer,
            None | Some(Stage::Checking { .. } | Stage::Sending { .. }) => self.queue.question(),
        };
        self.ask(question, now, out);
    }

    fn ask(&mut self, question: Question, now: Moment, out: &mut Outputs) {
        let Some(command) = self.command(question) else { return self.rest(now, 0) };
        let mut document = None;
        if let Some(job) = &mut self.job {
            match (&mut job.stage, question) {
                (Stage::Checking { is_fresh, .. }, Question::Printer) => *is_fresh = true,
                (Stage::Sending { .. }, Question::Print) => document = job.document.take(),
                _ => {}
            }
        }
        self.request_id = self.request_id.checked_add(1).unwrap_or(1);
        let head = command.encode(&self.address, self.request_id);
        let answer_ms = match question {
            Question::Print => self.timings.print_answer_ms,
            Question::Printer
            | Question::Jobs
            | Question::CancelStrange(_)
            | Question::Job
            | Question::CancelOurs => self.timings.answer_ms,
        };
        self.doing = Doing::Asking { question, deadline: now.plus_ms(answer_ms) };
        out.push(Output::Send(Message { command, head, document }));
    }

    /// `None`: the job that was meant is gone.
    fn command(&self, question: Question) -> Option<Command> {
        let ours = self.job.as_ref().and_then(|job| match &job.stage {
            Stage::Following(followed) => Some(followed.id),
            Stage::Checking { .. } | Stage::Sending { .. } | Stage::Counting(_) => None,
        });
        Some(match question {
            Question::Printer => Command::AskPrinter,
            Question::Jobs => Command::AskJobs,
            Question::CancelStrange(id) => Command::CancelJob(id),
            Question::Job => Command::AskJob(ours?),
            Question::CancelOurs => Command::CancelJob(ours?),
            Question::Print => {
                let job = self.job.as_ref()?;
                Command::Print { n_job: job.n_job, format: job.format }
            }
        })
    }

    fn on_heard(&mut self, heard: Heard, now: Moment, out: &mut Outputs) {
        // What comes of a message that was given up is not heard.
        let Doing::Asking { question, .. } = self.doing else { return };
        let fault = match heard {
            Heard::Answer(bytes) => match Answer::read(&bytes, self.request_id) {
                Ok(answer) => return self.on_answer(question, &answer, now, out),
                Err(why) => {
                    tracing::debug!(%why, "no answer of a printer");
                    Fault::Garbage
                }
            },
            Heard::Failed(Failure::NotConnected) => Fault::Missing,
            Heard::Failed(Failure::Broken) => Fault::Silent,
            Heard::Failed(Failure::NotIpp) => Fault::Garbage,
        };
        self.on_failure(question, fault, now, out);
    }

    fn on_answer(&mut self, question: Question, answer: &Answer, now: Moment, out: &mut Outputs) {
        match question {
            Question::Printer => match (answer.outcome(), answer.printer()) {
                (Outcome::Done, Some(report)) => self.on_printer(report, now, out),
                (Outcome::Busy, _) => self.on_failure(question, Fault::Occupied, now, out),
                (_, _) => self.on_failure(question, Fault::Garbage, now, out),
            },
            Question::Jobs => match answer.outcome() {
                Outcome::Done => self.on_jobs(answer.job_ids(), now, out),
                // Some say so when there is none.
                Outcome::Gone => self.on_jobs(Vec::new(), now, out),
                Outcome::Busy => self.on_failure(question, Fault::Occupied, now, out),
                Outcome::NotAccepting | Outcome::BadDocument | Outcome::Failed(_) => {
                    self.on_failure(question, Fault::Garbage, now, out);
                }
            },
            Question::CancelStrange(_) => self.on_strange_cancelled(now, out),
            Question::Print => self.on_accepted(answer, now, out),
            Question::Job => self.on_job(answer, now, out),
            Question::CancelOurs => self.on_ours_cancelled(now),
        }
    }

    fn on_printer(&mut self, report: PrinterReport, now: Moment, out: &mut Outputs) {
        self.absence = None;
        if self.identified.as_ref() != Some(&report.capabilities) {
            self.identified = Some(report.capabilities.clone());
            out.push(Output::Tell(Event::Identified(report.capabilities.clone())));
        }
        self.printer = Some(report);
        match self.job.as_ref().map(|job| &job.stage) {
            Some(Stage::Following(_)) => self.weigh_job(now, out),
            Some(Stage::Counting(_)) => self.conclude(now, out),
            None | Some(Stage::Checking { .. } | Stage::Sending { .. }) => {
                self.fail_checking(out);
                self.ask(Question::Jobs, now, out);
            }
        }
    }

    fn on_failure(&mut self, question: Question, fault: Fault, now: Moment, out: &mut Outputs) {
        match self.job.as_ref().map(|job| &job.stage) {
            Some(Stage::Sending { .. }) if question == Question::Print => {
                self.on_print_lost(fault, now, out);
            }
            Some(Stage::Following(_)) => self.lose_job(fault, now, out),
            Some(Stage::Counting(_)) => self.lose_count(fault, now, out),
            None | Some(Stage::Checking { .. } | Stage::Sending { .. }) => {
                self.lose_printer(fault, now, out);
            }
        }
    }

    /// No answer in a round.
    fn lose_printer(&mut self, fault: Fault, now: Moment, out: &mut Outputs) {
        self.n_failures = self.n_failures.saturating_add(1);
        if fault == Fault::Missing || self.n_failures >= N_FAILURES_MAX {
            self.go_away(fault);
            self.refuse_job(Refusal::NotStarted(fault), out);
            self.rest(now, self.timings.down_poll_ms);
        } else {
            self.rest(now, 0);
        }
    }

    /// Nothing is known any more: whoever comes back may be another printer, with other jobs.
    fn go_away(&mut self, fault: Fault) {
        self.absence = Some(fault);
        self.printer = None;
        self.queue = Queue::Unknown;
    }
}
