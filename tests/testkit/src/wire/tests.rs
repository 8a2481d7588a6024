//! A bench that rests tells the same at the same time as one that never does, and its device has
//! gone through the same.

use std::{fmt::Debug, ops::Range};

use device_api::{
    id_reader::{self, ReadWhat},
    locker::{self, DoorState},
    receipt_printer,
};
use device_drivers::{
    id_reader::{self as id_reader_driver, IdReader},
    receipt_printer::{Baud, ReceiptPrinter},
};
use device_sim::{
    lock_board::{self, BoardAct, DoorAct, LockBoards, Power},
    printer::{self, Cover, PrinterTwin, ROLL_MM},
    reader::{self, ModuleHealth, ReaderTwin},
    specimen,
};
use kiosk_words::Private;
use locker_controller::{Address, Locker};

use super::*;
use crate::{cabinet, locker as locker_bench, printer as printer_bench, reader as reader_bench};

const SEEDS: Range<u64> = 0..20;
const N_ACTS: usize = 25;

/// What a hand or the station does.
#[derive(Clone)]
enum Act<Ask, Touch> {
    Ask(Ask),
    Touch(Touch),
    Unplug,
    Plug,
}

/// What a driver told, and when.
type Told<M> = Vec<(u64, <M as Machine>::Event)>;

/// The same acts with the same pauses, mostly long, on both.
struct Twice<M: Machine, T: Twin> {
    awake: (Bench<M, T>, Told<M>),
    lazy: (Bench<M, T>, Told<M>),
    n_steps: [u64; 2],
}

impl<M, T> Twice<M, T>
where
    M: Machine<Event: Debug + PartialEq, Ask: Clone>,
    T: Twin<Act: Clone>,
{
    fn run(&mut self, now: u64, until: u64) {
        for (n, (bench, told)) in [&mut self.awake, &mut self.lazy].into_iter().enumerate() {
            let mut at = now;
            while let Some(due) = bench.deadline().filter(|due| *due <= until) {
                at = at.max(due);
                told.extend(bench.run(at).into_iter().map(|event| (at, event)));
                self.n_steps[n] += 1;
            }
        }
    }

    fn act(&mut self, act: &Act<M::Ask, T::Act>, id: u64, now: u64) {
        for (bench, told) in [&mut self.awake, &mut self.lazy] {
            let more = match act.clone() {
                Act::Ask(ask) => bench.ask(RequestId(id), ask, now),
                Act::Unplug => bench.unplug(now),
                Act::Touch(touch) => {
                    bench.touch(touch, now);
                    Vec::new()
                }
                Act::Plug => {
                    bench.plug(now);
                    Vec::new()
                }
            };
            told.extend(more.into_iter().map(|event| (now, event)));
        }
    }
}

/// How many steps both took.
fn compare<M, T>(
    seed: u64,
    make: impl Fn(fn(&M, &T) -> bool) -> Bench<M, T>,
    is_steady: fn(&M, &T) -> bool,
    mut some_act: impl FnMut(&mut Random) -> Act<M::Ask, T::Act>,
) -> [u64; 2]
where
    M: Machine<Event: Debug + PartialEq, Ask: Clone>,
    T: Twin<Act: Clone>,
{
    let mut random = Random::new(seed);
    let awake = (make(|_, _| false), Vec::new());
    let mut both = Twice { awake, lazy: (make(is_steady), Vec::new()), n_steps: [0; 2] };
    let mut now = 0;
    for id in 1..=N_ACTS as u64 {
        let pause = if random.chance(70) { random.below(100_000) } else { random.below(1_000) };
        both.run(now, now + pause);
        now += pause;
        both.act(&some_act(&mut random), id, now);
    }
    both.run(now, now + 20_000);
    assert_eq!(both.awake.1, both.lazy.1, "seed {seed}");
    both.n_steps
}

fn some_locker_act(random: &mut Random) -> Act<locker::Request, lock_board::Act> {
    let number = u16::try_from(1 + random.below(8)).unwrap();
    let board = Address::new(1 + u8::try_from(random.below(2)).unwrap()).unwrap();
    let hand = |act| Act::Touch(lock_board::Act::Door(number, act));
    let power = |power| Act::Touch(lock_board::Act::Board(board, BoardAct::SetPower(power)));
    match random.below(12) {
        0..4 => Act::Ask(locker::Request::Open(cabinet::door(number))),
        4..7 => hand(DoorAct::PushShut),
        7 => hand(DoorAct::Force),
        8 => power(Power::Off),
        9 => power(Power::On),
        10 => Act::Unplug,
        _ => Act::Plug,
    }
}

