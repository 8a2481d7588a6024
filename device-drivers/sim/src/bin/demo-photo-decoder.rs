//! Reads the chip photos of this project's specimen cards, after the contract of
//! `docs/devices/chip-photo.md`: a block on standard input, a BMP on standard output.
//!
//! It reads lossy WebP, which no real chip has. Exit codes: 3 a block of the vendor's kind, 4
//! another block that it does not read, 1 anything else.

use std::{
    io::{self, Cursor, Read as _, Write as _},
    process::ExitCode,
};

use device_api::chip_photo::{BLOCK_LEN, HEIGHT_PX, PIXELS_LEN, VENDOR_BEGINNING, WIDTH_PX};
use image::{ExtendedColorType, ImageEncoder as _, codecs::bmp::BmpEncoder};
use image_webp::WebPDecoder;

/// `RIFF` and a length that does not count these eight bytes.
const RIFF_HEAD_LEN: usize = 8;

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("expected a block of {BLOCK_LEN} bytes, got {0}")]
    Length(usize),
    #[error("a block that begins with WL needs the vendor's decoder; this one is for specimens")]
    Vendor,
    #[error("expected a lossy WebP of {WIDTH_PX} x {HEIGHT_PX} pixels and zeros behind it")]
    Unknown,
    #[error("standard input or output failed")]
    Io(#[from] io::Error),
}

impl Refused {
    fn code(&self) -> ExitCode {
        match self {
            Self::Vendor => ExitCode::from(3),
            Self::Length(_) | Self::Unknown => ExitCode::from(4),
            Self::Io(_) => ExitCode::FAILURE,
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr().lock(), "demo-photo-decoder: {refused}");
            refused.code()
        }
    }
}

fn run() -> Result<(), Refused> {
    let mut block = Vec::with_capacity(BLOCK_LEN + 1);
    io::stdin().lock().take(BLOCK_LEN as u64 + 1).read_to_end(&mut block)?;
    let bmp = bmp_of(&pixels_of(&block)?)?;
    let mut out = io::stdout().lock();
    out.write_all(&bmp)?;
    Ok(out.flush()?)
}

fn pixels_of(block: &[u8]) -> Result<Vec<u8>, Refused> {
    if block.len() != BLOCK_LEN {
        return Err(Refused::Length(block.len()));
    }
    if block.starts_with(VENDOR_BEGINNING) {
        return Err(Refused::Vendor);
    }
    let (picture, padding) = riff_of(block).ok_or(Refused::Unknown)?;
    let mut decoder = WebPDecoder::new(Cursor::new(picture)).map_err(|_error| Refused::Unknown)?;
    let is_ours = decoder.dimensions() == (WIDTH_PX, HEIGHT_PX)
        && decoder.is_lossy()
        && !decoder.has_alpha()
        && padding.iter().all(|byte| *byte == 0);
    if !is_ours {
        return Err(Refused::Unknown);
    }
    let mut pixels = vec![0; PIXELS_LEN];
    decoder.read_image(&mut pixels).map_err(|_error| Refused::Unknown)?;
    Ok(pixels)
}

/// The RIFF file at the beginning of the block, and what stands behind it.
fn riff_of(block: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = block.strip_prefix(b"RIFF")?.first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    block.split_at_checked(length.checked_add(RIFF_HEAD_LEN)?)
}

fn bmp_of(pixels: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut bmp = Vec::new();
    BmpEncoder::new(&mut bmp)
        .write_image(pixels, WIDTH_PX, HEIGHT_PX, ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(bmp)
}
