//! What the audit chain must find.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use hall_api::audit::{AuditError, Head, Line, verify};
use kiosk_words::{CaseId, ClockQuality, Digest32, Epoch, WallTime};
use uuid::Uuid;

fn epoch() -> Epoch {
    Epoch(Uuid::from_u128(0x17))
}

fn chain(n: u64) -> Vec<Line> {
    let mut prev = Head::genesis(epoch()).hash;
    (1..=n)
        .map(|seq| {
            let line = Line {
                seq,
                prev,
                kind: "case_filed".into(),
                case: Some(CaseId::new(seq, [1; 10])),
                session: (seq % 2 == 0).then_some(seq),
                at: WallTime(1_772_673_960_000),
                quality: ClockQuality::Held,
                payload: Some(Digest32([7; 32])),
            };
            prev = line.hash();
            line
        })
        .collect()
}

fn check(lines: Vec<Line>, known: &[Head]) -> Result<Head, AuditError> {
    verify(epoch(), lines.into_iter().map(Ok), known)
}

fn head_of(lines: &[Line]) -> Head {
    check(lines.to_vec(), &[]).unwrap()
}

#[test]
fn a_whole_chain_verifies_to_its_head_and_passes_through_every_earlier_head() {
    let lines = chain(5);
    let known = [head_of(&lines[..3]), Head::genesis(epoch()), head_of(&lines)];
    assert_eq!(check(lines.clone(), &known).unwrap().n_lines, 5);
    assert_eq!(check(vec![], &[]).unwrap(), Head::genesis(epoch()));
}

#[test]
fn audit_tamper_found_in_every_field_of_every_line() {
    let lines = chain(4);
    let head = head_of(&lines);
    let edits: [fn(&mut Line); 6] = [
        |line| line.kind.push('x'),
        |line| line.case = None,
        |line| line.session = Some(99),
        |line| line.at = WallTime(0),
        |line| line.quality = ClockQuality::Synced,
        |line| line.payload = None,
    ];
    for at in 0..lines.len() {
        for (which, edit) in edits.iter().enumerate() {
            let mut edited = lines.clone();
            edit(&mut edited[at]);
            assert!(check(edited, &[head]).is_err(), "edit {which} of line {at}");
        }
    }
}

#[test]
fn removal_reordering_and_truncation_are_told_apart() {
    let lines = chain(4);
    let head = head_of(&lines);
    let mut removed = lines.clone();
    removed.remove(1);
    assert_eq!(check(removed, &[head]), Err(AuditError::Gap { expected: 2, got: 3 }));
    let mut moved = lines.clone();
    moved.swap(1, 2);
    assert_eq!(check(moved, &[head]), Err(AuditError::Gap { expected: 2, got: 3 }));
    let cut = lines[..2].to_vec();
    assert_eq!(check(cut, &[head]), Err(AuditError::Truncated { known: 4, found: 2 }));
}

#[test]
fn a_chain_written_anew_is_found_by_a_kept_head_only() {
    let head = head_of(&chain(4));
    let mut lines = chain(2);
    let forged = Line { seq: 3, prev: head_of(&lines).hash, session: None, ..lines[0].clone() };
    lines.push(forged.clone());
    lines.push(Line { seq: 4, prev: forged.hash(), ..forged });
    assert!(check(lines.clone(), &[]).is_ok());
    assert_eq!(check(lines, &[head]), Err(AuditError::OtherHead { n_lines: 4 }));
}

#[test]
fn a_chain_of_another_epoch_does_not_verify() {
    let refused = verify(Epoch(Uuid::from_u128(1)), chain(1).into_iter().map(Ok), &[]);
    assert_eq!(refused, Err(AuditError::Broken { seq: 1 }));
}
