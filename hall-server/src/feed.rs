//! The feed of a station: a long poll over a durable cursor.
//!
//! `GET ?after=N&wait=SECONDS` answers at once when there is something beyond N, otherwise when
//! something is committed for this station, at the latest after `wait` with an empty list.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hall_api::wire::Feed;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    problem::Refusal,
    station_api::StationApi,
    store::{feed, stations::Standing},
    tls::Peer,
};

/// Gateways between station and hall drop connections that are silent for half a minute.
const WAIT_MAX: Duration = Duration::from_secs(25);

#[derive(Debug, Deserialize)]
pub(crate) struct Ask {
    #[serde(default)]
    after: u64,
    /// Seconds.
    #[serde(default)]
    wait: u64,
}

pub(crate) async fn read(
    State(api): State<StationApi>,
    peer: Peer,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Json<Feed>, Refusal> {
    let Query(Ask { after, wait }) = ask.map_err(|_| {
        Refusal::bad_request("bad_query", "expected after=CURSOR and wait=SECONDS as numbers")
    })?;
    let until = Instant::now() + Duration::from_secs(wait).min(WAIT_MAX);
    let mut bell = api.store.bells().listen(peer.station);
    loop {
        bell.mark_unchanged();
        let (items, known) = page(&api, peer, after).await?;
        if known < after {
            let station = peer.station;
            api.store.write(move |context| feed::note_read(context, station, after)).await?;
        }
        if !items.is_empty() {
            return Ok(Json(Feed { items }));
        }
        match tokio::time::timeout_at(until, bell.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ok(Json(Feed { items: Vec::new() })),
        }
    }
}

async fn page(api: &StationApi, peer: Peer, after: u64) -> Result<feed::Page, Refusal> {
    let page: Result<feed::Page, Standing> =
        api.store.read(move |sql| feed::after(sql, &peer, after)).await?;
    page.map_err(Refusal::standing)
}
