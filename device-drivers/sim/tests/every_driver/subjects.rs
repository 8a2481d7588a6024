//! Every driver of a byte device with its twin: what it is asked, what a hand does to it, what must
//! not happen twice.

use device_api::{
    RequestId, code_scanner,
    id_reader::{self, ReadWhat},
    keypad, locker, receipt_printer, room,
};
use device_drivers::{
    code_scanner::{Charset, CodeScanner, Ending, Settings, Trigger},
    id_reader::{Baud, IdReader},
    keypad::Keypad,
    machine::Machine,
    receipt_printer::ReceiptPrinter,
    room::Room,
};
use device_sim::{
    keypad::{self as keypad_twin, KeypadTwin},
    lock_board::{self, DoorAct, LockBoards},
    port::Twin,
    printer::{self, PrinterTwin},
    reader::{self, ReaderTwin},
    room::{self as room_twin, RoomTwin},
    scanner::{self, ScannerTwin},
    specimen,
};
use kiosk_words::Moment;
use locker_controller::Locker;

use crate::paper::{slip_of, typeface};

/// A driver of the suite.
pub(crate) trait Subject: 'static {
    type Driver: Machine<Ask: Clone + std::fmt::Debug, Event: Clone + PartialEq + std::fmt::Debug>;
    type Twin: Twin;
    const NAME: &'static str;
    const RATE: u32;
    /// From the end of all troubles to where it can be asked.
    const RECOVERS_MS: u64 = 60_000;
    /// What an answer may take beside the patience of the request.
    const ANSWERS_MS: u64 = 60_000;

    fn driver() -> Self::Driver;
    fn twin() -> Self::Twin;
    /// `None`: its device is asked nothing.
    fn ask(n: u64) -> Option<<Self::Driver as Machine>::Ask>;
    /// Ends what would wait for a person for ever.
    fn last_ask() -> Option<<Self::Driver as Machine>::Ask>;
    fn hand(n: u64) -> <Self::Twin as Twin>::Act;
    fn answers(event: &<Self::Driver as Machine>::Event) -> Option<RequestId>;
    /// It can be asked, and its device would do it.
    fn is_idle(driver: &Self::Driver) -> bool;
    /// How often the device did what cannot be undone.
    fn n_done(twin: &Self::Twin, now: Moment) -> usize;
}

pub(crate) struct OfReader;

impl Subject for OfReader {
    type Driver = IdReader;
    type Twin = ReaderTwin;
    const NAME: &'static str = "id_reader";
    const RATE: u32 = 115_200;
    /// A module that took a broken length for true waits for so many bytes, 2 KiB at most, and hears
    /// six a second: no page says that it gives up before.
    const RECOVERS_MS: u64 = 600_000;

    fn driver() -> IdReader {
        IdReader::new(Baud::B115200, device_drivers::id_reader::timings::PRODUCTION)
    }

    fn twin() -> ReaderTwin {
        ReaderTwin::new()
    }

    fn ask(n: u64) -> Option<id_reader::Request> {
        let what = ReadWhat {
            photo: false,
            fingerprint: n.is_multiple_of(3),
            new_address: n.is_multiple_of(2),
        };
        Some(if n % 4 == 3 { id_reader::Request::Stop } else { id_reader::Request::Read(what) })
    }

    fn last_ask() -> Option<id_reader::Request> {
        Some(id_reader::Request::Stop)
    }

    fn hand(n: u64) -> reader::Act {
        let cards = ["zhang_san", "wang_wei"];
        match cards.get(usize::try_from(n % 3).expect("small")) {
            Some(name) => reader::Act::Lay(Box::new(specimen::card(name).expect("a specimen"))),
            None => reader::Act::Lift,
        }
    }

    fn answers(event: &id_reader::Event) -> Option<RequestId> {
        match event {
            id_reader::Event::Done(id, _) | id_reader::Event::Refused(id, _) => Some(*id),
            id_reader::Event::StatusChanged(_) => None,
        }
    }

