//! Stations, their one-time codes, certificates, receipt blocks and heartbeats with their cells.

use hall_api::wire::{CellReport, CounterBlock, Heartbeat};
use kiosk_words::{Epoch, StationId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    StoreError, WriteContext, chain,
    codes::{self, Code, CodeTable},
    count, int,
};
use crate::tls::Peer;

/// Receipt counters in one block.
pub const BLOCK_COUNTERS: u32 = 1_000;
/// A further block is handed out when fewer counters than this are surely unused.
pub const BLOCK_LOW: u32 = 250;
/// Receipt counters have eight digits.
const COUNTERS_MAX: u32 = 100_000_000;

/// Everything that a used code leaves behind.
#[derive(Debug)]
pub struct Enrolment {
    pub code: i64,
    pub station: StationId,
    pub epoch: Epoch,
    pub request_hash: [u8; 32],
    pub fingerprint: [u8; 32],
    pub not_after: WallTime,
}

/// What became of an enrolment in its transaction.
#[derive(Debug)]
pub enum Enrolled {
    Done,
    /// Used, expired or out of attempts since it was looked at.
    CodeGone,
    /// The epoch is another station's.
    EpochTaken,
}

/// Whether a certificate may speak for its station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    Unknown,
    Revoked,
}

/// A station for the console.
#[derive(Debug)]
pub struct StationLine {
    pub station: StationId,
    pub name: String,
    pub last_seen: Option<WallTime>,
    pub n_outbox: Option<u64>,
    pub reader: Option<String>,
    pub version: Option<String>,
    pub has_locker: bool,
}

/// The cells of a station as of its last heartbeat.
#[derive(Debug)]
pub struct CellMap {
    pub name: String,
    pub as_of: WallTime,
    pub cells: Vec<CellReport>,
}

pub fn add_code(
    context: &WriteContext<'_>,
    station: StationId,
    name: Option<&str>,
    code: (&str, u32),
    now: WallTime,
    expires: WallTime,
) -> Result<(), StoreError> {
    let (hash, attempts) = code;
    let number = u16::from(station);
    context.sql.execute(
        "INSERT INTO stations (station, name, added_ms) VALUES (?1, coalesce(?2, ''), ?3)
         ON CONFLICT (station) DO UPDATE SET name = coalesce(?2, name)",
        params![number, name, now.0],
    )?;
    context.sql.execute(
        "INSERT INTO enrol_codes (station, code_hash, made_ms, expires_ms, attempts_left)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![number, hash, now.0, expires.0, attempts],
    )?;
    chain::append(context, now, "hall", chain::Kind::CodeMade, None, &format!("station {station}"))
}

/// The newest code of a station: a new one voids those before it.
pub fn newest_code(sql: &Connection, station: StationId) -> Result<Option<Code>, StoreError> {
    let columns = codes::COLUMNS;
    let query =
        format!("SELECT {columns} FROM enrol_codes WHERE station = ?1 ORDER BY id DESC LIMIT 1");
    Ok(sql.query_row(&query, [u16::from(station)], codes::read).optional()?)
}

/// Uses up the code and enters epoch and certificate.
pub fn enrol(
    context: &WriteContext<'_>,
    enrolment: &Enrolment,
    now: WallTime,
) -> Result<Enrolled, StoreError> {
    let Enrolment { code, station, epoch, .. } = enrolment;
    let number = u16::from(*station);
    let epoch_bytes = epoch.0.into_bytes();
    let owner: Option<u16> = context
        .sql
        .query_row("SELECT station FROM epochs WHERE epoch = ?1", [epoch_bytes], |row| row.get(0))
        .optional()?;
    if owner.is_some_and(|owner| owner != number) {
        return Ok(Enrolled::EpochTaken);
    }
    if !codes::use_up(context, CodeTable::Stations, *code, &enrolment.request_hash, now)? {
        return Ok(Enrolled::CodeGone);
    }
    if owner.is_none() {
        context.sql.execute(
            "INSERT INTO epochs (epoch, station, made_ms) VALUES (?1, ?2, ?3)",
            params![epoch_bytes, number, now.0],
        )?;
    }
    context.sql.execute(
        "INSERT INTO certificates (fingerprint, station, epoch, not_after_ms)
         VALUES (?1, ?2, ?3, ?4)",
        params![enrolment.fingerprint, number, epoch_bytes, enrolment.not_after.0],
    )?;
    let detail = format!("station {station} epoch {epoch}");
    chain::append(context, now, "hall", chain::Kind::StationEnrolled, None, &detail)?;
    Ok(Enrolled::Done)
}

