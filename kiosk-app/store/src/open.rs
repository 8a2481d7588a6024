//! Making a store once, and opening it at every start.
//!
//! Opening never makes a database: without one, or without its key, the station stops and says
//! so. A new database is made under another name and renamed when it is whole, so that a power
//! cut at first boot leaves either nothing or a store.

use std::{fs, path::Path, sync::Once};

use hall_api::audit;
use kiosk_core::Recovered;
use kiosk_words::{Digest32, Epoch, Private, WallTime};
use rusqlite::{Connection, ErrorCode, params};
use uuid::Uuid;

use crate::{
    error::{OpenError, is_full, name_of},
    folder::{self, Folder},
    identity::Identity,
    key::{StoreKey, random},
    lock::Lock,
    recover,
    room::{self, Room},
    store::{Health, Store},
    vault::{self, Vault},
    wrap::{ID_LEN, NamedWrapKey},
};

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// Prepared statements kept; the store has fewer.
const STATEMENTS_MAX: usize = 64;

/// What lies in a data folder, before anything is opened: the choice between first boot, a normal
/// start and a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Neither key nor database: first boot.
    Nothing,
    /// Both: open.
    Both,
    /// A key whose database is gone: refuse, never make a new one.
    KeyOnly,
    /// A database whose key is gone: refuse, never make a new one.
    DatabaseOnly,
}

impl Store {
    pub fn presence(folder: &Path, key: &Path) -> Presence {
        match (key.exists(), Folder::new(folder).database().exists()) {
            (false, false) => Presence::Nothing,
            (true, true) => Presence::Both,
            (true, false) => Presence::KeyOnly,
            (false, true) => Presence::DatabaseOnly,
        }
    }

    /// Makes a new store, durable when this returns. Refuses a folder that has one.
    pub fn provision(root: &Path, key: &StoreKey, epoch: Epoch) -> Result<(), OpenError> {
        let folder = Folder::new(root);
        folder.create().map_err(OpenError::Io)?;
        let _lock = Lock::take(&folder)?;
        let path = folder.database();
        if path.exists() {
            return Err(OpenError::AlreadyThere { path });
        }
        remove_unborn(&folder).map_err(OpenError::Io)?;
        let wrap = NamedWrapKey::new_random()?;
        wrap.write(&folder.wrap_key()).map_err(OpenError::Io)?;
        // Made empty first, for this user only: SQLite gives its log the same mode.
        folder::create_private(&folder.unborn_database()).map_err(OpenError::Io)?;
        let mut db = connect(&folder.unborn_database(), key)?;
        folder::sync_folder(root).map_err(OpenError::Io)?;
        migrate(&mut db)?;
        db.execute(
            "INSERT INTO station (id, epoch, owner_key, wrap_key_id, audit_head)
             VALUES (1, ?1, ?2, ?3, ?4)",
            params![epoch.0.into_bytes(), random::<32>()?, wrap.id, audit::genesis(epoch).0],
        )
        .map_err(OpenError::Database)?;
        // Closing moves the log into the file too, but says nothing when that fails.
        move_log(&db).map_err(OpenError::Database)?;
        db.close().map_err(|(_, error)| OpenError::Database(error))?;
        fs::rename(folder.unborn_database(), &path).map_err(OpenError::Io)?;
        folder::sync_folder(root).map_err(OpenError::Io)?;
        room::make_ballast(&folder).map_err(OpenError::Io)
    }

    /// Opens the store of a station and says what it knows. `started_at`: now, by the wall clock,
    /// to count starts in quick succession.
    pub fn open(
        root: &Path,
        key: &StoreKey,
        started_at: WallTime,
    ) -> Result<(Self, Recovered), OpenError> {
        let folder = Folder::new(root);
        let path = folder.database();
        if !path.exists() {
            return Err(OpenError::NoDatabase { path });
        }
        let lock = Lock::take(&folder)?;
        let mut db = connect(&path, key)?;
        check(&db)?;
        migrate(&mut db)?;
        let (epoch, owner_key, wrap_id) = station_row(&db).map_err(OpenError::Database)?;
        let wrap = NamedWrapKey::in_force(&folder, wrap_id)?;
        let identity = Identity::read(&folder)?;
        let room = room::at_start(&folder).map_err(OpenError::Io)?;
        recover::note_start(&db, started_at).map_err(OpenError::Database)?;
        // The log is there by now; its name must survive as its bytes do.
        folder::sync_folder(root).map_err(OpenError::Io)?;
        let filed = recover::filed_scans(&db).map_err(OpenError::Database)?;
        let n_orphans = vault::remove_orphans(&folder, &filed).map_err(OpenError::Io)?;
        if n_orphans > 0 {
            tracing::info!(n_orphans, "removed pages of a session that was cut off");
        }
        let recovered = recover::read(&db, started_at, room).map_err(unreadable)?;
        let health = match room {
            Room::Enough => Health::Well,
            Room::Full => Health::Full,
        };
        let hall = identity.as_ref().map(|identity| identity.hall_seal_key.clone());
        let vault = Vault::new(folder.clone(), hall);
        let store =
            Self { db, folder, epoch, owner_key, wrap, identity, vault, health, _lock: lock };
        Ok((store, recovered))
    }
}

