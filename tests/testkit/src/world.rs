//! The world: one queue of what is due, one step at a time.

mod checks;
mod fitted;
mod lives;

use std::collections::BTreeMap;

use device_sim::smart_card::{self, Chip};
use hall_api::wire::{Batch, BatchReply, ScanEntry};
use kiosk_core::{
    Config, EffectId, Event, Station, custody,
    effect::{Exported, NotExported, Query, Request},
    record::Record,
    view::{Intent, Revision, Stage, Stroke, TimeoutClass, View},
};
use kiosk_matters::Catalogue;
use kiosk_words::{CaseId, Moment};

use fitted::{Fitted, around_the_screen, beside_the_screen, catalogue, config_of, seed_bytes};

use crate::{
    beside::{Beside, Ended},
    cabinet,
    citizen::Citizen,
    clock::WorldClock,
    controls::{
        CameraHand, ClockHand, DiskHand, HallHand, KeypadHand, LockerHand, PrinterHand, ReaderHand,
        RoomHand, SlotHand,
    },
    glass,
    hall::ModelHall,
    keypad::KeypadBench,
    locker::LockerBench,
    pages::{Lens, Vault},
    printer::PrinterBench,
    reader::ReaderBench,
    room::RoomBench,
    staff_cards,
    store::{CommitOnCrash, ModelStore},
    witness::Witness,
};

/// A wait that names no other limit.
pub const LIMIT_MS: u64 = 5 * 60_000;

/// Something that happens at its time.
#[derive(Debug, Clone)]
pub enum Due {
    /// The station hears this.
    Tell(Event),
    /// The store comes to this write.
    Commit {
        id: EffectId,
        records: Vec<Record>,
    },
    /// The store comes to this question.
    Find {
        id: EffectId,
        query: Query,
    },
    /// Camera or vault come to this request.
    Page {
        id: EffectId,
        request: Request,
    },
    /// A batch reaches the hall.
    AtHall {
        id: EffectId,
        batch: Batch,
    },
    /// The hall's answer reaches the station.
    Answered {
        id: EffectId,
        reply: BatchReply,
    },
    /// The next page of a case reaches the hall; the rest follows.
    ScanAtHall {
        id: EffectId,
        case: CaseId,
        left: Vec<ScanEntry>,
    },
    Heartbeat,
    /// The hall has news, if the way is open.
    Feed,
    /// The store looks whether there is room again.
    LookForRoom,
}

/// Where a test wants the program to die.
#[derive(Debug, Clone, Copy)]
struct CrashPlan {
    after_steps: u64,
    commit: CommitOnCrash,
}

#[derive(Debug)]
pub struct World {
    seed: u64,
    pub(crate) clock: WorldClock,
    config: Config,
    pub(crate) catalogue: Catalogue,
    pub(crate) station: Station,
    /// Counts starts of the program; answers to a dead one are lost.
    life: u32,
    queue: BTreeMap<(u64, u64), (u32, Due)>,
    n_due: u64,
    pub(crate) wake: Option<Moment>,
    pub store: ModelStore,
    /// A second store that must know the same.
    pub(crate) beside: Option<Box<dyn Beside>>,
    /// How the program's last life ended.
    pub(crate) ended: Ended,
    /// Stores of disks that died; what they had sent is at the hall.
    former: Vec<ModelStore>,
    pub hall: ModelHall,
    pub(crate) lens: Lens,
    pub(crate) vault: Vault,
    pub reader: ReaderBench,
    pub cabinet: LockerBench,
    pub printer: PrinterBench,
    /// The room around the station, with its board.
    pub room: RoomBench,
    /// Keys that can be felt, and what is heard in the earphones.
    pub keypad: KeypadBench,
    /// What was written with a finger and not handed in.
    pub(crate) pad: Vec<Stroke>,
    /// The slot for chip cards; without one its daemon never runs.
    pub slot: smart_card::bench::Bench,
    /// Cards that were in it, by name.
    pub(crate) drawer: BTreeMap<String, Box<dyn Chip>>,
    pub(crate) code_under_the_lens: Option<String>,
    /// What becomes of logs that are copied to the stick.
    pub(crate) stick: Result<Exported, NotExported>,
    pub(crate) store_free_at: u64,
    pub(crate) pages_free_at: u64,
    pub(crate) n_images: u64,
    pub(crate) feed_cursor: u64,
    pub(crate) witness: Witness,
    pub(crate) exit: Option<u8>,
    n_station_steps: u64,
    crash_plan: Option<CrashPlan>,
    /// The planned crash happened: acts of the script do nothing any more.
    over: bool,
    class_before: TimeoutClass,
    /// What the invariants have seen: see `checks`.
    checked: Option<[u64; 6]>,
    looked: Option<(u32, Revision, usize)>,
}

