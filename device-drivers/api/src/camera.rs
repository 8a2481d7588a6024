//! The document camera (拍材料的镜头).

use kiosk_words::Private;

/// One picture as the camera gave it: encoded bytes (JPEG or PNG) and their size in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub encoded: Private<Vec<u8>>,
    pub media_type: MediaType,
    pub width_px: u32,
    pub height_px: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    Jpeg,
    Png,
}

/// Simple facts measured on a frame; decisions about them are the core's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    /// Mean brightness 0 to 255.
    pub brightness: u8,
    /// Variance of the Laplacian, scaled; small means blurred.
    pub sharpness: u32,
    /// Share of the frame that is not background, in percent.
    pub covered_percent: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    Missing,
    /// The camera gives pictures that cannot be decoded.
    BadPicture,
    /// Nothing lies under the camera.
    NothingThere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ready,
    Down(Fault),
}
