//! A station's first contact: the one-time code and everything that can be wrong with it.

use crate::support::{self, KeyAndRequest, TestHall, key_and_request, new_epoch, problem_code};
use hall_api::wire::{EnrolReply, EnrolRequest, PATH_ENROL, PATH_HEARTBEAT};
use kiosk_words::StationId;

fn request(station: u16, code: &str) -> EnrolRequest {
    let KeyAndRequest { csr_pem, .. } = key_and_request();
    let station = StationId::try_from(station).unwrap();
    EnrolRequest { code: code.to_owned(), station, epoch: new_epoch(), csr_pem }
}

async fn send(hall: &TestHall, request: &EnrolRequest) -> reqwest::Response {
    hall.stranger().post(hall.url(PATH_ENROL)).json(request).send().await.unwrap()
}

async fn refused(hall: &TestHall, request: &EnrolRequest) -> (u16, String) {
    problem_code(send(hall, request).await).await
}

#[tokio::test]
async fn a_code_has_the_shape_that_is_read_over_the_phone() {
    let hall = TestHall::start().await;
    let code = hall.code(17);
    let parts: Vec<usize> = code.split('-').map(str::len).collect();
    assert_eq!(parts, [5, 5, 32]);
}

#[tokio::test]
async fn an_enrolled_station_is_known_by_its_certificate() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    assert_eq!((station.reply.receipts.first, station.reply.receipts.end), (1, 1_001));
    assert!(station.beat(0).await.hall_time > 0);
}

#[tokio::test]
async fn a_code_is_used_once_but_a_lost_reply_is_repeated() {
    let hall = TestHall::start().await;
    let code = hall.code(17);
    let first = request(17, &code);
    let reply: EnrolReply = send(&hall, &first).await.json().await.unwrap();
    let again: EnrolReply = send(&hall, &first).await.json().await.unwrap();
    assert_eq!(reply, again);
    assert_eq!(refused(&hall, &request(17, &code)).await, (410, "code_used".into()));
}

#[tokio::test]
async fn a_wrong_code_and_an_unknown_station_look_the_same() {
    let hall = TestHall::start().await;
    hall.code(17);
    let wrong = "AAAAA-AAAAA-00000000000000000000000000000000";
    assert_eq!(refused(&hall, &request(17, wrong)).await, (403, "wrong_code".into()));
    assert_eq!(refused(&hall, &request(18, wrong)).await, (403, "wrong_code".into()));
}

#[tokio::test]
async fn after_five_wrong_tries_the_right_code_is_dead_too() {
    let hall = TestHall::start().await;
    let code = hall.code(17);
    for _ in 0..5 {
        let wrong = request(17, "AAAAA-AAAAA");
        assert_eq!(refused(&hall, &wrong).await, (403, "wrong_code".into()));
    }
    assert_eq!(refused(&hall, &request(17, &code)).await, (429, "code_locked".into()));
}

#[tokio::test]
async fn a_code_of_yesterday_is_expired() {
    let hall = TestHall::start().await;
    let code = hall.code(17);
    hall.pass_ms(24 * 3_600_000 + 1);
    assert_eq!(refused(&hall, &request(17, &code)).await, (410, "code_expired".into()));
}

#[tokio::test]
async fn a_new_code_voids_the_one_before() {
    let hall = TestHall::start().await;
    let old = hall.code(17);
    hall.code(17);
    assert_eq!(refused(&hall, &request(17, &old)).await, (403, "wrong_code".into()));
}

#[tokio::test]
async fn a_torn_certificate_request_does_not_use_up_the_code() {
    let hall = TestHall::start().await;
    let code = hall.code(17);
    let mut torn = request(17, &code);
    torn.csr_pem.truncate(120);
    assert_eq!(refused(&hall, &torn).await, (400, "bad_csr".into()));
    assert_eq!(send(&hall, &request(17, &code)).await.status(), 200);
}

#[tokio::test]
async fn a_key_on_another_curve_is_refused() {
    let hall = TestHall::start().await;
    let mut other = request(17, &hall.code(17));
    other.csr_pem = support::P384_REQUEST.to_owned();
    assert_eq!(refused(&hall, &other).await, (400, "bad_csr".into()));
}

#[tokio::test]
async fn a_store_cannot_be_enrolled_for_a_second_station() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut stolen = request(18, &hall.code(18));
    stolen.epoch = station.epoch;
    assert_eq!(refused(&hall, &stolen).await, (409, "epoch_taken".into()));
}

#[tokio::test]
async fn without_a_certificate_only_enrolment_is_open() {
    let hall = TestHall::start().await;
    let answer = hall.stranger().post(hall.url(PATH_HEARTBEAT)).body("{}").send().await.unwrap();
    assert_eq!(problem_code(answer).await, (401, "certificate_required".into()));
}

#[tokio::test]
async fn a_certificate_of_another_hall_ends_the_handshake() {
    let (hall, other) = (TestHall::start().await, TestHall::start().await);
    let foreign = other.enrolled(17).await;
    let ca = std::fs::read(hall.folder.path().join("ca.pem")).unwrap();
    let identity = reqwest::Identity::from_pem(foreign.identity_pem.as_bytes()).unwrap();
    let client = support::client(&ca).identity(identity).build().unwrap();
    let answer = client.post(hall.url(PATH_HEARTBEAT)).body("{}").send().await;
    assert!(answer.unwrap_err().status().is_none(), "no HTTP answer at all");
}

#[tokio::test]
async fn counters_of_a_rebuilt_store_are_new_ones() {
    let hall = TestHall::start().await;
    let first = hall.enrolled(17).await;
    let second = hall.enrolled(17).await;
    assert_eq!(second.reply.receipts.first, first.reply.receipts.end);
}

#[tokio::test]
async fn keys_and_folder_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let hall = TestHall::start().await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(hall.folder.path()), 0o700);
    for key in ["ca.key", "seal.key"] {
        assert_eq!(mode(&hall.folder.path().join(key)), 0o600, "{key}");
    }
}

#[tokio::test]
async fn a_database_without_its_keys_is_refused() {
    let TestHall { folder, hall, .. } = TestHall::start().await;
    hall.shutdown().await;
    std::fs::remove_file(folder.path().join("seal.key")).unwrap();
    let error = hall_server::serve(hall_server::Options {
        data: folder.path().to_owned(),
        console: "127.0.0.1:0".parse().unwrap(),
        stations: "127.0.0.1:0".parse().unwrap(),
        hosts: Vec::new(),
        ready_file: None,
        forms: None,
        clock: hall_server::Clock::system(),
    })
    .await
    .unwrap_err();
    assert!(format!("{error:?}").contains("seal.key"), "{error:?}");
}
