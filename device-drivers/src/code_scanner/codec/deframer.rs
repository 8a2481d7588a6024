//! Cuts a scanner's byte stream into answers and texts. Chunks may be one byte, half a text, three
//! texts or noise; the result depends on the bytes alone, and on where the line fell silent.
//!
//! ```text
//!             02                            CR or LF / silence
//!  Nothing ───────▶ Answer ──right──▶ item   ┌──▶ item
//!     │                └──wrong──▶ Rest ──CR, LF or silence──▶ Nothing
//!     └──any other──▶ Text ──────────────────┘
//!                       └──too long──▶ Rest
//! ```
//! What follows something wrong may be the rest of a text, and is never taken for a whole one.

use kiosk_words::Private;
use zeroize::Zeroize as _;

use super::{Answer, DONE, Ending, SCANNER_HEAD, TEXT_LEN_MAX, crc};

/// How every answer to what is asked here begins; one byte and the checksum follow.
const ANSWER_BEGINS: [u8; 4] = [SCANNER_HEAD[0], SCANNER_HEAD[1], DONE, 1];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Answer(Answer),
    /// Bytes of a whole text, without its line end; they may be of a person.
    Text(Private<Vec<u8>>),
}

/// Bytes that are neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Garbage {
    /// Begins as an answer and is none.
    BadAnswer,
    /// A text longer than any that is taken.
    TooLong,
    /// A text, or an answer, that broke off.
    Torn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    Answer,
    Text,
    Rest,
}

#[derive(Debug)]
pub struct Deframer {
    ending: Ending,
    state: State,
    buffer: Vec<u8>,
}

impl Deframer {
    #[must_use]
    pub fn new(ending: Ending) -> Self {
        let buffer = Vec::with_capacity(TEXT_LEN_MAX);
        Self { ending, state: State::Nothing, buffer }
    }

    /// Takes bytes from the front of `chunk` and yields the next item or garbage; `None` when the
    /// chunk is used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Result<Item, Garbage>> {
        while let Some((byte, rest)) = chunk.split_first() {
            *chunk = rest;
            if let Some(item) = self.take(*byte) {
                return Some(item);
            }
        }
        None
    }

    /// The line is silent: what waits for more bytes does not get any.
    pub fn falls_silent(&mut self) -> Option<Result<Item, Garbage>> {
        match (self.state, self.ending) {
            (State::Nothing, _) => None,
            (State::Rest, _) => {
                self.reset();
                None
            }
            (State::Text, Ending::Silence) => {
                while self.buffer.last().is_some_and(|byte| is_line_end(*byte)) {
                    self.buffer.pop();
                }
                Some(Ok(self.take_text()))
            }
            (State::Text, Ending::Line) | (State::Answer, _) => {
                self.reset();
                Some(Err(Garbage::Torn))
            }
        }
    }

    /// Forgets what has begun.
    pub fn reset(&mut self) {
        self.state = State::Nothing;
        self.buffer.zeroize();
    }

    /// True when no byte waits for more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.state, State::Nothing)
    }

    fn take(&mut self, byte: u8) -> Option<Result<Item, Garbage>> {
        let ends_line = is_line_end(byte);
        match self.state {
            State::Nothing if ends_line => None,
            State::Nothing => {
                let is_answer = byte == SCANNER_HEAD[0];
                self.state = if is_answer { State::Answer } else { State::Text };
                self.buffer.push(byte);
                None
            }
            State::Answer => self.take_of_answer(byte),
            State::Text if ends_line && self.ending == Ending::Line => Some(Ok(self.take_text())),
            State::Text if self.buffer.len() == TEXT_LEN_MAX => {
                // A line end after the longest text of a scanner that falls silent.
                if !ends_line {
                    return Some(Err(self.skip(Garbage::TooLong)));
                }
                None
            }
            State::Text => {
                self.buffer.push(byte);
                None
            }
            State::Rest => {
                if ends_line && self.ending == Ending::Line {
                    self.reset();
                }
                None
            }
        }
    }

    fn take_of_answer(&mut self, byte: u8) -> Option<Result<Item, Garbage>> {
        self.buffer.push(byte);
        if self.buffer.iter().zip(ANSWER_BEGINS).any(|(got, wanted)| *got != wanted) {
            return Some(Err(self.skip(Garbage::BadAnswer)));
        }
        let [_, _, kind, len, data, high, low] = self.buffer[..] else { return None };
        if crc(&[kind, len, data]) != u16::from_be_bytes([high, low]) {
            return Some(Err(self.skip(Garbage::BadAnswer)));
        }
        self.reset();
        Some(Ok(Item::Answer(Answer(data))))
    }

    fn take_text(&mut self) -> Item {
        let text = Private::new(self.buffer.clone());
        self.reset();
        Item::Text(text)
    }

    fn skip(&mut self, garbage: Garbage) -> Garbage {
        self.buffer.zeroize();
        self.state = State::Rest;
        garbage
    }
}

