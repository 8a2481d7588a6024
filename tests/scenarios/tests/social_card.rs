//! A social security card in the slot: it shows people their own cases, and does nothing else.

use device_api::smart_card::Fault;
use device_sim::smart_card::Trouble;
use scenarios::{RECORD, files_and_leaves};
use testkit::World;

/// 张三 has filed a case and is gone; somebody stands at the page that asks for a card.
fn before_the_slot(seed: u64) -> World {
    let mut world = World::with_card_slot(seed);
    files_and_leaves(&mut world, RECORD);
    asks(&mut world);
    world
}

fn asks(world: &mut World) {
    world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    world.citizen().sees("请放身份证，或插社保卡");
}

#[test]
fn it_shows_its_holder_their_cases() {
    let mut world = before_the_slot(801);
    world.slot().gets("social_zhang_san");
    world.citizen().sees("无犯罪记录证明").sees("插卡口里有一张卡，走之前请记得取走");
    world.slot().gives_back();
    world.until("no banner", |w| !w.shows("走之前请记得取走"));
    world.citizen().touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn somebody_elses_card_shows_nothing_of_it() {
    let mut world = before_the_slot(802);
    world.slot().gets("social_li_xiulan");
    world.citizen().sees("没有查到");
    world.slot().gives_back();
    world.comes_to_rest();
}

#[test]
fn an_id_card_does_as_before_and_ends_the_wait_at_the_slot() {
    let mut world = before_the_slot(803);
    world.citizen().lays_card("zhang_san").sees("无犯罪记录证明").lifts_card();
    world.slot().gets("social_li_xiulan");
    world.citizen().sees("走之前请记得取走").sees("无犯罪记录证明");
    world.slot().gives_back();
    world.citizen().touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn both_cards_at_once_count_as_the_first_one() {
    let mut world = before_the_slot(804);
    world.slot().gets("social_zhang_san");
    world.citizen().lays_card("li_xiulan").sees("无犯罪记录证明").lifts_card();
    world.slot().gives_back();
    world.citizen().touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn each_card_that_gives_nothing_says_what_to_do() {
    let mut world = before_the_slot(805);
    for (specimen, said) in [
        ("social_protected", "这张社保卡不让本机读"),
        ("social_blocked", "已挂失或停用"),
        ("social_bad_number", "信息读出来不完整"),
        ("other_card", "这张不是社保卡"),
    ] {
        world.slot().gets(specimen);
        world.citizen().sees(said);
        world.slot().gives_back();
        world.passes(1_000);
    }
    world.slot().gets("social_zhang_san");
    world.citizen().sees("无犯罪记录证明").touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn a_card_pulled_out_too_early_is_asked_for_again() {
    let mut world = before_the_slot(806);
    world.slot().will(Trouble::Pull, "read_record");
    world.slot().gets("social_zhang_san");
    world.citizen().sees("还没读完卡就拔出来了");
    world.passes(1_000);
    world.slot().gets("social_zhang_san");
    world.citizen().sees("无犯罪记录证明").touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn a_card_that_stalls_six_seconds_holds_nobody_up() {
    let mut world = before_the_slot(807);
    world.slot().will(Trouble::Stall { ms: 6_000 }, "read_record");
    world.slot().gets("social_zhang_san");
    world.citizen().sees("这张卡没有回应");
    world.citizen().lays_card("zhang_san").sees("无犯罪记录证明").touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn a_card_left_behind_is_nobodys() {
    let mut world = before_the_slot(808);
    world.slot().gets("social_zhang_san");
    world.citizen().sees("无犯罪记录证明").touches("看好了，离开");
    world.citizen().sees("插卡口里有一张卡");
    asks(&mut world);
    world.citizen().sees("插卡口里的卡请先取出来");
    world.passes(5_000);
    world.citizen().sees("请放身份证，或插社保卡");
    assert!(!world.shows("无犯罪记录证明"), "the card of who was here before");
    world.slot().gives_back();
    world.passes(1_000);
    world.slot().gets("social_li_xiulan");
    world.citizen().sees("没有查到");
    world.comes_to_rest();
}

#[test]
fn without_the_id_reader_the_slot_alone_will_do_and_the_other_way_round() {
    let mut world = World::with_card_slot(809);
    files_and_leaves(&mut world, RECORD);
    world.reader().is_unplugged();
    world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    world.citizen().sees("请把社保卡插进插卡口").sees("身份证读卡器暂时不能用");
    world.slot().gets("social_zhang_san");
    world.citizen().sees("无犯罪记录证明").touches("看好了，离开");
    world.slot().gives_back();
    world.comes_to_rest();

    let mut world = before_the_slot(810);
    world.slot().loses_its_daemon();
    world.citizen().sees("请把身份证放在读卡区").sees("插卡口暂时不能用");
    world.citizen().lays_card("zhang_san").sees("无犯罪记录证明").touches("看好了，离开");
    assert_eq!(world.slot.status().health, device_api::smart_card::Health::Down(Fault::NoService));
    world.comes_to_rest();
}

#[test]
fn it_files_nothing_and_opens_nothing() {
    let mut world = World::with_card_slot(811);
    world.citizen().wakes_it().touches("无犯罪记录证明").touches("给我自己").touches("找工作");
    world.citizen().touches("开始办理").touches("知道了，去刷身份证").sees("请把身份证放在读卡区");
    world.slot().gets("social_zhang_san");
    world.passes(10_000);
    world.citizen().sees("请把身份证放在读卡区");
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn where_the_slot_will_not_do_a_dead_id_reader_is_told() {
    let mut world = World::with_card_slot(812);
    world.citizen().wakes_it().touches("无犯罪记录证明").touches("给我自己").touches("找工作");
    world.citizen().touches("开始办理").sees("知道了，去刷身份证");
    world.reader().is_unplugged();
    world.citizen().touches("知道了，去刷身份证").sees("读卡器暂时不能用");
    world.comes_to_rest();
}
