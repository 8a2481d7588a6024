use std::collections::BTreeMap;

use device_api::{
    RequestId,
    code_scanner::{Event, Fault, Health, Refusal, Reply, Request},
};
use kiosk_words::{Moment, Private};
use proptest::prelude::*;

use super::{CodeScanner, N_GARBAGE_MAX};
use crate::{
    code_scanner::{
        Settings, Trigger,
        codec::{Answer, Charset, Command, Ending},
        timings::PRODUCTION,
    },
    machine::{CloseReason, Input, Machine as _, Output},
};

const BY_COMMAND: Settings =
    Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
const BY_ITSELF: Settings =
    Settings { trigger: Trigger::Always, ending: Ending::Silence, charset: Charset::Gbk };
const PATIENCE_MS: u64 = 10_000;
const READ: Request = Request::Read { patience_ms: PATIENCE_MS };
const CODE: &str = "NDE1 0017-0000-000138";

struct Rig {
    core: CodeScanner,
    now: Moment,
    /// What the last step wanted.
    out: Vec<Output<Event>>,
}

impl Rig {
    fn new(settings: Settings) -> Self {
        Self { core: CodeScanner::new(settings, PRODUCTION), now: Moment(1_000), out: vec![] }
    }

    /// Greeted, dark, and trusted.
    fn ready(settings: Settings) -> Self {
        let mut rig = Self::new(settings);
        rig.step(Input::LinkUp);
        if settings.trigger == Trigger::Command {
            rig.says(&Answer(0x2E).encode());
            assert_eq!(rig.wrote(), [Command::StopReading]);
            rig.says(&Answer::WRITTEN.encode());
        }
        assert_eq!(rig.core.status().health, Health::Ready);
        rig.now = rig.now.plus_ms(PRODUCTION.distrust_ms);
        rig
    }

    fn step(&mut self, input: Input<'_, Request>) {
        self.out = self.core.handle(input, self.now);
    }

    fn says(&mut self, bytes: &[u8]) {
        self.step(Input::Chunk(bytes));
    }

    fn asks(&mut self, id: u64, ask: Request) {
        self.step(Input::Ask(RequestId(id), ask));
    }

    /// Time up to the next deadline.
    fn waits(&mut self) {
        self.now = self.core.deadline().expect("something is waited for");
        self.step(Input::Tick);
    }

    fn wrote(&self) -> Vec<Command> {
        let commands = self.out.iter().filter_map(|output| match output {
            Output::Write(bytes) => Command::read(bytes).and_then(Result::ok),
            Output::Tell(_) | Output::SetLineBaud(_) | Output::CloseLink(_) => None,
        });
        commands.map(|(command, _)| command).collect()
    }

    fn told(&self) -> Vec<Event> {
        let told = self.out.iter().filter_map(|output| match output {
            Output::Tell(event) => Some(event.clone()),
            Output::Write(_) | Output::SetLineBaud(_) | Output::CloseLink(_) => None,
        });
        told.filter(|event| !matches!(event, Event::StatusChanged(_))).collect()
    }
}

fn code(id: u64, text: &str) -> Event {
    Event::Done(RequestId(id), Reply::Code(Private::new(text.to_owned())))
}

fn refused(id: u64, why: Refusal) -> Event {
    Event::Refused(RequestId(id), why)
}

#[test]
fn the_lamp_is_on_for_a_read_and_goes_out_after_it() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.asks(1, READ);
    assert_eq!(rig.wrote(), [Command::StartReading]);
    rig.says(&Answer::WRITTEN.encode());
    assert!(rig.out.is_empty());
    // The scanner's own reading time is over: it is lit again.
    rig.waits();
    assert_eq!(rig.wrote(), [Command::StartReading]);
    rig.says(&Answer::WRITTEN.encode());
    rig.says(format!("{CODE}\r\n").as_bytes());
    assert_eq!((rig.told(), rig.wrote()), (vec![code(1, CODE)], vec![Command::StopReading]));
    rig.says(&Answer::WRITTEN.encode());
    assert_eq!(rig.core.state(), "idle");
}

#[test]
fn a_code_may_overtake_the_answer_to_the_command() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.asks(1, READ);
    rig.says(format!("{CODE}\r").as_bytes());
    assert_eq!(rig.told(), [code(1, CODE)]);
    rig.says(&Answer::WRITTEN.encode());
    assert_eq!(rig.wrote(), [Command::StopReading]);
}

#[test]
fn what_was_held_there_before_is_nobodys() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.says(b"NDE1 some");
    rig.asks(1, READ);
    rig.says(b"body else's\r");
    assert_eq!(rig.told(), []);
    rig.says(&Answer::WRITTEN.encode());
    assert_eq!(rig.wrote(), [Command::StartReading], "the lamp went out over it");
    rig.says(format!("{CODE}\r").as_bytes());
    assert_eq!(rig.told(), [code(1, CODE)]);
}

