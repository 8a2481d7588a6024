//! Mutual TLS of the stations' listener, and who is at the other end.
//!
//! TLS 1.3 only. A client certificate is optional at this level, because a station that enrols has
//! none; a certificate that this hall's CA did not sign ends the handshake. Whether the
//! certificate still stands (unknown, revoked) is asked in the store with every request.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use kiosk_words::{Epoch, StationId};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::{
    ca::{Ca, EPOCH_URI, KeyError, ServerIdentity},
    problem::Refusal,
};

/// The station at the other end of a connection, as its certificate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    pub station: StationId,
    pub epoch: Epoch,
    /// SHA-256 over the certificate.
    pub fingerprint: [u8; 32],
}

/// What every request on a stations' connection carries.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionPeer(pub Option<Peer>);

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("TLS settings")]
    Rustls(#[from] rustls::Error),
    #[error("verifier of station certificates")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The one provider of the workspace, named so that no feature elsewhere can change it.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

pub fn server_config(ca: &Ca, identity: ServerIdentity) -> Result<ServerConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.der.clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .allow_unauthenticated()
        .build()?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // No resumption: a certificate is looked at with every connection.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

impl Peer {
    /// Reads a certificate whose chain was verified. `None` if it is not one of a station.
    pub fn of_certificate(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let common_name = certificate.subject().iter_common_name().next()?.as_str().ok()?;
        let number: u16 = common_name.strip_prefix("station-")?.parse().ok()?;
        let names = certificate.subject_alternative_name().ok()??;
        let epoch = names.value.general_names.iter().find_map(|name| {
            if let GeneralName::URI(uri) = name { uri.strip_prefix(EPOCH_URI) } else { None }
        })?;
        Some(Self {
            station: number.try_into().ok()?,
            epoch: Epoch(uuid::Uuid::try_parse(epoch).ok()?),
            fingerprint: Sha256::digest(der).into(),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let peer = parts.extensions.get::<ConnectionPeer>().and_then(|peer| peer.0);
        peer.ok_or_else(|| {
            let message = "this path needs the certificate of an enrolled station";
            Refusal::new(StatusCode::UNAUTHORIZED, "certificate_required", message)
        })
    }
}
