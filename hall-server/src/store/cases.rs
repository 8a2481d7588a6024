//! Cases as the clerks see them, and the steps of their handling.
//!
//! A step is legal when `Handling::may_become` says so and the clerk saw the present revision. Step,
//! audit line and feed entry are one transaction.

use hall_api::wire::FeedWhat;
use kiosk_words::{
    CaseId, ClockQuality, Digest32, Handling, Originals, ReceiptNo, StationId, WallTime,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{StoreError, WriteContext, chain, count};

/// What the queue shows; nothing in it names a person.
#[derive(Debug)]
pub struct CaseLine {
    pub case: CaseId,
    pub receipt: ReceiptNo,
    pub station: StationId,
    pub matter_name: String,
    pub is_discreet: bool,
    pub deposited: WallTime,
    pub quality: ClockQuality,
    pub received: WallTime,
    pub clock_start: WallTime,
    pub originals: Originals,
    pub handling: Handling,
    pub revision: i64,
    pub n_scans: u64,
    pub n_scans_stored: u64,
}

/// A case with its event's body, in which the record lies sealed.
#[derive(Debug)]
pub struct CaseFile {
    pub line: CaseLine,
    pub matter: String,
    pub body: String,
    pub scans: Vec<ScanLine>,
}

#[derive(Debug)]
pub struct ScanLine {
    pub slot: String,
    pub page: u16,
    pub digest: Digest32,
    pub n_bytes: u64,
    pub is_stored: bool,
}

/// Which part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Without a notice yet: the five days run.
    AwaitingReview,
    /// A notice was given and something is still to be done.
    Running,
    Closed,
}

/// Why a step was not made.
#[derive(Debug, PartialEq, Eq)]
pub enum StepRefused {
    NotFound,
    /// Somebody else was faster; what the clerk saw is not what is.
    Stale {
        present: Handling,
    },
    Illegal {
        from: Handling,
    },
}

const COLUMNS: &str = "c.case_id, c.receipt, c.station, c.matter_name, c.discreet, c.deposited_ms,
    c.clock_quality, c.received_ms, c.clock_start_ms, c.originals, c.handling, c.revision,
    (SELECT count(*) FROM scans s WHERE s.case_id = c.case_id),
    (SELECT count(*) FROM scans s JOIN blobs b ON b.digest = s.digest
        WHERE s.case_id = c.case_id)";

impl Shelf {
    const fn condition(self) -> &'static str {
        match self {
            Self::AwaitingReview => "c.handling_state = 'awaiting_review'",
            Self::Running => {
                "c.handling_state IN ('needs_correction', 'accepted', 'in_progress', 'paused',
                    'decided', 'awaiting_collection')"
            }
            Self::Closed => "c.handling_state IN ('refused', 'collected', 'handed_over')",
        }
    }
}

