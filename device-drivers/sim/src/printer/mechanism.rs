//! The in-order half of the twin: what a command does to modes, head, paper and knife.

use device_api::receipt_printer::{Align, Scale};
use device_drivers::receipt_printer::{
    Typeface,
    codec::{
        Command, CommandReader, DOTS_PER_MM, Ink, WIDTH_LEN,
        slip::{KNIFE_DOTS, LINE_DOTS},
        status,
    },
};

use super::{
    Cover, Cutter, PrinterTwin,
    paper::{End, Entry, Paper, Sheet, font},
    trouble::{self, Planned, Trouble},
};

/// 200 mm/s: a usual speed of the family.
const MM_S: u32 = 200;
const CUT_US: u64 = 300_000;

#[derive(Debug)]
pub(super) struct Mechanism {
    /// Without it the paper takes as much room and stays white.
    typeface: Option<Typeface>,
    pub(super) roll_dots: u32,
    /// What hangs out.
    sheet: Sheet,
    align: Align,
    bold: bool,
    scale: Scale,
    chinese: bool,
    /// Characters of the line that is not printed yet.
    line: String,
    /// First byte of a character whose second has not come.
    half: Option<u8>,
    code_module: u8,
    code_text: Vec<u8>,
    pub(super) n_unknown: u64,
    pub(super) n_boxes: u64,
    pub(super) busy_us: u64,
}

impl Mechanism {
    pub(super) fn new(typeface: Option<Typeface>, roll_dots: u32) -> Self {
        Self {
            typeface,
            roll_dots,
            sheet: Sheet::default(),
            align: Align::Left,
            bold: false,
            scale: Scale::Normal,
            chinese: true,
            line: String::new(),
            half: None,
            code_module: 3,
            code_text: Vec::new(),
            n_unknown: 0,
            n_boxes: 0,
            busy_us: 0,
        }
    }

    /// ESC @ and power-on. The printer is Chinese: FS & is on until FS . turns it off.
    pub(super) fn initialise(&mut self) {
        self.align = Align::Left;
        self.bold = false;
        self.scale = Scale::Normal;
        self.chinese = true;
        self.code_module = 3;
        self.code_text.clear();
        self.initialise_line();
    }

    pub(super) fn initialise_line(&mut self) {
        self.line.clear();
        self.half = None;
    }

    pub(super) fn hanging_dots(&self) -> u32 {
        self.sheet.n_dots()
    }

    /// What hung out comes off; `None` if nothing did.
    pub(super) fn take_paper(&mut self, end: End, no: u32) -> Option<Paper> {
        let sheet = std::mem::take(&mut self.sheet);
        (sheet.n_dots() > 0).then(|| Paper::new(no, end, sheet))
    }

    fn take_text(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let c = match (self.half.take(), *byte) {
                (Some(first), second) => font::character([first, second]),
                (None, first @ 0x81..=0xFE) if self.chinese => {
                    self.half = Some(first);
                    continue;
                }
                (None, ascii @ 0x20..=0x7E) => Some(char::from(ascii)),
                // Letters of a code page: not what a Chinese host means.
                (None, _) => None,
            };
            self.n_boxes += u64::from(c.is_none());
            self.line.push(c.unwrap_or(font::BOX));
        }
    }

    /// Prints the line and feeds; how far the paper moved.
    fn feed_line(&mut self) -> u32 {
        let text = std::mem::take(&mut self.line);
        self.half = None;
        let ink = match &self.typeface {
            Some(typeface) => font::line(typeface, &text, self.scale, self.align, self.bold),
            None => font::white_line(self.scale),
        };
        let entry = Entry::Text { text, scale: self.scale.into(), bold: self.bold };
        self.sheet.add(entry, &ink);
        u32::from(ink.n_rows())
    }

    fn print_picture(&mut self, ink: &Ink) -> u32 {
        let ink = font::placed(ink, self.align);
        let (width_dots, height_dots) = (u32::from(ink.row_len) * 8, u32::from(ink.n_rows()));
        let black_dots = ink.bytes.iter().map(|byte| byte.count_ones()).sum();
        self.sheet.add(Entry::Picture { width_dots, height_dots, black_dots }, &ink);
        height_dots
    }

    fn print_code(&mut self) -> u32 {
        let text = String::from_utf8_lossy(&self.code_text).into_owned();
        // A code that is too wide is left out.
        let code = if self.typeface.is_some() { font::code } else { font::white_code };
        let Some(ink) = code(&self.code_text, self.code_module) else { return 0 };
        self.sheet.add(Entry::Code { text }, &font::placed(&ink, self.align));
        u32::from(ink.n_rows())
    }

    fn feed(&mut self, dots: u32) -> u32 {
        let n_rows = usize::try_from(dots).unwrap_or(usize::MAX);
        let blank = Ink {
            row_len: u16::try_from(WIDTH_LEN).unwrap_or(u16::MAX),
            bytes: vec![0; WIDTH_LEN * n_rows],
        };
        self.sheet.add(Entry::Blank { mm: dots / DOTS_PER_MM }, &blank);
        dots
    }
}

