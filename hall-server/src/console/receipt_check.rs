//! `/r/CODE`: whether a receipt is genuine, for anyone who holds it. No sign-in, no name, no matter.
//!
//! The code carries 128 bits of the filed event, so it cannot be guessed from a receipt number. A
//! code that does not fit gets one answer, whatever is wrong with it: the page is no oracle for
//! numbers. Looking is limited for everybody together, because behind a gateway all look alike.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hall_api::receipt::ReceiptCode;
use kiosk_words::{Electronic, WallTime};

use super::{
    Console,
    respond::{Refused, render},
    words,
};
use crate::store::cases;

/// Looks in one window of time; a hall prints some thousand receipts a day.
const LOOKS_MAX: u32 = 60;
const WINDOW_MS: i64 = 60_000;
const RETRY_AFTER_S: &str = "60";

/// Counts the looks of the present window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<Window>>);

#[derive(Debug, Default)]
struct Window {
    start_ms: i64,
    n_looks: u32,
}

impl Gate {
    fn lets_in(&self, now: WallTime) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that went back begins a new window too.
        if !(0..WINDOW_MS).contains(&(now.0 - window.start_ms)) {
            *window = Window { start_ms: now.0, n_looks: 0 };
        }
        window.n_looks = window.n_looks.saturating_add(1);
        window.n_looks <= LOOKS_MAX
    }
}

#[derive(Template)]
#[template(path = "receipt_check.html")]
struct CheckPage {
    verdict: Verdict,
}

enum Verdict {
    Genuine { receipt: String, electronic: &'static str, on: String },
    NotFound,
    Busy,
}

pub(crate) async fn show(
    State(console): State<Console>,
    Path(code): Path<String>,
) -> Result<Response, Refused> {
    let now = console.api.clock.now();
    if !console.receipt_gate.lets_in(now) {
        let mut response =
            (StatusCode::TOO_MANY_REQUESTS, render(&CheckPage { verdict: Verdict::Busy }))
                .into_response();
        let later = HeaderValue::from_static(RETRY_AFTER_S);
        response.headers_mut().insert(header::RETRY_AFTER, later);
        return Ok(response);
    }
    let received = match ReceiptCode::decode(&code) {
        Some(code) => {
            let receipt = code.receipt;
            let received = console.api.store.read(move |sql| cases::received(sql, &code)).await?;
            received.map(|at| (receipt, at))
        }
        None => None,
    };
    let (status, verdict) = match received {
        Some((receipt, at)) => (
            StatusCode::OK,
            Verdict::Genuine {
                receipt: receipt.to_string(),
                electronic: Electronic::AtHall.zh(),
                on: words::moment(at),
            },
        ),
        None => (StatusCode::NOT_FOUND, Verdict::NotFound),
    };
    Ok((status, render(&CheckPage { verdict })).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_opens_again_with_the_next_window_and_when_the_clock_goes_back() {
        let gate = Gate::default();
        let at = WallTime(1_772_673_960_000);
        assert_eq!((0..LOOKS_MAX + 5).filter(|_| gate.lets_in(at)).count(), 60);
        assert!(!gate.lets_in(WallTime(at.0 + WINDOW_MS - 1)));
        assert!(gate.lets_in(WallTime(at.0 + WINDOW_MS)));
        for _ in 0..LOOKS_MAX {
            gate.lets_in(WallTime(at.0 + WINDOW_MS));
        }
        assert!(!gate.lets_in(WallTime(at.0 + WINDOW_MS)));
        assert!(gate.lets_in(at));
    }
}
