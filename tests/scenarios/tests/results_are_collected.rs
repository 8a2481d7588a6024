//! The circle closes: staff put the result in, a named collector takes it, and nobody else does.

use device_api::locker::DoorState;
use hall_api::wire::CustodyStep;
use kiosk_core::record::AuditKind;
use kiosk_words::{Content, Handling, Outcome, Release};
use scenarios::{
    RECORD, code_of, courier_puts_order, files_and_deposits, files_and_leaves, result_waits_at,
    staff_sign_in, wants_to_collect,
};
use testkit::{Citizen, Habit, World};

fn result_waits(seed: u64) -> (World, String) {
    result_waits_at(World::with_locker(seed))
}

/// The collector's card, the code, and the button that opens the cell.
fn opens_with<'w>(world: &'w mut World, code: &str) -> Citizen<'w> {
    wants_to_collect(world, "wang_wei");
    let citizen = world.citizen().sees("请输入取件码").lifts_card();
    citizen.types(code).touches("打开格口")
}

fn handling(world: &World, receipt: &str) -> Handling {
    let case = world.store.case_of_receipt(receipt).expect("a case with this receipt");
    case.state.handling.clone()
}

#[test]
fn card_and_code_open_the_cell_and_the_proof_is_printed() {
    let (mut world, receipt) = result_waits(221);
    assert_eq!(handling(&world, &receipt), Handling::AwaitingCollection { station: 17 });
    let code = code_of(&world, &receipt);
    opens_with(&mut world, &code).sees("请取出来");
    assert_eq!(world.cabinet.state(2), DoorState::Open);
    world.locker().is_pushed_shut(2);
    world.citizen().sees("取到了吗？");
    assert!(matches!(handling(&world, &receipt), Handling::AwaitingCollection { .. }));
    world.citizen().touches("取到了").sees("已领取");
    world.until("the paper", |w| w.printer.last_paper().contains("领取凭证"));
    world.citizen().touches("看好了，离开");
    assert!(matches!(handling(&world, &receipt), Handling::Collected { .. }));
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    let told = [CustodyStep::Deposited, CustodyStep::Placed, CustodyStep::Collected];
    world.until("the hall", |w| w.hall.custody_of(case) == told);
    world.comes_to_rest();
}

#[test]
fn a_stranger_finds_nothing_and_the_code_alone_is_no_key() {
    let (mut world, _) = result_waits(222);
    wants_to_collect(&mut world, "zhang_san");
    world.citizen().sees("现在没有您可以取的");
    world.comes_to_rest();
}

#[test]
fn five_wrong_codes_lock_this_result_and_a_restart_forgives_nothing() {
    let (mut world, receipt) = result_waits(223);
    let wrong = if code_of(&world, &receipt) == "000000" { "000001" } else { "000000" };
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card();
    for left in (1..=4).rev() {
        world.citizen().types(wrong).touches("打开格口").sees(&format!("还可以试 {left} 次"));
    }
    world.citizen().types(wrong).touches("打开格口").sees("输错太多次");
    world.citizen().touches("看好了，离开");
    assert!(world.store.audit().contains(&AuditKind::WrongCode));
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("输错太多次");
    assert_eq!(world.cabinet.opened().len(), 2, "deposit and put, nothing else");
    world.comes_to_rest();
}

#[test]
fn frozen_at_the_last_second_opens_nothing() {
    let (mut world, receipt) = result_waits(224);
    let code = code_of(&world, &receipt);
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card().types(&code);
    world.hall().freezes(&receipt, true);
    world.until("the freeze", |w| w.store.custody().frozen.len() == 1);
    world.citizen().touches("打开格口").sees("这一件暂时不能领取").touches("看好了，离开");
    assert_eq!(world.cabinet.state(2), DoorState::Shut);
    world.hall().freezes(&receipt, false);
    world.until("lifted", |w| w.store.custody().frozen.is_empty());
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码");
    world.comes_to_rest();
}

#[test]
fn a_recall_that_crosses_a_collection_comes_too_late() {
    let (mut world, receipt) = result_waits(225);
    let code = code_of(&world, &receipt);
    opens_with(&mut world, &code).sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("取到了").touches("看好了，离开");
    world.hall().recalls(&receipt, kiosk_words::OrderId(1));
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    world.until("the answer", |w| w.hall.custody_of(case).last() == Some(&CustodyStep::TooLate));
    world.comes_to_rest();
}

