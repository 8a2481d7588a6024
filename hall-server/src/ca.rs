//! The hall's keys: the CA that signs stations, the server certificate, the X25519 seal key; and
//! what every CA here has in common (that of staff cards stands in [`staff_ca`](crate::staff_ca)).
//!
//! All of them are made at the first use of a data folder and never again: a database whose keys
//! are gone is refused, because a new seal key could not open what lies there and a new CA would
//! cut off every station. The server certificate is made new at each start.

use std::time::Duration;

use hall_api::seal::{HallPublic, HallSecret};
use kiosk_words::{Epoch, Private, StationId, WallTime};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PublicKeyData as _, SanType, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};

use crate::{
    folder::{Folder, FolderError},
    problem::{self, Refusal},
    random,
};

const FILES: CaFiles =
    CaFiles { key: "ca.key", certificate: "ca.pem", common_name: "Nightdesk Hall CA" };
const SEAL_KEY: &str = "seal.key";

const DAY: Duration = Duration::from_secs(86_400);
/// The CA outlives the machines it signs for.
const CA_DAYS: u32 = 20 * 365;
/// Stations renew long before; a stolen key dies with its certificate.
pub const STATION_DAYS: u32 = 90;
/// The server certificate is made new at each start of the hall.
const SERVER_DAYS: u32 = 398;
/// Certificates begin a day early: clocks of stations are not exact.
const BACKDATED_DAYS: u32 = 1;

/// `04`, x and y.
const P256_POINT_LEN: usize = 65;

/// Prefix of the SAN URI that carries a station's epoch.
pub const EPOCH_URI: &str = "urn:nightdesk:epoch:";

/// Keys of one hall.
#[derive(Debug)]
pub struct Keys {
    pub ca: Ca,
    pub seal: HallSecret,
}

/// Names of the files of a CA, and its own name.
#[derive(Debug)]
pub(crate) struct CaFiles {
    pub(crate) key: &'static str,
    pub(crate) certificate: &'static str,
    pub(crate) common_name: &'static str,
}

/// A certificate authority.
#[derive(Debug)]
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub der: CertificateDer<'static>,
}

/// A certificate for one epoch of one station.
#[derive(Debug)]
pub struct StationCertificate {
    pub pem: String,
    /// SHA-256 over the DER: the name of the certificate in the store.
    pub fingerprint: [u8; 32],
    pub not_after: WallTime,
}

/// The chain and key of the stations' listener.
#[derive(Debug)]
pub struct ServerIdentity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{file} is missing beside a database: restore it from the backup")]
    Missing { file: &'static str },
    #[error("{file} cannot be read as what it should be")]
    Unreadable { file: &'static str },
    #[error("certificate could not be made")]
    Certificate(#[from] rcgen::Error),
}

/// Why a certificate request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("expected a PKCS#10 request in PEM with a valid signature")]
    Unreadable,
    #[error("expected a P-256 key")]
    Algorithm,
    #[error("expected two different keys, got one key twice")]
    SameKey,
    #[error("certificate could not be made")]
    Certificate(#[from] rcgen::Error),
}

impl RequestError {
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Unreadable | Self::Algorithm | Self::SameKey => {
                Refusal::bad_request("bad_csr", self.to_string())
            }
            Self::Certificate(_) => problem::internal(self),
        }
    }
}

impl Keys {
    /// Reads the keys, or makes them for a folder without a database.
    pub fn open_or_create(folder: &Folder, now: WallTime) -> Result<Self, KeyError> {
        if !folder.database().exists() && folder.read(SEAL_KEY)?.is_none() {
            create(folder, now)?;
        }
        Ok(Self { ca: Ca::open(folder, &FILES)?, seal: open_seal_key(folder)? })
    }

    pub fn public(&self) -> HallPublic {
        self.seal.public()
    }
}

/// The seal key is written last: its presence says that the set is whole.
fn create(folder: &Folder, now: WallTime) -> Result<(), KeyError> {
    Ca::create(folder, &FILES, now)?;
    let seal = HallSecret::from_seed(random::bytes());
    folder.write(SEAL_KEY, seal.to_base64().expose().as_bytes())?;
    Ok(())
}

