//! The staff CA: it signs the two certificates of a staff card, and nothing else.
//!
//! It is another CA than that of the stations, so that a station's certificate never passes for a
//! person and a staff card never for a station. What stands in a card, and what its two keys are
//! for, is said in `kiosk_words::staff`; of a request only the key counts.

use kiosk_words::{
    StaffCardNo, StaffRole, WallTime,
    staff::{CARD_KEY_USAGE, HOLDER_KEY_USAGE},
};
use rcgen::{
    CertificateSigningRequestParams, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, PublicKeyData as _,
};

use crate::{
    ca::{self, Ca, CaFiles, KeyError, RequestError},
    folder::Folder,
};

const FILES: CaFiles =
    CaFiles { key: "staff_ca.key", certificate: "staff_ca.pem", common_name: "Nightdesk Staff CA" };

/// A card is renewed once a year; one that was lost and not missed dies then.
pub const CARD_DAYS: u32 = 365;

/// X.520 title: what the person does.
const TITLE: &[u64] = &[2, 5, 4, 12];
/// X.520 serial number: the number of the card.
const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];

#[derive(Debug)]
pub struct StaffCa(Ca);

/// Whose card it is.
#[derive(Debug)]
pub struct Holder<'a> {
    pub staff: &'a str,
    pub role: StaffRole,
    pub card: StaffCardNo,
}

/// The certificates of one card, PEM.
#[derive(Debug)]
pub struct CardCertificates {
    /// Slot 9A, whose key needs the PIN.
    pub holder_pem: String,
    /// Slot 9E, whose key needs none.
    pub card_pem: String,
    pub not_after: WallTime,
}

impl StaffCa {
    pub(crate) fn open(folder: &Folder) -> Result<Self, KeyError> {
        Ca::open(folder, &FILES).map(Self)
    }

    pub(crate) fn create(folder: &Folder, now: WallTime) -> Result<Self, KeyError> {
        Ca::create(folder, &FILES, now)?;
        Self::open(folder)
    }

    /// Certificate of the CA: what stations trust.
    pub fn pem(&self) -> &str {
        &self.0.pem
    }

    /// Signs the two keys of a card.
    pub fn sign_card(
        &self,
        holder_csr_pem: &str,
        card_csr_pem: &str,
        holder: &Holder<'_>,
        now: WallTime,
    ) -> Result<CardCertificates, RequestError> {
        let with_pin = ca::read_request(holder_csr_pem)?;
        let without_pin = ca::read_request(card_csr_pem)?;
        // One key in both slots would prove without the PIN what only the PIN may prove.
        if with_pin.public_key.der_bytes() == without_pin.public_key.der_bytes() {
            return Err(RequestError::SameKey);
        }
        Ok(CardCertificates {
            holder_pem: self.sign(with_pin, HOLDER_KEY_USAGE, holder, now)?,
            card_pem: self.sign(without_pin, CARD_KEY_USAGE, holder, now)?,
            not_after: ca::not_after(now, CARD_DAYS),
        })
    }

    fn sign(
        &self,
        mut request: CertificateSigningRequestParams,
        key_usage: &[u64],
        holder: &Holder<'_>,
        now: WallTime,
    ) -> Result<String, RequestError> {
        request.params = ca::params(holder.staff, now, CARD_DAYS);
        let name = &mut request.params.distinguished_name;
        name.push(DnType::CustomDnType(TITLE.to_vec()), holder.role.word());
        // X.520 has a printable string here, and 32 digits are one.
        let card = DnValue::PrintableString(holder.card.to_string().try_into()?);
        name.push(DnType::CustomDnType(SERIAL_NUMBER.to_vec()), card);
        request.params.is_ca = IsCa::ExplicitNoCa;
        request.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        request.params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::Other(key_usage.to_vec())];
        request.params.use_authority_key_identifier_extension = true;
        Ok(request.signed_by(self.0.issuer())?.pem())
    }
}
