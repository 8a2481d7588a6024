use std::collections::BTreeMap;

use device_api::{
    RequestId,
    id_reader::{Event, Fault, Health, ReadWhat, Refusal, Reply, Request},
};
use kiosk_words::{Moment, Private};
use proptest::prelude::*;

use super::IdReader;
use crate::{
    id_reader::{
        card::layout::{TextBlock, citizen},
        codec::{Baud, ModuleId, ReadAnswer, Report, Sw3},
        timings::PRODUCTION,
    },
    machine::{CloseReason, Input, Machine as _, Output},
};

const TEXT: ReadWhat = ReadWhat { photo: false, fingerprint: false, new_address: false };

struct Rig {
    core: IdReader,
    now: Moment,
}

impl Rig {
    fn new() -> Self {
        Self { core: IdReader::new(Baud::B115200, PRODUCTION), now: Moment(0) }
    }

    fn ready() -> Self {
        let mut rig = Self::new();
        rig.step(Input::LinkUp);
        rig.hear(&module_id());
        assert_eq!(rig.core.status().health, Health::Ready);
        rig
    }

    fn step(&mut self, input: Input<'_, Request>) -> Vec<Output<Event>> {
        self.core.handle(input, self.now)
    }

    fn hear(&mut self, report: &Report) -> Vec<Output<Event>> {
        self.step(Input::Chunk(&report.encode()))
    }

    fn ask(&mut self, id: u64) -> Vec<Output<Event>> {
        self.step(Input::Ask(RequestId(id), Request::Read(TEXT)))
    }

    fn tick(&mut self) -> Vec<Output<Event>> {
        self.now = self.core.deadline().expect("something is awaited");
        self.step(Input::Tick)
    }

    /// Ticks until a command goes out.
    fn next_command(&mut self) -> Vec<u8> {
        for _ in 0..10 {
            if let Some(bytes) = written(&self.tick()) {
                return bytes;
            }
        }
        panic!("nothing is sent");
    }
}

fn written(out: &[Output<Event>]) -> Option<Vec<u8>> {
    out.iter().find_map(|output| match output {
        Output::Write(bytes) => Some(bytes.clone()),
        Output::SetLineBaud(_) | Output::CloseLink(_) | Output::Tell(_) => None,
    })
}

fn refusals(out: &[Output<Event>]) -> Vec<Refusal> {
    out.iter()
        .filter_map(|output| match output {
            Output::Tell(Event::Refused(_, refusal)) => Some(*refusal),
            Output::Tell(Event::Done(..) | Event::StatusChanged(_))
            | Output::Write(_)
            | Output::SetLineBaud(_)
            | Output::CloseLink(_) => None,
        })
        .collect()
}

fn module_id() -> Report {
    let id = ModuleId { a: 5, b: 1, date: 20_200_101, c: 1, d: 2 };
    Report::with_data(Sw3::Ok, id.encode())
}

fn found() -> Report {
    Report::with_data(Sw3::Found, vec![0; 4])
}

fn selected() -> Report {
    Report::with_data(Sw3::Ok, vec![0; 8])
}

fn base() -> Report {
    let text = TextBlock::blank(device_api::id_reader::CardKind::Citizen)
        .with(citizen::NAME, "张三")
        .with(citizen::BIRTH, "19900307")
        .with(citizen::NUMBER, "110101199003070011")
        .with(citizen::VALID_FROM, "20200101");
    let answer = ReadAnswer {
        text: Private::new(text.bytes().to_vec()),
        photo: Private::new(vec![0; 1_024]),
        fingerprint: None,
    };
    Report::with_data(Sw3::Ok, answer.encode())
}

/// A rig in which 30 01 was just sent for request 1.
fn reading() -> Rig {
    let mut rig = Rig::ready();
    rig.ask(1);
    rig.next_command();
    rig.hear(&found());
    let out = rig.hear(&selected());
    assert_eq!(written(&out).unwrap()[7..9], [0x30, 0x01]);
    rig
}

#[test]
fn a_laid_card_is_found_selected_and_read() {
    let mut rig = reading();
    let out = rig.hear(&base());
    assert!(matches!(&out[0], Output::Tell(Event::Done(RequestId(1), Reply::Card(_)))));
    assert!(rig.core.status().card_present);
    assert_eq!(rig.next_command()[7..9], [0x30, 0x03]);
    rig.hear(&Report::plain(Sw3::NoSuchItem));
    assert!(rig.core.status().card_present);
    rig.next_command();
    rig.hear(&Report::plain(Sw3::ReadFailed));
    assert!(!rig.core.status().card_present);
}

