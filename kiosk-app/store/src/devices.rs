//! What the parts of the station said of themselves, and whether staff have closed it for a while.

use kiosk_core::event::Maintenance;
use kiosk_words::WallTime;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::StoreError;

/// Parts by their id, and what each said of itself last.
pub(crate) fn seen(db: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut devices = db.prepare("SELECT part, identity FROM device ORDER BY part")?;
    let devices = devices.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(devices.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn keep_seen(db: &Connection, part: &str, identity: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO device (part, identity) VALUES (?1, ?2)
         ON CONFLICT (part) DO UPDATE SET identity = excluded.identity",
    )?
    .execute(params![part, identity])
    .map(drop)
}

pub(crate) fn maintenance(db: &Connection) -> Result<Option<Maintenance>, StoreError> {
    let until = |row: &rusqlite::Row<'_>| row.get::<_, Option<i64>>(0);
    let closed = db.query_row("SELECT opens_at FROM maintenance", [], until).optional()?;
    Ok(closed.map(|until| Maintenance { until: until.map(WallTime) }))
}

pub(crate) fn keep_maintenance(db: &Connection, is: Option<Maintenance>) -> rusqlite::Result<()> {
    db.execute("DELETE FROM maintenance", [])?;
    let Some(Maintenance { until }) = is else { return Ok(()) };
    let until = until.map(|WallTime(until)| until);
    db.execute("INSERT INTO maintenance (id, opens_at) VALUES (1, ?1)", [until]).map(drop)
}
