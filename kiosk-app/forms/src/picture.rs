//! A picture of one page.

use kiosk_words::Private;
use zeroize::Zeroizing;

/// Opaque, rows from the top, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width_px: u32,
    pub height_px: u32,
    /// `width_px * height_px * 3` bytes, sRGB.
    pub rgb: Private<Vec<u8>>,
}

impl Picture {
    /// From pixels of four bytes whose last is opaque.
    pub(crate) fn of_rgba(width_px: u32, height_px: u32, rgba: &[u8]) -> Self {
        let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
        for pixel in rgba.chunks_exact(4) {
            rgb.extend_from_slice(&pixel[..3]);
        }
        Self { width_px, height_px, rgb: Private::new(rgb) }
    }

    /// One byte a pixel, 0 black; the weights of ITU-R BT.601.
    pub(crate) fn gray(&self) -> Zeroizing<Vec<u8>> {
        let gray = |pixel: &[u8]| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            u8::try_from((299 * r + 587 * g + 114 * b + 500) / 1000).unwrap_or(u8::MAX)
        };
        Zeroizing::new(self.rgb.expose().chunks_exact(3).map(gray).collect())
    }
}
