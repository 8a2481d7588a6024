//! Enrolment: a one-time code turns this machine into a station of its hall.
//!
//! ```text
//!  code ─► CA fingerprint ─► store key, store, epoch (kept if there) ─► station key and request
//!       (kept until done) ─► hall ─► receipt block, then certificate, CA and seal key stored
//! ```
//! Everything made here is kept until the hall has answered, so a lost answer is asked for again
//! with the same request and the same code. A station that is enrolled is never enrolled again.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use hall_api::wire::{EnrolReply, EnrolRequest};
use kiosk_core::record::Record;
use kiosk_store::{Identity, PersistError, Presence, Refused, Store, StoreKey, new_epoch};
use kiosk_words::{Private, StationId};
use rcgen::{CertificateParams, DnType, KeyPair};
use serde::{Deserialize, Serialize};

use crate::{
    config::Machine,
    exit::{Exit, Failure, with_causes},
    hall::{
        client::HallClient,
        tls::{CaFingerprint, first_contact},
    },
    limits::Timings,
    store_thread::{NOT_A_START, failure_of, open_now},
};

/// The one-time code as the hall printed it: `AAAAA-BBBBB-` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeCode {
    pub text: String,
    pub fingerprint: CaFingerprint,
}

impl OneTimeCode {
    /// Says what is missing for whoever typed it.
    pub fn of(typed: &str) -> Result<Self, Failure> {
        Self::parse(typed).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                "the code is not complete: expected two groups of five characters and 32 \
                 hexadecimal digits, as the hall printed it",
            )
        })
    }

    pub fn parse(typed: &str) -> Option<Self> {
        let text = typed.trim().to_owned();
        let groups: Vec<&str> = text.split('-').collect();
        let [first, second, digits] = groups.as_slice() else { return None };
        let is_group = |group: &str| {
            group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let mut fingerprint = [0; 16];
        hex::decode_to_slice(digits, &mut fingerprint).ok()?;
        (is_group(first) && is_group(second))
            .then_some(Self { fingerprint: CaFingerprint(fingerprint), text })
    }
}

/// Enrols the station; returns the sentence for the technician.
pub async fn enrol(
    machine: &Machine,
    store_key: &Path,
    typed: &str,
    timings: Timings,
) -> Result<String, Failure> {
    let code = OneTimeCode::of(typed)?;
    let mut store = open_or_provision(&machine.data, store_key)?;
    if store.identity().is_some() {
        let sentence = format!(
            "station {} is enrolled already; its key and certificate are in {}. To enrol it anew, \
             revoke it at the hall and give it a new data folder",
            machine.station,
            machine.data.display()
        );
        return Err(Failure::new(Exit::Failed, sentence));
    }
    let request = Request::kept_or_new(&machine.data, machine.station)?;
    let tls = first_contact(code.fingerprint).map_err(|error| Failure::plain(&error))?;
    let client = HallClient::new(tls, &machine.hall.url.0, timings)
        .map_err(|error| Failure::plain(&error))?;
    let question = EnrolRequest {
        code: code.text,
        station: machine.station,
        epoch: store.epoch(),
        csr_pem: request.csr_pem.clone(),
    };
    let reply = client.enrol(&question).await.map_err(|error| Failure::plain(&error))?;
    finish(&mut store, request, reply)?;
    Request::forget(&machine.data)?;
    Ok(format!("station {} is enrolled; start it with `kiosk run`", machine.station))
}

/// The store of this folder, or a new one where there is none yet.
fn open_or_provision(folder: &Path, store_key: &Path) -> Result<Store, Failure> {
    let io_failed = |source: std::io::Error| {
        Failure::new(Exit::Failed, format!("the data folder {}: {source}", folder.display()))
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_failed)?;
    let key = match Store::presence(folder, store_key) {
        Presence::Nothing => Some(StoreKey::create(store_key)),
        // The power went between making the key and making the store.
        Presence::KeyOnly if !was_enrolled(folder) => Some(StoreKey::from_file(store_key)),
        Presence::KeyOnly | Presence::DatabaseOnly | Presence::Both => None,
    };
    if let Some(key) = key {
        let key = key.map_err(|error| Failure::new(Exit::BadConfig, with_causes(&error)))?;
        let epoch = new_epoch().map_err(|error| Failure::plain(&error))?;
        Store::provision(folder, &key, epoch).map_err(|error| failure_of(&error))?;
    }
    open_now(folder, store_key, NOT_A_START).map(|(store, _)| store)
}

