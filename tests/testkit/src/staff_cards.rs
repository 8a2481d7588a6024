//! The hall's staff CA of every world, and the cards that it made, and some that it should not have.
//!
//! Keys and certificates are the same in every run: the CA's key follows from its name, and P-256
//! signatures are made without noise (RFC 6979).

use std::time::Duration;

use device_drivers::smart_card::codec::piv::KeySlot;
use device_sim::smart_card::piv::PivChip;
use kiosk_core::staff_card::StaffTrust;
use kiosk_words::{
    StaffCardNo, StaffRole,
    staff::{CARD_KEY_USAGE, HOLDER_KEY_USAGE},
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber,
    SignatureAlgorithm,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Number, role and PIN of everybody on the staff of a world.
pub const STAFF: [(&str, StaffRole, &str); 5] = [
    ("1001", StaffRole::Courier, "802461"),
    ("2001", StaffRole::Manager, "753951"),
    ("3001", StaffRole::Technician, "648213"),
    ("4001", StaffRole::Supervisor, "591837"),
    ("5001", StaffRole::Guard, "470269"),
];

/// What a certificate says, where a test wants something else than usual.
#[derive(Debug, Clone)]
pub struct Order {
    /// Name from which the CA's key follows.
    pub ca: &'static str,
    pub staff: &'static str,
    pub role: &'static str,
    pub card: StaffCardNo,
    /// Years in which it is valid, from the first day of the one to the first day of the other.
    pub years: (i32, i32),
    /// The two certificates have each other's use.
    pub is_swapped: bool,
    /// The card's own certificate names another card.
    pub other_card: Option<StaffCardNo>,
}

/// The CA that stations trust here.
pub const CA: &str = "Nightdesk Staff CA";

impl Order {
    /// A good card of this person.
    ///
    /// # Panics
    /// If nobody has this number.
    #[must_use]
    pub fn of(staff: &'static str) -> Self {
        let (_, role, _) = member(staff);
        Self {
            ca: CA,
            staff,
            role: role.word(),
            card: number_of(staff),
            years: (2026, 2036),
            is_swapped: false,
            other_card: None,
        }
    }

    /// The card, personalised: its PIN is the one of its holder.
    ///
    /// # Panics
    /// If a certificate cannot be made.
    #[must_use]
    pub fn make(&self) -> PivChip {
        let mut chip = PivChip::new(&format!("{} {}", self.staff, self.card));
        for slot in KeySlot::ALL {
            let point = chip.make_key(slot);
            let certificate = self.certificate(slot, point).expect("a certificate can be made");
            chip.install(slot, &certificate);
        }
        chip.set_pin(member(self.staff).2);
        chip
    }

    fn certificate(&self, slot: KeySlot, point: Vec<u8>) -> Result<Vec<u8>, rcgen::Error> {
        let is_holder = (slot == KeySlot::Holder) != self.is_swapped;
        let usage = if is_holder { HOLDER_KEY_USAGE } else { CARD_KEY_USAGE };
        let other = self.other_card.filter(|_| slot == KeySlot::Card);
        let mut params = params(self.years, slot.reference());
        params.distinguished_name.push(DnType::CommonName, self.staff);
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 12]), self.role);
        let card = other.unwrap_or(self.card).to_string();
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), card);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(usage.to_vec())];
        let issuer = Issuer::new(ca_params(), CaKey::of(self.ca));
        params.signed_by(&Point(point), &issuer).map(|made| made.der().to_vec())
    }
}

/// What the hall tells every station.
///
/// # Panics
/// If a certificate cannot be made.
#[must_use]
pub fn trust() -> StaffTrust {
    let certificate = ca_params().self_signed(&CaKey::of(CA)).expect("a CA can be made");
    StaffTrust { anchors: vec![certificate.pem()], revoked: Vec::new() }
}

/// Number of the good card of this person.
#[must_use]
pub fn number_of(staff: &str) -> StaffCardNo {
    let hash = Sha256::digest(staff);
    StaffCardNo(Uuid::from_bytes(std::array::from_fn(|at| hash[at])))
}

fn member(staff: &str) -> (&'static str, StaffRole, &'static str) {
    let known = STAFF.into_iter().find(|(known, ..)| *known == staff);
    known.unwrap_or_else(|| panic!("nobody of the staff has the number {staff}"))
}

fn params((from, until): (i32, i32), serial: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    let year = |year| rcgen::date_time_ymd(year, 1, 1);
    (params.not_before, params.not_after) = (year(from), year(until) - Duration::from_secs(1));
    params.serial_number = Some(SerialNumber::from_slice(&[serial; 8]));
    params.distinguished_name = DistinguishedName::new();
    params
}

fn ca_params() -> CertificateParams {
    let mut params = params((2026, 2046), 1);
    // Somebody else's CA may well have the same name: the key tells them apart.
    params.distinguished_name.push(DnType::CommonName, CA);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// A public key as it stands in a certificate.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// The key of a CA.
struct CaKey {
    key: SigningKey,
    point: Vec<u8>,
}

impl CaKey {
    fn of(name: &str) -> Self {
        let key = SigningKey::from_slice(&Sha256::digest(name)).expect("below the order of P-256");
        let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        Self { key, point }
    }
}

impl PublicKeyData for CaKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for CaKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: Signature = self.key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }
}
