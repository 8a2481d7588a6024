//! The keypad's core against its twin on virtual time, with troubles drawn at random: each press of
//! a finger is told once, in order.

use device_api::keypad::{Event, Fault, Health, Key};
use device_drivers::{
    keypad::{Keypad, timings::PRODUCTION},
    machine::{Input, Machine as _, Output},
};
use device_sim::{
    keypad::{Act, KeypadTwin, Planned, Trouble},
    port::Twin as _,
    wire::Speak,
};
use kiosk_words::Moment;
use proptest::prelude::*;

struct World {
    core: Keypad,
    twin: KeypadTwin,
    now: Moment,
    on_the_wire: Vec<Speak>,
    pressed: Vec<Key>,
}

impl World {
    fn ready() -> Self {
        let mut world = Self {
            core: Keypad::new(PRODUCTION),
            twin: KeypadTwin::new(),
            now: Moment(0),
            on_the_wire: Vec::new(),
            pressed: Vec::new(),
        };
        world.core_hears(Input::LinkUp);
        world.passes(1_000);
        assert_eq!(world.core.status().health, Health::Ready);
        world
    }

    fn core_hears(&mut self, input: Input<'_, device_api::keypad::Request>) {
        for output in self.core.handle(input, self.now) {
            match output {
                Output::Write(bytes) => {
                    let said = self.twin.hear(&bytes, self.now);
                    self.says(said);
                }
                Output::Tell(Event::Pressed(key)) => self.pressed.push(key),
                Output::Tell(Event::Plugged | Event::Identified(_) | Event::StatusChanged(_)) => {}
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
                // The pump opens the port anew.
                Output::CloseLink(_) => self.core_hears(Input::LinkUp),
            }
        }
    }

    fn says(&mut self, said: Vec<Speak>) {
        self.on_the_wire.extend(said);
        self.on_the_wire.sort_by_key(|speak| speak.at);
    }

    fn does(&mut self, act: Act) {
        let said = self.twin.touch(act, self.now);
        self.says(said);
    }

    fn passes(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        loop {
            let bytes = self.on_the_wire.first().map(|speak| speak.at);
            let next = [bytes, self.core.deadline(), self.twin.deadline()].into_iter().flatten();
            let Some(at) = next.min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            if bytes.is_some_and(|at| at <= self.now) {
                let bytes = self.on_the_wire.remove(0).bytes;
                self.core_hears(Input::Chunk(&bytes));
            } else if self.core.deadline().is_some_and(|at| at <= self.now) {
                self.core_hears(Input::Tick);
            } else {
                let said = self.twin.pass_time(self.now);
                self.says(said);
            }
        }
        self.now = end;
    }
}

#[test]
fn bouncing_contacts_press_once() {
    let mut world = World::ready();
    world.does(Act::SetBounce { ms: 30 });
    for _ in 0..5 {
        world.does(Act::Press(Key::Down));
        world.passes(400);
    }
    assert_eq!(world.pressed, [Key::Down; 5]);
}

#[test]
fn worn_contacts_without_debouncing_press_once_too() {
    let mut world = World::ready();
    world.does(Act::SetBounce { ms: 30 });
    world.does(Act::SetDebounce(false));
    world.does(Act::Press(Key::Down));
    // The contact opens and shuts several times, and so it does when it is let go.
    world.passes(1_000);
    assert_eq!(world.pressed, [Key::Down]);
}

#[test]
fn a_stuck_key_is_told_once_in_an_hour_and_is_a_fault_meanwhile() {
    let mut world = World::ready();
    world.does(Act::Hold(Key::Select));
    world.passes(3_600_000);
    assert_eq!(world.pressed, [Key::Select]);
    assert_eq!(world.core.status().health, Health::Hampered(Fault::KeyStuck(Key::Select)));
    world.does(Act::Release(Key::Select));
    world.passes(1_000);
    assert_eq!(world.core.status().health, Health::Ready);
}

#[test]
fn a_keypad_whose_power_went_away_and_came_back_is_greeted_again() {
    let mut world = World::ready();
    world.twin.power_cycle();
    world.passes(2_000);
    world.does(Act::Press(Key::Help));
    world.passes(500);
    assert_eq!(world.pressed, [Key::Help]);
}

#[test]
fn one_that_falls_mute_is_silent_and_comes_back() {
    let mut world = World::ready();
    world.does(Act::PlugJack);
    world.passes(1_000);
    assert!(world.core.status().jack);
    world.does(Act::Plan(Planned::new(Trouble::Mute).times(12)));
    world.passes(2_700);
    assert!(!world.core.status().jack, "what is not known is out");
    world.passes(20_000);
    assert_eq!(world.core.status().health, Health::Ready);
    assert!(world.core.status().jack);
}

fn trouble() -> impl Strategy<Value = Act> {
    let trouble = prop_oneof![
        Just(Trouble::Mute),
        Just(Trouble::Garble),
        Just(Trouble::Torn),
        Just(Trouble::Twice),
        (1_u64..60).prop_map(|ms| Trouble::Late { ms }),
        (1_u16..60).prop_map(|n_bytes| Trouble::Noise { n_bytes }),
    ];
    let on = prop::sample::select(vec!["key", "state", "ack"]);
    (trouble, on).prop_map(|(trouble, on)| Act::Plan(Planned::new(trouble).on(on)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_line_does_each_press_is_told_once_and_in_order(
        presses in prop::collection::vec((0_usize..9, prop::collection::vec(trouble(), 0..4)), 1..25),
    ) {
        let mut world = World::ready();
        let mut wanted = Vec::new();
        for (at, troubles) in presses {
            for act in troubles {
                world.does(act);
            }
            world.does(Act::Press(Key::ALL[at]));
            wanted.push(Key::ALL[at]);
            // A slow finger; the troubles of a press take less than the keypad's patience.
            world.passes(1_500);
        }
        world.passes(3_000);
        prop_assert_eq!(world.twin.look(world.now).n_lost, 0);
        prop_assert_eq!(world.pressed, wanted);
    }
}
