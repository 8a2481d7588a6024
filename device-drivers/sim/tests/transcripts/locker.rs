//! Plays every transcript of the locker against the driver and against its twin.

use super::wire::{Driver, Transcripts};
use device_api::locker::{
    BoardChanged, DoorNo, DoorState, Event, Fault, Health, Refusal, Reply, Request,
};
use device_sim::lock_board::{
    Act, BoardAct, DoorAct, Echo, LockBoards, Planned, Power, Trouble, Uploads, cabinet,
};
use kiosk_words::Moment;
use locker_controller::{Address, BAUD, Locker, timings::PRODUCTION};

const ALL: Transcripts = Transcripts { device: "locker", n_min: 7 };

fn act(driver: &mut Driver<Locker>, words: &[&str], now: Moment) {
    match words {
        ["ask", number] => driver.ask(Request::Open(door(number)), now),
        ["expect", what @ ..] => expect(driver, what),
        ["door" | "board" | "echo", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

fn expect(driver: &Driver<Locker>, what: &[&str]) {
    let id = driver.last_id();
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
            assert_eq!(driver.core.door(door(number)), Some(*state), "door {number}");
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
        ["refused", "wrong_door", number] => Event::Refused(id, Refusal::WrongDoor(door(number))),
        _ => panic!("no such expectation: {what:?}"),
    };
    assert!(driver.events.contains(&wanted), "{wanted:?} in {:?}", driver.events);
    assert!(!driver.is_closed, "the link was given up");
}

fn door(number: &str) -> DoorNo {
    DoorNo::new(number.parse().unwrap()).unwrap()
}

fn board(number: &str) -> Address {
    Address::new(number.parse().unwrap()).unwrap()
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(|| Locker::new(&cabinet(), BAUD, PRODUCTION), act);
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
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
            Act::Board(board(number), act)
        }
        ["echo", "on"] => Act::SetEcho(Echo::On),
        ["ask" | "expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_answers_every_host_line_byte_for_byte() {
    let twin = || LockBoards::new(cabinet().boards());
    ALL.play_to_twin(twin, act_of, |look| assert_eq!(look.n_frames_lost, 0));
}
