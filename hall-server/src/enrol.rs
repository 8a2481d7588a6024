//! Enrolment: a one-time code, spoken once, turns a station's key into a certificate.
//!
//! ```text
//! hall enrol-code ► code made
//! station: POST code + CSR ► right ► certificate, CA, seal key, receipt block; the code is used up
//! ```
//! How codes live and die stands in `codes`.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use hall_api::wire::{EnrolReply, EnrolRequest};
use kiosk_words::{StationId, WallTime};
use sha2::{Digest as _, Sha256};

use crate::{
    ca::{Keys, StationCertificate},
    clock::Clock,
    codes::{self, Right, gone},
    prepare::PrepareError,
    problem::{self, Refusal},
    station_api::StationApi,
    store::{
        StoreError,
        codes::{Code, CodeTable, keep_reply},
        stations::{self, Enrolled, Enrolment},
    },
};

/// Registers the station and makes its one-time code, see `codes`.
pub fn enrol_code(
    data: &std::path::Path,
    station: StationId,
    name: Option<&str>,
    clock: &Clock,
) -> Result<String, PrepareError> {
    codes::make(data, clock, |context, new| {
        let code = (new.hash.as_str(), new.attempts);
        stations::add_code(context, station, name, code, new.made, new.expires)
    })
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
    let table = CodeTable::Stations;
    let code = codes::check(&api, table, code, &request.code, &request_hash, now).await?;
    let code = match code {
        Right::Fresh(code) => code,
        Right::Again(reply) => return Ok(Json(reply)),
    };
    let certificate = sign(&api.keys, &request, now)?;
    finish(&api, &request, &code, certificate, request_hash, now).await.map(Json)
}

/// Epoch and key of the request: what the certificate will say.
fn request_hash(request: &EnrolRequest) -> [u8; 32] {
    let hasher = Sha256::new().chain_update(request.epoch.0.as_bytes());
    hasher.chain_update(request.csr_pem.as_bytes()).finalize().into()
}

fn sign(keys: &Keys, request: &EnrolRequest, now: WallTime) -> Result<StationCertificate, Refusal> {
    let (station, epoch) = (request.station, request.epoch);
    keys.ca.sign_station(&request.csr_pem, station, epoch, now).map_err(|error| error.refusal())
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
            keep_reply(context, CodeTable::Stations, enrolment.code, &text)?;
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