#[test]
fn a_torn_code_is_refused_and_its_rest_is_not_a_code() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.asks(1, READ);
    rig.says(&Answer::WRITTEN.encode());
    rig.says(b"NDE1 0017-00");
    rig.waits();
    assert_eq!(rig.told(), [refused(1, Refusal::Torn)]);
    rig.says(&Answer::WRITTEN.encode());
    rig.asks(2, READ);
    rig.says(b"00-000138\r");
    assert_eq!(rig.told(), []);
    rig.now = rig.now.plus_ms(PRODUCTION.distrust_ms);
    rig.says(format!("{CODE}\r").as_bytes());
    assert_eq!(rig.told(), [code(2, CODE)]);
}

#[test]
fn too_long_and_not_text_are_refused() {
    for (bytes, why) in [
        (vec![b'x'; 4_096], Refusal::TooLong),
        (b"NDE1\x00\r".to_vec(), Refusal::NotText),
        (vec![0xBC, 0xFE, b'\r'], Refusal::NotText),
    ] {
        let mut rig = Rig::ready(BY_COMMAND);
        rig.asks(1, READ);
        rig.says(&bytes);
        assert_eq!(rig.told(), [refused(1, why)]);
    }
}

#[test]
fn a_scanner_without_commands_is_heard_when_it_falls_silent() {
    let mut rig = Rig::ready(BY_ITSELF);
    assert_eq!(rig.core.deadline(), None);
    rig.asks(1, READ);
    let (text, _, _) = encoding_rs::GBK.encode("取件 138");
    rig.says(&text);
    assert_eq!(rig.told(), []);
    rig.waits();
    assert_eq!(rig.told(), [code(1, "取件 138")]);
    assert_eq!(rig.wrote(), []);
}

#[test]
fn a_second_read_is_refused_and_stop_ends_the_first() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.asks(1, READ);
    rig.asks(2, READ);
    assert_eq!(rig.told(), [refused(2, Refusal::Stopped)]);
    rig.says(&Answer::WRITTEN.encode());
    rig.asks(3, Request::Stop);
    let stopped = Event::Done(RequestId(3), Reply::Stopped);
    assert_eq!(rig.told(), [refused(1, Refusal::Stopped), stopped]);
    assert_eq!(rig.wrote(), [Command::StopReading]);
}

#[test]
fn a_read_waits_no_longer_than_it_was_told() {
    for settings in [BY_COMMAND, BY_ITSELF] {
        let mut rig = Rig::ready(settings);
        let until = rig.now.plus_ms(PATIENCE_MS);
        rig.asks(1, READ);
        while rig.now < until {
            assert_eq!(rig.told(), []);
            rig.says(&Answer::WRITTEN.encode()[..if rig.wrote().is_empty() { 0 } else { 7 }]);
            rig.waits();
        }
        assert_eq!(rig.now, until);
        assert_eq!(rig.told(), [refused(1, Refusal::NothingThere)]);
    }
}

#[test]
fn nothing_that_answers_is_a_silent_scanner() {
    let mut rig = Rig::new(BY_COMMAND);
    rig.asks(1, READ);
    rig.step(Input::LinkUp);
    for _ in 0..3 {
        assert_eq!(rig.wrote(), [Command::AskMode]);
        rig.waits();
    }
    assert_eq!(rig.told(), [refused(1, Refusal::DeviceDown(Fault::Silent))]);
    assert!(rig.out.contains(&Output::CloseLink(CloseReason::Silent)));
    assert_eq!(rig.core.deadline(), None);
}

#[test]
fn a_scanner_that_dies_at_rest_is_noticed() {
    let mut rig = Rig::ready(BY_COMMAND);
    for _ in 0..4 {
        rig.waits();
    }
    assert_eq!(rig.core.status().health, Health::Down(Fault::Silent));
}

#[test]
fn a_babbling_line_is_closed_and_a_lost_link_is_told_once() {
    let mut rig = Rig::ready(BY_COMMAND);
    rig.asks(1, READ);
    for _ in 0..N_GARBAGE_MAX {
        rig.says(&[0x02, 0x00, 0x05, b'\r']);
    }
    assert_eq!(rig.core.status().health, Health::Down(Fault::Garbage));
    assert_eq!(rig.told(), [refused(1, Refusal::DeviceDown(Fault::Garbage))]);
    let mut rig = Rig::ready(BY_ITSELF);
    rig.asks(1, READ);
    rig.step(Input::LinkDown);
    assert_eq!(rig.told(), [refused(1, Refusal::DeviceDown(Fault::Missing))]);
}

#[derive(Debug, Clone)]
enum Op {
    Up,
    Down,
    Says(Vec<u8>),
    Read,
    Stop,
    Tick,
    Passes(u16),
}

