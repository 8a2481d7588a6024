//! What somebody must look at: told exceptions, and envelopes that are away too long.
//!
//! A told exception stays on the list until a named person has seen it. An envelope that is away
//! stays on the list until it has arrived, whoever has seen it.

use kiosk_words::{ReceiptNo, WallTime};
use rusqlite::{Connection, Row, params};

use super::{
    StoreError, WriteContext, cases, chain, count,
    custody::{self, Line},
};
use crate::custody::Way;

/// A line with the number by which people call its case.
#[derive(Debug)]
pub struct Entry {
    pub line: Line,
    pub receipt: ReceiptNo,
    pub seen: Option<Seen>,
}

#[derive(Debug)]
pub struct Seen {
    pub who: String,
    pub at: WallTime,
    pub note: String,
}

#[derive(Debug)]
pub struct Away {
    pub entry: Entry,
    pub way: Way,
}

const IS_EXCEPTION: &str = "(l.step IN ('no_place', 'too_late', 'unconfirmed', 'quarantined')
    OR l.fits = 0 OR l.aside = 1)";
const JOINED: &str = "FROM custody_lines l JOIN cases c ON c.case_id = l.case_id
    LEFT JOIN custody_seen s ON s.line = l.id";

/// Exceptions nobody has seen, oldest first.
pub fn unseen(sql: &Connection, limit: u32) -> Result<Vec<Entry>, StoreError> {
    entries(sql, &format!("{IS_EXCEPTION} AND s.line IS NULL ORDER BY l.id LIMIT ?1"), limit)
}

/// Exceptions somebody has seen, newest first.
pub fn seen(sql: &Connection, limit: u32) -> Result<Vec<Entry>, StoreError> {
    entries(
        sql,
        &format!("{IS_EXCEPTION} AND s.line IS NOT NULL ORDER BY l.id DESC LIMIT ?1"),
        limit,
    )
}

pub fn n_unseen(sql: &Connection) -> Result<u64, StoreError> {
    let query = format!("SELECT count(*) {JOINED} WHERE {IS_EXCEPTION} AND s.line IS NULL");
    Ok(count(sql.prepare_cached(&query)?.query_row([], |row| row.get(0))?))
}

/// Given at a window or by post, newest first.
pub fn by_hand(sql: &Connection, limit: u32) -> Result<Vec<Entry>, StoreError> {
    entries(sql, "l.step = 'handed_out' ORDER BY l.id DESC LIMIT ?1", limit)
}

fn entries(sql: &Connection, tail: &str, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let columns = custody::columns();
    let query =
        format!("SELECT {columns}, c.receipt, s.who, s.at_ms, s.note {JOINED} WHERE {tail}");
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([limit])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(entry(row)?);
    }
    Ok(all)
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let at = custody::N_COLUMNS;
    let receipt: String = row.get(at)?;
    let seen = match row.get::<_, Option<String>>(at + 1)? {
        Some(who) => Some(Seen { who, at: WallTime(row.get(at + 2)?), note: row.get(at + 3)? }),
        None => None,
    };
    Ok(Entry {
        line: custody::line(row)?,
        receipt: receipt.parse().map_err(|_| StoreError::Content { what: "a receipt number" })?,
        seen,
    })
}

/// Envelopes between cell and desk, the longest first.
pub fn away(sql: &Connection, limit: u32) -> Result<Vec<Away>, StoreError> {
    let columns = custody::columns();
    let query = format!(
        "SELECT {columns}, c.receipt, s.who, s.at_ms, s.note, a.way
         FROM away a JOIN custody_lines l ON l.id = a.line JOIN cases c ON c.case_id = l.case_id
            LEFT JOIN custody_seen s ON s.line = l.id
         ORDER BY l.id LIMIT ?1"
    );
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([limit])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let way = cases::from_word(row.get(custody::N_COLUMNS + 4)?, "a way")?;
        all.push(Away { entry: entry(row)?, way });
    }
    Ok(all)
}

/// Notes who has seen a line; `false` if there is none or somebody was faster.
pub fn note_seen(
    context: &WriteContext<'_>,
    line: i64,
    note: &str,
    who: &str,
    now: WallTime,
) -> Result<bool, StoreError> {
    let Some(found) = custody::get(context.sql, line)? else { return Ok(false) };
    let n_new = context.sql.execute(
        "INSERT INTO custody_seen (line, who, at_ms, note) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
        params![line, who, now.0, note],
    )?;
    if n_new == 0 {
        return Ok(false);
    }
    let detail = format!("line {line}");
    chain::append(context, now, who, chain::Kind::ExceptionSeen, Some(found.case), &detail)?;
    Ok(true)
}
