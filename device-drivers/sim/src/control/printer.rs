//! Orders to the receipt printer: paper, cover, cutter and faults, and the papers in its tray.
//!
//! Every order answers with the look of the printer, as `GET /v1/printer` does.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{BODY_LEN_MAX, Refused};
use crate::{
    port::{Hand, PortLook},
    printer::{
        Act, Board, Button, Clearing, Cover, Cutter, Head, PrinterLook, PrinterTwin,
        paper::Paper,
        trouble::{Planned, SAYINGS},
    },
};

/// The hand on the printer.
pub type PrinterHand = Hand<PrinterTwin>;
type Done = Result<Json<PortLook<PrinterLook>>, Refused>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaperLeft {
    left_mm: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetCover {
    cover: Cover,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetCutter {
    cutter: Cutter,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetHead {
    head: Head,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetButton {
    button: Button,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetBoard {
    board: Board,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClearing {
    clearing: Clearing,
}

/// The routes under `/v1/printer`, to be merged with the others.
pub fn router(hand: PrinterHand) -> Router {
    Router::new()
        .route("/v1/printer", get(look))
        .route("/v1/printer/plug", post(plug))
        .route("/v1/printer/unplug", post(unplug))
        .route("/v1/printer/power-cycle", post(power_cycle))
        .route("/v1/printer/paper", post(set_paper))
        .route("/v1/printer/cover", post(set_cover))
        .route("/v1/printer/cutter", post(set_cutter))
        .route("/v1/printer/head", post(set_head))
        .route("/v1/printer/button", post(set_button))
        .route("/v1/printer/board", post(set_board))
        .route("/v1/printer/clearing", post(set_clearing))
        .route("/v1/printer/tear", post(tear))
        .route("/v1/printer/trouble", post(plan_trouble).delete(clear_troubles))
        .route("/v1/printer/papers", get(papers).delete(take_papers))
        .route("/v1/printer/papers/{picture}", get(picture))
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<PrinterHand>) -> Done {
    Ok(Json(hand.look().await?))
}

async fn plug(hand: State<PrinterHand>) -> Done {
    hand.plug().await?;
    look(hand).await
}

async fn unplug(hand: State<PrinterHand>) -> Done {
    hand.unplug().await?;
    look(hand).await
}

async fn power_cycle(hand: State<PrinterHand>) -> Done {
    touch(hand, Act::PowerCycle).await
}

async fn set_paper(hand: State<PrinterHand>, Json(wanted): Json<PaperLeft>) -> Done {
    touch(hand, Act::SetPaper { left_mm: wanted.left_mm }).await
}

async fn set_cover(hand: State<PrinterHand>, Json(wanted): Json<SetCover>) -> Done {
    touch(hand, Act::SetCover(wanted.cover)).await
}

async fn set_cutter(hand: State<PrinterHand>, Json(wanted): Json<SetCutter>) -> Done {
    touch(hand, Act::SetCutter(wanted.cutter)).await
}

async fn set_head(hand: State<PrinterHand>, Json(wanted): Json<SetHead>) -> Done {
    touch(hand, Act::SetHead(wanted.head)).await
}

async fn set_button(hand: State<PrinterHand>, Json(wanted): Json<SetButton>) -> Done {
    touch(hand, Act::SetButton(wanted.button)).await
}

async fn set_board(hand: State<PrinterHand>, Json(wanted): Json<SetBoard>) -> Done {
    touch(hand, Act::SetBoard(wanted.board)).await
}

async fn set_clearing(hand: State<PrinterHand>, Json(wanted): Json<SetClearing>) -> Done {
    touch(hand, Act::SetClearing(wanted.clearing)).await
}

async fn tear(hand: State<PrinterHand>) -> Done {
    touch(hand, Act::Tear).await
}

async fn plan_trouble(hand: State<PrinterHand>, Json(planned): Json<Planned>) -> Done {
    if planned.on.as_deref().is_some_and(|on| !SAYINGS.contains(&on)) {
        return Err(Refused::Bad(format!("a trouble can be tied to one of {SAYINGS:?}")));
    }
    touch(hand, Act::Plan(planned)).await
}

async fn clear_troubles(hand: State<PrinterHand>) -> Done {
    touch(hand, Act::ClearPlan).await
}

async fn take_papers(hand: State<PrinterHand>) -> Done {
    touch(hand, Act::TakePapers).await
}

async fn papers(State(hand): State<PrinterHand>) -> Result<Response, Refused> {
    let papers = hand.look().await?.device.papers;
    let papers: Vec<&Paper> = papers.iter().map(Arc::as_ref).collect();
    Ok(Json(papers).into_response())
}

/// `3.png` is the picture of paper 3.
async fn picture(
    State(hand): State<PrinterHand>,
    Path(picture): Path<String>,
) -> Result<Response, Refused> {
    let no: Option<u32> = picture.strip_suffix(".png").and_then(|no| no.parse().ok());
    let papers = hand.look().await?.device.papers;
    let paper = papers.into_iter().find(|paper| Some(paper.no) == no);
    let paper = paper.ok_or(Refused::NoSuch("paper"))?;
    // Some milliseconds of computing for a long paper.
    let png = tokio::task::spawn_blocking(move || paper.png()).await.map_err(|_| Refused::Gone)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

async fn touch(hand: State<PrinterHand>, act: Act) -> Done {
    hand.touch(act).await?;
    look(hand).await
}
