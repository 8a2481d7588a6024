//! 社会保障卡 (LD/T 32): the files that can be read without a key, for both sides.
//!
//! An answer is one item: tag, length, value. An item is asked for by its tag, which is the same in
//! all versions; cards that do not know that way are asked by record number, which is not.
//! `protocols/id-reader.md`, section 2.1.

use device_api::smart_card::Generation;
use encoding_rs::GBK;
use kiosk_words::Private;

use super::apdu::{Answer, Command, StatusWord};

/// `sx1.sh.社会保障` in GBK.
pub const AID: [u8; 15] =
    [0x73, 0x78, 0x31, 0x2E, 0x73, 0x68, 0x2E, 0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF];
/// Bytes of a name's first item; a longer name goes on in the next.
pub const NAME_LEN: usize = 30;

/// The two files that need no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// About the card.
    Ef05,
    /// About its holder.
    Ef06,
}

impl File {
    #[must_use]
    pub const fn id(self) -> [u8; 2] {
        match self {
            Self::Ef05 => [0xEF, 0x05],
            Self::Ef06 => [0xEF, 0x06],
        }
    }

    #[must_use]
    pub fn of(id: &[u8]) -> Option<Self> {
        [Self::Ef05, Self::Ef06].into_iter().find(|file| file.id() == id)
    }
}

/// What is read, and no more: issuer, class, birth place and ethnicity serve no purpose here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    CardId,
    Version,
    ValidTo,
    CardNumber,
    Number,
    Name,
    NameMore,
    Sex,
}

impl Item {
    pub const ALL: [Self; 8] = [
        Self::CardId,
        Self::Version,
        Self::ValidTo,
        Self::CardNumber,
        Self::Number,
        Self::Name,
        Self::NameMore,
        Self::Sex,
    ];

    #[must_use]
    pub const fn file(self) -> File {
        match self {
            Self::CardId | Self::Version | Self::ValidTo | Self::CardNumber => File::Ef05,
            Self::Number | Self::Name | Self::NameMore | Self::Sex => File::Ef06,
        }
    }

    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            Self::CardId => 0x01,
            Self::Version => 0x03,
            Self::ValidTo => 0x06,
            Self::CardNumber => 0x07,
            Self::Number => 0x08,
            Self::Name => 0x09,
            // (uncertain)
            Self::NameMore => 0x4E,
            Self::Sex => 0x0A,
        }
    }

    /// Bytes of the value.
    #[must_use]
    pub const fn value_len(self) -> usize {
        match self {
            Self::CardId => 16,
            Self::Version | Self::ValidTo => 4,
            Self::CardNumber => 9,
            Self::Number => 18,
            Self::Name => NAME_LEN,
            // (uncertain)
            Self::NameMore => 20,
            Self::Sex => 1,
        }
    }

    /// Record number in a card of this generation; the second one put a record in between.
    #[must_use]
    pub const fn record(self, generation: Generation) -> Option<u8> {
        let is_first = matches!(generation, Generation::First);
        match (self, is_first) {
            (Self::CardId | Self::Number, _) => Some(1),
            (Self::Name, _) => Some(2),
            (Self::Version, _) | (Self::NameMore, false) | (Self::Sex, true) => Some(3),
            (Self::Sex, false) => Some(4),
            (Self::ValidTo, _) => Some(6),
            (Self::CardNumber, _) => Some(7),
            (Self::NameMore, true) => None,
        }
    }

    /// A card without it is still a card.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        match self {
            Self::ValidTo | Self::NameMore => true,
            Self::CardId
            | Self::Version
            | Self::CardNumber
            | Self::Number
            | Self::Name
            | Self::Sex => false,
        }
    }

    #[must_use]
    fn expected(self) -> u8 {
        u8::try_from(self.value_len() + 2).expect("items are short")
    }
}

#[must_use]
pub fn select_file(file: File) -> Command {
    Command::new(Command::SELECT, 0x02, 0x00).with(&file.id())
}

#[must_use]
pub fn read_by_tag(item: Item) -> Command {
    Command::new(Command::READ_RECORD, item.tag(), 0x00).expecting(item.expected())
}

/// `None`: cards of this generation do not have it.
#[must_use]
pub fn read_by_number(item: Item, generation: Generation) -> Option<Command> {
    let record = item.record(generation)?;
    Some(Command::new(Command::READ_RECORD, record, 0x04).expecting(item.expected()))
}

