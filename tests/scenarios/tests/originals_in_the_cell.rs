//! Originals go into a cell, come back, or find no cell; the three lines follow the hand.

use device_api::locker::DoorState;
use hall_api::wire::CustodyStep;
use kiosk_core::record::{PrintEnd, SlipKind};
use kiosk_words::{CaseId, Originals};
use scenarios::{
    Act, RECORD, TOBACCO, asks_progress, code_of, files, files_and_deposits, files_and_leaves,
    staff_sign_in, up_to, walks,
};
use testkit::{Habit, Print, World};

fn case_of(world: &World, receipt: &str) -> CaseId {
    world.store.case_of_receipt(receipt).expect("a case with this receipt").filed.case
}

fn originals(world: &World, receipt: &str) -> Originals {
    world.store.case_of_receipt(receipt).expect("a case with this receipt").state.originals
}

#[test]
fn originals_are_in_the_cell_only_after_the_hand_said_so() {
    let mut world = World::with_locker(201);
    let receipt = files(&mut world, TOBACCO);
    world.until("the receipt", |w| w.printer.last_paper().contains("收件凭证"));
    world.citizen().touches("去放原件").sees("请把原件装进信封");
    world.until("the slip for the envelope", |w| w.printer.last_paper().contains("申请材料"));
    world.citizen().touches("打开格口").sees("请放进去");
    assert_eq!(originals(&world, &receipt), Originals::AwaitingCell);
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？");
    assert_eq!(originals(&world, &receipt), Originals::AwaitingCell, "not confirmed yet");
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.until("the store", |w| originals(w, &receipt) == Originals::InCell);
    let case = case_of(&world, &receipt);
    world.until("the hall", |w| w.hall.custody_of(case) == [CustodyStep::Deposited]);
    world.citizen().touches("看好了，离开");
    let slips: Vec<SlipKind> = world.store.prints().iter().map(|(kind, _, _)| *kind).collect();
    assert_eq!(slips, [SlipKind::Receipt, SlipKind::Deposit]);
    world.comes_to_rest();
}

#[test]
fn the_size_of_the_cell_is_said_before_anything_is_filled_in() {
    let mut world = World::with_locker(220);
    walks(&mut world, up_to(TOBACCO, Act::Touches("都没变")));
    world.citizen().sees("放原件的格口").sees("A4，厚3厘米以内");
    world.comes_to_rest();
}

#[test]
fn the_depositor_takes_them_back_until_staff_took_them() {
    let mut world = World::with_locker(202);
    let receipt = files_and_deposits(&mut world);
    world.citizen().wakes_it().touches("查进度").touches("知道了，去刷身份证");
    world.citizen().lays_card("wang_wei").touches("取回原件").sees("请输入取件码").lifts_card();
    let code = code_of(&world, &receipt);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    world.citizen().types(wrong).touches("打开格口").sees("还可以试 4 次");
    assert_eq!(world.cabinet.opened().len(), 1, "the card alone opens nothing");
    world.citizen().types(&code).touches("打开格口").sees("请取出来");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("取到了").sees("原件已取回").touches("看好了，离开");
    world.until("the line", |w| originals(w, &receipt) == Originals::AwaitingCell);
    world.comes_to_rest();
}

