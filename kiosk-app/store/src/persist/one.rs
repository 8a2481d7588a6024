//! One record after the other, inside the transaction.

use hall_api::seal::HallPublic;
use kiosk_core::{
    event::Delivery,
    record::{FiledCase, PrintEnd, Record, SlipKind},
};
use kiosk_words::{CaseId, CaseState, Digest32, Electronic, Private, Seq, ServiceTime, WallTime};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Stopped, chain::Named, custody::Stamp};
use crate::{
    devices,
    error::{Refused, StoreError},
    filing,
    keyed::{owner_hash, pickup_hash},
    rows::{self, KeptStep, custody as columns},
    staff,
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
    pub(super) named: Named,
}

impl Writer<'_> {
    pub(super) fn write_all(&mut self, records: &[Record]) -> Result<Seq, Stopped> {
        for record in records {
            self.write(record)?;
        }
        self.append_all(records)?;
        let mut last = self.tx.prepare_cached("SELECT last_seq FROM station")?;
        rows::seq(last.query_row([], |row| row.get(0))?).map_err(unreadable)
    }

    fn write(&mut self, record: &Record) -> Result<(), Stopped> {
        match record {
            Record::SessionOpened { session, at } => self.open_session(*session, *at),
            Record::SessionClosed { session, why } => self.simply(
                "UPDATE session SET why = ?2 WHERE id =
                 (SELECT max(id) FROM session WHERE number = ?1 AND why IS NULL)",
                params![rows::session(*session), rows::session_end(*why)],
            ),
            Record::CaseFiled(filed) => self.file(filed),
            Record::OutboxSettled { answers } => {
                answers.iter().try_for_each(|(seq, delivery)| self.settle(*seq, delivery))
            }
            Record::ScansDelivered { case } => self.scans_delivered(*case),
            Record::CaseMoved { case, state, at } => self.move_case(*case, state, *at),
            Record::FeedCursor(cursor) => self.simply(
                "UPDATE station SET feed_cursor = max(feed_cursor, ?1)",
                params![rows::integer(*cursor)],
            ),
            Record::ReceiptBlock { first, end } => self.add_receipts(*first, *end),
            Record::ServiceTime(time) => self.keep_time(*time),
            Record::Custody { change, at, quality } => {
                self.change(change, Stamp { at: *at, quality: *quality })
            }
            Record::OrderReceived { id, order, collectors } => {
                self.receive_order(*id, order, collectors)
            }
            Record::OrderChanged { id, order } => self.change_order(*id, order),
            Record::WrongCodes { case, n } => self.count_wrong_codes(*case, *n),
            Record::Frozen { case, frozen } => self.freeze(*case, *frozen),
            Record::PrintStarted { number, case, slip, reprint, at } => {
                self.start_print(*number, *case, *slip, *reprint, *at)
            }
            Record::PrintEnded { number, how } => self.end_print(*number, *how),
            Record::StaffFailed { staff, n_failures, locked_until } => {
                Ok(staff::lock_out(self.tx, staff, *n_failures, *locked_until)?)
            }
            Record::StaffPassed { staff } => Ok(staff::forgive(self.tx, staff)?),
            Record::StaffTrust(trust) => Ok(staff::keep_trust(self.tx, trust)?),
            Record::DeviceSeen { part, identity } => {
                Ok(devices::keep_seen(self.tx, part, identity)?)
            }
            Record::Maintenance(is) => Ok(devices::keep_maintenance(self.tx, *is)?),
            // Written after all others.
            Record::Audit { .. } => Ok(()),
        }
    }

    fn open_session(&self, number: u64, at: WallTime) -> Result<(), Stopped> {
        self.simply(
            "INSERT INTO session (number, opened) VALUES (?1, ?2)",
            params![rows::session(number), at.0],
        )
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
                                sealed_record, wrapped_key, scans_delivered, pickup_hash)
             VALUES (?1, (SELECT last_seq FROM station), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
                pickup_hash(self.owner_key, filed.case, &filed.pickup_code).map(|hash| hash.0),
            ],
        )?;
        self.put_in_outbox(filed.case, &sealed.body, sealed.body_hash)?;
        self.name_people(filed)?;
        self.name_scans(filed)?;
        self.run(
            "UPDATE session SET filed = ?1 WHERE id = (SELECT max(id) FROM session) AND why IS NULL",
            params![receipt],
        )?;
        self.add_step(filed.case, filed.deposited, &KeptStep::Filed)
    }

    /// Under the number that the stream has just reached.
    pub(super) fn put_in_outbox(
        &self,
        case: CaseId,
        body: &str,
        hash: Digest32,
    ) -> Result<(), Stopped> {
        self.simply(
            "INSERT INTO outbox (seq, case_id, body, body_hash)
             VALUES ((SELECT last_seq FROM station), ?1, ?2, ?3)",
            params![case.0.into_bytes(), body, hash.0],
        )
    }

    /// Who may ask how the case stands, and who may collect its result.
    fn name_people(&self, filed: &FiledCase) -> Result<(), Stopped> {
        let id = filed.case.0.into_bytes();
        for owner in filed.owners() {
            self.run(
                "INSERT INTO owner (hash, case_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![owner_hash(self.owner_key, owner).0, id],
            )?;
        }
        for collector in &filed.collectors {
            self.run(
                "INSERT INTO case_collector (hash, case_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![owner_hash(self.owner_key, &collector.number).0, id],
            )?;
        }
        Ok(())
    }

    fn name_scans(&self, filed: &FiledCase) -> Result<(), Stopped> {
        let id = filed.case.0.into_bytes();
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
        Ok(())
    }

    /// An event settles once; a later answer to the same bytes changes nothing (R12).
    fn settle(&mut self, seq: Seq, delivery: &Delivery) -> Result<(), Stopped> {
        let (answer, code) = match delivery {
            Delivery::Accepted => ("accepted", None),
            Delivery::Duplicate => ("duplicate", None),
            Delivery::Held { code } => ("held", Some(code)),
        };
        let settled: Option<([u8; 16], [u8; 32])> = self
            .tx
            .prepare_cached(
                "UPDATE outbox SET answer = ?2, code = ?3 WHERE seq = ?1 AND answer IS NULL
                 RETURNING case_id, body_hash",
            )?
            .query_row(params![rows::integer(seq.0), answer, code], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        if let (Some((case, hash)), Delivery::Held { .. }) = (settled, delivery) {
            self.named.held.push((rows::case_id(case), Digest32(hash)));
        }
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

    /// R1: 大厅已收到 only after the hall's durable answer to the filing; what became of the
    /// envelopes is another matter.
    fn check_proof(&self, case: CaseId) -> Result<(), Stopped> {
        let is_settled: bool = self
            .tx
            .prepare_cached(
                "SELECT answer IS NOT NULL FROM cases JOIN outbox ON outbox.seq = cases.seq
                 WHERE cases.id = ?1",
            )?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))?;
        if is_settled { Ok(()) } else { Err(Refused::NoProof(case).into()) }
    }

    pub(super) fn check_known(&self, case: CaseId) -> Result<(), Stopped> {
        let is_known: bool = self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM cases WHERE id = ?1)")?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))?;
        if is_known { Ok(()) } else { Err(Refused::UnknownCase(case).into()) }
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
    /// is not before the truth: retention may only wait longer. Complete means that the filing was
    /// taken and no event of the case is without an answer.
    fn keep_time(&self, time: ServiceTime) -> Result<(), Stopped> {
        self.run("UPDATE station SET service_time = max(service_time, ?1)", params![time.0])?;
        self.simply(
            "UPDATE cases SET complete_at = (SELECT service_time FROM station)
             WHERE complete_at IS NULL AND scans_delivered = 1 AND sealed_record IS NOT NULL
               AND (SELECT answer FROM outbox WHERE outbox.seq = cases.seq)
                   IN ('accepted', 'duplicate')
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.case_id = cases.id
                               AND outbox.answer IS NULL)",
            [],
        )
    }

    fn add_step(&self, case: CaseId, at: WallTime, step: &KeptStep) -> Result<(), Stopped> {
        self.simply(
            "INSERT INTO step (case_id, at, what) VALUES (?1, ?2, ?3)",
            params![case.0.into_bytes(), at.0, step.text()],
        )
    }

    fn start_print(
        &self,
        number: u64,
        case: CaseId,
        slip: SlipKind,
        reprint: bool,
        at: WallTime,
    ) -> Result<(), Stopped> {
        self.simply(
            "INSERT INTO print (number, case_id, slip, reprint, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                rows::integer(number),
                case.0.into_bytes(),
                columns::slip_text(slip),
                reprint,
                at.0,
            ],
        )
    }

    fn end_print(&self, number: u64, how: PrintEnd) -> Result<(), Stopped> {
        let n_rows = self.run(
            "UPDATE print SET how = ?2 WHERE number = ?1 AND how IS NULL",
            params![rows::integer(number), columns::print_end_text(how)],
        )?;
        if n_rows == 1 { Ok(()) } else { Err(Refused::NotPrinting(number).into()) }
    }

    pub(super) fn run(&self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.tx.prepare_cached(sql)?.execute(values)
    }

    /// However many rows it changed.
    fn simply(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), Stopped> {
        self.run(sql, values)?;
        Ok(())
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
        | StoreError::Edited(_)
        | StoreError::Randomness(_)
        | StoreError::Io(_) => "a row",
    })
}
