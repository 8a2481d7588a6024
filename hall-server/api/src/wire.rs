//! The sync contract. Schema [`SCHEMA`] is written, `SCHEMA` and `SCHEMA - 1` are read; a batch
//! with a higher one gets 426 and stays at the station. Halls are upgraded first.
//!
//! Events travel in one ordered stream per (station, epoch). The answer is per event:
//! `accepted`, `duplicate` or `held(code)`; held is durable, the stream moves on and only that
//! case waits. 5xx, 429 or an answer that is not this JSON (captive portal): same bytes again.

use kiosk_words::{
    CaseId, ClockQuality, Digest32, Epoch, Handling, MatterId, Originals, ReceiptNo, Seq,
    StationId, WallTime,
};
use serde::{Deserialize, Serialize};

/// Version of this contract.
pub const SCHEMA: u16 = 1;
/// Oldest version the hall still reads.
pub const SCHEMA_MIN: u16 = 1;

/// Most events in one batch.
pub const BATCH_EVENTS_MAX: usize = 64;
/// Scans travel in pieces of this many bytes, so that a cut costs no more.
pub const PIECE_BYTES: u64 = 1 << 20;

pub const PATH_ENROL: &str = "/v1/enrol";
pub const PATH_EVENTS: &str = "/v1/station/events";
pub const PATH_HEARTBEAT: &str = "/v1/station/heartbeat";
/// `GET ?after=N&wait=SECONDS`, a long poll.
pub const PATH_FEED: &str = "/v1/station/feed";
/// `POST` creates (Upload-Length, Digest); `HEAD`/`PATCH` on `/{digest}` resume (tus 1.0 shape).
pub const PATH_SCANS: &str = "/v1/station/scans";
pub const HEADER_UPLOAD_OFFSET: &str = "upload-offset";
pub const HEADER_UPLOAD_LENGTH: &str = "upload-length";
pub const HEADER_UPLOAD_DIGEST: &str = "upload-digest";
/// Case id of a scan, simple UUID form.
pub const HEADER_UPLOAD_CASE: &str = "upload-case";

/// First contact of a station, over TLS without a client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time code the hall printed for this station.
    pub code: String,
    pub station: StationId,
    pub epoch: Epoch,
    /// PKCS#10 request in PEM; the key never leaves the station.
    pub csr_pem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolReply {
    pub certificate_pem: String,
    /// Certificate of the hall's CA: the only root the station trusts for the hall.
    pub ca_pem: String,
    /// X25519 public key of the hall, base64: records and scan keys are sealed to it.
    pub hall_seal_key: String,
    pub receipts: CounterBlock,
}

/// Receipt counters this epoch may use: `first..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterBlock {
    pub first: u32,
    pub end: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub schema: u16,
    pub station: StationId,
    pub epoch: Epoch,
    /// In order of `seq`, without gaps among themselves.
    pub events: Vec<EventEnvelope>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEnvelope {
    pub seq: Seq,
    pub case: CaseId,
    /// SHA-256 over the exact bytes of `body`. Same key with another hash is held, never written over.
    pub body_hash: Digest32,
    /// JSON text of an [`EventBody`], kept as text so that the hashed bytes travel unchanged.
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    CaseFiled(CaseFiled),
}

/// What the hall must know without opening the envelope; nothing in it names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFiled {
    pub receipt: ReceiptNo,
    pub matter: MatterId,
    pub matter_version: u32,
    pub discreet: bool,
    pub needs_originals: bool,
    /// The deposit time of R2: stamped once, never rewritten.
    pub deposited: WallTime,
    pub quality: ClockQuality,
    /// [`crate::case_record::CaseRecord`] as JSON, sealed to the hall's key, base64.
    pub sealed_record: String,
    /// The case's scan key sealed to the hall's key, base64; absent if there are no scans.
    pub sealed_scan_key: Option<String>,
    pub scans: Vec<ScanEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanEntry {
    pub slot: String,
    pub page: u16,
    /// SHA-256 of the ciphertext: the scan's name everywhere.
    pub digest: Digest32,
    pub n_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReply {
    pub answers: Vec<EventAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventAnswer {
    pub seq: Seq,
    #[serde(flatten)]
    pub answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    Accepted,
    Duplicate,
    /// Durable; a person at the hall releases it. See [`held`] for the codes.
    Held {
        code: String,
    },
}

/// Codes of `held`.
pub mod held {
    /// Same (station, epoch, seq) or case id with another body.
    pub const OTHER_BODY: &str = "other_body";
    /// `body` does not match `body_hash`.
    pub const BAD_HASH: &str = "bad_hash";
    /// `body` is not an event of this schema.
    pub const BAD_BODY: &str = "bad_body";
    /// The sealed record does not open with the hall's key.
    pub const BAD_SEAL: &str = "bad_seal";
    /// The receipt number belongs to another station or was used before.
    pub const BAD_RECEIPT: &str = "bad_receipt";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub station: StationId,
    pub epoch: Epoch,
    /// Events not yet settled.
    pub n_outbox: u64,
    /// Head of the audit chain and how many lines it covers.
    pub audit_head: Digest32,
    pub n_audit: u64,
    pub reader: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatReply {
    /// Milliseconds since 1970.
    pub hall_time: i64,
    /// A further block of receipt counters when the present one runs low.
    pub receipts: Option<CounterBlock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// In order of `cursor`.
    pub items: Vec<FeedEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEntry {
    pub cursor: u64,
    pub case: CaseId,
    #[serde(flatten)]
    pub what: FeedWhat,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FeedWhat {
    Handling { handling: Handling },
    Originals { originals: Originals },
}

/// Any refusal that is not per event: what was expected, what came, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
}
