//! The core loop: one task owns the [`Station`], hears events and performs effects in order.
//!
//! ```text
//!  store thread ─┐                                  ┌─► store thread   (Persist, Find)
//!  devices       ├─answers─► ┌─────────────┐ effects├─► devices        (ReadCard, Print, OpenDoor)
//!  pages         │           │ Station     │───────►├─► pages          (Capture, ReadCode, Wipe)
//!  hall          ┘           │ ::handle    │        ├─► hall           (Send)
//!  touches, status ─unasked─►└─────────────┘        └─► watch channel  (Show), timer (Wake)
//! ```
//! Nothing here waits for a performer: work is handed over with its [`Answer`], and a performer
//! that cannot take it drops it, which refuses it. A panic of the core ends this task and with it
//! the process.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use device_api::{
    id_reader::Request as ReaderRequest, receipt_printer::Slip, room::Output, smart_card, wire,
};
use kiosk_core::{
    Effect, EffectId, Event, Station,
    diagnosis::{Diagnosis, Part},
    effect::{NotExported, Query, Refusal, Reply, Request},
    event::{PersistError, SendError},
    view::{Ink, View},
};
use kiosk_words::{Digest32, Moment, Private};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    answer::{Answer, Answers},
    chip_slot::ChipSlot,
    clock::Clock,
    exit::Exit,
    export::Exports,
    hall::uplink::Uplink,
    keypad::Keypad,
    locker::{self, Locker},
    pages::{PageJob, Pages},
    printer::{self, Printer},
    reader::Reader,
    room::{self, Room},
    scanner::Scanner,
    speech::Speech,
    store_thread::{Job, StoreHandle},
};

/// An event nobody asked for.
#[derive(Debug)]
pub struct Unasked {
    pub event: Event,
    /// Told when the core has handled it and its effects are on their way.
    pub handled: Option<oneshot::Sender<()>>,
}

impl From<Event> for Unasked {
    fn from(event: Event) -> Self {
        Self { event, handled: None }
    }
}

/// Everyone who performs effects.
#[derive(Debug)]
pub struct Performers {
    pub store: StoreHandle,
    pub reader: Reader,
    /// `None`: machine.toml has none.
    pub printer: Option<Printer>,
    pub locker: Option<Locker>,
    pub scanner: Option<Scanner>,
    pub chip_slot: Option<ChipSlot>,
    pub room: Option<Room>,
    pub keypad: Option<Keypad>,
    pub speech: Speech,
    pub pages: Pages,
    pub uplink: Uplink,
    pub exports: Exports,
    pub views: watch::Sender<Option<Arc<View>>>,
    /// To the window, which holds what was written with a finger.
    pub ink: mpsc::Sender<Ink>,
    /// For `kiosk check`.
    pub diagnosis: watch::Sender<Diagnosis>,
}

impl Performers {
    /// Followers are woken by changes only.
    fn publish(&self, diagnosis: &Diagnosis) {
        self.diagnosis.send_if_modified(|known| {
            let is_new = known != diagnosis;
            if is_new {
                known.clone_from(diagnosis);
            }
            is_new
        });
    }

    /// `None`: the part has no wire, or is not fitted.
    fn wire(&self, part: Part) -> Option<Vec<wire::Line>> {
        match part {
            Part::Reader => Some(self.reader.wire()),
            Part::Slot => self.chip_slot.as_ref().map(ChipSlot::wire),
            Part::Scanner => self.scanner.as_ref().map(Scanner::wire),
            Part::Printer => self.printer.as_ref().map(Printer::wire),
            // The boards hang on one bus.
            Part::Board(_) => self.locker.as_ref().map(Locker::wire),
            Part::Room => self.room.as_ref().map(Room::wire),
            Part::Keypad => self.keypad.as_ref().map(Keypad::wire),
            Part::Camera | Part::Mains | Part::Disk | Part::Numbers | Part::Clock | Part::Hall => {
                None
            }
        }
    }
}

