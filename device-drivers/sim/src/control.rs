//! The control interface of `devsim`: HTTP and JSON for programs, one page for people.
//!
//! It moves the twins' physical side only; bytes of a wire are shown here ([`twins`]), not sent.
//! It is served on loopback and has no log-in: whoever reaches it may lay cards.

pub mod card_slot;
pub mod keypad;
pub mod locker;
pub mod page;
pub mod page_printer;
pub mod printer;
pub mod room;
pub mod scanner;
pub mod twins;

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use device_drivers::id_reader::codec::{Baud, Command, ReadKind};
use image::ImageFormat;
use serde::{Deserialize, Serialize};

use crate::{
    desk::Desk,
    paper::PAPERS,
    port::{PortError, PortLook, ReaderHand},
    reader::{Act, FoundAgain, ModuleHealth},
    specimen::{self, CARDS, Listed},
    trouble::Planned,
};

/// Orders are a few dozen bytes.
const BODY_LEN_MAX: usize = 4 * 1024;
/// A still picture of a page; the station's camera takes no larger one.
const PICTURE_LEN_MAX: usize = 32 * 1024 * 1024;

/// Commands a trouble can be tied to.
const COMMANDS: [Command; 10] = [
    Command::Reset,
    Command::Status,
    Command::ReadModuleId,
    Command::Find,
    Command::Select,
    Command::Read(ReadKind::Base),
    Command::Read(ReadKind::BaseFingerprint),
    Command::ReadNewAddress,
    Command::SetBaud(Baud::B115200),
    Command::SetRfFrameMax(0),
];

/// The hand at the desk under the camera.
pub type DeskHand = Arc<Mutex<Desk>>;

