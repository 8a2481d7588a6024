//! Bytes of the keypad on a serial line, for both ends of the wire (docs/devices/keypad.md).
//!
//! ```text
//!  A5 | LEN TYPE SEQ | PAYLOAD (LEN bytes) | CRC(2)
//!
//!  host -> keypad   01 HELLO     SEQ: the conversation, 1 to 255     payload: version
//!                   02 ACK       SEQ: of the key that was heard
//!  keypad -> host   81 IDENTITY  SEQ: of the HELLO                   version, firmware(2), model
//!                   82 KEY       SEQ: of this key, 1 to 255          code of the key
//!                   83 STATE     SEQ: the conversation, or 0         flags, held keys(2)
//! ```
//!
//! CRC-16/IBM-3740 over LEN to the end of the payload, high byte first.
//! This module decides what is a frame and what it says; it decides nothing about when to speak.

mod deframer;

use device_api::keypad::Key;

use crate::{crc, wire};

pub(super) use deframer::GARBAGE_LEN;
pub use deframer::{Deframer, Garbage};

/// The version of the protocol that is spoken here.
pub const VERSION: u8 = 1;
/// Longest payload of any frame: room for a model name and for what later versions add.
pub const PAYLOAD_LEN_MAX: usize = 24;
/// Longest name of a model.
pub const MODEL_LEN_MAX: usize = 16;

const START: u8 = 0xA5;
/// Start, length, type and number.
const HEAD_LEN: usize = 4;
const CRC_LEN: usize = 2;
const FRAME_LEN_MAX: usize = HEAD_LEN + PAYLOAD_LEN_MAX + CRC_LEN;

const HELLO: u8 = 0x01;
const ACK: u8 = 0x02;
const IDENTITY: u8 = 0x81;
const KEY: u8 = 0x82;
const STATE: u8 = 0x83;

const JACK: u8 = 0b0000_0001;

/// One frame, its checksum looked at and taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    kind: u8,
    seq: u8,
    payload: Vec<u8>,
}

impl Frame {
    /// For staff, without what tells which keys were pressed: a code may have been typed with them.
    pub(super) fn shown(&self) -> String {
        let n_open = match self.kind {
            KEY => 0,
            STATE => 1,
            _ => self.payload.len(),
        };
        let (open, hidden) = self.payload.split_at(n_open.min(self.payload.len()));
        let [len, ..] = self.encode()[1..] else { return String::new() };
        let head = wire::hex(&[&[START, len, self.kind, self.seq], open].concat());
        match hidden.len() {
            0 => head,
            n => format!("{head} {}", wire::hidden(n + CRC_LEN)),
        }
    }

    fn encode(&self) -> Vec<u8> {
        // No frame here has more than a model name and three bytes.
        let len = u8::try_from(self.payload.len()).unwrap_or(u8::MAX);
        let body = [&[len, self.kind, self.seq], &self.payload[..]].concat();
        [&[START], &body[..], &crc::ibm_3740(&body).to_be_bytes()].concat()
    }
}

/// What the host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Begins a conversation: whatever was pressed before is forgotten.
    Hello { conversation: u8, version: u8 },
    /// This key was heard.
    Ack { seq: u8 },
}

impl Command {
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let frame = match self {
            Self::Hello { conversation, version } => {
                Frame { kind: HELLO, seq: conversation, payload: vec![version] }
            }
            Self::Ack { seq } => Frame { kind: ACK, seq, payload: Vec::new() },
        };
        frame.encode()
    }

    /// `None`: a frame that the host does not say.
    #[must_use]
    pub fn decode(frame: &Frame) -> Option<Self> {
        match (frame.kind, &frame.payload[..]) {
            (HELLO, [version, ..]) if frame.seq > 0 => {
                Some(Self::Hello { conversation: frame.seq, version: *version })
            }
            (ACK, [..]) => Some(Self::Ack { seq: frame.seq }),
            _ => None,
        }
    }
}

/// The keys that are down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held(u16);

impl Held {
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = Key>) -> Self {
        Self(keys.into_iter().fold(0, |bits, key| bits | bit(key)))
    }

    #[must_use]
    pub fn has(self, key: Key) -> bool {
        self.0 & bit(key) != 0
    }
}

fn bit(key: Key) -> u16 {
    1 << (code_of(key) - 1)
}

