//! Typing, faster than the screen.

use scenarios::{Act, TOBACCO, up_to, walks};
use testkit::World;

#[test]
fn no_key_is_lost() {
    let mut world = World::ready(181);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    assert!(world.shows("230202100123"));
    world.comes_to_rest();
}

#[test]
fn no_key_is_lost_while_the_card_is_lifted() {
    let mut world = World::ready(182);
    walks(&mut world, up_to(TOBACCO, Act::Sees("请核对并填写")));
    // Typed while the card still lies there, and lifted between two keys: the reader notices.
    let mut typed = String::new();
    for key in "230202".chars() {
        typed.push(key);
        world.citizen().types(&key.to_string());
    }
    let revision = world.view().revision;
    world.citizen().lifts_card().waits_ms(3_000);
    assert_eq!(world.view().revision, revision, "a lifted card moves nothing on the screen");
    world.citizen().types("100123");
    assert!(world.shows("230202100123"));
    world.comes_to_rest();
}

#[test]
fn a_wrong_number_is_said_at_the_field_and_can_be_put_right() {
    let mut world = World::ready(183);
    walks(&mut world, up_to(TOBACCO, Act::Lifts));
    world.citizen().touches("下一步").sees("这一项还没填").types("2302").touches("下一步");
    world.citizen().sees("许可证号是 12 位数字").rubs_out().types("230202100123").touches("下一步");
    world.citizen().touches("打家人的手机").types("1380000").touches("下一步");
    world.citizen().sees("手机号是 11 位数字").rubs_out().types("13800001234").touches("下一步");
    world.citizen().sees("办好的结果，怎么拿？");
    world.comes_to_rest();
}

#[test]
fn everything_on_the_check_page_can_be_changed() {
    let mut world = World::ready(184);
    walks(&mut world, up_to(TOBACCO, Act::Photographs("business_licence")));
    world
        .citizen()
        .touches("改 · 表格")
        .touches("许可证号（12 位数字）")
        .rubs_out()
        .types("230202100999")
        .touches("下一步");
    world.citizen().touches("寄信到身份证上的住址").touches("到窗口取").sees("230202100999");
    world.citizen().touches("改 · 拍好的材料").photographs("old_permit");
    world.citizen().photographs("business_licence").touches("没有错，去签名").touches("返回");
    world.citizen().touches("没有错，去签名").signs_with(&[]).sees("还没有签名").touches("重写");
    world.citizen().signs().sees("收件凭证");
    let receipt = world.receipt().unwrap();
    let stored = world.store.case_of_receipt(&receipt).unwrap();
    assert!(stored.filed.contact.mobile.is_none(), "a phone that is no longer wanted is not kept");
    world.comes_to_rest();
}
