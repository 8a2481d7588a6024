//! The feed of a station: a long poll over a durable cursor.
//!
//! `GET ?after=N&wait=SECONDS` answers at once when there is something beyond N, otherwise when
//! something is committed for this station, at the latest after `wait` with an empty list.
//! Which entries travel before which stands in `store::feed`; the collectors of an order, sealed at
//! rest, are opened here for the one answer.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hall_api::{
    seal::Purpose,
    wire::{Feed, FeedEntry, FeedWhat, NamedCollector, PlaceOrder},
};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    ca::Keys,
    problem::Refusal,
    station_api::StationApi,
    store::{
        feed::{self, Kept},
        stations::Standing,
    },
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
            let items = items.into_iter().map(|kept| open(&api.keys, kept)).collect();
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

/// An order whose collectors do not open with the hall's key can be given to nobody: it is answered
/// as recalled, the cursor moves on, and the station's answer brings it before a clerk.
fn open(keys: &Keys, kept: Kept) -> FeedEntry {
    let (cursor, case, sealed) = match kept {
        Kept::Ready(entry) => return entry,
        Kept::Place { cursor, case, order } => (cursor, case, order),
    };
    let plain = keys.seal.open(Purpose::Collectors, case, &sealed.collectors).ok();
    let collectors: Option<Vec<NamedCollector>> =
        plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
    let what = match collectors {
        Some(collectors) => FeedWhat::Place(PlaceOrder {
            order: sealed.order,
            content: sealed.content,
            release: sealed.release,
            size: sealed.size,
            collectors,
        }),
        None => {
            tracing::error!(order = sealed.order.0, "collectors of an order do not open");
            FeedWhat::Recall { order: sealed.order }
        }
    };
    FeedEntry { cursor, case: Some(case), what }
}