#[test]
fn a_locker_that_rests_tells_the_same() {
    let make = |is_steady| {
        let twin = LockBoards::new(cabinet::wiring().boards());
        let line = (locker_controller::BAUD, Duplex::Half);
        Bench::<Locker, LockBoards>::new(locker_bench::driver(), twin, line, is_steady, 7)
    };
    let mut n_steps = [0, 0];
    for seed in SEEDS {
        let more = compare(seed, make, locker_bench::is_steady, some_locker_act);
        n_steps = [n_steps[0] + more[0], n_steps[1] + more[1]];
    }
    assert!(n_steps[1] * 10 < n_steps[0] * 9, "it never rests: {n_steps:?}");
}

fn some_printer_act(random: &mut Random) -> Act<receipt_printer::Request, printer::Act> {
    let line = receipt_printer::Line {
        text: Private::text("收件凭证"),
        scale: receipt_printer::Scale::Normal,
        align: receipt_printer::Align::Left,
        bold: false,
    };
    let slip = receipt_printer::Slip { parts: vec![receipt_printer::Part::Line(line); 6] };
    match random.below(10) {
        0..4 => Act::Ask(receipt_printer::Request::Print { slip: Box::new(slip), reprint: false }),
        4 => Act::Ask(receipt_printer::Request::Cancel),
        5 => Act::Touch(printer::Act::SetCover(Cover::Open)),
        6 => Act::Touch(printer::Act::SetCover(Cover::Closed)),
        7 => Act::Touch(printer::Act::SetPaper { left_mm: ROLL_MM }),
        8 => Act::Unplug,
        _ => Act::Plug,
    }
}

#[test]
fn a_printer_that_rests_tells_the_same() {
    let make = |is_steady| {
        let twin = PrinterTwin::without_ink();
        let line = (Baud::B115200.rate(), Duplex::Full);
        Bench::<ReceiptPrinter, PrinterTwin>::new(printer_bench::driver(), twin, line, is_steady, 7)
    };
    let mut n_steps = [0, 0];
    for seed in SEEDS {
        let more = compare(seed, make, printer_bench::is_steady, some_printer_act);
        n_steps = [n_steps[0] + more[0], n_steps[1] + more[1]];
    }
    assert!(n_steps[1] * 10 < n_steps[0] * 9, "it never rests: {n_steps:?}");
}

fn some_reader_act(random: &mut Random) -> Act<id_reader::Request, reader::Act> {
    let what = ReadWhat { photo: false, fingerprint: false, new_address: true };
    let card = specimen::card("zhang_san").unwrap();
    match random.below(10) {
        0..3 => Act::Ask(id_reader::Request::Read(what)),
        3 => Act::Ask(id_reader::Request::Stop),
        4 => Act::Touch(reader::Act::Lay(Box::new(card))),
        5 => Act::Touch(reader::Act::Lift),
        6 => Act::Touch(reader::Act::SetModule(ModuleHealth::NotAuthorised)),
        7 => Act::Touch(reader::Act::SetModule(ModuleHealth::Healthy)),
        8 => Act::Unplug,
        _ => Act::Plug,
    }
}

#[test]
fn a_reader_that_rests_tells_the_same() {
    let make = |is_steady| {
        let line = (id_reader_driver::Baud::B115200.rate(), Duplex::Full);
        let driver = reader_bench::driver();
        Bench::<IdReader, ReaderTwin>::new(driver, ReaderTwin::new(), line, is_steady, 7)
    };
    let mut n_steps = [0, 0];
    for seed in SEEDS {
        let more = compare(seed, make, reader_bench::is_steady, some_reader_act);
        n_steps = [n_steps[0] + more[0], n_steps[1] + more[1]];
    }
    assert!(n_steps[1] * 10 < n_steps[0] * 9, "it never rests: {n_steps:?}");
}

/// A pause of a night is no longer than one of a minute.
#[test]
fn a_night_at_rest_takes_no_steps() {
    let mut bench = locker_bench::LockerBench::new(1);
    let mut n_steps = 0;
    while let Some(due) = bench.deadline() {
        bench.run(due);
        n_steps += 1;
    }
    assert!(bench.is_ready() && n_steps < 500, "{n_steps}");
    let morning = 9 * 3_600_000;
    bench.hand(1, DoorAct::Force, morning);
    while bench.state(1) != DoorState::Forced {
        let due = bench.deadline().unwrap();
        assert!((morning..morning + 600).contains(&due), "seen at the next poll");
        bench.run(due);
    }
}
