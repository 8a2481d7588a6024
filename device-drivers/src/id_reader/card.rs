//! The text on the chip: four layouts of 256 bytes, UTF-16LE, padded with spaces.
//!
//! It decides which card lies there and whether its data is well-formed and its number right.
//! It does not decide whether the card is valid today or good for a matter.
//! Both ways: the twin writes the same fields that the driver reads.

mod ethnicity;
pub mod layout;

use device_api::id_reader::{CardKind, IdCard, Sex, ValidTo};
use kiosk_words::{Private, numbers};

pub use ethnicity::ethnicity_name;
use layout::{Field, TextBlock, citizen, foreign_2017, foreign_2023, hmt};

/// One added address (30 03): 35 characters.
pub const NEW_ADDRESS_LEN: usize = 70;
/// 长期, no expiry.
pub const LONG_TERM: &str = "长期";

/// Why the chip's text is not taken. Never holds what the text said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCard {
    #[error("the text block has {got} bytes, expected {}", layout::TEXT_LEN)]
    TextLen { got: usize },
    #[error("the field {field} is empty")]
    Empty { field: &'static str },
    #[error("the field {field} is no date")]
    NotADate { field: &'static str },
    #[error("the number on the chip is wrong")]
    Number,
    #[error("added addresses have {got} bytes, expected a multiple of {NEW_ADDRESS_LEN}")]
    NewAddressLen { got: usize },
}

/// Reads the text block; addresses added later, photo and fingerprint come from elsewhere.
pub fn parse(text: &[u8]) -> Result<IdCard, BadCard> {
    let text = TextBlock::from_bytes(text)?;
    match text.kind() {
        CardKind::Citizen => parse_citizen(&text),
        CardKind::HmtPermit => parse_hmt(&text),
        CardKind::ForeignPr2017 => parse_foreign_2017(&text),
        CardKind::ForeignPr2023 => parse_foreign_2023(&text),
    }
}

/// Reads a 30 03 answer: addresses of 70 bytes each, oldest first; empty slots are dropped.
pub fn parse_new_addresses(data: &[u8]) -> Result<Vec<Private<String>>, BadCard> {
    if !data.len().is_multiple_of(NEW_ADDRESS_LEN) {
        return Err(BadCard::NewAddressLen { got: data.len() });
    }
    let slots = data.chunks_exact(NEW_ADDRESS_LEN).map(|slot| Private::new(layout::decode(slot)));
    Ok(slots.filter(|address| !address.is_empty()).collect())
}

fn parse_citizen(text: &TextBlock) -> Result<IdCard, BadCard> {
    let code = text.get(citizen::ETHNICITY);
    Ok(IdCard {
        ethnicity: (!code.is_empty())
            .then(|| ethnicity_name(&code).map_or_else(|| code.clone(), str::to_owned)),
        ethnicity_code: (!code.is_empty()).then_some(code),
        issuer: optional(text.get(citizen::ISSUER)),
        ..parse_common(text, CardKind::Citizen)?
    })
}

fn parse_hmt(text: &TextBlock) -> Result<IdCard, BadCard> {
    Ok(IdCard {
        issuer: optional(text.get(hmt::ISSUER)),
        travel_permit: optional(text.get(hmt::TRAVEL_PERMIT)).map(Private::new),
        ..parse_common(text, CardKind::HmtPermit)?
    })
}

/// The fields that citizen card and residence permit share.
fn parse_common(text: &TextBlock, kind: CardKind) -> Result<IdCard, BadCard> {
    let number = numbers::id_number(&text.get(citizen::NUMBER)).map_err(|_| BadCard::Number)?;
    Ok(IdCard {
        name: Private::new(required(text, citizen::NAME)?),
        sex: sex(&text.get(citizen::SEX)),
        birth: Private::new(date(text, citizen::BIRTH)?),
        address: Private::new(text.get(citizen::ADDRESS)),
        number: Private::new(number),
        valid_from: date(text, citizen::VALID_FROM)?,
        valid_to: valid_to(text, citizen::VALID_TO)?,
        ..blank(kind)
    })
}

fn parse_foreign_2017(text: &TextBlock) -> Result<IdCard, BadCard> {
    let number = numbers::permanent_residence_2017(&text.get(foreign_2017::NUMBER))
        .map_err(|_| BadCard::Number)?;
    let english = required(text, foreign_2017::ENGLISH_NAME)?;
    let chinese = optional(text.get(foreign_2017::CHINESE_NAME));
    Ok(IdCard {
        name: Private::new(chinese.unwrap_or_else(|| english.clone())),
        english_name: Some(Private::new(english)),
        sex: sex(&text.get(foreign_2017::SEX)),
        nationality: optional(text.get(foreign_2017::NATIONALITY)),
        birth: Private::new(date(text, foreign_2017::BIRTH)?),
        number: Private::new(number),
        issuer: optional(text.get(foreign_2017::AUTHORITY)),
        valid_from: date(text, foreign_2017::VALID_FROM)?,
        valid_to: valid_to(text, foreign_2017::VALID_TO)?,
        ..blank(CardKind::ForeignPr2017)
    })
}

fn parse_foreign_2023(text: &TextBlock) -> Result<IdCard, BadCard> {
    let number =
        numbers::id_number(&text.get(foreign_2023::NUMBER)).map_err(|_| BadCard::Number)?;
    let english = text.get_joined(foreign_2023::ENGLISH_NAME, foreign_2023::ENGLISH_NAME_REST);
    if english.is_empty() {
        return Err(BadCard::Empty { field: foreign_2023::ENGLISH_NAME.name });
    }
    let nationality = text.get(foreign_2023::NATIONALITY);
    let link = text.get(foreign_2023::LINK);
    let chinese = optional(text.get(foreign_2023::NAME));
    Ok(IdCard {
        name: Private::new(chinese.unwrap_or_else(|| english.clone())),
        english_name: Some(Private::new(english)),
        sex: sex(&text.get(foreign_2023::SEX)),
        former_number: former_number(&nationality, &number, &link).map(Private::new),
        nationality: optional(nationality),
        birth: Private::new(date(text, foreign_2023::BIRTH)?),
        number: Private::new(number),
        valid_from: date(text, foreign_2023::VALID_FROM)?,
        valid_to: valid_to(text, foreign_2023::VALID_TO)?,
        ..blank(CardKind::ForeignPr2023)
    })
}

/// Rebuilds the number of the 2017 card: country, number 2 and 3, link 1 and 2, number 9 to 14,
/// link 3, and the 7-3-1 check. `None` if the card has no link or it does not make a number.
#[must_use]
pub fn former_number(country: &str, number: &str, link: &str) -> Option<String> {
    let (link_head, link_tail) = link.split_at_checked(2).filter(|_| link.len() == 3)?;
    let body =
        format!("{country}{}{link_head}{}{link_tail}", number.get(1..3)?, number.get(8..14)?);
    ('0'..='9').find_map(|check| numbers::permanent_residence_2017(&format!("{body}{check}")).ok())
}

fn blank(kind: CardKind) -> IdCard {
    IdCard {
        kind,
        name: Private::default(),
        english_name: None,
        sex: Sex::NotStated,
        ethnicity_code: None,
        ethnicity: None,
        nationality: None,
        birth: Private::default(),
        address: Private::default(),
        new_addresses: Vec::new(),
        number: Private::default(),
        issuer: None,
        valid_from: String::new(),
        valid_to: ValidTo::NotStated,
        travel_permit: None,
        former_number: None,
        photo: None,
        fingerprint: None,
    }
}

fn required(text: &TextBlock, field: Field) -> Result<String, BadCard> {
    optional(text.get(field)).ok_or(BadCard::Empty { field: field.name })
}

fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn date(text: &TextBlock, field: Field) -> Result<String, BadCard> {
    let value = text.get(field);
    if numbers::is_date(value.as_bytes()) {
        Ok(value)
    } else {
        Err(BadCard::NotADate { field: field.name })
    }
}

fn valid_to(text: &TextBlock, field: Field) -> Result<ValidTo, BadCard> {
    match text.get(field).as_str() {
        "" => Ok(ValidTo::NotStated),
        LONG_TERM => Ok(ValidTo::LongTerm),
        _ => date(text, field).map(ValidTo::Until),
    }
}

fn sex(code: &str) -> Sex {
    match code {
        "1" => Sex::Male,
        "2" => Sex::Female,
        "9" => Sex::NotStated,
        // 0 is "unknown" in GB/T 2261.1; anything else is not in the standard and says as little.
        _ => Sex::Unknown,
    }
}

#[cfg(test)]
mod tests;
