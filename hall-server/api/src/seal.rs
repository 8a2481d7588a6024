//! Sealed envelopes: who can open what.
//!
//! | envelope | sealed with | opened by |
//! |---|---|---|
//! | [`HallPublic::seal`] | HPKE base mode to the hall's X25519 key | the hall only |
//! | [`RecordKey::seal`] | the case's record key | the station while the key lives, for showing and reprinting |
//! | [`WrapKey::wrap`] | the station's wrap key of the day | the station until the wrap key is replaced |
//! | [`scan`] files | the case's scan key | the hall only: the station drops the key with the session |
//!
//! The first byte of every envelope names its version and algorithms, so that an SM profile can
//! be added beside them; an unknown byte is refused, never guessed. The associated data bind every
//! envelope to its case and its purpose: an envelope moved to another case does not open.
//! Keys, seeds and nonces come in from the caller, who must never use one twice.
//! The bytes are frozen in `tests/frozen_seal.rs`.

mod hall;
mod local;
pub mod scan;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kiosk_words::{CaseId, Private};

pub use hall::{HallPublic, HallSecret};
pub use local::{RecordKey, WrapKey};
pub use scan::ScanKey;

/// Length of every symmetric key, seed and X25519 key here.
pub const KEY_LEN: usize = 32;
/// Length of an XChaCha20-Poly1305 nonce.
pub const NONCE_LEN: usize = 24;

/// First byte of an envelope or scan file. A number is never used again for something else.
pub mod algorithm {
    /// HPKE base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305.
    pub const HPKE_X25519_CHACHA: u8 = 0x01;
    /// XChaCha20-Poly1305 with a random 24-byte nonce.
    pub const XCHACHA: u8 = 0x11;
    /// XChaCha20-Poly1305 in STREAM chunks of 1 MiB.
    pub const XCHACHA_STREAM: u8 = 0x21;
}

/// What an envelope holds; part of the associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A [`crate::case_record::CaseRecord`] as JSON.
    Record,
    /// The 32 bytes of a scan key.
    ScanKey,
    /// The 32 bytes of a record key under the station's wrap key.
    RecordKey,
    /// Who may take an envelope, at rest in the hall.
    Collectors,
    /// To whom something was given by hand or by post and why, at rest in the hall.
    HandOut,
}

impl Purpose {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Record => b"record",
            Self::ScanKey => b"scan-key",
            Self::RecordKey => b"record-key",
            Self::Collectors => b"collectors",
            Self::HandOut => b"hand-out",
        }
    }
}

/// Why an envelope does not open. None of the variants tells anything about what is inside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("unknown algorithm byte {got:#04x}")]
    Algorithm { got: u8 },
    #[error("expected at least {expected} bytes, got {got}")]
    Short { expected: usize, got: usize },
    #[error("wrong key, wrong case, wrong purpose or changed bytes")]
    Refused,
    #[error("not a key of {KEY_LEN} bytes in base64")]
    BadKey,
    #[error("not base64")]
    BadText,
    #[error("the envelope opens, but what is inside is no {0}")]
    BadContent(&'static str),
}

/// The text form of an envelope on the wire.
pub fn to_text(envelope: &[u8]) -> String {
    STANDARD.encode(envelope)
}

/// The envelope of a text form.
pub fn from_text(text: &str) -> Result<Vec<u8>, SealError> {
    STANDARD.decode(text).map_err(|_| SealError::BadText)
}

/// `nightdesk 1 | algorithm | purpose | 0 | case id`.
fn associated_data(algorithm: u8, purpose: Purpose, case: CaseId) -> Vec<u8> {
    let mut data = b"nightdesk 1|".to_vec();
    data.push(algorithm);
    data.extend_from_slice(purpose.word());
    data.push(0);
    data.extend_from_slice(case.0.as_bytes());
    data
}

fn key_from_text(text: &str) -> Result<Private<[u8; KEY_LEN]>, SealError> {
    let bytes = STANDARD.decode(text.trim()).map(Private::new).map_err(|_| SealError::BadKey)?;
    key_from_bytes(bytes.expose())
}

fn key_from_bytes(bytes: &[u8]) -> Result<Private<[u8; KEY_LEN]>, SealError> {
    bytes.try_into().map(Private::new).map_err(|_| SealError::BadKey)
}
