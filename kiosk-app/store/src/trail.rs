//! The audit chain in the database: its head, its lines, its proof, and that what the lines are
//! about is still as it was written.

mod about;

use hall_api::audit::{self, Head, Line};
use kiosk_words::{Digest32, WallTime};
use rusqlite::{Row, params};

use crate::{error::StoreError, rows, store::Store};

impl Store {
    /// Hash of the last line (the genesis when there is none) and the number of lines.
    pub fn audit_head(&self) -> Result<(Digest32, u64), StoreError> {
        self.alive()?;
        let mut station = self.db.prepare_cached("SELECT audit_head, n_audit FROM station")?;
        let (hash, n_lines): ([u8; 32], i64) =
            station.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((Digest32(hash), n_lines.unsigned_abs()))
    }

    /// Walks the whole chain; it must end at the head the database names.
    pub fn verify_audit(&self) -> Result<Head, StoreError> {
        self.verify_audit_with(&[])
    }

    /// The same, and the chain must pass through every head the hall has kept. Only this finds a
    /// chain that was written anew together with its head. What the lines are about is compared
    /// with them only when the chain is whole.
    pub fn verify_audit_with(&self, kept: &[Head]) -> Result<Head, StoreError> {
        let (hash, n_lines) = self.audit_head()?;
        let mut known = kept.to_vec();
        known.push(Head { n_lines, hash });
        let mut lines = self.db.prepare(
            "SELECT seq, prev, kind, case_id, session, at, quality, payload
             FROM audit ORDER BY seq",
        )?;
        let lines = lines.query_map([], |row| Ok(line(row)))?;
        let head = audit::verify(self.epoch, lines.map(|row| row?), &known)?;
        self.check_openings()?;
        self.check_events()?;
        Ok(head)
    }

    /// Lines after `after`, oldest first, at most `limit`: for looking and for export.
    pub fn audit_lines(&self, after: u64, limit: usize) -> Result<Vec<Line>, StoreError> {
        self.alive()?;
        let mut lines = self.db.prepare_cached(
            "SELECT seq, prev, kind, case_id, session, at, quality, payload
             FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let range = params![rows::integer(after), rows::integer(limit as u64)];
        let found = lines.query_map(range, |row| Ok(line(row)))?;
        found.map(|row| row?).collect()
    }
}

fn line(row: &Row<'_>) -> Result<Line, StoreError> {
    Ok(Line {
        seq: rows::seq(row.get(0)?)?.0,
        prev: Digest32(row.get(1)?),
        kind: row.get(2)?,
        case: row.get::<_, Option<[u8; 16]>>(3)?.map(rows::case_id),
        session: row.get::<_, Option<i64>>(4)?.map(rows::session_number),
        at: WallTime(row.get(5)?),
        quality: rows::quality(&row.get::<_, String>(6)?)?,
        payload: row.get::<_, Option<[u8; 32]>>(7)?.map(Digest32),
    })
}