fn ca_params(common_name: &str, now: WallTime) -> CertificateParams {
    let mut params = params(common_name, now, CA_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// When a certificate of so many days that is made now runs out.
pub(crate) const fn not_after(now: WallTime, n_days: u32) -> WallTime {
    WallTime(now.0 + n_days as i64 * 86_400_000)
}

pub(crate) fn params(common_name: &str, now: WallTime, n_days: u32) -> CertificateParams {
    let now = rcgen::date_time_ymd(1970, 1, 1)
        + Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
    let mut params = CertificateParams::default();
    params.not_before = now - DAY * BACKDATED_DAYS;
    params.not_after = now + DAY * n_days;
    params.serial_number = Some(SerialNumber::from_slice(&random::bytes::<16>()));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// Reads a PKCS#10 request and verifies that its sender has the key.
pub(crate) fn read_request(csr_pem: &str) -> Result<CertificateSigningRequestParams, RequestError> {
    let request =
        CertificateSigningRequestParams::from_pem(csr_pem).map_err(|_| RequestError::Unreadable)?;
    let key = &request.public_key;
    // The algorithm is that of the signature, and SHA-256 goes with other curves too; a point of
    // P-256 that is not compressed is told by its length.
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256 || key.der_bytes().len() != P256_POINT_LEN {
        return Err(RequestError::Algorithm);
    }
    Ok(request)
}

fn required(folder: &Folder, file: &'static str) -> Result<Private<String>, KeyError> {
    let bytes = folder.read(file)?.ok_or(KeyError::Missing { file })?;
    String::from_utf8(bytes).map(Private::new).map_err(|_| KeyError::Unreadable { file })
}

fn open_seal_key(folder: &Folder) -> Result<HallSecret, KeyError> {
    let text = required(folder, SEAL_KEY)?;
    HallSecret::from_base64(text.expose().trim())
        .map_err(|_| KeyError::Unreadable { file: SEAL_KEY })
}

impl Ca {
    /// The certificate is written last.
    pub(crate) fn create(folder: &Folder, files: &CaFiles, now: WallTime) -> Result<(), KeyError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = ca_params(files.common_name, now).self_signed(&key)?;
        folder.write(files.key, Private::new(key.serialize_pem()).expose().as_bytes())?;
        folder.write(files.certificate, certificate.pem().as_bytes())?;
        Ok(())
    }

    pub(crate) fn open(folder: &Folder, files: &CaFiles) -> Result<Self, KeyError> {
        let key = required(folder, files.key)?;
        let pem = required(folder, files.certificate)?.expose().clone();
        let key = KeyPair::from_pem(key.expose())
            .map_err(|_| KeyError::Unreadable { file: files.key })?;
        let unreadable = || KeyError::Unreadable { file: files.certificate };
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unreadable())?;
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|_| unreadable())?;
        Ok(Self { issuer, pem, der })
    }

    pub(crate) const fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    /// First 16 bytes of SHA-256 over the CA certificate: printed behind every one-time code, so
    /// that whoever types it knows the hall at the first contact.
    pub fn short_fingerprint(&self) -> String {
        hex::encode(&Sha256::digest(&self.der)[..16])
    }

    pub fn server_identity(
        &self,
        hosts: &[String],
        now: WallTime,
    ) -> Result<ServerIdentity, KeyError> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        names.extend(
            hosts.iter().filter(|host| !names.contains(*host)).cloned().collect::<Vec<_>>(),
        );
        let mut params = params("Nightdesk Hall", now, SERVER_DAYS);
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(ServerIdentity {
            chain: vec![leaf.der().clone(), self.der.clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }

    /// Signs the key of a request for this station and epoch; nothing else of the request counts.
    pub fn sign_station(
        &self,
        csr_pem: &str,
        station: StationId,
        epoch: Epoch,
        now: WallTime,
    ) -> Result<StationCertificate, RequestError> {
        let mut request = read_request(csr_pem)?;
        request.params = params(&format!("station-{station}"), now, STATION_DAYS);
        let uri = format!("{EPOCH_URI}{epoch}").try_into()?;
        request.params.subject_alt_names = vec![SanType::URI(uri)];
        request.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        request.params.use_authority_key_identifier_extension = true;
        let certificate = request.signed_by(&self.issuer)?;
        Ok(StationCertificate {
            pem: certificate.pem(),
            fingerprint: Sha256::digest(certificate.der()).into(),
            not_after: not_after(now, STATION_DAYS),
        })
    }
}
