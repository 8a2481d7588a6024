//! The feed of a station: a long poll over a durable cursor.
//!
//! `GET ?after=N&wait=SECONDS&schema=S` answers at once when there is something beyond N, otherwise when
//! something is committed for this station, at the latest after `wait` with an empty list.
//! Which entries travel before which, and which a schema has, stands in `store::feed`; the collectors
//! of an order, sealed at rest, are opened here for the one answer.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hall_api::{
    seal::Purpose,
    wire::{
        Feed, FeedEntry, FeedWhat, NamedCollector, PlaceOrder, SCHEMA, SCHEMA_UNSAID, StaffCards,
    },
};
use kiosk_words::WallTime;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    problem::Refusal,
    station_api::StationApi,
    store::{
        feed::{self, Kept, Page, Question},
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
    #[serde(default = "schema_unsaid")]
    schema: u16,
}

const fn schema_unsaid() -> u16 {
    SCHEMA_UNSAID
}

pub(crate) async fn read(
    State(api): State<StationApi>,
    peer: Peer,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Json<Feed>, Refusal> {
    let Query(Ask { after, wait, schema }) = ask.map_err(|_| {
        let expected = "expected after=CURSOR, wait=SECONDS and schema=VERSION as numbers";
        Refusal::bad_request("bad_query", expected)
    })?;
    // A station ahead of its hall reads what this hall writes.
    let question = Question { after, schema: schema.min(SCHEMA) };
    let until = Instant::now() + Duration::from_secs(wait).min(WAIT_MAX);
    let mut bell = api.store.bells().listen(peer.station);
    loop {
        bell.mark_unchanged();
        let now = api.clock.now();
        let Page { items, known } = page(&api, peer, question, now).await?;
        if known.after < after || known.schema != question.schema {
            let station = peer.station;
            api.store.write(move |context| feed::note(context, station, question, now)).await?;
        }
        if known.schema < question.schema {
            // It may have been told something just now.
            continue;
        }
        if !items.is_empty() {
            let items = items.into_iter().map(|kept| open(&api, kept)).collect();
            return Ok(Json(Feed { items }));
        }
        match tokio::time::timeout_at(until, bell.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ok(Json(Feed { items: Vec::new() })),
        }
    }
}

async fn page(
    api: &StationApi,
    peer: Peer,
    question: Question,
    now: WallTime,
) -> Result<Page, Refusal> {
    let page: Result<Page, Standing> =
        api.store.read(move |sql| feed::after(sql, &peer, question, now)).await?;
    page.map_err(Refusal::standing)
}

/// An order whose collectors do not open with the hall's key can be given to nobody: it is answered
/// as recalled, the cursor moves on, and the station's answer brings it before a clerk.
fn open(api: &StationApi, kept: Kept) -> FeedEntry {
    let (cursor, case, sealed) = match kept {
        Kept::Ready(entry) => return entry,
        Kept::StaffCards { cursor, revoked } => {
            let anchors = vec![api.staff_ca.pem().to_owned()];
            let what = FeedWhat::StaffCards(StaffCards { anchors, revoked });
            return FeedEntry { cursor, case: None, what };
        }
        Kept::Place { cursor, case, order } => (cursor, case, order),
    };
    let plain = api.keys.seal.open(Purpose::Collectors, case, &sealed.collectors).ok();
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
