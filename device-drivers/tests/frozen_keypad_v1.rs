//! Exact bytes of version 1 of the keypad's protocol, as docs/devices/keypad.md gives them.
//! Do not edit: keypads are built from that page. If a test here fails, the code is wrong. Another
//! version gets a file of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_api::keypad::Key;
use device_drivers::keypad::codec::{Command, Deframer, Frame, Held, Report};

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace([' ', '|'], "")).unwrap()
}

fn frame(bytes: &[u8]) -> Frame {
    Deframer::new().next(&mut &bytes[..]).unwrap().unwrap()
}

#[test]
fn what_the_host_says() {
    for (command, wire) in [
        (Command::Hello { conversation: 1, version: 1 }, "A5 | 01 01 01 | 01 | E6 54"),
        (Command::Ack { seq: 7 }, "A5 | 00 02 07 | DA 19"),
        (Command::Ack { seq: 255 }, "A5 | 00 02 FF | B4 0E"),
    ] {
        assert_eq!(command.encode(), bytes(wire), "{command:?}");
        assert_eq!(Command::decode(&frame(&bytes(wire))), Some(command));
    }
}

#[test]
fn what_the_keypad_says() {
    let identity = Report::Identity {
        conversation: 1,
        version: 1,
        firmware: (2, 1),
        model: "ND-KEYPAD-9".to_owned(),
    };
    let state = |conversation, jack, held: &[Key]| Report::State {
        conversation,
        jack,
        held: Held::of(held.iter().copied()),
    };
    for (report, wire) in [
        (identity, "A5 | 0E 81 01 | 01 02 01 4E 44 2D 4B 45 59 50 41 44 2D 39 | 48 71"),
        (Report::Key { seq: 1, key: Key::Up }, "A5 | 01 82 01 | 01 | 84 5E"),
        (Report::Key { seq: 7, key: Key::Select }, "A5 | 01 82 07 | 05 | 6E 7C"),
        (Report::Key { seq: 255, key: Key::Softer }, "A5 | 01 82 FF | 09 | 35 98"),
        (state(0, false, &[]), "A5 | 03 83 00 | 00 00 00 | 0C F2"),
        (state(1, true, &[]), "A5 | 03 83 01 | 01 00 00 | 4D 76"),
        (state(1, true, &[Key::Up, Key::Softer]), "A5 | 03 83 01 | 01 01 01 | 6E 66"),
    ] {
        assert_eq!(report.encode(), bytes(wire), "{report:?}");
        assert_eq!(Report::decode(&frame(&bytes(wire))), Some(report));
    }
}
