use std::collections::BTreeMap;

use device_api::{
    RequestId,
    locker::{DoorChanged, DoorNo, DoorState, Event, Refusal, Reply, Request},
};
use kiosk_words::Moment;
use proptest::prelude::*;

use super::{Doors, Effect, Input};
use crate::{
    bus::Pulse,
    cabinet::{BoardProfile, Cabinet, Polarity},
    codec::{Address, ByteOrder, Contacts, LockNo},
    timings::PRODUCTION,
};

/// Two boards of four locks: doors 1 to 4 and 5 to 8. The second board's contacts are the other
/// way round.
const POLARITIES: [Polarity; 2] = [Polarity::ShortWhenLocked, Polarity::ShortWhenOpen];

struct Rig {
    doors: Doors,
    now: Moment,
    /// Doors that stand open.
    open: Vec<u16>,
}

impl Rig {
    fn new() -> Self {
        let profile = |(polarity, address)| {
            BoardProfile::new(address, 4, polarity, ByteOrder::HighFirst).unwrap()
        };
        let boards = POLARITIES.into_iter().zip(1..).map(profile).collect();
        let doors = Doors::new(&Cabinet::in_order(boards).unwrap(), PRODUCTION);
        Self { doors, now: Moment(0), open: Vec::new() }
    }

    /// Every door was seen shut.
    fn shut() -> Self {
        let mut rig = Self::new();
        rig.see(1);
        rig.see(2);
        assert_eq!(rig.state(8), DoorState::Shut);
        rig
    }

    fn step(&mut self, input: Input) -> Vec<Effect> {
        self.doors.handle(input, self.now)
    }

    fn see(&mut self, address: u8) -> Vec<Effect> {
        let (board, contacts) = (board(address), self.contacts(address));
        self.step(Input::Seen { board, contacts })
    }

    fn contacts(&self, address: u8) -> Contacts {
        let polarity = POLARITIES[usize::from(address) - 1];
        (1..=4).fold(Contacts::new(3), |contacts, lock| {
            let number = u16::from(lock) + 4 * u16::from(address - 1);
            let contact = polarity.contact(self.open.contains(&number));
            contacts.with(LockNo::new(lock).unwrap(), contact)
        })
    }

    fn later(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.plus_ms(ms);
        self
    }

    fn ask(&mut self, id: u64, number: u16) -> Vec<Effect> {
        self.step(Input::Ask(RequestId(id), Request::Open(door(number))))
    }

    /// Asks for a door and sends the open.
    fn release(&mut self, id: u64, number: u16) {
        let out = self.ask(id, number);
        assert!(matches!(out[..], [Effect::Pulse(..)]), "{out:?}");
        self.step(Input::Pulsed(RequestId(id)));
        assert_eq!(self.state(number), DoorState::Releasing);
    }

    /// A door that is open as asked.
    fn opened(number: u16) -> Self {
        let mut rig = Self::shut();
        rig.release(1, number);
        rig.open.push(number);
        rig.see(rig.board_of(number));
        assert_eq!(rig.state(number), DoorState::Open);
        rig
    }

    fn shuts(&mut self, number: u16) {
        let address = self.board_of(number);
        self.open.retain(|open| *open != number);
        self.see(address);
        self.later(PRODUCTION.settle_ms).see(address);
        assert_eq!(self.state(number), DoorState::Shut);
    }

    fn board_of(&self, number: u16) -> u8 {
        if number <= 4 { 1 } else { 2 }
    }

    fn state(&self, number: u16) -> DoorState {
        self.doors.state(door(number)).unwrap()
    }
}

fn board(address: u8) -> Address {
    Address::new(address).unwrap()
}

fn door(number: u16) -> DoorNo {
    DoorNo::new(number).unwrap()
}

fn changed(number: u16, was: DoorState, is: DoorState) -> Effect {
    Effect::Tell(Event::Door(DoorChanged { door: door(number), was, is }))
}

fn refused(id: u64, refusal: Refusal) -> Effect {
    Effect::Tell(Event::Refused(RequestId(id), refusal))
}

fn opened(id: u64, number: u16) -> Effect {
    Effect::Tell(Event::Done(RequestId(id), Reply::Opened(door(number))))
}

