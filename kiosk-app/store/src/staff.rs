//! Staff cards: who may make them, which were taken back, and who is locked out.
//!
//! No PIN is kept here: a card checks its own. What the hall says replaces what it said before, in
//! the transaction that moves the cursor of its feed.

use kiosk_core::staff_card::StaffTrust;
use kiosk_words::{ServiceTime, StaffCardNo};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::StoreError;

/// Wrong PINs in a row by staff number, and until when.
pub type Lockouts = Vec<(String, u32, ServiceTime)>;

/// A restart forgives nothing (R10).
pub(crate) fn lockouts(db: &Connection) -> Result<Lockouts, StoreError> {
    let mut staff =
        db.prepare("SELECT staff, failures, locked_until FROM staff_lockout ORDER BY staff")?;
    let found =
        staff.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2).map(ServiceTime)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn lock_out(
    db: &Connection,
    staff: &str,
    n_failures: u32,
    until: ServiceTime,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO staff_lockout (staff, failures, locked_until) VALUES (?1, ?2, ?3)
         ON CONFLICT (staff) DO UPDATE SET failures = excluded.failures,
            locked_until = excluded.locked_until",
    )?
    .execute(params![staff, n_failures, until.0])
    .map(drop)
}

pub(crate) fn forgive(db: &Connection, staff: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM staff_lockout WHERE staff = ?1")?.execute([staff]).map(drop)
}

pub(crate) fn keep_trust(db: &Connection, trust: &StaffTrust) -> rusqlite::Result<()> {
    db.execute("DELETE FROM staff_anchor", [])?;
    db.execute("DELETE FROM staff_revoked", [])?;
    for pem in &trust.anchors {
        db.execute("INSERT INTO staff_anchor (pem) VALUES (?1)", [pem])?;
    }
    for StaffCardNo(card) in &trust.revoked {
        db.execute("INSERT OR IGNORE INTO staff_revoked (card) VALUES (?1)", [card.as_bytes()])?;
    }
    Ok(())
}

pub(crate) fn trust(db: &Connection) -> Result<StaffTrust, StoreError> {
    let mut anchors = db.prepare("SELECT pem FROM staff_anchor ORDER BY place")?;
    let anchors = anchors.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut revoked = db.prepare("SELECT card FROM staff_revoked ORDER BY card")?;
    let card = |row: &rusqlite::Row<'_>| row.get(0).map(Uuid::from_bytes).map(StaffCardNo);
    let revoked = revoked.query_map([], card)?.collect::<rusqlite::Result<_>>()?;
    Ok(StaffTrust { anchors, revoked })
}
