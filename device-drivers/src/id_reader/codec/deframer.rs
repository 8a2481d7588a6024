//! Cuts a byte stream into frame bodies. Chunks may be one byte, half a frame, three frames or
//! noise; the result depends on the bytes alone. The buffer is bounded and every call makes
//! progress: it consumes, yields, or has nothing left to look at.

use kiosk_words::Private;
use zeroize::Zeroize as _;

use super::{PREAMBLE, xor};

/// Longest `Len` taken for real: the longest known answer has 2314, four new addresses 284.
pub const BODY_LEN_MAX: usize = 4_096;
const HEAD_LEN: usize = PREAMBLE.len() + 2;
/// Noise is reported at least this often, so that a babbling line cannot go unnoticed.
const NOISE_REPORT_LEN: usize = 512;

/// What follows the length of a good frame, checksum taken off. It may hold a person's data.
pub type Body = Private<Vec<u8>>;

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Garbage {
    /// This many bytes belonged to no frame.
    Noise { n_bytes: usize },
    /// A frame whose checksum is wrong.
    Checksum { expected: u8, got: u8 },
    /// A length that no frame of this protocol has.
    Length { got: usize },
}

#[derive(Debug)]
pub struct Deframer {
    buffer: Vec<u8>,
    /// Nothing can be decided before the buffer holds this many bytes.
    need_len: usize,
    /// Bytes thrown away since the last report about them.
    noise_len: usize,
}

enum Step {
    /// The buffer was looked at and more bytes are needed.
    More,
    /// Noise was dropped; look again.
    Again,
    Yield(Result<Body, Garbage>),
}

impl Default for Deframer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deframer {
    #[must_use]
    pub fn new() -> Self {
        let buffer = Vec::with_capacity(HEAD_LEN + BODY_LEN_MAX);
        Self { buffer, need_len: HEAD_LEN, noise_len: 0 }
    }

    /// Takes bytes from the front of `chunk` and yields the next frame or garbage; `None` when
    /// the chunk is used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Result<Body, Garbage>> {
        loop {
            let wanted = self.need_len.saturating_sub(self.buffer.len()).min(chunk.len());
            let (taken, rest) = chunk.split_at(wanted);
            self.buffer.extend_from_slice(taken);
            *chunk = rest;
            if self.buffer.len() < self.need_len {
                return None;
            }
            match self.look() {
                Step::More | Step::Again => {}
                Step::Yield(item) => return Some(item),
            }
        }
    }

    /// Forgets a half frame and uncounted noise (after a time-out).
    pub fn reset(&mut self) {
        self.buffer.zeroize();
        self.need_len = HEAD_LEN;
        self.noise_len = 0;
    }

    /// True when no byte waits for more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    fn look(&mut self) -> Step {
        let skip_len = offset_of_preamble(&self.buffer);
        if skip_len > 0 {
            self.drop_front(skip_len);
            self.noise_len += skip_len;
            if self.noise_len >= NOISE_REPORT_LEN {
                return self.report_noise();
            }
            return Step::Again;
        }
        if self.noise_len > 0 {
            return self.report_noise();
        }
        let [_, _, _, _, _, hi, lo, ..] = self.buffer[..] else { return Step::More };
        let len = usize::from(u16::from_be_bytes([hi, lo]));
        if len == 0 || len > BODY_LEN_MAX {
            self.drop_front(HEAD_LEN);
            return Step::Yield(Err(Garbage::Length { got: len }));
        }
        if self.buffer.len() < HEAD_LEN + len {
            self.need_len = HEAD_LEN + len;
            return Step::More;
        }
        Step::Yield(self.take_frame(len))
    }

    fn take_frame(&mut self, len: usize) -> Result<Body, Garbage> {
        let chk_at = HEAD_LEN + len - 1;
        let expected = xor(&self.buffer[PREAMBLE.len()..chk_at]);
        let got = self.buffer[chk_at];
        if expected != got {
            // A later frame may have been swallowed by a wrong length: look for it in the rest.
            self.drop_front(1);
            return Err(Garbage::Checksum { expected, got });
        }
        let body = Private::new(self.buffer[HEAD_LEN..chk_at].to_vec());
        self.drop_front(chk_at + 1);
        Ok(body)
    }

    fn report_noise(&mut self) -> Step {
        let n_bytes = std::mem::take(&mut self.noise_len);
        Step::Yield(Err(Garbage::Noise { n_bytes }))
    }

    /// Drops bytes and wipes them: they may be a person's.
    fn drop_front(&mut self, len: usize) {
        let rest = self.buffer.split_off(len);
        self.buffer.zeroize();
        self.buffer.extend_from_slice(&rest);
        let mut rest = rest;
        rest.zeroize();
        self.need_len = HEAD_LEN;
    }
}

