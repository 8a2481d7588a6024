//! One entry per codec for any bytes at all: both sides of the wire read them, in pieces, and what
//! they understand is written again and understood the same.
//!
//! `make test` feeds them from proptest; the folder `fuzz`, outside the workspace, from libFuzzer.
//! A panic is a bug: a device may send anything.

use device_drivers::{
    code_scanner, id_reader, keypad, page_printer, receipt_printer, room, smart_card,
};
use locker_controller::codec as locker;

/// Eats any bytes.
pub type Entry = fn(&[u8]);

/// One for each codec.
pub const ENTRIES: [Entry; 8] =
    [id_reader, receipt_printer, code_scanner, smart_card, locker, room, keypad, page_printer];

/// The first byte decides the length of the pieces in which the rest comes.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    rest.chunks(usize::from(first % 61) + 1)
}

pub fn id_reader(bytes: &[u8]) {
    use id_reader::{
        card,
        codec::{Command, Deframer, Report},
    };
    let mut deframer = Deframer::new();
    for mut piece in pieces(bytes) {
        while let Some(item) = deframer.next(&mut piece) {
            let Ok(body) = item else { continue };
            if let Ok(report) = Report::decode(&body) {
                same_again(&report.encode(), |body| Report::decode(body).ok(), &report);
            }
            if let Ok(command) = Command::decode(&body) {
                same_again(&command.encode(), |body| Command::decode(body).ok(), &command);
            }
        }
        assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
    }
    // Layout and numbers of a chip, whatever its reader let through.
    let _ = card::parse(bytes);
    let _ = card::parse_new_addresses(bytes);
}

/// What was understood is understood again from its own bytes.
fn same_again<T: PartialEq + std::fmt::Debug>(
    frame: &[u8],
    read: impl Fn(&id_reader::codec::Body) -> Option<T>,
    first: &T,
) {
    let mut rest = frame;
    let body = id_reader::codec::Deframer::new().next(&mut rest).and_then(Result::ok);
    assert_eq!(body.and_then(|body| read(&body)).as_ref(), Some(first));
}

pub fn receipt_printer(bytes: &[u8]) {
    use receipt_printer::codec::{CommandReader, Deframer};
    let mut deframer = Deframer::new();
    for mut piece in pieces(bytes) {
        while deframer.next(&mut piece).is_some() {}
        assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
    }
    let mut at_printer = bytes;
    while let Some((len, _)) = CommandReader::read(at_printer) {
        assert!(len > 0, "a command of no bytes");
        let rest = at_printer.get(len..);
        at_printer = rest.unwrap_or_else(|| panic!("{len} bytes of {}", at_printer.len()));
    }
}

pub fn code_scanner(bytes: &[u8]) {
    use code_scanner::codec::{Charset, Command, Deframer, Ending, Item};
    for ending in [Ending::Line, Ending::Silence] {
        let mut deframer = Deframer::new(ending);
        let text_of = |item| {
            if let Ok(Item::Text(text)) = item {
                for charset in [Charset::Utf8, Charset::Gbk] {
                    let _ = charset.text_of(text.expose());
                }
            }
        };
        for mut piece in pieces(bytes) {
            while let Some(item) = deframer.next(&mut piece) {
                text_of(item);
            }
            assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
        }
        if let Some(item) = deframer.falls_silent() {
            text_of(item);
        }
        assert!(deframer.is_empty(), "a silence ends everything");
    }
    let mut at_scanner = bytes;
    while let Some(found) = Command::read(at_scanner) {
        let len = found.map_or_else(|n_noise| n_noise, |(_, len)| len);
        let Some(rest) = at_scanner.get(len..).filter(|_| len > 0) else { return };
        at_scanner = rest;
    }
}

pub fn smart_card(bytes: &[u8]) {
    use smart_card::codec::{
        Answer, Command, Exchange, Protocol, Turn, ber, piv,
        social::{self, Item},
    };
    if let Ok(command) = Command::decode(bytes) {
        assert_eq!(Command::decode(command.encode().expose()).as_ref(), Ok(&command));
    }
    if let Ok(answer) = Answer::decode(bytes) {
        assert_eq!(Answer::decode(&answer.encode()).as_ref(), Ok(&answer));
        for item in Item::ALL {
            let value = social::value(item, &answer);
            let _ = value.map(|value| (social::text(value.expose()), social::date(value.expose())));
        }
        let _ = (piv::certificate(&answer), piv::signature(&answer));
    }
    if let Some((tag, value, rest)) = ber::take(bytes) {
        let again = ber::object(tag, value);
        assert_eq!(ber::take(again.expose()), Some((tag, value, &[][..])));
        assert!(rest.len() < bytes.len(), "an object of no bytes");
    }
    let asked = Command::select_application(&social::AID).expecting(0);
    let (mut exchange, _) = Exchange::begin(asked, Protocol::T1);
    for piece in pieces(bytes) {
        match exchange.hear(piece) {
            Ok(Turn::Send(_)) => {}
            Ok(Turn::Done(_)) | Err(_) => return,
        }
    }
}