/// Limits of the loop's own end.
#[derive(Debug)]
pub struct Ending {
    /// Asks this loop to end.
    pub stop: CancellationToken,
    /// Ends devices and hall; cancelled by this loop, so that what they owe is refused.
    pub outer: CancellationToken,
    /// How long open writes are waited for.
    pub limit: Duration,
}

#[derive(Debug)]
pub struct Shell {
    pub station: Station,
    pub clock: Arc<Clock>,
    pub answers: Answers,
    pub at_core: mpsc::Receiver<Event>,
    pub unasked: mpsc::Receiver<Unasked>,
    pub performers: Performers,
    pub ending: Ending,
}

/// What the one `select!` heard.
enum Heard {
    Answer(Event),
    Unasked(Unasked),
    WakeDue,
    StopAsked,
    LimitReached,
}

/// The loop's own state beside the station.
#[derive(Debug, Default)]
struct Course {
    owed: BTreeSet<EffectId>,
    wake: Option<Moment>,
    /// Since when the loop only waits for what is owed.
    ending: Option<tokio::time::Instant>,
    exit: Option<Exit>,
}

impl Shell {
    /// Runs until it is asked to stop or the core gives up. `first` are the effects of
    /// `Station::new`.
    pub async fn run(mut self, first: Vec<Effect>) -> Exit {
        let mut course = Course::default();
        self.perform(first, &mut course);
        loop {
            if let Some(exit) = course.exit {
                self.ending.outer.cancel();
                return exit;
            }
            if course.ending.is_some() && course.owed.is_empty() {
                return Exit::Done;
            }
            match self.hear(&course).await {
                Heard::Answer(event) => self.step(event, &mut course),
                Heard::Unasked(Unasked { event, handled }) => {
                    self.step(event, &mut course);
                    // Nobody may be waiting any more; then nobody is told.
                    let _ = handled.map(|handled| handled.send(()));
                }
                Heard::WakeDue => {
                    course.wake = None;
                    self.step(Event::Woken, &mut course);
                }
                Heard::StopAsked => {
                    self.ending.outer.cancel();
                    course.ending = Some(tokio::time::Instant::now());
                }
                Heard::LimitReached => {
                    tracing::warn!(n_owed = course.owed.len(), "ended with answers still owed");
                    return Exit::Done;
                }
            }
        }
    }

    async fn hear(&mut self, course: &Course) -> Heard {
        let is_ending = course.ending.is_some();
        let limit = course.ending.map(|since| since + self.ending.limit);
        let wake = course.wake.filter(|_| !is_ending).map(|moment| self.clock.instant_of(moment));
        tokio::select! { biased;
            () = self.ending.stop.cancelled(), if !is_ending => Heard::StopAsked,
            Some(event) = self.at_core.recv() => Heard::Answer(event),
            () = until(wake) => Heard::WakeDue,
            Some(unasked) = self.unasked.recv(), if !is_ending => Heard::Unasked(unasked),
            () = until(limit) => Heard::LimitReached,
        }
    }

    fn step(&mut self, event: Event, course: &mut Course) {
        if let Some(id) = answered(&event) {
            assert!(course.owed.remove(&id), "{id:?} was answered twice or never asked");
        }
        let effects = self.station.handle(event, self.clock.now());
        self.performers.publish(self.station.diagnosis());
        self.perform(effects, course);
    }

    fn perform(&mut self, effects: Vec<Effect>, course: &mut Course) {
        for effect in effects {
            match effect {
                Effect::Persist { id, records } => {
                    let why = PersistError::Closed;
                    let answer = self.owe(id, Event::PersistFailed { id, why }, course);
                    self.performers.store.hand_over(Job::Persist { id, records, answer });
                }
                Effect::Find { id, query } => {
                    let answer = self.owe(id, nothing_found(id, &query), course);
                    self.performers.store.hand_over(Job::Find { id, query, answer });
                }
                Effect::Ask { id, request } => self.ask(id, request, course),
                Effect::Send { id, what } => {
                    let why = SendError::Unreachable;
                    let answer = self.owe(id, Event::SendFailed { id, why }, course);
                    self.performers.uplink.send(id, what, answer);
                }
                Effect::Show(view) => {
                    self.performers.views.send_replace(Some(Arc::from(view)));
                }
                Effect::Wake(moment) => course.wake = Some(moment),
                Effect::Speak(utterance) => self.performers.speech.say(utterance),
                Effect::Hush => self.performers.speech.hush(),
                Effect::Ink(ink) => {
                    if self.performers.ink.try_send(ink).is_err() {
                        tracing::warn!(?ink, "the window takes nothing: a key was dropped");
                    }
                }
                Effect::Stop { code } => course.exit = Some(Exit::Core(code)),
            }
        }
    }

