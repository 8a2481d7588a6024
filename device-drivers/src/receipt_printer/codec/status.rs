//! What the printer says: three kinds of bytes in one stream, told apart by their fixed bits.
//!
//! Only the bits that the family agrees on are looked at; the others differ by model (a TM-T20
//! sends 6F as the last byte of a notice, another printer 0F).

use super::StatusKind;

/// Fixed bits of the first byte: 0xx1xx10 is an answer to DLE EOT, 0xx1xx00 begins a notice.
const FIRST_MASK: u8 = 0x93;
const ANSWER: u8 = 0x12;
const NOTICE: u8 = 0x10;
/// Fixed bits of the other bytes of a notice and of an answer to GS r: 0xx0xxxx.
const REST_MASK: u8 = 0x90;
const NOTICE_LEN: usize = 4;
/// XON and XOFF of a printer set to that kind of flow control. The driver paces by itself, and
/// what stops the printer is in its status: these say nothing new.
const FLOW: [u8; 2] = [0x11, 0x13];

/// What the printer knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sensed {
    pub off_line: bool,
    pub cover_open: bool,
    /// Somebody holds the feed button.
    pub feeding: bool,
    pub paper_low: bool,
    pub paper_out: bool,
    /// The cutter is stuck, or another error that DLE ENQ ends.
    pub cutter_stuck: bool,
    pub unrecoverable: bool,
    /// An error that goes by itself: the head is hot.
    pub hot: bool,
}

impl Sensed {
    /// Takes over what one answer to DLE EOT says.
    pub fn take_answer(&mut self, kind: StatusKind, byte: u8) {
        let has = |mask: u8| byte & mask != 0;
        match kind {
            StatusKind::Printer => self.off_line = has(0x08),
            StatusKind::OffLine => {
                self.cover_open = has(0x04);
                self.feeding = has(0x08);
            }
            StatusKind::Error => {
                self.cutter_stuck = has(0x0C);
                self.unrecoverable = has(0x20);
                self.hot = has(0x40);
            }
            StatusKind::Paper => {
                self.paper_low = has(0x0C);
                self.paper_out = has(0x60);
            }
        }
    }

    /// Takes over what a notice says.
    pub const fn take_notice(&mut self, bytes: [u8; NOTICE_LEN]) {
        let [first, second, third, _] = bytes;
        self.off_line = first & 0x08 != 0;
        self.cover_open = first & 0x20 != 0;
        self.feeding = first & 0x40 != 0;
        self.cutter_stuck = second & 0x08 != 0;
        self.unrecoverable = second & 0x20 != 0;
        self.hot = second & 0x40 != 0;
        self.paper_low = third & 0x03 != 0;
        self.paper_out = third & 0x0C != 0;
    }

    /// The printer's end: the answer to DLE EOT.
    #[must_use]
    pub fn answer(&self, kind: StatusKind) -> u8 {
        let bits = |list: &[(bool, u8)]| {
            list.iter().filter(|(is, _)| *is).fold(0, |all, (_, bit)| all | bit)
        };
        ANSWER
            | match kind {
                StatusKind::Printer => bits(&[(self.off_line, 0x08), (self.feeding, 0x40)]),
                StatusKind::OffLine => bits(&[
                    (self.cover_open, 0x04),
                    (self.feeding, 0x08),
                    (self.paper_out, 0x20),
                    (self.cutter_stuck || self.unrecoverable || self.hot, 0x40),
                ]),
                StatusKind::Error => {
                    bits(&[(self.cutter_stuck, 0x08), (self.unrecoverable, 0x20), (self.hot, 0x40)])
                }
                StatusKind::Paper => {
                    bits(&[(self.paper_low || self.paper_out, 0x0C), (self.paper_out, 0x60)])
                }
            }
    }

    /// The printer's end: the notice about all of it.
    #[must_use]
    pub fn notice(&self) -> [u8; NOTICE_LEN] {
        let bit = |is: bool, bit: u8| if is { bit } else { 0 };
        [
            NOTICE
                | bit(self.off_line, 0x08)
                | bit(self.cover_open, 0x20)
                | bit(self.feeding, 0x40),
            bit(self.cutter_stuck, 0x08) | bit(self.unrecoverable, 0x20) | bit(self.hot, 0x40),
            bit(self.paper_low && !self.paper_out, 0x03) | bit(self.paper_out, 0x0C),
            0x0F,
        ]
    }
}

/// The answer to GS r 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    pub low: bool,
    pub out: bool,
}

impl Paper {
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self { low: byte & 0x03 != 0, out: byte & 0x0C != 0 }
    }

    #[must_use]
    pub const fn byte(self) -> u8 {
        (if self.low { 0x03 } else { 0 }) | (if self.out { 0x0C } else { 0 })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// To DLE EOT; what it means depends on which status was asked for.
    Answer(u8),
    /// Unasked, after GS a.
    Notice([u8; NOTICE_LEN]),
    /// To GS r 1.
    Paper(Paper),
}

/// A byte that fits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbage {
    pub byte: u8,
}

/// Cuts the printer's bytes into reports; the result depends on the bytes alone, not on how they
/// are cut into chunks.
#[derive(Debug, Default)]
pub struct Deframer {
    /// A notice in the making; at most four bytes.
    buffer: Vec<u8>,
}

impl Deframer {
    #[must_use]
    pub fn new() -> Self {
        Self { buffer: Vec::with_capacity(NOTICE_LEN) }
    }

