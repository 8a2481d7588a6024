//! Taking in a batch: every event is accepted, known already, or held.
//!
//! ```text
//! other bytes under a known key or case ► held other_body
//! the same bytes                        ► duplicate
//! checks before the store failed        ► held bad_hash | bad_body | bad_seal
//! receipt not of this epoch, or used    ► held bad_receipt
//! custody: an earlier event of the case waits, the case or order is not here,
//!   or the tables do not allow it       ► held behind_held | no_case | bad_order | bad_move
//! otherwise                             ► accepted: event and all it moves in one step
//! ```

use hall_api::wire::{Answer, CaseFiled, CustodyMoved, EventAnswer, EventEnvelope, held};
use kiosk_words::{CaseId, ClockQuality, Handling, Originals, WallTime};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, WriteContext, chain, custody, held as held_events, int, stations};
use crate::tls::Peer;

/// An event after the checks that need no store.
#[derive(Debug)]
pub struct Checked {
    pub event: EventEnvelope,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    Filed(Box<Filing>),
    Custody(Box<CustodyMoved>),
    /// A code of [`held`].
    Bad(&'static str),
}

/// A filed case whose record opened.
#[derive(Debug)]
pub struct Filing {
    pub filed: CaseFiled,
    pub matter_name: String,
}

/// What the store already has under the keys of an event.
enum Known {
    Nothing,
    Same,
    Other,
}

/// The inner error: the certificate does not stand, and nothing was looked at.
pub fn accept_batch(
    context: &mut WriteContext<'_>,
    peer: &Peer,
    events: &[Checked],
    now: WallTime,
) -> Result<Result<Vec<EventAnswer>, stations::Standing>, StoreError> {
    match stations::standing(context.sql, peer)? {
        stations::Standing::Good => {}
        bad @ (stations::Standing::Unknown | stations::Standing::Revoked) => return Ok(Err(bad)),
    }
    let mut answers = Vec::with_capacity(events.len());
    for checked in events {
        let answer = accept(context, peer, checked, now)?;
        answers.push(EventAnswer { seq: checked.event.seq, answer });
    }
    Ok(Ok(answers))
}

fn accept(
    context: &mut WriteContext<'_>,
    peer: &Peer,
    checked: &Checked,
    now: WallTime,
) -> Result<Answer, StoreError> {
    let Checked { event, verdict } = checked;
    let code = match known(context.sql, peer, event, verdict)? {
        Known::Same => return Ok(Answer::Duplicate),
        Known::Other => held::OTHER_BODY,
        Known::Nothing => match take(context, peer, checked, now)? {
            Ok(()) => return Ok(Answer::Accepted),
            Err(code) => code,
        },
    };
    held_events::hold(context, peer, event, code, now)
}

/// Enters an event whose keys are new, or says why it has to wait.
fn take(
    context: &mut WriteContext<'_>,
    peer: &Peer,
    checked: &Checked,
    now: WallTime,
) -> Result<Result<(), &'static str>, StoreError> {
    let event = &checked.event;
    match &checked.verdict {
        Verdict::Bad(code) => return Ok(Err(code)),
        Verdict::Filed(filing) if receipt_fits(context.sql, peer, filing)? => {
            enter(context, peer, event, filing, 0, now)?;
        }
        Verdict::Filed(_) => return Ok(Err(held::BAD_RECEIPT)),
        Verdict::Custody(moved) => match custody::check(context.sql, peer, event, moved)? {
            Ok(legal) => {
                let row = enter_event(context, peer, event, 0, now)?;
                custody::apply(context, event.case, moved, &legal, row, now)?;
            }
            Err(code) => return Ok(Err(code)),
        },
    }
    Ok(Ok(()))
}

fn known(
    sql: &Connection,
    peer: &Peer,
    event: &EventEnvelope,
    verdict: &Verdict,
) -> Result<Known, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT case_id, body_hash FROM events WHERE station = ?1 AND epoch = ?2 AND seq = ?3",
    )?;
    let mut rows =
        find.query(params![u16::from(peer.station), peer.epoch.0.into_bytes(), int(event.seq.0)])?;
    let mut is_taken = false;
    while let Some(row) = rows.next()? {
        if row.get::<_, [u8; 16]>(0)? == event.case.0.into_bytes()
            && row.get::<_, [u8; 32]>(1)? == event.body_hash.0
        {
            return Ok(Known::Same);
        }
        is_taken = true;
    }
    if is_taken {
        return Ok(Known::Other);
    }
    if !matches!(verdict, Verdict::Filed(_)) {
        return Ok(Known::Nothing);
    }
    let of_case: Option<[u8; 32]> = sql
        .prepare_cached(
            "SELECT e.body_hash FROM cases c JOIN events e ON e.id = c.event WHERE c.case_id = ?1",
        )?
        .query_row([event.case.0.into_bytes()], |row| row.get(0))
        .optional()?;
    Ok(match of_case {
        None => Known::Nothing,
        Some(hash) if hash == event.body_hash.0 => Known::Same,
        Some(_) => Known::Other,
    })
}

