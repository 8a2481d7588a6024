//! The queue: what is due soonest on top; nothing in it names a person or a discreet matter.

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use kiosk_words::{ReceiptNo, WallTime};
use serde::Deserialize;

use super::{
    Console,
    respond::{Refused, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    store::{
        StoreError,
        cases::{self, CaseLine, Shelf},
        exceptions, held, stations,
    },
    workdays::Calendar,
};

const PAGE_LEN: u32 = 50;
/// A station that was silent this long is marked.
pub(crate) const SILENT_MS: i64 = 5 * 60_000;

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    who: String,
    csrf: String,
    title: &'static str,
    at: &'static str,
    rows: Vec<Row>,
    n_urgent: usize,
    /// Some date on the page is only reckoned.
    is_reckoned: bool,
    counts: Counts,
    older: Option<u32>,
    newer: Option<u32>,
}

struct Row {
    case: String,
    receipt: String,
    matter: String,
    /// Words of the five days, only while they run.
    review: String,
    is_urgent: bool,
    is_reckoned: bool,
    deposited: String,
    station: String,
    handling: String,
    originals: &'static str,
    /// The hall or a cell has originals that must go back.
    must_return: bool,
    is_frozen: bool,
    scans: String,
}

struct Counts {
    awaiting_review: u64,
    running: u64,
    closed: u64,
    to_return: u64,
    held: u64,
    exceptions: u64,
}

#[derive(Template)]
#[template(path = "stations.html")]
struct StationsPage {
    who: String,
    csrf: String,
    rows: Vec<StationRow>,
}

struct StationRow {
    station: String,
    name: String,
    last_seen: String,
    is_silent: bool,
    n_outbox: String,
    reader: String,
    version: String,
    /// Its cells have a page.
    cells: Option<u16>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    page: u32,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Find {
    receipt: String,
}

pub(crate) async fn awaiting_review(
    State(console): State<Console>,
    clerk: Clerk,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Refused> {
    shelf(console, clerk, Shelf::AwaitingReview, page).await
}

pub(crate) async fn running(
    State(console): State<Console>,
    clerk: Clerk,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Refused> {
    shelf(console, clerk, Shelf::Running, page).await
}

pub(crate) async fn closed(
    State(console): State<Console>,
    clerk: Clerk,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Refused> {
    shelf(console, clerk, Shelf::Closed, page).await
}

pub(crate) async fn to_return(
    State(console): State<Console>,
    clerk: Clerk,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Refused> {
    shelf(console, clerk, Shelf::ToReturn, page).await
}

async fn shelf(
    console: Console,
    clerk: Clerk,
    shelf: Shelf,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Refused> {
    let page = page.map_or(0, |Query(page)| page.page.min(10_000));
    let (mut lines, counts) = console
        .api
        .store
        .read(move |sql| {
            let lines = cases::shelf(sql, shelf, PAGE_LEN + 1, page * PAGE_LEN)?;
            let count = |shelf| cases::n_on_shelf(sql, shelf);
            let counts = Counts {
                awaiting_review: count(Shelf::AwaitingReview)?,
                running: count(Shelf::Running)?,
                closed: count(Shelf::Closed)?,
                to_return: count(Shelf::ToReturn)?,
                held: held::n_open(sql)?,
                exceptions: exceptions::n_unseen(sql)?,
            };
            Ok::<_, StoreError>((lines, counts))
        })
        .await?;
    let has_more = lines.len() > PAGE_LEN as usize;
    lines.truncate(PAGE_LEN as usize);
    let now = console.api.clock.now();
    let rows: Vec<Row> = lines.iter().map(|line| row(line, &console.calendar, now)).collect();
    let (title, at) = match shelf {
        Shelf::AwaitingReview => ("待审查", "/"),
        Shelf::Running => ("办理中", "/running"),
        Shelf::Closed => ("已结束", "/closed"),
        Shelf::ToReturn => ("原件待退还", "/returns"),
    };
    Ok(render(&QueuePage {
        who: clerk.name(),
        csrf: clerk.csrf,
        title,
        at,
        n_urgent: rows.iter().filter(|row| row.is_urgent).count(),
        is_reckoned: rows.iter().any(|row| row.is_reckoned),
        rows,
        counts,
        older: has_more.then_some(page + 1),
        newer: page.checked_sub(1),
    }))
}

fn row(line: &CaseLine, calendar: &Calendar, now: WallTime) -> Row {
    let is_waiting = line.handling == kiosk_words::Handling::AwaitingReview;
    let review = is_waiting.then(|| calendar.review(line.clock_start, now));
    Row {
        case: line.case.to_string(),
        receipt: line.receipt.to_string(),
        matter: if line.is_discreet { words::DISCREET.into() } else { line.matter_name.clone() },
        is_urgent: review.as_ref().is_some_and(crate::workdays::Review::is_urgent),
        is_reckoned: review.as_ref().is_some_and(|review| !review.is_certain),
        review: review.as_ref().map(words::review).unwrap_or_default(),
        deposited: words::short_moment(line.deposited),
        station: line.station.to_string(),
        handling: line.handling.zh(),
        originals: line.originals.zh(),
        must_return: line.must_return,
        is_frozen: line.is_frozen,
        scans: scans(line),
    }
}

/// How many of the listed scans are here; a case is complete only with all of them.
pub(crate) fn scans(line: &CaseLine) -> String {
    match (line.n_scans_stored, line.n_scans) {
        (_, 0) => "无扫描件".into(),
        (stored, all) if stored == all => format!("{all}页已到齐"),
        (stored, all) => format!("{stored}/{all}页，其余上传中"),
    }
}

pub(crate) async fn find(
    State(console): State<Console>,
    _clerk: Clerk,
    find: Result<Query<Find>, QueryRejection>,
) -> Result<Response, Refused> {
    let typed = find.map_or_else(|_| String::new(), |Query(find)| find.receipt);
    let receipt: ReceiptNo = typed.parse().map_err(|_| {
        Refused::incomplete("收件编号是14位数字，请对照凭证再核对一遍：有一位可能打错了。", "/")
    })?;
    let case = console.api.store.read(move |sql| cases::by_receipt(sql, receipt)).await?;
    match case {
        Some(case) => Ok(redirect(&format!("/case/{case}"))),
        None => Err(Refused::new(
            axum::http::StatusCode::NOT_FOUND,
            "没有找到",
            format!("大厅还没有收到编号 {receipt} 的办件。它可能还存在站点，尚未传到大厅。"),
            "/",
        )),
    }
}

pub(crate) async fn stations(
    State(console): State<Console>,
    clerk: Clerk,
) -> Result<Response, Refused> {
    let now = console.api.clock.now();
    let lines = console.api.store.read(stations::all).await?;
    let rows = lines.into_iter().map(|line| station_row(line, now)).collect();
    Ok(render(&StationsPage { who: clerk.name(), csrf: clerk.csrf, rows }))
}

fn station_row(line: stations::StationLine, now: WallTime) -> StationRow {
    StationRow {
        station: line.station.to_string(),
        name: line.name,
        last_seen: line.last_seen.map_or_else(|| "还没有联系过".into(), words::short_moment),
        is_silent: line.last_seen.is_none_or(|seen| now.0 - seen.0 > SILENT_MS),
        n_outbox: line.n_outbox.map_or_else(String::new, |n| n.to_string()),
        reader: line.reader.unwrap_or_default(),
        version: line.version.unwrap_or_default(),
        cells: line.has_locker.then(|| line.station.into()),
    }
}
