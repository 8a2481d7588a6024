//! The receipt printer on its wire: the driver core that ships, the twin of the printer, and a
//! cable between them. What came out is read from the twin's paper.

use std::{collections::BTreeSet, sync::OnceLock};

use device_api::{
    RequestId,
    receipt_printer::{Event as Said, Fault, Health, Part, Reply, Request, Slip, Status},
};
use device_drivers::{
    machine::Machine as _,
    receipt_printer::{Baud, ReceiptPrinter, Typeface, codec::charset, timings::PRODUCTION},
};
use device_sim::{
    port::Twin as _,
    printer::{
        self, Act, Board, Button, Cover, Cutter, Head, PrinterLook, PrinterTwin, ROLL_MM,
        paper::{Entry, Paper},
        trouble::{Planned, Trouble},
    },
};
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply as CoreReply},
};
use kiosk_words::Moment;

use crate::wire::{Bench, Disturbance, Duplex};

/// What the driver puts over a slip that may be out already.
const REPRINT_MARK: &str = "补打";
/// A slip is in its middle when so much of it hangs out.
const MIDDLE_MM: u32 = 20;

/// What the printer does with the next slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// Whatever was wrong is mended.
    Works,
    /// It cannot begin, as long as nobody mends it. A stuck cutter is noticed by the next cut, so
    /// the first slip is then uncertain.
    Refuses(Fault),
    /// The same happens to it when part of the next slip hangs out.
    StopsInTheMiddle(Fault),
}

#[derive(Debug)]
pub struct PrinterBench {
    bench: Bench<ReceiptPrinter, PrinterTwin>,
    asked: BTreeSet<RequestId>,
    /// What happens to it in the middle of a slip.
    stops: Option<Fault>,
    /// Every slip that was asked for, as lines.
    slips: BTreeSet<Vec<String>>,
    /// What came out whole: the lines, and whether it was headed 补打.
    papers: Vec<(Vec<String>, bool)>,
    /// Papers with something on them that are not a whole slip.
    n_scraps: usize,
    /// Number of the newest paper that was looked at.
    seen: Option<u32>,
}

impl PrinterBench {
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<device_api::wire::Line> {
        self.bench.last_minute(now_ms)
    }

    pub(crate) fn new(seed: u64) -> Self {
        let line = (Baud::B115200.rate(), Duplex::Full);
        let twin = PrinterTwin::without_ink();
        Self {
            bench: Bench::new(driver(), twin, line, is_steady, seed ^ 0x9a9e),
            asked: BTreeSet::new(),
            stops: None,
            slips: BTreeSet::new(),
            papers: Vec::new(),
            n_scraps: 0,
            seen: None,
        }
    }

    /// A station without a printer.
    pub(crate) fn absent(self) -> Self {
        Self { bench: self.bench.absent(), ..self }
    }

    pub const fn status(&self) -> Status {
        self.bench.driver.status()
    }

    pub fn is_ready(&self) -> bool {
        self.status().health == Health::Ready
    }

    /// What a person sees who looks at the printer.
    pub fn look(&self) -> PrinterLook {
        self.bench.twin.look(Moment(0))
    }

    /// What came out whole: the lines, and whether it was headed 补打.
    pub fn papers(&self) -> &[(Vec<String>, bool)] {
        &self.papers
    }

    /// Papers that came out with a part of a slip only.
    pub const fn n_scraps(&self) -> usize {
        self.n_scraps
    }

    /// The newest whole paper as one text.
    pub fn last_paper(&self) -> String {
        let Some((lines, again)) = self.papers.last() else { return String::new() };
        let mark = again.then_some(REPRINT_MARK);
        let all: Vec<&str> = mark.into_iter().chain(lines.iter().map(String::as_str)).collect();
        all.join("\n")
    }

    pub(crate) fn will(&mut self, next: Print, now_ms: u64) -> Vec<Event> {
        self.stops = None;
        match next {
            Print::Works => {
                self.is_mended(now_ms);
                Vec::new()
            }
            Print::Refuses(fault) => self.suffers(fault, now_ms),
            Print::StopsInTheMiddle(fault) => {
                self.stops = Some(fault);
                Vec::new()
            }
        }
    }

    fn suffers(&mut self, fault: Fault, now_ms: u64) -> Vec<Event> {
        let always = |trouble| Act::Plan(Planned::new(trouble).times(u32::MAX));
        let act = match fault {
            Fault::Missing => {
                let told = self.bench.unplug(now_ms);
                return self.note(told, now_ms);
            }
            Fault::Silent => always(Trouble::Mute),
            Fault::Garbage => always(Trouble::Garble),
            Fault::PaperOut => Act::SetPaper { left_mm: 0 },
            Fault::CoverOpen => Act::SetCover(Cover::Open),
            Fault::Cutter => Act::SetCutter(Cutter::Jammed),
            Fault::Hot => Act::SetHead(Head::Hot),
            Fault::Unrecoverable => Act::SetBoard(Board::Broken),
            Fault::OffLine => Act::SetButton(Button::Held),
        };
        self.touch(act, now_ms);
        Vec::new()
    }

