//! Frozen bytes of the bodies that schemas 2 and 3 added, and of what schema 1 sent. Do not edit:
//! outboxes in the field hold texts like these, and their hashes stand on receipts.
//! A new form gets a new schema and a new test beside these.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use hall_api::wire::{
    By, CellReport, CellUse, CustodyMoved, CustodyStep, EventBody, FeedEntry, FeedWhat, Heartbeat,
    NamedCollector, PlaceOrder, SCHEMA, SCHEMA_MIN, StaffCardReply, StaffCardRequest, StaffCards,
};
use kiosk_words::{
    CaseId, CellSize, ClockQuality, Content, Digest32, Epoch, OrderId, Release, StaffCardNo,
    StaffRole, StationId, WallTime,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

fn case() -> CaseId {
    CaseId::new(0x0123_4567_89ab, [0xcd; 10])
}

fn moved(step: CustodyStep, by: By) -> CustodyMoved {
    CustodyMoved {
        door: 7,
        content: Content::Result,
        order: Some(OrderId(42)),
        step,
        by,
        at: WallTime(1_772_673_960_000),
        quality: ClockQuality::Synced,
    }
}

/// The value has these bytes, and these bytes are the value.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), text);
    assert_eq!(&serde_json::from_str::<T>(text).unwrap(), value);
}

#[test]
fn schema_3_is_written_and_2_is_read() {
    assert_eq!((SCHEMA, SCHEMA_MIN), (3, 2));
}

#[test]
fn a_deposit_schema_2() {
    let deposited = CustodyMoved {
        content: Content::Materials,
        order: None,
        ..moved(CustodyStep::Deposited, By::Citizen)
    };
    check(
        &EventBody::Custody(deposited),
        concat!(
            r#"{"kind":"custody","door":7,"content":"materials","order":null,"#,
            r#""step":"deposited","by":{"who":"citizen"},"at":1772673960000,"quality":"synced"}"#,
        ),
    );
}

#[test]
fn a_placed_result_schema_2() {
    check(
        &EventBody::Custody(moved(CustodyStep::Placed, By::Staff { id: "L07".into() })),
        concat!(
            r#"{"kind":"custody","door":7,"content":"result","order":42,"step":"placed","#,
            r#""by":{"who":"staff","id":"L07"},"at":1772673960000,"quality":"synced"}"#,
        ),
    );
}

