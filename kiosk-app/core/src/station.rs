//! The conductor: the one place where anything is decided.
//!
//! ```text
//! Attract ──Wake──► Home ─┬─ Pick ► Question… ► Materials ► Notice ► Card ► Form ► … ► Receipt
//!    ▲                    └─ Notice ► Card ► Finding ► Cases ► Detail
//!    │  Leave, time-out, fault: cancel what is open, wipe, close the session
//!    └────────────────────────────────────────────────────────────────────
//! Care: three starts within ten minutes. Dead: the store failed; nothing is handled any more.
//! Maintenance: closed by staff; they alone come in. PoweredOff: switched off by staff.
//! ```
//! `Session`, `Application`, `Sync` and `Readiness` know nothing of each other; this machine
//! carries facts between them. An act that cannot be undone (showing a receipt) is emitted only
//! in the step that handles the matching `Persisted`; until then the page is `Sealing`.

mod cards;
mod chip_cards;
pub(crate) mod collect;
pub(crate) mod filing;
pub(crate) mod flow;
mod hall;
mod keys;
mod locker;
mod numbers;
pub(crate) mod pages;
mod printing;
mod random;
pub(crate) mod room;
mod round;
pub(crate) mod service;
mod staff;

use std::{collections::BTreeMap, mem};

use device_api::{
    camera, code_scanner,
    id_reader::{Health, Status},
    locker::{self as lock_api, DoorNo},
    receipt_printer,
    smart_card::{self, Challenge, Slot},
};
use kiosk_matters::{
    Catalogue,
    slips::{Layouts, Values},
};
#[cfg(feature = "planted")]
use kiosk_words::planted::{Bug, is_planted};
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Content, Epoch, Moment, Now, ServiceTime, StationId,
};

use crate::{
    application::Application,
    custody::{CellPlan, Custody},
    diagnosis::{Diagnosis, Part},
    effect::{Effect, EffectId, Outgoing, Query, Request},
    event::{Event, Interrupted, Maintenance, PersistError, Recovered},
    focus,
    keys::Keys,
    print::Print,
    readiness::Readiness,
    record::{AuditKind, FiledCase, Record, SessionEnd, SlipKind},
    room::Room,
    screens,
    session::{Patience, Session, TIMINGS},
    staff_card::StaffTrust,
    sync::Sync,
    view::{Look, Palette, Revision, TimeoutClass, View},
};
use pages::{NotTaken, Page, Sheet, resting_page};
use random::Random;

/// Exit code of a process whose store is dead (`EX_TEMPFAIL`): started again by its supervisor.
pub const EXIT_STORE_DEAD: u8 = 75;
/// Exit code of a station that staff switched off: not started again before there is power again.
pub const EXIT_POWER_OFF: u8 = 10;
/// Third start within ten minutes: care mode.
const STARTS_FOR_CARE: u32 = 3;
/// A wall clock that moves this much against the monotonic one has jumped.
const CLOCK_JUMP_MS: u64 = 120_000;
/// Effects without an answer at any time; more is a bug in the shell.
const PENDING_MAX: usize = 256;

/// Who this station is; fixed while the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub station: StationId,
    pub name_zh: String,
    pub name_en: String,
    /// Whom to call.
    pub phone: String,
    pub epoch: Epoch,
    /// The cabinet of machine.toml; empty without a locker.
    pub cabinet: Vec<CellPlan>,
    /// Cells kept free for results.
    pub kept_for_results: usize,
    /// A receipt printer is fitted.
    pub has_printer: bool,
    /// A code scanner is fitted, beside the camera.
    pub has_scanner: bool,
    /// A slot for chip cards is fitted.
    pub has_chip_slot: bool,
    /// Where each part is connected, as machine.toml has it: for staff to read.
    pub links: Vec<(Part, String)>,
    /// A room board is fitted.
    pub has_room: bool,
    /// A keypad with an earphone jack is fitted.
    pub has_keypad: bool,
    /// Layouts of the slips.
    pub slips: Layouts,
    /// Random bytes for the ids made in this run.
    pub seed: [u8; 32],
}

