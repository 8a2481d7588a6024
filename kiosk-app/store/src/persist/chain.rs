//! Audit lines: one after the other, each with the hash of what it is about: an event of the
//! stream, or what was written of an opening.

use std::collections::VecDeque;

use hall_api::audit::Line;
use kiosk_core::record::{AuditKind, Record};
use kiosk_words::{CaseId, Digest32};
use rusqlite::{OptionalExtension as _, params};

use super::{Stopped, one::Writer};
use crate::rows;

/// Hashes of what this transaction wrote or settled. Of events a case may have several, and a line
/// names a case only: each line takes the next one of its case. Of openings each line takes the
/// next one of its kind.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) moved: Vec<(CaseId, Digest32)>,
    pub(super) held: Vec<(CaseId, Digest32)>,
    pub(super) authorised: VecDeque<Digest32>,
    pub(super) done: VecDeque<Digest32>,
    pub(super) doubted: VecDeque<Digest32>,
}

impl Writer<'_> {
    /// After all other records, so that a line finds what was written in the same transaction.
    pub(super) fn append_all(&mut self, records: &[Record]) -> Result<(), Stopped> {
        for record in records {
            if let Record::Audit { kind, case, session, at, quality } = record {
                let payload = self.payload(*kind, *case)?;
                self.append(Line {
                    seq: 0,
                    prev: Digest32::default(),
                    kind: kind.id().to_owned(),
                    case: *case,
                    session: *session,
                    at: *at,
                    quality: *quality,
                    payload,
                })?;
            }
        }
        Ok(())
    }

    /// Of an event the hash of its bytes, as sent to the hall; of an opening a keyed one.
    fn payload(
        &mut self,
        kind: AuditKind,
        case: Option<CaseId>,
    ) -> Result<Option<Digest32>, Stopped> {
        match about(kind) {
            About::Nothing => Ok(None),
            About::Filing => self.filing_hash(case),
            About::Moved => Ok(take(&mut self.named.moved, case)),
            About::Held => Ok(take(&mut self.named.held, case)),
            About::Authorised => Ok(self.named.authorised.pop_front()),
            About::Done => Ok(self.named.done.pop_front()),
            About::Doubted => Ok(self.named.doubted.pop_front()),
        }
    }

    fn filing_hash(&self, case: Option<CaseId>) -> Result<Option<Digest32>, Stopped> {
        let Some(case) = case else { return Ok(None) };
        let hash: Option<[u8; 32]> = self
            .tx
            .prepare_cached(
                "SELECT body_hash FROM cases JOIN outbox ON outbox.seq = cases.seq
                 WHERE cases.id = ?1",
            )?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))
            .optional()?;
        Ok(hash.map(Digest32))
    }

    fn append(&self, mut line: Line) -> Result<(), Stopped> {
        let (n_lines, head): (i64, [u8; 32]) = self
            .tx
            .prepare_cached("SELECT n_audit, audit_head FROM station")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        line.seq = n_lines.unsigned_abs() + 1;
        line.prev = Digest32(head);
        self.run(
            "INSERT INTO audit (seq, prev, kind, case_id, session, at, quality, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                rows::integer(line.seq),
                line.prev.0,
                line.kind,
                line.case.map(|case| case.0.into_bytes()),
                line.session.map(rows::session),
                line.at.0,
                rows::quality_text(line.quality),
                line.payload.map(|payload| payload.0),
            ],
        )?;
        self.run(
            "UPDATE station SET n_audit = ?1, audit_head = ?2",
            params![rows::integer(line.seq), line.hash().0],
        )?;
        Ok(())
    }
}

fn take(events: &mut Vec<(CaseId, Digest32)>, case: Option<CaseId>) -> Option<Digest32> {
    let at = events.iter().position(|(of, _)| Some(*of) == case)?;
    Some(events.remove(at).1)
}

/// What a line is about.
#[derive(Debug, Clone, Copy)]
enum About {
    Nothing,
    Filing,
    /// A move of an envelope in this transaction.
    Moved,
    /// An event that the hall's answer in this transaction holds.
    Held,
    /// A permission given in this transaction.
    Authorised,
    /// A permission that ended in this transaction without harm.
    Done,
    /// One that ended in doubt.
    Doubted,
}

const fn about(kind: AuditKind) -> About {
    match kind {
        AuditKind::CaseFiled | AuditKind::CaseReceivedByHall => About::Filing,
        AuditKind::CustodyMoved => About::Moved,
        AuditKind::EventHeld => About::Held,
        AuditKind::DoorAuthorised => About::Authorised,
        AuditKind::DoorDone => About::Done,
        AuditKind::CellClosedOff => About::Doubted,
        AuditKind::Started
        | AuditKind::CareModeEntered
        | AuditKind::SessionOpened
        | AuditKind::SessionClosed
        | AuditKind::NoticeShown
        | AuditKind::CardRead
        | AuditKind::CardRefused
        | AuditKind::CaseMoved
        | AuditKind::IllegalMoveRefused
        | AuditKind::StoreFull
        | AuditKind::ClockJumped
        | AuditKind::DoorForced
        | AuditKind::OrderReceived
        | AuditKind::OrderRecalled
        | AuditKind::CaseFrozen
        | AuditKind::CaseUnfrozen
        | AuditKind::WrongCode
        | AuditKind::PrintStarted
        | AuditKind::PrintCameOut
        | AuditKind::PrintNotStarted
        | AuditKind::PrintUncertain
        | AuditKind::StaffSignedIn
        | AuditKind::StaffRefused
        | AuditKind::DeviceReplaced
        | AuditKind::DeviceTested
        | AuditKind::MaintenanceBegun
        | AuditKind::MaintenanceEnded
        | AuditKind::LogsExported
        | AuditKind::PoweredOff
        | AuditKind::AlarmRaised
        | AuditKind::GuardReached
        | AuditKind::AlarmReset
        | AuditKind::AlarmOver
        | AuditKind::MainsLost
        | AuditKind::MainsBack => About::Nothing,
    }
}