#[test]
fn the_words_of_every_step_and_of_the_station_schema_2() {
    let words = [
        (CustodyStep::Deposited, "deposited"),
        (CustodyStep::TakenBack, "taken_back"),
        (CustodyStep::TakenByStaff, "taken_by_staff"),
        (CustodyStep::Placed, "placed"),
        (CustodyStep::Collected, "collected"),
        (CustodyStep::Withdrawn, "withdrawn"),
        (CustodyStep::Unconfirmed, "unconfirmed"),
        (CustodyStep::Quarantined, "quarantined"),
        (CustodyStep::NoPlace, "no_place"),
        (CustodyStep::TooLate, "too_late"),
    ];
    for (step, word) in words {
        check(&step, &format!("\"{word}\""));
    }
    check(&By::Station, r#"{"who":"station"}"#);
}

#[test]
fn feed_entries_schema_2() {
    let entry = |what| FeedEntry { cursor: 9, case: Some(case()), what };
    let head = r#"{"cursor":9,"case":"01234567-89ab-7dcd-8dcd-cdcdcdcdcdcd","#;
    let place = PlaceOrder {
        order: OrderId(42),
        content: Content::ReturnedOriginals,
        release: Release::Important,
        size: CellSize::A4Thick,
        collectors: vec![NamedCollector {
            name: "章样本".into(),
            number: "110101199003070011".into(),
        }],
    };
    check(
        &entry(FeedWhat::Place(place)),
        &format!(
            "{head}{}{}",
            r#""what":"place","order":42,"content":"returned_originals","release":"important","#,
            r#""size":"a4_thick","collectors":[{"name":"章样本","number":"110101199003070011"}]}"#,
        ),
    );
    check(
        &entry(FeedWhat::Recall { order: OrderId(42) }),
        &format!(r#"{head}"what":"recall","order":42}}"#),
    );
    check(
        &entry(FeedWhat::Freeze { frozen: true }),
        &format!(r#"{head}"what":"freeze","frozen":true}}"#),
    );
}

#[test]
fn a_feed_entry_of_staff_cards_schema_3() {
    let anchors = vec!["-----BEGIN CERTIFICATE-----\n".into()];
    let revoked = vec![StaffCardNo(Uuid::from_u128(9))];
    let what = FeedWhat::StaffCards(StaffCards { anchors, revoked });
    check(
        &FeedEntry { cursor: 9, case: None, what },
        concat!(
            r#"{"cursor":9,"what":"staff_cards","anchors":["-----BEGIN CERTIFICATE-----\n"],"#,
            r#""revoked":["00000000-0000-0000-0000-000000000009"]}"#,
        ),
    );
}

#[test]
fn a_staff_card_request_and_its_reply_schema_3() {
    check(
        &StaffCardRequest {
            code: "AAAAA-BBBBB".into(),
            card: StaffCardNo(Uuid::from_u128(9)),
            holder_csr_pem: "9A".into(),
            card_csr_pem: "9E".into(),
        },
        concat!(
            r#"{"code":"AAAAA-BBBBB","card":"00000000-0000-0000-0000-000000000009","#,
            r#""holder_csr_pem":"9A","card_csr_pem":"9E"}"#,
        ),
    );
    check(
        &StaffCardReply {
            staff: "1001".into(),
            role: StaffRole::Courier,
            holder_certificate_pem: "9A".into(),
            card_certificate_pem: "9E".into(),
        },
        concat!(
            r#"{"staff":"1001","role":"courier","holder_certificate_pem":"9A","#,
            r#""card_certificate_pem":"9E"}"#,
        ),
    );
}

fn beat(cells: Vec<CellReport>) -> Heartbeat {
    Heartbeat {
        station: StationId::try_from(17).unwrap(),
        epoch: Epoch(Uuid::from_u128(7)),
        n_outbox: 3,
        audit_head: Digest32([0xaa; 32]),
        n_audit: 7,
        reader: "ready".into(),
        version: "0.1.0".into(),
        cells,
    }
}

#[test]
fn a_heartbeat_with_cells_schema_2() {
    let cell =
        |door, size, state, case| CellReport { door, size, state, case, door_state: "shut".into() };
    let cells = vec![
        cell(1, CellSize::A4, CellUse::Unknown, None),
        cell(2, CellSize::A4Thick, CellUse::Holds(Content::Result), Some(case())),
        cell(3, CellSize::A3, CellUse::Quarantined, None),
    ];
    let head = concat!(
        r#"{"station":17,"epoch":"00000000-0000-0000-0000-000000000007","n_outbox":3,"#,
        r#""audit_head":"AA","n_audit":7,"reader":"ready","version":"0.1.0","cells":["#,
    )
    .replace("AA", &"aa".repeat(32));
    check(
        &beat(cells),
        &format!(
            "{head}{}{}{}",
            r#"{"door":1,"size":"a4","state":"unknown","case":null,"door_state":"shut"},"#,
            concat!(
                r#"{"door":2,"size":"a4_thick","state":{"holds":"result"},"#,
                r#""case":"01234567-89ab-7dcd-8dcd-cdcdcdcdcdcd","door_state":"shut"},"#,
            ),
            r#"{"door":3,"size":"a3","state":"quarantined","case":null,"door_state":"shut"}]}"#,
        ),
    );
}

#[test]
fn a_heartbeat_of_schema_1_has_no_cells() {
    let text = concat!(
        r#"{"station":17,"epoch":"00000000-0000-0000-0000-000000000007","n_outbox":3,"#,
        r#""audit_head":"AA","n_audit":7,"reader":"ready","version":"0.1.0"}"#,
    )
    .replace("AA", &"aa".repeat(32));
    assert_eq!(serde_json::from_str::<Heartbeat>(&text).unwrap(), beat(Vec::new()));
}
