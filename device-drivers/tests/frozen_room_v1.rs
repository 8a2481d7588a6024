//! Exact bytes of a Modbus-RTU board with eight inputs and eight relays, as known from the protocol
//! notes (devices, 1.4).
//! Do not edit: if a test here fails, the code is wrong. Another family of boards gets a file of its
//! own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_drivers::room::{
    Address, Channel,
    codec::{Bits, Command, Deframer, Exception, Heard, Item, Report, hear},
};

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace([' ', '|'], "")).unwrap()
}

fn board() -> Address {
    Address::new(1).unwrap()
}

fn relay(no: u8) -> Channel {
    Channel::new(no).unwrap()
}

#[test]
fn commands() {
    for (command, frame) in [
        (Command::ReadInputs, "01 02 00 00 00 08 | 79 CC"),
        (Command::ReadRelays, "01 01 00 00 00 08 | 3D CC"),
        (Command::SetRelay { relay: relay(0), on: true }, "01 05 00 00 FF 00 | 8C 3A"),
        (Command::SetRelay { relay: relay(0), on: false }, "01 05 00 00 00 00 | CD CA"),
    ] {
        assert_eq!(command.encode(board()), bytes(frame), "{command:?}");
        assert_eq!(hear(board(), &bytes(frame)), Some(Ok((Heard::Command(command), 8))));
    }
}

#[test]
fn answers() {
    for (report, frame) in [
        (Report::Inputs(Bits(0xFE)), "01 02 01 FE | 20 08"),
        (Report::Relays(Bits(0)), "01 01 01 00 | 51 88"),
        (Report::Heard { relay: relay(0), on: true }, "01 05 00 00 FF 00 | 8C 3A"),
        (Report::Refused { function: 5, why: Exception::Address }, "01 85 02 | C3 51"),
        (Report::Refused { function: 2, why: Exception::Address }, "01 82 02 | C1 61"),
    ] {
        assert_eq!(report.encode(board()), bytes(frame), "{report:?}");
        let found = Deframer::new(board()).next(&mut &bytes(frame)[..]);
        assert_eq!(found, Some(Ok(Item::Report(report))));
    }
}

#[test]
fn what_pulses_or_switches_all_of_them_is_no_command_here() {
    for frame in [
        // relay 0 for 700 ms, relay 3 for 500 ms, all off
        "01 05 02 00 00 07 | 8D B0",
        "01 05 02 03 00 05 | FC 71",
        "01 05 00 FF 00 00 | FD FA",
    ] {
        let refused = Heard::Refuse { function: 5, why: Exception::Address };
        assert_eq!(hear(board(), &bytes(frame)), Some(Ok((refused, 8))), "{frame}");
    }
}
