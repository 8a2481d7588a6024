//! The card is taken away while the chip is being read.

use device_api::id_reader::Refusal;
use scenarios::{Act, RECORD, up_to, walks};
use testkit::World;

#[test]
fn a_card_lifted_too_early_is_asked_for_again() {
    let mut world = World::ready(41);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world.reader().loses_the_card_mid_read();
    world.citizen().lays_card("zhang_san").sees("没读完，请拿起来再放一次");
    assert_eq!(world.reader.last_refusal(), Some(Refusal::LayAgain));
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    world.comes_to_rest();
}
