//! Questions about filed cases, their codes, and who may collect.

use hall_api::{case_record::CaseRecord, receipt::ReceiptCode};
use kiosk_core::{
    effect::Query,
    event::{FoundCase, PastStep},
    record::SlipKind,
};
use kiosk_words::{CaseId, Digest32, MatterId, OrderId, Private, ReceiptNo, WallTime};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::{
    error::StoreError,
    keyed::{is_pickup_code, owner_hash},
    rows,
    store::Store,
};

/// What the store answers to a [`Query`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Newest first.
    Cases(Vec<FoundCase>),
    /// Whether it is the code.
    Code(bool),
}

impl Store {
    pub fn find(&self, query: &Query) -> Result<Answer, StoreError> {
        self.alive()?;
        match query {
            Query::CasesOf { number } => self.cases_of(number).map(Answer::Cases),
            Query::CaseOf { receipt } => self.case_of(*receipt).map(Answer::Cases),
            Query::CodeIs { case, code } => self.code_is(*case, code).map(Answer::Code),
        }
    }

    /// Of a party, of somebody the applicants named to collect, or of somebody the hall named.
    fn cases_of(&self, number: &Private<String>) -> Result<Vec<FoundCase>, StoreError> {
        let person = owner_hash(&self.owner_key, number);
        let mut cases = self.db.prepare_cached(
            "SELECT id, receipt, matter, deposited, state,
                    id IN (SELECT case_id FROM owner WHERE hash = ?1)
             FROM cases WHERE id IN (
                SELECT case_id FROM owner WHERE hash = ?1
                UNION SELECT case_id FROM case_collector WHERE hash = ?1
                UNION SELECT case_id FROM placing_order JOIN order_collector ON order_id = id
                      WHERE hash = ?1)
             ORDER BY seq DESC",
        )?;
        let found = cases.query_map(params![person.0], CaseColumns::read)?;
        found
            .map(|row| {
                let row = row?;
                let collects = self.collects(rows::case_id(row.id), person)?;
                self.found(row, collects)
            })
            .collect()
    }

    /// Says nothing about whoever asks: neither party nor collector.
    fn case_of(&self, receipt: ReceiptNo) -> Result<Vec<FoundCase>, StoreError> {
        let mut case = self.db.prepare_cached(
            "SELECT id, receipt, matter, deposited, state, 0 FROM cases WHERE receipt = ?1",
        )?;
        let found = case.query_row(params![receipt.digits()], CaseColumns::read).optional()?;
        found.map(|row| self.found(row, Vec::new())).into_iter().collect()
    }

    fn found(&self, row: CaseColumns, collects: Vec<OrderId>) -> Result<FoundCase, StoreError> {
        let case = rows::case_id(row.id);
        Ok(FoundCase {
            case,
            receipt: rows::receipt(&row.receipt)?,
            matter: MatterId(row.matter),
            deposited: WallTime(row.deposited),
            state: rows::state(&row.state)?,
            is_party: row.is_party,
            collects,
            printed: self.printed(case)?,
            history: self.history(case)?,
        })
    }

    /// Slips of a case that may have come out: all but those of which no byte was sent.
    fn printed(&self, case: CaseId) -> Result<Vec<SlipKind>, StoreError> {
        let mut slips = self.db.prepare_cached(
            "SELECT DISTINCT slip FROM print
             WHERE case_id = ?1 AND (how IS NULL OR how <> 'not_started') ORDER BY slip",
        )?;
        let found = slips.query_map(params![case.0.into_bytes()], |row| row.get::<_, String>(0))?;
        found.map(|slip| rows::custody::slip(&slip?)).collect()
    }

    /// Orders of a case that this person may collect and that have not been given out.
    fn collects(&self, case: CaseId, person: Digest32) -> Result<Vec<OrderId>, StoreError> {
        let mut orders = self.db.prepare_cached(
            "SELECT id FROM placing_order JOIN order_collector ON order_id = id
             WHERE case_id = ?1 AND hash = ?2 AND gone_at IS NULL ORDER BY id",
        )?;
        let found = orders.query_map(params![case.0.into_bytes(), person.0], |row| {
            row.get(0).map(rows::custody::order_id)
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// `false` for a case that is not here or was filed without a code.
    fn code_is(&self, case: CaseId, code: &Private<String>) -> Result<bool, StoreError> {
        let hash: Option<Option<[u8; 32]>> = self
            .db
            .prepare_cached("SELECT pickup_hash FROM cases WHERE id = ?1")?
            .query_row(params![case.0.into_bytes()], |row| row.get(0))
            .optional()?;
        let Some(hash) = hash.flatten() else { return Ok(false) };
        Ok(is_pickup_code(&self.owner_key, case, code, &hash))
    }

    /// Newest first.
    fn history(&self, case: CaseId) -> Result<Vec<PastStep>, StoreError> {
        let mut steps = self
            .db
            .prepare_cached("SELECT at, what FROM step WHERE case_id = ?1 ORDER BY id DESC")?;
        let found = steps.query_map(params![case.0.into_bytes()], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?))
        })?;
        found
            .map(|row| {
                let (at, what) = row?;
                Ok(PastStep { at: WallTime(at), step: rows::KeptStep::read(&what)? })
            })
            .collect()
    }

    /// The record of a case filed here, for showing and reprinting; `None` once it is erased.
    pub fn record_of(&self, case: CaseId) -> Result<Option<CaseRecord>, StoreError> {
        self.alive()?;
        type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>);
        let sealed: Option<Sealed> = self
            .db
            .prepare_cached("SELECT sealed_record, wrapped_key FROM cases WHERE id = ?1")?
            .query_row(params![case.0.into_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((Some(record), Some(key))) = sealed else { return Ok(None) };
        Ok(Some(self.wrap.key.unwrap(case, &key)?.open(case, &record)?))
    }

    /// What the code on the receipt of a case says; `None` if it is not in this store.
    pub fn receipt_code(&self, case: CaseId) -> Result<Option<ReceiptCode>, StoreError> {
        self.alive()?;
        let event: Option<(String, i64, [u8; 32])> = self
            .db
            .prepare_cached(
                "SELECT receipt, outbox.seq, body_hash
                 FROM cases JOIN outbox ON outbox.seq = cases.seq WHERE cases.id = ?1",
            )?
            .query_row(params![case.0.into_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((receipt, seq, hash)) = event else { return Ok(None) };
        let (receipt, seq) = (rows::receipt(&receipt)?, rows::seq(seq)?);
        Ok(Some(ReceiptCode::new(receipt, self.epoch, seq, &Digest32(hash))))
    }
}

/// Columns `id, receipt, matter, deposited, state` and whether the person is a party.
struct CaseColumns {
    id: [u8; 16],
    receipt: String,
    matter: String,
    deposited: i64,
    state: String,
    is_party: bool,
}

impl CaseColumns {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            receipt: row.get(1)?,
            matter: row.get(2)?,
            deposited: row.get(3)?,
            state: row.get(4)?,
            is_party: row.get(5)?,
        })
    }
}