#[test]
fn finds_are_never_closer_than_the_poll_interval() {
    let mut rig = Rig::ready();
    rig.ask(1);
    let mut last: Option<Moment> = None;
    for _ in 0..5 {
        assert_eq!(rig.next_command()[7..9], [0x20, 0x01]);
        assert!(last.is_none_or(|last| rig.now.ms_since(last) >= 300));
        last = Some(rig.now);
        rig.hear(&Report::plain(Sw3::NotFound));
    }
}

/// Every status after 30 01, with what the person gets.
#[test]
fn every_status_of_a_read_ends_it_or_goes_on_as_the_table_says() {
    use Refusal::{BadCardData, DeviceDown, LayAgain, NotAnIdCard};
    for (sw3, wanted) in [
        (0x21, Some(LayAgain)),
        (0x23, Some(LayAgain)),
        (0x31, Some(LayAgain)),
        (0x32, Some(LayAgain)),
        (0x33, Some(BadCardData)),
        (0x37, Some(LayAgain)),
        (0x3F, Some(LayAgain)),
        (0x40, Some(NotAnIdCard)),
        (0x41, Some(LayAgain)),
        (0x60, Some(DeviceDown(Fault::SelfTestFailed))),
        (0x66, Some(DeviceDown(Fault::NotAuthorised))),
        (0x80, Some(LayAgain)),
        (0x81, Some(LayAgain)),
        (0xEE, Some(LayAgain)),
        (0x10, None),
        (0x11, None),
        (0x24, None),
        (0x47, None),
    ] {
        let mut rig = reading();
        let out = rig.hear(&Report::plain(Sw3::from_byte(sw3)));
        assert_eq!(refusals(&out).first().copied(), wanted, "{sw3:02X}");
    }
}

#[test]
fn retries_after_a_status_have_an_end() {
    for (sw3, n_max) in [(0x10, 3), (0x11, 2), (0x24, 6), (0x47, 9)] {
        let mut rig = reading();
        let mut n = 0;
        let ended = loop {
            let out = rig.hear(&Report::plain(Sw3::from_byte(sw3)));
            if let Some(refusal) = refusals(&out).first() {
                break *refusal;
            }
            n += 1;
            assert!(n <= n_max, "{sw3:02X}");
            // After a new search the card is found and selected again.
            let mut sent = written(&out).unwrap_or_else(|| rig.next_command());
            while sent[7] != 0x30 {
                let report = match sent[7..9] {
                    [0x10, _] => Report::plain(Sw3::Ok),
                    [0x20, 0x01] => found(),
                    _ => selected(),
                };
                let out = rig.hear(&report);
                sent = written(&out).unwrap_or_else(|| rig.next_command());
            }
        };
        let link_bad = Refusal::DeviceDown(Fault::Garbage);
        assert_eq!(ended, if sw3 < 0x20 { link_bad } else { Refusal::LayAgain }, "{sw3:02X}");
    }
}

#[test]
fn trust_failing_twice_refuses_the_card() {
    let mut rig = reading();
    rig.hear(&Report::plain(Sw3::ModuleRefusedCard));
    rig.ask(2);
    rig.next_command();
    rig.hear(&found());
    let out = rig.hear(&Report::plain(Sw3::CardRefusedModule));
    assert_eq!(refusals(&out), [Refusal::NotTrusted]);
}

#[test]
fn an_answer_to_a_stopped_read_is_not_given_to_the_next() {
    let mut rig = reading();
    rig.step(Input::Ask(RequestId(2), Request::Stop));
    rig.ask(3);
    let out = rig.hear(&base());
    assert!(!out.iter().any(|o| matches!(o, Output::Tell(Event::Done(..)))), "{out:?}");
    assert!(rig.core.status().card_present);
}

#[test]
fn a_late_answer_is_not_taken_for_another_command() {
    let mut rig = Rig::ready();
    rig.ask(1);
    rig.next_command();
    let out = rig.hear(&selected());
    assert_eq!(written(&out), None);
    assert_eq!(written(&rig.hear(&found())).unwrap()[7..9], [0x20, 0x02]);
}

#[test]
fn a_silent_module_is_looked_for_at_every_rate_and_then_the_link_is_closed() {
    let mut rig = Rig::new();
    rig.step(Input::LinkUp);
    let (mut rates, mut closed) = (Vec::new(), None);
    for _ in 0..40 {
        if rig.core.deadline().is_none() {
            break;
        }
        for output in rig.tick() {
            match output {
                Output::SetLineBaud(rate) => rates.push(rate),
                Output::CloseLink(reason) => closed = Some(reason),
                Output::Write(_) | Output::Tell(_) => {}
            }
        }
    }
    assert_eq!(rates, [57_600, 38_400, 19_200, 9_600]);
    assert_eq!(closed, Some(CloseReason::Silent));
    assert_eq!(rig.core.status().health, Health::Down(Fault::Silent));
}

#[test]
fn a_second_read_is_refused_while_one_is_open() {
    let mut rig = Rig::ready();
    rig.ask(1);
    assert_eq!(refusals(&rig.ask(2)), [Refusal::Stopped]);
}

