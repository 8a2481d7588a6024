//! How each part of the station is, since when, what was wrong last, and the next thing to do: one
//! table, for staff at the screen, for `kiosk check` and for the log that a technician takes along.
//!
//! It decides which words fit a fault. Whether a service may begin is decided by
//! [`crate::readiness`]; nothing here knows a person or a case.
//!
//! ```text
//!  fitted ──► Starting ──► Well ◄──► Wrong(what to do)      each change: since, last fault
//!                           └─ another identity than before: replaced, until staff have seen it
//! ```

use std::collections::BTreeMap;

use device_api::{
    camera, code_scanner, id_reader, keypad, locker, receipt_printer, room, smart_card,
};
use kiosk_words::WallTime;

use crate::{
    view::Language,
    words::{self, Say},
};

/// What can be in order or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Reader,
    Slot,
    Scanner,
    Camera,
    Printer,
    /// A lock board, by its address.
    Board(u8),
    /// The board of emergency button, lobby door, lamp and siren.
    Room,
    Mains,
    /// Keys that can be felt, and the earphone jack.
    Keypad,
    Disk,
    /// Receipt numbers.
    Numbers,
    Clock,
    Hall,
}

impl Part {
    pub fn name(self, language: Language) -> String {
        let name = match self {
            Self::Reader => words::DEVICE_READER,
            Self::Slot => words::DEVICE_SLOT,
            Self::Scanner => words::DEVICE_SCANNER,
            Self::Camera => words::DEVICE_CAMERA,
            Self::Printer => words::DEVICE_PRINTER,
            Self::Board(address) => {
                return words::DEVICE_BOARD.with(language, &[&address.to_string()]);
            }
            Self::Room => words::DEVICE_ROOM,
            Self::Mains => words::DEVICE_MAINS,
            Self::Keypad => words::DEVICE_KEYPAD,
            Self::Disk => words::DEVICE_DISK,
            Self::Numbers => words::DEVICE_NUMBERS,
            Self::Clock => words::DEVICE_CLOCK,
            Self::Hall => words::DEVICE_HALL,
        };
        name.in_(language)
    }

