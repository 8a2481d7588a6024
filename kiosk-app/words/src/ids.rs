//! Ids as newtypes. None of them is made here from a clock or a generator: the bytes come in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A station's number at its hall, 1 to 9999: the first four digits of its receipt numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct StationId(u16);

impl TryFrom<u16> for StationId {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        if (1..=9999).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("expected a station number from 1 to 9999, got {number}"))
        }
    }
}

impl From<StationId> for u16 {
    fn from(id: StationId) -> Self {
        id.0
    }
}

impl fmt::Display for StationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// Random id made when a store is created; a rebuilt store is never taken for the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub Uuid);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// Place of an event in the one ordered stream of a store, from 1 without gaps.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Seq(pub u64);

/// A case (办件); UUIDv7 made from the wall clock and ten random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId(pub Uuid);

impl CaseId {
    pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// The folder name of a matter (事项), for example `yancao_yanxu`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MatterId(pub String);

impl fmt::Display for MatterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Receipt number: station 4 digits, counter 8, check 2; typed and printed 4-4-6.
///
/// The check makes the whole 14-digit number congruent to 1 modulo 97 (ISO 7064 MOD 97-10), so
/// every single wrong digit and every swap of neighbours is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptNo {
    station: StationId,
    counter: u32,
}

/// Why a typed receipt number is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadReceiptNo {
    /// Expected 14 digits; spaces and hyphens are ignored.
    Length {
        got: usize,
    },
    /// A digit was typed wrong or two were swapped.
    Check,
    Station,
}

impl fmt::Display for BadReceiptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { got } => write!(f, "expected 14 digits, got {got}"),
            Self::Check => f.write_str("the check digits do not fit: one digit is wrong"),
            Self::Station => f.write_str("expected a station number from 0001 to 9999"),
        }
    }
}

impl std::error::Error for BadReceiptNo {}

impl ReceiptNo {
    /// `counter` below 100,000,000; the hall hands out blocks.
    pub const fn new(station: StationId, counter: u32) -> Option<Self> {
        if counter < 100_000_000 { Some(Self { station, counter }) } else { None }
    }

    pub const fn station(self) -> StationId {
        self.station
    }

    pub const fn counter(self) -> u32 {
        self.counter
    }

    fn check(self) -> u64 {
        let body = u64::from(self.station.0) * 100_000_000 + u64::from(self.counter);
        98 - (body * 100) % 97
    }

    /// The 14 digits without separators.
    pub fn digits(self) -> String {
        format!("{}{:08}{:02}", self.station, self.counter, self.check())
    }
}

impl fmt::Display for ReceiptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counter = format!("{:08}", self.counter);
        let (high, low) = counter.split_at(4);
        write!(f, "{}-{high}-{low}{:02}", self.station, self.check())
    }
}

impl FromStr for ReceiptNo {
    type Err = BadReceiptNo;

    fn from_str(text: &str) -> Result<Self, BadReceiptNo> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadReceiptNo::Length { got: digits.chars().count() });
        }
        let number: u64 = digits.parse().map_err(|_| BadReceiptNo::Check)?;
        if number % 97 != 1 {
            return Err(BadReceiptNo::Check);
        }
        let body = number / 100;
        let station = u16::try_from(body / 100_000_000).map_err(|_| BadReceiptNo::Station)?;
        let counter = u32::try_from(body % 100_000_000).map_err(|_| BadReceiptNo::Check)?;
        let station = StationId::try_from(station).map_err(|_| BadReceiptNo::Station)?;
        Ok(Self { station, counter })
    }
}

impl TryFrom<String> for ReceiptNo {
    type Error = BadReceiptNo;

    fn try_from(text: String) -> Result<Self, BadReceiptNo> {
        text.parse()
    }
}

impl From<ReceiptNo> for String {
    fn from(no: ReceiptNo) -> Self {
        no.digits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(station: u16, counter: u32) -> ReceiptNo {
        ReceiptNo::new(StationId::try_from(station).unwrap(), counter).unwrap()
    }

    #[test]
    fn receipt_number_is_printed_4_4_6_and_read_back() {
        let no = receipt(17, 1_234);
        assert_eq!(no.to_string().len(), 16);
        assert!(no.to_string().starts_with("0017-0000-1234"));
        assert_eq!(no.to_string().parse(), Ok(no));
        assert_eq!(no.digits().parse(), Ok(no));
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_is_found() {
        let digits = receipt(4_096, 70_315_226).digits().into_bytes();
        for at in 0..digits.len() {
            for other in b'0'..=b'9' {
                let mut wrong = digits.clone();
                wrong[at] = other;
                let accepted = String::from_utf8(wrong.clone()).unwrap().parse::<ReceiptNo>();
                assert_eq!(accepted.is_ok(), wrong == digits);
            }
            if at + 1 < digits.len() && digits[at] != digits[at + 1] {
                let mut swapped = digits.clone();
                swapped.swap(at, at + 1);
                let text = String::from_utf8(swapped).unwrap();
                assert!(text.parse::<ReceiptNo>().is_err(), "{text}");
            }
        }
    }

    #[test]
    fn a_case_id_is_a_version_7_uuid_and_sorts_by_time() {
        let early = CaseId::new(1_000, [9; 10]);
        let late = CaseId::new(2_000, [0; 10]);
        assert_eq!(early.0.get_version_num(), 7);
        assert!(early < late);
    }
}
