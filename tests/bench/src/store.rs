//! A station's store as first boot and enrolment leave it.

use std::path::Path;

use anyhow::Result;
use hall_api::seal::HallSecret;
use kiosk_core::record::Record;
use kiosk_store::{Identity, STORE_KEY_FILE, Store, StoreKey, new_epoch};
use kiosk_words::Private;

use crate::specimen::NOW;

/// Made in a folder that is not there yet, with receipt numbers for every case of a bench.
pub(crate) fn provision(root: &Path) -> Result<Store> {
    std::fs::create_dir(root)?;
    let key = StoreKey::create(&root.join(STORE_KEY_FILE))?;
    Store::provision(root, &key, new_epoch()?)?;
    let (mut store, _) = Store::open(root, &key, NOW)?;
    store.install_identity(Identity {
        key_pem: Private::text("unused: the store only keeps it"),
        certificate_pem: String::new(),
        ca_pem: String::new(),
        hall_seal_key: HallSecret::from_seed([0x42; 32]).public(),
    })?;
    store.persist(&[Record::ReceiptBlock { first: 1, end: 1_000_000 }])?;
    Ok(store)
}
