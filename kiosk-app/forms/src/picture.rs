//! A picture of one page: in colour for the screen, in grey for a printer.

use kiosk_words::Private;

/// Opaque, rows from the top, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width_px: u32,
    pub height_px: u32,
    /// `width_px * height_px * 3` bytes, sRGB.
    pub rgb: Private<Vec<u8>>,
}

/// As [`Picture`], with one byte a pixel: 0 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    pub width_px: u32,
    pub height_px: u32,
    pub grey: Private<Vec<u8>>,
}

impl Picture {
    /// From pixels of four bytes whose last is opaque.
    pub(crate) fn of_rgba(width_px: u32, height_px: u32, rgba: &[u8]) -> Self {
        let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
        for [r, g, b, _] in rgba.as_chunks().0 {
            rgb.extend_from_slice(&[*r, *g, *b]);
        }
        Self { width_px, height_px, rgb: Private::new(rgb) }
    }
}

impl Raster {
    /// From pixels of four bytes whose last is opaque; the weights of ITU-R BT.601.
    pub(crate) fn of_rgba(width_px: u32, height_px: u32, rgba: &[u8]) -> Self {
        let grey = |[r, g, b, _]: &[u8; 4]| {
            let [r, g, b] = [*r, *g, *b].map(u32::from);
            u8::try_from((299 * r + 587 * g + 114 * b + 500) / 1000).unwrap_or(u8::MAX)
        };
        let grey = rgba.as_chunks().0.iter().map(grey).collect();
        Self { width_px, height_px, grey: Private::new(grey) }
    }
}
