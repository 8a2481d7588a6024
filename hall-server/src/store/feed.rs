//! What a station is told: entries in commit order, read by cursor.

use hall_api::wire::{FeedEntry, FeedWhat};
use kiosk_words::{CaseId, StationId, WallTime};
use rusqlite::{Connection, params};

use super::{StoreError, WriteContext, count, int, stations};
use crate::tls::Peer;

/// Most entries in one answer.
const ENTRIES_MAX: u32 = 100;

/// Appends an entry and rings the station of filing; other stations never see it.
pub(super) fn append(
    context: &mut WriteContext<'_>,
    station: StationId,
    case: CaseId,
    what: &FeedWhat,
    now: WallTime,
) -> Result<(), StoreError> {
    let what = super::cases::to_text(what);
    context
        .sql
        .prepare_cached("INSERT INTO feed (station, case_id, what, at_ms) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![u16::from(station), case.0.into_bytes(), what, now.0])?;
    context.wake(station);
    Ok(())
}

/// Entries beyond the cursor and the cursor the station was known to have.
pub type Page = (Vec<FeedEntry>, u64);

/// The inner error: the certificate does not stand.
pub fn after(
    sql: &Connection,
    peer: &Peer,
    cursor: u64,
) -> Result<Result<Page, stations::Standing>, StoreError> {
    match stations::standing(sql, peer)? {
        stations::Standing::Good => {}
        bad @ (stations::Standing::Unknown | stations::Standing::Revoked) => return Ok(Err(bad)),
    }
    let number = u16::from(peer.station);
    let known = sql
        .prepare_cached("SELECT feed_read FROM stations WHERE station = ?1")?
        .query_row([number], |row| row.get(0))?;
    let mut find = sql.prepare_cached(
        "SELECT cursor, case_id, what FROM feed WHERE station = ?1 AND cursor > ?2
         ORDER BY cursor LIMIT ?3",
    )?;
    let mut rows = find.query(params![number, int(cursor), ENTRIES_MAX])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(FeedEntry {
            cursor: count(row.get(0)?),
            case: super::case_id(row.get(1)?),
            what: serde_json::from_str(&row.get::<_, String>(2)?)
                .map_err(|_| StoreError::Content { what: "a feed entry" })?,
        });
    }
    Ok(Ok((items, count(known))))
}

/// Notes how far the station has read; a cursor never goes back.
pub fn note_read(
    context: &WriteContext<'_>,
    station: StationId,
    cursor: u64,
) -> Result<(), StoreError> {
    context.sql.execute(
        "UPDATE stations SET feed_read = ?2 WHERE station = ?1 AND feed_read < ?2
            AND ?2 <= (SELECT coalesce(max(cursor), 0) FROM feed)",
        params![u16::from(station), int(cursor)],
    )?;
    Ok(())
}
