//! Bytes of an ESC/POS receipt printer on a serial line, for both ends of the wire.
//!
//! ```text
//!  host -> printer   in order: ESC @ · modes · text LF · GS v 0 rows · GS ( k code · GS V cut · GS r 1
//!                    at once:  DLE EOT n (tell a status) · DLE ENQ n (recover), wherever they stand
//!  printer -> host   DLE EOT answer   0xx1xx10              1 byte
//!                    ASB notice       0xx1xx00, 3× 0xx0xxxx 4 bytes, unasked
//!                    GS r answer      0xx0xxxx              1 byte, when its turn has come
//! ```
//!
//! [`command`] is what a host sends, [`status`] what the printer says, [`slip`] turns a slip into
//! commands, [`charset`] knows which characters the printer's own font has, and [`qr`] how big a
//! code is. This module decides which bytes say what; it decides nothing about when to send them.

pub mod charset;
pub mod command;
pub mod qr;
pub mod slip;
pub mod status;

pub use command::{Command, CommandReader, Ink, StatusKind};
pub use slip::{Piece, Unprintable, encode};
pub use status::{Deframer, Garbage, Paper, Report, Sensed};

/// Dots across the paper: 72 mm at 8 dots a millimetre.
pub const WIDTH_DOTS: u16 = 576;
/// Bytes of a row of dots across the whole paper.
pub const WIDTH_LEN: usize = 72;
pub const DOTS_PER_MM: u32 = 8;

/// Rates that these printers are set to, by switch or by their own tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Baud {
    B9600,
    B19200,
    B38400,
    B57600,
    B115200,
}

impl Baud {
    pub const ALL: [Self; 5] =
        [Self::B9600, Self::B19200, Self::B38400, Self::B57600, Self::B115200];

    #[must_use]
    pub const fn rate(self) -> u32 {
        match self {
            Self::B9600 => 9_600,
            Self::B19200 => 19_200,
            Self::B38400 => 38_400,
            Self::B57600 => 57_600,
            Self::B115200 => 115_200,
        }
    }

    #[must_use]
    pub fn from_rate(rate: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|baud| baud.rate() == rate)
    }

    /// Microseconds of so many bytes on the wire, ten bits each, rounded up.
    #[must_use]
    pub const fn wire_us(self, n_bytes: usize) -> u64 {
        (n_bytes as u64 * 10_000_000).div_ceil(self.rate() as u64)
    }
}
