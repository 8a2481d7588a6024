//! Cookies, sessions and form tokens.
//!
//! The cookie holds 32 random bytes; the store holds their hash. The form token is derived from
//! the cookie, so it needs no place of its own and dies with it. Forms before sign-in use a cookie
//! of their own in the same way.
//! A session ends after half an hour without a page, and after twelve hours in any case.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Console, respond::Refused};
use crate::{
    random,
    store::accounts::{self, Hashed, Session},
};

const SESSION_COOKIE: &str = "nd_session";
const FORM_COOKIE: &str = "nd_form";
const IDLE_MS: i64 = 30 * 60_000;
const LIFE_MS: i64 = 12 * 3_600_000;
/// A page view is noted at most this often.
const TOUCH_MS: i64 = 60_000;
const TOKEN_LEN: usize = 64;

/// A clerk with a session that counts.
#[derive(Debug, Clone)]
pub(crate) struct Clerk {
    pub(crate) session: Session,
    /// Token for this clerk's forms.
    pub(crate) csrf: String,
}

impl Clerk {
    pub(crate) fn name(&self) -> String {
        self.session.name.clone()
    }

    pub(crate) fn check(&self, csrf: &str) -> Result<(), Refused> {
        check_tokens(&self.csrf, csrf)
    }
}

/// The token pair of a form before sign-in.
#[derive(Debug)]
pub(crate) struct FormToken {
    cookie: String,
}

impl FormToken {
    /// The cookie that came, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let cookie =
            cookie(headers, FORM_COOKIE).unwrap_or_else(|| random::token().as_str().to_owned());
        Self { cookie }
    }

    pub(crate) fn csrf(&self) -> String {
        csrf(&self.cookie)
    }

    pub(crate) fn set(&self, response: &mut Response) {
        set_cookie(response, FORM_COOKIE, &self.cookie);
    }

    /// A form whose cookie did not come back is not from our page.
    pub(crate) fn check(headers: &HeaderMap, csrf_sent: &str) -> Result<(), Refused> {
        let cookie = cookie(headers, FORM_COOKIE).unwrap_or_default();
        check_tokens(&csrf(&cookie), csrf_sent)
    }
}

fn check_tokens(expected: &str, got: &str) -> Result<(), Refused> {
    if bool::from(expected.as_bytes().ct_eq(got.as_bytes())) {
        return Ok(());
    }
    Err(Refused::new(
        StatusCode::FORBIDDEN,
        "没有完成",
        "这张表单不是从本页发出的，或者已经过期。请回到页面重新填写。",
        "/",
    ))
}

pub(crate) fn hashed(text: &str) -> Hashed {
    Sha256::digest(text.as_bytes()).into()
}

fn csrf(cookie: &str) -> String {
    let hasher = Sha256::new().chain_update(b"nightdesk form 1").chain_update(cookie.as_bytes());
    hex::encode(hasher.finalize())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    let value = value.trim();
    let is_token = value.len() == TOKEN_LEN && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_token.then(|| value.to_owned())
}

fn set_cookie(response: &mut Response, name: &str, value: &str) {
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict");
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Gives the browser a new session; the token leaves the hall here and nowhere else.
pub(crate) fn give_session(response: &mut Response, token: &str) {
    set_cookie(response, SESSION_COOKIE, token);
}

pub(crate) fn drop_session(response: &mut Response) {
    let gone = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    if let Ok(value) = HeaderValue::try_from(gone) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

impl FromRequestParts<Console> for Clerk {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Refused> {
        let token = cookie(&parts.headers, SESSION_COOKIE).ok_or(Refused::SignIn)?;
        let key = hashed(&token);
        let store = &console.api.store;
        let found = store.read(move |sql| accounts::session(sql, &key)).await?;
        let session = found.ok_or(Refused::SignIn)?;
        let now = console.api.clock.now();
        let is_idle = now.0 - session.seen.0 > IDLE_MS;
        if is_idle || now.0 - session.made.0 > LIFE_MS {
            store.write(move |context| accounts::sign_out(context, &session, now)).await?;
            return Err(Refused::SignIn);
        }
        if now.0 - session.seen.0 > TOUCH_MS {
            let id = session.id;
            store.write(move |context| accounts::touch(context, id, now)).await?;
        }
        Ok(Self { session, csrf: csrf(&token) })
    }
}
