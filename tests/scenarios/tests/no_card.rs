//! Without an id card: no dead end.

use scenarios::{Act, RECORD, TOBACCO, up_to, walks};
use testkit::World;

#[test]
fn the_no_card_way_says_what_it_can_do() {
    let mut world = World::ready(171);
    walks(&mut world, up_to(TOBACCO, Act::Touches("知道了，去刷身份证")));
    world.citizen().touches("没带身份证").sees("没有身份证，也可以这样办").sees("政务大厅二楼");
    world.citizen().touches("返回").sees("需要这些材料").touches("开始办理");
    world.citizen().lays_card("wang_wei").sees("请核对并填写");
    world.comes_to_rest();
}

#[test]
fn progress_without_a_card_leads_to_the_window() {
    let mut world = World::ready(172);
    world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    world.citizen().touches("没带身份证").sees("护照").touches("返回").sees("您今天要做什么？");
    world.comes_to_rest();
}

#[test]
fn a_situation_the_machine_cannot_do_names_the_rule_and_the_window() {
    let mut world = World::ready(173);
    walks(&mut world, up_to(RECORD, Act::Touches("无犯罪记录证明")));
    world.citizen().touches("替别人办").sees("这种情况，这台机器办不了").sees("委托书原件");
    world.citizen().sees("政务大厅一楼 A05 窗口").touches("返回").touches("我不清楚");
    world.citizen().sees("不清楚没关系").touches("返回").touches("给我自己");
    world.comes_to_rest();
}
