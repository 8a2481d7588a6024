//! A store of the first version, opened by this program.
//!
//! The old database is made by the first migration alone and filled through SQL with the rows that
//! the first version wrote; the rows come from a store of today, column by column.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{fs, path::Path};

use hall_api::audit::genesis;
use kiosk_core::{
    custody::{Act, CellState, Change, Doubt, End, Step, Stored},
    effect::Query,
    event::{Delivery, Prints},
    record::{AuditKind, Record},
};
use kiosk_store::{Answer, Edited, STORE_KEY_FILE, StoreError, StoreKey};
use kiosk_words::{OrderId, Private, Seq, ServiceTime};
use refinery::Target;
use rusqlite::{Connection, params};

use common::{
    CANARY_CODE, CANARY_NUMBER, COLLECTOR_NUMBER, NOW, Station, applicant, authorised, cases_of,
    custody, deposited, door, ended, line_about, materials, moved, open, ordered, raw,
};

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// Tables of the first version with their columns.
const TABLES: [(&str, &str); 10] = [
    (
        "station",
        "id, epoch, owner_key, wrap_key_id, last_seq, service_time, feed_cursor, next_counter,
         n_audit, audit_head",
    ),
    ("receipt_block", "first_counter, end_counter"),
    ("start", "id, at"),
    ("session", "id, number, opened, why, filed"),
    (
        "cases",
        "id, seq, receipt, matter, matter_version, deposited, state, sealed_record, wrapped_key,
         scans_delivered, finished, complete_at",
    ),
    ("owner", "hash, case_id"),
    ("step", "id, case_id, at, what"),
    ("scan", "digest, case_id, place, slot, page, n_bytes"),
    ("outbox", "seq, case_id, body, body_hash, answer, code"),
    ("audit", "seq, prev, kind, case_id, session, at, quality, payload"),
];

/// Puts a database of the first version in the place of the one that is there.
fn make_old(folder: &Path) {
    let key = fs::read_to_string(folder.join(STORE_KEY_FILE)).unwrap();
    let new = folder.join("station.new");
    fs::rename(folder.join("station.db"), &new).unwrap();
    let mut db: Connection = raw(folder);
    let applied =
        migrations::migrations::runner().set_target(Target::Version(1)).run(&mut db).unwrap();
    assert_eq!(applied.applied_migrations().len(), 1);
    let attach = format!("ATTACH '{}' AS new KEY \"x'{}'\"", new.display(), key.trim());
    db.execute_batch(&attach).unwrap();
    for (table, columns) in TABLES {
        let copy = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}");
        db.execute_batch(&copy).unwrap();
    }
    db.execute_batch("DETACH new").unwrap();
    let has_cells: bool = db
        .query_row("SELECT count(*) FROM sqlite_master WHERE name = 'cell'", [], |row| row.get(0))
        .unwrap();
    assert!(!has_cells);
    drop(db);
    fs::remove_file(new).unwrap();
}

/// Two filed cases, the first delivered, and the store as the first version left it.
fn old_store() -> (tempfile::TempDir, StoreKey) {
    let mut station = Station::new();
    station.file(1, 1);
    station.file(2, 0);
    let answers = vec![(Seq(1), Delivery::Accepted)];
    let records = [Record::OutboxSettled { answers }, Record::FeedCursor(3)];
    station.store.persist(&records).unwrap();
    let Station { store, key, dir } = station;
    drop(store);
    make_old(dir.path());
    (dir, key)
}

#[test]
fn a_store_of_the_first_version_opens_with_everything_in_it() {
    let (dir, key) = old_store();
    let (store, recovered) = open(dir.path(), &key, NOW).unwrap();
    assert_eq!(recovered.outbox, [(Seq(2), common::case_id(2))]);
    assert_eq!(recovered.scans, [common::case_id(1)]);
    assert_eq!(recovered.feed_cursor, 3);
    assert_eq!(recovered.custody, Stored::default());
    assert_eq!(recovered.prints, Prints::default());
    assert_eq!(recovered.lockouts, []);
    assert_eq!(store.verify_audit().unwrap().n_lines, 2);
    let found = cases_of(&store, CANARY_NUMBER);
    assert!(found.len() == 2 && found.iter().all(|case| case.is_party && case.collects.is_empty()));
    assert_eq!(store.record_of(common::case_id(1)).unwrap().unwrap().parties.len(), 3);
    assert_eq!(store.receipt_code(common::case_id(2)).unwrap().unwrap().seq, Seq(2));
    let code = Query::CodeIs { case: common::case_id(1), code: Private::text(CANARY_CODE) };
    assert_eq!(store.find(&code).unwrap(), Answer::Code(false), "filed without a code");
    assert_eq!(cases_of(&store, COLLECTOR_NUMBER), [], "its collectors are in the record only");
}

