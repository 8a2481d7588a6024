//! The format of a scan file.
//!
//! ```text
//! "NDS"  algorithm  nonce prefix (19)  chunk 0  chunk 1 … last chunk
//! chunk = up to 1 MiB of ciphertext + 16 bytes of tag
//! nonce = prefix | chunk number (4, big-endian) | 1 for the last chunk, else 0
//! ```
//!
//! The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár over XChaCha20-Poly1305:
//! the number in the nonce finds reordered, missing and repeated chunks, the last flag finds a
//! cut file and added chunks. Every chunk also binds the header and the case.
//! A file is named by the SHA-256 of its bytes and never encrypted again.

use std::{
    fmt,
    io::{self, Read, Write},
};

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use kiosk_words::{CaseId, Private};

use super::{KEY_LEN, algorithm};

/// Plain bytes in every chunk but the last.
pub const CHUNK_LEN: usize = 1 << 20;
/// Random bytes at the start of every nonce of a file.
pub const PREFIX_LEN: usize = 19;
pub const HEADER_LEN: usize = 4 + PREFIX_LEN;

const MAGIC: &[u8; 3] = b"NDS";
const TAG_LEN: usize = 16;

/// One per case. At the station it exists in memory only, and only while the session lasts.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanKey(Private<[u8; KEY_LEN]>);

impl ScanKey {
    /// 32 fresh random bytes.
    pub const fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Private::new(bytes))
    }

    pub(super) const fn bytes(&self) -> &[u8; KEY_LEN] {
        self.0.expose()
    }
}

impl fmt::Debug for ScanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScanKey(<private>)")
    }
}

/// Why a scan file does not open.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("not a scan file")]
    NotAScan,
    #[error("unknown algorithm byte {got:#04x}")]
    Algorithm { got: u8 },
    /// Wrong key or case, changed bytes, a missing, moved, added or cut chunk.
    #[error("chunk {chunk} does not open")]
    Chunk { chunk: u32 },
    /// More chunks than a file may have.
    #[error("the file is too long")]
    TooLong,
    #[error("reading or writing the scan")]
    Io(#[from] io::Error),
}

/// Length of the file that `n_plain` bytes become.
pub const fn sealed_len(n_plain: u64) -> u64 {
    let chunks = if n_plain == 0 { 1 } else { n_plain.div_ceil(CHUNK_LEN as u64) };
    HEADER_LEN as u64 + n_plain + chunks * TAG_LEN as u64
}

/// Encrypts all of `plain` into `out`; returns the number of bytes written.
/// `prefix`: 19 fresh random bytes.
pub fn seal(
    key: &ScanKey,
    case: CaseId,
    prefix: [u8; PREFIX_LEN],
    mut plain: impl Read,
    mut out: impl Write,
) -> Result<u64, ScanError> {
    let stream = Stream::new(key, case, algorithm::XCHACHA_STREAM, prefix);
    out.write_all(&stream.aad[..HEADER_LEN])?;
    let mut n_written = HEADER_LEN as u64;
    let mut ahead = next_chunk(&mut plain, CHUNK_LEN)?;
    for number in 0..u32::MAX {
        let chunk = ahead;
        ahead = next_chunk(&mut plain, CHUNK_LEN)?;
        let place = Place::of(ahead.expose());
        let ciphertext = stream
            .cipher
            .encrypt(&stream.nonce(number, place), stream.payload(chunk.expose()))
            .map_err(|_| ScanError::Chunk { chunk: number })?;
        out.write_all(&ciphertext)?;
        n_written += ciphertext.len() as u64;
        if matches!(place, Place::Last) {
            return Ok(n_written);
        }
    }
    Err(ScanError::TooLong)
}

/// Decrypts all of `sealed` into `out`; returns the number of plain bytes.
///
/// What was written to `out` may be used only after `Ok`: a cut file is known at its end.
pub fn open(
    key: &ScanKey,
    case: CaseId,
    mut sealed: impl Read,
    mut out: impl Write,
) -> Result<u64, ScanError> {
    let mut header = [0; HEADER_LEN];
    if let Err(error) = sealed.read_exact(&mut header) {
        let is_torn = error.kind() == io::ErrorKind::UnexpectedEof;
        return Err(if is_torn { ScanError::NotAScan } else { ScanError::Io(error) });
    }
    if &header[..3] != MAGIC {
        return Err(ScanError::NotAScan);
    }
    if header[3] != algorithm::XCHACHA_STREAM {
        return Err(ScanError::Algorithm { got: header[3] });
    }
    let mut prefix = [0; PREFIX_LEN];
    prefix.copy_from_slice(&header[4..]);
    let stream = Stream::new(key, case, header[3], prefix);
    let mut n_plain = 0;
    let mut ahead = next_chunk(&mut sealed, CHUNK_LEN + TAG_LEN)?;
    for number in 0..u32::MAX {
        let chunk = ahead;
        ahead = next_chunk(&mut sealed, CHUNK_LEN + TAG_LEN)?;
        let place = Place::of(ahead.expose());
        let plain = stream
            .cipher
            .decrypt(&stream.nonce(number, place), stream.payload(chunk.expose()))
            .map(Private::new)
            .map_err(|_| ScanError::Chunk { chunk: number })?;
        out.write_all(plain.expose())?;
        n_plain += plain.expose().len() as u64;
        if matches!(place, Place::Last) {
            return Ok(n_plain);
        }
    }
    Err(ScanError::TooLong)
}

#[derive(Clone, Copy)]
enum Place {
    Inner,
    Last,
}

impl Place {
    const fn of(ahead: &[u8]) -> Self {
        if ahead.is_empty() { Self::Last } else { Self::Inner }
    }
}

struct Stream {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX_LEN],
    /// Header, then case id.
    aad: Vec<u8>,
}

impl Stream {
    fn new(key: &ScanKey, case: CaseId, algorithm: u8, prefix: [u8; PREFIX_LEN]) -> Self {
        let mut aad = MAGIC.to_vec();
        aad.push(algorithm);
        aad.extend_from_slice(&prefix);
        aad.extend_from_slice(case.0.as_bytes());
        Self { cipher: XChaCha20Poly1305::new(key.bytes().into()), prefix, aad }
    }

    fn nonce(&self, number: u32, place: Place) -> XNonce {
        let mut nonce = [0; PREFIX_LEN + 5];
        nonce[..PREFIX_LEN].copy_from_slice(&self.prefix);
        nonce[PREFIX_LEN..PREFIX_LEN + 4].copy_from_slice(&number.to_be_bytes());
        nonce[PREFIX_LEN + 4] = match place {
            Place::Inner => 0,
            Place::Last => 1,
        };
        nonce.into()
    }

    fn payload<'a>(&'a self, msg: &'a [u8]) -> Payload<'a, 'a> {
        Payload { msg, aad: &self.aad }
    }
}

/// Up to `n_max` bytes; fewer only at the end, none after it.
fn next_chunk(source: &mut impl Read, n_max: usize) -> io::Result<Private<Vec<u8>>> {
    // Room up front: a growing buffer would leave copies of the page behind.
    let mut chunk = Vec::with_capacity(n_max);
    source.by_ref().take(n_max as u64).read_to_end(&mut chunk)?;
    Ok(Private::new(chunk))
}
