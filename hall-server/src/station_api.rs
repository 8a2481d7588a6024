//! The paths of the sync contract and their limits. What they do stands in `enrol`,
//! `staff_cards`, `sync`, `feed` and `scans`.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, head, post},
};
use hall_api::wire::{
    PATH_ENROL, PATH_EVENTS, PATH_FEED, PATH_HEARTBEAT, PATH_SCANS, PATH_STAFF_CARDS, PIECE_BYTES,
};

use crate::{
    ca::Keys, clock::Clock, enrol, feed, passwords::Passwords, problem::Refusal, scans,
    staff_ca::StaffCa, staff_cards, store::Store, sync,
};

/// 64 events with the strokes of a few signatures each.
const EVENTS_BYTES_MAX: usize = 8 << 20;
const SMALL_BYTES_MAX: usize = 64 << 10;
/// 500 cells of about 150 bytes.
const HEARTBEAT_BYTES_MAX: usize = 128 << 10;
#[expect(clippy::cast_possible_truncation, reason = "1 MiB fits")]
const PIECE_BYTES_MAX: usize = PIECE_BYTES as usize;

/// What the handlers of the stations' listener share.
#[derive(Debug, Clone)]
pub(crate) struct StationApi {
    pub(crate) store: Store,
    pub(crate) keys: Arc<Keys>,
    pub(crate) staff_ca: Arc<StaffCa>,
    pub(crate) clock: Clock,
    pub(crate) passwords: Passwords,
    pub(crate) shelf: scans::Shelf,
}

pub(crate) fn router(api: StationApi) -> Router {
    let small = || DefaultBodyLimit::max(SMALL_BYTES_MAX);
    let one_scan = head(scans::offset).patch(scans::append);
    Router::new()
        .route(PATH_ENROL, post(enrol::enrol).layer(small()))
        .route(PATH_STAFF_CARDS, post(staff_cards::issue).layer(small()))
        .route(PATH_EVENTS, post(sync::take_events).layer(DefaultBodyLimit::max(EVENTS_BYTES_MAX)))
        .route(
            PATH_HEARTBEAT,
            post(sync::take_heartbeat).layer(DefaultBodyLimit::max(HEARTBEAT_BYTES_MAX)),
        )
        .route(PATH_FEED, get(feed::read))
        .route(PATH_SCANS, post(scans::create).layer(small()))
        .route(
            &format!("{PATH_SCANS}/{{digest}}"),
            one_scan.layer(DefaultBodyLimit::max(PIECE_BYTES_MAX)),
        )
        .fallback(async || {
            Refusal::new(StatusCode::NOT_FOUND, "no_such_path", "this hall has no such path")
        })
        .method_not_allowed_fallback(async || {
            let message = "this path is not used with this method";
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "no_such_method", message)
        })
        .with_state(api)
}
