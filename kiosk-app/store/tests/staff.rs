//! Staff: a PIN is right, wrong, or nobody's; lockouts outlive a restart.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use kiosk_core::{
    effect::Query,
    event::{Staff, StaffRole},
    record::Record,
};
use kiosk_store::{Answer, BadPin, StaffError, Store};
use kiosk_words::{Private, ServiceTime};

use common::{Station, raw};

const PIN: &str = "271828";

fn pin(digits: &str) -> Private<String> {
    Private::text(digits)
}

fn signs_in(store: &Store, staff: &str, digits: &str) -> Option<Staff> {
    let query = Query::StaffIs { staff: Private::text(staff), pin: pin(digits) };
    match store.find(&query).unwrap() {
        Answer::Staff(staff) => staff,
        other @ (Answer::Cases(_) | Answer::Code(_)) => panic!("{other:?}"),
    }
}

fn failed(staff: &str, n_failures: u32, locked_until: i64) -> Record {
    let locked_until = ServiceTime(locked_until);
    Record::StaffFailed { staff: Private::text(staff), n_failures, locked_until }
}

#[test]
fn a_pin_is_right_for_its_own_id_only_and_after_a_restart_too() {
    let mut station = Station::new();
    station.store.register_staff("courier-1", StaffRole::Courier, &pin(PIN)).unwrap();
    station.store.register_staff("boss", StaffRole::Manager, &pin("314159265358")).unwrap();
    let (station, _) = station.restart();
    let signs_in = |staff, digits| signs_in(&station.store, staff, digits);
    let courier = Staff { id: "courier-1".into(), role: StaffRole::Courier };
    assert_eq!(signs_in("courier-1", PIN), Some(courier));
    assert_eq!(signs_in("boss", "314159265358").unwrap().role, StaffRole::Manager);
    for (staff, digits) in [
        ("courier-1", "271829"),
        ("courier-1", ""),
        ("courier-1", "314159265358"),
        ("boss", PIN),
        ("nobody", PIN),
        ("", ""),
        ("COURIER-1", PIN),
    ] {
        assert_eq!(signs_in(staff, digits), None, "{staff} {digits}");
    }
}

#[test]
fn a_new_store_has_no_staff() {
    let station = Station::new();
    assert_eq!(station.store.staff().unwrap(), []);
}

#[test]
fn a_bad_id_or_pin_registers_nobody() {
    let mut station = Station::new();
    let mut register = |id: &str, digits: &str| {
        station.store.register_staff(id, StaffRole::Courier, &pin(digits)).unwrap_err()
    };
    for id in ["", "a b", "张三", "staff:1", "123456789012345678901"] {
        assert!(matches!(register(id, PIN), StaffError::BadId), "{id}");
    }
    for (digits, expected) in [("12345", BadPin::Length { got: 5 }), ("444444", BadPin::AllSame)] {
        let refused = register("courier-1", digits);
        assert!(matches!(refused, StaffError::BadPin(why) if why == expected), "{refused:?}");
        assert!(!refused.to_string().contains(digits), "{refused}");
    }
    assert_eq!(station.store.staff().unwrap(), []);
}

#[test]
fn somebody_who_left_cannot_sign_in_and_comes_back_with_a_new_pin() {
    let mut station = Station::new();
    let register =
        |store: &mut Store, role, digits| store.register_staff("courier-1", role, &pin(digits));
    register(&mut station.store, StaffRole::Courier, PIN).unwrap();
    let twice = register(&mut station.store, StaffRole::Manager, "161803");
    assert!(matches!(twice, Err(StaffError::Registered { .. })), "{twice:?}");
    assert_eq!(signs_in(&station.store, "courier-1", "161803"), None);

    station.store.persist(&[failed("courier-1", 4, 60_000)]).unwrap();
    station.store.deactivate_staff("courier-1").unwrap();
    assert_eq!(signs_in(&station.store, "courier-1", PIN), None);
    for id in ["courier-1", "nobody"] {
        let refused = station.store.deactivate_staff(id);
        assert!(matches!(refused, Err(StaffError::NotActive { .. })), "{refused:?}");
    }
    let listed = station.store.staff().unwrap().remove(0);
    assert_eq!((listed.staff.id.as_str(), listed.is_active), ("courier-1", false));

    register(&mut station.store, StaffRole::Manager, "161803").unwrap();
    let back = station.store.staff().unwrap().remove(0);
    assert_eq!((back.is_active, back.n_failures, back.locked_until), (true, 0, ServiceTime(0)));
    assert_eq!(signs_in(&station.store, "courier-1", PIN), None, "the old PIN is gone");
    let staff = signs_in(&station.store, "courier-1", "161803").unwrap();
    assert_eq!(staff.role, StaffRole::Manager);
}

#[test]
fn a_lockout_outlives_a_restart_and_ends_with_the_right_pin() {
    let mut station = Station::new();
    for id in ["courier-1", "courier-2"] {
        station.store.register_staff(id, StaffRole::Courier, &pin(PIN)).unwrap();
    }
    // A stranger may type any id; only a registered one has something to lock.
    let records =
        [failed("courier-1", 4, 60_000), failed("courier-1", 5, 120_000), failed("x", 9, 1)];
    station.store.persist(&records).unwrap();
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.lockouts, [("courier-1".to_owned(), 5, ServiceTime(120_000))]);
    let listed = station.store.staff().unwrap().remove(0);
    assert_eq!((listed.n_failures, listed.locked_until), (5, ServiceTime(120_000)));
    station.store.persist(&[Record::StaffPassed { staff: "courier-1".into() }]).unwrap();
    assert_eq!(station.restart().1.lockouts, []);
}

#[test]
fn a_pin_is_kept_as_an_argon2id_hash_with_its_own_salt_until_its_owner_leaves() {
    let mut station = Station::new();
    for id in ["courier-1", "courier-2", "courier-3"] {
        station.store.register_staff(id, StaffRole::Courier, &pin(PIN)).unwrap();
    }
    station.store.deactivate_staff("courier-3").unwrap();
    let Station { store, dir, .. } = station;
    drop(store);
    let db = raw(dir.path());
    let mut rows = db.prepare("SELECT pin_hash FROM staff ORDER BY id").unwrap();
    let hashes: Vec<Option<String>> =
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let [Some(first), Some(second), None] = hashes.as_slice() else { panic!("{hashes:?}") };
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    assert_ne!(first, second);
}