impl World {
    /// A station that was enrolled and never used, with every matter of the repository. The hall
    /// is reachable and the reader is plugged in.
    pub fn new(seed: u64) -> Self {
        Self::fitted_with(seed, Fitted::Plain, None)
    }

    /// The same with a printer and a cabinet of eight cells that was looked into.
    pub fn with_locker(seed: u64) -> Self {
        let mut world = Self::fitted_with(seed, Fitted::WithLocker, None);
        world.until("devices and hall", |w| w.has_devices() && w.shows("已联网"));
        world
    }

    /// A station with a slot for chip cards beside its id reader.
    pub fn with_card_slot(seed: u64) -> Self {
        let mut world = Self::fitted_with(seed, Fitted::WithCardSlot, None);
        world.until("reader and hall", |w| w.reader.is_ready() && w.shows("已联网"));
        world
    }

    /// The same as with a locker, in a room with a board.
    pub fn with_room(seed: u64) -> Self {
        let mut world = Self::fitted_with(seed, Fitted::WithRoom, None);
        world.until("devices and hall", |w| w.has_devices() && w.shows("已联网"));
        world
    }

    /// The same as with a locker, with a keypad that has an earphone jack.
    pub fn with_keypad(seed: u64) -> Self {
        let mut world = Self::fitted_with(seed, Fitted::WithKeypad, None);
        world.until("devices and hall", |w| w.has_devices() && w.shows("已联网"));
        world
    }

    /// Either of them, ready, with a second store that is as new as this one's.
    pub fn with_beside(seed: u64, with_locker: bool, beside: Box<dyn Beside>) -> Self {
        let fitted = if with_locker { Fitted::WithLocker } else { Fitted::Plain };
        let mut world = Self::fitted_with(seed, fitted, Some(beside));
        world.until("devices and hall", |w| w.has_devices() && w.shows("已联网"));
        world
    }

    /// Every device that is built in can work, as far as its driver knows.
    pub fn has_devices(&self) -> bool {
        let at_the_side = || self.cabinet.is_ready() && self.printer.is_ready();
        self.reader.is_ready()
            && (!self.config.has_printer || at_the_side())
            && (!self.config.has_room || self.room.is_ready())
            && (!self.config.has_keypad || self.keypad.is_ready())
    }

    fn fitted_with(seed: u64, fitted: Fitted, mut beside: Option<Box<dyn Beside>>) -> Self {
        let cells = if fitted.has_locker() { cabinet::plan() } else { Vec::new() };
        let (cabinet, printer) = beside_the_screen(fitted, seed);
        let (room, keypad) = around_the_screen(fitted, seed);
        let (clock, config) = (WorldClock::default(), config_of(fitted, cells.clone(), seed));
        let mut store = ModelStore::new(config.station, config.epoch, clock.true_time());
        store.trusts(staff_cards::trust());
        store.take_inventory(cells.iter().map(|cell| cell.door));
        if let Some(beside) = &mut beside {
            beside.persist(&store.as_records()).expect("a new store takes its first records");
        }
        let catalogue = catalogue();
        let recovered = store.recover(0);
        let (station, first) =
            Station::new(config.clone(), catalogue.clone(), recovered, clock.now());
        let mut world = Self {
            seed,
            clock,
            config,
            catalogue,
            station,
            life: 1,
            queue: BTreeMap::new(),
            n_due: 0,
            wake: None,
            store,
            beside,
            ended: Ended::Killed,
            former: Vec::new(),
            hall: ModelHall::default(),
            lens: Lens::default(),
            vault: Vault::default(),
            reader: ReaderBench::new(seed),
            cabinet,
            printer,
            room,
            keypad,
            pad: Vec::new(),
            slot: smart_card::bench::Bench::new(),
            drawer: BTreeMap::new(),
            code_under_the_lens: None,
            stick: Err(NotExported::NoStick),
            store_free_at: 0,
            pages_free_at: 0,
            n_images: 0,
            feed_cursor: 0,
            witness: Witness::default(),
            exit: None,
            n_station_steps: 0,
            crash_plan: None,
            over: false,
            class_before: TimeoutClass::Never,
            checked: None,
            looked: None,
        };
        world.begin_life(first);
        if world.config.has_chip_slot {
            world.slot().is_ready();
        }
        world
    }

