//! Exact bytes of the "7E 00" code scanner, as known from the protocol notes (devices, 5).
//! Do not edit: if a test here fails, the code is wrong. Another family of scanners gets a file of
//! its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_drivers::code_scanner::codec::{Answer, Command, Deframer, Ending, Item};

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace([' ', '|'], "")).unwrap()
}

#[test]
fn commands() {
    for (command, frame) in [
        (Command::StartReading, "7E 00 | 08 01 00 02 01 | 02 DA"),
        (Command::StopReading, "7E 00 | 08 01 00 02 00 | 12 FB"),
        (Command::AskMode, "7E 00 | 07 01 00 00 01 | 01 41"),
    ] {
        assert_eq!(command.encode(), bytes(frame), "{command:?}");
        assert_eq!(Command::read(&bytes(frame)), Some(Ok((command, 9))));
    }
}

#[test]
fn a_trigger_without_a_checksum_is_taken() {
    let frame = bytes("7E 00 | 08 01 00 02 01 | AB CD");
    assert_eq!(Command::read(&frame), Some(Ok((Command::StartReading, 9))));
}

#[test]
fn the_answer_to_a_write() {
    let frame = bytes("02 00 | 00 01 00 | 33 31");
    assert_eq!(Answer::WRITTEN.encode(), frame);
    let found = Deframer::new(Ending::Line).next(&mut &frame[..]);
    assert_eq!(found, Some(Ok(Item::Answer(Answer::WRITTEN))));
}
