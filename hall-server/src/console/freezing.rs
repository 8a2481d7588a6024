//! 领取冻结 and lifting it, each with a name and a reason.

use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use serde::Deserialize;

use super::{
    Console,
    account::bad_form,
    case_page::case_of,
    respond::{Refused, not_found, redirect},
    session::Clerk,
};
use crate::store::freezes::{self, FreezeRefused};

const REASON_LEN_MAX: usize = 200;

#[derive(Debug, Deserialize)]
pub(crate) struct FreezeForm {
    csrf: String,
    /// `freeze` or `lift`
    act: String,
    reason: String,
}

pub(crate) async fn set(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
    form: Result<Form<FreezeForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(FreezeForm { csrf, act, reason }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let case = case_of(&case)?;
    let back = format!("/case/{case}");
    let is_frozen = match act.as_str() {
        "freeze" => true,
        "lift" => false,
        _ => return Err(Refused::incomplete("没有这一步。", back)),
    };
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_LEN_MAX {
        let what = if is_frozen { "冻结" } else { "解除冻结" };
        let sentence = format!("请写明{what}的理由，{REASON_LEN_MAX}个字以内。");
        return Err(Refused::incomplete(sentence, back));
    }
    let (who, now) = (clerk.name(), console.api.clock.now());
    let set = console
        .api
        .store
        .write(move |context| freezes::set(context, case, is_frozen, &reason, &who, now))
        .await?;
    match set {
        Ok(()) => Ok(redirect(&back)),
        Err(FreezeRefused::NotFound) => Err(not_found()),
        Err(FreezeRefused::Already) => {
            let now = if is_frozen { "已经是领取冻结" } else { "没有被冻结" };
            Err(Refused::conflict(format!("这件办件{now}，可能有同事刚刚改过。"), back))
        }
    }
}
