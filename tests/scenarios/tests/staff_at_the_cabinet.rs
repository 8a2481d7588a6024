//! The round: originals out, results in, each checked by the slip.

use device_api::locker::DoorState;
use hall_api::wire::CustodyStep;
use kiosk_core::{custody, record::AuditKind};
use kiosk_words::{Content, Originals, Outcome, Release};
use scenarios::{courier_puts_envelope, files_and_deposits, staff_sign_in};
use testkit::World;

#[test]
fn a_round_takes_and_puts() {
    let mut world = World::with_locker(241);
    let receipt = files_and_deposits(&mut world);
    world.comes_to_rest();
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("取原件：01 格").sees("请取出来");
    world.locker().is_pushed_shut(1);
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.materials.0"));
    world.citizen().touches("取到了").sees("请扫刚取出的信封").touches("扫码").sees("已记录");
    world.citizen().touches("看好了，离开").sees("现在没有要做的").touches("做完了，离开");
    let stored = world.store.case_of_receipt(&receipt).unwrap();
    assert_eq!(stored.state.originals, Originals::TakenByHall);
    let case = stored.filed.case;
    let told = [CustodyStep::Deposited, CustodyStep::TakenByStaff];
    world.until("the hall", |w| w.hall.custody_of(case) == told);
    world.hall().sends(&receipt, Content::ReturnedOriginals, Release::Ordinary, &["wang_wei"]);
    world.until("the order", |w| w.store.feed_cursor() == 1);
    courier_puts_envelope(&mut world, &format!("ND2.{receipt}.returned.1"), 1);
    let stored = world.store.case_of_receipt(&receipt).unwrap();
    assert_eq!(stored.state.originals, Originals::AwaitingReturn);
    world.comes_to_rest();
}

#[test]
fn the_wrong_envelope_is_not_taken_for_the_right_one() {
    let mut world = World::with_locker(242);
    let receipt = files_and_deposits(&mut world);
    let other = files_and_deposits_second(&mut world);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("取原件：01 格").sees("请取出来");
    world.locker().is_pushed_shut(1);
    world.locker().slip_under_the_lens(&format!("ND2.{other}.materials.0"));
    world.citizen().touches("取到了").touches("扫码").sees("这不是要的那个信封");
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.result.1"));
    world.citizen().touches("扫码").sees("这不是要的那个信封");
    world.citizen().types(&receipt).touches("下一步").sees("已记录");
    world.comes_to_rest();
}

