//! What a station is told: entries in commit order, read by cursor.
//!
//! Freezes travel before everything else. An entry that only moved up would take the cursor with it
//! over the entries in front, so a freeze that has others in front of it is answered twice: ahead of
//! them with the cursor the station asked with, which moves nothing, and again in its own place.
//! A freeze is always answered as the case stands now, so neither copy can undo a later act.
//!
//! An order lies here without its collectors; they are sealed in `orders` and put in at delivery.
//! Entries of closed orders are not delivered: a store that is made anew hears of open ones only.
//!
//! Of the entries about staff cards only the newest is delivered, with the state of that moment. A
//! station whose schema is older hears none of them and may read past them: when it first asks with
//! a schema that has them, it is told anew.

use std::collections::BTreeSet;

use hall_api::wire::{FeedEntry, FeedWhat, SCHEMA_STAFF_CARDS};
use kiosk_words::{CaseId, CellSize, Content, OrderId, Release, StaffCardNo, StationId, WallTime};
use rusqlite::{Connection, params};

use super::{StoreError, WriteContext, cases, count, int, staff_cards, stations};
use crate::tls::Peer;

/// Most entries in one answer; freezes ahead of them are one per case at most.
const ENTRIES_MAX: u32 = 100;

/// An entry as it lies here.
#[derive(Debug)]
pub enum Kept {
    Ready(FeedEntry),
    /// The anchors are with the keys.
    StaffCards {
        cursor: u64,
        revoked: Vec<StaffCardNo>,
    },
    /// Its collectors are still sealed.
    Place {
        cursor: u64,
        case: CaseId,
        order: SealedOrder,
    },
}

#[derive(Debug)]
pub struct SealedOrder {
    pub order: OrderId,
    pub content: Content,
    pub release: Release,
    pub size: CellSize,
    pub collectors: Vec<u8>,
}

/// What a station asks its feed.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub after: u64,
    pub schema: u16,
}

/// What the hall has for it.
#[derive(Debug)]
pub struct Page {
    /// Beyond the cursor of the question.
    pub items: Vec<Kept>,
    /// Cursor and schema that the station was known to have.
    pub known: Question,
}

/// Appends an entry of a case and rings the station; other stations never see it. Returns its
/// cursor.
pub(super) fn append(
    context: &mut WriteContext<'_>,
    station: StationId,
    case: CaseId,
    what: &FeedWhat,
    now: WallTime,
) -> Result<u64, StoreError> {
    let (kind, order) = match what {
        FeedWhat::Handling { .. } | FeedWhat::Originals { .. } => (None, None),
        FeedWhat::Place(place) => (Some("place"), Some(place.order)),
        FeedWhat::Recall { order } => (Some("recall"), Some(*order)),
        FeedWhat::Freeze { .. } => (Some("freeze"), None),
        FeedWhat::StaffCards(_) => unreachable!("entries about staff cards are of no case"),
    };
    // Of an order only the number is written here.
    let text = if kind == Some("place") { "{}".to_owned() } else { cases::to_text(what) };
    context
        .sql
        .prepare_cached(
            "INSERT INTO feed (station, case_id, what, at_ms, kind, order_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            u16::from(station),
            case.0.into_bytes(),
            text,
            now.0,
            kind,
            order.map(|order| int(order.0)),
        ])?;
    context.wake(station);
    Ok(count(context.sql.last_insert_rowid()))
}

/// The inner error: the certificate does not stand.
pub fn after(
    sql: &Connection,
    peer: &Peer,
    question: Question,
    now: WallTime,
) -> Result<Result<Page, stations::Standing>, StoreError> {
    match stations::standing(sql, peer)? {
        stations::Standing::Good => {}
        bad @ (stations::Standing::Unknown | stations::Standing::Revoked) => return Ok(Err(bad)),
    }
    let number = u16::from(peer.station);
    let cursor = question.after;
    let known = sql
        .prepare_cached("SELECT feed_read, feed_schema FROM stations WHERE station = ?1")?
        .query_row([number], |row| {
            Ok(Question { after: count(row.get(0)?), schema: row.get(1)? })
        })?;
    let mut in_order = in_order(sql, number, cursor)?;
    if question.schema >= SCHEMA_STAFF_CARDS {
        put_staff_cards(sql, peer.station, cursor, now, &mut in_order)?;
    }
    let first_other = in_order.iter().find(|kept| !kept.is_freeze()).map(Kept::cursor);
    let mut items = match first_other {
        Some(first_other) => ahead(sql, number, cursor, first_other)?,
        None => Vec::new(),
    };
    items.extend(in_order);
    Ok(Ok(Page { items, known }))
}

impl Kept {
    pub const fn cursor(&self) -> u64 {
        match self {
            Self::Ready(entry) => entry.cursor,
            Self::StaffCards { cursor, .. } | Self::Place { cursor, .. } => *cursor,
        }
    }

