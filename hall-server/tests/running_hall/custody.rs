//! Events of custody: what they move, what is a duplicate, what waits for a person.

use hall_api::wire::{Batch, By, CustodyStep as S, FeedWhat};
use kiosk_words::{CaseId, Content, Handling, Originals, Outcome};

use crate::{
    browser::{Browser, text_with_status},
    orders::order,
    support::{DEPOSITED, Filed, TestHall, TestStation, courier, materials, ordered, random},
};

async fn n_lines(hall: &TestHall, case: CaseId) -> usize {
    let lines = hall.hall.store().read(move |sql| hall_server::store::custody::of_case(sql, case));
    lines.await.unwrap().len()
}

async fn filed(hall: &TestHall) -> (TestStation, Filed) {
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    assert_eq!(station.send(vec![filed.event.clone()]).await, ["accepted"]);
    (station, filed)
}

#[tokio::test]
async fn originals_go_from_the_citizen_to_the_hall_and_every_hand_is_on_the_page() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = filed(&hall).await;
    let page = format!("/case/{}", filed.case);
    assert!(browser.page(&page).await.contains("待入柜"));
    let deposited = materials(S::Deposited, By::Citizen, hall.now());
    assert_eq!(station.send(vec![station.custody(2, filed.case, deposited)]).await, ["accepted"]);
    assert_eq!(hall.lines(filed.case).await.0, Originals::InCell);
    let taken = materials(S::TakenByStaff, courier(), hall.now());
    assert_eq!(station.send(vec![station.custody(3, filed.case, taken)]).await, ["accepted"]);
    let html = browser.page(&page).await;
    for shown in ["大厅已取走", "存入格口，本人已确认，第3格", "站点人员 L07", "流转员取走"]
    {
        assert!(html.contains(shown), "{shown}");
    }
    assert!(station.feed(0, 0).await.items.is_empty(), "the station is not told its own news");
}

#[tokio::test]
async fn the_same_step_again_is_a_duplicate_and_moves_nothing() {
    let hall = TestHall::start().await;
    let (station, filed) = filed(&hall).await;
    let deposited = materials(S::Deposited, By::Citizen, hall.now());
    let event = station.custody(2, filed.case, deposited);
    assert_eq!(station.send(vec![event.clone()]).await, ["accepted"]);
    assert_eq!(station.send(vec![event]).await, ["duplicate"]);
    assert_eq!(n_lines(&hall, filed.case).await, 1);
    let other = materials(S::TakenBack, By::Citizen, hall.now());
    let other = station.custody(2, filed.case, other);
    assert_eq!(station.send(vec![other]).await, ["held other_body"], "another body under this seq");
    assert_eq!(hall.lines(filed.case).await.0, Originals::InCell);
}

#[tokio::test]
async fn a_batch_of_schema_2_is_read() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let batch = Batch { schema: 2, ..station.batch(vec![station.file(1).event]) };
    let text = station.post_batch(&batch).await.text().await.unwrap();
    assert_eq!(text, r#"{"answers":[{"seq":1,"answer":"accepted"}]}"#);
}

#[tokio::test]
async fn a_result_waits_in_its_cell_and_is_collected() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = filed(&hall).await;
    hall.decide(filed.case, Outcome::Granted).await;
    assert_eq!(order(&browser, filed.case, "result").await, 1);
    let told = station.feed(0, 0).await.items.last().unwrap().cursor;
    let placed = ordered(Content::Result, 1, S::Placed, hall.now());
    assert_eq!(station.send(vec![station.custody(2, filed.case, placed)]).await, ["accepted"]);
    let waiting = Handling::AwaitingCollection { station: 17 };
    assert_eq!(hall.lines(filed.case).await.1, waiting);
    let fed = station.feed(told, 0).await.items;
    assert_eq!(fed.len(), 1);
    assert_eq!(fed[0].what, FeedWhat::Handling { handling: waiting });
    assert!(browser.page(&format!("/case/{}", filed.case)).await.contains("在柜，第2格"));
    let collected = ordered(Content::Result, 1, S::Collected, DEPOSITED);
    assert_eq!(station.send(vec![station.custody(3, filed.case, collected)]).await, ["accepted"]);
    assert_eq!(hall.lines(filed.case).await.1, Handling::Collected { on: "2026-03-05".into() });
    assert!(browser.page("/closed").await.contains("已领取（2026-03-05）"));
}

#[tokio::test]
async fn a_result_that_nobody_fetched_is_a_decision_again_and_may_be_ordered_anew() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = filed(&hall).await;
    hall.decide(filed.case, Outcome::Denied).await;
    order(&browser, filed.case, "result").await;
    let placed = ordered(Content::Result, 1, S::Placed, hall.now());
    let withdrawn = ordered(Content::Result, 1, S::Withdrawn, hall.now());
    let events = vec![
        station.custody(2, filed.case, placed),
        station.custody(3, filed.case, withdrawn.clone()),
    ];
    assert_eq!(station.send(events).await, ["accepted", "accepted"]);
    let decided = Handling::Decided { outcome: Outcome::Denied, on: "2026-03-06".into() };
    assert_eq!(hall.lines(filed.case).await.1, decided);
    let again = station.custody(4, filed.case, withdrawn);
    assert_eq!(station.send(vec![again]).await, ["held bad_move"], "it is out already");
    // The envelope is with the courier: only when it is back may it go out again.
    let page = browser.page(&format!("/case/{}", filed.case)).await;
    assert!(page.contains("信封在流转员手里") && !page.contains("放进文件柜"), "{page}");
    let code = format!("/handover?code={}", filed.receipt.digits());
    let case = filed.case.to_string();
    let take = [
        ("case", case.as_str()),
        ("order", "1"),
        ("pages", "2"),
        ("fits", "yes"),
        ("courier", "L07"),
    ];
    assert_eq!(browser.fill(&code, "/handover/take", &take).await.status(), 303);
    assert_eq!(order(&browser, filed.case, "result").await, 2);
}

