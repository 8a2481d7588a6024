use std::collections::BTreeMap;

use device_api::{
    RequestId,
    locker::{Fault, Health},
};
use device_drivers::machine::{CloseReason, Input, Machine as _, Output};
use kiosk_words::Moment;
use proptest::prelude::*;

use super::{Bus, Event, Pulse};
use crate::{
    cabinet::{BoardProfile, Cabinet, Polarity},
    codec::{Address, ByteOrder, Command, Contact, Contacts, LockNo, Reply, UploadHead},
    timings::PRODUCTION,
};

const BAUD: u32 = 9_600;
const GREETING: [u8; 5] = [0x80, 0x01, 0x01, 0x33, 0xB3];
const POLL_1: [u8; 5] = [0x80, 0x01, 0x00, 0x33, 0xB2];
const POLL_2: [u8; 5] = [0x80, 0x02, 0x00, 0x33, 0xB1];
const OPEN_1_1: [u8; 5] = [0x8A, 0x01, 0x01, 0x11, 0x9B];

struct Rig {
    bus: Bus,
    now: Moment,
    /// Every event so far.
    events: Vec<Event>,
    closed: Option<CloseReason>,
}

impl Rig {
    fn new(n_boards: u8) -> Self {
        let profile = |address| {
            BoardProfile::new(address, 24, Polarity::ShortWhenLocked, ByteOrder::HighFirst).unwrap()
        };
        let cabinet = Cabinet::in_order((1..=n_boards).map(profile).collect()).unwrap();
        let bus = Bus::new(&cabinet, BAUD, PRODUCTION);
        Self { bus, now: Moment(0), events: Vec::new(), closed: None }
    }

    /// Two boards, both ready, nothing out.
    fn ready() -> Self {
        let mut rig = Self::new(2);
        rig.step(Input::LinkUp);
        assert_eq!(rig.next_write(), GREETING);
        rig.hear(&one_reply());
        for address in [1, 2] {
            rig.next_write();
            rig.hear(&all_reply(address));
        }
        assert_eq!(rig.health(1), Some(Health::Ready));
        assert_eq!(rig.health(2), Some(Health::Ready));
        rig
    }

    fn step(&mut self, input: Input<'_, Pulse>) -> Option<Vec<u8>> {
        let mut written = None;
        for output in self.bus.handle(input, self.now) {
            match output {
                Output::Write(bytes) => written = Some(bytes),
                Output::Tell(event) => self.events.push(event),
                Output::CloseLink(reason) => self.closed = Some(reason),
                Output::SetLineBaud(baud) => panic!("rate changed to {baud}"),
            }
        }
        written
    }

    fn hear(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.step(Input::Chunk(bytes))
    }

    fn pulse(&mut self, id: u64, address: u8) -> Option<Vec<u8>> {
        let pulse = Pulse { board: board(address), lock: LockNo::FIRST };
        self.step(Input::Ask(RequestId(id), pulse))
    }

    fn tick(&mut self) -> Option<Vec<u8>> {
        let due = self.bus.deadline();
        assert!(due.is_some(), "something is awaited");
        self.now = due.unwrap_or(self.now).max(self.now);
        self.step(Input::Tick)
    }

    fn next_write(&mut self) -> Vec<u8> {
        (0..20).find_map(|_| self.tick()).expect("something is sent")
    }

    /// Answers every poll of `alive` until `until`; what was written when.
    fn run(&mut self, alive: &[u8], until: Moment) -> Vec<(Moment, Vec<u8>)> {
        let mut written = Vec::new();
        while self.closed.is_none() && self.bus.deadline().is_some_and(|due| due <= until) {
            let Some(bytes) = self.tick() else { continue };
            written.push((self.now, bytes.clone()));
            if alive.contains(&bytes[1]) && bytes[0] == 0x80 {
                self.now = self.now.plus_ms(20);
                let reply = if bytes[2] == 0 { all_reply(bytes[1]) } else { one_reply() };
                self.hear(&reply);
            }
        }
        written
    }

    fn health(&self, address: u8) -> Option<Health> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Health { board, health } if board.get() == address => Some(*health),
            Event::Health { .. } | Event::Seen { .. } | Event::Pulsed(_) | Event::NotPulsed(_) => {
                None
            }
        })
    }

    fn n_seen(&self, address: u8) -> usize {
        let of =
            |event: &&Event| matches!(event, Event::Seen { board, .. } if board.get() == address);
        self.events.iter().filter(of).count()
    }
}

