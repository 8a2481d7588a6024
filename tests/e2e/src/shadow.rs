//! The page model: a second real `Station` in memory whose effects are answered as a healthy
//! shell would answer them. It goes where the player's touches lead, so its view is what the
//! window must show. It never sees the real station.
//!
//! ```text
//!  touch ─► headless page ─► Intent ─► Station ─► Show ─► headless page ─► expected pixels
//!                                         │ ▲
//!                              other effects └─ answers: desk of cards, papers, cases in memory
//! ```

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Context, Result};
use device_api::{
    camera::Frame,
    id_reader::{Health, IdCard, Status},
};
use device_drivers::camera::quality;
use hall_api::receipt::ReceiptCode;
use image::imageops::FilterType;
use kiosk_core::{
    Effect, EffectId, Event, Station,
    custody::Stored,
    effect::{Outgoing, Query, Refusal, Reply, Request, Scan},
    event::{
        Delivery, FeedItem, FoundCase, HallLink, Interrupted, PastStep, PersistError, Prints,
        Recovered, SendError, Step,
    },
    record::{FiledCase, Record},
    station::Config,
    view::{ImageId, Intent, Revision, View},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_ui::{Picture, PictureSource};
use kiosk_words::{
    CaseId, CaseState, Digest32, Epoch, Handling, Moment, Private, ReceiptNo, Seq, ServiceTime,
};
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;

/// Counters as a first block of the hall; numbers on the page are masked.
const COUNTERS: (u32, u32) = (1, 10_000);
/// Longer side of the picture of a page that the program keeps for the screen.
const PREVIEW_SIDE_PX: u32 = 1400;
/// Answers and follow-ups of one touch; more is an endless loop.
const STEPS_MAX: usize = 10_000;

/// Whether the hall can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hall {
    Up,
    Down,
}

/// One filed case as the store would find it.
#[derive(Debug)]
struct Kept {
    owners: Vec<Private<String>>,
    found: FoundCase,
}

/// What lies under the lens and in the picture table.
#[derive(Debug, Default)]
struct Desk {
    card: Option<Box<IdCard>>,
    reading: Option<EffectId>,
    paper: Option<Frame>,
    pictures: BTreeMap<ImageId, Picture>,
    n_images: u64,
}

/// The page model.
#[derive(Debug)]
pub struct Shadow {
    station: Station,
    config: Config,
    catalogue: Catalogue,
    clock: Clock,
    wake: Option<Moment>,
    desk: Desk,
    hall: Hall,
    disk_is_full: bool,
    kept: Vec<Kept>,
    outbox: BTreeMap<Seq, CaseId>,
    scans: Vec<CaseId>,
    next_counter: u32,
    n_seq: u64,
    n_feed: u64,
    n_sessions: u64,
    session: Option<u64>,
    queue: VecDeque<Event>,
}

impl PictureSource for Shadow {
    fn picture(&self, image: ImageId) -> Option<Picture> {
        self.desk.pictures.get(&image).cloned()
    }
}

impl Shadow {
    pub fn new(config: Config, catalogue: Catalogue, clock: &Clock) -> Result<Self> {
        let first = recovered(COUNTERS.0, None, 1);
        let (station, effects) =
            Station::new(config.clone(), catalogue.clone(), first, clock.now());
        let mut shadow = Self {
            station,
            config,
            catalogue,
            clock: clock.clone(),
            wake: None,
            desk: Desk::default(),
            hall: Hall::Up,
            disk_is_full: false,
            kept: Vec::new(),
            outbox: BTreeMap::new(),
            scans: Vec::new(),
            next_counter: COUNTERS.0,
            n_seq: 0,
            n_feed: 0,
            n_sessions: 0,
            session: None,
            queue: VecDeque::new(),
        };
        shadow.begin(effects)?;
        Ok(shadow)
    }

    fn begin(&mut self, effects: Vec<Effect>) -> Result<()> {
        self.perform(effects);
        self.queue.push_back(Event::Reader(ready()));
        self.queue.push_back(Event::Hall(self.link()));
        self.settle()
    }

    fn link(&self) -> HallLink {
        match self.hall {
            Hall::Up => HallLink::Up { hall_time: ServiceTime(self.clock.now().wall.0) },
            Hall::Down => HallLink::Down,
        }
    }

    /// What the window must show.
    pub fn view(&self) -> Result<View> {
        self.station.view().cloned().context("the page model shows nothing")
    }

