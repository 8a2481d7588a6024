//! Failures that need a hand on the connection.

use std::fs::OpenOptions;

use kiosk_core::{
    effect::Query,
    record::{AuditKind, Record},
};
use kiosk_words::{CaseState, Private, ServiceTime};

use crate::{
    PersistError, Room, StoreError,
    tests_common::{self as common, NOW, Station, audit, case, filing},
};

/// Lets the database grow by this many pages and no more: SQLite answers SQLITE_FULL after that.
fn allow_pages(station: &Station, n_more: i64) {
    let db = &station.store.db;
    let n_pages: i64 = db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let set: i64 = db
        .query_row(&format!("PRAGMA max_page_count = {}", n_pages + n_more), [], |row| row.get(0))
        .unwrap();
    assert_eq!(set, n_pages + n_more);
}

#[test]
fn full_refuses_new_cases_as_a_whole_and_gives_the_ballast_up() {
    let mut station = Station::new();
    let first = station.file(1, 0);
    let head = station.store.audit_head().unwrap();
    let ballast = station.path().join("ballast");
    assert!(ballast.exists());
    allow_pages(&station, 0);
    let refused = station.store.persist(&filing(&case(2)));
    assert!(matches!(refused, Err(PersistError::Full)), "{refused:?}");
    assert!(!ballast.exists(), "the ballast is given up");
    assert_eq!(station.store.audit_head().unwrap(), head, "nothing of the case is kept");
    assert_eq!(station.store.receipt_code(common::case_id(2)).unwrap(), None);

    allow_pages(&station, 64);
    let again = station.store.persist(&filing(&case(2)));
    assert!(matches!(again, Err(PersistError::Full)), "new cases wait for room(): {again:?}");
    let same = CaseState { ..first.state };
    let others = [
        audit(AuditKind::StoreFull),
        Record::CaseMoved { case: first.case, state: same, at: NOW },
        Record::ServiceTime(ServiceTime(7)),
    ];
    station.store.persist(&others).unwrap();
    assert_eq!(station.store.room().unwrap(), Room::Enough);
    assert!(ballast.exists());
    station.store.persist(&filing(&case(2))).unwrap();
}

#[test]
fn a_full_disk_without_a_new_case_tries_again_with_the_ballasts_room() {
    let mut station = Station::new();
    allow_pages(&station, 0);
    let many: Vec<Record> = (0..2_000).map(|_| audit(AuditKind::CardRead)).collect();
    let refused = station.store.persist(&many);
    assert!(matches!(refused, Err(PersistError::Full)), "the limit is not the disk's: {refused:?}");
    assert_eq!(station.store.audit_head().unwrap().1, 0);
    assert!(!station.path().join("ballast").exists());
    station.store.persist(&[Record::FeedCursor(3)]).unwrap();
}

#[test]
fn a_disk_that_fails_ends_the_store() {
    let mut station = Station::new();
    station.file(1, 0);
    station
        .store
        .db
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory;")
        .unwrap();
    // The pages are gone: reading them back gives short reads.
    for name in ["station.db", "station.db-wal"] {
        let path = station.path().join(name);
        OpenOptions::new().write(true).open(path).unwrap().set_len(0).unwrap();
    }
    let failed = station.store.persist(&filing(&case(2)));
    assert!(matches!(failed, Err(PersistError::Io { .. })), "{failed:?}");
    let dead = station.store.persist(&[audit(AuditKind::CardRead)]);
    assert!(matches!(dead, Err(PersistError::Dead)), "{dead:?}");
    let query = Query::CasesOf { number: Private::text("230202195803040018") };
    assert!(matches!(station.store.find(&query), Err(StoreError::Dead)));
    assert!(matches!(station.store.room(), Err(StoreError::Dead)));
    assert!(matches!(station.store.heartbeat(), Err(StoreError::Dead)));
    assert!(matches!(station.store.rotate_wrap_key(), Err(StoreError::Dead)));
}

#[test]
fn no_error_of_the_store_names_a_person() {
    let mut station = Station::new();
    station.file(1, 0);
    let mut twin = case(2);
    twin.receipt = common::receipt(1);
    let refused = station.store.persist(&filing(&twin)).unwrap_err();
    let said = format!("{refused} {refused:?} {:?}", station.store);
    for private in [common::CANARY_NAME, common::CANARY_NUMBER, common::CANARY_PHONE] {
        assert!(!said.contains(private));
    }
    let core = kiosk_core::event::PersistError::from(&refused);
    assert_eq!(core, kiosk_core::event::PersistError::Closed);
}