fn board(address: u8) -> Address {
    Address::new(address).unwrap()
}

fn one_reply() -> Vec<u8> {
    Reply::One { board: board(1), lock: LockNo::FIRST, contact: Contact::Made }.encode()
}

fn opened_reply() -> Vec<u8> {
    Reply::Opened { board: board(1), lock: LockNo::FIRST, contact: Contact::Broken }.encode()
}

fn all_reply(address: u8) -> Vec<u8> {
    let contacts = Contacts::new(3);
    Reply::All { board: board(address), contacts, order: ByteOrder::HighFirst }.encode()
}

#[test]
fn boards_are_asked_in_turn_with_the_gap_between() {
    let mut rig = Rig::new(2);
    assert_eq!(rig.step(Input::LinkUp), None);
    assert_eq!(rig.tick().unwrap(), GREETING);
    assert_eq!(rig.now, Moment(25), "old bytes had time to come");
    rig.hear(&one_reply());
    assert_eq!(rig.next_write(), POLL_1);
    assert_eq!(rig.now, Moment(30));
    rig.hear(&all_reply(1));
    assert_eq!(rig.next_write(), POLL_2);
    assert_eq!(rig.now, Moment(35));
    rig.hear(&all_reply(2));
    assert_eq!(rig.next_write(), POLL_1);
    assert_eq!(rig.now, Moment(530), "and then every half second");
}

#[test]
fn an_echoing_adapter_is_noticed_and_its_echo_is_stripped() {
    let mut rig = Rig::new(1);
    rig.step(Input::LinkUp);
    rig.next_write();
    rig.hear(&GREETING);
    rig.hear(&one_reply());
    assert_eq!(rig.next_write(), POLL_1);
    rig.hear(&[&POLL_1[..], &all_reply(1)].concat());
    assert_eq!((rig.health(1), rig.n_seen(1)), (Some(Health::Ready), 1));

    // An echo alone is no answer, although the echo of an open looks like one.
    rig.pulse(1, 1);
    assert_eq!(rig.next_write(), OPEN_1_1);
    rig.hear(&OPEN_1_1);
    assert_eq!(rig.next_write(), POLL_1);
    assert!(rig.now >= Moment(400), "the answer was waited for");
    rig.hear(&POLL_1);
    rig.next_write();
    rig.hear(&POLL_1);
    rig.next_write();
    rig.hear(&POLL_1);
    rig.tick();
    assert_eq!(rig.health(1), Some(Health::Down(Fault::Silent)));
}

#[test]
fn an_echo_that_is_not_what_was_sent_spoils_the_exchange() {
    let mut rig = Rig::new(1);
    rig.step(Input::LinkUp);
    rig.next_write();
    rig.hear(&GREETING);
    rig.next_write();
    rig.hear(&[0x80, 0x01, 0x02]);
    assert_eq!(rig.next_write(), POLL_1, "asked again once the line is quiet");
    assert_eq!((rig.n_seen(1), rig.health(1)), (0, None));
}

#[test]
fn a_dead_board_is_down_after_three_polls_and_stops_nobody() {
    let mut rig = Rig::ready();
    let written = rig.run(&[1], Moment(20_000));
    assert_eq!(rig.health(2), Some(Health::Down(Fault::Silent)));
    assert_eq!(rig.health(1), Some(Health::Ready));
    let polls = |poll: [u8; 5]| -> Vec<u64> {
        written.iter().filter(|(_, bytes)| *bytes == poll).map(|(at, _)| at.0).collect()
    };
    let (alive, dead) = (polls(POLL_1), polls(POLL_2));
    assert!(alive.windows(2).all(|w| w[1] - w[0] <= 500 + 13 + 80 + 5), "{alive:?}");
    assert!(dead.windows(2).skip(2).all(|w| w[1] - w[0] >= 3_000), "{dead:?}");
    assert_eq!(rig.closed, None);

    // It is found again, and what it says first may be an old answer.
    let n_seen = rig.n_seen(2);
    let written = rig.run(&[1, 2], rig.now.plus_ms(3_200));
    assert_eq!((rig.health(2), rig.n_seen(2)), (Some(Health::Ready), n_seen + 1), "{written:?}");
}

