//! The page model: a second real `Station` in memory whose effects are answered as a healthy
//! shell would answer them. It goes where the player's touches lead, so its view is what the
//! window must show. It never sees the real station.
//!
//! ```text
//!  touch ─► headless page ─► Intent ─► Station ─► Show ─► headless page ─► expected pixels
//!                                         │ ▲
//!                              other effects └─ answers: desk of cards, papers, cases in memory
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
};

use anyhow::{Context, Result};
use device_api::{
    camera::Frame,
    code_scanner,
    id_reader::{Health, IdCard, Status},
    keypad,
    locker::{DoorNo, DoorState},
    receipt_printer::{Fault, Slip},
    room,
    smart_card::{self, Challenge, Pin, Slot},
};
use device_drivers::camera::quality;
use device_sim::smart_card::{Chip, bench::Bench};
use image::imageops::FilterType;
use kiosk_core::{
    Effect, EffectId, Event, Recovered, Station,
    custody::{CellPlan, CellState, Change, Order},
    diagnosis::Part,
    effect::{Outgoing, Query, Refusal, Reply, Request, Scan},
    event::{Delivery, FeedItem, FoundCase, HallLink, PersistError, SendError},
    out_of_service,
    record::Record,
    staff_card::StaffTrust,
    station::{Config, EXIT_POWER_OFF},
    view::{ImageId, Intent, Revision, View},
};
use kiosk_matters::{Catalogue, slips::Layouts};
use kiosk_ui::{Picture, PictureSource};
use kiosk_words::{
    CaseId, CellSize, Content, Digest32, EnvelopeCode, Epoch, Handling, Moment, Now, OrderId,
    Outcome, Private, ReceiptNo, Release, ServiceTime,
};
use sha2::{Digest as _, Sha256};
use testkit::ModelStore;

use crate::{
    books::{Books, KeptPage, filed_in},
    clock::Clock,
    page_devices::{ModelCabinet, ModelPrinter, Print},
    specimens,
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
    /// In the slot, and nobody has used it.
    chip_card: Option<Box<dyn Chip>>,
    /// A staff card that was read, and waits for its PIN.
    staff_card: Option<Bench>,
    is_slot_full: bool,
    reading_chip: Option<(EffectId, Challenge)>,
    paper: Option<Frame>,
    /// What the code on the slip under the lens says.
    slip: Option<String>,
    pictures: BTreeMap<ImageId, Picture>,
    n_images: u64,
    /// Earphones are in.
    jack: bool,
}

/// The page model.
#[derive(Debug)]
pub struct Shadow {
    station: Station,
    config: Config,
    catalogue: Catalogue,
    clock: Clock,
    /// When its program started, by that clock.
    started_ms: u64,
    wake: Option<Moment>,
    desk: Desk,
    hall: Hall,
    books: Books,
    /// Every write fails until the program starts again.
    disk_failed: bool,
    /// As written last; doors that nobody has looked behind are missing.
    cells: BTreeMap<DoorNo, CellState>,
    last_receipt: Option<ReceiptNo>,
    cabinet: ModelCabinet,
    printer: ModelPrinter,
    /// Why it stops in the middle of the next slip.
    printer_fault: Option<Fault>,
    /// Pick-up codes as the house's paper says; the page model has drawn others.
    codes: BTreeMap<CaseId, String>,
    n_feed: u64,
    queue: VecDeque<Event>,
    /// Staff have switched it off: the page that stays.
    switched_off: Option<View>,
}

impl PictureSource for Shadow {
    fn picture(&self, image: ImageId) -> Option<Picture> {
        self.desk.pictures.get(&image).cloned()
    }
}

impl Shadow {
    pub fn new(config: Config, catalogue: Catalogue, clock: &Clock) -> Result<Self> {
        let mut store = ModelStore::new(config.station, config.epoch, ServiceTime(0));
        let (first, started_ms) = (store.recover(clock.ms()), clock.ms());
        let now = since(clock, started_ms);
        let (station, effects) = Station::new(config.clone(), catalogue.clone(), first, now);
        let mut shadow = Self {
            station,
            cabinet: ModelCabinet::of(&config.cabinet),
            printer: ModelPrinter::default(),
            printer_fault: None,
            config,
            catalogue,
            clock: clock.clone(),
            started_ms,
            wake: None,
            desk: Desk::default(),
            hall: Hall::Up,
            books: Books::Model(Box::new(store)),
            disk_failed: false,
            cells: BTreeMap::new(),
            last_receipt: None,
            codes: BTreeMap::new(),
            n_feed: 0,
            queue: VecDeque::new(),
            switched_off: None,
        };
        shadow.begin(effects)?;
        Ok(shadow)
    }

