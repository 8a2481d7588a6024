//! A QR code as the path of an SVG: one square per dark module, no script and no picture file.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around a code that a reader needs.
const QUIET: usize = 4;

#[derive(Debug)]
pub(crate) struct Picture {
    /// Modules on a side, quiet zone included.
    pub(crate) side: usize,
    pub(crate) path: String,
}

impl Picture {
    /// `None` if the text is too long for a code.
    pub(crate) fn of(text: &str) -> Option<Self> {
        // Level Q: a quarter of a creased slip may be lost.
        let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
        let width = code.width();
        let dark = code.to_colors().into_iter().enumerate();
        let dark = dark.filter(|(_, color)| *color == Color::Dark);
        let squares =
            dark.map(|(n, _)| format!("M{} {}h1v1h-1z", n % width + QUIET, n / width + QUIET));
        Some(Self { side: width + 2 * QUIET, path: squares.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drawn as the browser would and read by an independent decoder.
    #[test]
    fn what_is_drawn_is_read_back() {
        const SCALE: usize = 6;
        let text = "ND2.00170000000395.result.42";
        let picture = Picture::of(text).unwrap();
        let side = picture.side * SCALE;
        let mut pixels = vec![255_u8; side * side];
        for square in picture.path.split('M').skip(1) {
            let (at, _) = square.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for row in y * SCALE..(y + 1) * SCALE {
                pixels[row * side + x * SCALE..row * side + (x + 1) * SCALE].fill(0);
            }
        }
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
    }
}