    /// One word, also in the record and in the table of `kiosk check`.
    pub fn id(self) -> String {
        match self {
            Self::Reader => "reader".to_owned(),
            Self::Slot => "card slot".to_owned(),
            Self::Scanner => "scanner".to_owned(),
            Self::Camera => "camera".to_owned(),
            Self::Printer => "printer".to_owned(),
            Self::Board(address) => format!("board {address}"),
            Self::Room => "room".to_owned(),
            Self::Mains => "mains".to_owned(),
            Self::Keypad => "keypad".to_owned(),
            Self::Disk => "disk".to_owned(),
            Self::Numbers => "numbers".to_owned(),
            Self::Clock => "clock".to_owned(),
            Self::Hall => "hall".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Starting,
    Well,
    /// The next thing to do.
    Wrong(Say),
}

impl State {
    /// What stands in the column of the next action, if there is anything to do.
    pub const fn to_do(self) -> Option<Say> {
        match self {
            Self::Well => None,
            Self::Starting => Some(words::FIX_STARTING),
            Self::Wrong(fix) => Some(fix),
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Port, reader or folder, as machine.toml has it; empty for what is no device.
    pub link: String,
    /// What it says of itself, where its wire has a way to ask.
    pub identity: Option<String>,
    pub state: State,
    pub since: WallTime,
    pub last_fault: Option<(Say, WallTime)>,
    /// What it said of itself before, if that was something else.
    pub replaced: Option<String>,
}

impl Row {
    /// A fault comes before a change that works.
    pub fn to_do(&self) -> Option<Say> {
        let replaced = self.replaced.as_ref().map(|_| words::FIX_REPLACED);
        self.state.to_do().or(replaced)
    }
}

/// Every part that is fitted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    rows: BTreeMap<Part, Row>,
}

impl Diagnosis {
    /// `links` are the parts of machine.toml; `seen` is what they said of themselves when they were
    /// heard last, in an earlier run.
    pub fn new(links: &[(Part, String)], seen: &[(String, String)], now: WallTime) -> Self {
        let row = |(part, link): &(Part, String)| {
            let before = seen.iter().find(|(id, _)| *id == part.id());
            let row = Row {
                link: link.clone(),
                identity: before.map(|(_, identity)| identity.clone()),
                state: State::Starting,
                since: now,
                last_fault: None,
                replaced: None,
            };
            (*part, row)
        };
        Self { rows: links.iter().map(row).collect() }
    }

    pub fn rows(&self) -> impl Iterator<Item = (Part, &Row)> {
        self.rows.iter().map(|(part, row)| (*part, row))
    }

    pub fn row(&self, part: Part) -> Option<&Row> {
        self.rows.get(&part)
    }

    /// Remembers a change. A part that is not fitted has no row.
    pub fn is(&mut self, part: Part, state: State, at: WallTime) {
        let Some(row) = self.rows.get_mut(&part) else { return };
        if row.state == state {
            return;
        }
        if let State::Wrong(fix) = state {
            row.last_fault = Some((fix, at));
        }
        (row.state, row.since) = (state, at);
    }

    /// What a device says of itself; true if it is another one than was known, or the first.
    pub fn says(&mut self, part: Part, identity: &str) -> bool {
        let Some(row) = self.rows.get_mut(&part) else { return false };
        let before = row.identity.replace(identity.to_owned());
        let is_other = before.as_deref() != Some(identity);
        if is_other {
            row.replaced = before;
        }
        is_other
    }

    /// Staff have seen that the part was replaced.
    pub fn seen(&mut self, part: Part) {
        if let Some(row) = self.rows.get_mut(&part) {
            row.replaced = None;
        }
    }
}

// ---- what to do about a fault, device by device ----

pub const fn reader(health: id_reader::Health) -> State {
    use id_reader::{Fault, Health};
    match health {
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::Silent) => State::Wrong(words::FIX_POWER),
        Health::Down(Fault::Garbage) => State::Wrong(words::FIX_CABLE),
        Health::Down(Fault::SelfTestFailed | Fault::NotAuthorised) => {
            State::Wrong(words::FIX_REPLACE)
        }
    }
}

pub const fn slot(health: smart_card::Health) -> State {
    use smart_card::{Fault, Health};
    match health {
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::NoService | Fault::Stuck) => State::Wrong(words::FIX_RESTART),
        Health::Down(Fault::Several) => State::Wrong(words::FIX_NAME),
    }
}

pub const fn scanner(health: code_scanner::Health) -> State {
    use code_scanner::{Fault, Health};
    match health {
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::Silent) => State::Wrong(words::FIX_POWER),
        Health::Down(Fault::Garbage) => State::Wrong(words::FIX_CABLE),
    }
}

/// A camera with nothing under it is in order.
pub const fn camera(health: camera::Health) -> State {
    use camera::{Fault, Health};
    match health {
        Health::Ready | Health::Down(Fault::NothingThere) => State::Well,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::BadPicture) => State::Wrong(words::FIX_POWER),
    }
}

pub const fn printer(status: receipt_printer::Status) -> State {
    use receipt_printer::{Fault, Health};
    match status.health {
        Health::Ready if status.paper_low => State::Wrong(words::FIX_PAPER_LOW),
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::Silent | Fault::OffLine) => State::Wrong(words::FIX_POWER),
        Health::Down(Fault::Garbage) => State::Wrong(words::FIX_CABLE),
        Health::Down(Fault::PaperOut) => State::Wrong(words::FIX_PAPER),
        Health::Down(Fault::CoverOpen) => State::Wrong(words::FIX_COVER),
        Health::Down(Fault::Cutter) => State::Wrong(words::FIX_CUTTER),
        Health::Down(Fault::Hot) => State::Wrong(words::FIX_HOT),
        Health::Down(Fault::Unrecoverable) => State::Wrong(words::FIX_REPLACE),
    }
}

