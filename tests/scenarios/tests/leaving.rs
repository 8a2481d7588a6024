//! Leaving, and what stays behind: nothing.

use scenarios::{Act, TOBACCO, asks_progress, files_and_leaves, up_to, walks};
use testkit::World;

#[test]
fn leaving_clears_the_session() {
    let mut world = World::ready(151);
    walks(&mut world, up_to(TOBACCO, Act::Photographs("old_permit")));
    world.citizen().touches("返回").touches("返回").touches("返回").touches("退出并清除");
    world.citizen().sees("要退出吗？").touches("退出并清除");
    assert!(world.sleeps());
    world.passes(1_000);
    assert_eq!(world.store.disk.files().count(), 0, "no page of an unfinished case");
    assert_eq!(world.store.cases().count(), 0);
    world.comes_to_rest();
}

#[test]
fn one_persons_draft_is_never_shown_to_the_next() {
    let mut world = World::ready(152);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    world.citizen().walks_away();
    world.until("sleep", World::sleeps);
    let to_card = up_to(TOBACCO, Act::Touches("知道了，去刷身份证"));
    walks(&mut world, to_card);
    world.citizen().lays_card("zhang_san").sees("请核对并填写");
    assert!(!world.shows("230202100123") && !world.shows("王伟"));
    world.comes_to_rest();
}

#[test]
fn leaving_in_the_middle_of_progress_clears_too() {
    let mut world = World::ready(153);
    files_and_leaves(&mut world, TOBACCO);
    asks_progress(&mut world, "wang_wei");
    world.citizen().touches("看好了，离开");
    world.until("sleep", World::sleeps);
    world.citizen().wakes_it();
    assert!(!world.shows("凭证"));
    world.comes_to_rest();
}

#[test]
fn a_person_who_comes_back_in_time_goes_on() {
    let mut world = World::ready(154);
    walks(&mut world, up_to(TOBACCO, Act::Types("230202100123")));
    world.until("您还在吗？", |w| w.shows("您还在吗？"));
    world.citizen().touches("我还需要时间").sees("230202100123");
    world.comes_to_rest();
}
