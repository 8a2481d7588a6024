//! Cards that are refused, each with its reason and a way to go on.

use device_api::id_reader::Refusal;
use device_sim::trouble::Trouble;
use scenarios::{Act, RECORD, SENIOR, up_to, walks};
use testkit::World;

fn at_the_reader(seed: u64) -> World {
    let mut world = World::ready(seed);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world
}

#[test]
fn an_expired_card_is_refused_with_the_date() {
    let mut world = at_the_reader(51);
    world.citizen().lays_card("expired").sees("这张证件已过有效期").sees("有效期到 2021-06-30");
    world.citizen().sees("带户口簿到窗口").touches("看好了，离开");
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn each_refusal_of_the_reader_has_its_sentence() {
    let sentences = [
        (Refusal::NotAnIdCard, Trouble::Status { sw3: 0x40 }, "这张不是身份证"),
        (Refusal::BadCardData, Trouble::Status { sw3: 0x33 }, "请到窗口核对"),
        (Refusal::LayAgain, Trouble::Status { sw3: 0x41 }, "请拿起来再放一次"),
    ];
    for (why, trouble, sentence) in sentences {
        let mut world = at_the_reader(52);
        world.reader().will(trouble, "read_base", 1);
        world.citizen().lays_card("zhang_san").sees(sentence);
        assert_eq!(world.reader.last_refusal(), Some(why));
        world.citizen().lifts_card().lays_card("zhang_san").sees("请核对并填写");
        world.comes_to_rest();
    }
}

#[test]
fn a_card_that_is_distrusted_twice_goes_to_the_window() {
    let mut world = at_the_reader(53);
    world.reader().will(Trouble::Status { sw3: 0x31 }, "read_base", 2);
    world.citizen().lays_card("zhang_san").sees("没读完").lifts_card();
    assert_eq!(world.reader.last_refusal(), Some(Refusal::LayAgain), "once may be bad luck");
    world.citizen().lays_card("zhang_san").sees("这张证件本机核对不了");
    assert_eq!(world.reader.last_refusal(), Some(Refusal::NotTrusted));
    world.citizen().lifts_card().lays_card("zhang_san").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn somebody_too_young_for_the_matter_is_told_from_when() {
    let mut world = World::ready(54);
    walks(&mut world, up_to(SENIOR, Act::Touches("知道了，去刷身份证")));
    world.citizen().lays_card("zhang_san").sees("还不到办理年龄").sees("年满 60 周岁");
    world.comes_to_rest();
}

#[test]
fn the_other_cards_of_the_house_are_taken_too() {
    for card in ["hmt_permit", "foreign_2017", "foreign_2023", "rare_name"] {
        let mut world = at_the_reader(55);
        world.citizen().lays_card(card).sees("请核对并填写");
        world.comes_to_rest();
    }
}
