//! Questions about filed cases.

use hall_api::{case_record::CaseRecord, receipt::ReceiptCode};
use kiosk_core::{
    effect::Query,
    event::{FoundCase, PastStep},
};
use kiosk_words::{CaseId, Digest32, MatterId, WallTime};
use rusqlite::{OptionalExtension as _, params};

use crate::{error::StoreError, persist::owner_hash, rows, store::Store};

impl Store {
    /// Cases of one person, newest first.
    pub fn find(&self, query: &Query) -> Result<Vec<FoundCase>, StoreError> {
        self.alive()?;
        let Query::CasesOf { number } = query;
        let owner = owner_hash(&self.owner_key, number);
        let mut cases = self.db.prepare_cached(
            "SELECT id, receipt, matter, deposited, state
             FROM cases JOIN owner ON owner.case_id = cases.id
             WHERE owner.hash = ?1 ORDER BY seq DESC",
        )?;
        let found = cases.query_map(params![owner.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        found
            .map(|row| {
                let (id, receipt, matter, deposited, state): ([u8; 16], String, _, _, String) =
                    row?;
                let case = rows::case_id(id);
                Ok(FoundCase {
                    case,
                    receipt: rows::receipt(&receipt)?,
                    matter: MatterId(matter),
                    deposited: WallTime(deposited),
                    state: rows::state(&state)?,
                    history: self.history(case)?,
                })
            })
            .collect()
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
                 FROM cases JOIN outbox ON outbox.case_id = cases.id WHERE cases.id = ?1",
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
