//! The station's disk can be read and not written: found so at the start, and turned so by the
//! kernel in the middle of a visit, as after a bad sector.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use kiosk_core::out_of_service::Why;
use nightdesk_e2e::clock::Limit;

use crate::{
    built, mounted,
    watched::{Files, Watched},
};

const SMALL_DISK: &str = "mount -t tmpfs -o size=64m tmpfs \"$0\"";
/// A block device of its own: only there can the kernel be told that the file system is in error.
const BLOCK_DISK: &str = "mount -t tmpfs -o size=96m tmpfs \"$0\" && truncate -s 80m \"$0/image\" \
    && mkfs.ext4 -q \"$0/image\" && mkdir \"$0/disk\" \
    && mount -o loop,errors=remount-ro \"$0/image\" \"$0/disk\"";
const AT_START: &str = "read-only at the start: done";
const IN_USE: &str = "read-only in use: done";
/// Page, exit, pause of the supervisor, start.
const NEXT_LIFE: Limit = Limit { name: "the next start of the station", ms: 90_000 };
/// From the first failed write to an exit with its last page.
const DIES: Limit = Limit { name: "the station to give its store up", ms: 30_000 };

#[test]
fn a_disk_that_is_read_only_at_the_start_is_tried_again_until_it_is_mended() {
    built::places();
    if !mounted::run_on_a_disk(
        SMALL_DISK,
        "read_only_disk::child_starts_on_a_read_only_disk",
        AT_START,
        true,
    ) {
        println!("no such disk here: {SMALL_DISK}");
    }
}

#[test]
fn a_disk_that_turns_read_only_in_a_visit_stops_the_station_and_loses_nothing() {
    built::places();
    // A loop device is root's alone.
    if !mounted::run_on_a_disk(
        BLOCK_DISK,
        "read_only_disk::child_is_used_on_a_disk_that_fails",
        IN_USE,
        false,
    ) {
        println!("no such disk here: {BLOCK_DISK}");
    }
}

fn disk() -> Option<PathBuf> {
    std::env::var_os(mounted::DISK).map(PathBuf::from)
}

fn remount(disk: &Path, how: &str) {
    let options = format!("remount,{how}");
    let done = Command::new("mount").args(["-o", &options]).arg(disk).status().unwrap();
    assert!(done.success(), "{options}");
}

#[test]
fn child_starts_on_a_read_only_disk() {
    let Some(disk) = disk() else { return };
    let mut watched = Watched::at("read-only-at-start", Some(disk.clone()));
    watched.sees_own_page("01-before");
    watched.house.stop_station();
    remount(&disk, "ro");
    let before = Files::of(&watched.data());
    watched.starts_broken();
    watched.sees_out_of_service("02-read-only", Why::TriesAgain, 75);
    watched.log_says("Read-only file system");
    assert_eq!(Files::of(&watched.data()), before);
    let n_starts = watched.n_starts();
    watched.until(NEXT_LIFE, |watched| watched.n_starts() > n_starts);
    assert_eq!(watched.house.station().last_code(), Some(75));
    watched.sees_out_of_service("03-tried-again", Why::TriesAgain, 75);
    watched.house.stop_station();
    remount(&disk, "rw");
    watched.lives_again();
    watched.sees_own_page("04-mended");
    println!("{AT_START}");
}

/// As after a bad sector in its metadata: `errors=remount-ro` does the rest.
fn fails(disk: &Path) {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let disk = disk.display().to_string();
    let line = mounts.lines().find(|line| line.split(' ').nth(1) == Some(disk.as_str())).unwrap();
    let device = line.split(' ').next().unwrap().trim_start_matches("/dev/");
    fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "bad sector").unwrap();
}

#[test]
fn child_is_used_on_a_disk_that_fails() {
    let Some(disk) = disk().map(|folder| folder.join("disk")) else { return };
    let mut watched = Watched::at("read-only-in-use", Some(disk.clone()));
    watched.sees_own_page("01-before");
    watched.files_a_certificate("02-filed-before");
    watched.taps("看好了，离开");
    let n_starts = watched.n_starts();
    fails(&disk);
    watched.wakes_what_cannot_write("03-store-given-up");
    assert!(watched.words().contains("没拿到收件凭证的，这件没有收下"), "{}", watched.words());
    watched.until(DIES, |watched| watched.house.station().last_code() == Some(75));
    watched.until(NEXT_LIFE, |watched| watched.n_starts() > n_starts);
    watched.sees_out_of_service("04-next-start", Why::TriesAgain, 75);
    watched.house.stop_station();
    println!("{IN_USE}");
}
