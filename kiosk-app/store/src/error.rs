//! How the store fails, and what the caller may do next.

use std::{io, path::PathBuf};

use hall_api::{audit::AuditError, seal::SealError};
use kiosk_core::event;
use kiosk_words::{CaseId, OrderId};
use rusqlite::ErrorCode;

use crate::key::NoRandomness;

/// Why the store does not open. A new database is never made instead.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process uses this data folder")]
    InUse,
    #[error(
        "there is no database at {}: this station was in service before, or its folder is another",
        path.display()
    )]
    NoDatabase { path: PathBuf },
    #[error("there is a database at {} already: it is never replaced", path.display())]
    AlreadyThere { path: PathBuf },
    #[error("the store key does not fit the database, or the database's first page is damaged")]
    WrongKey,
    #[error("the database is damaged ({finding})")]
    Corrupt { finding: String },
    #[error("the database has schema {found}, this program knows schemas up to {known}")]
    Newer { found: i32, known: i32 },
    #[error("the wrap key is missing or not the one the database names: records cannot be shown")]
    WrapKey,
    #[error("the file {} in the identity folder is not readable as what it should be", path.display())]
    Identity { path: PathBuf },
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("reading or writing the data folder")]
    Io(#[source] io::Error),
    #[error("opening the database")]
    Database(#[source] rusqlite::Error),
    #[error("bringing the database to this program's schema")]
    Migration(#[source] Box<refinery::Error>),
}

impl OpenError {
    /// Exit code of the program: 3 a second process, 2 nothing a restart mends, 75 try later.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::InUse => 3,
            Self::NoDatabase { .. }
            | Self::AlreadyThere { .. }
            | Self::WrongKey
            | Self::Corrupt { .. }
            | Self::Newer { .. }
            | Self::WrapKey
            | Self::Identity { .. } => 2,
            Self::Randomness(_) | Self::Io(_) | Self::Database(_) | Self::Migration(_) => 75,
        }
    }
}

/// Why records were not written. Nothing of the transaction is kept.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// No room on the disk: no new cases until [`crate::Store::room`] says so.
    #[error("the disk is full")]
    Full,
    /// An I/O error or failed flush: this store refuses everything from here on (a second flush
    /// proves nothing). The process must start again.
    #[error("the disk failed ({what})")]
    Io { what: String },
    /// An earlier I/O error.
    #[error("the store stopped after a disk failure")]
    Dead,
    /// A record that may not be written; a bug of the caller or a foreign case.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Records that are never written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("case {0} is not in this store")]
    UnknownCase(CaseId),
    #[error("case {case}: the transition table does not allow {what}")]
    IllegalMove { case: CaseId, what: String },
    #[error("case {0}: received by the hall was claimed before its event was settled")]
    NoProof(CaseId),
    #[error("case {0} names a page that was not sealed in this session")]
    UnknownScan(CaseId),
    #[error("the station is not enrolled: it has no key of the hall to seal to")]
    NotEnrolled,
    #[error("order {} is not in this store", .0.0)]
    UnknownOrder(OrderId),
    #[error("authorisation {0} is not open: it was never given, or has ended")]
    NotOpen(u64),
    #[error("print {0} is not under way: it was never started, or has ended")]
    NotPrinting(u64),
    #[error("a number, case or counter block is there already, or out of order")]
    Duplicate,
}

/// Why a question to the store has no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store stopped after a disk failure")]
    Dead,
    #[error("the disk is full")]
    Full,
    #[error("the database does not answer ({0})")]
    Database(String),
    #[error("the database holds {0} that this program cannot read")]
    Unreadable(&'static str),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The chain is whole, and what it is about is not.
    #[error(transparent)]
    Edited(#[from] Edited),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("reading or writing the data folder")]
    Io(#[from] io::Error),
}

/// What the audit chain is about is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Edited {
    #[error("what line {seq} of the audit chain is about was changed or removed since")]
    Row { seq: u64 },
    #[error("the database has authorisation {number}, and no line of the audit chain is about it")]
    AddedOpening { number: i64 },
    #[error("the database says how authorisation {number} ended, the audit chain does not")]
    AddedEnd { number: i64 },
    #[error("the audit chain is about {expected} events, the database has {found}")]
    Events { expected: u64, found: u64 },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Database(name_of(&error)) }
    }
}

/// What the core is told. A refused record is a bug: the core stops as for a closed store.
impl From<&PersistError> for event::PersistError {
    fn from(error: &PersistError) -> Self {
        match error {
            PersistError::Full => Self::Full,
            PersistError::Io { .. } | PersistError::Dead => Self::Io,
            PersistError::Refused(_) => Self::Closed,
        }
    }
}

pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// The kind of a database error without its message, which may quote a value.
pub(crate) fn name_of(error: &rusqlite::Error) -> String {
    error.sqlite_error().map_or_else(
        || "a value of an unexpected type".to_owned(),
        |code| format!("{:?}, extended code {}", code.code, code.extended_code),
    )
}