#[test]
fn a_door_opens_once_it_is_seen_open_and_is_shut_again() {
    let mut rig = Rig::shut();
    let pulse = Pulse { board: board(2), lock: LockNo::new(2).unwrap() };
    assert_eq!(rig.ask(1, 6), [Effect::Pulse(RequestId(1), pulse)]);
    assert_eq!(rig.state(6), DoorState::Shut, "nothing was sent yet");
    let out = rig.step(Input::Pulsed(RequestId(1)));
    assert_eq!(out, [changed(6, DoorState::Shut, DoorState::Releasing)]);
    assert_eq!(rig.see(2), [], "it takes a moment");
    rig.open.push(6);
    let out = rig.later(150).see(2);
    assert_eq!(out, [changed(6, DoorState::Releasing, DoorState::Open), opened(1, 6)]);
    rig.open.clear();
    assert_eq!(rig.later(8_000).see(2), []);
    let out = rig.later(300).see(2);
    assert_eq!(out, [changed(6, DoorState::Open, DoorState::Shut)]);
    rig.release(2, 1);
}

#[test]
fn a_door_that_does_not_latch_is_not_shut_and_not_forced() {
    let mut rig = Rig::opened(3);
    rig.open.clear();
    assert_eq!(rig.later(1_000).see(1), []);
    rig.open.push(3);
    assert_eq!(rig.later(150).see(1), []);
    rig.open.clear();
    assert_eq!(rig.later(150).see(1), [], "the count starts over");
    assert_eq!(rig.state(3), DoorState::Open);
    rig.shuts(3);
}

#[test]
fn a_door_that_opens_unasked_is_forced_at_once() {
    let mut rig = Rig::shut();
    rig.open.push(7);
    assert_eq!(rig.see(2), [changed(7, DoorState::Shut, DoorState::Forced)]);
    assert_eq!(rig.ask(1, 7), [refused(1, Refusal::AlreadyOpen)]);
    // One broken switch does not shut the locker.
    rig.release(2, 1);
}

#[test]
fn a_door_found_open_at_the_start_is_forced() {
    let mut rig = Rig::new();
    rig.open.push(2);
    let out = rig.see(1);
    assert!(out.contains(&changed(2, DoorState::Unknown, DoorState::Forced)), "{out:?}");
    rig.shuts(2);
}

#[test]
fn a_door_open_for_too_long_is_ajar_and_holds_nobody_up() {
    let mut rig = Rig::opened(3);
    assert_eq!(rig.doors.deadline(), Some(Moment(PRODUCTION.ajar_ms)));
    assert_eq!(rig.later(PRODUCTION.ajar_ms - 1).step(Input::Tick), []);
    let out = rig.later(1).step(Input::Tick);
    assert_eq!(out, [changed(3, DoorState::Open, DoorState::Ajar)]);
    assert_eq!(rig.doors.deadline(), None);
    assert_eq!(rig.doors.watched(), None);
    rig.release(2, 8);
    rig.shuts(3);
}

#[test]
fn one_door_at_a_time() {
    let mut rig = Rig::shut();
    let another = |id, number| refused(id, Refusal::AnotherDoor(door(number)));
    rig.ask(1, 3);
    assert_eq!(rig.ask(2, 4), [another(2, 3)], "while the open waits for the line");
    rig.step(Input::Pulsed(RequestId(1)));
    assert_eq!(rig.ask(3, 4), [another(3, 3)]);
    assert_eq!(rig.ask(4, 3), [another(4, 3)], "itself, twice");
    rig.open.push(3);
    rig.see(1);
    assert_eq!(rig.ask(5, 4), [another(5, 3)], "while it is open");
    assert_eq!(rig.ask(6, 3), [refused(6, Refusal::AlreadyOpen)]);
    rig.shuts(3);
    rig.release(7, 4);
}

#[test]
fn a_door_that_cannot_be_opened_is_refused_and_nothing_is_sent() {
    let mut rig = Rig::new();
    assert_eq!(rig.ask(1, 9), [refused(1, Refusal::NoSuchDoor)]);
    assert_eq!(rig.ask(2, 1), [refused(2, Refusal::NotKnown)]);
    rig.see(1);
    assert_eq!(rig.ask(3, 5), [refused(3, Refusal::NotKnown)], "its board was not heard of");
    rig.ask(4, 1);
    assert_eq!(rig.step(Input::NotPulsed(RequestId(4))), [refused(4, Refusal::NotKnown)]);
    assert_eq!(rig.state(1), DoorState::Shut);
}

