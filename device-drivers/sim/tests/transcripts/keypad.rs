//! Plays every transcript of the keypad against the driver's core and against its twin.

use super::wire::{Driver, Transcripts};
use device_api::keypad::{Event, Fault, Health, Key};
use device_drivers::keypad::{Keypad, timings::PRODUCTION};
use device_sim::keypad::{Act, KeypadTwin, Planned, Trouble};
use kiosk_words::Moment;

const ALL: Transcripts = Transcripts { device: "keypad", n_min: 4 };

fn key(name: &str) -> Key {
    Key::ALL.into_iter().find(|key| key.name() == name).unwrap()
}

fn act(driver: &mut Driver<Keypad>, words: &[&str], _: Moment) {
    let status = driver.core.status();
    match words {
        ["expect", "ready"] => assert_eq!(status.health, Health::Ready),
        ["expect", "jack", "in"] => assert!(status.jack),
        ["expect", "jack", "out"] => assert!(!status.jack),
        ["expect", "stuck", name] => {
            assert_eq!(status.health, Health::Hampered(Fault::KeyStuck(key(name))));
        }
        ["expect", "pressed", name, n] => {
            let pressed = Event::Pressed(key(name));
            let n_told = driver.events.iter().filter(|event| **event == pressed).count();
            assert_eq!(n_told, n.parse::<usize>().unwrap(), "{name}");
        }
        ["press" | "hold" | "release" | "plug_jack" | "unplug_jack" | "trouble", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(|| Keypad::new(PRODUCTION), act);
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["press", name] => Act::Press(key(name)),
        ["hold", name] => Act::Hold(key(name)),
        ["release", name] => Act::Release(key(name)),
        ["plug_jack"] => Act::PlugJack,
        ["unplug_jack"] => Act::UnplugJack,
        ["trouble", "unheard", times] => {
            Act::Plan(Planned::new(Trouble::Mute).on("ack").times(times.parse().unwrap()))
        }
        ["trouble", "noise", n] => {
            Act::Plan(Planned::new(Trouble::Noise { n_bytes: n.parse().unwrap() }).on("key"))
        }
        ["expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_says_every_line_of_the_device_byte_for_byte() {
    ALL.play_to_twin(KeypadTwin::new, act_of, |look| assert_eq!(look.n_queued, 0));
}
