//! All twins at one look, for a page that asks often: how each stands, and what its wire carried.
//!
//! The bytes are those that the twins themselves heard and said ([`crate::wire_log`]). The slot for
//! chip cards has no wire here; its look counts the commands. The page printer's is HTTP; its look
//! names the last requests.

use axum::{Json, Router, extract::State, routing::get};
use serde::Serialize;

use super::{CameraLook, DeskHand, Refused, card_slot::SlotHand, printer::PrinterHand};
use crate::{
    control::{keypad::KeypadHand, room::RoomHand, scanner::ScannerHand},
    keypad::KeypadLook,
    lock_board::{CabinetLook, LockBoards},
    page_printer::{PagePrinterLook, server::PagePrinterHand},
    port::{Hand, PortLook, ReaderHand},
    printer::PrinterLook,
    room::RoomLook,
    scanner::ScannerLook,
    smart_card::{SlotLook, host::Order},
    wire_log::Frame,
};

/// A hand on each twin.
#[derive(Debug, Clone)]
pub struct Hands {
    pub reader: ReaderHand,
    pub desk: DeskHand,
    pub locker: Hand<LockBoards>,
    pub printer: PrinterHand,
    pub scanner: ScannerHand,
    pub room: RoomHand,
    pub keypad: KeypadHand,
    pub page_printer: PagePrinterHand,
    /// Absent where no slot was asked for.
    pub slot: Option<SlotHand>,
}

#[derive(Debug, Serialize)]
struct Looks {
    id_reader: PortLook,
    camera: CameraLook,
    locker: PortLook<CabinetLook>,
    printer: PortLook<PrinterLook>,
    scanner: PortLook<ScannerLook>,
    room: PortLook<RoomLook>,
    keypad: PortLook<KeypadLook>,
    page_printer: PagePrinterLook,
    card_slot: Option<Slot>,
}

/// A slot whose child is gone does not hide the other twins.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Slot {
    Look(SlotLook),
    Lost { error: String },
}

#[derive(Debug, Serialize)]
struct Wires {
    id_reader: Vec<Frame>,
    locker: Vec<Frame>,
    printer: Vec<Frame>,
    scanner: Vec<Frame>,
    room: Vec<Frame>,
    keypad: Vec<Frame>,
}

/// `GET /v1/twins` and `GET /v1/wires`, to be merged with the others.
pub fn router(hands: Hands) -> Router {
    Router::new().route("/v1/twins", get(looks)).route("/v1/wires", get(wires)).with_state(hands)
}

async fn looks(State(hands): State<Hands>) -> Result<Json<Looks>, Refused> {
    let card_slot = match &hands.slot {
        None => None,
        Some(slot) => Some(match slot.lock().await.order(&Order::Look).await {
            Ok(look) => Slot::Look(look),
            Err(error) => Slot::Lost { error: error.to_string() },
        }),
    };
    Ok(Json(Looks {
        id_reader: hands.reader.look().await?,
        camera: CameraLook::of(&hands.desk),
        locker: hands.locker.look().await?,
        printer: hands.printer.look().await?,
        scanner: hands.scanner.look().await?,
        room: hands.room.look().await?,
        keypad: hands.keypad.look().await?,
        page_printer: hands.page_printer.look(),
        card_slot,
    }))
}

async fn wires(State(hands): State<Hands>) -> Result<Json<Wires>, Refused> {
    Ok(Json(Wires {
        id_reader: hands.reader.wire().await?,
        locker: hands.locker.wire().await?,
        printer: hands.printer.wire().await?,
        scanner: hands.scanner.wire().await?,
        room: hands.room.wire().await?,
        keypad: hands.keypad.wire().await?,
    }))
}
