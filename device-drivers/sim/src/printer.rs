//! The twin of an ESC/POS receipt printer, without a wire.
//!
//! Bytes arrive at wire speed in its receive buffer; the mechanism takes one command after the
//! other from there and moves the paper at 200 mm/s. DLE commands act when they arrive, wherever
//! they stand. It prints with its own GBK font ([`paper`]) and keeps every paper that came out.
//!
//! ```text
//!  wire ──arrive──▶ buffer (4 KiB) ──one command at a time──▶ head, paper ──cut──▶ papers
//!            │                           stands still: cover, paper, cutter, heat, button, broken
//!            └── DLE EOT: answered now · DLE ENQ 2: buffer emptied, error left
//! ```
//!
//! It can be wrong on purpose ([`trouble`]). What it stops for, it goes on with by itself: after
//! an open cover or new paper the rest of the buffer is printed, as most printers do.

mod look;
mod mechanism;
pub mod paper;
pub mod trouble;

use std::{collections::VecDeque, fs, io, path::Path, sync::Arc};

use device_drivers::receipt_printer::{
    Typeface,
    codec::{Baud, Command, CommandReader, DOTS_PER_MM, Sensed, StatusKind},
    raster::BadFont,
};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use self::{
    mechanism::Mechanism,
    paper::Paper,
    trouble::{Planned, Trouble, spoils},
};
use crate::{
    port::Twin,
    trouble::{Noise, Plan},
    wire::{Speak, dribble, wire_us},
};

pub use self::look::PrinterLook;

/// What the printer holds of what it was sent and has not done.
const BUFFER_LEN: usize = 4 * 1024;
/// From power to the first answer.
const BOOT_US: u64 = 1_500_000;
/// Papers that nobody takes; the oldest goes when there are more.
const N_PAPERS_MAX: usize = 64;
/// A full roll, in millimetres.
pub const ROLL_MM: u32 = 50_000;
/// Where the package fonts-noto-cjk puts the font that draws on the paper.
pub const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
const FAMILY: &str = "Noto Sans Mono CJK SC";

#[derive(Debug, thiserror::Error)]
pub enum NoFont {
    #[error("the font cannot be read")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Bad(#[from] BadFont),
}

/// The font of the paper from a file such as [`FONT`].
pub fn typeface(path: &Path) -> Result<Typeface, NoFont> {
    Ok(Typeface::of_family(fs::read(path)?, FAMILY)?)
}

/// The human hand and the state of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// So much paper is left on the roll. From none to some is a new roll: what hung out of the
    /// old one goes with it.
    SetPaper {
        left_mm: u32,
    },
    SetCover(Cover),
    SetCutter(Cutter),
    SetHead(Head),
    SetButton(Button),
    /// Whether something is broken for good.
    SetBoard(Board),
    /// Somebody tears off what hangs out.
    Tear,
    /// Somebody takes what lies in the tray.
    TakePapers,
    /// Off and on: everything is forgotten but the paper that hangs out, and it takes a while.
    PowerCycle,
    SetClearing(Clearing),
    SetBaud(Baud),
    Plan(Planned),
    ClearPlan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    Closed,
    Open,
}

/// A jam is noticed at the next cut; the error then stays until DLE ENQ, also without the jam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cutter {
    Free,
    Jammed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    Cool,
    Hot,
}

/// The feed button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    Released,
    Held,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Board {
    Working,
    Broken,
}

/// In which errors DLE ENQ 2 empties the buffers: models differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clearing {
    CutterErrors,
    AnyStop,
}

#[derive(Debug)]
pub struct PrinterTwin {
    baud: Baud,
    /// Rate of the host's end where the wire knows it.
    line_rate: Option<u32>,
    /// Until when the line is busy, in microseconds.
    line_in_us: u64,
    line_out_us: u64,
    /// On the wire: when the last byte is here, and the bytes.
    arriving: VecDeque<(u64, Vec<u8>)>,
    /// Last three bytes that arrived: a real-time command in the making.
    tail: [u8; 3],
    buffer: Vec<u8>,
    n_lost: u64,
    /// Up to when everything has happened.
    at_us: u64,
    /// The mechanism is at work until then.
    busy_until_us: u64,
    mechanism: Mechanism,
    came_out: VecDeque<Arc<Paper>>,
    next_no: u32,
    cover: Cover,
    cutter: Cutter,
    cutter_error: bool,
    head: Head,
    button: Button,
    board: Board,
    clearing: Clearing,
    /// GS a: reports by itself.
    pushes: bool,
    /// What was last reported.
    told: Sensed,
    /// No light, no sound, until it is switched off and on.
    is_dead: bool,
    /// Switched on and not yet awake.
    boots_until_us: u64,
    plan: Plan<Trouble>,
    said: Vec<Speak>,
    noise: Noise,
}

