//! The cabinet and the receipt printer as the station can notice them, in the words of device-api.
//!
//! What their wires do is tested at the drivers, against twins on a real pty; here only what they
//! answer and when matters, and what people do with doors and paper.

use std::collections::{BTreeMap, BTreeSet};

use device_api::{
    locker::{self, DoorChanged, DoorNo, DoorState},
    receipt_printer::{self, Fault, Part, Slip},
};
use kiosk_core::{
    EffectId, Event,
    custody::CellPlan,
    effect::{Refusal, Reply},
};
use kiosk_words::CellSize;

/// From the request to the door seen open.
const OPENING_MS: u64 = 120;
/// A door that stays shut is given up after this.
const JAMMED_MS: u64 = 3_000;
const PRINTING_MS: u64 = 1_500;

/// What a door does when it is next asked to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    Opens,
    Jams,
    /// This one opens instead.
    OpensInstead(DoorNo),
    /// Its board falls silent while it opens.
    GetsLost,
}

#[derive(Debug)]
struct Door {
    state: DoorState,
    habit: Habit,
}

#[derive(Debug, Default)]
pub struct ModelCabinet {
    doors: BTreeMap<DoorNo, Door>,
    /// Boards that say nothing.
    silent: BTreeSet<u8>,
    /// Doors in the order in which they were opened for somebody.
    opened: Vec<DoorNo>,
}

/// What the driver puts over a slip that may be out already.
const REPRINT_MARK: &str = "补打";

/// Events with the milliseconds until they come.
pub type Later = Vec<(u64, Event)>;

pub fn door(number: u16) -> DoorNo {
    DoorNo::new(number).expect("doors are numbered from 1")
}

/// Eight cells: six for A4, two larger.
pub fn plan() -> Vec<CellPlan> {
    let size = |n: u16| match n {
        1..=6 => CellSize::A4,
        7 => CellSize::A4Thick,
        _ => CellSize::A3,
    };
    (1..=8).map(|n| CellPlan { door: door(n), size: size(n) }).collect()
}

impl ModelCabinet {
    /// All its doors shut.
    pub fn of(cells: &[CellPlan]) -> Self {
        let shut =
            |cell: &CellPlan| (cell.door, Door { state: DoorState::Shut, habit: Habit::Opens });
        Self { doors: cells.iter().map(shut).collect(), ..Self::default() }
    }

    pub fn state(&self, number: u16) -> DoorState {
        self.doors.get(&door(number)).map_or(DoorState::Unknown, |door| door.state)
    }

    /// Every opening that the station asked for and got.
    pub fn opened(&self) -> &[DoorNo] {
        &self.opened
    }

    /// What a program that has just started hears.
    pub fn news(&self) -> Later {
        let ready = self.boards().into_iter().map(|board| (0, said(board, locker::Health::Ready)));
        let seen =
            self.doors.iter().map(|(no, door)| (0, changed(*no, DoorState::Unknown, door.state)));
        ready.chain(seen).collect()
    }

    fn boards(&self) -> BTreeSet<u8> {
        self.doors.keys().map(|door| board_of(*door)).collect()
    }

    pub(crate) fn will(&mut self, number: u16, habit: Habit) {
        if let Some(door) = self.doors.get_mut(&door(number)) {
            door.habit = habit;
        }
    }

    /// The boards answer again, every bolt is out and somebody has pushed every door shut.
    pub fn is_mended(&mut self) -> Later {
        self.silent.clear();
        let ready = self.boards().into_iter().map(|board| (0, said(board, locker::Health::Ready)));
        let mut told: Later = ready.collect();
        for (no, door) in &mut self.doors {
            door.habit = Habit::Opens;
            if door.state != DoorState::Shut {
                told.push((0, changed(*no, door.state, DoorState::Shut)));
                door.state = DoorState::Shut;
            }
        }
        told
    }

    /// A door that stands open, whoever opened it.
    pub fn open_door(&self) -> Option<u16> {
        self.doors.iter().find(|(_, door)| is_open(door.state)).map(|(no, _)| no.get())
    }

    /// Nothing is heard from any board.
    pub fn falls_silent(&mut self) -> Later {
        let boards = self.boards();
        boards.into_iter().flat_map(|board| self.board_falls_silent(board)).collect()
    }

    /// One board is dead, the others go on.
    pub(crate) fn board_falls_silent(&mut self, board: u8) -> Later {
        self.silent.insert(board);
        let health = locker::Health::Down(locker::Fault::Silent);
        let mut told = vec![(0, said(board, health))];
        for (no, door) in self.doors.iter_mut().filter(|(no, _)| board_of(**no) == board) {
            told.push((0, changed(*no, door.state, DoorState::Unknown)));
            door.state = DoorState::Unknown;
        }
        told
    }

