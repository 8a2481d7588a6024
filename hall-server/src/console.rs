//! The clerk console: server-rendered pages over HTTP on loopback.
//!
//! Every page but sign-in, the account link, the check of a receipt and the style sheet needs a
//! session; every form carries a token bound to its cookie. No script runs: the policy forbids it. What a clerk does
//! here becomes an audit line, and opening a case does too.
//!
//! TLS in front of this listener is the business of a gateway; on loopback there is none.

mod account;
mod actions;
mod application_form;
mod by_hand;
mod case_page;
mod cells;
mod custody_panel;
mod custody_words;
mod desk_words;
mod exceptions;
mod freezing;
mod handover;
mod held;
mod orders;
mod qr;
mod queue;
mod receipt_check;
mod respond;
mod session;
mod words;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kiosk_words::WallTime;

use crate::{
    forms::Forms,
    random,
    station_api::StationApi,
    store::{StoreError, accounts},
    workdays::Calendar,
};

/// The longest form is a list of reasons.
const FORM_BYTES_MAX: usize = 64 << 10;
pub(crate) const LINK_LIFE_MS: i64 = 24 * 3_600_000;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// What the pages share.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    pub(crate) api: StationApi,
    pub(crate) calendar: Arc<Calendar>,
    /// Where links to this console begin.
    pub(crate) address: SocketAddr,
    receipt_gate: receipt_check::Gate,
    /// Absent where the hall was started without templates.
    pub(crate) forms: Option<Forms>,
}

pub(crate) fn router(
    api: StationApi,
    calendar: Calendar,
    address: SocketAddr,
    forms: Option<Forms>,
) -> Router {
    let receipt_gate = receipt_check::Gate::default();
    let console = Console { api, calendar: Arc::new(calendar), address, receipt_gate, forms };
    Router::new()
        .route("/", get(queue::awaiting_review))
        .route("/running", get(queue::running))
        .route("/closed", get(queue::closed))
        .route("/returns", get(queue::to_return))
        .route("/find", get(queue::find))
        .route("/stations", get(queue::stations))
        .route("/stations/{station}/cells", get(cells::show))
        .route("/case/{case}", get(case_page::show))
        .route("/case/{case}/form.pdf", get(application_form::show))
        .route("/case/{case}/handle", post(actions::handle))
        .route("/case/{case}/scan/{digest}", get(case_page::scan_picture))
        .route("/case/{case}/order", post(orders::make))
        .route("/case/{case}/hand-out", post(by_hand::hand_out))
        .route("/case/{case}/freeze", post(freezing::set))
        .route("/order/{order}/recall", post(orders::recall))
        .route("/order/{order}/label", get(orders::label))
        .route("/custody", get(exceptions::show))
        .route("/custody/{line}/seen", post(exceptions::note_seen))
        .route("/handover", get(handover::show))
        .route("/handover/take", post(handover::take))
        .route("/handover/give", post(handover::give))
        .route("/held", get(held::show))
        .route("/held/{id}/admit", post(held::admit))
        .route("/held/{id}/aside", post(held::admit_aside))
        .route("/held/{id}/set-aside", post(held::set_aside))
        .route("/colleagues", get(account::colleagues).post(account::invite))
        .route("/login", get(account::login_form).post(account::login))
        .route("/logout", post(account::logout))
        .route("/first/{token}", get(account::first_form).post(account::first))
        .route("/r/{code}", get(receipt_check::show))
        .route("/style.css", get(style))
        .fallback(async || respond::not_found())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(map_response(harden))
        .with_state(console)
}

/// Makes the link for the first account, as long as there is none; a new start voids the old link.
pub(crate) async fn first_account_link(
    api: &StationApi,
    console: SocketAddr,
) -> Result<Option<String>, StoreError> {
    if api.store.read(accounts::any).await? {
        return Ok(None);
    }
    new_link(api, console, "hall".to_owned()).await.map(Some)
}

/// A link that makes one account, once, within a day. Only its hash is kept.
pub(crate) async fn new_link(
    api: &StationApi,
    console: SocketAddr,
    made_by: String,
) -> Result<String, StoreError> {
    let token = random::token();
    let hashed = session::hashed(&token);
    let now = api.clock.now();
    let expires = WallTime(now.0 + LINK_LIFE_MS);
    api.store
        .write(move |context| accounts::add_link(context, &hashed, &made_by, now, expires))
        .await?;
    Ok(format!("http://{console}/first/{}", token.as_str()))
}

async fn style() -> Response {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind], include_str!("../templates/style.css")).into_response()
}

async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
