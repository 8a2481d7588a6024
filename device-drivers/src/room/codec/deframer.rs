//! Cuts a line's byte stream into answers of one board. Chunks may be one byte, half an answer,
//! three answers or noise; the result depends on the bytes alone, and on where the line fell silent.
//!
//! What an answer is stands at its front: address, function, and for a reading the count, which is
//! one byte here. Whatever does not fit is dropped byte by byte, so that an answer behind noise is
//! found. The echo of a reading's own question has another count and is told apart.

use super::{
    Address, Bits, Channel, Command, Exception, FRAME_LEN_MAX, OFF, ON, READ_INPUTS, READ_RELAYS,
    REFUSED, Report, SET_RELAY, is_sealed,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Report(Report),
    /// The host's own question, from a line that echoes.
    Echo,
}

/// Bytes that are none, up to the next answer or silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbage;

#[derive(Debug)]
pub struct Deframer {
    address: Address,
    buffer: Vec<u8>,
    /// Some bytes were dropped since the last item.
    has_dropped: bool,
    /// Found behind garbage, which is told first.
    behind: Option<Item>,
}

/// What stands at the front of the buffer.
enum Front {
    Item(Item, usize),
    /// So many bytes belong to it; not all are there.
    Begun,
    Nothing,
}

impl Deframer {
    #[must_use]
    pub fn new(address: Address) -> Self {
        let buffer = Vec::with_capacity(FRAME_LEN_MAX);
        Self { address, buffer, has_dropped: false, behind: None }
    }

    /// Takes bytes from the front of `chunk` and yields the next item or garbage; `None` when the
    /// chunk is used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Result<Item, Garbage>> {
        if let Some(item) = self.behind.take() {
            return Some(Ok(item));
        }
        while let Some((byte, rest)) = chunk.split_first() {
            *chunk = rest;
            self.buffer.push(*byte);
            let Some(item) = self.settle() else { continue };
            if std::mem::take(&mut self.has_dropped) {
                self.behind = Some(item);
                return Some(Err(Garbage));
            }
            return Some(Ok(item));
        }
        None
    }

    /// The line is silent: what waits for more bytes does not get any.
    pub fn falls_silent(&mut self) -> Option<Garbage> {
        let was_something = self.has_dropped || !self.buffer.is_empty();
        self.reset();
        was_something.then_some(Garbage)
    }

    /// Forgets what has begun.
    pub fn reset(&mut self) {
        self.buffer.clear();
        self.has_dropped = false;
        self.behind = None;
    }

    /// True when nothing would be told of a silence.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.buffer.is_empty() && !self.has_dropped && self.behind.is_none()
    }

    /// Drops from the front what can be no answer, and takes the answer that is there.
    fn settle(&mut self) -> Option<Item> {
        while !self.buffer.is_empty() {
            match front(self.address, &self.buffer) {
                Front::Item(item, len) => {
                    self.buffer.drain(..len);
                    return Some(item);
                }
                Front::Begun => return None,
                Front::Nothing => {
                    self.buffer.remove(0);
                    self.has_dropped = true;
                }
            }
        }
        None
    }
}

fn front(address: Address, bytes: &[u8]) -> Front {
    let (begins, len) = match bytes {
        [first] => (*first == address.get(), FRAME_LEN_MAX),
        [first, function, rest @ ..] if *first == address.get() => match (*function, rest) {
            (READ_RELAYS | READ_INPUTS, [] | [1, ..]) => (true, 6),
            (READ_RELAYS | READ_INPUTS, [0, ..]) | (SET_RELAY, _) => (true, 8),
            (function, _) if function & REFUSED != 0 => (true, 5),
            _ => (false, 0),
        },
        _ => (false, 0),
    };
    if !begins {
        return Front::Nothing;
    }
    let Some(frame) = bytes.get(..len) else { return Front::Begun };
    match item(frame).filter(|_| is_sealed(frame)) {
        Some(item) => Front::Item(item, len),
        None => Front::Nothing,
    }
}

