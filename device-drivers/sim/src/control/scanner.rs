//! Orders to the code scanner: what is held before it, how it is set, and faults.
//!
//! Every order answers with the look of the scanner, as `GET /v1/scanner` does.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use serde::Deserialize;

use super::{BODY_LEN_MAX, Refused};
use crate::{
    port::{Hand, PortLook},
    scanner::{Act, Mode, Planned, SAYINGS, ScannerLook, ScannerTwin, Suffix},
};

/// The hand on the scanner.
pub type ScannerHand = Hand<ScannerTwin>;
type Done = Result<Json<PortLook<ScannerLook>>, Refused>;

/// A slip whose code has this text; the twin sends it in UTF-8.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slip {
    code: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetMode {
    mode: Mode,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetSuffix {
    suffix: Suffix,
}

/// The routes under `/v1/scanner`, to be merged with the others.
pub fn router(hand: ScannerHand) -> Router {
    Router::new()
        .route("/v1/scanner", get(look))
        .route("/v1/scanner/plug", post(plug))
        .route("/v1/scanner/unplug", post(unplug))
        .route("/v1/scanner/slip", post(hold).delete(take_away))
        .route("/v1/scanner/mode", post(set_mode))
        .route("/v1/scanner/suffix", post(set_suffix))
        .route("/v1/scanner/trouble", post(plan_trouble).delete(clear_troubles))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<ScannerHand>) -> Done {
    Ok(Json(hand.look().await?))
}

async fn plug(hand: State<ScannerHand>) -> Done {
    hand.plug().await?;
    look(hand).await
}

async fn unplug(hand: State<ScannerHand>) -> Done {
    hand.unplug().await?;
    look(hand).await
}

async fn hold(hand: State<ScannerHand>, Json(slip): Json<Slip>) -> Done {
    touch(hand, Act::Hold(slip.code.into_bytes())).await
}

async fn take_away(hand: State<ScannerHand>) -> Done {
    touch(hand, Act::TakeAway).await
}

async fn set_mode(hand: State<ScannerHand>, Json(wanted): Json<SetMode>) -> Done {
    touch(hand, Act::SetMode(wanted.mode)).await
}

async fn set_suffix(hand: State<ScannerHand>, Json(wanted): Json<SetSuffix>) -> Done {
    touch(hand, Act::SetSuffix(wanted.suffix)).await
}

async fn plan_trouble(hand: State<ScannerHand>, Json(planned): Json<Planned>) -> Done {
    if planned.on.as_deref().is_some_and(|on| !SAYINGS.contains(&on)) {
        return Err(Refused::Bad(format!("a trouble can be tied to one of {SAYINGS:?}")));
    }
    touch(hand, Act::Plan(planned)).await
}

async fn clear_troubles(hand: State<ScannerHand>) -> Done {
    touch(hand, Act::ClearPlan).await
}

async fn touch(hand: State<ScannerHand>, act: Act) -> Done {
    hand.touch(act).await?;
    look(hand).await
}
