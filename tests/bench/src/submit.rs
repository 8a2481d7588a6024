//! `submit_over_fdatasync`: what submitting a case costs the disk.
//!
//! Timed is the one call of the real store (SQLCipher, FULL) that a filing makes: case, event for
//! the hall and audit line, sealed and written in one transaction that no power cut takes. Not
//! timed: the finger, the screen, the core, the way to the store's thread, and the scans, which
//! were written when they were captured.
//!
//! The limit is one append of 4 KiB with fdatasync, on the same disk in the same run.

use std::path::Path;

use anyhow::{Context as _, Result};
use kiosk_core::record::{AuditKind, Record};
use kiosk_words::{ClockQuality, Private, StationId};
use nightdesk_e2e::clock::Clock;

use crate::{
    Row, disk, median,
    specimen::{self, NOW},
    store,
};

const N_CASES: u32 = 100;
/// The log is checkpointed now and then; the median of this many cases has seen it.
const SCANS_PER_CASE: usize = 2;
/// A page of A4 as a camera gives it.
const SCAN_BYTES: usize = 400_000;

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let mut store = store::provision(&folder.join("station"))?;
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
