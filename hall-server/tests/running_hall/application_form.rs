//! The application form of a case as a PDF, set by the hall's own worker.

use hall_server::forms;
use kiosk_forms::worker::{Job, Timings, Want, Worker};
use kiosk_words::Private;

use crate::{
    browser::{Browser, text_with_status},
    support::{HALL, TestHall, TestStation, picture, templates},
};

async fn filed(hall: &TestHall, name: &str) -> (TestStation, String, String) {
    let station = hall.enrolled(17).await;
    let filed = station.file_of(1, name);
    assert_eq!(station.send(vec![filed.event]).await, ["accepted"]);
    (station, filed.case.to_string(), filed.receipt.to_string())
}

#[tokio::test]
async fn a_clerk_gets_what_the_citizen_filled_in_as_one_sheet() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_, case, receipt) = filed(&hall, "㛃䶮𬱖").await;
    let path = format!("/case/{case}/form.pdf");
    let page = browser.page(&format!("/case/{case}")).await;
    assert!(page.contains(&format!("href=\"{path}\"")));

    let answer = browser.get(&path).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(
        answer.headers()["content-disposition"],
        format!("inline; filename=\"{receipt}.pdf\"")
    );
    let pdf = Private::new(answer.bytes().await.unwrap().to_vec());
    let mut worker = Worker::new(forms::program(HALL, &templates()), Timings::PRODUCTION);
    let read = worker.ask(&Job::Pdf { want: Want::Pages }, &pdf).await.unwrap();
    assert_eq!(read.n_pages, 1);
    // Who looked is written down, with what was looked at.
    let after = browser.page(&format!("/case/{case}")).await;
    let n_named = |page: &str| page.matches("申请表").count();
    assert_eq!(n_named(&after), n_named(&page) + 1, "{after}");
}

#[tokio::test]
async fn a_name_that_no_font_has_is_refused_in_words_and_nothing_is_lost() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let (_, case, _) = filed(&hall, "王\u{f8ff}").await;
    let answer = browser.get(&format!("/case/{case}/form.pdf")).await;
    let text = text_with_status(answer, 422).await;
    assert!(text.contains("U+F8FF"), "{text}");
    browser.page(&format!("/case/{case}")).await;
}

#[tokio::test]
async fn nobody_gets_a_form_without_a_session_or_without_a_case() {
    let hall = TestHall::start().await;
    let (_, case, _) = filed(&hall, "章样本").await;
    let stranger = Browser::new(&hall);
    assert_eq!(stranger.get(&format!("/case/{case}/form.pdf")).await.status(), 303);
    let browser = Browser::signed_in(&hall).await;
    let nobody = "01890000-0000-7000-8000-000000000000";
    assert_eq!(browser.get(&format!("/case/{nobody}/form.pdf")).await.status(), 404);
}

#[tokio::test]
async fn the_form_of_a_case_with_scans_lists_them() {
    let hall = TestHall::start().await;
    let browser = Browser::signed_in(&hall).await;
    let station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[picture(400, 3), picture(400, 4)]);
    assert_eq!(station.send(vec![filed.event]).await, ["accepted"]);
    let answer = browser.get(&format!("/case/{}/form.pdf", filed.case)).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-1.7"));
}
