//! The audit chain in a real database, and someone with the key who edits it.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use hall_api::audit::{AuditError, Head, Line};
use kiosk_core::{
    custody::{Act, Doubt, End, Step},
    event::Delivery,
    record::{AuditKind, Record},
};
use kiosk_store::{Edited, StoreError};
use kiosk_words::{Digest32, Seq};

use common::{
    NOW, Station, applicant, audit, authorised, case_id, courier, deposited, ended, line_about,
    materials, moved, open, raw,
};

fn filled() -> Station {
    let mut station = Station::new();
    for kind in [AuditKind::Started, AuditKind::SessionOpened, AuditKind::CardRead] {
        station.store.persist(&[audit(kind)]).unwrap();
    }
    station.file(1, 0);
    station
}

fn head(station: &Station) -> Head {
    let (hash, n_lines) = station.store.audit_head().unwrap();
    Head { n_lines, hash }
}

/// The station after someone ran this SQL with the store key, and its own verdict on the chain.
fn edited(station: Station, sql: &str) -> (Station, Result<Head, StoreError>) {
    let Station { store, key, dir } = station;
    drop(store);
    raw(dir.path()).execute_batch(sql).unwrap();
    let (store, _) = open(dir.path(), &key, NOW).unwrap();
    let verdict = store.verify_audit();
    (Station { store, key, dir }, verdict)
}

#[test]
fn the_chain_verifies_and_its_head_moves_with_every_line() {
    let mut station = filled();
    assert_eq!(station.store.verify_audit().unwrap(), head(&station));
    let before = head(&station);
    station.store.persist(&[audit(AuditKind::CardRefused)]).unwrap();
    assert_eq!(head(&station).n_lines, before.n_lines + 1);
    assert_eq!(station.store.verify_audit_with(&[before]).unwrap(), head(&station));
}

#[test]
fn audit_tamper_found_in_the_database() {
    let edits = [
        ("UPDATE audit SET at = 0 WHERE seq = 2", AuditError::Broken { seq: 3 }),
        ("UPDATE audit SET kind = 'card_read' WHERE seq = 1", AuditError::Broken { seq: 2 }),
        (
            "UPDATE audit SET payload = zeroblob(32) WHERE seq = 4",
            AuditError::OtherHead { n_lines: 4 },
        ),
        ("DELETE FROM audit WHERE seq = 2", AuditError::Gap { expected: 2, got: 3 }),
        ("DELETE FROM audit WHERE seq = 4", AuditError::Truncated { known: 4, found: 3 }),
        (
            "UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;
             UPDATE audit SET seq = 3 WHERE seq = 9",
            AuditError::Broken { seq: 2 },
        ),
    ];
    for (sql, expected) in edits {
        let (_, verdict) = edited(filled(), sql);
        let Err(StoreError::Audit(found)) = verdict else { panic!("{sql}: {verdict:?}") };
        assert_eq!(found, expected, "{sql}");
    }
}

#[test]
fn a_tail_cut_together_with_the_head_is_found_by_the_head_at_the_hall() {
    let mut station = filled();
    station.store.persist(&[audit(AuditKind::CardRefused)]).unwrap();
    let at_hall = head(&station);
    let lines = station.store.audit_lines(0, 10).unwrap();
    let sql = format!(
        "DELETE FROM audit WHERE seq = 5;
         UPDATE station SET n_audit = 4, audit_head = x'{}'",
        lines[3].hash()
    );
    let (station, verdict) = edited(station, &sql);
    assert!(verdict.is_ok(), "the database alone cannot tell");
    let found = station.store.verify_audit_with(&[at_hall]);
    let expected = AuditError::Truncated { known: 5, found: 4 };
    assert!(matches!(found, Err(StoreError::Audit(error)) if error == expected));
}

#[test]
fn a_line_about_a_case_carries_the_hash_of_its_sealed_event_and_no_person() {
    let mut station = filled();
    let filed = station.file(2, 1);
    let event = station.store.next_batch(kiosk_words::Seq(1), 1).unwrap().remove(0);
    let line: Line = station.store.audit_lines(4, 1).unwrap().remove(0);
    assert_eq!((line.kind.as_str(), line.case), ("case_filed", Some(filed.case)));
    assert_eq!(line.payload, Some(event.body_hash));
    let started = station.store.audit_lines(0, 1).unwrap().remove(0);
    assert_eq!(started.payload, None::<Digest32>);
}