/// The value of an item in an answer; `None` if that is not what stands there.
#[must_use]
pub fn value(item: Item, answer: &Answer) -> Option<Private<Vec<u8>>> {
    match answer.data.expose().as_slice() {
        [tag, len, rest @ ..] if *tag == item.tag() => {
            Some(Private::new(rest.get(..usize::from(*len))?.to_vec()))
        }
        _ => None,
    }
}

/// The card's side.
#[must_use]
pub fn item(tag: u8, value: &[u8]) -> Answer {
    let len = u8::try_from(value.len()).expect("items are short");
    Answer::ok([&[tag, len], value].concat())
}

/// The card has no such item.
#[must_use]
pub fn is_absent(status: StatusWord) -> bool {
    [StatusWord::RECORD_NOT_FOUND, StatusWord::DATA_NOT_FOUND, StatusWord::FILE_NOT_FOUND]
        .contains(&status)
}

/// The card does not know this way of asking, and may know another.
#[must_use]
pub fn is_unknown_way(status: StatusWord) -> bool {
    [StatusWord::PARAMETERS, StatusWord::OFFSET, StatusWord::FUNCTION, StatusWord::WRONG_LENGTH]
        .contains(&status)
}

/// The specification's version, four characters such as `2.00`. Cards that were never given one
/// count as the second generation (seen in the field).
#[must_use]
pub fn generation(version: &[u8]) -> Option<Generation> {
    match version.first()? {
        b'1' => Some(Generation::First),
        b'2' | 0x00 => Some(Generation::Second),
        b'3' => Some(Generation::Third),
        _ => None,
    }
}

/// GBK without the padding of 00 or spaces; `None` if it is no text.
#[must_use]
pub fn text(value: &[u8]) -> Option<Private<String>> {
    let (text, has_errors) = GBK.decode_without_bom_handling(value);
    let whole = Private::new(text.into_owned());
    (!has_errors).then(|| whole.map(|text| text.trim_end_matches(['\0', ' ']).to_owned()))
}

/// `YYYYMMDD` of four BCD bytes; `None` where no date stands.
#[must_use]
pub fn date(value: &[u8]) -> Option<String> {
    let digits = bcd(value)?;
    (value.len() == 4 && kiosk_words::numbers::is_date(digits.as_bytes())).then_some(digits)
}

/// Two digits a byte.
#[must_use]
pub fn bcd(value: &[u8]) -> Option<String> {
    let digit = |half: u8| char::from_digit(u32::from(half), 10);
    value.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_named_in_gbk() {
        let (name, _) = GBK.decode_without_bom_handling(&AID);
        assert_eq!(name, "sx1.sh.社会保障");
    }

    #[test]
    fn the_second_generation_moved_what_follows_the_name() {
        use Generation::{First, Second, Third};
        let records = |item: Item| [First, Second, Third].map(|g| item.record(g));
        assert_eq!(records(Item::Sex), [Some(3), Some(4), Some(4)]);
        assert_eq!(records(Item::Name), [Some(2); 3]);
        assert_eq!(records(Item::NameMore), [None, Some(3), Some(3)]);
        let sex = read_by_number(Item::Sex, Second).unwrap();
        assert_eq!(*sex.encode().expose(), [0x00, 0xB2, 0x04, 0x04, 0x03]);
        assert_eq!(*read_by_tag(Item::Name).encode().expose(), [0x00, 0xB2, 0x09, 0x00, 0x20]);
    }

    #[test]
    fn an_item_is_what_its_tag_and_length_say() {
        let right = item(0x0A, b"1");
        assert_eq!(value(Item::Sex, &right), Some(Private::new(b"1".to_vec())));
        assert_eq!(value(Item::Name, &right), None);
        assert_eq!(value(Item::Sex, &Answer::ok(vec![0x0A, 2, b'1'])), None, "cut off");
        assert_eq!(value(Item::Sex, &Answer::ok(vec![])), None);
        // A record of a fixed length goes on behind the item.
        let padded = Answer::ok(vec![0x0A, 1, b'2', 0xFF, 0xFF]);
        assert_eq!(value(Item::Sex, &padded), Some(Private::new(b"2".to_vec())));
    }

    #[test]
    fn names_lose_their_padding_and_nothing_else() {
        let padded = [&[0xD5, 0xC5, 0x20, 0xC8, 0xFD][..], &[0x20, 0, 0]].concat();
        assert_eq!(text(&padded).unwrap().expose(), "张 三");
        assert_eq!(text(&[0xD5]), None);
        assert_eq!(date(&[0x20, 0x30, 0x12, 0x31]), Some("20301231".to_owned()));
        for none in [[0; 4], [0xFF; 4]] {
            assert_eq!(date(&none), None);
        }
    }
}
