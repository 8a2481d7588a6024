//! 流转: what a station tells of trouble, and how long an envelope may be on the way.

use hall_api::wire::{By, CustodyMoved, CustodyStep as S};
use kiosk_words::Content;

use crate::{
    browser::{Browser, PASSWORD},
    orders::{decided, order},
    support::{TestHall, courier, materials, ordered},
};

const HOUR_MS: i64 = 3_600_000;

/// The clock stands at 09:00 of a day, so that hours passed are hours of that day. After the
/// station has enrolled: its certificate is looked at by the clock of this machine.
fn pass_to_nine(hall: &TestHall) {
    let civil = hall.now().civil();
    let minutes = i64::from(civil.hour) * 60 + i64::from(civil.minute);
    hall.pass_ms((24 * 60 + 9 * 60 - minutes) * 60_000);
}

async fn page_after(hall: &TestHall, browser: &Browser, hours: i64) -> String {
    hall.pass_ms(hours * HOUR_MS);
    browser.sign_in("沈样本", PASSWORD).await;
    browser.page("/custody").await
}

#[tokio::test]
async fn an_envelope_not_handed_over_is_amber_after_four_hours_and_red_when_the_day_is_over() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    pass_to_nine(&hall);
    browser.sign_in("沈样本", PASSWORD).await;
    let filed = station.file(1);
    let events = vec![
        filed.event.clone(),
        station.custody(2, filed.case, materials(S::Deposited, By::Citizen, hall.now())),
        station.custody(3, filed.case, materials(S::TakenByStaff, courier(), hall.now())),
    ];
    station.send(events).await;
    let page = page_after(&hall, &browser, 3).await;
    assert!(page.contains("时间内") && !page.contains("超时"), "{page}");
    let page = page_after(&hall, &browser, 1).await;
    assert!(page.contains("▲ 超过4小时") && page.contains("▲ 1 个超时"), "{page}");
    assert_eq!(browser.fill("/custody", "/custody/2/seen", &[]).await.status(), 303);
    let page = page_after(&hall, &browser, 12).await;
    assert!(page.contains("■ 过了当天"), "{page}");
    assert!(page.contains("沈样本已知悉"), "it stays until it has arrived, whoever has seen it");
}

#[tokio::test]
async fn a_clock_that_is_ahead_buys_a_courier_no_time() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    pass_to_nine(&hall);
    browser.sign_in("沈样本", PASSWORD).await;
    let filed = station.file(1);
    let ahead = kiosk_words::WallTime(hall.now().0 + 20 * HOUR_MS);
    let events = vec![
        filed.event.clone(),
        station.custody(2, filed.case, materials(S::TakenByStaff, courier(), ahead)),
    ];
    station.send(events).await;
    assert!(page_after(&hall, &browser, 4).await.contains("▲ 超过4小时"));
}

#[tokio::test]
async fn an_envelope_given_to_the_courier_is_away_until_it_lies_in_a_cell() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    pass_to_nine(&hall);
    browser.sign_in("沈样本", PASSWORD).await;
    order(&browser, filed.case, "result").await;
    let code = format!("/handover?code={}", filed.receipt);
    let fields = [("order", "1"), ("pages", "2"), ("courier", "L07")];
    assert_eq!(browser.fill(&code, "/handover/give", &fields).await.status(), 303);
    let page = page_after(&hall, &browser, 4).await;
    assert!(page.contains("还没有放进格口") && page.contains("▲ 超过4小时"), "{page}");
    let placed = ordered(Content::Result, 1, S::Placed, hall.now());
    station.send(vec![station.custody(2, filed.case, placed)]).await;
    assert!(browser.page("/custody").await.contains("没有在路上的信封"));
}

#[tokio::test]
async fn what_a_station_cannot_settle_comes_before_a_clerk() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    let told = |seq, step| {
        let moved = ordered(Content::Result, 2, step, hall.now());
        station.custody(seq, filed.case, moved)
    };
    let no_cell = CustodyMoved { door: 0, ..ordered(Content::Result, 1, S::NoPlace, hall.now()) };
    assert_eq!(station.send(vec![station.custody(2, filed.case, no_cell)]).await, ["accepted"]);
    // The order is over; another size may be tried at once.
    assert!(
        browser.page(&format!("/case/{}", filed.case)).await.contains("站点没有接下，信封在案台")
    );
    assert_eq!(order(&browser, filed.case, "result").await, 2);
    // The station has forgotten what was in it by the time the recall comes.
    let too_late =
        CustodyMoved { door: 0, ..ordered(Content::ReturnedOriginals, 2, S::TooLate, hall.now()) };
    let events = vec![
        told(3, S::Placed),
        told(4, S::Unconfirmed),
        told(5, S::Quarantined),
        told(6, S::Collected),
        station.custody(7, filed.case, too_late),
    ];
    assert_eq!(station.send(events).await, ["accepted"; 5]);
    let page = browser.page("/custody").await;
    for shown in [
        "站点没有接下：没有能放的格口",
        "门已关，未确认",
        "格口已封存（待核实）",
        "撤回或冻结到得太晚：信封已不在站点",
        "<small>4 条待知悉</small>",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("章样本"));
    assert_eq!(browser.fill("/custody", "/custody/1/seen", &[]).await.status(), 303);
    let page = browser.page("/custody").await;
    assert!(page.contains("<small>3 条待知悉</small>") && page.contains("已知悉的例外"));
}

#[tokio::test]
async fn orders_under_way_are_listed_with_where_they_stand() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    assert!(browser.page("/custody").await.contains("等待站点收到投放单，信封在案台"));
    let placed = ordered(Content::Result, 1, S::Placed, hall.now());
    station.send(vec![station.custody(2, filed.case, placed)]).await;
    assert!(browser.page("/custody").await.contains("在柜，第2格，信封在格口"));
    let collected = ordered(Content::Result, 1, S::Collected, hall.now());
    station.send(vec![station.custody(3, filed.case, collected)]).await;
    assert!(browser.page("/custody").await.contains("没有未了结的投放单"));
}
