//! The printer's own font: the two-byte characters of GBK (1995), drawn with a font of the system.
//!
//! Which codes it has is its own table, not the driver's: areas of GBK as they were printed into
//! such printers, without the areas for characters of one's own and without what GB 18030 added.

use device_api::receipt_printer::{Align, Scale};
use device_drivers::receipt_printer::{
    Typeface,
    codec::{
        Ink, WIDTH_DOTS, WIDTH_LEN,
        slip::{DOUBLE_LINE_DOTS, LINE_DOTS},
    },
};
use qrcode::{Color, EcLevel, QrCode};

/// Stands for a character that the font does not have.
pub(in super::super) const BOX: char = '□';

/// Areas of GBK: first byte, second byte.
const AREAS: [(u8, u8, u8, u8); 6] = [
    // GBK/1: signs of GB 2312 and a few more.
    (0xA1, 0xA9, 0xA1, 0xFE),
    // GBK/2: GB 2312.
    (0xB0, 0xF7, 0xA1, 0xFE),
    // GBK/3 and GBK/4: the other ideographs.
    (0x81, 0xA0, 0x40, 0xFE),
    (0xAA, 0xFD, 0x40, 0xA0),
    (0xFE, 0xFE, 0x40, 0x4F),
    // GBK/5: signs.
    (0xA8, 0xA9, 0x40, 0xA0),
];
/// Places in those areas that GBK (1995) leaves empty and GB 18030 fills.
const EMPTY: [(u8, u8, u8); 7] = [
    (0xA2, 0xE3, 0xE3),
    (0xA6, 0xD9, 0xDF),
    (0xA6, 0xEC, 0xED),
    (0xA6, 0xF3, 0xF3),
    (0xA8, 0xBC, 0xBC),
    (0xA8, 0xBF, 0xBF),
    (0xA9, 0x89, 0x95),
];

/// The character at a code; `None` if the font has none there.
pub(in super::super) fn character(code: [u8; 2]) -> Option<char> {
    let [first, second] = code;
    let is_there = AREAS.iter().any(|(from, to, low, high)| {
        (*from..=*to).contains(&first) && (*low..=*high).contains(&second)
    });
    let is_empty = EMPTY.iter().any(|(f, from, to)| *f == first && (*from..=*to).contains(&second));
    if !is_there || is_empty {
        return None;
    }
    let (text, _, malformed) = encoding_rs::GBK.decode(&code);
    let mut chars = text.chars();
    match (chars.next(), chars.next(), malformed) {
        (Some(c), None, false) if !('\u{E000}'..='\u{F8FF}').contains(&c) => Some(c),
        _ => None,
    }
}

/// A line of text as ink; letters that the system's font lacks leave none.
pub(in super::super) fn line(
    typeface: &Typeface,
    text: &str,
    scale: Scale,
    align: Align,
    bold: bool,
) -> Ink {
    let drawable = |c: char| match typeface.line(&c.to_string(), scale, align, bold) {
        Ok(_) => c,
        Err(_) => BOX,
    };
    typeface
        .line(text, scale, align, bold)
        .or_else(|_| {
            let boxed: String = text.chars().map(drawable).collect();
            typeface.line(&boxed, scale, align, bold)
        })
        .unwrap_or_else(|_| blank())
}

/// Room for a line.
pub(in super::super) fn white_line(scale: Scale) -> Ink {
    let n_rows = match scale {
        Scale::Normal => LINE_DOTS,
        Scale::Double => DOUBLE_LINE_DOTS,
    };
    white(1, n_rows as usize)
}

/// Room for a code; `None` as for [`code`].
pub(in super::super) fn white_code(text: &[u8], module_dots: u8) -> Option<Ink> {
    let bits = qrcode::bits::encode_auto(text, EcLevel::M).ok()?;
    let dots = usize::try_from(bits.version().width()).ok()? * usize::from(module_dots);
    let fits = (1..=usize::from(WIDTH_DOTS)).contains(&dots);
    fits.then(|| white(dots.div_ceil(8), dots))
}

