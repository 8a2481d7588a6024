//! 领取冻结: before everything else, as it stands now, and nothing goes out meanwhile.

use hall_api::wire::{FeedEntry, FeedWhat};
use kiosk_words::CaseId;

use crate::{
    browser::{Browser, text_with_status},
    orders::{decided, order},
    support::{TestHall, TestStation},
};

async fn freeze(browser: &Browser, case: CaseId, act: &str) -> reqwest::Response {
    let page = format!("/case/{case}");
    let fields = [("act", act), ("reason", "银行来函核实")];
    browser.fill(&page, &format!("{page}/freeze"), &fields).await
}

fn is_freeze(entry: &FeedEntry) -> bool {
    matches!(entry.what, FeedWhat::Freeze { .. })
}

/// Reads the feed as a station does: hands over each entry and moves its cursor.
async fn read_all(station: &TestStation, mut cursor: u64) -> (Vec<FeedEntry>, u64) {
    let mut all = Vec::new();
    loop {
        let items = station.feed(cursor, 0).await.items;
        let Some(last) = items.last() else { return (all, cursor) };
        assert!(last.cursor > cursor, "an answer with entries moves the cursor");
        cursor = last.cursor;
        all.extend(items);
    }
}

#[tokio::test]
async fn a_freeze_travels_before_what_was_said_earlier_and_moves_no_cursor() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    assert_eq!(freeze(&browser, filed.case, "freeze").await.status(), 303);
    let items = station.feed(0, 0).await.items;
    // Accepted, decided, ordered, frozen; and the freeze ahead of them.
    assert_eq!(items.len(), 5);
    assert_eq!((items[0].cursor, items[0].case), (0, Some(filed.case)));
    assert_eq!(items[0].what, FeedWhat::Freeze { frozen: true });
    let cursors: Vec<u64> = items.iter().map(|entry| entry.cursor).collect();
    assert!(cursors.is_sorted(), "{cursors:?}");
    assert_eq!(items[4].what, FeedWhat::Freeze { frozen: true });
    // A station cut off after the first entry asks with the same cursor and hears the same.
    assert_eq!(station.feed(items[0].cursor, 0).await.items, items);
    // Once it is next in order it comes once.
    let rest = station.feed(items[3].cursor, 0).await.items;
    assert_eq!(rest, items[4..]);
    assert!(station.feed(items[4].cursor, 0).await.items.is_empty());
}

#[tokio::test]
async fn a_freeze_behind_a_hundred_entries_is_in_the_first_answer() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    for n in 0..60 {
        let other = station.file(n + 2);
        station.send(vec![other.event]).await;
        hall.decide(other.case, kiosk_words::Outcome::Granted).await;
    }
    freeze(&browser, filed.case, "freeze").await;
    let first = station.feed(0, 0).await.items;
    assert_eq!(first.len(), 101);
    assert!(is_freeze(&first[0]) && !first[1..].iter().any(is_freeze));
    let (all, cursor) = read_all(&station, 0).await;
    // Ahead of both answers, and in its place.
    assert_eq!(all.iter().filter(|entry| is_freeze(entry)).count(), 3);
    assert_eq!(all.iter().filter(|entry| !is_freeze(entry)).count(), 122);
    assert!(station.feed(cursor, 0).await.items.is_empty());
}

#[tokio::test]
async fn an_entry_of_a_freeze_says_how_the_case_stands_now() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    freeze(&browser, filed.case, "freeze").await;
    freeze(&browser, filed.case, "lift").await;
    let (all, _) = read_all(&station, 0).await;
    let told: Vec<_> = all.iter().filter(|entry| is_freeze(entry)).collect();
    assert!(told.iter().all(|entry| entry.what == FeedWhat::Freeze { frozen: false }), "{told:?}");
    freeze(&browser, filed.case, "freeze").await;
    let (all, _) = read_all(&station, 0).await;
    let told: Vec<_> = all.iter().filter(|entry| is_freeze(entry)).collect();
    assert!(told.iter().all(|entry| entry.what == FeedWhat::Freeze { frozen: true }), "{told:?}");
}

#[tokio::test]
async fn nothing_of_a_frozen_case_goes_out_and_the_page_says_what_the_station_knows() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    let page = format!("/case/{}", filed.case);
    let fields = [("act", "freeze"), ("reason", " ")];
    let refused = browser.fill(&page, &format!("{page}/freeze"), &fields).await;
    assert!(text_with_status(refused, 422).await.contains("请写明冻结的理由"));
    freeze(&browser, filed.case, "freeze").await;
    let twice = freeze(&browser, filed.case, "freeze").await;
    assert!(text_with_status(twice, 409).await.contains("已经是领取冻结"));
    let html = browser.page(&page).await;
    assert!(html.contains("银行来函核实") && html.contains("尚未确认收到"), "{html}");
    assert!(html.contains("领取冻结中，不能开投放单"));
    let asked =
        [("content", "result"), ("release", "ordinary"), ("size", "a4"), ("who", "party:0")];
    let refused = browser.fill(&page, &format!("{page}/order"), &asked).await;
    assert!(text_with_status(refused, 409).await.contains("领取冻结中"));
    let case = filed.case.to_string();
    let refused = browser.hand_out(&case, "result", "窗口", "章样本", "急用").await;
    assert!(text_with_status(refused, 409).await.contains("领取冻结中"));
    assert!(browser.page("/running").await.contains("领取冻结"));
    let (_, cursor) = read_all(&station, 0).await;
    station.feed(cursor, 0).await;
    assert!(browser.page(&page).await.contains("0017 站已收到"));
    freeze(&browser, filed.case, "lift").await;
    order(&browser, filed.case, "result").await;
}

#[tokio::test]
async fn a_station_without_a_locker_is_not_told() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    assert_eq!(freeze(&browser, filed.case, "freeze").await.status(), 303);
    assert!(station.feed(0, 0).await.items.is_empty());
    let html = browser.page(&format!("/case/{}", filed.case)).await;
    assert!(html.contains("没有文件柜，只在大厅冻结"), "{html}");
}
