//! Orders to the room: button, door and mains, and what can be wrong with the board.
//!
//! Every order answers with the look of the room, as `GET /v1/room` does.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use device_drivers::room::Channel;
use serde::Deserialize;

use super::{BODY_LEN_MAX, Refused};
use crate::{
    port::{Hand, PortLook},
    room::{Act, Planned, RoomLook, RoomTwin, SAYINGS},
};

/// The hand in the room.
pub type RoomHand = Hand<RoomTwin>;
type Done = Result<Json<PortLook<RoomLook>>, Refused>;

/// Of whatever the path names: pressed, open, there, cut, echoing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Is {
    is: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stick {
    /// From 0; nothing: all relays move.
    relay: Option<u8>,
}

/// The routes under `/v1/room`, to be merged with the others.
pub fn router(hand: RoomHand) -> Router {
    Router::new()
        .route("/v1/room", get(look))
        .route("/v1/room/plug", post(plug))
        .route("/v1/room/unplug", post(unplug))
        .route("/v1/room/button", post(press))
        .route("/v1/room/wire-cut", post(cut))
        .route("/v1/room/door", post(door))
        .route("/v1/room/mains", post(mains))
        .route("/v1/room/stuck", post(stick))
        .route("/v1/room/power-drop", post(drop_power))
        .route("/v1/room/echo", post(echo))
        .route("/v1/room/trouble", post(plan_trouble).delete(clear_troubles))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<RoomHand>) -> Done {
    Ok(Json(hand.look().await?))
}

async fn plug(hand: State<RoomHand>) -> Done {
    hand.plug().await?;
    look(hand).await
}

async fn unplug(hand: State<RoomHand>) -> Done {
    hand.unplug().await?;
    look(hand).await
}

async fn press(hand: State<RoomHand>, Json(Is { is }): Json<Is>) -> Done {
    touch(hand, if is { Act::PressButton } else { Act::ReleaseButton }).await
}

async fn cut(hand: State<RoomHand>, Json(Is { is }): Json<Is>) -> Done {
    touch(hand, Act::CutWire(is)).await
}

async fn door(hand: State<RoomHand>, Json(Is { is }): Json<Is>) -> Done {
    touch(hand, Act::OpenDoor(is)).await
}

async fn mains(hand: State<RoomHand>, Json(Is { is }): Json<Is>) -> Done {
    touch(hand, Act::Mains(is)).await
}

async fn stick(hand: State<RoomHand>, Json(wanted): Json<Stick>) -> Done {
    let relay = match wanted.relay {
        Some(no) => Some(Channel::new(no).ok_or(Refused::NoSuch("relay"))?),
        None => None,
    };
    touch(hand, Act::Stick(relay)).await
}

async fn drop_power(hand: State<RoomHand>) -> Done {
    touch(hand, Act::DropPower).await
}

async fn echo(hand: State<RoomHand>, Json(Is { is }): Json<Is>) -> Done {
    touch(hand, Act::Echo(is)).await
}

async fn plan_trouble(hand: State<RoomHand>, Json(planned): Json<Planned>) -> Done {
    if planned.on.as_deref().is_some_and(|on| !SAYINGS.contains(&on)) {
        return Err(Refused::Bad(format!("a trouble can be tied to one of {SAYINGS:?}")));
    }
    touch(hand, Act::Plan(planned)).await
}

async fn clear_troubles(hand: State<RoomHand>) -> Done {
    touch(hand, Act::ClearPlan).await
}

async fn touch(hand: State<RoomHand>, act: Act) -> Done {
    hand.touch(act).await?;
    look(hand).await
}
