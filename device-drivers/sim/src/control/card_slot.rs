//! Orders to the slot for chip cards, and to the pcscd behind it.
//!
//! Every order answers with the look of the slot, as `GET /v1/card-slot` does.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{BODY_LEN_MAX, Refused, Title};
use crate::smart_card::{
    COMMANDS, Planned, SlotLook,
    host::{Host, Order},
    specimen::{CHIP_CARDS, chip},
};

/// The hand at the slot. Orders are carried out one after another.
pub type SlotHand = Arc<Mutex<Host>>;
type Done = Result<Json<SlotLook>, Refused>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specimen {
    specimen: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Daemon {
    does: DaemonDoes,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DaemonDoes {
    Restart,
    Die,
    Start,
}

#[derive(Debug, Serialize)]
struct Cards {
    cards: Vec<Title>,
}

/// The routes under `/v1/card-slot`, to be merged with the others.
pub fn router(hand: SlotHand) -> Router {
    Router::new()
        .route("/v1/card-slot", get(look))
        .route("/v1/card-slot/cards", get(cards))
        .route("/v1/card-slot/card", post(put_in).delete(take_out))
        .route("/v1/card-slot/trouble", post(plan_trouble).delete(clear_troubles))
        .route("/v1/card-slot/daemon", post(daemon))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn cards() -> Json<Cards> {
    let title = |l: &crate::specimen::Listed| Title { specimen: l.specimen, title: l.title_zh };
    Json(Cards { cards: CHIP_CARDS.iter().map(title).collect() })
}

async fn look(hand: State<SlotHand>) -> Done {
    order(hand, Order::Look).await
}

async fn put_in(hand: State<SlotHand>, Json(wanted): Json<Specimen>) -> Done {
    let specimen = wanted.specimen;
    chip(&specimen).ok_or(Refused::UnknownSpecimen)?;
    order(hand, Order::PutIn { specimen }).await
}

async fn take_out(hand: State<SlotHand>) -> Done {
    order(hand, Order::TakeOut).await
}

async fn plan_trouble(hand: State<SlotHand>, Json(planned): Json<Planned>) -> Done {
    let known = |on: &str| COMMANDS.iter().any(|(name, _)| *name == on);
    if planned.on.as_deref().is_some_and(|on| !known(on)) {
        let names = COMMANDS.map(|(name, _)| name);
        return Err(Refused::Bad(format!("a trouble can be tied to one of {names:?}")));
    }
    order(hand, Order::Plan { planned }).await
}

async fn clear_troubles(hand: State<SlotHand>) -> Done {
    order(hand, Order::ClearPlan).await
}

async fn daemon(hand: State<SlotHand>, Json(wanted): Json<Daemon>) -> Done {
    let wanted = match wanted.does {
        DaemonDoes::Restart => Order::RestartDaemon,
        DaemonDoes::Die => Order::KillDaemon,
        DaemonDoes::Start => Order::StartDaemon,
    };
    order(hand, wanted).await
}

async fn order(State(hand): State<SlotHand>, order: Order) -> Done {
    hand.lock().await.order(&order).await.map(Json).map_err(Refused::Io)
}