#[test]
fn two_bad_polls_are_not_three() {
    let mut rig = Rig::ready();
    rig.run(&[1], Moment(1_300));
    rig.run(&[1, 2], Moment(5_000));
    assert_eq!(rig.health(2), Some(Health::Ready));
    assert!(!rig.events.iter().any(|e| matches!(e, Event::Health { health: Health::Down(_), .. })));
}

#[test]
fn an_open_goes_before_polls_and_after_the_exchange_on_the_line() {
    let mut rig = Rig::ready();
    assert_eq!(rig.next_write(), POLL_1);
    assert_eq!(rig.pulse(1, 1), None, "the line is taken");
    rig.now = rig.now.plus_ms(20);
    rig.hear(&all_reply(1));
    assert_eq!(rig.tick().unwrap(), OPEN_1_1, "before board 2, which has waited longer");
    assert_eq!(rig.events.last(), Some(&Event::Pulsed(RequestId(1))));
    rig.hear(&opened_reply());
    assert_eq!(rig.tick().unwrap(), POLL_1, "and the door is looked at next");
}

#[test]
fn an_idle_line_takes_an_open_at_once() {
    let mut rig = Rig::ready();
    rig.now = rig.now.plus_ms(100);
    assert_eq!(rig.pulse(1, 1).unwrap(), OPEN_1_1);
}

#[test]
fn an_open_without_an_answer_is_never_sent_again() {
    let mut rig = Rig::ready();
    rig.now = rig.now.plus_ms(100);
    rig.pulse(1, 1);
    let written = rig.run(&[1, 2], Moment(10_000));
    assert_eq!(written[0].1, POLL_1, "the board is asked instead");
    assert!(written.iter().all(|(_, bytes)| bytes[0] == 0x80), "{written:?}");
}

#[test]
fn an_open_for_a_board_that_is_down_is_not_sent() {
    let mut rig = Rig::ready();
    rig.run(&[1], Moment(4_000));
    assert_eq!(rig.pulse(1, 2), None);
    assert_eq!(rig.events.last(), Some(&Event::NotPulsed(RequestId(1))));

    // It waits for the line, and the link goes.
    rig.next_write();
    rig.pulse(2, 1);
    rig.step(Input::LinkDown);
    assert!(rig.events.contains(&Event::NotPulsed(RequestId(2))));
    assert_eq!(rig.health(1), Some(Health::Down(Fault::Missing)));
}

#[test]
fn a_forgotten_open_is_not_sent() {
    let mut rig = Rig::ready();
    rig.next_write();
    rig.pulse(1, 1);
    rig.bus.forget(RequestId(1));
    let written = rig.run(&[1, 2], Moment(5_000));
    assert!(written.iter().all(|(_, bytes)| bytes[0] == 0x80), "{written:?}");
}

#[test]
fn a_late_answer_is_not_taken_for_the_next() {
    let mut rig = Rig::ready();
    let n_seen = rig.n_seen(1);
    assert_eq!(rig.next_write(), POLL_1);
    assert_eq!(rig.tick().unwrap(), POLL_2, "no answer in time");
    rig.hear(&all_reply(2));
    assert_eq!(rig.next_write(), POLL_1);
    let late = Contacts::new(3).with(LockNo::FIRST, Contact::Made);
    let late = Reply::All { board: board(1), contacts: late, order: ByteOrder::HighFirst };
    rig.hear(&late.encode());
    assert_eq!(rig.n_seen(1), n_seen, "it may be the answer to the poll before");
    // The answer to this poll is eaten, and the board is asked again.
    rig.hear(&all_reply(1));
    assert_eq!(rig.next_write(), POLL_1);
    rig.hear(&all_reply(1));
    assert_eq!(
        rig.events.last(),
        Some(&Event::Seen { board: board(1), contacts: Contacts::new(3) })
    );
}

#[test]
fn a_bad_frame_is_asked_for_again_at_once_and_counts_once() {
    let mut rig = Rig::ready();
    assert_eq!(rig.next_write(), POLL_1);
    let mut bad = all_reply(1);
    bad[3] ^= 0x04;
    rig.hear(&bad);
    assert_eq!(rig.next_write(), POLL_1);
    rig.hear(&all_reply(1));
    assert_eq!(rig.n_seen(1), 2);
    assert_eq!(rig.next_write(), POLL_2, "the turn is over");
}

