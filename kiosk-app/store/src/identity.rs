//! What enrolment gave the station: its key and certificate, the hall's CA and seal key.
//!
//! Four 0600 files in the data folder. They count only together: a half-written enrolment is none.

use std::{fs, io, path::PathBuf};

use hall_api::seal::HallPublic;
use kiosk_words::Private;

use crate::{
    error::{OpenError, StoreError},
    folder::{self, Folder},
    store::Store,
};

const KEY: &str = "station.key.pem";
const CERTIFICATE: &str = "station.cert.pem";
const CA: &str = "hall-ca.pem";
const SEAL_KEY: &str = "hall-seal.pub";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// PKCS#8; never leaves the station.
    pub key_pem: Private<String>,
    pub certificate_pem: String,
    /// The only root the station trusts for the hall.
    pub ca_pem: String,
    pub hall_seal_key: HallPublic,
}

impl Identity {
    pub(crate) fn read(folder: &Folder) -> Result<Option<Self>, OpenError> {
        let read = |name: &str| match fs::read_to_string(folder.identity().join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OpenError::Io(error)),
        };
        let (Some(key), Some(certificate_pem), Some(ca_pem), Some(seal_key)) =
            (read(KEY)?.map(Private::new), read(CERTIFICATE)?, read(CA)?, read(SEAL_KEY)?)
        else {
            return Ok(None);
        };
        let hall_seal_key = seal_key
            .parse()
            .map_err(|_| OpenError::Identity { path: folder.identity().join(SEAL_KEY) })?;
        Ok(Some(Self { key_pem: key, certificate_pem, ca_pem, hall_seal_key }))
    }

    fn write(&self, folder: &Folder) -> io::Result<()> {
        let parts: [(&str, &str); 4] = [
            (KEY, self.key_pem.expose()),
            (CERTIFICATE, &self.certificate_pem),
            (CA, &self.ca_pem),
            (SEAL_KEY, &self.hall_seal_key.to_string()),
        ];
        let path = |name: &str| -> PathBuf { folder.identity().join(name) };
        parts.iter().try_for_each(|(name, text)| folder::replace(&path(name), text.as_bytes()))
    }
}

impl Store {
    /// `None` before enrolment: no case can be filed then.
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Keeps what enrolment or a renewal gave, durable when this returns.
    pub fn install_identity(&mut self, identity: Identity) -> Result<(), StoreError> {
        identity.write(&self.folder)?;
        self.vault.set_hall(identity.hall_seal_key.clone());
        self.identity = Some(identity);
        Ok(())
    }
}
