//! Envelopes that only the hall opens.

use std::{fmt, str::FromStr};

use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    rand_core::{Infallible, TryCryptoRng, TryRng},
    single_shot_open, single_shot_seal_with_rng,
};
use kiosk_words::{CaseId, Private};
use zeroize::Zeroize as _;

use super::{
    KEY_LEN, Purpose, ScanKey, SealError, algorithm, associated_data, from_text, key_from_text,
    to_text,
};
use crate::case_record::CaseRecord;

const INFO: &[u8] = b"nightdesk hall envelope 1";
const ENCAPPED_LEN: usize = 32;
const TAG_LEN: usize = 16;

type KemPublic = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type KemSecret = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Encapped = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// The hall's public seal key; stations get it when they enrol.
#[derive(Clone, PartialEq, Eq)]
pub struct HallPublic(KemPublic);

/// The hall's secret seal key: with it every record and scan of its stations can be read.
#[derive(Clone)]
pub struct HallSecret(Private<[u8; KEY_LEN]>);

impl HallPublic {
    /// Seals `plain` for the hall. `seed`: 32 fresh random bytes, used for nothing else.
    pub fn seal(
        &self,
        purpose: Purpose,
        case: CaseId,
        plain: &[u8],
        seed: [u8; KEY_LEN],
    ) -> Vec<u8> {
        let aad = associated_data(algorithm::HPKE_X25519_CHACHA, purpose, case);
        let mut rng = Dealt(seed);
        let (encapped, ciphertext) = single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(&OpModeS::Base, &self.0, INFO, plain, &aad, &mut rng)
        .expect("a checked public key and a message far below the cipher's limit");
        let mut envelope = vec![algorithm::HPKE_X25519_CHACHA];
        envelope.extend_from_slice(&encapped.to_bytes());
        envelope.extend_from_slice(&ciphertext);
        envelope
    }

    /// The record of a filed case in the form it travels in.
    pub fn seal_record(&self, record: &CaseRecord, seed: [u8; KEY_LEN]) -> String {
        let json = serde_json::to_vec(record).expect("a record has text keys only");
        let json = Private::new(json);
        to_text(&self.seal(Purpose::Record, record.case, json.expose(), seed))
    }

    /// A scan key in the form it travels in.
    pub fn seal_scan_key(&self, case: CaseId, key: &ScanKey, seed: [u8; KEY_LEN]) -> String {
        to_text(&self.seal(Purpose::ScanKey, case, key.bytes(), seed))
    }
}

impl HallSecret {
    /// Derives the key pair from 32 fresh random bytes.
    pub fn from_seed(mut seed: [u8; KEY_LEN]) -> Self {
        let (secret, _) = X25519HkdfSha256::derive_keypair(&seed);
        seed.zeroize();
        Self(Private::new(secret.to_bytes().into()))
    }

    pub fn from_base64(text: &str) -> Result<Self, SealError> {
        key_from_text(text).map(Self)
    }

    /// For the hall's own 0600 key file and nothing else.
    pub fn to_base64(&self) -> Private<String> {
        self.0.map(|bytes| to_text(bytes))
    }

    pub fn public(&self) -> HallPublic {
        HallPublic(X25519HkdfSha256::sk_to_pk(&self.kem_secret()))
    }

    pub fn open(
        &self,
        purpose: Purpose,
        case: CaseId,
        envelope: &[u8],
    ) -> Result<Private<Vec<u8>>, SealError> {
        let n_least = 1 + ENCAPPED_LEN + TAG_LEN;
        if envelope.len() < n_least {
            return Err(SealError::Short { expected: n_least, got: envelope.len() });
        }
        let (head, ciphertext) = envelope.split_at(1 + ENCAPPED_LEN);
        if head[0] != algorithm::HPKE_X25519_CHACHA {
            return Err(SealError::Algorithm { got: head[0] });
        }
        let encapped = Encapped::from_bytes(&head[1..]).map_err(|_| SealError::Refused)?;
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.kem_secret(),
            &encapped,
            INFO,
            ciphertext,
            &associated_data(algorithm::HPKE_X25519_CHACHA, purpose, case),
        )
        .map(Private::new)
        .map_err(|_| SealError::Refused)
    }

    /// The record of a filed case, from [`crate::wire::CaseFiled::sealed_record`]. A record that
    /// names another case than its event is refused.
    pub fn open_record(&self, case: CaseId, sealed: &str) -> Result<CaseRecord, SealError> {
        let json = self.open(Purpose::Record, case, &from_text(sealed)?)?;
        let record: CaseRecord = serde_json::from_slice(json.expose())
            .map_err(|_| SealError::BadContent("case record"))?;
        if record.case == case { Ok(record) } else { Err(SealError::Refused) }
    }

    /// The scan key of a filed case, from [`crate::wire::CaseFiled::sealed_scan_key`].
    pub fn open_scan_key(&self, case: CaseId, sealed: &str) -> Result<ScanKey, SealError> {
        let bytes = self.open(Purpose::ScanKey, case, &from_text(sealed)?)?;
        let bytes: [u8; KEY_LEN] =
            bytes.expose().as_slice().try_into().map_err(|_| SealError::BadContent("scan key"))?;
        Ok(ScanKey::new(bytes))
    }

    fn kem_secret(&self) -> KemSecret {
        KemSecret::from_bytes(self.0.expose()).expect("any 32 bytes are an X25519 secret")
    }
}

impl fmt::Debug for HallSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HallSecret(<private>)")
    }
}

impl fmt::Debug for HallPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HallPublic({self})")
    }
}

/// Base64, as in [`crate::wire::EnrolReply::hall_seal_key`].
impl fmt::Display for HallPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_text(&self.0.to_bytes()))
    }
}

impl FromStr for HallPublic {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let bytes = key_from_text(text)?;
        let public = KemPublic::from_bytes(bytes.expose()).map_err(|_| SealError::BadKey)?;
        // A point of low order gives everyone the same shared secret; sealing to it fails, so a
        // key file with one is refused here and `seal` can promise to succeed.
        let probe = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            &[],
            &[],
            &mut Dealt([7; KEY_LEN]),
        );
        if probe.is_err() { Err(SealError::BadKey) } else { Ok(Self(public)) }
    }
}

/// Deals the caller's random bytes to the one draw that HPKE makes: the ephemeral key's material.
struct Dealt([u8; KEY_LEN]);

impl TryRng for Dealt {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("encapsulation draws bytes, never words")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("encapsulation draws bytes, never words")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        assert_eq!(out.len(), KEY_LEN, "one draw of a whole seed");
        assert_ne!(self.0, [0; KEY_LEN], "a seed is dealt once");
        out.copy_from_slice(&self.0);
        self.0.zeroize();
        Ok(())
    }
}

impl TryCryptoRng for Dealt {}

impl Drop for Dealt {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