#[test]
fn a_recalled_result_is_taken_out_by_staff_and_not_given_out() {
    let (mut world, receipt) = result_waits(226);
    world.hall().recalls(&receipt, kiosk_words::OrderId(1));
    world.until("the recall", |w| w.store.custody().orders.iter().any(|(_, o)| o.recalled));
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("大厅要收回这一件").lifts_card().touches("看好了，离开");
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().touches("收回：02 格").sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.locker().slip_under_the_lens(&format!("ND2.{receipt}.result.1"));
    world.citizen().touches("取到了").sees("请扫刚取出的信封").touches("扫码").sees("已记录");
    world.comes_to_rest();
}

#[test]
fn a_result_for_the_window_never_gets_a_cell() {
    let mut world = World::with_locker(227);
    let receipt = files_and_deposits(&mut world);
    world.comes_to_rest();
    world.hall().sends(&receipt, Content::Result, Release::Important, &["wang_wei"]);
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    world.until("the answer", |w| w.hall.custody_of(case).last() == Some(&CustodyStep::NoPlace));
    staff_sign_in(&mut world, "1001", "802461");
    world.citizen().sees("柜内要做的");
    assert!(!world.shows("放结果"));
    world.comes_to_rest();
}

#[test]
fn a_door_that_does_not_open_keeps_the_result_safe() {
    let (mut world, receipt) = result_waits(228);
    let code = code_of(&world, &receipt);
    world.locker().will(2, Habit::Jams);
    opens_with(&mut world, &code)
        .sees("02 格的门没有打开")
        .sees("东西还在里面")
        .touches("看好了，离开");
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    world.until("told", |w| w.hall.custody_of(case).last() == Some(&CustodyStep::Quarantined));
    world.comes_to_rest();
}

#[test]
fn the_wrong_door_closes_both_cells_off() {
    let (mut world, receipt) = result_waits(229);
    let code = code_of(&world, &receipt);
    world.locker().will(2, Habit::OpensInstead(testkit::cabinet::door(1)));
    opens_with(&mut world, &code).sees("02 格的门没有打开");
    world.until("an alarm", |w| w.store.audit().contains(&AuditKind::DoorForced));
    world.comes_to_rest();
}

#[test]
fn closed_without_taking_opens_again() {
    let (mut world, receipt) = result_waits(230);
    let code = code_of(&world, &receipt);
    opens_with(&mut world, &code).sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("再开一次").sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("取到了").sees("已领取");
    world.comes_to_rest();
}

#[test]
fn a_silent_bus_opens_nothing_and_says_so() {
    let (mut world, receipt) = result_waits(231);
    let code = code_of(&world, &receipt);
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card().types(&code);
    world.locker().falls_silent();
    // A board is believed to be silent after three polls without an answer.
    world.until("the driver notices", |w| w.cabinet.state(2) == DoorState::Unknown);
    world.citizen().touches("打开格口").sees("这个格口暂时打不开").touches("看好了，离开");
    world.until("sleep", World::sleeps);
    world.citizen().wakes_it().sees("文件柜暂时不能用");
    world.comes_to_rest();
}

#[test]
fn a_code_of_five_digits_is_not_tried() {
    let (mut world, _) = result_waits(232);
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card().types("12345").touches_if_there("打开格口");
    world.passes(1_000);
    assert!(!world.store.audit().contains(&AuditKind::WrongCode));
    world.comes_to_rest();
}

/// The freeze arrives at every moment around the touch. That no door is asked under a freeze that
/// is on the disk is held by the world itself.
#[test]
fn frozen_between_the_touch_and_the_lock_opens_nothing() {
    let mut n_opened = 0;
    for wait_ms in 0..100 {
        let (mut world, receipt) = result_waits(233);
        let code = code_of(&world, &receipt);
        wants_to_collect(&mut world, "wang_wei");
        world.citizen().sees("请输入取件码").lifts_card().types(&code);
        let before = world.cabinet.opened().len();
        world.hall().freezes(&receipt, true);
        world.passes(wait_ms);
        world.citizen().touches_if_there("打开格口").waits_ms(3_000);
        let opened = world.cabinet.opened().len() > before;
        assert!(opened || world.shows("这一件暂时不能领取"), "{wait_ms} ms");
        n_opened += usize::from(opened);
        world.comes_to_rest();
    }
    assert!((1..100).contains(&n_opened), "{n_opened} of 100 came before the freeze");
}