    pub fn ask(&mut self, id: EffectId, no: DoorNo) -> Later {
        let refused = |ms, why| vec![(ms, Event::Refused { id, refusal: Refusal::Door(why) })];
        if self.silent.contains(&board_of(no)) {
            return refused(1, locker::Refusal::NotKnown);
        }
        if let Some((other, _)) = self.doors.iter().find(|(_, door)| is_open(door.state)) {
            return refused(1, locker::Refusal::AnotherDoor(*other));
        }
        let Some(door) = self.doors.get_mut(&no) else {
            return refused(1, locker::Refusal::NoSuchDoor);
        };
        match std::mem::replace(&mut door.habit, Habit::Opens) {
            Habit::Jams => refused(JAMMED_MS, locker::Refusal::StayedShut),
            Habit::GetsLost => refused(JAMMED_MS, locker::Refusal::Lost),
            Habit::OpensInstead(other) => {
                let mut told = self.moves(other, DoorState::Forced);
                told.extend(refused(OPENING_MS, locker::Refusal::WrongDoor(other)));
                told
            }
            Habit::Opens => {
                self.opened.push(no);
                let mut told = self.moves(no, DoorState::Open);
                let reply = Reply::DoorOpened(no);
                told.push((OPENING_MS, Event::Done { id, reply }));
                told
            }
        }
    }

    pub fn moves(&mut self, no: DoorNo, to: DoorState) -> Later {
        let Some(door) = self.doors.get_mut(&no) else { return Vec::new() };
        let was = std::mem::replace(&mut door.state, to);
        let ms = if to == DoorState::Open { OPENING_MS } else { 0 };
        vec![(ms, changed(no, was, to))]
    }
}

/// Four doors on each board.
const fn board_of(door: DoorNo) -> u8 {
    if door.get() <= 4 { 1 } else { 2 }
}

const fn said(board: u8, health: locker::Health) -> Event {
    Event::Board(locker::BoardChanged { board, health })
}

const fn changed(door: DoorNo, was: DoorState, is: DoorState) -> Event {
    Event::Door(DoorChanged { door, was, is })
}

const fn is_open(state: DoorState) -> bool {
    matches!(state, DoorState::Open | DoorState::Ajar | DoorState::Forced)
}

/// What the printer does with the next slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    Works,
    /// Refuses before the first byte.
    Refuses(Fault),
    /// Nobody knows whether it came out.
    StopsInTheMiddle(Fault),
}

#[derive(Debug)]
pub struct ModelPrinter {
    next: Print,
    /// What came out whole: the lines, and whether it was headed 补打.
    papers: Vec<(Vec<String>, bool)>,
}

impl Default for ModelPrinter {
    fn default() -> Self {
        Self { next: Print::Works, papers: Vec::new() }
    }
}

impl ModelPrinter {
    pub fn papers(&self) -> &[(Vec<String>, bool)] {
        &self.papers
    }

    /// The newest paper as one text.
    pub fn last_paper(&self) -> String {
        let Some((lines, again)) = self.papers.last() else { return String::new() };
        let mark = again.then_some(REPRINT_MARK);
        let all: Vec<&str> = mark.into_iter().chain(lines.iter().map(String::as_str)).collect();
        all.join("\n")
    }

    pub const fn will(&mut self, next: Print) {
        self.next = next;
    }

    pub fn status(&self) -> Event {
        let health = match self.next {
            Print::Refuses(fault) => receipt_printer::Health::Down(fault),
            Print::Works | Print::StopsInTheMiddle(_) => receipt_printer::Health::Ready,
        };
        Event::Printer(receipt_printer::Status { health, paper_low: false })
    }

    pub fn ask(&mut self, id: EffectId, slip: &Slip, reprint: bool) -> Later {
        let refused = |ms, why| vec![(ms, Event::Refused { id, refusal: Refusal::Print(why) })];
        match self.next {
            Print::Refuses(fault) => refused(1, receipt_printer::Refusal::NotStarted(fault)),
            Print::StopsInTheMiddle(fault) => {
                self.next = Print::Works;
                refused(PRINTING_MS, receipt_printer::Refusal::Uncertain(fault))
            }
            Print::Works => {
                self.papers.push((lines(slip), reprint));
                vec![(PRINTING_MS, Event::Done { id, reply: Reply::Printed })]
            }
        }
    }
}

fn lines(slip: &Slip) -> Vec<String> {
    let line = |part: &Part| match part {
        Part::Line(line) => line.text.expose().clone(),
        Part::Qr(text) => format!("[{}]", text.expose()),
        Part::Rule => "----".to_owned(),
        Part::Gap(_) => String::new(),
    };
    slip.parts.iter().map(line).collect()
}
