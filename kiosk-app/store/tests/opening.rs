//! Opening: one process, the right key, a whole file, or a clear refusal and never a new database.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{
    fs,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::Path,
};

use kiosk_core::record::{AuditKind, Record, SessionEnd};
use kiosk_store::{KeyError, OpenError, Presence, STORE_KEY_FILE, Store, StoreKey, new_epoch};
use kiosk_words::{ServiceTime, WallTime};
use rusqlite::Connection;

use common::{NOW, Station, audit, make, open, raw, receipt};

fn refusal(folder: &Path, key: &StoreKey) -> OpenError {
    open(folder, key, NOW).map(|_| ()).unwrap_err()
}

#[test]
fn a_second_opening_is_refused_at_once_and_possible_after_the_first_ends() {
    let station = Station::new();
    let refused = refusal(station.path(), &station.key);
    assert!(matches!(refused, OpenError::InUse), "{refused:?}");
    assert_eq!(refused.exit_code(), 3);
    station.restart();
}

#[test]
fn another_key_opens_nothing_and_changes_nothing() {
    let Station { store, dir, .. } = Station::new();
    drop(store);
    let before = fs::read(dir.path().join("station.db")).unwrap();
    let other = StoreKey::create(&dir.path().join("other.key")).unwrap();
    let refused = refusal(dir.path(), &other);
    assert!(matches!(refused, OpenError::WrongKey), "{refused:?}");
    assert_eq!(refused.exit_code(), 2);
    assert!(fs::read(dir.path().join("station.db")).unwrap() == before);
}

#[test]
fn a_key_without_its_database_is_an_error_and_no_new_database() {
    let Station { store, key, dir } = Station::new();
    drop(store);
    fs::remove_file(dir.path().join("station.db")).unwrap();
    let refused = refusal(dir.path(), &key);
    assert!(matches!(refused, OpenError::NoDatabase { .. }), "{refused:?}");
    assert_eq!(refused.exit_code(), 2);
    assert!(!dir.path().join("station.db").exists());
    let key_path = dir.path().join(STORE_KEY_FILE);
    assert_eq!(Store::presence(dir.path(), &key_path), Presence::KeyOnly);
}

#[test]
fn a_database_without_its_key_is_an_error() {
    let Station { store, dir, .. } = Station::new();
    drop(store);
    let key_path = dir.path().join(STORE_KEY_FILE);
    assert_eq!(Store::presence(dir.path(), &key_path), Presence::Both);
    fs::remove_file(&key_path).unwrap();
    assert!(matches!(StoreKey::from_file(&key_path), Err(KeyError::Missing { .. })));
    assert_eq!(Store::presence(dir.path(), &key_path), Presence::DatabaseOnly);
}

#[test]
fn a_key_file_is_for_its_owner_only_and_never_made_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(STORE_KEY_FILE);
    assert_eq!(Store::presence(dir.path(), &path), Presence::Nothing);
    StoreKey::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(StoreKey::create(&path), Err(KeyError::AlreadyThere { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(StoreKey::from_file(&path), Err(KeyError::TooOpen { mode: 0o640, .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(StoreKey::from_file(&path).is_ok());
    fs::remove_file(&path).unwrap();
    fs::write(&path, "too short").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(StoreKey::from_file(&path), Err(KeyError::NotAKey { .. })));
}

#[test]
fn a_store_is_provisioned_once() {
    let Station { store, key, dir } = Station::new();
    drop(store);
    let again = Store::provision(dir.path(), &key, new_epoch().unwrap());
    assert!(matches!(again, Err(OpenError::AlreadyThere { .. })), "{again:?}");
}

#[test]
fn a_first_boot_cut_off_in_its_middle_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("station.unborn"), b"half a database").unwrap();
    fs::write(dir.path().join("station.unborn-wal"), b"half a log").unwrap();
    let key = make(dir.path());
    assert!(open(dir.path(), &key, NOW).is_ok());
}

#[test]
fn every_file_and_folder_is_for_the_station_only() {
    let mut station = Station::new();
    station.file(1, 1);
    for (path, _) in station.files() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    for name in ["", "scans", "identity"] {
        let mode = fs::metadata(station.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}

#[test]
fn a_damaged_page_is_found_at_the_next_start() {
    let mut station = Station::new();
    for n in 1..=20 {
        station.file(n, 0);
    }
    let Station { store, key, dir } = station;
    drop(store);
    let path = dir.path().join("station.db");
    let whole = fs::read(&path).unwrap();
    for at in (4_096..whole.len()).step_by(4_096 * 7) {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[whole[at + 100] ^ 0x10], at as u64 + 100).unwrap();
        let refused = refusal(dir.path(), &key);
        assert!(matches!(refused, OpenError::Corrupt { .. }), "page at {at}: {refused:?}");
        assert_eq!(refused.exit_code(), 2);
        file.write_all_at(&whole, 0).unwrap();
    }
    let cut = fs::OpenOptions::new().write(true).open(&path).unwrap();
    cut.set_len(whole.len() as u64 / 2).unwrap();
    assert!(matches!(refusal(dir.path(), &key), OpenError::Corrupt { .. }));
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let Station { store, key, dir } = Station::new();
    drop(store);
    raw(dir.path())
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')",
            [],
        )
        .unwrap();
    let refused = refusal(dir.path(), &key);
    assert!(matches!(refused, OpenError::Newer { found: 99, known: 5 }), "{refused:?}");
}

#[test]
fn the_database_runs_with_the_settings_that_power_cuts_were_tried_with() {
    let Station { store, dir, .. } = Station::new();
    assert!(dir.path().join("station.db-wal").exists(), "write-ahead log");
    assert!(!dir.path().join("station.db-shm").exists(), "exclusive: no shared memory");
    drop(store);
    let db = raw(dir.path());
    let mode: String = db.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let plain = Connection::open(dir.path().join("station.db")).unwrap();
    assert!(plain.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).is_err());
}

#[test]
fn a_lost_or_foreign_wrap_key_is_named() {
    let Station { store, key, dir } = Station::new();
    drop(store);
    fs::write(dir.path().join("wrap.key"), "nightdesk wrap key 1\n00\n00\n").unwrap();
    assert!(matches!(refusal(dir.path(), &key), OpenError::WrapKey));
    fs::remove_file(dir.path().join("wrap.key")).unwrap();
    assert!(matches!(refusal(dir.path(), &key), OpenError::WrapKey));
}

#[test]
fn starts_in_quick_succession_are_counted() {
    let Station { store, key, dir } = Station::new();
    drop(store);
    let minutes = |n: i64| WallTime(NOW.0 + n * 60_000);
    let mut counts = Vec::new();
    for at in [5, 8, 9, 25, 26, 400] {
        let (store, recovered) = open(dir.path(), &key, minutes(at)).unwrap();
        counts.push(recovered.recent_starts);
        drop(store);
    }
    // The first one opens five minutes after the store was made at NOW.
    assert_eq!(counts, [2, 3, 4, 1, 2, 1]);
}

#[test]
fn a_session_cut_off_is_reported_with_the_case_it_filed() {
    let mut station = Station::new();
    let opened = |session| Record::SessionOpened { session, at: NOW };
    let closed = |session| Record::SessionClosed { session, why: SessionEnd::Finished };
    station.store.persist(&[opened(1)]).unwrap();
    station.store.persist(&[closed(1), opened(2)]).unwrap();
    station.file(1, 0);
    let (mut station, recovered) = station.restart();
    let interrupted = recovered.interrupted.unwrap();
    assert_eq!((interrupted.session, interrupted.filed), (2, Some(receipt(1))));
    let why = SessionEnd::Interrupted;
    station.store.persist(&[Record::SessionClosed { session: 2, why }]).unwrap();
    let (mut station, recovered) = station.restart();
    let again = recovered.interrupted.unwrap();
    assert_eq!(again.filed, Some(receipt(1)), "cut off twice before anybody came back");
    // The core counts from one again; the open session is the new one.
    station.store.persist(&[opened(1)]).unwrap();
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.interrupted.unwrap().filed, None);
    station.store.persist(&[closed(1)]).unwrap();
    let (_, recovered) = station.restart();
    assert_eq!(recovered.interrupted, None, "somebody came and left");
}