pub const fn lock_board(health: locker::Health) -> State {
    use locker::{Fault, Health};
    match health {
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::Silent) => State::Wrong(words::FIX_POWER),
        Health::Down(Fault::Garbage) => State::Wrong(words::FIX_CABLE),
    }
}

/// A relay that is read back other than it was told is a fault of a board that answers.
pub const fn room(status: room::Status) -> State {
    use room::{Fault, Health};
    match status.health {
        Health::Ready if status.disobeys.is_some() => State::Wrong(words::FIX_RELAY),
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Down(Fault::Missing) => State::Wrong(words::FIX_PLUG),
        Health::Down(Fault::Silent) => State::Wrong(words::FIX_POWER),
        Health::Down(Fault::Garbage) => State::Wrong(words::FIX_CABLE),
        Health::Down(Fault::Unfit) => State::Wrong(words::FIX_REPLACE),
    }
}

/// A stuck key counts for nothing, and the others work.
pub const fn keypad(health: keypad::Health) -> State {
    use keypad::{Fault, Health};
    match health {
        Health::Ready => State::Well,
        Health::Starting => State::Starting,
        Health::Hampered(fault) | Health::Down(fault) => State::Wrong(match fault {
            Fault::Missing => words::FIX_PLUG,
            Fault::Silent => words::FIX_POWER,
            Fault::Garbage => words::FIX_CABLE,
            Fault::OtherVersion(_) => words::FIX_REPLACE,
            Fault::KeyStuck(_) => words::keypad::FIX_KEY,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: WallTime = WallTime(1_772_676_000_000);
    const ELEVEN: WallTime = WallTime(1_772_679_600_000);

    fn fitted() -> Diagnosis {
        let links = [(Part::Reader, "reader-port".to_owned()), (Part::Board(1), "bus".to_owned())];
        Diagnosis::new(&links, &[("reader".to_owned(), "module 7".to_owned())], TEN)
    }

    #[test]
    fn since_and_last_fault_outlive_the_fault() {
        let mut all = fitted();
        all.is(Part::Reader, State::Wrong(words::FIX_PLUG), TEN);
        all.is(Part::Reader, State::Wrong(words::FIX_PLUG), ELEVEN);
        assert_eq!(all.row(Part::Reader).unwrap().since, TEN, "it did not change");
        all.is(Part::Reader, State::Well, ELEVEN);
        let row = all.row(Part::Reader).unwrap();
        assert_eq!((row.state, row.since, row.to_do()), (State::Well, ELEVEN, None));
        assert_eq!(row.last_fault, Some((words::FIX_PLUG, TEN)));
    }

    #[test]
    fn another_device_in_the_place_of_one_is_named_until_staff_have_seen_it() {
        let mut all = fitted();
        all.is(Part::Reader, State::Well, TEN);
        assert!(!all.says(Part::Reader, "module 7"), "the one of the last run");
        assert!(all.says(Part::Reader, "module 8"));
        let row = all.row(Part::Reader).unwrap();
        assert_eq!(row.replaced.as_deref(), Some("module 7"));
        assert_eq!(row.to_do(), Some(words::FIX_REPLACED));
        assert!(!all.says(Part::Reader, "module 8"), "told once");
        all.seen(Part::Reader);
        assert_eq!(all.row(Part::Reader).unwrap().to_do(), None);
        assert!(all.says(Part::Board(1), "a first word"));
        assert_eq!(all.row(Part::Board(1)).unwrap().replaced, None, "nothing was known before");
    }

    #[test]
    fn what_is_not_fitted_has_no_row() {
        let mut all = fitted();
        all.is(Part::Printer, State::Well, TEN);
        assert_eq!(all.row(Part::Printer), None);
        assert_eq!(all.rows().count(), 2);
    }
}
