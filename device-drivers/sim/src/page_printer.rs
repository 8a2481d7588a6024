//! The twin of a page printer: IPP requests in, answers out, and sheets of paper in a bin.
//!
//! ```text
//!  request ──▶ order ──▶ queue of jobs ──the first──▶ mechanism: tray, path, bin ──▶ sheets
//!                │          ▲ kept or lost at power off      │ stands still: paper, tray, cover,
//!                └─ answer ─┘                                ▼ jam, toner, bin, panel, board
//! ```
//! [`PagePrinterTwin`] is the printer without a network, on any clock; [`server`] puts it on
//! loopback; [`bench`] is the driver's core and the printer with nothing between them. It counts
//! pages by printing them: a PDF with hayro, PWG raster with a decoder of its own. Its reasons are
//! errors, its stopped jobs are in state 6 and the printer in state 5, as real printers do and
//! ippeveprinter cannot.

pub mod bench;
pub mod document;
mod job;
mod look;
pub mod mechanism;
pub mod order;
pub mod pwg;
pub mod sample;
pub mod server;
pub mod trouble;

use std::collections::{BTreeMap, VecDeque};

use device_drivers::page_printer::codec::{A4, build};
use ipp::{attribute::IppAttribute, model::DelimiterTag};
use kiosk_words::Moment;
use serde::{Deserialize, Serialize};

use self::{
    document::Document,
    job::Job,
    mechanism::{BIN_NEARLY, BIN_SHEETS, Mechanism, lie},
    order::Order,
    trouble::{Planned, Trouble, name_of},
};
use crate::trouble::{Noise, Plan};

pub use self::{job::State, look::PagePrinterLook};

pub const MODEL: &str = "Nightdesk Twin A4";
const FIRMWARE: &str = "1.04";
/// From power to the first answer.
const BOOT_MS: u64 = 1_500;
/// A full tray.
pub const TRAY_SHEETS: u32 = 250;
const PAPER_LOW: u32 = 20;
const TONER_LOW_PERCENT: u8 = 10;
/// Jobs that are over and still known by number.
const N_OVER_MAX: usize = 32;
const N_REQUESTS_KEPT: usize = 40;

const OK: u16 = 0x0000;
const NOT_POSSIBLE: u16 = 0x0404;
const NOT_FOUND: u16 = 0x0406;
const NO_FORMAT: u16 = 0x040A;
const NOT_ACCEPTING: u16 = 0x0506;
const BUSY: u16 = 0x0507;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant),+ }
    )+};
}

choices! {
    Power { On, Off }
    /// The cable. Without it nothing listens; a hung one takes connections and says nothing.
    Network { Plugged, Unplugged, Hung }
    /// What the tray holds, as the printer says it.
    Media { A4, Letter, Unsaid }
    Tray { In, Out }
    Cover { Closed, Open }
    Panel { Running, Paused }
    Board { Working, Broken }
    Formats { PdfAndRaster, PdfOnly, RasterOnly }
    /// What it says of pages.
    Counting {
        Honest,
        /// Every job is done at once, with the right count, and nothing comes out.
        ClaimsAll,
        /// The last page of several is left out, and the job is done.
        StopsShort,
        /// Only the counter of its life.
        LifeOnly,
        Nothing,
    }
    Cancelling { Obeys, Refuses }
    /// A second job while one is in it.
    Queueing { Queues, RefusesSecond }
}

