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
    locker::{DoorNo, DoorState},
    receipt_printer::Fault,
};
use device_drivers::camera::quality;
use image::imageops::FilterType;
use kiosk_core::{
    Effect, EffectId, Event, Station,
    custody::{CellPlan, Order},
    effect::{Outgoing, Query, Refusal, Reply, Request, Scan},
    event::{Delivery, FeedItem, HallLink, SendError},
    record::Record,
    station::Config,
    view::{ImageId, Intent, Revision, View},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_ui::{Picture, PictureSource};
use kiosk_words::{
    CaseId, CellSize, Content, Digest32, EnvelopeCode, Epoch, Handling, Moment, OrderId, Outcome,
    Private, ReceiptNo, Release, ServiceTime,
};
use sha2::{Digest as _, Sha256};
use testkit::ModelStore;

use crate::{
    clock::Clock,
    page_devices::{ModelCabinet, ModelPrinter, Print},
};

/// Longer side of the picture of a page that the program keeps for the screen.
const PREVIEW_SIDE_PX: u32 = 1400;
/// Answers and follow-ups of one touch; more is an endless loop.
const STEPS_MAX: usize = 10_000;
/// Events one batch takes, as the program's.
const BATCH_LEN: usize = 100;

/// Whether the hall can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hall {
    Up,
    Down,
}

/// What stands in the house beside screen, reader and camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitting {
    Plain,
    /// A receipt printer and a cabinet.
    WithLocker,
}

/// What lies under the lens and in the picture table.
#[derive(Debug, Default)]
struct Desk {
    card: Option<Box<IdCard>>,
    reading: Option<EffectId>,
    paper: Option<Frame>,
    /// What the code on the slip under the lens says.
    slip: Option<String>,
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
    store: ModelStore,
    cabinet: ModelCabinet,
    printer: ModelPrinter,
    /// Why it stops in the middle of the next slip.
    printer_fault: Option<Fault>,
    /// Pick-up codes as the house's paper says; the page model has drawn others.
    codes: BTreeMap<CaseId, String>,
    n_feed: u64,
    queue: VecDeque<Event>,
}

impl PictureSource for Shadow {
    fn picture(&self, image: ImageId) -> Option<Picture> {
        self.desk.pictures.get(&image).cloned()
    }
}

impl Shadow {
    pub fn new(config: Config, catalogue: Catalogue, clock: &Clock) -> Result<Self> {
        let mut store = ModelStore::new(config.station, config.epoch, ServiceTime(0));
        let first = store.recover(clock.now().moment.0);
        let (station, effects) =
            Station::new(config.clone(), catalogue.clone(), first, clock.now());
        let mut shadow = Self {
            station,
            cabinet: ModelCabinet::of(&config.cabinet),
            printer: ModelPrinter::default(),
            printer_fault: None,
            config,
            catalogue,
            clock: clock.clone(),
            wake: None,
            desk: Desk::default(),
            hall: Hall::Up,
            store,
            codes: BTreeMap::new(),
            n_feed: 0,
            queue: VecDeque::new(),
        };
        shadow.begin(effects)?;
        Ok(shadow)
    }

    fn begin(&mut self, effects: Vec<Effect>) -> Result<()> {
        self.perform(effects);
        self.queue.push_back(Event::Reader(ready()));
        if self.config.has_printer {
            self.queue.push_back(self.printer.status());
        }
        let doors = self.cabinet.news();
        self.queue.extend(doors);
        self.queue.push_back(Event::Hall(self.link()));
        self.settle()
    }

    fn link(&self) -> HallLink {
        match self.hall {
            Hall::Up => HallLink::Up { hall_time: ServiceTime(self.clock.now().wall.0) },
            Hall::Down => HallLink::Down,
        }
    }

    pub const fn hall(&self) -> Hall {
        self.hall
    }

    /// What the window must show.
    pub fn view(&self) -> Result<View> {
        self.station.view().cloned().context("the page model shows nothing")
    }

    /// The case that this person filed last, with the number of its receipt.
    pub fn case_of(&self, number: &Private<String>) -> Result<(CaseId, ReceiptNo)> {
        let theirs = self.store.find(number.expose());
        let newest = theirs.first().context("this person has filed no case")?;
        Ok((newest.case, newest.receipt))
    }

    /// The receipt filed last.
    pub fn last_receipt(&self) -> Option<ReceiptNo> {
        let newest = self.store.cases().max_by_key(|case| case.envelope.seq);
        newest.map(|case| case.filed.receipt)
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
        self.desk.slip = None;
    }

    pub fn set_hall(&mut self, hall: Hall) -> Result<()> {
        self.hall = hall;
        self.queue.push_back(Event::Hall(self.link()));
        self.settle()
    }

    pub fn fill_disk(&mut self) {
        self.store.disk.fill();
    }

    pub fn empty_disk(&mut self) -> Result<()> {
        self.store.disk.empty();
        self.queue.push_back(Event::RoomAgain);
        self.settle()
    }

