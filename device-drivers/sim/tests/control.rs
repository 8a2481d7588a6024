//! The control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    desk::Desk,
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
        let path = folder.path().join("id-reader");
        let (reader, _) = port::spawn(path, AtStart::Plugged, stop.child_token()).unwrap();
        let desk = Desk::new(folder.path().join("camera")).unwrap();
        Self { router: control::router(reader, Arc::new(Mutex::new(desk))), folder, stop }
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
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn a_card_is_laid_and_lifted() {
    let rig = Rig::new();
    let (status, state) =
        rig.order(Method::POST, "/v1/id-reader/card", json!({"specimen": "zhang_san"})).await;
    assert_eq!((status, &state["id_reader"]["card"]), (StatusCode::OK, &json!("zhang_san")));
    let (_, state) = rig.order(Method::DELETE, "/v1/id-reader/card", Value::Null).await;
    assert_eq!(state["id_reader"]["card"], Value::Null);
    let (status, _) =
        rig.order(Method::POST, "/v1/id-reader/card", json!({"specimen": "nobody"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn unplugging_takes_the_port_away_and_plugging_brings_it_back() {
    let rig = Rig::new();
    let port = rig.folder.path().join("id-reader");
    assert!(port.exists());
    rig.order(Method::POST, "/v1/id-reader/unplug", Value::Null).await;
    assert!(!port.is_symlink());
    let (_, state) = rig.order(Method::POST, "/v1/id-reader/plug", Value::Null).await;
    assert_eq!(state["id_reader"]["plugged"], json!(true));
    assert!(port.exists());
}

#[tokio::test]
async fn troubles_are_planned_for_known_commands_only() {
    let rig = Rig::new();
    let trouble = json!({"kind": "bad_checksum", "on": "read_base", "times": 2});
    let (status, state) = rig.order(Method::POST, "/v1/id-reader/trouble", trouble).await;
    assert_eq!((status, &state["id_reader"]["planned"][0]["times"]), (StatusCode::OK, &json!(2)));
    for bad in [json!({"kind": "mute", "on": "dance"}), json!({"kind": "explode"})] {
        let (status, _) = rig.order(Method::POST, "/v1/id-reader/trouble", bad).await;
        assert!(status.is_client_error(), "{status}");
    }
}

#[tokio::test]
async fn a_paper_lies_in_the_camera_folder_until_it_is_taken_away() {
    let rig = Rig::new();
    let file = rig.folder.path().join("camera/current.jpg");
    let (_, state) =
        rig.order(Method::POST, "/v1/camera/paper", json!({"specimen": "old_permit"})).await;
    assert_eq!(state["camera"]["paper"], json!("old_permit"));
    assert!(file.exists());
    rig.order(Method::DELETE, "/v1/camera/paper", Value::Null).await;
    assert!(!file.exists());
}

#[tokio::test]
async fn the_page_for_people_allows_no_foreign_content() {
    let rig = Rig::new();
    let request = Request::builder().uri("/").body(Body::empty()).unwrap();
    let response = rig.router.clone().oneshot(request).await.unwrap();
    let csp = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(csp.starts_with("default-src 'none'"), "{csp}");
    let (_, listed) = rig.order(Method::GET, "/v1/specimens", Value::Null).await;
    assert_eq!(listed["cards"].as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn every_file_that_the_page_names_is_served() {
    let rig = Rig::new();
    let mut wanted = vec!["/".to_owned()];
    let mut known = BTreeSet::new();
    while let Some(path) = wanted.pop() {
        if !known.insert(path.clone()) {
            continue;
        }
        let request = Request::builder().uri(&path).body(Body::empty()).unwrap();
        let response = rig.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        // Both `src="/page.js"` and `from "/hand.js"`.
        let quoted = text.split('"').filter(|name| name.starts_with('/'));
        wanted.extend(
            quoted
                .filter(|name| name.ends_with(".js") || name.ends_with(".css"))
                .map(str::to_owned),
        );
    }
    assert!(known.contains("/page.css") && known.contains("/locker.js"), "{known:?}");
}
