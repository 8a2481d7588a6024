//! Who finds a case, who may collect what, and whose code is right.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use kiosk_core::{effect::Query, record::Record};
use kiosk_store::{Answer, Store};
use kiosk_words::{CaseId, OrderId, Private};

use common::{
    CANARY_CODE, CANARY_NUMBER, COLLECTOR_NUMBER, Station, case, case_id, cases, cases_of, filing,
    order, ordered, raw, receipt,
};

/// Named by nobody when the case was filed.
const NEPHEW: &str = "230202199512120013";
const STRANGER: &str = "230202199901010010";

fn is_code(store: &Store, case: CaseId, code: &str) -> bool {
    match store.find(&Query::CodeIs { case, code: Private::text(code) }).unwrap() {
        Answer::Code(right) => right,
        other @ Answer::Cases(_) => panic!("{other:?}"),
    }
}

/// Per case, newest first: its number, whether a party asks, and what they may collect.
fn seen(store: &Store, number: &str) -> Vec<(u32, bool, Vec<u64>)> {
    cases_of(store, number)
        .into_iter()
        .map(|found| {
            let collects = found.collects.iter().map(|order| order.0).collect();
            (found.receipt.counter(), found.is_party, collects)
        })
        .collect()
}

#[test]
fn released_only_to_named_collector() {
    let mut station = Station::new();
    for n in 1..=3 {
        station.file(n, 0);
    }
    let orders = [
        ordered(1, &[COLLECTOR_NUMBER, NEPHEW]),
        ordered(3, &[CANARY_NUMBER, CANARY_NUMBER]),
        Record::OrderReceived {
            id: OrderId(30),
            order: order(case_id(3)),
            collectors: vec![Private::text(COLLECTOR_NUMBER), Private::text(CANARY_NUMBER)],
        },
    ];
    station.store.persist(&orders).unwrap();
    let seen = |number| seen(&station.store, number);
    assert_eq!(
        seen(CANARY_NUMBER),
        [(3, true, vec![3, 30]), (2, true, vec![]), (1, true, vec![])],
        "a party sees every case, and collects where the hall named them"
    );
    assert_eq!(
        seen(COLLECTOR_NUMBER),
        [(3, false, vec![30]), (2, false, vec![]), (1, false, vec![1])],
        "named when filing, but collects what the hall says"
    );
    assert_eq!(seen(NEPHEW), [(1, false, vec![1])], "named by the hall alone");
    assert_eq!(seen(STRANGER), []);
    assert_eq!(seen(&CANARY_NUMBER.to_lowercase()), seen(CANARY_NUMBER));
}

#[test]
fn a_repeated_order_names_its_collectors_anew() {
    let mut station = Station::new();
    station.file(1, 0);
    station.store.persist(&[ordered(1, &[NEPHEW, COLLECTOR_NUMBER])]).unwrap();
    station.store.persist(&[ordered(1, &[COLLECTOR_NUMBER])]).unwrap();
    let (station, _) = station.restart();
    assert_eq!(seen(&station.store, NEPHEW), [], "struck off");
    assert_eq!(seen(&station.store, COLLECTOR_NUMBER), [(1, false, vec![1])]);
}

#[test]
fn a_receipt_number_finds_its_case_and_says_nothing_of_who_asks() {
    let mut station = Station::new();
    station.file(1, 0);
    station.file(2, 0);
    station.store.persist(&[ordered(2, &[CANARY_NUMBER])]).unwrap();
    let of = |n| cases(&station.store, &Query::CaseOf { receipt: receipt(n) });
    let found = of(2);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.case, found.receipt), (case_id(2), receipt(2)));
    assert_eq!((found.is_party, found.collects.as_slice()), (false, [].as_slice()));
    assert_eq!(found.history.len(), 1);
    assert_eq!(of(7), []);
}

#[test]
fn a_code_is_right_for_its_own_case_only_and_after_a_restart_too() {
    let mut station = Station::new();
    let mut other = case(2);
    other.pickup_code = Private::text("000000");
    station.file(1, 0);
    station.store.persist(&filing(&other)).unwrap();
    let (station, _) = station.restart();
    let right = |n, code| is_code(&station.store, case_id(n), code);
    assert!(right(1, CANARY_CODE) && right(2, "000000"));
    for wrong in ["000000", "604818", "60481", "6048170", "", " "] {
        assert!(!right(1, wrong), "{wrong:?}");
    }
    assert!(!right(2, CANARY_CODE), "another case's code");
    assert!(!right(9, CANARY_CODE), "a case that is not here");
}

#[test]
fn the_same_code_of_two_cases_does_not_show_in_the_database() {
    let mut station = Station::new();
    station.file(1, 0);
    station.file(2, 0);
    let Station { store, dir, .. } = station;
    drop(store);
    let sql = "SELECT count(DISTINCT pickup_hash) FROM cases";
    assert_eq!(raw(dir.path()).query_row(sql, [], |row| row.get(0)), Ok(2));
}

#[test]
fn nothing_opens_with_an_empty_code() {
    let mut station = Station::new();
    let mut filed = case(1);
    filed.pickup_code = Private::text(" ");
    station.store.persist(&filing(&filed)).unwrap();
    assert!(!is_code(&station.store, case_id(1), "") && !is_code(&station.store, case_id(1), " "));
}