#[test]
fn two_boards_of_one_address_are_garbage() {
    let mut rig = Rig::ready();
    let doubled: Vec<u8> = all_reply(2).into_iter().flat_map(|byte| [byte, byte]).collect();
    while rig.health(2) == Some(Health::Ready) {
        let bytes = rig.next_write();
        let reply = if bytes == POLL_2 { doubled.clone() } else { all_reply(1) };
        rig.hear(&reply);
        assert!(rig.now < Moment(3_000));
    }
    assert_eq!(rig.health(2), Some(Health::Down(Fault::Garbage)));
    assert_eq!(rig.health(1), Some(Health::Ready));
}

#[test]
fn an_upload_of_either_head_makes_its_board_be_asked_at_once() {
    for head in [UploadHead::H81, UploadHead::H82] {
        let mut rig = Rig::ready();
        rig.now = rig.now.plus_ms(100);
        let upload =
            Reply::Upload { head, board: board(2), lock: LockNo::FIRST, contact: Contact::Broken };
        rig.hear(&upload.encode());
        assert_eq!(rig.tick().unwrap(), POLL_2);
        assert!(rig.now.ms_since(Moment(0)) < 150, "{:?}", rig.now);
    }
}

#[test]
fn unasked_noise_makes_every_board_be_asked_once_and_not_for_ever() {
    let mut rig = Rig::ready();
    rig.now = rig.now.plus_ms(100);
    rig.hear(&[0x82, 0x01, 0x00]);
    rig.now = rig.now.plus_ms(2);
    rig.hear(&[0x00]);
    let from = rig.now;
    let written = rig.run(&[1, 2], from.plus_ms(120));
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written[0].0.ms_since(from) >= 25, "not before the line was quiet");
    rig.hear(&[0xFF]);
    assert_eq!(rig.run(&[1, 2], rig.now.plus_ms(100)), []);
}

#[test]
fn a_line_that_is_never_quiet_is_garbage_and_is_opened_anew() {
    let mut rig = Rig::ready();
    rig.pulse(1, 1);
    while rig.closed.is_none() {
        rig.now = rig.now.plus_ms(4);
        assert_eq!(rig.hear(&[0x00]), None, "nothing is sent into a babble");
        rig.step(Input::Tick);
        assert!(rig.now < Moment(5_000));
    }
    assert_eq!(rig.closed, Some(CloseReason::Garbage));
    assert_eq!(rig.health(1), Some(Health::Down(Fault::Garbage)));
    assert!(rig.events.contains(&Event::NotPulsed(RequestId(1))));
    assert_eq!(rig.bus.deadline(), None);
}

#[test]
fn a_bus_on_which_nobody_answers_is_opened_anew() {
    let mut rig = Rig::new(2);
    rig.step(Input::LinkUp);
    let written = rig.run(&[], Moment(60_000));
    assert_eq!(rig.closed, Some(CloseReason::Silent));
    assert_eq!(rig.health(1), Some(Health::Down(Fault::Silent)));
    assert_eq!(rig.health(2), Some(Health::Down(Fault::Silent)));
    assert!(rig.now < Moment(20_000), "{:?}", rig.now);
    let both = |n: u8| written.iter().any(|(_, bytes)| bytes[1] == n);
    assert!(both(1) && both(2), "each board is greeted");
}

#[derive(Debug, Clone)]
enum Op {
    Up,
    Down,
    Answer,
    Hear(Vec<u8>),
    Ask(u8),
    Tick,
    EarlyTick,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let (lock, contact) = (LockNo::FIRST, Contact::Made);
    let frame = prop_oneof![
        (1_u8..4).prop_map(all_reply),
        Just(one_reply()),
        Just(opened_reply()),
        (1_u8..4).prop_map(|a| Command::QueryAll { board: board(a) }.encode().to_vec()),
        (1_u8..4).prop_map(move |a| {
            Reply::Upload { head: UploadHead::H81, board: board(a), lock, contact }.encode()
        }),
        Just(GREETING.to_vec()),
        Just(OPEN_1_1.to_vec()),
    ];
    prop_oneof![
        1 => Just(Op::Up),
        1 => Just(Op::Down),
        8 => Just(Op::Answer),
        4 => frame.prop_map(Op::Hear),
        2 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Op::Hear),
        3 => (1_u8..3).prop_map(Op::Ask),
        9 => Just(Op::Tick),
        1 => Just(Op::EarlyTick),
        2 => (0_u64..200).prop_map(Op::Pass),
    ]
}

