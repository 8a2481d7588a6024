//! What stations hear about staff cards: which CA to trust, which cards are revoked, and when.

use hall_api::wire::{Feed, FeedWhat, StaffCards};
use kiosk_words::{StaffCardNo, StaffRole};

use crate::{
    staff_cards::{card_of, revoke},
    support::{TestHall, TestStation, hall_command},
};

const DAY_MS: i64 = 86_400_000;

/// The tables as the release before left them.
const TAKE_MIGRATION_3_BACK: &str = "
    DROP TABLE staff_cards;
    DROP TABLE staff_card_codes;
    DROP INDEX feed_staff_cards;
    DELETE FROM feed WHERE station = 0;
    ALTER TABLE feed DROP COLUMN for_station;
    ALTER TABLE stations DROP COLUMN feed_schema;
    DELETE FROM refinery_schema_history WHERE version = 3;";

/// The one entry about staff cards, which is of no case, and its cursor.
fn told(feed: &Feed) -> (StaffCards, u64) {
    let about_staff = feed.items.iter().filter_map(|entry| match &entry.what {
        FeedWhat::StaffCards(cards) => {
            assert_eq!(entry.case, None);
            Some((cards.clone(), entry.cursor))
        }
        FeedWhat::Handling { .. }
        | FeedWhat::Originals { .. }
        | FeedWhat::Place(_)
        | FeedWhat::Recall { .. }
        | FeedWhat::Freeze { .. } => None,
    });
    let [one] = &about_staff.collect::<Vec<_>>()[..] else { panic!("not one: {feed:?}") };
    one.clone()
}

async fn revoked(station: &TestStation) -> Vec<StaffCardNo> {
    told(&station.whole_feed(0, 0).await).0.revoked
}

fn staff_ca(hall: &TestHall) -> String {
    std::fs::read_to_string(hall.folder.path().join("staff_ca.pem")).expect("the hall made it")
}

#[tokio::test]
async fn a_new_station_hears_whom_to_trust_and_who_is_revoked() {
    let hall = TestHall::start().await;
    card_of(&hall, "1001", StaffRole::Courier).await;
    let lost = card_of(&hall, "1002", StaffRole::Guard).await;
    revoke(&hall, "1002").await;
    let station = hall.enrolled(17).await;
    let feed = station.whole_feed(0, 0).await;
    let (cards, cursor) = told(&feed);
    assert_eq!(cards, StaffCards { anchors: vec![staff_ca(&hall)], revoked: vec![lost] });
    assert_eq!(feed.items.len(), 1);
    assert!(station.whole_feed(cursor, 0).await.items.is_empty(), "told once");
}

#[tokio::test]
async fn a_second_card_revokes_the_first_and_every_waiting_station_is_woken() {
    let hall = TestHall::start().await;
    let (one, other) = (hall.enrolled(17).await, hall.enrolled(18).await);
    let first = card_of(&hall, "1001", StaffRole::Courier).await;
    let (_, one_at) = told(&one.whole_feed(0, 0).await);
    let (_, other_at) = told(&other.whole_feed(0, 0).await);
    let both = async { tokio::join!(one.whole_feed(one_at, 25), other.whole_feed(other_at, 25)) };
    let limit = std::time::Duration::from_secs(20);
    let (fed, second) =
        tokio::join!(tokio::time::timeout(limit, both), card_of(&hall, "1001", StaffRole::Courier));
    let (fed_one, fed_other) = fed.expect("a poll by itself would last 25 seconds");
    for feed in [&fed_one, &fed_other] {
        assert_eq!(told(feed).0.revoked, [first]);
    }
    assert_ne!(first, second);
}

#[tokio::test]
async fn only_the_newest_entry_comes_and_in_its_place() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event]).await;
    let first = card_of(&hall, "1001", StaffRole::Courier).await;
    let second = card_of(&hall, "1001", StaffRole::Courier).await;
    hall.decide(filed.case, kiosk_words::Outcome::Granted).await;
    revoke(&hall, "1001").await;
    let feed = station.whole_feed(0, 0).await;
    assert_eq!(told(&feed).0.revoked, [first, second]);
    let is_staff = |n: usize| matches!(feed.items[n].what, FeedWhat::StaffCards(_));
    assert_eq!((feed.items.len(), is_staff(2)), (3, true), "{feed:?}");
    let cursors: Vec<u64> = feed.items.iter().map(|entry| entry.cursor).collect();
    assert!(cursors.is_sorted_by(|before, next| before < next), "{cursors:?}");
}