/// One connection with the key and every setting; the first statement that reads finds a wrong key.
/// SQLite calls itself ready before SQLCipher has registered its ciphers, so of two threads that
/// open the first database of a process at one moment the second may find none. Only tests do.
static SQLCIPHER: Once = Once::new();

fn connect(path: &Path, key: &StoreKey) -> Result<Connection, OpenError> {
    SQLCIPHER.call_once(|| drop(Connection::open_in_memory()));
    let db = Connection::open(path).map_err(OpenError::Database)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let set = db.execute_batch(key.pragma().expose()).and_then(|()| {
        // EXCLUSIVE before WAL: no shared-memory file is made. EXTRA is FULL here, and covers the
        // one journal that exists while the mode switches to WAL.
        db.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA temp_store = MEMORY;
             PRAGMA secure_delete = ON;
             PRAGMA synchronous = EXTRA;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             SELECT count(*) FROM sqlite_master;",
        )
    });
    #[cfg(feature = "planted")]
    let set = set.and_then(|()| plant_normal_sync(&db));
    match set {
        Ok(()) => Ok(db),
        Err(error) => Err(why_not(error)),
    }
}

/// The mistake of answering before the flush.
#[cfg(feature = "planted")]
fn plant_normal_sync(db: &Connection) -> rusqlite::Result<()> {
    use kiosk_words::planted::{Bug, is_planted};
    if is_planted(Bug::NormalSync) {
        db.execute_batch("PRAGMA synchronous = NORMAL")
    } else {
        Ok(())
    }
}

fn why_not(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::WrongKey,
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { finding: name_of(&error) },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse,
        _ => OpenError::Database(error),
    }
}

/// Moves the log into the database file. Nobody else reads, so all of it is moved.
fn move_log(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint", [], |_| Ok(()))
}

/// Reads every page: SQLCipher's checksum of each, then SQLite's structure.
///
/// SQLCipher looks at the file and not into the log. A power cut while the log was being moved
/// leaves torn pages in the file that the log has whole, so the log is moved first. Without room
/// for that the structure is read through the log, which finds a bad checksum of a used page too.
fn check(db: &Connection) -> Result<(), OpenError> {
    let is_moved = match move_log(db) {
        Ok(()) => true,
        Err(error) if is_full(&error) => false,
        Err(error) => return Err(why_not(error)),
    };
    let first = |sql: &str| -> rusqlite::Result<Option<String>> {
        db.prepare(sql)?.query_map([], |row| row.get(0))?.next().transpose()
    };
    let damaged = |finding: String| OpenError::Corrupt { finding };
    if is_moved && let Some(finding) = first("PRAGMA cipher_integrity_check").map_err(why_not)? {
        return Err(damaged(finding));
    }
    match first("PRAGMA quick_check(1)") {
        Ok(Some(finding)) if finding == "ok" => Ok(()),
        Ok(finding) => Err(damaged(finding.unwrap_or_else(|| "no answer".to_owned()))),
        Err(error) => Err(damaged(name_of(&error))),
    }
}

/// Brings an older schema up; refuses a newer one, whose meaning this program cannot know.
fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    // Grouped: a migration and the note of it are one transaction, so that a power cut between them
    // does not leave tables that the next start would make again.
    let runner = migrations::migrations::runner().set_grouped(true);
    let known = runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0);
    let found = found_schema(db).map_err(OpenError::Database)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    runner.run(db).map_err(|error| OpenError::Migration(Box::new(error)))?;
    Ok(())
}

fn found_schema(db: &Connection) -> rusqlite::Result<i32> {
    let has_history: bool = db.query_row(
        "SELECT count(*) > 0 FROM sqlite_master WHERE name = 'refinery_schema_history'",
        [],
        |row| row.get(0),
    )?;
    if !has_history {
        return Ok(0);
    }
    db.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| {
        row.get(0)
    })
}

type StationRow = (Epoch, Private<[u8; 32]>, [u8; ID_LEN]);

fn station_row(db: &Connection) -> rusqlite::Result<StationRow> {
    db.query_row("SELECT epoch, owner_key, wrap_key_id FROM station", [], |row| {
        let epoch = Epoch(Uuid::from_bytes(row.get(0)?));
        Ok((epoch, Private::new(row.get(1)?), row.get(2)?))
    })
}

fn remove_unborn(folder: &Folder) -> std::io::Result<()> {
    let unborn = folder.unborn_database();
    for end in ["", "-wal", "-journal", "-shm"] {
        let mut name = unborn.clone().into_os_string();
        name.push(end);
        folder::remove_if_there(Path::new(&name))?;
    }
    Ok(())
}

fn unreadable(error: crate::error::StoreError) -> OpenError {
    OpenError::Corrupt { finding: error.to_string() }
}

/// Names of filed pages, for the scan folder.
pub(crate) type Digests = std::collections::BTreeSet<Digest32>;
