use device_api::keypad::{Event, Fault, Health, Key, Request, Status};
use kiosk_words::Moment;
use proptest::prelude::*;

use super::{Keypad, N_GARBAGE_MAX};
use crate::{
    keypad::{
        codec::{Command, Deframer, Held, Report},
        timings::PRODUCTION,
    },
    machine::{CloseReason, Input, Machine as _, Output},
};

struct Rig {
    core: Keypad,
    now: Moment,
    /// What the last step wanted.
    out: Vec<Output<Event>>,
}

impl Rig {
    fn new() -> Self {
        Self { core: Keypad::new(PRODUCTION), now: Moment(1_000), out: vec![] }
    }

    /// Greeted, and nothing plugged in.
    fn ready() -> Self {
        let mut rig = Self::new();
        rig.step(Input::LinkUp);
        rig.answers(1);
        rig.reports(false, &[]);
        assert_eq!(rig.core.status(), Status { health: Health::Ready, jack: false });
        rig
    }

    fn step(&mut self, input: Input<'_, Request>) {
        self.out = self.core.handle(input, self.now);
    }

    fn says(&mut self, report: &Report) {
        self.step(Input::Chunk(&report.encode()));
    }

    fn answers(&mut self, version: u8) {
        let conversation = self.core.conversation;
        let model = "ND-KEYPAD-9".to_owned();
        self.says(&Report::Identity { conversation, version, firmware: (2, 1), model });
    }

    fn reports(&mut self, jack: bool, held: &[Key]) {
        let conversation = self.core.conversation;
        let held = Held::of(held.iter().copied());
        self.says(&Report::State { conversation, jack, held });
    }

    /// A key with this number; what is told of it.
    fn presses(&mut self, seq: u8, key: Key) -> Vec<Key> {
        self.says(&Report::Key { seq, key });
        assert_eq!(self.wrote(), [Command::Ack { seq }], "every number is acknowledged");
        self.pressed()
    }