    fn begin(&mut self, effects: Vec<Effect>) -> Result<()> {
        self.perform(effects)?;
        self.queue.push_back(Event::Reader(ready()));
        if self.config.has_chip_slot {
            let is_full = self.desk.is_slot_full;
            self.queue.push_back(slot(if is_full { Slot::Used } else { Slot::Empty }));
        }
        if self.config.has_scanner {
            let health = code_scanner::Health::Ready;
            self.queue.push_back(Event::Scanner(code_scanner::Status { health }));
        }
        self.queue.push_back(Event::Camera(device_api::camera::Health::Ready));
        if self.config.has_printer {
            self.queue.push_back(self.printer.status());
        }
        if self.config.has_room {
            self.queue.push_back(Event::Room(quiet_room()));
        }
        if self.config.has_keypad {
            self.queue.push_back(self.keypad());
        }
        let doors = self.cabinet.news();
        self.queue.extend(doors);
        self.queue.push_back(Event::Hall(self.link()));
        self.settle()
    }

    fn now(&self) -> Now {
        since(&self.clock, self.started_ms)
    }

    fn link(&self) -> HallLink {
        match self.hall {
            Hall::Up => HallLink::Up { hall_time: ServiceTime(self.now().wall.0) },
            Hall::Down => HallLink::Down,
        }
    }

    pub const fn hall(&self) -> Hall {
        self.hall
    }

    /// What the window must show.
    pub fn view(&self) -> Result<View> {
        let view = self.switched_off.as_ref().or_else(|| self.station.view());
        view.cloned().context("the page model shows nothing")
    }

    /// The case that this person filed last, with the number of its receipt.
    pub fn case_of(&self, number: &Private<String>) -> Result<(CaseId, ReceiptNo)> {
        let theirs = self.cases_of(number)?;
        let newest = theirs.first().context("this person has filed no case")?;
        Ok((newest.case, newest.receipt))
    }

    /// All cases of this person, newest first.
    pub fn cases_of(&self, number: &Private<String>) -> Result<Vec<FoundCase>> {
        self.books.cases_of(number)
    }

    pub const fn cells(&self) -> &BTreeMap<DoorNo, CellState> {
        &self.cells
    }

    /// The receipt filed last.
    pub const fn last_receipt(&self) -> Option<ReceiptNo> {
        self.last_receipt
    }

    pub fn touch(&mut self, revision: Revision, intent: Intent) -> Result<()> {
        self.queue.push_back(Event::Intent { revision, intent });
        self.settle()
    }

