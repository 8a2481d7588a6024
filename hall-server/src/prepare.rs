//! What a data folder must have before anything is done with it: the hall's keys, the tables, the
//! staff CA. In this order: keys are made only for a folder without a database, and the staff CA
//! only where the tables say that no card hangs on one, as in a folder of the release before.
//!
//! One command prepares at a time; all of them, the serving hall too, come through here.

use kiosk_words::WallTime;
use rusqlite::Connection;

use crate::{
    ca::{KeyError, Keys},
    folder::{Folder, FolderError},
    staff_ca::StaffCa,
    store::{self, StoreError, staff_cards},
};

/// A folder that can be used.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) keys: Keys,
    pub(crate) staff_ca: StaffCa,
    pub(crate) database: Connection,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("data folder")]
    Folder(#[from] FolderError),
    #[error("keys of the hall")]
    Keys(#[from] KeyError),
    #[error("store")]
    Store(#[from] StoreError),
}

pub(crate) fn prepare(folder: &Folder, now: WallTime) -> Result<Prepared, PrepareError> {
    let _preparing = folder.lock_preparing()?;
    let keys = Keys::open_or_create(folder, now)?;
    let database = store::open_database(&folder.database())?;
    let staff_ca = staff_ca(folder, &database, now)?;
    Ok(Prepared { keys, staff_ca, database })
}

fn staff_ca(
    folder: &Folder,
    database: &Connection,
    now: WallTime,
) -> Result<StaffCa, PrepareError> {
    let opened = StaffCa::open(folder);
    let is_missing = matches!(opened, Err(KeyError::Missing { .. }));
    if !is_missing || staff_cards::any_issued(database)? {
        return Ok(opened?);
    }
    Ok(StaffCa::create(folder, now)?)
}