/// What an effect was for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pending {
    /// A record that nothing waits for.
    Note,
    Seal(Box<FiledCase>),
    /// A card read, for the page that asked.
    Read,
    Capture {
        session: u64,
    },
    Hash {
        session: u64,
    },
    Find {
        session: u64,
    },
    /// Changes of custody: the cases that get an event, the authorisation to act on.
    Custody {
        events: Vec<CaseId>,
        then: Option<u64>,
    },
    Open {
        authorisation: u64,
    },
    PrintWritten {
        number: u64,
    },
    Print {
        number: u64,
    },
    /// A pick-up code, the proof of a staff card, a code under the camera, the case of a slip.
    Code,
    /// Of whom.
    Staff(String),
    Scan,
    /// An output of the room: what it is, its status says.
    Room,
    Slip(round::Slip),
    /// Stop, discard, wipe: done is done.
    Tidy,
    /// Something a technician wanted, for the page that asked.
    Service,
    PowerOff,
    Send(Outgoing),
}

#[derive(Debug)]
pub struct Station {
    pub(crate) config: Config,
    pub(crate) catalogue: Catalogue,
    pub(crate) page: Page,
    pub(crate) sheet: Option<Sheet>,
    pub(crate) session: Option<Session>,
    pub(crate) application: Option<Application>,
    pub(crate) readiness: Readiness,
    pub(crate) sync: Sync,
    pub(crate) room: Room,
    /// Language and type of whoever stood there when the alarm began.
    alarm_look: Look,
    pub(crate) interrupted: Option<(Interrupted, Moment)>,
    pub(crate) custody: Custody,
    pub(crate) prints: Print,
    /// The slip that is printed when the one under way has ended; of this session.
    print_next: Option<(CaseId, SlipKind, Values)>,
    pub(crate) printer: Option<receipt_printer::Status>,
    /// Health of each lock board.
    pub(crate) boards: BTreeMap<u8, lock_api::Health>,
    /// Wrong PINs by staff id: how many, and until when nobody signs in.
    lockouts: BTreeMap<String, (u32, ServiceTime)>,
    /// Door and content of the last confirmed act of this session.
    pub(crate) collected: Option<(DoorNo, Content)>,
    pub(crate) open_cases: BTreeMap<CaseId, CaseState>,
    reader: Option<Status>,
    pub(crate) scanner: Option<code_scanner::Health>,
    pub(crate) camera: Option<camera::Health>,
    pub(crate) keys: Keys,
    pub(crate) diagnosis: Diagnosis,
    /// Closed by staff for a while.
    pub(crate) maintenance: Option<Maintenance>,
    /// The open read that waits for another person's card while an application is open.
    watch: Option<EffectId>,
    /// Third start within ten minutes, and not yet ten quiet ones.
    in_care: bool,
    chip_slot: Slot,
    /// The open read of a card in the slot, and what a staff card is to sign for it.
    chip_read: Option<(EffectId, Challenge)>,
    /// Which staff cards are good here.
    pub(crate) staff_trust: StaffTrust,
    /// The hall has named other CAs since a staff card was looked at.
    is_trust_new: bool,
    pending: BTreeMap<EffectId, Pending>,
    numbers: Option<(u32, u32)>,
    further_numbers: Option<(u32, u32)>,
    service_time: ServiceTime,
    /// When the keys are changed next, if nobody is at the screen then.
    keys_due: Moment,
    n_sessions: u64,
    n_effects: u64,
    random: Random,
    clock: Now,
    /// Bumped whenever targets may have moved; the revision of the next view.
    turn: u64,
    shown: Option<View>,
    wake: Option<Moment>,
    out: Vec<Effect>,
    #[cfg(feature = "planted")]
    pub(crate) draft: Option<Application>,
}

