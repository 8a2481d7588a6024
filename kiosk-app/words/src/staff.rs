//! Staff of stations: what they may be, and what stands in the two certificates of a staff card.
//!
//! The hall signs both certificates of a card with its staff CA; the station reads them from the
//! card and believes nothing else about a person. Both say the same subject: the staff number as
//! common name, the role as title (X.520: "designated position or function of the object within an
//! organization"), the card's number as serial number. They differ in what their key is for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody does at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// 技术员: finds and mends what is broken; no door that something lies behind.
    Technician,
    /// 流转员: takes originals, puts results.
    Courier,
    /// 站点管理员: the rounds, and also cells that are closed off.
    Manager,
    /// 督导员: sees everything that staff see, moves nothing.
    Supervisor,
    /// 保安: alarms and their places, and nothing about cases.
    Guard,
}

impl StaffRole {
    pub const ALL: [Self; 5] =
        [Self::Technician, Self::Courier, Self::Manager, Self::Supervisor, Self::Guard];

    /// The word in certificates, stores and commands.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Technician => "technician",
            Self::Courier => "courier",
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Guard => "guard",
        }
    }
}

impl fmt::Display for StaffRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for StaffRole {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            format!("expected one of {words}, got {word:?}")
        })
    }
}

/// A staff number: 1 to 20 ASCII letters, digits, hyphens or underscores. It goes to the hall with
/// every act at a cabinet.
pub fn is_staff_number(text: &str) -> bool {
    let may = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=20).contains(&text.len()) && text.bytes().all(may)
}

/// Number of a staff card, made when it was personalised; a new card of the same person has
/// another one. Revocations name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StaffCardNo(pub Uuid);

impl fmt::Display for StaffCardNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl FromStr for StaffCardNo {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

/// Extended key usage of the certificate in the PIV slot 9A, whose key needs the PIN: client
/// authentication (RFC 5280).
pub const HOLDER_KEY_USAGE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 2];
/// Extended key usage of the certificate in the PIV slot 9E, whose key needs none:
/// id-PIV-cardAuth (FIPS 201-3).
pub const CARD_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 101, 3, 6, 8];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_known_by_its_word() {
        for role in StaffRole::ALL {
            assert_eq!(role.word().parse(), Ok(role));
        }
        assert!("Courier".parse::<StaffRole>().is_err());
    }

    #[test]
    fn a_staff_number_is_short_and_plain() {
        for good in ["1001", "lz-007", "a_b"] {
            assert!(is_staff_number(good), "{good}");
        }
        for bad in ["", "一〇〇一", "10 01", "123456789012345678901"] {
            assert!(!is_staff_number(bad), "{bad}");
        }
    }

    #[test]
    fn a_card_number_is_read_as_it_was_written() {
        let number = StaffCardNo(Uuid::from_u128(7));
        assert_eq!(number.to_string().parse(), Ok(number));
        assert_eq!(number.to_string().len(), 32);
    }
}