    /// Takes bytes from the front of `chunk` and yields the next report or garbage; `None` when
    /// the chunk is used up. Call it until then.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Option<Result<Report, Garbage>> {
        loop {
            if let Some(item) = self.look() {
                return Some(item);
            }
            let (byte, rest) = chunk.split_first()?;
            self.buffer.push(*byte);
            *chunk = rest;
        }
    }

    /// Forgets a half notice.
    pub fn reset(&mut self) {
        self.buffer.clear();
    }

    fn look(&mut self) -> Option<Result<Report, Garbage>> {
        while self.buffer.first().is_some_and(|first| FLOW.contains(first)) {
            self.buffer.remove(0);
        }
        let first = *self.buffer.first()?;
        let item = match first & FIRST_MASK {
            ANSWER => Ok(Report::Answer(first)),
            NOTICE if self.buffer[1..].iter().any(|byte| byte & REST_MASK != 0) => {
                Err(Garbage { byte: first })
            }
            NOTICE => {
                let bytes = self.buffer[..].try_into().ok()?;
                self.buffer.clear();
                return Some(Ok(Report::Notice(bytes)));
            }
            _ if first & REST_MASK == 0 => Ok(Report::Paper(Paper::from_byte(first))),
            _ => Err(Garbage { byte: first }),
        };
        // One byte at a time, also of a notice that broke off: what follows may be whole.
        self.buffer.remove(0);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(mut chunk: &[u8], deframer: &mut Deframer) -> Vec<Result<Report, Garbage>> {
        let mut items = Vec::new();
        while let Some(item) = deframer.next(&mut chunk) {
            items.push(item);
        }
        items
    }

    fn items_of(bytes: &[u8]) -> Vec<Result<Report, Garbage>> {
        items(bytes, &mut Deframer::new())
    }

    const NO_PAPER: Paper = Paper { low: false, out: true };

    #[test]
    fn the_three_kinds_are_told_apart_in_one_stream() {
        assert_eq!(
            items_of(&[0x12, 0x10, 0x00, 0x00, 0x0F, 0x1A, 0x0C, 0x38, 0x00, 0x60, 0x6F]),
            [
                Ok(Report::Answer(0x12)),
                Ok(Report::Notice([0x10, 0x00, 0x00, 0x0F])),
                Ok(Report::Answer(0x1A)),
                Ok(Report::Paper(NO_PAPER)),
                Ok(Report::Notice([0x38, 0x00, 0x60, 0x6F])),
            ]
        );
    }

    #[test]
    fn a_notice_that_breaks_off_costs_one_byte() {
        assert_eq!(
            items_of(&[0x10, 0x12, 0x10, 0x00, 0x00, 0x0F]),
            [
                Err(Garbage { byte: 0x10 }),
                Ok(Report::Answer(0x12)),
                Ok(Report::Notice([0x10, 0x00, 0x00, 0x0F])),
            ]
        );
    }

    #[test]
    fn flow_control_bytes_say_nothing() {
        assert_eq!(items_of(&[0x13, 0x11, 0x12, 0x11]), [Ok(Report::Answer(0x12))]);
    }

    #[test]
    fn what_is_sensed_comes_back_from_answers_and_notices() {
        for n in 0_u16..256 {
            let has = |bit: u16| n & (1 << bit) != 0;
            let sensed = Sensed {
                off_line: has(0),
                cover_open: has(1),
                feeding: has(2),
                paper_low: has(3),
                paper_out: has(4),
                cutter_stuck: has(5),
                unrecoverable: has(6),
                hot: has(7),
            };
            let mut asked = Sensed::default();
            for kind in StatusKind::ALL {
                asked.take_answer(kind, sensed.answer(kind));
            }
            // At the end of the paper it is near its end as well.
            let low = sensed.paper_low || sensed.paper_out;
            assert_eq!(asked, Sensed { paper_low: low, ..sensed });
            let mut told = Sensed::default();
            told.take_notice(sensed.notice());
            let low = sensed.paper_low && !sensed.paper_out;
            assert_eq!(told, Sensed { paper_low: low, ..sensed });
        }
    }

    proptest! {
        #[test]
        fn any_chunking_yields_the_same(
            bytes in prop::collection::vec(
                prop_oneof![Just(0x10_u8), Just(0x12), Just(0), Just(0x0F), any::<u8>()], 0..200,
            ),
            cut_len in 1_usize..7,
        ) {
            let mut deframer = Deframer::new();
            let mut cut = Vec::new();
            for chunk in bytes.chunks(cut_len) {
                cut.extend(items(chunk, &mut deframer));
                prop_assert!(deframer.buffer.len() < NOTICE_LEN);
            }
            prop_assert_eq!(cut, items_of(&bytes));
        }

        #[test]
        fn no_byte_is_lost_or_counted_twice(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut deframer = Deframer::new();
            let used: usize = items(&bytes, &mut deframer)
                .iter()
                .map(|item| if matches!(item, Ok(Report::Notice(_))) { NOTICE_LEN } else { 1 })
                .sum();
            let flow = bytes.iter().filter(|byte| FLOW.contains(byte)).count();
            prop_assert_eq!(used + deframer.buffer.len() + flow, bytes.len());
        }

        #[test]
        fn an_answer_after_any_noise_is_found(noise in prop::collection::vec(any::<u8>(), 0..99)) {
            let mut bytes = noise;
            bytes.push(0x12);
            prop_assert_eq!(items_of(&bytes).pop(), Some(Ok(Report::Answer(0x12))));
        }
    }
}
