//! A printer for whole pages of A4 (the receipt printer is another device).
//!
//! A document arrives as bytes that are laid out already; the printer says how many of its pages
//! came out. What stands on them is the asker's business, and who wants them is in no word here.

use kiosk_words::Private;

use crate::RequestId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub format: Format,
    pub bytes: Private<Vec<u8>>,
    /// As many sheets must come out: printed on one side, one copy.
    pub n_pages: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    Pdf,
    /// Pictures of pages, which every printer of IPP Everywhere takes.
    PwgRaster,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Asked while the printer is being looked at or cleared of strange jobs, it waits for that.
    Print(Document),
    /// The session is over: what has not come out does not come out. Answered at once; an open
    /// `Print` is still answered by itself.
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The printer says that it is done with the document.
    Printed {
        counted: Counted,
    },
    Cancelled,
}

/// What stands behind the word of a printer that it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// It counted as many pages as were asked for.
    ByPrinter,
    /// This printer counts nothing: a person has to look.
    NotCounted,
}

/// Why a document is not known to have come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Nothing came out, and nothing of it is left in the printer: asking again is safe.
    NotStarted(Fault),
    /// Nothing came out: cancelled before it began, or another document is being printed.
    Stopped,
    /// It was sent, and its end was not seen, or it ended early, or the count does not fit. It is
    /// never sent again by itself. `n_pages_out` is what the printer counted, if it did.
    Uncertain { fault: Fault, n_pages_out: Option<u16> },
    /// Nothing came out: this printer cannot print the document.
    Unprintable,
}

/// What is wrong with the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Nothing listens at its address: off, unplugged, or the address is another's.
    Missing,
    /// It is there and does not answer in time.
    Silent,
    /// Answers that are not those of a printer.
    Garbage,
    PaperOut,
    /// There is paper, but no A4.
    WrongPaper,
    TrayMissing,
    /// A sheet is stuck inside: it may be somebody's paper.
    PaperJam,
    CoverOpen,
    TonerEmpty,
    /// Nobody took the sheets that came out.
    OutputFull,
    /// Stopped at its own panel.
    Paused,
    /// It is busy with something that is not ours and does not end or cannot be removed.
    Occupied,
    /// It takes no jobs.
    NotAccepting,
    /// It says that it prints, and no page comes.
    Stalled,
    /// It says that all is done, and its count is another one.
    Miscounted,
    /// The job ended before its last page: cancelled, or given up by the printer.
    Aborted,
    /// Stopped by something that no visitor can mend.
    NeedsTechnician,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Being asked, or cleared of what others left in it.
    Starting,
    /// It prints what is asked for. Also while it prints.
    Ready,
    /// In the middle of a document, too: mended in time, it goes on with it.
    Down(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub health: Health,
    /// Is there A4 in it?
    pub a4: Loaded,
    /// Printing goes on.
    pub paper_low: bool,
    /// Printing goes on, paler.
    pub toner_low: bool,
    /// Printing goes on until the sheets lie too high.
    pub output_nearly_full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loaded {
    Yes,
    No,
    /// This printer does not say.
    Unknown,
}

/// What the printer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub model: String,
    pub firmware: Option<String>,
    pub formats: Vec<Format>,
    /// The finest, across and along the paper alike.
    pub resolution_dpi: Option<u16>,
    pub two_sided: bool,
    /// It has a counter of all pages that it ever printed. Whether it also counts those of one
    /// job is known only from a job.
    pub counts_pages: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Done(RequestId, Reply),
    Refused(RequestId, Refusal),
    StatusChanged(Status),
    /// Heard of it for the first time, or another printer stands at the address.
    Identified(Capabilities),
    /// So many pages of the open `Print` have come out.
    Progress {
        id: RequestId,
        n_pages_out: u16,
    },
}

impl Event {
    /// The request that this answers, if it does.
    #[must_use]
    pub const fn answers(&self) -> Option<RequestId> {
        match self {
            Self::Done(id, _) | Self::Refused(id, _) => Some(*id),
            Self::StatusChanged(_) | Self::Identified(_) | Self::Progress { .. } => None,
        }
    }
}