fn code_of(key: Key) -> u8 {
    let at = Key::ALL.iter().position(|one| *one == key);
    // Nine keys: the code of the last is 9.
    at.and_then(|at| u8::try_from(at + 1).ok()).unwrap_or(1)
}

fn key_of(code: u8) -> Option<Key> {
    Key::ALL.get(usize::from(code).checked_sub(1)?).copied()
}

/// What the keypad says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    Identity {
        conversation: u8,
        version: u8,
        /// Major and minor.
        firmware: (u8, u8),
        model: String,
    },
    /// A finger pressed it.
    Key { seq: u8, key: Key },
    State {
        /// Zero: not greeted since it has power.
        conversation: u8,
        jack: bool,
        held: Held,
    },
}

impl Report {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let frame = match self {
            Self::Identity { conversation, version, firmware: (major, minor), model } => {
                let model = model.as_bytes().iter().take(MODEL_LEN_MAX).copied();
                let payload = [*version, *major, *minor].into_iter().chain(model).collect();
                Frame { kind: IDENTITY, seq: *conversation, payload }
            }
            Self::Key { seq, key } => Frame { kind: KEY, seq: *seq, payload: vec![code_of(*key)] },
            Self::State { conversation, jack, held } => {
                let [high, low] = held.0.to_be_bytes();
                let flags = if *jack { JACK } else { 0 };
                Frame { kind: STATE, seq: *conversation, payload: vec![flags, high, low] }
            }
        };
        frame.encode()
    }

    /// `None`: a frame that the keypad of this version does not say. Bytes behind what is known,
    /// flags and bits without a meaning are of a later version and are passed over.
    #[must_use]
    pub fn decode(frame: &Frame) -> Option<Self> {
        let seq = frame.seq;
        match (frame.kind, &frame.payload[..]) {
            (IDENTITY, [version, major, minor, model @ ..]) => {
                let model = model.get(..MODEL_LEN_MAX).unwrap_or(model);
                let is_name = model.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
                let model = String::from_utf8_lossy(model).into_owned();
                let firmware = (*major, *minor);
                let known =
                    Self::Identity { conversation: seq, version: *version, firmware, model };
                (is_name && seq > 0).then_some(known)
            }
            (KEY, [code, ..]) if seq > 0 => Some(Self::Key { seq, key: key_of(*code)? }),
            (STATE, [flags, high, low, ..]) => {
                let known = Held::of(Key::ALL).0;
                let held = Held(u16::from_be_bytes([*high, *low]) & known);
                Some(Self::State { conversation: seq, jack: flags & JACK != 0, held })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: &[u8]) -> Frame {
        let mut rest = bytes;
        Deframer::new().next(&mut rest).unwrap().unwrap()
    }

    #[test]
    fn every_key_has_a_code_and_a_bit_of_its_own() {
        for key in Key::ALL {
            let report = Report::Key { seq: 7, key };
            assert_eq!(Report::decode(&frame(&report.encode())), Some(report));
            let others = Key::ALL.into_iter().filter(|other| *other != key);
            assert!(Held::of([key]).has(key) && !Held::of(others).has(key), "{key:?}");
        }
        let unknown = Frame { kind: KEY, seq: 1, payload: vec![10] };
        assert_eq!(Report::decode(&frame(&unknown.encode())), None);
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let state = Frame { kind: STATE, seq: 3, payload: vec![0xF1, 0xFE, 0x01, 0x42] };
        let known = Report::State { conversation: 3, jack: true, held: Held::of([Key::Up]) };
        assert_eq!(Report::decode(&state), Some(known));
        let key = Frame { kind: KEY, seq: 3, payload: vec![5, 0x42] };
        assert_eq!(Report::decode(&key), Some(Report::Key { seq: 3, key: Key::Select }));
        let ack = Frame { kind: ACK, seq: 3, payload: vec![0x42] };
        assert_eq!(Command::decode(&ack), Some(Command::Ack { seq: 3 }));
    }

    #[test]
    fn a_name_of_other_bytes_than_letters_is_none() {
        let identity = Frame { kind: IDENTITY, seq: 1, payload: vec![1, 2, 0, 0x1B, b'['] };
        assert_eq!(Report::decode(&identity), None);
    }
}
