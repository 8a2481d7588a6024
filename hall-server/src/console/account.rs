//! Signing in and out, and making accounts by link.
//!
//! Five wrong passwords lock a name for a quarter of an hour; the lock is in the store and a
//! restart does not lift it. A name that does not exist is treated the same in words and in time.

use askama::Template;
use axum::{
    extract::{Form, Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use kiosk_words::{Private, WallTime};
use serde::Deserialize;

use super::{
    Console, new_link,
    respond::{Refused, redirect, render},
    session::{Clerk, FormToken, drop_session, give_session, hashed},
};
use crate::{
    random,
    store::{
        StoreError,
        accounts::{self, Account, Made},
    },
};

const FAILURES_MAX: u32 = 5;
const LOCK_MS: i64 = 15 * 60_000;
/// Length counts, not the kinds of characters.
const PASSWORD_LEN_MIN: usize = 12;
const PASSWORD_LEN_MAX: usize = 200;
const NAME_LEN_MAX: usize = 30;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    csrf: String,
    trouble: String,
}

#[derive(Template)]
#[template(path = "first.html")]
struct FirstPage {
    csrf: String,
    token: String,
    name: String,
    trouble: String,
}

#[derive(Template)]
#[template(path = "colleagues.html")]
struct ColleaguesPage {
    who: String,
    csrf: String,
    link: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    csrf: String,
    name: String,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct FirstForm {
    csrf: String,
    name: String,
    password: String,
    again: String,
}

#[derive(Deserialize)]
pub(crate) struct TokenOnly {
    pub(crate) csrf: String,
}

pub(crate) fn bad_form(_rejection: FormRejection) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "没有完成", "表单不完整，请回到页面重新填写。", "/")
}

pub(crate) async fn login_form(headers: HeaderMap) -> Response {
    login_page(&headers, StatusCode::OK, "")
}

fn login_page(headers: &HeaderMap, status: StatusCode, trouble: &str) -> Response {
    let token = FormToken::of(headers);
    let page = LoginPage { csrf: token.csrf(), trouble: trouble.to_owned() };
    let mut response = (status, render(&page)).into_response();
    token.set(&mut response);
    response
}

/// What a name and a password turned out to be.
pub(crate) enum Checked {
    Right(Account),
    Wrong,
    Locked { until: WallTime },
}

/// Checks a password; wrong ones are counted and lock the name, wherever they are typed.
pub(crate) async fn check_password(
    console: &Console,
    name: &str,
    password: Private<String>,
) -> Result<Checked, StoreError> {
    let name = name.trim().to_owned();
    let name_key = hashed(&name);
    let (store, now) = (&console.api.store, console.api.clock.now());
    let locked = store.read(move |sql| accounts::locked_until(sql, &name_key)).await?;
    if let Some(until) = locked.filter(|until| *until > now) {
        return Ok(Checked::Locked { until });
    }
    let account = store.read(move |sql| accounts::by_name(sql, &name)).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = console.api.passwords.verify(password, hash).await;
    if let Some(account) = account.filter(|_| is_right) {
        store.write(move |context| accounts::forgive(context, &name_key)).await?;
        return Ok(Checked::Right(account));
    }
    let until = WallTime(now.0 + LOCK_MS);
    store
        .write(move |context| accounts::count_failure(context, &name_key, FAILURES_MAX, until, now))
        .await?;
    Ok(Checked::Wrong)
}

pub(crate) fn locked_sentence(until: WallTime) -> String {
    format!("口令错了太多次，请在 {} 以后再试。", until.civil().clock())
}

pub(crate) async fn login(
    State(console): State<Console>,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(LoginForm { csrf, name, password }) = form.map_err(bad_form)?;
    FormToken::check(&headers, &csrf)?;
    let account = match check_password(&console, &name, Private::new(password)).await? {
        Checked::Right(account) => account,
        Checked::Wrong => {
            return Ok(login_page(&headers, StatusCode::UNAUTHORIZED, "姓名或口令不对。"));
        }
        Checked::Locked { until } => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Ok(login_page(&headers, status, &locked_sentence(until)));
        }
    };
    let (token, now) = (random::token(), console.api.clock.now());
    let session_key = hashed(&token);
    console
        .api
        .store
        .write(move |context| accounts::sign_in(context, &account, &session_key, now))
        .await?;
    let mut response = redirect("/");
    give_session(&mut response, &token);
    Ok(response)
}

