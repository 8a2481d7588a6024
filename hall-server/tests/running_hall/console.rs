//! The console as a clerk's browser sees it: cookies, forms, pages.

use hall_api::wire::FeedWhat;
use kiosk_words::Handling;

use crate::{
    browser::{Browser, PASSWORD, account, first_path, text_with_status},
    support::{TestHall, TestStation, picture},
};

async fn one_case(hall: &TestHall) -> (TestStation, String, String) {
    let station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[picture(400, 3)]);
    assert_eq!(station.send(vec![filed.event]).await, ["accepted"]);
    let (digest, bytes) = &filed.scans[0];
    station.upload(filed.case, digest, bytes).await;
    (station, filed.case.to_string(), digest.to_string())
}

#[tokio::test]
async fn the_first_link_makes_one_account_and_then_is_gone() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let link = first_path(&hall);
    text_with_status(browser.get(&link).await, 410).await;
    let hall = hall.restart().await;
    assert_eq!(hall.hall.first_account_link, None);
}

#[tokio::test]
async fn a_short_password_and_two_different_ones_are_refused_in_words() {
    let hall = TestHall::start().await;
    let browser = Browser::new(&hall);
    let link = first_path(&hall);
    let fields = [("name", "沈样本"), ("password", "short"), ("again", "short")];
    let text = text_with_status(browser.fill(&link, &link, &fields).await, 422).await;
    assert!(text.contains("至少12个字符"));
    let fields = [("name", "沈样本"), ("password", PASSWORD), ("again", "another one entirely")];
    let text = text_with_status(browser.fill(&link, &link, &fields).await, 422).await;
    assert!(text.contains("不一样"));
}

#[tokio::test]
async fn every_page_wants_a_session_and_sends_the_strict_policy() {
    let hall = TestHall::start().await;
    let browser = Browser::new(&hall);
    for path in [
        "/",
        "/running",
        "/closed",
        "/returns",
        "/held",
        "/stations",
        "/stations/17/cells",
        "/custody",
        "/handover",
        "/order/1/label",
        "/colleagues",
        "/find?receipt=1",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["location"]),
            (303, &"/login".parse().unwrap()),
            "{path}"
        );
    }
    let answer = browser.get("/login").await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"));
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    assert!(!answer.text().await.unwrap().contains("<script"));
}

#[tokio::test]
async fn a_form_without_its_token_does_nothing() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, case, _) = one_case(&hall).await;
    let fields = [
        ("csrf", "0"),
        ("revision", "0"),
        ("act", "accept"),
        ("number", "A1"),
        ("on", "2026-03-05"),
    ];
    let path = format!("/case/{case}/handle");
    text_with_status(browser.post(&path, &fields).await, 403).await;
    text_with_status(browser.post("/logout", &[("csrf", "0")]).await, 403).await;
    assert!(browser.page(&format!("/case/{case}")).await.contains("待审查"));
    let stranger = Browser::new(&hall);
    let fields = [("csrf", "0"), ("name", "沈样本"), ("password", PASSWORD)];
    text_with_status(stranger.post("/login", &fields).await, 403).await;
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_name_and_a_restart_does_not_help() {
    let hall = TestHall::start().await;
    Browser::signed_in(&hall).await;
    let browser = Browser::new(&hall);
    for _ in 0..5 {
        text_with_status(browser.sign_in("沈样本", "wrong password").await, 401).await;
    }
    text_with_status(browser.sign_in("沈样本", PASSWORD).await, 429).await;
    let hall = hall.restart().await;
    let browser = Browser::new(&hall);
    text_with_status(browser.sign_in("沈样本", PASSWORD).await, 429).await;
    hall.pass_ms(15 * 60_000 + 1);
    assert_eq!(browser.sign_in("沈样本", PASSWORD).await.status(), 303);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_locked_like_one_that_does() {
    let hall = TestHall::start().await;
    let browser = Browser::new(&hall);
    for _ in 0..5 {
        text_with_status(browser.sign_in("无此人", "wrong password").await, 401).await;
    }
    text_with_status(browser.sign_in("无此人", "wrong password").await, 429).await;
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_leaving() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    hall.pass_ms(29 * 60_000);
    browser.page("/").await;
    hall.pass_ms(29 * 60_000);
    browser.page("/").await;
    hall.pass_ms(31 * 60_000);
    assert_eq!(browser.get("/").await.status(), 303);
    browser.sign_in("沈样本", PASSWORD).await;
    assert_eq!(browser.fill("/", "/logout", &[]).await.status(), 303);
    assert_eq!(browser.get("/").await.status(), 303);
}

#[tokio::test]
async fn the_clerk_sees_the_form_and_the_scan_and_the_queue_names_nobody() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, case, digest) = one_case(&hall).await;
    let queue = browser.page("/").await;
    assert!(queue.contains("烟草专卖零售许可证延续") && queue.contains("1页已到齐"));
    assert!(!queue.contains("章样本") && !queue.contains("110101199003070011"));
    let page = browser.page(&format!("/case/{case}")).await;
    for shown in ["章样本", "110101199003070011", "示例便利店", "大厅已收到", "待入柜", "polyline"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    let scan = browser.get(&format!("/case/{case}/scan/{digest}")).await;
    assert_eq!(scan.headers()["content-type"], "image/png");
    assert_eq!(scan.headers()["cache-control"], "no-store");
    assert_eq!(scan.bytes().await.unwrap(), picture(400, 3));
    let page = browser.page(&format!("/case/{case}")).await;
    assert!(page.contains("查看材料") && page.contains("查看办件"), "who looked is on the page");
}

