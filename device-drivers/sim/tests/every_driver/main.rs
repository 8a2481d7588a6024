//! What holds for every driver of a byte device, whatever its protocol: one suite, run per device.
//! A new driver is one [`subjects::Subject`] more.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../paper/mod.rs"]
mod paper;
mod rig;
mod subjects;

use device_drivers::machine::{Machine as _, Output};
use rig::{Air, Chance, Did, Heard, Rig, step};
use subjects::{OfKeypad, OfLocker, OfPrinter, OfReader, OfRoom, OfScanner, Subject};

const SEEDS: std::ops::Range<u64> = 0..24;
const N_ACTS: usize = 30;

/// A person, a hand and the station at the device, now and then a moment of nothing.
fn some_acts<S: Subject>(rig: &mut Rig<S>, may_unplug: bool) {
    for n in 0..N_ACTS as u64 {
        match rig.chance.below(if may_unplug { 10 } else { 8 }) {
            0..4 => {
                rig.ask(n);
            }
            4..6 => {
                let n = rig.chance.below(100);
                rig.hand(n);
            }
            6 | 7 => rig.passes(5_000),
            8 => rig.unplug(),
            _ => rig.plug(),
        }
        let pause = rig.chance.below(1_500);
        rig.passes(pause);
        waits_with_a_deadline(rig);
    }
}

/// Whoever waits for something that may not come has a deadline.
fn waits_with_a_deadline<S: Subject>(rig: &Rig<S>) {
    let waits = rig.is_open_ask();
    assert!(!waits || rig.driver.deadline().is_some(), "{}: {}", S::NAME, rig.driver.state());
}

/// The same to the byte and to the word, cut as it likes.
fn run_together<S: Subject>(did: Vec<Did<S>>) -> Did<S> {
    did.into_iter().flatten().collect()
}

fn any_split_does_the_same<S: Subject>() {
    for seed in SEEDS {
        let mut rig = Rig::<S>::ready(seed);
        some_acts(&mut rig, true);
        let (mut other, mut chance, mut did) = (S::driver(), Chance::new(seed + 1_000), Vec::new());
        for (now, heard) in rig.heard.clone() {
            let pieces = match heard {
                Heard::Chunk(bytes) => cut(&bytes, &mut chance),
                whole @ (Heard::LinkUp | Heard::LinkDown | Heard::Ask(..) | Heard::Tick) => {
                    vec![whole]
                }
            };
            for piece in pieces {
                did.push(step::<S>(&mut other, piece, now));
            }
        }
        let (first, second) = (run_together::<S>(rig.did), run_together::<S>(did));
        assert_eq!(first, second, "{} seed {seed}", S::NAME);
    }
}

fn cut<Ask>(bytes: &[u8], chance: &mut Chance) -> Vec<Heard<Ask>> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let len = usize::try_from(1 + chance.below(7)).expect("small").min(rest.len());
        let (piece, more) = rest.split_at(len);
        pieces.push(Heard::Chunk(piece.to_vec()));
        rest = more;
    }
    pieces
}

fn each_ask_is_answered_once_and_nothing_is_done_unasked<S: Subject>() {
    for seed in SEEDS {
        let mut rig = Rig::<S>::ready(seed);
        let n_before = S::n_done(&rig.twin, rig.now);
        rig.air = Air::Noisy { percent: rig.chance.below(30) };
        some_acts(&mut rig, true);
        rig.air = Air::Clear;
        rig.plug();
        rig.ask_last();
        rig.passes(S::ANSWERS_MS);
        for id in rig.asked.clone() {
            let n_answers = rig.answers_to(id).len();
            assert_eq!(n_answers, 1, "{} seed {seed}: answers to {id:?}", S::NAME);
        }
        let n_told = rig.told().filter(|event| S::answers(event).is_some()).count();
        assert_eq!(n_told, rig.asked.len(), "{} seed {seed}: answers to nobody", S::NAME);
        let n_done = S::n_done(&rig.twin, rig.now) - n_before;
        assert!(n_done <= rig.asked.len(), "{} seed {seed}: done {n_done} times", S::NAME);
    }
}

fn garbage_is_survived_and_over_when_it_is_over<S: Subject>() {
    for seed in SEEDS {
        let mut rig = Rig::<S>::ready(seed);
        rig.air = Air::Foreign;
        some_acts(&mut rig, false);
        rig.ask_last();
        rig.passes(S::ANSWERS_MS);
        assert!(!rig.is_open_ask(), "{} seed {seed}: silence in a noise", S::NAME);
        rig.air = Air::Clear;
        rig.hand(1);
        rig.until_idle(&format!("seed {seed}, after the noise"));
    }
}

/// The answer to what was asked before the link was lost comes after it is back.
fn a_late_answer_answers_nothing<S: Subject>() {
    for seed in SEEDS {
        let told = |with_stale: bool| {
            let mut rig = Rig::<S>::ready(seed);
            rig.hand(1);
            rig.ask(0);
            rig.passes(rig_pause(seed));
            let stale = rig.on_the_way();
            rig.unplug();
            rig.passes(1_000);
            rig.plug();
            if with_stale {
                rig.until_linked();
                rig.stale(&stale);
            }
            rig.until_idle(&format!("seed {seed}"));
            let id = rig.ask(seed);
            rig.ask_last();
            rig.passes(S::ANSWERS_MS);
            let answers = id.map(|id| rig.answers_to(id)).unwrap_or_default();
            answers.into_iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(told(true), told(false), "{} seed {seed}", S::NAME);
    }
}

const fn rig_pause(seed: u64) -> u64 {
    seed * 7 % 160
}

fn it_is_itself_again_once_troubles_stop<S: Subject>() {
    for seed in SEEDS {
        let mut rig = Rig::<S>::ready(seed);
        rig.air = Air::Noisy { percent: 40 };
        some_acts(&mut rig, true);
        rig.air = Air::Clear;
        rig.plug();
        rig.hand(1);
        rig.until_idle(&format!("seed {seed}"));
        let writes = |did: &Did<S>| did.iter().filter(|o| matches!(o, Output::Write(_))).count();
        let n_before: usize = rig.did.iter().map(writes).sum();
        rig.passes(S::RECOVERS_MS);
        let n_writes = rig.did.iter().map(writes).sum::<usize>() - n_before;
        assert!(S::is_idle(&rig.driver), "{} seed {seed}: {n_writes} writes later", S::NAME);
    }
}

macro_rules! every_driver {
    ($($name:ident: $subject:ty),+ $(,)?) => {$(
        mod $name {
            use super::*;

            #[test]
            fn any_split_of_the_bytes_does_the_same() {
                any_split_does_the_same::<$subject>();
            }

            #[test]
            fn each_ask_is_answered_once_and_nothing_is_done_unasked() {
                super::each_ask_is_answered_once_and_nothing_is_done_unasked::<$subject>();
            }

            #[test]
            fn garbage_is_survived_and_over_when_it_is_over() {
                super::garbage_is_survived_and_over_when_it_is_over::<$subject>();
            }

            #[test]
            fn a_late_answer_answers_nothing() {
                super::a_late_answer_answers_nothing::<$subject>();
            }

            #[test]
            fn it_is_itself_again_once_troubles_stop() {
                super::it_is_itself_again_once_troubles_stop::<$subject>();
            }
        }
    )+};
}

every_driver! {
    id_reader: OfReader,
    receipt_printer: OfPrinter,
    code_scanner: OfScanner,
    locker: OfLocker,
    room: OfRoom,
    keypad: OfKeypad,
}
