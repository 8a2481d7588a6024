//! Plays every transcript of the room board against the driver's core and against its twin.

use super::wire::{Driver, Transcripts};
use device_api::room::{Event, Fault, Health, Inputs, Output, Refusal, Reply, Request};
use device_drivers::room::{Room, timings::PRODUCTION};
use device_sim::room::{Act, Planned, RoomTwin, Trouble, as_wired};
use kiosk_words::Moment;

const ALL: Transcripts = Transcripts { device: "room", n_min: 8 };

fn act(driver: &mut Driver<Room>, words: &[&str], now: Moment) {
    match words {
        ["ask", output, on] => {
            driver.ask(Request::Set { output: output_of(output), on: *on == "on" }, now);
        }
        ["expect", what @ ..] => expect(driver, what),
        ["button" | "wire" | "door" | "mains" | "stick" | "echo" | "power" | "trouble", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

fn output_of(word: &str) -> Output {
    match word {
        "light" => Output::Light,
        "siren" => Output::Siren,
        "guard" => Output::Guard,
        _ => panic!("no such output: {word}"),
    }
}

fn expect(driver: &Driver<Room>, what: &[&str]) {
    let (status, id) = (driver.core.status(), driver.last_id());
    let inputs = || status.inputs.expect("the inputs are known");
    match what {
        ["calm"] => {
            let calm = Inputs { emergency: false, lobby_open: false, on_mains: true };
            assert_eq!((status.health, inputs()), (Health::Ready, calm));
        }
        ["pressed"] => assert!(inputs().emergency),
        ["lobby", "open"] => assert!(inputs().lobby_open),
        ["mains", "lost"] => assert!(!inputs().on_mains),
        ["silent"] => assert!(driver.events.iter().any(is_down(Fault::Silent))),
        ["unfit"] => assert!(driver.events.iter().any(is_down(Fault::Unfit))),
        ["set"] => assert!(driver.events.contains(&Event::Done(id, Reply::IsSet))),
        ["stays"] => {
            assert!(driver.events.contains(&Event::Refused(id, Refusal::StaysAsItWas)));
        }
        ["disobeys", output] => assert_eq!(status.disobeys, Some(output_of(output))),
        [output, on] => {
            let outputs = status.outputs.expect("the outputs are known");
            assert_eq!(outputs.get(output_of(output)), *on == "on", "{output}");
        }
        _ => panic!("no such expectation: {what:?}"),
    }
}

fn is_down(fault: Fault) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::StatusChanged(s) if s.health == Health::Down(fault))
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(|| Room::new(as_wired(), PRODUCTION), act);
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["button", "pressed"] => Act::PressButton,
        ["button", "out"] => Act::ReleaseButton,
        ["wire", is] => Act::CutWire(*is == "cut"),
        ["door", is] => Act::OpenDoor(*is == "open"),
        ["mains", is] => Act::Mains(*is == "there"),
        ["stick", "none"] => Act::Stick(None),
        ["stick", output] => Act::Stick(Some(as_wired().wiring.output(output_of(output)).relay)),
        ["echo", is] => Act::Echo(*is == "on"),
        ["power", "dropped"] => Act::DropPower,
        ["trouble", "mute", times] => {
            Act::Plan(Planned::new(Trouble::Mute).times(times.parse().unwrap()))
        }
        ["trouble", "refuse", code, times] => {
            let trouble = Trouble::Refuse { code: code.parse().unwrap() };
            Act::Plan(Planned::new(trouble).times(times.parse().unwrap()))
        }
        ["ask" | "expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_says_every_line_of_the_device_byte_for_byte() {
    ALL.play_to_twin(RoomTwin::as_delivered, act_of, |look| assert_eq!(look.n_too_soon, 0));
}
