//! The hash chain of a station's audit.
//!
//! Every [`Line`] holds the hash of the line before it; the first holds the [`genesis`] of its
//! epoch. The station sends its [`Head`] with every heartbeat. A changed, removed or moved line
//! breaks the chain behind it; a chain cut at its end, or written anew as a whole, is found only
//! against a head that the hall already has: that is why [`verify`] takes heads.
//!
//! A line names an event of `assets/audit-events.toml`, a case, a session and a time. It holds no
//! personal data and no free text; `payload` is a hash of ciphertext or a keyed hash, because a
//! plain hash of an id number can be guessed.
//! The canonical bytes are frozen in `tests/frozen_audit.rs`.

use kiosk_words::{CaseId, ClockQuality, Digest32, Epoch, WallTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const GENESIS_DOMAIN: &[u8] = b"nightdesk audit genesis 1";
const LINE_DOMAIN: &[u8] = b"nightdesk audit line 1";

/// One line of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// From 1 without gaps.
    pub seq: u64,
    /// Hash of the line before, or the genesis.
    pub prev: Digest32,
    /// Id in the catalogue.
    pub kind: String,
    pub case: Option<CaseId>,
    pub session: Option<u64>,
    pub at: WallTime,
    pub quality: ClockQuality,
    pub payload: Option<Digest32>,
}

/// How far a chain goes: number of lines and hash of the last (the genesis when there is none).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub n_lines: u64,
    pub hash: Digest32,
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    #[error("expected line {expected}, got {got}: a line was removed, added or moved")]
    Gap { expected: u64, got: u64 },
    #[error("line {seq} does not follow from the line before it: one of the two was changed")]
    Broken { seq: u64 },
    #[error("line {n_lines} is not the one whose head was kept")]
    OtherHead { n_lines: u64 },
    #[error("the chain ends after {found} lines, but a head of {known} lines was kept")]
    Truncated { known: u64, found: u64 },
}

impl Head {
    pub fn genesis(epoch: Epoch) -> Self {
        Self { n_lines: 0, hash: genesis(epoch) }
    }

    /// The head after this line, which must be the next.
    fn then(self, line: &Line) -> Result<Self, AuditError> {
        let expected = self.n_lines + 1;
        if line.seq != expected {
            return Err(AuditError::Gap { expected, got: line.seq });
        }
        if line.prev != self.hash {
            return Err(AuditError::Broken { seq: line.seq });
        }
        Ok(Self { n_lines: expected, hash: line.hash() })
    }
}

impl Line {
    /// The bytes that are hashed. Every optional part has a mark and every text its length, so
    /// that no two lines have the same bytes.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = LINE_DOMAIN.to_vec();
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.prev.0);
        bytes.extend_from_slice(&(self.kind.len() as u64).to_be_bytes());
        bytes.extend_from_slice(self.kind.as_bytes());
        push_optional(&mut bytes, self.case.as_ref().map(|case| case.0.as_bytes().as_slice()));
        push_optional(
            &mut bytes,
            self.session.map(u64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice),
        );
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes.push(match self.quality {
            ClockQuality::Unknown => 0,
            ClockQuality::Held => 1,
            ClockQuality::Synced => 2,
        });
        push_optional(&mut bytes, self.payload.as_ref().map(|payload| payload.0.as_slice()));
        bytes
    }

    pub fn hash(&self) -> Digest32 {
        Digest32(Sha256::digest(self.canonical()).into())
    }
}

fn push_optional(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    bytes.push(u8::from(part.is_some()));
    bytes.extend_from_slice(part.unwrap_or_default());
}

/// What the first line of an epoch follows.
pub fn genesis(epoch: Epoch) -> Digest32 {
    let hasher = Sha256::new().chain_update(GENESIS_DOMAIN).chain_update(epoch.0.as_bytes());
    Digest32(hasher.finalize().into())
}

/// Walks a whole chain from its genesis and returns its head. Every head in `known`, in any
/// order, must lie on the chain.
pub fn verify<E: From<AuditError>>(
    epoch: Epoch,
    lines: impl IntoIterator<Item = Result<Line, E>>,
    known: &[Head],
) -> Result<Head, E> {
    let mut head = Head::genesis(epoch);
    check_known(head, known)?;
    for line in lines {
        head = head.then(&line?)?;
        check_known(head, known)?;
    }
    match known.iter().map(|kept| kept.n_lines).max() {
        Some(n_known) if n_known > head.n_lines => {
            Err(AuditError::Truncated { known: n_known, found: head.n_lines }.into())
        }
        _ => Ok(head),
    }
}

fn check_known(head: Head, known: &[Head]) -> Result<(), AuditError> {
    let differs = |kept: &&Head| kept.n_lines == head.n_lines && kept.hash != head.hash;
    known
        .iter()
        .find(differs)
        .map_or(Ok(()), |kept| Err(AuditError::OtherHead { n_lines: kept.n_lines }))
}
