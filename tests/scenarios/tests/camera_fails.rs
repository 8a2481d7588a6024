//! The document camera fails: in words, and with a way out.

use device_api::camera::Fault;
use scenarios::{Act, TOBACCO, up_to, walks};
use testkit::World;

fn at_the_lens(seed: u64) -> World {
    let mut world = World::ready(seed);
    walks(&mut world, up_to(TOBACCO, Act::Touches("到窗口取")));
    world
}

#[test]
fn the_camera_fails_in_words() {
    for fault in [Fault::Missing, Fault::BadPicture, Fault::NothingThere] {
        let mut world = at_the_lens(21);
        match fault {
            Fault::Missing => world.camera().is_unplugged(),
            Fault::BadPicture => world.camera().gives_bad_pictures(),
            Fault::NothingThere => {}
        }
        world.citizen().touches("拍照");
        let (what, fix) = match fault {
            Fault::Missing | Fault::BadPicture => ("镜头暂时不能用", "带材料到窗口"),
            Fault::NothingThere => ("镜头下面没有材料", "请把材料放好"),
        };
        world.citizen().sees(what).sees(fix);
        world.camera().is_mended();
        world.citizen().photographs("old_permit").sees("营业执照");
        world.comes_to_rest();
    }
}

#[test]
fn a_bad_picture_says_what_to_do_and_may_be_used_anyway() {
    let mut world = at_the_lens(22);
    for (paper, what) in
        [("in_the_dark", "照片太暗"), ("mirrored_lamp", "照片反光"), ("shaken", "照片不清楚")]
    {
        world.citizen().lays_paper(paper);
        let shutter = if world.shows("重拍") { "重拍" } else { "拍照" };
        world.citizen().touches(shutter).sees(what);
    }
    world.citizen().touches("仍用这张，由工作人员看").sees("营业执照");
    assert_eq!(world.store.disk.files().count(), 1, "pages taken again are gone");
    world.comes_to_rest();
    assert_eq!(world.store.disk.files().count(), 0);
}

#[test]
fn asking_for_help_while_the_shutter_works_does_not_lock_the_page() {
    let mut world = at_the_lens(23);
    world.citizen().lays_paper("old_permit").touches("拍照").touches("求助").sees("需要帮忙吗？");
    world.passes(2_000);
    world.citizen().touches("返回").touches("拍照").touches("用这张").sees("营业执照");
    world.comes_to_rest();
}
