//! Fingers that are too quick or too late.

use scenarios::{Act, RECORD, TOBACCO, does, up_to, walks};
use testkit::World;

#[test]
fn every_button_of_the_way_may_be_tapped_twice() {
    for way in [TOBACCO, RECORD] {
        let mut world = World::ready(101);
        for act in up_to(way, Act::Sees("本凭证不代表已受理")) {
            match act {
                Act::Touches(label) => {
                    world.citizen().double_taps(label);
                }
                Act::Wakes => {
                    world.citizen().double_taps("轻触屏幕开始");
                }
                Act::Lays(_)
                | Act::Lifts
                | Act::Types(_)
                | Act::Photographs(_)
                | Act::Signs
                | Act::Sees(_) => does(&mut world, *act),
            }
        }
        world.comes_to_rest();
        assert_eq!(world.hall.cases().count(), 1, "one case, whatever the fingers did");
    }
}

#[test]
fn a_late_tap_on_a_page_that_is_gone_does_nothing() {
    let mut world = World::ready(102);
    walks(&mut world, up_to(RECORD, Act::Touches("给我自己")));
    world.citizen().taps_stale("给我自己").taps_stale("替别人办");
    assert!(world.shows("证明用来做什么？"));
    world.comes_to_rest();
}

#[test]
fn signing_twice_files_once() {
    let mut world = World::ready(103);
    walks(&mut world, up_to(RECORD, Act::Signs));
    world.citizen().taps_stale("签好了，交件").sees("收件凭证");
    world.comes_to_rest();
    assert_eq!(world.store.cases().count(), 1);
}

#[test]
fn tapping_leave_twice_still_asks() {
    let mut world = World::ready(104);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    world.citizen().double_taps("退出并清除");
    assert!(world.shows("要退出吗？"), "the second tap is no answer to the question");
    world.citizen().touches("不退，继续办").sees("请核对并填写");
    assert!(world.shows("230202100123"), "nothing is lost");
    world.comes_to_rest();
}

#[test]
fn a_late_leave_when_the_station_asks_whether_anybody_is_there_asks_too() {
    let mut world = World::ready(105);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    world.until("您还在吗？", |w| w.shows("您还在吗？"));
    world.citizen().taps_stale("退出并清除");
    assert!(world.shows("要退出吗？"));
    world.comes_to_rest();
}
