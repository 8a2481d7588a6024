//! The station's real store beside the model of it: SQLCipher, its migrations, its recovery and its
//! audit chain, on a disk whose power can be cut, in a throw-away folder.

use std::sync::Arc;

use hall_api::seal::HallSecret;
use kiosk_core::{
    effect::Scan,
    event::Recovered,
    record::{FiledCase, FiledScan, Record},
};
use kiosk_store::{Identity, STORE_KEY_FILE, Store, StoreKey, new_epoch};
use kiosk_words::{Private, Seq, WallTime};
use power_cuts::{disk::Flush, rig::Rig};
use tempfile::TempDir;
use testkit::{
    Random,
    beside::{Beside, Ended},
};

/// A hall of the simulation; opens nothing, because nobody opens a case here.
const HALL_SEED: [u8; 32] = [0x42; 32];
/// Pages are facts without pixels in a night; on the disk some bytes stand for each.
const PAGE: &[u8] = b"a page";

pub struct RealStore {
    // Closed before its folder goes.
    store: Option<Store>,
    key: StoreKey,
    rig: Arc<Rig>,
    random: Random,
    folder: TempDir,
}

impl std::fmt::Debug for RealStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RealStore")
    }
}

impl RealStore {
    /// A new store, enrolled, without a receipt number.
    ///
    /// # Errors
    /// In words, if the folder or the store cannot be made.
    pub fn new(seed: u64) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(words)?;
        let rig = Rig::new(folder.path(), Flush::Honest).map_err(|why| format!("{why:#}"))?;
        let key = StoreKey::create(&folder.path().join(STORE_KEY_FILE)).map_err(words)?;
        let epoch = new_epoch().map_err(words)?;
        Store::provision(folder.path(), &key, epoch).map_err(words)?;
        let (mut store, _) = Store::open(folder.path(), &key, WallTime(0)).map_err(words)?;
        store.install_identity(identity()).map_err(words)?;
        let random = Random::new(seed ^ 0x0ff5_1dea);
        Ok(Self { store: Some(store), key, rig, random, folder })
    }

    fn open(&mut self) -> Result<&mut Store, String> {
        self.store.as_mut().ok_or_else(|| "the store is closed".to_owned())
    }
}

impl Beside for RealStore {
    fn persist(&mut self, records: &[Record]) -> Result<Seq, String> {
        let store = self.open()?;
        let mut told = records.to_vec();
        for record in &mut told {
            if let Record::CaseFiled(filed) = record {
                keep_pages(store, filed)?;
            }
        }
        store.persist(&told).map_err(words)
    }

    fn starts(&mut self, after: Ended, now: WallTime) -> Result<Recovered, String> {
        if after == Ended::PowerCut {
            self.rig.power_off();
        }
        self.store = None;
        if after == Ended::PowerCut {
            self.rig.restart(&mut self.random).map_err(|why| format!("{why:#}"))?;
        }
        let (store, recovered) = Store::open(self.folder.path(), &self.key, now).map_err(words)?;
        store.verify_audit().map_err(words)?;
        self.store = Some(store);
        Ok(recovered)
    }
}

/// Each page of a case gets bytes in the vault, as if it had been captured a moment ago.
fn keep_pages(store: &mut Store, filed: &mut FiledCase) -> Result<(), String> {
    for FiledScan { scan, .. } in &mut filed.scans {
        let page = Private::new(PAGE.to_vec());
        let sealed = store.vault().seal_page(filed.case, &page).map_err(words)?;
        *scan = Scan { digest: sealed.digest, n_bytes: sealed.n_bytes, ..scan.clone() };
    }
    Ok(())
}

fn identity() -> Identity {
    Identity {
        key_pem: Private::text("no key"),
        certificate_pem: String::new(),
        ca_pem: String::new(),
        hall_seal_key: HallSecret::from_seed(HALL_SEED).public(),
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
