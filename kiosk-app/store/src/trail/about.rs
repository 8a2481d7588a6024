//! What the lines of a whole chain are about, compared with them.
//!
//! One door at a time: openings begin and end in the order of their numbers, and so do their
//! lines; lines and rows are walked side by side. A line without a payload was written by a
//! version that did not prove openings: its opening is counted and not compared. An event is
//! found by its hash, which its line holds.

use kiosk_core::record::AuditKind;
use kiosk_words::Digest32;
use rusqlite::{OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{Edited, StoreError},
    keyed::Key,
    proof::{Authorised, Ended},
    store::Store,
};

impl Store {
    /// Every opening is as its lines say, and none is there without a line.
    pub(super) fn check_openings(&self) -> Result<(), StoreError> {
        let mut lines = self.db.prepare(
            "SELECT seq, kind, payload FROM audit WHERE kind IN (?1, ?2, ?3) ORDER BY seq",
        )?;
        let authorised = AuditKind::DoorAuthorised.id();
        let ends = [AuditKind::DoorDone.id(), AuditKind::CellClosedOff.id()];
        let mut lines = lines.query(params![authorised, ends[0], ends[1]])?;
        let mut rows = self.db.prepare(
            "SELECT number, door, act, case_id, order_id, who, at, quality, how, doubt, ended_at
             FROM authorisation ORDER BY number",
        )?;
        let mut rows = rows.query([])?;
        let mut opening: Option<Opening> = None;
        while let Some(line) = lines.next()? {
            let seq = line.get::<_, i64>(0)?.unsigned_abs();
            let payload = line.get::<_, Option<[u8; 32]>>(2)?.map(Digest32);
            if line.get::<_, String>(1)? == authorised {
                check_end(opening.take())?;
                let row = rows.next()?.ok_or(Edited::Row { seq })?;
                let next = Opening::read(row, &self.owner_key)?;
                if payload.is_some_and(|payload| payload != next.authorised) {
                    return Err(Edited::Row { seq }.into());
                }
                opening = Some(next);
            } else if let Some(opening) = &mut opening {
                if payload.is_some() && payload != opening.ended {
                    return Err(Edited::Row { seq }.into());
                }
                opening.has_end_line = true;
            }
        }
        check_end(opening)?;
        match rows.next()? {
            Some(row) => Err(Edited::AddedOpening { number: row.get(0)? }.into()),
            None => Ok(()),
        }
    }

    /// Every filing and every move is in the stream with the bytes its line says, and no other
    /// event is. An erased filing has no bytes and keeps its hash.
    pub(super) fn check_events(&self) -> Result<(), StoreError> {
        let mut lines = self.db.prepare(
            "SELECT seq, case_id, payload, kind = ?1 FROM audit
             WHERE kind IN (?1, ?2) AND payload IS NOT NULL ORDER BY seq",
        )?;
        let kinds = params![AuditKind::CaseFiled.id(), AuditKind::CustodyMoved.id()];
        let mut lines = lines.query(kinds)?;
        let mut events =
            self.db.prepare("SELECT body FROM outbox WHERE case_id = ?1 AND body_hash = ?2")?;
        let mut expected = 0;
        while let Some(line) = lines.next()? {
            let seq = line.get::<_, i64>(0)?.unsigned_abs();
            let (case, payload): (Option<[u8; 16]>, [u8; 32]) = (line.get(1)?, line.get(2)?);
            let may_be_erased = line.get(3)?;
            let body: Option<Option<String>> =
                events.query_row(params![case, payload], |row| row.get(0)).optional()?;
            let is_whole = match body {
                Some(Some(body)) => <[u8; 32]>::from(Sha256::digest(&body)) == payload,
                Some(None) => may_be_erased,
                None => false,
            };
            if !is_whole {
                return Err(Edited::Row { seq }.into());
            }
            expected += 1;
        }
        let found: i64 = self.db.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))?;
        let found = found.unsigned_abs();
        if found == expected { Ok(()) } else { Err(Edited::Events { expected, found }.into()) }
    }
}

/// An end that is in the row must have been in the chain.
fn check_end(opening: Option<Opening>) -> Result<(), Edited> {
    match opening {
        Some(Opening { number, ended: Some(_), has_end_line: false, .. }) => {
            Err(Edited::AddedEnd { number })
        }
        Some(_) | None => Ok(()),
    }
}

/// What the chain should say of a row.
struct Opening {
    number: i64,
    authorised: Digest32,
    /// `None` while it is open.
    ended: Option<Digest32>,
    has_end_line: bool,
}

impl Opening {
    fn read(row: &Row<'_>, key: &Key) -> rusqlite::Result<Self> {
        let number = row.get(0)?;
        let (act, who, quality): (String, String, String) = (row.get(2)?, row.get(5)?, row.get(7)?);
        let authorised = Authorised {
            number,
            door: row.get(1)?,
            act: &act,
            case: row.get(3)?,
            order: row.get(4)?,
            who: &who,
            at: row.get(6)?,
            quality: &quality,
        };
        let (how, doubt): (Option<String>, Option<String>) = (row.get(8)?, row.get(9)?);
        let at: Option<i64> = row.get(10)?;
        let ended = how
            .zip(at)
            .map(|(how, at)| Ended { number, how: &how, doubt: doubt.as_deref(), at }.proof(key));
        let authorised = authorised.proof(key);
        Ok(Self { number, authorised, ended, has_end_line: false })
    }
}
