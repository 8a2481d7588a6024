//! Orders to the cabinet: hands at doors, switches and faults of boards.
//!
//! Every order answers with the look of the whole cabinet, as `GET /v1/locker` does.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    routing::{get, post},
};
use locker_controller::Address;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BODY_LEN_MAX, Refused};
use crate::{
    lock_board::{Act, BoardAct, CabinetLook, DoorAct, Echo, LockBoards, Planned, Power, Uploads},
    port::{Hand, PortLook},
};

type LockerHand = Hand<LockBoards>;
type Done = Result<Json<PortLook<CabinetLook>>, Refused>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Powered {
    power: Power,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Uploading {
    uploads: Uploads,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Addressed {
    address: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Echoing {
    echo: Echo,
}

/// The routes under `/v1/locker`, to be merged with the others.
pub fn router(hand: LockerHand) -> Router {
    Router::new()
        .route("/v1/locker", get(look))
        .route("/v1/locker/plug", post(plug))
        .route("/v1/locker/unplug", post(unplug))
        .route("/v1/locker/echo", post(set_echo))
        .route("/v1/locker/doors/{door}/{act}", post(touch_door))
        .route("/v1/locker/boards/{board}/trouble", post(plan_trouble).delete(clear_troubles))
        .route("/v1/locker/boards/{board}/power", post(set_power))
        .route("/v1/locker/boards/{board}/uploads", post(set_uploads))
        .route("/v1/locker/boards/{board}/address", post(set_address))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<LockerHand>) -> Done {
    Ok(Json(hand.look().await?))
}

async fn plug(hand: State<LockerHand>) -> Done {
    hand.plug().await?;
    look(hand).await
}

async fn unplug(hand: State<LockerHand>) -> Done {
    hand.unplug().await?;
    look(hand).await
}

async fn set_echo(hand: State<LockerHand>, Json(wanted): Json<Echoing>) -> Done {
    touch(hand, Act::SetEcho(wanted.echo)).await
}

/// The act stands in the path; what it needs beside, in the body.
async fn touch_door(
    hand: State<LockerHand>,
    Path((door, act)): Path<(u16, String)>,
    body: Bytes,
) -> Done {
    let mut order: Map<String, Value> = if body.is_empty() {
        Map::new()
    } else {
        serde_json::from_slice(&body).map_err(|error| Refused::Bad(error.to_string()))?
    };
    order.insert("act".to_owned(), Value::String(act));
    let act: DoorAct = serde_json::from_value(Value::Object(order))
        .map_err(|error| Refused::Bad(error.to_string()))?;
    let doors = hand.look().await?.device.doors;
    let is_there = |number: u16| doors.iter().any(|look| look.door == number);
    let other = match act {
        DoorAct::Cross { to } => to,
        DoorAct::PushShut
        | DoorAct::PullOpen
        | DoorAct::Force
        | DoorAct::FallOpen
        | DoorAct::Lean
        | DoorAct::LetGo
        | DoorAct::Jam
        | DoorAct::Unjam
        | DoorAct::StickSensor { .. }
        | DoorAct::FreeSensor
        | DoorAct::Uncross => door,
    };
    if !is_there(door) || !is_there(other) {
        return Err(Refused::NoSuch("door"));
    }
    touch(hand, Act::Door(door, act)).await
}

async fn plan_trouble(
    hand: State<LockerHand>,
    board: Path<u8>,
    Json(planned): Json<Planned>,
) -> Done {
    touch_board(hand, board, BoardAct::Plan(planned)).await
}

async fn clear_troubles(hand: State<LockerHand>, board: Path<u8>) -> Done {
    touch_board(hand, board, BoardAct::ClearPlan).await
}

async fn set_power(hand: State<LockerHand>, board: Path<u8>, Json(wanted): Json<Powered>) -> Done {
    touch_board(hand, board, BoardAct::SetPower(wanted.power)).await
}

async fn set_uploads(
    hand: State<LockerHand>,
    board: Path<u8>,
    Json(wanted): Json<Uploading>,
) -> Done {
    touch_board(hand, board, BoardAct::SetUploads(wanted.uploads)).await
}

async fn set_address(
    hand: State<LockerHand>,
    board: Path<u8>,
    Json(wanted): Json<Addressed>,
) -> Done {
    let expected = || Refused::Bad(format!("an address is 1 to {}", Address::MAX));
    let address = Address::new(wanted.address).ok_or_else(expected)?;
    touch_board(hand, board, BoardAct::SetAddress(address)).await
}

async fn touch_board(hand: State<LockerHand>, Path(board): Path<u8>, act: BoardAct) -> Done {
    let boards = hand.look().await?.device.boards;
    let known = Address::new(board).filter(|_| boards.iter().any(|look| look.board == board));
    touch(hand, Act::Board(known.ok_or(Refused::NoSuch("board"))?, act)).await
}

async fn touch(hand: State<LockerHand>, act: Act) -> Done {
    hand.touch(act).await?;
    look(hand).await
}
