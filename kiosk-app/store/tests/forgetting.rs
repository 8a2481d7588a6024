//! Rotation and erasure, seen with the eyes of someone who copied the disk before.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use hall_api::seal::{ScanKey, WrapKey, scan};
use kiosk_core::{
    custody::Step,
    effect::Query,
    event::Delivery,
    record::{FiledCase, Record},
};
use kiosk_store::{Answer, STORE_KEY_FILE, StoreError};
use kiosk_words::{CaseId, Private, Seq, ServiceTime};
use rusqlite::Connection;
use tempfile::TempDir;

use common::{
    CANARY_CODE, CANARY_NUMBER, NOW, Station, applicant, cases_of, deposited, files, moved,
    ordered, raw, result,
};

/// Database, log and scans as they are now, without any key file.
fn copy(station: &Station) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("scans")).unwrap();
    for (path, bytes) in station.files() {
        let name = path.strip_prefix(station.path()).unwrap();
        if name.starts_with("scans") || name.to_string_lossy().starts_with("station.db") {
            fs::write(copy.path().join(name), bytes).unwrap();
        }
    }
    copy
}

/// Record and wrapped key of a case from a copied database, with the store key of today.
fn stolen(copy: &Path, station: &Path, case: CaseId) -> (Vec<u8>, Vec<u8>) {
    let key = fs::read_to_string(station.join(STORE_KEY_FILE)).unwrap();
    let db = Connection::open(copy.join("station.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\";", key.trim())).unwrap();
    db.query_row(
        "SELECT sealed_record, wrapped_key FROM cases WHERE id = ?1",
        [case.0.into_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .unwrap()
}

fn wrap_key(folder: &Path) -> [u8; 32] {
    let text = fs::read_to_string(folder.join("wrap.key")).unwrap();
    let mut key = [0; 32];
    hex::decode_to_slice(text.lines().nth(2).unwrap(), &mut key).unwrap();
    key
}

/// Every 32 bytes in a row, as they are and read as hexadecimal digits, of every file that is not
/// itself ciphertext.
fn every_key_in(files: &[(PathBuf, Vec<u8>)]) -> impl Iterator<Item = [u8; 32]> {
    let is_plain = |path: &Path| {
        let text = path.to_string_lossy();
        !text.contains("station.db") && !text.contains("scans/") && !text.ends_with("ballast")
    };
    files.iter().filter(move |(path, _)| is_plain(path)).flat_map(|(_, bytes)| {
        let raw = bytes.windows(32).map(|window| window.try_into().unwrap());
        let digits = bytes.windows(64).filter_map(|window| {
            let mut key = [0; 32];
            hex::decode_to_slice(window, &mut key).ok().map(|()| key)
        });
        raw.chain(digits)
    })
}

/// Whether any file at all holds these bytes, as they are or as hexadecimal digits.
fn lies_in(files: &[(PathBuf, Vec<u8>)], key: [u8; 32]) -> bool {
    let digits = hex::encode(key);
    files.iter().any(|(_, bytes)| {
        bytes.windows(32).any(|window| window == key)
            || bytes.windows(64).any(|window| window == digits.as_bytes())
    })
}

/// The hall has everything; service time says when.
fn deliver(station: &mut Station, filed: &FiledCase, seq: u64, at: i64) {
    let settled = Record::OutboxSettled { answers: vec![(Seq(seq), Delivery::Accepted)] };
    let mut records = vec![settled];
    if !filed.scans.is_empty() {
        records.push(Record::ScansDelivered { case: filed.case });
    }
    records.push(Record::ServiceTime(ServiceTime(at)));
    station.store.persist(&records).unwrap();
}

#[test]
fn erased_means_unreadable() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    deliver(&mut station, &filed, 1, 5_000);
    let copy = copy(&station);
    let page = filed.scans[0].scan.digest;
    let (record, wrapped) = stolen(copy.path(), station.path(), filed.case);
    let opens = |key: [u8; 32]| WrapKey::new(key).unwrap(filed.case, &wrapped).ok();
    let old = wrap_key(station.path());
    let before = opens(old).expect("the copy opens while the key lives");
    assert_eq!(before.open(filed.case, &record).unwrap().parties[0].number, CANARY_NUMBER);
    assert!(every_key_in(&station.files()).any(|key| opens(key).is_some()), "the search finds it");
    assert!(lies_in(&station.files(), old), "and so does the other");

    let scan = fs::read(copy.path().join("scans").join(page.to_string())).unwrap();
    let shows = |key: [u8; 32]| {
        scan::open(&ScanKey::new(key), filed.case, scan.as_slice(), std::io::sink()).is_ok()
    };
    assert!(!every_key_in(&station.files()).any(shows), "a scan key is never on the disk");

    assert_eq!(station.store.erase_delivered(ServiceTime(5_000)).unwrap(), 1);

    let left = station.files();
    assert!(
        every_key_in(&left).all(|key| opens(key).is_none()),
        "no key on the disk opens the copy"
    );
    assert!(!lies_in(&left, old) && !lies_in(&files(copy.path()), old), "nor does it lie anywhere");
    assert!(left.iter().all(|(path, _)| !path.starts_with(station.path().join("scans"))));
    assert_eq!(station.store.record_of(filed.case).unwrap(), None);
    assert_eq!(station.store.scans_of(filed.case).unwrap(), []);
}

#[test]
fn number_state_owner_and_dates_stay_after_erasure() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    let code = station.store.receipt_code(filed.case).unwrap();
    deliver(&mut station, &filed, 1, 5_000);
    station.store.erase_delivered(ServiceTime(5_000)).unwrap();
    let (station, recovered) = station.restart();
    let found = cases_of(&station.store, CANARY_NUMBER).remove(0);
    assert_eq!((found.receipt, found.deposited, found.state), (filed.receipt, NOW, filed.state));
    assert_eq!(station.store.receipt_code(filed.case).unwrap(), code);
    assert_eq!(recovered.scans, []);
    assert!(station.store.verify_audit().is_ok());
}

