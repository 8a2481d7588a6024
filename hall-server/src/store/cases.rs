//! Cases as the clerks see them, and the steps of their handling.
//!
//! A step is legal when `Handling::may_become` says so and the clerk saw the present revision. Step,
//! audit line and feed entry are one transaction. What only a station's event proves (待领取,
//! 已领取, back from the cell) is no step of a clerk.

use hall_api::{receipt::ReceiptCode, wire::FeedWhat};
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
    /// 领取冻结
    pub is_frozen: bool,
    /// The hall or a cell has originals that must go back.
    pub must_return: bool,
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
    /// Originals must go back and have not been taken yet, wherever handling stands.
    ToReturn,
}

/// Why a step was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        WHERE s.case_id = c.case_id), c.frozen";
const N_COLUMNS: usize = 16;

/// Refused, or decided in a way after which the originals belong to the applicant again; or on
/// their way back already. Open until they were taken.
const TO_RETURN: &str =
    "(c.originals IN ('\"in_cell\"', '\"taken_by_hall\"', '\"awaiting_return\"')
    AND (coalesce(c.outcome, '') IN ('refused', 'denied', 'terminated', 'withdrawn', 'sent_back')
        OR EXISTS (SELECT 1 FROM orders o WHERE o.case_id = c.case_id
            AND o.content = 'returned_originals' AND o.closed_ms IS NULL)))";

impl Shelf {
    const fn condition(self) -> &'static str {
        match self {
            Self::AwaitingReview => "c.handling_state = 'awaiting_review'",
            Self::Running => {
                "c.handling_state IN ('needs_correction', 'accepted', 'in_progress', 'paused',
                    'decided', 'awaiting_collection')"
            }
            Self::Closed => "c.handling_state IN ('refused', 'collected', 'handed_over')",
            Self::ToReturn => TO_RETURN,
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
        "SELECT {COLUMNS}, {TO_RETURN} FROM cases c WHERE {} ORDER BY c.clock_start_ms, c.id
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

/// When the hall took in the event that a receipt's code names; `None` if no such case is here.
pub fn received(sql: &Connection, code: &ReceiptCode) -> Result<Option<WallTime>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT e.body_hash, c.received_ms FROM events e JOIN cases c ON c.event = e.id
         WHERE e.station = ?1 AND e.epoch = ?2 AND e.seq = ?3 AND c.receipt = ?4",
    )?;
    let mut rows = find.query(params![
        u16::from(code.receipt.station()),
        code.epoch.0.into_bytes(),
        super::int(code.seq.0),
        code.receipt.digits(),
    ])?;
    while let Some(row) = rows.next()? {
        let hash: [u8; 32] = row.get(0)?;
        if hash.starts_with(&code.hash) {
            return Ok(Some(WallTime(row.get(1)?)));
        }
    }
    Ok(None)
}

pub fn exists(sql: &Connection, case: CaseId) -> Result<bool, StoreError> {
    Ok(sql
        .prepare_cached("SELECT 1 FROM cases WHERE case_id = ?1")?
        .exists([case.0.into_bytes()])?)
}

pub fn file(sql: &Connection, case: CaseId) -> Result<Option<CaseFile>, StoreError> {
    let query = format!(
        "SELECT {COLUMNS}, {TO_RETURN}, c.matter, e.body
         FROM cases c JOIN events e ON e.id = c.event WHERE c.case_id = ?1"
    );
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([case.0.into_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(CaseFile {
        line: line(row)?,
        matter: row.get(N_COLUMNS)?,
        body: row.get(N_COLUMNS + 1)?,
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
        is_frozen: row.get(14)?,
        must_return: row.get(15)?,
    })
}

pub(super) fn parse<T: DeserializeOwned>(
    value: &serde_json::Value,
    what: &'static str,
) -> Result<T, StoreError> {
    T::deserialize(value).map_err(|_| StoreError::Content { what })
}

fn from_text<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Content { what })
}

/// The wire's word of a value that is written as one, for a column.
pub(super) fn word(value: &impl Serialize) -> String {
    to_text(value).trim_matches('"').to_owned()
}

