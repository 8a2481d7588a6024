//! Staff cards: their one-time codes, who has which, and the entries by which stations are told.
//!
//! A person has one card: a new one revokes those before it in the transaction that enters it.
//! An entry of the feed holds nothing; what it says is read when it is delivered. So one entry
//! serves every station, and only the newest is delivered.

use kiosk_words::{StaffCardNo, StaffRole, StationId, WallTime};
use rusqlite::{Connection, Row, params};

use super::{
    StoreError, WriteContext, chain,
    codes::{self, Code, CodeTable, NewCode},
};

/// A revoked card is told for this long after its certificates ran out: the clock of a station may
/// be behind, and a month of numbers is a few kilobytes.
const TOLD_AFTER_END_MS: i64 = 30 * 86_400_000;
/// Who acts, in the chain: whoever may run the program beside the data, or a code made by them.
const WHO: &str = "hall";

/// A code with whose card it is and what the person may do.
#[derive(Debug)]
pub struct CardCode {
    pub code: Code,
    pub staff: String,
    pub role: StaffRole,
}

/// A card to be entered.
#[derive(Debug)]
pub struct NewCard {
    pub code: i64,
    pub request_hash: [u8; 32],
    pub card: StaffCardNo,
    pub staff: String,
    pub role: StaffRole,
    pub not_after: WallTime,
}

/// What became of a card in its transaction.
#[derive(Debug)]
pub enum Issued {
    Done,
    /// Used, run out or out of attempts since it was looked at.
    CodeGone,
    /// There is a card with this number.
    CardTaken,
}

/// A card for the list.
#[derive(Debug)]
pub struct CardLine {
    pub staff: String,
    pub role: StaffRole,
    pub card: StaffCardNo,
    pub issued: WallTime,
    pub not_after: WallTime,
    pub revoked: Option<WallTime>,
}

/// What a person lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    pub cards: Vec<StaffCardNo>,
    /// Codes that were not used yet.
    pub n_codes: usize,
}

pub fn add_code(
    context: &WriteContext<'_>,
    staff: &str,
    role: StaffRole,
    new: &NewCode,
) -> Result<(), StoreError> {
    context.sql.execute(
        "INSERT INTO staff_card_codes
            (selector, staff, role, code_hash, made_ms, expires_ms, attempts_left)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.selector,
            staff,
            role.word(),
            new.hash,
            new.made.0,
            new.expires.0,
            new.attempts
        ],
    )?;
    let detail = format!("staff {staff} role {role}");
    chain::append(context, new.made, WHO, chain::Kind::StaffCardCodeMade, None, &detail)
}

/// The code with this first group, unless its person has been given a newer one, which voids it.
pub fn code(sql: &Connection, selector: &str) -> Result<Option<CardCode>, StoreError> {
    let columns = codes::COLUMNS;
    let query = format!(
        "SELECT {columns}, staff, role FROM staff_card_codes AS this WHERE selector = ?1
            AND NOT EXISTS (SELECT 1 FROM staff_card_codes AS newer
                WHERE newer.staff = this.staff AND newer.id > this.id)
         ORDER BY id DESC LIMIT 1"
    );
    let mut find = sql.prepare_cached(&query)?;
    let mut rows = find.query([selector])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(CardCode { code: codes::read(row)?, staff: row.get(7)?, role: role(row, 8)? }))
}

fn role(row: &Row<'_>, column: usize) -> Result<StaffRole, StoreError> {
    let word: String = row.get(column)?;
    word.parse().map_err(|_| StoreError::Content { what: "a role of staff" })
}

/// Uses up the code, enters the card and revokes the person's cards from before.
pub fn issue(
    context: &mut WriteContext<'_>,
    new: &NewCard,
    now: WallTime,
) -> Result<Issued, StoreError> {
    let number = new.card.0.into_bytes();
    let query = "SELECT 1 FROM staff_cards WHERE card = ?1";
    if context.sql.prepare_cached(query)?.exists([number])? {
        return Ok(Issued::CardTaken);
    }
    let newer = "SELECT 1 FROM staff_card_codes WHERE staff = ?1 AND id > ?2";
    if context.sql.prepare_cached(newer)?.exists(params![new.staff, new.code])? {
        return Ok(Issued::CodeGone);
    }
    if !codes::use_up(context, CodeTable::StaffCards, new.code, &new.request_hash, now)? {
        return Ok(Issued::CodeGone);
    }
    revoke_cards(context, &new.staff, now)?;
    context.sql.execute(
        "INSERT INTO staff_cards (card, code, staff, role, issued_ms, not_after_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![number, new.code, new.staff, new.role.word(), now.0, new.not_after.0],
    )?;
    let NewCard { staff, role, card, .. } = new;
    let detail = format!("staff {staff} role {role} card {card}");
    chain::append(context, now, WHO, chain::Kind::StaffCardIssued, None, &detail)?;
    Ok(Issued::Done)
}