#[test]
fn forgot_a_page_and_opens_again_twice_and_no_more() {
    let mut world = World::with_locker(203);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    for _ in 0..2 {
        world.locker().is_pushed_shut(1);
        world.citizen().touches("再开一次").sees("请放进去");
    }
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？");
    assert!(world.shows("这次不能再开了") && !world.shows("再开一次"));
    assert_eq!(world.cabinet.opened().len(), 3);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn walking_away_with_the_door_open_ends_in_a_cell_that_is_closed_off() {
    let mut world = World::with_locker(204);
    let receipt = files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().stands_ajar(1);
    world.citizen().sees("门还开着");
    world.until("sleep", World::sleeps);
    assert!(world.shows("01 格的门没关好"), "whoever comes next can push it shut");
    world.locker().is_pushed_shut(1);
    let case = case_of(&world, &receipt);
    world.until("the hall", |w| w.hall.custody_of(case) == [CustodyStep::Unconfirmed]);
    assert_eq!(originals(&world, &receipt), Originals::AwaitingCell, "nobody said they are inside");
    world.comes_to_rest();
}

#[test]
fn a_door_that_jams_gives_another_cell() {
    let mut world = World::with_locker(205);
    files(&mut world, TOBACCO);
    world.locker().will(1, Habit::Jams);
    world.citizen().touches("去放原件").touches("打开格口").sees("01 格的门没有打开");
    world.citizen().sees("您的材料还在您手里").touches("换一个格口").touches("打开格口");
    world.citizen().sees("请放进去");
    assert_eq!(world.cabinet.state(2), DoorState::Open);
    world.locker().is_pushed_shut(2);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn a_full_cabinet_is_said_before_the_form() {
    let mut world = World::with_locker(206);
    for _ in 0..7 {
        files_and_leaves_with_cell(&mut world);
    }
    walks(&mut world, up_to(TOBACCO, Act::Touches("开始办理")));
    world.citizen().sees("文件柜暂时没有空格口").sees("到哪里");
    world.citizen().touches("看好了，离开");
    world.until("sleep", World::sleeps);
    files_and_leaves(&mut world, RECORD);
    world.comes_to_rest();
}

/// A deposit into whichever cell is kept.
fn files_and_leaves_with_cell(world: &mut World) {
    files(world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    let door = (1..=8).find(|n| world.cabinet.state(*n) == DoorState::Open).expect("an open door");
    world.locker().is_pushed_shut(door);
    world.citizen().touches("都放进去了").touches("看好了，离开");
    world.until("sleep", World::sleeps);
}

#[test]
fn too_big_for_the_cell_takes_a_larger_one() {
    let mut world = World::with_locker(207);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").sees("厚3厘米以内").touches("放不下，换大一点的");
    world.citizen().sees("厚10厘米以内").touches("打开格口").sees("请放进去");
    assert_eq!(world.cabinet.state(7), DoorState::Open);
    world.locker().is_pushed_shut(7);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn without_paper_the_number_is_written_by_hand() {
    let mut world = World::with_locker(208);
    world.paper().will(Print::Refuses(device_api::receipt_printer::Fault::PaperOut));
    let receipt = files(&mut world, TOBACCO);
    world.citizen().sees("没有打印").touches("去放原件").sees("请在信封上写下这个号码");
    assert!(world.store.prints().is_empty(), "nothing was asked of a printer without paper");
    world.citizen().touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    assert_eq!(receipt.len(), 14);
    world.comes_to_rest();
}

#[test]
fn a_crash_with_the_door_open_leaves_a_doubt_and_no_second_opening() {
    let mut world = World::with_locker(209);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.crashes_and_restarts();
    world.passes(3_000);
    assert_eq!(world.cabinet.opened().len(), 1, "an authorisation does not survive a restart");
    world.locker().is_pushed_shut(1);
    staff_sign_in(&mut world, "2001", "753951");
    world.citizen().sees("已封存").touches("查看：01 格").sees("请看里面有没有东西");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("里面有东西").sees("柜内要做的");
    assert!(world.shows("取原件：01 格"), "what was in doubt lies there");
    world.comes_to_rest();
}

#[test]
fn a_print_that_nobody_can_vouch_for_is_printed_again_with_a_mark() {
    let mut world = World::with_locker(210);
    world.paper().will(Print::StopsInTheMiddle(device_api::receipt_printer::Fault::CoverOpen));
    files(&mut world, RECORD);
    world.citizen().sees("不能确定有没有完整打出来");
    world.paper().will(Print::Works);
    world.until("the printer", |w| w.printer.is_ready());
    world.citizen().touches("再打印一张").sees("已打印");
    world.passes(20);
    let ends: Vec<_> = world.store.prints().iter().map(|(_, again, end)| (*again, *end)).collect();
    assert_eq!(ends, [(false, Some(PrintEnd::Uncertain)), (true, Some(PrintEnd::CameOut))]);
    assert_eq!(world.printer.papers().last().map(|(_, again)| *again), Some(true));
    world.comes_to_rest();
}

/// The depositor comes back and has the slip for the envelope printed; whether it was marked.
fn comes_back_for_the_slip(world: &mut World) -> bool {
    let n_before = world.printer.papers().len();
    asks_progress(world, "wang_wei");
    world.citizen().touches("去放原件").sees("请把原件装进信封");
    world.until("the slip for the envelope", |w| w.printer.papers().len() > n_before);
    assert!(world.printer.last_paper().contains("申请材料"));
    world.printer.papers().last().is_some_and(|(_, marked)| *marked)
}

#[test]
fn a_crash_while_a_slip_is_printed_makes_the_next_one_a_marked_one() {
    let mut world = World::with_locker(213);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件");
    world.until("the slip under way", |w| {
        w.store
            .prints()
            .last()
            .is_some_and(|(kind, _, end)| *kind == SlipKind::Deposit && end.is_none())
    });
    world.crashes_and_restarts();
    assert!(comes_back_for_the_slip(&mut world), "the first one may lie in the tray");
    world.comes_to_rest();
    let deposits: Vec<_> = world.store.prints().into_iter().skip(1).collect();
    let expected = [
        (SlipKind::Deposit, false, Some(PrintEnd::Uncertain)),
        (SlipKind::Deposit, true, Some(PrintEnd::CameOut)),
    ];
    assert_eq!(deposits, expected);
}

#[test]
fn a_slip_that_came_out_in_one_session_is_marked_in_the_next() {
    let mut world = World::with_locker(214);
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").sees("已打印").touches("以后再放");
    world.until("sleep", World::sleeps);
    for _ in 0..2 {
        assert!(comes_back_for_the_slip(&mut world));
        world.citizen().touches("以后再放");
        world.until("sleep", World::sleeps);
    }
    let of_another_case = world.printer.papers().len();
    files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").sees("已打印");
    let papers = &world.printer.papers()[of_another_case..];
    assert_eq!(papers.iter().map(|(_, marked)| *marked).collect::<Vec<_>>(), [false, false]);
    world.comes_to_rest();
}

#[test]
fn a_slip_that_never_started_is_no_reprint_in_the_next_session() {
    let mut world = World::with_locker(215);
    files(&mut world, TOBACCO);
    world.citizen().sees("已打印");
    world.paper().will(Print::Refuses(device_api::receipt_printer::Fault::PaperOut));
    world.citizen().touches("去放原件").sees("没有打印").touches("以后再放");
    world.until("sleep", World::sleeps);
    world.paper().will(Print::Works);
    assert!(!comes_back_for_the_slip(&mut world));
    world.comes_to_rest();
}

#[test]
fn the_preview_is_the_paper() {
    let mut world = World::with_locker(211);
    files(&mut world, TOBACCO);
    world.citizen().sees("已打印").touches("看纸面");
    let paper = world.printer.last_paper();
    for line in paper.lines().filter(|line| !line.starts_with("----")) {
        let line = line.trim_start_matches('[').trim_end_matches(']');
        assert!(world.shows(line), "{line}");
    }
    world.comes_to_rest();
}

#[test]
fn whoever_leaves_without_filing_keeps_no_cell_from_others() {
    let mut world = World::with_locker(212);
    for _ in 0..9 {
        walks(&mut world, up_to(TOBACCO, Act::Touches("知道了，去刷身份证")));
        world.until("sleep", World::sleeps);
    }
    files_and_deposits(&mut world);
    world.comes_to_rest();
}

/// A deposit that nobody confirmed: the envelope may be in cell 1.
fn walks_away_before_confirming(world: &mut World) -> String {
    let receipt = files(world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？");
    world.until("sleep", World::sleeps);
    receipt
}

#[test]
fn who_walked_away_and_comes_back_is_told_where_the_envelope_may_be() {
    let mut world = World::with_locker(213);
    let receipt = walks_away_before_confirming(&mut world);
    asks_progress(&mut world, "wang_wei");
    assert!(!world.shows("去放原件"), "it may be in a cell already");
    world.citizen().touches("看好了，离开");
    world.until("sleep", World::sleeps);
    world.crashes_and_restarts();
    world.until("reader", |w| w.reader.is_ready());
    staff_sign_in(&mut world, "2001", "753951");
    world.citizen().touches("查看：01 格").sees("请看里面有没有东西");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("里面有东西").sees("取原件：01 格").touches("做完了，离开");
    world.until("the line", |w| originals(w, &receipt) == Originals::InCell);
    let case = case_of(&world, &receipt);
    let told = [CustodyStep::Unconfirmed, CustodyStep::Deposited];
    world.until("the hall", |w| w.hall.custody_of(case) == told);
    world.comes_to_rest();
}

#[test]
fn a_cell_whose_paper_is_gone_is_told_and_can_be_used_again() {
    let mut world = World::with_locker(214);
    let receipt = walks_away_before_confirming(&mut world);
    staff_sign_in(&mut world, "2001", "753951");
    for _ in 0..2 {
        world.citizen().touches("查看：01 格").sees("请看里面有没有东西");
        world.locker().is_pushed_shut(1);
        world.citizen().touches("是空的");
    }
    world.citizen().sees("现在没有要做的").touches("做完了，离开");
    let case = case_of(&world, &receipt);
    world.until("told", |w| w.hall.custody_of(case).contains(&CustodyStep::Quarantined));
    asks_progress(&mut world, "wang_wei");
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    assert_eq!(world.cabinet.state(1), DoorState::Open, "the cell is free again");
    world.locker().is_pushed_shut(1);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn another_door_opens_before_the_papers_are_in() {
    let mut world = World::with_locker(215);
    files(&mut world, TOBACCO);
    world.locker().will(1, Habit::OpensInstead(testkit::cabinet::door(5)));
    world.citizen().touches("去放原件").touches("打开格口").sees("您的材料还在您手里");
    world.locker().is_pushed_shut(5);
    world.until("the driver sees it", |w| w.cabinet.state(5) == DoorState::Shut);
    world.citizen().touches("换一个格口").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(2);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.comes_to_rest();
}

#[test]
fn a_second_opening_that_fails_keeps_the_first_in_mind() {
    let mut world = World::with_locker(216);
    let receipt = files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.locker().will(1, Habit::Jams);
    world.citizen().touches("再开一次").sees("01 格已封存");
    world.citizen().touches("看好了，离开");
    let case = case_of(&world, &receipt);
    world.until("told", |w| w.hall.custody_of(case) == [CustodyStep::Quarantined]);
    world.comes_to_rest();
}

#[test]
fn a_door_that_falls_open_while_the_person_is_asked_is_closed_off() {
    let mut world = World::with_locker(217);
    let receipt = files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    world.locker().is_pushed_shut(1);
    world.citizen().sees("都放进去了吗？");
    world.locker().is_forced(1);
    world.citizen().sees("01 格已封存").touches("看好了，离开");
    assert_eq!(originals(&world, &receipt), Originals::AwaitingCell);
    world.comes_to_rest();
}

#[test]
fn paper_that_ends_in_the_middle_is_said_and_printed_again_with_a_mark() {
    let mut world = World::with_locker(218);
    world.paper().will(Print::StopsInTheMiddle(device_api::receipt_printer::Fault::PaperOut));
    files(&mut world, RECORD);
    world.citizen().sees("不能确定有没有完整打出来");
    world.paper().will(Print::Works);
    world.until("the printer", |w| w.printer.is_ready());
    world.citizen().touches("再打印一张").sees("已打印");
    assert_eq!(world.printer.papers().last().map(|(_, again)| *again), Some(true));
    world.comes_to_rest();
}

#[test]
fn a_silent_printer_leaves_the_pick_up_code_on_the_screen() {
    let mut world = World::with_locker(219);
    world.paper().will(Print::Refuses(device_api::receipt_printer::Fault::Silent));
    let receipt = files(&mut world, TOBACCO);
    world.citizen().sees("没有打印");
    let code = code_of(&world, &receipt);
    assert!(world.shows(&code), "without paper it must be copied from the screen");
    world.comes_to_rest();
}

#[test]
fn one_dead_board_of_two_leaves_the_other_doors_to_everybody() {
    let mut world = World::with_locker(251);
    let first = files_and_deposits(&mut world);
    world.locker().loses_board(1);
    asks_progress(&mut world, "wang_wei");
    let code = code_of(&world, &first);
    world.citizen().touches("取回原件").types(&code).touches("打开格口");
    world.citizen().sees("这个格口暂时打不开").touches("看好了，离开");
    assert_eq!(originals(&world, &first), Originals::InCell, "it lies there and is safe");
    world.until("sleep", World::sleeps);
    let second = files(&mut world, TOBACCO);
    world.citizen().touches("去放原件").touches("打开格口").sees("请放进去");
    assert_eq!(world.cabinet.opened().last(), Some(&testkit::cabinet::door(5)));
    world.locker().is_pushed_shut(5);
    world.citizen().touches("都放进去了").sees("原件已入柜");
    world.until("the line", |w| originals(w, &second) == Originals::InCell);
    world.comes_to_rest();
}
