//! The printer's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paper;

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_drivers::receipt_printer::codec::{Baud, encode};
use device_sim::{
    control,
    port::{self, AtStart},
    printer::{Act, PrinterTwin},
};
use paper::{slip_of, typeface};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, time::timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

const LIMIT: Duration = Duration::from_secs(60);

struct Rig {
    folder: tempfile::TempDir,
    hand: control::printer::PrinterHand,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let (path, token) = (folder.path().join("printer"), stop.child_token());
        let twin = PrinterTwin::new(typeface());
        let (hand, _) = port::spawn_twin(twin, path, AtStart::Plugged, token).unwrap();
        Self { router: control::printer::router(hand.clone()), hand, folder, stop }
    }

    async fn raw(&self, method: Method, path: &str, body: Value) -> (StatusCode, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        (response.status(), to_bytes(response.into_body(), 1 << 22).await.unwrap())
    }

    async fn order(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let (status, bytes) = self.raw(method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Prints as a host would that looks at nothing, at the rate that a pty has by itself.
    async fn print_blindly(&self, name: &str) {
        self.hand.touch(Act::SetBaud(Baud::B38400)).await.unwrap();
        let port = self.folder.path().join("printer");
        let mut port = tokio::fs::OpenOptions::new().write(true).open(port).await.unwrap();
        for piece in encode(&slip_of(name, 3), false, &typeface()).unwrap() {
            port.write_all(piece.bytes.expose()).await.unwrap();
        }
        port.flush().await.unwrap();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn hands_open_load_jam_heat_and_pull() {
    let rig = Rig::new();
    for (path, body, wanted) in [
        ("cover", json!({"cover": "open"}), ("cover", json!("open"))),
        ("paper", json!({"left_mm": 70}), ("paper_left_mm", json!(70))),
        ("cutter", json!({"cutter": "jammed"}), ("cutter", json!("jammed"))),
        ("head", json!({"head": "hot"}), ("head", json!("hot"))),
        ("button", json!({"button": "held"}), ("button", json!("held"))),
        ("board", json!({"board": "broken"}), ("board", json!("broken"))),
        ("clearing", json!({"clearing": "any_stop"}), ("clearing", json!("any_stop"))),
        ("unplug", json!({}), ("plugged", json!(false))),
        ("plug", json!({}), ("plugged", json!(true))),
        ("power-cycle", json!({}), ("cutter_error", json!(false))),
        ("tear", json!({}), ("hanging_mm", json!(0))),
    ] {
        let (status, look) = rig.order(Method::POST, &format!("/v1/printer/{path}"), body).await;
        assert_eq!((status, &look[wanted.0]), (StatusCode::OK, &wanted.1), "{path}: {look}");
    }
}

#[tokio::test]
async fn papers_are_listed_shown_and_taken() {
    let rig = Rig::new();
    rig.print_blindly("张三").await;
    let came_out = rig.hand.until(|look| look.device.newest == Some(1));
    timeout(LIMIT, came_out).await.expect("a paper within the limit").unwrap();
    let (_, papers) = rig.order(Method::GET, "/v1/printer/papers", Value::Null).await;
    assert_eq!((&papers[0]["no"], &papers[0]["end"]), (&json!(1), &json!("cut")));
    let entries = papers[0]["entries"].as_array().unwrap();
    assert!(entries.contains(&json!({"code": {"text": "OF 3"}})), "{entries:?}");
    let line = json!({"text": {"text": "张三 第1行", "scale": "normal", "bold": false}});
    assert!(entries.contains(&line), "{entries:?}");

    let (status, png) = rig.raw(Method::GET, "/v1/printer/papers/1.png", Value::Null).await;
    let png = image::load_from_memory(&png).unwrap().to_luma8();
    assert_eq!((status, png.width()), (StatusCode::OK, 640));
    let n_black = png.pixels().filter(|pixel| pixel.0[0] < 128).count();
    assert!(n_black > 5_000, "{n_black}");
    let (status, _) = rig.raw(Method::GET, "/v1/printer/papers/2.png", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    rig.order(Method::DELETE, "/v1/printer/papers", Value::Null).await;
    let (_, papers) = rig.order(Method::GET, "/v1/printer/papers", Value::Null).await;
    assert_eq!(papers, json!([]));
}

#[tokio::test]
async fn troubles_are_planned_for_known_sayings_only() {
    let rig = Rig::new();
    let trouble = json!({"kind": "say", "byte": 18, "on": "status", "times": 2});
    let (status, look) = rig.order(Method::POST, "/v1/printer/trouble", trouble).await;
    assert_eq!((status, &look["planned"][0]["times"]), (StatusCode::OK, &json!(2)));
    for bad in [json!({"kind": "mute", "on": "dance"}), json!({"kind": "explode"})] {
        let (status, _) = rig.order(Method::POST, "/v1/printer/trouble", bad).await;
        assert!(status.is_client_error(), "{status}");
    }
    let (_, look) = rig.order(Method::DELETE, "/v1/printer/trouble", Value::Null).await;
    assert_eq!(look["planned"], json!([]));
}
