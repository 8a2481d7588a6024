//! 退还原件: what came to the hall goes back, and stays red until it is taken.

use hall_api::wire::{By, CustodyStep as S, FeedWhat};
use kiosk_words::{Content, Handling, Originals, Outcome};

use crate::{
    browser::{Browser, text_with_status},
    handover::take,
    orders::order,
    support::{Filed, TestHall, TestStation, courier, materials, ordered},
};

/// Originals on the desk, the case decided.
async fn at_hall(hall: &TestHall, browser: &Browser, outcome: Outcome) -> (TestStation, Filed) {
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    let events = vec![
        filed.event.clone(),
        station.custody(2, filed.case, materials(S::Deposited, By::Citizen, hall.now())),
        station.custody(3, filed.case, materials(S::TakenByStaff, courier(), hall.now())),
    ];
    assert_eq!(station.send(events).await, ["accepted"; 3]);
    hall.decide(filed.case, outcome).await;
    assert_eq!(take(browser, &filed, "3", "yes", "").await.status(), 303);
    (station, filed)
}

#[tokio::test]
async fn originals_of_a_withdrawn_application_are_red_until_they_are_taken() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = at_hall(&hall, &browser, Outcome::Withdrawn).await;
    let is_red = async || {
        let page = browser.page("/returns").await;
        assert_eq!(page.contains("must-return"), page.contains(&filed.receipt.to_string()));
        page.contains("must-return")
    };
    assert!(is_red().await);
    assert!(browser.page("/running").await.contains("■ 待退还"));
    assert!(
        browser.page(&format!("/case/{}", filed.case)).await.contains("原件要退还：请开投放单")
    );
    assert_eq!(order(&browser, filed.case, "returned").await, 1);
    let fed = station.feed(0, 0).await.items;
    let FeedWhat::Place(place) = &fed.last().unwrap().what else { panic!("{fed:?}") };
    assert_eq!(place.content, Content::ReturnedOriginals);
    let placed = ordered(Content::ReturnedOriginals, 1, S::Placed, hall.now());
    station.send(vec![station.custody(4, filed.case, placed)]).await;
    assert_eq!(hall.lines(filed.case).await.0, Originals::AwaitingReturn);
    assert!(is_red().await);
    let collected = ordered(Content::ReturnedOriginals, 1, S::Collected, hall.now());
    station.send(vec![station.custody(5, filed.case, collected)]).await;
    assert_eq!(hall.lines(filed.case).await.0, Originals::Returned);
    assert!(!is_red().await);
}

#[tokio::test]
async fn originals_nobody_fetched_are_the_halls_again_and_still_red() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = at_hall(&hall, &browser, Outcome::SentBack).await;
    order(&browser, filed.case, "returned").await;
    let told = |seq, step| {
        let moved = ordered(Content::ReturnedOriginals, 1, step, hall.now());
        station.custody(seq, filed.case, moved)
    };
    let events = vec![told(4, S::Placed), told(5, S::Withdrawn)];
    assert_eq!(station.send(events).await, ["accepted", "accepted"]);
    assert_eq!(hall.lines(filed.case).await.0, Originals::TakenByHall);
    let told = station.feed(0, 0).await.items.pop().unwrap().what;
    assert_eq!(told, FeedWhat::Originals { originals: Originals::TakenByHall });
    assert!(browser.page("/returns").await.contains("must-return"));
}

#[tokio::test]
async fn originals_given_back_by_hand_are_told_to_the_station_and_have_a_name() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = at_hall(&hall, &browser, Outcome::Denied).await;
    let case = filed.case.to_string();
    let given = browser.hand_out(&case, "originals", "窗口", "章样本", "当天来取").await;
    assert_eq!(given.status(), 303, "{}", given.text().await.unwrap());
    assert_eq!(hall.lines(filed.case).await.0, Originals::Returned);
    let told: Vec<_> = station.feed(0, 0).await.items.into_iter().map(|item| item.what).collect();
    let hop = |originals| FeedWhat::Originals { originals };
    assert!(told.ends_with(&[hop(Originals::AwaitingReturn), hop(Originals::Returned)]));
    assert!(!browser.page("/returns").await.contains("must-return"));
    let list = browser.page("/custody").await;
    assert!(list.contains("退还原件") && list.contains("章样本") && list.contains("当天来取"));
    let twice = browser.hand_out(&case, "originals", "窗口", "章样本", "再来").await;
    assert!(text_with_status(twice, 409).await.contains("已取回"));
}

#[tokio::test]
async fn originals_of_a_case_under_way_stay() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    let events = vec![
        filed.event.clone(),
        station.custody(2, filed.case, materials(S::TakenByStaff, courier(), hall.now())),
    ];
    station.send(events).await;
    assert_eq!(hall.lines(filed.case).await, (Originals::TakenByHall, Handling::AwaitingReview));
    let case = filed.case.to_string();
    let refused = browser.hand_out(&case, "originals", "窗口", "章样本", "急用").await;
    assert!(text_with_status(refused, 409).await.contains("大厅已取走"));
    // Sent back for correction: the applicant may need them.
    let correct = [("act", "correct"), ("until", "2099-01-05"), ("reasons", "缺第2页")];
    assert_eq!(browser.handle(&case, &correct).await.status(), 303);
    assert!(!browser.page("/returns").await.contains("must-return"), "not yet on their way");
    let page = format!("/case/{case}");
    let asked =
        [("content", "returned"), ("release", "ordinary"), ("size", "a4"), ("who", "party:0")];
    let refused = browser.fill(&page, &format!("{page}/order"), &asked).await;
    assert!(text_with_status(refused, 409).await.contains("还没有交到案台"));
    assert_eq!(take(&browser, &filed, "3", "yes", "").await.status(), 303);
    order(&browser, filed.case, "returned").await;
    assert!(browser.page("/returns").await.contains("must-return"));
}
