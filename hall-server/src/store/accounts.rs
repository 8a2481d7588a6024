//! Clerk accounts, the links that make them, sessions and lockouts.
//!
//! Tokens come in as hashes only.

use kiosk_words::WallTime;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, WriteContext, chain};

/// SHA-256 of a token or a name.
pub type Hashed = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    pub name: String,
    pub password_hash: String,
}

/// What became of a link in the transaction that wanted to use it.
#[derive(Debug, PartialEq, Eq)]
pub enum Made {
    Done { account: i64 },
    LinkGone,
    NameTaken,
}

pub fn any(sql: &Connection) -> Result<bool, StoreError> {
    Ok(sql.prepare("SELECT 1 FROM accounts LIMIT 1")?.exists([])?)
}

/// A link for one new account. The hall's own link replaces an older one of its own.
pub fn add_link(
    context: &WriteContext<'_>,
    token: &Hashed,
    made_by: &str,
    now: WallTime,
    expires: WallTime,
) -> Result<(), StoreError> {
    if made_by == "hall" {
        context.sql.execute("DELETE FROM account_links WHERE made_by = 'hall'", [])?;
    }
    context.sql.execute(
        "INSERT INTO account_links (token_hash, made_by, made_ms, expires_ms)
         VALUES (?1, ?2, ?3, ?4)",
        params![token, made_by, now.0, expires.0],
    )?;
    chain::append(context, now, made_by, chain::Kind::LinkMade, None, "")
}

pub fn link_stands(sql: &Connection, token: &Hashed, now: WallTime) -> Result<bool, StoreError> {
    let query = "SELECT 1 FROM account_links WHERE token_hash = ?1 AND expires_ms > ?2";
    Ok(sql.prepare_cached(query)?.exists(params![token, now.0])?)
}

/// Makes the account and uses up the link in one step.
pub fn make(
    context: &WriteContext<'_>,
    token: &Hashed,
    name: &str,
    password_hash: &str,
    now: WallTime,
) -> Result<Made, StoreError> {
    if !link_stands(context.sql, token, now)? {
        return Ok(Made::LinkGone);
    }
    if by_name(context.sql, name)?.is_some() {
        return Ok(Made::NameTaken);
    }
    context.sql.execute("DELETE FROM account_links WHERE token_hash = ?1", [token])?;
    context.sql.execute(
        "INSERT INTO accounts (name, password_hash, made_ms) VALUES (?1, ?2, ?3)",
        params![name, password_hash, now.0],
    )?;
    let account = context.sql.last_insert_rowid();
    chain::append(context, now, name, chain::Kind::AccountMade, None, "")?;
    Ok(Made::Done { account })
}

pub fn by_name(sql: &Connection, name: &str) -> Result<Option<Account>, StoreError> {
    let account = sql
        .prepare_cached("SELECT id, name, password_hash FROM accounts WHERE name = ?1")?
        .query_row([name], |row| {
            Ok(Account { id: row.get(0)?, name: row.get(1)?, password_hash: row.get(2)? })
        })
        .optional()?;
    Ok(account)
}

pub fn locked_until(sql: &Connection, name: &Hashed) -> Result<Option<WallTime>, StoreError> {
    let until = sql
        .prepare_cached("SELECT locked_until_ms FROM login_failures WHERE name_hash = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(until.map(WallTime))
}

/// Counts a failure; every `limit` of them locks until `locked_until`.
pub fn count_failure(
    context: &WriteContext<'_>,
    name: &Hashed,
    limit: u32,
    locked_until: WallTime,
    now: WallTime,
) -> Result<(), StoreError> {
    let n_failures: u32 = context.sql.query_row(
        "INSERT INTO login_failures (name_hash, n_failures, locked_until_ms) VALUES (?1, 1, 0)
         ON CONFLICT (name_hash) DO UPDATE SET n_failures = n_failures + 1
         RETURNING n_failures",
        [name],
        |row| row.get(0),
    )?;
    if n_failures < limit {
        return Ok(());
    }
    context.sql.execute(
        "UPDATE login_failures SET n_failures = 0, locked_until_ms = ?2 WHERE name_hash = ?1",
        params![name, locked_until.0],
    )?;
    chain::append(context, now, "hall", chain::Kind::LockedOut, None, &hex::encode(&name[..8]))
}

/// Clears the failures of a name whose password was right.
pub fn forgive(context: &WriteContext<'_>, name: &Hashed) -> Result<(), StoreError> {
    context.sql.execute("DELETE FROM login_failures WHERE name_hash = ?1", [name])?;
    Ok(())
}

pub fn sign_in(
    context: &WriteContext<'_>,
    account: &Account,
    token: &Hashed,
    now: WallTime,
) -> Result<(), StoreError> {
    context.sql.execute(
        "INSERT INTO sessions (token_hash, account, made_ms, seen_ms) VALUES (?1, ?2, ?3, ?3)",
        params![token, account.id, now.0],
    )?;
    chain::append(context, now, &account.name, chain::Kind::SignedIn, None, "")
}

/// A session as it was found; whether it still counts is the caller's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: i64,
    pub account: i64,
    pub name: String,
    pub made: WallTime,
    pub seen: WallTime,
}

pub fn session(sql: &Connection, token: &Hashed) -> Result<Option<Session>, StoreError> {
    let session = sql
        .prepare_cached(
            "SELECT s.id, a.id, a.name, s.made_ms, s.seen_ms
             FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.token_hash = ?1",
        )?
        .query_row([token], |row| {
            Ok(Session {
                id: row.get(0)?,
                account: row.get(1)?,
                name: row.get(2)?,
                made: WallTime(row.get(3)?),
                seen: WallTime(row.get(4)?),
            })
        })
        .optional()?;
    Ok(session)
}

pub fn touch(context: &WriteContext<'_>, session: i64, now: WallTime) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET seen_ms = ?2 WHERE id = ?1";
    context.sql.execute(sql, params![session, now.0])?;
    Ok(())
}

pub fn sign_out(
    context: &WriteContext<'_>,
    session: &Session,
    now: WallTime,
) -> Result<(), StoreError> {
    context.sql.execute("DELETE FROM sessions WHERE id = ?1", [session.id])?;
    chain::append(context, now, &session.name, chain::Kind::SignedOut, None, "")
}

/// Drops sessions that nobody has used since `oldest`.
pub fn drop_idle(context: &WriteContext<'_>, oldest: WallTime) -> Result<(), StoreError> {
    context.sql.execute("DELETE FROM sessions WHERE seen_ms < ?1", [oldest.0])?;
    Ok(())
}