/// Ends what a person has: every card that stands, and a code that was not used yet.
pub fn revoke(
    context: &mut WriteContext<'_>,
    staff: &str,
    now: WallTime,
) -> Result<Revoked, StoreError> {
    let cards = revoke_cards(context, staff, now)?;
    // Before all times: a request that was let in a moment ago goes by the time of then.
    let n_codes = context.sql.execute(
        "UPDATE staff_card_codes SET expires_ms = 0
         WHERE staff = ?1 AND used_ms IS NULL AND expires_ms > ?2",
        params![staff, now.0],
    )?;
    if n_codes > 0 {
        let detail = format!("staff {staff} codes {n_codes}");
        chain::append(context, now, WHO, chain::Kind::StaffCardRevoked, None, &detail)?;
    }
    Ok(Revoked { cards, n_codes })
}

fn revoke_cards(
    context: &mut WriteContext<'_>,
    staff: &str,
    now: WallTime,
) -> Result<Vec<StaffCardNo>, StoreError> {
    let cards: Vec<StaffCardNo> = context
        .sql
        .prepare_cached(
            "UPDATE staff_cards SET revoked_ms = ?2
             WHERE staff = ?1 AND revoked_ms IS NULL AND not_after_ms > ?2 RETURNING card",
        )?
        .query_map(params![staff, now.0], |row| row.get(0).map(card_no))?
        .collect::<Result<_, _>>()?;
    for card in &cards {
        let detail = format!("staff {staff} card {card}");
        chain::append(context, now, WHO, chain::Kind::StaffCardRevoked, None, &detail)?;
    }
    if !cards.is_empty() {
        tell_every_station(context, now)?;
    }
    Ok(cards)
}

fn card_no(bytes: [u8; 16]) -> StaffCardNo {
    StaffCardNo(uuid::Uuid::from_bytes(bytes))
}

/// Appends an entry for every station there is or will be, and rings them.
pub fn tell_every_station(context: &mut WriteContext<'_>, now: WallTime) -> Result<(), StoreError> {
    append(context, None, now)?;
    let numbers: Vec<u16> = context
        .sql
        .prepare_cached("SELECT station FROM stations")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for number in numbers {
        context.wake(super::station(number)?);
    }
    Ok(())
}

/// Appends an entry for one station.
pub(super) fn tell(
    context: &mut WriteContext<'_>,
    station: StationId,
    now: WallTime,
) -> Result<(), StoreError> {
    append(context, Some(station), now)?;
    context.wake(station);
    Ok(())
}

/// Station 0 and a case of zeros: the columns of release 1 want a value.
fn append(
    context: &WriteContext<'_>,
    station: Option<StationId>,
    now: WallTime,
) -> Result<(), StoreError> {
    context.sql.execute(
        "INSERT INTO feed (station, case_id, what, at_ms, kind, for_station)
         VALUES (0, zeroblob(16), '{}', ?1, 'staff_cards', ?2)",
        params![now.0, station.map(u16::from)],
    )?;
    Ok(())
}

/// Place of the newest entry for a station.
pub(super) fn newest_entry(
    sql: &Connection,
    station: StationId,
) -> Result<Option<u64>, StoreError> {
    let cursor: Option<i64> = sql
        .prepare_cached(
            "SELECT max(cursor) FROM (
                SELECT max(cursor) AS cursor FROM feed
                WHERE kind = 'staff_cards' AND for_station IS NULL
                UNION ALL SELECT max(cursor) FROM feed
                WHERE kind = 'staff_cards' AND for_station = ?1)",
        )?
        .query_row([u16::from(station)], |row| row.get(0))?;
    Ok(cursor.map(super::count))
}

/// Cards that no station may believe, oldest first.
pub(super) fn revoked(sql: &Connection, now: WallTime) -> Result<Vec<StaffCardNo>, StoreError> {
    let mut find = sql.prepare_cached(
        "SELECT card FROM staff_cards
         WHERE revoked_ms IS NOT NULL AND not_after_ms > ?1 ORDER BY id",
    )?;
    let cards = find.query_map([now.0 - TOLD_AFTER_END_MS], |row| row.get(0).map(card_no))?;
    Ok(cards.collect::<Result<_, _>>()?)
}

/// Whether a card was ever issued.
pub fn any_issued(sql: &Connection) -> Result<bool, StoreError> {
    Ok(sql.prepare_cached("SELECT 1 FROM staff_cards LIMIT 1")?.exists([])?)
}

/// Every card there ever was, by person, oldest first.
pub fn all(sql: &Connection) -> Result<Vec<CardLine>, StoreError> {
    let mut find = sql.prepare(
        "SELECT staff, role, card, issued_ms, not_after_ms, revoked_ms FROM staff_cards
         ORDER BY staff, id",
    )?;
    let mut rows = find.query([])?;
    let mut cards = Vec::new();
    while let Some(row) = rows.next()? {
        cards.push(CardLine {
            staff: row.get(0)?,
            role: role(row, 1)?,
            card: card_no(row.get(2)?),
            issued: WallTime(row.get(3)?),
            not_after: WallTime(row.get(4)?),
            revoked: row.get::<_, Option<i64>>(5)?.map(WallTime),
        });
    }
    Ok(cards)
}