/// What a whole frame says, if its checksum is right.
fn item(frame: &[u8]) -> Option<Item> {
    Some(match *frame {
        [_, READ_RELAYS, 1, bits, _, _] => Item::Report(Report::Relays(Bits(bits))),
        [_, READ_INPUTS, 1, bits, _, _] => Item::Report(Report::Inputs(Bits(bits))),
        [_, SET_RELAY, 0, relay, high, low, _, _] => {
            let on = match [high, low] {
                ON => true,
                OFF => false,
                _ => return None,
            };
            Item::Report(Report::Heard { relay: Channel::new(relay)?, on })
        }
        [address, function @ (READ_RELAYS | READ_INPUTS), ..] => {
            let command =
                if function == READ_RELAYS { Command::ReadRelays } else { Command::ReadInputs };
            (command.encode(Address::new(address)?) == frame).then_some(Item::Echo)?
        }
        [_, function, code, _, _] => {
            let (function, why) = (function & !REFUSED, Exception::from_code(code));
            Item::Report(Report::Refused { function, why })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn board() -> Address {
        Address::new(1).unwrap()
    }

    fn all(deframer: &mut Deframer, mut chunk: &[u8]) -> Vec<Result<Item, Garbage>> {
        std::iter::from_fn(|| deframer.next(&mut chunk)).collect()
    }

    fn items(bytes: &[u8]) -> Vec<Result<Item, Garbage>> {
        let mut deframer = Deframer::new(board());
        let mut items = all(&mut deframer, bytes);
        items.extend(deframer.falls_silent().map(Err));
        items
    }

    fn inputs(bits: u8) -> Report {
        Report::Inputs(Bits(bits))
    }

    #[test]
    fn an_answer_behind_noise_is_found_and_the_noise_is_told_once() {
        let answer = inputs(0x05).encode(board());
        let noisy = [&[0x01, 0x01, 0x01, 0x33, 0x01][..], &answer].concat();
        let found = Ok(Item::Report(inputs(0x05)));
        assert_eq!(items(&noisy), [Err(Garbage), found]);
        assert_eq!(items(&[&answer[..], &answer].concat()), [found, found]);
        assert_eq!(items(&answer[..4]), [Err(Garbage)], "it broke off");
    }

    #[test]
    fn an_echo_is_no_answer_and_no_garbage() {
        let echo = Command::ReadInputs.encode(board());
        let bytes = [&echo[..], &inputs(0).encode(board())].concat();
        assert_eq!(items(&bytes), [Ok(Item::Echo), Ok(Item::Report(inputs(0)))]);
    }

    #[test]
    fn the_answer_of_another_board_or_with_a_wrong_checksum_is_garbage() {
        let of_another = inputs(1).encode(Address::new(2).unwrap());
        let mut wrong = inputs(1).encode(board());
        wrong[5] ^= 0x40;
        for bytes in [of_another, wrong] {
            assert_eq!(items(&bytes), [Err(Garbage)], "{bytes:02x?}");
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let channel = (0..8_u8).prop_map(|no| Channel::new(no).unwrap());
        let report = prop_oneof![
            any::<u8>().prop_map(|bits| Report::Relays(Bits(bits))),
            any::<u8>().prop_map(inputs),
            (channel, any::<bool>()).prop_map(|(relay, on)| Report::Heard { relay, on }),
            any::<u8>().prop_map(|code| Report::Refused {
                function: READ_INPUTS,
                why: Exception::from_code(code)
            }),
        ];
        let piece = prop_oneof![
            3 => report.prop_map(|report| report.encode(board())),
            1 => prop::collection::vec(prop_oneof![Just(1_u8), any::<u8>()], 0..20),
            1 => Just(Command::ReadRelays.encode(board())),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same_in_a_bounded_buffer(
            bytes in stream(),
            cut_len in 1_usize..20,
        ) {
            let mut deframer = Deframer::new(board());
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(all(&mut deframer, chunk));
                prop_assert!(deframer.buffer.len() < FRAME_LEN_MAX);
            }
            cut.extend(deframer.falls_silent().map(Err));
            prop_assert_eq!(cut, items(&bytes));
        }

        #[test]
        fn after_any_bytes_and_a_silence_an_answer_is_read(
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut deframer = Deframer::new(board());
            all(&mut deframer, &noise);
            deframer.falls_silent();
            prop_assert!(deframer.is_empty());
            let answer = inputs(0x80).encode(board());
            prop_assert_eq!(all(&mut deframer, &answer), [Ok(Item::Report(inputs(0x80)))]);
        }
    }
}
