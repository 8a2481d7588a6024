//! The keypad's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    keypad::KeypadTwin,
    port::{self, AtStart},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

struct Rig {
    _folder: tempfile::TempDir,
    hand: port::Hand<KeypadTwin>,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    fn new() -> Self {
        let (folder, stop) = (tempfile::tempdir().unwrap(), CancellationToken::new());
        let path = folder.path().join("keypad");
        let (hand, _) =
            port::spawn_twin(KeypadTwin::new(), path, AtStart::Plugged, stop.child_token())
                .unwrap();
        Self { router: control::keypad::router(hand.clone()), hand, _folder: folder, stop }
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
    let at_first = rig.look_after(Method::GET, "/v1/keypad", Value::Null).await;
    assert_eq!((&at_first["plugged"], &at_first["jack"]), (&json!(true), &json!(false)));
    let look = rig.look_after(Method::POST, "/v1/keypad/jack", Value::Null).await;
    assert_eq!(look["jack"], true);
    let look = rig.look_after(Method::DELETE, "/v1/keypad/jack", Value::Null).await;
    assert_eq!(look["jack"], false);
    // Nobody has greeted it: a key that is pressed is lost.
    rig.look_after(Method::POST, "/v1/keypad/press", json!({ "key": "down" })).await;
    rig.hand.until(|look| look.device.n_lost == 1).await.unwrap();
    rig.look_after(Method::POST, "/v1/keypad/hold", json!({ "key": "select" })).await;
    rig.hand.until(|look| look.device.held == ["select"]).await.unwrap();
    rig.look_after(Method::POST, "/v1/keypad/release", json!({ "key": "select" })).await;
    rig.hand.until(|look| look.device.held.is_empty()).await.unwrap();
    let worn = json!({ "bounce_ms": 30, "debounced": false });
    let look = rig.look_after(Method::POST, "/v1/keypad/contacts", worn).await;
    assert_eq!((&look["bounce_ms"], &look["debounced"]), (&json!(30), &json!(false)));
    let mute = json!({ "kind": "mute", "on": "ack", "times": 3 });
    let look = rig.look_after(Method::POST, "/v1/keypad/trouble", mute).await;
    assert_eq!(look["planned"].as_array().unwrap().len(), 1);
    let look = rig.look_after(Method::DELETE, "/v1/keypad/trouble", Value::Null).await;
    assert_eq!(look["planned"], json!([]));
    let look = rig.look_after(Method::POST, "/v1/keypad/unplug", Value::Null).await;
    assert_eq!(look["plugged"], false);
    assert_eq!(rig.look_after(Method::POST, "/v1/keypad/plug", Value::Null).await["plugged"], true);
    rig.stop.cancel();
}

#[tokio::test]
async fn an_order_that_is_none_is_refused() {
    let rig = Rig::new();
    for (path, body) in [
        ("/v1/keypad/trouble", json!({ "kind": "mute", "on": "smoke" })),
        ("/v1/keypad/press", json!({ "key": "any" })),
    ] {
        let (status, why) = rig.order(Method::POST, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(
            why["error"].as_str().unwrap().contains("there are")
                || why["error"].as_str().unwrap().contains("one of"),
            "{why}"
        );
    }
    rig.stop.cancel();
}
