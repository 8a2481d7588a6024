//! The wall clock jumps or is unknown; sessions and stored time do not care.

use kiosk_core::record::AuditKind;
use kiosk_words::ClockQuality;
use scenarios::{Act, RECORD, files_and_leaves, up_to, walks};
use testkit::World;

const DAY_MS: i64 = 86_400_000;

#[test]
fn a_jump_ends_no_session_and_extends_none() {
    for ms in [DAY_MS, -DAY_MS, 400 * DAY_MS, -20_000 * DAY_MS] {
        let mut world = World::ready(71);
        walks(&mut world, up_to(RECORD, Act::Touches("给我自己")));
        world.clock().jumps(ms);
        world.passes(60_000);
        assert!(world.shows("证明用来做什么？"), "the session goes on");
        world.citizen().touches("找工作").sees("需要这些材料");
        world.clock().jumps(-2 * ms);
        let since = world.now_ms();
        world.until("sleep", World::sleeps);
        let idle = world.now_ms() - since;
        assert!((209_000..=212_000).contains(&idle), "180 s and 30 s of grace, not {idle} ms");
        assert!(world.store.audit().contains(&AuditKind::ClockJumped));
        world.comes_to_rest();
    }
}

#[test]
fn an_unknown_clock_refuses_only_what_has_certainly_expired() {
    let mut world = World::ready(74);
    world.clock().is_unknown();
    world.clock().jumps(-20_000 * DAY_MS);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world.citizen().lays_card("expired").sees("这张证件已过有效期");
    world.comes_to_rest();
}

#[test]
fn an_unknown_clock_is_said_at_the_form_and_marked_on_the_receipt() {
    let mut world = World::ready(72);
    world.clock().is_unknown();
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    assert!(world.view().top.clock.contains("时间未知"));
    world.citizen().lays_card("zhang_san").sees("看不出证件是否过期").lifts_card();
    world.citizen().touches_all(&[
        "下一步",
        "不用告诉，我自己再来看",
        "到窗口取",
        "没有错，去签名",
    ]);
    world.citizen().signs().sees("本机时钟未核准").sees("收件后 5 个工作日内");
    assert!(!world.shows("最迟约"), "no day is reckoned from a clock that nobody vouches for");
    let receipt = world.receipt().unwrap();
    let stored = world.store.case_of_receipt(&receipt).unwrap();
    assert_eq!(stored.filed.quality, ClockQuality::Unknown);
    world.comes_to_rest();
}

#[test]
fn a_minor_is_a_minor_on_a_clock_that_was_never_set() {
    let mut world = World::ready(73);
    world.clock().is_unknown();
    world.clock().jumps(-20_000 * DAY_MS);
    walks(&mut world, up_to(RECORD, Act::Touches("知道了，去刷身份证")));
    world.citizen().lays_card("minor").sees("请监护人放身份证");
    world.comes_to_rest();
}

#[test]
fn stored_time_never_goes_back() {
    let mut world = World::ready(74);
    let before = world.store.service_time();
    world.clock().jumps(-30 * DAY_MS);
    files_and_leaves(&mut world, RECORD);
    assert!(world.store.service_time() > before);
    world.comes_to_rest();
}
