//! A staff card's first contact: its code, its certificates, and everything that can be wrong.

use hall_api::wire::{PATH_HEARTBEAT, PATH_STAFF_CARDS, StaffCardReply, StaffCardRequest};
use hall_server::store::{
    chain,
    staff_cards::{self, Revoked},
};
use kiosk_words::{StaffCardNo, StaffRole, staff::CARD_KEY_USAGE};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::support::{
    self, KeyAndRequest, P384_REQUEST, TestHall, key_and_request, problem_code, random,
};

const DAY_S: i64 = 86_400;

pub fn card_no() -> StaffCardNo {
    StaffCardNo(uuid::Uuid::from_bytes(random()))
}

fn request(code: &str) -> StaffCardRequest {
    StaffCardRequest {
        code: code.to_owned(),
        card: card_no(),
        holder_csr_pem: key_and_request().csr_pem,
        card_csr_pem: key_and_request().csr_pem,
    }
}

/// The first group of a code with another second one.
fn half_right(code: &str) -> String {
    let (first, _) = code.split_once('-').expect("a code has groups");
    format!("{first}-AAAAA")
}

async fn send(hall: &TestHall, request: &StaffCardRequest) -> reqwest::Response {
    hall.stranger().post(hall.url(PATH_STAFF_CARDS)).json(request).send().await.unwrap()
}

async fn issued(hall: &TestHall, request: &StaffCardRequest) -> StaffCardReply {
    let answer = send(hall, request).await;
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

async fn refused(hall: &TestHall, request: &StaffCardRequest) -> (u16, String) {
    problem_code(send(hall, request).await).await
}

/// A person gets a card.
pub async fn card_of(hall: &TestHall, staff: &str, role: StaffRole) -> StaffCardNo {
    let request = request(&hall.card_code(staff, role));
    issued(hall, &request).await;
    request.card
}

pub async fn revoke(hall: &TestHall, staff: &'static str) -> Revoked {
    let now = hall.now();
    let done = hall.hall.store().write(move |context| staff_cards::revoke(context, staff, now));
    done.await.expect("the store answers")
}

/// The hall's own lines about staff cards.
async fn audit(hall: &TestHall) -> Vec<(String, String)> {
    let lines = hall.hall.store().read(|sql| {
        chain::verify(sql).expect("the chain is whole");
        let mut find = sql.prepare(
            "SELECT kind, detail FROM audit_lines WHERE kind LIKE 'staff_card%' ORDER BY n",
        )?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<Vec<(String, String)>, _>>()?)
    });
    lines.await.expect("the store answers")
}

fn file(hall: &TestHall, name: &str) -> String {
    std::fs::read_to_string(hall.folder.path().join(name)).expect("the hall has made it")
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate in PEM")
}

fn parse<'a>(der: &'a CertificateDer<'static>) -> X509Certificate<'a> {
    X509Certificate::from_der(der).expect("a certificate").1
}

/// What both certificates of a card say; the key usage is what differs.
fn check_profile(certificate: &X509Certificate<'_>, key: &KeyPair, card: StaffCardNo) {
    let subject: Vec<(String, &str)> = certificate
        .subject()
        .iter_attributes()
        .map(|one| (one.attr_type().to_id_string(), one.as_str().expect("text")))
        .collect();
    let number = card.to_string();
    let expected = [("2.5.4.3", "1001"), ("2.5.4.12", "courier"), ("2.5.4.5", number.as_str())];
    assert_eq!(subject, expected.map(|(oid, text)| (oid.to_owned(), text)));
    assert_eq!(certificate.public_key().subject_public_key.data, key.public_key_raw());
    let is_ca = certificate.basic_constraints().expect("well formed").expect("explicit").value.ca;
    assert!(!is_ca);
    let usage = certificate.key_usage().expect("well formed").expect("present").value;
    assert_eq!(usage.flags, 1, "digital signature and nothing else");
    assert!((12..=17).contains(&certificate.raw_serial().len()), "16 random bytes");
    let validity = certificate.validity();
    let (from, until) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    assert_eq!(until - from, 366 * DAY_S);
}