/// The human hand, and the ways printers differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    SetPaper {
        n_sheets: u32,
    },
    SetMedia(Media),
    SetTray(Tray),
    SetCover(Cover),
    /// The next document that has such a page jams there.
    JamAt {
        page: u16,
    },
    /// The sheet that is stuck is taken out and lies with the others.
    ClearJam,
    SetToner {
        percent: u8,
    },
    SetPanel(Panel),
    SetBoard(Board),
    SetAccepting(bool),
    SetFormats(Formats),
    SetCounting(Counting),
    SetCancelling(Cancelling),
    SetQueueing(Queueing),
    /// Whether jobs are still there after power was off.
    SetQueueMemory {
        keeps: bool,
    },
    SetSpeed {
        first_page_ms: u64,
        page_ms: u64,
    },
    SetPower(Power),
    SetNetwork(Network),
    /// Somebody prints from another machine.
    AddStranger {
        n_pages: u16,
    },
    /// So many sheets lie in the bin; their pictures do not.
    FillBin {
        n_sheets: u32,
    },
    /// Somebody takes what lies in the bin.
    TakeSheets,
    Plan(Planned),
    ClearPlan,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Answer {
        bytes: Vec<u8>,
        after_ms: u64,
    },
    /// A page of its web server, as answer to anything.
    WebPage,
    /// The connection ends.
    Cut,
    /// The connection stands and nothing comes.
    Nothing,
}

#[derive(Debug)]
pub struct PagePrinterTwin {
    /// As its requests call it.
    uri: String,
    at: Moment,
    power: Power,
    awake_at: Moment,
    network: Network,
    media: Media,
    tray: Tray,
    cover: Cover,
    toner_percent: u8,
    panel: Panel,
    board: Board,
    accepting: bool,
    formats: Formats,
    counting: Counting,
    cancelling: Cancelling,
    queueing: Queueing,
    keeps_queue: bool,
    mechanism: Mechanism,
    jobs: BTreeMap<i32, Job>,
    next_id: i32,
    plan: Plan<Trouble>,
    noise: Noise,
    n_requests: u64,
    requests: VecDeque<&'static str>,
}

impl Default for PagePrinterTwin {
    fn default() -> Self {
        Self::new()
    }
}

impl PagePrinterTwin {
    /// Switched on long ago, with a full tray.
    #[must_use]
    pub fn new() -> Self {
        Self {
            uri: "ipp://127.0.0.1/ipp/print".to_owned(),
            at: Moment(0),
            power: Power::On,
            awake_at: Moment(0),
            network: Network::Plugged,
            media: Media::A4,
            tray: Tray::In,
            cover: Cover::Closed,
            toner_percent: 100,
            panel: Panel::Running,
            board: Board::Working,
            accepting: true,
            formats: Formats::PdfAndRaster,
            counting: Counting::Honest,
            cancelling: Cancelling::Obeys,
            queueing: Queueing::Queues,
            keeps_queue: true,
            mechanism: Mechanism::new(TRAY_SHEETS),
            jobs: BTreeMap::new(),
            next_id: 1,
            plan: Plan::new(),
            noise: Noise::new(0x6A09_E667),
            n_requests: 0,
            requests: VecDeque::new(),
        }
    }

    /// What the printer does with a request and the document behind it.
    pub fn hear(&mut self, bytes: Vec<u8>, now: Moment) -> Said {
        self.catch_up(now);
        if !self.is_awake() || self.network == Network::Unplugged {
            return Said::Cut;
        }
        if self.network == Network::Hung {
            return Said::Nothing;
        }
        let Some((operation, request_id, order)) = order::read(&bytes) else { return Said::Cut };
        let name = name_of(operation);
        self.note(name);
        let trouble = self.plan.take(|planned| planned.concerns(name));
        if trouble.is_some_and(|trouble| !trouble.is_done()) {
            return self.undone(trouble, request_id);
        }
        let (status, groups) = match order {
            Ok(order) => self.obey(order, bytes),
            Err(refused) => (refused.status, Vec::new()),
        };
        self.catch_up(now);
        let answer = build::message(status, request_id, groups);
        self.said(trouble, answer)
    }

    pub fn touch(&mut self, act: Act, now: Moment) {
        self.catch_up(now);
        self.act(act);
        self.catch_up(now);
    }

    pub fn look(&mut self, now: Moment) -> PagePrinterLook {
        self.catch_up(now);
        self.look_at_it()
    }

