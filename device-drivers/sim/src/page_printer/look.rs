//! What a person sees who looks at the printer, its tray and its bin.

use std::sync::Arc;

use serde::Serialize;

use super::{
    Act, Board, Cancelling, Counting, Cover, Formats, Media, Network, PagePrinterTwin, Panel,
    Power, Queueing, Tray, job::State, mechanism::Sheet, trouble::Planned,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobLook {
    pub id: i32,
    pub name: String,
    pub state: State,
    pub n_pages: u16,
    pub n_out: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PagePrinterLook {
    pub power: Power,
    pub network: Network,
    pub is_awake: bool,
    pub n_sheets: u32,
    pub media: Media,
    pub tray: Tray,
    pub cover: Cover,
    pub jammed: bool,
    pub jams_at: Option<u16>,
    pub toner_percent: u8,
    pub panel: Panel,
    pub board: Board,
    pub accepting: bool,
    pub formats: Formats,
    pub counting: Counting,
    pub cancelling: Cancelling,
    pub queueing: Queueing,
    pub keeps_queue: bool,
    pub page_ms: u64,
    /// Why it stands still, as it says it.
    pub reasons: Vec<&'static str>,
    /// Jobs that are not over, and the last that was.
    pub jobs: Vec<JobLook>,
    pub n_in_bin: u32,
    /// Pages of its whole life.
    pub n_ever: u32,
    /// Number of the newest sheet in the bin.
    pub newest: Option<u32>,
    /// Requests that it was asked since it was made, by name.
    pub n_requests: u64,
    /// The newest, oldest first.
    pub requests: Vec<&'static str>,
    pub planned: Vec<Planned>,
    /// What lies in the bin, oldest first. Served by itself.
    #[serde(skip)]
    pub sheets: Vec<Arc<Sheet>>,
}

impl PagePrinterTwin {
    pub(super) fn look_at_it(&self) -> PagePrinterLook {
        let last_over = self.jobs.iter().rfind(|(_, job)| job.state.is_over()).map(|(id, _)| *id);
        let shown =
            self.jobs.iter().filter(|(id, job)| !job.state.is_over() || Some(**id) == last_over);
        PagePrinterLook {
            power: self.power,
            network: self.network,
            is_awake: self.is_awake(),
            n_sheets: self.mechanism.n_sheets,
            media: self.media,
            tray: self.tray,
            cover: self.cover,
            jammed: self.mechanism.is_jammed(),
            jams_at: self.mechanism.jams_at,
            toner_percent: self.toner_percent,
            panel: self.panel,
            board: self.board,
            accepting: self.accepting,
            formats: self.formats,
            counting: self.counting,
            cancelling: self.cancelling,
            queueing: self.queueing,
            keeps_queue: self.keeps_queue,
            page_ms: self.mechanism.page_ms,
            reasons: self.reasons(),
            jobs: shown
                .map(|(id, job)| JobLook {
                    id: *id,
                    name: job.name.clone(),
                    state: job.state,
                    n_pages: job.n_pages(),
                    n_out: job.n_out,
                })
                .collect(),
            n_in_bin: self.mechanism.n_in_bin,
            n_ever: self.mechanism.n_ever,
            newest: self.mechanism.bin.back().map(|sheet| sheet.no),
            n_requests: self.n_requests,
            requests: self.requests.iter().copied().collect(),
            planned: self.plan.list(),
            sheets: self.mechanism.bin.iter().cloned().collect(),
        }
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::SetPaper { n_sheets } => self.mechanism.n_sheets = n_sheets,
            Act::SetMedia(media) => self.media = media,
            Act::SetTray(tray) => self.tray = tray,
            Act::SetCover(cover) => self.set_cover(cover),
            Act::JamAt { page } => self.mechanism.jams_at = Some(page),
            Act::ClearJam => self.mechanism.clear_path(),
            Act::SetToner { percent } => self.toner_percent = percent.min(100),
            Act::SetPanel(panel) => self.panel = panel,
            Act::SetBoard(board) => self.board = board,
            Act::SetAccepting(accepting) => self.accepting = accepting,
            Act::SetFormats(formats) => self.formats = formats,
            Act::SetCounting(counting) => self.counting = counting,
            Act::SetCancelling(cancelling) => self.cancelling = cancelling,
            Act::SetQueueing(queueing) => self.queueing = queueing,
            Act::SetQueueMemory { keeps } => self.keeps_queue = keeps,
            Act::SetSpeed { first_page_ms, page_ms } => {
                self.mechanism.first_page_ms = first_page_ms;
                self.mechanism.page_ms = page_ms;
            }
            Act::SetPower(power) => self.set_power(power),
            Act::SetNetwork(network) => self.network = network,
            Act::AddStranger { n_pages } => self.add_stranger(n_pages),
            Act::FillBin { n_sheets } => self.mechanism.n_in_bin = n_sheets,
            Act::TakeSheets => self.mechanism.empty_bin(),
            Act::Plan(planned) => self.plan.add(planned),
            Act::ClearPlan => self.plan.clear(),
        }
    }
}
