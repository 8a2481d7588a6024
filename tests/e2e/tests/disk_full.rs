//! The whole house with the station's data on a disk that is really full: a small memory file
//! system in a mount namespace of its own.
//!
//! The namespace needs root or unprivileged user namespaces. A developer's machine may have neither;
//! `kiosk-store` and the scenarios hold the same with a limit of pages. In CI it must be there.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;

use std::{path::Path, process::Command};

use nightdesk_e2e::{
    clock::Clock,
    house::{AtEnd, Places},
    night::{self, Night},
    script::{DISK_FULL, Script},
};

use built::{out, places};

/// Where the small disk is; set for the child only.
const DISK: &str = "NIGHTDESK_E2E_SMALL_DISK";
/// More than the store takes with its reserve, and than it wants free before it takes cases again.
const MOUNT_AND_RUN: &str = "mount -t tmpfs -o size=64m tmpfs \"$0\" && exec \"$@\"";

/// A namespace in which this user may mount, if there is one.
fn mounter(disk: &Path) -> Option<Command> {
    let ways = [&["--mount"][..], &["--mount", "--map-root-user"]];
    ways.iter().find_map(|flags| {
        let command = || {
            let mut command = Command::new("unshare");
            command.args(*flags).args(["sh", "-c", MOUNT_AND_RUN]).arg(disk);
            command
        };
        let works = command().arg("true").status().is_ok_and(|status| status.success());
        works.then(command)
    })
}

#[test]
fn a_full_disk_takes_no_case_and_says_so_and_takes_one_when_there_is_room() {
    places();
    let folder = tempfile::tempdir().unwrap();
    let Some(mut child) = mounter(folder.path()) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no mount namespace on a machine that must have it"
        );
        println!("no mount namespace here: nothing to run on");
        return;
    };
    let output = child
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child_plays_on_a_small_disk", "--nocapture"])
        .env(DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("night on a small disk done"), "{output:?}");
}

#[test]
fn child_plays_on_a_small_disk() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let places = Places { disk: Some(disk.into()), ..places() };
    let script = Script::read(DISK_FULL).unwrap();
    let out = out("disk-full");
    let night = Night { places: &places, script: &script, out: &out, at_end: AtEnd::Remove };
    let summary = night::play(&night, &Clock::start()).unwrap();
    assert_eq!(summary.failure, None, "pictures: {}", out.display());
    assert_eq!(summary.hall.len(), 1, "{:?}", summary.hall);
    assert_eq!(summary.audit.len(), 2, "both chains are whole");
    assert!(out.join("03-not-taken.png").is_file());
    println!("night on a small disk done");
}
