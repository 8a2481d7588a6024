//! The cells of one station as of its last heartbeat: numbers of cases, never names.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use hall_api::wire::{CellReport, CellUse};
use kiosk_words::{CaseId, ReceiptNo, StationId, WallTime};

use super::{
    Console, custody_words,
    queue::SILENT_MS,
    respond::{Refused, not_found, render},
    session::Clerk,
    words,
};
use crate::store::{
    StoreError, cases,
    stations::{self, CellMap},
};

#[derive(Template)]
#[template(path = "cells.html")]
struct CellsPage {
    who: String,
    csrf: String,
    station: String,
    name: String,
    as_of: String,
    is_silent: bool,
    tiles: Vec<Tile>,
    sums: Vec<(&'static str, usize)>,
}

struct Tile {
    door: u16,
    size: &'static str,
    state: &'static str,
    state_class: &'static str,
    case: String,
    receipt: String,
    door_state: &'static str,
    is_door_care: bool,
}

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
    Path(station): Path<u16>,
) -> Result<Response, Refused> {
    let station = StationId::try_from(station).map_err(|_| not_found())?;
    let found = console
        .api
        .store
        .read(move |sql| {
            let Some(map) = stations::cells(sql, station)? else { return Ok(None) };
            let mut receipts = BTreeMap::new();
            for case in map.cells.iter().filter_map(|cell| cell.case) {
                if let Some(standing) = cases::standing(sql, case)? {
                    receipts.insert(case, standing.receipt);
                }
            }
            Ok::<_, StoreError>(Some((map, receipts)))
        })
        .await?;
    let (map, receipts) = found.ok_or_else(not_found)?;
    let now = console.api.clock.now();
    Ok(render(&page(&clerk, station, map, &receipts, now)))
}

fn page(
    clerk: &Clerk,
    station: StationId,
    mut map: CellMap,
    receipts: &BTreeMap<CaseId, ReceiptNo>,
    now: WallTime,
) -> CellsPage {
    map.cells.sort_by_key(|cell| cell.door);
    let sum = |is: fn(&CellUse) -> bool| map.cells.iter().filter(|cell| is(&cell.state)).count();
    CellsPage {
        who: clerk.name(),
        csrf: clerk.csrf.clone(),
        station: station.to_string(),
        name: map.name.clone(),
        as_of: words::moment(map.as_of),
        is_silent: now.0 - map.as_of.0 > SILENT_MS,
        sums: vec![
            ("空", sum(|state| matches!(state, CellUse::Empty))),
            ("预留", sum(|state| matches!(state, CellUse::Reserved))),
            ("有信封", sum(|state| matches!(state, CellUse::Holds(_)))),
            ("封存", sum(|state| matches!(state, CellUse::Quarantined))),
            ("未盘点", sum(|state| matches!(state, CellUse::Unknown))),
        ],
        tiles: map.cells.iter().map(|cell| tile(cell, receipts)).collect(),
    }
}

fn tile(cell: &CellReport, receipts: &BTreeMap<CaseId, ReceiptNo>) -> Tile {
    let (state, state_class) = match cell.state {
        CellUse::Unknown => ("未盘点", "unknown"),
        CellUse::Empty => ("空", "empty"),
        CellUse::Reserved => ("已预留", "reserved"),
        CellUse::Holds(content) => (content.zh(), "holds"),
        CellUse::Quarantined => ("已封存（待核实）", "closed-off"),
    };
    let (door_state, is_door_care) = match cell.door_state.as_str() {
        "shut" => ("门关好", false),
        "open" => ("门开着", true),
        "ajar" => ("门没关严", true),
        "forced" => ("异常打开", true),
        _ => ("门状态待核", true),
    };
    let receipt = cell.case.and_then(|case| receipts.get(&case));
    Tile {
        door: cell.door,
        size: custody_words::short_size(cell.size),
        state,
        state_class,
        case: cell.case.filter(|_| receipt.is_some()).map(|c| c.to_string()).unwrap_or_default(),
        receipt: match (cell.case, receipt) {
            (_, Some(receipt)) => receipt.to_string(),
            (Some(_), None) => "办件尚未传到大厅".into(),
            (None, None) => String::new(),
        },
        door_state,
        is_door_care,
    }
}
