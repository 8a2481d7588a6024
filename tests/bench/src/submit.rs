//! `submit_over_fdatasync`: from the finger on submit to a case that a power cut does not take.
//!
//! The store does what it does on the station: case, event for the hall and audit lines, sealed,
//! in one transaction. The scans were written when they were captured and are not counted here.

use std::path::Path;

use anyhow::{Context as _, Result};
use hall_api::seal::HallSecret;
use kiosk_core::record::{AuditKind, Record};
use kiosk_store::{Identity, STORE_KEY_FILE, Store, StoreKey, new_epoch};
use kiosk_words::{ClockQuality, Private, StationId};
use nightdesk_e2e::clock::Clock;

use crate::{
    Row, disk, median,
    specimen::{self, NOW},
};

const N_CASES: u32 = 100;
/// The log is checkpointed now and then; the median of this many cases has seen it.
const SCANS_PER_CASE: usize = 2;
/// A page of A4 as a camera gives it.
const SCAN_BYTES: usize = 400_000;

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let root = folder.join("station");
    let mut store = new_store(&root)?;
    let station = StationId::try_from(17).ok().context("17 is a station")?;
    let clock = Clock::start();
    let picture = Private::new(vec![0xa5; SCAN_BYTES]);
    let mut samples = Vec::new();
    for n in 1..=N_CASES {
        let pages: Vec<_> = (0..SCANS_PER_CASE)
            .map(|_| store.vault().seal_page(specimen::case_id(1, n), &picture))
            .collect::<Result<_, _>>()?;
        let filed = specimen::case(station, n, &pages);
        let records = [
            Record::Audit {
                kind: AuditKind::CaseFiled,
                case: Some(filed.case),
                session: Some(1),
                at: NOW,
                quality: ClockQuality::Synced,
            },
            Record::CaseFiled(Box::new(filed)),
        ];
        let before = clock.us();
        store.persist(&records)?;
        samples.push(disk::ms(clock.us() - before));
    }
    let limit = disk::fdatasync_ms(folder)?;
    let what = "one append of 4 KiB with fdatasync";
    Ok(vec![Row::new("submit_over_fdatasync", median(samples), "ms", what, limit)])
}

fn new_store(root: &Path) -> Result<Store> {
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
