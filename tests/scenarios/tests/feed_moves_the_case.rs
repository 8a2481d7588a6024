//! What the hall decides reaches the person; what it may not decide does not.

use kiosk_core::record::AuditKind;
use kiosk_words::{Handling, Originals, Outcome};
use scenarios::{RECORD, TOBACCO, asks_progress, files_and_leaves};
use testkit::World;

fn filed(seed: u64) -> (World, String) {
    let mut world = World::ready(seed);
    let receipt = files_and_leaves(&mut world, RECORD);
    world.until("the hall", |w| w.hall.case_of(&receipt).is_some());
    (world, receipt)
}

fn handling(world: &World, receipt: &str) -> Handling {
    world.store.case_of_receipt(receipt).expect("the case is stored").state.handling.clone()
}

#[test]
fn accepted_and_decided_are_told() {
    let (mut world, receipt) = filed(131);
    world.hall().clerk_accepts(&receipt, "齐公受2026-7");
    world.hall().clerk_decides(&receipt, Outcome::Granted);
    world.until("the feed", |w| w.store.feed_cursor() == 2);
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("已办结：准予") && world.shows("已受理（齐公受2026-7"));
    world.comes_to_rest();
}

#[test]
fn a_correction_is_told_with_reason_and_date() {
    let (mut world, receipt) = filed(132);
    world.hall().clerk_returns(&receipt, "签名看不清", "2026-03-12");
    world.until("the feed", |w| w.store.feed_cursor() == 1);
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("需补正（2026-03-12前）") && world.shows("签名看不清"));
    world.comes_to_rest();
}

#[test]
fn an_illegal_move_is_refused_and_written_down() {
    let (mut world, receipt) = filed(133);
    world.hall().says(&receipt, Handling::InProgress);
    world.hall().says_of_originals(&receipt, Originals::Returned);
    world.until("the feed", |w| w.store.feed_cursor() == 2);
    assert_eq!(handling(&world, &receipt), Handling::AwaitingReview);
    let n = world.store.audit().iter().filter(|k| **k == AuditKind::IllegalMoveRefused).count();
    assert_eq!(n, 2);
    world.hall().clerk_accepts(&receipt, "A-1");
    world.until("the feed", |w| w.store.feed_cursor() == 3);
    assert!(matches!(handling(&world, &receipt), Handling::Accepted { .. }));
    world.comes_to_rest();
}

#[test]
fn news_while_the_program_was_dead_comes_after_the_start_and_once() {
    let (mut world, receipt) = filed(134);
    world.hall().goes_dark();
    world.hall().clerk_accepts(&receipt, "A-1");
    world.passes(1_000);
    world.crashes_and_restarts();
    world.hall().comes_back();
    world.until("the feed", |w| w.store.feed_cursor() == 1);
    world.crashes_and_restarts();
    world.passes(60_000);
    let n = world.store.audit().iter().filter(|k| **k == AuditKind::CaseMoved).count();
    assert_eq!(n, 1);
}

#[test]
fn a_held_event_keeps_nobody_else_waiting_and_claims_nothing() {
    let mut world = World::ready(135);
    world.hall().holds_next(1);
    let held = files_and_leaves(&mut world, TOBACCO);
    let next = files_and_leaves(&mut world, RECORD);
    world.passes(60_000);
    assert!(world.hall.case_of(&next).unwrap().1.is_complete());
    assert!(world.store.audit().contains(&AuditKind::EventHeld));
    let stored = world.store.case_of_receipt(&held).unwrap();
    assert_eq!(stored.state.electronic, kiosk_words::Electronic::SavedHere);
    world.comes_to_rest();
}

#[test]
fn a_held_case_stays_held_over_a_restart() {
    let mut world = World::ready(136);
    world.hall().holds_next(1);
    let held = files_and_leaves(&mut world, TOBACCO);
    world.until("held", |w| w.store.audit().contains(&AuditKind::EventHeld));
    assert_eq!(world.store.n_scans_waiting(), 1, "its pages are still on their way");
    world.crashes_and_restarts();
    world.comes_to_rest();
    let stored = world.store.case_of_receipt(&held).unwrap();
    assert_eq!(stored.state.electronic, kiosk_words::Electronic::SavedHere);
}
