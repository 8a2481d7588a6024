//! What is given at a window or by post: to whom and why, sealed to the hall's own key.

use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    response::Response,
};
use hall_api::seal::Purpose;
use kiosk_words::{CaseId, Private};
use serde::{Deserialize, Serialize};

use super::{
    Console,
    account::bad_form,
    case_page::case_of,
    desk_words,
    respond::{Refused, redirect},
    session::Clerk,
};
use crate::{random, store::desk};

const NAME_LEN_MAX: usize = 60;
const REASON_LEN_MAX: usize = 200;

/// To whom and why; plain only while a page is made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HandOut {
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl std::fmt::Debug for HandOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandOut { <private> }")
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct HandOutForm {
    csrf: String,
    /// `result` or `originals`
    what: String,
    #[serde(default)]
    revision: i64,
    #[serde(default)]
    how: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn hand_out(
    State(console): State<Console>,
    clerk: Clerk,
    Path(case): Path<String>,
    form: Result<Form<HandOutForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(form) = form.map_err(bad_form)?;
    clerk.check(&form.csrf)?;
    let case = case_of(&case)?;
    let back = format!("/case/{case}");
    let (how, hand_out) = read(&form).map_err(|sentence| Refused::incomplete(sentence, &back))?;
    let is_result = match form.what.as_str() {
        "result" => true,
        "originals" => false,
        _ => return Err(Refused::incomplete("没有这一步。", back)),
    };
    let sealed = seal(&console, case, &hand_out);
    let (who, now, revision) = (clerk.name(), console.api.clock.now(), form.revision);
    let done = console
        .api
        .store
        .write(move |context| {
            if is_result {
                desk::hand_out_result(context, case, revision, how, &sealed, &who, now)
            } else {
                desk::hand_out_originals(context, case, how, &sealed, &who, now)
            }
        })
        .await?;
    done.map(|()| redirect(&back)).map_err(|refused| desk_words::refuse(refused, &back))
}

fn read(form: &HandOutForm) -> Result<(&'static str, HandOut), String> {
    let how = match form.how.as_str() {
        "窗口" => "窗口",
        "邮寄" => "邮寄",
        _ => return Err("请选择转交方式：窗口或邮寄。".into()),
    };
    let text = |text: &str, len_max: usize, what: &str| {
        let text = text.trim();
        let n_chars = text.chars().count();
        if n_chars == 0 || n_chars > len_max || text.chars().any(char::is_control) {
            return Err(format!("请填写{what}，{len_max}个字以内。"));
        }
        Ok(text.to_owned())
    };
    let name = text(&form.name, NAME_LEN_MAX, "交给谁（姓名；邮寄写收件人）")?;
    let reason = text(&form.reason, REASON_LEN_MAX, "不经文件柜的原因")?;
    Ok((how, HandOut { name, reason }))
}

fn seal(console: &Console, case: CaseId, hand_out: &HandOut) -> Vec<u8> {
    let plain = Private::new(serde_json::to_vec(hand_out).expect("two texts"));
    console.api.keys.public().seal(Purpose::HandOut, case, plain.expose(), random::bytes())
}
