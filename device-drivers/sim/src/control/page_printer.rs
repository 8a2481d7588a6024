//! Orders to the page printer: paper, covers, faults and habits, and the sheets in its bin.
//!
//! Every order answers with the look of the printer, as `GET /v1/page-printer` does.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{BODY_LEN_MAX, Refused};
use crate::page_printer::{
    Act, Board, Cancelling, Counting, Cover, Formats, Media, Network, PagePrinterLook, Panel,
    Power, Queueing, Tray,
    mechanism::Sheet,
    server::PagePrinterHand,
    trouble::{Planned, REQUESTS},
};

type Done = Result<Json<PagePrinterLook>, Refused>;

/// An order's body, and what it asks for.
macro_rules! orders {
    ($($name:ident { $($field:ident: $kind:ty),+ } => $act:expr;)+) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name { $($field: $kind),+ }

        impl From<$name> for Act {
            fn from($name { $($field),+ }: $name) -> Self {
                $act
            }
        }
    )+};
}

orders! {
    SetPaper { n_sheets: u32 } => Act::SetPaper { n_sheets };
    SetMedia { media: Media } => Act::SetMedia(media);
    SetTray { tray: Tray } => Act::SetTray(tray);
    SetCover { cover: Cover } => Act::SetCover(cover);
    JamAt { page: u16 } => Act::JamAt { page };
    SetToner { percent: u8 } => Act::SetToner { percent };
    SetPanel { panel: Panel } => Act::SetPanel(panel);
    SetBoard { board: Board } => Act::SetBoard(board);
    SetAccepting { accepting: bool } => Act::SetAccepting(accepting);
    SetFormats { formats: Formats } => Act::SetFormats(formats);
    SetCounting { counting: Counting } => Act::SetCounting(counting);
    SetCancelling { cancelling: Cancelling } => Act::SetCancelling(cancelling);
    SetQueueing { queueing: Queueing } => Act::SetQueueing(queueing);
    SetQueueMemory { keeps: bool } => Act::SetQueueMemory { keeps };
    SetSpeed { first_page_ms: u64, page_ms: u64 } => Act::SetSpeed { first_page_ms, page_ms };
    SetPower { power: Power } => Act::SetPower(power);
    SetNetwork { network: Network } => Act::SetNetwork(network);
    AddStranger { n_pages: u16 } => Act::AddStranger { n_pages };
    FillBin { n_sheets: u32 } => Act::FillBin { n_sheets };
}

/// The routes under `/v1/page-printer`, to be merged with the others.
pub fn router(hand: PagePrinterHand) -> Router {
    let orders = Router::new()
        .route("/paper", post(order::<SetPaper>))
        .route("/media", post(order::<SetMedia>))
        .route("/tray", post(order::<SetTray>))
        .route("/cover", post(order::<SetCover>))
        .route("/jam", post(order::<JamAt>).delete(clear_jam))
        .route("/toner", post(order::<SetToner>))
        .route("/panel", post(order::<SetPanel>))
        .route("/board", post(order::<SetBoard>))
        .route("/accepting", post(order::<SetAccepting>))
        .route("/formats", post(order::<SetFormats>))
        .route("/counting", post(order::<SetCounting>))
        .route("/cancelling", post(order::<SetCancelling>))
        .route("/queueing", post(order::<SetQueueing>))
        .route("/queue-memory", post(order::<SetQueueMemory>))
        .route("/speed", post(order::<SetSpeed>))
        .route("/power", post(order::<SetPower>))
        .route("/network", post(order::<SetNetwork>))
        .route("/stranger", post(order::<AddStranger>))
        .route("/bin", post(order::<FillBin>))
        .route("/trouble", post(plan_trouble).delete(clear_troubles))
        .route("/sheets", get(sheets).delete(take_sheets))
        .route("/sheets/{picture}", get(picture));
    Router::new()
        .route("/v1/page-printer", get(look))
        .nest("/v1/page-printer", orders)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .with_state(hand)
}

async fn look(State(hand): State<PagePrinterHand>) -> Json<PagePrinterLook> {
    Json(hand.look())
}

fn touch(hand: &PagePrinterHand, act: Act) -> Json<PagePrinterLook> {
    hand.touch(act);
    Json(hand.look())
}

async fn order<O: Into<Act> + DeserializeOwned>(
    State(hand): State<PagePrinterHand>,
    Json(wanted): Json<O>,
) -> Json<PagePrinterLook> {
    touch(&hand, wanted.into())
}

async fn clear_jam(State(hand): State<PagePrinterHand>) -> Json<PagePrinterLook> {
    touch(&hand, Act::ClearJam)
}

async fn plan_trouble(State(hand): State<PagePrinterHand>, Json(planned): Json<Planned>) -> Done {
    let known = |on: &str| REQUESTS.iter().any(|(name, _)| *name == on);
    if planned.on.as_deref().is_some_and(|on| !known(on)) {
        let names = REQUESTS.map(|(name, _)| name);
        return Err(Refused::Bad(format!("a trouble can be tied to one of {names:?}")));
    }
    Ok(touch(&hand, Act::Plan(planned)))
}

async fn clear_troubles(State(hand): State<PagePrinterHand>) -> Json<PagePrinterLook> {
    touch(&hand, Act::ClearPlan)
}

async fn take_sheets(State(hand): State<PagePrinterHand>) -> Json<PagePrinterLook> {
    touch(&hand, Act::TakeSheets)
}

async fn sheets(State(hand): State<PagePrinterHand>) -> Response {
    let sheets = hand.look().sheets;
    let sheets: Vec<&Sheet> = sheets.iter().map(Arc::as_ref).collect();
    Json(sheets).into_response()
}

/// `3.png` is the picture of sheet 3.
async fn picture(
    State(hand): State<PagePrinterHand>,
    Path(picture): Path<String>,
) -> Result<Response, Refused> {
    let no: Option<u32> = picture.strip_suffix(".png").and_then(|no| no.parse().ok());
    let sheet = hand.look().sheets.into_iter().find(|sheet| Some(sheet.no) == no);
    let sheet = sheet.ok_or(Refused::NoSuch("sheet"))?;
    // A page is drawn when it is looked at.
    let png = tokio::task::spawn_blocking(move || sheet.png()).await.map_err(|_| Refused::Gone)?;
    let png = png.ok_or(Refused::NoSuch("picture of the sheet"))?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}
