//! Erasing by destroying keys (`erased_means_unreadable`).
//!
//! A deleted row on flash is not gone, and a wrapped key is itself a row. So a case is erased by
//! removing its record, its wrapped record key and its scan files, and then replacing the wrap
//! key: an older copy of the database holds the record key only under a wrap key that no longer
//! exists. What a copy holds for the hall, only the hall opens.

use hall_api::seal::WrapKey;
use kiosk_words::{Digest32, ServiceTime};
use rusqlite::{TransactionBehavior, params};

use crate::{
    error::StoreError,
    folder,
    key::random,
    rows,
    store::{Health, Store},
    wrap::{self, NamedWrapKey},
};

impl Store {
    /// Every night: a new wrap key, every surviving record key wrapped anew, the old destroyed.
    pub fn rotate_wrap_key(&mut self) -> Result<(), StoreError> {
        self.alive()?;
        let next = NamedWrapKey::new_random()?;
        next.write(&self.folder.next_wrap_key())?;
        // A commit that failed may still have happened: the next start finds out which key the
        // database names, so neither key is destroyed here.
        let wrapped = self.wrap_anew(&next);
        self.unless_disk_failed(wrapped)?;
        // The database names the new key from here on, whatever happens to the files.
        self.wrap = next;
        if let Err(error) = wrap::put_in_force(&self.folder) {
            self.health = Health::Dead;
            return Err(error.into());
        }
        self.empty_log()
    }

    fn wrap_anew(&mut self, next: &NamedWrapKey) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut keys =
                tx.prepare("SELECT id, wrapped_key FROM cases WHERE wrapped_key IS NOT NULL")?;
            let mut update = tx.prepare("UPDATE cases SET wrapped_key = ?2 WHERE id = ?1")?;
            let found = keys
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<([u8; 16], Vec<u8>)>>>()?;
            for (id, wrapped) in found {
                match wrapped_anew(id, &wrapped, &self.wrap.key, &next.key) {
                    Ok(wrapped) => update.execute(params![id, wrapped])?,
                    // A damaged key is lost either way; it must not keep the others from erasure.
                    Err(StoreError::Seal(error)) => {
                        tracing::warn!(%error, case = %rows::case_id(id), "a record key is damaged");
                        continue;
                    }
                    Err(error) => return Err(error),
                };
            }
        }
        tx.execute("UPDATE station SET wrap_key_id = ?1", params![next.id])?;
        Ok(tx.commit()?)
    }

    /// Erases every case of which the hall had everything at or before `older_than` (the caller
    /// passes the service time less 24 hours) and returns how many. Number, state, keyed hashes
    /// and dates stay, and so do the events of its envelopes.
    pub fn erase_delivered(&mut self, older_than: ServiceTime) -> Result<usize, StoreError> {
        let n_erased = self.erase_rows(older_than)?;
        if n_erased > 0 {
            self.rotate_wrap_key()?;
        }
        Ok(n_erased)
    }

    fn erase_rows(&mut self, older_than: ServiceTime) -> Result<usize, StoreError> {
        self.alive()?;
        let erased = self.erase_in_database(older_than);
        let (n_erased, pages) = self.unless_disk_failed(erased)?;
        for page in &pages {
            folder::remove_if_there(&self.folder.scan(page))?;
        }
        if !pages.is_empty() {
            folder::sync_folder(&self.folder.scans())?;
        }
        Ok(n_erased)
    }

    /// Number of cases erased, and their pages, which no row names any more.
    fn erase_in_database(
        &mut self,
        older_than: ServiceTime,
    ) -> Result<(usize, Vec<Digest32>), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let due = "SELECT id FROM cases WHERE sealed_record IS NOT NULL AND complete_at <= ?1";
        let pages = tx
            .prepare(&format!("SELECT digest FROM scan WHERE case_id IN ({due})"))?
            .query_map(params![older_than.0], |row| row.get(0).map(Digest32))?
            .collect::<rusqlite::Result<_>>()?;
        for sql in [
            format!("DELETE FROM scan WHERE case_id IN ({due})"),
            // The filing only: what became of the envelopes names nobody and stays.
            format!(
                "UPDATE outbox SET body = NULL
                 WHERE seq IN (SELECT seq FROM cases WHERE id IN ({due}))"
            ),
        ] {
            tx.execute(&sql, params![older_than.0])?;
        }
        let n_erased = tx.execute(
            "UPDATE cases SET sealed_record = NULL, wrapped_key = NULL
             WHERE sealed_record IS NOT NULL AND complete_at <= ?1",
            params![older_than.0],
        )?;
        tx.commit()?;
        Ok((n_erased, pages))
    }

    /// A full disk passes; any other failure of a transaction ends this store, as in `persist`.
    pub(crate) fn unless_disk_failed<T>(
        &mut self,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Err(StoreError::Database(_)) = &done {
            self.health = Health::Dead;
        }
        done
    }

    /// Moves the log into the database, where freed bytes are overwritten, and cuts it to nothing.
    fn empty_log(&self) -> Result<(), StoreError> {
        let busy: i64 =
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(StoreError::Database("the log could not be emptied".to_owned()))
        }
    }
}

fn wrapped_anew(
    id: [u8; 16],
    wrapped: &[u8],
    old: &WrapKey,
    new: &WrapKey,
) -> Result<Vec<u8>, StoreError> {
    let case = rows::case_id(id);
    Ok(new.wrap(case, &old.unwrap(case, wrapped)?, random()?))
}