#[test]
fn a_case_of_the_first_version_takes_part_in_custody_and_is_erased_like_others() {
    let (dir, key) = old_store();
    let (mut store, _) = open(dir.path(), &key, NOW).unwrap();
    let cell = custody(Change::Cell { door: door(1), state: CellState::Holds(materials(1)) });
    store.persist(&[cell, deposited(1), ordered(1, &[COLLECTOR_NUMBER])]).unwrap();
    assert_eq!(cases_of(&store, COLLECTOR_NUMBER)[0].collects, [OrderId(1)]);
    drop(store);
    let (mut store, recovered) = open(dir.path(), &key, NOW).unwrap();
    assert_eq!(recovered.custody.cells.len(), 1);
    assert_eq!(store.next_batch(Seq(2), 64).unwrap()[0].seq, Seq(3), "the stream goes on");
    let taken = moved(1, materials(1), Step::TakenByStaff, None);
    let answers = vec![(Seq(3), Delivery::Accepted), (Seq(4), Delivery::Accepted)];
    let records = [
        taken,
        Record::OutboxSettled { answers },
        Record::ScansDelivered { case: common::case_id(1) },
        Record::ServiceTime(ServiceTime(9)),
    ];
    store.persist(&records).unwrap();
    assert_eq!(store.erase_delivered(ServiceTime(9)).unwrap(), 1);
}

/// Openings as the version before wrote them: their lines have no payload.
fn forget_proofs(station: Station) -> (tempfile::TempDir, StoreKey) {
    let lines = station.store.audit_lines(0, 64).unwrap();
    let mut head = genesis(station.store.epoch());
    let Station { store, key, dir } = station;
    drop(store);
    let db = raw(dir.path());
    for mut line in lines {
        let is_of_opening = ["door_authorised", "door_done"].contains(&line.kind.as_str());
        line.payload = line.payload.filter(|_| !is_of_opening);
        line.prev = head;
        head = line.hash();
        db.execute(
            "UPDATE audit SET prev = ?2, payload = ?3 WHERE seq = ?1",
            params![line.seq.cast_signed(), line.prev.0, line.payload.map(|payload| payload.0)],
        )
        .unwrap();
    }
    db.execute("UPDATE station SET audit_head = ?1", params![head.0]).unwrap();
    (dir, key)
}

#[test]
fn openings_of_the_version_before_stay_verifiable_and_those_after_it_are_proved() {
    let mut station = Station::new();
    let case = station.file(1, 0).case;
    let opened = |number| {
        let act = Act::Deposit { case };
        [line_about(AuditKind::DoorAuthorised, case), authorised(number, act, applicant())]
    };
    let done = |number, kind, how| [line_about(kind, case), ended(number, how)];
    let confirmed = |number| done(number, AuditKind::DoorDone, End::Confirmed);
    station.store.persist(&opened(1)).unwrap();
    station.store.persist(&confirmed(1)).unwrap();
    station.store.persist(&opened(2)).unwrap();
    let (dir, key) = forget_proofs(station);

    let (mut store, recovered) = open(dir.path(), &key, NOW).unwrap();
    assert_eq!(store.verify_audit().unwrap().n_lines, 4);
    // The door that was open while the program was replaced.
    assert_eq!(recovered.custody.open, Some((2, door(7), Act::Deposit { case })));
    let interrupted = End::Doubted(Doubt::Interrupted);
    store.persist(&done(2, AuditKind::CellClosedOff, interrupted)).unwrap();
    store.persist(&opened(3)).unwrap();
    store.persist(&confirmed(3)).unwrap();
    assert_eq!(store.verify_audit().unwrap().n_lines, 7);
    drop(store);

    for (sql, seq) in [
        ("UPDATE authorisation SET doubt = 'lost' WHERE number = 2", 5),
        ("UPDATE authorisation SET door = 8 WHERE number = 3", 6),
    ] {
        let sql = format!("DROP TRIGGER IF EXISTS authorisation_ends_once; {sql}");
        raw(dir.path()).execute_batch(&sql).unwrap();
        let (store, _) = open(dir.path(), &key, NOW).unwrap();
        let found = store.verify_audit();
        assert!(
            matches!(found, Err(StoreError::Edited(Edited::Row { seq: at })) if at == seq),
            "{sql}: {found:?}"
        );
        drop(store);
        let mended = "UPDATE authorisation SET doubt = 'interrupted' WHERE number = 2";
        raw(dir.path()).execute_batch(mended).unwrap();
    }
}
