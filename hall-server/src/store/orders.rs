//! Orders (投放单): the hall asks a station for a place for one envelope.
//!
//! Which cell it gets is the station's; where it stands is what the station told last. Who may
//! take it lies sealed to the hall's own key and is opened for the station's feed only.
//! At most one order per content of a case is under way; a recalled one whose paper is back on the
//! desk is none any more, even if the station has not answered.

use hall_api::wire::{FeedWhat, PlaceOrder};
use kiosk_words::{CaseId, CellSize, Content, OrderId, Release, StationId, WallTime};
use rusqlite::{Connection, Row, params};

use super::{StoreError, WriteContext, cases, chain, count, custody, feed, int, stations};
use crate::custody::{self as table, OrderState, Whereabouts};

/// An order without those who may take it.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: OrderId,
    pub case: CaseId,
    pub station: StationId,
    pub content: Content,
    pub release: Release,
    pub size: CellSize,
    pub n_collectors: u32,
    pub state: OrderState,
    pub door: Option<u16>,
    pub ordered_by: String,
    pub ordered: WallTime,
    pub cursor: u64,
    pub recalled: Option<(String, WallTime)>,
    pub closed: Option<WallTime>,
}

/// What a clerk asks a place for.
#[derive(Debug)]
pub struct NewOrder {
    pub case: CaseId,
    pub content: Content,
    pub release: Release,
    pub size: CellSize,
    /// Sealed to the hall's own key.
    pub collectors: Vec<u8>,
    pub n_collectors: u32,
    /// When and how the applicant changed to a cell, where another way had been chosen.
    pub changed: Option<String>,
}

/// Why an order was not made or not recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRefused {
    NotFound,
    /// The case is not where an envelope of this content is sent from.
    NotNow,
    /// Another order of this content is under way.
    UnderWay(OrderId),
    Frozen,
    /// The originals have not been counted at the desk yet.
    NotOnDesk,
    /// The station has never reported a cell.
    NoLocker,
    /// 不入柜
    NotInLocker,
    /// Collected, taken out or recalled already.
    Over,
}

const COLUMNS: &str = "o.id, o.case_id, o.station, o.content, o.release, o.size, o.n_collectors,
    o.state, o.door, o.ordered_by, o.ordered_ms, o.cursor, o.recalled_by, o.recalled_ms,
    o.closed_ms";

pub fn get(sql: &Connection, order: OrderId) -> Result<Option<Order>, StoreError> {
    Ok(find(sql, "WHERE o.id = ?1", params![int(order.0)])?.pop())
}

/// Newest first.
pub fn of_case(sql: &Connection, case: CaseId) -> Result<Vec<Order>, StoreError> {
    find(sql, "WHERE o.case_id = ?1 ORDER BY o.id DESC", params![case.0.into_bytes()])
}

/// Everything under way, oldest first.
pub fn open(sql: &Connection, limit: u32) -> Result<Vec<Order>, StoreError> {
    find(sql, "WHERE o.closed_ms IS NULL ORDER BY o.id LIMIT ?1", params![limit])
}

fn find(
    sql: &Connection,
    tail: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Order>, StoreError> {
    let mut find = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM orders o {tail}"))?;
    let mut rows = find.query(values)?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(read(row)?);
    }
    Ok(orders)
}

fn read(row: &Row<'_>) -> Result<Order, StoreError> {
    let recalled: (Option<String>, Option<i64>) = (row.get(12)?, row.get(13)?);
    Ok(Order {
        id: OrderId(count(row.get(0)?)),
        case: super::case_id(row.get(1)?),
        station: super::station(row.get(2)?)?,
        content: cases::from_word(row.get(3)?, "a content")?,
        release: cases::from_word(row.get(4)?, "a release level")?,
        size: cases::from_word(row.get(5)?, "a size")?,
        n_collectors: row.get(6)?,
        state: cases::from_word(row.get(7)?, "a state of an order")?,
        door: row.get(8)?,
        ordered_by: row.get(9)?,
        ordered: WallTime(row.get(10)?),
        cursor: count(row.get(11)?),
        recalled: recalled.0.zip(recalled.1.map(WallTime)),
        closed: row.get::<_, Option<i64>>(14)?.map(WallTime),
    })
}

/// Where the paper of an order is.
pub fn whereabouts(sql: &Connection, order: &Order) -> Result<Whereabouts, StoreError> {
    let steps = custody::steps(sql, order.case, order.content, Some(order.id))?;
    Ok(table::whereabouts(order.state, &steps))
}

/// The order that stands in the way of giving the same envelope another way, if any.
pub fn under_way(
    sql: &Connection,
    case: CaseId,
    content: Content,
) -> Result<Option<Order>, StoreError> {
    for order in of_case(sql, case)?.into_iter().filter(|order| order.content == content) {
        let place = whereabouts(sql, &order)?;
        let is_back = order.recalled.is_some() && place == Whereabouts::Desk;
        let is_away = place == Whereabouts::Courier || place == Whereabouts::InDoubt;
        if (order.closed.is_none() && !is_back) || is_away {
            return Ok(Some(order));
        }
    }
    Ok(None)
}

