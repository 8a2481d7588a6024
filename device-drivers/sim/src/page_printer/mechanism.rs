//! Paper on its way: tray, path, bin. One sheet at a time, on the twin's clock.
//!
//! ```text
//!  tray ──feed──▶ path (page_ms, the first also first_page_ms) ──▶ bin
//!                   │ jam, open cover: half a sheet, which comes out when the path is cleared
//!                   ▼
//!                 the page is printed once more when the printer goes on, as laser printers do
//! ```

use std::{collections::VecDeque, sync::Arc};

use image::GrayImage;
use kiosk_words::Moment;
use serde::Serialize;

use super::{
    Counting,
    document::{Document, half, png},
    job::{Job, State},
};

/// The bin holds so many sheets; then its flap says that it is full.
pub const BIN_SHEETS: u32 = 100;
/// And so many are nearly full.
pub const BIN_NEARLY: u32 = 80;
/// Sheets whose pictures are kept.
const N_KEPT: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Whole,
    /// Torn out of the path.
    Half,
}

/// A sheet that came out.
#[derive(Debug, Clone, Serialize)]
pub struct Sheet {
    /// Counted from 1 since the twin was made.
    pub no: u32,
    pub job: String,
    /// Page of its document, counted from 1.
    pub page: u16,
    pub end: End,
    #[serde(skip)]
    document: Arc<Document>,
}

impl PartialEq for Sheet {
    fn eq(&self, other: &Self) -> bool {
        (self.no, self.page, self.end) == (other.no, other.page, other.end)
    }
}

impl Sheet {
    /// Drawn when somebody looks at it.
    #[must_use]
    pub fn picture(&self) -> Option<GrayImage> {
        let picture = self.document.picture(self.page)?;
        Some(match self.end {
            End::Whole => picture,
            End::Half => half(picture),
        })
    }

    #[must_use]
    pub fn png(&self) -> Option<Vec<u8>> {
        self.picture().map(|picture| png(&picture))
    }
}

#[derive(Debug)]
pub(super) struct Mechanism {
    pub(super) n_sheets: u32,
    /// When the sheet in the path comes out.
    pub(super) out_at: Option<Moment>,
    /// Half a sheet that nobody has taken out of the path.
    stuck: Option<Sheet>,
    /// It jams at this page of a document, counted from 1.
    pub(super) jams_at: Option<u16>,
    pub(super) bin: VecDeque<Arc<Sheet>>,
    pub(super) n_in_bin: u32,
    next_no: u32,
    /// Pages of its whole life.
    pub(super) n_ever: u32,
    pub(super) page_ms: u64,
    pub(super) first_page_ms: u64,
    /// It has printed a page of the job at hand.
    is_warm: bool,
}

impl Mechanism {
    pub(super) const fn new(n_sheets: u32) -> Self {
        Self {
            n_sheets,
            out_at: None,
            stuck: None,
            jams_at: None,
            bin: VecDeque::new(),
            n_in_bin: 0,
            next_no: 1,
            n_ever: 4_711,
            page_ms: 2_000,
            first_page_ms: 3_000,
            is_warm: false,
        }
    }

    pub(super) const fn is_jammed(&self) -> bool {
        self.stuck.is_some()
    }

    pub(super) const fn begin(&mut self) {
        self.is_warm = false;
    }

    /// Takes the next sheet from the tray.
    pub(super) fn feed(&mut self, now: Moment) {
        self.n_sheets = self.n_sheets.saturating_sub(1);
        let first_ms = if self.is_warm { 0 } else { self.first_page_ms };
        self.is_warm = true;
        self.out_at = Some(now.plus_ms(first_ms + self.page_ms));
    }

    /// The sheet in the path has arrived, or stuck.
    pub(super) fn arrive(&mut self, job: &mut Job) {
        self.out_at = None;
        let page = job.n_out + 1;
        if self.jams_at == Some(page) {
            self.jams_at = None;
            self.stuck = Some(self.sheet(job, page, End::Half));
            return;
        }
        let sheet = self.sheet(job, page, End::Whole);
        self.drop_into_bin(sheet);
        self.n_ever += 1;
        job.n_out = page;
    }

    /// The cover was opened over a moving sheet.
    pub(super) fn tear(&mut self, job: &Job) {
        if self.out_at.take().is_some() {
            self.stuck = Some(self.sheet(job, job.n_out + 1, End::Half));
        }
    }

    /// A hand takes out what is stuck and lays it down with the others.
    pub(super) fn clear_path(&mut self) {
        if let Some(sheet) = self.stuck.take() {
            self.drop_into_bin(sheet);
        }
    }

    /// The power is gone: the sheet stays where it is.
    pub(super) fn lose_power(&mut self, job: Option<&Job>) {
        match job {
            Some(job) => self.tear(job),
            None => self.out_at = None,
        }
        self.is_warm = false;
    }

    pub(super) fn empty_bin(&mut self) {
        self.bin.clear();
        self.n_in_bin = 0;
    }

    fn sheet(&mut self, job: &Job, page: u16, end: End) -> Sheet {
        let no = self.next_no;
        self.next_no += 1;
        Sheet { no, job: job.name.clone(), page, end, document: Arc::clone(&job.document) }
    }

    fn drop_into_bin(&mut self, sheet: Sheet) {
        self.n_in_bin += 1;
        self.bin.push_back(Arc::new(sheet));
        if self.bin.len() > N_KEPT {
            self.bin.pop_front();
        }
    }
}

/// What a lying printer makes of a job instead of printing it.
pub(super) fn lie(counting: Counting, job: &mut Job) -> bool {
    match counting {
        Counting::ClaimsAll => {
            job.n_claimed = Some(job.n_pages());
            job.state = State::Completed;
            true
        }
        Counting::StopsShort if job.n_out + 1 >= job.n_pages() && job.n_out > 0 => {
            job.state = State::Completed;
            true
        }
        Counting::StopsShort | Counting::Honest | Counting::LifeOnly | Counting::Nothing => false,
    }
}
