//! IPP of a page printer: what the driver asks, and what it understands of the answers.
//!
//! ```text
//!  request   version · operation · request id · 01 attributes [02 attributes] 03 [document]
//!  answer    version · status    · request id · 01 attributes [02|04 attributes …] 03
//! ```
//! [`command`] writes the five requests, [`answer`] reads what is needed from an answer,
//! [`reasons`] tells why a printer stands still, [`address`] where it is. The crate `ipp` knows the
//! encoding; this module decides which attributes are asked for and what they mean, and nothing
//! about when.

pub mod address;
pub mod answer;
pub mod build;
pub mod command;
pub mod reasons;

pub use address::{Address, BadAddress};
pub use answer::{Answer, JobReport, JobState, PrinterReport, PrinterState};
pub use command::Command;
pub use reasons::{Reason, Severity};

use bytes::Bytes;
use ipp::{attribute::IppAttributes, parser::IppParser, reader::IppReader};

use device_api::page_printer::Format;

/// As IPP names it.
pub const A4: &str = "iso_a4_210x297mm";
/// Collections within collections: `media-col-database` has three.
const DEPTH_MAX: u8 = 8;
const HEADER_LEN: usize = 8;

/// The media type of a document.
#[must_use]
pub const fn mime(format: Format) -> &'static str {
    match format {
        Format::Pdf => "application/pdf",
        Format::PwgRaster => "image/pwg-raster",
    }
}

/// Bytes that are no message of IPP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Garbage {
    #[error("ends before the end of its attributes")]
    Short,
    #[error("collections more than {DEPTH_MAX} deep")]
    Nested,
    #[error("attributes that are none")]
    Malformed,
    #[error("answers request {got}, expected {expected}")]
    OtherRequest { expected: i32, got: i32 },
}

/// One message without its document.
#[derive(Debug)]
pub struct Message {
    /// Operation of a request, status of an answer.
    pub code: u16,
    pub request_id: i32,
    pub attributes: IppAttributes,
    /// Where the document begins.
    pub len: usize,
}

impl Message {
    /// Reads either side's messages.
    pub fn read(bytes: &[u8]) -> Result<Self, Garbage> {
        let len = measure(bytes)?;
        let head = Bytes::copy_from_slice(bytes.get(..len).ok_or(Garbage::Short)?);
        let parser = IppParser::new(IppReader::new(std::io::Cursor::new(head)));
        let parsed = parser.parse_parts().map_err(|_| Garbage::Malformed)?;
        let (header, attributes, _) = parsed;
        let code = u16::from_be_bytes(header.operation_or_status.to_be_bytes());
        Ok(Self { code, request_id: header.request_id, attributes, len })
    }
}

/// Length up to the end of the attributes. The parser copies and drops a collection by calling
/// itself: how deep they are is known before it sees one.
fn measure(bytes: &[u8]) -> Result<usize, Garbage> {
    const END: u8 = 0x03;
    const BEGIN_COLLECTION: u8 = 0x34;
    const END_COLLECTION: u8 = 0x37;
    let mut at = HEADER_LEN;
    let mut depth: u8 = 0;
    loop {
        let tag = *bytes.get(at).ok_or(Garbage::Short)?;
        at += 1;
        match tag {
            END => return Ok(at),
            0x00..=0x0F => continue,
            BEGIN_COLLECTION => depth += 1,
            END_COLLECTION => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(Garbage::Nested);
        }
        for _name_and_value in 0..2 {
            let len = bytes.get(at..at + 2).and_then(|len| len.try_into().ok());
            at += 2 + usize::from(u16::from_be_bytes(len.ok_or(Garbage::Short)?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_attributes_do() {
        let mut bytes = vec![1, 1, 0x00, 0x0B, 0, 0, 0, 7, 1];
        bytes
            .extend_from_slice(&[0x47, 0, 3, b'a', b'-', b'c', 0, 5, b'u', b't', b'f', b'-', b'8']);
        bytes.push(3);
        let len = bytes.len();
        bytes.extend_from_slice(b"%PDF-");
        let message = Message::read(&bytes).unwrap();
        assert_eq!((message.code, message.request_id, message.len), (0x000B, 7, len));
        for cut in 0..len {
            assert_eq!(Message::read(&bytes[..cut]).unwrap_err(), Garbage::Short, "{cut}");
        }
    }

    #[test]
    fn collections_without_end_are_refused_before_anything_is_made_of_them() {
        let mut bytes = vec![1, 1, 0, 0, 0, 0, 0, 1, 4, 0x34, 0, 1, b'c', 0, 0];
        for _ in 0..100_000 {
            bytes.extend_from_slice(&[0x4A, 0, 0, 0, 1, b'm', 0x34, 0, 0, 0, 0]);
        }
        for _ in 0..100_001 {
            bytes.extend_from_slice(&[0x37, 0, 0, 0, 0]);
        }
        bytes.push(3);
        assert_eq!(Message::read(&bytes).unwrap_err(), Garbage::Nested);
    }
}