impl PrinterTwin {
    /// Takes the next command from the buffer and does it.
    pub(super) fn work(&mut self) {
        let Some((len, command)) = CommandReader::read(&self.buffer) else { return };
        self.buffer.drain(..len);
        let moved_dots = match command {
            Ok(command) => self.obey(command),
            Err(_) => {
                self.mechanism.n_unknown += 1;
                0
            }
        };
        let moving_us = u64::from(moved_dots) * 1_000_000 / u64::from(MM_S * DOTS_PER_MM);
        self.mechanism.busy_us += moving_us;
        self.busy_until_us = self.busy_until_us.max(self.at_us) + moving_us;
        self.mechanism.roll_dots = self.mechanism.roll_dots.saturating_sub(moved_dots);
        self.suffer_what_is_planned();
        self.report_changes();
    }

    /// Does it; how far the paper moves for it.
    fn obey(&mut self, command: Command) -> u32 {
        let mechanism = &mut self.mechanism;
        match command {
            // Real-time commands were obeyed on arrival.
            Command::AskStatus(_) | Command::Resume | Command::Clear | Command::Nothing => {}
            Command::Initialise => {
                mechanism.initialise();
                self.pushes = false;
            }
            Command::PushStatus(what) => {
                self.pushes = what != 0;
                self.told = self.sensed();
                if self.pushes {
                    self.speak("notice", self.told.notice().to_vec());
                }
            }
            Command::AskPaper => {
                let sensed = self.sensed();
                let paper = status::Paper { low: sensed.paper_low, out: sensed.paper_out };
                self.speak("mark", vec![paper.byte()]);
            }
            Command::SetAlign(align) => mechanism.align = align,
            Command::SetBold(bold) => mechanism.bold = bold,
            Command::SetScale(scale) => mechanism.scale = scale,
            Command::SetChinese(chinese) => mechanism.chinese = chinese,
            Command::Text(bytes) => mechanism.take_text(&bytes),
            Command::LineFeed => return mechanism.feed_line(),
            Command::FeedLines(n) => return mechanism.feed(u32::from(n) * LINE_DOTS),
            Command::Raster(ink) => return mechanism.print_picture(&ink),
            Command::QrModel2 | Command::QrLevelM => {}
            Command::QrModule(dots) => mechanism.code_module = dots,
            Command::QrStore(text) => mechanism.code_text = text,
            Command::QrPrint => return mechanism.print_code(),
            Command::Cut { feed_dots } => return self.cut(u32::from(feed_dots)),
        }
        0
    }

    fn cut(&mut self, feed_dots: u32) -> u32 {
        let moved = self.mechanism.feed(KNIFE_DOTS + feed_dots);
        self.mechanism.busy_us += CUT_US;
        self.busy_until_us = self.busy_until_us.max(self.at_us) + CUT_US;
        if self.cutter == Cutter::Jammed {
            self.cutter_error = true;
        } else if let Some(paper) = self.mechanism.take_paper(End::Cut, self.next_no) {
            self.come_out(paper);
        }
        moved
    }

    /// What was planned for when so much paper hangs out.
    fn suffer_what_is_planned(&mut self) {
        let hanging_mm = self.mechanism.hanging_dots() / DOTS_PER_MM;
        let is_due = |planned: &Planned| {
            trouble::after_mm(planned.trouble).is_some_and(|after_mm| after_mm <= hanging_mm)
        };
        match self.plan.take(is_due) {
            Some(Trouble::Die { .. }) => {
                self.is_dead = true;
                self.arriving.clear();
            }
            Some(Trouble::OpenCover { .. }) => self.cover = Cover::Open,
            _ => {}
        }
    }
}
