//! The whole house with the station's data on a disk that is really full: a small memory file
//! system in a mount namespace of its own.
//!
//! Where no such namespace can be had, `kiosk-store` and the scenarios hold the same with a limit of
//! pages.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;
mod mounted;

use nightdesk_e2e::{
    clock::Clock,
    house::{AtEnd, Places},
    night::{self, Night},
    script::{DISK_FULL, Script},
};

use built::{out, places};

/// More than the store takes with its reserve, and than it wants free before it takes cases again.
const SMALL_DISK: &str = "mount -t tmpfs -o size=64m tmpfs \"$0\"";
const DONE: &str = "night on a small disk done";

#[test]
fn a_full_disk_takes_no_case_and_says_so_and_takes_one_when_there_is_room() {
    places();
    if !mounted::run_on_a_disk(SMALL_DISK, "child_plays_on_a_small_disk", DONE, true) {
        println!("no such disk here: {SMALL_DISK}");
    }
}

#[test]
fn child_plays_on_a_small_disk() {
    let Some(disk) = std::env::var_os(mounted::DISK) else { return };
    let places = Places { disk: Some(disk.into()), ..places() };
    let script = Script::read(DISK_FULL).unwrap();
    let out = out("disk-full");
    let night = Night { places: &places, script: &script, out: &out, at_end: AtEnd::Remove };
    let summary = night::play(&night, &Clock::start()).unwrap();
    assert_eq!(summary.failure, None, "pictures: {}", out.display());
    assert_eq!(summary.hall.len(), 1, "{:?}", summary.hall);
    assert_eq!(summary.audit.len(), 2, "both chains are whole");
    assert!(out.join("03-not-taken.png").is_file());
    println!("{DONE}");
}