#[tokio::test]
async fn a_step_the_table_does_not_know_waits_and_so_do_those_behind_it() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = filed(&hall).await;
    let step = |seq, step| station.custody(seq, filed.case, materials(step, courier(), hall.now()));
    let other = station.file(6);
    let events = vec![
        step(2, S::Deposited),
        step(3, S::TakenByStaff),
        // Papers of a correction: the line has no way back into a cell.
        step(4, S::Deposited),
        step(5, S::TakenByStaff),
        other.event.clone(),
    ];
    let expect = ["accepted", "accepted", "held bad_move", "held behind_held", "accepted"];
    assert_eq!(station.send(events.clone()).await, expect);
    let expect = ["duplicate", "duplicate", "held bad_move", "held behind_held", "duplicate"];
    assert_eq!(station.send(events).await, expect);
    let held = browser.page("/held").await;
    assert!(held.contains("接不上") && held.contains("申请材料：存入格口"), "{held}");
    let text = text_with_status(browser.fill("/held", "/held/1/admit", &[]).await, 409).await;
    assert!(text.contains("接不上"), "{text}");
    let no_reason = browser.fill("/held", "/held/1/aside", &[("reason", " ")]).await;
    text_with_status(no_reason, 422).await;
    let reason = [("reason", "已问站点，补正材料")];
    assert_eq!(browser.fill("/held", "/held/1/aside", &reason).await.status(), 303);
    // What waited behind followed by itself; the lines of the case stand where they stood.
    assert!(browser.page("/").await.contains("<b>0</b> 暂存待核"));
    assert_eq!(n_lines(&hall, filed.case).await, 4);
    assert_eq!(hall.lines(filed.case).await.0, Originals::TakenByHall);
    assert!(browser.page("/custody").await.contains("照实登记"));
}

#[tokio::test]
async fn custody_of_a_held_case_follows_when_a_person_lets_the_case_in() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    let (first, second) = (station.file(1), station.file(1));
    station.send(vec![first.event]).await;
    let deposited = materials(S::Deposited, By::Citizen, hall.now());
    let behind = station.custody(2, second.case, deposited);
    assert_eq!(station.send(vec![second.event]).await, ["held other_body"]);
    assert_eq!(station.send(vec![behind.clone()]).await, ["held behind_held"]);
    assert_eq!(browser.fill("/held", "/held/1/admit", &[]).await.status(), 303);
    assert_eq!(hall.lines(second.case).await.0, Originals::InCell);
    assert_eq!(station.send(vec![behind]).await, ["duplicate"]);
}

#[tokio::test]
async fn custody_that_belongs_to_nothing_here_is_held() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = filed(&hall).await;
    let unknown = CaseId::new(DEPOSITED.0 as u64, random());
    let deposited = || materials(S::Deposited, By::Citizen, hall.now());
    let event = station.custody(2, unknown, deposited());
    assert_eq!(station.send(vec![event]).await, ["held no_case"]);
    let other = hall.enrolled(18).await;
    let event = other.custody(1, filed.case, deposited());
    assert_eq!(other.send(vec![event]).await, ["held no_case"], "not the station that filed it");
    let placed = ordered(Content::Result, 77, S::Placed, hall.now());
    let event = station.custody(3, filed.case, placed);
    assert_eq!(station.send(vec![event]).await, ["held bad_order"]);
    // An order of this case, under another content.
    let filed = station.file(4);
    station.send(vec![filed.event.clone()]).await;
    hall.decide(filed.case, Outcome::Granted).await;
    assert_eq!(order(&browser, filed.case, "result").await, 1);
    let returned = ordered(Content::ReturnedOriginals, 1, S::Placed, hall.now());
    let event = station.custody(5, filed.case, returned);
    assert_eq!(station.send(vec![event]).await, ["held bad_order"]);
    let contradiction = materials(S::Placed, courier(), hall.now());
    let event = station.custody(6, filed.case, contradiction);
    assert_eq!(station.send(vec![event]).await, ["held bad_body"]);
}

#[tokio::test]
async fn lines_of_custody_cannot_be_changed_or_removed() {
    let hall = TestHall::start().await;
    let (station, filed) = filed(&hall).await;
    let deposited = materials(S::Deposited, By::Citizen, hall.now());
    station.send(vec![station.custody(2, filed.case, deposited)]).await;
    for change in ["UPDATE custody_lines SET who = 'nobody'", "DELETE FROM custody_lines"] {
        let tried = hall.hall.store().write(|context| Ok(context.sql.execute(change, [])?)).await;
        assert!(tried.is_err(), "{change}");
    }
    assert_eq!(n_lines(&hall, filed.case).await, 1);
}