    /// Lets time pass up to now: time-outs and the clock on the screen.
    pub fn pass_time(&mut self) -> Result<()> {
        let now = self.now().moment;
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

    pub fn put_in_card(&mut self, card: Box<dyn Chip>) -> Result<()> {
        self.desk.chip_card = Some(card);
        self.desk.is_slot_full = true;
        self.queue.push_back(slot(Slot::Card));
        self.read_chip_card();
        self.settle()
    }

    pub fn take_out_card(&mut self) -> Result<()> {
        (self.desk.chip_card, self.desk.staff_card) = (None, None);
        self.desk.is_slot_full = false;
        self.queue.push_back(slot(Slot::Empty));
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

    pub fn fill_disk(&mut self) -> Result<()> {
        self.books.model().context("a copied store has this machine's disk")?.disk.fill();
        Ok(())
    }

    /// From now on every write fails.
    pub fn disk_fails(&mut self) {
        self.disk_failed = true;
    }

    pub fn empty_disk(&mut self) -> Result<()> {
        self.books.model().context("a copied store has this machine's disk")?.disk.empty();
        self.queue.push_back(Event::RoomAgain);
        self.settle()
    }

    // ---- the hall's clerk ----

    fn hears(&mut self, item: FeedItem) -> Result<()> {
        self.n_feed += 1;
        self.queue.push_back(Event::Feed { cursor: self.n_feed, item });
        self.settle()
    }

    /// Which staff cards are good.
    pub fn trusts(&mut self, trust: StaffTrust) -> Result<()> {
        self.hears(FeedItem::StaffTrust(trust))
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
        let collectors = self.books.owners(case)?;
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

    pub fn press(&mut self, key: keypad::Key) -> Result<()> {
        self.queue.push_back(Event::Keypad(keypad::Event::Pressed(key)));
        self.settle()
    }

    pub fn plug_earphones(&mut self, are_in: bool) -> Result<()> {
        self.desk.jack = are_in;
        self.queue.push_back(self.keypad());
        if are_in {
            self.queue.push_back(Event::Keypad(keypad::Event::Plugged));
        }
        self.settle()
    }

    const fn keypad(&self) -> Event {
        let status = keypad::Status { health: keypad::Health::Ready, jack: self.desk.jack };
        Event::Keypad(keypad::Event::StatusChanged(status))
    }

    /// What the newest paper of the page model's printer says.
    pub fn last_paper(&self) -> String {
        self.printer.last_paper()
    }

    /// The case that this paper speaks of.
    pub fn case_on_paper(&self, text: &str) -> Result<CaseId> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        for whose in specimens::PEOPLE {
            let theirs = self.cases_of(&specimens::card(whose)?.number)?;
            if let Some(named) = theirs.iter().find(|c| digits.contains(&c.receipt.digits())) {
                return Ok(named.case);
            }
        }
        anyhow::bail!("the paper names no case of this station")
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
        let code = match self.books.order_of(case) {
            Some((id, order)) => EnvelopeCode { receipt, content: order.content, order: Some(id) },
            None => EnvelopeCode::materials(receipt),
        };
        self.desk.slip = Some(code.encode());
    }

    /// The station's process ended and starts again with what was stored.
    pub fn restart(&mut self) -> Result<()> {
        let stored = self.books.recover(self.clock.ms())?;
        self.live_again(stored)
    }

    /// The same with what stands in a copy of the real station's data, taken while it is dead, and
    /// with the doors that stand open now. Says what its next life is told.
    pub fn restart_from_copy(&mut self, folder: &Path, open: &[DoorNo]) -> Result<Recovered> {
        let (books, epoch, stored) = Books::of_copy(folder, self.now().wall)?;
        self.books = books;
        self.config.epoch = epoch;
        self.cabinet = ModelCabinet::of(&self.config.cabinet);
        self.printer = ModelPrinter::default();
        self.printer_fault = None;
        for door in open {
            // Nobody who has just started knows that it was asked to open.
            let _told_at_start = self.cabinet.moves(*door, DoorState::Forced);
        }
        self.cells = stored.custody.cells.iter().copied().collect();
        self.live_again(stored.clone())?;
        Ok(stored)
    }

    fn live_again(&mut self, stored: Recovered) -> Result<()> {
        self.started_ms = self.clock.ms();
        self.disk_failed = false;
        let (config, catalogue) = (self.config.clone(), self.catalogue.clone());
        let (station, effects) = Station::new(config, catalogue, stored, self.now());
        self.station = station;
        self.desk.reading = None;
        (self.desk.reading_chip, self.desk.chip_card, self.desk.staff_card) = (None, None, None);
        self.desk.pictures.clear();
        self.wake = None;
        self.queue.clear();
        self.begin(effects)
    }

    fn settle(&mut self) -> Result<()> {
        for _ in 0..STEPS_MAX {
            let Some(event) = self.queue.pop_front() else { return Ok(()) };
            let effects = self.station.handle(event, self.now());
            self.perform(effects)?;
        }
        anyhow::bail!("the page model does not come to rest")
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Persist { id, records } => self.persist(id, &records),
                Effect::Ask { id, request } => self.ask(id, request)?,
                Effect::Find { id, query } => self.find(id, &query)?,
                Effect::Send { id, what } => self.send(id, what)?,
                Effect::Wake(at) => self.wake = Some(at),
                Effect::Stop { code: EXIT_POWER_OFF } => {
                    let name = self.config.name_zh.clone();
                    self.switched_off = Some(out_of_service::switched_off(name, self.now()));
                }
                // Nobody of this house wears earphones.
                Effect::Show(_)
                | Effect::Stop { .. }
                | Effect::Speak(_)
                | Effect::Hush
                | Effect::Ink(_) => {}
            }
        }
        Ok(())
    }

    // ---- the store ----

    fn persist(&mut self, id: EffectId, records: &[Record]) {
        if self.disk_failed {
            return self.queue.push_back(Event::PersistFailed { id, why: PersistError::Io });
        }
        let answer = self.books.persist(id, records);
        if let (Event::Persisted { .. }, Some((_, receipt))) = (&answer, filed_in(records)) {
            self.last_receipt = Some(receipt);
        }
        for record in records {
            if let Record::Custody { change: Change::Cell { door, state }, .. } = record {
                self.cells.insert(*door, *state);
            }
        }
        self.queue.push_back(answer);
    }

