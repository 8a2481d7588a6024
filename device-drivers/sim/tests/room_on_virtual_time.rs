//! The driver's core against the twin of the room board, without pump and pty, on virtual time:
//! what may befall a room, in any order, and what must hold when it is over.

use device_api::{
    RequestId,
    room::{Event, Health, Output as Out, Request},
};
use device_drivers::{
    machine::{Input, Machine as _, Output},
    room::{
        Room,
        timings::{PRESS_KNOWN_MS, PRODUCTION},
    },
};
use device_sim::{
    port::Twin as _,
    room::{Act, Planned, RoomTwin, SAYINGS, Trouble, as_wired},
    wire::Speak,
};
use kiosk_words::Moment;
use proptest::prelude::*;

const LIMIT_MS: u64 = 120_000;
/// What the pump waits before it opens a link again.
const REOPEN_MS: u64 = 250;

struct World {
    core: Room,
    twin: RoomTwin,
    now: Moment,
    /// On the way to the driver, by time.
    said: Vec<Speak>,
    /// When the link is opened again; absent while it is open or the cable is out.
    open_at: Option<Moment>,
    linked: bool,
    events: Vec<Event>,
    next_id: u64,
}

impl World {
    fn new() -> Self {
        Self {
            core: Room::new(as_wired(), PRODUCTION),
            twin: RoomTwin::as_delivered(),
            now: Moment(0),
            said: Vec::new(),
            open_at: Some(Moment(0)),
            linked: false,
            events: Vec::new(),
            next_id: 0,
        }
    }

    fn ready() -> Self {
        let mut world = Self::new();
        world.until(|world| world.core.status().health == Health::Ready);
        world
    }

    fn feed(&mut self, input: Input<'_, Request>) {
        for output in self.core.handle(input, self.now) {
            match output {
                Output::Write(bytes) => {
                    let said = self.twin.hear(&bytes, self.now);
                    self.said.extend(said);
                    self.said.sort_by_key(|speak| speak.at);
                }
                Output::Tell(event) => self.events.push(event),
                Output::CloseLink(_) => {
                    self.linked = false;
                    self.said.clear();
                    self.open_at = Some(self.now.plus_ms(REOPEN_MS));
                }
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
            }
        }
    }

    fn touch(&mut self, act: Act) {
        self.twin.touch(act, self.now);
    }

    fn asks(&mut self, output: Out, on: bool) {
        self.next_id += 1;
        self.feed(Input::Ask(RequestId(self.next_id), Request::Set { output, on }));
    }

    fn pull_cable(&mut self) {
        self.said.clear();
        self.open_at = None;
        if std::mem::take(&mut self.linked) {
            self.feed(Input::LinkDown);
        }
    }

    fn put_cable_in(&mut self) {
        if !self.linked && self.open_at.is_none() {
            self.twin.power_cycle();
            self.open_at = Some(self.now);
        }
    }

    fn next_due(&self) -> Option<Moment> {
        let core = self.core.deadline().filter(|_| self.linked);
        let said = self.said.first().map(|speak| speak.at);
        [core, said, self.open_at].into_iter().flatten().min()
    }

    fn goes_on(&mut self, due: Moment) {
        self.now = self.now.max(due);
        if self.open_at.is_some_and(|at| at <= due) {
            self.open_at = None;
            self.linked = true;
            self.feed(Input::LinkUp);
        } else if self.said.first().is_some_and(|speak| speak.at <= due) {
            let speak = self.said.remove(0);
            self.feed(Input::Chunk(&speak.bytes));
        } else {
            self.feed(Input::Tick);
        }
    }

    fn until(&mut self, is_it: impl Fn(&Self) -> bool) {
        let limit = self.now.plus_ms(LIMIT_MS);
        while !is_it(self) {
            let due = self.next_due().expect("something happens next");
            assert!(due < limit, "not in time: {:?} {:?}", self.core, self.twin);
            self.goes_on(due);
        }
    }

    fn passes(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            self.goes_on(due);
        }
        self.now = end;
    }
}

#[test]
fn a_press_is_known_within_its_limit_at_the_speed_of_the_wire() {
    let mut longest_ms = 0;
    for offset_ms in 0..150 {
        let mut world = World::ready();
        world.passes(offset_ms);
        world.asks(Out::Light, offset_ms % 2 == 0);
        world.touch(Act::PressButton);
        let pressed = world.now;
        world.until(|world| world.core.status().inputs.is_some_and(|inputs| inputs.emergency));
        longest_ms = longest_ms.max(pressed.ms_until(world.now));
    }
    println!("the slowest press was known after {longest_ms} ms");
    assert!(longest_ms <= PRESS_KNOWN_MS, "{longest_ms} ms");
}

