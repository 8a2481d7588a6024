//! Held events: durable, seen by a clerk, settled by a named person and never by themselves.
//!
//! A person may let one in ([`admit`]) when its record opens and its case is new: a taken key or a
//! disputed receipt number is then that person's decision. A step of custody is let in when the
//! tables allow it by now, or written down as it was told without moving anything ([`Way`]).
//! Anything else can only be set aside with a reason; its bytes stay.
//! Whatever settles an event lets those behind it follow, in the station's order, as far as the
//! tables allow.

use hall_api::wire::{Answer, CustodyMoved, EventBody, EventEnvelope, held as code};
use kiosk_words::{CaseId, Digest32, Epoch, Seq, StationId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    StoreError, WriteContext, chain, count, custody,
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
    /// Still to be held, with this code.
    Still(&'static str),
}

/// How a step of custody is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// As one of the table, because the tables allow it by now.
    ByTable,
    /// As it was told, with a person's reason; moves nothing.
    Aside { reason: String },
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
    context: &mut WriteContext<'_>,
    id: i64,
    filing: &Filing,
    who: &str,
    now: WallTime,
) -> Result<Result<CaseId, SettleRefused>, StoreError> {
    let held = match open(context.sql, id)? {
        Ok(held) => held,
        Err(refused) => return Ok(Err(refused)),
    };
    let case = held.event.case;
    if super::cases::exists(context.sql, case)? {
        return Ok(Err(SettleRefused::CaseExists));
    }
    events::enter(context, &held.peer(), &held.event, filing, id, now)?;
    settle(context, &held, "admitted", "", who, now)?;
    follow(context, &held, who, now)?;
    Ok(Ok(case))
}

/// Lets a step of custody in.
pub fn admit_custody(
    context: &mut WriteContext<'_>,
    id: i64,
    moved: &CustodyMoved,
    way: &Way,
    who: &str,
    now: WallTime,
) -> Result<Result<CaseId, SettleRefused>, StoreError> {
    let held = match open(context.sql, id)? {
        Ok(held) => held,
        Err(refused) => return Ok(Err(refused)),
    };
    let reason = match way {
        Way::ByTable => "",
        Way::Aside { reason } => reason,
    };
    match let_in(context, &held, moved, way, now)? {
        Ok(()) => settle(context, &held, "admitted", reason, who, now)?,
        Err(code) => return Ok(Err(SettleRefused::Still(code))),
    }
    follow(context, &held, who, now)?;
    Ok(Ok(held.event.case))
}

fn let_in(
    context: &mut WriteContext<'_>,
    held: &HeldEvent,
    moved: &CustodyMoved,
    way: &Way,
    now: WallTime,
) -> Result<Result<(), &'static str>, StoreError> {
    let (event, case) = (&held.event, held.event.case);
    let peer = held.peer();
    match (custody::check(context.sql, &peer, event, moved)?, way) {
        (Ok(legal), _) => {
            let row = events::enter_event(context, &peer, event, held.id, now)?;
            custody::apply(context, case, moved, &legal, row, now)?;
        }
        // The envelope is known and the step is not of the table: a person has looked.
        (Err(code::BAD_MOVE), Way::Aside { .. }) => {
            let row = events::enter_event(context, &peer, event, held.id, now)?;
            custody::apply_aside(context, &peer, case, moved, row, now)?;
        }
        (Err(code), Way::ByTable | Way::Aside { .. }) => return Ok(Err(code)),
    }
    Ok(Ok(()))
}

/// Lets in what waited behind a settled event, until one of them has to wait for itself.
fn follow(
    context: &mut WriteContext<'_>,
    settled: &HeldEvent,
    who: &str,
    now: WallTime,
) -> Result<(), StoreError> {
    let behind: Vec<i64> = context
        .sql
        .prepare(
            "SELECT id FROM held_events WHERE case_id = ?1 AND station = ?2 AND epoch = ?3
                AND seq > ?4 AND code = ?5 AND settled_ms IS NULL ORDER BY seq",
        )?
        .query_map(
            params![
                settled.event.case.0.into_bytes(),
                u16::from(settled.station),
                settled.epoch.0.into_bytes(),
                int(settled.event.seq.0),
                code::BEHIND_HELD,
            ],
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    for id in behind {
        let Some(held) = get(context.sql, id)? else { return Ok(()) };
        let Ok(EventBody::Custody(moved)) = serde_json::from_str(&held.event.body) else {
            return Ok(());
        };
        if let_in(context, &held, &moved, &Way::ByTable, now)?.is_err() {
            return Ok(());
        }
        settle(context, &held, "admitted", "", who, now)?;
    }
    Ok(())
}

/// A held event that nobody has settled.
fn open(sql: &Connection, id: i64) -> Result<Result<HeldEvent, SettleRefused>, StoreError> {
    Ok(match get(sql, id)? {
        None => Err(SettleRefused::NotFound),
        Some(held) if held.settled.is_some() => Err(SettleRefused::AlreadySettled),
        Some(held) => Ok(held),
    })
}

impl HeldEvent {
    /// Its sender, whose certificate was looked at when it came.
    const fn peer(&self) -> Peer {
        Peer { station: self.station, epoch: self.epoch, fingerprint: [0; 32] }
    }
}

pub fn set_aside(
    context: &mut WriteContext<'_>,
    id: i64,
    reason: &str,
    who: &str,
    now: WallTime,
) -> Result<Result<(), SettleRefused>, StoreError> {
    let held = match open(context.sql, id)? {
        Ok(held) => held,
        Err(refused) => return Ok(Err(refused)),
    };
    settle(context, &held, "set_aside", reason, who, now)?;
    follow(context, &held, who, now)?;
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