    // ---- the hall's clerk ----

    fn hears(&mut self, item: FeedItem) -> Result<()> {
        self.n_feed += 1;
        self.queue.push_back(Event::Feed { cursor: self.n_feed, item });
        self.settle()
    }

    pub fn accepted(&mut self, case: CaseId, number: &str, on: &str) -> Result<()> {
        let handling = Handling::Accepted { number: number.into(), on: on.into() };
        self.hears(FeedItem::Handling { case, handling })
    }

    pub fn granted(&mut self, case: CaseId, on: &str) -> Result<()> {
        let handling = Handling::Decided { outcome: Outcome::Granted, on: on.into() };
        self.hears(FeedItem::Handling { case, handling })
    }

    /// A place for the result is asked for; those who filed may take it.
    pub fn ordered(&mut self, case: CaseId, id: OrderId) -> Result<()> {
        let filed = self.store.cases().find(|known| known.filed.case == case);
        let collectors = filed.context("no such case")?.filed.owners().cloned().collect();
        let (content, release) = (Content::Result, Release::Ordinary);
        let size = CellSize::A4;
        let order = Order { case, content, release, size, recalled: false };
        self.hears(FeedItem::Place { id, order, collectors })
    }

    // ---- doors and paper ----

    pub fn push_shut(&mut self, door: DoorNo) -> Result<()> {
        let moved = self.cabinet.moves(door, DoorState::Shut);
        self.queue.extend(moved);
        self.settle()
    }

    /// The next slip stops in its middle; then nothing is printed until somebody came.
    pub fn printer_stops(&mut self, fault: Fault) -> Result<()> {
        self.printer.will(Print::StopsInTheMiddle(fault));
        self.printer_fault = Some(fault);
        self.settle()
    }

    pub fn printer_works(&mut self) -> Result<()> {
        self.printer.will(Print::Works);
        let status = self.printer.status();
        self.queue.push_back(status);
        self.settle()
    }

    pub fn locker_falls_silent(&mut self) -> Result<()> {
        let told = self.cabinet.falls_silent();
        self.queue.extend(told);
        self.settle()
    }

    /// Every door is found shut.
    pub fn locker_speaks_again(&mut self) -> Result<()> {
        let told = self.cabinet.is_mended();
        self.queue.extend(told);
        self.settle()
    }

    /// What the newest paper of the page model's printer says.
    pub fn last_paper(&self) -> String {
        self.printer.last_paper()
    }