/// Hash of every event of the stream, in its order.
fn hashes(station: &Station) -> Vec<Option<Digest32>> {
    let batch = station.store.next_batch(Seq(0), 64).unwrap();
    batch.iter().map(|event| Some(event.body_hash)).collect()
}

fn payloads(station: &Station, after: u64) -> Vec<Option<Digest32>> {
    let lines = station.store.audit_lines(after, 64).unwrap();
    lines.iter().map(|line| line.payload).collect()
}

#[test]
fn each_line_about_a_move_names_its_own_event_and_a_filing_is_named_by_its_own() {
    let mut station = Station::new();
    let (first, second) = (station.file(1, 0).case, station.file(2, 0).case);
    let before = head(&station).n_lines;
    // The lines come before their moves, as the core writes them; the first case moves twice.
    let records = [
        line_about(AuditKind::CustodyMoved, first),
        deposited(1),
        line_about(AuditKind::CustodyMoved, second),
        deposited(2),
        line_about(AuditKind::CustodyMoved, first),
        moved(1, materials(1), Step::TakenByStaff, None),
        line_about(AuditKind::CaseReceivedByHall, first),
    ];
    station.store.persist(&records).unwrap();
    let hashes = hashes(&station);
    assert_eq!(payloads(&station, before), [hashes[2], hashes[3], hashes[4], hashes[0]]);
}

#[test]
fn a_line_about_a_held_event_names_that_event_and_not_the_filing() {
    let mut station = Station::new();
    let case = station.file(1, 0).case;
    station.store.persist(&[deposited(1)]).unwrap();
    let hashes = hashes(&station);
    let held = |seq| (Seq(seq), Delivery::Held { code: "bad_move".into() });
    let before = head(&station).n_lines;
    let settled = Record::OutboxSettled { answers: vec![(Seq(1), Delivery::Accepted), held(2)] };
    let line = line_about(AuditKind::EventHeld, case);
    station.store.persist(&[settled.clone(), line.clone()]).unwrap();
    // The same answer again settles nothing, so there is nothing to name.
    station.store.persist(&[settled, line]).unwrap();
    assert_eq!(payloads(&station, before), [hashes[1], None]);
    assert_eq!(case, case_id(1));
}

/// A filing, an opening that ended well and moved an envelope, one that ended in doubt, and one
/// that is still open, each with its line.
fn with_openings() -> Station {
    let mut station = Station::new();
    let case = station.file(1, 0).case;
    let about = |kind| line_about(kind, case);
    let opened = |number, act, by| [about(AuditKind::DoorAuthorised), authorised(number, act, by)];
    station.store.persist(&opened(1, Act::Deposit { case }, applicant())).unwrap();
    let confirmed = [
        audit(AuditKind::DoorDone),
        ended(1, End::Confirmed),
        about(AuditKind::CustodyMoved),
        deposited(1),
    ];
    station.store.persist(&confirmed).unwrap();
    station.store.persist(&opened(2, Act::Look, courier())).unwrap();
    let doubted = [audit(AuditKind::CellClosedOff), ended(2, End::Doubted(Doubt::Lost))];
    station.store.persist(&doubted).unwrap();
    station.store.persist(&opened(3, Act::Look, courier())).unwrap();
    station
}

