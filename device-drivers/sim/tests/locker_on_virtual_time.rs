//! The locker's driver against its twin on virtual time: every byte at the speed of the wire, a
//! whole hour in a second, and hands and faults in any order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use device_api::{
    RequestId,
    locker::{BoardChanged, DoorChanged, DoorNo, DoorState, Event, Health, Request},
};
use device_drivers::machine::{Input, Machine as _, Output};
use device_sim::{
    lock_board::{
        Act, BoardAct, CabinetLook, DoorAct, Echo, LockBoards, Planned, Power, Reads, Trouble,
        Uploads, cabinet,
    },
    port::Twin as _,
    wire::Speak,
};
use kiosk_words::Moment;
use locker_controller::{Address, BAUD, Locker, timings::PRODUCTION};
use proptest::prelude::*;

const N_DOORS: u16 = 24;

struct Pair {
    locker: Locker,
    twin: LockBoards,
    now: Moment,
    said: Vec<Speak>,
    events: Vec<Event>,
    linked: bool,
    n_asks: u64,
}

impl Pair {
    fn new() -> Self {
        let (cabinet, now) = (cabinet(), Moment(0));
        let locker = Locker::new(&cabinet, BAUD, PRODUCTION);
        let twin = LockBoards::new(cabinet.boards());
        let (said, events) = (Vec::new(), Vec::new());
        let mut pair = Self { locker, twin, now, said, events, linked: false, n_asks: 0 };
        pair.plug();
        pair
    }

    fn plug(&mut self) {
        if !self.linked {
            self.linked = true;
            self.take(Input::LinkUp);
        }
    }

    fn unplug(&mut self) {
        self.linked = false;
        self.said.clear();
        self.take(Input::LinkDown);
    }

    fn take(&mut self, input: Input<'_, Request>) {
        for output in self.locker.handle(input, self.now) {
            match output {
                Output::Write(bytes) => {
                    let said = self.twin.hear(&bytes, self.now);
                    self.say(said);
                }
                Output::Tell(event) => self.events.push(event),
                Output::CloseLink(_) => {
                    self.linked = false;
                    self.said.clear();
                }
                Output::SetLineBaud(baud) => panic!("rate changed to {baud}"),
            }
        }
    }

    fn say(&mut self, said: Vec<Speak>) {
        if self.linked {
            self.said.extend(said);
            self.said.sort_by_key(|speak| speak.at);
        }
    }

    fn touch(&mut self, act: Act) {
        let said = self.twin.touch(act, self.now);
        self.say(said);
    }

    fn ask(&mut self, number: u16) -> RequestId {
        self.n_asks += 1;
        let id = RequestId(self.n_asks);
        self.take(Input::Ask(id, Request::Open(DoorNo::new(number).unwrap())));
        id
    }

    fn run(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        loop {
            let said_at = self.said.first().map(|speak| speak.at.max(self.now));
            let due = self.locker.deadline().map(|due| due.max(self.now));
            match (said_at, due) {
                (Some(at), due) if at <= until && due.is_none_or(|due| at <= due) => {
                    self.now = at;
                    let bytes = self.said.remove(0).bytes;
                    self.take(Input::Chunk(&bytes));
                }
                (_, Some(due)) if due <= until => {
                    self.now = due;
                    self.take(Input::Tick);
                }
                _ => break,
            }
        }
        self.now = until;
    }

    fn look(&self) -> CabinetLook {
        self.twin.look(self.now)
    }

    fn n_pulses(&self) -> u32 {
        self.look().doors.iter().map(|door| door.n_pulses).sum()
    }

    fn door(&self, number: u16) -> DoorState {
        self.locker.door(DoorNo::new(number).unwrap()).unwrap()
    }

    /// Everything whole, every door shut and nobody there.
    fn mend(&mut self) {
        for address in [1, 2] {
            let address = Address::new(address).unwrap();
            for act in
                [BoardAct::ClearPlan, BoardAct::SetPower(Power::On), BoardAct::SetAddress(address)]
            {
                self.touch(Act::Board(address, act));
            }
        }
        for number in 1..=N_DOORS {
            for act in [
                DoorAct::Uncross,
                DoorAct::Unjam,
                DoorAct::LetGo,
                DoorAct::FreeSensor,
                DoorAct::PushShut,
            ] {
                self.touch(Act::Door(number, act));
            }
        }
        self.plug();
    }
}

#[test]
fn a_quiet_hour_loses_no_frame_and_changes_nothing() {
    let mut pair = Pair::new();
    pair.run(1_000);
    assert_eq!((1..=N_DOORS).map(|n| pair.door(n)).collect::<Vec<_>>(), [DoorState::Shut; 24]);
    pair.events.clear();
    pair.run(3_600_000);
    assert_eq!(pair.events, []);
    let look = pair.look();
    assert_eq!((look.n_frames_lost, pair.n_pulses()), (0, 0));
    assert!(look.boards.iter().all(|board| board.n_orders > 7_000), "{look:?}");
}

