//! Whose card a staff card is: certificates, signatures, dates, revocations, as pure functions.
//!
//! ```text
//!  staff CA of the hall (from its feed) ──signs──▶ certificate of the card's key     (9E)
//!                                       └─signs──▶ certificate of the holder's key   (9A)
//!  both of one subject · the card's key signed the challenge · not revoked · within its dates
//! ```
//! What passes is a person with a role who still has to prove themselves with their PIN: the key
//! of the holder signs only after it. What stands in the certificates is said in
//! `kiosk_words::staff`.

use std::collections::BTreeSet;

use device_api::smart_card::{Challenge, StaffCard};
use kiosk_words::{
    ClockQuality, Now, StaffCardNo, StaffRole, WallTime,
    staff::{CARD_KEY_USAGE, HOLDER_KEY_USAGE, is_staff_number},
};
use p256::ecdsa::{
    Signature, VerifyingKey,
    signature::{Verifier as _, hazmat::PrehashVerifier as _},
};
use x509_cert::{
    Certificate,
    der::{
        Decode as _, DecodePem as _, Encode as _,
        oid::{
            ObjectIdentifier,
            db::{rfc4519, rfc5912},
        },
    },
    ext::pkix::{BasicConstraints, ExtendedKeyUsage, name::DirectoryString},
};

use crate::event::Staff;

/// Whom the hall trusts to make staff cards, and which cards it has taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StaffTrust {
    /// Certificates of staff CAs, PEM.
    pub anchors: Vec<String>,
    pub revoked: Vec<StaffCardNo>,
}

/// Why a card signs nobody in; each has one sentence for who put it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unfit {
    /// The hall has not said yet whose cards are good here.
    NoTrust,
    /// What stands on it is no staff certificate.
    Unreadable,
    /// Made by somebody else, or altered.
    NotOfThisHall,
    /// Its two certificates belong to two cards.
    TwoCards,
    /// It does not have the key that it says it has: a copy.
    Copied,
    Revoked,
    Expired {
        since: WallTime,
    },
    NotYet {
        from: WallTime,
    },
}

/// A good card, before its PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    pub staff: Staff,
    holder: VerifyingKey,
}

impl Presented {
    /// Whether the holder's key signed this; then the PIN was right.
    pub fn has_signed(&self, challenge: &Challenge, signature: &[u8]) -> bool {
        is_signed(&self.holder, challenge, signature)
    }
}

/// What a certificate says about its card.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject {
    staff: String,
    role: StaffRole,
    card: StaffCardNo,
}

/// Checks all that can be checked before a PIN is typed.
pub fn check(
    card: &StaffCard,
    challenge: &Challenge,
    trust: &StaffTrust,
    now: Now,
) -> Result<Presented, Unfit> {
    let anchors: Vec<Certificate> =
        trust.anchors.iter().filter_map(|pem| Certificate::from_pem(pem).ok()).collect();
    if !anchors.iter().any(is_authority) {
        return Err(Unfit::NoTrust);
    }
    let read = |der: &[u8]| Certificate::from_der(der).map_err(|_| Unfit::Unreadable);
    let holder = read(&card.holder_certificate)?;
    let own = read(&card.card_certificate)?;
    for certificate in [&holder, &own] {
        let is_ours = |anchor: &Certificate| is_authority(anchor) && signed(anchor, certificate);
        if !anchors.iter().any(is_ours) {
            return Err(Unfit::NotOfThisHall);
        }
    }
    let says = |certificate, usage| subject(certificate, usage).ok_or(Unfit::Unreadable);
    let subject = says(&holder, HOLDER_KEY_USAGE)?;
    if says(&own, CARD_KEY_USAGE)? != subject {
        return Err(Unfit::TwoCards);
    }
    let key = |certificate| key(certificate).ok_or(Unfit::Unreadable);
    if !is_signed(&key(&own)?, challenge, &card.signature) {
        return Err(Unfit::Copied);
    }
    if trust.revoked.iter().collect::<BTreeSet<_>>().contains(&subject.card) {
        return Err(Unfit::Revoked);
    }
    for certificate in [&holder, &own] {
        check_dates(certificate, now)?;
    }
    // On a clock that nobody vouches for a date says nothing: the card is let in for less.
    let is_limited = now.quality == ClockQuality::Unknown;
    let Subject { staff: id, role, card } = subject;
    Ok(Presented { staff: Staff { id, role, card, is_limited }, holder: key(&holder)? })
}

fn is_authority(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate().get_extension::<BasicConstraints>();
    constraints.is_ok_and(|found| found.is_some_and(|(_, constraints)| constraints.ca))
}

/// Signed by this authority, by its name and its key.
fn signed(authority: &Certificate, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    let is_ecdsa = certificate.signature_algorithm().oid == rfc5912::ECDSA_WITH_SHA_256
        && tbs.signature() == certificate.signature_algorithm();
    let is_named = tbs.issuer() == authority.tbs_certificate().subject();
    let signature = certificate.signature().as_bytes().map(Signature::from_der);
    match (key(authority), signature, tbs.to_der()) {
        (Some(key), Some(Ok(signature)), Ok(bytes)) => {
            is_ecdsa && is_named && key.verify(&bytes, &signature).is_ok()
        }
        _ => false,
    }
}

/// The P-256 key of a certificate.
fn key(certificate: &Certificate) -> Option<VerifyingKey> {
    let info = certificate.tbs_certificate().subject_public_key_info();
    let is_p256 = info.algorithm.oid == rfc5912::ID_EC_PUBLIC_KEY
        && info.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?
            == rfc5912::SECP_256_R_1;
    let point = info.subject_public_key.as_bytes().filter(|_| is_p256)?;
    VerifyingKey::from_sec1_bytes(point).ok()
}

/// What the certificate says, if it is one for this use and no authority's.
fn subject(certificate: &Certificate, usage: &[u64]) -> Option<Subject> {
    let tbs = certificate.tbs_certificate();
    let (_, usages) = tbs.get_extension::<ExtendedKeyUsage>().ok()??;
    let is_for_this =
        usages.0.iter().any(|oid| oid.arcs().map(u64::from).eq(usage.iter().copied()));
    if !is_for_this || is_authority(certificate) {
        return None;
    }
    let text = |oid| {
        let found: Option<DirectoryString> = tbs.subject().by_oid(oid).ok()?;
        found.map(String::from)
    };
    let staff = text(rfc4519::COMMON_NAME).filter(|staff| is_staff_number(staff))?;
    let role = text(rfc4519::TITLE)?.parse().ok()?;
    let card = text(rfc4519::SERIAL_NUMBER)?.parse().ok()?;
    Some(Subject { staff, role, card })
}

fn is_signed(key: &VerifyingKey, Challenge(digest): &Challenge, signature: &[u8]) -> bool {
    let signature = Signature::from_der(signature);
    signature.is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
}

fn check_dates(certificate: &Certificate, now: Now) -> Result<(), Unfit> {
    if now.quality == ClockQuality::Unknown {
        return Ok(());
    }
    let validity = certificate.tbs_certificate().validity();
    let ms = |time: x509_cert::time::Time| {
        let passed = time.to_unix_duration().as_millis();
        WallTime(i64::try_from(passed).unwrap_or(i64::MAX))
    };
    let (from, until) = (ms(validity.not_before), ms(validity.not_after));
    if now.wall < from {
        Err(Unfit::NotYet { from })
    } else if now.wall > until {
        Err(Unfit::Expired { since: until })
    } else {
        Ok(())
    }
}