#[test]
fn a_door_that_is_not_seen_open_in_time_stayed_shut() {
    let mut rig = Rig::shut();
    rig.release(1, 2);
    for _ in 0..5 {
        assert_eq!(rig.later(150).see(1), []);
    }
    assert_eq!(rig.doors.deadline(), Some(Moment(PRODUCTION.release_ms)));
    rig.now = Moment(PRODUCTION.release_ms);
    let out = rig.step(Input::Tick);
    let shut = changed(2, DoorState::Releasing, DoorState::Shut);
    assert_eq!(out, [shut, refused(1, Refusal::StayedShut)]);
    // It springs open after all: nobody waits for it any more.
    rig.open.push(2);
    assert_eq!(rig.see(1), [changed(2, DoorState::Shut, DoorState::Forced)]);
}

#[test]
fn a_door_that_was_not_looked_at_since_is_not_called_shut() {
    let mut rig = Rig::shut();
    rig.release(1, 2);
    rig.see(2);
    let out = rig.later(PRODUCTION.release_ms).step(Input::Tick);
    let lost = changed(2, DoorState::Releasing, DoorState::Unknown);
    assert_eq!(out, [lost, refused(1, Refusal::Lost)]);
    rig.open.push(2);
    let out = rig.see(1);
    assert_eq!(out, [changed(2, DoorState::Unknown, DoorState::Open)], "as asked, not forced");
}

#[test]
fn another_door_opening_instead_ends_the_open_and_is_forced() {
    for wrong in [4, 8] {
        let mut rig = Rig::shut();
        rig.release(1, 3);
        rig.open.push(wrong);
        let out = rig.see(rig.board_of(wrong));
        let wanted = [
            changed(wrong, DoorState::Shut, DoorState::Forced),
            changed(3, DoorState::Releasing, DoorState::Shut),
            refused(1, Refusal::WrongDoor(door(wrong))),
        ];
        assert_eq!(out, wanted);
    }
}

#[test]
fn another_door_opening_as_well_is_forced_and_the_right_one_open() {
    let mut rig = Rig::shut();
    rig.release(1, 3);
    rig.open.extend([2, 3]);
    let wanted = [
        changed(2, DoorState::Shut, DoorState::Forced),
        changed(3, DoorState::Releasing, DoorState::Open),
        opened(1, 3),
    ];
    assert_eq!(rig.see(1), wanted);
}

#[test]
fn a_door_forced_while_its_open_waits_is_already_open() {
    let mut rig = Rig::shut();
    rig.ask(1, 3);
    rig.open.push(3);
    let wanted = [
        changed(3, DoorState::Shut, DoorState::Forced),
        Effect::Forget(RequestId(1)),
        refused(1, Refusal::AlreadyOpen),
    ];
    assert_eq!(rig.see(1), wanted);
    assert_eq!(rig.step(Input::NotPulsed(RequestId(1))), [], "it was answered");
}

#[test]
fn a_board_lost_while_a_door_is_released_loses_the_door() {
    let mut rig = Rig::shut();
    rig.release(1, 3);
    assert_eq!(rig.step(Input::BoardLost(board(2))).len(), 4, "not its board");
    let out = rig.step(Input::BoardLost(board(1)));
    assert_eq!(out.last(), Some(&refused(1, Refusal::Lost)));
    assert_eq!(rig.state(3), DoorState::Unknown);
    rig.see(1);
    assert_eq!(rig.state(3), DoorState::Shut);
}

#[test]
fn a_board_lost_while_the_open_waits_ends_it_unsent() {
    let mut rig = Rig::shut();
    rig.ask(1, 3);
    let out = rig.step(Input::BoardLost(board(1)));
    assert!(out.ends_with(&[Effect::Forget(RequestId(1)), refused(1, Refusal::NotKnown)]));
}

#[test]
fn a_door_keeps_its_reason_over_a_silence_of_its_board() {
    for (number, is) in [(3, DoorState::Open), (4, DoorState::Forced)] {
        let mut rig = Rig::opened(3);
        rig.open.push(4);
        rig.see(1);
        rig.step(Input::BoardLost(board(1)));
        assert_eq!(rig.state(number), DoorState::Unknown);
        rig.later(5_000).see(1);
        assert_eq!(rig.state(number), is);
    }
}

