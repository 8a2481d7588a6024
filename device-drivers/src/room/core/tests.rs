use device_api::{
    RequestId,
    room::{Event, Fault, Health, Inputs, Output as Out, Outputs, Refusal, Reply, Request, Status},
};
use kiosk_words::Moment;
use proptest::prelude::*;

use super::{NOISE_LEN_MAX, Room};
use crate::{
    machine::{CloseReason, Input, Machine as _, Output},
    room::{
        Address, Channel, Contact, InputWire, OnWhen, OutputWire, Settings, Wiring,
        codec::{Bits, Command, Exception, Heard, Report, hear},
        timings::{PRESS_KNOWN_MS, PRODUCTION},
    },
};

/// Eight bytes there, six back, and the board's own time.
const EXCHANGE_MS: u64 = 20;
/// Nobody presses (current flows), the lobby is shut, the mains are there.
const CALM: u8 = 0b001;

fn channel(no: u8) -> Channel {
    Channel::new(no).unwrap()
}

fn settings() -> Settings {
    let input = |no, contact| InputWire { input: channel(no), contact };
    let output = |no, on_when| OutputWire { relay: channel(no), on_when };
    let wiring = Wiring {
        emergency: input(0, Contact::NormallyClosed),
        lobby: input(1, Contact::NormallyOpen),
        mains: input(2, Contact::NormallyOpen),
        light: output(0, OnWhen::Pulled),
        siren: output(1, OnWhen::Pulled),
        guard: output(2, OnWhen::Released),
    };
    Settings { address: Address::new(1).unwrap(), wiring }
}

/// The driver, and a board that answers after `EXCHANGE_MS` as its fields say.
struct Rig {
    core: Room,
    now: Moment,
    inputs: u8,
    relays: Bits,
    /// This relay does not move.
    welded: Option<Channel>,
    is_dead: bool,
    /// The line gives every command back.
    echoes: bool,
    refuses: Option<Exception>,
    answers: Vec<(Moment, Vec<u8>)>,
    wrote: Vec<Command>,
    told: Vec<Event>,
    closed: Option<CloseReason>,
}

impl Rig {
    fn new() -> Self {
        Self {
            core: Room::new(settings(), PRODUCTION),
            now: Moment(1_000),
            inputs: CALM,
            // The guard's panel is calm while the relay pulls.
            relays: Bits(0b100),
            welded: None,
            is_dead: false,
            echoes: false,
            refuses: None,
            answers: vec![],
            wrote: vec![],
            told: vec![],
            closed: None,
        }
    }

    fn ready() -> Self {
        let mut rig = Self::new();
        rig.step(Input::LinkUp);
        rig.until(|rig| rig.status().health == Health::Ready);
        rig.told.clear();
        rig
    }

    fn status(&self) -> Status {
        self.core.status()
    }

    fn outputs(&self) -> Outputs {
        self.status().outputs.expect("known")
    }

    fn step(&mut self, input: Input<'_, Request>) {
        for output in self.core.handle(input, self.now) {
            match output {
                Output::Write(bytes) => self.hears(&bytes),
                Output::Tell(event) => self.told.push(event),
                Output::CloseLink(reason) => self.closed = Some(reason),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
            }
        }
    }

    fn hears(&mut self, bytes: &[u8]) {
        let Some(Ok((Heard::Command(command), _))) = hear(settings().address, bytes) else {
            panic!("no command: {bytes:02x?}");
        };
        self.wrote.push(command);
        let at = self.now.plus_ms(EXCHANGE_MS);
        if self.echoes {
            self.answers.push((self.now, bytes.to_vec()));
        }
        if self.is_dead {
            return;
        }
        let report = match (self.refuses, command) {
            (Some(why), _) => Report::Refused { function: bytes[1], why },
            (None, Command::ReadInputs) => Report::Inputs(Bits(self.inputs)),
            (None, Command::ReadRelays) => Report::Relays(self.relays),
            (None, Command::SetRelay { relay, on }) => {
                if self.welded != Some(relay) {
                    self.relays = self.relays.with(relay, on);
                }
                Report::Heard { relay, on }
            }
        };
        self.answers.push((at, report.encode(settings().address)));
    }

    /// The next thing that happens.
    fn goes_on(&mut self) {
        let answer = self.answers.iter().map(|(at, _)| *at).min();
        let due = self.core.deadline();
        let next = [answer, due].into_iter().flatten().min().expect("something is waited for");
        self.now = self.now.max(next);
        if answer.is_some_and(|at| at <= next) {
            let (_, bytes) = self.answers.remove(0);
            self.step(Input::Chunk(&bytes));
        } else {
            self.step(Input::Tick);
        }
    }

