//! From the chip's photo block to a picture, by a program that machine.toml names.
//!
//! It decides whether a block may be shown to that program, and whether what comes back is a
//! picture; how the program is shut in is the business of [`sandbox`]. What the picture is for is
//! not known here: the face step asks, once, and drops it with the session. A block is never
//! written down, and nothing of it or of the picture is logged.
//!
//! The contract with the program stands in `docs/devices/chip-photo.md`. The picture is a BMP
//! because that is what the vendors' own tools write, because it is not compressed, so that few
//! bytes cannot become many, and because every language writes one without a library.

mod sandbox;

use std::{io::Cursor, path::PathBuf, time::Duration};

use device_api::chip_photo::{
    BLOCK_LEN, HEIGHT_PX, PIXELS_LEN, Picture, Refusal, VENDOR_BEGINNING, WIDTH_PX,
};
use image::{ColorType, ImageDecoder as _, codecs::bmp::BmpDecoder};
use kiosk_words::Private;
use zeroize::Zeroizing;

use crate::{config::Machine, limits::Timings};
use sandbox::{Sandbox, Written};

/// This program itself, also after its file was replaced.
pub const THIS_PROGRAM: &str = "/proc/self/exe";

/// The program that machine.toml names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<String>,
    /// How the blocks begin that it may be given.
    pub reads: Vec<String>,
}

/// Makes pictures, or says why it does not.
#[derive(Debug, Clone)]
pub struct PhotoDecoder {
    fitted: Option<Fitted>,
    limit: Duration,
}

#[derive(Debug, Clone)]
struct Fitted {
    program: Program,
    sandbox: Sandbox,
}

impl PhotoDecoder {
    /// The one of this machine.
    pub fn of(machine: &Machine, timings: Timings) -> Self {
        let program = machine.id_reader.photo_decoder.as_ref().map(|config| config.program());
        Self::new(program, timings.photo, THIS_PROGRAM)
    }

    /// `kiosk` is the program that knows `become`: [`THIS_PROGRAM`] in the kiosk itself.
    pub fn new(program: Option<Program>, limit: Duration, kiosk: impl Into<PathBuf>) -> Self {
        let kiosk = kiosk.into();
        let fitted = program.map(|program| Fitted {
            sandbox: Sandbox::new(&program.path, &program.arguments, kiosk),
            program,
        });
        Self { fitted, limit }
    }

    /// One block of a chip; the program runs once.
    ///
    /// # Errors
    /// Why there is no picture.
    pub async fn decode(&self, block: &Private<Vec<u8>>) -> Result<Picture, Refusal> {
        let decoded = match self.may_read(block) {
            Ok(fitted) => fitted.sandbox.run(block, self.limit).await,
            Err(refusal) => Err(refusal),
        };
        let picture = decoded.and_then(|written| picture_of(&written));
        if let Err(refusal) = &picture {
            tracing::warn!(%refusal, "no picture of the chip's photo");
        }
        picture
    }

    /// For `check`, in words: which program it is, and that it is there, runs in its sandbox and
    /// refuses a block that it cannot read.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub async fn self_test(&self) -> Result<String, String> {
        let Some(fitted) = &self.fitted else {
            return Ok("none fitted: no picture of a card can be compared with a face".to_owned());
        };
        let path = fitted.program.path.display();
        let zeros = Private::new(vec![0; BLOCK_LEN]);
        match fitted.sandbox.run(&zeros, self.limit).await {
            Err(Refusal::Exited { .. }) => {
                let reads = fitted.program.reads.join(", ");
                Ok(format!("{path}: reads blocks that begin with {reads}, runs in its sandbox"))
            }
            Ok(_) => Err(format!("{path}: expected that it refuses a block of zeros, it did not")),
            Err(refusal) => Err(format!("{path}: {refusal}")),
        }
    }

    fn may_read(&self, block: &Private<Vec<u8>>) -> Result<&Fitted, Refusal> {
        let block = block.expose();
        if block.len() != BLOCK_LEN {
            return Err(Refusal::BlockLen { len: block.len() });
        }
        let reads = |fitted: &&Fitted| {
            fitted.program.reads.iter().any(|beginning| block.starts_with(beginning.as_bytes()))
        };
        let why = match &self.fitted {
            _ if block.starts_with(VENDOR_BEGINNING) => Refusal::NeedsVendor,
            Some(_) => Refusal::UnknownBlock,
            None => Refusal::NotFitted,
        };
        self.fitted.as_ref().filter(reads).ok_or(why)
    }
}

fn picture_of(written: &Written) -> Result<Picture, Refusal> {
    let no_picture = || Refusal::NoPicture { len: written.bytes().len() };
    let bmp = BmpDecoder::new(Cursor::new(written.bytes())).map_err(|_error| no_picture())?;
    let (width_px, height_px) = bmp.dimensions();
    if (width_px, height_px) != (WIDTH_PX, HEIGHT_PX) {
        return Err(Refusal::WrongSize { width_px, height_px });
    }
    if bmp.color_type() != ColorType::Rgb8 {
        return Err(no_picture());
    }
    // Wiped also if the rows turn out to be cut short.
    let mut pixels = Zeroizing::new(vec![0; PIXELS_LEN]);
    bmp.read_image(&mut pixels).map_err(|_error| no_picture())?;
    Ok(Picture { rgb: Private::new(std::mem::take(&mut *pixels)) })
}
