//! The scanner's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    port::{self, AtStart},
    scanner::ScannerTwin,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

struct Rig {
    _folder: tempfile::TempDir,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    fn new() -> Self {
        let (folder, stop) = (tempfile::tempdir().unwrap(), CancellationToken::new());
        let path = folder.path().join("code-scanner");
        let (hand, _) =
            port::spawn_twin(ScannerTwin::new(), path, AtStart::Plugged, stop.child_token())
                .unwrap();
        Self { router: control::scanner::router(hand), _folder: folder, stop }
    }

    async fn order(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn look_after(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, look) = self.order(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {look}");
        look
    }
}

#[tokio::test]
async fn every_order_is_seen_in_the_look() {
    let rig = Rig::new();
    let at_first = rig.look_after(Method::GET, "/v1/scanner", Value::Null).await;
    assert_eq!(at_first["plugged"], true);
    assert_eq!((&at_first["is_lit"], &at_first["held_len"]), (&json!(false), &Value::Null));
    let slip = json!({ "code": "NDE1-138" });
    let look = rig.look_after(Method::POST, "/v1/scanner/slip", slip).await;
    assert_eq!(look["held_len"], 8);
    let look = rig.look_after(Method::DELETE, "/v1/scanner/slip", Value::Null).await;
    assert_eq!(look["held_len"], Value::Null);
    let always = json!({ "mode": "always" });
    assert_eq!(rig.look_after(Method::POST, "/v1/scanner/mode", always).await["is_lit"], true);
    let suffix = json!({ "suffix": "nothing" });
    let look = rig.look_after(Method::POST, "/v1/scanner/suffix", suffix).await;
    assert_eq!(look["suffix"], "nothing");
    let torn = json!({ "kind": "torn", "on": "code" });
    let look = rig.look_after(Method::POST, "/v1/scanner/trouble", torn).await;
    assert_eq!(look["planned"].as_array().unwrap().len(), 1);
    let look = rig.look_after(Method::DELETE, "/v1/scanner/trouble", Value::Null).await;
    assert_eq!(look["planned"], json!([]));
    let look = rig.look_after(Method::POST, "/v1/scanner/unplug", Value::Null).await;
    assert_eq!(look["plugged"], false);
    assert_eq!(
        rig.look_after(Method::POST, "/v1/scanner/plug", Value::Null).await["plugged"],
        true
    );
    rig.stop.cancel();
}

#[tokio::test]
async fn an_order_that_is_none_is_refused() {
    let rig = Rig::new();
    let mute = json!({ "kind": "mute", "on": "smoke" });
    let (status, why) = rig.order(Method::POST, "/v1/scanner/trouble", mute).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(why["error"].as_str().unwrap().contains("answer"), "{why}");
    let (status, _) = rig.order(Method::POST, "/v1/scanner/mode", json!({ "mode": "x" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    rig.stop.cancel();
}