#[tokio::test]
async fn a_discreet_matter_has_no_name_in_the_queue() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    // Even sequence numbers are discreet in these tests.
    let filed = station.file(2);
    station.send(vec![filed.event]).await;
    let queue = browser.page("/").await;
    assert!(queue.contains("政务服务办件") && !queue.contains("烟草"));
    assert!(browser.page(&format!("/case/{}", filed.case)).await.contains("烟草"));
}

#[tokio::test]
async fn a_case_goes_from_review_to_its_end_and_the_station_is_told_each_step() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, case, _) = one_case(&hall).await;
    let today = iso_today();
    let later = "2099-01-05";
    let correct = [("act", "correct"), ("until", later), ("reasons", "店面照片模糊\n缺第2页")];
    assert_eq!(browser.handle(&case, &correct).await.status(), 303);
    let page = browser.page(&format!("/case/{case}")).await;
    assert!(page.contains("店面照片模糊") && page.contains("需补正（2099-01-05前）"));
    let accept = [("act", "accept"), ("number", "烟2026-0042"), ("on", today.as_str())];
    assert_eq!(browser.handle(&case, &accept).await.status(), 303);
    let decide = [("act", "decide"), ("outcome", "granted"), ("on", today.as_str())];
    assert_eq!(browser.handle(&case, &decide).await.status(), 303);
    let page = format!("/case/{case}");
    let text = text_with_status(browser.hand_out(&case, "result", "窗口", "", "").await, 422).await;
    assert!(text.contains("交给谁"), "{text}");
    let given = browser.hand_out(&case, "result", "窗口", "章样本", "申请人选窗口领取").await;
    assert_eq!(given.headers()["location"], page);
    let words: Vec<String> =
        station.feed(0, 0).await.items.iter().map(|item| feed_word(&item.what)).collect();
    assert_eq!(words.len(), 4);
    assert_eq!(words[3], Handling::HandedOver { how: "窗口".into() }.zh());
    assert!(browser.page("/closed").await.contains("已转窗口"));
}

#[tokio::test]
async fn an_illegal_step_and_a_stale_page_get_a_sentence() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, case, _) = one_case(&hall).await;
    let decide = [("act", "decide"), ("outcome", "granted"), ("on", &iso_today())];
    let text = text_with_status(browser.handle(&case, &decide).await, 409).await;
    assert!(text.contains("现在是“待审查”，不能直接改为“已办结：准予"), "{text}");
    let refuse = [("act", "refuse"), ("reason", "不归本局管辖")];
    assert_eq!(browser.handle(&case, &refuse).await.status(), 303);
    let page = format!("/case/{case}");
    let stale = [("revision", "0"), ("act", "refuse"), ("reason", "再来一次")];
    let text =
        text_with_status(browser.fill(&page, &format!("{page}/handle"), &stale).await, 409).await;
    assert!(text.contains("刚刚被改动"), "{text}");
    assert_eq!(station.feed(0, 0).await.items.len(), 1);
}

