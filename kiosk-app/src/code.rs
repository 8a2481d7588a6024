//! The one code on a picture: what a slip under the document camera says.
//!
//! It decides whether there is exactly one that can be read. What the text means is the core's.

use std::{collections::BTreeSet, panic};

use image::GrayImage;
use rqrr::PreparedImage;

use crate::limits::CODE_BYTES_MAX;

/// The text of the one code; `None` if there is none or more than one, or if its text is longer
/// than any of ours or no plain ASCII.
pub fn one_code(picture: &GrayImage) -> Option<String> {
    // Whatever people lay down is fed to the decoder; a bug of it must not end the camera's thread.
    let texts = panic::catch_unwind(|| texts(picture)).unwrap_or_else(|_| {
        tracing::error!("the decoder of codes failed on a picture");
        BTreeSet::new()
    });
    let mut texts = texts.into_iter();
    let text = texts.next().filter(|_| texts.next().is_none())?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (is_plain && text.len() <= CODE_BYTES_MAX).then_some(text)
}

fn texts(picture: &GrayImage) -> BTreeSet<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.as_raw();
    let at = |x: usize, y: usize| pixels.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, at);
    let grids = prepared.detect_grids();
    grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use image::{GenericImage as _, Luma};
    use qrcode::{EcLevel, QrCode};

    use super::*;

    const SLIP: &str = "ND2.00170000000148.materials";

    /// As a slip of 25 mm lies on a page seen with 150 dots per inch.
    fn drawn(text: &str) -> GrayImage {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let (side, module) = (u32::try_from(code.width()).unwrap(), 5);
        let colors = code.to_colors();
        GrayImage::from_fn((side + 8) * module, (side + 8) * module, |x, y| {
            let (x, y) = ((x / module).wrapping_sub(4), (y / module).wrapping_sub(4));
            let inside = x < side && y < side;
            let dark = inside && colors[(y * side + x) as usize] == qrcode::Color::Dark;
            Luma([if dark { 40 } else { 210 }])
        })
    }

    fn page_with(codes: &[&str]) -> GrayImage {
        let mut page = GrayImage::from_pixel(1_240, 1_754, Luma([210]));
        for (n, text) in (0..).zip(codes) {
            page.copy_from(&drawn(text), 120, 100 + n * 420).unwrap();
        }
        page
    }

    #[test]
    fn exactly_one_code_is_read() {
        assert_eq!(one_code(&page_with(&[SLIP])).as_deref(), Some(SLIP));
        assert_eq!(one_code(&page_with(&[])), None);
        assert_eq!(one_code(&page_with(&[SLIP, "ND2.00170000000247.materials"])), None);
        let twice = page_with(&[SLIP, SLIP]);
        assert_eq!(one_code(&twice).as_deref(), Some(SLIP), "the same code twice says one thing");
    }

    #[test]
    fn a_slip_lies_as_it_likes() {
        let page = page_with(&[SLIP]);
        for turned in [image::imageops::rotate90(&page), image::imageops::rotate180(&page)] {
            assert_eq!(one_code(&turned).as_deref(), Some(SLIP));
        }
    }

    #[test]
    fn a_long_or_foreign_text_is_no_code() {
        let fits = "7".repeat(CODE_BYTES_MAX);
        assert_eq!(one_code(&page_with(&[&fits])), Some(fits));
        assert_eq!(one_code(&page_with(&[&"7".repeat(CODE_BYTES_MAX + 1)])), None);
        assert_eq!(one_code(&page_with(&["一张表"])), None);
        assert_eq!(one_code(&page_with(&["ND2.\n"])), None);
    }
}
