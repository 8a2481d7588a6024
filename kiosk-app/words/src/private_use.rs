//! Characters that older cards hold under code points of private use.
//!
//! GBK had 80 characters at FE50 to FEA0 that Unicode did not have yet; systems of its time kept
//! them at U+E815 to U+E864, in the same order. Unicode has all of them now (GB 18030-2022), among
//! them 䶮, which is in many names. No font draws the old code points, so paper shows what they
//! mean; records keep what the card says. Any other code point of private use means what nobody
//! here knows; it is left as it is, and whoever prints refuses it.

use std::borrow::Cow;

/// U+E815 and those after it.
const FIRST: u32 = 0xe815;

const MEANT: [char; 80] = [
    '⺁', '𠂇', '𠂉', '𠃌', '⺄', '㑳', '㑇', '⺈', '⺋', '龴', '㖞', '㘚', '㘎', '⺌', '⺗', '㥮',
    '㤘', '龵', '㧏', '㧟', '㩳', '㧐', '龶', '龷', '㭎', '㱮', '㳠', '⺧', '𡗗', '龸', '⺪', '䁖',
    '䅟', '⺮', '䌷', '⺳', '⺶', '⺷', '𢦏', '䎱', '䎬', '⺻', '䏝', '䓖', '䙡', '䙌', '龹', '䜣',
    '䜩', '䝼', '䞍', '⻊', '䥇', '䥺', '䥽', '䦂', '䦃', '䦅', '䦆', '䦟', '䦛', '䦷', '䦶', '龺',
    '𤇾', '䲣', '䲟', '䲠', '䲡', '䱷', '䲢', '䴓', '䴔', '䴕', '䴖', '䴗', '䴘', '䴙', '䶮', '龻',
];

/// The text as it is printed.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| meant(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(meant).collect())
    }
}

/// Code points that mean what somebody agreed upon: a font that draws one may draw another
/// character than the one that is meant.
#[must_use]
pub const fn is_private_use(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

fn meant(read: char) -> char {
    let at = u32::from(read).checked_sub(FIRST).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| MEANT.get(at)).copied().unwrap_or(read)
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::*;

    #[test]
    fn an_old_code_point_is_read_as_the_character_at_its_place_in_gbk() {
        let places = (0x50_u8..=0x7e).chain(0x80..=0xa0);
        let mut n_same = 0;
        for (at, low) in (0_u32..).zip(places) {
            let old = char::from_u32(FIRST + at).unwrap();
            let bytes = [0xfe, low];
            let (decoded, _, is_wrong) = GB18030.decode(&bytes);
            assert!(!is_wrong);
            let decoded = decoded.chars().next().unwrap();
            // The decoder of the web keeps some at the old code point.
            assert!(decoded == meant(old) || decoded == old, "FE{low:02X}: {decoded}");
            n_same += u32::from(decoded == meant(old));
        }
        assert!(n_same >= 66, "{n_same} of 80 are confirmed by another table");
        assert_eq!(meant('\u{e863}'), '䶮');
    }

    #[test]
    fn a_name_is_printed_with_the_characters_of_today() {
        assert_eq!(shown("王\u{e863}"), "王䶮");
        assert!(matches!(shown("王䶮"), Cow::Borrowed(_)));
        assert!(MEANT.iter().all(|c| !is_private_use(*c)));
    }

    #[test]
    fn everything_else_is_left_as_it_is() {
        for c in ['\0', '王', '䶮', '\u{e814}', '\u{e865}', '\u{f8ff}', '\u{10ffff}'] {
            assert_eq!(meant(c), c);
        }
    }
}
