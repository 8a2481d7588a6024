//! Held events: why each waits, and the two ways out, both by a named person.

use askama::Template;
use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;

use super::{
    Console,
    account::{TokenOnly, bad_form},
    respond::{Refused, not_found, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    store::{
        StoreError,
        events::Verdict,
        held::{self, HeldEvent, SettleRefused},
    },
    sync,
};

const SHOWN_MAX: u32 = 200;
const REASON_LEN_MAX: usize = 200;
const BACK: &str = "/held";

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    who: String,
    csrf: String,
    rows: Vec<Row>,
}

struct Row {
    id: i64,
    station: String,
    seq: u64,
    case: String,
    code: String,
    reason: &'static str,
    held: String,
    settled: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SetAsideForm {
    csrf: String,
    reason: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    clerk: Clerk,
) -> Result<Response, Refused> {
    let events = console.api.store.read(|sql| held::list(sql, SHOWN_MAX)).await?;
    let rows = events.into_iter().map(row).collect();
    Ok(render(&HeldPage { who: clerk.name(), csrf: clerk.csrf, rows }))
}

fn row(event: HeldEvent) -> Row {
    let settled = event.settled.map(|settled| {
        let how = if settled.how == "admitted" { "核实后收下" } else { "存档不收" };
        let at = words::short_moment(settled.at);
        format!("{at} {} {how} {}", settled.by, settled.reason)
    });
    Row {
        id: event.id,
        station: event.station.to_string(),
        seq: event.event.seq.0,
        case: event.event.case.to_string(),
        reason: words::held_reason(&event.code),
        code: event.code,
        held: words::short_moment(event.held),
        settled: settled.unwrap_or_default(),
    }
}

/// Checks the event again with what the hall knows by now, and lets it in on the clerk's word.
pub(crate) async fn admit(
    State(console): State<Console>,
    clerk: Clerk,
    Path(id): Path<i64>,
    form: Result<Form<TokenOnly>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    clerk.check(&form.csrf)?;
    let found = console.api.store.read(move |sql| held::get(sql, id)).await?;
    let held = found.ok_or_else(not_found)?;
    let filing = match sync::check(&console.api.keys, held.event).verdict {
        Verdict::Good(filing) => filing,
        Verdict::Bad(code) => {
            let reason = words::held_reason(code);
            let sentence = format!("还不能收下：{reason}。可以写明理由后存档。");
            return Err(Refused::conflict(sentence, BACK));
        }
    };
    let (who, now) = (clerk.name(), console.api.clock.now());
    let admitted = console
        .api
        .store
        .write(move |context| held::admit(context, id, &filing, &who, now))
        .await?;
    admitted.map(|case| redirect(&format!("/case/{case}"))).map_err(refused)
}

pub(crate) async fn set_aside(
    State(console): State<Console>,
    clerk: Clerk,
    Path(id): Path<i64>,
    form: Result<Form<SetAsideForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(SetAsideForm { csrf, reason }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_LEN_MAX {
        let sentence = format!("请写明存档的理由，{REASON_LEN_MAX}个字以内。");
        return Err(Refused::incomplete(sentence, BACK));
    }
    let (who, now) = (clerk.name(), console.api.clock.now());
    let settled: Result<Result<(), SettleRefused>, StoreError> = console
        .api
        .store
        .write(move |context| held::set_aside(context, id, &reason, &who, now))
        .await;
    settled?.map(|()| redirect(BACK)).map_err(refused)
}

fn refused(why: SettleRefused) -> Refused {
    match why {
        SettleRefused::NotFound => not_found(),
        SettleRefused::AlreadySettled => Refused::conflict("这一条已经有人处理过了。", BACK),
        SettleRefused::CaseExists => {
            Refused::conflict("同一办件号的办件已经在大厅，不能再收一份。请核对后存档。", BACK)
        }
    }
}
