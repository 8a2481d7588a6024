//! How long bytes take on a serial line, and what leaves when. Ten bits a byte (8N1).
//!
//! A pty carries bytes at once; a twin says them piece by piece so that they come at the speed of
//! the wire they stand for.

use kiosk_words::Moment;

/// Bytes that leave the device at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speak {
    pub at: Moment,
    pub bytes: Vec<u8>,
}

/// Microseconds that many bytes need at this rate, rounded up.
#[must_use]
pub fn wire_us(n_bytes: usize, rate: u32) -> u64 {
    (n_bytes as u64 * 10_000_000).div_ceil(u64::from(rate))
}

/// One piece per millisecond with the bytes that have left by then, and when the last has left.
/// `gap_us` is a pause before every byte but the first.
#[must_use]
pub fn dribble(bytes: &[u8], rate: u32, from_us: u64, gap_us: u64) -> (Vec<Speak>, u64) {
    let mut pieces: Vec<Speak> = Vec::new();
    let mut left_us = from_us;
    for (n, byte) in bytes.iter().enumerate() {
        left_us = from_us + wire_us(n + 1, rate) + gap_us * n as u64;
        let at = Moment(left_us.div_ceil(1_000));
        match pieces.last_mut().filter(|piece| piece.at == at) {
            Some(piece) => piece.bytes.push(*byte),
            None => pieces.push(Speak { at, bytes: vec![*byte] }),
        }
    }
    (pieces, left_us)
}
