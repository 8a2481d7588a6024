//! Bytes of the SAM_V reader protocol (GA 467 family), for both ends of the wire.
//!
//! ```text
//!  host -> module   AA AA AA 96 69 | LenHi LenLo | CMD PARA [DATA..]     | CHK
//!  module -> host   AA AA AA 96 69 | LenHi LenLo | SW1 SW2 SW3 [DATA..]  | CHK
//! ```
//!
//! `Len` counts what follows it, checksum included; `CHK` is the XOR of everything between the
//! preamble and itself. This module decides what is a frame and what a frame says; it decides
//! nothing about when to send one.

mod deframer;
mod messages;

pub use deframer::{BODY_LEN_MAX, Body, Deframer, Garbage};
pub use messages::{
    BadCommand, BadReport, Baud, Command, ModuleId, ReadAnswer, ReadKind, Report, Sw3,
};

pub const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];

/// Puts a body (without checksum) into a frame.
///
/// # Panics
/// If the body is longer than `BODY_LEN_MAX`: no command or answer of this protocol is.
#[must_use]
pub fn frame(body: &[u8]) -> Vec<u8> {
    assert!(body.len() < BODY_LEN_MAX, "a body of {} bytes is not of this protocol", body.len());
    let len = u16::try_from(body.len() + 1).expect("BODY_LEN_MAX fits two bytes").to_be_bytes();
    let mut bytes = Vec::with_capacity(PREAMBLE.len() + 3 + body.len());
    bytes.extend_from_slice(&PREAMBLE);
    bytes.extend_from_slice(&len);
    bytes.extend_from_slice(body);
    bytes.push(xor(&len) ^ xor(body));
    bytes
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}