#[test]
fn nothing_is_erased_before_the_hall_has_everything_and_the_time_is_over() {
    let mut station = Station::new();
    let undelivered = station.file(1, 1);
    let without_scans = station.file(2, 1);
    let complete = station.file(3, 0);
    let held = station.file(4, 0);
    let answers = vec![
        (Seq(2), Delivery::Accepted),
        (Seq(3), Delivery::Duplicate),
        (Seq(4), Delivery::Held { code: "bad_seal".into() }),
    ];
    station.store.persist(&[Record::OutboxSettled { answers }]).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(i64::MAX)).unwrap(), 0, "not dated yet");
    station.store.persist(&[Record::ServiceTime(ServiceTime(9_000))]).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(8_999)).unwrap(), 0, "one moment early");
    assert_eq!(station.store.erase_delivered(ServiceTime(9_000)).unwrap(), 1);
    assert_eq!(station.store.record_of(complete.case).unwrap(), None);
    for filed in [undelivered, without_scans, held] {
        assert!(station.store.record_of(filed.case).unwrap().is_some());
    }
}

fn accepted(seq: u64, at: i64) -> [Record; 2] {
    let answers = vec![(Seq(seq), Delivery::Accepted)];
    [Record::OutboxSettled { answers }, Record::ServiceTime(ServiceTime(at))]
}

fn waiting(station: &Station) -> Vec<String> {
    let batch = station.store.next_batch(Seq(0), 64).unwrap();
    batch.into_iter().map(|event| event.body).collect()
}

#[test]
fn a_case_is_not_complete_while_the_hall_does_not_know_where_its_originals_are() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    station.store.persist(&[deposited(1)]).unwrap();
    let bodies = waiting(&station);
    deliver(&mut station, &filed, 1, 5_000);
    assert_eq!(station.store.erase_delivered(ServiceTime(i64::MAX)).unwrap(), 0);
    assert_eq!(waiting(&station), bodies[1..], "the deposit waits with the bytes it had");
    station.store.persist(&accepted(2, 7_000)).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(6_999)).unwrap(), 0, "from the last one");
    assert_eq!(station.store.erase_delivered(ServiceTime(7_000)).unwrap(), 1);
    let Station { store, dir, .. } = station;
    drop(store);
    let db = raw(dir.path());
    let mut kept = db.prepare("SELECT body FROM outbox ORDER BY seq").unwrap();
    let kept = kept.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap);
    let expected = [None, Some(bodies[1].clone())];
    assert_eq!(kept.collect::<Vec<Option<String>>>(), expected, "the move names nobody and stays");
}

