//! Where each field of the four layouts lies (protocol notes 1.8), and how text is put there.

use device_api::id_reader::CardKind;
use kiosk_words::Private;

use super::BadCard;

pub const TEXT_LEN: usize = 256;
/// The character that tells the four cards apart.
const KIND_MARK: Field = Field::new("kind", 248, 2);

/// A place in the text block, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    at: usize,
    len: usize,
}

impl Field {
    const fn new(name: &'static str, at: usize, len: usize) -> Self {
        assert!(at + len <= TEXT_LEN && len.is_multiple_of(2));
        Self { name, at, len }
    }
}

pub mod citizen {
    use super::Field;

    pub const NAME: Field = Field::new("name", 0, 30);
    pub const SEX: Field = Field::new("sex", 30, 2);
    pub const ETHNICITY: Field = Field::new("ethnicity", 32, 4);
    pub const BIRTH: Field = Field::new("birth", 36, 16);
    pub const ADDRESS: Field = Field::new("address", 52, 70);
    pub const NUMBER: Field = Field::new("number", 122, 36);
    pub const ISSUER: Field = Field::new("issuer", 158, 30);
    pub const VALID_FROM: Field = Field::new("valid from", 188, 16);
    pub const VALID_TO: Field = Field::new("valid to", 204, 16);
}

/// Residence permit for Hong Kong, Macao and Taiwan: as [`citizen`], with these.
pub mod hmt {
    use super::Field;

    pub const ISSUER: Field = super::citizen::ISSUER;
    pub const TRAVEL_PERMIT: Field = Field::new("travel permit", 220, 18);
    pub const ISSUE_COUNT: Field = Field::new("issue count", 238, 4);
}

pub mod foreign_2017 {
    use super::Field;

    pub const ENGLISH_NAME: Field = Field::new("english name", 0, 120);
    pub const SEX: Field = Field::new("sex", 120, 2);
    pub const NUMBER: Field = Field::new("number", 122, 30);
    pub const NATIONALITY: Field = Field::new("nationality", 152, 6);
    pub const CHINESE_NAME: Field = Field::new("chinese name", 158, 30);
    pub const VALID_FROM: Field = Field::new("valid from", 188, 16);
    pub const VALID_TO: Field = Field::new("valid to", 204, 16);
    pub const BIRTH: Field = Field::new("birth", 220, 16);
    pub const VERSION: Field = Field::new("card version", 236, 4);
    pub const AUTHORITY: Field = Field::new("authority", 240, 8);
}

/// One vendor's table; its kinds are confirmed by a second (notes, section 4).
pub mod foreign_2023 {
    use super::Field;

    pub const NAME: Field = Field::new("name", 0, 30);
    pub const SEX: Field = Field::new("sex", 30, 2);
    pub const RENEWALS: Field = Field::new("renewals", 32, 4);
    pub const BIRTH: Field = Field::new("birth", 36, 16);
    pub const ENGLISH_NAME: Field = Field::new("english name", 52, 70);
    pub const NUMBER: Field = Field::new("number", 122, 36);
    pub const VALID_FROM: Field = Field::new("valid from", 188, 16);
    pub const VALID_TO: Field = Field::new("valid to", 204, 16);
    pub const ENGLISH_NAME_REST: Field = Field::new("english name, rest", 220, 22);
    pub const NATIONALITY: Field = Field::new("nationality", 242, 6);
    pub const LINK: Field = Field::new("link", 250, 6);
}

/// The 256 bytes of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextBlock(Private<Vec<u8>>);

impl TextBlock {
    /// A card without any text but its kind mark.
    #[must_use]
    pub fn blank(kind: CardKind) -> Self {
        let spaces = b" \0".repeat(TEXT_LEN / 2);
        let mark = match kind {
            CardKind::Citizen => " ",
            CardKind::HmtPermit => "J",
            CardKind::ForeignPr2017 => "I",
            CardKind::ForeignPr2023 => "Y",
        };
        Self(Private::new(spaces)).with(KIND_MARK, mark)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadCard> {
        if bytes.len() != TEXT_LEN {
            return Err(BadCard::TextLen { got: bytes.len() });
        }
        Ok(Self(Private::new(bytes.to_vec())))
    }

    #[must_use]
    pub fn kind(&self) -> CardKind {
        match self.get(KIND_MARK).as_str() {
            "J" => CardKind::HmtPermit,
            "I" => CardKind::ForeignPr2017,
            "Y" => CardKind::ForeignPr2023,
            _ => CardKind::Citizen,
        }
    }

    /// Writes a field, padded with spaces.
    ///
    /// # Panics
    /// If the text is longer than the field.
    #[must_use]
    pub fn with(self, field: Field, text: &str) -> Self {
        Self(self.0.map(|bytes| {
            let mut bytes = bytes.clone();
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(units.len() <= field.len, "text too long for the field {}", field.name);
            bytes[field.at..field.at + field.len].copy_from_slice(&padded(units, field.len));
            bytes
        }))
    }

    /// The text of a field without its padding.
    #[must_use]
    pub fn get(&self, field: Field) -> String {
        decode(self.raw(field))
    }

    /// A text that runs on in a second field: padding between the two is part of it only if the
    /// second holds text.
    #[must_use]
    pub fn get_joined(&self, first: Field, rest: Field) -> String {
        decode(&[self.raw(first), self.raw(rest)].concat())
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    fn raw(&self, field: Field) -> &[u8] {
        &self.0.expose()[field.at..field.at + field.len]
    }
}

/// UTF-16LE, leniently; only trailing spaces and zeros are cut. Spaces and · within a name,
/// private-use and rare characters stay as they are.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
    let text: String =
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_end_matches([' ', '\0']).to_owned()
}

/// Text as the chip stores it, padded to `len` bytes.
#[must_use]
pub fn encode(text: &str, len: usize) -> Vec<u8> {
    padded(text.encode_utf16().flat_map(u16::to_le_bytes).collect(), len)
}

fn padded(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    while bytes.len() < len {
        bytes.extend(*b" \0");
    }
    bytes
}
