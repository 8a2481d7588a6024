//! Enrolment: a one-time code, spoken once, turns a station's key into a certificate.
//!
//! ```text
//! hall enrol-code ► code made (argon2id at rest, 24 h, 5 wrong tries) ─► void
//! station: POST code + CSR ► right ► certificate, CA, seal key, receipt block; the code is used up
//!                          ► the same request again ► the same answer (the reply was lost)
//! ```
//! A wrong code and an unknown station look the same from outside.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use hall_api::wire::{EnrolReply, EnrolRequest};
use kiosk_words::{Private, StationId, WallTime};
use sha2::{Digest as _, Sha256};

use crate::{
    ca::{Keys, RequestError, StationCertificate},
    clock::Clock,
    folder::Folder,
    passwords,
    problem::{self, Refusal},
    random,
    station_api::StationApi,
    store::{
        self, StoreError,
        stations::{self, Code, Enrolled, Enrolment},
        with_own_transaction,
    },
};

const CODE_LIFE_MS: i64 = 24 * 3_600_000;
const CODE_ATTEMPTS: u32 = 5;
/// Crockford's base 32: without I, L, O and U, which are misread or misheard.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_LEN: usize = 5;

/// Why no code could be made.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    #[error("data folder")]
    Folder(#[from] crate::folder::FolderError),
    #[error("keys of the hall")]
    Keys(#[from] crate::ca::KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers the station and makes its one-time code: `AAAAA-BBBBB-` and the first 16 bytes of the
/// CA certificate's SHA-256 in hex. Works with and without a hall serving the folder.
pub fn enrol_code(
    data: &std::path::Path,
    station: StationId,
    name: Option<&str>,
    clock: &Clock,
) -> Result<String, CodeError> {
    let folder = Folder::open(data)?;
    let now = clock.now();
    let preparing = folder.lock_preparing()?;
    let keys = Keys::open_or_create(&folder, now)?;
    let mut database = store::open_database(&folder.database())?;
    drop(preparing);
    let code = random_code();
    let hash = passwords::hash(&code);
    with_own_transaction(&mut database, |context| {
        let expires = WallTime(now.0 + CODE_LIFE_MS);
        stations::add_code(context, station, name, (&hash, CODE_ATTEMPTS), now, expires)
    })?;
    Ok(format!("{}-{}", code.expose(), keys.ca.short_fingerprint()))
}

fn random_code() -> Private<String> {
    let letters = random::bytes::<{ 2 * GROUP_LEN }>().map(|byte| {
        // 256 is a multiple of 32: every letter is equally likely.
        char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
    });
    let (first, second) = letters.split_at(GROUP_LEN);
    Private::new([first, &['-'], second].concat().into_iter().collect())
}

/// The secret part of a typed code: the fingerprint behind it is the station's business.
fn secret_part(typed: &str) -> Private<String> {
    let upper = typed.trim().to_ascii_uppercase();
    let groups: Vec<&str> = upper.split('-').take(2).collect();
    Private::new(groups.join("-"))
}

pub(crate) async fn enrol(
    State(api): State<StationApi>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<EnrolReply>, Refusal> {
    let request: EnrolRequest = problem::parse(&body)?;
    let request_hash = request_hash(&request);
    let station = request.station;
    let now = api.clock.now();
    let code = api.store.read(move |sql| stations::newest_code(sql, station)).await?;
    let hash = code.as_ref().filter(|code| code.attempts_left > 0).map(|code| code.hash.clone());
    let is_right = api.passwords.verify(secret_part(&request.code), hash).await;
    let code = match (code, is_right) {
        (Some(code), true) => code,
        (code, _) => return Err(refuse_wrong(&api, code).await),
    };
    if code.is_used {
        return same_answer(&code, &request_hash);
    }
    if code.expires <= now {
        return Err(gone("code_expired", "the code is older than 24 hours"));
    }
    let certificate = sign(&api.keys, &request, now)?;
    finish(&api, &request, &code, certificate, request_hash, now).await.map(Json)
}

/// Epoch and key of the request: what the certificate will say.
fn request_hash(request: &EnrolRequest) -> [u8; 32] {
    let hasher = Sha256::new().chain_update(request.epoch.0.as_bytes());
    hasher.chain_update(request.csr_pem.as_bytes()).finalize().into()
}

async fn refuse_wrong(api: &StationApi, code: Option<Code>) -> Refusal {
    if let Some(code) = code.as_ref() {
        let id = code.id;
        let counted = api.store.write(move |context| stations::count_wrong_code(context, id)).await;
        if let Err(error) = counted {
            return error.into();
        }
        if code.attempts_left == 0 {
            return Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "code_locked",
                format!("{CODE_ATTEMPTS} wrong codes were sent; make a new one at the hall"),
            );
        }
    }
    let message = "the code is not right for this station; check it or make a new one at the hall";
    Refusal::new(StatusCode::FORBIDDEN, "wrong_code", message)
}

fn same_answer(code: &Code, request_hash: &[u8; 32]) -> Result<Json<EnrolReply>, Refusal> {
    let used = || gone("code_used", "the code was used before");
    let reply = code.reply.as_ref().filter(|_| code.request_hash.as_ref() == Some(request_hash));
    serde_json::from_str(reply.ok_or_else(used)?).map(Json).map_err(|_| used())
}

fn gone(code: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::GONE, code, format!("{message}; make a new one at the hall"))
}

fn sign(keys: &Keys, request: &EnrolRequest, now: WallTime) -> Result<StationCertificate, Refusal> {
    keys.ca.sign_station(&request.csr_pem, request.station, request.epoch, now).map_err(|error| {
        match &error {
            RequestError::Unreadable | RequestError::Algorithm => {
                Refusal::bad_request("bad_csr", error.to_string())
            }
            RequestError::Certificate(_) => problem::internal(&error),
        }
    })
}

async fn finish(
    api: &StationApi,
    request: &EnrolRequest,
    code: &Code,
    certificate: StationCertificate,
    request_hash: [u8; 32],
    now: WallTime,
) -> Result<EnrolReply, Refusal> {
    let enrolment = Enrolment {
        code: code.id,
        station: request.station,
        epoch: request.epoch,
        request_hash,
        fingerprint: certificate.fingerprint,
        not_after: certificate.not_after,
    };
    let ca_pem = api.keys.ca.pem.clone();
    let hall_seal_key = api.keys.public().to_string();
    let outcome = api
        .store
        .write(move |context| {
            let (station, epoch) = (enrolment.station, enrolment.epoch);
            match stations::enrol(context, &enrolment, now)? {
                Enrolled::Done => {}
                refused @ (Enrolled::CodeGone | Enrolled::EpochTaken) => return Ok(Err(refused)),
            }
            let receipts = stations::new_block(context, station, epoch)?
                .ok_or(StoreError::Content { what: "a free receipt counter" })?;
            let certificate_pem = certificate.pem;
            let reply = EnrolReply { certificate_pem, ca_pem, hall_seal_key, receipts };
            let text = serde_json::to_string(&reply).expect("an enrolment reply has text keys");
            stations::keep_reply(context, enrolment.code, &text)?;
            Ok(Ok(reply))
        })
        .await?;
    outcome.map_err(|refused| match refused {
        Enrolled::Done => unreachable!("done is not a refusal"),
        Enrolled::CodeGone => gone("code_used", "the code was used or expired just now"),
        Enrolled::EpochTaken => Refusal::new(
            StatusCode::CONFLICT,
            "epoch_taken",
            "this store belongs to another station; make a new store",
        ),
    })
}
