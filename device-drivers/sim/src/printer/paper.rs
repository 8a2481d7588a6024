//! Paper that comes out: what stands on it in words, and every dot of it as a picture.

pub(super) mod font;

use device_api::receipt_printer::Scale;
use device_drivers::receipt_printer::codec::{DOTS_PER_MM, Ink, WIDTH_DOTS, WIDTH_LEN};
use image::{ExtendedColorType, GrayImage, ImageEncoder as _, Luma, codecs::png::PngEncoder};
use serde::Serialize;

/// White beside the printed width: the roll is 80 mm wide.
const MARGIN_DOTS: u32 = 32;
const INK: Luma<u8> = Luma([24]);
const WHITE: Luma<u8> = Luma([250]);

/// Something that stands on a paper, from the top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Text { text: String, scale: ScaleName, bold: bool },
    Picture { width_dots: u32, height_dots: u32, black_dots: u32 },
    Code { text: String },
    Blank { mm: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleName {
    Normal,
    Double,
}

impl From<Scale> for ScaleName {
    fn from(scale: Scale) -> Self {
        match scale {
            Scale::Normal => Self::Normal,
            Scale::Double => Self::Double,
        }
    }
}

/// How a paper came off the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Cut,
    Torn,
}

/// Paper in the making.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    entries: Vec<Entry>,
    rows: Vec<u8>,
}

impl Sheet {
    pub(super) fn add(&mut self, entry: Entry, ink: &Ink) {
        self.note(entry);
        for row in ink.bytes.chunks(usize::from(ink.row_len).max(1)) {
            let kept = &row[..row.len().min(WIDTH_LEN)];
            self.rows.extend_from_slice(kept);
            self.rows.resize(self.rows.len() + WIDTH_LEN - kept.len(), 0);
        }
    }

    /// A picture that comes in bands is one.
    fn note(&mut self, entry: Entry) {
        match (self.entries.last_mut(), entry) {
            (
                Some(Entry::Picture { width_dots, height_dots, black_dots }),
                Entry::Picture { width_dots: width, height_dots: height, black_dots: black },
            ) if *width_dots == width => {
                *height_dots += height;
                *black_dots += black;
            }
            (_, entry) => self.entries.push(entry),
        }
    }

    pub(super) fn n_dots(&self) -> u32 {
        u32::try_from(self.rows.len() / WIDTH_LEN).unwrap_or(u32::MAX)
    }
}

/// A paper that came off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paper {
    pub no: u32,
    pub end: End,
    pub length_mm: u32,
    pub entries: Vec<Entry>,
    /// Rows of [`WIDTH_LEN`] bytes, 1 is black.
    #[serde(skip)]
    pub rows: Vec<u8>,
}

impl Paper {
    pub(super) fn new(no: u32, end: End, sheet: Sheet) -> Self {
        let length_mm = sheet.n_dots() / DOTS_PER_MM;
        Self { no, end, length_mm, entries: sheet.entries, rows: sheet.rows }
    }

    /// Its lines of text, one below the other.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.entries.iter().filter_map(|entry| match entry {
            Entry::Text { text, .. } => Some(text.as_str()),
            Entry::Picture { .. } | Entry::Code { .. } | Entry::Blank { .. } => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The paper as a picture, eight dots a millimetre.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let n_rows = u32::try_from(self.rows.len() / WIDTH_LEN).unwrap_or(u32::MAX);
        let width = u32::from(WIDTH_DOTS) + 2 * MARGIN_DOTS;
        let mut picture = GrayImage::from_pixel(width, n_rows, WHITE);
        for (y, row) in (0..).zip(self.rows.chunks(WIDTH_LEN)) {
            for x in 0..u32::from(WIDTH_DOTS) {
                if row[x as usize / 8] & (0x80 >> (x % 8)) != 0 {
                    picture.put_pixel(MARGIN_DOTS + x, y, INK);
                }
            }
        }
        let mut encoded = Vec::new();
        PngEncoder::new(&mut encoded)
            .write_image(picture.as_raw(), width, n_rows, ExtendedColorType::L8)
            .expect("a picture in memory of a legal size encodes");
        encoded
    }
}
