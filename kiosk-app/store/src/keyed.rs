//! Keyed hashes of what a person carries or remembers: the id number and the pick-up code.
//!
//! Both are under the owner key and both can be compared but not read back. Six digits can be
//! tried out by whoever has the open database with its key; docs/decisions/keys.md says what that
//! is worth.

use hmac::{Hmac, KeyInit as _, Mac as _};
use kiosk_words::{CaseId, Digest32, Private};
use sha2::Sha256;

/// Keeps a code from ever having the hash of an id number.
const PICKUP_DOMAIN: &[u8] = b"nightdesk pick-up code 1";

pub(crate) type Key = Private<[u8; 32]>;

/// Keyed, so that a list of all id numbers does not give the owners away.
pub(crate) fn owner_hash(key: &Key, number: &Private<String>) -> Digest32 {
    let number = number.map(|text| text.trim().to_ascii_uppercase());
    hash(mac(key).chain_update(number.expose()))
}

/// `None` for an empty code: nothing opens with it.
pub(crate) fn pickup_hash(key: &Key, case: CaseId, code: &Private<String>) -> Option<Digest32> {
    (!code.expose().trim().is_empty()).then(|| hash(pickup_mac(key, case, code)))
}

/// Takes the same time whatever is wrong with the code.
pub(crate) fn is_pickup_code(
    key: &Key,
    case: CaseId,
    code: &Private<String>,
    hash: &[u8; 32],
) -> bool {
    pickup_mac(key, case, code).verify_slice(hash).is_ok()
}

fn pickup_mac(key: &Key, case: CaseId, code: &Private<String>) -> Hmac<Sha256> {
    mac(key)
        .chain_update(PICKUP_DOMAIN)
        .chain_update(case.0.as_bytes())
        .chain_update(code.expose().trim())
}

pub(crate) fn mac(key: &Key) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.expose()).expect("HMAC takes any key")
}

pub(crate) fn hash(mac: Hmac<Sha256>) -> Digest32 {
    Digest32(mac.finalize().into_bytes().into())
}
