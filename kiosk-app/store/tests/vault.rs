//! Captured pages: ciphertext only, and nothing left behind.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use hall_api::{
    seal::HallSecret,
    wire::{CaseFiled, EventBody},
};
use kiosk_store::Identity;
use kiosk_words::{Digest32, Seq};

use common::{Station, case_id, picture};

fn scans(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder.join("scans"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn names(digests: &[Digest32]) -> BTreeSet<String> {
    digests.iter().map(Digest32::to_string).collect()
}

#[test]
fn a_page_is_on_the_disk_under_the_digest_of_its_ciphertext() {
    let mut station = Station::new();
    let first = station.store.vault().seal_page(case_id(1), &picture(1)).unwrap();
    let again = station.store.vault().seal_page(case_id(1), &picture(1)).unwrap();
    assert_ne!(first.digest, again.digest, "the same page twice gives two files");
    assert_eq!(scans(station.path()), names(&[first.digest, again.digest]));
}

#[test]
fn a_discarded_page_is_gone_and_a_filed_one_stays() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    let page = station.store.vault().seal_page(case_id(2), &picture(1)).unwrap();
    let kept = filed.scans[0].scan.digest;
    station.store.vault().discard(&page.digest).unwrap();
    station.store.vault().discard(&kept).unwrap();
    assert_eq!(scans(station.path()), names(&[kept]));
}

#[test]
fn the_end_of_a_session_drops_keys_and_unfiled_pages_only() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    station.store.vault().seal_page(case_id(2), &picture(1)).unwrap();
    assert!(!station.store.vault().is_empty());
    station.store.vault().wipe().unwrap();
    assert!(station.store.vault().is_empty());
    assert_eq!(scans(station.path()), names(&[filed.scans[0].scan.digest]));
}

#[test]
fn a_page_taken_again_is_removed_when_the_case_is_filed_without_it() {
    let mut station = Station::new();
    let mut filed = station.prepare(1, 2);
    let blurred = filed.scans.remove(0);
    station.store.persist(&common::filing(&filed)).unwrap();
    assert!(!scans(station.path()).contains(&blurred.scan.digest.to_string()));
    assert_eq!(scans(station.path()), names(&[filed.scans[0].scan.digest]));
}

#[test]
fn pages_of_a_session_that_was_cut_off_are_removed_at_the_next_start() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    station.store.vault().seal_page(case_id(2), &picture(1)).unwrap();
    fs::write(station.path().join("scans/.0011223344556677.part"), b"half a page").unwrap();
    let (station, _) = station.restart();
    assert_eq!(scans(station.path()), names(&[filed.scans[0].scan.digest]));
}

#[test]
fn a_refused_filing_keeps_the_pages_for_another_try() {
    let mut station = Station::new();
    station.file(1, 0);
    let mut filed = station.prepare(2, 1);
    filed.receipt = common::receipt(1);
    assert!(station.store.persist(&common::filing(&filed)).is_err());
    filed.receipt = common::receipt(2);
    station.store.persist(&common::filing(&filed)).unwrap();
    assert_eq!(station.store.scans_of(filed.case).unwrap().len(), 1);
}

/// The key of the scans as it travels with the case filed last.
fn sealed_scan_key(station: &Station) -> String {
    let events = station.store.next_batch(Seq(0), 1).unwrap();
    let EventBody::CaseFiled(CaseFiled { sealed_scan_key, .. }) =
        serde_json::from_str(&events[0].body).unwrap()
    else {
        panic!("not a filing");
    };
    sealed_scan_key.unwrap()
}

#[test]
fn a_hall_with_another_key_can_open_scans_captured_before_it_came() {
    let mut station = Station::new();
    let filed = station.prepare(1, 1);
    let other = HallSecret::from_seed([0x43; 32]);
    let identity = Identity { hall_seal_key: other.public(), ..common::identity() };
    station.store.install_identity(identity).unwrap();
    station.store.persist(&common::filing(&filed)).unwrap();
    let sealed = sealed_scan_key(&station);
    other.open_scan_key(filed.case, &sealed).unwrap();
    assert!(common::hall().open_scan_key(filed.case, &sealed).is_err());
}
