//! The happy ends.

use kiosk_words::{ClockQuality, Originals};
use scenarios::{
    Act, MINOR, RECORD, SENIOR, TOBACCO, asks_progress, files, files_and_leaves, up_to, walks,
};
use testkit::World;

#[test]
fn a_case_is_filed_from_the_first_touch() {
    for (n, way) in [TOBACCO, RECORD, SENIOR, MINOR].into_iter().enumerate() {
        let mut world = World::ready(n as u64);
        let receipt = files(&mut world, way);
        let stored = world.store.case_of_receipt(&receipt).unwrap();
        assert_eq!(stored.filed.quality, ClockQuality::Synced);
        assert!(!stored.filed.signatures.is_empty());
        world.until("大厅已收到", |w| w.shows("大厅已收到"));
        world.citizen().touches("看好了，离开");
        world.until("sleep", World::sleeps);
        world.comes_to_rest();
        let (_, at_hall) = world.hall.case_of(&receipt).unwrap();
        assert!(at_hall.is_complete());
    }
}

#[test]
fn the_receipt_says_first_that_the_case_is_only_here() {
    let mut world = World::ready(1);
    files(&mut world, TOBACCO);
    assert!(world.shows("已存本机，尚未传到大厅"), "nothing can be at the hall yet");
    assert!(!world.shows("大厅已收到"));
}

/// Filed on a Thursday, and five working days later is the next one.
#[test]
fn the_answer_is_promised_with_its_day_on_screen_and_paper() {
    let mut world = World::with_locker(6);
    files(&mut world, TOBACCO);
    assert!(world.shows("最迟约 3月12日（周四），以放假通知为准"));
    world.until("the receipt", |w| w.printer.last_paper().contains("收件凭证"));
    let paper = world.printer.last_paper().replace(['\n', ' '], "");
    assert!(paper.contains("大厅最迟约3月12日（周四）答复，以放假通知为准。"), "{paper}");
    assert!(!paper.contains("个工作日内"), "one promise, not two: {paper}");
}

#[test]
fn what_was_typed_read_and_signed_is_what_is_filed() {
    let mut world = World::ready(2);
    let receipt = files(&mut world, TOBACCO);
    let filed = &world.store.case_of_receipt(&receipt).unwrap().filed;
    let value =
        |id: &str| filed.fields.iter().find(|field| field.id == id).unwrap().value.expose().clone();
    assert_eq!(value("permit_no"), "230202100123");
    assert_eq!(value("number"), testkit::people::number("wang_wei"));
    assert!(value("address").contains("样本大街66号"), "the address added last counts");
    assert_eq!(filed.contact.mobile.as_ref().unwrap().expose(), "13800001234");
    assert_eq!(filed.state.originals, Originals::AwaitingCell);
    let slots: Vec<&str> = filed.scans.iter().map(|scan| scan.slot.as_str()).collect();
    assert_eq!(slots, ["business_licence", "old_permit"]);
    assert_eq!(filed.signatures[0].signer.expose(), &value("number"));
}

#[test]
fn an_answer_is_changed_from_the_page_that_shows_it() {
    let mut world = World::ready(7);
    walks(&mut world, up_to(RECORD, Act::Touches("到窗口取")));
    world.citizen().sees("证明用来做什么？").sees("找工作").sees("住址");
    world.citizen().touches("改 · 您的情况").touches("办许可或职业资格").touches("开始办理");
    world.citizen().lays_card("zhang_san").sees("请核对并填写").lifts_card().touches_all(&[
        "下一步",
        "不用告诉，我自己再来看",
        "到窗口取",
    ]);
    world.citizen().sees("办许可或职业资格");
    assert!(!world.shows("找工作"));
    world.citizen().touches("没有错，去签名").signs().sees("本凭证不代表已受理");
    let filed = &world.store.case_of_receipt(&world.receipt().unwrap()).unwrap().filed;
    assert!(filed.answers.contains(&("purpose".to_owned(), "licence".to_owned())));
    world.comes_to_rest();
}

#[test]
fn one_after_another_and_each_sees_only_their_own() {
    let mut world = World::ready(3);
    let first = files_and_leaves(&mut world, TOBACCO);
    let second = files_and_leaves(&mut world, RECORD);
    assert_ne!(first, second);
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("开具无犯罪记录证明") && !world.shows("烟草"));
    world.citizen().touches("看好了，离开");
    asks_progress(&mut world, "li_xiulan");
    assert!(world.shows("这里没有查到您的办件"));
    world.comes_to_rest();
}

#[test]
fn two_cases_of_one_person_are_a_list() {
    let mut world = World::ready(4);
    files_and_leaves(&mut world, RECORD);
    files_and_leaves(&mut world, RECORD);
    asks_progress(&mut world, "zhang_san");
    assert!(world.shows("您的办件"));
    world
        .citizen()
        .touches("开具无犯罪记录证明")
        .sees("大厅已收到")
        .touches("返回")
        .sees("您的办件");
    world.comes_to_rest();
}

#[test]
fn a_receipt_looked_at_again_after_help_says_what_is_true_then() {
    let mut world = World::ready(5);
    files(&mut world, RECORD);
    world.citizen().touches("求助").sees("需要帮忙吗？").waits_ms(10_000).touches("返回");
    assert!(world.shows("大厅已收到"));
    world.comes_to_rest();
}