    fn is_idle(driver: &IdReader) -> bool {
        driver.status().health == id_reader::Health::Ready
    }

    fn n_done(_twin: &ReaderTwin, _now: Moment) -> usize {
        0
    }
}

pub(crate) struct OfPrinter;

impl Subject for OfPrinter {
    type Driver = ReceiptPrinter;
    type Twin = PrinterTwin;
    const NAME: &'static str = "receipt_printer";
    const RATE: u32 = 115_200;

    fn driver() -> ReceiptPrinter {
        use device_drivers::receipt_printer::{Baud, timings::PRODUCTION};
        ReceiptPrinter::new(Baud::B115200, typeface(), PRODUCTION)
    }

    fn twin() -> PrinterTwin {
        PrinterTwin::without_ink()
    }

    fn ask(n: u64) -> Option<receipt_printer::Request> {
        if n % 5 == 4 {
            return Some(receipt_printer::Request::Cancel);
        }
        let lines = usize::try_from(2 + n % 4).ok()?;
        let slip = Box::new(slip_of("zhang_san", lines));
        Some(receipt_printer::Request::Print { slip, reprint: false })
    }

    fn last_ask() -> Option<receipt_printer::Request> {
        None
    }

    fn hand(n: u64) -> printer::Act {
        match n % 4 {
            0 => printer::Act::SetCover(printer::Cover::Open),
            1 | 2 => printer::Act::SetCover(printer::Cover::Closed),
            _ => printer::Act::SetPaper { left_mm: printer::ROLL_MM },
        }
    }

    fn answers(event: &receipt_printer::Event) -> Option<RequestId> {
        use receipt_printer::Event;
        match event {
            Event::Done(id, _) | Event::Refused(id, _) => Some(*id),
            Event::StatusChanged(_) => None,
        }
    }

    fn is_idle(driver: &ReceiptPrinter) -> bool {
        driver.status().health == receipt_printer::Health::Ready
    }

    fn n_done(twin: &PrinterTwin, now: Moment) -> usize {
        // An empty paper is what it cuts off when it is cleaned.
        twin.look(now).papers.iter().filter(|paper| !paper.entries.is_empty()).count()
    }
}

pub(crate) struct OfScanner;

impl Subject for OfScanner {
    type Driver = CodeScanner;
    type Twin = ScannerTwin;
    const NAME: &'static str = "code_scanner";
    const RATE: u32 = 9_600;

    fn driver() -> CodeScanner {
        let settings =
            Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
        CodeScanner::new(settings, device_drivers::code_scanner::timings::PRODUCTION)
    }

    fn twin() -> ScannerTwin {
        ScannerTwin::new()
    }

    fn ask(n: u64) -> Option<code_scanner::Request> {
        Some(match n % 4 {
            3 => code_scanner::Request::Stop,
            n => code_scanner::Request::Read { patience_ms: 4_000 + 2_000 * n },
        })
    }

    fn last_ask() -> Option<code_scanner::Request> {
        None
    }

    fn hand(n: u64) -> scanner::Act {
        match n % 3 {
            0 => scanner::Act::TakeAway,
            n => scanner::Act::Hold(format!("ND2.0017000000014{n}.materials").into_bytes()),
        }
    }

    fn answers(event: &code_scanner::Event) -> Option<RequestId> {
        use code_scanner::Event;
        match event {
            Event::Done(id, _) | Event::Refused(id, _) => Some(*id),
            Event::StatusChanged(_) => None,
        }
    }

    fn is_idle(driver: &CodeScanner) -> bool {
        driver.status().health == code_scanner::Health::Ready
    }

    fn n_done(_twin: &ScannerTwin, _now: Moment) -> usize {
        0
    }
}

pub(crate) struct OfLocker;

impl Subject for OfLocker {
    type Driver = Locker;
    type Twin = LockBoards;
    const NAME: &'static str = "locker";
    const RATE: u32 = locker_controller::BAUD;

