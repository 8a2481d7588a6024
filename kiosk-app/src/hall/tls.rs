//! Who is believed to be the hall. TLS 1.3 only, no root of the operating system, ever.
//!
//! After enrolment: the one CA that was stored. During first contact: the CA in the chain whose
//! SHA-256 begins with the 16 bytes that stand in the one-time code, and a leaf that verifies
//! under that CA for the name that was asked.

use std::{sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
    time_provider::TimeProvider,
    version::TLS13,
};
use sha2::{Digest, Sha256};

use crate::clock::Clock;

/// First 16 bytes of the SHA-256 of the CA certificate, as it stands in the one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaFingerprint(pub [u8; 16]);

impl CaFingerprint {
    pub fn of(certificate: &[u8]) -> Self {
        let digest = Sha256::digest(certificate);
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Self(first)
    }
}

/// What TLS needs of an enrolled station.
#[derive(Debug, thiserror::Error)]
pub enum BadIdentity {
    #[error("the stored {what} is not PEM")]
    Pem {
        what: &'static str,
        #[source]
        source: pem::Error,
    },
    #[error("the stored identity does not fit together")]
    Tls(#[from] Error),
}

/// The station's own idea of the time, which survives a dead battery.
#[derive(Debug)]
struct StationTime(Arc<Clock>);

impl TimeProvider for StationTime {
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from(self.0.for_certificates().0).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// Mutual TLS with the stored certificate; only the stored CA is believed.
pub fn enrolled(
    ca_pem: &str,
    certificate_pem: &str,
    key_pem: &str,
    clock: Arc<Clock>,
) -> Result<ClientConfig, BadIdentity> {
    let bad = |what| move |source| BadIdentity::Pem { what, source };
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(bad("hall CA"))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(bad("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(bad("key"))?;
    let mut roots = RootCertStore::empty();
    roots.add(ca)?;
    Ok(ClientConfig::builder_with_details(provider(), Arc::new(StationTime(clock)))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?)
}

/// TLS for the first contact, pinned by the fingerprint in the one-time code.
pub fn first_contact(fingerprint: CaFingerprint) -> Result<ClientConfig, Error> {
    let verifier = PinnedByCode { fingerprint, provider: provider() };
    Ok(ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[derive(Debug)]
struct PinnedByCode {
    fingerprint: CaFingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedByCode {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ca = intermediates
            .iter()
            .find(|certificate| CaFingerprint::of(certificate) == self.fingerprint)
            .ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(ca.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("the hall speaks TLS 1.3".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    struct Chain {
        ca: CertificateDer<'static>,
        leaf: CertificateDer<'static>,
    }

    fn chain() -> Chain {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .signed_by(&leaf_key, &ca)
            .unwrap();
        Chain { ca: ca.der().clone(), leaf: leaf.der().clone() }
    }

    fn is_believed(
        pin: &CertificateDer<'_>,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        name: &str,
    ) -> bool {
        let verifier = PinnedByCode { fingerprint: CaFingerprint::of(pin), provider: provider() };
        let name = ServerName::try_from(name.to_owned()).unwrap();
        // Within the life of every certificate made here (rcgen: 1975 to 4096).
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_772_673_960));
        verifier.verify_server_cert(leaf, sent, &name, &[], now).is_ok()
    }

    #[test]
    fn only_a_leaf_under_the_pinned_ca_with_the_right_name_is_believed() {
        let (hall, other) = (chain(), chain());
        let sent = [hall.ca.clone()];
        assert!(is_believed(&hall.ca, &hall.leaf, &sent, "127.0.0.1"));
        assert!(!is_believed(&hall.ca, &hall.leaf, &sent, "127.0.0.2"), "another name");
        assert!(!is_believed(&other.ca, &hall.leaf, &sent, "127.0.0.1"), "another pin");
        assert!(!is_believed(&hall.ca, &other.leaf, &sent, "127.0.0.1"), "another CA's leaf");
        assert!(!is_believed(&hall.ca, &hall.leaf, &[], "127.0.0.1"), "no CA in the chain");
        assert!(
            !is_believed(&hall.leaf, &hall.leaf, std::slice::from_ref(&hall.leaf), "127.0.0.1"),
            "not a CA"
        );
    }
}