impl Drop for Deframer {
    fn drop(&mut self) {
        self.buffer.zeroize();
    }
}

const fn is_line_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> Result<Item, Garbage> {
        Ok(Item::Text(Private::new(bytes.to_vec())))
    }

    fn all(deframer: &mut Deframer, mut chunk: &[u8]) -> Vec<Result<Item, Garbage>> {
        std::iter::from_fn(|| deframer.next(&mut chunk)).collect()
    }

    fn items(ending: Ending, bytes: &[u8]) -> Vec<Result<Item, Garbage>> {
        let mut deframer = Deframer::new(ending);
        let mut items = all(&mut deframer, bytes);
        items.extend(deframer.falls_silent());
        items
    }

    #[test]
    fn every_line_end_ends_a_text_and_none_is_an_empty_one() {
        let bytes = b"ab\rcd\ngh\r\n\r\n";
        assert_eq!(items(Ending::Line, bytes), [text(b"ab"), text(b"cd"), text(b"gh")]);
        assert_eq!(items(Ending::Silence, b"ab\r\n"), [text(b"ab")]);
    }

    #[test]
    fn a_line_that_breaks_off_is_torn_and_silence_may_be_an_end() {
        assert_eq!(items(Ending::Line, b"ab"), [Err(Garbage::Torn)]);
        assert_eq!(items(Ending::Silence, b"ab"), [text(b"ab")]);
        assert_eq!(items(Ending::Silence, &[0x02, 0x00]), [Err(Garbage::Torn)]);
    }

    #[test]
    fn an_answer_stands_before_and_after_a_text() {
        let answer = Answer(0x2E).encode();
        let bytes = [&answer[..], b"NDE1\r", &answer].concat();
        let found = Ok(Item::Answer(Answer(0x2E)));
        assert_eq!(items(Ending::Line, &bytes), [found.clone(), text(b"NDE1"), found]);
    }

    #[test]
    fn what_follows_a_bad_answer_is_not_taken_for_a_text() {
        let mut bytes = Answer::WRITTEN.encode();
        bytes[6] ^= 1;
        let bytes = [&bytes[..], b"half a code\r", b"a whole one\r"].concat();
        assert_eq!(items(Ending::Line, &bytes), [Err(Garbage::BadAnswer), text(b"a whole one")]);
    }

    #[test]
    fn a_text_of_four_kilobytes_is_told_once_and_the_next_is_taken() {
        let long = [b'x'; 4_096];
        let bytes = [&long[..], b"\r", b"next\r"].concat();
        assert_eq!(items(Ending::Line, &bytes), [Err(Garbage::TooLong), text(b"next")]);
        let longest = [&long[..TEXT_LEN_MAX], b"\r\n"].concat();
        for ending in [Ending::Line, Ending::Silence] {
            assert_eq!(items(ending, &longest), [text(&long[..TEXT_LEN_MAX])]);
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            3 => prop::collection::vec(0x20_u8..0x7F, 0..40).prop_map(|mut text| {
                text.push(b'\r');
                text
            }),
            2 => any::<u8>().prop_map(|data| Answer(data).encode()),
            1 => prop::collection::vec(any::<u8>(), 0..30),
            1 => Just(vec![b'y'; TEXT_LEN_MAX + 1]),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same_in_a_bounded_buffer(
            bytes in stream(),
            cut_len in 1_usize..50,
            silence in any::<bool>(),
        ) {
            let ending = if silence { Ending::Silence } else { Ending::Line };
            let mut deframer = Deframer::new(ending);
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(all(&mut deframer, chunk));
                prop_assert!(deframer.buffer.len() <= TEXT_LEN_MAX);
            }
            cut.extend(deframer.falls_silent());
            prop_assert_eq!(cut, items(ending, &bytes));
        }

        #[test]
        fn after_any_bytes_and_a_silence_a_text_is_read(noise in prop::collection::vec(any::<u8>(), 0..3_000)) {
            let mut deframer = Deframer::new(Ending::Line);
            all(&mut deframer, &noise);
            deframer.falls_silent();
            prop_assert!(deframer.is_empty());
            prop_assert_eq!(all(&mut deframer, b"NDE1\r"), [text(b"NDE1")]);
        }
    }
}