#[derive(Debug, Clone)]
enum Op {
    Up,
    Down,
    Hear(Vec<u8>),
    Ask,
    Stop,
    Tick,
    EarlyTick,
}

fn op() -> impl Strategy<Value = Op> {
    let report = prop_oneof![
        Just(module_id()),
        Just(found()),
        Just(selected()),
        Just(base()),
        any::<u8>().prop_map(|sw3| Report::plain(Sw3::from_byte(sw3))),
        Just(Report::plain(Sw3::NotFound)),
        Just(Report::plain(Sw3::Ok)),
    ];
    prop_oneof![
        1 => Just(Op::Up),
        1 => Just(Op::Down),
        8 => report.prop_map(|report| Op::Hear(report.encode())),
        2 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Op::Hear),
        3 => Just(Op::Ask),
        1 => Just(Op::Stop),
        6 => Just(Op::Tick),
        1 => Just(Op::EarlyTick),
    ]
}

/// Plays the operations as a pump would: no bytes without a link, chunks cut at `cut_len`.
fn play(ops: &[Op], cut_len: usize) -> (IdReader, Vec<Output<Event>>) {
    let mut rig = Rig::new();
    let (mut log, mut linked, mut next_id) = (Vec::new(), false, 0);
    for op in ops {
        let mut out = Vec::new();
        match op {
            Op::Up if linked => {}
            Op::Up => {
                linked = true;
                out = rig.step(Input::LinkUp);
            }
            Op::Down => {
                linked = false;
                out = rig.step(Input::LinkDown);
            }
            Op::Hear(bytes) if linked => {
                for chunk in bytes.chunks(cut_len) {
                    out.extend(rig.step(Input::Chunk(chunk)));
                }
            }
            Op::Hear(_) => {}
            Op::Ask => {
                next_id += 1;
                out = rig.ask(next_id);
            }
            Op::Stop => {
                next_id += 1;
                out = rig.step(Input::Ask(RequestId(next_id), Request::Stop));
            }
            Op::Tick => {
                if rig.core.deadline().is_some() {
                    out = rig.tick();
                }
            }
            Op::EarlyTick => out = rig.step(Input::Tick),
        }
        if out.iter().any(|o| matches!(o, Output::CloseLink(_))) {
            linked = false;
        }
        assert_eq!(linked, rig.core.deadline().is_some(), "waiting exactly while there is a link");
        log.extend(out);
    }
    (rig.core, log)
}

fn without_status(log: Vec<Output<Event>>) -> Vec<Output<Event>> {
    log.into_iter().filter(|o| !matches!(o, Output::Tell(Event::StatusChanged(_)))).collect()
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_outputs(
        ops in prop::collection::vec(op(), 0..60),
        cut_len in 1_usize..40,
    ) {
        let (_, whole) = play(&ops, usize::MAX);
        let (_, cut) = play(&ops, cut_len);
        // Within one chunk several status changes are told as one.
        prop_assert_eq!(without_status(whole), without_status(cut));
    }

    #[test]
    fn every_ask_is_answered_exactly_once(ops in prop::collection::vec(op(), 0..80)) {
        let mut ops = ops;
        ops.push(Op::Down);
        let n_asks = ops.iter().filter(|op| matches!(op, Op::Ask | Op::Stop)).count();
        let (_, log) = play(&ops, usize::MAX);
        let mut n_of: BTreeMap<RequestId, u32> = BTreeMap::new();
        for output in log {
            if let Output::Tell(Event::Done(id, _) | Event::Refused(id, _)) = output {
                *n_of.entry(id).or_default() += 1;
            }
        }
        prop_assert_eq!(n_of.len(), n_asks);
        prop_assert!(n_of.values().all(|n| *n == 1));
    }

    #[test]
    fn any_garbage_ends_in_ready_or_down_and_never_in_silence(
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 0..40),
    ) {
        let mut rig = Rig::ready();
        rig.ask(1);
        for chunk in &noise {
            rig.step(Input::Chunk(chunk));
            if rig.core.deadline().is_some() {
                rig.tick();
            }
        }
        // The garbage is over and a good module answers.
        if rig.core.deadline().is_none() {
            rig.step(Input::LinkUp);
        }
        let mut ready = false;
        for _ in 0..60 {
            let Some(_) = rig.core.deadline() else {
                rig.step(Input::LinkUp);
                continue;
            };
            if let Some(sent) = written(&rig.tick()) {
                let report = match sent[7] {
                    0x12 => module_id(),
                    0x20 => Report::plain(Sw3::NotFound),
                    _ => Report::plain(Sw3::Ok),
                };
                rig.hear(&report);
                ready = rig.core.status().health == Health::Ready;
            }
        }
        prop_assert!(ready, "{:?}", rig.core);
    }
}