pub(crate) async fn logout(
    State(console): State<Console>,
    clerk: Clerk,
    form: Result<Form<TokenOnly>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(TokenOnly { csrf }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let now = console.api.clock.now();
    let session = clerk.session;
    console.api.store.write(move |context| accounts::sign_out(context, &session, now)).await?;
    let mut response = redirect("/login");
    drop_session(&mut response);
    Ok(response)
}

fn link_gone() -> Refused {
    Refused::new(
        StatusCode::GONE,
        "链接已失效",
        "这个链接已经用过，或者超过了24小时。请让同事在“同事”页重新生成；还没有任何账户时，\
         重新启动大厅会给出新链接。",
        "/login",
    )
}

pub(crate) async fn first_form(
    State(console): State<Console>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (key, now) = (hashed(&token), console.api.clock.now());
    let stands = console.api.store.read(move |sql| accounts::link_stands(sql, &key, now)).await?;
    if !stands {
        return Err(link_gone());
    }
    Ok(first_page(&headers, StatusCode::OK, token, String::new(), ""))
}

fn first_page(
    headers: &HeaderMap,
    status: StatusCode,
    token: String,
    name: String,
    trouble: &str,
) -> Response {
    let form = FormToken::of(headers);
    let page = FirstPage { csrf: form.csrf(), token, name, trouble: trouble.to_owned() };
    let mut response = (status, render(&page)).into_response();
    form.set(&mut response);
    response
}

pub(crate) async fn first(
    State(console): State<Console>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Form<FirstForm>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(FirstForm { csrf, name, password, again }) = form.map_err(bad_form)?;
    FormToken::check(&headers, &csrf)?;
    let (password, again) = (Private::new(password), Private::new(again));
    let name = name.trim().to_owned();
    if let Some(trouble) = trouble_with(&name, &password, &again) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(first_page(&headers, status, token, name, &trouble));
    }
    // The link is looked at before the costly hash, and used up in the step that makes the account.
    let (key, now) = (hashed(&token), console.api.clock.now());
    let store = &console.api.store;
    if !store.read(move |sql| accounts::link_stands(sql, &key, now)).await? {
        return Err(link_gone());
    }
    let hash = console.api.passwords.hash(password).await;
    let new_name = name.clone();
    let made =
        store.write(move |context| accounts::make(context, &key, &new_name, &hash, now)).await?;
    match made {
        Made::Done { .. } => Ok(redirect("/login")),
        Made::LinkGone => Err(link_gone()),
        Made::NameTaken => {
            let trouble = "这个姓名已经有账户，请加以区别，例如加上科室。";
            Ok(first_page(&headers, StatusCode::CONFLICT, token, name, trouble))
        }
    }
}

fn trouble_with(name: &str, password: &Private<String>, again: &Private<String>) -> Option<String> {
    let n_chars = password.expose().chars().count();
    if name.is_empty() || name.chars().count() > NAME_LEN_MAX || name.chars().any(char::is_control)
    {
        return Some(format!("请填写姓名，最多{NAME_LEN_MAX}个字。"));
    }
    if name == "hall" {
        return Some("这个名字留给大厅程序自己，请换一个。".into());
    }
    if n_chars < PASSWORD_LEN_MIN {
        return Some(format!("口令至少{PASSWORD_LEN_MIN}个字符，现在是{n_chars}个。"));
    }
    if n_chars > PASSWORD_LEN_MAX {
        return Some(format!("口令最多{PASSWORD_LEN_MAX}个字符。"));
    }
    if password != again {
        return Some("两次填写的口令不一样。".into());
    }
    None
}

pub(crate) async fn colleagues(clerk: Clerk) -> Response {
    render(&ColleaguesPage { who: clerk.name(), csrf: clerk.csrf, link: None })
}

pub(crate) async fn invite(
    State(console): State<Console>,
    clerk: Clerk,
    form: Result<Form<TokenOnly>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(TokenOnly { csrf }) = form.map_err(bad_form)?;
    clerk.check(&csrf)?;
    let link = new_link(&console.api, console.address, clerk.name()).await?;
    Ok(render(&ColleaguesPage { who: clerk.name(), csrf: clerk.csrf, link: Some(link) }))
}
