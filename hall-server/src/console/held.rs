//! Held events: why each waits, and the ways out, all by a named person.

use askama::Template;
use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use hall_api::wire::{EventBody, held as code};
use serde::Deserialize;

use super::{
    Console,
    account::{TokenOnly, bad_form},
    custody_words,
    respond::{Refused, not_found, redirect, render},
    session::Clerk,
    words,
};
use crate::{
    store::{
        StoreError, cases,
        events::Verdict,
        held::{self, HeldEvent, SettleRefused, Way},
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
    /// The case is at the hall and has a page.
    is_known: bool,
    code: String,
    reason: &'static str,
    /// What a step of custody says; empty for a filing.
    told: String,
    held: String,
    settled: String,
}

impl Row {
    /// The step is not one of the table: it may be written down as it was told.
    fn may_be_aside(&self) -> bool {
        !self.told.is_empty() && self.code != code::BAD_ORDER && self.code != code::NO_CASE
    }
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
    let events = console
        .api
        .store
        .read(|sql| {
            let events = held::list(sql, SHOWN_MAX)?.into_iter();
            events
                .map(|event| Ok((cases::exists(sql, event.event.case)?, event)))
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    let rows = events.into_iter().map(|(is_known, event)| row(event, is_known)).collect();
    Ok(render(&HeldPage { who: clerk.name(), csrf: clerk.csrf, rows }))
}

fn row(event: HeldEvent, is_known: bool) -> Row {
    let told = match serde_json::from_str(&event.event.body) {
        Ok(EventBody::Custody(moved)) => custody_words::told(&moved),
        Ok(EventBody::CaseFiled(_)) | Err(_) => String::new(),
    };
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
        is_known,
        told,
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
    let verdict = verdict(&console, id).await?;
    let (who, now) = (clerk.name(), console.api.clock.now());
    let admitted = console
        .api
        .store
        .write(move |context| match &verdict {
            Verdict::Filed(filing) => held::admit(context, id, filing, &who, now),
            Verdict::Custody(moved) => {
                held::admit_custody(context, id, moved, &Way::ByTable, &who, now)
            }
            Verdict::Bad(code) => Ok(Err(SettleRefused::Still(code))),
        })
        .await?;
    admitted.map(|case| redirect(&format!("/case/{case}"))).map_err(refused)
}

/// Writes a step of custody down as it was told; nothing of the case moves.
pub(crate) async fn admit_aside(
    State(console): State<Console>,
    clerk: Clerk,
    Path(id): Path<i64>,
    form: Result<Form<SetAsideForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(SetAsideForm { csrf, reason }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let way = Way::Aside { reason: reason_of(&reason, "照实登记")? };
    let verdict = verdict(&console, id).await?;
    let (who, now) = (clerk.name(), console.api.clock.now());
    let admitted = console
        .api
        .store
        .write(move |context| match &verdict {
            Verdict::Custody(moved) => held::admit_custody(context, id, moved, &way, &who, now),
            Verdict::Filed(_) => Ok(Err(SettleRefused::NotFound)),
            Verdict::Bad(code) => Ok(Err(SettleRefused::Still(code))),
        })
        .await?;
    admitted.map(|case| redirect(&format!("/case/{case}"))).map_err(refused)
}

async fn verdict(console: &Console, id: i64) -> Result<Verdict, Refused> {
    let found = console.api.store.read(move |sql| held::get(sql, id)).await?;
    let held = found.ok_or_else(not_found)?;
    Ok(sync::check(&console.api.keys, held.event).verdict)
}

fn reason_of(reason: &str, what: &str) -> Result<String, Refused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LEN_MAX {
        let sentence = format!("请写明{what}的理由，{REASON_LEN_MAX}个字以内。");
        return Err(Refused::incomplete(sentence, BACK));
    }
    Ok(reason.to_owned())
}

pub(crate) async fn set_aside(
    State(console): State<Console>,
    clerk: Clerk,
    Path(id): Path<i64>,
    form: Result<Form<SetAsideForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(SetAsideForm { csrf, reason }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let reason = reason_of(&reason, "存档")?;
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
        SettleRefused::Still(code) => {
            let reason = words::held_reason(code);
            let sentence = format!("还不能收下：{reason}。可以写明理由后存档。");
            Refused::conflict(sentence, BACK)
        }
    }
}
