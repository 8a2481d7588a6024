//! 领取冻结: nothing of a case is given out until it is lifted. Every act keeps its name and reason.
//!
//! A station without a locker gives nothing out and is not told; the hall sends no order for a
//! frozen case, so such a station cannot come into that position later either.

use hall_api::wire::FeedWhat;
use kiosk_words::{CaseId, StationId, WallTime};
use rusqlite::{Connection, params};

use super::{StoreError, WriteContext, cases, chain, count, feed, int, stations};

/// One act on a case.
#[derive(Debug)]
pub struct Freeze {
    pub case: CaseId,
    pub is_frozen: bool,
    pub who: String,
    pub at: WallTime,
    pub reason: String,
    /// Place in the station's feed; `None` where it is not told.
    pub cursor: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum FreezeRefused {
    NotFound,
    /// It is so already.
    Already,
}

pub fn set(
    context: &mut WriteContext<'_>,
    case: CaseId,
    is_frozen: bool,
    reason: &str,
    who: &str,
    now: WallTime,
) -> Result<Result<(), FreezeRefused>, StoreError> {
    let Some(standing) = cases::standing(context.sql, case)? else {
        return Ok(Err(FreezeRefused::NotFound));
    };
    if standing.is_frozen == is_frozen {
        return Ok(Err(FreezeRefused::Already));
    }
    context.sql.execute(
        "UPDATE cases SET frozen = ?2 WHERE case_id = ?1",
        params![case.0.into_bytes(), is_frozen],
    )?;
    let cursor = if stations::has_locker(context.sql, standing.station)? {
        let what = FeedWhat::Freeze { frozen: is_frozen };
        Some(feed::append(context, standing.station, case, &what, now)?)
    } else {
        None
    };
    context.sql.execute(
        "INSERT INTO freezes (case_id, frozen, who, at_ms, reason, cursor)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![case.0.into_bytes(), is_frozen, who, now.0, reason, cursor.map(int)],
    )?;
    let kind = if is_frozen { chain::Kind::CaseFrozen } else { chain::Kind::CaseUnfrozen };
    chain::append(context, now, who, kind, Some(case), "")?;
    Ok(Ok(()))
}

/// The last act on a case, if there was one.
pub fn last(sql: &Connection, case: CaseId) -> Result<Option<Freeze>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT case_id, frozen, who, at_ms, reason, cursor FROM freezes
         WHERE case_id = ?1 ORDER BY id DESC LIMIT 1",
    )?;
    let mut rows = find.query([case.0.into_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// Cases that are frozen now, with the act that froze them and the station of each.
pub fn in_force(
    sql: &Connection,
    limit: u32,
) -> Result<Vec<(Freeze, StationId, String)>, StoreError> {
    let mut find = sql.prepare(
        "SELECT f.case_id, f.frozen, f.who, f.at_ms, f.reason, f.cursor, c.station, c.receipt
         FROM cases c JOIN freezes f ON f.id = (
            SELECT max(id) FROM freezes WHERE case_id = c.case_id)
         WHERE c.frozen = 1 ORDER BY f.id LIMIT ?1",
    )?;
    let mut rows = find.query([limit])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((read(row)?, super::station(row.get(6)?)?, row.get(7)?));
    }
    Ok(all)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Freeze, StoreError> {
    Ok(Freeze {
        case: super::case_id(row.get(0)?),
        is_frozen: row.get(1)?,
        who: row.get(2)?,
        at: WallTime(row.get(3)?),
        reason: row.get(4)?,
        cursor: row.get::<_, Option<i64>>(5)?.map(count),
    })
}