/// The gap is what makes it so: without it the next board loses its frame.
#[test]
fn a_host_without_the_gap_loses_frames() {
    let mut twin = LockBoards::new(cabinet().boards());
    let poll = [0x80, 0x01, 0x00, 0x33, 0xB2];
    for (pause_ms, n_lost) in [(0, 1), (3, 1), (5, 0)] {
        let before = twin.look(Moment(0)).n_frames_lost;
        let asked = Moment(1_000 * (pause_ms + 1));
        let said = twin.hear(&poll, asked);
        let over = said.last().unwrap().at;
        let answered =
            !twin.hear(&[0x80, 0x02, 0x00, 0x33, 0xB1], over.plus_ms(pause_ms)).is_empty();
        assert_eq!(twin.look(Moment(0)).n_frames_lost - before, n_lost, "{pause_ms} ms");
        assert_eq!(answered, n_lost == 0);
    }
}

#[derive(Debug, Clone)]
enum Op {
    Ask(u16),
    Door(u16, DoorAct),
    Board(u8, BoardAct),
    Echo(Echo),
    Unplug,
    Plug,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let door_act = prop_oneof![
        4 => Just(DoorAct::PushShut),
        1 => Just(DoorAct::PullOpen),
        1 => Just(DoorAct::Force),
        1 => Just(DoorAct::Lean),
        1 => Just(DoorAct::LetGo),
        1 => Just(DoorAct::Jam),
        1 => Just(DoorAct::Unjam),
        1 => Just(DoorAct::StickSensor { reads: Reads::Open }),
        1 => Just(DoorAct::StickSensor { reads: Reads::Shut }),
        1 => Just(DoorAct::FreeSensor),
        1 => (1..=N_DOORS).prop_map(|to| DoorAct::Cross { to }),
        1 => Just(DoorAct::Uncross),
    ];
    let trouble = prop_oneof![
        Just(Trouble::Mute),
        Just(Trouble::Deaf),
        (1_u64..900).prop_map(|ms| Trouble::Late { ms }),
        (1_u16..30).prop_map(|n_bytes| Trouble::Noise { n_bytes }),
        Just(Trouble::BadChecksum),
    ];
    let board_act = prop_oneof![
        6 => (trouble, 1_u32..5).prop_map(|(t, n)| BoardAct::Plan(Planned::once(t).times(n))),
        1 => Just(BoardAct::SetPower(Power::Off)),
        1 => Just(BoardAct::SetPower(Power::On)),
        1 => Just(BoardAct::SetUploads(Uploads::H81)),
        1 => Just(BoardAct::SetUploads(Uploads::H82)),
        1 => (1_u8..3).prop_map(|a| BoardAct::SetAddress(Address::new(a).unwrap())),
    ];
    prop_oneof![
        6 => (1..=N_DOORS + 1).prop_map(Op::Ask),
        8 => (1..=N_DOORS, door_act).prop_map(|(n, act)| Op::Door(n, act)),
        4 => (1_u8..3, board_act).prop_map(|(a, act)| Op::Board(a, act)),
        1 => prop_oneof![Just(Op::Echo(Echo::On)), Just(Op::Echo(Echo::Off))],
        1 => Just(Op::Unplug),
        2 => Just(Op::Plug),
        8 => (0_u64..3_000).prop_map(Op::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever hands and faults do: each ask is answered once, no lock is pulsed that nobody
    /// asked for, no frame comes too early, and once all is mended the driver knows every door.
    #[test]
    fn troubles_pass_and_every_open_is_one_pulse_at_most(
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let mut pair = Pair::new();
        pair.run(1_000);
        for op in ops {
            match op {
                Op::Ask(number) => drop(pair.ask(number)),
                Op::Door(number, act) => pair.touch(Act::Door(number, act)),
                Op::Board(address, act) => {
                    pair.touch(Act::Board(Address::new(address).unwrap(), act));
                }
                Op::Echo(echo) => pair.touch(Act::SetEcho(echo)),
                Op::Unplug => pair.unplug(),
                Op::Plug => pair.plug(),
                Op::Pass(ms) => pair.run(ms),
            }
        }
        pair.run(5_000);
        pair.mend();
        for _ in 0..30 {
            pair.run(1_000);
            pair.plug();
        }
        for number in 1..=N_DOORS {
            prop_assert_eq!(pair.door(number), DoorState::Shut);
        }
        let mut health: BTreeMap<u8, Health> = BTreeMap::new();
        let mut doors: BTreeMap<DoorNo, DoorState> = BTreeMap::new();
        let (mut n_answers, mut n_released) = (0, 0);
        for event in &pair.events {
            match *event {
                Event::Done(..) | Event::Refused(..) => n_answers += 1,
                Event::Board(BoardChanged { board, health: is }) => drop(health.insert(board, is)),
                Event::Door(DoorChanged { door, was, is }) => {
                    prop_assert_eq!(doors.insert(door, is).unwrap_or(DoorState::Unknown), was);
                    n_released += u32::from(is == DoorState::Releasing);
                }
            }
        }
        prop_assert_eq!(n_answers, pair.n_asks);
        prop_assert!(health.values().all(|is| *is == Health::Ready), "{:?}", health);
        prop_assert!(pair.n_pulses() <= 2 * n_released, "boards of one address both obey");
    }
}
