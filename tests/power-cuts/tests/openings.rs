//! The few steps that come once: first boot and upgrade. Every write and every flush of them is cut.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use kiosk_store::STORE_KEY_FILE;
use power_cuts::{
    Which,
    disk::Flush,
    lives::Subject,
    rig::{Fuse, Rig},
};
use rusqlite::Connection;
use testkit::Random;

/// No opening has so many steps.
const STEPS_MAX: u64 = 2_000;
/// Each cut is left in so many ways.
const SEEDS: u64 = 2;

/// Cuts the opening at its step `fuse`; false if it has fewer steps.
fn cut_once(
    which: Which,
    fuse: Fuse,
    seed: u64,
    prepare: impl Fn(&mut dyn Subject, &Path),
) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::new(folder.path(), Flush::Honest).unwrap();
    let path = folder.path().canonicalize().unwrap();
    let mut subject = which.subject(path.clone()).unwrap();
    prepare(&mut *subject, &path);
    rig.arm(Some(fuse));
    let opened = subject.open();
    let was_cut = !rig.is_on();
    assert!(was_cut || opened.is_ok(), "{fuse:?}: {opened:?}");
    rig.power_off();
    subject.close();
    rig.restart(&mut Random::new(seed)).unwrap();
    let again = subject.open().and_then(|()| subject.look());
    assert!(again.is_ok(), "{} cut at {fuse:?}, seed {seed}: {again:?}", which.word());
    was_cut
}

fn cut_everywhere(which: Which, prepare: impl Fn(&mut dyn Subject, &Path)) {
    for fuse in [Fuse::AtWrite, Fuse::AtSync] {
        let n_steps = (0..STEPS_MAX)
            .find(|n| !(0..SEEDS).all(|seed| cut_once(which, fuse(*n), seed, &prepare)))
            .expect("the opening ends");
        assert!(n_steps > 1, "there was something to cut: {n_steps} steps");
    }
}

#[test]
fn a_first_boot_of_the_station_may_be_cut_anywhere() {
    cut_everywhere(Which::Station, |_, _| {});
}

#[test]
fn a_first_start_of_the_hall_may_be_cut_anywhere() {
    cut_everywhere(Which::Hall, |_, _| {});
}

/// The station's tables as the release with PINs left them; somebody is locked out.
fn go_back_to_migration_3(folder: &Path) {
    let key = fs::read_to_string(folder.join(STORE_KEY_FILE)).unwrap();
    let db = Connection::open(folder.join("station.db")).unwrap();
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\";
         DROP TABLE device;
         DROP TABLE maintenance;
         DROP TABLE staff_lockout;
         DROP TABLE staff_anchor;
         DROP TABLE staff_revoked;
         CREATE TABLE staff (id TEXT PRIMARY KEY, role TEXT NOT NULL, active INTEGER NOT NULL,
            pin_hash TEXT, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL) STRICT;
         INSERT INTO staff VALUES ('1001', 'courier', 1, 'a hash', 4, 60000);
         DELETE FROM refinery_schema_history WHERE version > 3;",
        key.trim()
    ))
    .unwrap();
}

#[test]
fn an_upgrade_of_the_station_may_be_cut_anywhere() {
    cut_everywhere(Which::Station, |station, folder| {
        let mut chance = Random::new(7);
        station.open().and_then(|()| station.look()).unwrap();
        (0..4).for_each(|_| station.work(&mut chance).unwrap());
        station.close();
        go_back_to_migration_3(folder);
    });
}
