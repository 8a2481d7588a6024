//! Check digits of the numbers people bring.
//!
//! Sources: GB 11643 / ISO 7064 MOD 11-2 (id number), GB 32100 (unified social credit code),
//! the 7-3-1 check of the 2017 permanent residence card (protocols page on identity readers, 1.8).

use std::fmt;

const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS: &[u8; 11] = b"10X98765432";

/// Why a number is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadNumber {
    Length { expected: usize, got: usize },
    Character { at: usize },
    BirthDate,
    Check,
}

impl fmt::Display for BadNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, got } => {
                write!(f, "expected {expected} characters, got {got}")
            }
            Self::Character { at } => write!(f, "unexpected character at position {}", at + 1),
            Self::BirthDate => f.write_str("positions 7 to 14 are not a date"),
            Self::Check => f.write_str("the check character does not fit"),
        }
    }
}

impl std::error::Error for BadNumber {}

/// Checks an 18-character id number (citizen, HK/Macao/Taiwan permit, 2023 permanent residence
/// card) and returns it with an upper-case `X`.
pub fn id_number(text: &str) -> Result<String, BadNumber> {
    let number = text.to_ascii_uppercase();
    let bytes = exactly(&number, 18)?;
    let mut sum = 0;
    for (at, (byte, weight)) in bytes.iter().zip(ID_WEIGHTS).enumerate() {
        sum += digit(*byte).ok_or(BadNumber::Character { at })? * weight;
    }
    if !is_date(&bytes[6..14]) {
        return Err(BadNumber::BirthDate);
    }
    if ID_CHECKS[(sum % 11) as usize] == bytes[17] { Ok(number) } else { Err(BadNumber::Check) }
}

/// Checks a 15-character permanent residence card number of the 2017 kind, for example
/// `USA110190030719`.
pub fn permanent_residence_2017(text: &str) -> Result<String, BadNumber> {
    let number = text.to_ascii_uppercase();
    let bytes = exactly(&number, 15)?;
    let mut sum = 0;
    for (at, byte) in bytes[..14].iter().enumerate() {
        let value = match byte {
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            b'<' => 0,
            _ => digit(*byte).ok_or(BadNumber::Character { at })?,
        };
        sum += value * [7, 3, 1][at % 3];
    }
    let check = digit(bytes[14]).ok_or(BadNumber::Character { at: 14 })?;
    if sum % 10 == check { Ok(number) } else { Err(BadNumber::Check) }
}

/// Checks a unified social credit code (统一社会信用代码, GB 32100): 18 characters of a 31-letter
/// alphabet without I, O, S, V, Z; weights are powers of 3 modulo 31.
pub fn social_credit_code(text: &str) -> Result<String, BadNumber> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = text.to_ascii_uppercase();
    let bytes = exactly(&code, 18)?;
    let value = |at: usize| {
        ALPHABET.iter().position(|letter| *letter == bytes[at]).ok_or(BadNumber::Character { at })
    };
    let (mut sum, mut weight) = (0, 1);
    for at in 0..17 {
        sum += value(at)? * weight;
        weight = weight * 3 % 31;
    }
    if value(17)? == (31 - sum % 31) % 31 { Ok(code) } else { Err(BadNumber::Check) }
}

/// Checks a mainland mobile number: 11 digits, first 1, second 3 to 9.
pub fn mobile(text: &str) -> Result<String, BadNumber> {
    let bytes = exactly(text, 11)?;
    for (at, byte) in bytes.iter().enumerate() {
        let fits = match at {
            0 => *byte == b'1',
            1 => (b'3'..=b'9').contains(byte),
            _ => byte.is_ascii_digit(),
        };
        if !fits {
            return Err(BadNumber::Character { at });
        }
    }
    Ok(text.to_owned())
}

fn exactly(text: &str, expected: usize) -> Result<&[u8], BadNumber> {
    if !text.is_ascii() || text.len() != expected {
        return Err(BadNumber::Length { expected, got: text.chars().count() });
    }
    Ok(text.as_bytes())
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// `YYYYMMDD` names a day that exists.
pub fn is_date(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(number) = text.parse::<u32>() else { return false };
    if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let n_days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    year >= 1800 && (1..=n_days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_id_numbers_pass_in_either_case() {
        for good in ["110101199003070011", "810000199003070023", "911840199003070014"] {
            assert_eq!(id_number(good).as_deref(), Ok(good));
        }
        assert_eq!(id_number("11010519491231002x").as_deref(), Ok("11010519491231002X"));
    }

    #[test]
    fn wrong_id_numbers_say_why() {
        assert_eq!(id_number("110101199003070012"), Err(BadNumber::Check));
        assert_eq!(id_number("110101199013070011"), Err(BadNumber::BirthDate));
        assert_eq!(id_number("1101011990030"), Err(BadNumber::Length { expected: 18, got: 13 }));
        assert_eq!(id_number("11O101199003070011"), Err(BadNumber::Character { at: 2 }));
        assert!(id_number("张三").is_err());
    }

    #[test]
    fn permanent_residence_numbers() {
        assert!(permanent_residence_2017("USA110190030719").is_ok());
        assert_eq!(permanent_residence_2017("USA110190030718"), Err(BadNumber::Check));
    }

    #[test]
    fn social_credit_codes() {
        // Made up for this test: the check character was computed by hand from GB 32100.
        let body = "91110101MA0000000";
        let good: Vec<char> = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .filter(|check| social_credit_code(&format!("{body}{check}")).is_ok())
            .collect();
        assert_eq!(good.len(), 1, "exactly one check character fits");
        assert_eq!(social_credit_code("91110101IA00000000"), Err(BadNumber::Character { at: 8 }));
    }

    #[test]
    fn mobiles_and_dates() {
        assert!(mobile("13800001234").is_ok());
        assert_eq!(mobile("12800001234"), Err(BadNumber::Character { at: 1 }));
        assert!(is_date(b"20240229") && !is_date(b"20230229") && !is_date(b"2024022"));
    }
}
