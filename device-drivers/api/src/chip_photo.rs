//! The picture on the chip of an identity card: what a decoder makes of it, and why it made none.
//!
//! There are no requests and events here: a decoder is a program that is asked once and answers
//! once. Which program it is, and what keeps it from doing anything else, is not known here.
//! A picture is only for the face step of the session in which the card was read; it is never
//! stored (R15).

use std::fmt;

use kiosk_words::Private;

/// Length of the chip's block, whatever is in it.
pub const BLOCK_LEN: usize = 1_024;
/// How the vendor's blocks begin on every card in use.
pub const VENDOR_BEGINNING: &[u8] = b"WL";
pub const WIDTH_PX: u32 = 102;
pub const HEIGHT_PX: u32 = 126;
/// Length of the pixels of a [`Picture`].
pub const PIXELS_LEN: usize = WIDTH_PX as usize * HEIGHT_PX as usize * 3;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Rows from the top, three bytes for a pixel: red, green, blue.
    pub rgb: Private<Vec<u8>>,
}

/// Why a block gave no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No decoder is fitted here.
    NotFitted,
    /// A block of the vendor's own kind, and the vendor's decoder is not fitted.
    NeedsVendor,
    /// A block of a kind that the fitted decoder does not read.
    UnknownBlock,
    /// No block of [`BLOCK_LEN`].
    BlockLen { len: usize },
    /// The program is not where it should be.
    NoProgram,
    /// It is there and cannot be executed.
    NotExecutable,
    /// This machine makes no sandbox; the program was not run.
    NoSandbox,
    /// Killed, because it had not ended.
    TimeOver { limit_ms: u64 },
    /// Killed, because it wrote more than any picture has.
    TooMuch { len_max: usize },
    /// The program itself refused the block, or failed.
    Exited { code: u8 },
    /// A signal ended it: a crash, or a limit of the sandbox.
    Killed { signal: u8 },
    /// What it wrote is no picture of the kind agreed on.
    NoPicture { len: usize },
    /// A picture of another size.
    WrongSize { width_px: u32, height_px: u32 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFitted => f.write_str("no decoder for the pictures of cards is fitted"),
            Self::NeedsVendor => f.write_str(
                "this card's picture needs the vendor's decoder (its block begins with WL), none is fitted",
            ),
            Self::UnknownBlock => f.write_str(
                "expected a block that begins as [id_reader.photo_decoder] says under reads, got another",
            ),
            Self::BlockLen { len } => {
                write!(f, "expected a block of {BLOCK_LEN} bytes from the chip, got {len}")
            }
            Self::NoProgram => f.write_str("the decoder's program is not there"),
            Self::NotExecutable => f.write_str("the decoder's program is no executable file"),
            Self::NoSandbox => f.write_str(
                "expected a sandbox for the decoder, this machine makes none: install bubblewrap and allow user namespaces; the decoder was not run",
            ),
            Self::TimeOver { limit_ms } => {
                write!(f, "expected an answer of the decoder within {limit_ms} ms, none came")
            }
            Self::TooMuch { len_max } => {
                write!(f, "expected at most {len_max} bytes from the decoder, it wrote more")
            }
            Self::Exited { code } => {
                write!(f, "expected that the decoder ends with 0, it ended with {code}")
            }
            Self::Killed { signal } => {
                write!(f, "expected that the decoder ends by itself, signal {signal} ended it")
            }
            Self::NoPicture { len } => {
                write!(f, "expected a BMP of 24 bits from the decoder, got {len} bytes of something")
            }
            Self::WrongSize { width_px, height_px } => write!(
                f,
                "expected a picture of {WIDTH_PX} x {HEIGHT_PX} pixels, got {width_px} x {height_px}",
            ),
        }
    }
}

impl std::error::Error for Refusal {}
