//! The cells of a station as of its last heartbeat.

use hall_api::wire::{CellReport, CellUse, PATH_HEARTBEAT};
use kiosk_words::{CaseId, CellSize, Content};

use crate::{
    browser::{Browser, PASSWORD, text_with_status},
    support::{DEPOSITED, TestHall, cell, problem_code, random},
};

#[tokio::test]
async fn the_map_shows_numbers_of_cases_and_no_names_and_says_as_of_when() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    text_with_status(browser.get("/stations/17/cells").await, 404).await;
    let not_here = CaseId::new(DEPOSITED.0 as u64, random());
    let ajar = CellReport {
        door_state: "ajar".into(),
        ..cell(4, CellSize::A3, CellUse::Quarantined, None)
    };
    let cells = vec![
        ajar,
        cell(1, CellSize::A4, CellUse::Holds(Content::Materials), Some(filed.case)),
        cell(2, CellSize::A4, CellUse::Reserved, Some(not_here)),
        cell(3, CellSize::A4Thick, CellUse::Empty, None),
        cell(5, CellSize::A3, CellUse::Unknown, None),
    ];
    station.beat_with(0, cells).await;
    assert!(browser.page("/stations").await.contains("/stations/17/cells"));
    let page = browser.page("/stations/17/cells").await;
    for shown in [
        "0017 站 龙沙站",
        "申请材料",
        &filed.receipt.to_string(),
        "办件尚未传到大厅",
        "已预留",
        "已封存（待核实）",
        "门没关严",
        "未盘点",
        "最后一次联系大厅时为准",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("章样本") && !page.contains("烟草"));
    assert!(!page.contains("站点现在没有联系大厅"));
    hall.pass_ms(6 * 60_000);
    browser.sign_in("沈样本", PASSWORD).await;
    assert!(browser.page("/stations/17/cells").await.contains("站点现在没有联系大厅"));
}

#[tokio::test]
async fn the_last_heartbeat_counts_and_a_station_that_lost_its_locker_keeps_its_page() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    assert!(browser.page("/stations/17/cells").await.contains("<b>3</b> 空"));
    station.beat_with(0, vec![cell(1, CellSize::A4, CellUse::Reserved, None)]).await;
    let page = browser.page("/stations/17/cells").await;
    assert!(page.contains("<b>0</b> 空") && page.contains("<b>1</b> 预留"), "{page}");
    station.beat(0).await;
    assert!(browser.page("/stations/17/cells").await.contains("站点这次没有报告格口"));
}

#[tokio::test]
async fn a_heartbeat_with_too_many_cells_is_refused() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let cells = vec![cell(1, CellSize::A4, CellUse::Empty, None); 501];
    let beat = hall_api::wire::Heartbeat {
        station: station.station,
        epoch: station.epoch,
        n_outbox: 0,
        audit_head: kiosk_words::Digest32([1; 32]),
        n_audit: 1,
        reader: "ready".into(),
        version: "0.1.0".into(),
        cells,
    };
    let answer = station.client.post(station.url(PATH_HEARTBEAT)).json(&beat).send().await.unwrap();
    assert_eq!(problem_code(answer).await, (400, "too_many_cells".into()));
}
