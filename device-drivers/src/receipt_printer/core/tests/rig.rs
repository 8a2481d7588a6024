//! The core with a printer of a few lines at the other end, on virtual time.

use std::collections::VecDeque;

use device_api::{
    RequestId,
    receipt_printer::{Align, Event, Health, Line, Part, Refusal, Request, Scale, Slip},
};
use kiosk_words::{Moment, Private};

use super::super::ReceiptPrinter;
use crate::{
    machine::{CloseReason, Input, Machine as _, Output},
    receipt_printer::{
        codec::{Baud, Command, CommandReader, Ink, Paper, Sensed},
        raster::tests::typeface,
        timings::PRODUCTION,
    },
};

/// Answers at once, prints nothing.
pub(super) struct Printer {
    pub(super) sensed: Sensed,
    pub(super) speaks: bool,
    pub(super) notices: bool,
    /// Answers GS r.
    pub(super) marks: bool,
    pub(super) heard: Vec<Command>,
    buffer: Vec<u8>,
    said: VecDeque<Vec<u8>>,
}

impl Printer {
    fn new() -> Self {
        Self {
            sensed: Sensed::default(),
            speaks: true,
            notices: true,
            marks: true,
            heard: Vec::new(),
            buffer: Vec::new(),
            said: VecDeque::new(),
        }
    }

    pub(super) fn set(&mut self, sensed: Sensed) {
        self.sensed = sensed;
        if self.notices {
            self.said.push_back(sensed.notice().to_vec());
        }
    }

    pub(super) fn say_mark(&mut self) {
        let (low, out) = (self.sensed.paper_low, self.sensed.paper_out);
        self.said.push_back(vec![Paper { low, out }.byte()]);
    }

    pub(super) fn say(&mut self, bytes: &[u8]) {
        self.said.push_back(bytes.to_vec());
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only questions are answered")]
    fn hear(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        while let Some((len, command)) = CommandReader::read(&self.buffer) {
            self.buffer.drain(..len);
            let command = command.expect("the driver sends only known commands");
            if self.speaks {
                match &command {
                    Command::AskStatus(kind) => {
                        self.said.push_back(vec![self.sensed.answer(*kind)])
                    }
                    Command::AskPaper if self.marks && !self.sensed.off_line => self.say_mark(),
                    Command::PushStatus(_) if self.notices => {
                        self.said.push_back(self.sensed.notice().to_vec());
                    }
                    _ => {}
                }
            }
            self.heard.push(command);
        }
    }
}

pub(super) struct Rig {
    pub(super) core: ReceiptPrinter,
    pub(super) now: Moment,
    pub(super) printer: Printer,
    pub(super) events: Vec<Event>,
    pub(super) closed: Option<CloseReason>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::at(Baud::B115200)
    }

    pub(super) fn at(baud: Baud) -> Self {
        Self {
            core: ReceiptPrinter::new(baud, typeface().clone(), PRODUCTION),
            now: Moment(0),
            printer: Printer::new(),
            events: Vec::new(),
            closed: None,
        }
    }

    pub(super) fn ready() -> Self {
        Self::ready_at(Baud::B115200)
    }

    pub(super) fn ready_at(baud: Baud) -> Self {
        let mut rig = Self::at(baud);
        rig.step(Input::LinkUp);
        rig.run_until(|rig| rig.core.status().health == Health::Ready);
        rig
    }

    pub(super) fn step(&mut self, input: Input<'_, Request>) -> Vec<Output<Event>> {
        let outputs = self.core.handle(input, self.now);
        for output in &outputs {
            match output {
                Output::Write(bytes) => self.printer.hear(bytes),
                Output::Tell(event) => self.events.push(*event),
                Output::CloseLink(reason) => self.closed = Some(*reason),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
            }
        }
        outputs
    }

    /// What was said arrives a millisecond later, or else time goes on to the deadline.
    pub(super) fn go_on(&mut self) {
        if let Some(bytes) = self.printer.said.pop_front() {
            self.now = self.now.plus_ms(1);
            self.step(Input::Chunk(&bytes));
        } else {
            let deadline = self.core.deadline().expect("something is awaited");
            self.now = self.now.max(deadline);
        }
        if self.core.deadline().is_some_and(|due| due <= self.now) {
            self.step(Input::Tick);
        }
    }

    pub(super) fn run_until(&mut self, is: impl Fn(&Self) -> bool) {
        for _ in 0..20_000 {
            if is(self) {
                return;
            }
            self.go_on();
        }
        panic!("never: {:?} {:?}", self.core, self.events);
    }

    pub(super) fn run_ms(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while !self.printer.said.is_empty() || self.core.deadline().is_some_and(|at| at <= until) {
            self.go_on();
        }
        self.now = self.now.max(until);
    }

    pub(super) fn print(&mut self, id: u64, slip: Slip) {
        let ask = Request::Print { slip: Box::new(slip), reprint: false };
        self.step(Input::Ask(RequestId(id), ask));
    }

    pub(super) fn cancel(&mut self, id: u64) {
        self.step(Input::Ask(RequestId(id), Request::Cancel));
    }

    pub(super) fn events_of(&self, id: u64) -> Vec<Event> {
        let is_of = |event: &&Event| match event {
            Event::Done(of, _) | Event::Refused(of, _) => *of == RequestId(id),
            Event::StatusChanged(_) => false,
        };
        self.events.iter().filter(is_of).cloned().collect()
    }

    pub(super) fn run_until_answered(&mut self, id: u64) {
        self.run_until(|rig| !rig.events_of(id).is_empty());
    }

    pub(super) fn refusal_of(&self, id: u64) -> Option<Refusal> {
        match self.events_of(id)[..] {
            [Event::Refused(_, refusal)] => Some(refusal),
            _ => None,
        }
    }
}

fn line(text: &str, scale: Scale) -> Part {
    let text = Private::text(text);
    Part::Line(Line { text, scale, align: Align::Left, bold: false })
}

/// Two lines and a code.
pub(super) fn slip() -> Slip {
    let code = Part::Qr(Private::text("A1"));
    Slip { parts: vec![line("收件凭证", Scale::Double), line("张三", Scale::Normal), code] }
}

pub(super) fn rare_slip(name: &str) -> Slip {
    Slip { parts: vec![line(name, Scale::Double), line("张三", Scale::Normal)] }
}

/// The first line of `rare_slip` as the printer must get it.
pub(super) fn rare_picture(name: &str) -> Ink {
    let mut ink = typeface().line(name, Scale::Double, Align::Left, false).unwrap();
    ink.defuse();
    ink
}

pub(super) fn long_slip(n_lines: usize) -> Slip {
    Slip { parts: vec![line("收件凭证", Scale::Normal); n_lines] }
}
