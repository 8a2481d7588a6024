//! The cabinet on its wire: the driver core that ships, the twin of its boards and doors, and two
//! wires between them.
//!
//! Everything a hand does is done to the twin; what the station knows comes through the driver.
//! How often each lock was really pulsed is counted at the boards' outputs.

use std::collections::BTreeSet;

use device_api::{
    RequestId,
    locker::{self, DoorNo, DoorState, Fault, Health, Reply, Request},
};
use device_sim::{
    lock_board::{
        Act, BoardAct, BoardLook, CabinetLook, DoorAct, LockBoards, On, Planned, Power, Trouble,
    },
    port::Twin as _,
};
use kiosk_core::{
    EffectId, Event,
    effect::{Refusal as CoreRefusal, Reply as CoreReply},
};
use kiosk_words::Moment;
use locker_controller::{Address, BAUD, Locker, timings::PRODUCTION};

use crate::{
    cabinet::{self, BOARDS, board_of},
    wire::{Bench, Disturbance, Duplex},
};

/// A door open for longer is told to be ajar.
pub const AJAR_MS: u64 = PRODUCTION.ajar_ms;
/// So many looks at a board find nothing when an open got lost: it is down then, and comes back.
const N_LOST_LOOKS: u32 = 6;

/// What a door does when it is next asked to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    Opens,
    /// It stays stuck in its frame until it is mended.
    Jams,
    /// This one opens instead: their cables are crossed until they are mended.
    OpensInstead(DoorNo),
    /// Its board falls silent while it opens, and comes back after a while.
    GetsLost,
}

#[derive(Debug)]
pub struct LockerBench {
    bench: Bench<Locker, LockBoards>,
    asked: BTreeSet<RequestId>,
    /// Doors in the order in which they were opened for somebody.
    opened: Vec<DoorNo>,
    /// Outputs driven so far, by number of the door, and those nobody has taken note of.
    n_driven: Vec<u32>,
    driven: Vec<DoorNo>,
    /// Doors whose next pulse gets lost.
    gets_lost: BTreeSet<DoorNo>,
}

impl LockerBench {
    pub(crate) fn last_minute(&self, now_ms: u64) -> Vec<device_api::wire::Line> {
        self.bench.last_minute(now_ms)
    }

    pub(crate) fn new(seed: u64) -> Self {
        let twin = LockBoards::new(cabinet::wiring().boards());
        let n_driven = twin.n_driven().map(|(_, n)| n).collect();
        let line = (BAUD, Duplex::Half);
        Self {
            bench: Bench::new(driver(), twin, line, is_steady, seed ^ 0x10c4),
            asked: BTreeSet::new(),
            opened: Vec::new(),
            n_driven,
            driven: Vec::new(),
            gets_lost: BTreeSet::new(),
        }
    }

    /// A station without a cabinet.
    pub(crate) fn absent(self) -> Self {
        Self { bench: self.bench.absent(), ..self }
    }

    /// What the driver knows of a door.
    pub fn state(&self, number: u16) -> DoorState {
        let no = DoorNo::new(number);
        no.and_then(|no| self.bench.driver.door(no)).unwrap_or(DoorState::Unknown)
    }

    /// What the driver knows of a board.
    pub fn health(&self, board: u8) -> Health {
        let known = Address::new(board).and_then(|address| self.bench.driver.board(address));
        known.unwrap_or(Health::Starting)
    }

    pub fn is_ready(&self) -> bool {
        BOARDS.iter().all(|board| self.health(*board) == Health::Ready)
    }

    /// Every opening that the station asked for and got.
    pub fn opened(&self) -> &[DoorNo] {
        &self.opened
    }

    /// What a person sees who stands before the cabinet at this time of the world.
    pub fn look(&self, now_ms: u64) -> CabinetLook {
        self.bench.twin.look(self.bench.moment(now_ms))
    }

    /// A door that stands open, whoever opened it.
    pub fn open_door(&self) -> Option<u16> {
        let look = self.bench.twin.look(Moment(0));
        look.doors.iter().find(|door| door.is_open).map(|door| door.door)
    }

    /// Outputs that were driven since this was asked last, in their order.
    pub(crate) fn take_driven(&mut self) -> Vec<DoorNo> {
        std::mem::take(&mut self.driven)
    }

    pub(crate) fn will(&mut self, number: u16, habit: Habit, now_ms: u64) {
        self.gets_lost.remove(&cabinet::door(number));
        for act in [DoorAct::Unjam, DoorAct::Uncross] {
            self.hand(number, act, now_ms);
        }
        match habit {
            Habit::Opens => {}
            Habit::Jams => self.hand(number, DoorAct::Jam, now_ms),
            Habit::OpensInstead(other) => {
                self.hand(number, DoorAct::Cross { to: other.get() }, now_ms);
            }
            Habit::GetsLost => {
                self.gets_lost.insert(cabinet::door(number));
            }
        }
    }

    /// A hand, or wear, does something to a door.
    pub(crate) fn hand(&mut self, number: u16, act: DoorAct, now_ms: u64) {
        self.bench.touch(Act::Door(number, act), now_ms);
    }

