//! Filing: what goes in comes out at the hall, together or not at all.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use hall_api::{receipt::ReceiptCode, seal::scan, wire::ScanEntry};
use kiosk_core::{
    event::{Delivery, Step},
    record::{AuditKind, Record},
};
use kiosk_store::{PersistError, Refused};
use kiosk_words::{
    CaseState, Digest32, Electronic, Handling, Originals, Outcome, Seq, StationId, WallTime,
};
use sha2::{Digest as _, Sha256};

use common::{
    CANARY_NAME, CANARY_NUMBER, NOW, Station, audit, case, case_id, cases_of, filed_in, filing,
    hall, receipt,
};

#[test]
fn a_case_with_three_parties_agent_and_collectors_opens_at_the_hall_as_it_was_filed() {
    let mut station = Station::new();
    let filed = station.file(1, 2);
    let batch = station.store.next_batch(Seq(0), 64).unwrap();
    let [event] = batch.as_slice() else { panic!("one event, got {}", batch.len()) };
    assert_eq!(event.seq, Seq(1));
    assert_eq!(event.case, filed.case);
    assert_eq!(event.body_hash, Digest32(Sha256::digest(&event.body).into()));
    let body = filed_in(event);
    let record = hall().open_record(event.case, &body.sealed_record).unwrap();
    assert_eq!(record.parties.len(), 3);
    assert_eq!(record.parties[0].name, CANARY_NAME);
    assert_eq!(record.parties[0].number, CANARY_NUMBER);
    assert_eq!(record.parties[2].role, "agent");
    let mandate = record.parties[2].mandate.as_ref().unwrap();
    assert_eq!((mandate.given_by.as_str(), mandate.until.as_str()), (CANARY_NAME, "20261231"));
    assert_eq!(record.collectors.len(), 3);
    assert_eq!(record.answers, filed.answers);
    assert_eq!(record.fields[1].label, "经营地址");
    assert_eq!(record.signatures[1].signer, "司马样本");
    assert_eq!(record.signatures[0].strokes[0].len(), 60);
    assert_eq!(record.signatures[0].strokes[1], [(1, 2)]);
    assert_eq!(record.receipt, receipt(1));
    assert_eq!(station.store.record_of(filed.case).unwrap().unwrap(), record);
}

#[test]
fn scans_open_with_the_key_that_only_the_hall_has() {
    let mut station = Station::new();
    let filed = station.file(1, 2);
    let event = station.store.next_batch(Seq(0), 1).unwrap().remove(0);
    let body = filed_in(&event);
    let key = hall().open_scan_key(filed.case, &body.sealed_scan_key.unwrap()).unwrap();
    let scans = station.store.scans_of(filed.case).unwrap();
    let entries: Vec<ScanEntry> = scans.iter().map(|(entry, _)| entry.clone()).collect();
    assert_eq!(entries, body.scans);
    for (page, (entry, path)) in (1..).zip(&scans) {
        let sealed = std::fs::read(path).unwrap();
        assert_eq!(entry.digest, Digest32(Sha256::digest(&sealed).into()));
        assert_eq!(entry.n_bytes, sealed.len() as u64);
        let mut plain = Vec::new();
        scan::open(&key, filed.case, sealed.as_slice(), &mut plain).unwrap();
        assert!(plain == *common::picture(page).expose());
    }
    assert!(station.store.vault().is_empty(), "the station keeps no scan key");
}

#[test]
fn a_case_without_pages_has_no_scan_key() {
    let mut station = Station::new();
    station.file(1, 0);
    let event = station.store.next_batch(Seq(0), 1).unwrap().remove(0);
    let body = filed_in(&event);
    assert_eq!((body.sealed_scan_key, body.scans), (None, vec![]));
}

#[test]
fn a_transaction_that_fails_in_its_middle_leaves_nothing() {
    let mut station = Station::new();
    station.file(1, 0);
    let head = station.store.audit_head().unwrap();
    // The second case takes the first one's receipt number: its insert breaks a constraint.
    let mut twin = case(3);
    twin.receipt = receipt(1);
    let records = [
        audit(AuditKind::NoticeShown),
        Record::CaseFiled(Box::new(case(2))),
        Record::FeedCursor(9),
        Record::CaseFiled(Box::new(twin)),
    ];
    let refused = station.store.persist(&records);
    assert!(matches!(refused, Err(PersistError::Refused(Refused::Duplicate))), "{refused:?}");
    assert_eq!(station.store.audit_head().unwrap(), head);
    assert_eq!(station.store.next_batch(Seq(0), 64).unwrap().len(), 1);
    assert_eq!(station.store.receipt_code(case_id(2)).unwrap(), None);
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.feed_cursor, 0);
    assert_eq!(recovered.receipts, Some((2, 1_000_000)));
    station.file(2, 0);
    assert_eq!(
        station.store.next_batch(Seq(1), 64).unwrap()[0].seq,
        Seq(2),
        "no gap in the stream"
    );
}

#[test]
fn a_page_that_was_never_sealed_is_not_filed() {
    let mut station = Station::new();
    let mut filed = station.prepare(1, 1);
    filed.scans[0].scan.digest = Digest32([9; 32]);
    let refused = station.store.persist(&filing(&filed));
    assert!(matches!(refused, Err(PersistError::Refused(Refused::UnknownScan(_)))));
}