/// Lines 2 and 3, 5 and 6, and 7 are about the openings; 1 and 4 about the events.
const EDITS: [(&str, Edited); 23] = [
    ("UPDATE authorisation SET door = 8 WHERE number = 1", Edited::Row { seq: 2 }),
    ("UPDATE authorisation SET act = 'take_back' WHERE number = 1", Edited::Row { seq: 2 }),
    ("UPDATE authorisation SET case_id = zeroblob(16) WHERE number = 1", Edited::Row { seq: 2 }),
    ("UPDATE authorisation SET order_id = 1 WHERE number = 1", Edited::Row { seq: 2 }),
    ("UPDATE authorisation SET who = 'citizen:ab' WHERE number = 1", Edited::Row { seq: 2 }),
    ("UPDATE authorisation SET who = 'staff:lz-008' WHERE number = 2", Edited::Row { seq: 5 }),
    ("UPDATE authorisation SET at = at + 1 WHERE number = 2", Edited::Row { seq: 5 }),
    ("UPDATE authorisation SET quality = 'held' WHERE number = 3", Edited::Row { seq: 7 }),
    ("UPDATE authorisation SET how = 'again' WHERE number = 1", Edited::Row { seq: 3 }),
    ("UPDATE authorisation SET ended_at = 0 WHERE number = 1", Edited::Row { seq: 3 }),
    ("UPDATE authorisation SET doubt = 'forced' WHERE number = 2", Edited::Row { seq: 6 }),
    (
        "UPDATE authorisation SET how = 'confirmed', doubt = NULL WHERE number = 2",
        Edited::Row { seq: 6 },
    ),
    (
        "UPDATE authorisation SET how = 'confirmed', ended_at = 0 WHERE number = 3",
        Edited::AddedEnd { number: 3 },
    ),
    ("DELETE FROM authorisation WHERE number = 1", Edited::Row { seq: 2 }),
    ("DELETE FROM authorisation WHERE number = 3", Edited::Row { seq: 7 }),
    (
        "INSERT INTO authorisation SELECT 4, door, act, case_id, order_id, who, at, quality, how,
         doubt, ended_at FROM authorisation WHERE number = 1",
        Edited::AddedOpening { number: 4 },
    ),
    (
        "INSERT INTO authorisation SELECT 0, door, act, case_id, order_id, who, at, quality, how,
         doubt, ended_at FROM authorisation WHERE number = 1",
        Edited::Row { seq: 2 },
    ),
    (
        "UPDATE outbox SET body = replace(body, 'deposited', 'taken_back') WHERE seq = 2",
        Edited::Row { seq: 4 },
    ),
    ("UPDATE outbox SET body = NULL WHERE seq = 2", Edited::Row { seq: 4 }),
    ("UPDATE outbox SET body_hash = zeroblob(32) WHERE seq = 2", Edited::Row { seq: 4 }),
    ("DELETE FROM outbox WHERE seq = 2", Edited::Row { seq: 4 }),
    ("UPDATE outbox SET body = body || ' ' WHERE seq = 1", Edited::Row { seq: 1 }),
    (
        "INSERT INTO outbox SELECT 9, case_id, body, body_hash, answer, code FROM outbox
         WHERE seq = 2",
        Edited::Events { expected: 2, found: 3 },
    ),
];

#[test]
fn audit_tamper_found_in_what_the_lines_are_about() {
    assert!(with_openings().store.verify_audit().is_ok());
    for (sql, expected) in EDITS {
        let sql = format!(
            "DROP TRIGGER authorisation_is_not_removed; DROP TRIGGER authorisation_ends_once; {sql}"
        );
        let (_, verdict) = edited(with_openings(), &sql);
        let Err(StoreError::Edited(found)) = verdict else { panic!("{sql}: {verdict:?}") };
        assert_eq!(found, expected, "{sql}");
    }
}

#[test]
fn what_a_line_says_of_an_opening_is_under_the_key_of_its_store() {
    let [here, elsewhere] = [with_openings(), with_openings()].map(|station| payloads(&station, 0));
    for line in [2, 3, 5, 6, 7] {
        let (here, elsewhere) = (here[line - 1], elsewhere[line - 1]);
        assert!(here.is_some() && elsewhere.is_some() && here != elsewhere, "line {line}");
    }
    assert_eq!(here[3], elsewhere[3], "an event has the hash under which the hall knows it");
}

#[test]
fn an_opening_again_proves_the_end_of_the_first_and_the_second() {
    let mut station = with_openings();
    let records = [
        audit(AuditKind::DoorDone),
        ended(3, End::Again),
        audit(AuditKind::DoorAuthorised),
        authorised(4, Act::Look, courier()),
    ];
    station.store.persist(&records).unwrap();
    station.store.verify_audit().unwrap();
    let (station, recovered) = station.restart();
    assert_eq!(recovered.custody.last_authorisation, 4);
    assert_eq!(station.store.verify_audit().unwrap().n_lines, 9);
}
