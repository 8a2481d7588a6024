//! The room's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    port::{self, AtStart},
    room::RoomTwin,
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
        let path = folder.path().join("room");
        let twin = RoomTwin::as_delivered();
        let (hand, _) = port::spawn_twin(twin, path, AtStart::Plugged, stop.child_token()).unwrap();
        Self { router: control::room::router(hand), _folder: folder, stop }
    }

    async fn order(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/room{path}"))
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

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn every_order_is_seen_in_the_look() {
    let rig = Rig::new();
    let at_first = rig.look_after(Method::GET, "", Value::Null).await;
    assert_eq!((&at_first["plugged"], &at_first["has_mains"]), (&json!(true), &json!(true)));
    for (path, field) in [
        ("/button", "is_pressed"),
        ("/wire-cut", "is_wire_cut"),
        ("/door", "is_door_open"),
        ("/mains", "has_mains"),
        ("/echo", "echoes"),
    ] {
        for is in [true, false] {
            let look = rig.look_after(Method::POST, path, json!({ "is": is })).await;
            assert_eq!(look[field], is, "{path}");
        }
    }
    let look = rig.look_after(Method::POST, "/stuck", json!({ "relay": 2 })).await;
    assert_eq!(look["stuck_relay"], 2);
    let look = rig.look_after(Method::POST, "/stuck", json!({ "relay": null })).await;
    assert_eq!(look["stuck_relay"], Value::Null);
    let look = rig.look_after(Method::POST, "/power-drop", Value::Null).await;
    assert_eq!(look["is_lit"], false);
    let mute = json!({ "kind": "mute", "on": "inputs" });
    let look = rig.look_after(Method::POST, "/trouble", mute).await;
    assert_eq!(look["planned"].as_array().unwrap().len(), 1);
    let look = rig.look_after(Method::DELETE, "/trouble", Value::Null).await;
    assert_eq!(look["planned"], json!([]));
    let look = rig.look_after(Method::POST, "/unplug", Value::Null).await;
    assert_eq!(look["plugged"], false);
    assert_eq!(rig.look_after(Method::POST, "/plug", Value::Null).await["plugged"], true);
}

#[tokio::test]
async fn an_order_that_is_none_is_refused() {
    let rig = Rig::new();
    let mute = json!({ "kind": "mute", "on": "smoke" });
    let (status, why) = rig.order(Method::POST, "/trouble", mute).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(why["error"].as_str().unwrap().contains("relays"), "{why}");
    let (status, _) = rig.order(Method::POST, "/stuck", json!({ "relay": 8 })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = rig.order(Method::POST, "/button", json!({ "is": "half" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
