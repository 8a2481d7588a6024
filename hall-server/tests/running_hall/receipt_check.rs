//! `/r/CODE`: whether a receipt is genuine, and nothing else.

use hall_api::receipt::ReceiptCode;
use kiosk_words::{Digest32, Seq};

use crate::{
    browser::{Browser, text_with_status},
    support::{Filed, TestHall, TestStation},
};

async fn filed(hall: &TestHall) -> (TestStation, Filed, ReceiptCode) {
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event.clone()]).await;
    let code = ReceiptCode::new(filed.receipt, station.epoch, Seq(1), &filed.event.body_hash);
    (station, filed, code)
}

#[tokio::test]
async fn a_genuine_receipt_is_confirmed_to_anyone_without_name_or_matter() {
    let hall = TestHall::start().await;
    let (_station, filed, code) = filed(&hall).await;
    let anyone = Browser::new(&hall);
    let answer = anyone.get(&format!("/r/{}", code.encode())).await;
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("'none'"));
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let page = text_with_status(answer, 200).await;
    for shown in ["凭证属实", "大厅已收到", &filed.receipt.to_string(), "不代表已受理"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    for hidden in ["章样本", "烟草", "待审查", "110101", "href=\"/\""] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_code_the_answer_is_the_same() {
    let hall = TestHall::start().await;
    let (station, filed, code) = filed(&hall).await;
    let anyone = Browser::new(&hall);
    let forged = ReceiptCode { hash: [7; 16], ..code.clone() };
    let other_seq = ReceiptCode { seq: Seq(2), ..code.clone() };
    let other_number = ReceiptCode { receipt: station.file(2).receipt, ..code.clone() };
    let not_sent = station.file(3);
    let not_sent =
        ReceiptCode::new(not_sent.receipt, station.epoch, Seq(3), &Digest32([3; 32])).encode();
    let mut pages = Vec::new();
    for text in [
        forged.encode(),
        other_seq.encode(),
        other_number.encode(),
        not_sent,
        filed.receipt.digits(),
        "ND1.torn".into(),
    ] {
        let page = text_with_status(anyone.get(&format!("/r/{text}")).await, 404).await;
        assert!(page.contains("没有查到这张凭证"), "{page}");
        pages.push(page);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "no answer tells more than another");
}

#[tokio::test]
async fn a_held_filing_is_not_confirmed() {
    let hall = TestHall::start().await;
    let (station, _filed, _code) = filed(&hall).await;
    let second = station.file(1);
    assert_eq!(station.send(vec![second.event.clone()]).await, ["held other_body"]);
    let code = ReceiptCode::new(second.receipt, station.epoch, Seq(1), &second.event.body_hash);
    let anyone = Browser::new(&hall);
    text_with_status(anyone.get(&format!("/r/{}", code.encode())).await, 404).await;
}

#[tokio::test]
async fn looking_is_limited_and_free_again_after_a_minute() {
    let hall = TestHall::start().await;
    let (_station, _filed, code) = filed(&hall).await;
    let anyone = Browser::new(&hall);
    let path = format!("/r/{}", code.encode());
    let mut n_answered = 0;
    let refused = loop {
        let answer = anyone.get(&path).await;
        if answer.status() != 200 {
            break answer;
        }
        n_answered += 1;
        assert!(n_answered < 1_000, "no limit");
    };
    assert!(n_answered >= 60);
    assert_eq!(refused.headers()["retry-after"], "60");
    text_with_status(refused, 429).await;
    hall.pass_ms(60_001);
    text_with_status(anyone.get(&path).await, 200).await;
}
