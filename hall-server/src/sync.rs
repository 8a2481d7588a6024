//! Batches of events and heartbeats.
//!
//! Everything that needs no store is checked before the writer is asked: schema, identity, limits,
//! hashes, and whether the sealed record opens and says the same as its event.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use hall_api::{
    seal::SealError,
    wire::{
        BATCH_EVENTS_MAX, Batch, BatchReply, CaseFiled, EventBody, EventEnvelope, Heartbeat,
        HeartbeatReply, SCHEMA, SCHEMA_MIN, held,
    },
};
use kiosk_words::{Digest32, Epoch, StationId};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    ca::Keys,
    custody,
    problem::{self, Refusal},
    station_api::StationApi,
    store::{
        events::{self, Checked, Filing, Verdict},
        stations::{self, Standing},
    },
    tls::Peer,
};

/// Scans of one case; a case with more is not one that a station can make.
const SCANS_MAX: usize = 200;
/// Texts that the hall keeps in columns.
const TEXT_LEN_MAX: usize = 200;
/// Cells of one cabinet; the largest sold have about two hundred.
const CELLS_MAX: usize = 500;
/// Sequence numbers fit SQLite's integer.
const SEQ_MAX: u64 = i64::MAX as u64;

/// Read before anything else: a batch of a later schema need not have our shape.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: u16,
}

pub(crate) async fn take_events(
    State(api): State<StationApi>,
    peer: Peer,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<BatchReply>, Refusal> {
    let SchemaOnly { schema } = problem::parse(&body)?;
    check_schema(schema)?;
    let batch: Batch = problem::parse(&body)?;
    check_identity(&peer, batch.station, batch.epoch)?;
    check_order(&batch.events)?;
    let checked: Vec<Checked> =
        batch.events.into_iter().map(|event| check(&api.keys, event)).collect();
    let now = api.clock.now();
    let answers =
        api.store.write(move |context| events::accept_batch(context, &peer, &checked, now)).await?;
    Ok(Json(BatchReply { answers: answers.map_err(Refusal::standing)? }))
}

fn check_schema(schema: u16) -> Result<(), Refusal> {
    if schema > SCHEMA {
        return Err(Refusal::new(
            StatusCode::UPGRADE_REQUIRED,
            "schema_too_new",
            format!(
                "this hall reads schema {SCHEMA_MIN} to {SCHEMA}, got {schema}; keep the events \
                 until the hall is upgraded"
            ),
        ));
    }
    if schema < SCHEMA_MIN {
        let message = format!("this hall reads schema {SCHEMA_MIN} to {SCHEMA}, got {schema}");
        return Err(Refusal::bad_request("schema_too_old", message));
    }
    Ok(())
}

fn check_identity(peer: &Peer, station: StationId, epoch: Epoch) -> Result<(), Refusal> {
    if (peer.station, peer.epoch) == (station, epoch) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        "other_station",
        format!(
            "the certificate is of station {} and its epoch, the body says {station}",
            peer.station
        ),
    ))
}

fn check_order(events: &[EventEnvelope]) -> Result<(), Refusal> {
    if events.len() > BATCH_EVENTS_MAX {
        let message =
            format!("expected at most {BATCH_EVENTS_MAX} events in a batch, got {}", events.len());
        return Err(Refusal::bad_request("batch_too_long", message));
    }
    if let Some(last) = events.last()
        && last.seq.0 > SEQ_MAX
    {
        return Err(Refusal::bad_request("bad_seq", "a sequence number is beyond all use"));
    }
    let is_in_order = events.windows(2).all(|pair| match pair {
        [a, b] => a.seq.0.checked_add(1).map(|next| next.cmp(&b.seq.0)) == Some(Ordering::Equal),
        _ => true,
    });
    if is_in_order {
        Ok(())
    } else {
        Err(Refusal::bad_request("bad_seq", "expected events in order of seq without gaps"))
    }
}