impl PrinterTwin {
    #[must_use]
    pub fn new(typeface: Typeface) -> Self {
        Self::with(Some(typeface))
    }

    /// The same with a worn-out head: paper that takes as long and is cut as long, and stays white.
    /// For tests that read what was printed in words, many times a second.
    #[must_use]
    pub fn without_ink() -> Self {
        Self::with(None)
    }

    fn with(typeface: Option<Typeface>) -> Self {
        Self {
            baud: Baud::B115200,
            line_rate: None,
            line_in_us: 0,
            line_out_us: 0,
            arriving: VecDeque::new(),
            tail: [0; 3],
            buffer: Vec::new(),
            n_lost: 0,
            at_us: 0,
            busy_until_us: 0,
            mechanism: Mechanism::new(typeface, ROLL_MM * DOTS_PER_MM),
            came_out: VecDeque::new(),
            next_no: 1,
            cover: Cover::Closed,
            cutter: Cutter::Free,
            cutter_error: false,
            head: Head::Cool,
            button: Button::Released,
            board: Board::Working,
            clearing: Clearing::CutterErrors,
            pushes: false,
            told: Sensed::default(),
            is_dead: false,
            boots_until_us: 0,
            plan: Plan::new(),
            said: Vec::new(),
            noise: Noise::new(0x2545_F491),
        }
    }

    /// What it knows of itself.
    #[must_use]
    pub fn sensed(&self) -> Sensed {
        let roll_dots = self.mechanism.roll_dots;
        let mut sensed = Sensed {
            off_line: false,
            cover_open: self.cover == Cover::Open,
            feeding: self.button == Button::Held,
            paper_low: roll_dots < look::NEAR_END_MM * DOTS_PER_MM,
            paper_out: roll_dots == 0,
            cutter_stuck: self.cutter_error,
            unrecoverable: self.board == Board::Broken,
            hot: self.head == Head::Hot,
        };
        sensed.off_line = sensed.cover_open
            || sensed.feeding
            || sensed.paper_out
            || sensed.cutter_stuck
            || sensed.unrecoverable
            || sensed.hot;
        sensed
    }

