//! The receipt printer: a slip of finished lines goes in, and it is known whether it came out.
//!
//! A slip is laid out before it gets here, so that the screen's preview and the paper are the same
//! lines. The driver turns lines into the printer's commands and rasters what the printer's own
//! font lacks; it wraps, aligns and invents nothing.

use kiosk_words::Private;

use crate::RequestId;

/// Half-width columns of one line at [`Scale::Normal`]: 576 dots, 12 dots each; a Chinese
/// character takes two.
pub const COLUMNS: usize = 48;

/// Columns that a text takes at [`Scale::Normal`]: one for each ASCII character, two for any other.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Something to print, top to bottom, cut at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    pub parts: Vec<Part>,
}

/// One part of a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Line(Line),
    /// A rule across the paper.
    Rule,
    /// A QR code, centred, level M; the text is printable ASCII.
    Qr(Private<String>),
    /// So many empty lines.
    Gap(u8),
}

/// One line that fits: the layout has wrapped it. No tab, no line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: Private<String>,
    pub scale: Scale,
    pub align: Align,
    pub bold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scale {
    /// 24 dots high, 48 columns.
    Normal,
    /// Twice as wide and as high, 24 columns.
    Double,
}

impl Scale {
    /// Columns that fit in one line.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Normal => COLUMNS,
            Self::Double => COLUMNS / 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Align {
    Left,
    Centre,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Print and cut. `reprint` heads the paper with 补打. Asked while the printer is being opened
    /// or cleaned, it waits for that.
    Print { slip: Box<Slip>, reprint: bool },
    /// The session is over: what has not started is not printed. Answered at once; an open
    /// `Print` is still answered by itself.
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The printer has worked through everything up to the cut, and reported after it that it is
    /// on line with nothing wrong: it came out.
    Printed,
    Cancelled,
}

/// Why a slip is not known to have come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Nothing was sent: no paper was used, asking again is safe.
    NotStarted(Fault),
    /// Nothing was sent: cancelled before it began, or another slip is being printed.
    Stopped,
    /// Bytes were sent and the end was not seen: it may have come out whole, in part or not at all.
    /// It is never sent again by itself.
    Uncertain(Fault),
    /// Nothing was sent: the slip cannot be printed here (too long a line, a code too big, a
    /// character that neither the printer nor the station's font has).
    Unprintable,
}

/// What is wrong with the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Port missing or unplugged.
    Missing,
    /// The port is there, nothing answers.
    Silent,
    /// Answers that are no status of this family.
    Garbage,
    PaperOut,
    CoverOpen,
    /// The cutter is stuck; recovered by DLE ENQ after the paper is freed.
    Cutter,
    /// The head is hot; it goes on by itself.
    Hot,
    /// Only a technician can help.
    Unrecoverable,
    /// Off line without saying why (the feed button, for one).
    OffLine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being opened and asked.
    Starting,
    Ready,
    Down(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    /// Paper near its end; printing goes on.
    pub paper_low: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub baud: u32,
    /// Dots across the paper.
    pub width_dots: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    StatusChanged(Status),
}

impl Event {
    /// The request that this answers, if it does.
    #[must_use]
    pub const fn answers(&self) -> Option<RequestId> {
        match self {
            Self::Done(id, _) | Self::Refused(id, _) => Some(*id),
            Self::StatusChanged(_) => None,
        }
    }
}