fn receipt_fits(sql: &Connection, peer: &Peer, filing: &Filing) -> Result<bool, StoreError> {
    let receipt = filing.filed.receipt;
    if receipt.station() != peer.station || !stations::owns_counter(sql, peer, receipt.counter())? {
        return Ok(false);
    }
    let is_used = sql
        .prepare_cached("SELECT 1 FROM cases WHERE station = ?1 AND counter = ?2")?
        .exists(params![u16::from(receipt.station()), receipt.counter()])?;
    Ok(!is_used)
}

/// Writes event, case and scan list. `from_held` is 0 or the id of the released event.
pub fn enter(
    context: &WriteContext<'_>,
    peer: &Peer,
    event: &EventEnvelope,
    filing: &Filing,
    from_held: i64,
    now: WallTime,
) -> Result<(), StoreError> {
    let case = event.case.0.into_bytes();
    let event_row = enter_event(context, peer, event, from_held, now)?;
    enter_case(context, peer, event.case, event_row, filing, now)?;
    let mut add_scan = context.sql.prepare_cached(
        "INSERT INTO scans (case_id, n, slot, page, digest, n_bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (n, scan) in (1_i64..).zip(&filing.filed.scans) {
        let n_bytes = int(scan.n_bytes);
        add_scan.execute(params![case, n, scan.slot, scan.page, scan.digest.0, n_bytes])?;
    }
    if filing.filed.scans.is_empty() {
        Ok(())
    } else {
        super::scans::check_complete(context, event.case)
    }
}

/// Writes the event alone; returns its row.
pub(super) fn enter_event(
    context: &WriteContext<'_>,
    peer: &Peer,
    event: &EventEnvelope,
    from_held: i64,
    now: WallTime,
) -> Result<i64, StoreError> {
    context
        .sql
        .prepare_cached(
            "INSERT INTO events
                (station, epoch, seq, from_held, case_id, body_hash, body, received_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            u16::from(peer.station),
            peer.epoch.0.into_bytes(),
            int(event.seq.0),
            from_held,
            event.case.0.into_bytes(),
            event.body_hash.0,
            event.body,
            now.0,
        ])?;
    Ok(context.sql.last_insert_rowid())
}

fn enter_case(
    context: &WriteContext<'_>,
    peer: &Peer,
    case: CaseId,
    event_row: i64,
    filing: &Filing,
    now: WallTime,
) -> Result<(), StoreError> {
    let filed = &filing.filed;
    let handling = Handling::AwaitingReview;
    let originals =
        if filed.needs_originals { Originals::AwaitingCell } else { Originals::NotNeeded };
    context
        .sql
        .prepare_cached(
            "INSERT INTO cases (case_id, event, station, counter, receipt, matter, matter_name,
                discreet, deposited_ms, clock_quality, received_ms, clock_start_ms, originals,
                handling, handling_state, revision, complete)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, ?16)",
        )?
        .execute(params![
            case.0.into_bytes(),
            event_row,
            u16::from(peer.station),
            filed.receipt.counter(),
            filed.receipt.digits(),
            filed.matter.0,
            filing.matter_name,
            filed.discreet,
            filed.deposited.0,
            quality_word(filed.quality),
            now.0,
            clock_start(filed, now).0,
            super::cases::originals_text(originals),
            super::cases::handling_text(&handling),
            super::cases::handling_state(&handling),
            filed.scans.is_empty(),
        ])?;
    Ok(())
}

/// The five days run from the deposit. A clock that is unknown, or ahead of the hall's, cannot
/// move the beginning behind the receipt here.
fn clock_start(filed: &CaseFiled, received: WallTime) -> WallTime {
    match filed.quality {
        ClockQuality::Unknown => received,
        ClockQuality::Held | ClockQuality::Synced => filed.deposited.min(received),
    }
}

pub const fn quality_word(quality: ClockQuality) -> &'static str {
    match quality {
        ClockQuality::Unknown => "unknown",
        ClockQuality::Held => "held",
        ClockQuality::Synced => "synced",
    }
}

/// Appends the audit line of a held event.
pub fn audit_held(
    context: &WriteContext<'_>,
    peer: &Peer,
    event: &EventEnvelope,
    code: &str,
    now: WallTime,
) -> Result<(), StoreError> {
    let detail = format!("station {} seq {} {code}", peer.station, event.seq.0);
    chain::append(context, now, "hall", chain::Kind::EventHeld, Some(event.case), &detail)
}
