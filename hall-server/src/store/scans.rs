//! Which scans a case lists and which of them are on the disk.
//!
//! A case is complete only when every digest it lists was verified and stored.

use kiosk_words::{CaseId, Digest32, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, WriteContext, count, held, int, stations};
use crate::tls::Peer;

/// What the store says to a station that wants to send a scan.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// The case lists it with this length; not stored yet.
    Wanted {
        n_bytes: u64,
    },
    Stored {
        n_bytes: u64,
    },
    /// The case has not arrived: records come first.
    NoCase,
    /// The case waits for a person.
    CaseHeld,
    /// The case does not list this digest, or belongs to another station.
    NotListed,
    Standing(stations::Standing),
}

/// Looks a digest up, for one case or for any case of the station.
pub fn place(
    sql: &Connection,
    peer: &Peer,
    case: Option<CaseId>,
    digest: &Digest32,
) -> Result<Place, StoreError> {
    match stations::standing(sql, peer)? {
        stations::Standing::Good => {}
        bad @ (stations::Standing::Unknown | stations::Standing::Revoked) => {
            return Ok(Place::Standing(bad));
        }
    }
    if let Some(case) = case
        && !super::cases::exists(sql, case)?
    {
        return Ok(if held::waits(sql, case)? { Place::CaseHeld } else { Place::NoCase });
    }
    let listed: Option<(i64, bool)> = sql
        .prepare_cached(
            "SELECT s.n_bytes, b.id IS NOT NULL FROM scans s
             JOIN cases c ON c.case_id = s.case_id
             LEFT JOIN blobs b ON b.digest = s.digest
             WHERE s.digest = ?1 AND c.station = ?2 AND (?3 IS NULL OR s.case_id = ?3) LIMIT 1",
        )?
        .query_row(
            params![digest.0, u16::from(peer.station), case.map(|case| case.0.into_bytes())],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(match listed {
        None => Place::NotListed,
        Some((n_bytes, false)) => Place::Wanted { n_bytes: count(n_bytes) },
        Some((n_bytes, true)) => Place::Stored { n_bytes: count(n_bytes) },
    })
}

/// Enters a scan whose bytes are on the disk and whose digest was verified.
pub fn enter(
    context: &WriteContext<'_>,
    digest: &Digest32,
    n_bytes: u64,
    now: WallTime,
) -> Result<(), StoreError> {
    context
        .sql
        .prepare_cached(
            "INSERT INTO blobs (digest, n_bytes, stored_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![digest.0, int(n_bytes), now.0])?;
    let mut find =
        context.sql.prepare_cached("SELECT DISTINCT case_id FROM scans WHERE digest = ?1")?;
    let cases = find.query_map([digest.0], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    for case in cases {
        check_complete(context, super::case_id(case))?;
    }
    Ok(())
}

/// Sets `complete` when no listed scan is missing.
pub(super) fn check_complete(context: &WriteContext<'_>, case: CaseId) -> Result<(), StoreError> {
    context
        .sql
        .prepare_cached(
            "UPDATE cases SET complete = 1 WHERE case_id = ?1 AND complete = 0 AND NOT EXISTS (
                SELECT 1 FROM scans s LEFT JOIN blobs b ON b.digest = s.digest
                WHERE s.case_id = ?1 AND b.id IS NULL)",
        )?
        .execute([case.0.into_bytes()])?;
    Ok(())
}

/// Cases whose every scan is stored. For checks and tests.
pub fn n_complete(sql: &Connection) -> Result<u64, StoreError> {
    let n = sql.query_row("SELECT count(*) FROM cases WHERE complete = 1", [], |row| row.get(0))?;
    Ok(count(n))
}
