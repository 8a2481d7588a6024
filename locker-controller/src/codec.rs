//! Bytes of the "8A/80" lock boards, for both ends of the wire (protocols page, lock boards 1.1).
//!
//! ```text
//!  host -> board   HEAD BOARD LOCK FUNC BCC          8A .. 11 open, 80 .. 33 query
//!  board -> host   HEAD BOARD LOCK ST   BCC          ST 11: contact made, 00: broken
//!                  80   BOARD S1 .. Sn 33 BCC        reply to query all (query of lock 00)
//! ```
//!
//! `BCC` is the XOR of everything before it. Lock 00 in an open is every door of the board: a host
//! of this crate cannot say it, because there is no such [`LockNo`].
//! This module decides what is a frame and what a frame says. It does not decide when to send one,
//! nor whether a made contact is an open door.

mod ear;
mod frames;

pub use ear::{Awaited, Ear, Heard};
pub use frames::{
    Address, ByteOrder, Command, Contact, Contacts, LockNo, Order, Reply, UploadHead,
};

/// Bytes of every command, and of every reply but that to query all.
pub const FRAME_LEN: usize = 5;
/// Bytes of a query-all reply beside its status bytes.
pub const QUERY_ALL_EXTRA_LEN: usize = 4;

const HEAD_OPEN: u8 = 0x8A;
const HEAD_QUERY: u8 = 0x80;
const HEAD_UPLOAD_81: u8 = 0x81;
const HEAD_UPLOAD_82: u8 = 0x82;
const FUNC_OPEN: u8 = 0x11;
const FUNC_QUERY: u8 = 0x33;
const ALL_LOCKS: u8 = 0x00;
const MADE: u8 = 0x11;
const BROKEN: u8 = 0x00;

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// Four bytes and their check byte.
const fn frame(head: u8, board: u8, lock: u8, last: u8) -> [u8; FRAME_LEN] {
    [head, board, lock, last, head ^ board ^ lock ^ last]
}
