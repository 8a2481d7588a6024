//! What goes through the two pipes: a head in JSON, and bytes after it.
//!
//! ```text
//!  u32 length of the head │ u32 length of the payload │ head │ payload      both big-endian
//! ```

use std::{
    fmt,
    io::{self, Read, Write},
};

use kiosk_words::Private;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{form::CannotSet, pdf::CannotRead, template_error::TemplateError};

/// Longest head: the errors of a template.
pub(super) const HEAD_LEN_MAX: usize = 256 << 10;
/// Longest payload: a PDF that is read, or 40 pages of raster full of pictures.
pub(super) const PAYLOAD_LEN_MAX: usize = 64 << 20;
pub(super) const LENGTHS_LEN: usize = 8;
/// Characters that are named of those that no font has.
const N_TOLD_MAX: usize = 64;

/// What is asked. The payload of a form is its data, that of a PDF the PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// `made_ms` is the wall time that the PDF names, in milliseconds since 1970.
    Form {
        template: String,
        made_ms: i64,
        want: Want,
    },
    Pdf {
        want: Want,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    /// Only whether it can be set or read, and how many pages it has.
    Pages,
    /// The document itself; of a PDF its own bytes.
    Pdf,
    /// One page, from 0.
    Picture { page: usize, width_px: u16 },
    /// All pages for a printer that takes no PDF.
    PwgRaster { dpi: u16 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Made {
    Nothing,
    Pdf,
    /// The payload has three bytes a pixel, rows from the top.
    Picture {
        width_px: u32,
        height_px: u32,
    },
    PwgRaster,
}

/// Why a job was not done, by the worker's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("there is no template {0:?}")]
    NoTemplate(String),
    #[error("the data are not JSON that a template can read, line {line}, column {column}")]
    BadData { line: usize, column: usize },
    #[error("the text of the QR code has no code")]
    BadQr,
    #[error("the template has {} errors", .0.len())]
    Template(Vec<TemplateError>),
    #[error("{} characters are in no font", .0.0.chars().count())]
    Unprintable(Characters),
    #[error("{n_pages} pages, at most {} can be printed", crate::PAGES_MAX)]
    TooManyPages { n_pages: usize },
    #[error("there is no page {0}")]
    NoPage(usize),
    #[error("its pixels take more than {PAYLOAD_LEN_MAX} bytes")]
    TooLarge,
    #[error("the PDF cannot be shown: {0}")]
    Pdf(CannotRead),
}

/// Of somebody's name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Characters(pub String);

impl fmt::Debug for Characters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<private>")
    }
}

impl From<CannotSet> for Refusal {
    fn from(error: CannotSet) -> Self {
        match error {
            CannotSet::NoTemplate(name) => Self::NoTemplate(name),
            CannotSet::BadData { line, column } => Self::BadData { line, column },
            CannotSet::BadQr => Self::BadQr,
            CannotSet::Template(errors) => Self::Template(errors),
            CannotSet::Unprintable(missing) => {
                Self::Unprintable(Characters(missing.expose().chars().take(N_TOLD_MAX).collect()))
            }
            CannotSet::TooManyPages { n_pages } => Self::TooManyPages { n_pages },
        }
    }
}

/// The head of what comes back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// First of all, once: the templates and fonts are read.
    Ready,
    /// First of all, and the last: why there is nothing to work with.
    Unfit(String),
    Done {
        n_pages: usize,
        made: Made,
        warnings: Vec<TemplateError>,
    },
    Refused(Refusal),
}

/// A job that was done.
#[derive(Debug)]
pub struct Answer {
    pub n_pages: usize,
    pub made: Made,
    pub bytes: Private<Vec<u8>>,
    /// What the author of a template should look at.
    pub warnings: Vec<TemplateError>,
}

pub(super) fn lengths(head: &[u8], payload: &[u8]) -> [u8; LENGTHS_LEN] {
    let mut out = [0; LENGTHS_LEN];
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    out[..4].copy_from_slice(&len(head));
    out[4..].copy_from_slice(&len(payload));
    out
}

/// Lengths of head and payload, if they are within their limits.
pub(super) fn read_lengths(lengths: [u8; LENGTHS_LEN]) -> io::Result<(usize, usize)> {
    let [a, b, c, d, e, f, g, h] = lengths;
    let len = |bytes| u32::from_be_bytes(bytes) as usize;
    let (head_len, payload_len) = (len([a, b, c, d]), len([e, f, g, h]));
    if head_len > HEAD_LEN_MAX || payload_len > PAYLOAD_LEN_MAX {
        let sentence = format!("a head of {head_len} bytes and a payload of {payload_len}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, sentence));
    }
    Ok((head_len, payload_len))
}

/// One frame, blocking; `None` at the end of the stream.
pub(super) fn read<T: for<'a> Deserialize<'a>>(
    from: &mut impl Read,
) -> io::Result<Option<(T, Private<Vec<u8>>)>> {
    let mut lengths = [0; LENGTHS_LEN];
    match from.read_exact(&mut lengths) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (head_len, payload_len) = read_lengths(lengths)?;
    let mut head = Zeroizing::new(vec![0; head_len]);
    from.read_exact(&mut head)?;
    let mut payload = Zeroizing::new(vec![0; payload_len]);
    from.read_exact(&mut payload)?;
    Ok(Some((serde_json::from_slice(&head)?, Private::new(std::mem::take(&mut *payload)))))
}

/// One frame, blocking.
pub(super) fn write(to: &mut impl Write, head: &impl Serialize, payload: &[u8]) -> io::Result<()> {
    let head = Zeroizing::new(serde_json::to_vec(head)?);
    to.write_all(&lengths(&head, payload))?;
    to.write_all(&head)?;
    to.write_all(payload)?;
    to.flush()
}