#[tokio::test]
async fn an_entry_behind_a_full_page_comes_with_the_next() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    station.whole_feed(0, 0).await;
    for n in 1..=50 {
        let filed = station.file(n);
        station.send(vec![filed.event]).await;
        hall.decide(filed.case, kiosk_words::Outcome::Granted).await;
    }
    let lost = card_of(&hall, "1001", StaffRole::Courier).await;
    revoke(&hall, "1001").await;
    let first = station.whole_feed(0, 0).await;
    assert_eq!(first.items.len(), 100);
    assert!(first.items.iter().all(|entry| matches!(entry.what, FeedWhat::Handling { .. })));
    let next = station.whole_feed(first.items[99].cursor, 0).await;
    assert_eq!((told(&next).0.revoked, next.items.len()), (vec![lost], 1));
}

#[tokio::test]
async fn a_station_of_schema_2_hears_nothing_and_everything_once_it_is_upgraded() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file(1);
    station.send(vec![filed.event]).await;
    let lost = card_of(&hall, "1001", StaffRole::Courier).await;
    revoke(&hall, "1001").await;
    hall.decide(filed.case, kiosk_words::Outcome::Granted).await;
    let fed = station.feed(0, 0).await.items;
    assert!(fed.iter().all(|entry| matches!(entry.what, FeedWhat::Handling { .. })), "{fed:?}");
    // It has read past every entry about staff.
    let cursor = fed.last().unwrap().cursor;
    assert!(station.feed(cursor, 0).await.items.is_empty());
    let (cards, at) = told(&station.whole_feed(cursor, 0).await);
    assert_eq!(cards.revoked, [lost]);
    assert!(station.whole_feed(at, 0).await.items.is_empty(), "told once");
    // The release before is put back on the station, and upgraded again.
    assert!(station.feed(at, 0).await.items.is_empty());
    assert_eq!(told(&station.whole_feed(at, 0).await).0.revoked, [lost]);
}

#[tokio::test]
async fn a_revoked_card_is_told_until_a_month_after_its_certificates() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let lost = card_of(&hall, "1001", StaffRole::Courier).await;
    revoke(&hall, "1001").await;
    hall.pass_ms(394 * DAY_MS);
    assert_eq!(revoked(&station).await, [lost]);
    hall.pass_ms(2 * DAY_MS);
    assert_eq!(revoked(&station).await, []);
}

#[tokio::test]
async fn a_folder_of_the_release_before_gets_a_staff_ca_and_its_stations_hear_of_it() {
    let hall = TestHall::start().await;
    let mut station = hall.enrolled(17).await;
    let (before, cursor) = told(&station.whole_feed(0, 0).await);
    let TestHall { folder, hall, .. } = hall;
    hall.shutdown().await;
    for name in ["staff_ca.key", "staff_ca.pem"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let tables = rusqlite::Connection::open(folder.path().join("hall.db")).unwrap();
    tables.execute_batch(TAKE_MIGRATION_3_BACK).unwrap();
    drop(tables);
    let hall = TestHall::start_in(folder).await;
    station.base = hall.url("");
    let (after, _) = told(&station.whole_feed(cursor, 0).await);
    assert_ne!(before.anchors, after.anchors);
    assert_eq!(after.anchors, [staff_ca(&hall)]);
    card_of(&hall, "1001", StaffRole::Courier).await;
}

#[tokio::test]
async fn a_staff_ca_that_cards_hang_on_is_not_made_anew() {
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["staff_ca.key", "staff_ca.pem"] {
        let hall = TestHall::start().await;
        card_of(&hall, "1001", StaffRole::Courier).await;
        let path = hall.folder.path().join(name);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_file(&path).unwrap();
        let code = ["staff-card", "code", "--staff", "1002", "--role", "guard", "--log", "off"];
        assert_eq!(hall_command(hall.folder.path(), &code).0, Some(1));
        let error = hall.try_restart().await.unwrap_err();
        assert!(format!("{error:?}").contains(name), "{error:?}");
    }
}
