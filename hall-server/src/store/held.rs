//! Held events: durable, seen by a clerk, settled by a named person and never by themselves.
//!
//! A person may let one in ([`admit`]) when its record opens and its case is new: a taken key or a
//! disputed receipt number is then that person's decision. Anything else can only be set aside
//! with a reason; its bytes stay.

use hall_api::wire::{Answer, EventEnvelope};
use kiosk_words::{CaseId, Digest32, Epoch, Seq, StationId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    StoreError, WriteContext, chain, count,
    events::{self, Filing},
    int,
};
use crate::tls::Peer;

#[derive(Debug)]
pub struct HeldEvent {
    pub id: i64,
    pub station: StationId,
    pub epoch: Epoch,
    pub event: EventEnvelope,
    pub code: String,
    pub held: WallTime,
    pub settled: Option<Settled>,
}

#[derive(Debug)]
pub struct Settled {
    pub at: WallTime,
    pub by: String,
    /// `admitted` or `set_aside`.
    pub how: String,
    pub reason: String,
}

#[derive(Debug, PartialEq, Eq)]
pub enum SettleRefused {
    NotFound,
    AlreadySettled,
    CaseExists,
}

/// Holds an event; the same bytes again get the same answer.
pub(super) fn hold(
    context: &WriteContext<'_>,
    peer: &Peer,
    event: &EventEnvelope,
    code: &str,
    now: WallTime,
) -> Result<Answer, StoreError> {
    let n_new = context
        .sql
        .prepare_cached(
            "INSERT INTO held_events
                (station, epoch, seq, case_id, body_hash, body, code, held_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            u16::from(peer.station),
            peer.epoch.0.into_bytes(),
            int(event.seq.0),
            event.case.0.into_bytes(),
            event.body_hash.0,
            event.body,
            code,
            now.0,
        ])?;
    if n_new == 1 {
        events::audit_held(context, peer, event, code, now)?;
        return Ok(Answer::Held { code: code.to_owned() });
    }
    let first: String = context
        .sql
        .prepare_cached(
            "SELECT code FROM held_events WHERE station = ?1 AND epoch = ?2 AND seq = ?3
                AND case_id = ?4 AND body_hash = ?5",
        )?
        .query_row(
            params![
                u16::from(peer.station),
                peer.epoch.0.into_bytes(),
                int(event.seq.0),
                event.case.0.into_bytes(),
                event.body_hash.0,
            ],
            |row| row.get(0),
        )?;
    Ok(Answer::Held { code: first })
}

const COLUMNS: &str = "id, station, epoch, seq, case_id, body_hash, body, code, held_ms,
    settled_ms, settled_by, settled_as, reason";

/// Open ones first, then the settled, newest first.
pub fn list(sql: &Connection, limit: u32) -> Result<Vec<HeldEvent>, StoreError> {
    let query = format!(
        "SELECT {COLUMNS} FROM held_events ORDER BY settled_ms IS NOT NULL, id DESC LIMIT ?1"
    );
    let mut find = sql.prepare(&query)?;
    let mut rows = find.query([limit])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

pub fn n_open(sql: &Connection) -> Result<u64, StoreError> {
    let sql_text = "SELECT count(*) FROM held_events WHERE settled_ms IS NULL";
    Ok(count(sql.query_row(sql_text, [], |row| row.get(0))?))
}

pub fn get(sql: &Connection, id: i64) -> Result<Option<HeldEvent>, StoreError> {
    let mut find = sql.prepare(&format!("SELECT {COLUMNS} FROM held_events WHERE id = ?1"))?;
    let mut rows = find.query([id])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &rusqlite::Row<'_>) -> Result<HeldEvent, StoreError> {
    let settled = row.get::<_, Option<i64>>(9)?.map(WallTime);
    let settled = match settled {
        Some(at) => Some(Settled {
            at,
            by: row.get(10)?,
            how: row.get(11)?,
            reason: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(HeldEvent {
        id: row.get(0)?,
        station: super::station(row.get(1)?)?,
        epoch: super::epoch(row.get(2)?),
        event: EventEnvelope {
            seq: Seq(count(row.get(3)?)),
            case: super::case_id(row.get(4)?),
            body_hash: Digest32(row.get(5)?),
            body: row.get(6)?,
        },
        code: row.get(7)?,
        held: WallTime(row.get(8)?),
        settled,
    })
}

/// Lets the event in as a case; the caller has opened its record.
pub fn admit(
    context: &WriteContext<'_>,
    id: i64,
    filing: &Filing,
    who: &str,
    now: WallTime,
) -> Result<Result<CaseId, SettleRefused>, StoreError> {
    let Some(held) = get(context.sql, id)? else { return Ok(Err(SettleRefused::NotFound)) };
    if held.settled.is_some() {
        return Ok(Err(SettleRefused::AlreadySettled));
    }
    let case = held.event.case;
    if super::cases::exists(context.sql, case)? {
        return Ok(Err(SettleRefused::CaseExists));
    }
    let peer = Peer { station: held.station, epoch: held.epoch, fingerprint: [0; 32] };
    events::enter(context, &peer, &held.event, filing, id, now)?;
    settle(context, &held, "admitted", "", who, now)?;
    Ok(Ok(case))
}

pub fn set_aside(
    context: &WriteContext<'_>,
    id: i64,
    reason: &str,
    who: &str,
    now: WallTime,
) -> Result<Result<(), SettleRefused>, StoreError> {
    let Some(held) = get(context.sql, id)? else { return Ok(Err(SettleRefused::NotFound)) };
    if held.settled.is_some() {
        return Ok(Err(SettleRefused::AlreadySettled));
    }
    settle(context, &held, "set_aside", reason, who, now)?;
    Ok(Ok(()))
}

fn settle(
    context: &WriteContext<'_>,
    held: &HeldEvent,
    how: &str,
    reason: &str,
    who: &str,
    now: WallTime,
) -> Result<(), StoreError> {
    context.sql.execute(
        "UPDATE held_events SET settled_ms = ?2, settled_by = ?3, settled_as = ?4, reason = ?5
         WHERE id = ?1",
        params![held.id, now.0, who, how, reason],
    )?;
    let kind =
        if how == "admitted" { chain::Kind::HeldAdmitted } else { chain::Kind::HeldSetAside };
    let detail = format!("station {} seq {} {}", held.station, held.event.seq.0, held.code);
    chain::append(context, now, who, kind, Some(held.event.case), &detail)
}

/// The held event of a case that is not in the store, if any: its scans have to wait.
pub fn waits(sql: &Connection, case: CaseId) -> Result<bool, StoreError> {
    let found: Option<i64> = sql
        .query_row(
            "SELECT id FROM held_events WHERE case_id = ?1 AND settled_ms IS NULL LIMIT 1",
            [case.0.into_bytes()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.is_some())
}
