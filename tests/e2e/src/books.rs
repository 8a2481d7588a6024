//! What the page model's station has written down: a model of a store, or the real store on a copy
//! of a station's data folder.
//!
//! The copy is taken while the station is dead. Opened, it says what its next life is told, so that
//! the page model can go on from a `kill -9` in the middle of anything.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use device_api::camera::Frame;
use kiosk_core::{
    EffectId, Event, Recovered,
    custody::Order,
    effect::Query,
    event::{FoundCase, PersistError},
    record::Record,
};
use kiosk_store::{Answer, STORE_KEY_FILE, Store, StoreKey};
use kiosk_words::{CaseId, Digest32, Epoch, OrderId, Private, ReceiptNo, Seq, WallTime};
use sha2::{Digest as _, Sha256};
use testkit::ModelStore;

/// A copy is never given a socket, and makes its own lock and ballast.
const NOT_COPIED: [&str; 3] = ["station.sock", "lock", "ballast"];

#[derive(Debug)]
pub(crate) enum Books {
    Model(Box<ModelStore>),
    Copy(Box<Store>),
}

/// A page as it was kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptPage {
    pub digest: Digest32,
    pub n_bytes: u64,
}

impl Books {
    /// The store in a copied folder, and what the next life of its station is told.
    pub(crate) fn of_copy(folder: &Path, now: WallTime) -> Result<(Self, Epoch, Recovered)> {
        let key = StoreKey::from_file(&folder.join(STORE_KEY_FILE)).context("the store key")?;
        let (store, recovered) = Store::open(folder, &key, now).context("the copied store")?;
        let epoch = store.epoch();
        Ok((Self::Copy(Box::new(store)), epoch, recovered))
    }

    /// The program starts again with what is written here. Of a copy another copy must be taken.
    pub(crate) fn recover(&mut self, now_ms: u64) -> Result<Recovered> {
        match self {
            Self::Model(model) => Ok(model.recover(now_ms)),
            Self::Copy(_) => bail!("a copied store is not started from again"),
        }
    }

    pub(crate) fn persist(&mut self, id: EffectId, records: &[Record]) -> Event {
        let written = match self {
            Self::Model(model) => model.persist(records).map(|done| (done.seq, done.receipt_qr)),
            Self::Copy(store) => persist_in(store, records),
        };
        match written {
            Ok((seq, receipt_qr)) => Event::Persisted { id, seq, receipt_qr },
            Err(why) => Event::PersistFailed { id, why },
        }
    }

    pub(crate) fn answer(&self, id: EffectId, query: &Query) -> Result<Event> {
        let store = match self {
            Self::Model(model) => return Ok(model.answer(id, query)),
            Self::Copy(store) => store,
        };
        Ok(match store.find(query)? {
            Answer::Cases(cases) => Event::Found { id, cases },
            Answer::Code(right) => Event::CodeChecked { id, right },
        })
    }

    /// This person's cases, newest first.
    pub(crate) fn cases_of(&self, number: &Private<String>) -> Result<Vec<FoundCase>> {
        match self {
            Self::Model(model) => Ok(model.find(number.expose())),
            Self::Copy(store) => match store.find(&Query::CasesOf { number: number.clone() })? {
                Answer::Cases(cases) => Ok(cases),
                other @ Answer::Code(_) => bail!("cases are {other:?}"),
            },
        }
    }

    /// Everyone who filed this case.
    pub(crate) fn owners(&self, case: CaseId) -> Result<Vec<Private<String>>> {
        let Self::Model(model) = self else { bail!("a copied store keeps hashes of its owners") };
        let filed = model.cases().find(|known| known.filed.case == case);
        Ok(filed.context("no such case")?.filed.owners().cloned().collect())
    }

    pub(crate) fn order_of(&self, case: CaseId) -> Option<(OrderId, Order)> {
        let Self::Model(model) = self else { return None };
        model.custody().orders.iter().find(|(_, order)| order.case == case).copied()
    }

    /// Numbers of the events that the hall has not answered.
    pub(crate) fn next_batch(&self, after: Seq, limit: usize) -> Result<Vec<Seq>> {
        Ok(match self {
            Self::Model(model) => model.next_batch(after, limit),
            Self::Copy(store) => store.next_batch(after, limit)?,
        }
        .into_iter()
        .map(|event| event.seq)
        .collect())
    }

    pub(crate) const fn model(&mut self) -> Option<&mut ModelStore> {
        match self {
            Self::Model(model) => Some(model),
            Self::Copy(_) => None,
        }
    }

    /// `None`: the disk is full.
    pub(crate) fn keep_page(&mut self, case: CaseId, frame: &Frame) -> Result<Option<KeptPage>> {
        let encoded = frame.encoded.expose();
        match self {
            Self::Model(model) if model.disk.is_full() => Ok(None),
            Self::Model(model) => {
                let digest = Digest32(Sha256::digest(encoded).into());
                let n_bytes = encoded.len().try_into().unwrap_or(u64::MAX);
                model.disk.keep_file(digest, n_bytes);
                Ok(Some(KeptPage { digest, n_bytes }))
            }
            Self::Copy(store) => {
                let page = store.vault().seal_page(case, &frame.encoded)?;
                Ok(Some(KeptPage { digest: page.digest, n_bytes: page.n_bytes }))
            }
        }
    }

    /// The session is over: pages that were not filed go.
    pub(crate) fn wipe(&mut self) -> Result<()> {
        if let Self::Copy(store) = self {
            store.vault().wipe()?;
        }
        Ok(())
    }
}

fn persist_in(
    store: &mut Store,
    records: &[Record],
) -> Result<(Seq, Option<String>), PersistError> {
    let seq = store.persist(records).map_err(|error| PersistError::from(&error))?;
    let code = match filed_in(records) {
        Some((case, _)) => store.receipt_code(case).map_err(|_| PersistError::Io)?,
        None => None,
    };
    Ok((seq, code.map(|code| code.encode())))
}

/// The case that these records file, if they do.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other record files a case")]
pub(crate) fn filed_in(records: &[Record]) -> Option<(CaseId, ReceiptNo)> {
    records.iter().find_map(|record| match record {
        Record::CaseFiled(filed) => Some((filed.case, filed.receipt)),
        _ => None,
    })
}

/// Copies the data folder of a station that does not run.
pub fn copy_data(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name();
        if NOT_COPIED.iter().any(|not| name == *not) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy_data(&entry.path(), &target)?;
        } else {
            // With its rights, or the key would be refused.
            fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