/// The courier has taken the materials of a case and not handed them over.
pub fn materials_away(sql: &Connection, case: CaseId) -> Result<bool, StoreError> {
    let steps = custody::steps(sql, case, Content::Materials, None)?;
    Ok(table::away(None, &steps).is_some_and(|(_, way)| way == table::Way::ToDesk))
}

/// Makes the order and puts it into the station's feed.
pub fn make(
    context: &mut WriteContext<'_>,
    new: &NewOrder,
    who: &str,
    now: WallTime,
) -> Result<Result<OrderId, OrderRefused>, StoreError> {
    let Some(case) = cases::standing(context.sql, new.case)? else {
        return Ok(Err(OrderRefused::NotFound));
    };
    if let Some(refused) = refused(context.sql, new, &case)? {
        return Ok(Err(refused));
    }
    context.sql.execute(
        "INSERT INTO orders (case_id, station, content, release, size, collectors, n_collectors,
            state, ordered_by, ordered_ms, cursor, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)",
        params![
            new.case.0.into_bytes(),
            u16::from(case.station),
            cases::word(&new.content),
            cases::word(&new.release),
            cases::word(&new.size),
            new.collectors,
            new.n_collectors,
            cases::word(&OrderState::Ordered),
            who,
            now.0,
            new.changed,
        ],
    )?;
    let order = OrderId(count(context.sql.last_insert_rowid()));
    let place = PlaceOrder {
        order,
        content: new.content,
        release: new.release,
        size: new.size,
        collectors: Vec::new(),
    };
    let what = FeedWhat::Place(place);
    let cursor = feed::append(context, case.station, new.case, &what, now)?;
    context.sql.execute(
        "UPDATE orders SET cursor = ?2 WHERE id = ?1",
        params![int(order.0), int(cursor)],
    )?;
    let changed = if new.changed.is_some() { ", delivery changed by the applicant" } else { "" };
    let detail = format!(
        "order {} {} {} {} at {}, {} collectors{changed}",
        order.0,
        cases::word(&new.content),
        cases::word(&new.release),
        cases::word(&new.size),
        case.station,
        new.n_collectors
    );
    chain::append(context, now, who, chain::Kind::OrderMade, Some(new.case), &detail)?;
    Ok(Ok(order))
}

fn refused(
    sql: &Connection,
    new: &NewOrder,
    case: &cases::Standing,
) -> Result<Option<OrderRefused>, StoreError> {
    if new.release == Release::NotInLocker {
        return Ok(Some(OrderRefused::NotInLocker));
    }
    if case.is_frozen {
        return Ok(Some(OrderRefused::Frozen));
    }
    if let Some(other) = under_way(sql, new.case, new.content)? {
        return Ok(Some(OrderRefused::UnderWay(other.id)));
    }
    if !table::may_order(new.content, &case.handling, case.originals) {
        return Ok(Some(OrderRefused::NotNow));
    }
    if new.content == Content::ReturnedOriginals && materials_away(sql, new.case)? {
        return Ok(Some(OrderRefused::NotOnDesk));
    }
    let has_locker = stations::has_locker(sql, case.station)?;
    Ok((!has_locker).then_some(OrderRefused::NoLocker))
}

/// Asks for the envelope back; the station answers.
pub fn recall(
    context: &mut WriteContext<'_>,
    order: OrderId,
    who: &str,
    now: WallTime,
) -> Result<Result<Order, OrderRefused>, StoreError> {
    let Some(order) = get(context.sql, order)? else { return Ok(Err(OrderRefused::NotFound)) };
    if order.closed.is_some() || order.recalled.is_some() {
        return Ok(Err(OrderRefused::Over));
    }
    context.sql.execute(
        "UPDATE orders SET recalled_by = ?2, recalled_ms = ?3 WHERE id = ?1",
        params![int(order.id.0), who, now.0],
    )?;
    let what = FeedWhat::Recall { order: order.id };
    feed::append(context, order.station, order.case, &what, now)?;
    let detail = format!("order {}", order.id.0);
    chain::append(context, now, who, chain::Kind::OrderRecalled, Some(order.case), &detail)?;
    Ok(Ok(order))
}

/// Notes where the station says the order stands.
pub(super) fn told(
    context: &WriteContext<'_>,
    order: OrderId,
    state: OrderState,
    door: Option<u16>,
    now: WallTime,
) -> Result<(), StoreError> {
    let lies = state == OrderState::Placed;
    let closed = (!state.is_open()).then_some(now.0);
    context
        .sql
        .prepare_cached(
            "UPDATE orders SET state = ?2, closed_ms = coalesce(closed_ms, ?5),
                door = CASE WHEN ?3 THEN coalesce(?4, door) END
             WHERE id = ?1",
        )?
        .execute(params![int(order.0), cases::word(&state), lies, door, closed])?;
    Ok(())
}
