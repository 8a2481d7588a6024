//! The turns that one command may take: the rest of an answer is fetched (61xx), a wrong expected
//! length is put right (6Cxx).
//!
//! A command with a side effect is never sent twice here: 6Cxx says that nothing was done.

use kiosk_words::Private;
use zeroize::Zeroizing;

use super::apdu::{Answer, BadApdu, Command, StatusWord};

/// A card that wants more turns than this is broken: a certificate of 4 kB takes 16.
const N_TURNS_MAX: u8 = 32;

/// How the reader speaks to the card, as the card's first words (ATR) say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// By bytes: a command carries data or expects some, not both.
    T0,
    /// By blocks, and every contactless card.
    T1,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    Send(Private<Vec<u8>>),
    Done(Answer),
}

/// One command under way.
#[derive(Debug)]
pub struct Exchange {
    /// What is out now.
    command: Command,
    collected: Zeroizing<Vec<u8>>,
    n_turns: u8,
}

impl Exchange {
    /// Also returns the first bytes to send.
    #[must_use]
    pub fn begin(command: Command, protocol: Protocol) -> (Self, Private<Vec<u8>>) {
        let both = !command.data.expose().is_empty() && command.expected.is_some();
        let command = match protocol {
            Protocol::T0 if both => Command { expected: None, ..command },
            Protocol::T0 | Protocol::T1 => command,
        };
        let bytes = command.encode();
        (Self { command, collected: Zeroizing::default(), n_turns: 1 }, bytes)
    }

    pub fn hear(&mut self, bytes: &[u8]) -> Result<Turn, BadApdu> {
        let Answer { data, status } = Answer::decode(bytes)?;
        let [first, second] = status.0.to_be_bytes();
        match first {
            0x61 => {
                self.collected.extend_from_slice(data.expose());
                self.command = Command::new(Command::GET_RESPONSE, 0, 0).expecting(second);
            }
            // A command that expects nothing, such as one with a PIN, is never sent again.
            0x6C if self.command.expected.is_some_and(|expected| expected != second) => {
                self.command.expected = Some(second);
            }
            _ => {
                self.collected.extend_from_slice(data.expose());
                let data = Private::new(std::mem::take(&mut *self.collected));
                return Ok(Turn::Done(Answer { data, status }));
            }
        }
        self.n_turns += 1;
        if self.n_turns > N_TURNS_MAX {
            return Err(BadApdu::Turns { max: N_TURNS_MAX });
        }
        Ok(Turn::Send(self.command.encode()))
    }
}

/// What is waiting to be fetched, on the card's side.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Zeroizing<Vec<u8>>);

impl Waiting {
    /// Answers as a card does: what does not fit is announced and kept.
    pub fn answer(&mut self, answer: &Answer, protocol: Protocol, command: &Command) -> Vec<u8> {
        self.0.clear();
        let data = answer.data.expose();
        let is_case_4 = !command.data.expose().is_empty();
        match (command.expected, protocol) {
            (_, Protocol::T0) if is_case_4 && !data.is_empty() => self.keep(data),
            (None, _) => answer.encode(),
            (Some(expected), Protocol::T1) => {
                let room = if expected == 0 { 256 } else { usize::from(expected) };
                self.give(data, room, answer.status)
            }
            (Some(expected), Protocol::T0) => {
                let room = if expected == 0 { 256 } else { usize::from(expected) };
                if data.len() > room && expected == 0 {
                    self.give(data, room, answer.status)
                } else if data.len() != room && expected != 0 && !data.is_empty() {
                    Answer::bare(StatusWord::wrong_le(length_byte(data.len()))).encode()
                } else {
                    answer.encode()
                }
            }
        }
    }

    /// GET RESPONSE.
    pub fn fetch(&mut self, expected: u8) -> Vec<u8> {
        if self.0.is_empty() {
            return Answer::bare(StatusWord::CONDITIONS).encode();
        }
        let room = if expected == 0 { 256 } else { usize::from(expected) };
        if self.0.len() < room && expected != 0 {
            return Answer::bare(StatusWord::wrong_le(length_byte(self.0.len()))).encode();
        }
        let data = std::mem::take(&mut *self.0);
        self.give(&data, room, StatusWord::OK)
    }

    fn keep(&mut self, data: &[u8]) -> Vec<u8> {
        *self.0 = data.to_vec();
        Answer::bare(StatusWord::more(length_byte(data.len()))).encode()
    }

    fn give(&mut self, data: &[u8], room: usize, status: StatusWord) -> Vec<u8> {
        let (now, later) = data.split_at(room.min(data.len()));
        *self.0 = later.to_vec();
        let status =
            if later.is_empty() { status } else { StatusWord::more(length_byte(later.len())) };
        Answer { data: Private::new(now.to_vec()), status }.encode()
    }
}

