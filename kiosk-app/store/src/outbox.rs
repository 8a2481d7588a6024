//! What still has to go to the hall. Settling is a record: see [`crate::Store::persist`].

use std::path::PathBuf;

use hall_api::wire::{EventEnvelope, ScanEntry};
use kiosk_words::{CaseId, Digest32, Seq};
use rusqlite::params;

use crate::{
    error::StoreError,
    rows,
    store::{BATCH_MAX, Store},
};

impl Store {
    /// Events without an answer after `after`, oldest first, at most `limit` and [`BATCH_MAX`].
    /// The bytes are the same at every call.
    pub fn next_batch(&self, after: Seq, limit: usize) -> Result<Vec<EventEnvelope>, StoreError> {
        self.alive()?;
        let mut events = self.db.prepare_cached(
            "SELECT seq, case_id, body_hash, body FROM outbox
             WHERE seq > ?1 AND answer IS NULL ORDER BY seq LIMIT ?2",
        )?;
        let limit = rows::integer(limit.min(BATCH_MAX) as u64);
        let found = events.query_map(params![rows::integer(after.0), limit], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        found
            .map(|row| {
                let (seq, case, hash, body) = row?;
                Ok(EventEnvelope {
                    seq: rows::seq(seq)?,
                    case: rows::case_id(case),
                    body_hash: Digest32(hash),
                    body,
                })
            })
            .collect()
    }

    /// The scans of a case in the order they were filed, each with its file. Empty for a case
    /// that has none, is erased, or is not in this store.
    pub fn scans_of(&self, case: CaseId) -> Result<Vec<(ScanEntry, PathBuf)>, StoreError> {
        self.alive()?;
        let mut scans = self.db.prepare_cached(
            "SELECT slot, page, digest, n_bytes FROM scan WHERE case_id = ?1 ORDER BY place",
        )?;
        let found = scans.query_map(params![case.0.into_bytes()], |row| {
            Ok(ScanEntry {
                slot: row.get(0)?,
                page: row.get(1)?,
                digest: Digest32(row.get(2)?),
                n_bytes: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        found
            .map(|entry| {
                let entry = entry?;
                let path = self.folder.scan(&entry.digest);
                Ok((entry, path))
            })
            .collect()
    }
}
