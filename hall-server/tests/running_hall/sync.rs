//! Batches: accepted once, known again, held with a code, refused as a whole.

use hall_api::wire::{BatchReply, EventBody, PATH_EVENTS, SCHEMA};
use kiosk_words::{CaseId, Digest32, ReceiptNo, StationId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{DEPOSITED, TestHall, TestStation, envelope, problem_code, random};

async fn n_cases(hall: &TestHall) -> i64 {
    hall.hall
        .store()
        .read(|sql| Ok(sql.query_row("SELECT count(*) FROM cases", [], |row| row.get(0))?))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_case_is_accepted_once_and_known_afterwards() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let event = station.file(1).event;
    assert_eq!(station.send(vec![event.clone()]).await, ["accepted"]);
    assert_eq!(station.send(vec![event]).await, ["duplicate"]);
    assert_eq!(n_cases(&hall).await, 1);
}

#[tokio::test]
async fn what_was_accepted_survives_a_restart() {
    let hall = TestHall::start().await;
    let mut station = hall.enrolled(17).await;
    let event = station.file(1).event;
    station.send(vec![event.clone()]).await;
    let hall = hall.restart().await;
    station.base = hall.url("");
    assert_eq!(station.send(vec![event]).await, ["duplicate"]);
}

#[tokio::test]
async fn one_bad_event_does_not_stop_the_ones_behind_it() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut events: Vec<_> = (1..=3).map(|seq| station.file(seq).event).collect();
    events[1].body.push(' ');
    assert_eq!(station.send(events.clone()).await, ["accepted", "held bad_hash", "accepted"]);
    assert_eq!(station.send(events).await, ["duplicate", "held bad_hash", "duplicate"]);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_held_and_never_written_over() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let (first, second) = (station.file(1), station.file(1));
    station.send(vec![first.event.clone()]).await;
    assert_eq!(station.send(vec![second.event]).await, ["held other_body"]);
    assert_eq!(station.send(vec![first.event]).await, ["duplicate"]);
    assert_eq!(n_cases(&hall).await, 1);
}

#[tokio::test]
async fn the_same_case_with_another_body_is_held() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let first = station.file(1);
    station.send(vec![first.event]).await;
    let other = station.file_as(first.case, station.file(2).receipt, 2, &[]);
    assert_eq!(station.send(vec![other.event]).await, ["held other_body"]);
}

#[tokio::test]
async fn a_body_that_is_no_event_is_held() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut event = station.file(1).event;
    event.body = "{\"kind\":\"case_forgotten\"}".into();
    event.body_hash = sha256(event.body.as_bytes());
    assert_eq!(station.send(vec![event]).await, ["held bad_body"]);
}

#[tokio::test]
async fn a_record_sealed_to_another_hall_is_held() {
    let (hall, other) = (TestHall::start().await, TestHall::start().await);
    let mut station = hall.enrolled(17).await;
    station.seal = other.enrolled(17).await.seal;
    assert_eq!(station.send(vec![station.file(1).event]).await, ["held bad_seal"]);
}

#[tokio::test]
async fn a_record_moved_to_another_case_is_held() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut event = station.file(1).event;
    event.case = CaseId::new(1, random());
    assert_eq!(station.send(vec![event]).await, ["held bad_seal"]);
}

#[tokio::test]
async fn a_receipt_number_out_of_the_block_or_used_before_is_held() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let case = || CaseId::new(DEPOSITED.0 as u64, random());
    let number = |n, counter| ReceiptNo::new(StationId::try_from(n).unwrap(), counter).unwrap();
    let beyond = station.file_as(case(), number(17, station.reply.receipts.end), 1, &[]);
    let foreign = station.file_as(case(), number(18, 5), 2, &[]);
    let good = station.file_as(case(), number(17, 5), 3, &[]);
    let twice = station.file_as(case(), number(17, 5), 4, &[]);
    let events = vec![beyond.event, foreign.event, good.event, twice.event];
    let expect = ["held bad_receipt", "held bad_receipt", "accepted", "held bad_receipt"];
    assert_eq!(station.send(events).await, expect);
}

#[tokio::test]
async fn an_event_that_says_other_than_its_record_is_held() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    let EventBody::CaseFiled(mut body) = serde_json::from_str(&filed.event.body).unwrap() else {
        panic!("a filing");
    };
    body.receipt = station.file(2).receipt;
    let event = envelope(1, filed.case, &EventBody::CaseFiled(body));
    assert_eq!(station.send(vec![event]).await, ["held bad_body"]);
}

#[tokio::test]
async fn a_later_schema_gets_426_even_if_its_shape_is_new() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let body = format!("{{\"schema\":{},\"things\":[]}}", SCHEMA + 1);
    let answer = station.client.post(station.url(PATH_EVENTS)).body(body).send().await.unwrap();
    assert_eq!(problem_code(answer).await, (426, "schema_too_new".into()));
    let answer = station.client.post(station.url(PATH_EVENTS)).body("{\"schema\":1}");
    let answer = answer.send().await.unwrap();
    assert_eq!(problem_code(answer).await, (400, "schema_too_old".into()));
}

