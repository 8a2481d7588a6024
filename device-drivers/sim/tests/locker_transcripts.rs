//! Plays every transcript of the locker against the driver and against its twin.
//!
//! The driver must write each `>` byte for byte when its time comes; the twin must have said the
//! `<` bytes by theirs, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod wire;

use device_api::{
    RequestId,
    locker::{BoardChanged, DoorNo, DoorState, Event, Fault, Health, Refusal, Reply, Request},
};
use device_drivers::machine::{Input, Machine as _, Output};
use device_sim::{
    lock_board::{
        Act, BoardAct, DoorAct, Echo, LockBoards, Planned, Power, Trouble, Uploads, cabinet,
    },
    port::Twin as _,
    wire::Speak,
};
use kiosk_words::Moment;
use locker_controller::{Address, BAUD, Locker, timings::PRODUCTION};
use wire::{Line, each_transcript};

const N_TRANSCRIPTS: usize = 7;

struct Driver {
    core: Locker,
    written: Vec<u8>,
    events: Vec<Event>,
    next_id: u64,
}

impl Driver {
    fn take(&mut self, input: Input<'_, Request>, now: Moment) {
        for output in self.core.handle(input, now) {
            match output {
                Output::Write(bytes) => self.written.extend(bytes),
                Output::Tell(event) => self.events.push(event),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
                Output::CloseLink(reason) => panic!("link closed: {reason:?}"),
            }
        }
    }

    fn run_until(&mut self, now: Moment) {
        while let Some(due) = self.core.deadline().filter(|due| *due <= now) {
            self.take(Input::Tick, due);
        }
    }

    fn act(&mut self, words: &[&str], now: Moment) {
        match words {
            ["ask", number] => {
                self.next_id += 1;
                let ask = Request::Open(door(number));
                self.take(Input::Ask(RequestId(self.next_id), ask), now);
                self.run_until(now);
            }
            ["expect", what @ ..] => self.expect(what),
            ["door" | "board" | "echo", ..] => {}
            _ => panic!("no such act: {words:?}"),
        }
    }

    fn expect(&self, what: &[&str]) {
        let id = RequestId(self.next_id);
        let wanted = match what {
            ["door", number, state] => {
                let states = [
                    ("unknown", DoorState::Unknown),
                    ("shut", DoorState::Shut),
                    ("releasing", DoorState::Releasing),
                    ("open", DoorState::Open),
                    ("ajar", DoorState::Ajar),
                    ("forced", DoorState::Forced),
                ];
                let (_, state) = states.iter().find(|(name, _)| name == state).unwrap();
                assert_eq!(self.core.door(door(number)), Some(*state), "door {number}");
                return;
            }
            ["board", number, health] => {
                let health = match *health {
                    "ready" => Health::Ready,
                    "silent" => Health::Down(Fault::Silent),
                    _ => panic!("no such health: {health}"),
                };
                Event::Board(BoardChanged { board: number.parse().unwrap(), health })
            }
            ["opened", number] => Event::Done(id, Reply::Opened(door(number))),
            ["refused", "stayed_shut"] => Event::Refused(id, Refusal::StayedShut),
            ["refused", "wrong_door", number] => {
                Event::Refused(id, Refusal::WrongDoor(door(number)))
            }
            _ => panic!("no such expectation: {what:?}"),
        };
        assert!(self.events.contains(&wanted), "{wanted:?} in {:?}", self.events);
    }
}

fn door(number: &str) -> DoorNo {
    DoorNo::new(number.parse().unwrap()).unwrap()
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    each_transcript("locker", N_TRANSCRIPTS, |name, lines| {
        let core = Locker::new(&cabinet(), BAUD, PRODUCTION);
        let mut driver = Driver { core, written: Vec::new(), events: Vec::new(), next_id: 0 };
        driver.take(Input::LinkUp, Moment(0));
        for (at, now, line) in lines {
            driver.run_until(now);
            match line {
                Line::ToDevice(bytes) => {
                    assert_eq!(driver.written, bytes, "{name} line {at}");
                    driver.written.clear();
                }
                Line::FromDevice(bytes) => {
                    assert!(driver.written.is_empty(), "{name} line {at}: {:02x?}", driver.written);
                    driver.take(Input::Chunk(&bytes), now);
                }
                Line::Act(act) => driver.act(&words(&act), now),
            }
        }
        assert!(driver.written.is_empty(), "{name}: {:02x?} at the end", driver.written);
    });
}

struct Twin {
    boards: LockBoards,
    said: Vec<Speak>,
}

impl Twin {
    fn say(&mut self, said: Vec<Speak>) {
        self.said.extend(said);
        self.said.sort_by_key(|speak| speak.at);
    }

    /// What it has said by this time.
    fn said_by(&mut self, now: Moment) -> Vec<u8> {
        let n = self.said.iter().take_while(|speak| speak.at <= now).count();
        self.said.drain(..n).flat_map(|speak| speak.bytes).collect()
    }

    fn touch(&mut self, words: &[&str], now: Moment) {
        let act = match words {
            ["door", number, act] => {
                let act = match *act {
                    "push-shut" => DoorAct::PushShut,
                    "force" => DoorAct::Force,
                    "jam" => DoorAct::Jam,
                    _ => panic!("no such act: {words:?}"),
                };
                Act::Door(number.parse().unwrap(), act)
            }
            ["door", number, "cross", to] => {
                Act::Door(number.parse().unwrap(), DoorAct::Cross { to: to.parse().unwrap() })
            }
            ["board", number, what @ ..] => {
                let act = match what {
                    ["off"] => BoardAct::SetPower(Power::Off),
                    ["on"] => BoardAct::SetPower(Power::On),
                    ["uploads", "82"] => BoardAct::SetUploads(Uploads::H82),
                    ["late", ms] => {
                        let ms = ms.parse().unwrap();
                        BoardAct::Plan(Planned::once(Trouble::Late { ms }))
                    }
                    _ => panic!("no such act: {words:?}"),
                };
                Act::Board(Address::new(number.parse().unwrap()).unwrap(), act)
            }
            ["echo", "on"] => Act::SetEcho(Echo::On),
            ["ask" | "expect", ..] => return,
            _ => panic!("no such act: {words:?}"),
        };
        let said = self.boards.touch(act, now);
        self.say(said);
    }
}

#[test]
fn the_twin_answers_every_host_line_byte_for_byte() {
    each_transcript("locker", N_TRANSCRIPTS, |name, lines| {
        let boards = LockBoards::new(cabinet().boards());
        let mut twin = Twin { boards, said: Vec::new() };
        for (at, now, line) in lines {
            match line {
                Line::ToDevice(bytes) => {
                    let unawaited = twin.said_by(now);
                    assert_eq!(unawaited, [0; 0], "{name} line {at} was not awaited");
                    let said = twin.boards.hear(&bytes, now);
                    twin.say(said);
                }
                Line::FromDevice(bytes) => {
                    assert_eq!(twin.said_by(now), bytes, "{name} line {at}");
                }
                Line::Act(act) => twin.touch(&words(&act), now),
            }
        }
        assert_eq!(twin.said, [], "{name}");
        assert_eq!(twin.boards.look(Moment(0)).n_frames_lost, 0, "{name}");
    });
}
