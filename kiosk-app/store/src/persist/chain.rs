//! Audit lines: one after the other, each with the hash of the event it is about.

use hall_api::audit::Line;
use kiosk_core::record::{AuditKind, Record};
use kiosk_words::{CaseId, Digest32};
use rusqlite::{OptionalExtension as _, params};

use super::{Stopped, one::Writer};
use crate::rows;

/// Hashes of events that this transaction wrote or settled. A case may have several, and a line
/// names a case only: each line takes the next one of its case.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) moved: Vec<(CaseId, Digest32)>,
    pub(super) held: Vec<(CaseId, Digest32)>,
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

    /// For lines about an event of a case: the hash of its bytes, as sent to the hall.
    fn payload(
        &mut self,
        kind: AuditKind,
        case: Option<CaseId>,
    ) -> Result<Option<Digest32>, Stopped> {
        let Some(case) = case else { return Ok(None) };
        match names_event(kind) {
            None => Ok(None),
            Some(Event::Filing) => self.filing_hash(case),
            Some(Event::Moved) => Ok(take(&mut self.named.moved, case)),
            Some(Event::Held) => Ok(take(&mut self.named.held, case)),
        }
    }

    fn filing_hash(&self, case: CaseId) -> Result<Option<Digest32>, Stopped> {
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

fn take(events: &mut Vec<(CaseId, Digest32)>, case: CaseId) -> Option<Digest32> {
    let at = events.iter().position(|(of, _)| *of == case)?;
    Some(events.remove(at).1)
}

/// Which of a case's events a line is about.
#[derive(Debug, Clone, Copy)]
enum Event {
    Filing,
    /// A move of an envelope in this transaction.
    Moved,
    /// An event that the hall's answer in this transaction holds.
    Held,
}

const fn names_event(kind: AuditKind) -> Option<Event> {
    match kind {
        AuditKind::CaseFiled | AuditKind::CaseReceivedByHall => Some(Event::Filing),
        AuditKind::CustodyMoved => Some(Event::Moved),
        AuditKind::EventHeld => Some(Event::Held),
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
        | AuditKind::DoorAuthorised
        | AuditKind::DoorDone
        | AuditKind::DoorForced
        | AuditKind::CellClosedOff
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
        | AuditKind::StaffRefused => None,
    }
}
