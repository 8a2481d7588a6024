//! Envelopes that the station opens itself: the record of a case under its record key, and the
//! record key under the wrap key of the day. Destroying either key ends the record here.

use std::fmt;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use kiosk_words::{CaseId, Private};

use super::{KEY_LEN, NONCE_LEN, Purpose, SealError, algorithm, associated_data, key_from_bytes};
use crate::case_record::CaseRecord;

const TAG_LEN: usize = 16;

/// One per case.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordKey(Private<[u8; KEY_LEN]>);

/// One per station and night.
#[derive(Clone, PartialEq, Eq)]
pub struct WrapKey(Private<[u8; KEY_LEN]>);

impl RecordKey {
    /// 32 fresh random bytes.
    pub const fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Private::new(bytes))
    }

    /// `nonce`: 24 fresh random bytes.
    pub fn seal(&self, record: &CaseRecord, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let json = serde_json::to_vec(record).expect("a record has text keys only");
        let json = Private::new(json);
        seal(self.0.expose(), Purpose::Record, record.case, json.expose(), nonce)
    }

    pub fn open(&self, case: CaseId, envelope: &[u8]) -> Result<CaseRecord, SealError> {
        let json = open(self.0.expose(), Purpose::Record, case, envelope)?;
        serde_json::from_slice(json.expose()).map_err(|_| SealError::BadContent("case record"))
    }
}

impl WrapKey {
    /// 32 fresh random bytes.
    pub const fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Private::new(bytes))
    }

    /// For the station's own 0600 key file and nothing else.
    pub const fn bytes(&self) -> &[u8; KEY_LEN] {
        self.0.expose()
    }

    /// `nonce`: 24 fresh random bytes.
    pub fn wrap(&self, case: CaseId, key: &RecordKey, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        seal(self.0.expose(), Purpose::RecordKey, case, key.0.expose(), nonce)
    }

    pub fn unwrap(&self, case: CaseId, envelope: &[u8]) -> Result<RecordKey, SealError> {
        let bytes = open(self.0.expose(), Purpose::RecordKey, case, envelope)?;
        key_from_bytes(bytes.expose()).map(RecordKey)
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(<private>)")
    }
}

impl fmt::Debug for WrapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrapKey(<private>)")
    }
}

/// `algorithm | nonce | ciphertext | tag`.
fn seal(
    key: &[u8; KEY_LEN],
    purpose: Purpose,
    case: CaseId,
    plain: &[u8],
    nonce: [u8; NONCE_LEN],
) -> Vec<u8> {
    let aad = associated_data(algorithm::XCHACHA, purpose, case);
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&nonce.into(), Payload { msg: plain, aad: &aad })
        .expect("a message far below the cipher's limit");
    let mut envelope = vec![algorithm::XCHACHA];
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(&ciphertext);
    envelope
}

fn open(
    key: &[u8; KEY_LEN],
    purpose: Purpose,
    case: CaseId,
    envelope: &[u8],
) -> Result<Private<Vec<u8>>, SealError> {
    let n_least = 1 + NONCE_LEN + TAG_LEN;
    if envelope.len() < n_least {
        return Err(SealError::Short { expected: n_least, got: envelope.len() });
    }
    let (head, ciphertext) = envelope.split_at(1 + NONCE_LEN);
    if head[0] != algorithm::XCHACHA {
        return Err(SealError::Algorithm { got: head[0] });
    }
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&head[1..]);
    let aad = associated_data(algorithm::XCHACHA, purpose, case);
    XChaCha20Poly1305::new(key.into())
        .decrypt(&nonce.into(), Payload { msg: ciphertext, aad: &aad })
        .map(Private::new)
        .map_err(|_| SealError::Refused)
}