/// The value of a column written by [`word`].
pub(super) fn from_word<T: DeserializeOwned>(
    word: String,
    what: &'static str,
) -> Result<T, StoreError> {
    parse(&serde_json::Value::String(word), what)
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

/// The lines of a case and what belongs to them, as a step finds them.
#[derive(Debug)]
pub struct Standing {
    pub station: StationId,
    pub receipt: ReceiptNo,
    pub originals: Originals,
    pub handling: Handling,
    /// The last decision, also when handling has gone on since.
    pub decided: Option<Handling>,
    pub revision: i64,
    pub is_frozen: bool,
}

pub fn standing(sql: &Connection, case: CaseId) -> Result<Option<Standing>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT station, receipt, originals, handling, outcome, decided_on, revision, frozen
         FROM cases WHERE case_id = ?1",
    )?;
    let mut rows = find.query([case.0.into_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let receipt: String = row.get(1)?;
    let outcome: Option<String> = row.get(4)?;
    let on: Option<String> = row.get(5)?;
    let decided = match (outcome, on) {
        (Some(outcome), Some(on)) => {
            Some(Handling::Decided { outcome: from_word(outcome, "an outcome")?, on })
        }
        (Some(_) | None, None) | (None, Some(_)) => None,
    };
    Ok(Some(Standing {
        station: super::station(row.get(0)?)?,
        receipt: receipt.parse().map_err(|_| StoreError::Content { what: "a receipt number" })?,
        originals: from_text(&row.get::<_, String>(2)?, "a state of originals")?,
        handling: from_text(&row.get::<_, String>(3)?, "a state of handling")?,
        decided,
        revision: row.get(6)?,
        is_frozen: row.get(7)?,
    }))
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
    let Some(present) = standing(context.sql, case)? else {
        return Ok(Err(StepRefused::NotFound));
    };
    if present.revision != seen_revision {
        return Ok(Err(StepRefused::Stale { present: present.handling }));
    }
    let is_of_the_station = match next {
        Handling::AwaitingCollection { .. } | Handling::Collected { .. } => true,
        Handling::Decided { .. } => {
            matches!(present.handling, Handling::AwaitingCollection { .. })
        }
        Handling::AwaitingReview
        | Handling::NeedsCorrection { .. }
        | Handling::Accepted { .. }
        | Handling::Refused { .. }
        | Handling::InProgress
        | Handling::Paused { .. }
        | Handling::HandedOver { .. } => false,
    };
    if is_of_the_station || !present.handling.may_become(next) {
        return Ok(Err(StepRefused::Illegal { from: present.handling }));
    }
    move_handling(context, (case, present.station), &present.handling, next, who, now)?;
    Ok(Ok(()))
}

/// Moves the line of handling; the caller has asked the table.
pub(super) fn move_handling(
    context: &mut WriteContext<'_>,
    (case, station): (CaseId, StationId),
    from: &Handling,
    next: &Handling,
    who: &str,
    now: WallTime,
) -> Result<(), StoreError> {
    let (outcome, on) = outcome_columns(next);
    context
        .sql
        .prepare_cached(
            "UPDATE cases SET handling = ?2, handling_state = ?3, revision = revision + 1,
                outcome = coalesce(?4, outcome), decided_on = coalesce(?5, decided_on)
             WHERE case_id = ?1",
        )?
        .execute(params![
            case.0.into_bytes(),
            handling_text(next),
            handling_state(next),
            outcome,
            on,
        ])?;
    let detail = format!("{} -> {}", handling_state(from), audit_detail(next));
    chain::append(context, now, who, chain::Kind::CaseHandled, Some(case), &detail)?;
    let what = FeedWhat::Handling { handling: next.clone() };
    super::feed::append(context, station, case, &what, now)?;
    Ok(())
}

fn outcome_columns(handling: &Handling) -> (Option<String>, Option<&str>) {
    match handling {
        Handling::Decided { outcome, on } => (Some(word(outcome)), Some(on)),
        Handling::Refused { .. } => (Some("refused".to_owned()), None),
        Handling::AwaitingReview
        | Handling::NeedsCorrection { .. }
        | Handling::Accepted { .. }
        | Handling::InProgress
        | Handling::Paused { .. }
        | Handling::AwaitingCollection { .. }
        | Handling::Collected { .. }
        | Handling::HandedOver { .. } => (None, None),
    }
}

/// Moves the line of the originals; the caller has asked the table. The station is told of what
/// was done at the hall; what it told itself it knows.
pub(super) fn move_originals(
    context: &mut WriteContext<'_>,
    case: CaseId,
    hops: &[Originals],
    tell: Option<StationId>,
    now: WallTime,
) -> Result<(), StoreError> {
    let Some(last) = hops.last() else { return Ok(()) };
    context
        .sql
        .prepare_cached("UPDATE cases SET originals = ?2 WHERE case_id = ?1")?
        .execute(params![case.0.into_bytes(), originals_text(*last)])?;
    let Some(station) = tell else { return Ok(()) };
    for originals in hops {
        let what = FeedWhat::Originals { originals: *originals };
        super::feed::append(context, station, case, &what, now)?;
    }
    Ok(())
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
