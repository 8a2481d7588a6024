//! What a data folder must have before anything is done with it: keys and tables, in this order,
//! because keys are made only for a folder without a database.
//!
//! One command prepares at a time; all of them, the serving hall too, come through here.

use kiosk_words::WallTime;
use rusqlite::Connection;

use crate::{
    ca::{KeyError, Keys},
    folder::{Folder, FolderError},
    store::{self, StoreError},
};

/// A folder that can be used.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) keys: Keys,
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
    Ok(Prepared { keys, database })
}