#[tokio::test]
async fn a_step_without_its_facts_is_refused_in_words() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, case, _) = one_case(&hall).await;
    for (fields, sentence) in [
        ([("act", "accept"), ("number", " "), ("on", "2026-03-05")], "请填写受理号"),
        ([("act", "accept"), ("number", "A1"), ("on", "2099-01-01")], "不能晚于今天"),
        ([("act", "correct"), ("until", "2020-01-01"), ("reasons", "x")], "要晚于今天"),
        ([("act", "correct"), ("until", "2099-02-30"), ("reasons", "x")], "请填写补正截止日期"),
        ([("act", "refuse"), ("reason", ""), ("on", "")], "请填写不予受理的理由"),
        ([("act", "fly"), ("reason", ""), ("on", "")], "没有这一步"),
    ] {
        let text = text_with_status(browser.handle(&case, &fields).await, 422).await;
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
}

#[tokio::test]
async fn day_four_is_marked_and_counted() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, _, _) = one_case(&hall).await;
    // The deposit of the specimen lies long before this machine's clock: the days are over.
    let queue = browser.page("/").await;
    assert!(queue.contains("依法视为受理") && queue.contains("请先办"), "{queue}");
    assert!(queue.contains("约3月12日") && queue.contains("以放假通知为准"), "no calendar here");
}

#[tokio::test]
async fn a_receipt_number_finds_its_case() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event]).await;
    let found = browser.get(&format!("/find?receipt={}", filed.receipt)).await;
    assert_eq!(found.headers()["location"], format!("/case/{}", filed.case));
    let text = text_with_status(browser.get("/find?receipt=12345678901234").await, 422).await;
    assert!(text.contains("14位数字"));
    let unknown = station.file(2).receipt;
    text_with_status(browser.get(&format!("/find?receipt={unknown}")).await, 404).await;
}

#[tokio::test]
async fn a_clerk_releases_a_held_event_and_the_station_hears_duplicate() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let (first, second) = (station.file(1), station.file(1));
    station.send(vec![first.event]).await;
    assert_eq!(station.send(vec![second.event.clone()]).await, ["held other_body"]);
    assert!(browser.page("/held").await.contains("内容不同的"));
    let admitted = browser.fill("/held", "/held/1/admit", &[]).await;
    assert_eq!(admitted.headers()["location"], format!("/case/{}", second.case));
    assert_eq!(station.send(vec![second.event]).await, ["duplicate"]);
    let again = browser.fill("/held", "/held/1/admit", &[]).await;
    text_with_status(again, 409).await;
}

#[tokio::test]
async fn a_damaged_event_cannot_be_let_in_but_is_set_aside_with_a_reason() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let mut event = station.file(1).event;
    event.body.push(' ');
    station.send(vec![event.clone()]).await;
    let text = text_with_status(browser.fill("/held", "/held/1/admit", &[]).await, 409).await;
    assert!(text.contains("校验值不符"));
    let no_reason = browser.fill("/held", "/held/1/set-aside", &[("reason", " ")]).await;
    text_with_status(no_reason, 422).await;
    let reason = [("reason", "站点已重新报送")];
    assert_eq!(browser.fill("/held", "/held/1/set-aside", &reason).await.status(), 303);
    assert_eq!(
        station.send(vec![event]).await,
        ["held bad_hash"],
        "the station's case still waits"
    );
    assert!(browser.page("/held").await.contains("站点已重新报送"));
}

#[tokio::test]
async fn a_colleague_gets_a_link_of_their_own() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let page = browser.fill("/colleagues", "/colleagues", &[]).await.text().await.unwrap();
    let (_, link) = page.split_once("/first/").unwrap();
    let token: String = link.chars().take(64).collect();
    let path = format!("/first/{token}");
    let other = Browser::new(&hall);
    let taken = other.fill(&path, &path, &account("沈样本")).await;
    assert!(text_with_status(taken, 409).await.contains("已经有账户"));
    assert_eq!(other.fill(&path, &path, &account("卫样本")).await.status(), 303);
    assert_eq!(other.sign_in("卫样本", PASSWORD).await.status(), 303);
}

fn feed_word(what: &FeedWhat) -> String {
    match what {
        FeedWhat::Handling { handling } => handling.zh(),
        FeedWhat::Originals { originals } => originals.zh().into(),
        FeedWhat::Place(_)
        | FeedWhat::Recall { .. }
        | FeedWhat::Freeze { .. }
        | FeedWhat::StaffCards(_) => format!("{what:?}"),
    }
}

fn iso_today() -> String {
    let civil = hall_server::Clock::system().now().civil();
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}