/// Oldest clock first: what is due soonest is on top.
pub fn shelf(
    sql: &Connection,
    shelf: Shelf,
    limit: u32,
    offset: u32,
) -> Result<Vec<CaseLine>, StoreError> {
    let query = format!(
        "SELECT {COLUMNS} FROM cases c WHERE {} ORDER BY c.clock_start_ms, c.id
         LIMIT ?1 OFFSET ?2",
        shelf.condition()
    );
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([limit, offset])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

pub fn n_on_shelf(sql: &Connection, shelf: Shelf) -> Result<u64, StoreError> {
    let query = format!("SELECT count(*) FROM cases c WHERE {}", shelf.condition());
    Ok(count(sql.prepare_cached(&query)?.query_row([], |row| row.get(0))?))
}

pub fn by_receipt(sql: &Connection, receipt: ReceiptNo) -> Result<Option<CaseId>, StoreError> {
    let case = sql
        .query_row(
            "SELECT case_id FROM cases WHERE receipt = ?1 ORDER BY id LIMIT 1",
            [receipt.digits()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(case.map(super::case_id))
}

pub(super) fn exists(sql: &Connection, case: CaseId) -> Result<bool, StoreError> {
    Ok(sql
        .prepare_cached("SELECT 1 FROM cases WHERE case_id = ?1")?
        .exists([case.0.into_bytes()])?)
}

pub fn file(sql: &Connection, case: CaseId) -> Result<Option<CaseFile>, StoreError> {
    let query = format!(
        "SELECT {COLUMNS}, c.matter, e.body FROM cases c JOIN events e ON e.id = c.event
         WHERE c.case_id = ?1"
    );
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([case.0.into_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(CaseFile {
        line: line(row)?,
        matter: row.get(14)?,
        body: row.get(15)?,
        scans: scans(sql, case)?,
    }))
}

fn scans(sql: &Connection, case: CaseId) -> Result<Vec<ScanLine>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT s.slot, s.page, s.digest, s.n_bytes, b.id IS NOT NULL
         FROM scans s LEFT JOIN blobs b ON b.digest = s.digest WHERE s.case_id = ?1 ORDER BY s.n",
    )?;
    let rows = find.query_map([case.0.into_bytes()], |row| {
        Ok(ScanLine {
            slot: row.get(0)?,
            page: row.get(1)?,
            digest: Digest32(row.get(2)?),
            n_bytes: count(row.get(3)?),
            is_stored: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn line(row: &Row<'_>) -> Result<CaseLine, StoreError> {
    let receipt: String = row.get(1)?;
    let quality: String = row.get(6)?;
    Ok(CaseLine {
        case: super::case_id(row.get(0)?),
        receipt: receipt.parse().map_err(|_| StoreError::Content { what: "a receipt number" })?,
        station: super::station(row.get(2)?)?,
        matter_name: row.get(3)?,
        is_discreet: row.get(4)?,
        deposited: WallTime(row.get(5)?),
        quality: parse(&serde_json::Value::String(quality), "a clock quality")?,
        received: WallTime(row.get(7)?),
        clock_start: WallTime(row.get(8)?),
        originals: from_text(&row.get::<_, String>(9)?, "a state of originals")?,
        handling: from_text(&row.get::<_, String>(10)?, "a state of handling")?,
        revision: row.get(11)?,
        n_scans: count(row.get(12)?),
        n_scans_stored: count(row.get(13)?),
    })
}

fn parse<T: DeserializeOwned>(
    value: &serde_json::Value,
    what: &'static str,
) -> Result<T, StoreError> {
    T::deserialize(value).map_err(|_| StoreError::Content { what })
}

fn from_text<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Content { what })
}

pub(super) fn to_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("state lines and feed entries have text keys only")
}

pub fn originals_text(originals: Originals) -> String {
    to_text(&originals)
}

pub fn handling_text(handling: &Handling) -> String {
    to_text(handling)
}

/// The word by which the queue is sorted into shelves: the wire's name of the state.
pub const fn handling_state(handling: &Handling) -> &'static str {
    match handling {
        Handling::AwaitingReview => "awaiting_review",
        Handling::NeedsCorrection { .. } => "needs_correction",
        Handling::Accepted { .. } => "accepted",
        Handling::Refused { .. } => "refused",
        Handling::InProgress => "in_progress",
        Handling::Paused { .. } => "paused",
        Handling::Decided { .. } => "decided",
        Handling::AwaitingCollection { .. } => "awaiting_collection",
        Handling::Collected { .. } => "collected",
        Handling::HandedOver { .. } => "handed_over",
    }
}

/// Makes one step of handling: case, audit line, feed entry, and the station's bell.
pub fn step(
    context: &mut WriteContext<'_>,
    case: CaseId,
    seen_revision: i64,
    next: &Handling,
    who: &str,
    now: WallTime,
) -> Result<Result<(), StepRefused>, StoreError> {
    let present: Option<(String, i64, u16)> = context
        .sql
        .prepare_cached("SELECT handling, revision, station FROM cases WHERE case_id = ?1")?
        .query_row([case.0.into_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((handling, revision, station)) = present else {
        return Ok(Err(StepRefused::NotFound));
    };
    let from: Handling = from_text(&handling, "a state of handling")?;
    if revision != seen_revision {
        return Ok(Err(StepRefused::Stale { present: from }));
    }
    if !from.may_become(next) {
        return Ok(Err(StepRefused::Illegal { from }));
    }
    context
        .sql
        .prepare_cached(
            "UPDATE cases SET handling = ?2, handling_state = ?3, revision = revision + 1
             WHERE case_id = ?1",
        )?
        .execute(params![case.0.into_bytes(), handling_text(next), handling_state(next)])?;
    let detail = format!("{} -> {}", handling_state(&from), audit_detail(next));
    chain::append(context, now, who, chain::Kind::CaseHandled, Some(case), &detail)?;
    let what = FeedWhat::Handling { handling: next.clone() };
    super::feed::append(context, super::station(station)?, case, &what, now)?;
    Ok(Ok(()))
}

/// State word with number and dates; reasons are free text and stay out of the chain.
fn audit_detail(handling: &Handling) -> String {
    let state = handling_state(handling);
    match handling {
        Handling::NeedsCorrection { until, reasons } => {
            format!("{state} until {until}, {} reasons", reasons.len())
        }
        Handling::Accepted { number, on } => format!("{state} {number} on {on}"),
        Handling::Decided { outcome, on } => format!("{state} {} on {on}", outcome.en()),
        Handling::AwaitingCollection { station } => format!("{state} at {station:04}"),
        Handling::Collected { on } => format!("{state} on {on}"),
        Handling::AwaitingReview
        | Handling::Refused { .. }
        | Handling::InProgress
        | Handling::Paused { .. }
        | Handling::HandedOver { .. } => state.to_owned(),
    }
}