    fn find(&mut self, id: EffectId, query: &Query) -> Result<()> {
        let mut answer = self.books.answer(id, query)?;
        // A code that stands on the house's paper, whatever code the page model has drawn.
        if let (Event::CodeChecked { right, .. }, Query::CodeIs { case, code }) =
            (&mut answer, query)
            && let Some(known) = self.codes.get(case)
        {
            *right = known == code.expose();
        }
        self.queue.push_back(answer);
        Ok(())
    }

    // ---- the hall ----

    fn send(&mut self, id: EffectId, what: Outgoing) -> Result<()> {
        let answer = match (self.hall, what) {
            (Hall::Down, _) => Event::SendFailed { id, why: SendError::Unreachable },
            (Hall::Up, Outgoing::Events { after }) => {
                let waiting = self.books.next_batch(after, BATCH_LEN)?.into_iter();
                let answers = waiting.map(|seq| (seq, Delivery::Accepted)).collect();
                Event::Acked { id, answers }
            }
            (Hall::Up, Outgoing::Scans { case }) => Event::ScansDelivered { id, case },
        };
        self.queue.push_back(answer);
        Ok(())
    }

    // ---- the devices ----

    fn ask(&mut self, id: EffectId, request: Request) -> Result<()> {
        let done = |reply| Event::Done { id, reply };
        let answer = match request {
            Request::ReadCard(_) => {
                self.desk.reading = Some(id);
                self.read_card();
                return Ok(());
            }
            Request::StopReading => {
                if let Some(open) = self.desk.reading.take() {
                    let stopped = Refusal::Card(device_api::id_reader::Refusal::Stopped);
                    self.queue.push_back(Event::Refused { id: open, refusal: stopped });
                }
                done(Reply::Stopped)
            }
            Request::ReadChipCard { challenge } => {
                self.desk.reading_chip = Some((id, challenge));
                self.desk.staff_card = None;
                self.read_chip_card();
                return Ok(());
            }
            Request::ProveStaff { pin, challenge } => self.prove(id, pin, challenge),
            Request::StopReadingChip => {
                self.desk.staff_card = None;
                if let Some((open, _)) = self.desk.reading_chip.take() {
                    let stopped = Refusal::Chip(smart_card::Refusal::Stopped);
                    self.queue.push_back(Event::Refused { id: open, refusal: stopped });
                }
                if self.desk.chip_card.take().is_some() {
                    self.queue.push_back(slot(Slot::Used));
                }
                done(Reply::Stopped)
            }
            Request::Capture { case, .. } => self.capture(id, case)?,
            Request::Discard { image } => {
                self.desk.pictures.remove(&image);
                done(Reply::Discarded)
            }
            Request::Hash { text } => done(Reply::Hashed(digest(text.expose().as_bytes()))),
            Request::Print { slip, reprint } => {
                self.print(id, &slip, reprint);
                return Ok(());
            }
            Request::OpenDoor(door) => {
                let told = self.cabinet.ask(id, door);
                self.queue.extend(told);
                return Ok(());
            }
            Request::SwitchRoom { .. } => done(Reply::RoomSwitched),
            Request::ReadCode => {
                let refused = Event::Refused { id, refusal: Refusal::NoCode };
                self.desk.slip.clone().map_or(refused, |text| done(Reply::Code(Private::new(text))))
            }
            Request::ChangeKeys { .. } => done(Reply::KeysChanged),
            // Nobody of this house services the station.
            Request::TryScanner
            | Request::TryPrinter(_)
            | Request::TryCamera
            | Request::ShowWire(_)
            | Request::ExportLogs => Event::Refused { id, refusal: Refusal::NotFitted },
            Request::Wipe => {
                self.desk.pictures.clear();
                self.books.wipe()?;
                done(Reply::Wiped)
            }
        };
        self.queue.push_back(answer);
        Ok(())
    }

    /// A printer that stopped stays down until somebody came.
    fn print(&mut self, id: EffectId, slip: &Slip, reprint: bool) {
        let told = self.printer.ask(id, slip, reprint);
        self.queue.push_back(told);
        if let Some(fault) = self.printer_fault.take() {
            self.printer.will(Print::Refuses(fault));
            self.queue.push_back(self.printer.status());
        }
    }

