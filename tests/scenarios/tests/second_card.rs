//! A second person's card.

use device_api::id_reader::Refusal;
use scenarios::{Act, MINOR, TOBACCO, up_to, walks};
use testkit::World;

fn with_the_form_open(seed: u64) -> World {
    let mut world = World::ready(seed);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    world
}

#[test]
fn a_second_card_asks_first() {
    let mut world = with_the_form_open(221);
    world.citizen().lays_card("zhang_san").sees("这是另一个人的身份证").touches("不换，继续");
    assert!(world.shows("王伟") && world.shows("230202100123"), "nothing has changed");
    world.citizen().lifts_card().lays_card("zhang_san").sees("这是另一个人的身份证");
    world.citizen().touches("换人，重新填").sees("张三");
    assert!(!world.shows("王伟") && !world.shows("230202100123"), "nothing of the first is left");
    world.comes_to_rest();
}

#[test]
fn asking_for_help_is_no_answer_to_the_question() {
    let mut world = with_the_form_open(222);
    world.citizen().lays_card("zhang_san").sees("这是另一个人的身份证").taps_stale("求助");
    world.passes(1_000);
    assert!(world.shows("王伟") && !world.shows("张三"));
    world.comes_to_rest();
}

#[test]
fn ones_own_card_again_changes_nothing() {
    let mut world = with_the_form_open(223);
    world.citizen().lays_card("wang_wei").waits_ms(5_000).sees("230202100123");
    assert!(world.view().sheet.is_none());
    world.citizen().lifts_card().touches("下一步").sees("有消息时");
    world.comes_to_rest();
}

#[test]
fn a_question_nobody_answers_ends_the_session() {
    let mut world = with_the_form_open(224);
    world.citizen().lays_card("zhang_san").sees("这是另一个人的身份证").walks_away();
    world.until("sleep", World::sleeps);
    world.comes_to_rest();
}

#[test]
fn an_adult_may_take_over_from_a_minor_at_the_reader() {
    let mut world = World::ready(225);
    walks(&mut world, up_to(MINOR, Act::Sees("请监护人放身份证")));
    world.citizen().lifts_card().touches("返回");
    assert_eq!(world.reader.last_refusal(), Some(Refusal::Stopped), "and nobody is told of it");
    world.citizen().touches("开始办理").lays_card("zhang_san");
    world.citizen().sees("这是另一个人的身份证").touches("换人，重新填").sees("请核对并填写");
    assert!(world.shows("张三") && !world.shows("赵小雨"));
    world.comes_to_rest();
}

#[test]
fn a_minor_who_keeps_the_application_still_needs_a_guardian() {
    let mut world = World::ready(226);
    walks(&mut world, up_to(MINOR, Act::Sees("请监护人放身份证")));
    world.citizen().lifts_card().touches("返回").touches("开始办理").lays_card("zhang_san");
    world.citizen().touches("不换，继续").sees("请监护人放身份证");
    world.citizen().lifts_card().lays_card("wang_wei").sees("请核对并填写");
    world.comes_to_rest();
}