    fn ask(&self, id: EffectId, request: Request, course: &mut Course) {
        let stopped = Refusal::Card(device_api::id_reader::Refusal::Stopped);
        let missing = Refusal::Camera(device_api::camera::Fault::Missing);
        let done = |reply| Event::Done { id, reply };
        match request {
            Request::ReadCard(what) => {
                let answer = self.owe(id, Event::Refused { id, refusal: stopped }, course);
                self.performers.reader.ask(id, ReaderRequest::Read(what), answer);
            }
            Request::StopReading => {
                let answer = self.owe(id, done(Reply::Stopped), course);
                self.performers.reader.ask(id, ReaderRequest::Stop, answer);
            }
            Request::ReadChipCard { challenge } => {
                self.ask_slot(id, smart_card::Request::Read { challenge }, course);
            }
            Request::ProveStaff { pin, challenge } => {
                self.ask_slot(id, smart_card::Request::Prove { pin, challenge }, course);
            }
            Request::StopReadingChip => {
                let answer = self.owe(id, done(Reply::Stopped), course);
                if let Some(slot) = &self.performers.chip_slot {
                    slot.ask(id, smart_card::Request::Stop, answer);
                }
            }
            Request::Print { slip, reprint } => self.print(id, slip, reprint, course),
            Request::TryPrinter(slip) => self.print(id, slip, false, course),
            Request::OpenDoor(door) => {
                let answer = self.owe(id, locker::not_known(id), course);
                if let Some(locker) = &self.performers.locker {
                    locker.open(id, door, answer);
                }
            }
            Request::SwitchRoom { output, on } => self.switch_room(id, output, on, course),
            Request::ReadCode => {
                let answer = self.owe(id, Event::Refused { id, refusal: missing }, course);
                self.performers.pages.hand_over(PageJob::ReadCode { id, answer });
            }
            Request::TryScanner => self.try_scanner(id, course),
            Request::TryCamera => {
                let answer = self.owe(id, Event::Refused { id, refusal: missing }, course);
                self.performers.pages.hand_over(PageJob::TryCamera { id, answer });
            }
            Request::ShowWire(part) => self.show_wire(id, part, course),
            Request::ExportLogs => self.export_logs(id, course),
            // Slot and page are the core's; the vault knows pages by their digest.
            Request::Capture { case, slot: _, page: _ } => {
                let answer = self.owe(id, Event::Refused { id, refusal: missing }, course);
                self.performers.pages.hand_over(PageJob::Capture { id, case, answer });
            }
            Request::Discard { image } => {
                let answer = self.owe(id, done(Reply::Discarded), course);
                self.performers.pages.hand_over(PageJob::Discard { id, image, answer });
            }
            Request::ChangeKeys { erase_before } => {
                let refusal = Refusal::KeysNotChanged;
                let answer = self.owe(id, Event::Refused { id, refusal }, course);
                self.performers.store.hand_over(Job::ChangeKeys { id, erase_before, answer });
            }
            Request::Wipe => self.wipe(id, course),
            Request::Hash { text } => {
                let answer = self.owe(id, done(Reply::Hashed(Digest32::default())), course);
                answer.give(done(Reply::Hashed(hash(&text))));
            }
        }
    }

