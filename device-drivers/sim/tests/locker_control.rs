//! The cabinet's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    lock_board::{self, LockBoards},
    port::{self, AtStart},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

struct Rig {
    folder: tempfile::TempDir,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let boards = LockBoards::new(lock_board::cabinet().boards());
        let port = folder.path().join("locker");
        let (hand, _) =
            port::spawn_twin(boards, port, AtStart::Plugged, stop.child_token()).unwrap();
        Self { router: control::locker::router(hand), folder, stop }
    }

    async fn order(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/locker{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, look) = self.order(Method::POST, path, body).await;
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
async fn every_hand_at_a_door_is_an_order() {
    let rig = Rig::new();
    let (_, look) = rig.order(Method::GET, "", Value::Null).await;
    assert_eq!(look["doors"].as_array().unwrap().len(), 24);
    for (act, body, field, value) in [
        ("pull-open", Value::Null, "is_open", json!(false)),
        ("force", Value::Null, "is_open", json!(true)),
        ("push-shut", Value::Null, "is_open", json!(false)),
        ("fall-open", Value::Null, "is_open", json!(true)),
        ("lean", Value::Null, "leant_on", json!(true)),
        ("let-go", Value::Null, "leant_on", json!(false)),
        ("jam", Value::Null, "jammed", json!(true)),
        ("unjam", Value::Null, "jammed", json!(false)),
        ("stick-sensor", json!({"reads": "shut"}), "sensor", json!("shut")),
        ("free-sensor", Value::Null, "sensor", Value::Null),
        ("cross", json!({"to": 14}), "crossed_to", json!(14)),
        ("uncross", Value::Null, "crossed_to", Value::Null),
    ] {
        let look = rig.post(&format!("/doors/13/{act}"), body).await;
        assert_eq!(look["doors"][12][field], value, "{act}");
    }
}

#[tokio::test]
async fn boards_are_switched_off_and_set_to_other_addresses() {
    let rig = Rig::new();
    let look = rig.post("/boards/2/power", json!({"power": "off"})).await;
    assert_eq!(look["boards"][1]["power"], json!("off"));
    let look = rig.post("/boards/2/address", json!({"address": 1})).await;
    assert_eq!(
        (&look["boards"][1]["board"], &look["boards"][1]["address"]),
        (&json!(2), &json!(1))
    );
    let look = rig.post("/boards/1/uploads", json!({"uploads": "81"})).await;
    assert_eq!(look["boards"][0]["uploads"], json!("81"));
    let trouble = json!({"kind": "late", "ms": 400, "on": "open", "times": 2});
    let look = rig.post("/boards/1/trouble", trouble.clone()).await;
    assert_eq!(look["boards"][0]["planned"], json!([trouble]));
    let (_, look) = rig.order(Method::DELETE, "/boards/1/trouble", Value::Null).await;
    assert_eq!(look["boards"][0]["planned"], json!([]));
    let look = rig.post("/echo", json!({"echo": "on"})).await;
    assert_eq!(look["echo"], json!("on"));
}

#[tokio::test]
async fn orders_that_cannot_be_are_refused_with_the_reason() {
    let rig = Rig::new();
    for (path, body, status) in [
        ("/doors/25/force", Value::Null, StatusCode::NOT_FOUND),
        ("/doors/0/force", Value::Null, StatusCode::NOT_FOUND),
        ("/doors/1/cross", json!({"to": 99}), StatusCode::NOT_FOUND),
        ("/doors/1/dance", Value::Null, StatusCode::BAD_REQUEST),
        ("/doors/1/stick-sensor", Value::Null, StatusCode::BAD_REQUEST),
        ("/boards/3/power", json!({"power": "off"}), StatusCode::NOT_FOUND),
        ("/boards/1/address", json!({"address": 0}), StatusCode::BAD_REQUEST),
    ] {
        let (got, said) = rig.order(Method::POST, path, body).await;
        assert_eq!(got, status, "{path}");
        assert!(!said["error"].as_str().unwrap().is_empty(), "{path}");
    }
    let (status, _) = rig.order(Method::POST, "/boards/1/trouble", json!({"kind": "x"})).await;
    assert!(status.is_client_error());
}

#[tokio::test]
async fn unplugging_takes_the_port_away_and_leaves_the_doors_as_they_are() {
    let rig = Rig::new();
    let port = rig.folder.path().join("locker");
    assert!(port.exists());
    rig.post("/doors/1/force", Value::Null).await;
    let look = rig.post("/unplug", Value::Null).await;
    assert_eq!((&look["plugged"], &look["doors"][0]["is_open"]), (&json!(false), &json!(true)));
    assert!(!port.is_symlink());
    let look = rig.post("/plug", Value::Null).await;
    assert_eq!((&look["plugged"], &look["doors"][0]["is_open"]), (&json!(true), &json!(true)));
    assert!(port.exists());
}
