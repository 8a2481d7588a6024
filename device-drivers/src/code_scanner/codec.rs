//! Bytes of a code scanner on a serial line, for both ends of the wire.
//!
//! ```text
//!  host -> scanner   7E 00 | TYPE LEN ADDR(2) DATA.. | CRC(2)    TYPE 07 read, 08 write
//!  scanner -> host   02 00 | 00 LEN DATA..           | CRC(2)    answer to a command
//!                    text, then CR, LF, both, or silence         a code that was read
//! ```
//!
//! CRC-16/XMODEM over everything between the head and itself, high byte first. Address 0002 holds
//! the trigger (1 on, 0 off), address 0000 the mode. AB CD in place of a CRC is accepted by the
//! scanner and never sent by us (protocols/devices.md 5).
//!
//! This module decides what is an answer, a text or neither; it decides nothing about when to ask.

mod deframer;

use device_api::code_scanner::TEXT_LEN_MAX;
use kiosk_words::Private;

use crate::crc;

pub use deframer::{Deframer, Garbage, Item};

const HOST_HEAD: [u8; 2] = [0x7E, 0x00];
const SCANNER_HEAD: [u8; 2] = [0x02, 0x00];
const READ: u8 = 0x07;
const WRITE: u8 = 0x08;
const DONE: u8 = 0x00;
const MODE: [u8; 2] = [0x00, 0x00];
const TRIGGER: [u8; 2] = [0x00, 0x02];
/// Stands for a checksum that is not looked at.
const UNCHECKED: [u8; 2] = [0xAB, 0xCD];
/// Head, type, length, address, one byte and checksum: every command here is so long.
const COMMAND_LEN: usize = 9;

/// What follows a text on the wire; a setting of the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// CR, LF, or CR LF.
    Line,
    /// Nothing: the scanner falls silent.
    Silence,
}

/// In which bytes the scanner sends a text; a setting of the scanner. It is not told from the bytes:
/// those of 联通 in GBK are good UTF-8 as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Gbk,
}

impl Charset {
    /// `None`: no text in this charset, or with control characters in it.
    #[must_use]
    pub fn text_of(self, bytes: &[u8]) -> Option<Private<String>> {
        let encoding = match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gbk => encoding_rs::GBK,
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        let is_text = !text.is_empty() && !text.chars().any(char::is_control);
        is_text.then(|| Private::new(text.into_owned()))
    }
}

/// What the host sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Which mode it is in: asked to see that it is there.
    AskMode,
    StartReading,
    StopReading,
}

impl Command {
    pub const ALL: [Self; 3] = [Self::AskMode, Self::StartReading, Self::StopReading];

    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let (kind, [high, low], data) = match self {
            Self::AskMode => (READ, MODE, 1),
            Self::StartReading => (WRITE, TRIGGER, 1),
            Self::StopReading => (WRITE, TRIGGER, 0),
        };
        sealed(HOST_HEAD, &[kind, 1, high, low, data])
    }

    /// The scanner's end: the command at the front of these bytes and its length. `Err`: so many
    /// bytes are none. `None`: more are needed.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Result<(Self, usize), usize>> {
        let n_noise = bytes
            .iter()
            .enumerate()
            .position(|(at, _)| {
                bytes[at..].iter().zip(HOST_HEAD).all(|(got, wanted)| *got == wanted)
            })
            .unwrap_or(bytes.len());
        if n_noise > 0 {
            return Some(Err(n_noise));
        }
        let frame = bytes.get(..COMMAND_LEN)?;
        let known = Self::ALL.into_iter().find(|command| is_frame_of(*command, frame));
        Some(known.map(|command| (command, COMMAND_LEN)).ok_or(HOST_HEAD.len()))
    }

    /// For people and plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskMode => "ask_mode",
            Self::StartReading => "start_reading",
            Self::StopReading => "stop_reading",
        }
    }
}

/// This command with its checksum, or with the one that is not looked at.
fn is_frame_of(command: Command, frame: &[u8]) -> bool {
    let right = command.encode();
    let (body, check) = right.split_at(COMMAND_LEN - 2);
    frame.split_at_checked(body.len()).is_some_and(|(got, got_check)| {
        got == body && (got_check == check || got_check == UNCHECKED)
    })
}

/// Answer to a command that was done: one byte, zero after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer(pub u8);

impl Answer {
    pub const WRITTEN: Self = Self(0);

    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        sealed(SCANNER_HEAD, &[DONE, 1, self.0])
    }
}

fn sealed(head: [u8; 2], body: &[u8]) -> Vec<u8> {
    [&head[..], body, &crc(body).to_be_bytes()].concat()
}

fn crc(bytes: &[u8]) -> u16 {
    crc::xmodem(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_is_a_setting_because_bytes_do_not_tell_it() {
        let bytes = [0xC1, 0xAA, 0xCD, 0xA8];
        assert_eq!(Charset::Gbk.text_of(&bytes).unwrap().expose(), "联通");
        assert_eq!(Charset::Gbk.text_of("取件".as_bytes()).unwrap().expose().chars().count(), 3);
        assert_eq!(Charset::Utf8.text_of("取件".as_bytes()).unwrap().expose(), "取件");
        assert_eq!(Charset::Utf8.text_of(&[0xBC, 0xFE]), None, "GBK is no UTF-8");
    }

    #[test]
    fn control_characters_and_nothing_are_no_text() {
        for bytes in [&b""[..], b"a\x00b", b"a\tb", b"\x1b[1m", &[0xFF, 0xFE]] {
            assert_eq!(Charset::Utf8.text_of(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn commands_are_read_through_noise_and_unchecked_ones_are_taken() {
        for command in Command::ALL {
            let bytes = [&[0x13, 0x7E][..], &command.encode()].concat();
            assert_eq!(Command::read(&bytes), Some(Err(2)));
            assert_eq!(Command::read(&bytes[2..]), Some(Ok((command, COMMAND_LEN))));
            assert_eq!(Command::read(&bytes[2..10]), None, "one byte is missing");
            let mut unchecked = command.encode();
            unchecked.splice(7.., UNCHECKED);
            assert_eq!(Command::read(&unchecked), Some(Ok((command, COMMAND_LEN))));
            unchecked.splice(7.., [0, 0]);
            assert_eq!(Command::read(&unchecked), Some(Err(2)), "a wrong checksum");
        }
    }
}
