//! Where a line breaks.
//!
//! A line is filled as far as it goes and breaks at the last place where it may:
//!
//! * never within a run of ASCII: a number, an id, a phone number, a Latin word;
//! * never between a number and its unit, or between two numbers: a date keeps its time;
//! * never so that a line begins or ends with a mark that must not stand there (避头尾).
//!
//! A line without such a place breaks anywhere but within a word that holds a digit. If that does
//! not help either, the text does not fit the paper.

use kiosk_words::Private;

/// Not at the start of a line: marks that belong to what stands before them
/// (GB/T 15834-2011, 5.1), and their ASCII cousins.
const NOT_AT_START: &str = "，。、；：？！）》〉」』】〕〗”’…—～·％,.;:?!)]}%/";
/// Not at the end of a line: opening marks, the dash, and signs that belong to what follows, a
/// mask among them.
const NOT_AT_END: &str = "（《〈「『【〔〖“‘—([{/*¥￥#№";
/// What a number counts; it stays with the number.
const UNITS: &str = "年月日时分秒天岁个件份页张本次号格站元";

/// Columns of a character in the printer's font: ASCII is half as wide as anything else.
pub(super) const fn columns_of(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// The lines of a text, none wider than `width`; `None` if something in it is.
pub(super) fn wrap(text: &str, width: usize) -> Option<Vec<Private<String>>> {
    let all: Private<Vec<char>> = Private::new(text.trim().chars().map(printable).collect());
    let mut lines = Vec::new();
    let mut rest: &[char] = all.expose();
    while !rest.is_empty() {
        let n_chars = break_at(rest, width)?;
        let (line, behind) = rest.split_at(n_chars);
        lines.push(Private::new(trimmed(line).iter().collect()));
        let n_spaces = behind.iter().take_while(|c| **c == ' ').count();
        rest = behind.split_at(n_spaces).1;
    }
    Some(lines)
}

/// A line break in a value is not one on the paper, and no value may speak to the printer.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn trimmed(line: &[char]) -> &[char] {
    let end = line.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
    line.split_at(end).0
}

/// How many characters stand on the first line.
fn break_at(rest: &[char], width: usize) -> Option<usize> {
    let mut room = width;
    let mut n_fit = 0;
    for c in rest {
        let Some(left) = room.checked_sub(columns_of(*c)) else { break };
        (room, n_fit) = (left, n_fit + 1);
    }
    if n_fit == rest.len() {
        return Some(n_fit);
    }
    let places = || (1..=n_fit).rev();
    places().find(|at| is_good(rest, *at)).or_else(|| places().find(|at| !in_number(rest, *at)))
}

/// The characters on both sides of a break, spaces left out, and whether there were spaces.
fn sides(rest: &[char], at: usize) -> Option<(char, char, bool)> {
    let (before, behind) = rest.split_at(at);
    let last = *before.iter().rfind(|c| **c != ' ')?;
    let first = *behind.iter().find(|c| **c != ' ')?;
    let is_spaced = before.last() == Some(&' ') || behind.first() == Some(&' ');
    Some((last, first, is_spaced))
}

fn is_good(rest: &[char], at: usize) -> bool {
    sides(rest, at).is_some_and(|(last, first, is_spaced)| {
        let within_ascii = last.is_ascii() && first.is_ascii() && !is_spaced;
        !within_ascii
            && !(last.is_ascii_digit() && (first.is_ascii_digit() || UNITS.contains(first)))
            && !NOT_AT_END.contains(last)
            && !NOT_AT_START.contains(first)
    })
}

/// Within a run of ASCII that holds a digit.
fn in_number(rest: &[char], at: usize) -> bool {
    let (before, behind) = rest.split_at(at);
    let head = before.iter().rev().take_while(|c| c.is_ascii_graphic());
    let tail = behind.iter().take_while(|c| c.is_ascii_graphic());
    let (n_head, n_tail) = (head.clone().count(), tail.clone().count());
    n_head > 0 && n_tail > 0 && head.chain(tail).any(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, width: usize, expect: &[&str]) {
        let lines = wrap(text, width).unwrap();
        let lines: Vec<&str> = lines.iter().map(|line| line.expose().as_str()).collect();
        assert_eq!(lines, expect, "{text} on {width}");
    }

    #[test]
    fn a_line_is_filled_as_far_as_it_goes() {
        check("一二三四五六七", 6, &["一二三", "四五六", "七"]);
        check("一二三四五六七", 7, &["一二三", "四五六", "七"]);
        check("one two three", 8, &["one two", "three"]);
        check("", 8, &[]);
    }

    #[test]
    fn no_line_begins_or_ends_with_a_mark_that_must_not_stand_there() {
        check("一二三，四五", 6, &["一二", "三，四", "五"]);
        check("一二（三四）", 6, &["一二", "（三", "四）"]);
        check("一二——三四", 8, &["一", "二——三", "四"]);
    }

    #[test]
    fn a_number_an_id_and_a_masked_name_stay_whole() {
        check("请拨打0452-0000105咨询", 13, &["请拨打", "0452-0000105", "咨询"]);
        check("号码 0017-0000-123456 请", 18, &["号码", "0017-0000-123456", "请"]);
        check("于 2026-03-05 09:26 收", 18, &["于", "2026-03-05 09:26", "收"]);
        check("影像 12 页", 8, &["影像", "12 页"]);
        check("领取人***·吐尔逊", 8, &["领取人", "***·吐", "尔逊"]);
    }

    #[test]
    fn a_word_without_a_digit_breaks_if_it_must_and_a_number_never() {
        check("ABCDEFGHIJ", 4, &["ABCD", "EFGH", "IJ"]);
        check("。。。。", 4, &["。。", "。。"]);
        assert_eq!(wrap("号0123456789", 8), None);
    }

    #[test]
    fn no_value_speaks_to_the_printer() {
        check("一\u{1b}@二\n三", 20, &["一 @二 三"]);
    }

    #[test]
    fn nothing_is_lost_and_everything_fits_at_any_width() {
        let text = "申请表 1 份（已签名）；营业执照：影像 2 页，原件“待入柜”——以大厅告知为准。\
                    Call 0452-0000105 or ask. *䶮、***·吐尔逊、M**** S****、3月12日（周四）09:26";
        let bare = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        for width in 14..=48 {
            let lines = wrap(text, width).unwrap();
            let joined: String = lines.iter().map(|line| bare(line.expose())).collect();
            assert_eq!(joined, bare(text));
            for line in &lines {
                let line = line.expose();
                assert!(columns(line) <= width, "{line} on {width}");
                assert!(!line.starts_with(|c| NOT_AT_START.contains(c)), "{line} on {width}");
                assert!(!line.ends_with(|c| NOT_AT_END.contains(c)), "{line} on {width}");
            }
        }
    }
}