    /// The case that this paper speaks of.
    pub fn case_on_paper(&self, text: &str) -> Result<CaseId> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let named = self.store.cases().find(|c| digits.contains(&c.filed.receipt.digits()));
        Ok(named.context("the paper names no case of this station")?.filed.case)
    }

    /// The pick-up code that stands on the person's receipt.
    pub fn learn_code(&mut self, case: CaseId, code: &str) {
        self.codes.insert(case, code.to_owned());
    }

    pub fn code(&self, case: CaseId) -> Result<&str> {
        Ok(self.codes.get(&case).context("nobody has taken this receipt from the printer")?)
    }

    /// Lays the envelope of this case under the lens, its slip in the window.
    pub fn lay_envelope(&mut self, case: CaseId, receipt: ReceiptNo) {
        let custody = self.store.custody();
        let order = custody.orders.iter().find(|(_, order)| order.case == case);
        let code = match order {
            Some((id, order)) => EnvelopeCode { receipt, content: order.content, order: Some(*id) },
            None => EnvelopeCode::materials(receipt),
        };
        self.desk.slip = Some(code.encode());
    }

    /// The station's process ended and starts again with what was stored.
    pub fn restart(&mut self) -> Result<()> {
        let stored = self.store.recover(self.clock.now().moment.0);
        let (config, catalogue) = (self.config.clone(), self.catalogue.clone());
        let (station, effects) = Station::new(config, catalogue, stored, self.clock.now());
        self.station = station;
        self.desk.reading = None;
        self.desk.pictures.clear();
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
            match effect {
                Effect::Persist { id, records } => self.persist(id, &records),
                Effect::Ask { id, request } => self.ask(id, request),
                Effect::Find { id, query } => self.find(id, &query),
                Effect::Send { id, what } => self.send(id, what),
                Effect::Wake(at) => self.wake = Some(at),
                Effect::Show(_) | Effect::Stop { .. } => {}
            }
        }
    }

    // ---- the store ----

    fn persist(&mut self, id: EffectId, records: &[Record]) {
        let answer = match self.store.persist(records) {
            Ok(done) => Event::Persisted { id, seq: done.seq, receipt_qr: done.receipt_qr },
            Err(why) => Event::PersistFailed { id, why },
        };
        self.queue.push_back(answer);
    }

    fn find(&mut self, id: EffectId, query: &Query) {
        // Everything but the code, which stands on the house's paper.
        let answer = match query {
            Query::CodeIs { case, code } => {
                let right = self.codes.get(case).is_some_and(|known| known == code.expose());
                Event::CodeChecked { id, right }
            }
            Query::CasesOf { .. } | Query::CaseOf { .. } | Query::StaffIs { .. } => {
                self.store.answer(id, query)
            }
        };
        self.queue.push_back(answer);
    }

    // ---- the hall ----

    fn send(&mut self, id: EffectId, what: Outgoing) {
        let answer = match (self.hall, what) {
            (Hall::Down, _) => Event::SendFailed { id, why: SendError::Unreachable },
            (Hall::Up, Outgoing::Events { after }) => {
                let waiting = self.store.next_batch(after, BATCH_LEN).into_iter();
                let answers = waiting.map(|event| (event.seq, Delivery::Accepted)).collect();
                Event::Acked { id, answers }
            }
            (Hall::Up, Outgoing::Scans { case }) => Event::ScansDelivered { id, case },
        };
        self.queue.push_back(answer);
    }

    // ---- the devices ----

    fn ask(&mut self, id: EffectId, request: Request) {
        let done = |reply| Event::Done { id, reply };
        let answer = match request {
            Request::ReadCard(_) => {
                self.desk.reading = Some(id);
                return self.read_card();
            }
            Request::StopReading => {
                if let Some(open) = self.desk.reading.take() {
                    let stopped = Refusal::Card(device_api::id_reader::Refusal::Stopped);
                    self.queue.push_back(Event::Refused { id: open, refusal: stopped });
                }
                done(Reply::Stopped)
            }
            Request::Capture { .. } => self.capture(id),
            Request::Discard { image } => {
                self.desk.pictures.remove(&image);
                done(Reply::Discarded)
            }
            Request::Hash { text } => done(Reply::Hashed(digest(text.expose().as_bytes()))),
            Request::Print { slip, reprint } => {
                let told = self.printer.ask(id, &slip, reprint);
                self.queue.push_back(told);
                // A printer that stopped stays down until somebody came.
                if let Some(fault) = self.printer_fault.take() {
                    self.printer.will(Print::Refuses(fault));
                    self.queue.push_back(self.printer.status());
                }
                return;
            }
            Request::OpenDoor(door) => {
                let told = self.cabinet.ask(id, door);
                return self.queue.extend(told);
            }
            Request::ReadCode => {
                let refused = Event::Refused { id, refusal: Refusal::NoCode };
                self.desk.slip.clone().map_or(refused, |text| done(Reply::Code(text)))
            }
            Request::ChangeKeys { .. } => done(Reply::KeysChanged),
            Request::Wipe => {
                self.desk.pictures.clear();
                done(Reply::Wiped)
            }
        };
        self.queue.push_back(answer);
    }

    /// A card is read once; it must be lifted and laid again for another read.
    fn read_card(&mut self) {
        if let (Some(id), Some(card)) = (self.desk.reading, self.desk.card.take()) {
            self.desk.reading = None;
            self.queue.push_back(Event::Done { id, reply: Reply::Card(card) });
        }
    }

    fn capture(&mut self, id: EffectId) -> Event {
        if self.store.disk.is_full() {
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
                self.store.disk.keep_file(scan.digest, scan.n_bytes);
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

fn slips() -> Result<Layouts> {
    Ok(Layouts::parse(&[
        ("receipt.toml", include_str!("../../../assets/slips/receipt.toml")),
        ("deposit.toml", include_str!("../../../assets/slips/deposit.toml")),
        ("collection.toml", include_str!("../../../assets/slips/collection.toml")),
    ])?)
}

/// Doors of the twins' cabinet that are cells of the house: two for papers, one larger.
pub const CELLS: [(u16, CellSize); 3] = [(1, CellSize::A4), (2, CellSize::A4), (13, CellSize::A3)];
/// Cells that stay free for results.
pub const KEPT_FOR_RESULTS: usize = 1;

/// The house's station, with an epoch and a seed of its own.
pub fn config_of_the_house(phone: &str, fitting: Fitting) -> Result<Config> {
    use crate::house::{STATION, STATION_NAME_EN, STATION_NAME_ZH};
    let cell = |(door, size)| Some(CellPlan { door: DoorNo::new(door)?, size });
    let with_locker = fitting == Fitting::WithLocker;
    Ok(Config {
        station: STATION.try_into().map_err(anyhow::Error::msg)?,
        name_zh: STATION_NAME_ZH.into(),
        name_en: STATION_NAME_EN.into(),
        phone: phone.into(),
        epoch: Epoch(uuid::Uuid::from_u128(0x5c1d_be07_a94f_4d3e_8b62_f03c_9d7a_e184)),
        cabinet: CELLS.into_iter().filter(|_| with_locker).filter_map(cell).collect(),
        kept_for_results: if with_locker { KEPT_FOR_RESULTS } else { 0 },
        has_printer: with_locker,
        slips: slips()?,
        seed: [17; 32],
    })
}
