//! What the station is told at start: the unsettled part of everything.

pub(crate) mod custody;

use kiosk_core::{
    Recovered,
    event::Interrupted,
    record::{AuditKind, SessionEnd},
};
use kiosk_words::{CaseId, CaseState, Digest32, Seq, ServiceTime, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{devices, error::StoreError, open::Digests, room::Room, rows, staff};

/// Starts within this time count towards care mode (design.md, section 3).
const RECENT_MS: i64 = 600_000;
/// Starts that are kept; care mode needs three.
const STARTS_MAX: i64 = 16;

pub(crate) fn note_start(db: &Connection, at: WallTime) -> rusqlite::Result<()> {
    db.execute("INSERT INTO start (at) VALUES (?1)", params![at.0])?;
    db.execute("DELETE FROM start WHERE id <= (SELECT max(id) FROM start) - ?1", [STARTS_MAX])?;
    Ok(())
}

pub(crate) fn filed_scans(db: &Connection) -> rusqlite::Result<Digests> {
    let mut scans = db.prepare("SELECT digest FROM scan")?;
    let digests = scans.query_map([], |row| row.get(0).map(Digest32))?;
    digests.collect()
}

pub(crate) fn read(
    db: &Connection,
    started_at: WallTime,
    room: Room,
) -> Result<Recovered, StoreError> {
    let (service_time, feed_cursor): (i64, i64) =
        db.query_row("SELECT service_time, feed_cursor FROM station", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    // A start that seems to lie ahead was before a clock that went back: it is not counted.
    let recent_starts = db.query_row(
        "SELECT count(*) FROM start WHERE at BETWEEN ?1 AND ?2",
        params![started_at.0.saturating_sub(RECENT_MS), started_at.0],
        |row| row.get(0),
    )?;
    Ok(Recovered {
        service_time: ServiceTime(service_time),
        recent_starts,
        interrupted: interrupted(db)?,
        last_session: last_session(db)?,
        receipts: receipts(db)?,
        outbox: outbox(db)?,
        scans: undelivered_scans(db)?,
        held: held(db)?,
        feed_cursor: feed_cursor.unsigned_abs(),
        open_cases: open_cases(db)?,
        full: room == Room::Full,
        custody: custody::custody(db)?,
        prints: custody::prints(db)?,
        lockouts: staff::lockouts(db)?,
        had_alarm: had_alarm(db)?,
        staff_trust: staff::trust(db)?,
        devices: devices::seen(db)?,
        maintenance: devices::maintenance(db)?,
    })
}

/// The newest session, if nothing closed it but the end of the program. Whoever was cut off is
/// told so however often the program ends before they, or anybody, have come back.
fn interrupted(db: &Connection) -> Result<Option<Interrupted>, StoreError> {
    let last: Option<(i64, Option<String>, Option<String>)> = db
        .query_row("SELECT number, why, filed FROM session ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((number, why, filed)) = last else { return Ok(None) };
    if why.is_some_and(|why| why != rows::session_end(SessionEnd::Interrupted)) {
        return Ok(None);
    }
    let filed = filed.as_deref().map(rows::receipt).transpose()?;
    Ok(Some(Interrupted { session: rows::session_number(number), filed }))
}

/// The chain knows: the last line about an alarm says that one was raised.
fn had_alarm(db: &Connection) -> rusqlite::Result<bool> {
    let [raised, reset, over] =
        [AuditKind::AlarmRaised, AuditKind::AlarmReset, AuditKind::AlarmOver].map(AuditKind::id);
    let last: Option<String> = db
        .query_row(
            "SELECT kind FROM audit WHERE kind IN (?1, ?2, ?3) ORDER BY seq DESC LIMIT 1",
            [raised, reset, over],
            |row| row.get(0),
        )
        .optional()?;
    Ok(last.is_some_and(|kind| kind == raised))
}

fn last_session(db: &Connection) -> rusqlite::Result<u64> {
    let last: Option<i64> =
        db.query_row("SELECT max(number) FROM session", [], |row| row.get(0))?;
    Ok(last.map_or(0, rows::session_number))
}

/// Next counter and end of the first block that is not used up.
fn receipts(db: &Connection) -> Result<Option<(u32, u32)>, StoreError> {
    let block = db
        .query_row(
            "SELECT max(first_counter, next_counter), end_counter
             FROM receipt_block JOIN station
             WHERE end_counter > next_counter ORDER BY end_counter LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(block)
}

fn outbox(db: &Connection) -> Result<Vec<(Seq, CaseId)>, StoreError> {
    let mut events =
        db.prepare("SELECT seq, case_id FROM outbox WHERE answer IS NULL ORDER BY seq")?;
    let found = events.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found
        .map(|row| {
            let (seq, case) = row?;
            Ok((rows::seq(seq)?, rows::case_id(case)))
        })
        .collect()
}

fn undelivered_scans(db: &Connection) -> Result<Vec<CaseId>, StoreError> {
    let mut cases = db.prepare("SELECT id FROM cases WHERE scans_delivered = 0 ORDER BY seq")?;
    let found = cases.query_map([], |row| row.get(0).map(rows::case_id))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Cases whose filing a person at the hall must look at; a held move of an envelope does not
/// make a received case unreceived.
fn held(db: &Connection) -> Result<Vec<CaseId>, StoreError> {
    let mut cases = db.prepare(
        "SELECT cases.id FROM cases JOIN outbox ON outbox.seq = cases.seq
         WHERE answer = 'held' ORDER BY cases.id",
    )?;
    let found = cases.query_map([], |row| row.get(0).map(rows::case_id))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn open_cases(db: &Connection) -> Result<Vec<(CaseId, CaseState)>, StoreError> {
    let mut cases = db.prepare("SELECT id, state FROM cases WHERE finished = 0 ORDER BY seq")?;
    let found =
        cases.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?)))?;
    found
        .map(|row| {
            let (case, state) = row?;
            Ok((rows::case_id(case), rows::state(&state)?))
        })
        .collect()
}