#[derive(Debug, Clone)]
struct Twins {
    reader: ReaderHand,
    desk: DeskHand,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specimen {
    specimen: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Module {
    health: ModuleHealth,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    number: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    found_again: FoundAgain,
}

#[derive(Debug, Serialize)]
struct Whole {
    id_reader: PortLook,
    camera: CameraLook,
}

#[derive(Debug, Serialize)]
struct CameraLook {
    paper: Option<&'static str>,
}

impl CameraLook {
    fn of(desk: &DeskHand) -> Self {
        Self { paper: desk.lock().unwrap_or_else(PoisonError::into_inner).paper() }
    }
}

#[derive(Debug, Serialize)]
struct Title {
    specimen: &'static str,
    title: &'static str,
}

#[derive(Debug, Serialize)]
struct Specimens {
    cards: Vec<Title>,
    papers: Vec<Title>,
}

/// Why an order was not done.
#[derive(Debug)]
enum Refused {
    UnknownSpecimen,
    UnknownCommand,
    /// No such door, board, …
    NoSuch(&'static str),
    Bad(String),
    Gone,
    Io(std::io::Error),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::UnknownSpecimen => (StatusCode::NOT_FOUND, "no such specimen".to_owned()),
            Self::UnknownCommand => {
                let names: Vec<&str> = COMMANDS.iter().map(|command| command.name()).collect();
                (StatusCode::BAD_REQUEST, format!("no such command; there are {names:?}"))
            }
            Self::NoSuch(what) => (StatusCode::NOT_FOUND, format!("no such {what}")),
            Self::Bad(why) => (StatusCode::BAD_REQUEST, why),
            Self::Gone => (StatusCode::SERVICE_UNAVAILABLE, "the twin has ended".to_owned()),
            Self::Io(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        (status, Json(serde_json::json!({ "error": error }))).into_response()
    }
}

impl From<crate::port::Gone> for Refused {
    fn from(_: crate::port::Gone) -> Self {
        Self::Gone
    }
}

impl From<PortError> for Refused {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Pty { source, .. } => Self::Io(source),
            PortError::Gone(_) => Self::Gone,
        }
    }
}

/// All routes; `GET /v1/state` answers with what lies where after every order, too.
pub fn router(reader: ReaderHand, desk: DeskHand) -> Router {
    Router::new()
        .route("/v1/state", get(state))
        .route("/v1/specimens", get(specimens))
        .route("/v1/id-reader/card", post(lay_card).delete(lift_card))
        .route("/v1/id-reader/plug", post(plug))
        .route("/v1/id-reader/unplug", post(unplug))
        .route("/v1/id-reader/trouble", post(plan_trouble).delete(clear_troubles))
        .route("/v1/id-reader/module", post(set_module))
        .route("/v1/id-reader/number", post(set_number))
        .route("/v1/id-reader/found-again", post(set_found_again))
        .route("/v1/camera/paper", post(lay_paper).delete(take_paper))
        .route(
            "/v1/camera/picture",
            get(picture).post(lay_picture).layer(DefaultBodyLimit::max(PICTURE_LEN_MAX)),
        )
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(Twins { reader, desk })
        .merge(page::router())
}

async fn state(State(twins): State<Twins>) -> Result<Json<Whole>, Refused> {
    let camera = CameraLook::of(&twins.desk);
    Ok(Json(Whole { id_reader: twins.reader.look().await?, camera }))
}

async fn specimens() -> Json<Specimens> {
    let titles = |listed: &[Listed]| {
        listed.iter().map(|l| Title { specimen: l.specimen, title: l.title_zh }).collect()
    };
    Json(Specimens { cards: titles(&CARDS), papers: titles(&PAPERS) })
}

type Done = Result<Json<Whole>, Refused>;

async fn lay_card(twins: State<Twins>, Json(wanted): Json<Specimen>) -> Done {
    let card = specimen::card(&wanted.specimen).ok_or(Refused::UnknownSpecimen)?;
    touch(twins, Act::Lay(Box::new(card))).await
}

async fn lift_card(twins: State<Twins>) -> Done {
    touch(twins, Act::Lift).await
}

async fn plug(twins: State<Twins>) -> Done {
    twins.reader.plug().await?;
    state(twins).await
}

async fn unplug(twins: State<Twins>) -> Done {
    twins.reader.unplug().await?;
    state(twins).await
}

async fn plan_trouble(twins: State<Twins>, Json(planned): Json<Planned>) -> Done {
    let known = |name: &str| COMMANDS.iter().any(|command| command.name() == name);
    if planned.on.as_deref().is_some_and(|name| !known(name)) {
        return Err(Refused::UnknownCommand);
    }
    touch(twins, Act::Plan(planned)).await
}

async fn clear_troubles(twins: State<Twins>) -> Done {
    touch(twins, Act::ClearPlan).await
}

async fn set_module(twins: State<Twins>, Json(wanted): Json<Module>) -> Done {
    touch(twins, Act::SetModule(wanted.health)).await
}

async fn set_number(twins: State<Twins>, Json(wanted): Json<Number>) -> Done {
    touch(twins, Act::SetNumber(wanted.number)).await
}

async fn set_found_again(twins: State<Twins>, Json(wanted): Json<Finding>) -> Done {
    touch(twins, Act::SetFoundAgain(wanted.found_again)).await
}

async fn touch(twins: State<Twins>, act: Act) -> Done {
    twins.reader.touch(act).await?;
    state(twins).await
}

async fn lay_paper(twins: State<Twins>, Json(wanted): Json<Specimen>) -> Done {
    let desk = Arc::clone(&twins.desk);
    // Drawing a page takes tens of milliseconds of computing.
    let laid = tokio::task::spawn_blocking(move || {
        desk.lock().unwrap_or_else(PoisonError::into_inner).lay(&wanted.specimen)
    });
    let laid = laid.await.map_err(|_| Refused::Gone)?.map_err(Refused::Io)?;
    laid.ok_or(Refused::UnknownSpecimen)?;
    state(twins).await
}

/// The body is the picture itself, JPEG or PNG: a slip that came out, a page of one's own.
async fn lay_picture(twins: State<Twins>, picture: Bytes) -> Done {
    match image::guess_format(&picture) {
        Ok(ImageFormat::Jpeg | ImageFormat::Png) => {}
        Ok(_) | Err(_) => return Err(Refused::Bad("expected a JPEG or PNG picture".to_owned())),
    }
    let lay = |desk: &mut Desk| desk.lay_picture(&picture).map_err(Refused::Io);
    lay(&mut twins.desk.lock().unwrap_or_else(PoisonError::into_inner))?;
    state(twins).await
}

/// What the camera would see.
async fn picture(twins: State<Twins>) -> Result<Response, Refused> {
    let picture = twins.desk.lock().unwrap_or_else(PoisonError::into_inner).picture();
    let picture = picture.map_err(Refused::Io)?.ok_or(Refused::NoSuch("paper"))?;
    let kind = image::guess_format(&picture).map_or("image/jpeg", |format| format.to_mime_type());
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], picture)
        .into_response())
}

async fn take_paper(twins: State<Twins>) -> Done {
    twins.desk.lock().unwrap_or_else(PoisonError::into_inner).clear().map_err(Refused::Io)?;
    state(twins).await
}
