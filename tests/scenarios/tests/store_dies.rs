//! An I/O error of the disk: the store is dead until the program starts again.

use kiosk_core::station::EXIT_STORE_DEAD;
use scenarios::{Act, RECORD, asks_progress, files_and_leaves, up_to, walks};
use testkit::World;

#[test]
fn a_dead_store_says_so_ends_the_program_and_keeps_what_it_had() {
    let mut world = World::ready(231);
    files_and_leaves(&mut world, RECORD);
    walks(&mut world, up_to(RECORD, Act::Touches("没有错，去签名")));
    world.disk().breaks();
    world.citizen().signs();
    world.until("the end", |w| w.exit().is_some());
    assert_eq!(world.exit(), Some(EXIT_STORE_DEAD));
    assert_eq!(EXIT_STORE_DEAD, 75);
    assert!(world.shows("这台机器暂停服务") && world.shows("没拿到收件凭证的，这件没有收下"));
    assert!(!world.station().holds_personal_data());
    world.crashes_and_restarts();
    assert_eq!(world.store.cases().count(), 1);
    world.until("reader", |w| w.reader.is_ready());
    asks_progress(&mut world, "zhang_san");
    world.comes_to_rest();
}

#[test]
fn a_store_that_dies_while_nobody_is_there_ends_the_program_too() {
    let mut world = World::ready(232);
    world.disk().breaks();
    world.citizen().wakes_it();
    world.until("the end", |w| w.exit() == Some(EXIT_STORE_DEAD));
    world.comes_to_rest();
}