/// Everything about one event that needs no store.
pub(crate) fn check(keys: &Arc<Keys>, event: EventEnvelope) -> Checked {
    let hash: [u8; 32] = Sha256::digest(event.body.as_bytes()).into();
    let verdict = if hash == event.body_hash.0 {
        body(keys, &event).unwrap_or_else(Verdict::Bad)
    } else {
        Verdict::Bad(held::BAD_HASH)
    };
    Checked { event, verdict }
}

fn body(keys: &Keys, event: &EventEnvelope) -> Result<Verdict, &'static str> {
    match serde_json::from_str(&event.body).map_err(|_| held::BAD_BODY)? {
        EventBody::CaseFiled(filed) => {
            filing(keys, event, filed).map(|filing| Verdict::Filed(Box::new(filing)))
        }
        EventBody::Custody(moved) if custody::fits(&moved) => Ok(Verdict::Custody(Box::new(moved))),
        EventBody::Custody(_) => Err(held::BAD_BODY),
    }
}

/// Opens the record and compares it with what its event says in the open.
fn filing(keys: &Keys, event: &EventEnvelope, filed: CaseFiled) -> Result<Filing, &'static str> {
    if !fits(&filed) {
        return Err(held::BAD_BODY);
    }
    let record =
        keys.seal.open_record(event.case, &filed.sealed_record).map_err(|error| match error {
            SealError::BadContent(_) => held::BAD_BODY,
            SealError::Algorithm { .. }
            | SealError::Short { .. }
            | SealError::Refused
            | SealError::BadKey
            | SealError::BadText => held::BAD_SEAL,
        })?;
    if let Some(sealed) = &filed.sealed_scan_key {
        keys.seal.open_scan_key(event.case, sealed).map_err(|_| held::BAD_SEAL)?;
    }
    let is_same = record.receipt == filed.receipt
        && record.matter == filed.matter
        && record.matter_name.len() <= TEXT_LEN_MAX
        && scan_list(record.scans.iter().map(|scan| (scan.digest, scan.n_bytes)))
            == scan_list(filed.scans.iter().map(|scan| (scan.digest, scan.n_bytes)));
    let matter_name = record.matter_name;
    if is_same { Ok(Filing { filed, matter_name }) } else { Err(held::BAD_BODY) }
}

fn scan_list(scans: impl Iterator<Item = (Digest32, u64)>) -> BTreeSet<(Digest32, u64)> {
    scans.collect()
}

fn fits(filed: &CaseFiled) -> bool {
    filed.matter.0.len() <= TEXT_LEN_MAX
        && filed.scans.len() <= SCANS_MAX
        && (filed.scans.is_empty() || filed.sealed_scan_key.is_some())
        && filed.scans.iter().all(|scan| {
            scan.slot.len() <= TEXT_LEN_MAX
                && (1..=crate::scans::SCAN_BYTES_MAX).contains(&scan.n_bytes)
        })
}

pub(crate) async fn take_heartbeat(
    State(api): State<StationApi>,
    peer: Peer,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<HeartbeatReply>, Refusal> {
    let beat: Heartbeat = problem::parse(&body)?;
    check_identity(&peer, beat.station, beat.epoch)?;
    if beat.reader.len() > TEXT_LEN_MAX || beat.version.len() > TEXT_LEN_MAX {
        let message = format!("expected texts of at most {TEXT_LEN_MAX} bytes");
        return Err(Refusal::bad_request("text_too_long", message));
    }
    if beat.cells.len() > CELLS_MAX
        || beat.cells.iter().any(|cell| cell.door_state.len() > TEXT_LEN_MAX)
    {
        let message = format!("expected at most {CELLS_MAX} cells with short words");
        return Err(Refusal::bad_request("too_many_cells", message));
    }
    let now = api.clock.now();
    let receipts = api
        .store
        .write(move |context| match stations::standing(context.sql, &peer)? {
            Standing::Good => stations::heartbeat(context, &beat, now).map(Ok),
            bad @ (Standing::Unknown | Standing::Revoked) => Ok(Err(bad)),
        })
        .await?
        .map_err(Refusal::standing)?;
    Ok(Json(HeartbeatReply { hall_time: now.0, receipts }))
}