    /// The case filed last, with the number of its receipt.
    pub fn last_case(&self) -> Option<(CaseId, ReceiptNo)> {
        self.kept.last().map(|kept| (kept.found.case, kept.found.receipt))
    }

    pub fn touch(&mut self, revision: Revision, intent: Intent) -> Result<()> {
        self.queue.push_back(Event::Intent { revision, intent });
        self.settle()
    }

    /// Lets time pass up to now: time-outs and the clock on the screen.
    pub fn pass_time(&mut self) -> Result<()> {
        let now = self.clock.now().moment;
        if self.wake.is_some_and(|wake| wake <= now) {
            self.wake = None;
            self.queue.push_back(Event::Woken);
        }
        self.settle()
    }

    pub fn lay_card(&mut self, card: IdCard) -> Result<()> {
        self.desk.card = Some(Box::new(card));
        self.read_card();
        self.settle()
    }

    pub fn lift_card(&mut self) {
        self.desk.card = None;
    }

    pub fn lay_paper(&mut self, frame: Frame) {
        self.desk.paper = Some(frame);
    }

    pub fn take_paper(&mut self) {
        self.desk.paper = None;
    }

    pub fn set_hall(&mut self, hall: Hall) -> Result<()> {
        self.hall = hall;
        self.queue.push_back(Event::Hall(self.link()));
        self.settle()
    }

    pub const fn fill_disk(&mut self) {
        self.disk_is_full = true;
    }

    pub fn empty_disk(&mut self) -> Result<()> {
        self.disk_is_full = false;
        self.queue.push_back(Event::RoomAgain);
        self.settle()
    }

    /// The printed number of the receipt last shown, as the person's receipt says.
    pub fn set_receipt(&mut self, receipt: ReceiptNo) {
        if let Some(kept) = self.kept.last_mut() {
            kept.found.receipt = receipt;
        }
    }

    /// The hall's clerk accepted this case.
    pub fn accepted(&mut self, case: CaseId, number: &str, on: &str) -> Result<()> {
        self.n_feed += 1;
        let handling = Handling::Accepted { number: number.into(), on: on.into() };
        let item = FeedItem::Handling { case, handling };
        self.queue.push_back(Event::Feed { cursor: self.n_feed, item });
        self.settle()
    }

    /// The station's process ended and starts again with what was stored.
    pub fn restart(&mut self) -> Result<()> {
        let interrupted = self.session.map(|session| Interrupted { session, filed: None });
        let mut stored = recovered(self.next_counter, interrupted, 2);
        stored.outbox = self.outbox.iter().map(|(seq, case)| (*seq, *case)).collect();
        stored.scans.clone_from(&self.scans);
        stored.feed_cursor = self.n_feed;
        let open = self.kept.iter().map(|kept| (kept.found.case, kept.found.state.clone()));
        stored.open_cases = open.collect();
        let (config, catalogue) = (self.config.clone(), self.catalogue.clone());
        let (station, effects) = Station::new(config, catalogue, stored, self.clock.now());
        self.station = station;
        self.desk.reading = None;
        self.desk.pictures.clear();
        self.session = None;
        self.wake = None;
        self.queue.clear();
        self.begin(effects)
    }

