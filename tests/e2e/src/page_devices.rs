//! The cabinet and the receipt printer of the page model, in the words of device-api: healthy ones,
//! or gone as a whole, that answer at once.
//!
//! What a page shows of them is all that matters here; their drivers run against twins in the
//! scenarios and on real ptys.

use std::collections::BTreeMap;

use device_api::{
    locker::{self, BoardChanged, DoorChanged, DoorNo, DoorState},
    receipt_printer::{self, Fault, Part, Slip},
};
use kiosk_core::{
    EffectId, Event,
    custody::CellPlan,
    effect::{Refusal, Reply},
};

/// Of the house's cabinet.
const BOARDS: [u8; 2] = [1, 2];
/// What the driver puts over a slip that may be out already.
const REPRINT_MARK: &str = "补打";

#[derive(Debug)]
pub struct ModelCabinet {
    doors: BTreeMap<DoorNo, DoorState>,
}

impl ModelCabinet {
    /// All its doors shut.
    pub fn of(cells: &[CellPlan]) -> Self {
        Self { doors: cells.iter().map(|cell| (cell.door, DoorState::Shut)).collect() }
    }

    /// What a program that has just started hears.
    pub fn news(&self) -> Vec<Event> {
        let seen = self.doors.iter().map(|(no, is)| changed(*no, DoorState::Unknown, *is));
        self.said(locker::Health::Ready).into_iter().chain(seen).collect()
    }

    /// The boards answer again, and somebody has pushed every door shut.
    pub fn is_mended(&mut self) -> Vec<Event> {
        let mut told = self.said(locker::Health::Ready);
        told.extend(self.all_are(DoorState::Shut));
        told
    }

    /// Nothing is heard from any board.
    pub fn falls_silent(&mut self) -> Vec<Event> {
        let health = locker::Health::Down(locker::Fault::Silent);
        let mut told = self.said(health);
        told.extend(self.all_are(DoorState::Unknown));
        told
    }

    fn said(&self, health: locker::Health) -> Vec<Event> {
        let said = |board| Event::Board(BoardChanged { board, health });
        if self.doors.is_empty() { Vec::new() } else { BOARDS.map(said).to_vec() }
    }

    fn all_are(&mut self, is: DoorState) -> Vec<Event> {
        let others = self.doors.iter_mut().filter(|(_, state)| **state != is);
        others.map(|(no, state)| changed(*no, std::mem::replace(state, is), is)).collect()
    }

    pub fn ask(&mut self, id: EffectId, no: DoorNo) -> Vec<Event> {
        let refused = |why| vec![Event::Refused { id, refusal: Refusal::Door(why) }];
        if let Some((other, _)) = self.doors.iter().find(|(_, state)| **state == DoorState::Open) {
            return refused(locker::Refusal::AnotherDoor(*other));
        }
        match self.doors.get(&no) {
            None => refused(locker::Refusal::NoSuchDoor),
            Some(DoorState::Unknown) => refused(locker::Refusal::NotKnown),
            Some(_) => {
                let mut told = self.moves(no, DoorState::Open);
                told.push(Event::Done { id, reply: Reply::DoorOpened(no) });
                told
            }
        }
    }

    pub fn moves(&mut self, no: DoorNo, to: DoorState) -> Vec<Event> {
        let Some(state) = self.doors.get_mut(&no) else { return Vec::new() };
        vec![changed(no, std::mem::replace(state, to), to)]
    }
}

const fn changed(door: DoorNo, was: DoorState, is: DoorState) -> Event {
    Event::Door(DoorChanged { door, was, is })
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
    /// The newest paper that came out whole, as one text.
    last_paper: String,
}

impl Default for ModelPrinter {
    fn default() -> Self {
        Self { next: Print::Works, last_paper: String::new() }
    }
}

impl ModelPrinter {
    /// The newest paper as one text.
    pub fn last_paper(&self) -> String {
        self.last_paper.clone()
    }

    pub const fn will(&mut self, next: Print) {
        self.next = next;
    }

    pub const fn status(&self) -> Event {
        let health = match self.next {
            Print::Refuses(fault) => receipt_printer::Health::Down(fault),
            Print::Works | Print::StopsInTheMiddle(_) => receipt_printer::Health::Ready,
        };
        Event::Printer(receipt_printer::Status { health, paper_low: false })
    }

    pub fn ask(&mut self, id: EffectId, slip: &Slip, reprint: bool) -> Event {
        let refused = |why| Event::Refused { id, refusal: Refusal::Print(why) };
        match self.next {
            Print::Refuses(fault) => refused(receipt_printer::Refusal::NotStarted(fault)),
            Print::StopsInTheMiddle(fault) => {
                self.next = Print::Works;
                refused(receipt_printer::Refusal::Uncertain(fault))
            }
            Print::Works => {
                self.last_paper = text(slip, reprint);
                Event::Done { id, reply: Reply::Printed }
            }
        }
    }
}

fn text(slip: &Slip, reprint: bool) -> String {
    let line = |part: &Part| match part {
        Part::Line(line) => line.text.expose().clone(),
        Part::Qr(text) => format!("[{}]", text.expose()),
        Part::Rule => "----".to_owned(),
        Part::Gap(_) => String::new(),
    };
    let mark = reprint.then(|| REPRINT_MARK.to_owned());
    mark.into_iter().chain(slip.parts.iter().map(line)).collect::<Vec<_>>().join("\n")
}
