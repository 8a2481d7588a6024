//! Exact bytes of the "8A/80" lock boards, as known from the protocols page (lock boards 1.1, 1.8).
//! Do not edit: if a test here fails, the code is wrong. A new version of the protocol gets a
//! file of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use locker_controller::codec::{
    Address, Awaited, ByteOrder, Command, Contact, Contacts, Ear, Heard, LockNo, Order, Reply,
    UploadHead,
};

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace(' ', "")).unwrap()
}

fn frame(hex_text: &str) -> [u8; 5] {
    bytes(hex_text).try_into().unwrap()
}

fn board(address: u8) -> Address {
    Address::new(address).unwrap()
}

fn lock(number: u8) -> LockNo {
    LockNo::new(number).unwrap()
}

/// The one thing a host hears that awaits this on a bus with one board of 24.
fn heard(frame: &[u8], awaited: Option<Awaited>) -> Option<Heard> {
    let mut chunk = frame;
    let mut ear = Ear::new([(board(1), 24)]);
    let heard = ear.next(&mut chunk, awaited);
    assert!(chunk.is_empty() && ear.is_empty(), "{heard:?}");
    heard
}

#[test]
fn commands() {
    let (one, two) = (board(1), board(2));
    for (command, text) in [
        //                                              head board lock func bcc
        (Command::Open { board: one, lock: lock(1) }, "8A 01 01 11 9B"),
        (Command::Open { board: one, lock: lock(24) }, "8A 01 18 11 82"),
        (Command::QueryOne { board: one, lock: lock(1) }, "80 01 01 33 B3"),
        (Command::QueryAll { board: one }, "80 01 00 33 B2"),
        (Command::QueryAll { board: two }, "80 02 00 33 B1"),
    ] {
        assert_eq!(command.encode(), frame(text), "{command:?}");
        assert_eq!(Order::decode(&frame(text)), Some(Order::Do(command)));
    }
}

#[test]
fn open_all_is_understood_by_a_board_and_cannot_be_said_by_a_host() {
    for (address, text) in [(1, "8A 01 00 11 9A"), (2, "8A 02 00 11 99")] {
        let order = Order::decode(&frame(text));
        assert_eq!(order, Some(Order::OpenAll { board: board(address) }));
    }
    assert_eq!(LockNo::new(0), None);
    for number in 1..=LockNo::MAX {
        for address in 1..=Address::MAX {
            let open = Command::Open { board: board(address), lock: lock(number) }.encode();
            assert_ne!(open[2], 0);
        }
    }
}

#[test]
fn what_boards_answer_with_silence() {
    for text in [
        "8A 01 01 11 9A", // check byte
        "8A 00 01 11 9A", // board 0
        "8A 01 01 33 B9", // function 33 in an open
        "80 01 00 99 18", // old dialect
        "82 01 00 22 A1", // firmware query
        "9A 01 01 11 8B", // hold
    ] {
        assert_eq!(Order::decode(&frame(text)), None, "{text}");
    }
}

#[test]
fn replies_to_open_and_query_one() {
    let (board, lock) = (board(1), lock(1));
    for (contact, opened, one) in [
        //                 head board lock st bcc
        (Contact::Broken, "8A 01 01 00 8A", "80 01 01 00 80"),
        (Contact::Made, "8A 01 01 11 9B", "80 01 01 11 91"),
    ] {
        assert_eq!(Reply::Opened { board, lock, contact }.encode(), bytes(opened));
        assert_eq!(Reply::One { board, lock, contact }.encode(), bytes(one));
        let awaited = Some(Awaited::Opened { board, lock });
        assert_eq!(heard(&bytes(opened), awaited), Some(Heard::Opened(contact)));
        let awaited = Some(Awaited::Greeting { board, lock });
        assert_eq!(heard(&bytes(one), awaited), Some(Heard::One(contact)));
    }
}

#[test]
fn replies_to_query_all() {
    let board = board(1);
    let all = |made: &[u8], status_len| {
        made.iter().fold(Contacts::new(status_len), |contacts, number| {
            contacts.with(lock(*number), Contact::Made)
        })
    };
    let every: Vec<u8> = (1..=24).collect();
    for (made, status_len, order, text) in [
        //                                                 head board status 33 bcc
        (&every[..], 3, ByteOrder::HighFirst, "80 01 FF FF FF 33 4D"),
        (&every[1..], 3, ByteOrder::HighFirst, "80 01 FF FF FE 33 4C"),
        (&[], 3, ByteOrder::HighFirst, "80 01 00 00 00 33 B2"),
        // No capture of these: the page's rule for the order of bytes, and four for 32 locks.
        (&[1, 10, 24], 3, ByteOrder::HighFirst, "80 01 80 02 01 33 31"),
        (&[1, 10, 24], 3, ByteOrder::LowFirst, "80 01 01 02 80 33 31"),
        (&[1, 32], 4, ByteOrder::HighFirst, "80 01 80 00 00 01 33 33"),
    ] {
        let contacts = all(made, status_len);
        assert_eq!(Reply::All { board, contacts, order }.encode(), bytes(text));
        let awaited = Some(Awaited::All { board, status_len, order });
        assert_eq!(heard(&bytes(text), awaited), Some(Heard::All(contacts)));
        assert_eq!(contacts.get(lock(1)) == Contact::Made, made.contains(&1));
    }
}

#[test]
fn uploads() {
    let (board, lock) = (board(1), lock(1));
    for (head, contact, text) in [
        //                                  head board lock st bcc
        (UploadHead::H82, Contact::Made, "82 01 01 11 93"),
        (UploadHead::H82, Contact::Broken, "82 01 01 00 82"),
        (UploadHead::H81, Contact::Broken, "81 01 01 00 81"),
        (UploadHead::H81, Contact::Made, "81 01 01 11 90"),
    ] {
        assert_eq!(Reply::Upload { head, board, lock, contact }.encode(), bytes(text));
        let wanted = Heard::Upload { board, lock, contact };
        assert_eq!(heard(&bytes(text), None), Some(wanted));
    }
}

/// The echo of an open is byte for byte a reply; the echo of a query is not.
#[test]
fn echoes() {
    let (board, lock) = (board(1), lock(1));
    let awaited = Some(Awaited::Opened { board, lock });
    let open = frame("8A 01 01 11 9B");
    assert_eq!(heard(&open, awaited), Some(Heard::Opened(Contact::Made)));
    let awaited = Some(Awaited::Greeting { board, lock });
    assert_eq!(heard(&frame("80 01 01 33 B3"), awaited), Some(Heard::Echo));
    let awaited = Some(Awaited::All { board, status_len: 3, order: ByteOrder::HighFirst });
    let mut ear = Ear::new([(board, 24)]);
    let echo = frame("80 01 00 33 B2");
    assert_eq!(ear.next(&mut &echo[..], awaited), None, "two bytes are missing");
    assert!(!ear.is_empty());
}
