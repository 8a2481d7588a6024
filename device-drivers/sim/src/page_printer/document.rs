//! What was sent to be printed: how many pages, and how each looks.

use std::{io::Cursor, sync::Arc};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings,
    hayro_syntax::Pdf, render, vello_cpu::color::palette::css::WHITE,
};
use image::{GrayImage, ImageFormat, Luma};

use super::pwg;

/// Dots of a PDF's point on a picture: 108 dots an inch, enough to read by.
const SCALE: f32 = 1.5;
/// A picture of a whole page is made no larger.
const SIDE_MAX: f32 = 4_000.0;
/// Where a half page ends: the rest did not get out.
const HALF: (u32, u32) = (5, 9);

/// A document that a printer cannot print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("no PDF")]
    Pdf,
    #[error("a PDF without pages")]
    Empty,
    #[error(transparent)]
    Raster(#[from] pwg::BadRaster),
    #[error("pages of a kind that this printer does not know")]
    Kind,
}

#[derive(Debug)]
pub struct Document {
    bytes: Arc<Vec<u8>>,
    kind: Kind,
    pub n_pages: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Raster,
}

impl Document {
    pub fn read(mime: &str, bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let bytes = Arc::new(bytes);
        let (kind, n_pages) = match mime {
            "application/pdf" => {
                let pdf = Pdf::new(Arc::clone(&bytes)).map_err(|_| Unreadable::Pdf)?;
                (Kind::Pdf, pdf.pages().len())
            }
            "image/pwg-raster" => (Kind::Raster, pwg::read(&bytes)?.len()),
            _ => return Err(Unreadable::Kind),
        };
        match u16::try_from(n_pages) {
            Ok(n_pages) if n_pages > 0 => Ok(Self { bytes, kind, n_pages }),
            Ok(_) | Err(_) => Err(Unreadable::Empty),
        }
    }

    /// Something that has no page.
    pub(super) fn none() -> Self {
        Self { bytes: Arc::default(), kind: Kind::Raster, n_pages: 0 }
    }

    /// The page of this number, counted from 1.
    #[must_use]
    pub fn picture(&self, page: u16) -> Option<GrayImage> {
        let idx = usize::from(page).checked_sub(1)?;
        match self.kind {
            Kind::Raster => Some(pwg::read(&self.bytes).ok()?.into_iter().nth(idx)?.picture),
            Kind::Pdf => {
                let pdf = Pdf::new(Arc::clone(&self.bytes)).ok()?;
                let page = pdf.pages().get(idx)?;
                let (width, height) = page.render_dimensions();
                let scale = SCALE.min(SIDE_MAX / width.max(height).max(1.0));
                let pixmap = render(
                    page,
                    &RenderCache::new(),
                    &InterpreterSettings::default(),
                    &RenderSettings::default(),
                    &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
                );
                let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
                let grey = |rgba: &[u8]| {
                    let sum: u16 = rgba.iter().take(3).map(|byte| u16::from(*byte)).sum();
                    u8::try_from(sum / 3).unwrap_or(u8::MAX)
                };
                let dots = pixmap.data_as_u8_slice().chunks_exact(4).map(grey).collect();
                GrayImage::from_raw(width, height, dots)
            }
        }
    }
}

/// The upper part of a page, torn off where it stuck.
#[must_use]
pub fn half(mut picture: GrayImage) -> GrayImage {
    let end = picture.height() * HALF.0 / HALF.1;
    let width = picture.width();
    for y in end..picture.height() {
        for x in 0..width {
            picture.put_pixel(x, y, Luma([255]));
        }
    }
    picture
}

#[must_use]
pub fn png(picture: &GrayImage) -> Vec<u8> {
    let mut encoded = Cursor::new(Vec::new());
    picture
        .write_to(&mut encoded, ImageFormat::Png)
        .expect("a picture in memory of a legal size encodes");
    encoded.into_inner()
}