    pub(crate) fn board(&mut self, board: u8, act: BoardAct, now_ms: u64) {
        let address = Address::new(board).expect("boards are numbered from 1");
        self.bench.touch(Act::Board(address, act), now_ms);
    }

    pub(crate) fn touch(&mut self, act: Act, now_ms: u64) {
        self.bench.touch(act, now_ms);
    }

    pub(crate) fn disturb(&mut self, disturbance: Disturbance, now_ms: u64) {
        self.bench.disturb(disturbance, now_ms);
    }

    pub(crate) fn unplug(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.unplug(now_ms);
        self.note(told, now_ms)
    }

    pub(crate) fn plug(&mut self, now_ms: u64) {
        self.bench.plug(now_ms);
    }

    /// Line and boards as they should be, every lock at its own door, nothing stuck, every door
    /// pushed shut.
    pub(crate) fn is_mended(&mut self, now_ms: u64) {
        self.gets_lost.clear();
        self.disturb(Disturbance::None, now_ms);
        self.plug(now_ms);
        for board in BOARDS {
            self.board(board, BoardAct::ClearPlan, now_ms);
            self.board(board, BoardAct::SetPower(Power::On), now_ms);
        }
        for cell in cabinet::plan() {
            let whole = [DoorAct::Uncross, DoorAct::Unjam, DoorAct::LetGo, DoorAct::FreeSensor];
            for act in whole.into_iter().chain([DoorAct::PushShut]) {
                self.hand(cell.door.get(), act, now_ms);
            }
        }
    }

    /// A new process: the driver begins anew, boards and doors are as they were.
    pub(crate) fn program_restarts(&mut self, now_ms: u64) {
        self.bench.program_restarts(driver(), now_ms);
        self.asked.clear();
    }

    pub(crate) fn open(&mut self, id: EffectId, door: DoorNo, now_ms: u64) -> Vec<Event> {
        let id = RequestId(id.0);
        self.asked.insert(id);
        let told = self.bench.ask(id, Request::Open(door), now_ms);
        self.note(told, now_ms)
    }

    /// World time at which something happens here.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bench.deadline()
    }

    pub(crate) fn run(&mut self, now_ms: u64) -> Vec<Event> {
        let told = self.bench.run(now_ms);
        self.note(told, now_ms)
    }

    fn note(&mut self, told: Vec<locker::Event>, now_ms: u64) -> Vec<Event> {
        self.count_pulses(now_ms);
        told.into_iter().map(|event| self.heard(event)).collect()
    }

    fn count_pulses(&mut self, now_ms: u64) {
        let mut driven = Vec::new();
        for ((number, n), known) in self.bench.twin.n_driven().zip(&mut self.n_driven) {
            let more = n - std::mem::replace(known, n);
            driven.extend((0..more).map(|_| cabinet::door(number)));
        }
        for door in driven {
            self.driven.push(door);
            if self.gets_lost.remove(&door) {
                self.falls_silent_for_a_while(board_of(door), now_ms);
            }
        }
    }

    fn falls_silent_for_a_while(&mut self, board: u8, now_ms: u64) {
        let planned = Planned::once(Trouble::Mute).on(On::Query).times(N_LOST_LOOKS);
        self.board(board, BoardAct::Plan(planned), now_ms);
    }

    fn heard(&mut self, event: locker::Event) -> Event {
        match event {
            locker::Event::Done(id, Reply::Opened(door)) => {
                self.answered(id);
                self.opened.push(door);
                Event::Done { id: EffectId(id.0), reply: CoreReply::DoorOpened(door) }
            }
            locker::Event::Refused(id, why) => {
                self.answered(id);
                Event::Refused { id: EffectId(id.0), refusal: CoreRefusal::Door(why) }
            }
            locker::Event::Door(changed) => Event::Door(changed),
            locker::Event::Board(changed) => Event::Board(changed),
        }
    }

    fn answered(&mut self, id: RequestId) {
        assert!(self.asked.remove(&id), "{id:?} is answered and was not asked");
    }
}

pub(crate) fn driver() -> Locker {
    Locker::new(&cabinet::wiring(), BAUD, PRODUCTION)
}

/// Every board answers, or is known to be silent, and no door is in use: none will be told to be
/// ajar. With no board that answers, the driver closes the line from time to time.
pub(crate) fn is_steady(driver: &Locker, twin: &LockBoards) -> bool {
    let in_use = |no| {
        let state = driver.door(cabinet::door(no));
        matches!(state, Some(DoorState::Releasing | DoorState::Open))
    };
    let look = twin.look(Moment(0));
    let is_settled = |board: &BoardLook| {
        let known = Address::new(board.board).and_then(|address| driver.board(address));
        let expected = match board.power {
            Power::On => Health::Ready,
            Power::Off => Health::Down(Fault::Silent),
        };
        known == Some(expected) && board.planned.is_empty()
    };
    look.boards.iter().any(|board| board.power == Power::On)
        && look.boards.iter().all(is_settled)
        && !look.doors.iter().any(|door| in_use(door.door))
}