#[tokio::test]
async fn a_code_has_the_shape_of_an_enrolment_code_and_names_the_same_hall() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let parts: Vec<usize> = code.split('-').map(str::len).collect();
    assert_eq!(parts, [5, 5, 32]);
    assert_eq!(code.split('-').nth(2), hall.code(17).split('-').nth(2));
}

#[tokio::test]
async fn a_card_gets_two_certificates_that_say_whose_it_is() {
    let hall = TestHall::start().await;
    let (holder, card) = (key_and_request(), key_and_request());
    let asked = StaffCardRequest {
        code: hall.card_code("1001", StaffRole::Courier),
        card: card_no(),
        holder_csr_pem: holder.csr_pem,
        card_csr_pem: card.csr_pem,
    };
    let reply = issued(&hall, &asked).await;
    assert_eq!((reply.staff.as_str(), reply.role), ("1001", StaffRole::Courier));
    let (with_pin, without) =
        (der(&reply.holder_certificate_pem), der(&reply.card_certificate_pem));
    let (with_pin, without) = (parse(&with_pin), parse(&without));
    check_profile(&with_pin, &holder.key, asked.card);
    check_profile(&without, &card.key, asked.card);
    assert_ne!(with_pin.raw_serial(), without.raw_serial());
    let usage = with_pin.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && usage.other.is_empty(), "{usage:?}");
    let usage = without.extended_key_usage().unwrap().unwrap().value;
    assert!(!usage.client_auth);
    let others: Vec<String> = usage.other.iter().map(|oid| oid.to_id_string()).collect();
    let words: Vec<String> = CARD_KEY_USAGE.iter().map(u64::to_string).collect();
    assert_eq!(others, [words.join(".")]);
}

#[tokio::test]
async fn a_card_is_no_station_and_a_station_is_no_card() {
    let hall = TestHall::start().await;
    let (holder, station) = (key_and_request(), hall.enrolled(17).await);
    let asked = StaffCardRequest {
        holder_csr_pem: holder.csr_pem,
        ..request(&hall.card_code("1001", StaffRole::Courier))
    };
    let reply = issued(&hall, &asked).await;
    let (staff_ca, hall_ca) = (der(&file(&hall, "staff_ca.pem")), der(&file(&hall, "ca.pem")));
    let (staff_ca, hall_ca) = (parse(&staff_ca), parse(&hall_ca));
    let [pin_der, card_der, station_der] = [
        &reply.holder_certificate_pem,
        &reply.card_certificate_pem,
        &station.reply.certificate_pem,
    ]
    .map(|pem| der(pem));
    for card in [&pin_der, &card_der] {
        let card = parse(card);
        assert_eq!(card.issuer(), staff_ca.subject());
        card.verify_signature(Some(staff_ca.public_key())).unwrap();
        assert!(card.verify_signature(Some(hall_ca.public_key())).is_err());
    }
    assert!(parse(&station_der).verify_signature(Some(staff_ca.public_key())).is_err());
    assert_eq!(staff_ca.subject().to_string(), "CN=Nightdesk Staff CA");
    // The key of a card opens no connection of a station.
    let identity = format!("{}{}", reply.holder_certificate_pem, holder.key.serialize_pem());
    let identity = reqwest::Identity::from_pem(identity.as_bytes()).unwrap();
    let client = support::client(file(&hall, "ca.pem").as_bytes()).identity(identity);
    let answer = client.build().unwrap().post(hall.url(PATH_HEARTBEAT)).body("{}").send().await;
    assert!(answer.unwrap_err().status().is_none(), "no HTTP answer at all");
}

