//! The lines of custody: who had which envelope where and when, append-only.
//!
//! A line comes from a station's event, or from an act at the hall (`desk`). What a station's event
//! moves is decided by the tables in [`crate::custody`]; an event they do not allow is held and
//! never written over. A person may then have it written down as it was told (`aside`): the line
//! stands in the list and moves nothing.

use hall_api::wire::{By, CustodyMoved, CustodyStep, EventEnvelope, held};
use kiosk_words::{CaseId, ClockQuality, Content, Handling, OrderId, StationId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    StoreError, WriteContext, cases, chain, count, events, int,
    orders::{self, Order},
};
use crate::{
    custody::{self as table, Moves, Present, Step},
    tls::Peer,
};

/// One line as it is read back.
#[derive(Debug)]
pub struct Line {
    pub id: i64,
    pub case: CaseId,
    pub content: Content,
    pub order: Option<OrderId>,
    pub step: Step,
    pub station: Option<StationId>,
    pub door: Option<u16>,
    pub who: String,
    pub second: Option<String>,
    pub courier: Option<String>,
    pub at: WallTime,
    /// `None`: the hall's own clock.
    pub quality: Option<ClockQuality>,
    pub recorded: WallTime,
    pub pages: Option<u32>,
    pub fits: Option<bool>,
    pub note: Option<String>,
    pub hand_out: Option<Vec<u8>>,
    pub is_aside: bool,
}

impl Line {
    /// Since when it can be counted: a clock that is unknown or ahead does not move it.
    pub fn since(&self) -> WallTime {
        match self.quality {
            Some(ClockQuality::Unknown) => self.recorded,
            Some(ClockQuality::Held | ClockQuality::Synced) | None => self.at.min(self.recorded),
        }
    }
}

/// A line to be written.
#[derive(Debug, Default)]
pub(super) struct NewLine<'a> {
    pub(super) order: Option<OrderId>,
    pub(super) station: Option<StationId>,
    pub(super) door: Option<u16>,
    pub(super) second: Option<&'a str>,
    pub(super) courier: Option<&'a str>,
    /// Moment and clock of a station.
    pub(super) told: Option<(WallTime, ClockQuality)>,
    pub(super) pages: Option<u32>,
    pub(super) fits: Option<bool>,
    pub(super) note: Option<&'a str>,
    pub(super) hand_out: Option<&'a [u8]>,
    pub(super) is_aside: bool,
    pub(super) event: Option<i64>,
}

/// An event that the tables allow, with what it moves.
#[derive(Debug)]
pub(super) struct Legal {
    station: StationId,
    content: Content,
    handling: Handling,
    moves: Moves,
}

const COLUMNS: &str = "l.id, l.case_id, l.content, l.order_id, l.step, l.station, l.door, l.who,
    l.second, l.courier, l.at_ms, l.quality, l.recorded_ms, l.pages, l.fits, l.note, l.hand_out,
    l.aside";
pub(super) const N_COLUMNS: usize = 18;

/// Every line of a case, in the order of recording.
pub fn of_case(sql: &Connection, case: CaseId) -> Result<Vec<Line>, StoreError> {
    find(sql, "WHERE l.case_id = ?1 ORDER BY l.id", params![case.0.into_bytes()])
}

pub fn get(sql: &Connection, line: i64) -> Result<Option<Line>, StoreError> {
    Ok(find(sql, "WHERE l.id = ?1", params![line])?.pop())
}