#[tokio::test]
async fn a_batch_for_another_station_or_epoch_is_refused() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut batch = station.batch(vec![station.file(1).event]);
    batch.station = StationId::try_from(18).unwrap();
    let refused = problem_code(station.post_batch(&batch).await).await;
    assert_eq!(refused, (403, "other_station".into()));
    let other_epoch = hall.enrolled(17).await;
    let mut batch = station.batch(vec![station.file(1).event]);
    batch.epoch = other_epoch.epoch;
    let refused = problem_code(station.post_batch(&batch).await).await;
    assert_eq!(refused, (403, "other_station".into()));
}

#[tokio::test]
async fn batches_that_are_too_long_torn_or_out_of_order_are_refused() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let check = async |events, code: &str| {
        let answer = station.post_batch(&station.batch(events)).await;
        assert_eq!(problem_code(answer).await, (400, code.to_owned()));
    };
    let one = |seq| station.file(seq).event;
    check((1..=65).map(one).collect(), "batch_too_long").await;
    check(vec![one(1), one(3)], "bad_seq").await;
    check(vec![one(2), one(1)], "bad_seq").await;
    let torn = station.client.post(station.url(PATH_EVENTS)).body("{\"schema\":1,");
    assert_eq!(problem_code(torn.send().await.unwrap()).await, (400, "bad_json".into()));
    let large = station.client.post(station.url(PATH_EVENTS)).body(vec![b' '; 9 << 20]);
    assert_eq!(problem_code(large.send().await.unwrap()).await, (413, "too_large".into()));
}

#[tokio::test]
async fn a_revoked_station_is_refused_at_once_on_its_open_connection() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    station.send(vec![station.file(1).event]).await;
    let (id, now) = (station.station, DEPOSITED);
    let store = hall.hall.store();
    store
        .write(move |context| hall_server::store::stations::revoke(context, id, now))
        .await
        .unwrap();
    let answer = station.post_batch(&station.batch(vec![station.file(2).event])).await;
    assert_eq!(problem_code(answer).await, (403, "certificate_revoked".into()));
    let feed = station.client.get(station.url("/v1/station/feed")).send().await.unwrap();
    assert_eq!(problem_code(feed).await, (403, "certificate_revoked".into()));
}

/// The station dies after the last byte of its batch: the hall commits, nobody hears the answer.
#[tokio::test]
async fn a_reply_lost_after_the_commit_makes_a_duplicate_and_one_case() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let event = station.file(1).event;
    let batch = station.batch(vec![event.clone()]);
    send_and_hang_up(&hall, &station, &serde_json::to_vec(&batch).unwrap()).await;
    until(async || n_cases(&hall).await == 1).await;
    assert_eq!(station.send(vec![event]).await, ["duplicate"]);
    assert_eq!(n_cases(&hall).await, 1);
}

#[tokio::test]
async fn many_stations_at_once_are_each_answered_for_their_own() {
    let hall = TestHall::start().await;
    let mut stations = Vec::new();
    for number in 1..=8 {
        stations.push(hall.enrolled(number).await);
    }
    let sent = stations.iter().map(async |station| {
        for seq in 1..=20 {
            assert_eq!(station.send(vec![station.file(seq).event]).await, ["accepted"]);
        }
    });
    futures_util::future::join_all(sent).await;
    assert_eq!(n_cases(&hall).await, 160);
}

#[tokio::test]
async fn a_heartbeat_gives_the_next_counters_when_they_run_low_and_the_same_again() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    assert_eq!(station.beat(10).await.receipts, None);
    let next = station.beat(751).await.receipts.unwrap();
    assert_eq!((next.first, next.end), (1_001, 2_001));
    assert_eq!(station.beat(751).await.receipts, Some(next), "a lost reply costs no counters");
    let number = ReceiptNo::new(station.station, 1_001).unwrap();
    let filed = station.file_as(CaseId::new(1, random()), number, 1, &[]);
    assert_eq!(station.send(vec![filed.event]).await, ["accepted"]);
    assert_eq!(station.beat(10).await.receipts, None);
}

#[tokio::test]
async fn the_heads_of_the_stations_audit_are_kept_and_cannot_be_changed() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    station.beat(0).await;
    station.beat(0).await;
    let store = hall.hall.store();
    let n_heads: i64 = store
        .read(|sql| Ok(sql.query_row("SELECT count(*) FROM audit_heads", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(n_heads, 2);
    let changed = store
        .write(|context| Ok(context.sql.execute("UPDATE audit_heads SET n_lines = 1", [])?))
        .await;
    assert!(changed.unwrap_err().to_string().contains("database"));
}

fn sha256(bytes: &[u8]) -> Digest32 {
    use sha2::Digest as _;
    Digest32(sha2::Sha256::digest(bytes).into())
}

async fn send_and_hang_up(hall: &TestHall, station: &TestStation, body: &[u8]) {
    let mut stream = station.raw_connection(hall.hall.stations_addr).await;
    let head = format!(
        "POST {PATH_EVENTS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.flush().await.unwrap();
    // The first byte of the answer is on its way after the commit; it is thrown away.
    stream.read_u8().await.unwrap();
}

/// Asks again and again until it is so; a wrong answer for ten seconds is a failure.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async { while !is_so().await {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), asking).await.unwrap();
}

#[tokio::test]
async fn answers_fit_the_contract_byte_for_byte() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let answer = station.post_batch(&station.batch(vec![station.file(1).event])).await;
    let text = answer.text().await.unwrap();
    assert_eq!(text, r#"{"answers":[{"seq":1,"answer":"accepted"}]}"#);
    let _reply: BatchReply = serde_json::from_str(&text).unwrap();
}
