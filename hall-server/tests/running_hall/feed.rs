//! The feed: in order, for the station of filing only, woken when something was committed.

use hall_api::wire::FeedWhat;
use hall_server::store::cases;
use kiosk_words::{CaseId, Handling, WallTime};

use crate::support::{TestHall, problem_code};

async fn step(hall: &TestHall, case: CaseId, revision: i64, next: Handling) {
    hall.hall
        .store()
        .write(move |context| {
            cases::step(context, case, revision, &next, "沈样本", WallTime(1))
                .map(|made| made.unwrap())
        })
        .await
        .unwrap();
}

fn accepted() -> Handling {
    Handling::Accepted { number: "A1".into(), on: "2026-03-06".into() }
}

#[tokio::test]
async fn a_waiting_station_is_woken_by_the_step_and_nobody_else_sees_it() {
    let hall = TestHall::start().await;
    let (station, other) = (hall.enrolled(17).await, hall.enrolled(18).await);
    let filed = station.file(1);
    station.send(vec![filed.event]).await;
    let (fed, ()) = tokio::join!(woken_within_20_s(station.feed(0, 25)), async {
        // The poll is on its way first: nothing is in the feed when it looks.
        assert!(other.feed(0, 0).await.items.is_empty());
        step(&hall, filed.case, 0, accepted()).await;
    });
    assert_eq!(fed.items[0].case, Some(filed.case));
    assert_eq!(fed.items[0].what, FeedWhat::Handling { handling: accepted() });
    assert!(other.feed(0, 0).await.items.is_empty());
}

#[tokio::test]
async fn the_cursor_is_the_truth_and_survives_a_restart() {
    let hall = TestHall::start().await;
    let mut station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event]).await;
    step(&hall, filed.case, 0, accepted()).await;
    step(&hall, filed.case, 1, Handling::InProgress).await;
    let all = station.feed(0, 0).await.items;
    assert_eq!(all.len(), 2);
    let hall = hall.restart().await;
    station.base = hall.url("");
    assert_eq!(station.feed(all[0].cursor, 0).await.items, all[1..]);
    assert!(station.feed(all[1].cursor, 0).await.items.is_empty());
}

#[tokio::test]
async fn a_query_that_is_no_number_is_refused() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let answer = station.client.get(station.url("/v1/station/feed?after=x")).send().await.unwrap();
    assert_eq!(problem_code(answer).await, (400, "bad_query".into()));
}

/// The poll itself would wait 25 seconds: an answer before that was woken.
async fn woken_within_20_s<T>(poll: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(20), poll).await.unwrap()
}
