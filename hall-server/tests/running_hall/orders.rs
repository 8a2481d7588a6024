//! 投放单: what a clerk asks a place for, who may take it, the slip, recalling, giving by hand.

use hall_api::wire::{CustodyStep as S, FeedWhat, NamedCollector};
use kiosk_words::{CaseId, CellSize, Content, Handling, OrderId, Outcome, Release};
use reqwest::Response;

use crate::{
    browser::{Browser, text_with_status},
    support::{Filed, TestHall, TestStation, ordered},
};

const OTHER: [(&str, &str); 3] =
    [("other_name", "卫代领"), ("other_number", "11010519491231002x"), ("mandate", "seen")];

async fn post(browser: &Browser, case: CaseId, fields: &[(&str, &str)]) -> Response {
    let page = format!("/case/{case}");
    browser.fill(&page, &format!("{page}/order"), fields).await
}

fn fields<'a>(content: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("content", content), ("release", "ordinary"), ("size", "a4")];
    all.extend_from_slice(more);
    all
}

/// Orders a place for the applicant's envelope; returns the order's number.
pub async fn order(browser: &Browser, case: CaseId, content: &str) -> u64 {
    let made = post(browser, case, &fields(content, &[("who", "party:0")])).await;
    let place = made.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    let Some(place) = place else { panic!("{}", made.text().await.unwrap()) };
    place.strip_prefix("/order/").unwrap().strip_suffix("/label").unwrap().parse().unwrap()
}

pub async fn decided(hall: &TestHall) -> (TestStation, Filed) {
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    hall.decide(filed.case, Outcome::Granted).await;
    (station, filed)
}

#[tokio::test]
async fn an_order_tells_the_station_what_is_coming_and_for_whom() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    let mut all = fields("result", &[("who", "party:0")]);
    all.extend_from_slice(&OTHER);
    assert_eq!(post(&browser, filed.case, &all).await.status(), 303);
    let page = format!("/case/{}", filed.case);
    assert!(browser.page(&page).await.contains("等待站点收到投放单"));
    let fed = station.feed(0, 0).await.items;
    let FeedWhat::Place(place) = &fed.last().unwrap().what else { panic!("{fed:?}") };
    assert_eq!((place.order, place.content), (OrderId(1), Content::Result));
    assert_eq!((place.release, place.size), (Release::Ordinary, CellSize::A4));
    let collector = |name: &str, number: &str| NamedCollector {
        name: name.to_owned(),
        number: number.to_owned(),
    };
    assert_eq!(
        place.collectors,
        [collector("章样本", "110101199003070011"), collector("卫代领", "11010519491231002X")]
    );
    // Known only when the station has asked for more than the order.
    assert!(browser.page(&page).await.contains("等待站点收到投放单"));
    station.feed(fed.last().unwrap().cursor, 0).await;
    assert!(browser.page(&page).await.contains("站点已收到投放单"));
}

#[tokio::test]
async fn nobody_named_lies_in_the_hall_in_plain_text() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    let mut all = fields("result", &[("who", "party:0")]);
    all.extend_from_slice(&OTHER);
    assert_eq!(post(&browser, filed.case, &all).await.status(), 303);
    station.feed(0, 0).await;
    let given = browser.hand_out(&filed.case.to_string(), "result", "窗口", "易样本", "急用").await;
    text_with_status(given, 409).await;
    let recalled = browser.fill(&format!("/case/{}", filed.case), "/order/1/recall", &[]).await;
    assert_eq!(recalled.status(), 303);
    let given = browser.hand_out(&filed.case.to_string(), "result", "窗口", "易样本", "急用").await;
    assert_eq!(given.status(), 303);
    let folder = hall.folder.path().to_owned();
    hall.hall.shutdown().await;
    for file in ["hall.db", "hall.db-wal"] {
        let Ok(bytes) = std::fs::read(folder.join(file)) else { continue };
        for name in ["卫代领", "11010519491231002X", "章样本", "110101199003070011", "易样本"]
        {
            let found = bytes.windows(name.len()).any(|part| part == name.as_bytes());
            assert!(!found, "{name} lies open in {file}");
        }
    }
}

#[tokio::test]
async fn an_order_without_what_it_needs_is_refused_in_words() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, filed) = decided(&hall).await;
    let wrong_number =
        [("other_name", "卫代领"), ("other_number", "110105194912310021"), ("mandate", "seen")];
    for (more, sentence) in [
        (&[][..], "至少选一位领取人"),
        (&[("who", "party:9")][..], "不在这件办件里"),
        (&OTHER[..2], "请勾选“已核验委托书”"),
        (&wrong_number[..], "身份证号不对"),
    ] {
        let refused = post(&browser, filed.case, &fields("result", more)).await;
        let text = text_with_status(refused, 422).await;
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    for (wrong, sentence) in [
        ([("content", "gift"), ("release", "ordinary"), ("size", "a4")], "请选择放什么"),
        ([("content", "result"), ("release", "free"), ("size", "a4")], "请选择领取要求"),
        ([("content", "result"), ("release", "ordinary"), ("size", "a5")], "请选择格口大小"),
    ] {
        let text = text_with_status(post(&browser, filed.case, &wrong).await, 422).await;
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    let never =
        [("content", "result"), ("release", "not_in_locker"), ("size", "a4"), ("who", "party:0")];
    let text = text_with_status(post(&browser, filed.case, &never).await, 409).await;
    assert!(text.contains("不入柜的结果不能放进格口"), "{text}");
    let originals = fields("returned", &[("who", "party:0")]);
    let text = text_with_status(post(&browser, filed.case, &originals).await, 409).await;
    assert!(text.contains("原件要先在大厅"), "{text}");
    order(&browser, filed.case, "result").await;
    let twice = post(&browser, filed.case, &fields("result", &[("who", "party:0")])).await;
    assert!(text_with_status(twice, 409).await.contains("投放单 1 还没有了结"));
}

#[tokio::test]
async fn without_a_decision_or_a_locker_there_is_no_order() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    let asked = fields("result", &[("who", "party:0")]);
    let text = text_with_status(post(&browser, filed.case, &asked).await, 409).await;
    assert!(text.contains("办理结果要先办结"), "{text}");
    hall.decide(filed.case, Outcome::Granted).await;
    assert!(browser.page(&format!("/case/{}", filed.case)).await.contains("没有文件柜"));
    let text = text_with_status(post(&browser, filed.case, &asked).await, 409).await;
    assert!(text.contains("没有文件柜"), "{text}");
    assert!(
        station
            .feed(0, 0)
            .await
            .items
            .iter()
            .all(|item| matches!(item.what, FeedWhat::Handling { .. }))
    );
}

