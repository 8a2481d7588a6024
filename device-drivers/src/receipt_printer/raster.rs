//! Lines as pictures: for names with characters that the printer's own font lacks.
//!
//! It decides where the dots of a line are. It does not decide which lines need it, and it finds
//! no font by itself: the bytes of the font file are given to it.

use std::{fmt, sync::Arc};

use device_api::receipt_printer::{Align, Scale, columns};
use swash::{
    FontDataRef, FontRef, GlyphId, StringId,
    scale::{Render, ScaleContext, Scaler, Source, image::Image},
    zeno::Format,
};

use super::codec::{
    Ink, WIDTH_DOTS, WIDTH_LEN,
    slip::{DOUBLE_LINE_DOTS, LINE_DOTS},
};

/// A dot is black where at least half of it is covered.
const HALF_COVERED: u8 = 128;
/// The baseline of a Chinese square of 1000 units lies 880 below its top.
const BASELINE_PERMILLE: u32 = 880;

/// Neither the printer nor the font has the character, or it would leave no ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a character that no font has")]
pub struct NoGlyph;

#[derive(Debug, thiserror::Error)]
pub enum BadFont {
    #[error("the file is no font")]
    NotAFont,
    #[error("no family {wanted} in the font file, it has {has:?}")]
    NoFamily { wanted: String, has: Vec<String> },
}

/// One face of a font file. A copy shares the bytes.
#[derive(Clone)]
pub struct Typeface {
    bytes: Arc<Vec<u8>>,
    index: usize,
}

impl fmt::Debug for Typeface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typeface").field("index", &self.index).finish_non_exhaustive()
    }
}

/// Where a line is drawn.
struct Canvas {
    bytes: Vec<u8>,
    n_rows: u32,
}

impl Canvas {
    fn blacken(&mut self, x: i32, y: i32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        if x < u32::from(WIDTH_DOTS) && y < self.n_rows {
            let at = y as usize * WIDTH_LEN + x as usize / 8;
            self.bytes[at] |= 0x80 >> (x % 8);
        }
    }
}

impl Typeface {
    /// The face of this family, for example `Noto Sans Mono CJK SC`: letters of half a square, so
    /// that columns stand under each other.
    pub fn of_family(bytes: Vec<u8>, family: &str) -> Result<Self, BadFont> {
        let file = FontDataRef::new(&bytes).ok_or(BadFont::NotAFont)?;
        let families: Vec<String> = file.fonts().filter_map(|font| family_of(&font)).collect();
        let Some(index) = families.iter().position(|has| has == family) else {
            return Err(BadFont::NoFamily { wanted: family.to_owned(), has: families });
        };
        Ok(Self { bytes: Arc::new(bytes), index })
    }

    /// The line as it stands on the paper, gap below it included, without the white to its right.
    pub fn line(&self, text: &str, scale: Scale, align: Align, bold: bool) -> Result<Ink, NoGlyph> {
        let (em, n_rows) = match scale {
            Scale::Normal => (24, LINE_DOTS),
            Scale::Double => (48, DOUBLE_LINE_DOTS),
        };
        let column_dots = u32::from(em / 2);
        let width = u32::try_from(columns(text)).map_err(|_| NoGlyph)? * column_dots;
        let mut x = match align {
            Align::Left => 0,
            Align::Centre => u32::from(WIDTH_DOTS).saturating_sub(width) / 2,
        };
        let mut canvas = Canvas { bytes: vec![0; WIDTH_LEN * n_rows as usize], n_rows };
        let font = FontRef::from_index(&self.bytes, self.index).ok_or(NoGlyph)?;
        let mut context = ScaleContext::new();
        let mut scaler = context.builder(font).size(f32::from(em)).hint(true).build();
        for c in text.chars() {
            let cell_dots = if c.is_ascii() { column_dots } else { 2 * column_dots };
            draw(&mut canvas, &font, &mut scaler, Cell { c, x, cell_dots, em, bold })?;
            x += cell_dots;
        }
        Ok(trimmed(&canvas))
    }
}

fn family_of(font: &FontRef<'_>) -> Option<String> {
    font.localized_strings()
        .find_by_id(StringId::Family, Some("en"))
        .map(|name| name.chars().collect())
}

/// Where one character stands.
struct Cell {
    c: char,
    x: u32,
    cell_dots: u32,
    em: u16,
    bold: bool,
}

fn draw(
    canvas: &mut Canvas,
    font: &FontRef<'_>,
    scaler: &mut Scaler<'_>,
    cell: Cell,
) -> Result<(), NoGlyph> {
    if matches!(cell.c, ' ' | '\u{3000}') {
        return Ok(());
    }
    let glyph = font.charmap().map(cell.c);
    let image = outline(scaler, glyph).ok_or(NoGlyph)?;
    let left = cell.x.cast_signed() + margin(font, glyph, &cell) + image.placement.left;
    let baseline = u32::from(cell.em) * BASELINE_PERMILLE / 1_000;
    let top = baseline.cast_signed() - image.placement.top;
    let row_len = image.placement.width.max(1) as usize;
    for (n, row) in image.data.chunks(row_len).enumerate() {
        for (i, covered) in row.iter().enumerate() {
            if *covered >= HALF_COVERED {
                let (x, y) = (left + offset(i), top + offset(n));
                canvas.blacken(x, y);
                if cell.bold {
                    canvas.blacken(x + 1, y);
                }
            }
        }
    }
    Ok(())
}

