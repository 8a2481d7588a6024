//! A PDF that was made elsewhere, as pictures.
//!
//! It is not trusted: it may be cut off, endless, or written to break its reader. So it is read in
//! a [worker](crate::worker) only, and what is asked of it is bounded: bytes, pages, pixels.
//! Whether it is the right one is not decided here; its digest tells that before it is opened.

use std::{fmt, sync::Arc};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, font::FontQuery},
    hayro_syntax::{LoadPdfError, Pdf},
    vello_cpu::color::palette::css::WHITE,
};
use kiosk_words::Private;
use thiserror::Error;

use crate::{
    fonts::Fonts,
    picture::{Picture, Raster},
};

/// Longest PDF that is opened. A decision of one page has about 100 kB, scans some megabytes.
pub const BYTES_MAX: usize = 32 << 20;
/// Pages of one PDF.
pub const PAGES_MAX: usize = 200;
/// Longest side of a page: A0 in points, with a margin.
const SIDE_PT_MAX: f32 = 3400.0;
/// Pixels of one picture: A4 at 600 dots an inch has 35 million.
const PIXELS_MAX: f32 = 40.0e6;
const POINTS: f32 = 72.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, serde::Serialize, serde::Deserialize)]
pub enum CannotRead {
    #[error("{len} bytes, at most {BYTES_MAX} are opened")]
    TooLong { len: usize },
    #[error("it is no PDF, or not a whole one")]
    Damaged,
    #[error("it is locked with a password")]
    Locked,
    #[error("{n_pages} pages, at most {PAGES_MAX} can be shown")]
    TooManyPages { n_pages: usize },
    #[error("it has no page {0}")]
    NoPage(usize),
    #[error("page {0} has a size that is no sheet's")]
    BadPage(usize),
}

/// A PDF that was opened.
pub struct Reader {
    pdf: Pdf,
    settings: InterpreterSettings,
}

/// Keeps the bytes until the last reader is gone, and wipes them.
struct Held(Private<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("n_pages", &self.n_pages()).finish_non_exhaustive()
    }
}

impl Reader {
    /// `fonts` stand in for what the PDF names and does not bring.
    ///
    /// # Errors
    /// Why it cannot be shown.
    pub fn open(bytes: Private<Vec<u8>>, fonts: &Fonts) -> Result<Self, CannotRead> {
        let len = bytes.expose().len();
        if len > BYTES_MAX {
            return Err(CannotRead::TooLong { len });
        }
        let pdf = Pdf::new(Arc::new(Held(bytes))).map_err(|error| match error {
            LoadPdfError::Decryption(_) => CannotRead::Locked,
            LoadPdfError::Invalid => CannotRead::Damaged,
        })?;
        let n_pages = pdf.pages().len();
        if n_pages == 0 {
            return Err(CannotRead::Damaged);
        }
        if n_pages > PAGES_MAX {
            return Err(CannotRead::TooManyPages { n_pages });
        }
        Ok(Self { pdf, settings: settings(fonts) })
    }

    #[must_use]
    pub fn n_pages(&self) -> usize {
        self.pdf.pages().len()
    }

    /// One page, from 0, so many pixels wide.
    ///
    /// # Errors
    /// There is no such page, or it has an impossible size.
    pub fn picture(&self, page: usize, width_px: u16) -> Result<Picture, CannotRead> {
        let (width_pt, _) = self.size_pt(page)?;
        self.drawn(page, f32::from(width_px) / width_pt, Picture::of_rgba)
    }

    /// One page, from 0, at a printer's resolution.
    ///
    /// # Errors
    /// There is no such page, or it has an impossible size.
    pub fn raster(&self, page: usize, dpi: u16) -> Result<Raster, CannotRead> {
        self.drawn(page, f32::from(dpi) / POINTS, Raster::of_rgba)
    }

    fn size_pt(&self, page: usize) -> Result<(f32, f32), CannotRead> {
        let found = self.pdf.pages().get(page).ok_or(CannotRead::NoPage(page))?;
        let (width_pt, height_pt) = found.render_dimensions();
        let is_sheet = |side: f32| (1.0..=SIDE_PT_MAX).contains(&side);
        if is_sheet(width_pt) && is_sheet(height_pt) {
            Ok((width_pt, height_pt))
        } else {
            Err(CannotRead::BadPage(page))
        }
    }

    fn drawn<T>(
        &self,
        page: usize,
        scale: f32,
        make: impl FnOnce(u32, u32, &[u8]) -> T,
    ) -> Result<T, CannotRead> {
        let (width_pt, height_pt) = self.size_pt(page)?;
        let sides = [width_pt * scale, height_pt * scale];
        let fits = sides.iter().all(|side| (1.0..=f32::from(u16::MAX)).contains(side));
        if !fits || sides[0] * sides[1] > PIXELS_MAX {
            return Err(CannotRead::BadPage(page));
        }
        let found = self.pdf.pages().get(page).ok_or(CannotRead::NoPage(page))?;
        let pixels = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let cache = RenderCache::new();
        let render = RenderSettings::default();
        let mut drawn = hayro::render(found, &cache, &self.settings, &render, &pixels);
        let (width_px, height_px) = (u32::from(drawn.width()), u32::from(drawn.height()));
        let made = make(width_px, height_px, drawn.data_as_u8_slice());
        drawn.data_as_u8_slice_mut().fill(0);
        Ok(made)
    }
}

/// One font for whatever is not inside: the hall's PDFs bring theirs, and a PDF that does not is
/// readable with any that has the characters.
fn settings(fonts: &Fonts) -> InterpreterSettings {
    let plain = fonts.plain();
    InterpreterSettings {
        font_resolver: Arc::new(move |query| match query {
            FontQuery::Standard(_) | FontQuery::Fallback(_) => {
                let (bytes, index) = plain.clone()?;
                Some((Arc::new(bytes), index))
            }
        }),
        ..InterpreterSettings::default()
    }
}