#[tokio::test]
async fn the_slip_names_nobody_and_a_discreet_matter_is_a_number() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    // Even sequence numbers are discreet in these tests.
    for (seq, matter, other) in
        [(1, "烟草专卖零售许可证延续", "政务服务办件"), (2, "政务服务办件", "烟草")]
    {
        let filed = station.file(seq);
        station.send(vec![filed.event.clone()]).await;
        hall.decide(filed.case, Outcome::Denied).await;
        assert_eq!(order(&browser, filed.case, "result").await, seq);
        let slip = browser.page(&format!("/order/{seq}/label")).await;
        let digits = filed.receipt.digits();
        for shown in [
            matter,
            "办理结果",
            "0017 龙沙站",
            "A4，厚3厘米以内",
            &filed.receipt.to_string(),
            &format!("ND2.{digits}.result.{seq}"),
        ] {
            assert!(slip.contains(shown), "{shown}: {slip}");
        }
        for hidden in [other, "章样本", "110101199003070011", "不予"] {
            assert!(!slip.contains(hidden), "{hidden}: {slip}");
        }
    }
    text_with_status(browser.get("/order/99/label").await, 404).await;
}

#[tokio::test]
async fn a_recalled_order_is_asked_back_and_is_closed_by_the_stations_answer() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    let page = format!("/case/{}", filed.case);
    assert_eq!(browser.fill(&page, "/order/1/recall", &[]).await.status(), 303);
    let twice = browser.fill(&page, "/order/1/recall", &[]).await;
    assert!(text_with_status(twice, 409).await.contains("已经撤回或了结"));
    assert!(browser.page(&page).await.contains("要求撤回，等站点回复"));
    let fed = station.feed(0, 0).await.items;
    assert_eq!(fed.last().unwrap().what, FeedWhat::Recall { order: OrderId(1) });
    let withdrawn = hall_api::wire::CustodyMoved {
        door: 0,
        ..ordered(Content::Result, 1, S::Withdrawn, hall.now())
    };
    assert_eq!(station.send(vec![station.custody(2, filed.case, withdrawn)]).await, ["accepted"]);
    // A store made anew hears of open orders only.
    let fed = station.feed(0, 0).await.items;
    assert!(fed.iter().all(|item| matches!(item.what, FeedWhat::Handling { .. })), "{fed:?}");
    assert!(browser.page(&page).await.contains("已撤出，信封在案台"));
    assert_eq!(order(&browser, filed.case, "result").await, 2);
}

#[tokio::test]
async fn what_lies_in_a_cell_is_not_given_at_the_window() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    let placed = ordered(Content::Result, 1, S::Placed, hall.now());
    station.send(vec![station.custody(2, filed.case, placed)]).await;
    let page = format!("/case/{}", filed.case);
    let case = filed.case.to_string();
    let refused = browser.hand_out(&case, "result", "窗口", "章样本", "急用").await;
    assert!(text_with_status(refused, 409).await.contains("请先撤回"));
    browser.fill(&page, "/order/1/recall", &[]).await;
    let refused = browser.hand_out(&case, "result", "窗口", "章样本", "急用").await;
    assert!(text_with_status(refused, 409).await.contains("等信封回到案台"));
    assert!(matches!(hall.lines(filed.case).await.1, Handling::AwaitingCollection { .. }));
}

#[tokio::test]
async fn a_recalled_envelope_that_never_left_the_desk_may_be_given_at_once() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = decided(&hall).await;
    order(&browser, filed.case, "result").await;
    let case = filed.case.to_string();
    browser.fill(&format!("/case/{case}"), "/order/1/recall", &[]).await;
    let given = browser.hand_out(&case, "result", "邮寄", "章样本", "申请人改地址").await;
    assert_eq!(given.status(), 303, "{}", given.text().await.unwrap());
    assert_eq!(hall.lines(filed.case).await.1, Handling::HandedOver { how: "邮寄".into() });
    let list = browser.page("/custody").await;
    assert!(list.contains("不经文件柜交付") && list.contains("申请人改地址"), "{list}");
    // The station's answer to the recall comes late and changes nothing of it.
    let withdrawn = ordered(Content::Result, 1, S::Withdrawn, hall.now());
    assert_eq!(station.send(vec![station.custody(2, filed.case, withdrawn)]).await, ["accepted"]);
    assert_eq!(hall.lines(filed.case).await.1, Handling::HandedOver { how: "邮寄".into() });
    assert!(!browser.page("/custody").await.contains("还没有交到案台"));
}
