//! A slip as bytes: pieces of whole commands, so that between two pieces a question may stand.
//!
//! A line goes out as text if the printer's font has every character of it, else the whole line is
//! a picture, so that one name is never of two fonts. What cannot be printed truthfully is not
//! printed at all: no blank, box or question mark stands for a character.

use device_api::receipt_printer::{Align, Line, Part, Scale, Slip, columns};
use kiosk_words::{Private, private_use::shown};

use super::{
    Command, Ink,
    charset::{self, Code},
    qr,
};
use crate::receipt_printer::raster::{NoGlyph, Typeface};

/// Blank dots under a line: ESC 2, one sixth of an inch from line to line.
pub const LINE_GAP_DOTS: u32 = 6;
pub const LINE_DOTS: u32 = 24 + LINE_GAP_DOTS;
pub const DOUBLE_LINE_DOTS: u32 = 48 + LINE_GAP_DOTS;
/// From the head to the knife, about 12 mm in this family.
pub const KNIFE_DOTS: u32 = 96;
/// 1.5 m: a longer slip is a mistake of whoever made it.
const SLIP_DOTS_MAX: u32 = 12_000;
/// Bytes of one raster command: short, so that a question can stand between two, and so that a
/// printer that got only the head of one does not wait for much. Eight rows across the paper.
const BAND_LEN: usize = 576;
/// Reports of everything by itself.
pub const PUSH_ALL: u8 = 0x4F;

/// Whole commands that go out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub bytes: Private<Vec<u8>>,
    /// How far the paper moves for it.
    pub advance_dots: u32,
}

/// Why a slip is refused before a byte of it is sent. It does not say what stands on the slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unprintable {
    #[error("a line of {got} columns, expected at most {max}")]
    TooWide { got: usize, max: usize },
    #[error("a control character in a line")]
    Control,
    #[error(transparent)]
    NoGlyph(#[from] NoGlyph),
    #[error("a code of {len} bytes does not fit the paper")]
    CodeTooLong { len: usize },
    #[error("a code that is not printable ASCII")]
    CodeNotAscii,
    #[error("a slip of {dots} dots, expected at most {SLIP_DOTS_MAX}")]
    TooLong { dots: u32 },
}

/// The whole slip, modes first, cut last. `reprint` puts 补打 over it.
pub fn encode(slip: &Slip, reprint: bool, typeface: &Typeface) -> Result<Vec<Piece>, Unprintable> {
    let mut pieces = vec![piece(&[Command::Initialise, Command::PushStatus(PUSH_ALL)], 0)];
    if reprint {
        pieces.extend(line(&reprint_mark(), typeface)?);
    }
    for part in &slip.parts {
        match part {
            Part::Line(text) => pieces.extend(line(text, typeface)?),
            Part::Rule => pieces.push(rule()),
            Part::Qr(text) => pieces.push(code(text.expose())?),
            Part::Gap(0) => {}
            Part::Gap(n) => {
                pieces.push(piece(&[Command::FeedLines(*n)], u32::from(*n) * LINE_DOTS));
            }
        }
    }
    pieces.push(piece(&[Command::Cut { feed_dots: 0 }], KNIFE_DOTS));
    let dots = pieces.iter().map(|piece| piece.advance_dots).fold(0, u32::saturating_add);
    if dots > SLIP_DOTS_MAX {
        return Err(Unprintable::TooLong { dots });
    }
    Ok(pieces)
}

fn reprint_mark() -> Line {
    let text = Private::text("补打");
    Line { text, scale: Scale::Double, align: Align::Centre, bold: true }
}

fn piece(commands: &[Command], advance_dots: u32) -> Piece {
    let bytes = commands.iter().flat_map(Command::encode).collect();
    Piece { bytes: Private::new(bytes), advance_dots }
}

const fn line_dots(scale: Scale) -> u32 {
    match scale {
        Scale::Normal => LINE_DOTS,
        Scale::Double => DOUBLE_LINE_DOTS,
    }
}

fn line(line: &Line, typeface: &Typeface) -> Result<Vec<Piece>, Unprintable> {
    let text = &*shown(line.text.expose());
    if text.chars().any(char::is_control) {
        return Err(Unprintable::Control);
    }
    let (got, max) = (columns(text), line.scale.columns());
    if got > max {
        return Err(Unprintable::TooWide { got, max });
    }
    match codes(text) {
        Some(bytes) => Ok(vec![piece(&as_text(line, bytes), line_dots(line.scale))]),
        None => Ok(as_picture(typeface.line(text, line.scale, line.align, line.bold)?)),
    }
}

/// The line as the printer's font knows it; `None` if it lacks a character.
fn codes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match charset::code(c)? {
            Code::Half(byte) => bytes.push(byte),
            Code::Full(pair) => bytes.extend_from_slice(&pair),
        }
    }
    Some(bytes)
}

fn as_text(line: &Line, bytes: Vec<u8>) -> Vec<Command> {
    let mut commands = vec![
        Command::SetAlign(line.align),
        Command::SetBold(line.bold),
        Command::SetScale(line.scale),
    ];
    if bytes.is_ascii() {
        commands.push(Command::Text(bytes));
    } else {
        let chinese = [true, false].map(Command::SetChinese);
        let [on, off] = chinese;
        commands.extend([on, Command::Text(bytes), off]);
    }
    commands.push(Command::LineFeed);
    commands
}

/// The picture holds its own place across the paper; some printers align pictures, others do not.
fn as_picture(mut ink: Ink) -> Vec<Piece> {
    ink.defuse();
    let band = |ink: Ink| {
        let dots = u32::from(ink.n_rows());
        piece(&[Command::SetAlign(Align::Left), Command::Raster(ink)], dots)
    };
    ink.bands(BAND_LEN).into_iter().map(band).collect()
}

