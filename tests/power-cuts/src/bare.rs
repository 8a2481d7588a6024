//! Two tables and nothing of the product: the least that could be cut, to measure against, and the
//! place where every setting of SQLite can be tried.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use testkit::Random;

use crate::{
    lives::{Expected, Scale, Stopped, Subject},
    tally::Found,
};

/// How SQLite is set.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub is_cipher: bool,
    pub journal: &'static str,
    pub synchronous: &'static str,
}

impl Settings {
    /// As both products set it.
    pub const PLAIN: Self = Self { is_cipher: false, journal: "WAL", synchronous: "FULL" };
    pub const CIPHER: Self = Self { is_cipher: true, ..Self::PLAIN };
}

/// Cases and events; one transaction writes one of each.
#[derive(Debug)]
pub struct Bare {
    path: PathBuf,
    settings: Settings,
    db: Option<Connection>,
    expected: Expected<(i64, i64)>,
}

const KEY: &str =
    "PRAGMA key = \"x'2b7e151628aed2a6abf7158809cf4f3c2b7e151628aed2a6abf7158809cf4f3c'\";";
/// Pages in the log before it is moved into the database: cuts shall come there too.
const CHECKPOINT_PAGES: u32 = 20;
const BODY_BYTES: u64 = 3_000;

impl Bare {
    pub fn new(folder: &Path, settings: Settings) -> Self {
        Self { path: folder.join("bare.db"), settings, db: None, expected: Expected::new((0, 0)) }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let Settings { is_cipher, journal, synchronous } = self.settings;
        let db = Connection::open(&self.path)?;
        if is_cipher {
            db.execute_batch(KEY)?;
        }
        db.execute_batch(&format!(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA synchronous = {synchronous};
             PRAGMA journal_mode = {journal};
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
             CREATE TABLE IF NOT EXISTS cases (n INTEGER PRIMARY KEY, body TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, body TEXT NOT NULL);"
        ))?;
        Ok(db)
    }

    fn db(&self) -> Result<&Connection, Stopped> {
        self.db.as_ref().ok_or_else(|| Stopped::Failed("the store is closed".to_owned()))
    }
}

impl Subject for Bare {
    fn open(&mut self) -> Result<(), Stopped> {
        self.db = Some(self.connect()?);
        Ok(())
    }

    fn look(&mut self) -> Result<(), Stopped> {
        let db = self.db()?;
        let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Stopped::Found(Found::Broken(found)));
        }
        let seen = db.query_row(
            "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM outbox)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        self.expected.settle(&seen)?;
        Ok(())
    }

    fn work(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let (n, _) = *self.expected.present();
        self.expected.begin((n + 1, n + 1));
        let n_bytes = usize::try_from(1 + chance.below(BODY_BYTES))?;
        let body = "x".repeat(n_bytes);
        let db = self.db.as_mut().ok_or_else(|| Stopped::Failed("closed".to_owned()))?;
        let tx = db.transaction()?;
        tx.prepare_cached("INSERT INTO cases VALUES (?1, ?2)")?.execute(params![n, body])?;
        tx.prepare_cached("INSERT INTO outbox VALUES (?1, ?2)")?.execute(params![n, body])?;
        tx.commit()?;
        self.expected.acknowledge();
        Ok(())
    }

    fn close(&mut self) {
        self.db = None;
    }

    fn counts(&self) -> (u64, u64) {
        self.expected.counts()
    }

    fn scale(&self) -> Scale {
        Scale { writes_to_open: 30, writes_in_life: 200, syncs_in_life: 25 }
    }

    fn stops_in_order(&self) -> bool {
        true
    }
}