fn files_and_deposits_second(world: &mut World) -> String {
    let receipt = scenarios::files(world, scenarios::TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("都放进去了").touches("看好了，离开");
    world.until("sleep", World::sleeps);
    receipt
}

#[test]
fn a_foreign_code_puts_nothing_in() {
    let mut world = World::with_locker(243);
    let receipt = files_and_deposits(&mut world);
    world.comes_to_rest();
    world.hall().sends(&receipt, Content::Result, Release::Ordinary, &["wang_wei"]);
    world.until("the order", |w| w.store.feed_cursor() == 1);
    staff_sign_in(&mut world, "1001", "802461");
    world.locker().slip_under_the_lens("https://example.invalid/x");
    world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("这不是本站的号码");
    // Of another station, as its slip has it; and as long as a scanner may say.
    for foreign in ["ND2.00180000000148.materials".to_owned(), "9".repeat(4_096)] {
        world.citizen().touches("返回").sees("柜内要做的");
        world.locker().slip_under_the_lens(&foreign);
        world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("这不是本站的号码");
    }
    world.citizen().types("00170000000001").touches("下一步").sees("这不是本站的号码");
    assert_eq!(world.cabinet.opened().len(), 1);
    world.comes_to_rest();
}

#[test]
fn a_forced_door_is_an_alarm_and_closes_its_cell_off() {
    let mut world = World::with_locker(245);
    let receipt = files_and_deposits(&mut world);
    world.locker().is_forced(1);
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    world.until("told", |w| w.hall.custody_of(case).last() == Some(&CustodyStep::Quarantined));
    assert!(world.store.audit().contains(&AuditKind::DoorForced));
    assert!(world.shows("01 格的门没关好"));
    world.comes_to_rest();
}

#[test]
fn a_cell_that_is_closed_off_is_the_managers_and_waits_for_an_open_door() {
    let mut world = World::with_locker(246);
    files_and_deposits(&mut world);
    world.locker().is_forced(1);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("查看：01 格").touches_if_there("查看：01 格");
    assert!(world.shows("柜内要做的"), "not the courier's");
    world.citizen().touches("做完了，离开");
    world.until("sleep", World::sleeps);
    staff_sign_in(&mut world, "2001", "753951");
    world.citizen().touches("查看：01 格").sees("请先关好另一个门");
    world.locker().is_pushed_shut(1);
    world.until("the driver sees it", |w| w.cabinet.state(1) == DoorState::Shut);
    world.citizen().touches("关好了，继续").sees("请看里面有没有东西");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("里面有东西").sees("取原件：01 格");
    world.comes_to_rest();
}

#[test]
fn an_envelope_that_the_hall_did_not_announce_is_not_put_in() {
    let mut world = World::with_locker(247);
    let receipt = files_and_deposits(&mut world);
    let other = files_and_deposits_second(&mut world);
    world.comes_to_rest();
    world.hall().sends(&receipt, Content::Result, Release::Ordinary, &["wang_wei"]);
    world.until("the order", |w| w.store.feed_cursor() == 1);
    staff_sign_in(&mut world, "1001", "802461");
    world.locker().slip_under_the_lens(&format!("ND2.{other}.result.7"));
    world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("大厅没有要求放这一件");
    world.comes_to_rest();
}

#[test]
fn a_result_and_returned_originals_of_one_case_are_told_apart_by_their_codes() {
    let mut world = World::with_locker(248);
    let receipt = files_and_deposits(&mut world);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("取原件：01 格").sees("请取出来");
    world.locker().is_pushed_shut(1);
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.materials.0"));
    world.citizen().touches("取到了").touches("扫码").sees("已记录").touches("看好了，离开");
    world.citizen().touches("做完了，离开");
    world.comes_to_rest();
    world.hall().clerk_accepts(&receipt, "A-1");
    world.hall().clerk_decides(&receipt, Outcome::Granted);
    world.hall().sends(&receipt, Content::Result, Release::Ordinary, &["wang_wei"]);
    world.hall().sends(&receipt, Content::ReturnedOriginals, Release::Ordinary, &["wang_wei"]);
    world.until("the orders", |w| w.store.feed_cursor() == 4);
    staff_sign_in(&mut world, "1001", "802461");
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.returned.2"));
    world.citizen().touches("放结果：扫信封上的码").touches("扫码").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("都放进去了").sees("已记录");
    let lies = |w: &World| {
        let held = w.store.custody().cells.iter().find_map(|(_, state)| custody::held(state));
        held.map(|envelope| envelope.content)
    };
    world.until("the store", |w| lies(w) == Some(Content::ReturnedOriginals));
    world.comes_to_rest();
}

#[test]
fn a_number_that_stands_on_two_envelopes_puts_neither_in() {
    let mut world = World::with_locker(250);
    let receipt = files_and_deposits(&mut world);
    world.comes_to_rest();
    for content in [Content::Result, Content::ReturnedOriginals] {
        world.hall().sends(&receipt, content, Release::Ordinary, &["wang_wei"]);
    }
    world.until("the orders", |w| w.store.feed_cursor() == 2);
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("放结果：扫信封上的码").types(&receipt).touches("下一步");
    world.citizen().sees("只看号码分不清");
    assert_eq!(world.cabinet.opened().len(), 1, "the deposit and nothing else");
    world.comes_to_rest();
}

#[test]
fn a_manager_looks_into_others_while_a_broken_door_stands_open() {
    let mut world = World::with_locker(249);
    files_and_deposits(&mut world);
    files_and_deposits_second(&mut world);
    world.locker().is_forced(1);
    world.locker().is_forced(2);
    world.locker().is_pushed_shut(2);
    staff_sign_in(&mut world, "2001", "753951");
    world.citizen().touches("查看：01 格").sees("请先关好另一个门").touches("退出并清除");
    world.until("sleep", World::sleeps);
    assert!(world.shows("01 格的门没关好"));
    world.comes_to_rest();
}
