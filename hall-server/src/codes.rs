//! One-time codes: how one looks, how long and how often it may be tried, and how it is checked.
//!
//! ```text
//! made (argon2id at rest, 24 h, 5 wrong tries) ► right ► used up, with request and answer
//!        │ a newer one, 24 h, 5 wrong tries            ► the same request again ► the same answer
//!        └► void
//! ```
//! `AAAAA-BBBBB-` and the first 16 bytes of the CA certificate's SHA-256 in hex: the two groups are
//! the secret, the fingerprint tells whoever types the code which hall to believe. A wrong code and
//! one that nobody was given look the same from outside.

use std::path::Path;

use axum::http::StatusCode;
use kiosk_words::{Private, WallTime};
use serde::de::DeserializeOwned;

use crate::{
    clock::Clock,
    folder::Folder,
    passwords,
    prepare::{PrepareError, prepare},
    problem::Refusal,
    random,
    station_api::StationApi,
    store::{
        StoreError, WriteContext,
        codes::{self, Code, CodeTable, NewCode},
        with_own_transaction,
    },
};

const LIFE_MS: i64 = 24 * 3_600_000;
const ATTEMPTS: u32 = 5;
/// Crockford's base 32: without I, L, O and U, which are misread or misheard.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_LEN: usize = 5;

/// A code that may be used.
pub(crate) enum Right<T> {
    Fresh(Code),
    /// This very request used it before, and its answer was lost on the way.
    Again(T),
}

/// Makes a code, has it kept and returns what is to be printed. Works with and without a hall
/// serving the folder.
pub(crate) fn make(
    data: &Path,
    clock: &Clock,
    keep: impl FnOnce(&mut WriteContext<'_>, &NewCode) -> Result<(), StoreError>,
) -> Result<String, PrepareError> {
    let folder = Folder::open(data)?;
    let now = clock.now();
    let mut ready = prepare(&folder, now)?;
    let code = random_code();
    let new = NewCode {
        selector: selector(&code),
        hash: passwords::hash(&code),
        attempts: ATTEMPTS,
        made: now,
        expires: WallTime(now.0 + LIFE_MS),
    };
    with_own_transaction(&mut ready.database, |context| keep(context, &new))?;
    Ok(format!("{}-{}", code.expose(), ready.keys.ca.short_fingerprint()))
}

fn random_code() -> Private<String> {
    let letters = random::bytes::<{ 2 * GROUP_LEN }>().map(|byte| {
        // 256 is a multiple of 32: every letter is equally likely.
        char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
    });
    let (first, second) = letters.split_at(GROUP_LEN);
    Private::new([first, &['-'], second].concat().into_iter().collect())
}

/// The secret part of a typed code: the fingerprint behind it is the sender's business.
pub(crate) fn secret_part(typed: &str) -> Private<String> {
    let upper = typed.trim().to_ascii_uppercase();
    let groups: Vec<&str> = upper.split('-').take(2).collect();
    Private::new(groups.join("-"))
}

/// The first group of a secret part. It finds the code and is no secret at rest; five tries at the
/// 25 bits of the other group are too few to guess it.
pub(crate) fn selector(secret: &Private<String>) -> String {
    secret.expose().split('-').next().unwrap_or_default().to_owned()
}

/// Whether the typed code is right and may be used for this request.
pub(crate) async fn check<T: DeserializeOwned>(
    api: &StationApi,
    table: CodeTable,
    code: Option<Code>,
    typed: &str,
    request_hash: &[u8; 32],
    now: WallTime,
) -> Result<Right<T>, Refusal> {
    let hash = code.as_ref().filter(|code| code.attempts_left > 0).map(|code| code.hash.clone());
    let is_right = api.passwords.verify(secret_part(typed), hash).await;
    let code = match (code, is_right) {
        (Some(code), true) => code,
        (code, _) => return Err(refuse_wrong(api, table, code).await),
    };
    if code.is_used {
        return same_answer(&code, request_hash).map(Right::Again);
    }
    if code.expires <= now {
        return Err(gone("code_expired", "the code has run out"));
    }
    Ok(Right::Fresh(code))
}

async fn refuse_wrong(api: &StationApi, table: CodeTable, code: Option<Code>) -> Refusal {
    if let Some(code) = code.as_ref() {
        let id = code.id;
        let counted = api.store.write(move |context| codes::count_wrong(context, table, id)).await;
        if let Err(error) = counted {
            return error.into();
        }
        if code.attempts_left == 0 {
            return Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "code_locked",
                format!("{ATTEMPTS} wrong codes were sent; make a new one at the hall"),
            );
        }
    }
    let message = match table {
        CodeTable::Stations => {
            "the code is not right for this station; check it or make a new one at the hall"
        }
        CodeTable::StaffCards => {
            "the code is not right for a staff card; check it or make a new one at the hall"
        }
    };
    Refusal::new(StatusCode::FORBIDDEN, "wrong_code", message)
}

fn same_answer<T: DeserializeOwned>(code: &Code, request_hash: &[u8; 32]) -> Result<T, Refusal> {
    let used = || gone("code_used", "the code was used before");
    let reply = code.reply.as_ref().filter(|_| code.request_hash.as_ref() == Some(request_hash));
    serde_json::from_str(reply.ok_or_else(used)?).map_err(|_| used())
}

/// The code was right once.
pub(crate) fn gone(code: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::GONE, code, format!("{message}; make a new one at the hall"))
}