    fn until(&mut self, is_it: impl Fn(&Self) -> bool) {
        let limit = self.now.plus_ms(60_000);
        while !is_it(self) {
            assert!(self.now < limit, "not within a minute: {:?}", self.told);
            self.goes_on();
        }
    }

    fn passes(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        self.until(|rig| rig.now >= end);
    }

    fn sets(&mut self, id: u64, output: Out, on: bool) {
        self.step(Input::Ask(RequestId(id), Request::Set { output, on }));
    }

    fn answer(&mut self, id: u64) -> Event {
        let is_it = |event: &&Event| event.answers() == Some(RequestId(id));
        self.until(|rig| rig.told.iter().any(|event| is_it(&event)));
        *self.told.iter().find(is_it).unwrap()
    }

    fn loses_link(&mut self) {
        self.answers.clear();
        self.step(Input::LinkDown);
    }
}

const fn done(id: u64) -> Event {
    Event::Done(RequestId(id), Reply::IsSet)
}

const fn refused(id: u64, why: Refusal) -> Event {
    Event::Refused(RequestId(id), why)
}

#[test]
fn a_board_is_ready_when_the_room_is_known() {
    let mut rig = Rig::new();
    assert_eq!(rig.status().health, Health::Starting);
    rig.step(Input::LinkUp);
    rig.until(|rig| rig.status().health == Health::Ready);
    let calm = Inputs { emergency: false, lobby_open: false, on_mains: true };
    assert_eq!(rig.status().inputs, Some(calm));
    assert_eq!(rig.outputs(), Outputs::default());
    assert!(rig.wrote.iter().all(|command| !matches!(command, Command::SetRelay { .. })));
}

#[test]
fn a_press_is_known_within_its_limit_wherever_the_poll_stands() {
    for offset_ms in (0..120).step_by(7) {
        let mut rig = Rig::ready();
        rig.passes(offset_ms);
        // Somebody switches the light at the same moment.
        rig.sets(1, Out::Light, true);
        rig.inputs = 0;
        let pressed = rig.now;
        rig.until(|rig| rig.status().inputs.is_some_and(|inputs| inputs.emergency));
        let ms = pressed.ms_until(rig.now);
        assert!(ms <= PRESS_KNOWN_MS, "{ms} ms after {offset_ms} ms");
    }
}

#[test]
fn a_cut_wire_of_the_button_is_a_press() {
    let mut rig = Rig::ready();
    // No current flows through the normally closed contact.
    rig.inputs &= !CALM;
    rig.until(|rig| rig.status().inputs.is_some_and(|inputs| inputs.emergency));
}

#[test]
fn a_bounce_is_no_press_and_a_dip_no_loss_of_the_mains() {
    let mut rig = Rig::ready();
    for bits in [0, CALM | 0b100, CALM | 0b010] {
        rig.inputs = bits;
        let n_seen = rig.wrote.len();
        // One look sees it, whichever comes between.
        rig.until(|rig| rig.wrote[n_seen..].contains(&Command::ReadInputs));
        rig.inputs = CALM;
        rig.passes(1_000);
    }
    assert_eq!(rig.told, []);
    rig.inputs = CALM | 0b110;
    rig.passes(1_000);
    let inputs = rig.status().inputs.unwrap();
    assert_eq!((inputs.lobby_open, inputs.on_mains), (true, false));
}

#[test]
fn an_output_is_done_when_it_was_read_back() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Siren, true);
    assert_eq!(rig.answer(1), done(1));
    assert!(rig.outputs().siren && rig.relays.get(channel(1)));
    let told = Command::SetRelay { relay: channel(1), on: true };
    let at = rig.wrote.iter().position(|command| *command == told).unwrap();
    assert!(rig.wrote[at..].contains(&Command::ReadRelays));
    // The guard's contact is on while its relay does not pull.
    rig.sets(2, Out::Guard, true);
    assert_eq!(rig.answer(2), done(2));
    assert!(rig.outputs().guard && !rig.relays.get(channel(2)));
}

#[test]
fn what_is_asked_again_is_read_again_and_not_told() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Light, false);
    assert_eq!(rig.answer(1), done(1));
    assert!(rig.wrote.iter().all(|command| !matches!(command, Command::SetRelay { .. })));
}

