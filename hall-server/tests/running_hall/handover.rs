//! The desk: envelopes in and out, counted, with the names of all who stood there.

use hall_api::{
    receipt::ReceiptCode,
    wire::{By, CustodyStep as S},
};
use hall_server::store::chain;
use kiosk_words::{CaseId, Content, EnvelopeCode, Originals, Seq};
use reqwest::Response;

use crate::{
    browser::{Browser, PASSWORD, text_with_status},
    orders::decided,
    support::{Filed, TestHall, TestStation, courier, materials},
};

async fn taken_by_courier(hall: &TestHall) -> (TestStation, Filed) {
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    let deposited = materials(S::Deposited, By::Citizen, hall.now());
    let taken = materials(S::TakenByStaff, courier(), hall.now());
    let events = vec![
        filed.event.clone(),
        station.custody(2, filed.case, deposited),
        station.custody(3, filed.case, taken),
    ];
    assert_eq!(station.send(events).await, ["accepted", "accepted", "accepted"]);
    (station, filed)
}

/// The clerk counts the materials of a case.
pub async fn take(
    browser: &Browser,
    filed: &Filed,
    pages: &str,
    fits: &str,
    note: &str,
) -> Response {
    let case = filed.case.to_string();
    let fields = [
        ("case", case.as_str()),
        ("order", "0"),
        ("pages", pages),
        ("fits", fits),
        ("note", note),
        ("courier", "L07 龚样本"),
    ];
    let page = format!("/handover?code={}", filed.receipt);
    browser.fill(&page, "/handover/take", &fields).await
}

async fn audit_of(hall: &TestHall, case: CaseId) -> Vec<(String, String)> {
    let lines = hall.hall.store().read(move |sql| chain::of_case(sql, case, 100)).await.unwrap();
    lines.into_iter().map(|line| (line.kind, line.detail)).collect()
}

#[tokio::test]
async fn the_desk_finds_an_envelope_by_its_slip_the_receipt_or_the_digits_and_names_nobody() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (station, filed) = taken_by_courier(&hall).await;
    let receipt = filed.receipt;
    let on_receipt =
        ReceiptCode::new(receipt, station.epoch, Seq(1), &filed.event.body_hash).encode();
    let on_slip = EnvelopeCode::materials(receipt).encode();
    for code in [receipt.to_string(), receipt.digits(), on_receipt, on_slip] {
        let page = browser.page(&format!("/handover?code={code}")).await;
        assert!(page.contains("从流转员手里收下") && page.contains("value=\"L07\""), "{page}");
        assert!(!page.contains("章样本") && !page.contains("110101199003070011"));
    }
    let page = browser.page("/handover?code=ND2.torn").await;
    assert!(page.contains("这不是信封条或收件编号"), "{page}");
    let page = browser.page(&format!("/handover?code={}", station.file(9).receipt)).await;
    assert!(page.contains("大厅还没有收到编号"), "{page}");
}

#[tokio::test]
async fn materials_are_counted_once_and_the_chain_has_the_pages() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, filed) = taken_by_courier(&hall).await;
    assert!(browser.page("/custody").await.contains("已取出，还没有交到案台"));
    for (pages, fits, note, sentence) in [
        ("0", "yes", "", "请数一数共几页"),
        ("3", "", "", "请选择相符或不相符"),
        ("3", "no", "", "请写明哪里不相符"),
    ] {
        let text = text_with_status(take(&browser, &filed, pages, fits, note).await, 422).await;
        assert!(text.contains(sentence), "{text}");
    }
    let taken = take(&browser, &filed, "3", "yes", "").await;
    assert_eq!(taken.status(), 303);
    let to = taken.headers()["location"].to_str().unwrap().to_owned();
    let page = browser.page(&to).await;
    assert!(page.contains("申请材料，到案台，3页，相符"), "{page}");
    assert!(!browser.page("/custody").await.contains("还没有交到案台"));
    let twice = take(&browser, &filed, "3", "yes", "").await;
    assert!(text_with_status(twice, 409).await.contains("已经在案台登记过了"));
    let audit = audit_of(&hall, filed.case).await;
    assert!(
        audit.contains(&("desk_received".into(), "materials 3 pages, fits".into())),
        "{audit:?}"
    );
    let page = browser.page(&format!("/case/{}", filed.case)).await;
    assert!(page.contains("到案台") && page.contains("沈样本") && page.contains("L07 龚样本"));
}

