//! Orders to the keypad: keys to press, the jack, worn contacts, and faults.
//!
//! Every order answers with the look of the keypad, as `GET /v1/keypad` does.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use device_api::keypad::Key;
use serde::Deserialize;

use super::{BODY_LEN_MAX, Refused};
use crate::{
    keypad::{Act, KeypadLook, KeypadTwin, Planned, SAYINGS},
    port::{Hand, PortLook},
};

/// The hand on the keypad.
pub type KeypadHand = Hand<KeypadTwin>;
type Done = Result<Json<PortLook<KeypadLook>>, Refused>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichKey {
    key: String,
}

impl WhichKey {
    fn key(&self) -> Result<Key, Refused> {
        let known = Key::ALL.into_iter().find(|key| key.name() == self.key);
        known.ok_or_else(|| {
            Refused::Bad(format!("no such key; there are {:?}", Key::ALL.map(Key::name)))
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contacts {
    /// So long they chatter after every move.
    bounce_ms: u64,
    /// Whether the firmware waits until they have settled.
    debounced: bool,
}

/// The routes under `/v1/keypad`, to be merged with the others.
pub fn router(hand: KeypadHand) -> Router {
    Router::new()
        .route("/v1/keypad", get(look))
        .route("/v1/keypad/plug", post(plug))
        .route("/v1/keypad/unplug", post(unplug))
        .route("/v1/keypad/press", post(press))
        .route("/v1/keypad/hold", post(hold))
        .route("/v1/keypad/release", post(release))
        .route("/v1/keypad/jack", post(plug_jack).delete(unplug_jack))
        .route("/v1/keypad/contacts", post(set_contacts))
        .route("/v1/keypad/trouble", post(plan_trouble).delete(clear_troubles))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<KeypadHand>) -> Done {
    Ok(Json(hand.look().await?))
}

async fn plug(hand: State<KeypadHand>) -> Done {
    hand.plug().await?;
    look(hand).await
}

async fn unplug(hand: State<KeypadHand>) -> Done {
    hand.unplug().await?;
    look(hand).await
}

async fn press(hand: State<KeypadHand>, Json(which): Json<WhichKey>) -> Done {
    touch(hand, Act::Press(which.key()?)).await
}

async fn hold(hand: State<KeypadHand>, Json(which): Json<WhichKey>) -> Done {
    touch(hand, Act::Hold(which.key()?)).await
}

async fn release(hand: State<KeypadHand>, Json(which): Json<WhichKey>) -> Done {
    touch(hand, Act::Release(which.key()?)).await
}

async fn plug_jack(hand: State<KeypadHand>) -> Done {
    touch(hand, Act::PlugJack).await
}

async fn unplug_jack(hand: State<KeypadHand>) -> Done {
    touch(hand, Act::UnplugJack).await
}

async fn set_contacts(hand: State<KeypadHand>, Json(wanted): Json<Contacts>) -> Done {
    hand.touch(Act::SetBounce { ms: wanted.bounce_ms }).await?;
    touch(hand, Act::SetDebounce(wanted.debounced)).await
}

async fn plan_trouble(hand: State<KeypadHand>, Json(planned): Json<Planned>) -> Done {
    if planned.on.as_deref().is_some_and(|on| !SAYINGS.contains(&on)) {
        return Err(Refused::Bad(format!("a trouble can be tied to one of {SAYINGS:?}")));
    }
    touch(hand, Act::Plan(planned)).await
}

async fn clear_troubles(hand: State<KeypadHand>) -> Done {
    touch(hand, Act::ClearPlan).await
}

async fn touch(hand: State<KeypadHand>, act: Act) -> Done {
    hand.touch(act).await?;
    look(hand).await
}