/// `tail`: what follows `FROM custody_lines l`.
pub(super) fn find(
    sql: &Connection,
    tail: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Line>, StoreError> {
    let query = format!("SELECT {COLUMNS} FROM custody_lines l {tail}");
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query(values)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

pub(super) const fn columns() -> &'static str {
    COLUMNS
}

pub(super) fn line(row: &Row<'_>) -> Result<Line, StoreError> {
    let station: Option<u16> = row.get(5)?;
    let quality: Option<String> = row.get(11)?;
    Ok(Line {
        id: row.get(0)?,
        case: super::case_id(row.get(1)?),
        content: cases::from_word(row.get(2)?, "a content")?,
        order: row.get::<_, Option<i64>>(3)?.map(|order| OrderId(count(order))),
        step: step_of(row.get(4)?)?,
        station: station.map(super::station).transpose()?,
        door: row.get(6)?,
        who: row.get(7)?,
        second: row.get(8)?,
        courier: row.get(9)?,
        at: WallTime(row.get(10)?),
        quality: quality.map(|word| cases::from_word(word, "a clock quality")).transpose()?,
        recorded: WallTime(row.get(12)?),
        pages: row.get(13)?,
        fits: row.get(14)?,
        note: row.get(15)?,
        hand_out: row.get(16)?,
        is_aside: row.get(17)?,
    })
}

/// The word of a step in the column.
fn step_word(step: Step) -> String {
    match step {
        Step::Station(step) => cases::word(&step),
        Step::AtDesk => "at_desk".into(),
        Step::GivenToCourier => "given_to_courier".into(),
        Step::HandedOut => "handed_out".into(),
    }
}

fn step_of(word: String) -> Result<Step, StoreError> {
    Ok(match word.as_str() {
        "at_desk" => Step::AtDesk,
        "given_to_courier" => Step::GivenToCourier,
        "handed_out" => Step::HandedOut,
        _ => Step::Station(cases::from_word(word, "a step of custody")?),
    })
}

/// Writes a line and reckons anew whether its envelope is away.
pub(super) fn append(
    context: &WriteContext<'_>,
    (case, content): (CaseId, Content),
    step: Step,
    who: &str,
    new: &NewLine<'_>,
    now: WallTime,
) -> Result<i64, StoreError> {
    context
        .sql
        .prepare_cached(
            "INSERT INTO custody_lines (case_id, content, order_id, step, station, door, who,
                second, courier, at_ms, quality, recorded_ms, pages, fits, note, hand_out, aside,
                event)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                ?18)",
        )?
        .execute(params![
            case.0.into_bytes(),
            cases::word(&content),
            new.order.map(|order| int(order.0)),
            step_word(step),
            new.station.map(u16::from),
            new.door,
            who,
            new.second,
            new.courier,
            new.told.map_or(now, |(at, _)| at).0,
            new.told.map(|(_, quality)| events::quality_word(quality)),
            now.0,
            new.pages,
            new.fits,
            new.note,
            new.hand_out,
            new.is_aside,
            new.event,
        ])?;
    let line = context.sql.last_insert_rowid();
    reckon_away(context, case, content, new.order)?;
    Ok(line)
}

/// The steps of one envelope, in the order of recording.
pub fn steps(
    sql: &Connection,
    case: CaseId,
    content: Content,
    order: Option<OrderId>,
) -> Result<Vec<(i64, Step)>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT id, step FROM custody_lines
         WHERE case_id = ?1 AND content = ?2 AND order_id IS ?3 ORDER BY id",
    )?;
    let order = order.map(|order| int(order.0));
    let mut rows = find.query(params![case.0.into_bytes(), cases::word(&content), order])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push((row.get(0)?, step_of(row.get(1)?)?));
    }
    Ok(steps)
}

fn reckon_away(
    context: &WriteContext<'_>,
    case: CaseId,
    content: Content,
    order: Option<OrderId>,
) -> Result<(), StoreError> {
    let state = match order {
        Some(order) => orders::get(context.sql, order)?.map(|order| order.state),
        None => None,
    };
    let steps = steps(context.sql, case, content, order)?;
    let key = (case.0.into_bytes(), cases::word(&content), order.map_or(0, |order| int(order.0)));
    context.sql.execute(
        "DELETE FROM away WHERE case_id = ?1 AND content = ?2 AND order_id = ?3",
        params![key.0, key.1, key.2],
    )?;
    if let Some((line, way)) = table::away(state, &steps) {
        context.sql.execute(
            "INSERT INTO away (case_id, content, order_id, line, way) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![key.0, key.1, key.2, line, cases::word(&way)],
        )?;
    }
    Ok(())
}

/// Whether the tables allow the event now; the error is a code of [`held`].
pub(super) fn check(
    sql: &Connection,
    peer: &Peer,
    event: &EventEnvelope,
    moved: &CustodyMoved,
) -> Result<Result<Legal, &'static str>, StoreError> {
    if waits_behind(sql, peer, event)? {
        return Ok(Err(held::BEHIND_HELD));
    }
    let case = cases::standing(sql, event.case)?.filter(|case| case.station == peer.station);
    let Some(case) = case else { return Ok(Err(held::NO_CASE)) };
    let (order, content) = match moved.order {
        Some(order) => match order_of(sql, peer, event.case, moved, order)? {
            Some(order) => (Some(order.state), order.content),
            None => return Ok(Err(held::BAD_ORDER)),
        },
        None => (None, moved.content),
    };
    let handling = case.handling.clone();
    let present = Present {
        originals: case.originals,
        handling: case.handling,
        decided: case.decided,
        order,
        is_history: is_history(sql, event.case, moved)?,
    };
    let moves = table::moves(moved, peer.station, &present);
    Ok(match moves {
        Some(moves) => Ok(Legal { station: peer.station, content, handling, moves }),
        None => Err(held::BAD_MOVE),
    })
}