#[tokio::test]
async fn a_wrong_code_and_one_that_nobody_has_look_the_same() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let half_right = half_right(&code);
    for wrong in [half_right.as_str(), "AAAAA-AAAAA-00000000000000000000000000000000", "", "-"] {
        assert_eq!(refused(&hall, &request(wrong)).await, (403, "wrong_code".into()), "{wrong}");
    }
    // The code of a station is none of a card.
    assert_eq!(refused(&hall, &request(&hall.code(17))).await, (403, "wrong_code".into()));
    issued(&hall, &request(&code.to_ascii_lowercase())).await;
}

#[tokio::test]
async fn after_five_wrong_tries_the_right_code_is_dead_too() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let other = hall.card_code("1002", StaffRole::Guard);
    let wrong = request(&half_right(&code));
    for _ in 0..5 {
        assert_eq!(refused(&hall, &wrong).await, (403, "wrong_code".into()));
    }
    assert_eq!(refused(&hall, &request(&code)).await, (429, "code_locked".into()));
    issued(&hall, &request(&other)).await;
}

#[tokio::test]
async fn a_code_of_yesterday_is_expired() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    hall.pass_ms(24 * 3_600_000 + 1);
    assert_eq!(refused(&hall, &request(&code)).await, (410, "code_expired".into()));
}

#[tokio::test]
async fn a_new_code_voids_that_persons_code_before_and_no_other() {
    let hall = TestHall::start().await;
    let old = hall.card_code("1001", StaffRole::Courier);
    let other = hall.card_code("1002", StaffRole::Courier);
    let new = hall.card_code("1001", StaffRole::Manager);
    assert_eq!(refused(&hall, &request(&old)).await, (403, "wrong_code".into()));
    assert_eq!(issued(&hall, &request(&new)).await.role, StaffRole::Manager);
    assert_eq!(issued(&hall, &request(&other)).await.staff, "1002");
}

#[tokio::test]
async fn a_code_is_used_once_but_a_lost_reply_is_repeated() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let first = request(&code);
    let reply = issued(&hall, &first).await;
    assert_eq!(issued(&hall, &first).await, reply);
    let mut other_key = first.clone();
    other_key.card_csr_pem = key_and_request().csr_pem;
    for other in [other_key, request(&code)] {
        assert_eq!(refused(&hall, &other).await, (410, "code_used".into()));
    }
    let n_issued =
        audit(&hall).await.iter().filter(|(kind, _)| kind == "staff_card_issued").count();
    assert_eq!(n_issued, 1);
}

#[tokio::test]
async fn bad_requests_for_certificates_are_refused_and_the_code_stays() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let good = request(&code);
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let rsa = CertificateParams::new(Vec::new()).unwrap().serialize_request(&rsa).unwrap();
    let mut torn = good.card_csr_pem.clone();
    torn.truncate(120);
    // Another key, and the signature of the one before.
    let forged = forged(&key_and_request(), &key_and_request());
    let bad = [rsa.pem().unwrap(), torn, forged, P384_REQUEST.to_owned(), String::new()];
    for csr_pem in bad {
        let holder = StaffCardRequest { holder_csr_pem: csr_pem.clone(), ..good.clone() };
        let card = StaffCardRequest { card_csr_pem: csr_pem, ..good.clone() };
        for request in [holder, card] {
            assert_eq!(refused(&hall, &request).await, (400, "bad_csr".into()), "{request:?}");
        }
    }
    issued(&hall, &good).await;
}

/// The request of one key with the signature of another's.
fn forged(one: &KeyAndRequest, other: &KeyAndRequest) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let [one, other] = [one, other].map(|request| {
        let body: String =
            request.csr_pem.lines().filter(|line| !line.starts_with("---")).collect();
        engine.decode(body.trim()).expect("base64")
    });
    // Key and everything before it stand in the first 100 bytes; lengths are the same.
    let mixed = [&one[..100], &other[100..]].concat();
    let body = engine.encode(mixed);
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n")
}