    /// When something happens by itself.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let wakes = (self.power == Power::On && self.at < self.awake_at).then_some(self.awake_at);
        [wakes, self.mechanism.out_at].into_iter().flatten().min()
    }

    /// Whether anybody listens at its address.
    #[must_use]
    pub fn listens(&mut self, now: Moment) -> bool {
        self.catch_up(now);
        self.is_awake() && self.network != Network::Unplugged
    }

    pub(crate) fn set_uri(&mut self, uri: String) {
        self.uri = uri;
    }

    fn is_awake(&self) -> bool {
        self.power == Power::On && self.at >= self.awake_at
    }

    fn note(&mut self, name: &'static str) {
        self.n_requests += 1;
        self.requests.push_back(name);
        if self.requests.len() > N_REQUESTS_KEPT {
            self.requests.pop_front();
        }
    }

    // ---- answers ----

    fn undone(&self, trouble: Option<Trouble>, request_id: i32) -> Said {
        match trouble {
            Some(Trouble::Status { code }) => {
                Said::Answer { bytes: build::message(code, request_id, Vec::new()), after_ms: 0 }
            }
            Some(Trouble::WebPage) => Said::WebPage,
            Some(_) | None => Said::Cut,
        }
    }

    fn said(&mut self, trouble: Option<Trouble>, mut bytes: Vec<u8>) -> Said {
        let mut after_ms = 0;
        match trouble {
            None | Some(Trouble::Drop | Trouble::WebPage | Trouble::Status { .. }) => {}
            Some(Trouble::Mute) => return Said::Nothing,
            Some(Trouble::Cut) => return Said::Cut,
            Some(Trouble::Late { ms }) => after_ms = ms,
            Some(Trouble::Truncate) => bytes.truncate(bytes.len() / 2),
            Some(Trouble::Garble) => bytes.iter_mut().for_each(|byte| *byte ^= self.noise.byte()),
        }
        Said::Answer { bytes, after_ms }
    }

    fn obey(
        &mut self,
        order: Order,
        bytes: Vec<u8>,
    ) -> (u16, Vec<(DelimiterTag, Vec<IppAttribute>)>) {
        match order {
            Order::GetPrinter { wanted } => {
                let mut group = self.attributes();
                let all = wanted.is_empty() || wanted.iter().any(|name| name == "all");
                group.retain(|one| all || wanted.iter().any(|name| name == one.name().as_str()));
                (OK, vec![(DelimiterTag::PrinterAttributes, group)])
            }
            Order::GetJobs { completed } => {
                let listed = self.jobs.iter().filter(|(_, job)| job.state.is_over() == completed);
                let group = |(id, job): (&i32, &Job)| {
                    (DelimiterTag::JobAttributes, job.attributes(*id, &self.uri, self.counting))
                };
                (OK, listed.map(group).collect())
            }
            Order::GetJob { id } => match self.jobs.get(&id) {
                Some(job) => {
                    let group = job.attributes(id, &self.uri, self.counting);
                    (OK, vec![(DelimiterTag::JobAttributes, group)])
                }
                None => (NOT_FOUND, Vec::new()),
            },
            Order::Cancel { id } => (self.cancel(id), Vec::new()),
            Order::Print { name, mime, media: _, document_at } => {
                self.print(name, &mime, bytes.get(document_at..).unwrap_or_default().to_vec())
            }
        }
    }

    fn attributes(&self) -> Vec<IppAttribute> {
        let formats: &[&str] = match self.formats {
            Formats::PdfAndRaster => &["application/pdf", "image/pwg-raster"],
            Formats::PdfOnly => &["application/pdf"],
            Formats::RasterOnly => &["image/pwg-raster"],
        };
        let reasons = self.reasons();
        let is_stopped = reasons.iter().any(|reason| reason.ends_with("-error"));
        let state = match (is_stopped, self.current().is_some()) {
            (true, _) => 5,
            (false, true) => 4,
            (false, false) => 3,
        };
        let mut group = vec![
            build::text("printer-make-and-model", MODEL),
            build::text("printer-firmware-string-version", FIRMWARE),
            build::media_types("document-format-supported", formats.iter().copied()),
            build::resolution("printer-resolution-supported", 600),
            build::keywords("sides-supported", ["one-sided", "two-sided-long-edge"]),
            build::number("printer-state", state),
            if reasons.is_empty() {
                build::keyword("printer-state-reasons", "none")
            } else {
                build::keywords("printer-state-reasons", reasons)
            },
            build::boolean("printer-is-accepting-jobs", self.accepting),
        ];
        match self.media {
            // An empty or missing tray has no paper ready.
            Media::A4 | Media::Letter if self.mechanism.n_sheets == 0 || self.tray == Tray::Out => {
                group.push(build::nothing("media-ready"));
            }
            Media::A4 => group.push(build::keyword("media-ready", A4)),
            Media::Letter => group.push(build::keyword("media-ready", "na_letter_8.5x11in")),
            Media::Unsaid => {}
        }
        let has_counter = match self.counting {
            Counting::Honest | Counting::ClaimsAll | Counting::StopsShort | Counting::LifeOnly => {
                true
            }
            Counting::Nothing => false,
        };
        if has_counter {
            let n_ever = i32::try_from(self.mechanism.n_ever).unwrap_or(i32::MAX);
            group.push(build::integer("printer-impressions-completed", n_ever));
        }
        group
    }

    fn reasons(&self) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        let wants_paper = self.current().is_some();
        let has_a4 = self.media != Media::Letter;
        for (is_so, reason) in [
            (self.mechanism.is_jammed(), "media-jam-error"),
            (self.cover == Cover::Open, "cover-open-error"),
            (self.tray == Tray::Out, "input-tray-missing-error"),
            (self.tray == Tray::In && self.mechanism.n_sheets == 0, "media-empty-error"),
            (wants_paper && (self.mechanism.n_sheets == 0 || !has_a4), "media-needed-error"),
            (self.toner_percent == 0, "toner-empty-error"),
            (self.mechanism.n_in_bin >= BIN_SHEETS, "output-area-full-error"),
            (self.board == Board::Broken, "fuser-under-temp-error"),
            (self.panel == Panel::Paused, "paused-error"),
            ((1..PAPER_LOW).contains(&self.mechanism.n_sheets), "media-low-warning"),
            ((1..TONER_LOW_PERCENT).contains(&self.toner_percent), "toner-low-warning"),
            (
                (BIN_NEARLY..BIN_SHEETS).contains(&self.mechanism.n_in_bin),
                "output-area-almost-full-warning",
            ),
        ] {
            if is_so {
                reasons.push(reason);
            }
        }
        reasons
    }

    // ---- jobs ----

    fn print(
        &mut self,
        name: String,
        mime: &str,
        document: Vec<u8>,
    ) -> (u16, Vec<(DelimiterTag, Vec<IppAttribute>)>) {
        let takes = match self.formats {
            Formats::PdfAndRaster => mime == "application/pdf" || mime == "image/pwg-raster",
            Formats::PdfOnly => mime == "application/pdf",
            Formats::RasterOnly => mime == "image/pwg-raster",
        };
        let is_busy = self.current().is_some() && self.queueing == Queueing::RefusesSecond;
        if !self.accepting {
            return (NOT_ACCEPTING, Vec::new());
        }
        if is_busy {
            return (BUSY, Vec::new());
        }
        if !takes {
            return (NO_FORMAT, Vec::new());
        }
        let id = self.next_id;
        self.next_id += 1;
        // What is in it is seen when it is worked on: it was accepted by then.
        let job = match Document::read(mime, document) {
            Ok(document) => Job::new(name, document),
            Err(why) => {
                tracing::info!(%why, "a document that cannot be printed");
                let mut job = Job::new(name, Document::none());
                (job.state, job.is_broken) = (State::Aborted, true);
                job
            }
        };
        let group = job.attributes(id, &self.uri, self.counting);
        self.jobs.insert(id, job);
        (OK, vec![(DelimiterTag::JobAttributes, group)])
    }

    fn add_stranger(&mut self, n_pages: u16) {
        if let Ok(document) = Document::read("application/pdf", sample::pdf(n_pages)) {
            self.jobs.insert(self.next_id, Job::new("holiday.pdf".to_owned(), document));
            self.next_id += 1;
        }
    }

    fn cancel(&mut self, id: i32) -> u16 {
        let is_moving = self.mechanism.out_at.is_some() && self.current() == Some(id);
        match self.jobs.get_mut(&id) {
            None => NOT_FOUND,
            Some(job) if job.state.is_over() || self.cancelling == Cancelling::Refuses => {
                NOT_POSSIBLE
            }
            Some(job) => {
                if is_moving {
                    job.is_leaving = true;
                } else {
                    job.state = State::Canceled;
                }
                OK
            }
        }
    }

    /// The job that is being printed or is next.
    fn current(&self) -> Option<i32> {
        self.jobs.iter().find(|(_, job)| !job.state.is_over()).map(|(id, _)| *id)
    }

    // ---- what happens by itself ----

    fn catch_up(&mut self, now: Moment) {
        loop {
            let is_stopped = self.is_stopped();
            self.work(is_stopped);
            match self.deadline() {
                Some(due) if due <= now => {
                    self.at = self.at.max(due);
                    if self.mechanism.out_at.is_some_and(|out_at| out_at <= self.at) {
                        self.arrive();
                    }
                }
                Some(_) | None => break,
            }
        }
        self.at = self.at.max(now);
        while self.jobs.len() > N_OVER_MAX {
            let oldest = self.jobs.iter().find(|(_, job)| job.state.is_over()).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.jobs.remove(&oldest);
        }
    }

    fn is_stopped(&self) -> bool {
        !self.is_awake() || self.reasons().iter().any(|reason| reason.ends_with("-error"))
    }

    /// The first job goes on, if it can.
    fn work(&mut self, is_stopped: bool) {
        if self.power == Power::Off || self.mechanism.out_at.is_some() {
            return;
        }
        let Some(id) = self.current() else { return };
        let now_s = i32::try_from(self.at.0 / 1_000).unwrap_or(i32::MAX);
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if is_stopped {
            // Work on it has begun as far as the printer is concerned only if it ever could.
            if job.begun_s.is_some() {
                job.state = State::Stopped;
            }
            return;
        }
        if job.begun_s.is_none() {
            job.begun_s = Some(now_s);
            self.mechanism.begin();
        }
        job.state = State::Processing;
        if !lie(self.counting, job) {
            self.mechanism.feed(self.at);
        }
    }

    fn arrive(&mut self) {
        let Some(id) = self.current() else {
            self.mechanism.out_at = None;
            return;
        };
        let Some(job) = self.jobs.get_mut(&id) else { return };
        self.mechanism.arrive(job);
        if self.mechanism.is_jammed() && job.is_leaving {
            job.state = State::Canceled;
        } else if job.n_out == job.n_pages() {
            job.state = State::Completed;
        } else if job.is_leaving {
            job.state = State::Canceled;
        }
    }

    fn set_cover(&mut self, cover: Cover) {
        if cover == Cover::Open
            && let Some(job) = self.current().and_then(|id| self.jobs.get(&id))
        {
            self.mechanism.tear(job);
        }
        // Whoever opens it takes out what hinders the closing.
        if cover == Cover::Closed {
            self.mechanism.clear_path();
        }
        self.cover = cover;
    }

    fn set_power(&mut self, power: Power) {
        match (self.power, power) {
            (Power::On, Power::Off) => {
                let job = self.current().and_then(|id| self.jobs.get(&id));
                self.mechanism.lose_power(job);
                if self.keeps_queue {
                    self.jobs.values_mut().filter(|job| !job.state.is_over()).for_each(|job| {
                        (job.state, job.is_leaving) = (State::Pending, false);
                    });
                } else {
                    self.jobs.clear();
                    self.next_id = 1;
                }
            }
            (Power::Off, Power::On) => {
                self.awake_at = self.at.plus_ms(BOOT_MS);
                // It clears its path when it starts.
                self.mechanism.clear_path();
            }
            (Power::On, Power::On) | (Power::Off, Power::Off) => {}
        }
        self.power = power;
    }
}
