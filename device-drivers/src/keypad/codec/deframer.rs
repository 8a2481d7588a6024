//! Cuts a byte stream into frames, at either end. Chunks may be one byte, half a frame, three
//! frames or noise; the result depends on the bytes alone, and on where the line fell silent.
//!
//! A start byte within noise may promise a frame that never comes. When its checksum is wrong, or
//! the line falls silent, only that byte is given up: a whole frame behind it is found.

use super::{CRC_LEN, FRAME_LEN_MAX, Frame, HEAD_LEN, PAYLOAD_LEN_MAX, START};
use crate::crc;

/// So many bytes without a frame are told once as garbage: longer than any frame.
pub(in crate::keypad) const GARBAGE_LEN: usize = 32;

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbage;

#[derive(Debug)]
pub struct Deframer {
    buffer: Vec<u8>,
    n_skipped: usize,
}

impl Default for Deframer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deframer {
    #[must_use]
    pub fn new() -> Self {
        Self { buffer: Vec::with_capacity(FRAME_LEN_MAX), n_skipped: 0 }
    }

    /// Takes bytes from the front of `chunk` and yields the next frame or garbage; `None` when the
    /// chunk is used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Result<Frame, Garbage>> {
        loop {
            if let Some(item) = self.settle() {
                return Some(item);
            }
            let (byte, rest) = chunk.split_first()?;
            *chunk = rest;
            self.buffer.push(*byte);
        }
    }

    /// The line is silent: what waits for more bytes does not get any. Call it until `None`.
    pub fn falls_silent(&mut self) -> Option<Result<Frame, Garbage>> {
        while !self.buffer.is_empty() {
            if let Some(item) = self.settle() {
                return Some(item);
            }
            if !self.buffer.is_empty()
                && let Some(garbage) = self.skip()
            {
                return Some(Err(garbage));
            }
        }
        None
    }

    /// Forgets what has begun.
    pub fn reset(&mut self) {
        self.buffer.clear();
        self.n_skipped = 0;
    }

    /// True when no byte waits for more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// What the buffered bytes are; `None`: nothing yet.
    fn settle(&mut self) -> Option<Result<Frame, Garbage>> {
        while let Some(first) = self.buffer.first() {
            let is_start = *first == START;
            let payload_len = self.buffer.get(1).map(|len| usize::from(*len));
            let can_be = is_start && payload_len.is_none_or(|len| len <= PAYLOAD_LEN_MAX);
            if can_be {
                let whole = self.buffer.get(..HEAD_LEN + payload_len? + CRC_LEN)?;
                if let Some(frame) = frame_of(whole) {
                    let len = whole.len();
                    self.buffer.drain(..len);
                    self.n_skipped = 0;
                    return Some(Ok(frame));
                }
            }
            if let Some(garbage) = self.skip() {
                return Some(Err(garbage));
            }
        }
        None
    }

    fn skip(&mut self) -> Option<Garbage> {
        self.buffer.remove(0);
        self.n_skipped += 1;
        self.n_skipped.is_multiple_of(GARBAGE_LEN).then_some(Garbage)
    }
}

/// The frame in these bytes, if their checksum is right.
fn frame_of(whole: &[u8]) -> Option<Frame> {
    let (body, check) = whole.get(1..)?.split_last_chunk::<CRC_LEN>()?;
    let [_, kind, seq, payload @ ..] = body else { return None };
    (crc::ibm_3740(body) == u16::from_be_bytes(*check)).then(|| Frame {
        kind: *kind,
        seq: *seq,
        payload: payload.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use device_api::keypad::Key;
    use proptest::prelude::*;

    use super::*;
    use crate::keypad::codec::{Command, Held, Report};

    fn all(deframer: &mut Deframer, mut chunk: &[u8]) -> Vec<Result<Frame, Garbage>> {
        std::iter::from_fn(|| deframer.next(&mut chunk)).collect()
    }

    fn items(bytes: &[u8]) -> Vec<Result<Frame, Garbage>> {
        let mut deframer = Deframer::new();
        let mut items = all(&mut deframer, bytes);
        items.extend(std::iter::from_fn(|| deframer.falls_silent()));
        assert!(deframer.is_empty(), "a silence ends everything");
        items
    }

    fn key(seq: u8) -> Vec<u8> {
        Report::Key { seq, key: Key::Select }.encode()
    }

    fn reports(bytes: &[u8]) -> Vec<Report> {
        items(bytes).iter().flatten().filter_map(Report::decode).collect()
    }

    #[test]
    fn a_frame_is_found_behind_noise_and_behind_a_start_that_was_none() {
        let wanted = [Report::Key { seq: 9, key: Key::Select }];
        for noise in [&b""[..], &[0x00, 0xFF], &[START], &[START, 3], &[START, 24, 0x82, START]] {
            assert_eq!(reports(&[noise, &key(9)].concat()), wanted, "{noise:02X?}");
        }
    }

    #[test]
    fn one_changed_bit_is_no_frame() {
        let frame = key(200);
        for at in 0..frame.len() * 8 {
            let mut bytes = frame.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            assert_eq!(reports(&bytes), [], "bit {at}");
        }
    }

    #[test]
    fn much_noise_is_told_as_garbage_and_a_frame_begins_the_count_anew() {
        assert_eq!(items(&[0x55; 64]), [Err(Garbage), Err(Garbage)]);
        let bytes = [&[0x55; 31][..], &key(1), &[0x55; 31]].concat();
        assert_eq!(items(&bytes).iter().filter(|item| item.is_err()).count(), 0);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            3 => any::<u8>().prop_map(key),
            2 => any::<u8>().prop_map(|seq| Command::Ack { seq }.encode()),
            2 => any::<bool>().prop_map(|jack| {
                Report::State { conversation: 1, jack, held: Held::default() }.encode()
            }),
            2 => prop::collection::vec(any::<u8>(), 0..30),
            1 => Just(vec![START]),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same_in_a_bounded_buffer(bytes in stream(), cut_len in 1_usize..40) {
            let mut deframer = Deframer::new();
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(all(&mut deframer, chunk));
                prop_assert!(deframer.buffer.len() <= FRAME_LEN_MAX);
            }
            cut.extend(std::iter::from_fn(|| deframer.falls_silent()));
            prop_assert_eq!(cut, items(&bytes));
        }

        #[test]
        fn after_any_bytes_and_a_silence_a_frame_is_read(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut deframer = Deframer::new();
            all(&mut deframer, &noise);
            while deframer.falls_silent().is_some() {}
            prop_assert_eq!(all(&mut deframer, &key(5)).len(), 1);
        }
    }
}
