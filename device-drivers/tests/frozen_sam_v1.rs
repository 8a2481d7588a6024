//! Exact bytes of the SAM_V protocol, as known from the protocol notes (1.9).
//! Do not edit: if a test here fails, the code is wrong. A new version of the protocol gets a
//! file of its own.
//!
//! Of the cards, only the citizen's text is known byte for byte; the other three kinds are pinned
//! by their layout tests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use device_drivers::id_reader::{
    card,
    codec::{Baud, Body, Command, Deframer, ModuleId, ReadAnswer, ReadKind, Report, Sw3},
};
use kiosk_words::Private;
use sha2::{Digest as _, Sha256};

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace(' ', "")).unwrap()
}

/// The body of the one frame in these bytes; the deframer checks the XOR.
fn body(frame: &[u8]) -> Body {
    let mut chunk = frame;
    let body = Deframer::new().next(&mut chunk).unwrap().unwrap();
    assert!(chunk.is_empty());
    body
}

#[test]
fn commands() {
    for (command, frame) in [
        //                               preamble       len   cmd para chk
        (Command::Reset, "AA AA AA 96 69 00 03 10 FF EC"),
        (Command::Status, "AA AA AA 96 69 00 03 11 FF ED"),
        (Command::ReadModuleId, "AA AA AA 96 69 00 03 12 FF EE"),
        (Command::Find, "AA AA AA 96 69 00 03 20 01 22"),
        (Command::Select, "AA AA AA 96 69 00 03 20 02 21"),
        (Command::Read(ReadKind::Base), "AA AA AA 96 69 00 03 30 01 32"),
        (Command::Read(ReadKind::BaseFingerprint), "AA AA AA 96 69 00 03 30 10 23"),
        (Command::ReadNewAddress, "AA AA AA 96 69 00 03 30 03 30"),
        (Command::SetBaud(Baud::B115200), "AA AA AA 96 69 00 03 60 00 63"),
        (Command::SetBaud(Baud::B57600), "AA AA AA 96 69 00 03 60 01 62"),
        (Command::SetBaud(Baud::B38400), "AA AA AA 96 69 00 03 60 02 61"),
        (Command::SetBaud(Baud::B19200), "AA AA AA 96 69 00 03 60 03 60"),
        (Command::SetBaud(Baud::B9600), "AA AA AA 96 69 00 03 60 04 67"),
        (Command::SetRfFrameMax(0x50), "AA AA AA 96 69 00 04 61 FF 50 CA"),
    ] {
        let frame = bytes(frame);
        assert_eq!(command.encode(), frame, "{command:?}");
        assert_eq!(Command::decode(&body(&frame)), Ok(command));
    }
}

#[test]
fn short_answers() {
    for (report, frame) in [
        //                                       preamble       len   sw1-3    data .. chk
        (Report::plain(Sw3::Ok), "AA AA AA 96 69 00 04 00 00 90 94"),
        (Report::with_data(Sw3::Found, vec![0; 4]), "AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97"),
        (
            Report::with_data(Sw3::Ok, vec![0; 8]),
            "AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C",
        ),
        (Report::plain(Sw3::NotFound), "AA AA AA 96 69 00 04 00 00 80 84"),
        (Report::plain(Sw3::SelectFailed), "AA AA AA 96 69 00 04 00 00 81 85"),
        (Report::plain(Sw3::ReadFailed), "AA AA AA 96 69 00 04 00 00 41 45"),
        (Report::plain(Sw3::CardRefusedModule), "AA AA AA 96 69 00 04 00 00 31 35"),
        (Report::plain(Sw3::NoSuchItem), "AA AA AA 96 69 00 04 00 00 91 95"),
        (Report::plain(Sw3::BadChecksum), "AA AA AA 96 69 00 04 00 00 10 14"),
        (Report::plain(Sw3::BadLength), "AA AA AA 96 69 00 04 00 00 11 15"),
        (Report::plain(Sw3::BadCommand), "AA AA AA 96 69 00 04 00 00 21 25"),
        (Report::plain(Sw3::SelfTestFailed), "AA AA AA 96 69 00 04 00 00 60 64"),
        (Report::plain(Sw3::NotAuthorised), "AA AA AA 96 69 00 04 00 00 66 62"),
    ] {
        let frame = bytes(frame);
        assert_eq!(report.encode(), frame, "{:?}", report.sw3);
        assert_eq!(Report::decode(&body(&frame)), Ok(report));
    }
}