    /// Number of the newest paper that came out and lies in the tray.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.came_out.back().map(|paper| paper.no)
    }

    const fn is_deaf(&self) -> bool {
        self.is_dead || self.at_us < self.boots_until_us
    }

    fn stands_still(&self) -> bool {
        self.is_dead || self.sensed().off_line
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::SetPaper { left_mm } => {
                if self.mechanism.roll_dots == 0 && left_mm > 0 {
                    self.tear();
                }
                self.mechanism.roll_dots = left_mm.min(ROLL_MM) * DOTS_PER_MM;
            }
            Act::SetCover(cover) => self.cover = cover,
            Act::SetCutter(cutter) => self.cutter = cutter,
            Act::SetHead(head) => self.head = head,
            Act::SetButton(button) => self.button = button,
            Act::SetBoard(board) => self.board = board,
            Act::Tear => self.tear(),
            Act::TakePapers => self.came_out.clear(),
            Act::PowerCycle => self.switch_off_and_on(),
            Act::SetClearing(clearing) => self.clearing = clearing,
            Act::SetBaud(baud) => self.baud = baud,
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
        }
    }

    fn switch_off_and_on(&mut self) {
        self.arriving.clear();
        self.tail = [0; 3];
        self.buffer.clear();
        self.mechanism.initialise();
        self.boots_until_us = self.at_us + BOOT_US;
        self.busy_until_us = self.boots_until_us;
        self.cutter_error = false;
        self.pushes = false;
        self.is_dead = false;
        self.said.clear();
    }

    fn tear(&mut self) {
        if let Some(paper) = self.mechanism.take_paper(paper::End::Torn, self.next_no) {
            self.come_out(paper);
        }
    }

    fn come_out(&mut self, paper: Paper) {
        self.next_no += 1;
        self.came_out.push_back(Arc::new(paper));
        if self.came_out.len() > N_PAPERS_MAX {
            self.came_out.pop_front();
        }
    }

    /// Lets everything happen that is due by now, in its order.
    fn catch_up(&mut self, now: Moment) {
        let now_us = now.0 * 1_000;
        loop {
            let arrival = self.arriving.front().map(|(at_us, _)| *at_us);
            let work = self.work_due_us();
            let arrives_first = arrival.is_some_and(|at| work.is_none_or(|work| at <= work));
            match if arrives_first { arrival } else { work } {
                Some(due_us) if due_us <= now_us => {
                    self.at_us = self.at_us.max(due_us);
                    if arrives_first { self.take_arrival() } else { self.work() }
                }
                Some(_) | None => break,
            }
        }
        self.at_us = self.at_us.max(now_us);
    }

    /// When the mechanism begins with the next command, if there is a whole one.
    fn work_due_us(&self) -> Option<u64> {
        if self.stands_still() || CommandReader::read(&self.buffer).is_none() {
            return None;
        }
        Some(self.busy_until_us.max(self.at_us))
    }

    fn take_arrival(&mut self) {
        let Some((_, bytes)) = self.arriving.pop_front() else { return };
        if self.is_deaf() {
            return;
        }
        for byte in bytes {
            if self.buffer.len() < BUFFER_LEN {
                self.buffer.push(byte);
            } else {
                self.n_lost += 1;
            }
            self.tail = [self.tail[1], self.tail[2], byte];
            if let Some((3, Ok(command))) = CommandReader::read(&self.tail) {
                self.obey_at_once(&command);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all others wait in the buffer")]
    fn obey_at_once(&mut self, command: &Command) {
        match command {
            Command::AskStatus(kind) => self.answer(*kind),
            Command::Resume if self.cutter_error => self.leave_error(),
            Command::Clear if self.cutter_error || self.clears_any_stop() => {
                self.buffer.clear();
                self.mechanism.initialise_line();
                self.leave_error();
            }
            _ => {}
        }
    }

    fn clears_any_stop(&self) -> bool {
        self.clearing == Clearing::AnyStop && self.sensed().off_line
    }

    fn leave_error(&mut self) {
        self.cutter_error = self.cutter == Cutter::Jammed && self.cutter_error;
        self.report_changes();
    }

    fn answer(&mut self, kind: StatusKind) {
        let byte = self.sensed().answer(kind);
        self.speak("status", vec![byte]);
    }

    fn report_changes(&mut self) {
        let sensed = self.sensed();
        if self.pushes && sensed != self.told {
            self.told = sensed;
            self.speak("notice", sensed.notice().to_vec());
        }
    }

    /// Puts an answer on the line, spoiled as planned.
    fn speak(&mut self, what: &str, mut bytes: Vec<u8>) {
        if self.is_deaf() {
            return;
        }
        let mut from_us = self.line_out_us.max(self.at_us);
        match self.plan.take(|planned| spoils(planned, what)) {
            None | Some(Trouble::Die { .. } | Trouble::OpenCover { .. }) => {}
            Some(Trouble::Mute) => return,
            Some(Trouble::Late { ms }) => from_us += ms * 1_000,
            Some(Trouble::Garble) => bytes.iter_mut().for_each(|byte| *byte ^= 0x83),
            Some(Trouble::Noise { n_bytes }) => bytes = self.noise.before(n_bytes, &bytes),
            Some(Trouble::Say { byte }) => bytes = vec![byte],
        }
        let (pieces, left_us) = dribble(&bytes, self.baud.rate(), from_us, 0);
        self.line_out_us = left_us;
        self.said.extend(pieces);
    }
}

impl Twin for PrinterTwin {
    type Act = Act;
    type Look = PrinterLook;

    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak> {
        self.catch_up(now);
        // At another rate nothing is understood.
        if self.line_rate.is_none_or(|rate| rate == self.baud.rate()) && !self.is_dead {
            let from_us = self.line_in_us.max(now.0 * 1_000);
            self.line_in_us = from_us + wire_us(bytes.len(), self.baud.rate());
            self.arriving.push_back((self.line_in_us, bytes.to_vec()));
        }
        std::mem::take(&mut self.said)
    }

    fn touch(&mut self, act: Act, now: Moment) -> Vec<Speak> {
        self.catch_up(now);
        self.act(act);
        self.report_changes();
        self.catch_up(now);
        std::mem::take(&mut self.said)
    }

    fn pass_time(&mut self, now: Moment) -> Vec<Speak> {
        self.catch_up(now);
        std::mem::take(&mut self.said)
    }

    fn deadline(&self) -> Option<Moment> {
        let arrival = self.arriving.front().map(|(at_us, _)| *at_us);
        let due_us = [arrival, self.work_due_us()].into_iter().flatten().min()?;
        Some(Moment(due_us.div_ceil(1_000)))
    }

    fn look(&self, _now: Moment) -> PrinterLook {
        self.look_at_it()
    }

    fn set_line_rate(&mut self, rate: u32) {
        self.line_rate = Some(rate);
    }

    /// The cable carries no power: the printer goes on with what it has.
    fn power_cycle(&mut self) {}
}