    fn print(&self, id: EffectId, slip: Box<Slip>, reprint: bool, course: &mut Course) {
        let answer = self.owe(id, printer::not_started(id), course);
        if let Some(printer) = &self.performers.printer {
            printer.print(id, slip, reprint, answer);
        }
    }

    /// End of a session: devices stop what was for its person.
    fn wipe(&self, id: EffectId, course: &mut Course) {
        if let Some(printer) = &self.performers.printer {
            printer.cancel(id);
        }
        if let Some(scanner) = &self.performers.scanner {
            scanner.stop(id);
        }
        let answer = self.owe(id, Event::Done { id, reply: Reply::Wiped }, course);
        self.performers.pages.hand_over(PageJob::Wipe { id, answer });
    }

    fn try_scanner(&self, id: EffectId, course: &mut Course) {
        let answer = self.owe(id, not_fitted(id), course);
        if let Some(scanner) = &self.performers.scanner {
            scanner.read(id, answer);
        }
    }

    fn show_wire(&self, id: EffectId, part: Part, course: &mut Course) {
        let answer = self.owe(id, not_fitted(id), course);
        if let Some(lines) = self.performers.wire(part) {
            answer.give(Event::Done { id, reply: Reply::Wire(lines) });
        }
    }

    fn export_logs(&self, id: EffectId, course: &mut Course) {
        let refusal = Refusal::Export(NotExported::Failed);
        let answer = self.owe(id, Event::Refused { id, refusal }, course);
        let table = self.station.diagnosis().clone();
        self.performers.exports.begin(id, table, self.clock.now(), answer);
    }

    fn switch_room(&self, id: EffectId, output: Output, on: bool, course: &mut Course) {
        let answer = self.owe(id, room::not_switched(id), course);
        if let Some(room) = &self.performers.room {
            room.switch(id, output, on, answer);
        }
    }

    /// Something of a card; without a slot it is refused.
    fn ask_slot(&self, id: EffectId, request: smart_card::Request, course: &mut Course) {
        let refusal = Refusal::Chip(smart_card::Refusal::Stopped);
        let answer = self.owe(id, Event::Refused { id, refusal }, course);
        if let Some(slot) = &self.performers.chip_slot {
            slot.ask(id, request, answer);
        }
    }

    fn owe(&self, id: EffectId, otherwise: Event, course: &mut Course) -> Answer {
        assert!(course.owed.insert(id), "the core used {id:?} twice");
        self.answers.owe(otherwise)
    }
}

const fn not_fitted(id: EffectId) -> Event {
    Event::Refused { id, refusal: Refusal::NotFitted }
}

/// The answer to a question that nobody answers.
const fn nothing_found(id: EffectId, query: &Query) -> Event {
    match query {
        Query::CasesOf { .. } | Query::CaseOf { .. } => Event::Found { id, cases: Vec::new() },
        Query::CodeIs { .. } => Event::CodeChecked { id, right: false },
    }
}

fn hash(text: &Private<String>) -> Digest32 {
    Digest32(Sha256::digest(text.expose().as_bytes()).into())
}

/// Waits for an instant, or for ever when there is none. Cancel-safe.
pub(crate) async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// The effect this event answers, if it is an answer.
const fn answered(event: &Event) -> Option<EffectId> {
    match event {
        Event::Persisted { id, .. }
        | Event::PersistFailed { id, .. }
        | Event::Done { id, .. }
        | Event::Refused { id, .. }
        | Event::Found { id, .. }
        | Event::CodeChecked { id, .. }
        | Event::Acked { id, .. }
        | Event::ScansDelivered { id, .. }
        | Event::SendFailed { id, .. } => Some(*id),
        Event::Intent { .. }
        | Event::Reader(_)
        | Event::ChipSlot(_)
        | Event::Printer(_)
        | Event::Scanner(_)
        | Event::Camera(_)
        | Event::Door(_)
        | Event::Board(_)
        | Event::Room(_)
        | Event::Keypad(_)
        | Event::Hall(_)
        | Event::Feed { .. }
        | Event::Receipts { .. }
        | Event::RoomAgain
        | Event::Woken => None,
    }
}