#[derive(Debug, Clone)]
enum Op {
    Ask(u16),
    Pulsed,
    NotPulsed,
    Springs(u16),
    Shuts(u16),
    See(u8),
    Lost(u8),
    Tick,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (1_u16..10).prop_map(Op::Ask),
        4 => Just(Op::Pulsed),
        1 => Just(Op::NotPulsed),
        3 => (1_u16..9).prop_map(Op::Springs),
        3 => (1_u16..9).prop_map(Op::Shuts),
        8 => (1_u8..3).prop_map(Op::See),
        1 => (1_u8..3).prop_map(Op::Lost),
        2 => Just(Op::Tick),
        2 => (0_u64..400).prop_map(Op::Pass),
    ]
}

proptest! {
    /// The invariants are checked in every step; here the answers are counted.
    #[test]
    fn every_open_is_answered_exactly_once(ops in prop::collection::vec(op(), 0..150)) {
        let mut rig = Rig::new();
        let (mut log, mut n_asks, mut waiting) = (Vec::new(), 0, None);
        let end = [Op::Lost(1), Op::Lost(2), Op::NotPulsed];
        for op in ops.into_iter().chain(end) {
            let out = match op {
                Op::Ask(number) => {
                    n_asks += 1;
                    rig.ask(n_asks, number)
                }
                Op::Pulsed | Op::NotPulsed => {
                    let Some(id) = waiting.take() else { continue };
                    let was_sent = matches!(op, Op::Pulsed);
                    rig.step(if was_sent { Input::Pulsed(id) } else { Input::NotPulsed(id) })
                }
                Op::Springs(number) => {
                    rig.open.push(number);
                    continue;
                }
                Op::Shuts(number) => {
                    rig.open.retain(|open| *open != number);
                    continue;
                }
                Op::See(address) => rig.see(address),
                Op::Lost(address) => rig.step(Input::BoardLost(board(address))),
                Op::Tick => {
                    rig.now = rig.doors.deadline().unwrap_or(rig.now).max(rig.now);
                    rig.step(Input::Tick)
                }
                Op::Pass(ms) => {
                    rig.later(ms);
                    continue;
                }
            };
            for effect in &out {
                match effect {
                    Effect::Pulse(id, _) => waiting = Some(*id),
                    Effect::Forget(id) => waiting = waiting.filter(|waits| waits != id),
                    Effect::Tell(_) => {}
                }
            }
            log.extend(out);
        }
        let mut n_of: BTreeMap<RequestId, u32> = BTreeMap::new();
        for effect in &log {
            if let Effect::Tell(Event::Done(id, _) | Event::Refused(id, _)) = effect {
                *n_of.entry(*id).or_default() += 1;
            }
        }
        prop_assert_eq!(n_of.len() as u64, n_asks);
        prop_assert!(n_of.values().all(|n| *n == 1));
    }

    #[test]
    fn changes_follow_each_other_without_a_break(ops in prop::collection::vec(op(), 0..150)) {
        let mut rig = Rig::new();
        let mut known: BTreeMap<DoorNo, DoorState> = BTreeMap::new();
        let mut n = 0;
        for op in ops {
            let out = match op {
                Op::Ask(number) => {
                    n += 1;
                    rig.ask(n, number)
                }
                Op::Pulsed | Op::NotPulsed => rig.step(Input::Pulsed(RequestId(n))),
                Op::Springs(number) => { rig.open.push(number); rig.see(1) }
                Op::Shuts(number) => { rig.open.retain(|open| *open != number); rig.see(2) }
                Op::See(address) => rig.see(address),
                Op::Lost(address) => rig.step(Input::BoardLost(board(address))),
                Op::Tick | Op::Pass(_) => rig.later(100).step(Input::Tick),
            };
            for effect in out {
                if let Effect::Tell(Event::Door(DoorChanged { door, was, is })) = effect {
                    prop_assert_eq!(known.insert(door, is).unwrap_or(DoorState::Unknown), was);
                    prop_assert_ne!(was, is);
                }
            }
        }
    }
}
