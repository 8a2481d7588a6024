//! Staff cards: lockouts and what the hall says about cards outlive a restart.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use kiosk_core::{record::Record, staff_card::StaffTrust};
use kiosk_words::{ServiceTime, StaffCardNo};
use uuid::Uuid;

use common::Station;

fn failed(staff: &str, n_failures: u32, locked_until: i64) -> Record {
    let locked_until = ServiceTime(locked_until);
    Record::StaffFailed { staff: staff.to_owned(), n_failures, locked_until }
}

#[test]
fn a_lockout_outlives_a_restart_and_ends_with_the_right_pin() {
    let mut station = Station::new();
    let records = [failed("1001", 4, 60_000), failed("1001", 5, 120_000), failed("2001", 1, 0)];
    station.store.persist(&records).unwrap();
    let (mut station, recovered) = station.restart();
    let locked = ("1001".to_owned(), 5, ServiceTime(120_000));
    assert_eq!(recovered.lockouts, [locked, ("2001".to_owned(), 1, ServiceTime(0))]);
    station.store.persist(&[Record::StaffPassed { staff: "1001".into() }]).unwrap();
    assert_eq!(station.restart().1.lockouts.len(), 1);
}

#[test]
fn what_the_hall_says_last_about_cards_is_what_counts() {
    let mut station = Station::new();
    let card = |n| StaffCardNo(Uuid::from_u128(n));
    let first = StaffTrust { anchors: vec!["a CA".into()], revoked: vec![card(1), card(2)] };
    let second =
        StaffTrust { anchors: vec!["a CA".into(), "the next".into()], revoked: vec![card(2)] };
    for trust in [&first, &second] {
        station.store.persist(&[Record::StaffTrust(trust.clone())]).unwrap();
    }
    let (mut station, recovered) = station.restart();
    assert_eq!(recovered.staff_trust, second);
    station.store.persist(&[Record::StaffTrust(StaffTrust::default())]).unwrap();
    assert_eq!(station.restart().1.staff_trust, StaffTrust::default());
}
