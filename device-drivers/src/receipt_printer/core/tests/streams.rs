//! What must hold for any bytes and any order of events.

use std::collections::BTreeMap;

use device_api::{
    RequestId,
    receipt_printer::{Event, Health, Request},
};
use proptest::prelude::*;

use super::rig::{Rig, long_slip, rare_slip, slip};
use crate::{
    machine::{Input, Machine as _, Output},
    receipt_printer::codec::{Baud, Command, CommandReader, Sensed, StatusKind},
};

#[test]
fn questions_stand_between_commands_at_every_rate() {
    for baud in Baud::ALL {
        for notices in [true, false] {
            let mut rig = Rig::ready_at(baud);
            rig.printer.notices = notices;
            rig.printer.heard.clear();
            rig.print(1, rare_slip("㛃䶮"));
            rig.run_until_answered(1);
            assert_eq!(rig.refusal_of(1), None, "{baud:?} {:?}", rig.events);
            // Inside a picture the printer of the rig would take a question for dots.
            let bands = rig.printer.heard.iter().filter_map(|command| {
                if let Command::Raster(ink) = command { Some(ink.bytes.clone()) } else { None }
            });
            let wanted = super::rig::rare_picture("㛃䶮");
            assert_eq!(bands.collect::<Vec<_>>().concat(), wanted.bytes, "{baud:?}");
        }
    }
}

#[derive(Debug, Clone)]
enum Op {
    Up,
    Down,
    Hear(Vec<u8>),
    /// As if the question that is out were answered.
    Answer(Sensed),
    Ask,
    AskLong,
    Cancel,
    Tick,
    EarlyTick,
}

fn sensed() -> impl Strategy<Value = Sensed> {
    prop_oneof![
        6 => Just(Sensed::default()),
        1 => Just(Sensed { off_line: true, hot: true, ..Sensed::default() }),
        1 => Just(Sensed { off_line: true, cutter_stuck: true, ..Sensed::default() }),
        1 => Just(Sensed { off_line: true, paper_out: true, ..Sensed::default() }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let heard = prop_oneof![
        4 => Just(vec![0x00]),
        2 => sensed().prop_map(|sensed| sensed.notice().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop_oneof![
        1 => Just(Op::Up),
        1 => Just(Op::Down),
        3 => heard.prop_map(Op::Hear),
        12 => sensed().prop_map(Op::Answer),
        2 => Just(Op::Ask),
        1 => Just(Op::AskLong),
        1 => Just(Op::Cancel),
        10 => Just(Op::Tick),
        1 => Just(Op::EarlyTick),
    ]
}

/// The kind of the last question in these bytes.
fn asked(out: &[Output<Event>]) -> Option<StatusKind> {
    out.iter().rev().find_map(|output| match output {
        Output::Write(bytes) => match CommandReader::read(bytes) {
            Some((_, Ok(Command::AskStatus(kind)))) => Some(kind),
            _ => None,
        },
        Output::Tell(_) | Output::SetLineBaud(_) | Output::CloseLink(_) => None,
    })
}

/// Plays the operations as a pump would: no bytes without a link, chunks cut at `cut_len`.
fn play(ops: &[Op], cut_len: usize) -> Vec<Output<Event>> {
    let mut rig = Rig::new();
    let (mut log, mut linked, mut next_id) = (Vec::new(), false, 0);
    let mut kind = StatusKind::Printer;
    for op in ops {
        let mut out = Vec::new();
        let mut hear = |rig: &mut Rig, bytes: &[u8]| {
            for chunk in bytes.chunks(cut_len) {
                if linked && rig.closed.is_none() {
                    out.extend(rig.step(Input::Chunk(chunk)));
                }
            }
        };
        match op {
            Op::Hear(bytes) => hear(&mut rig, bytes),
            Op::Answer(sensed) => hear(&mut rig, &[sensed.answer(kind)]),
            Op::Up if linked => {}
            Op::Up => {
                linked = true;
                out = rig.step(Input::LinkUp);
            }
            Op::Down => {
                linked = false;
                out = rig.step(Input::LinkDown);
            }
            Op::Ask | Op::AskLong | Op::Cancel => {
                next_id += 1;
                let print =
                    |slip| Request::Print { slip: Box::new(slip), reprint: next_id % 2 == 0 };
                let ask = if matches!(op, Op::Ask) {
                    print(slip())
                } else if matches!(op, Op::AskLong) {
                    print(long_slip(9))
                } else {
                    Request::Cancel
                };
                out = rig.step(Input::Ask(RequestId(next_id), ask));
            }
            Op::Tick => {
                if let Some(deadline) = rig.core.deadline() {
                    rig.now = rig.now.max(deadline);
                    out = rig.step(Input::Tick);
                }
            }
            Op::EarlyTick => out = rig.step(Input::Tick),
        }
        if rig.closed.take().is_some() {
            linked = false;
        }
        kind = asked(&out).unwrap_or(kind);
        assert_eq!(linked, rig.core.deadline().is_some(), "waiting exactly while there is a link");
        log.extend(out);
    }
    log
}

fn without_status(log: Vec<Output<Event>>) -> Vec<Output<Event>> {
    log.into_iter().filter(|o| !matches!(o, Output::Tell(Event::StatusChanged(_)))).collect()
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_outputs(
        ops in prop::collection::vec(op(), 0..80),
        cut_len in 1_usize..9,
    ) {
        let (whole, cut) = (play(&ops, usize::MAX), play(&ops, cut_len));
        // Within one chunk several status changes are told as one.
        prop_assert_eq!(without_status(whole), without_status(cut));
    }

    #[test]
    fn every_ask_is_answered_exactly_once(ops in prop::collection::vec(op(), 0..120)) {
        let mut ops = ops;
        ops.push(Op::Down);
        let is_ask = |op: &&Op| matches!(op, Op::Ask | Op::AskLong | Op::Cancel);
        let n_asks = ops.iter().filter(is_ask).count();
        let mut n_of: BTreeMap<RequestId, u32> = BTreeMap::new();
        for output in play(&ops, usize::MAX) {
            if let Output::Tell(Event::Done(id, _) | Event::Refused(id, _)) = output {
                *n_of.entry(id).or_default() += 1;
            }
        }
        prop_assert_eq!(n_of.len(), n_asks);
        prop_assert!(n_of.values().all(|n| *n == 1));
    }

    #[test]
    fn any_garbage_ends_in_ready_or_down_and_never_in_silence(
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..99), 0..30),
    ) {
        let mut rig = Rig::ready();
        rig.print(1, slip());
        for chunk in &noise {
            rig.step(Input::Chunk(chunk));
            if rig.core.deadline().is_some() {
                rig.go_on();
            } else {
                rig.step(Input::LinkUp);
            }
        }
        // The garbage is over and a good printer answers.
        for _ in 0..5_000 {
            if rig.core.status().health == Health::Ready && !rig.events_of(1).is_empty() {
                break;
            }
            if rig.core.deadline().is_none() {
                rig.now = rig.now.plus_ms(1_000);
                rig.step(Input::LinkUp);
            } else {
                rig.go_on();
            }
        }
        prop_assert_eq!(rig.core.status().health, Health::Ready);
        prop_assert_eq!(rig.events_of(1).len(), 1);
    }
}