#[test]
fn the_receipt_code_names_station_epoch_seq_and_event() {
    let mut station = Station::new();
    station.file(1, 0);
    let filed = station.file(2, 0);
    let code = station.store.receipt_code(filed.case).unwrap().unwrap();
    assert_eq!(code.receipt.station(), StationId::try_from(17).unwrap());
    assert_eq!((code.seq, code.epoch), (Seq(2), station.store.epoch()));
    let event = station.store.next_batch(Seq(1), 1).unwrap().remove(0);
    assert_eq!(code.hash, event.body_hash.0[..16]);
    assert_eq!(ReceiptCode::decode(&code.encode()), Some(code));
}

#[test]
fn every_party_finds_the_case_and_a_stranger_does_not() {
    let mut station = Station::new();
    station.file(1, 0);
    station.file(2, 0);
    let found = |number: &str| cases_of(&station.store, number);
    for owner in [CANARY_NUMBER, "230202196001010019", "23020219850505001x"] {
        let receipts: Vec<_> = found(owner).iter().map(|case| case.receipt).collect();
        assert_eq!(receipts, [receipt(2), receipt(1)], "newest first");
    }
    assert_eq!(found("230202199901010010"), []);
    let newest = found(CANARY_NUMBER).remove(0);
    assert_eq!(newest.history.len(), 1);
    assert_eq!(newest.history[0].step, Step::Filed);
}

fn moved(n: u32, state: CaseState) -> Record {
    Record::CaseMoved { case: case_id(n), state, at: WallTime(NOW.0 + 1_000) }
}

#[test]
fn received_by_the_hall_needs_the_halls_answer() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    let at_hall = CaseState { electronic: Electronic::AtHall, ..filed.state };
    let claimed = station.store.persist(&[moved(1, at_hall.clone())]);
    assert!(matches!(claimed, Err(PersistError::Refused(Refused::NoProof(_)))), "{claimed:?}");
    let settled = Record::OutboxSettled { answers: vec![(Seq(1), Delivery::Accepted)] };
    station.store.persist(&[settled, moved(1, at_hall.clone())]).unwrap();
    let found = cases_of(&station.store, CANARY_NUMBER).remove(0);
    assert_eq!(found.state, at_hall);
    let steps: Vec<_> = found.history.iter().map(|past| past.step.clone()).collect();
    assert_eq!(steps, [Step::ReceivedByHall, Step::Filed]);
}

#[test]
fn an_illegal_step_is_refused_and_a_repeated_one_changes_nothing() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    let collected = Handling::Collected { on: "2026-03-05".into() };
    let jump = station
        .store
        .persist(&[moved(1, CaseState { handling: collected, ..filed.state.clone() })]);
    assert!(matches!(jump, Err(PersistError::Refused(Refused::IllegalMove { .. }))), "{jump:?}");
    let paper = CaseState { originals: Originals::InCell, ..filed.state.clone() };
    assert!(station.store.persist(&[moved(1, paper)]).is_err());
    let unknown = station.store.persist(&[moved(7, filed.state.clone())]);
    assert!(matches!(unknown, Err(PersistError::Refused(Refused::UnknownCase(_)))));
    station.store.persist(&[moved(1, filed.state)]).unwrap();
    assert_eq!(cases_of(&station.store, CANARY_NUMBER)[0].history.len(), 1);
}

#[test]
fn settled_events_leave_the_outbox_and_a_second_answer_changes_nothing() {
    let mut station = Station::new();
    for n in 1..=3 {
        station.file(n, 0);
    }
    let held = Delivery::Held { code: "other_body".into() };
    let answers = vec![(Seq(1), Delivery::Accepted), (Seq(2), held)];
    station.store.persist(&[Record::OutboxSettled { answers }]).unwrap();
    let late = vec![(Seq(2), Delivery::Accepted), (Seq(99), Delivery::Accepted)];
    station.store.persist(&[Record::OutboxSettled { answers: late }]).unwrap();
    let waiting: Vec<_> =
        station.store.next_batch(Seq(0), 64).unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(waiting, [Seq(3)]);
    assert_eq!(station.store.heartbeat().unwrap().n_outbox, 1);
}

#[test]
fn a_finished_case_is_not_open_at_the_next_start() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    station.file(2, 0);
    let on = || "2026-03-05".to_owned();
    let at_hall = CaseState { electronic: Electronic::AtHall, ..filed.state };
    let with = |handling| moved(1, CaseState { handling, ..at_hall.clone() });
    let settled = Record::OutboxSettled { answers: vec![(Seq(1), Delivery::Duplicate)] };
    let steps = [
        settled,
        moved(1, at_hall.clone()),
        with(Handling::Accepted { number: "A1".into(), on: on() }),
        with(Handling::Decided { outcome: Outcome::Granted, on: on() }),
        with(Handling::HandedOver { how: "窗口".into() }),
    ];
    station.store.persist(&steps).unwrap();
    let (_, recovered) = station.restart();
    let open: Vec<_> = recovered.open_cases.iter().map(|(case, _)| *case).collect();
    assert_eq!(open, [case_id(2)]);
    assert_eq!(recovered.outbox, [(Seq(2), case_id(2))]);
}