    /// A world whose station is ready: reader identified, hall reached.
    pub fn ready(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.until("reader and hall", |w| w.reader.is_ready() && w.shows("已联网"));
        world
    }

    fn begin_life(&mut self, first: Vec<kiosk_core::Effect>) {
        self.feed_cursor = self.store.feed_cursor();
        // Whatever was authorised and not asked is void with the program that wanted it.
        self.witness.authorised.clone_from(&self.witness.asked);
        self.witness.frozen = self.store.custody().frozen.iter().copied().collect();
        self.perform(first);
        self.due_in(100, Due::Heartbeat);
        let told = self.reader.plug_status();
        self.due_in(0, Due::Tell(Event::Reader(told)));
        if self.config.has_chip_slot {
            let told = Event::ChipSlot(self.slot.status());
            self.due_in(0, Due::Tell(told));
        }
        self.look_at_the_camera();
        self.check();
    }

    /// As the program does now and then.
    pub(crate) fn look_at_the_camera(&mut self) {
        self.due_in(0, Due::Tell(Event::Camera(self.lens.health())));
    }

    // ---- people and things ----

    pub const fn citizen(&mut self) -> Citizen<'_> {
        Citizen::new(self)
    }

    pub const fn hall(&mut self) -> HallHand<'_> {
        HallHand::new(self)
    }

    pub const fn reader(&mut self) -> ReaderHand<'_> {
        ReaderHand::new(self)
    }

    /// Chip cards that were in the slot are other cards from now on.
    pub fn forgets_cards(&mut self) {
        self.drawer.clear();
    }

    pub const fn slot(&mut self) -> SlotHand<'_> {
        SlotHand::new(self)
    }

    pub const fn room(&mut self) -> RoomHand<'_> {
        RoomHand::new(self)
    }

    pub const fn keypad(&mut self) -> KeypadHand<'_> {
        KeypadHand::new(self)
    }

    pub const fn camera(&mut self) -> CameraHand<'_> {
        CameraHand::new(self)
    }

    pub const fn locker(&mut self) -> LockerHand<'_> {
        LockerHand::new(self)
    }

    pub const fn paper(&mut self) -> PrinterHand<'_> {
        PrinterHand::new(self)
    }

    /// A stick of a technician: what becomes of the logs that are copied to it.
    pub fn stick_takes(&mut self, outcome: Result<Exported, NotExported>) {
        self.stick = outcome;
    }

    pub const fn disk(&mut self) -> DiskHand<'_> {
        DiskHand::new(self)
    }

    pub const fn clock(&mut self) -> ClockHand<'_> {
        ClockHand::new(self)
    }

    // ---- what can be seen ----

    pub fn view(&self) -> &View {
        self.station.view().expect("a view is shown from the first step on")
    }

    pub const fn station(&self) -> &Station {
        &self.station
    }

    /// Is this text, or a text that contains it, on the glass?
    pub fn shows(&self, text: &str) -> bool {
        glass::texts(self.view()).iter().any(|shown| shown.contains(text))
    }

    pub fn sleeps(&self) -> bool {
        matches!(self.view().stage, Stage::Attract { .. })
    }

    /// The 14 digits of the receipt on the glass.
    pub fn receipt(&self) -> Option<String> {
        receipt_digits(self.view())
    }

    /// The exit code, once the program has ended itself.
    pub const fn exit(&self) -> Option<u8> {
        self.exit
    }

    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    pub const fn seed(&self) -> u64 {
        self.seed
    }

    pub const fn n_station_steps(&self) -> u64 {
        self.n_station_steps
    }

    /// Envelopes of originals that were put into a cell.
    pub fn n_deposited(&self) -> usize {
        self.store.moved().iter().filter(|(_, step)| *step == custody::Step::Deposited).count()
    }

    /// Doors that were asked to open, in all lives of the program.
    pub const fn n_openings(&self) -> usize {
        self.witness.asked.len()
    }

    /// The planned crash has happened.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Every line of the story goes to the error output from now on.
    pub const fn tells_its_story(&mut self) {
        self.witness.tells = true;
    }

    // ---- time ----

    /// Lets virtual time pass.
    pub fn passes(&mut self, ms: u64) {
        let end = self.clock.now_ms() + ms;
        while !self.over && self.next_at().is_some_and(|at| at <= end) {
            self.step_until(end);
        }
        if !self.over {
            self.clock.go_to(end);
        }
    }

    /// Waits until something can be seen, at most [`LIMIT_MS`].
    pub fn until(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        self.until_within(LIMIT_MS, what, seen);
    }

    pub fn until_within(&mut self, limit_ms: u64, what: &str, seen: impl Fn(&Self) -> bool) {
        let end = self.clock.now_ms() + limit_ms;
        while !self.over && !seen(self) {
            let next = self.next_at().filter(|at| *at <= end);
            if next.is_none() {
                self.fail(&format!("{what} did not come within {limit_ms} ms"));
            }
            self.step_until(end);
        }
    }

    fn next_at(&self) -> Option<u64> {
        let now = self.clock.now_ms();
        let queued = self.queue.keys().next().map(|(at, _)| *at);
        let wake = self.wake.map(|moment| self.clock.at_ms(moment));
        let slot = self.slot.deadline().map(|moment| moment.0);
        let (reader, room) = (self.reader.deadline(), self.room.deadline());
        let (cabinet, printer) = (self.cabinet.deadline(), self.printer.deadline());
        let devices = [reader, cabinet, printer, room, slot, self.keypad.deadline()];
        let all = [queued, wake].into_iter().chain(devices);
        all.flatten().min().map(|at| at.max(now))
    }

    /// One thing happens that somebody could notice.
    pub fn step(&mut self) {
        self.step_until(u64::MAX);
    }

    /// The same, at most until then: bytes between drivers and devices are nothing to look at.
    fn step_until(&mut self, end: u64) {
        while let Some(at) = self.next_at().filter(|at| *at <= end) {
            self.clock.go_to(at);
            if self.one_thing(at) {
                self.check();
                return self.crash_if_planned();
            }
        }
    }

    /// What is due; whether somebody could notice it.
    fn one_thing(&mut self, at: u64) -> bool {
        let is_due = |due: Option<u64>| due.is_some_and(|due| due <= at);
        if is_due(self.queue.first_key_value().map(|((due, _), _)| *due)) {
            let (_, (life, due)) = self.queue.pop_first().expect("the queue is not empty");
            self.happen(life, due);
            true
        } else if is_due(self.reader.deadline()) {
            let heard = self.reader.run(at);
            self.hear_reader(heard)
        } else if is_due(self.cabinet.deadline()) {
            let told = self.cabinet.run(at);
            self.hear_cabinet(told)
        } else if is_due(self.slot.deadline().map(|moment| moment.0)) {
            let heard = self.slot.run(Moment(at));
            self.hear_slot(heard)
        } else if is_due(self.room.deadline()) {
            let told = self.room.run(at);
            self.hear_device(told)
        } else if is_due(self.keypad.deadline()) {
            let told = self.keypad.run(at);
            self.hear_device(told)
        } else if is_due(self.printer.deadline()) {
            let told = self.printer.run(at);
            self.hear_printer(told)
        } else {
            self.wake = None;
            self.tell(Event::Woken);
            true
        }
    }

    pub(crate) fn due_in(&mut self, ms: u64, due: Due) {
        self.due_at(self.clock.now_ms() + ms, due);
    }

    pub(crate) fn due_at(&mut self, ms: u64, due: Due) {
        self.due_for(self.life, ms, due);
    }

    pub(crate) fn due_for(&mut self, life: u32, ms: u64, due: Due) {
        self.n_due += 1;
        self.queue.insert((ms, self.n_due), (life, due));
    }

    fn happen(&mut self, life: u32, due: Due) {
        match due {
            Due::AtHall { id, batch } => return self.batch_at_hall(life, id, &batch),
            Due::ScanAtHall { id, case, left } => return self.scan_at_hall(life, id, case, left),
            Due::Tell(_)
            | Due::Commit { .. }
            | Due::Find { .. }
            | Due::Page { .. }
            | Due::Answered { .. }
            | Due::Heartbeat
            | Due::Feed
            | Due::LookForRoom => {}
        }
        if life != self.life {
            return;
        }
        match due {
            Due::Tell(event) => self.tell(event),
            Due::Commit { id, records } => self.commit(id, &records),
            Due::Find { id, query } => self.find(id, &query),
            Due::Page { id, request } => self.page_job(id, request),
            Due::Answered { id, reply } => self.answered(id, reply),
            Due::Heartbeat => self.heartbeat(),
            Due::Feed => self.feed(),
            Due::LookForRoom => self.look_for_room(),
            Due::AtHall { .. } | Due::ScanAtHall { .. } => unreachable!("handled above"),
        }
    }

    /// The station handles one event.
    pub(crate) fn tell(&mut self, event: Event) {
        if self.exit.is_some() {
            return;
        }
        self.note_for_logs(&event);
        let effects = self.station.handle(event, self.clock.now());
        self.n_station_steps += 1;
        self.perform(effects);
    }

    /// A finger: the intent reaches the station with the revision it was made on.
    /// A touch on what no button of this page says, as no finger can.
    pub fn forges(&mut self, intent: Intent) {
        let revision = self.view().revision;
        self.touch(revision, intent);
    }

    pub(crate) fn touch(&mut self, revision: Revision, intent: Intent) {
        if self.over {
            return;
        }
        self.witness.patience_since_ms = self.clock.now_ms();
        self.tell(Event::Intent { revision, intent });
        self.check();
        self.crash_if_planned();
    }

    // ---- crashes ----

    /// The program dies now and is started again.
    pub fn crashes_and_restarts(&mut self) {
        self.crashes_and_restarts_with(CommitOnCrash::No);
    }

    /// The program dies now; `commit` says whether writes on the way still reach the disk.
    pub fn crashes_and_restarts_with(&mut self, commit: CommitOnCrash) {
        if commit == CommitOnCrash::Yes {
            self.commit_what_is_on_the_way();
        }
        self.witness.note(self.clock.now_ms(), "---- the program dies and starts again ----");
        self.life += 1;
        self.wake = None;
        self.exit = None;
        self.vault.lose_memory();
        let now = self.clock.now_ms();
        self.reader.program_restarts(now);
        self.cabinet.program_restarts(now);
        self.printer.program_restarts(now);
        self.room.program_restarts(now);
        self.keypad.program_restarts(now);
        self.pad.clear();
        self.slot.program_restarts(Moment(now));
        self.clock.program_started();
        let recovered = self.store.recover(self.clock.now_ms());
        self.compare_stores(&recovered);
        let mut config = self.config.clone();
        config.seed = seed_bytes(self.seed.wrapping_add(u64::from(self.life)));
        let catalogue = self.catalogue.clone();
        let (station, first) = Station::new(config, catalogue, recovered, self.clock.now());
        self.station = station;
        self.begin_life(first);
    }

    fn commit_what_is_on_the_way(&mut self) {
        let life = self.life;
        let due: Vec<Due> =
            self.queue.values().filter(|(l, _)| *l == life).map(|(_, d)| d.clone()).collect();
        for due in due {
            if let Due::Commit { id: _, records } = due {
                // Nobody hears the answer.
                let _lost = self.write(&records);
            }
        }
    }

    /// Plans the death of the program after so many steps of the station, counted from now.
    pub const fn will_crash_after(&mut self, steps: u64, commit: CommitOnCrash) {
        let after_steps = self.n_station_steps + steps;
        self.crash_plan = Some(CrashPlan { after_steps, commit });
    }

    fn crash_if_planned(&mut self) {
        if let Some(plan) = self.crash_plan
            && self.n_station_steps >= plan.after_steps
        {
            self.crash_plan = None;
            self.crashes_and_restarts_with(plan.commit);
            self.over = true;
        }
    }

    /// After a planned crash: acts count again.
    pub const fn goes_on(&mut self) {
        self.over = false;
        self.crash_plan = None;
    }
}

/// The 14 digits of the receipt that a view shows.
pub(crate) fn receipt_digits(view: &View) -> Option<String> {
    let Stage::Receipt { number, .. } = &view.stage else { return None };
    Some(number.chars().filter(char::is_ascii_digit).collect())
}
