//! No room on the disk: new cases are refused with the reason, everything else goes on.

use kiosk_core::record::AuditKind;
use scenarios::{Act, RECORD, TOBACCO, asks_progress, files_and_leaves, up_to, walks};
use testkit::World;

#[test]
fn a_full_disk_takes_nothing_new_and_says_so() {
    let mut world = World::ready(91);
    let receipt = files_and_leaves(&mut world, RECORD);
    world.disk().is_full();
    walks(&mut world, up_to(RECORD, Act::Touches("没有错，去签名")));
    world.citizen().signs().sees("这件没有收下").sees("材料都在您手里").touches("看好了，离开");
    assert_eq!(world.store.cases().count(), 1);
    assert!(world.store.audit().contains(&AuditKind::StoreFull));
    world.until("sleep", World::sleeps);
    world.citizen().wakes_it().sees("本机已存满，暂不收新件").touches("退出并清除");
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("大厅已收到"), "progress still works");
    world.citizen().touches("看好了，离开");
    world.hall().clerk_accepts(&receipt, "A-1");
    world.until("the feed", |w| w.store.feed_cursor() == 1);
    world.disk().has_room_again();
    world.passes(3_000);
    files_and_leaves(&mut world, TOBACCO);
    world.comes_to_rest();
    assert_eq!(world.hall.cases().count(), 2);
}

#[test]
fn a_page_that_finds_no_room_is_not_kept() {
    let mut world = World::ready(92);
    walks(&mut world, up_to(TOBACCO, Act::Touches("到窗口取")));
    world.disk().is_full();
    world.citizen().lays_paper("old_permit").touches("拍照").sees("这一页没有留下");
    assert_eq!(world.store.disk.files().count(), 0);
    world.comes_to_rest();
}

#[test]
fn a_disk_full_at_the_start_is_known_at_the_start() {
    let mut world = World::ready(93);
    world.disk().is_full();
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    world.citizen().wakes_it().sees("本机已存满，暂不收新件");
    world.comes_to_rest();
}