/// Without an identity no case was ever kept here.
fn was_enrolled(folder: &Path) -> bool {
    fs::read_dir(folder.join("identity")).is_ok_and(|mut files| files.next().is_some())
}

/// The receipt block first: an identity without receipt numbers could file nothing.
fn finish(store: &mut Store, request: Request, reply: EnrolReply) -> Result<(), Failure> {
    let block = Record::ReceiptBlock { first: reply.receipts.first, end: reply.receipts.end };
    match store.persist(&[block]) {
        // The block came with an answer that this station could not keep whole.
        Ok(_) | Err(PersistError::Refused(Refused::Duplicate)) => {}
        Err(error) => return Err(Failure::plain(&error)),
    }
    let hall_seal_key = reply.hall_seal_key.parse().map_err(|_| {
        Failure::new(
            Exit::Failed,
            "the hall's seal key is not one: expected an X25519 key in base64",
        )
    })?;
    let identity = Identity {
        key_pem: request.key_pem,
        certificate_pem: reply.certificate_pem,
        ca_pem: reply.ca_pem,
        hall_seal_key,
    };
    store.install_identity(identity).map_err(|error| Failure::plain(&error))
}

/// The station's key and the request made with it, kept until the hall has answered.
struct Request {
    key_pem: Private<String>,
    csr_pem: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    key_pem: String,
    csr_pem: String,
}

impl Request {
    fn path(folder: &Path) -> PathBuf {
        folder.join("enrol.pending")
    }

    fn kept_or_new(folder: &Path, station: StationId) -> Result<Self, Failure> {
        let kept = fs::read(Self::path(folder)).ok();
        if let Some(kept) = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok()) {
            return Ok(Self { key_pem: Private::new(kept.key_pem), csr_pem: kept.csr_pem });
        }
        let request = Self::new(station).map_err(|error| Failure::plain(&error))?;
        request.keep(folder).map_err(|error| Failure::plain(&error))?;
        Ok(request)
    }

    fn new(station: StationId) -> Result<Self, rcgen::Error> {
        // P-256 with SHA-256.
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, format!("station-{station}"));
        let csr_pem = params.serialize_request(&key)?.pem()?;
        Ok(Self { key_pem: Private::new(key.serialize_pem()), csr_pem })
    }

    /// Written anew under another name and renamed: a torn file is never read.
    fn keep(&self, folder: &Path) -> std::io::Result<()> {
        let part = folder.join(".enrol.pending.part");
        let kept = Kept { key_pem: self.key_pem.expose().clone(), csr_pem: self.csr_pem.clone() };
        let text = Private::new(serde_json::to_vec(&kept).map_err(std::io::Error::other)?);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(text.expose())?;
        file.sync_all()?;
        fs::rename(&part, Self::path(folder))?;
        fs::File::open(folder)?.sync_all()
    }

    fn forget(folder: &Path) -> Result<(), Failure> {
        fs::remove_file(Self::path(folder)).map_err(|error| Failure::plain(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_groups_and_the_fingerprint() {
        let text = "AB2CD-EF3GH-000102030405060708090a0b0c0d0e0f";
        let code = OneTimeCode::parse(&format!(" {text}\n")).unwrap();
        assert_eq!(code.fingerprint.0[15], 15);
        assert_eq!(code.text, text);
        for bad in
            ["", "AB2CD-EF3GH", "AB2CD-EF3GH-00", "AB2C-EF3GH-000102030405060708090a0b0c0d0e0f"]
        {
            assert_eq!(OneTimeCode::parse(bad), None, "{bad}");
        }
    }
}