pub fn locker(bytes: &[u8]) {
    let boards = (1..=2).filter_map(locker::Address::new).map(|address| (address, 3));
    let mut ear = locker::Ear::new(boards);
    for mut piece in pieces(bytes) {
        while ear.next(&mut piece, None).is_some() {}
        assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
    }
    for frame in bytes.as_chunks().0 {
        let _ = locker::Order::decode(frame);
    }
}

pub fn room(bytes: &[u8]) {
    use room::codec::{Address, Deframer, Heard, Item, hear};
    let Some(address) = Address::new(1) else { return };
    let mut deframer = Deframer::new(address);
    for mut piece in pieces(bytes) {
        while let Some(item) = deframer.next(&mut piece) {
            let Ok(Item::Report(report)) = item else { continue };
            let again = Deframer::new(address).next(&mut &report.encode(address)[..]);
            assert_eq!(again, Some(Ok(Item::Report(report))));
        }
        assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
    }
    deframer.falls_silent();
    assert!(deframer.is_empty(), "a silence ends everything");
    let mut at_board = bytes;
    while let Some(found) = hear(address, at_board) {
        if let Ok((Heard::Command(command), len)) = found {
            assert_eq!(command.encode(address), at_board[..len]);
        }
        let len = found.map_or_else(|n_noise| n_noise, |(_, len)| len);
        let Some(rest) = at_board.get(len..).filter(|_| len > 0) else { return };
        at_board = rest;
    }
}

pub fn keypad(bytes: &[u8]) {
    use keypad::codec::{Command, Deframer, Frame, Report};
    let again = |frame: &[u8]| Deframer::new().next(&mut &*frame).and_then(Result::ok);
    let read = |frame: &Frame| {
        if let Some(report) = Report::decode(frame) {
            assert_eq!(again(&report.encode()).as_ref().and_then(Report::decode), Some(report));
        }
        if let Some(command) = Command::decode(frame) {
            assert_eq!(again(&command.encode()).as_ref().and_then(Command::decode), Some(command));
        }
    };
    let mut deframer = Deframer::new();
    for mut piece in pieces(bytes) {
        while let Some(item) = deframer.next(&mut piece) {
            let _ = item.map(|frame| read(&frame));
        }
        assert!(piece.is_empty(), "{} bytes were not taken", piece.len());
    }
    while let Some(item) = deframer.falls_silent() {
        let _ = item.map(|frame| read(&frame));
    }
    assert!(deframer.is_empty(), "a silence ends everything");
}

pub fn page_printer(bytes: &[u8]) {
    use crate::page_printer::{order, pwg};
    use page_printer::codec::{Answer, Message};
    // Requests at the printer, pictures in what stands behind one.
    let _ = order::read(bytes);
    let _ = pwg::read(bytes);
    let Ok(message) = Message::read(bytes) else { return };
    assert!(message.len <= bytes.len(), "{} bytes of {}", message.len, bytes.len());
    let again = Message::read(&bytes[..message.len]).map(|again| again.len);
    assert_eq!(again, Ok(message.len), "a message is one without its document");
    if let Ok(answer) = Answer::read(bytes, message.request_id) {
        let _ = (answer.outcome(), answer.printer(), answer.job_ids(), answer.job());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Noise alone never gets past a checksum: frames that are right stand in it, too.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let right = vec![
            device_drivers::id_reader::codec::Command::Find.encode(),
            device_drivers::id_reader::codec::frame(&[0, 0, 0x90, 1, 2, 3]),
            device_drivers::code_scanner::codec::Command::StartReading.encode(),
            b"NDE1 0017\r\n".to_vec(),
            device_drivers::keypad::codec::Command::Ack { seq: 7 }.encode(),
            vec![0xA5, 0x01, 0x82, 0x07, 0x05, 0x6E, 0x7C],
            vec![0x10, 0x04, 0x02, 0x1D, 0x56, 0x42, 0x00],
            vec![0x8A, 0x01, 0x01, 0x11, 0x9B, 0x80, 0x01, 0x01, 0x33, 0xB3],
            vec![0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A],
            vec![0x01, 0x02, 0x01, 0xFE, 0x20, 0x08, 0x01, 0x82, 0x02, 0xC1, 0x61],
            vec![0x00, 0xB2, 0x09, 0x00, 0x20, 0x61, 0x13],
            // IPP: a head, an attribute, a collection, and the end.
            vec![0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x04],
            vec![0x23, 0x00, 0x0D].into_iter().chain(*b"printer-state\0\x04\0\0\0\x03").collect(),
            vec![0x34, 0x00, 0x01, 0x63, 0x00, 0x00, 0x4A, 0x00, 0x00, 0x00, 0x01, 0x6D],
            vec![0x37, 0x00, 0x00, 0x00, 0x00, 0x03],
            b"RaS2PwgRaster\0".to_vec(),
        ];
        let noise = proptest::collection::vec(any::<u8>(), 0..40);
        let part = prop_oneof![noise, proptest::sample::select(right)];
        proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn every_codec_eats_any_bytes(bytes in stream()) {
            for eat in ENTRIES {
                eat(&bytes);
            }
        }
    }
}