    /// Plugged in, paper and cover in place, nothing stuck, hot, held or broken.
    fn is_mended(&mut self, now_ms: u64) {
        self.bench.disturb(Disturbance::None, now_ms);
        for act in [
            Act::ClearPlan,
            Act::SetCover(Cover::Closed),
            Act::SetCutter(Cutter::Free),
            Act::SetHead(Head::Cool),
            Act::SetBoard(Board::Working),
            Act::SetButton(Button::Released),
            Act::SetPaper { left_mm: ROLL_MM },
        ] {
            self.touch(act, now_ms);
        }
        if self.look().dead {
            self.touch(Act::PowerCycle, now_ms);
        }
        self.bench.plug(now_ms);
    }

    /// A hand at the printer.
    pub(crate) fn touch(&mut self, act: Act, now_ms: u64) {
        self.bench.touch(act, now_ms);
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.unplug(now_ms);
        self.note(told, now_ms)
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.bench.plug(now_ms);
    }

    /// A new process: the driver begins anew, the printer goes on with what it has.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.bench.program_restarts(driver(), now_ms);
        self.asked.clear();
    }

    pub(crate) fn print(
        &mut self,
        id: EffectId,
        slip: Box<Slip>,
        reprint: bool,
        now_ms: u64,
    ) -> Vec<Event> {
        let id = RequestId(id.0);
        self.asked.insert(id);
        self.slips.insert(lines(&slip));
        let told = self.bench.ask(id, Request::Print { slip, reprint }, now_ms);
        self.note(told, now_ms)
    }

    /// What has not started is not printed any more.
    pub(crate) fn cancel(&mut self, id: EffectId, now_ms: u64) -> Vec<Event> {
        let told = self.bench.ask(RequestId(id.0), Request::Cancel, now_ms);
        self.note(told, now_ms)
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bench.deadline()
    }

    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.run(now_ms);
        self.note(told, now_ms)
    }

    /// A paper came out since this was asked last.
    pub(crate) fn has_new_paper(&mut self) -> bool {
        let newest = self.bench.twin.newest();
        if newest == self.seen {
            return false;
        }
        let seen = std::mem::replace(&mut self.seen, newest);
        for paper in self.look().papers {
            if seen.is_none_or(|seen| paper.no > seen) {
                self.take(&paper);
            }
        }
        true
    }

    fn take(&mut self, paper: &Paper) {
        let mut lines: Vec<String> = paper.entries.iter().filter_map(said_by).collect();
        let again = lines.first().is_some_and(|line| line == REPRINT_MARK);
        if again {
            lines.remove(0);
        }
        if self.slips.contains(&lines) {
            self.papers.push((lines, again));
        } else {
            // Cleaning cuts off blank paper.
            self.n_scraps += usize::from(!lines.is_empty());
        }
    }

    fn note(&mut self, told: Vec<Said>, now_ms: u64) -> Vec<Event> {
        let mut heard: Vec<Event> = told.into_iter().filter_map(|said| self.heard(said)).collect();
        if let Some(fault) = self.stops
            && self.look().hanging_mm >= MIDDLE_MM
        {
            self.stops = None;
            heard.extend(self.suffers(fault, now_ms));
        }
        heard
    }

    fn heard(&mut self, said: Said) -> Option<Event> {
        match said {
            Said::Done(id, Reply::Printed) => {
                self.answered(id);
                Some(Event::Done { id: EffectId(id.0), reply: CoreReply::Printed })
            }
            Said::Done(_, Reply::Cancelled) => None,
            Said::Refused(id, why) => {
                self.answered(id);
                Some(Event::Refused { id: EffectId(id.0), refusal: CoreRefusal::Print(why) })
            }
            Said::StatusChanged(status) => Some(Event::Printer(status)),
        }
    }

    fn answered(&mut self, id: RequestId) {
        assert!(self.asked.remove(&id), "{id:?} is answered and was not asked");
    }
}

/// The driver's font, read once.
fn typeface() -> Typeface {
    static TYPEFACE: OnceLock<Typeface> = OnceLock::new();
    let read = || printer::typeface(printer::FONT.as_ref()).expect("scripts/packages.txt has it");
    TYPEFACE.get_or_init(read).clone()
}

pub(crate) fn driver() -> ReceiptPrinter {
    ReceiptPrinter::new(Baud::B115200, typeface(), PRODUCTION)
}

/// It prints nothing and nothing is planned: it can print, or stands still for a fault.
pub(crate) fn is_steady(driver: &ReceiptPrinter, twin: &PrinterTwin) -> bool {
    let look = twin.look(Moment(0));
    let rests = match driver.state() {
        "idle" => look.hanging_mm == 0,
        "stuck" => twin.sensed().off_line,
        _ => false,
    };
    rests && look.planned.is_empty()
}

/// What the twin says of a slip that came out whole: text that its font has, and codes.
fn lines(slip: &Slip) -> Vec<String> {
    let rule = || "-".repeat(device_api::receipt_printer::COLUMNS);
    let line = |part: &Part| match part {
        Part::Line(line) => Some(line.text.expose().clone()).filter(|text| is_text(text)),
        Part::Qr(text) => Some(code_line(text.expose())),
        Part::Rule => Some(rule()),
        Part::Gap(_) => None,
    };
    slip.parts.iter().filter_map(line).collect()
}

/// Otherwise the driver draws the line.
fn is_text(line: &str) -> bool {
    line.chars().all(|c| charset::code(c).is_some())
}

fn code_line(text: &str) -> String {
    format!("[{text}]")
}

fn said_by(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Text { text, .. } => Some(text.clone()),
        Entry::Code { text } => Some(code_line(text)),
        Entry::Picture { .. } | Entry::Blank { .. } => None,
    }
}