#[test]
fn two_results_for_one_person_are_taken_one_after_the_other() {
    let mut world = World::with_locker(234);
    let first = files_and_leaves(&mut world, RECORD);
    let second = files_and_leaves(&mut world, RECORD);
    world.comes_to_rest();
    for receipt in [&first, &second] {
        world.hall().clerk_accepts(receipt, "A-1");
        world.hall().clerk_decides(receipt, Outcome::Granted);
        world.hall().sends(receipt, Content::Result, Release::Ordinary, &["zhang_san"]);
    }
    world.until("the orders", |w| w.store.feed_cursor() == 6);
    courier_puts_order(&mut world, &first, 1, 1);
    courier_puts_order(&mut world, &second, 2, 2);
    for (receipt, door, n_left) in [(&second, 2, 2), (&first, 1, 1)] {
        let code = code_of(&world, receipt);
        wants_to_collect(&mut world, "zhang_san");
        if n_left == 2 {
            world.citizen().sees("您要取哪一件？").touches("政务服务办件");
        }
        let other = if receipt == &first { &second } else { &first };
        let others = code_of(&world, other);
        world.citizen().sees("请输入取件码").lifts_card();
        world.citizen().types(&others).touches("打开格口").sees("不对，请再看一遍凭证");
        world.citizen().types(&code).touches("打开格口").sees("请取出来");
        assert_eq!(world.cabinet.state(door), DoorState::Open);
        world.locker().is_pushed_shut(door);
        world.citizen().touches("取到了").sees("已领取").touches("看好了，离开");
        world.until("sleep", World::sleeps);
    }
    wants_to_collect(&mut world, "zhang_san");
    world.citizen().sees("现在没有您可以取的");
    world.comes_to_rest();
}

#[test]
fn a_recall_while_the_door_stands_open_comes_too_late_and_is_told_so() {
    let (mut world, receipt) = result_waits(235);
    let code = code_of(&world, &receipt);
    opens_with(&mut world, &code).sees("请取出来");
    world.hall().recalls(&receipt, kiosk_words::OrderId(1));
    world.until("the recall", |w| w.store.custody().orders.iter().any(|(_, o)| o.recalled));
    world.locker().is_pushed_shut(2);
    world.citizen().sees("取到了吗？");
    assert!(!world.shows("再开一次"), "it is not opened again for what the hall wants back");
    world.citizen().touches("取到了").sees("已领取");
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    let taken = Some(&CustodyStep::Collected);
    world.until("the hall hears what happened", |w| w.hall.custody_of(case).last() == taken);
    world.comes_to_rest();
}

#[test]
fn the_name_at_the_door_is_who_stands_there_now() {
    let (mut world, receipt) = result_waits(236);
    let code = code_of(&world, &receipt);
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card().touches("返回").touches("查进度");
    world.citizen().touches_if_there("知道了，去刷身份证").lays_card("zhang_san");
    world.citizen().sees("这里没有查到").lifts_card().touches("返回").touches("取件");
    world.citizen().touches_if_there("知道了，去刷身份证").lays_card("wang_wei");
    world.citizen().sees("请输入取件码").lifts_card().types(&code).touches("打开格口");
    world.citizen().sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("取到了").sees("已领取");
    world.comes_to_rest();
}

#[test]
fn a_result_that_may_be_in_a_closed_off_cell_is_not_called_absent() {
    let (mut world, receipt) = result_waits(237);
    let code = code_of(&world, &receipt);
    opens_with(&mut world, &code).sees("请取出来");
    world.locker().is_pushed_shut(2);
    world.citizen().sees("取到了吗？");
    world.until("sleep", World::sleeps);
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("02 格已封存").lifts_card().touches("看好了，离开");
    world.comes_to_rest();
}

#[test]
fn an_order_that_gets_no_cell_forgives_no_wrong_code() {
    let (mut world, receipt) = result_waits(238);
    let wrong = if code_of(&world, &receipt) == "000000" { "000001" } else { "000000" };
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("请输入取件码").lifts_card();
    for left in (1..=4).rev() {
        world.citizen().types(wrong).touches("打开格口").sees(&format!("还可以试 {left} 次"));
    }
    world.citizen().types(wrong).touches("打开格口").sees("输错太多次").touches("看好了，离开");
    world.hall().sends(&receipt, Content::ReturnedOriginals, Release::Important, &["wang_wei"]);
    let case = world.store.case_of_receipt(&receipt).unwrap().filed.case;
    world.until("the answer", |w| w.hall.custody_of(case).last() == Some(&CustodyStep::NoPlace));
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    wants_to_collect(&mut world, "wang_wei");
    world.citizen().sees("输错太多次").lifts_card().touches("看好了，离开");
    world.comes_to_rest();
}