    fn waits(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    /// Time up to the next deadline.
    fn waits_for_the_deadline(&mut self) {
        self.now = self.core.deadline().expect("something is waited for");
        self.step(Input::Tick);
    }

    fn opens_anew_if_closed(&mut self) {
        if self.out.iter().any(|output| matches!(output, Output::CloseLink(_))) {
            self.step(Input::LinkUp);
            self.answers(1);
        }
    }

    fn wrote(&self) -> Vec<Command> {
        let written = self.out.iter().filter_map(|output| match output {
            Output::Write(bytes) => Deframer::new().next(&mut &bytes[..]),
            Output::Tell(_) | Output::SetLineBaud(_) | Output::CloseLink(_) => None,
        });
        written.map(|frame| Command::decode(&frame.unwrap()).unwrap()).collect()
    }

    fn pressed(&self) -> Vec<Key> {
        let told = self.out.iter().filter_map(Output::told);
        told.filter_map(|event| match event {
            Event::Pressed(key) => Some(*key),
            Event::Plugged | Event::Identified(_) | Event::StatusChanged(_) => None,
        })
        .collect()
    }

    fn health(&self) -> Health {
        self.core.status().health
    }
}

#[test]
fn a_key_that_is_said_again_is_acknowledged_again_and_told_once() {
    let mut rig = Rig::ready();
    assert_eq!(rig.presses(1, Key::Down), [Key::Down]);
    rig.waits(200);
    assert_eq!(rig.presses(1, Key::Down), []);
    rig.waits(200);
    assert_eq!(rig.presses(2, Key::Down), [Key::Down], "another number is another press");
}

#[test]
fn the_same_key_within_a_bounce_is_one_press_and_another_key_is_another() {
    let mut rig = Rig::ready();
    assert_eq!(rig.presses(1, Key::Down), [Key::Down]);
    rig.waits(PRODUCTION.bounce_ms - 1);
    assert_eq!(rig.presses(2, Key::Down), []);
    assert_eq!(rig.presses(3, Key::Select), [Key::Select]);
}

#[test]
fn a_plug_counts_when_it_has_settled_and_its_absence_at_once() {
    let mut rig = Rig::ready();
    rig.reports(true, &[]);
    assert!(!rig.core.status().jack);
    rig.waits(100);
    rig.reports(false, &[]);
    rig.reports(true, &[]);
    rig.waits(PRODUCTION.jack_settles_ms - 1);
    rig.step(Input::Tick);
    assert!(!rig.core.status().jack, "it had touched before and settles anew");
    rig.waits(1);
    rig.step(Input::Tick);
    assert!(rig.core.status().jack);
    rig.reports(false, &[]);
    assert!(!rig.core.status().jack);
}

#[test]
fn a_key_that_lies_too_long_is_stuck_until_it_is_released_and_the_others_work() {
    let mut rig = Rig::ready();
    assert_eq!(rig.presses(1, Key::Select), [Key::Select]);
    let since = rig.now;
    while rig.now.ms_since(since) < PRODUCTION.stuck_ms {
        assert_eq!(rig.health(), Health::Ready);
        rig.reports(false, &[Key::Select]);
        rig.waits(500);
    }
    rig.reports(false, &[Key::Select]);
    assert_eq!(rig.health(), Health::Hampered(Fault::KeyStuck(Key::Select)));
    assert_eq!(rig.presses(2, Key::Select), []);
    assert_eq!(rig.presses(3, Key::Down), [Key::Down]);
    rig.reports(false, &[]);
    assert_eq!(rig.health(), Health::Ready);
    rig.waits(500);
    assert_eq!(rig.presses(4, Key::Select), [Key::Select]);
}

#[test]
fn a_key_that_chatters_counts_for_nothing_until_it_was_quiet() {
    let mut rig = Rig::ready();
    let mut n_told = 0;
    for seq in 1..=200 {
        n_told += rig.presses(seq, Key::Down).len();
        rig.waits(60);
    }
    assert_eq!(n_told, PRODUCTION.n_presses_max as usize);
    assert_eq!(rig.health(), Health::Hampered(Fault::KeyStuck(Key::Down)));
    let until = rig.now.plus_ms(PRODUCTION.chatter_window_ms);
    while rig.now < until {
        rig.reports(false, &[]);
        rig.waits(500);
    }
    rig.reports(false, &[]);
    assert_eq!(rig.health(), Health::Ready);
    assert_eq!(rig.presses(201, Key::Down), [Key::Down]);
}

#[test]
fn nobody_who_presses_fast_is_taken_for_a_stuck_key() {
    let mut rig = Rig::ready();
    for seq in 1..=100 {
        assert_eq!(rig.presses(seq, Key::Down), [Key::Down], "press {seq}, eight in a second");
        rig.waits(125);
    }
}

#[test]
fn one_that_falls_silent_is_greeted_again_then_given_up_and_its_jack_is_out_at_once() {
    let mut rig = Rig::ready();
    rig.reports(true, &[]);
    rig.waits(PRODUCTION.jack_settles_ms);
    rig.step(Input::Tick);
    assert!(rig.core.status().jack);
    rig.waits_for_the_deadline();
    assert!(matches!(rig.wrote()[..], [Command::Hello { .. }]));
    assert!(!rig.core.status().jack, "whether it is in is not known any more");
    rig.waits_for_the_deadline();
    rig.waits_for_the_deadline();
    rig.waits_for_the_deadline();
    assert!(rig.out.contains(&Output::CloseLink(CloseReason::Silent)));
    assert_eq!(rig.health(), Health::Down(Fault::Silent));
}

#[test]
fn one_that_lost_its_power_is_greeted_and_what_was_pressed_before_is_nobodys() {
    let mut rig = Rig::ready();
    assert_eq!(rig.presses(1, Key::Down), [Key::Down]);
    rig.says(&Report::State { conversation: 0, jack: false, held: Held::default() });
    assert!(matches!(rig.wrote()[..], [Command::Hello { .. }]));
    rig.says(&Report::Key { seq: 2, key: Key::Select });
    assert!(rig.out.is_empty(), "not even acknowledged: the keypad forgets it");
    rig.answers(1);
    rig.waits(500);
    assert_eq!(rig.presses(1, Key::Down), [Key::Down], "the numbers begin anew");
}

#[test]
fn another_version_is_a_fault_and_looked_at_again_later() {
    let mut rig = Rig::new();
    rig.step(Input::LinkUp);
    rig.answers(2);
    assert_eq!(rig.health(), Health::Down(Fault::OtherVersion(2)));
    rig.waits_for_the_deadline();
    assert!(matches!(rig.wrote()[..], [Command::Hello { .. }]));
    rig.answers(1);
    assert_eq!(rig.health(), Health::Ready);
}

#[test]
fn the_answer_to_an_earlier_greeting_is_none_to_this_one() {
    let mut rig = Rig::new();
    rig.step(Input::LinkUp);
    let late = Report::Identity {
        conversation: rig.core.conversation,
        version: 1,
        firmware: (2, 1),
        model: "late".to_owned(),
    };
    rig.waits_for_the_deadline();
    rig.says(&late);
    assert_eq!(rig.health(), Health::Starting);
    rig.answers(1);
    assert_eq!(rig.health(), Health::Ready);
}

#[test]
fn much_garbage_closes_the_link_and_a_pulled_plug_is_missing() {
    let mut rig = Rig::ready();
    rig.step(Input::Chunk(&[0x55; 32 * N_GARBAGE_MAX as usize]));
    assert!(rig.out.contains(&Output::CloseLink(CloseReason::Garbage)));
    assert_eq!(rig.health(), Health::Down(Fault::Garbage));
    let mut rig = Rig::ready();
    rig.step(Input::LinkDown);
    assert_eq!(rig.health(), Health::Down(Fault::Missing));
    assert_eq!(rig.core.deadline(), None);
}

#[test]
fn a_frame_that_had_begun_does_not_go_on_over_a_new_link() {
    let mut rig = Rig::ready();
    rig.step(Input::Chunk(&Report::Key { seq: 1, key: Key::ALL[0] }.encode()[..2]));
    rig.step(Input::LinkUp);
    rig.answers(1);
    assert_eq!(rig.health(), Health::Ready);
}

fn any_report() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => (1_u8..4, 0_usize..9).prop_map(|(seq, at)| Report::Key { seq, key: Key::ALL[at] }.encode()),
        3 => (0_u8..3, any::<bool>(), 0_usize..9).prop_map(|(conversation, jack, at)| {
            Report::State { conversation, jack, held: Held::of([Key::ALL[at]]) }.encode()
        }),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    /// Invariants are checked in every step; here, that it always knows when to look again.
    #[test]
    fn whatever_is_said_at_any_time_the_driver_waits_for_something(
        steps in prop::collection::vec((any_report(), 0_u64..3_000, any::<bool>()), 0..60),
    ) {
        let mut rig = Rig::ready();
        for (bytes, ms, ticks) in steps {
            rig.step(Input::Chunk(&bytes));
            rig.opens_anew_if_closed();
            rig.waits(ms);
            if ticks {
                rig.step(Input::Tick);
                rig.opens_anew_if_closed();
            }
            prop_assert!(rig.core.deadline().is_some());
        }
        // Once it behaves again, it is ready.
        rig.step(Input::LinkUp);
        rig.answers(1);
        rig.reports(false, &[]);
        prop_assert_eq!(rig.health(), Health::Ready);
    }

    #[test]
    fn any_split_of_the_stream_tells_the_same(cut_len in 1_usize..20) {
        // Each key once: a second press at the same moment is a bounce.
        let keys = (1_u8..).zip(Key::ALL);
        let stream: Vec<u8> =
            keys.flat_map(|(seq, key)| Report::Key { seq, key }.encode()).collect();
        let told = |chunks: &mut dyn Iterator<Item = &[u8]>| {
            let mut rig = Rig::ready();
            let mut told = Vec::new();
            for chunk in chunks {
                rig.step(Input::Chunk(chunk));
                told.extend(rig.pressed());
            }
            told
        };
        let whole = told(&mut std::iter::once(&stream[..]));
        prop_assert_eq!(&whole[..], Key::ALL);
        prop_assert_eq!(told(&mut stream.chunks(cut_len)), whole);
    }
}