    /// As the driver does, without a daemon in between.
    fn read_chip_card(&mut self) {
        let (Some((id, challenge)), Some(_)) = (self.desk.reading_chip, &self.desk.chip_card)
        else {
            return;
        };
        self.desk.reading_chip = None;
        let (mut bench, card) = (Bench::new(), self.desk.chip_card.take());
        let read = card.map(|card| bench.read_in(card, challenge));
        self.queue.extend(read.map(|read| chip_answer(id, read)));
        self.desk.staff_card = Some(bench);
        self.queue.push_back(slot(Slot::Used));
    }

    fn prove(&mut self, id: EffectId, pin: Pin, challenge: Challenge) -> Event {
        let waiting = self.desk.staff_card.as_mut();
        let none = Err(smart_card::Refusal::NotWaiting);
        chip_answer(id, waiting.map_or(none, |bench| bench.prove(pin, challenge)))
    }

    /// A card is read once; it must be lifted and laid again for another read.
    fn read_card(&mut self) {
        if let (Some(id), Some(card)) = (self.desk.reading, self.desk.card.take()) {
            self.desk.reading = None;
            self.queue.push_back(Event::Done { id, reply: Reply::Card(card) });
        }
    }

    fn capture(&mut self, id: EffectId, case: CaseId) -> Result<Event> {
        let refused = |refusal| Ok(Event::Refused { id, refusal });
        let Some(frame) = &self.desk.paper else {
            return refused(Refusal::Camera(device_api::camera::Fault::NothingThere));
        };
        let (picture, measured) = match preview_of(frame) {
            Ok(seen) => seen,
            Err(fault) => return refused(Refusal::Camera(fault)),
        };
        let Some(KeptPage { digest, n_bytes }) = self.books.keep_page(case, frame)? else {
            return refused(Refusal::NoRoom);
        };
        let scan = Scan { digest, n_bytes, ..measured };
        self.desk.n_images += 1;
        let image = ImageId(self.desk.n_images);
        self.desk.pictures.insert(image, picture);
        Ok(Event::Done { id, reply: Reply::Captured { image, scan } })
    }
}

/// By the clock of a program that started then.
fn since(clock: &Clock, started_ms: u64) -> Now {
    let now = clock.now();
    Now { moment: Moment(now.moment.0.saturating_sub(started_ms)), ..now }
}

/// Measured and made small as the program does before it seals a page; where it is kept is told
/// later.
fn preview_of(frame: &Frame) -> Result<(Picture, Scan), device_api::camera::Fault> {
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
        digest: Digest32::default(),
        n_bytes: 0,
        width_px: frame.width_px,
        height_px: frame.height_px,
        quality: quality(frame)?,
    };
    Ok((picture, scan))
}

fn digest(bytes: &[u8]) -> Digest32 {
    Digest32(Sha256::digest(bytes).into())
}

const fn slot(slot: Slot) -> Event {
    Event::ChipSlot(smart_card::Status { health: smart_card::Health::Ready, slot })
}

const fn ready() -> Status {
    Status { health: Health::Ready, card_present: false, module_id: None }
}

fn chip_answer(id: EffectId, said: Result<smart_card::Reply, smart_card::Refusal>) -> Event {
    let reply = match said {
        Ok(smart_card::Reply::SocialCard(card)) => Reply::SocialCard(card),
        Ok(smart_card::Reply::StaffCard(card)) => Reply::StaffCard(card),
        Ok(smart_card::Reply::Proof(signature)) => Reply::StaffProof(signature),
        Ok(smart_card::Reply::Stopped) => Reply::Stopped,
        Err(why) => return Event::Refused { id, refusal: Refusal::Chip(why) },
    };
    Event::Done { id, reply }
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
        has_scanner: with_locker,
        has_chip_slot: with_locker,
        links: parts(with_locker),
        has_room: with_locker,
        has_keypad: with_locker,
        slips: slips()?,
        seed: [17; 32],
    })
}

/// The parts of the house's station; the list of them shows no links.
fn parts(with_locker: bool) -> Vec<(Part, String)> {
    let always = [Part::Reader, Part::Camera, Part::Disk, Part::Numbers, Part::Clock, Part::Hall];
    let beside = [Part::Slot, Part::Scanner, Part::Printer, Part::Board(1), Part::Board(2)];
    let beside = beside.into_iter().filter(|_| with_locker);
    always.into_iter().chain(beside).map(|part| (part, String::new())).collect()
}

/// A room in which nothing is the matter.
fn quiet_room() -> room::Status {
    let calm = room::Inputs { emergency: false, lobby_open: false, on_mains: true };
    room::Status {
        health: room::Health::Ready,
        inputs: Some(calm),
        outputs: Some(room::Outputs::default()),
        disobeys: None,
    }
}
