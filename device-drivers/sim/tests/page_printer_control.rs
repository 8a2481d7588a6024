//! The page printer's part of the control interface, order by order, over its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use device_sim::{
    control,
    page_printer::{Act, PagePrinterTwin, Panel, sample, server::PagePrinterHand},
};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

const LIMIT: Duration = Duration::from_secs(60);

struct Rig {
    hand: PagePrinterHand,
    router: axum::Router,
    stop: CancellationToken,
}

impl Rig {
    async fn new() -> Self {
        let stop = CancellationToken::new();
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let twin = PagePrinterTwin::new();
        let (hand, _) = PagePrinterHand::start(twin, anywhere, stop.child_token()).await.unwrap();
        Self { router: control::page_printer::router(hand.clone()), hand, stop }
    }

    async fn raw(&self, method: Method, path: &str, body: Value) -> (StatusCode, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/page-printer{path}"))
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
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn hands_load_open_jam_pause_and_pull() {
    let rig = Rig::new().await;
    for (path, body, wanted) in [
        ("/paper", json!({"n_sheets": 12}), ("n_sheets", json!(12))),
        ("/media", json!({"media": "letter"}), ("media", json!("letter"))),
        ("/tray", json!({"tray": "out"}), ("tray", json!("out"))),
        ("/cover", json!({"cover": "open"}), ("cover", json!("open"))),
        ("/jam", json!({"page": 2}), ("jams_at", json!(2))),
        ("/toner", json!({"percent": 4}), ("toner_percent", json!(4))),
        ("/panel", json!({"panel": "paused"}), ("panel", json!("paused"))),
        ("/board", json!({"board": "broken"}), ("board", json!("broken"))),
        ("/accepting", json!({"accepting": false}), ("accepting", json!(false))),
        ("/formats", json!({"formats": "raster_only"}), ("formats", json!("raster_only"))),
        ("/counting", json!({"counting": "claims_all"}), ("counting", json!("claims_all"))),
        ("/cancelling", json!({"cancelling": "refuses"}), ("cancelling", json!("refuses"))),
        ("/queueing", json!({"queueing": "refuses_second"}), ("queueing", json!("refuses_second"))),
        ("/queue-memory", json!({"keeps": false}), ("keeps_queue", json!(false))),
        ("/speed", json!({"first_page_ms": 9, "page_ms": 7}), ("page_ms", json!(7))),
        ("/network", json!({"network": "hung"}), ("network", json!("hung"))),
        ("/bin", json!({"n_sheets": 81}), ("n_in_bin", json!(81))),
        ("/power", json!({"power": "off"}), ("is_awake", json!(false))),
    ] {
        let (status, look) = rig.order(Method::POST, path, body).await;
        assert_eq!((status, &look[wanted.0]), (StatusCode::OK, &wanted.1), "{path}: {look}");
    }
    let (_, look) = rig.order(Method::GET, "", Value::Null).await;
    let reasons = look["reasons"].as_array().unwrap();
    assert!(reasons.contains(&json!("cover-open-error")), "{reasons:?}");
    let (status, _) = rig.raw(Method::POST, "/cover", json!({"cover": "ajar"})).await;
    assert!(status.is_client_error());
}

#[tokio::test]
async fn sheets_are_listed_shown_and_taken() {
    let rig = Rig::new().await;
    rig.hand.touch(Act::SetSpeed { first_page_ms: 0, page_ms: 5 });
    rig.hand.touch(Act::JamAt { page: 2 });
    rig.order(Method::POST, "/stranger", json!({"n_pages": 2})).await;
    timeout(LIMIT, rig.hand.until(|look| look.jammed)).await.unwrap();
    rig.order(Method::DELETE, "/jam", Value::Null).await;
    timeout(LIMIT, rig.hand.until(|look| look.sheets.len() == 3)).await.unwrap();
    let (_, sheets) = rig.order(Method::GET, "/sheets", Value::Null).await;
    let ends: Vec<_> = sheets.as_array().unwrap().iter().map(|s| (&s["page"], &s["end"])).collect();
    let (whole, half) = (json!("whole"), json!("half"));
    assert_eq!(ends, [(&json!(1), &whole), (&json!(2), &half), (&json!(2), &whole)]);

    let (status, png) = rig.raw(Method::GET, "/sheets/3.png", Value::Null).await;
    let picture = image::load_from_memory(&png).unwrap().to_luma8();
    assert_eq!((status, sample::n_squares(&picture)), (StatusCode::OK, 2));
    let (status, _) = rig.raw(Method::GET, "/sheets/9.png", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, look) = rig.order(Method::DELETE, "/sheets", Value::Null).await;
    assert_eq!((&look["newest"], &look["n_in_bin"]), (&Value::Null, &json!(0)));
}

#[tokio::test]
async fn troubles_are_planned_for_known_requests_only() {
    let rig = Rig::new().await;
    rig.hand.touch(Act::SetPanel(Panel::Paused));
    let trouble = json!({"kind": "status", "code": 1287, "on": "print_job", "times": 2});
    let (status, look) = rig.order(Method::POST, "/trouble", trouble).await;
    assert_eq!((status, &look["planned"][0]["times"]), (StatusCode::OK, &json!(2)));
    for bad in [json!({"kind": "mute", "on": "dance"}), json!({"kind": "explode"})] {
        let (status, _) = rig.order(Method::POST, "/trouble", bad).await;
        assert!(status.is_client_error(), "{status}");
    }
    let (_, look) = rig.order(Method::DELETE, "/trouble", Value::Null).await;
    assert_eq!(look["planned"], json!([]));
}
