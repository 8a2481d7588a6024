//! Pixels: captured pages from the app, QR codes from text.

use std::sync::Arc;

use kiosk_core::view::ImageId;
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};

/// One captured page, rows from the top, three bytes per pixel.
#[derive(Clone)]
pub struct Picture {
    pub width_px: u32,
    pub height_px: u32,
    pub rgb: Arc<[u8]>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width_px, self.height_px)
    }
}

/// Where the screen gets the pixels of an image that a view names.
pub trait PictureSource {
    fn picture(&self, image: ImageId) -> Option<Picture>;
}

/// For views without pictures.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPictures;

impl PictureSource for NoPictures {
    fn picture(&self, _: ImageId) -> Option<Picture> {
        None
    }
}

/// `None` if the bytes are not `width * height * 3`.
pub(crate) fn image_of(picture: &Picture) -> Option<Image> {
    let pixels =
        usize::try_from(picture.width_px).ok()? * usize::try_from(picture.height_px).ok()?;
    if pixels == 0 || picture.rgb.len() != pixels * 3 {
        return None;
    }
    let buffer = SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(
        &picture.rgb,
        picture.width_px,
        picture.height_px,
    );
    Some(Image::from_rgb8(buffer))
}

/// ISO/IEC 18004 asks for four light modules around the code.
const QUIET_ZONE: usize = 4;

/// Every receipt's code fits this; a smaller one for some would move the page by a few pixels from
/// case to case.
const RECEIPT_VERSION: qrcode::Version = qrcode::Version::Normal(6);

/// One pixel per module, quiet zone included, and the number of modules of a side.
pub(crate) fn qr_of(text: &str) -> Option<(Image, u16)> {
    if text.is_empty() {
        return None;
    }
    let level = qrcode::EcLevel::M;
    let code = qrcode::QrCode::with_version(text, RECEIPT_VERSION, level)
        .or_else(|_| qrcode::QrCode::with_error_correction_level(text, level))
        .ok()?;
    let inner = code.width();
    let side = inner + 2 * QUIET_ZONE;
    let count = u16::try_from(side).ok()?;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(u32::from(count), u32::from(count));
    let pixels = buffer.make_mut_slice();
    pixels.fill(Rgb8Pixel::new(255, 255, 255));
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == qrcode::Color::Dark {
            let (x, y) = (at % inner + QUIET_ZONE, at / inner + QUIET_ZONE);
            pixels[y * side + x] = Rgb8Pixel::new(0, 0, 0);
        }
    }
    Some((Image::from_rgb8(buffer), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_with_the_wrong_number_of_bytes_is_not_shown() {
        let short = Picture { width_px: 2, height_px: 2, rgb: Arc::from([0u8; 11].as_slice()) };
        assert!(image_of(&short).is_none());
    }

    #[test]
    fn a_code_has_a_light_border_of_four_modules() {
        let (image, side) = qr_of("NIGHTDESK").unwrap();
        let pixels = image.to_rgb8().unwrap();
        let side = usize::from(side);
        let light = Rgb8Pixel::new(255, 255, 255);
        assert!(pixels.as_slice()[..side * QUIET_ZONE].iter().all(|p| *p == light));
        assert_ne!(pixels.as_slice()[side * QUIET_ZONE + QUIET_ZONE], light);
    }
}
