//! Scans: sent in pieces, cut, resumed, checked, complete only as a whole.

use hall_api::wire::{
    HEADER_UPLOAD_CASE, HEADER_UPLOAD_DIGEST, HEADER_UPLOAD_LENGTH, HEADER_UPLOAD_OFFSET,
    PATH_SCANS, PIECE_BYTES,
};
use hall_server::store::scans::n_complete;
use kiosk_words::{CaseId, Digest32};
use reqwest::Response;
use tokio::io::AsyncWriteExt as _;

use crate::support::{TestHall, TestStation, picture, problem_code};

#[expect(clippy::cast_possible_truncation, reason = "1 MiB fits")]
const PIECE: usize = PIECE_BYTES as usize;

impl TestStation {
    async fn create(&self, case: CaseId, digest: &Digest32, n_bytes: usize) -> Response {
        let request = self
            .client
            .post(self.url(PATH_SCANS))
            .header(HEADER_UPLOAD_LENGTH, n_bytes)
            .header(HEADER_UPLOAD_DIGEST, digest.to_string())
            .header(HEADER_UPLOAD_CASE, case.to_string());
        request.send().await.unwrap()
    }

    async fn piece(&self, digest: &Digest32, offset: usize, bytes: &[u8]) -> Response {
        let url = self.url(&format!("{PATH_SCANS}/{digest}"));
        let request = self.client.patch(url).header(HEADER_UPLOAD_OFFSET, offset);
        request.body(bytes.to_vec()).send().await.unwrap()
    }

    async fn offset(&self, digest: &Digest32) -> Response {
        self.client.head(self.url(&format!("{PATH_SCANS}/{digest}"))).send().await.unwrap()
    }

    /// Sends a whole scan the way the station does.
    pub async fn upload(&self, case: CaseId, digest: &Digest32, bytes: &[u8]) {
        let created = self.create(case, digest, bytes.len()).await;
        let mut at = offset_of(&created);
        while at < bytes.len() {
            let end = bytes.len().min(at + PIECE);
            let answer = self.piece(digest, at, &bytes[at..end]).await;
            assert_eq!(answer.status(), 204);
            at = offset_of(&answer);
        }
    }
}

fn offset_of(answer: &Response) -> usize {
    answer.headers()[HEADER_UPLOAD_OFFSET].to_str().unwrap().parse().unwrap()
}

async fn complete(hall: &TestHall) -> u64 {
    hall.hall.store().read(n_complete).await.unwrap()
}

#[tokio::test]
async fn a_case_is_complete_only_when_every_scan_is_here() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[picture(40, 1), picture(40, 2)]);
    station.send(vec![filed.event]).await;
    assert_eq!(complete(&hall).await, 0);
    let [(first, first_bytes), (second, second_bytes)] = &filed.scans[..] else { panic!() };
    station.upload(filed.case, first, first_bytes).await;
    assert_eq!(complete(&hall).await, 0);
    station.upload(filed.case, second, second_bytes).await;
    assert_eq!(complete(&hall).await, 1);
}

#[tokio::test]
async fn a_cut_upload_goes_on_where_it_was_cut_also_after_a_restart() {
    let hall = TestHall::start().await;
    let mut station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[vec![7; 2 * PIECE + 500]]);
    station.send(vec![filed.event]).await;
    let (digest, bytes) = &filed.scans[0];
    station.create(filed.case, digest, bytes.len()).await;
    station.piece(digest, 0, &bytes[..PIECE]).await;
    cut_in_the_middle_of_a_piece(&hall, &station, digest).await;
    let hall = hall.restart().await;
    station.base = hall.url("");
    let answer = station.offset(digest).await;
    assert_eq!(offset_of(&answer), PIECE);
    station.upload(filed.case, digest, bytes).await;
    assert_eq!(complete(&hall).await, 1);
    let again = station.create(filed.case, digest, bytes.len()).await;
    assert_eq!((again.status().as_u16(), offset_of(&again)), (200, bytes.len()));
}

