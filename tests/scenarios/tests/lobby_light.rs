//! The lobby is lit while somebody comes, is there, or goes.

use device_sim::room::Act as RoomAct;
use scenarios::{RECORD, walks};
use testkit::World;

const AFTER_MS: u64 = 2 * 60_000;

fn is_lit(world: &World) -> bool {
    world.room.look().is_lit
}

#[test]
fn the_light_comes_with_the_door_stays_with_a_session_and_goes_a_while_after() {
    let mut world = World::with_room(1101);
    world.passes(20_000);
    assert!(!is_lit(&world) && world.room.rests());
    world.room().touch(RoomAct::OpenDoor(true));
    world.until_within(2_000, "light", is_lit);
    world.room().touch(RoomAct::OpenDoor(false));
    world.passes(10_000);
    walks(&mut world, RECORD);
    world.until("sleep", World::sleeps);
    world.passes(AFTER_MS - 10_000);
    assert!(is_lit(&world), "they put their papers together");
    world.passes(20_000);
    assert!(!is_lit(&world));
    world.comes_to_rest();
}

#[test]
fn a_door_that_is_held_open_keeps_the_light_and_a_dead_board_changes_nothing() {
    let mut world = World::with_room(1102);
    world.room().touch(RoomAct::OpenDoor(true));
    world.passes(30 * 60_000);
    assert!(is_lit(&world));
    world.room().is_unplugged();
    world.citizen().wakes_it().sees("您今天要做什么？").touches("退出并清除");
    world.room().is_plugged();
    world.room().touch(RoomAct::OpenDoor(false));
    world.passes(AFTER_MS + 60_000);
    assert!(!is_lit(&world));
    world.comes_to_rest();
}