    fn settle(&mut self) -> Result<()> {
        for _ in 0..STEPS_MAX {
            let Some(event) = self.queue.pop_front() else { return Ok(()) };
            let effects = self.station.handle(event, self.clock.now());
            self.perform(effects);
        }
        anyhow::bail!("the page model does not come to rest")
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let answer = match effect {
                Effect::Persist { id, records } => Some(self.persist(id, records)),
                Effect::Ask { id, request } => self.ask(id, request),
                Effect::Find { id, query } => Some(self.find(id, &query)),
                Effect::Send { id, what } => Some(self.send(id, what)),
                Effect::Wake(at) => {
                    self.wake = Some(at);
                    None
                }
                Effect::Show(_) | Effect::Stop { .. } => None,
            };
            self.queue.extend(answer);
        }
    }

    // ---- the store ----

    fn persist(&mut self, id: EffectId, records: Vec<Record>) -> Event {
        let files_case = records.iter().any(|record| matches!(record, Record::CaseFiled(_)));
        if self.disk_is_full && files_case {
            return Event::PersistFailed { id, why: PersistError::Full };
        }
        let mut receipt_qr = None;
        for record in records {
            match record {
                Record::SessionOpened { session, .. } => {
                    self.n_sessions += 1;
                    self.session = Some(session);
                }
                Record::SessionClosed { .. } => self.session = None,
                Record::CaseFiled(filed) => receipt_qr = Some(self.keep(&filed)),
                Record::OutboxSettled { answers } => {
                    for (seq, _) in answers {
                        self.outbox.remove(&seq);
                    }
                }
                Record::ScansDelivered { case } => self.scans.retain(|waiting| *waiting != case),
                Record::CaseMoved { case, state, at } => self.moved(case, state, at),
                Record::FeedCursor(_)
                | Record::ReceiptBlock { .. }
                | Record::ServiceTime(_)
                | Record::Custody { .. }
                | Record::OrderReceived { .. }
                | Record::OrderChanged { .. }
                | Record::Frozen { .. }
                | Record::PrintStarted { .. }
                | Record::PrintEnded { .. }
                | Record::StaffFailed { .. }
                | Record::StaffPassed { .. }
                | Record::Audit { .. } => {}
            }
        }
        Event::Persisted { id, seq: Seq(self.n_seq), receipt_qr }
    }

    fn keep(&mut self, filed: &FiledCase) -> String {
        self.n_seq += 1;
        let seq = Seq(self.n_seq);
        self.next_counter = filed.next_counter;
        self.outbox.insert(seq, filed.case);
        if !filed.scans.is_empty() {
            self.scans.push(filed.case);
        }
        let history = vec![PastStep { at: filed.deposited, step: Step::Filed }];
        let found = FoundCase {
            case: filed.case,
            receipt: filed.receipt,
            matter: filed.matter.clone(),
            deposited: filed.deposited,
            state: filed.state.clone(),
            is_party: true,
            collects: Vec::new(),
            history,
        };
        self.kept.push(Kept { owners: filed.owners().cloned().collect(), found });
        let hash = digest(filed.receipt.digits().as_bytes());
        ReceiptCode::new(filed.receipt, self.config.epoch, seq, &hash).encode()
    }

    fn moved(&mut self, case: CaseId, state: CaseState, at: kiosk_words::WallTime) {
        let Some(kept) = self.kept.iter_mut().find(|kept| kept.found.case == case) else { return };
        let old = std::mem::replace(&mut kept.found.state, state.clone());
        let mut steps = Vec::new();
        if old.electronic != state.electronic {
            steps.push(Step::ReceivedByHall);
        }
        if old.originals != state.originals {
            steps.push(Step::Originals(state.originals));
        }
        if old.handling != state.handling {
            steps.push(Step::Handling(state.handling));
        }
        for step in steps {
            kept.found.history.insert(0, PastStep { at, step });
        }
    }

    fn find(&self, id: EffectId, query: &Query) -> Event {
        let Query::CasesOf { number } = query else {
            unreachable!("the house has no cabinet, so nobody asks for codes, slips or staff")
        };
        let theirs = self.kept.iter().rev().filter(|kept| kept.owners.contains(number));
        Event::Found { id, cases: theirs.map(|kept| kept.found.clone()).collect() }
    }

    // ---- the hall ----

    fn send(&self, id: EffectId, what: Outgoing) -> Event {
        match (self.hall, what) {
            (Hall::Down, _) => Event::SendFailed { id, why: SendError::Unreachable },
            (Hall::Up, Outgoing::Events { after }) => {
                let waiting = self.outbox.keys().filter(|seq| **seq > after);
                let answers = waiting.map(|seq| (*seq, Delivery::Accepted)).collect();
                Event::Acked { id, answers }
            }
            (Hall::Up, Outgoing::Scans { case }) => Event::ScansDelivered { id, case },
        }
    }

    // ---- the devices ----

    fn ask(&mut self, id: EffectId, request: Request) -> Option<Event> {
        match request {
            Request::ReadCard(_) => {
                self.desk.reading = Some(id);
                self.read_card();
                None
            }
            Request::StopReading => {
                if let Some(open) = self.desk.reading.take() {
                    let stopped = Refusal::Card(device_api::id_reader::Refusal::Stopped);
                    self.queue.push_back(Event::Refused { id: open, refusal: stopped });
                }
                Some(Event::Done { id, reply: Reply::Stopped })
            }
            Request::Capture { .. } => Some(self.capture(id)),
            Request::Discard { image } => {
                self.desk.pictures.remove(&image);
                Some(Event::Done { id, reply: Reply::Discarded })
            }
            Request::Hash { text } => {
                let reply = Reply::Hashed(digest(text.expose().as_bytes()));
                Some(Event::Done { id, reply })
            }
            Request::Print { .. } | Request::OpenDoor(_) | Request::ReadCode => {
                unreachable!("the house has neither printer nor cabinet")
            }
            Request::ChangeKeys { .. } => Some(Event::Done { id, reply: Reply::KeysChanged }),
            Request::Wipe => {
                self.desk.pictures.clear();
                Some(Event::Done { id, reply: Reply::Wiped })
            }
        }
    }

    /// A card is read once; it must be lifted and laid again for another read.
    fn read_card(&mut self) {
        if let (Some(id), Some(card)) = (self.desk.reading, self.desk.card.take()) {
            self.desk.reading = None;
            self.queue.push_back(Event::Done { id, reply: Reply::Card(card) });
        }
    }

    fn capture(&mut self, id: EffectId) -> Event {
        if self.disk_is_full {
            return Event::Refused { id, refusal: Refusal::NoRoom };
        }
        let Some(frame) = &self.desk.paper else {
            let nothing = Refusal::Camera(device_api::camera::Fault::NothingThere);
            return Event::Refused { id, refusal: nothing };
        };
        match page_of(frame) {
            Ok((picture, scan)) => {
                self.desk.n_images += 1;
                let image = ImageId(self.desk.n_images);
                self.desk.pictures.insert(image, picture);
                Event::Done { id, reply: Reply::Captured { image, scan } }
            }
            Err(fault) => Event::Refused { id, refusal: Refusal::Camera(fault) },
        }
    }
}