pub fn standing(sql: &Connection, peer: &Peer) -> Result<Standing, StoreError> {
    let revoked: Option<Option<i64>> = sql
        .prepare_cached(
            "SELECT revoked_ms FROM certificates
             WHERE fingerprint = ?1 AND station = ?2 AND epoch = ?3",
        )?
        .query_row(
            params![peer.fingerprint, u16::from(peer.station), peer.epoch.0.into_bytes()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(match revoked {
        None => Standing::Unknown,
        Some(None) => Standing::Good,
        Some(Some(_)) => Standing::Revoked,
    })
}

/// Revokes every certificate of a station; returns how many.
pub fn revoke(
    context: &WriteContext<'_>,
    station: StationId,
    now: WallTime,
) -> Result<usize, StoreError> {
    let n_revoked = context.sql.execute(
        "UPDATE certificates SET revoked_ms = ?2 WHERE station = ?1 AND revoked_ms IS NULL",
        params![u16::from(station), now.0],
    )?;
    let detail = format!("station {station}, {n_revoked} certificates");
    chain::append(context, now, "hall", chain::Kind::StationRevoked, None, &detail)?;
    Ok(n_revoked)
}

/// A block that no store of this station ever had. `None` when eight digits are used up.
pub fn new_block(
    context: &WriteContext<'_>,
    station: StationId,
    epoch: Epoch,
) -> Result<Option<CounterBlock>, StoreError> {
    let first: u32 = context.sql.query_row(
        "SELECT coalesce(max(end), 1) FROM receipt_blocks WHERE station = ?1",
        [u16::from(station)],
        |row| row.get(0),
    )?;
    let end = first + BLOCK_COUNTERS;
    if end > COUNTERS_MAX {
        return Ok(None);
    }
    context.sql.execute(
        "INSERT INTO receipt_blocks (station, epoch, first, end) VALUES (?1, ?2, ?3, ?4)",
        params![u16::from(station), epoch.0.into_bytes(), first, end],
    )?;
    Ok(Some(CounterBlock { first, end }))
}

fn blocks(
    sql: &Connection,
    station: StationId,
    epoch: Epoch,
) -> Result<Vec<CounterBlock>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT first, end FROM receipt_blocks WHERE station = ?1 AND epoch = ?2 ORDER BY first",
    )?;
    let rows = find.query_map(params![u16::from(station), epoch.0.into_bytes()], |row| {
        Ok(CounterBlock { first: row.get(0)?, end: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether this epoch was given the counter.
pub fn owns_counter(sql: &Connection, peer: &Peer, counter: u32) -> Result<bool, StoreError> {
    let found = sql
        .prepare_cached(
            "SELECT 1 FROM receipt_blocks
             WHERE station = ?1 AND epoch = ?2 AND first <= ?3 AND end > ?3",
        )?
        .exists(params![u16::from(peer.station), peer.epoch.0.into_bytes(), counter])?;
    Ok(found)
}

/// Enters a heartbeat and returns the next block when the present one runs low. The same block is
/// offered until cases with its counters arrive: a lost reply costs no counters.
pub fn heartbeat(
    context: &WriteContext<'_>,
    beat: &Heartbeat,
    now: WallTime,
) -> Result<Option<CounterBlock>, StoreError> {
    let epoch = beat.epoch.0.into_bytes();
    let number = u16::from(beat.station);
    context
        .sql
        .prepare_cached(
            "INSERT INTO heartbeats (epoch, station, at_ms, n_outbox, reader, version, cells)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (epoch) DO UPDATE SET at_ms = excluded.at_ms,
                n_outbox = excluded.n_outbox, reader = excluded.reader, version = excluded.version,
                cells = excluded.cells",
        )?
        .execute(params![
            epoch,
            number,
            now.0,
            int(beat.n_outbox),
            beat.reader,
            beat.version,
            super::cases::to_text(&beat.cells),
        ])?;
    if !beat.cells.is_empty() {
        context
            .sql
            .prepare_cached(
                "UPDATE stations SET has_locker = 1 WHERE station = ?1 AND has_locker = 0",
            )?
            .execute([number])?;
    }
    append_head(context, beat, now)?;
    next_block(context, beat)
}

/// Heads are kept for ever, one row per change. The Merkle log over them is not built yet.
fn append_head(
    context: &WriteContext<'_>,
    beat: &Heartbeat,
    now: WallTime,
) -> Result<(), StoreError> {
    let epoch = beat.epoch.0.into_bytes();
    let last: Option<[u8; 32]> = context
        .sql
        .prepare_cached("SELECT head FROM audit_heads WHERE epoch = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([epoch], |row| row.get(0))
        .optional()?;
    if last == Some(beat.audit_head.0) {
        return Ok(());
    }
    context
        .sql
        .prepare_cached(
            "INSERT INTO audit_heads (station, epoch, n_lines, head, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            u16::from(beat.station),
            epoch,
            int(beat.n_audit),
            beat.audit_head.0,
            now.0
        ])?;
    Ok(())
}

fn next_block(
    context: &WriteContext<'_>,
    beat: &Heartbeat,
) -> Result<Option<CounterBlock>, StoreError> {
    let blocks = blocks(context.sql, beat.station, beat.epoch)?;
    let mut highest: Option<u32> = None;
    for block in &blocks {
        let seen: Option<u32> = context
            .sql
            .prepare_cached(
                "SELECT max(counter) FROM cases
                 WHERE station = ?1 AND counter >= ?2 AND counter < ?3",
            )?
            .query_row(params![u16::from(beat.station), block.first, block.end], |row| {
                row.get(0)
            })?;
        highest = highest.max(seen);
    }
    // What waits in the outbox has counters that the hall has not seen.
    let n_waiting = u32::try_from(beat.n_outbox).unwrap_or(u32::MAX);
    let mut n_used = n_waiting;
    for (at, block) in blocks.iter().enumerate() {
        let seen_here = highest.filter(|seen| *seen >= block.first);
        let next = blocks.get(at + 1);
        if seen_here.is_some_and(|seen| seen >= block.end) {
            continue;
        }
        n_used = n_used.saturating_add(seen_here.map_or(0, |seen| seen + 1 - block.first));
        let n_left = (block.end - block.first).saturating_sub(n_used);
        if n_left >= BLOCK_LOW {
            return Ok(None);
        }
        return match next {
            Some(next) => Ok(Some(*next)),
            None => new_block(context, beat.station, beat.epoch),
        };
    }
    new_block(context, beat.station, beat.epoch)
}

pub fn all(sql: &Connection) -> Result<Vec<StationLine>, StoreError> {
    let mut find = sql.prepare(
        "SELECT s.station, s.name, h.at_ms, h.n_outbox, h.reader, h.version, s.has_locker
         FROM stations s LEFT JOIN heartbeats h ON h.id = (
            SELECT id FROM heartbeats WHERE station = s.station ORDER BY at_ms DESC LIMIT 1)
         ORDER BY s.station",
    )?;
    let mut rows = find.query([])?;
    let mut stations = Vec::new();
    while let Some(row) = rows.next()? {
        stations.push(StationLine {
            station: super::station(row.get(0)?)?,
            name: row.get(1)?,
            last_seen: row.get::<_, Option<i64>>(2)?.map(WallTime),
            n_outbox: row.get::<_, Option<i64>>(3)?.map(count),
            reader: row.get(4)?,
            version: row.get(5)?,
            has_locker: row.get(6)?,
        });
    }
    Ok(stations)
}

/// `None`: no such station, or it has never reported a cell.
pub fn cells(sql: &Connection, station: StationId) -> Result<Option<CellMap>, StoreError> {
    let found: Option<(String, i64, String)> = sql
        .prepare_cached(
            "SELECT s.name, h.at_ms, h.cells FROM stations s JOIN heartbeats h ON h.id = (
                SELECT id FROM heartbeats WHERE station = s.station ORDER BY at_ms DESC LIMIT 1)
             WHERE s.station = ?1 AND s.has_locker = 1",
        )?
        .query_row([u16::from(station)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((name, at_ms, cells)) = found else { return Ok(None) };
    let cells =
        serde_json::from_str(&cells).map_err(|_| StoreError::Content { what: "a map of cells" })?;
    Ok(Some(CellMap { name, as_of: WallTime(at_ms), cells }))
}

pub fn name(sql: &Connection, station: StationId) -> Result<String, StoreError> {
    let name = sql
        .prepare_cached("SELECT name FROM stations WHERE station = ?1")?
        .query_row([u16::from(station)], |row| row.get(0))
        .optional()?;
    Ok(name.unwrap_or_default())
}

pub(super) fn has_locker(sql: &Connection, station: StationId) -> Result<bool, StoreError> {
    let query = "SELECT 1 FROM stations WHERE station = ?1 AND has_locker = 1";
    Ok(sql.prepare_cached(query)?.exists([u16::from(station)])?)
}