/// White to the left of a glyph that is narrower than its place.
fn margin(font: &FontRef<'_>, glyph: GlyphId, cell: &Cell) -> i32 {
    let advance = font.glyph_metrics(&[]).scale(f32::from(cell.em)).advance_width(glyph);
    #[expect(clippy::cast_possible_truncation, reason = "a glyph is some dozen dots wide")]
    let advance = advance.round() as i32;
    (cell.cell_dots.cast_signed() - advance).max(0) / 2
}

fn offset(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// The picture of a glyph; `None` for the box of a missing one and for one without ink.
fn outline(scaler: &mut Scaler<'_>, glyph: GlyphId) -> Option<Image> {
    if glyph == 0 {
        return None;
    }
    let image = Render::new(&[Source::Outline]).format(Format::Alpha).render(scaler, glyph)?;
    image.data.iter().any(|covered| *covered >= HALF_COVERED).then_some(image)
}

fn trimmed(canvas: &Canvas) -> Ink {
    let rows = canvas.bytes.chunks(WIDTH_LEN);
    let last_inked = |row: &[u8]| row.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let len = rows.clone().map(last_inked).max().unwrap_or(0).max(1);
    let bytes = rows.flat_map(|row| &row[..len]).copied().collect();
    Ink { row_len: u16::try_from(len).unwrap_or(u16::MAX), bytes }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::OnceLock;

    use super::*;

    /// Of the package fonts-noto-cjk.
    const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

    fn file() -> Vec<u8> {
        std::fs::read(FONT).expect("the font package of scripts/packages.txt is there")
    }

    pub(crate) fn typeface() -> &'static Typeface {
        static TYPEFACE: OnceLock<Typeface> = OnceLock::new();
        TYPEFACE.get_or_init(|| Typeface::of_family(file(), "Noto Sans Mono CJK SC").unwrap())
    }

    fn left(text: &str) -> Ink {
        typeface().line(text, Scale::Normal, Align::Left, false).unwrap()
    }

    /// The picture as text, two dots high and one wide.
    fn seen(ink: &Ink) -> String {
        let rows: Vec<_> = ink.bytes.chunks(usize::from(ink.row_len)).collect();
        let dot = |row: &[u8], x: usize| row[x / 8] & (0x80 >> (x % 8)) != 0;
        let mut text = String::new();
        for pair in rows.chunks(2) {
            for x in 0..usize::from(ink.row_len) * 8 {
                let below = pair.get(1).is_some_and(|row| dot(row, x));
                text.push(match (dot(pair[0], x), below) {
                    (false, false) => ' ',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (true, true) => '█',
                });
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    fn n_dots(ink: &Ink) -> u32 {
        ink.bytes.iter().map(|byte| byte.count_ones()).sum()
    }

    #[test]
    fn rare_characters_have_dots_of_their_own() {
        let mut pictures: Vec<Ink> = ["㛃", "䶮", "𬱖", "\u{9FC3}", "𬭎"].map(left).into();
        for ink in &pictures {
            let dots = n_dots(ink);
            assert!((80..400).contains(&dots), "{dots} dots\n{}", seen(ink));
            assert_eq!((ink.row_len, ink.n_rows()), (3, 30));
        }
        pictures.dedup();
        assert_eq!(pictures.len(), 5);
    }

    #[test]
    fn letters_take_half_a_square_so_that_columns_stand_under_each_other() {
        let alone = left("㛃");
        let after = left("WW㛃");
        let rows = after.bytes.chunks(usize::from(after.row_len)).map(|row| &row[3..]);
        assert_eq!(rows.flatten().copied().collect::<Vec<_>>(), alone.bytes);
    }

    #[test]
    fn a_centred_line_stands_in_the_middle_and_a_doubled_one_is_twice_as_big() {
        let double = typeface().line("䶮", Scale::Double, Align::Centre, false).unwrap();
        assert_eq!(double.n_rows(), 54);
        let inked = |row: &[u8]| row.iter().position(|byte| *byte != 0);
        let first = double.bytes.chunks(usize::from(double.row_len)).filter_map(inked).min();
        assert_eq!(first, Some(264 / 8), "{}", seen(&double));
        assert!(n_dots(&double) > 3 * n_dots(&left("䶮")));
    }

    #[test]
    fn a_bold_line_has_more_ink() {
        let bold = typeface().line("䶮", Scale::Normal, Align::Left, true).unwrap();
        assert!(n_dots(&bold) > n_dots(&left("䶮")) * 11 / 10, "{}", seen(&bold));
    }

    #[test]
    fn a_character_without_a_glyph_or_without_ink_is_refused() {
        for bad in ["\u{E000}", "\u{2B820}", "\u{200B}", "\u{A0}", "\u{FE0F}"] {
            let line = typeface().line(bad, Scale::Normal, Align::Left, false);
            assert_eq!(line, Err(NoGlyph), "U+{:04X}", u32::from(bad.chars().next().unwrap()));
        }
    }

    #[test]
    fn a_font_file_without_the_family_is_refused_with_what_it_has() {
        let error = Typeface::of_family(file(), "No Such Sans").unwrap_err();
        assert!(error.to_string().contains("Noto Sans Mono CJK SC"), "{error}");
        assert!(matches!(Typeface::of_family(vec![0; 9], "a"), Err(BadFont::NotAFont)));
    }
}