#[test]
fn an_echo_alone_switches_nothing() {
    let mut rig = Rig::ready();
    rig.echoes = true;
    rig.welded = Some(channel(1));
    rig.sets(1, Out::Siren, true);
    assert_eq!(rig.answer(1), refused(1, Refusal::StaysAsItWas));
    assert!(!rig.outputs().siren);
    assert_eq!(rig.status().disobeys, Some(Out::Siren));
    // It comes loose, and the wish is still there.
    rig.welded = None;
    rig.until(|rig| rig.outputs().siren);
    assert_eq!(rig.status().disobeys, None);
}

#[test]
fn a_line_that_echoes_with_no_board_behind_is_silent() {
    let mut rig = Rig::new();
    (rig.echoes, rig.is_dead) = (true, true);
    rig.step(Input::LinkUp);
    rig.until(|rig| rig.closed.is_some());
    assert_eq!(rig.status().health, Health::Down(Fault::Silent));
}

#[test]
fn a_newer_wish_for_the_same_output_is_the_one_that_counts() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Light, true);
    rig.sets(2, Out::Light, false);
    assert_eq!(rig.answer(1), refused(1, Refusal::Superseded));
    assert_eq!(rig.answer(2), done(2));
    assert!(!rig.outputs().light);
}

#[test]
fn a_board_that_falls_silent_is_down_and_nothing_is_known_any_more() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Light, true);
    rig.is_dead = true;
    assert_eq!(rig.answer(1), refused(1, Refusal::DeviceDown(Fault::Silent)));
    let status = rig.status();
    assert_eq!(
        (status.health, rig.closed),
        (Health::Down(Fault::Silent), Some(CloseReason::Silent))
    );
    assert_eq!((status.inputs, status.outputs), (None, None));
    rig.sets(2, Out::Siren, true);
    assert_eq!(rig.answer(2), refused(2, Refusal::DeviceDown(Fault::Silent)));
}

#[test]
fn a_board_that_comes_back_is_set_as_it_was_asked_last_and_not_otherwise() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Siren, true);
    assert_eq!(rig.answer(1), done(1));
    rig.loses_link();
    assert_eq!(rig.status().health, Health::Down(Fault::Missing));
    rig.sets(2, Out::Siren, false);
    rig.sets(3, Out::Light, true);
    assert_eq!(rig.answer(3), refused(3, Refusal::DeviceDown(Fault::Missing)));
    // It was without power: nothing pulls, and so the guard's contact is on. Nobody asked for that
    // one, so it is reported and left.
    rig.relays = Bits(0b010);
    rig.wrote.clear();
    rig.step(Input::LinkUp);
    rig.until(|rig| rig.status().health == Health::Ready);
    rig.until(|rig| rig.outputs() == Outputs { light: true, siren: false, guard: true });
    let touched_guard = |command: &Command| matches!(command, Command::SetRelay { relay, .. } if *relay == channel(2));
    assert!(!rig.wrote.iter().any(touched_guard));
}

#[test]
fn an_answer_that_comes_late_is_taken_and_one_to_another_question_is_not() {
    let mut rig = Rig::ready();
    rig.until(|rig| rig.core.relays_due.is_none());
    rig.is_dead = true;
    let n = rig.wrote.len();
    rig.until(|rig| rig.wrote.len() > n && *rig.wrote.last().unwrap() == Command::ReadInputs);
    let relays = Report::Relays(Bits(0)).encode(settings().address);
    rig.step(Input::Chunk(&relays));
    assert!(!rig.outputs().guard, "the relays were not asked for");
    rig.passes(PRODUCTION.answer_ms);
    assert_eq!(rig.wrote.len(), n + 1, "it is listened for");
    rig.is_dead = false;
    let inputs = Report::Inputs(Bits(0)).encode(settings().address);
    rig.step(Input::Chunk(&inputs));
    rig.passes(300);
    assert_eq!(rig.status().health, Health::Ready);
    assert!(
        rig.status().inputs.unwrap()
            == Inputs { emergency: false, lobby_open: false, on_mains: true }
    );
}

#[test]
fn a_board_that_has_no_such_inputs_is_unfit() {
    let mut rig = Rig::new();
    rig.refuses = Some(Exception::Address);
    rig.step(Input::LinkUp);
    rig.until(|rig| rig.closed.is_some());
    assert_eq!(rig.status().health, Health::Down(Fault::Unfit));
}