impl Station {
    /// Starts with what the store knows; the effects are performed before any event is handled.
    pub fn new(
        config: Config,
        catalogue: Catalogue,
        recovered: Recovered,
        now: Now,
    ) -> (Self, Vec<Effect>) {
        let care = recovered.recent_starts >= STARTS_FOR_CARE;
        let interrupted_until = now.moment.plus_ms(TIMINGS.interrupted_ms);
        let (custody, in_doubt) =
            Custody::new(&config.cabinet, &recovered.custody, config.kept_for_results);
        let readiness = readiness_of(&config, &recovered);
        let lockouts = recovered.lockouts.into_iter().map(|(id, n, until)| (id, (n, until)));
        let mut station = Self {
            catalogue,
            custody,
            prints: Print::new(recovered.prints.last),
            print_next: None,
            printer: None,
            boards: BTreeMap::new(),
            lockouts: lockouts.collect(),
            collected: None,
            page: resting_page(recovered.maintenance, care),
            sheet: None,
            session: None,
            application: None,
            readiness,
            room: Room::new(config.has_room, recovered.had_alarm, config.has_chip_slot, now.moment),
            alarm_look: Look::default(),
            sync: Sync::new(&recovered.outbox, &recovered.scans, &recovered.held),
            interrupted: recovered.interrupted.clone().map(|what| (what, interrupted_until)),
            open_cases: recovered.open_cases.into_iter().collect(),
            reader: None,
            scanner: None,
            camera: None,
            keys: Keys::new(),
            diagnosis: Diagnosis::new(&service::parts_of(&config), &recovered.devices, now.wall),
            maintenance: recovered.maintenance,
            watch: None,
            in_care: care,
            chip_slot: Slot::Empty,
            chip_read: None,
            staff_trust: recovered.staff_trust,
            is_trust_new: false,
            pending: BTreeMap::new(),
            numbers: recovered.receipts,
            further_numbers: None,
            service_time: recovered.service_time,
            keys_due: now.moment.plus_ms(TIMINGS.first_keys_ms),
            n_sessions: recovered.last_session,
            n_effects: 0,
            random: Random::new(config.seed),
            clock: now,
            turn: 1,
            shown: None,
            wake: None,
            out: Vec::new(),
            #[cfg(feature = "planted")]
            draft: None,
            config,
        };
        station.note_start(recovered.interrupted.as_ref(), care, now);
        #[cfg(feature = "planted")]
        if is_planted(Bug::AuthorisationSurvivesRestart)
            && let Some((authorisation, door, _)) = recovered.custody.open
        {
            station.ask(Request::OpenDoor(door), Pending::Open { authorisation });
        }
        station.write_custody(in_doubt, None, now);
        station.note_unsettled_prints(&recovered.prints.unsettled, now);
        station.finish_step(now);
        let effects = mem::take(&mut station.out);
        (station, effects)
    }

    fn note_start(&mut self, interrupted: Option<&Interrupted>, care: bool, now: Now) {
        let mut records = vec![self.audit(AuditKind::Started, None, now)];
        if let Some(what) = interrupted {
            let why = SessionEnd::Interrupted;
            records.push(Record::SessionClosed { session: what.session, why });
        }
        if care {
            records.push(self.audit(AuditKind::CareModeEntered, None, now));
        }
        self.note(records);
    }

