//! 流转: exceptions that a named person must see, envelopes that are away too long, orders under
//! way, what was given by hand, freezes in force.

use askama::Template;
use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use kiosk_words::{CaseId, ReceiptNo, WallTime};
use rusqlite::Connection;
use serde::Deserialize;

use super::{
    Console,
    account::bad_form,
    custody_panel::{hand_out_of, reach},
    custody_words,
    respond::{Refused, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    custody::{Lateness, Step, Way, Whereabouts, lateness},
    store::{
        StoreError, cases,
        custody::Line,
        exceptions::{self, Away, Entry},
        feed,
        freezes::{self, Freeze},
        orders::{self, Order},
    },
};

const SHOWN_MAX: u32 = 200;
const SEEN_SHOWN_MAX: u32 = 30;
const NOTE_LEN_MAX: usize = 200;
const DAY_MS: i64 = 86_400_000;
const BACK: &str = "/custody";

#[derive(Template)]
#[template(path = "custody.html")]
struct CustodyPage {
    who: String,
    csrf: String,
    exceptions: Vec<ExceptionView>,
    away: Vec<AwayView>,
    n_late: usize,
    orders: Vec<OrderRow>,
    by_hand: Vec<HandRow>,
    frozen: Vec<FrozenRow>,
    seen: Vec<ExceptionView>,
}

struct ExceptionView {
    line: i64,
    case: String,
    receipt: String,
    title: String,
    facts: String,
    what_to_do: &'static str,
    seen: String,
}

struct AwayView {
    line: i64,
    case: String,
    receipt: String,
    content: String,
    way: &'static str,
    since: String,
    who: String,
    lateness: &'static str,
    word: &'static str,
    seen: String,
}

struct OrderRow {
    case: String,
    receipt: String,
    order: u64,
    content: &'static str,
    station: String,
    state: String,
    days: String,
}

struct HandRow {
    case: String,
    receipt: String,
    content: &'static str,
    how: String,
    to: String,
    reason: String,
    who: String,
    at: String,
}

struct FrozenRow {
    case: String,
    receipt: String,
    since: String,
    who: String,
    reason: String,
    reach: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SeenForm {
    csrf: String,
    #[serde(default)]
    note: String,
}

/// Everything of the page in one look at the store.
struct Found {
    exceptions: Vec<Entry>,
    away: Vec<Away>,
    orders: Vec<(Order, Whereabouts, bool, ReceiptNo)>,
    by_hand: Vec<Entry>,
    frozen: Vec<(Freeze, String, u64)>,
    seen: Vec<Entry>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
) -> Result<Response, Refused> {
    let found = console.api.store.read(find).await?;
    let now = console.api.clock.now();
    let mut away: Vec<AwayView> = found.away.iter().map(|one| away_view(one, now)).collect();
    // The latest hand-overs on top; a stable sort keeps the longest first among them.
    away.sort_by_key(|view| match view.lateness {
        "red" => 0,
        "amber" => 1,
        _ => 2,
    });
    Ok(render(&CustodyPage {
        who: clerk.name(),
        csrf: clerk.csrf,
        exceptions: found.exceptions.iter().map(exception_view).collect(),
        n_late: away.iter().filter(|view| !view.lateness.is_empty()).count(),
        away,
        orders: found.orders.iter().map(|one| order_row(one, now)).collect(),
        by_hand: found.by_hand.iter().map(|entry| hand_row(&console, entry)).collect(),
        frozen: found.frozen.iter().map(frozen_row).collect(),
        seen: found.seen.iter().map(exception_view).collect(),
    }))
}

fn find(sql: &Connection) -> Result<Found, StoreError> {
    let receipt = |case: CaseId| -> Result<ReceiptNo, StoreError> {
        let standing = cases::standing(sql, case)?;
        standing.map(|case| case.receipt).ok_or(StoreError::Content { what: "a case" })
    };
    let mut open = Vec::new();
    for order in orders::open(sql, SHOWN_MAX)? {
        let place = orders::whereabouts(sql, &order)?;
        let is_known = feed::read_by(sql, order.station)? >= order.cursor;
        let receipt = receipt(order.case)?;
        open.push((order, place, is_known, receipt));
    }
    let mut frozen = Vec::new();
    for (freeze, station, receipt) in freezes::in_force(sql, SHOWN_MAX)? {
        frozen.push((freeze, receipt, feed::read_by(sql, station)?));
    }
    Ok(Found {
        exceptions: exceptions::unseen(sql, SHOWN_MAX)?,
        away: exceptions::away(sql, SHOWN_MAX)?,
        orders: open,
        by_hand: exceptions::by_hand(sql, SEEN_SHOWN_MAX)?,
        frozen,
        seen: exceptions::seen(sql, SEEN_SHOWN_MAX)?,
    })
}

fn named(line: &Line) -> String {
    match line.order {
        Some(order) => format!("{}（投放单 {}）", line.content.zh(), order.0),
        None => line.content.zh().to_owned(),
    }
}

fn seen_words(entry: &Entry) -> String {
    let Some(seen) = &entry.seen else { return String::new() };
    format!("{} {}已知悉 {}", words::short_moment(seen.at), seen.who, seen.note).trim_end().into()
}

fn exception_view(entry: &Entry) -> ExceptionView {
    let line = &entry.line;
    let title = match line.step {
        Step::AtDesk => "案台清点不相符".to_owned(),
        step @ (Step::Station(_) | Step::GivenToCourier | Step::HandedOut) => {
            custody_words::step(step).to_owned()
        }
    };
    let mut facts = vec![named(line)];
    facts.extend(line.station.map(|station| format!("{station} 站")));
    facts.extend(line.door.map(|door| format!("第{door}格")));
    facts.extend(line.pages.map(|n| format!("{n}页")));
    facts.extend(line.note.clone());
    facts.push(custody_words::who(&line.who));
    facts.push(words::short_moment(line.at));
    ExceptionView {
        line: line.id,
        case: line.case.to_string(),
        receipt: entry.receipt.to_string(),
        title,
        facts: facts.join(" · "),
        what_to_do: custody_words::what_to_do(line),
        seen: seen_words(entry),
    }
}

fn away_view(away: &Away, now: WallTime) -> AwayView {
    let line = &away.entry.line;
    let (lateness, word) = match lateness(line.since(), now) {
        Lateness::InTime => ("", "时间内"),
        Lateness::Amber => ("amber", "▲ 超过4小时"),
        Lateness::Red => ("red", "■ 过了当天"),
    };
    AwayView {
        line: line.id,
        case: line.case.to_string(),
        receipt: away.entry.receipt.to_string(),
        content: named(line),
        way: match away.way {
            Way::ToDesk => "已取出，还没有交到案台",
            Way::ToCell => "已交给流转员，还没有放进格口",
            Way::Unreported => "已到案台，站点还没有报取出",
        },
        since: words::short_moment(line.since()),
        who: line.courier.clone().unwrap_or_else(|| custody_words::who(&line.who)),
        lateness,
        word,
        seen: seen_words(&away.entry),
    }
}

fn order_row(
    (order, place, is_known, receipt): &(Order, Whereabouts, bool, ReceiptNo),
    now: WallTime,
) -> OrderRow {
    OrderRow {
        case: order.case.to_string(),
        receipt: receipt.to_string(),
        order: order.id.0,
        content: order.content.zh(),
        station: order.station.to_string(),
        state: custody_words::order_state(order, *place, *is_known),
        days: match (now.0 - order.ordered.0) / DAY_MS {
            0 => "今天".into(),
            n => format!("{n}天"),
        },
    }
}

fn hand_row(console: &Console, entry: &Entry) -> HandRow {
    let line = &entry.line;
    let sealed = line.hand_out.as_deref().unwrap_or_default();
    let hand_out = hand_out_of(&console.api.keys, line.case, sealed);
    HandRow {
        case: line.case.to_string(),
        receipt: entry.receipt.to_string(),
        content: line.content.zh(),
        how: line.note.clone().unwrap_or_default(),
        to: hand_out.as_ref().map_or_else(|| "打不开".into(), |one| one.name.clone()),
        reason: hand_out.map(|one| one.reason).unwrap_or_default(),
        who: line.who.clone(),
        at: words::short_moment(line.at),
    }
}

fn frozen_row((freeze, receipt, feed_read): &(Freeze, String, u64)) -> FrozenRow {
    let receipt: Result<ReceiptNo, _> = receipt.parse();
    FrozenRow {
        case: freeze.case.to_string(),
        receipt: receipt.map(|receipt| receipt.to_string()).unwrap_or_default(),
        since: words::short_moment(freeze.at),
        who: freeze.who.clone(),
        reason: freeze.reason.clone(),
        reach: reach(freeze, *feed_read, None),
    }
}

/// A named person has seen it.
pub(crate) async fn note_seen(
    State(console): State<Console>,
    clerk: Clerk,
    Path(line): Path<i64>,
    form: Result<Form<SeenForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(SeenForm { csrf, note }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let note = note.trim().to_owned();
    if note.chars().count() > NOTE_LEN_MAX || note.chars().any(char::is_control) {
        return Err(Refused::incomplete(format!("说明请写在{NOTE_LEN_MAX}个字以内。"), BACK));
    }
    let (who, now) = (clerk.name(), console.api.clock.now());
    let is_new = console
        .api
        .store
        .write(move |context| exceptions::note_seen(context, line, &note, &who, now))
        .await?;
    if is_new {
        Ok(redirect(BACK))
    } else {
        Err(Refused::conflict("这一条已经有同事知悉了，或者不存在。", BACK))
    }
}