fn order_of(
    sql: &Connection,
    peer: &Peer,
    case: CaseId,
    moved: &CustodyMoved,
    order: OrderId,
) -> Result<Option<Order>, StoreError> {
    let order = orders::get(sql, order)?;
    Ok(order.filter(|order| {
        // A station that has forgotten the order cannot know what was in it.
        let is_content = order.content == moved.content || moved.step == CustodyStep::TooLate;
        is_content && (order.case, order.station) == (case, peer.station)
    }))
}

/// Events of a case are applied in the station's order: one that waits for a person lets the later
/// ones wait too (`per_case_order`).
fn waits_behind(sql: &Connection, peer: &Peer, event: &EventEnvelope) -> Result<bool, StoreError> {
    let query = "SELECT 1 FROM held_events WHERE case_id = ?1 AND station = ?2 AND epoch = ?3
        AND seq < ?4 AND settled_ms IS NULL";
    Ok(sql.prepare_cached(query)?.exists(params![
        event.case.0.into_bytes(),
        u16::from(peer.station),
        peer.epoch.0.into_bytes(),
        int(event.seq.0),
    ])?)
}

/// The courier was faster than the network: the desk has counted these materials, and the station
/// tells only now how they came there. A step later than the counting, or of a trip that the desk
/// has not counted, is news.
fn is_history(sql: &Connection, case: CaseId, moved: &CustodyMoved) -> Result<bool, StoreError> {
    if moved.content != Content::Materials {
        return Ok(false);
    }
    let count_of = "SELECT count(*) FROM custody_lines
        WHERE case_id = ?1 AND content = 'materials' AND step = ?2";
    let n = |word: &str| -> Result<i64, StoreError> {
        let mut find = sql.prepare_cached(count_of)?;
        Ok(find.query_row(params![case.0.into_bytes(), word], |row| row.get(0))?)
    };
    if n("taken_by_staff")? >= n("at_desk")? {
        return Ok(false);
    }
    let counted: Option<i64> = sql
        .prepare_cached(
            "SELECT at_ms FROM custody_lines
             WHERE case_id = ?1 AND content = 'materials' AND step = 'at_desk'
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([case.0.into_bytes()], |row| row.get(0))
        .optional()?;
    Ok(moved.quality == ClockQuality::Unknown || counted.is_some_and(|at| moved.at.0 <= at))
}

/// Writes the line of an event and everything it moves. `event`: its row in `events`.
pub(super) fn apply(
    context: &mut WriteContext<'_>,
    case: CaseId,
    moved: &CustodyMoved,
    legal: &Legal,
    event: i64,
    now: WallTime,
) -> Result<(), StoreError> {
    let Legal { station, content, handling, moves } = legal;
    if let (Some(order), Some(state)) = (moved.order, moves.order) {
        orders::told(context, order, state, door(moved), now)?;
    }
    tell(context, (case, *content), *station, moved, (event, false), now)?;
    // What the station told it knows, but that the hall has the papers again.
    let tell_back = (moved.step == CustodyStep::Withdrawn).then_some(*station);
    cases::move_originals(context, case, &moves.originals, tell_back, now)?;
    let mut from = handling;
    for next in &moves.handling {
        cases::move_handling(context, (case, *station), from, next, "hall", now)?;
        from = next;
    }
    Ok(())
}

/// Writes down what was told; moves nothing.
pub(super) fn apply_aside(
    context: &mut WriteContext<'_>,
    peer: &Peer,
    case: CaseId,
    moved: &CustodyMoved,
    event: i64,
    now: WallTime,
) -> Result<(), StoreError> {
    tell(context, (case, moved.content), peer.station, moved, (event, true), now)
}

fn tell(
    context: &WriteContext<'_>,
    (case, content): (CaseId, Content),
    station: StationId,
    moved: &CustodyMoved,
    (event, is_aside): (i64, bool),
    now: WallTime,
) -> Result<(), StoreError> {
    let new = NewLine {
        order: moved.order,
        station: Some(station),
        door: door(moved),
        told: Some((moved.at, moved.quality)),
        is_aside,
        event: Some(event),
        ..NewLine::default()
    };
    let who = match &moved.by {
        By::Citizen => "citizen".to_owned(),
        By::Station => "station".to_owned(),
        By::Staff { id } => format!("staff {id}"),
    };
    append(context, (case, content), Step::Station(moved.step), &who, &new, now)?;
    let order = moved.order.map(|order| format!(" order {}", order.0)).unwrap_or_default();
    let aside = if is_aside { ", aside" } else { "" };
    let detail = format!(
        "station {station} {} {}{order} door {} by {who}{aside}",
        cases::word(&content),
        cases::word(&moved.step),
        moved.door
    );
    chain::append(context, now, "hall", chain::Kind::CustodyMoved, Some(case), &detail)
}

fn door(moved: &CustodyMoved) -> Option<u16> {
    (moved.door > 0).then_some(moved.door)
}
