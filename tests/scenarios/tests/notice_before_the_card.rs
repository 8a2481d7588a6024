//! Told, then asked (R15): a notice covers what it said and nothing more.

use kiosk_core::record::AuditKind;
use scenarios::{Act, RECORD, TOBACCO, up_to, walks};
use testkit::World;

const NEXT: &str = "知道了，去刷身份证";

fn n_notices(world: &World) -> usize {
    world.store.audit().iter().filter(|kind| **kind == AuditKind::NoticeShown).count()
}

#[test]
fn a_notice_about_finding_cases_does_not_cover_an_application() {
    let mut world = World::ready(241);
    world.citizen().wakes_it().touches("查进度").sees("只用来找您的办件").touches(NEXT);
    world.citizen().sees("请把身份证放在读卡区").touches("返回").touches("无犯罪记录证明");
    world.citizen().touches("给我自己").touches("找工作").touches("开始办理");
    world.citizen().sees("读什么：姓名、性别、出生日期、住址");
    assert!(!world.reader.wants_card(), "nothing is read before it was told");
    world.citizen().touches(NEXT).lays_card("zhang_san").sees("请核对并填写");
    assert_eq!(n_notices(&world), 2);
    world.comes_to_rest();
}

#[test]
fn a_notice_for_one_office_does_not_cover_another() {
    let mut world = World::ready(242);
    walks(&mut world, up_to(RECORD, Act::Touches(NEXT)));
    world.citizen().sees("请把身份证放在读卡区");
    // Card, materials, two answers, the list, home.
    for _ in 0..5 {
        world.citizen().touches("返回");
    }
    walks(&mut world, &up_to(TOBACCO, Act::Touches("开始办理"))[1..]);
    world.citizen().sees("谁来处理：烟草专卖局");
    world.comes_to_rest();
}

#[test]
fn what_was_told_is_not_told_again() {
    let mut world = World::ready(243);
    walks(&mut world, up_to(RECORD, Act::Touches(NEXT)));
    world.citizen().sees("请把身份证放在读卡区").touches("返回").touches("开始办理");
    world.citizen().sees("请把身份证放在读卡区");
    assert_eq!(n_notices(&world), 1);
    world.comes_to_rest();
}
