//! Wrong bytes between reader and station: the driver asks again, the person notices nothing.

use device_sim::trouble::Trouble;
use scenarios::{Act, RECORD, up_to, walks};
use testkit::World;

fn reads_despite(trouble: Trouble, on: &str) {
    let mut world = World::ready(11);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world.reader().will(trouble, on, 1);
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    assert!(world.shows("张三"));
    world.comes_to_rest();
}

#[test]
fn a_bad_checksum_is_asked_again() {
    for on in ["find", "select", "read_base"] {
        reads_despite(Trouble::BadChecksum, on);
    }
}

#[test]
fn half_a_frame_is_asked_again() {
    for on in ["find", "select", "read_base"] {
        reads_despite(Trouble::HalfFrame, on);
    }
}

#[test]
fn garbage_before_and_within_an_answer_is_survived() {
    reads_despite(Trouble::Noise { n_bytes: 50 }, "read_base");
    reads_despite(Trouble::Garble, "find");
}

#[test]
fn a_slow_line_is_waited_for() {
    reads_despite(Trouble::Late { ms: 1_500 }, "read_base");
    reads_despite(Trouble::Split { gap_ms: 1 }, "read_base");
    reads_despite(Trouble::Mute, "select");
}
