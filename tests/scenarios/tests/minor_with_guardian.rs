//! Somebody who may not act alone.

use kiosk_core::record::Role;
use scenarios::{Act, MINOR, files, up_to, walks};
use testkit::World;

#[test]
fn the_guardian_signs_for_a_minor() {
    let mut world = World::ready(161);
    let receipt = files(&mut world, MINOR);
    let filed = &world.store.case_of_receipt(&receipt).unwrap().filed;
    let roles: Vec<Role> = filed.parties.iter().map(|party| party.role).collect();
    assert_eq!(roles, [Role::Applicant, Role::Guardian]);
    assert_eq!(filed.signatures.len(), 1);
    let guardian = testkit::people::number("wang_wei");
    assert_eq!(filed.signatures[0].signer.expose(), &guardian);
    world.comes_to_rest();
}

#[test]
fn the_same_card_is_no_guardian() {
    let mut world = World::ready(162);
    walks(&mut world, up_to(MINOR, Act::Lays("minor")));
    world.citizen().sees("请监护人放身份证").lifts_card().lays_card("minor");
    world.citizen().sees("这还是申请人的身份证").lifts_card();
    world.citizen().lays_card("wang_wei").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn a_guardians_page_left_alone_ends_at_the_sleeping_screen() {
    let mut world = World::ready(163);
    walks(&mut world, up_to(MINOR, Act::Lays("minor")));
    world.citizen().sees("请监护人放身份证").walks_away();
    world.reader().is_unplugged();
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}
