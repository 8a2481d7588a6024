//! The chip of a social security card: application, two files, items by tag or record number.
//!
//! Cards differ in how they are asked and in what they give without a key; each [`Manner`] was seen
//! or is described (protocols, section 2.1). What a command is not known to do is refused.

use std::collections::BTreeMap;

use device_api::smart_card::Generation;
use device_drivers::smart_card::codec::{
    Answer, Command, StatusWord,
    exchange::Waiting,
    social::{self, AID, File, Item},
};
use encoding_rs::GBK;

use super::{Chip, atr_t0, atr_t1, protocol_of};

/// In what a card differs from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Items by tag and by number.
    Plain,
    /// By number only.
    NumbersOnly,
    /// The holder's file needs a key or a PIN.
    Protected,
    /// Blocked by who issued it.
    Blocked,
    /// Speaks T=1.
    Blocks,
}

/// What is printed and written on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocialImage {
    pub generation: Generation,
    pub manner: Manner,
    pub number: &'static str,
    pub name: &'static str,
    pub sex: u8,
    pub card_number: &'static str,
    /// BCD, eight digits.
    pub valid_to: [u8; 4],
}

#[derive(Debug)]
pub struct SocialChip {
    manner: Manner,
    atr: Vec<u8>,
    generation: Generation,
    items: BTreeMap<Item, Vec<u8>>,
    is_selected: bool,
    file: Option<File>,
    waiting: Waiting,
}

impl SocialChip {
    #[must_use]
    pub fn new(image: &SocialImage) -> Self {
        let version = match image.generation {
            Generation::First => "1.00",
            Generation::Second => "2.00",
            Generation::Third => "3.00",
        };
        let (name, _, _) = GBK.encode(image.name);
        let (first, more) = name.split_at(name.len().min(social::NAME_LEN));
        let padded = |bytes: &[u8], len: usize| {
            let mut padded = bytes.to_vec();
            padded.resize(len, 0);
            padded
        };
        let card_id = [&[0x23, 0x02, 0x00, 0xD1, 0x56, 0x00, 0x00, 0x05][..], &[0; 8]].concat();
        let mut items = BTreeMap::from([
            (Item::CardId, card_id),
            (Item::Version, version.as_bytes().to_vec()),
            (Item::ValidTo, image.valid_to.to_vec()),
            (Item::CardNumber, image.card_number.as_bytes().to_vec()),
            (Item::Number, image.number.as_bytes().to_vec()),
            (Item::Name, padded(first, Item::Name.value_len())),
            (Item::Sex, vec![image.sex]),
        ]);
        if image.generation != Generation::First {
            items.insert(Item::NameMore, padded(more, Item::NameMore.value_len()));
        }
        let atr = if image.manner == Manner::Blocks { atr_t1() } else { atr_t0() };
        Self {
            manner: image.manner,
            atr,
            generation: image.generation,
            items,
            is_selected: false,
            file: None,
            waiting: Waiting::default(),
        }
    }

    /// Writes other bytes into an item than belong there.
    pub fn spoil(&mut self, item: Item, value: &[u8]) {
        self.items.insert(item, value.to_vec());
    }

    fn select(&mut self, command: &Command) -> Answer {
        let data = command.data.expose();
        match (command.p1, data.as_slice()) {
            (0x04, aid) if aid == AID => {
                (self.is_selected, self.file) = (self.manner != Manner::Blocked, None);
                if self.is_selected {
                    // The control information says little: the application's own name.
                    let name = [&[0x84, 0x0F][..], &AID].concat();
                    Answer::ok([&[0x6F, 0x11][..], &name].concat())
                } else {
                    Answer::bare(StatusWord::INVALIDATED)
                }
            }
            (0x04, _) => Answer::bare(StatusWord::FILE_NOT_FOUND),
            (0x00 | 0x02, id) if self.is_selected => match File::of(id) {
                Some(file) => {
                    self.file = Some(file);
                    Answer::bare(StatusWord::OK)
                }
                None => Answer::bare(StatusWord::FILE_NOT_FOUND),
            },
            _ => Answer::bare(StatusWord::PARAMETERS),
        }
    }

    fn read(&self, command: &Command) -> Answer {
        let Some(file) = self.file else { return Answer::bare(StatusWord::NO_FILE_SELECTED) };
        if file == File::Ef06 && self.manner == Manner::Protected {
            return Answer::bare(StatusWord::SECURITY);
        }
        let wanted = |item: &Item| match command.p2 {
            0x00 => item.tag() == command.p1,
            _ => item.record(self.generation) == Some(command.p1),
        };
        match command.p2 {
            0x00 if self.manner == Manner::NumbersOnly => Answer::bare(StatusWord::PARAMETERS),
            0x00 | 0x04 => {
                let mut here = self.items.iter().filter(|(item, _)| item.file() == file);
                here.find(|(item, _)| wanted(item)).map_or_else(
                    || Answer::bare(StatusWord::RECORD_NOT_FOUND),
                    |(item, value)| social::item(item.tag(), value),
                )
            }
            _ => Answer::bare(StatusWord::PARAMETERS),
        }
    }
}

impl Chip for SocialChip {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn reset(&mut self) {
        (self.is_selected, self.file) = (false, None);
        self.waiting = Waiting::default();
    }

    fn answer(&mut self, command: &Command) -> Vec<u8> {
        if command.class != 0 {
            return Answer::bare(StatusWord::CLASS).encode();
        }
        let answer = match command.instruction {
            Command::SELECT => self.select(command),
            Command::READ_RECORD => self.read(command),
            Command::GET_RESPONSE => return self.waiting.fetch(command.expected.unwrap_or(0)),
            _ => Answer::bare(StatusWord::INSTRUCTION),
        };
        self.waiting.answer(&answer, protocol_of(&self.atr), command)
    }
}

/// Another application of the same city: a bus card, say.
#[derive(Debug, Default)]
pub struct OtherChip;

impl Chip for OtherChip {
    fn atr(&self) -> Vec<u8> {
        atr_t1()
    }

    fn reset(&mut self) {}

    fn answer(&mut self, command: &Command) -> Vec<u8> {
        let status = match command.instruction {
            Command::SELECT => StatusWord::FILE_NOT_FOUND,
            _ => StatusWord::INSTRUCTION,
        };
        Answer::bare(status).encode()
    }
}
