//! What a clerk does to a case: one form, one step of the table, one audit line, one feed entry.
//! Giving a result away from here is in `by_hand` and `orders`: it needs more than a step.

use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use kiosk_words::{Handling, WallTime, numbers};
use serde::Deserialize;

use super::{
    Console,
    account::bad_form,
    case_page::{OUTCOMES, case_of},
    respond::{Refused, not_found, redirect},
    session::Clerk,
    words,
};
use crate::store::cases::{self, StepRefused};

const NUMBER_LEN_MAX: usize = 60;
const REASON_LEN_MAX: usize = 200;
const REASONS_MAX: usize = 20;

/// The fields of all steps; each step reads its own.
#[derive(Debug, Deserialize)]
pub(crate) struct StepForm {
    csrf: String,
    revision: i64,
    act: String,
    #[serde(default)]
    number: String,
    /// `YYYY-MM-DD`
    #[serde(default)]
    on: String,
    #[serde(default)]
    until: String,
    /// One reason per line.
    #[serde(default)]
    reasons: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    outcome: String,
}

pub(crate) async fn handle(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
    form: Result<Form<StepForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    clerk.check(&form.csrf)?;
    let case = case_of(&case)?;
    let back = format!("/case/{case}");
    let now = console.api.clock.now();
    let next = next(&form, now).map_err(|sentence| Refused::incomplete(sentence, &back))?;
    let (revision, step, who) = (form.revision, next.clone(), clerk.name());
    let made = console
        .api
        .store
        .write(move |context| cases::step(context, case, revision, &step, &who, now))
        .await?;
    match made {
        Ok(()) => Ok(redirect(&back)),
        Err(StepRefused::NotFound) => Err(not_found()),
        Err(StepRefused::Stale { present }) => Err(Refused::conflict(
            format!("这件办件刚刚被改动，现在是“{}”。请回到办件页看过以后再决定。", present.zh()),
            back,
        )),
        Err(StepRefused::Illegal { from }) => Err(Refused::conflict(
            format!("这件办件现在是“{}”，不能直接改为“{}”。", from.zh(), next.zh()),
            back,
        )),
    }
}

/// The step that the form asks for, or a sentence about what is missing.
fn next(form: &StepForm, now: WallTime) -> Result<Handling, String> {
    match form.act.as_str() {
        "accept" => {
            let number = line(&form.number, NUMBER_LEN_MAX, "受理号")?;
            Ok(Handling::Accepted { number, on: day_until(&form.on, now, "受理日期")? })
        }
        "correct" => {
            let until = day_after(&form.until, now)?;
            Ok(Handling::NeedsCorrection { until, reasons: reasons(&form.reasons)? })
        }
        "refuse" => Ok(Handling::Refused {
            reason: line(&form.reason, REASON_LEN_MAX, "不予受理的理由")?,
        }),
        "back_to_review" => Ok(Handling::AwaitingReview),
        "start" => Ok(Handling::InProgress),
        "pause" => Ok(Handling::Paused {
            reason: line(&form.reason, REASON_LEN_MAX, "暂停计时的原因")?,
        }),
        "decide" => {
            let outcome = OUTCOMES.iter().find(|(name, _)| *name == form.outcome);
            let (_, outcome) = outcome.ok_or("请选择办理结果。")?;
            let on = day_until(&form.on, now, "办结日期")?;
            Ok(Handling::Decided { outcome: *outcome, on })
        }
        _ => Err("没有这一步。".into()),
    }
}

fn line(text: &str, len_max: usize, what: &str) -> Result<String, String> {
    let text = text.trim();
    let n_chars = text.chars().count();
    if text.is_empty() {
        return Err(format!("请填写{what}。"));
    }
    if n_chars > len_max || text.chars().any(char::is_control) {
        return Err(format!("{what}请写在{len_max}个字以内，不换行；现在是{n_chars}个字。"));
    }
    Ok(text.to_owned())
}

fn reasons(text: &str) -> Result<Vec<String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let reasons: Vec<String> =
        lines.map(|one| line(one, REASON_LEN_MAX, "每条补正内容")).collect::<Result<_, _>>()?;
    match reasons.len() {
        0 => Err("请写明要补正什么，每行一条。".into()),
        n if n > REASONS_MAX => Err(format!("补正内容最多{REASONS_MAX}条，现在是{n}条。")),
        _ => Ok(reasons),
    }
}

/// A day that exists, as `YYYY-MM-DD`.
fn day(text: &str, what: &str) -> Result<String, String> {
    let text = text.trim();
    let digits: String = text.split('-').collect();
    let has_shape = text.len() == 10 && text.matches('-').count() == 2;
    if has_shape && numbers::is_date(digits.as_bytes()) {
        Ok(text.to_owned())
    } else {
        Err(format!("请填写{what}，例如 2026-03-05。"))
    }
}

fn day_until(text: &str, now: WallTime, what: &str) -> Result<String, String> {
    let day = day(text, what)?;
    if day > words::iso_day(now) { Err(format!("{what}不能晚于今天。")) } else { Ok(day) }
}

fn day_after(text: &str, now: WallTime) -> Result<String, String> {
    let day = day(text, "补正截止日期")?;
    if day <= words::iso_day(now) {
        Err("补正截止日期要晚于今天。".into())
    } else {
        Ok(day)
    }
}