    /// One step. The only way in.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Effect> {
        if matches!(self.page, Page::Dead) {
            return Vec::new();
        }
        self.watch_clock(now);
        match event {
            Event::Intent { revision, intent } => self.on_touch(revision, intent, now),
            Event::Persisted { id, seq, receipt_qr } => self.on_persisted(id, seq, receipt_qr, now),
            Event::PersistFailed { id, why } => self.on_persist_failed(id, why, now),
            Event::Done { id, reply } => self.on_done(id, reply, now),
            Event::Refused { id, refusal } => self.on_refused(id, refusal, now),
            Event::Found { id, cases } => self.on_found(id, cases, now),
            Event::CodeChecked { id, right } => self.on_code_checked(id, right, now),
            Event::Acked { id, answers } => self.on_acked(id, answers, now),
            Event::ScansDelivered { id, case } => self.on_scans_delivered(id, case, now),
            Event::SendFailed { id, why } => self.on_send_failed(id, &why, now),
            Event::Reader(status) => self.on_reader(status, now),
            Event::ChipSlot(status) => self.on_chip_slot(status),
            Event::Printer(status) => self.on_printer(status),
            Event::Scanner(status) => self.scanner = Some(status.health),
            Event::Camera(health) => self.camera = Some(health),
            Event::Door(change) => self.on_door(change, now),
            Event::Board(change) => self.on_board(change),
            Event::Room(status) => self.on_room(status, now),
            Event::Keypad(said) => self.on_keypad(said, now),
            Event::Hall(link) => self.on_hall(link),
            Event::Feed { cursor, item } => self.on_feed(cursor, item, now),
            Event::Receipts { first, end } => self.on_receipts(first, end),
            Event::RoomAgain => self.readiness.full = false,
            Event::Woken => self.wake = None,
        }
        self.expire(now);
        self.finish_step(now);
        mem::take(&mut self.out)
    }

    /// The view last shown.
    pub const fn view(&self) -> Option<&View> {
        self.shown.as_ref()
    }

    /// How each part is, for tools at the machine.
    pub const fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }

    /// `session_end_leaves_no_pii`: nothing about a person is held between sessions.
    pub const fn holds_personal_data(&self) -> bool {
        self.session.is_some() || self.application.is_some()
    }

    fn finish_step(&mut self, now: Now) {
        if matches!(self.page, Page::Dead) {
            self.show(now);
            self.speak();
            self.out.push(Effect::Stop { code: EXIT_STORE_DEAD });
            return;
        }
        self.sign_out_without_card(now);
        self.keep_room(now);
        self.diagnose(now);
        self.keep_watch();
        self.keep_reading_slot();
        if let Some(what) = self.sync.next(now.moment) {
            let id = self.expect(Pending::Send(what));
            self.out.push(Effect::Send { id, what });
        }
        self.show(now);
        self.speak();
        self.set_wake(now);
        self.check_invariants();
    }

    fn show(&mut self, now: Now) {
        let revision = Revision(self.turn);
        let mut view = self.draw(revision, now);
        let held = |view: &View| view.timeout == TimeoutClass::Held;
        if self.shown.as_ref().is_some_and(held) && !held(&view) {
            // The wait was not the person's: patience begins when there is something to do.
            if let Some(session) = &mut self.session {
                session.touch(now.moment);
            }
            view = self.draw(revision, now);
        }
        // What a device or the hall said may have moved what can be touched, or nothing at all.
        if self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.revision == revision && focus::targets_moved(shown, &view))
        {
            self.turn_over();
            view.revision = Revision(self.turn);
        }
        if self.shown.as_ref() != Some(&view) {
            self.shown = Some(view.clone());
            self.out.push(Effect::Show(Box::new(view)));
        }
    }

    fn draw(&mut self, revision: Revision, now: Now) -> View {
        let mut view = screens::view(self, revision, now);
        (view.ring, view.screenfuls) = self.keys.place(&view);
        view
    }

    fn set_wake(&mut self, now: Now) {
        let class = self.shown.as_ref().map(|view| view.timeout);
        let session = self.session.as_ref();
        let patience = session.zip(class).and_then(|(s, class)| s.deadline(class, now.moment));
        let next_minute = 60_000 - now.wall.0.rem_euclid(60_000).unsigned_abs();
        let clock_tick = Some(now.moment.plus_ms(next_minute));
        let interrupted = self.interrupted.as_ref().map(|(_, until)| *until);
        let keys = self.session.is_none().then_some(self.keys_due);
        let custody = self.custody.deadline();
        let sync = self.sync.deadline();
        let room = self.room.deadline(now.moment);
        let deadlines = [patience, clock_tick, interrupted, keys, sync, custody, room];
        let earliest = deadlines.into_iter().flatten().min();
        if earliest != self.wake {
            self.wake = earliest;
            self.out.extend(earliest.map(Effect::Wake));
        }
    }

    /// Once a night, between two people (design.md, erasure).
    fn change_keys_when_due(&mut self, now: Now) {
        if self.session.is_some() || now.moment < self.keys_due {
            return;
        }
        self.keys_due = now.moment.plus_ms(TIMINGS.keys_ms);
        let keep = i64::try_from(TIMINGS.keep_delivered_ms).unwrap_or(i64::MAX);
        let erase_before = ServiceTime(self.service_time.0.saturating_sub(keep));
        self.note(vec![Record::ServiceTime(self.service_time)]);
        self.ask(Request::ChangeKeys { erase_before }, Pending::Tidy);
    }

    /// Time-outs of this step; runs after every event.
    fn expire(&mut self, now: Now) {
        self.change_keys_when_due(now);
        self.custody.tick(now.moment);
        if self.interrupted.as_ref().is_some_and(|(_, until)| now.moment >= *until) {
            self.interrupted = None;
        }
        if self.in_care && now.moment.0 >= TIMINGS.care_ms {
            self.in_care = false;
            if matches!(self.page, Page::Care) {
                self.rest();
            }
        }
        let class = self.shown.as_ref().map(|view| view.timeout);
        let Some((session, class)) = self.session.as_ref().zip(class) else { return };
        match session.patience(class, now.moment) {
            Patience::Fine => {
                if matches!(self.sheet, Some(Sheet::StillThere)) {
                    self.close_sheet();
                }
            }
            Patience::Ask => {
                if self.sheet.is_none() {
                    self.open_sheet(Sheet::StillThere);
                }
            }
            Patience::Over => self.end_session(SessionEnd::TimedOut, now),
        }
    }

    // ---- small steps shared by the parts of the station ----

    pub(crate) fn go(&mut self, page: Page) {
        self.page = page;
        self.sheet = None;
        self.turn += 1;
        self.keys.step_off();
    }

    /// Same page, other look or content: targets may have moved.
    const fn turn_over(&mut self) {
        self.turn += 1;
    }

    fn open_sheet(&mut self, sheet: Sheet) {
        self.sheet = Some(sheet);
        self.turn += 1;
        self.keys.step_off();
    }

    fn close_sheet(&mut self) {
        self.sheet = None;
        self.turn += 1;
        self.keys.step_off();
    }

    fn new_effect(&mut self) -> EffectId {
        self.n_effects += 1;
        EffectId(self.n_effects)
    }

    fn expect(&mut self, what: Pending) -> EffectId {
        let id = self.new_effect();
        self.pending.insert(id, what);
        assert!(self.pending.len() <= PENDING_MAX, "the shell owes {} answers", self.pending.len());
        id
    }

    fn ask(&mut self, request: Request, what: Pending) -> EffectId {
        let id = self.expect(what);
        self.out.push(Effect::Ask { id, request });
        id
    }

    fn find(&mut self, query: Query, session: u64) {
        let id = self.expect(Pending::Find { session });
        self.out.push(Effect::Find { id, query });
    }

    fn persist(&mut self, records: Vec<Record>, what: Pending) {
        let id = self.expect(what);
        self.out.push(Effect::Persist { id, records });
    }

    fn note(&mut self, records: Vec<Record>) {
        self.persist(records, Pending::Note);
    }

    fn audit(&self, kind: AuditKind, case: Option<CaseId>, now: Now) -> Record {
        let session = self.session.as_ref().map(|session| session.id);
        Record::Audit { kind, case, session, at: now.wall, quality: now.quality }
    }

    fn settle(&mut self, id: EffectId) -> Pending {
        self.pending.remove(&id).unwrap_or_else(|| unreachable!("{id:?} was answered twice"))
    }

    pub(crate) fn look(&self, now: Now) -> Look {
        let automatic = automatic_palette(now);
        // Whoever runs past an alarm reads it from afar.
        let large = Look { elder: true, ..self.alarm_look };
        let nobodys = if self.is_covered() { large } else { Look::default() };
        let look = self.session.as_ref().map_or(nobodys, |session| session.look);
        let palette = match look.palette {
            Palette::HighContrast => Palette::HighContrast,
            Palette::Day | Palette::Night => automatic,
        };
        Look { palette, ..look }
    }

    pub(crate) fn phone(&self) -> &str {
        &self.config.phone
    }

    fn watch_clock(&mut self, now: Now) {
        let passed = self.clock.moment.ms_until(now.moment);
        let wall_passed = now.wall.0.saturating_sub(self.clock.wall.0);
        let expected = i64::try_from(passed).unwrap_or(i64::MAX);
        let jumped = wall_passed.saturating_sub(expected).unsigned_abs() > CLOCK_JUMP_MS;
        self.service_time = self.service_time.advanced(passed, None);
        self.clock = now;
        if jumped {
            let record = self.audit(AuditKind::ClockJumped, None, now);
            self.note(vec![record, Record::ServiceTime(self.service_time)]);
        }
    }

    fn on_persist_failed(&mut self, id: EffectId, why: PersistError, now: Now) {
        let what = self.settle(id);
        match why {
            // Custody goes on from the ballast; if even that is gone, memory is ahead of the disk.
            PersistError::Full if matches!(what, Pending::Custody { .. }) => self.die(),
            // A full disk keeps nobody from switching it off.
            PersistError::Full if what == Pending::PowerOff => self.on_power_off_written(),
            PersistError::Full => {
                self.readiness.full = true;
                if let Pending::PrintWritten { number } = what {
                    self.prints.not_written(number);
                }
                if matches!(what, Pending::Seal(_)) {
                    self.drop_application();
                    self.go(Page::NotTaken(NotTaken::Full));
                    self.wipe();
                    let record = self.audit(AuditKind::StoreFull, None, now);
                    self.note(vec![record]);
                }
            }
            PersistError::Io | PersistError::Closed => self.die(),
        }
    }

    fn die(&mut self) {
        self.session = None;
        self.application = None;
        self.keys.forget();
        self.go(Page::Dead);
    }

    /// What was not filed is gone, and so is the cell that was kept for it.
    fn drop_application(&mut self) {
        if let Some(dropped) = self.application.take() {
            #[cfg(feature = "planted")]
            {
                self.draft = Some(dropped.clone());
            }
            self.custody.give_up(dropped.case);
        }
    }

    fn wipe(&mut self) {
        self.ask(Request::Wipe, Pending::Tidy);
    }

    /// Nothing left behind (R4): stop the reader, drop keys and unsealed pages, blank the screen.
    pub(crate) fn end_session(&mut self, why: SessionEnd, now: Now) {
        let Some(session) = self.session.as_ref().map(|session| session.id) else { return };
        self.stop_reading();
        self.disown_card_in_slot();
        self.wipe();
        let closed = self.audit(AuditKind::SessionClosed, None, now);
        self.note(vec![Record::SessionClosed { session, why }, closed]);
        self.drop_application();
        let in_doubt = self.custody.session_over(now.moment);
        self.write_custody(in_doubt, None, now);
        self.prints.session_over();
        self.print_next = None;
        self.collected = None;
        self.session = None;
        self.keys.forget();
        self.rest();
    }

    fn rest(&mut self) {
        self.go(resting_page(self.maintenance, self.in_care));
    }

    fn stop_reading(&mut self) {
        if let Page::Card { read: Some(_), .. } = self.page {
            self.ask(Request::StopReading, Pending::Tidy);
        } else if let Page::Part { part, test } = &self.page {
            let (part, test) = (*part, test.clone());
            self.stop_test(part, test.as_ref());
        }
    }

    /// Holds after every step, in release too (design.md section 6).
    fn check_invariants(&self) {
        let with_session = self.page.needs_session();
        assert_eq!(with_session, self.session.is_some(), "page and session disagree");
        assert!(
            self.session.is_some() || self.application.is_none(),
            "session_end_leaves_no_pii: an application without a session"
        );
        if matches!(self.page, Page::Receipt(_)) {
            let sealing = self.pending.values().any(|what| matches!(what, Pending::Seal(_)));
            assert!(!sealing, "a receipt is shown while its case is not yet stored");
        }
        if matches!(self.page, Page::Sealing) {
            let n = self.pending.values().filter(|what| matches!(what, Pending::Seal(_))).count();
            assert_eq!(n, 1, "one case is sealed at a time");
        }
    }
}

/// Before any device was heard.
fn readiness_of(config: &Config, recovered: &Recovered) -> Readiness {
    Readiness {
        reader: Health::Starting,
        full: recovered.full,
        has_numbers: recovered.receipts.is_some_and(|(next, end)| next < end),
        chip_slot: config.has_chip_slot.then_some(smart_card::Health::Starting),
        on_mains: true,
    }
}

/// Night from 20:00 to 06:00 when the clock can be believed.
pub(crate) fn automatic_palette(now: Now) -> Palette {
    let hour = now.wall.civil().hour;
    match now.quality {
        ClockQuality::Unknown => Palette::Day,
        ClockQuality::Held | ClockQuality::Synced => {
            if (6..20).contains(&hour) {
                Palette::Day
            } else {
                Palette::Night
            }
        }
    }
}
