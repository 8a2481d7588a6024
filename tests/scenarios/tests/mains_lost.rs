//! The mains go and come back: what was begun is ended, and nothing more is begun.

use device_sim::room::Act as RoomAct;
use kiosk_core::{record::AuditKind, view::Stage};
use scenarios::{Act, TOBACCO, up_to, walks};
use testkit::World;

const BANNER: &str = "停电了，机器在用电池";

fn may_apply(world: &World) -> bool {
    let Stage::Home { verbs, .. } = &world.view().stage else { panic!("the home page") };
    verbs.iter().any(|tile| tile.id == "apply" && tile.enabled)
}

#[test]
fn mains_lost_in_a_session_it_is_ended_well_and_nothing_new_is_begun() {
    let mut world = World::with_room(1201);
    walks(&mut world, up_to(TOBACCO, Act::Touches("到窗口取")));
    world.room().touch(RoomAct::Mains(false));
    world.citizen().sees(BANNER);
    // Filed, and the old licence goes into its cell.
    let rest = &TOBACCO[up_to(TOBACCO, Act::Touches("到窗口取")).len()..];
    walks(&mut world, up_to(rest, Act::Sees("本凭证不代表已受理")));
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("都放进去了").sees("原件已入柜").touches("看好了，离开");
    world.until("sleep", World::sleeps);
    world.citizen().wakes_it().sees("停电了，暂不收新件");
    assert!(!may_apply(&world));
    world.room().touch(RoomAct::Mains(true));
    world.until("the mains", may_apply);
    assert!(!world.shows(BANNER));
    for kind in [AuditKind::MainsLost, AuditKind::MainsBack] {
        world.until("the record", |w| w.store.audit().contains(&kind));
    }
    world.citizen().touches("退出并清除");
    world.comes_to_rest();
}

#[test]
fn a_board_that_is_dead_is_no_loss_of_the_mains() {
    let mut world = World::with_room(1202);
    world.room().is_unplugged();
    world.passes(10_000);
    world.citizen().wakes_it().sees("您今天要做什么？");
    assert!(may_apply(&world) && !world.shows(BANNER));
    world.citizen().touches("退出并清除");
    world.comes_to_rest();
}