fn white(row_len: usize, n_rows: usize) -> Ink {
    let bytes = vec![0; row_len * n_rows];
    Ink { row_len: u16::try_from(row_len).unwrap_or(u16::MAX), bytes }
}

fn blank() -> Ink {
    Ink { row_len: 1, bytes: vec![0; 30] }
}

/// A picture where the alignment puts it.
pub(in super::super) fn placed(ink: &Ink, align: Align) -> Ink {
    let row_len = usize::from(ink.row_len);
    let left = match align {
        Align::Left => 0,
        Align::Centre => WIDTH_LEN.saturating_sub(row_len) / 2,
    };
    let widened = |row: &[u8]| {
        let mut wide = vec![0; left];
        wide.extend_from_slice(row);
        wide
    };
    let bytes = ink.bytes.chunks(row_len.max(1)).flat_map(widened).collect();
    Ink { row_len: u16::try_from(left + row_len).unwrap_or(u16::MAX), bytes }
}

/// A QR code of level M; `None` if it is too wide for the paper or holds no such text.
pub(in super::super) fn code(text: &[u8], module_dots: u8) -> Option<Ink> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (modules, dots) = (code.width(), usize::from(module_dots));
    if dots == 0 || modules * dots > usize::from(WIDTH_DOTS) {
        return None;
    }
    let colors = code.to_colors();
    let row_len = (modules * dots).div_ceil(8);
    let mut bytes = Vec::with_capacity(row_len * modules * dots);
    for modules_of_row in colors.chunks(modules) {
        let mut row = vec![0_u8; row_len];
        for x in 0..modules * dots {
            if modules_of_row[x / dots] == Color::Dark {
                row[x / 8] |= 0x80 >> (x % 8);
            }
        }
        bytes.extend(row.repeat(dots));
    }
    Some(Ink { row_len: u16::try_from(row_len).ok()?, bytes })
}

#[cfg(test)]
mod tests {
    use device_drivers::receipt_printer::codec::charset::{Code, code};

    use super::*;

    #[test]
    fn white_takes_as_much_room_as_ink() {
        let typeface = crate::printer::typeface(crate::printer::FONT.as_ref()).unwrap();
        for scale in [Scale::Normal, Scale::Double] {
            let ink = line(&typeface, "收件凭证", scale, Align::Left, false);
            assert_eq!(ink.n_rows(), white_line(scale).n_rows());
        }
        for (len, module_dots) in [(1, 3), (20, 6), (90, 4), (200, 5), (90, 0), (90, 20)] {
            let text = "A1b".repeat(len);
            let size = |ink: Option<Ink>| ink.map(|ink| (ink.row_len, ink.n_rows()));
            let white = size(white_code(text.as_bytes(), module_dots));
            assert_eq!(
                size(super::code(text.as_bytes(), module_dots)),
                white,
                "{len} {module_dots}"
            );
        }
    }

    #[test]
    fn it_has_what_the_driver_sends_as_text_and_nothing_that_it_draws_itself() {
        let (mut n_text, mut n_drawn) = (0, 0);
        for c in ('\u{80}'..='\u{FFFF}').chain('\u{20000}'..='\u{2FFFF}') {
            match code(c) {
                Some(Code::Full(pair)) => {
                    assert_eq!(character(pair), Some(c), "U+{:04X} {pair:02X?}", u32::from(c));
                    n_text += 1;
                }
                Some(Code::Half(byte)) => panic!("U+{:04X} is not {byte:02X}", u32::from(c)),
                None => n_drawn += 1,
            }
        }
        // As many as code page 936 has, which is GBK as it was first sold.
        assert_eq!(n_text, 21_791);
        assert!(n_drawn > 80_000, "{n_drawn}");
        // 䶮, a character of one's own, the euro sign.
        for bad in [[0xFE, 0x9F], [0xAA, 0xA1], [0xA2, 0xE3]] {
            assert_eq!(character(bad), None, "{bad:02X?}");
        }
    }
}