fn op() -> impl Strategy<Value = Op> {
    let said = prop_oneof![
        4 => Just(Answer::WRITTEN.encode()),
        1 => any::<u8>().prop_map(|mode| Answer(mode).encode()),
        3 => Just(format!("{CODE}\r").into_bytes()),
        1 => Just(b"half a co".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(vec![b'x'; 1_100]),
    ];
    prop_oneof![
        1 => Just(Op::Up),
        1 => Just(Op::Down),
        8 => said.prop_map(Op::Says),
        4 => Just(Op::Read),
        1 => Just(Op::Stop),
        6 => Just(Op::Tick),
        2 => (0_u16..2_000).prop_map(Op::Passes),
    ]
}

/// Plays the operations as a pump would: no bytes without a link, chunks cut at `cut_len`.
fn play(settings: Settings, ops: &[Op], cut_len: usize) -> Vec<Output<Event>> {
    let (mut rig, mut log) = (Rig::new(settings), Vec::new());
    let (mut linked, mut next_id) = (false, 0);
    for op in ops {
        let mut out = Vec::new();
        match op {
            Op::Says(bytes) => {
                for chunk in bytes.chunks(cut_len) {
                    if linked {
                        rig.says(chunk);
                        linked &= !rig.out.iter().any(|o| matches!(o, Output::CloseLink(_)));
                        out.append(&mut rig.out);
                    }
                }
            }
            Op::Up if !linked => {
                linked = true;
                rig.step(Input::LinkUp);
            }
            Op::Up => {}
            Op::Down => {
                linked = false;
                rig.step(Input::LinkDown);
            }
            Op::Read | Op::Stop => {
                next_id += 1;
                let ask = if matches!(op, Op::Read) { READ } else { Request::Stop };
                rig.asks(next_id, ask);
            }
            Op::Tick => {
                if let Some(deadline) = rig.core.deadline() {
                    rig.now = rig.now.max(deadline);
                    rig.step(Input::Tick);
                }
            }
            Op::Passes(ms) => {
                rig.now = rig.now.plus_ms(u64::from(*ms));
                rig.step(Input::Tick);
            }
        }
        out.append(&mut rig.out);
        linked &= !out.iter().any(|o| matches!(o, Output::CloseLink(_)));
        log.extend(out);
    }
    log
}

fn settings() -> impl Strategy<Value = Settings> {
    prop_oneof![Just(BY_COMMAND), Just(BY_ITSELF)]
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_outputs(
        settings in settings(),
        ops in prop::collection::vec(op(), 0..80),
        cut_len in 1_usize..9,
    ) {
        let without_status = |log: Vec<Output<Event>>| -> Vec<Output<Event>> {
            log.into_iter().filter(|o| !matches!(o, Output::Tell(Event::StatusChanged(_)))).collect()
        };
        let (whole, cut) = (play(settings, &ops, usize::MAX), play(settings, &ops, cut_len));
        prop_assert_eq!(without_status(whole), without_status(cut));
    }

    #[test]
    fn every_ask_is_answered_exactly_once(
        settings in settings(),
        ops in prop::collection::vec(op(), 0..120),
    ) {
        let mut ops = ops;
        ops.push(Op::Down);
        let n_asks = ops.iter().filter(|op| matches!(op, Op::Read | Op::Stop)).count();
        let mut n_of: BTreeMap<RequestId, u32> = BTreeMap::new();
        for output in play(settings, &ops, usize::MAX) {
            if let Output::Tell(Event::Done(id, _) | Event::Refused(id, _)) = output {
                *n_of.entry(id).or_default() += 1;
            }
        }
        prop_assert_eq!(n_of.len(), n_asks);
        prop_assert!(n_of.values().all(|n| *n == 1));
    }

    #[test]
    fn after_any_noise_a_code_is_read(
        settings in settings(),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..99), 0..60),
    ) {
        let mut rig = Rig::ready(settings);
        for chunk in &noise {
            if rig.core.status().health == Health::Ready {
                rig.says(chunk);
            }
            if rig.core.status().health == Health::Ready && rig.core.deadline().is_some() {
                rig.waits();
            }
        }
        // The noise is over and a good scanner answers.
        rig.step(Input::LinkDown);
        rig.step(Input::LinkUp);
        if settings.trigger == Trigger::Command {
            rig.says(&Answer(0).encode());
            rig.says(&Answer::WRITTEN.encode());
        }
        rig.now = rig.now.plus_ms(PRODUCTION.distrust_ms);
        rig.asks(9, READ);
        rig.says(format!("{CODE}\r").as_bytes());
        if settings.ending == Ending::Silence {
            rig.waits();
        }
        prop_assert_eq!(rig.told(), [code(9, CODE)]);
    }
}
