//! The hall's own audit: an append-only hash chain of who did what, when.
//!
//! A line holds state words, numbers and dates, never the text of a form and never a free text.
//! Triggers refuse changes through SQL; a change past them breaks the chain. A chain cut at its
//! end is found only against a head that was written down elsewhere: `hall audit verify` prints
//! the head for that purpose.

use kiosk_words::{CaseId, Digest32, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{StoreError, WriteContext};

const GENESIS: &[u8] = b"nightdesk hall audit 1";

/// One kind per act of a person or of the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    CodeMade,
    StationEnrolled,
    StationRevoked,
    StaffCardCodeMade,
    StaffCardIssued,
    StaffCardRevoked,
    EventHeld,
    HeldAdmitted,
    HeldSetAside,
    CaseHandled,
    CaseViewed,
    ScanViewed,
    AccountMade,
    LinkMade,
    SignedIn,
    SignedOut,
    LockedOut,
    /// A station told of an envelope.
    CustodyMoved,
    OrderMade,
    OrderRecalled,
    CaseFrozen,
    CaseUnfrozen,
    /// A courier's envelope was counted at the desk.
    DeskReceived,
    DeskGave,
    /// By hand or by post, not by a cell.
    HandedOut,
    ExceptionSeen,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::CodeMade => "code_made",
            Self::StationEnrolled => "station_enrolled",
            Self::StationRevoked => "station_revoked",
            Self::StaffCardCodeMade => "staff_card_code_made",
            Self::StaffCardIssued => "staff_card_issued",
            Self::StaffCardRevoked => "staff_card_revoked",
            Self::EventHeld => "event_held",
            Self::HeldAdmitted => "held_admitted",
            Self::HeldSetAside => "held_set_aside",
            Self::CaseHandled => "case_handled",
            Self::CaseViewed => "case_viewed",
            Self::ScanViewed => "scan_viewed",
            Self::AccountMade => "account_made",
            Self::LinkMade => "link_made",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::LockedOut => "locked_out",
            Self::CustodyMoved => "custody_moved",
            Self::OrderMade => "order_made",
            Self::OrderRecalled => "order_recalled",
            Self::CaseFrozen => "case_frozen",
            Self::CaseUnfrozen => "case_unfrozen",
            Self::DeskReceived => "desk_received",
            Self::DeskGave => "desk_gave",
            Self::HandedOut => "handed_out",
            Self::ExceptionSeen => "exception_seen",
        }
    }
}

/// A line as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub n: u64,
    pub at: WallTime,
    pub who: String,
    pub kind: String,
    pub case: Option<CaseId>,
    pub detail: String,
}

/// Where the chain is broken.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("expected line {expected}, found line {found}: a line is missing")]
    Gap { expected: u64, found: u64 },
    #[error("line {n} is not what was written, or the line before it was changed")]
    Broken { n: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Length of a chain and hash of its last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub n_lines: u64,
    pub hash: Digest32,
}

impl Line {
    /// Every part with its length, so that no two lines have the same bytes.
    fn hash_after(&self, before: &Digest32) -> Digest32 {
        let mut hasher = Sha256::new();
        hasher.update(before.0);
        hasher.update(self.n.to_be_bytes());
        hasher.update(self.at.0.to_be_bytes());
        let case = self.case.map(|case| case.to_string()).unwrap_or_default();
        for part in [&self.who, &self.kind, &case, &self.detail] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Digest32(hasher.finalize().into())
    }
}

/// Appends a line in the transaction of the act it tells of.
pub fn append(
    context: &WriteContext<'_>,
    at: WallTime,
    who: &str,
    kind: Kind,
    case: Option<CaseId>,
    detail: &str,
) -> Result<(), StoreError> {
    let head = head(context.sql)?;
    let line = Line {
        n: head.n_lines + 1,
        at,
        who: who.to_owned(),
        kind: kind.word().to_owned(),
        case,
        detail: detail.to_owned(),
    };
    let hash = line.hash_after(&head.hash);
    context
        .sql
        .prepare_cached(
            "INSERT INTO audit_lines (n, at_ms, who, kind, case_id, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            super::int(line.n),
            line.at.0,
            line.who,
            line.kind,
            line.case.map(|case| case.0.into_bytes()),
            line.detail,
            hash.0,
        ])?;
    Ok(())
}

/// The head as the table has it, unchecked.
pub fn head(sql: &Connection) -> Result<Head, StoreError> {
    let last = sql
        .prepare_cached("SELECT n, hash FROM audit_lines ORDER BY n DESC LIMIT 1")?
        .query_row([], |row| {
            Ok(Head { n_lines: super::count(row.get(0)?), hash: Digest32(row.get(1)?) })
        })
        .optional()?;
    Ok(last.unwrap_or_else(|| Head { n_lines: 0, hash: genesis() }))
}

fn genesis() -> Digest32 {
    Digest32(Sha256::digest(GENESIS).into())
}

/// Walks the whole chain from its beginning.
pub fn verify(sql: &Connection) -> Result<Head, ChainError> {
    let mut walk = sql
        .prepare("SELECT n, at_ms, who, kind, case_id, detail, hash FROM audit_lines ORDER BY n")
        .map_err(StoreError::from)?;
    let mut rows = walk.query([]).map_err(StoreError::from)?;
    let mut head = Head { n_lines: 0, hash: genesis() };
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        let line = line_of(row).map_err(StoreError::from)?;
        let expected = head.n_lines + 1;
        if line.n != expected {
            return Err(ChainError::Gap { expected, found: line.n });
        }
        let hash = line.hash_after(&head.hash);
        if hash.0 != row.get::<_, [u8; 32]>(6).map_err(StoreError::from)? {
            return Err(ChainError::Broken { n: line.n });
        }
        head = Head { n_lines: expected, hash };
    }
    Ok(head)
}

fn line_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Line> {
    let case: Option<[u8; 16]> = row.get(4)?;
    Ok(Line {
        n: super::count(row.get(0)?),
        at: WallTime(row.get(1)?),
        who: row.get(2)?,
        kind: row.get(3)?,
        case: case.map(super::case_id),
        detail: row.get(5)?,
    })
}

/// What happened to one case, newest first.
pub fn of_case(sql: &Connection, case: CaseId, limit: u32) -> Result<Vec<Line>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT n, at_ms, who, kind, case_id, detail FROM audit_lines
         WHERE case_id = ?1 ORDER BY n DESC LIMIT ?2",
    )?;
    let lines = find.query_map(params![case.0.into_bytes(), limit], line_of)?;
    Ok(lines.collect::<Result<_, _>>()?)
}