fn rule() -> Piece {
    let text = Private::new("-".repeat(Scale::Normal.columns()));
    let rule = Line { text, scale: Scale::Normal, align: Align::Left, bold: false };
    piece(&as_text(&rule, rule.text.expose().clone().into_bytes()), LINE_DOTS)
}

fn code(text: &str) -> Result<Piece, Unprintable> {
    if text.is_empty() || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(Unprintable::CodeNotAscii);
    }
    let len = text.len();
    let size = qr::size_for(len).ok_or(Unprintable::CodeTooLong { len })?;
    let commands = [
        Command::SetAlign(Align::Centre),
        Command::QrModel2,
        Command::QrModule(size.module_dots),
        Command::QrLevelM,
        Command::QrStore(text.as_bytes().to_vec()),
        Command::QrPrint,
        Command::SetAlign(Align::Left),
    ];
    Ok(piece(&commands, size.dots()))
}

#[cfg(test)]
mod tests {
    use super::{
        super::command::{COMMAND_LEN_MAX, CommandReader},
        *,
    };
    use crate::receipt_printer::raster::tests::typeface;

    fn text(text: &str) -> Line {
        let text = Private::text(text);
        Line { text, scale: Scale::Normal, align: Align::Left, bold: false }
    }

    fn encoded(part: Part) -> Result<Vec<Piece>, Unprintable> {
        encode(&Slip { parts: vec![part] }, false, typeface())
    }

    #[test]
    fn a_line_that_is_too_wide_is_refused_and_one_that_just_fits_is_not() {
        assert!(encoded(Part::Line(text(&"办".repeat(24)))).is_ok());
        assert_eq!(
            encoded(Part::Line(text(&format!("{}a", "办".repeat(24))))),
            Err(Unprintable::TooWide { got: 49, max: 48 })
        );
        let double = Line { scale: Scale::Double, ..text(&"办".repeat(13)) };
        assert_eq!(encoded(Part::Line(double)), Err(Unprintable::TooWide { got: 26, max: 24 }));
    }

    #[test]
    fn control_characters_never_reach_the_printer() {
        for bad in ["a\nb", "\u{10}\u{5}\u{2}", "\u{1B}@", "\u{85}"] {
            assert_eq!(encoded(Part::Line(text(bad))), Err(Unprintable::Control), "{bad:?}");
        }
        assert_eq!(encoded(Part::Qr(Private::text("a\nb"))), Err(Unprintable::CodeNotAscii));
        assert_eq!(encoded(Part::Qr(Private::text("办"))), Err(Unprintable::CodeNotAscii));
    }

    #[test]
    fn a_character_of_no_font_refuses_the_slip() {
        for nowhere in ["\u{E000}", "\u{2B820}", "a\u{200B}b", "\u{A0}"] {
            assert_eq!(encoded(Part::Line(text(nowhere))), Err(Unprintable::NoGlyph(NoGlyph)));
        }
    }

    #[test]
    fn what_older_cards_hold_for_a_character_is_printed_as_that_character() {
        assert_eq!(encoded(Part::Line(text("王\u{e863}"))), encoded(Part::Line(text("王䶮"))));
    }

    #[test]
    fn no_picture_of_a_name_orders_the_printer_about() {
        let is_order = |w: &[u8]| w[0] == 0x10 && matches!(w[1], 0x04 | 0x05 | 0x14);
        let mut n_would_have = 0;
        for c in ('\u{3400}'..'\u{3480}').filter(|c| charset::code(*c).is_none()) {
            let drawn = typeface().line(&c.to_string(), Scale::Normal, Align::Left, false).unwrap();
            n_would_have += u32::from(drawn.bytes.windows(2).any(is_order));
            let pieces = encoded(Part::Line(text(&c.to_string()))).unwrap();
            let sent: Vec<u8> =
                pieces.iter().flat_map(|piece| piece.bytes.expose()).copied().collect();
            assert!(!sent.windows(2).any(is_order), "{c} {sent:02X?}");
        }
        assert!(n_would_have > 0, "the characters tried would do no harm anyway");
    }

    #[test]
    fn a_code_that_is_too_big_and_a_slip_without_end_are_refused() {
        let long = Private::new("a".repeat(667));
        assert_eq!(encoded(Part::Qr(long)), Err(Unprintable::CodeTooLong { len: 667 }));
        let endless = Slip { parts: vec![Part::Rule; 500] };
        assert!(matches!(
            encode(&endless, false, typeface()),
            Err(Unprintable::TooLong { dots: 15_096 })
        ));
    }

    #[test]
    fn every_piece_is_whole_commands_that_are_not_too_long() {
        let wide = Line { scale: Scale::Double, ..text(&"㛃".repeat(12)) };
        let parts = vec![
            Part::Line(wide),
            Part::Line(text(&"办".repeat(24))),
            Part::Rule,
            Part::Gap(255),
            Part::Qr(Private::new("a".repeat(666))),
        ];
        let mut rows = 0;
        for piece in encode(&Slip { parts }, true, typeface()).unwrap() {
            let mut rest = &piece.bytes.expose()[..];
            while !rest.is_empty() {
                let (len, command) = CommandReader::read(rest).expect("a whole command");
                assert!(len <= COMMAND_LEN_MAX, "{len}: {command:?}");
                if let Command::Raster(ink) = command.expect("a known command") {
                    rows += ink.n_rows();
                }
                rest = &rest[len..];
            }
        }
        assert_eq!(rows, 54);
    }

    #[test]
    fn a_refusal_does_not_say_what_stands_on_the_slip() {
        let refusal = encoded(Part::Line(text("\u{E000}"))).unwrap_err();
        assert_eq!(refusal.to_string(), "a character that no font has");
    }
}
