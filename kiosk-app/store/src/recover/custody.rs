//! What the station is told at start about cells, doors, prints and lockouts.

use device_api::locker::DoorNo;
use kiosk_core::{
    custody::{Act, CellState, Order, Stored},
    event::Prints,
};
use kiosk_words::{CaseId, OrderId};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::{
    error::StoreError,
    rows::{
        self,
        custody::{self as columns, CellColumns},
    },
};

pub(super) fn custody(db: &Connection) -> Result<Stored, StoreError> {
    Ok(Stored {
        cells: cells(db)?,
        orders: orders(db)?,
        frozen: frozen(db)?,
        wrong_codes: wrong_codes(db)?,
        open: open(db)?,
        last_authorisation: last(db, "SELECT max(number) FROM authorisation")?,
    })
}

/// Doors without a row were never looked into.
pub(crate) fn cells(db: &Connection) -> Result<Vec<(DoorNo, CellState)>, StoreError> {
    let mut cells = db.prepare_cached(
        "SELECT door, state, doubt, case_id, content, order_id, since FROM cell ORDER BY door",
    )?;
    let found = cells.query_map([], |row| Ok((row.get(0)?, CellColumns::read(row, 1)?)))?;
    found
        .map(|row| {
            let (door, cell) = row?;
            Ok((columns::door(door)?, cell.state()?))
        })
        .collect()
}

/// Orders whose envelope is still to come or still here.
fn orders(db: &Connection) -> Result<Vec<(OrderId, Order)>, StoreError> {
    let mut orders = db.prepare(
        "SELECT id, case_id, content, release, size, recalled
         FROM placing_order WHERE gone_at IS NULL ORDER BY id",
    )?;
    let found = orders.query_map([], |row| Ok(order(row)))?;
    found.map(|row| row?).collect()
}

fn order(row: &Row<'_>) -> Result<(OrderId, Order), StoreError> {
    let order = Order {
        case: rows::case_id(row.get(1)?),
        content: columns::content(&row.get::<_, String>(2)?)?,
        release: columns::release(&row.get::<_, String>(3)?)?,
        size: columns::size(&row.get::<_, String>(4)?)?,
        recalled: row.get(5)?,
    };
    Ok((columns::order_id(row.get(0)?), order))
}

fn frozen(db: &Connection) -> Result<Vec<CaseId>, StoreError> {
    let mut cases = db.prepare("SELECT case_id FROM frozen ORDER BY case_id")?;
    let found = cases.query_map([], |row| row.get(0).map(rows::case_id))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn wrong_codes(db: &Connection) -> Result<Vec<(CaseId, u8)>, StoreError> {
    let mut cases = db.prepare("SELECT case_id, n FROM wrong_code ORDER BY case_id")?;
    let found = cases.query_map([], |row| Ok((row.get(0).map(rows::case_id)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The door that may have been open when the program ended.
fn open(db: &Connection) -> Result<Option<(u64, DoorNo, Act)>, StoreError> {
    let open = db
        .query_row(
            "SELECT number, door, act, case_id, order_id FROM authorisation WHERE how IS NULL",
            [],
            |row| {
                let case: Option<[u8; 16]> = row.get(3)?;
                let order: Option<i64> = row.get(4)?;
                let act: String = row.get(2)?;
                Ok((row.get(0)?, row.get(1)?, act, case, order))
            },
        )
        .optional()?;
    let Some((number, door, act, case, order)) = open else { return Ok(None) };
    let act = columns::act(&act, case.map(rows::case_id), order.map(columns::order_id))?;
    let number: i64 = number;
    Ok(Some((number.unsigned_abs(), columns::door(door)?, act)))
}

pub(super) fn prints(db: &Connection) -> Result<Prints, StoreError> {
    let mut prints =
        db.prepare("SELECT number, case_id, slip FROM print WHERE how IS NULL ORDER BY number")?;
    let found =
        prints.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let unsettled = found
        .map(|row| {
            let (number, case, slip): (i64, _, _) = row?;
            Ok((number.unsigned_abs(), rows::case_id(case), columns::slip(&slip)?))
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Prints { unsettled, last: last(db, "SELECT max(number) FROM print")? })
}

/// The largest number given, or 0.
fn last(db: &Connection, sql: &str) -> Result<u64, StoreError> {
    let last: Option<i64> = db.query_row(sql, [], |row| row.get(0))?;
    Ok(last.map_or(0, i64::unsigned_abs))
}
