//! One record after the other, inside the transaction.

use hall_api::{audit::Line, seal::HallPublic};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kiosk_core::{
    event::Delivery,
    record::{AuditKind, FiledCase, Record},
};
use kiosk_words::{CaseId, CaseState, Digest32, Electronic, Private, Seq, ServiceTime, WallTime};
use rusqlite::{OptionalExtension as _, Transaction, params};
use sha2::Sha256;

use super::Stopped;
use crate::{
    error::{Refused, StoreError},
    filing,
    rows::{self, KeptStep},
    vault::Vault,
    wrap::NamedWrapKey,
};

/// What one transaction needs of the store.
pub(super) struct Writer<'a> {
    pub(super) tx: &'a Transaction<'a>,
    pub(super) hall: Option<&'a HallPublic>,
    pub(super) wrap: &'a NamedWrapKey,
    pub(super) vault: &'a Vault,
    pub(super) owner_key: &'a Private<[u8; 32]>,
}

/// Keyed, so that a list of all id numbers does not give the owners away.
pub(crate) fn owner_hash(key: &Private<[u8; 32]>, number: &Private<String>) -> Digest32 {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes any key");
    let number = number.map(|text| text.trim().to_ascii_uppercase());
    mac.update(number.expose().as_bytes());
    Digest32(mac.finalize().into_bytes().into())
}