#[tokio::test]
async fn one_key_in_both_slots_is_refused() {
    let hall = TestHall::start().await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let mut same = request(&code);
    same.card_csr_pem = same.holder_csr_pem.clone();
    assert_eq!(refused(&hall, &same).await, (400, "bad_csr".into()));
}

#[tokio::test]
async fn a_card_number_is_used_once() {
    let hall = TestHall::start().await;
    let card = card_of(&hall, "1001", StaffRole::Courier).await;
    let code = hall.card_code("1002", StaffRole::Courier);
    let taken = StaffCardRequest { card, ..request(&code) };
    assert_eq!(refused(&hall, &taken).await, (409, "card_taken".into()));
    issued(&hall, &request(&code)).await;
}

#[tokio::test]
async fn the_chain_says_who_was_given_and_who_lost_a_card() {
    let hall = TestHall::start().await;
    let first = card_of(&hall, "1001", StaffRole::Courier).await;
    let second = card_of(&hall, "1001", StaffRole::Manager).await;
    let expected = [
        ("staff_card_code_made", "staff 1001 role courier".to_owned()),
        ("staff_card_issued", format!("staff 1001 role courier card {first}")),
        ("staff_card_code_made", "staff 1001 role manager".to_owned()),
        ("staff_card_revoked", format!("staff 1001 card {first}")),
        ("staff_card_issued", format!("staff 1001 role manager card {second}")),
    ];
    assert_eq!(audit(&hall).await, expected.map(|(kind, detail)| (kind.to_owned(), detail)));
}

#[tokio::test]
async fn whose_cards_are_revoked_has_no_code_left_either() {
    let hall = TestHall::start().await;
    let card = card_of(&hall, "1001", StaffRole::Courier).await;
    let code = hall.card_code("1001", StaffRole::Courier);
    let n_revoked = async |hall: &TestHall| {
        audit(hall).await.iter().filter(|(kind, _)| kind == "staff_card_revoked").count()
    };
    assert_eq!(revoke(&hall, "1001").await, Revoked { cards: vec![card], n_codes: 1 });
    assert_eq!(n_revoked(&hall).await, 2, "the card, and the code");
    assert_eq!(revoke(&hall, "1001").await, Revoked { cards: vec![], n_codes: 0 });
    assert_eq!(refused(&hall, &request(&code)).await, (410, "code_expired".into()));
}

#[tokio::test]
async fn the_program_makes_codes_lists_cards_and_revokes_them() {
    let hall = TestHall::start().await;
    let data = hall.folder.path();
    let run = |arguments: &[&str]| support::hall_command(data, arguments);
    let code = ["staff-card", "code", "--staff", "1001", "--role", "courier"];
    let (exit, code) = run(&code);
    assert_eq!(exit, Some(0), "{code}");
    let asked = request(&code);
    issued(&hall, &asked).await;
    let (exit, list) = run(&["staff-card", "list"]);
    let fields: Vec<&str> = list.trim_end().split('\t').collect();
    assert_eq!((exit, fields.len()), (Some(0), 6), "{list}");
    assert_eq!(fields[..3], ["1001", "courier", &asked.card.to_string()]);
    assert_eq!(fields[5], "valid");
    let revoke = ["staff-card", "revoke", "--staff", "1001"];
    assert_eq!(run(&revoke), (Some(0), "1 cards and 0 codes of staff 1001 revoked\n".into()));
    assert!(run(&["staff-card", "list"]).1.contains("\trevoked"));
    assert_eq!(run(&revoke).0, Some(1), "nothing was left to revoke");
    for wrong in [["--staff", "一〇〇一", "--role", "courier"], ["--staff", "1", "--role", "boss"]]
    {
        let arguments = [&["staff-card", "code"][..], &wrong[..]].concat();
        assert_eq!(run(&arguments).0, Some(2), "{arguments:?}");
    }
}