#[tokio::test]
async fn a_piece_at_the_wrong_offset_is_told_the_right_one() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[picture(40, 1)]);
    station.send(vec![filed.event]).await;
    let (digest, bytes) = &filed.scans[0];
    station.create(filed.case, digest, bytes.len()).await;
    station.piece(digest, 0, &bytes[..10]).await;
    let again = station.piece(digest, 0, &bytes[..10]).await;
    assert_eq!(offset_of(&again), 10);
    assert_eq!(problem_code(again).await, (409, "wrong_offset".into()));
    let mut long = bytes[10..].to_vec();
    long.push(0);
    let refused = problem_code(station.piece(digest, 10, &long).await).await;
    assert_eq!(refused, (400, "too_long".into()));
}

#[tokio::test]
async fn a_wrong_digest_throws_the_bytes_away_and_the_right_ones_are_taken() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let filed = station.file_with_scans(1, &[picture(40, 1)]);
    station.send(vec![filed.event]).await;
    let (digest, bytes) = &filed.scans[0];
    let mut wrong = bytes.clone();
    wrong[100] ^= 1;
    station.create(filed.case, digest, bytes.len()).await;
    let refused = problem_code(station.piece(digest, 0, &wrong).await).await;
    assert_eq!(refused, (422, "wrong_digest".into()));
    assert_eq!(complete(&hall).await, 0);
    station.upload(filed.case, digest, bytes).await;
    assert_eq!(complete(&hall).await, 1);
}

#[tokio::test]
async fn records_come_before_scans_and_only_listed_scans_are_taken() {
    let hall = TestHall::start().await;
    let (station, other) = (hall.enrolled(17).await, hall.enrolled(18).await);
    let filed = station.file_with_scans(1, &[picture(40, 1)]);
    let (digest, bytes) = &filed.scans[0];
    let early = station.create(filed.case, digest, bytes.len()).await;
    assert_eq!(problem_code(early).await, (409, "no_case".into()));
    station.send(vec![filed.event]).await;
    let unlisted = station.create(filed.case, &Digest32([9; 32]), 5).await;
    assert_eq!(problem_code(unlisted).await, (404, "not_listed".into()));
    let foreign = other.create(filed.case, digest, bytes.len()).await;
    assert_eq!(problem_code(foreign).await, (404, "not_listed".into()));
    let short = station.create(filed.case, digest, bytes.len() - 1).await;
    assert_eq!(problem_code(short).await, (409, "other_length".into()));
    assert_eq!(station.offset(digest).await.status(), 404);
    let uncreated = station.piece(digest, 0, &bytes[..9]).await;
    assert_eq!(problem_code(uncreated).await, (404, "not_created".into()));
}

#[tokio::test]
async fn scans_of_a_held_case_wait() {
    let hall = TestHall::start().await;
    let station = hall.enrolled(17).await;
    let mut filed = station.file_with_scans(1, &[picture(40, 1)]);
    filed.event.body.push(' ');
    assert_eq!(station.send(vec![filed.event]).await, ["held bad_hash"]);
    let (digest, bytes) = &filed.scans[0];
    let waits = station.create(filed.case, digest, bytes.len()).await;
    assert_eq!(problem_code(waits).await, (409, "case_held".into()));
}

async fn cut_in_the_middle_of_a_piece(hall: &TestHall, station: &TestStation, digest: &Digest32) {
    let mut stream = station.raw_connection(hall.hall.stations_addr).await;
    let head = format!(
        "PATCH {PATH_SCANS}/{digest} HTTP/1.1\r\nhost: localhost\r\n{HEADER_UPLOAD_OFFSET}: {PIECE}\r\n\
         content-length: {PIECE}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![7; PIECE / 2]).await.unwrap();
    stream.flush().await.unwrap();
}