    fn driver() -> Locker {
        let timings = locker_controller::timings::PRODUCTION;
        Locker::new(&lock_board::cabinet(), locker_controller::BAUD, timings)
    }

    fn twin() -> LockBoards {
        LockBoards::new(lock_board::cabinet().boards())
    }

    fn ask(n: u64) -> Option<locker::Request> {
        let number = u16::try_from(1 + n % 24).ok()?;
        locker::DoorNo::new(number).map(locker::Request::Open)
    }

    fn last_ask() -> Option<locker::Request> {
        None
    }

    fn hand(n: u64) -> lock_board::Act {
        lock_board::Act::Door(u16::try_from(1 + n % 24).expect("small"), DoorAct::PushShut)
    }

    fn answers(event: &locker::Event) -> Option<RequestId> {
        match event {
            locker::Event::Done(id, _) | locker::Event::Refused(id, _) => Some(*id),
            locker::Event::Door(_) | locker::Event::Board(_) => None,
        }
    }

    fn is_idle(driver: &Locker) -> bool {
        lock_board::cabinet()
            .boards()
            .iter()
            .all(|board| driver.board(board.address()) == Some(locker::Health::Ready))
    }

    fn n_done(twin: &LockBoards, _now: Moment) -> usize {
        twin.n_driven().map(|(_, n)| n as usize).sum()
    }
}

pub(crate) struct OfRoom;

impl Subject for OfRoom {
    type Driver = Room;
    type Twin = RoomTwin;
    const NAME: &'static str = "room";
    const RATE: u32 = 9_600;

    fn driver() -> Room {
        Room::new(room_twin::as_wired(), device_drivers::room::timings::PRODUCTION)
    }

    fn twin() -> RoomTwin {
        RoomTwin::as_delivered()
    }

    fn ask(n: u64) -> Option<room::Request> {
        let output = room::Output::ALL[usize::try_from(n % 3).ok()?];
        Some(room::Request::Set { output, on: n.is_multiple_of(2) })
    }

    fn last_ask() -> Option<room::Request> {
        None
    }

    fn hand(n: u64) -> room_twin::Act {
        match n % 4 {
            0 => room_twin::Act::PressButton,
            1 => room_twin::Act::ReleaseButton,
            n => room_twin::Act::OpenDoor(n == 2),
        }
    }

    fn answers(event: &room::Event) -> Option<RequestId> {
        match event {
            room::Event::Done(id, _) | room::Event::Refused(id, _) => Some(*id),
            room::Event::StatusChanged(_) => None,
        }
    }

    fn is_idle(driver: &Room) -> bool {
        driver.status().health == room::Health::Ready
    }

    /// A state is set, as often as it takes.
    fn n_done(_twin: &RoomTwin, _now: Moment) -> usize {
        0
    }
}

pub(crate) struct OfKeypad;

impl Subject for OfKeypad {
    type Driver = Keypad;
    type Twin = KeypadTwin;
    const NAME: &'static str = "keypad";
    const RATE: u32 = 9_600;

    fn driver() -> Keypad {
        Keypad::new(device_drivers::keypad::timings::PRODUCTION)
    }

    fn twin() -> KeypadTwin {
        KeypadTwin::new()
    }

    fn ask(_n: u64) -> Option<keypad::Request> {
        None
    }

    fn last_ask() -> Option<keypad::Request> {
        None
    }

    fn hand(n: u64) -> keypad_twin::Act {
        match n % 4 {
            0 => keypad_twin::Act::PlugJack,
            1 => keypad_twin::Act::UnplugJack,
            _ => {
                let at = usize::try_from(n).expect("small") % keypad::Key::ALL.len();
                keypad_twin::Act::Press(keypad::Key::ALL[at])
            }
        }
    }

    fn answers(_event: &keypad::Event) -> Option<RequestId> {
        None
    }

    fn is_idle(driver: &Keypad) -> bool {
        driver.status().health == keypad::Health::Ready
    }

    fn n_done(_twin: &KeypadTwin, _now: Moment) -> usize {
        0
    }
}
