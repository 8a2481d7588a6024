//! The document camera: where pictures come from, and what can be measured on one.
//!
//! It decides whether a picture can be had and decoded. It does not decide whether a picture is
//! good enough for a material: [`quality`] only measures, the core judges.

mod folder;
mod measure;

use std::io::Cursor;

use device_api::camera::{Fault, Frame, Health, MediaType};
use image::{ImageFormat, ImageReader, Limits};
use kiosk_words::Private;

pub use folder::FolderSource;
pub use measure::quality;

/// A still picture is smaller; anything else under that name is not read.
pub const ENCODED_LEN_MAX: u64 = 32 * 1024 * 1024;
/// Wider or higher pictures are refused before any memory is taken for them.
pub const SIDE_PX_MAX: u32 = 10_000;
/// Memory one decoded picture may take.
const DECODED_LEN_MAX: u64 = 512 * 1024 * 1024;

/// Where frames come from. Calls may block for as long as the camera takes: the app gives a
/// source a thread of its own.
pub trait FrameSource: Send {
    /// Takes one picture of what lies under the camera.
    fn take(&mut self) -> Result<Frame, Fault>;

    /// Whether pictures can be had at all. An empty desk is `Ready`.
    fn health(&mut self) -> Health;
}

/// Makes a frame of encoded bytes, checked by decoding them once.
pub fn frame_from(encoded: Vec<u8>) -> Result<Frame, Fault> {
    let encoded = Private::new(encoded);
    let media_type = media_type_of(encoded.expose())?;
    let picture = decode(encoded.expose())?;
    Ok(Frame { media_type, width_px: picture.width(), height_px: picture.height(), encoded })
}

/// The pixels of a frame.
pub(crate) fn decode(encoded: &[u8]) -> Result<image::DynamicImage, Fault> {
    let mut reader = ImageReader::new(Cursor::new(encoded))
        .with_guessed_format()
        .map_err(|_| Fault::BadPicture)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PX_MAX);
    limits.max_image_height = Some(SIDE_PX_MAX);
    limits.max_alloc = Some(DECODED_LEN_MAX);
    reader.limits(limits);
    reader.decode().map_err(|_| Fault::BadPicture)
}

fn media_type_of(encoded: &[u8]) -> Result<MediaType, Fault> {
    match image::guess_format(encoded) {
        Ok(ImageFormat::Jpeg) => Ok(MediaType::Jpeg),
        Ok(ImageFormat::Png) => Ok(MediaType::Png),
        // The enum of the picture library grows; every other format is refused.
        Ok(_) | Err(_) => Err(Fault::BadPicture),
    }
}

#[cfg(test)]
mod tests;