#[test]
fn module_id() {
    let frame = bytes(
        // preamble    len   sw1-3    a     b     date        c           d           chk
        "AA AA AA 96 69 00 14 00 00 90 05 00 01 00 A5 3A 34 01 87 D6 12 00 B1 68 DE 3A 54",
    );
    let report = Report::decode(&body(&frame)).unwrap();
    let id = ModuleId::decode(report.data.expose()).unwrap();
    assert_eq!(id.to_string(), "05.01-20200101-0001234567-0987654321");
    assert_eq!(Report::with_data(Sw3::Ok, id.encode()).encode(), frame);
}

/// 张三, 男, 汉, 1990-03-07, 北京市东城区测试路1号, 110101199003070011, 北京市公安局东城分局,
/// 20200101 to 长期. Invented.
const CITIZEN_HEAD: &str = concat!(
    "205F094E2000200020002000200020002000200020002000200020002000", // name, 30
    "3100",                                                         // sex, 2
    "30003100",                                                     // ethnicity, 4
    "31003900390030003000330030003700",                             // birth, 16
);

fn citizen_text() -> Vec<u8> {
    let mut text = bytes(CITIZEN_HEAD);
    for (field, len) in [
        ("北京市东城区测试路1号", 70),
        ("110101199003070011", 36),
        ("北京市公安局东城分局", 30),
        ("20200101", 16),
        ("长期", 16),
        ("", 36),
    ] {
        text.extend(card::layout::encode(field, len));
    }
    text
}

fn photo() -> Vec<u8> {
    let head = bytes("57 4C 66 00 7E 00 32 00 00 00");
    head.into_iter().chain((0..1_014_u32).map(|i| ((7 * i + 3) & 0xFF) as u8)).collect()
}

fn fingerprint(len: u32) -> Vec<u8> {
    (0..len).map(|i| ((5 * i + 1) & 0xFF) as u8).collect()
}

#[test]
fn citizen_card_frames() {
    for (fingerprint_len, len, head, chk, sha256) in [
        (
            None,
            1_295,
            "AA AA AA 96 69 05 08 00 00 90 01 00 04 00",
            0x37,
            "116c705487578f62ea31cd322d331677873a0dd239f9cc560a0fffe92c8f940f",
        ),
        (
            Some(1_024),
            2_321,
            "AA AA AA 96 69 09 0A 00 00 90 01 00 04 00 04 00",
            0x3D,
            "fe3dcd0513dda57d0dfeb1bf5f6a9ec2bdab92e9b521775ae09e480ae1a5d166",
        ),
        (
            Some(512),
            1_809,
            "AA AA AA 96 69 07 0A 00 00 90 01 00 04 00 02 00",
            0x35,
            "46eae3e70a033bd8a97834c53ae2482f7cb1616dbf2b28f74f08653463c62e53",
        ),
        (
            Some(0),
            1_297,
            "AA AA AA 96 69 05 0A 00 00 90 01 00 04 00 00 00",
            0x35,
            "822cdb3982e25db3bdf5412d0b801f8d4cca7df164509241f06a46fa4467100c",
        ),
    ] {
        let answer = ReadAnswer {
            text: Private::new(citizen_text()),
            photo: Private::new(photo()),
            fingerprint: fingerprint_len.map(|len| Private::new(fingerprint(len))),
        };
        let frame = Report::with_data(Sw3::Ok, answer.encode()).encode();
        assert_eq!(frame.len(), len);
        assert!(frame.starts_with(&bytes(head)));
        assert_eq!(frame.last(), Some(&chk));
        assert_eq!(hex::encode(Sha256::digest(&frame)), sha256);

        let report = Report::decode(&body(&frame)).unwrap();
        let kind = match fingerprint_len {
            None => ReadKind::Base,
            Some(_) => ReadKind::BaseFingerprint,
        };
        assert_eq!(ReadAnswer::decode(report.data.expose(), kind), Some(answer));
    }
}
