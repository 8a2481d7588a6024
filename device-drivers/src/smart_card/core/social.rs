//! Reading a social security card, command by command: application, card file, holder's file.
//!
//! ```text
//!  application ─▶ EF05 ─▶ version, area, number, valid to ─▶ EF06 ─▶ number, name, (more), sex
//! ```
//! No PIN is ever sent, not even the one that cards are delivered with: a wrong one burns a try of
//! somebody's card. A card that wants one is refused.

use device_api::{
    id_reader::Sex,
    smart_card::{Generation, Refusal, Reply, SocialCard},
};
use kiosk_words::{Private, numbers};
use zeroize::Zeroize as _;

use super::talk::Next;
use crate::smart_card::codec::{
    Answer, Command, StatusWord,
    social::{self, AID, File, Item, NAME_LEN},
};

/// How items are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Tag,
    Number,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Application,
    File(File),
    /// An item; the file was selected before.
    Item(Item),
}

/// Version first: it tells the record numbers of the rest.
const ITEMS: [Item; 8] = [
    Item::Version,
    Item::CardId,
    Item::CardNumber,
    Item::ValidTo,
    Item::Number,
    Item::Name,
    Item::NameMore,
    Item::Sex,
];

#[derive(Debug)]
pub(super) struct SocialReading {
    step: Step,
    way: Way,
    generation: Generation,
    found: [Private<Vec<u8>>; ITEMS.len()],
}

impl SocialReading {
    pub(super) fn begin() -> (Self, Command) {
        let reading = Self {
            step: Step::Application,
            way: Way::Tag,
            generation: Generation::Second,
            found: Default::default(),
        };
        (reading, Command::select_application(&AID))
    }

    pub(super) fn hear(&mut self, answer: &Answer) -> Next {
        match self.step {
            Step::Application => self.on_application(answer.status),
            Step::File(file) => match answer.status {
                StatusWord::OK => self.ask_first_of(file),
                status => Next::Refused(refusal(status)),
            },
            Step::Item(item) => self.on_item(item, answer),
        }
    }

    fn on_application(&mut self, status: StatusWord) -> Next {
        match status {
            StatusWord::OK => self.select(File::Ef05),
            StatusWord::INVALIDATED | StatusWord::FUNCTION | StatusWord::LOCKED_FOR_GOOD => {
                Next::Refused(Refusal::Blocked)
            }
            // No such application, or no such command: whatever it is, it is none of these cards.
            _ => Next::Refused(Refusal::UnknownCard),
        }
    }

    fn select(&mut self, file: File) -> Next {
        self.step = Step::File(file);
        Next::Ask(social::select_file(file))
    }

    fn ask_first_of(&mut self, file: File) -> Next {
        let first = ITEMS.into_iter().find(|item| item.file() == file);
        self.ask(first.unwrap_or_else(|| unreachable!("each file has items")))
    }

    fn ask(&mut self, item: Item) -> Next {
        self.step = Step::Item(item);
        let command = match self.way {
            Way::Tag => Some(social::read_by_tag(item)),
            Way::Number => social::read_by_number(item, self.generation),
        };
        command.map_or_else(|| self.after(item), Next::Ask)
    }

    fn on_item(&mut self, item: Item, answer: &Answer) -> Next {
        let status = answer.status;
        if status == StatusWord::OK {
            return self.take(item, answer);
        }
        if self.way == Way::Tag && item == Item::Version {
            // By tag is not known to every card, and one that does not know it says so in one of
            // several ways; by number, what is missing stays missing.
            if social::is_unknown_way(status) || social::is_absent(status) {
                self.way = Way::Number;
                return self.ask(item);
            }
        }
        if item.is_optional() && (social::is_absent(status) || social::is_unknown_way(status)) {
            return self.after(item);
        }
        Next::Refused(refusal(status))
    }

    fn take(&mut self, item: Item, answer: &Answer) -> Next {
        let Some(value) = social::value(item, answer) else {
            return if item.is_optional() {
                self.after(item)
            } else {
                Next::Refused(Refusal::BadCardData)
            };
        };
        if item == Item::Version {
            match social::generation(value.expose()) {
                Some(generation) => self.generation = generation,
                None => return Next::Refused(Refusal::UnknownGeneration),
            }
        }
        self.found[at(item)] = value;
        self.after(item)
    }

    fn after(&mut self, item: Item) -> Next {
        match ITEMS.get(at(item) + 1) {
            None => self.card().map_or(Next::Refused(Refusal::BadCardData), |card| {
                Next::Done(Reply::SocialCard(card))
            }),
            Some(next) if next.file() == item.file() => self.ask(*next),
            Some(next) => self.select(next.file()),
        }
    }

    fn value(&self, item: Item) -> &[u8] {
        self.found[at(item)].expose()
    }

    /// `None`: what stands on the card is not what such a card says.
    fn card(&self) -> Option<Box<SocialCard>> {
        let number = numbers::id_number(std::str::from_utf8(self.value(Item::Number)).ok()?).ok();
        let number = Private::new(number?);
        let birth = Private::text(number.expose().get(6..14)?);
        let name = self.name()?;
        let sex = match self.value(Item::Sex) {
            b"1" => Sex::Male,
            b"2" => Sex::Female,
            b"9" => Sex::NotStated,
            _ => Sex::Unknown,
        };
        let area = social::bcd(self.value(Item::CardId).get(..3)?)?;
        let card_number = social::text(self.value(Item::CardNumber))?;
        let valid_to = social::date(self.value(Item::ValidTo));
        let generation = self.generation;
        let card = SocialCard { generation, number, name, sex, birth, card_number, area, valid_to };
        Some(Box::new(card))
    }

    /// A name that fills its item goes on in the next; a character may be cut in two there.
    fn name(&self) -> Option<Private<String>> {
        let first = self.value(Item::Name);
        let is_full = first.len() == NAME_LEN && first.last().is_some_and(|byte| *byte != 0);
        let more = if is_full { self.value(Item::NameMore) } else { &[] };
        let mut bytes = [first, more].concat();
        let name = social::text(&bytes);
        bytes.zeroize();
        name.filter(|name| !name.is_empty())
    }
}

fn at(item: Item) -> usize {
    let at = ITEMS.into_iter().position(|known| known == item);
    at.unwrap_or_else(|| unreachable!("every item is read"))
}

/// What a status word says to the person, wherever it comes.
fn refusal(status: StatusWord) -> Refusal {
    match status {
        StatusWord::SECURITY | StatusWord::CONDITIONS => Refusal::Protected,
        StatusWord::INVALIDATED | StatusWord::LOCKED_FOR_GOOD => Refusal::Blocked,
        status if social::is_absent(status) => Refusal::BadCardData,
        _ => Refusal::InsertAgain,
    }
}
