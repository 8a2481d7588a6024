//! Larger type for those who need it, for as long as they need it.

use scenarios::{Act, SENIOR, up_to, walks};
use testkit::World;

#[test]
fn the_matter_for_elders_switches_it_on_and_the_next_person_has_it_off() {
    let mut world = World::ready(111);
    walks(&mut world, up_to(SENIOR, Act::Touches("老年人优待证申领")));
    assert!(world.view().look.elder);
    let since = world.now_ms();
    world.until_within(10 * 60_000, "sleep", World::sleeps);
    assert!(world.now_ms() - since > 380_000, "and twice the time");
    world.citizen().wakes_it();
    assert!(!world.view().look.elder);
    world.citizen().touches("长辈模式");
    assert!(world.view().look.elder);
    world.citizen().touches("标准字号");
    assert!(!world.view().look.elder);
    world.comes_to_rest();
}

#[test]
fn low_buttons_and_strong_colours_last_one_session() {
    use kiosk_core::view::Palette;
    let mut world = World::ready(112);
    world.citizen().wakes_it().touches("求助").touches("按钮放低一点（坐着用）");
    world.citizen().touches("黑底黄字，看得更清楚").touches("返回");
    let look = world.view().look;
    assert!(look.low && look.palette == Palette::HighContrast);
    world.citizen().touches("退出并清除").wakes_it();
    let look = world.view().look;
    assert!(!look.low && look.palette != Palette::HighContrast);
    world.comes_to_rest();
}