#[test]
fn a_move_after_completion_begins_the_retention_again() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    deliver(&mut station, &filed, 1, 5_000);
    station.store.persist(&[deposited(1)]).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(i64::MAX)).unwrap(), 0);
    station.store.persist(&accepted(2, 9_000)).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(8_999)).unwrap(), 0);
    assert_eq!(station.store.erase_delivered(ServiceTime(9_000)).unwrap(), 1);
}

#[test]
fn the_result_of_an_erased_case_is_given_out_and_told() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    deliver(&mut station, &filed, 1, 5_000);
    station.store.persist(&[ordered(1, &[CANARY_NUMBER])]).unwrap();
    assert_eq!(station.store.erase_delivered(ServiceTime(5_000)).unwrap(), 1);
    let code = Query::CodeIs { case: filed.case, code: Private::text(CANARY_CODE) };
    assert_eq!(station.store.find(&code).unwrap(), Answer::Code(true), "outlives the record");
    assert_eq!(cases_of(&station.store, CANARY_NUMBER)[0].collects.len(), 1);
    station.store.persist(&[moved(4, result(1), Step::Collected, Some(applicant()))]).unwrap();
    let bodies = waiting(&station);
    assert_eq!(station.store.erase_delivered(ServiceTime(i64::MAX)).unwrap(), 0, "erased once");
    station.store.rotate_wrap_key().unwrap();
    assert_eq!(waiting(&station), bodies);
    assert!(bodies[0].contains("collected"), "{bodies:?}");
}

#[test]
fn a_damaged_record_key_does_not_keep_the_others_from_rotation() {
    let mut station = Station::new();
    let (damaged, whole) = (station.file(1, 0), station.file(2, 0));
    let Station { store, key, dir } = station;
    drop(store);
    damage_key(dir.path(), damaged.case);
    let (mut store, _) = common::open(dir.path(), &key, NOW).unwrap();
    store.rotate_wrap_key().unwrap();
    assert!(store.record_of(whole.case).unwrap().is_some());
    assert!(matches!(store.record_of(damaged.case), Err(StoreError::Seal(_))));
}

#[test]
fn rotation_keeps_every_record_and_leaves_no_trace_of_the_old_key() {
    let mut station = Station::new();
    let cases = [station.file(1, 0), station.file(2, 1)];
    let old = wrap_key(station.path());
    station.store.rotate_wrap_key().unwrap();
    assert_ne!(wrap_key(station.path()), old);
    assert!(!lies_in(&station.files(), old));
    let (station, _) = station.restart();
    for filed in cases {
        assert_eq!(station.store.record_of(filed.case).unwrap().unwrap().receipt, filed.receipt);
    }
}

#[test]
fn a_rotation_cut_off_after_its_commit_is_finished_at_the_next_start() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    let old = fs::read(station.path().join("wrap.key")).unwrap();
    station.store.rotate_wrap_key().unwrap();
    // As it lies on the disk between the commit and the renaming.
    let folder = station.path().to_owned();
    fs::rename(folder.join("wrap.key"), folder.join("wrap.next")).unwrap();
    fs::write(folder.join("wrap.key"), old).unwrap();
    let (station, _) = station.restart();
    assert!(station.store.record_of(filed.case).unwrap().is_some());
    assert!(!folder.join("wrap.next").exists());
}

#[test]
fn a_rotation_cut_off_before_its_commit_never_happened() {
    let mut station = Station::new();
    let filed = station.file(1, 0);
    let folder = station.path().to_owned();
    let unused = format!("nightdesk wrap key 1\n{}\n{}\n", "ab".repeat(16), "cd".repeat(32));
    fs::write(folder.join("wrap.next"), unused).unwrap();
    let (station, _) = station.restart();
    assert!(station.store.record_of(filed.case).unwrap().is_some());
    assert!(!folder.join("wrap.next").exists());
}

/// With the store key: zeros instead of one wrapped record key.
fn damage_key(folder: &Path, case: CaseId) {
    let sql = "UPDATE cases SET wrapped_key = zeroblob(length(wrapped_key)) WHERE id = ?1";
    assert_eq!(raw(folder).execute(sql, [case.0.into_bytes()]).unwrap(), 1);
}
