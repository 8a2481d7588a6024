//! The reader's cable is pulled and put back.

use device_api::id_reader::{Fault, Refusal};
use scenarios::{Act, RECORD, up_to, walks};
use testkit::World;

fn at_the_reader(seed: u64) -> World {
    let mut world = World::ready(seed);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world
}

#[test]
fn reader_unplugged_and_back() {
    let mut world = at_the_reader(201);
    world.reader().is_unplugged();
    world.citizen().sees("读卡器暂时不能用").sees("0452-0000000");
    assert_eq!(world.reader.last_refusal(), Some(Refusal::DeviceDown(Fault::Missing)));
    world.passes(20_000);
    world.reader().is_plugged();
    world.until("back", |w| w.reader.is_ready());
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn whoever_waited_for_the_reader_is_not_thrown_out_when_it_comes_back() {
    let mut world = at_the_reader(202);
    world.reader().is_unplugged();
    world.passes(150_000);
    world.citizen().touches("求助").touches("返回");
    world.passes(100_000);
    world.reader().is_plugged();
    world.until("back", |w| w.reader.is_ready());
    world.passes(20_000);
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn a_reader_that_stays_away_ends_the_session_in_time() {
    let mut world = at_the_reader(203);
    world.reader().is_unplugged();
    world.citizen().walks_away();
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn a_reader_that_was_never_there_is_grey_from_the_start() {
    let mut world = World::new(204);
    world.reader().is_unplugged();
    world.citizen().wakes_it().sees("读卡器暂时不能用").touches("退出并清除");
    world.reader().is_plugged();
    world.until("ready", |w| w.reader.is_ready());
    world.comes_to_rest();
}
