//! Writing records: one call, one transaction, one flush.
//!
//! Case, outbox and audit are committed together or not at all, and the answer comes after the
//! flush (`acked_is_durable`). A full disk refuses new cases and gives up the ballast for the
//! rest; any other failure of the disk ends this store.

mod chain;
mod custody;
mod one;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kiosk_core::record::Record;
use kiosk_words::Seq;
use rusqlite::{ErrorCode, TransactionBehavior};

use crate::{
    error::{PersistError, Refused, is_full, name_of},
    filing::SealingError,
    key::NoRandomness,
    room,
    store::{Health, Store},
};

use chain::Named;
use one::Writer;

/// Why a transaction was rolled back.
#[derive(Debug)]
enum Stopped {
    Refused(Refused),
    Sql(rusqlite::Error),
    NoRandomness,
    /// A column this program cannot read.
    Unreadable(&'static str),
}

impl From<rusqlite::Error> for Stopped {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
            Self::Refused(Refused::Duplicate)
        } else {
            Self::Sql(error)
        }
    }
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<NoRandomness> for Stopped {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl From<SealingError> for Stopped {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Refused(refused) => Self::Refused(refused),
            SealingError::NoRandomness => Self::NoRandomness,
        }
    }
}

impl Store {
    /// Writes all records in one transaction and returns the last number of the stream. Events of
    /// one call have numbers without a gap, in the order of their records.
    pub fn persist(&mut self, records: &[Record]) -> Result<Seq, PersistError> {
        let files_case = records.iter().any(|record| matches!(record, Record::CaseFiled(_)));
        match (self.health, files_case) {
            (Health::Dead, _) => return Err(PersistError::Dead),
            (Health::Full, true) => return Err(PersistError::Full),
            (Health::Full, false) | (Health::Well, _) => {}
        }
        let mut written = self.write(records);
        if let Err(Stopped::Sql(error)) = &written
            && is_full(error)
        {
            self.give_up_ballast()?;
            if !files_case {
                written = self.write(records);
            }
        }
        let seq = written.map_err(|stopped| self.failed(stopped))?;
        self.release_filed(records);
        Ok(seq)
    }

    fn write(&mut self, records: &[Record]) -> Result<Seq, Stopped> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = Writer {
            tx: &tx,
            hall: self.identity.as_ref().map(|identity| &identity.hall_seal_key),
            wrap: &self.wrap,
            vault: &self.vault,
            owner_key: &self.owner_key,
            named: Named::default(),
        };
        let seq = writer.write_all(records)?;
        tx.commit()?;
        Ok(seq)
    }

    fn give_up_ballast(&mut self) -> Result<(), PersistError> {
        tracing::warn!("the disk is full: no new cases, the ballast is given up");
        self.health = Health::Full;
        room::release_ballast(&self.folder).map_err(|error| {
            self.health = Health::Dead;
            PersistError::Io { what: error.kind().to_string() }
        })
    }

    fn failed(&mut self, stopped: Stopped) -> PersistError {
        let what = match stopped {
            Stopped::Refused(refused) => {
                tracing::error!(%refused, "records were refused");
                return PersistError::Refused(refused);
            }
            Stopped::Sql(error) if is_full(&error) => return PersistError::Full,
            Stopped::Sql(error) => name_of(&error),
            Stopped::NoRandomness => "no random bytes from the system".to_owned(),
            Stopped::Unreadable(what) => format!("{what} cannot be read"),
        };
        tracing::error!(what, "the store is dead until the process starts again");
        self.health = Health::Dead;
        PersistError::Io { what }
    }

    /// The pages of filed cases belong to the outbox from here on, and their keys to the hall.
    fn release_filed(&mut self, records: &[Record]) {
        for record in records {
            if let Record::CaseFiled(filed) = record {
                let kept: BTreeSet<_> = filed.scans.iter().map(|page| page.scan.digest).collect();
                self.vault.filed(filed.case, &kept);
            }
        }
    }
}