#[tokio::test]
async fn what_does_not_fit_is_an_exception_until_a_named_person_has_seen_it() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_station, filed) = taken_by_courier(&hall).await;
    let taken = take(&browser, &filed, "2", "no", "少第3页").await;
    let to = taken.headers()["location"].to_str().unwrap().to_owned();
    assert!(browser.page(&to).await.contains("不相符"));
    let page = browser.page("/custody").await;
    assert!(page.contains("案台清点不相符") && page.contains("少第3页"), "{page}");
    assert!(browser.page("/").await.contains("<b>1</b> 流转例外"));
    let line = to.strip_prefix("/handover?done=").unwrap();
    let seen = [("note", "已请申请人补第3页")];
    let path = format!("/custody/{line}/seen");
    assert_eq!(browser.fill("/custody", &path, &seen).await.status(), 303);
    let page = browser.page("/custody").await;
    assert!(page.contains("沈样本已知悉 已请申请人补第3页"), "{page}");
    assert!(browser.page("/").await.contains("<b>0</b> 流转例外"));
    text_with_status(browser.fill("/custody", &path, &seen).await, 409).await;
}

#[tokio::test]
async fn a_courier_faster_than_the_network_is_believed_and_the_late_news_is_history() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await.with_locker().await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    let (deposited, taken) = (hall.now(), hall.now());
    assert_eq!(take(&browser, &filed, "3", "yes", "").await.status(), 303);
    assert_eq!(hall.lines(filed.case).await.0, Originals::TakenByHall);
    assert!(browser.page("/custody").await.contains("站点还没有报取出"));
    let events = vec![
        station.custody(2, filed.case, materials(S::Deposited, By::Citizen, deposited)),
        station.custody(3, filed.case, materials(S::TakenByStaff, courier(), taken)),
    ];
    assert_eq!(station.send(events).await, ["accepted", "accepted"]);
    assert_eq!(hall.lines(filed.case).await.0, Originals::TakenByHall);
    assert!(browser.page("/custody").await.contains("没有在路上的信封"));
    // A deposit after the counting is no history: somebody has to look at it.
    hall.pass_ms(1_000);
    let later = materials(S::Deposited, By::Citizen, hall.now());
    let event = station.custody(4, filed.case, later);
    assert_eq!(station.send(vec![event]).await, ["held bad_move"]);
}

async fn give(browser: &Browser, code: &str, more: &[(&str, &str)]) -> Response {
    let mut fields = vec![("order", "1"), ("pages", "2"), ("courier", "L07 龚样本")];
    fields.extend_from_slice(more);
    browser.fill(code, "/handover/give", &fields).await
}

#[tokio::test]
async fn an_important_result_is_sealed_before_two_persons() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    browser.colleague(&hall, "卫样本").await;
    let (_station, filed) = decided(&hall).await;
    let page = format!("/case/{}", filed.case);
    let asked =
        [("content", "result"), ("release", "important"), ("size", "a4"), ("who", "party:0")];
    assert_eq!(browser.fill(&page, &format!("{page}/order"), &asked).await.status(), 303);
    let order = Some(kiosk_words::OrderId(1));
    let slip = EnvelopeCode { receipt: filed.receipt, content: Content::Result, order };
    let code = format!("/handover?code={}", slip.encode());
    let html = browser.page(&code).await;
    assert!(html.contains("两人在场封口") && html.contains("等待站点收到投放单"), "{html}");
    let text = text_with_status(give(&browser, &code, &[]).await, 409).await;
    assert!(text.contains("另一位同事"), "{text}");
    let myself = [("second", "沈样本"), ("second_password", PASSWORD)];
    let text = text_with_status(give(&browser, &code, &myself).await, 422).await;
    assert!(text.contains("不能是您自己"), "{text}");
    let wrong = [("second", "卫样本"), ("second_password", "not the password")];
    let text = text_with_status(give(&browser, &code, &wrong).await, 422).await;
    assert!(text.contains("姓名或口令不对"), "{text}");
    let second = [("second", "卫样本"), ("second_password", PASSWORD)];
    assert_eq!(give(&browser, &code, &second).await.status(), 303);
    let audit = audit_of(&hall, filed.case).await;
    let line = "result order 1 2 pages, sealed before 卫样本";
    assert!(audit.contains(&("desk_gave".into(), line.into())), "{audit:?}");
    let page = browser.page(&page).await;
    assert!(page.contains("卫样本在场封口") && page.contains("信封在流转员手里"), "{page}");
    let text = text_with_status(give(&browser, &code, &second).await, 409).await;
    assert!(text.contains("信封在流转员手里"), "{text}");
}

#[tokio::test]
async fn guessing_the_password_of_the_second_person_locks_the_name() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let colleague = browser.colleague(&hall, "卫样本").await;
    let (_station, filed) = decided(&hall).await;
    crate::orders::order(&browser, filed.case, "result").await;
    let code = format!("/handover?code={}", filed.receipt);
    let wrong = [("second", "卫样本"), ("second_password", "not the password")];
    for _ in 0..5 {
        text_with_status(give(&browser, &code, &wrong).await, 422).await;
    }
    let right = [("second", "卫样本"), ("second_password", PASSWORD)];
    let text = text_with_status(give(&browser, &code, &right).await, 422).await;
    assert!(text.contains("口令错了太多次"), "{text}");
    text_with_status(colleague.sign_in("卫样本", PASSWORD).await, 429).await;
}