impl Drop for Deframer {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

/// Where a preamble, or the beginning of one at the very end, starts; the length if nowhere.
fn offset_of_preamble(buffer: &[u8]) -> usize {
    (0..buffer.len())
        .find(|at| buffer[*at..].iter().zip(PREAMBLE).all(|(got, want)| *got == want))
        .unwrap_or(buffer.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::frame, *};

    fn all_items(mut chunk: &[u8], deframer: &mut Deframer) -> Vec<Result<Vec<u8>, Garbage>> {
        let mut items = Vec::new();
        while let Some(item) = deframer.next(&mut chunk) {
            items.push(item.map(|body| body.expose().clone()));
        }
        items
    }

    fn items_of(bytes: &[u8]) -> Vec<Result<Vec<u8>, Garbage>> {
        all_items(bytes, &mut Deframer::new())
    }

    #[test]
    fn noise_before_a_frame_is_counted_and_the_frame_kept() {
        let mut bytes = vec![0x00, 0xAA, 0x00];
        bytes.extend(frame(&[0x20, 0x01]));
        assert_eq!(items_of(&bytes), [Err(Garbage::Noise { n_bytes: 3 }), Ok(vec![0x20, 0x01])]);
    }

    #[test]
    fn extra_preamble_bytes_do_not_hide_a_frame() {
        let mut bytes = vec![0xAA, 0xAA];
        bytes.extend(frame(&[1]));
        assert_eq!(items_of(&bytes), [Err(Garbage::Noise { n_bytes: 2 }), Ok(vec![1])]);
    }

    #[test]
    fn a_frame_swallowed_by_a_broken_one_is_found_again() {
        let mut bytes = frame(&[0, 0, 0x90, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
        bytes.truncate(14);
        bytes.extend(frame(&[0, 0, 0x80]));
        let items = items_of(&bytes);
        assert!(matches!(items.first(), Some(Err(Garbage::Checksum { .. }))), "{items:?}");
        assert_eq!(items.last(), Some(&Ok(vec![0, 0, 0x80])), "{items:?}");
    }

    #[test]
    fn impossible_lengths_are_garbage_and_do_not_block() {
        for len in [[0, 0], [0xFF, 0xFF]] {
            let mut bytes = PREAMBLE.to_vec();
            bytes.extend(len);
            bytes.extend(frame(&[7]));
            let got = usize::from(u16::from_be_bytes(len));
            assert_eq!(items_of(&bytes), [Err(Garbage::Length { got }), Ok(vec![7])]);
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            3 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|body| frame(&body)),
            2 => prop::collection::vec(any::<u8>(), 0..30),
            1 => prop::collection::vec(any::<u8>(), 1..40).prop_map(|body| {
                let mut bytes = frame(&body);
                bytes.truncate(bytes.len() / 2);
                bytes
            }),
            1 => prop::collection::vec(any::<u8>(), 1..40).prop_map(|body| {
                let mut bytes = frame(&body);
                *bytes.last_mut().unwrap() ^= 0x40;
                bytes
            }),
            1 => Just(PREAMBLE.to_vec()),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same(bytes in stream(), cut_len in 1_usize..50) {
            let mut deframer = Deframer::new();
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(all_items(chunk, &mut deframer));
                prop_assert!(deframer.buffer.len() <= HEAD_LEN + BODY_LEN_MAX);
            }
            prop_assert_eq!(cut, items_of(&bytes));
        }

        #[test]
        fn a_frame_after_any_noise_is_found_once_enough_bytes_follow(
            noise in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            let mut bytes = noise;
            for _ in 0..(BODY_LEN_MAX / 8 + 2) {
                bytes.extend(frame(&[0x11, 0xFF]));
            }
            let found = items_of(&bytes).into_iter().filter(|item| *item == Ok(vec![0x11, 0xFF]));
            prop_assert!(found.count() > 0);
        }
    }
}
