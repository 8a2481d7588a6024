//! All twins at one look, and what their wires carried.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_drivers::id_reader::codec::{Baud, Command};
use device_sim::{
    control::{self, twins::Hands},
    desk::Desk,
    keypad::KeypadTwin,
    lock_board::{self, LockBoards},
    page_printer::{PagePrinterTwin, server::PagePrinterHand},
    port::{self, AtStart},
    printer::PrinterTwin,
    reader::Act,
    room::RoomTwin,
    scanner::ScannerTwin,
};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

const LIMIT: Duration = Duration::from_secs(30);

struct Rig {
    folder: tempfile::TempDir,
    hands: Hands,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let at = |name: &str| (folder.path().join(name), stop.child_token());
        let plugged = AtStart::Plugged;
        let (path, token) = at("id-reader");
        let (reader, _) = port::spawn(path, plugged, token).unwrap();
        let (path, token) = at("locker");
        let boards = LockBoards::new(lock_board::cabinet().boards());
        let (locker, _) = port::spawn_twin(boards, path, plugged, token).unwrap();
        let (path, token) = at("printer");
        let twin = PrinterTwin::without_ink();
        let (printer, _) = port::spawn_twin(twin, path, plugged, token).unwrap();
        let (path, token) = at("scanner");
        let (scanner, _) = port::spawn_twin(ScannerTwin::new(), path, plugged, token).unwrap();
        let (path, token) = at("room");
        let (room, _) = port::spawn_twin(RoomTwin::as_delivered(), path, plugged, token).unwrap();
        let (path, token) = at("keypad");
        let (keypad, _) = port::spawn_twin(KeypadTwin::new(), path, plugged, token).unwrap();
        let desk = Arc::new(Mutex::new(Desk::new(folder.path().join("camera")).unwrap()));
        let (twin, anywhere) = (PagePrinterTwin::new(), SocketAddr::from(([127, 0, 0, 1], 0)));
        let started = PagePrinterHand::start(twin, anywhere, stop.child_token());
        let (page_printer, _) = started.await.unwrap();
        let slot = None;
        let hands =
            Hands { reader, desk, locker, printer, scanner, room, keypad, page_printer, slot };
        let router = control::router(hands.reader.clone(), Arc::clone(&hands.desk))
            .merge(control::twins::router(hands.clone()));
        Self { folder, hands, router, stop }
    }

    async fn raw(&self, method: Method, path: &str, body: Value) -> (StatusCode, String, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
        (response.status(), kind, to_bytes(response.into_body(), 1 << 22).await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, _, bytes) = self.raw(Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        serde_json::from_slice(&bytes).unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn one_look_shows_every_twin() {
    let rig = Rig::new().await;
    let card = json!({"specimen": "zhang_san"});
    rig.raw(Method::POST, "/v1/id-reader/card", card).await;
    rig.raw(Method::POST, "/v1/camera/paper", json!({"specimen": "old_permit"})).await;
    let looks = rig.get("/v1/twins").await;
    assert_eq!(looks["id_reader"]["card"], json!("zhang_san"));
    assert_eq!(looks["camera"]["paper"], json!("old_permit"));
    assert_eq!(looks["locker"]["doors"].as_array().unwrap().len(), 24);
    assert_eq!(looks["printer"]["cover"], json!("closed"));
    assert_eq!(looks["scanner"]["held_len"], Value::Null);
    assert_eq!(
        (&looks["room"]["has_mains"], &looks["room"]["is_lit"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(looks["keypad"]["jack"], json!(false));
    assert_eq!(looks["page_printer"]["n_sheets"], json!(250));
    assert_eq!(looks["card_slot"], Value::Null);
}

#[tokio::test]
async fn a_question_and_its_answer_are_seen_on_the_wire_that_carried_them() {
    let rig = Rig::new().await;
    // The rate that a pty has by itself.
    rig.hands.reader.touch(Act::SetBaud(Baud::B38400)).await.unwrap();
    let path = rig.folder.path().join("id-reader");
    let mut port = tokio::fs::OpenOptions::new().write(true).open(path).await.unwrap();
    port.write_all(&Command::Find.encode()).await.unwrap();
    port.flush().await.unwrap();
    let answered = rig.hands.reader.until(|look| look.n_bytes_said == 11);
    timeout(LIMIT, answered).await.expect("an answer within the limit").unwrap();

    let wires = rig.get("/v1/wires").await;
    let frames = wires["id_reader"].as_array().unwrap();
    assert_eq!(
        (&frames[0]["way"], &frames[0]["hex"]),
        (&json!("heard"), &json!("AA AA AA 96 69 00 03 20 01 22"))
    );
    let said: Vec<&Value> = frames.iter().filter(|frame| frame["way"] == "said").collect();
    let n_said: u64 = said.iter().map(|frame| frame["n_bytes"].as_u64().unwrap()).sum();
    assert_eq!(n_said, 11, "{frames:?}");
    assert!(said[0]["hex"].as_str().unwrap().starts_with("AA"), "{frames:?}");
    for silent in ["locker", "printer", "scanner", "room"] {
        assert_eq!(wires[silent], json!([]), "{silent}");
    }
}

#[tokio::test]
async fn what_lies_under_the_camera_can_be_looked_at() {
    let rig = Rig::new().await;
    let (status, ..) = rig.raw(Method::GET, "/v1/camera/picture", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    rig.raw(Method::POST, "/v1/camera/paper", json!({"specimen": "photo"})).await;
    let (status, kind, picture) = rig.raw(Method::GET, "/v1/camera/picture", Value::Null).await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "image/jpeg"));
    assert_eq!(image::load_from_memory(&picture).unwrap().width(), 1_000);
}
