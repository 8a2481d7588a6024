//! The program dies after every single step of the way, with the last writes on the disk or not.

use scenarios::{Act, RECORD, TOBACCO, asks_progress, files, up_to, walks};
use testkit::{CommitOnCrash, World};

fn way() -> &'static [Act] {
    up_to(TOBACCO, Act::Sees("本凭证不代表已受理"))
}

fn n_steps() -> u64 {
    let mut world = World::ready(81);
    let before = world.n_station_steps();
    walks(&mut world, way());
    world.n_station_steps() - before
}

fn crash_after(steps: u64, commit: CommitOnCrash) {
    let mut world = World::ready(81);
    world.will_crash_after(steps, commit);
    walks(&mut world, way());
    assert!(world.is_over(), "step {steps} was not reached");
    world.goes_on();
    let n_cases = world.store.cases().count();
    assert!(world.sleeps(), "step {steps}: a restart sleeps, nobody is taken for the one before");
    let n_pages: usize = world.store.cases().map(|case| case.filed.scans.len()).sum();
    assert_eq!(world.store.disk.files().count(), n_pages, "step {steps}: no page of nobody");
    if steps > 1 {
        assert!(world.shows("刚才停电或重启了"), "step {steps}: the next person is told");
    }
    world.comes_to_rest();
    assert_eq!(world.hall.cases().count(), n_cases, "step {steps}: no case but those stored");
    if n_cases == 1 {
        asks_progress(&mut world, "wang_wei");
        assert!(world.shows("烟草专卖零售许可证延续"), "step {steps}: a stored case is whole");
    }
}

#[test]
fn crash_at_every_step_with_writes_lost() {
    for steps in 1..=n_steps() {
        crash_after(steps, CommitOnCrash::No);
    }
}

#[test]
fn crash_at_every_step_with_writes_kept() {
    for steps in 1..=n_steps() {
        crash_after(steps, CommitOnCrash::Yes);
    }
}

#[test]
fn a_crash_between_commit_and_receipt_keeps_the_case() {
    let mut world = World::ready(82);
    walks(&mut world, up_to(TOBACCO, Act::Touches("没有错，去签名")));
    world.citizen().signs();
    assert!(world.shows("正在保存"), "nothing is claimed before the disk has it");
    world.crashes_and_restarts_with(CommitOnCrash::Yes);
    assert_eq!(world.store.cases().count(), 1);
    asks_progress(&mut world, "wang_wei");
    assert!(world.shows("烟草专卖零售许可证延续"));
    world.comes_to_rest();
    assert_eq!(world.hall.cases().count(), 1);
}

#[test]
fn a_crash_before_the_commit_keeps_nothing() {
    let mut world = World::ready(83);
    walks(&mut world, up_to(TOBACCO, Act::Touches("没有错，去签名")));
    world.citizen().signs();
    assert!(world.shows("正在保存"));
    world.crashes_and_restarts_with(CommitOnCrash::No);
    assert_eq!(world.store.cases().count(), 0);
    assert_eq!(world.store.disk.files().count(), 0);
    world.comes_to_rest();
}

#[test]
fn the_banner_of_the_interruption_goes_after_half_an_hour() {
    let mut world = World::ready(84);
    walks(&mut world, up_to(TOBACCO, Act::Touches("都没变")));
    world.crashes_and_restarts();
    assert!(world.shows("刚才停电或重启了"));
    world.passes(31 * 60_000);
    assert!(!world.shows("刚才停电或重启了"));
    world.comes_to_rest();
}

#[test]
fn who_is_cut_off_twice_is_still_told() {
    let mut world = World::ready(85);
    walks(&mut world, up_to(TOBACCO, Act::Touches("都没变")));
    world.crashes_and_restarts();
    world.passes(11 * 60_000);
    world.crashes_and_restarts();
    assert!(world.shows("刚才停电或重启了"));
    world.citizen().wakes_it();
    world.until("sleep", World::sleeps);
    world.passes(11 * 60_000);
    world.crashes_and_restarts();
    assert!(!world.shows("刚才停电或重启了"), "somebody came and nobody was cut off since");
    world.comes_to_rest();
}

#[test]
fn who_was_cut_off_reads_what_became_of_the_slip_and_of_the_cell() {
    let mut world = World::with_locker(86);
    files(&mut world, TOBACCO);
    world.citizen().sees("已打印").touches("去放原件").touches("打开格口").sees("请放进去");
    world.crashes_and_restarts();
    world.locker().is_pushed_shut(1);
    world.until("reader", |w| w.reader.is_ready());
    asks_progress(&mut world, "wang_wei");
    for told in ["这一件已经收下", "请看出纸口", "01 格已封存（待核实）", "0452-0000000"]
    {
        assert!(world.shows(told), "{told}");
    }
    world.comes_to_rest();
}

#[test]
fn who_was_cut_off_before_the_slip_reads_that_there_is_none() {
    let mut world = World::with_locker(87);
    walks(&mut world, up_to(RECORD, Act::Touches("没有错，去签名")));
    world.citizen().signs();
    world.crashes_and_restarts_with(CommitOnCrash::Yes);
    world.until("reader", |w| w.reader.is_ready());
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("这一件已经收下") && world.shows("收件凭证没有打印"));
    world.passes(31 * 60_000);
    asks_progress(&mut world, "zhang_san");
    assert!(!world.shows("刚才中断时"), "that was long ago");
    world.comes_to_rest();
}