#[test]
fn the_gap_behind_an_answer_is_kept() {
    let mut world = World::ready();
    for n in 0..20 {
        world.asks(Out::ALL[n % 3], n % 2 == 0);
        world.passes(137);
    }
    assert_eq!(world.twin.look(world.now).n_too_soon, 0);
}

#[derive(Debug, Clone)]
enum Happening {
    Touches(Act),
    Asks(Out, bool),
    Passes(u64),
    PullsCable,
    PutsCableIn,
}

fn happening() -> impl Strategy<Value = Happening> {
    let trouble = prop_oneof![
        Just(Trouble::Mute),
        (1..600_u64).prop_map(|ms| Trouble::Late { ms }),
        Just(Trouble::Garble),
        (1..40_u16).prop_map(|n_bytes| Trouble::Noise { n_bytes }),
        Just(Trouble::Torn),
        (1..200_u64).prop_map(|gap_ms| Trouble::Halves { gap_ms }),
        (1..6_u8).prop_map(|code| Trouble::Refuse { code }),
    ];
    let on = prop::option::of(prop::sample::select(SAYINGS.to_vec()));
    let planned = (trouble, on, 1..5_u32).prop_map(|(trouble, on, times)| {
        let planned = Planned::new(trouble).times(times);
        Act::Plan(on.map_or(planned.clone(), |on| planned.on(on)))
    });
    let relays = Out::ALL.map(|output| as_wired().wiring.output(output).relay);
    let act = prop_oneof![
        Just(Act::PressButton),
        Just(Act::ReleaseButton),
        any::<bool>().prop_map(Act::CutWire),
        any::<bool>().prop_map(Act::OpenDoor),
        any::<bool>().prop_map(Act::Mains),
        prop::option::of(prop::sample::select(relays.to_vec())).prop_map(Act::Stick),
        any::<bool>().prop_map(Act::Echo),
        Just(Act::DropPower),
        planned.clone(),
        planned,
    ];
    prop_oneof![
        4 => act.prop_map(Happening::Touches),
        3 => (0..3_usize, any::<bool>()).prop_map(|(at, on)| Happening::Asks(Out::ALL[at], on)),
        5 => (0..2_000_u64).prop_map(Happening::Passes),
        1 => Just(Happening::PullsCable),
        2 => Just(Happening::PutsCableIn),
    ]
}

proptest! {
    /// Once the troubles stop the driver knows the room as it is, and the room is as asked last.
    #[test]
    fn when_troubles_stop_the_room_is_known_and_as_asked_last(
        happenings in prop::collection::vec(happening(), 0..50),
    ) {
        let mut world = World::new();
        let mut wanted: [Option<bool>; 3] = [None; 3];
        for happening in happenings {
            match happening {
                Happening::Touches(act) => world.touch(act),
                Happening::Asks(output, on) => {
                    world.asks(output, on);
                    wanted[Out::ALL.iter().position(|of| *of == output).unwrap()] = Some(on);
                }
                Happening::Passes(ms) => world.passes(ms),
                Happening::PullsCable => world.pull_cable(),
                Happening::PutsCableIn => world.put_cable_in(),
            }
        }
        for act in [Act::ClearPlan, Act::Stick(None), Act::Echo(false)] {
            world.touch(act);
        }
        world.put_cable_in();
        world.passes(10_000);
        let look = world.twin.look(world.now);
        let status = world.core.status();
        prop_assert_eq!(status.health, Health::Ready);
        let inputs = status.inputs.unwrap();
        prop_assert_eq!(inputs.emergency, look.is_pressed || look.is_wire_cut);
        prop_assert_eq!((inputs.lobby_open, inputs.on_mains), (look.is_door_open, look.has_mains));
        let outputs = status.outputs.unwrap();
        let real = [look.is_lit, look.is_siren_on, look.is_guard_called];
        prop_assert_eq!([outputs.light, outputs.siren, outputs.guard], real);
        for (wanted, real) in wanted.into_iter().zip(real) {
            prop_assert!(wanted.is_none_or(|wanted| wanted == real));
        }
        let n_answers = world.events.iter().filter(|event| event.answers().is_some()).count();
        prop_assert_eq!(n_answers as u64, world.next_id);
    }
}