/// Plays the operations as a pump would: no bytes without a link, chunks cut at `cut_len`.
fn play(ops: &[Op], cut_len: usize) -> Vec<Output<Event>> {
    let mut rig = Rig::new(2);
    let (mut log, mut linked, mut next_id) = (Vec::new(), false, 0);
    let mut last: Option<Vec<u8>> = None;
    for op in ops {
        let mut out = Vec::new();
        let mut hear = |rig: &mut Rig, bytes: &[u8]| {
            for chunk in bytes.chunks(cut_len) {
                out.extend(rig.bus.handle(Input::Chunk(chunk), rig.now));
            }
        };
        match op {
            Op::Hear(bytes) if linked => hear(&mut rig, bytes),
            Op::Answer if linked => {
                let reply = last.take().map(|bytes| match (bytes[0], bytes[2]) {
                    (0x80, 0) => all_reply(bytes[1]),
                    (0x80, _) => one_reply(),
                    _ => opened_reply(),
                });
                hear(&mut rig, &reply.unwrap_or_default());
            }
            Op::Up if !linked => {
                linked = true;
                out = rig.bus.handle(Input::LinkUp, rig.now);
            }
            Op::Down => {
                linked = false;
                out = rig.bus.handle(Input::LinkDown, rig.now);
            }
            Op::Up | Op::Hear(_) | Op::Answer => {}
            Op::Ask(address) => {
                next_id += 1;
                let pulse = Pulse { board: board(*address), lock: LockNo::FIRST };
                out = rig.bus.handle(Input::Ask(RequestId(next_id), pulse), rig.now);
            }
            Op::Tick => {
                rig.now = rig.bus.deadline().unwrap_or(rig.now).max(rig.now);
                out = rig.bus.handle(Input::Tick, rig.now);
            }
            Op::EarlyTick => out = rig.bus.handle(Input::Tick, rig.now),
            Op::Pass(ms) => rig.now = rig.now.plus_ms(*ms),
        }
        for output in &out {
            match output {
                Output::CloseLink(_) => linked = false,
                Output::Write(bytes) => last = Some(bytes.clone()),
                Output::SetLineBaud(_) | Output::Tell(_) => {}
            }
        }
        assert_eq!(linked, rig.bus.deadline().is_some(), "waiting exactly while there is a link");
        log.extend(out);
    }
    log
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_outputs(
        ops in prop::collection::vec(op(), 0..80),
        cut_len in 1_usize..12,
    ) {
        prop_assert_eq!(play(&ops, usize::MAX), play(&ops, cut_len));
    }

    #[test]
    fn every_open_is_sent_once_or_given_back_once(ops in prop::collection::vec(op(), 0..120)) {
        let mut ops = ops;
        ops.push(Op::Down);
        let n_asks = ops.iter().filter(|op| matches!(op, Op::Ask(_))).count();
        let log = play(&ops, usize::MAX);
        let mut n_of: BTreeMap<RequestId, u32> = BTreeMap::new();
        let (mut n_pulsed, mut n_opens) = (0, 0);
        for output in &log {
            match output {
                Output::Tell(Event::Pulsed(id)) => {
                    n_pulsed += 1;
                    *n_of.entry(*id).or_default() += 1;
                }
                Output::Tell(Event::NotPulsed(id)) => *n_of.entry(*id).or_default() += 1,
                Output::Write(bytes) => n_opens += u32::from(bytes[0] == 0x8A),
                Output::Tell(_) | Output::SetLineBaud(_) | Output::CloseLink(_) => {}
            }
        }
        prop_assert_eq!(n_of.len(), n_asks);
        prop_assert!(n_of.values().all(|n| *n == 1));
        prop_assert_eq!(n_pulsed, n_opens);
    }

    #[test]
    fn any_garbage_ends_in_ready_once_it_is_over(
        noise in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 0_u64..60), 0..60),
    ) {
        let mut rig = Rig::ready();
        for (chunk, pause_ms) in &noise {
            rig.hear(chunk);
            rig.now = rig.now.plus_ms(*pause_ms);
            rig.step(Input::Tick);
            if rig.closed.take().is_some() {
                rig.step(Input::LinkUp);
            }
        }
        rig.run(&[1, 2], rig.now.plus_ms(10_000));
        prop_assert_eq!(rig.health(1), Some(Health::Ready));
        prop_assert_eq!(rig.health(2), Some(Health::Ready));
    }
}