/// Measured and made small as the program does before it seals a page.
fn page_of(frame: &Frame) -> Result<(Picture, Scan), device_api::camera::Fault> {
    let bad = device_api::camera::Fault::BadPicture;
    let encoded = frame.encoded.expose();
    let large = image::load_from_memory(encoded).map_err(|_| bad)?;
    let small = if large.width().max(large.height()) > PREVIEW_SIDE_PX {
        large.resize(PREVIEW_SIDE_PX, PREVIEW_SIDE_PX, FilterType::Triangle)
    } else {
        large
    };
    let small = small.into_rgb8();
    let (width_px, height_px) = small.dimensions();
    let picture = Picture { width_px, height_px, rgb: small.into_raw().into() };
    let scan = Scan {
        digest: digest(encoded),
        n_bytes: encoded.len().try_into().unwrap_or(u64::MAX),
        width_px: frame.width_px,
        height_px: frame.height_px,
        quality: quality(frame)?,
    };
    Ok((picture, scan))
}

fn digest(bytes: &[u8]) -> Digest32 {
    Digest32(Sha256::digest(bytes).into())
}

const fn ready() -> Status {
    Status { health: Health::Ready, card_present: false, module_id: None }
}

fn recovered(next: u32, interrupted: Option<Interrupted>, starts: u32) -> Recovered {
    Recovered {
        service_time: ServiceTime(0),
        recent_starts: starts,
        interrupted,
        last_session: 0,
        receipts: Some((next, COUNTERS.1)),
        outbox: Vec::new(),
        scans: Vec::new(),
        held: Vec::new(),
        feed_cursor: 0,
        open_cases: Vec::new(),
        full: false,
        custody: Stored::default(),
        prints: Prints::default(),
        lockouts: Vec::new(),
    }
}

fn slips() -> Result<Layouts> {
    Ok(Layouts::parse(&[
        ("receipt.toml", include_str!("../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../assets/slips/collection.toml")),
    ])?)
}

/// The house's station, with an epoch and a seed of its own.
pub fn config_of_the_house(phone: &str) -> Result<Config> {
    use crate::house::{STATION, STATION_NAME_EN, STATION_NAME_ZH};
    Ok(Config {
        station: STATION.try_into().map_err(anyhow::Error::msg)?,
        name_zh: STATION_NAME_ZH.into(),
        name_en: STATION_NAME_EN.into(),
        phone: phone.into(),
        epoch: Epoch(uuid::Uuid::from_u128(1)),
        cabinet: Vec::new(),
        kept_for_results: 0,
        has_printer: false,
        slips: slips()?,
        seed: [17; 32],
    })
}