    const fn is_freeze(&self) -> bool {
        match self {
            Self::Ready(entry) => matches!(entry.what, FeedWhat::Freeze { .. }),
            Self::StaffCards { .. } | Self::Place { .. } => false,
        }
    }
}

fn in_order(sql: &Connection, station: u16, cursor: u64) -> Result<Vec<Kept>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT f.cursor, f.case_id, f.kind, f.what, c.frozen,
            o.id, o.content, o.release, o.size, o.collectors
         FROM feed f LEFT JOIN orders o ON o.id = f.order_id
            LEFT JOIN cases c ON c.case_id = f.case_id
         WHERE f.station = ?1 AND f.cursor > ?2
            AND (f.order_id IS NULL OR o.closed_ms IS NULL)
         ORDER BY f.cursor LIMIT ?3",
    )?;
    let mut rows = find.query(params![station, int(cursor), ENTRIES_MAX])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(kept(row)?);
    }
    Ok(items)
}

/// Puts the newest entry about staff cards in its place, if that is on this page.
fn put_staff_cards(
    sql: &Connection,
    station: StationId,
    after: u64,
    now: WallTime,
    in_order: &mut Vec<Kept>,
) -> Result<(), StoreError> {
    let newest = staff_cards::newest_entry(sql, station)?.filter(|cursor| *cursor > after);
    let Some(cursor) = newest else { return Ok(()) };
    let place = in_order.partition_point(|kept| kept.cursor() < cursor);
    let is_further_page = place == ENTRIES_MAX as usize;
    if !is_further_page {
        let revoked = staff_cards::revoked(sql, now)?;
        in_order.insert(place, Kept::StaffCards { cursor, revoked });
    }
    Ok(())
}

fn kept(row: &rusqlite::Row<'_>) -> Result<Kept, StoreError> {
    let (cursor, case) = (count(row.get(0)?), super::case_id(row.get(1)?));
    let kind: Option<String> = row.get(2)?;
    let what = match kind.as_deref() {
        Some("place") => {
            let order = SealedOrder {
                order: OrderId(count(row.get(5)?)),
                content: cases::from_word(row.get(6)?, "a content")?,
                release: cases::from_word(row.get(7)?, "a release level")?,
                size: cases::from_word(row.get(8)?, "a size")?,
                collectors: row.get(9)?,
            };
            return Ok(Kept::Place { cursor, case, order });
        }
        Some("freeze") => FeedWhat::Freeze { frozen: row.get(4)? },
        Some(_) | None => serde_json::from_str(&row.get::<_, String>(3)?)
            .map_err(|_| StoreError::Content { what: "a feed entry" })?,
    };
    Ok(Kept::Ready(FeedEntry { cursor, case: Some(case), what }))
}

/// Freezes behind the first other entry, each case once, with a cursor that moves nothing.
fn ahead(
    sql: &Connection,
    station: u16,
    cursor: u64,
    first_other: u64,
) -> Result<Vec<Kept>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT f.case_id, c.frozen FROM feed f JOIN cases c ON c.case_id = f.case_id
         WHERE f.kind = 'freeze' AND f.station = ?1 AND f.cursor > ?2 ORDER BY f.cursor",
    )?;
    let mut rows = find.query(params![station, int(first_other)])?;
    let (mut seen, mut items) = (BTreeSet::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let case = super::case_id(row.get(0)?);
        if seen.insert(case) {
            let what = FeedWhat::Freeze { frozen: row.get(1)? };
            items.push(Kept::Ready(FeedEntry { cursor, case: Some(case), what }));
        }
    }
    Ok(items)
}

/// Notes how far the station has read, which never goes back, and its schema, which may.
pub fn note(
    context: &mut WriteContext<'_>,
    station: StationId,
    question: Question,
    now: WallTime,
) -> Result<(), StoreError> {
    let Question { after, schema } = question;
    let number = u16::from(station);
    context.sql.execute(
        "UPDATE stations SET feed_read = ?2 WHERE station = ?1 AND feed_read < ?2
            AND ?2 <= (SELECT coalesce(max(cursor), 0) FROM feed)",
        params![number, int(after)],
    )?;
    let was: u16 = context.sql.query_row(
        "SELECT feed_schema FROM stations WHERE station = ?1",
        [number],
        |row| row.get(0),
    )?;
    context.sql.execute(
        "UPDATE stations SET feed_schema = ?2 WHERE station = ?1",
        params![number, schema],
    )?;
    if (was..schema).contains(&(SCHEMA_STAFF_CARDS - 1)) {
        staff_cards::tell(context, station, now)?;
    }
    Ok(())
}

/// How far the station is known to have read.
pub fn read_by(sql: &Connection, station: StationId) -> Result<u64, StoreError> {
    let read = sql
        .prepare_cached("SELECT feed_read FROM stations WHERE station = ?1")?
        .query_row([u16::from(station)], |row| row.get(0))?;
    Ok(count(read))
}
