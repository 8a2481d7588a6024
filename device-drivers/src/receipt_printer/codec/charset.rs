//! Which characters the printer's own font has.
//!
//! The font is GBK as of 1995, two bytes a character: what GB 18030 added later, its four-byte
//! codes and the areas for characters of one's own are not in it. Printers draw nothing, a box or
//! a question mark for those, so they are never sent as text.

use encoding_rs::GBK;

/// Two-byte codes that came after GBK (1995): first byte, from, to (second byte).
///
/// The encoder knows them; the fonts of most printers do not.
const ADDED_LATER: [(u8, u8, u8); 7] = [
    // Vertical forms.
    (0xA6, 0xD9, 0xDF),
    (0xA6, 0xEC, 0xED),
    (0xA6, 0xF3, 0xF3),
    // ḿ and ǹ
    (0xA8, 0xBC, 0xBC),
    (0xA8, 0xBF, 0xBF),
    // Ideographic description characters.
    (0xA9, 0x89, 0x95),
    // 80 ideographs and radicals, 䶮 (FE 9F) among them.
    (0xFE, 0x50, 0xA0),
];

/// Private use area of the basic plane: GBK lends it codes that hold nothing.
const PRIVATE_USE: std::ops::RangeInclusive<char> = '\u{E000}'..='\u{F8FF}';

/// What to send for this character; `None` if the printer's font does not have it.
#[must_use]
pub fn code(c: char) -> Option<Code> {
    if c.is_ascii_graphic() || c == ' ' {
        return u8::try_from(c).ok().map(Code::Half);
    }
    if c.is_ascii() || PRIVATE_USE.contains(&c) {
        return None;
    }
    let mut utf8 = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(c.encode_utf8(&mut utf8));
    match bytes[..] {
        [first, second] if !unmappable && !was_added_later(first, second) => {
            Some(Code::Full([first, second]))
        }
        _ => None,
    }
}

fn was_added_later(first: u8, second: u8) -> bool {
    ADDED_LATER.iter().any(|(f, from, to)| *f == first && (*from..=*to).contains(&second))
}

/// A character as the printer knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// ASCII, one column.
    Half(u8),
    /// GBK, two columns.
    Full([u8; 2]),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_characters_have_their_gbk_code() {
        for (c, wanted) in [
            ('办', [0xB0, 0xEC]),
            ('件', [0xBC, 0xFE]),
            ('，', [0xA3, 0xAC]),
            ('　', [0xA1, 0xA1]),
            // Not in GB 2312, in GBK.
            ('镕', [0xE9, 0x46]),
            ('é', [0xA8, 0xA6]),
        ] {
            assert_eq!(code(c), Some(Code::Full(wanted)), "{c}");
        }
        assert_eq!((code('A'), code(' ')), (Some(Code::Half(b'A')), Some(Code::Half(b' '))));
    }

    #[test]
    fn characters_that_the_font_lacks_have_no_code() {
        for c in [
            '㛃',
            '䶮',
            '\u{9FC3}',
            '\u{2CC56}',
            '\u{2CB4E}',
            '𠮷',
            '€',
            'ḿ',
            'ǹ',
            '⿰',
            '\u{FE10}',
            '\u{E000}',
            '\u{E5E5}',
            '\u{F8FF}',
            '\u{A0}',
            '\n',
            '\t',
            '\x10',
            '\x7F',
        ] {
            assert_eq!(code(c), None, "U+{:04X}", u32::from(c));
        }
    }
}