#[test]
fn a_relay_that_is_refused_is_reported_and_the_inputs_go_on() {
    let mut rig = Rig::ready();
    rig.sets(1, Out::Siren, true);
    rig.until(|rig| matches!(rig.wrote.last(), Some(Command::SetRelay { .. })));
    rig.answers.clear();
    rig.relays = Bits(0b100);
    rig.welded = Some(channel(1));
    let refusal = Report::Refused { function: 5, why: Exception::Failed };
    rig.step(Input::Chunk(&refusal.encode(settings().address)));
    assert_eq!(rig.answer(1), refused(1, Refusal::StaysAsItWas));
    assert_eq!(rig.status().health, Health::Ready);
}

#[test]
fn noise_without_end_is_garbage() {
    let mut rig = Rig::ready();
    rig.is_dead = true;
    rig.step(Input::Chunk(&[0x55; NOISE_LEN_MAX + 1]));
    assert_eq!(rig.status().health, Health::Down(Fault::Garbage));
    assert_eq!(rig.closed, Some(CloseReason::Garbage));
}

#[test]
fn noise_before_an_answer_is_survived() {
    let mut rig = Rig::ready();
    for _ in 0..50 {
        rig.until(|rig| !rig.answers.is_empty());
        rig.answers[0].1.splice(0..0, [0x01, 0x02, 0x9C, 0x01]);
        rig.goes_on();
    }
    assert_eq!(rig.status().health, Health::Ready);
    assert_eq!(rig.told, []);
}

#[derive(Debug, Clone)]
enum Happening {
    Asks(Out, bool),
    Says(Vec<u8>),
    Passes(u64),
    LinkDown,
    LinkUp,
    Dies(bool),
    Welds(Option<u8>),
    Contacts(u8),
}

fn happening() -> impl Strategy<Value = Happening> {
    let noise = prop::collection::vec(prop_oneof![Just(1_u8), any::<u8>()], 0..40);
    prop_oneof![
        3 => (0..3_usize, any::<bool>()).prop_map(|(at, on)| Happening::Asks(Out::ALL[at], on)),
        2 => noise.prop_map(Happening::Says),
        5 => (0..800_u64).prop_map(Happening::Passes),
        1 => Just(Happening::LinkDown),
        2 => Just(Happening::LinkUp),
        1 => any::<bool>().prop_map(Happening::Dies),
        1 => prop::option::of(0..8_u8).prop_map(Happening::Welds),
        1 => any::<u8>().prop_map(Happening::Contacts),
    ]
}

proptest! {
    /// The invariants hold after every step; at the end the board is well, and it is as asked last.
    #[test]
    fn whatever_happens_it_ends_as_asked_last(happenings in prop::collection::vec(happening(), 0..60)) {
        let mut rig = Rig::new();
        let (mut is_up, mut n_asks) = (false, 0);
        let mut wanted: [Option<bool>; 3] = [None; 3];
        for happening in happenings {
            // A link that was given up is opened anew by the pump.
            is_up &= rig.closed.take().is_none();
            match happening {
                Happening::Asks(output, on) => {
                    n_asks += 1;
                    rig.sets(n_asks, output, on);
                    wanted[Out::ALL.iter().position(|of| *of == output).unwrap()] = Some(on);
                }
                Happening::Says(bytes) => rig.step(Input::Chunk(&bytes)),
                Happening::Passes(ms) => {
                    let end = rig.now.plus_ms(ms);
                    while is_up && rig.closed.is_none() && rig.now < end {
                        rig.goes_on();
                    }
                }
                Happening::LinkDown => {
                    rig.loses_link();
                    is_up = false;
                }
                Happening::LinkUp => {
                    if !is_up {
                        rig.answers.clear();
                        rig.step(Input::LinkUp);
                    }
                    is_up = true;
                }
                Happening::Dies(is_dead) => rig.is_dead = is_dead,
                Happening::Welds(relay) => rig.welded = relay.map(channel),
                Happening::Contacts(bits) => rig.inputs = bits,
            }
        }
        (rig.is_dead, rig.welded) = (false, None);
        rig.loses_link();
        rig.step(Input::LinkUp);
        rig.until(|rig| {
            let is = |output: Out, on: Option<bool>| {
                on.is_none_or(|on| rig.status().outputs.is_some_and(|o| o.get(output) == on))
            };
            rig.status().health == Health::Ready && Out::ALL.into_iter().zip(wanted).all(|(output, on)| is(output, on))
        });
        let n_answers = rig.told.iter().filter(|event| event.answers().is_some()).count();
        prop_assert_eq!(n_answers as u64, n_asks);
    }
}