#[test]
fn what_was_persisted_is_recovered() {
    let mut station = Station::new();
    station.file(1, 1);
    station.file(2, 0);
    let records = [
        Record::FeedCursor(12),
        Record::FeedCursor(7),
        Record::ServiceTime(ServiceTime(5_000)),
        Record::ServiceTime(ServiceTime(4_000)),
        audit(AuditKind::ClockJumped),
    ];
    station.store.persist(&records).unwrap();
    let (_, recovered) = station.restart();
    assert_eq!(recovered.feed_cursor, 12, "the cursor never goes back");
    assert_eq!(recovered.service_time, ServiceTime(5_000), "service time never goes back");
    assert_eq!(recovered.outbox.len(), 2);
    assert_eq!(recovered.scans, [common::case_id(1)]);
    assert_eq!(recovered.open_cases.len(), 2);
    assert_eq!(recovered.receipts, Some((3, 1_000_000)));
    assert!(!recovered.full);
}

#[test]
fn a_further_block_of_counters_follows_when_the_first_is_used_up() {
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::create(&dir.path().join(STORE_KEY_FILE)).unwrap();
    Store::provision(dir.path(), &key, new_epoch().unwrap()).unwrap();
    let (mut store, recovered) = open(dir.path(), &key, NOW).unwrap();
    assert_eq!(recovered.receipts, None);
    store.install_identity(common::identity()).unwrap();
    let block = |first, end| Record::ReceiptBlock { first, end };
    store.persist(&[block(10, 12), block(500, 600)]).unwrap();
    let mut receipts = Vec::new();
    for n in [10, 11, 500] {
        store.persist(&common::filing(&common::case(n))).unwrap();
        drop(store);
        let (again, recovered) = open(dir.path(), &key, NOW).unwrap();
        store = again;
        receipts.push(recovered.receipts.unwrap());
    }
    assert_eq!(receipts, [(11, 12), (500, 600), (501, 600)]);
}

#[test]
fn identity_is_whole_or_absent() {
    let Station { store, key, dir } = Station::new();
    assert_eq!(store.identity(), Some(&common::identity()));
    drop(store);
    fs::remove_file(dir.path().join("identity/hall-seal.pub")).unwrap();
    let (mut store, _) = open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.identity(), None);
    let refused = store.persist(&common::filing(&common::case(1)));
    assert!(refused.unwrap_err().to_string().contains("not enrolled"));
}

#[test]
fn an_alarm_is_remembered_until_it_was_reset_or_is_over() {
    let mut station = Station::new();
    let steps: [(&[AuditKind], bool); 5] = [
        (&[AuditKind::Started], false),
        (&[AuditKind::AlarmRaised, AuditKind::GuardReached, AuditKind::MainsLost], true),
        (&[AuditKind::AlarmReset], false),
        (&[AuditKind::AlarmRaised], true),
        (&[AuditKind::AlarmOver], false),
    ];
    for (kinds, had_alarm) in steps {
        let records: Vec<Record> = kinds.iter().copied().map(audit).collect();
        station.store.persist(&records).unwrap();
        let (restarted, recovered) = station.restart();
        assert_eq!(recovered.had_alarm, had_alarm, "{kinds:?}");
        station = restarted;
    }
}
