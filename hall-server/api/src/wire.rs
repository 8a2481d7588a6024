//! The sync contract. Schema [`SCHEMA`] is written, `SCHEMA` and `SCHEMA - 1` are read; a batch
//! with a higher one gets 426 and stays at the station. Halls are upgraded first.
//!
//! Events travel in one ordered stream per (station, epoch). The answer is per event:
//! `accepted`, `duplicate` or `held(code)`; held is durable, the stream moves on and only that
//! case waits. 5xx, 429 or an answer that is not this JSON (captive portal): same bytes again.

use kiosk_words::{
    CaseId, CellSize, ClockQuality, Content, Digest32, Epoch, Handling, MatterId, OrderId,
    Originals, ReceiptNo, Release, Seq, StaffCardNo, StaffRole, StationId, WallTime,
};
use serde::{Deserialize, Serialize};

/// Version of this contract.
pub const SCHEMA: u16 = 3;
/// Oldest version the hall still reads.
pub const SCHEMA_MIN: u16 = 2;
/// First version whose feed has [`FeedWhat::StaffCards`].
pub const SCHEMA_STAFF_CARDS: u16 = 3;
/// Version of a station that does not say which one it reads when it asks for its feed.
pub const SCHEMA_UNSAID: u16 = 2;

/// Most events in one batch.
pub const BATCH_EVENTS_MAX: usize = 64;
/// Scans travel in pieces of this many bytes, so that a cut costs no more.
pub const PIECE_BYTES: u64 = 1 << 20;

pub const PATH_ENROL: &str = "/v1/enrol";
pub const PATH_STAFF_CARDS: &str = "/v1/staff-cards";
pub const PATH_EVENTS: &str = "/v1/station/events";
pub const PATH_HEARTBEAT: &str = "/v1/station/heartbeat";
/// `GET ?after=N&wait=SECONDS&schema=SCHEMA`, a long poll. What a station's schema does not know is
/// not sent to it; it comes once the station says a later one.
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

/// A staff card asks for its certificates, over TLS without a client certificate. Whose card it is
/// and what the person may do was fixed at the hall when the code was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffCardRequest {
    /// The one-time code that `hall staff-card code` printed.
    pub code: String,
    pub card: StaffCardNo,
    /// PKCS#10 requests in PEM, signed by the key made on the card: the slot that needs the PIN
    /// (9A), and the one that does not (9E).
    pub holder_csr_pem: String,
    pub card_csr_pem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffCardReply {
    pub staff: String,
    pub role: StaffRole,
    pub holder_certificate_pem: String,
    pub card_certificate_pem: String,
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
    /// Schema 2.
    Custody(CustodyMoved),
}

/// An envelope came into a cell, left it, or is in doubt. Nothing in it names a citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyMoved {
    /// Number of the door, as on the cell; 0 where no cell is concerned ([`CustodyStep::NoPlace`],
    /// [`CustodyStep::TooLate`], a recall of what was not placed yet).
    pub door: u16,
    pub content: Content,
    /// The hall's number of the envelope; absent for materials, which the hall did not send.
    pub order: Option<OrderId>,
    pub step: CustodyStep,
    pub by: By,
    pub at: WallTime,
    pub quality: ClockQuality,
}

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustodyStep {
    /// Materials lie in the cell; the depositor confirmed after the door closed.
    Deposited,
    /// The depositor took the materials back.
    TakenBack,
    /// Staff took the materials out, for the hall.
    TakenByStaff,
    /// Staff put a result or returned originals in.
    Placed,
    /// A named collector took it and confirmed after the door closed.
    Collected,
    /// Staff took out what the hall recalled or what nobody fetched.
    Withdrawn,
    /// The door closed and nobody confirmed: staff look (practice.md, point 8).
    Unconfirmed,
    /// Sensor and record disagree; the cell is closed off until staff look.
    Quarantined,
    /// The station does not take the order: it has no cell for it, or it may not lie in one.
    NoPlace,
    /// A recall or freeze came too late: it had been collected, or is not here any more. The
    /// content need not be right, because the station has forgotten the order.
    TooLate,
}

/// Whose act it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum By {
    /// Someone with their own card; which one is in the station's authorisation, as a keyed hash
    /// that its audit chain commits to.
    Citizen,
    Staff {
        id: String,
    },
    Station,
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
    /// Schema 2: an earlier event of the same case waits for a person, so this one waits too.
    pub const BEHIND_HELD: &str = "behind_held";
    /// Schema 2: the hall does not have this case from this station.
    pub const NO_CASE: &str = "no_case";
    /// Schema 2: the order is not of this case, content and station.
    pub const BAD_ORDER: &str = "bad_order";
    /// Schema 2: the tables of legal moves do not allow the step from where case and order are.
    pub const BAD_MOVE: &str = "bad_move";
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
    /// Schema 2; empty from a station without a locker.
    #[serde(default)]
    pub cells: Vec<CellReport>,
}

/// One cell as the station sees it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellReport {
    pub door: u16,
    pub size: CellSize,
    pub state: CellUse,
    /// The case whose envelope lies there or for which it is kept.
    pub case: Option<CaseId>,
    /// `unknown`, `shut`, `open`, `ajar`, `forced`.
    pub door_state: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellUse {
    /// Not looked into since this store was made.
    Unknown,
    Empty,
    Reserved,
    Holds(Content),
    /// 已封存（待核实）
    Quarantined,
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
    /// In order of `cursor`. Freezes travel before all other entries: one that has others in front
    /// of it is also sent ahead of them, with the cursor that the station asked with, so that
    /// handling it moves no cursor; it comes again in its own place. Every freeze says how the case
    /// stands when the answer is made, so repeating one is harmless, and after any answer the
    /// station knows every freeze of that moment.
    pub items: Vec<FeedEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEntry {
    pub cursor: u64,
    /// Absent where the entry is about no case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    #[serde(flatten)]
    pub what: FeedWhat,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FeedWhat {
    Handling {
        handling: Handling,
    },
    Originals {
        originals: Originals,
    },
    /// An envelope is coming; staff of the station put it into a cell that the station chooses.
    Place(PlaceOrder),
    /// The hall wants this envelope back; the station answers with `Withdrawn` or `TooLate`.
    Recall {
        order: OrderId,
    },
    /// 领取冻结: nothing of this case is given out, until lifted. Travels before all other entries,
    /// see [`Feed`].
    Freeze {
        frozen: bool,
    },
    /// Schema 3, without a case.
    StaffCards(StaffCards),
}

/// Which staff cards to believe. Always the whole state as of the moment the answer is made, so
/// repeating it is harmless and only the newest entry counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffCards {
    /// Certificates of the staff CAs to trust, PEM.
    pub anchors: Vec<String>,
    /// Revoked cards whose certificates have not run out, and for a month after that, because the
    /// clock of a station may be behind.
    pub revoked: Vec<StaffCardNo>,
}

/// What the hall asks a place for. The station assigns the cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    pub order: OrderId,
    pub content: Content,
    pub release: Release,
    pub size: CellSize,
    /// Who may take it; the station keeps keyed hashes only.
    pub collectors: Vec<NamedCollector>,
}

/// A person who may collect, by id number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCollector {
    pub name: String,
    pub number: String,
}

impl std::fmt::Debug for NamedCollector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NamedCollector { <private> }")
    }
}

/// Any refusal that is not per event: what was expected, what came, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
}
