//! Frozen bytes of audit line version 1. Do not edit: chains in the field are made of these.
//! A new form gets a new domain text and a new test beside these.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use hall_api::audit::{Head, Line};
use kiosk_words::{CaseId, ClockQuality, Digest32, Epoch, WallTime};
use uuid::Uuid;

#[test]
fn genesis_version_1() {
    let head = Head::genesis(Epoch(Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)));
    assert_eq!(
        head.hash.to_string(),
        "7019f62d2b517fc9d7d468685e98b677370e9f78d7f20381d26acd4b8205cafc"
    );
}

#[test]
fn full_line_version_1() {
    let line = Line {
        seq: 2,
        prev: Digest32([0xaa; 32]),
        kind: "case_filed".into(),
        case: Some(CaseId::new(1, [0xcd; 10])),
        session: Some(7),
        at: WallTime(1_772_673_960_000),
        quality: ClockQuality::Synced,
        payload: Some(Digest32([0xbb; 32])),
    };
    let expected = [
        // domain
        &hex::encode("nightdesk audit line 1"),
        // seq
        "0000000000000002",
        // prev
        &"aa".repeat(32),
        // kind: length, text
        "000000000000000a",
        &hex::encode("case_filed"),
        // case: present, id
        "01",
        "0000000000017dcd8dcdcdcdcdcdcdcd",
        // session: present, number
        "01",
        "0000000000000007",
        // at
        "0000019cbb9a0840",
        // quality: synced
        "02",
        // payload: present, hash
        "01",
        &"bb".repeat(32),
    ]
    .concat();
    assert_eq!(hex::encode(line.canonical()), expected);
    assert_eq!(
        line.hash().to_string(),
        "73e8ec2f524fc10786f4241ea5b8632b519e677af7a3183f44f544db90747bf3"
    );
}

#[test]
fn bare_line_version_1() {
    let line = Line {
        seq: 1,
        prev: Digest32([0; 32]),
        kind: "started".into(),
        case: None,
        session: None,
        at: WallTime(-1),
        quality: ClockQuality::Unknown,
        payload: None,
    };
    assert_eq!(
        line.hash().to_string(),
        "37e39a22f0dabbc35a5c7a631fe8bafa1698cc46125c44dc5a6ddf660333a3ed"
    );
}