/// 0 says 256 or more.
fn length_byte(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(data: &[u8], expected: Option<u8>) -> Command {
        Command { expected, ..Command::new(0xCB, 0x3F, 0xFF).with(data) }
    }

    /// Plays both sides to the end.
    fn play(command: Command, protocol: Protocol, whole: &Answer) -> (Answer, u8) {
        let mut card = Waiting::default();
        let (mut exchange, mut bytes) = Exchange::begin(command, protocol);
        loop {
            let heard = Command::decode(bytes.expose()).unwrap();
            let said = match heard.instruction {
                Command::GET_RESPONSE => card.fetch(heard.expected.unwrap()),
                _ => card.answer(whole, protocol, &heard),
            };
            match exchange.hear(&said).unwrap() {
                Turn::Send(next) => bytes = next,
                Turn::Done(answer) => return (answer, exchange.n_turns),
            }
        }
    }

    #[test]
    fn commands_are_as_they_stand_in_the_protocol_notes() {
        let select = Command::select_application(&[0xA0, 0x00]);
        assert_eq!(*select.encode().expose(), [0x00, 0xA4, 0x04, 0x00, 0x02, 0xA0, 0x00]);
        let record = Command::new(Command::READ_RECORD, 0x08, 0x00).expecting(0x14);
        assert_eq!(*record.encode().expose(), [0x00, 0xB2, 0x08, 0x00, 0x14]);
        let fetch = Command::new(Command::GET_RESPONSE, 0, 0).expecting(0x1E);
        assert_eq!(*fetch.encode().expose(), [0x00, 0xC0, 0x00, 0x00, 0x1E]);
    }

    #[test]
    fn over_t0_a_command_with_data_expects_nothing_and_the_answer_is_fetched() {
        let whole = Answer::ok(vec![7; 30]);
        let (_, bytes) = Exchange::begin(command(&[1], Some(0)), Protocol::T0);
        assert_eq!(*bytes.expose(), [0x00, 0xCB, 0x3F, 0xFF, 0x01, 0x01]);
        assert_eq!(play(command(&[1], Some(0)), Protocol::T0, &whole), (whole.clone(), 2));
        assert_eq!(play(command(&[1], Some(0)), Protocol::T1, &whole), (whole, 1));
    }

    #[test]
    fn a_wrong_expected_length_is_put_right_once() {
        let whole = Answer::ok(vec![7; 20]);
        assert_eq!(play(command(&[], Some(0x20)), Protocol::T0, &whole), (whole, 2));
        let (mut exchange, _) = Exchange::begin(command(&[], Some(0x20)), Protocol::T0);
        assert!(matches!(exchange.hear(&[0x6C, 0x14]), Ok(Turn::Send(_))));
        let Ok(Turn::Done(answer)) = exchange.hear(&[0x6C, 0x14]) else { panic!("a third turn") };
        assert_eq!(answer.status, StatusWord(0x6C14));
    }

    #[test]
    fn a_card_that_always_has_more_is_left() {
        let (mut exchange, _) = Exchange::begin(command(&[], Some(0)), Protocol::T1);
        let end = (0..=N_TURNS_MAX).find_map(|_| exchange.hear(&[0, 0x61, 1]).err());
        assert_eq!(end, Some(BadApdu::Turns { max: N_TURNS_MAX }));
    }

    proptest! {
        #[test]
        fn what_the_card_says_arrives_whole_however_it_is_cut(
            data in proptest::collection::vec(any::<u8>(), 0..4_096),
            asked in proptest::collection::vec(any::<u8>(), 0..40),
            is_t0 in any::<bool>(),
        ) {
            let protocol = if is_t0 { Protocol::T0 } else { Protocol::T1 };
            let whole = Answer::ok(data);
            prop_assert_eq!(play(command(&asked, Some(0)), protocol, &whole).0, whole);
        }

        #[test]
        fn any_bytes_end_the_exchange_or_ask_for_more(
            answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..60),
        ) {
            let (mut exchange, _) = Exchange::begin(command(&[1], Some(0)), Protocol::T1);
            for bytes in answers {
                match exchange.hear(&bytes) {
                    Ok(Turn::Send(_)) => {}
                    Ok(Turn::Done(_)) | Err(_) => break,
                }
            }
        }

        #[test]
        fn commands_are_read_as_they_were_written(
            head in any::<[u8; 4]>(),
            data in proptest::collection::vec(any::<u8>(), 0..=DATA_LEN),
            expected in any::<Option<u8>>(),
        ) {
            let [class, instruction, p1, p2] = head;
            let data = Private::new(data);
            let command = Command { class, instruction, p1, p2, data, expected };
            prop_assert_eq!(Command::decode(command.encode().expose()), Ok(command));
        }

        #[test]
        fn no_bytes_make_the_card_side_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::decode(&bytes);
        }
    }

    const DATA_LEN: usize = super::super::apdu::DATA_LEN_MAX;
}
