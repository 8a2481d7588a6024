//! Staff cards: a one-time code turns the two keys made on a card into its certificates.
//!
//! ```text
//! hall staff-card code ► code made, for one person in one role
//! whoever personalises the card: POST code + card number + 2 CSRs ► right ► 2 certificates; the
//!     code is used up, the person's cards from before are revoked, every station is told
//! ```
//! How codes live and die stands in `codes`. The request names no person: the code does.

use std::path::Path;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use hall_api::wire::{StaffCardReply, StaffCardRequest};
use kiosk_words::{StaffRole, WallTime};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::Clock,
    codes::{self, Right, gone},
    prepare::PrepareError,
    problem::{self, Refusal},
    staff_ca::{CardCertificates, Holder},
    station_api::StationApi,
    store::{
        codes::{CodeTable, keep_reply},
        staff_cards::{self, CardCode, Issued, NewCard},
    },
};

/// Makes the one-time code for one card of this person, see `codes`. A newer code voids it.
pub fn staff_card_code(
    data: &Path,
    staff: &str,
    role: StaffRole,
    clock: &Clock,
) -> Result<String, PrepareError> {
    codes::make(data, clock, |context, new| staff_cards::add_code(context, staff, role, new))
}

pub(crate) async fn issue(
    State(api): State<StationApi>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<StaffCardReply>, Refusal> {
    let request: StaffCardRequest = problem::parse(&body)?;
    let request_hash = request_hash(&request);
    let now = api.clock.now();
    let selector = codes::selector(&codes::secret_part(&request.code));
    let found = api.store.read(move |sql| staff_cards::code(sql, &selector)).await?;
    let (code, person) = match found {
        Some(CardCode { code, staff, role }) => (Some(code), Some((staff, role))),
        None => (None, None),
    };
    let table = CodeTable::StaffCards;
    let code = codes::check(&api, table, code, &request.code, &request_hash, now).await?;
    let code = match code {
        Right::Fresh(code) => code,
        Right::Again(reply) => return Ok(Json(reply)),
    };
    let (staff, role) = person.expect("a code that is right was found with its person");
    let holder = Holder { staff: &staff, role, card: request.card };
    let certificates = api
        .staff_ca
        .sign_card(&request.holder_csr_pem, &request.card_csr_pem, &holder, now)
        .map_err(|error| error.refusal())?;
    let card = NewCard {
        code: code.id,
        request_hash,
        card: request.card,
        staff,
        role,
        not_after: certificates.not_after,
    };
    finish(&api, card, certificates, now).await.map(Json)
}

/// Number and keys of the card: what the certificates will say.
fn request_hash(request: &StaffCardRequest) -> [u8; 32] {
    let mut hasher = Sha256::new().chain_update(request.card.0.as_bytes());
    for csr in [&request.holder_csr_pem, &request.card_csr_pem] {
        hasher.update((csr.len() as u64).to_be_bytes());
        hasher.update(csr);
    }
    hasher.finalize().into()
}

async fn finish(
    api: &StationApi,
    card: NewCard,
    certificates: CardCertificates,
    now: WallTime,
) -> Result<StaffCardReply, Refusal> {
    let outcome = api
        .store
        .write(move |context| {
            match staff_cards::issue(context, &card, now)? {
                Issued::Done => {}
                refused @ (Issued::CodeGone | Issued::CardTaken) => return Ok(Err(refused)),
            }
            let reply = StaffCardReply {
                staff: card.staff,
                role: card.role,
                holder_certificate_pem: certificates.holder_pem,
                card_certificate_pem: certificates.card_pem,
            };
            let text = serde_json::to_string(&reply).expect("such a reply has text keys");
            keep_reply(context, CodeTable::StaffCards, card.code, &text)?;
            Ok(Ok(reply))
        })
        .await?;
    outcome.map_err(|refused| match refused {
        Issued::Done => unreachable!("done is not a refusal"),
        Issued::CodeGone => gone("code_used", "the code was used or ended just now"),
        Issued::CardTaken => Refusal::new(
            StatusCode::CONFLICT,
            "card_taken",
            "there is a card with this number; personalise the card anew",
        ),
    })
}