impl Writer<'_> {
    pub(super) fn write_all(&self, records: &[Record]) -> Result<Seq, Stopped> {
        for record in records {
            self.write(record)?;
        }
        // Last, so that a line finds the event of a case filed in the same transaction.
        for record in records {
            if let Record::Audit { kind, case, session, at, quality } = record {
                let line = Line {
                    seq: 0,
                    prev: Digest32::default(),
                    kind: kind.id().to_owned(),
                    case: *case,
                    session: *session,
                    at: *at,
                    quality: *quality,
                    payload: self.payload(*kind, *case)?,
                };
                self.append(line)?;
            }
        }
        let mut last = self.tx.prepare_cached("SELECT last_seq FROM station")?;
        rows::seq(last.query_row([], |row| row.get(0))?).map_err(unreadable)
    }

    fn write(&self, record: &Record) -> Result<(), Stopped> {
        match record {
            Record::SessionOpened { session, at } => self.open_session(*session, *at),
            Record::SessionClosed { session, why } => {
                self.run(
                    "UPDATE session SET why = ?2 WHERE id =
                     (SELECT max(id) FROM session WHERE number = ?1 AND why IS NULL)",
                    params![rows::session(*session), rows::session_end(*why)],
                )?;
                Ok(())
            }
            Record::CaseFiled(filed) => self.file(filed),
            Record::OutboxSettled { answers } => {
                answers.iter().try_for_each(|(seq, delivery)| self.settle(*seq, delivery))
            }
            Record::ScansDelivered { case } => self.scans_delivered(*case),
            Record::CaseMoved { case, state, at } => self.move_case(*case, state, *at),
            Record::FeedCursor(cursor) => {
                self.run(
                    "UPDATE station SET feed_cursor = max(feed_cursor, ?1)",
                    params![rows::integer(*cursor)],
                )?;
                Ok(())
            }
            Record::ReceiptBlock { first, end } => self.add_receipts(*first, *end),
            Record::ServiceTime(time) => self.keep_time(*time),
            // Written after all others.
            Record::Audit { .. } => Ok(()),
        }
    }

    fn open_session(&self, number: u64, at: WallTime) -> Result<(), Stopped> {
        self.run(
            "INSERT INTO session (number, opened) VALUES (?1, ?2)",
            params![rows::session(number), at.0],
        )?;
        Ok(())
    }

    fn file(&self, filed: &FiledCase) -> Result<(), Stopped> {
        let hall = self.hall.ok_or(Refused::NotEnrolled)?;
        let sealed = filing::seal(filed, hall, self.wrap, self.vault)?;
        self.run(
            "UPDATE station SET last_seq = last_seq + 1, next_counter = max(next_counter, ?1)",
            params![filed.next_counter],
        )?;
        let id = filed.case.0.into_bytes();
        let receipt = filed.receipt.digits();
        self.run(
            "INSERT INTO cases (id, seq, receipt, matter, matter_version, deposited, state,
                                sealed_record, wrapped_key, scans_delivered)
             VALUES (?1, (SELECT last_seq FROM station), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id,
                receipt,
                filed.matter.0,
                filed.matter_version,
                filed.deposited.0,
                rows::state_text(&filed.state),
                sealed.record,
                sealed.record_key,
                filed.scans.is_empty(),
            ],
        )?;
        self.run(
            "INSERT INTO outbox (seq, case_id, body, body_hash)
             VALUES ((SELECT last_seq FROM station), ?1, ?2, ?3)",
            params![id, sealed.body, sealed.body_hash.0],
        )?;
        for owner in filed.owners() {
            self.run(
                "INSERT INTO owner (hash, case_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![owner_hash(self.owner_key, owner).0, id],
            )?;
        }
        for (place, page) in filed.scans.iter().enumerate() {
            self.run(
                "INSERT INTO scan (digest, case_id, place, slot, page, n_bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    page.scan.digest.0,
                    id,
                    rows::integer(place as u64),
                    page.slot,
                    page.page,
                    rows::integer(page.scan.n_bytes),
                ],
            )?;
        }
        self.run(
            "UPDATE session SET filed = ?1 WHERE id = (SELECT max(id) FROM session) AND why IS NULL",
            params![receipt],
        )?;
        self.add_step(filed.case, filed.deposited, &KeptStep::Filed)
    }

    /// An event settles once; a later answer to the same bytes changes nothing (R12).
    fn settle(&self, seq: Seq, delivery: &Delivery) -> Result<(), Stopped> {
        let (answer, code) = match delivery {
            Delivery::Accepted => ("accepted", None),
            Delivery::Duplicate => ("duplicate", None),
            Delivery::Held { code } => ("held", Some(code)),
        };
        self.run(
            "UPDATE outbox SET answer = ?2, code = ?3 WHERE seq = ?1 AND answer IS NULL",
            params![rows::integer(seq.0), answer, code],
        )?;
        Ok(())
    }

    fn scans_delivered(&self, case: CaseId) -> Result<(), Stopped> {
        let n_rows = self.run(
            "UPDATE cases SET scans_delivered = 1 WHERE id = ?1",
            params![case.0.into_bytes()],
        )?;
        if n_rows == 1 { Ok(()) } else { Err(Refused::UnknownCase(case).into()) }
    }

    fn move_case(&self, case: CaseId, to: &CaseState, at: WallTime) -> Result<(), Stopped> {
        let from: Option<String> = self
            .tx
            .prepare_cached("SELECT state FROM cases WHERE id = ?1")?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))
            .optional()?;
        let from = rows::state(&from.ok_or(Refused::UnknownCase(case))?).map_err(unreadable)?;
        let steps = rows::moved(&from, to).map_err(|what| Refused::IllegalMove { case, what })?;
        if from.electronic != to.electronic && to.electronic == Electronic::AtHall {
            self.check_proof(case)?;
        }
        self.run(
            "UPDATE cases SET state = ?2, finished = ?3 WHERE id = ?1",
            params![case.0.into_bytes(), rows::state_text(to), rows::is_finished(to)],
        )?;
        steps.iter().try_for_each(|step| self.add_step(case, at, step))
    }

    /// R1: 大厅已收到 only after the hall's durable answer to the event.
    fn check_proof(&self, case: CaseId) -> Result<(), Stopped> {
        let n_unsettled: i64 = self
            .tx
            .prepare_cached("SELECT count(*) FROM outbox WHERE case_id = ?1 AND answer IS NULL")?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))?;
        if n_unsettled == 0 { Ok(()) } else { Err(Refused::NoProof(case).into()) }
    }

    fn add_receipts(&self, first: u32, end: u32) -> Result<(), Stopped> {
        if first >= end {
            return Err(Refused::Duplicate.into());
        }
        self.run(
            "INSERT INTO receipt_block (first_counter, end_counter) VALUES (?1, ?2)
             ON CONFLICT (first_counter)
             DO UPDATE SET end_counter = max(end_counter, excluded.end_counter)",
            params![first, end],
        )?;
        Ok(())
    }

    /// Service time never goes back. What was completed before is dated here, with a time that
    /// is not before the truth: retention may only wait longer.
    fn keep_time(&self, time: ServiceTime) -> Result<(), Stopped> {
        self.run("UPDATE station SET service_time = max(service_time, ?1)", params![time.0])?;
        self.run(
            "UPDATE cases SET complete_at = (SELECT service_time FROM station)
             WHERE complete_at IS NULL AND scans_delivered = 1 AND sealed_record IS NOT NULL
               AND EXISTS (SELECT 1 FROM outbox WHERE outbox.case_id = cases.id
                           AND outbox.answer IN ('accepted', 'duplicate'))",
            [],
        )?;
        Ok(())
    }

    fn add_step(&self, case: CaseId, at: WallTime, step: &KeptStep) -> Result<(), Stopped> {
        self.run(
            "INSERT INTO step (case_id, at, what) VALUES (?1, ?2, ?3)",
            params![case.0.into_bytes(), at.0, step.text()],
        )?;
        Ok(())
    }

    /// For lines about a case's event: the hash of its sealed bytes.
    fn payload(&self, kind: AuditKind, case: Option<CaseId>) -> Result<Option<Digest32>, Stopped> {
        let (true, Some(case)) = (names_event(kind), case) else { return Ok(None) };
        let hash: Option<[u8; 32]> = self
            .tx
            .prepare_cached("SELECT body_hash FROM outbox WHERE case_id = ?1")?
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

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.tx.prepare_cached(sql)?.execute(values)
    }
}

/// Whether a line of this kind carries the hash of its case's event.
const fn names_event(kind: AuditKind) -> bool {
    match kind {
        AuditKind::CaseFiled | AuditKind::CaseReceivedByHall | AuditKind::EventHeld => true,
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
        | AuditKind::ClockJumped => false,
    }
}

fn unreadable(error: StoreError) -> Stopped {
    Stopped::Unreadable(match error {
        StoreError::Unreadable(what) => what,
        StoreError::Dead
        | StoreError::Full
        | StoreError::Database(_)
        | StoreError::Seal(_)
        | StoreError::Audit(_)
        | StoreError::Randomness(_)
        | StoreError::Io(_) => "a row",
    })
}
