//! One-time codes at rest: what the codes of stations and those of staff cards have in common.
//!
//! Each kind has a table of its own, because a station has a number and a person has another; the
//! columns named here are the same in both. A used code keeps the request that used it and the
//! answer, so that the same request again gets the same answer.

use kiosk_words::WallTime;
use rusqlite::{Row, params};

use super::{StoreError, WriteContext};

/// Whose codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeTable {
    Stations,
    StaffCards,
}

/// A code as it is entered.
#[derive(Debug)]
pub struct NewCode {
    /// The first group, by which a code is found that comes without a name.
    pub selector: String,
    /// Argon2id over both groups.
    pub hash: String,
    pub attempts: u32,
    pub made: WallTime,
    pub expires: WallTime,
}

/// A one-time code as it is kept.
#[derive(Debug)]
pub struct Code {
    pub id: i64,
    pub hash: String,
    pub expires: WallTime,
    pub attempts_left: u32,
    pub is_used: bool,
    pub request_hash: Option<[u8; 32]>,
    pub reply: Option<String>,
}

impl CodeTable {
    const fn name(self) -> &'static str {
        match self {
            Self::Stations => "enrol_codes",
            Self::StaffCards => "staff_card_codes",
        }
    }
}

/// What [`read`] reads, in its order.
pub(super) const COLUMNS: &str =
    "id, code_hash, expires_ms, attempts_left, used_ms, request_hash, reply";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Code> {
    Ok(Code {
        id: row.get(0)?,
        hash: row.get(1)?,
        expires: WallTime(row.get(2)?),
        attempts_left: row.get(3)?,
        is_used: row.get::<_, Option<i64>>(4)?.is_some(),
        request_hash: row.get(5)?,
        reply: row.get(6)?,
    })
}

pub fn count_wrong(
    context: &WriteContext<'_>,
    table: CodeTable,
    code: i64,
) -> Result<(), StoreError> {
    let table = table.name();
    context.sql.execute(
        &format!("UPDATE {table} SET attempts_left = max(attempts_left - 1, 0) WHERE id = ?1"),
        [code],
    )?;
    Ok(())
}

/// False: used, expired or out of attempts since it was looked at.
pub(super) fn use_up(
    context: &WriteContext<'_>,
    table: CodeTable,
    code: i64,
    request_hash: &[u8; 32],
    now: WallTime,
) -> Result<bool, StoreError> {
    let table = table.name();
    let n_used = context.sql.execute(
        &format!(
            "UPDATE {table} SET used_ms = ?2, request_hash = ?3
             WHERE id = ?1 AND used_ms IS NULL AND expires_ms > ?2 AND attempts_left > 0"
        ),
        params![code, now.0, request_hash],
    )?;
    Ok(n_used > 0)
}

/// Kept beside the used code, in the transaction that used it.
pub fn keep_reply(
    context: &WriteContext<'_>,
    table: CodeTable,
    code: i64,
    reply: &str,
) -> Result<(), StoreError> {
    let table = table.name();
    let sql = format!("UPDATE {table} SET reply = ?2 WHERE id = ?1");
    context.sql.execute(&sql, params![code, reply])?;
    Ok(())
}
