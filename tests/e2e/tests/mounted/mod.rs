//! A test that needs a disk of its own runs again as a child in a mount namespace.
//!
//! The namespace needs root or unprivileged user namespaces. A developer's machine may have neither;
//! in CI it must be there.

use std::{path::Path, process::Command};

/// Where the child's disk is; set for the child only.
pub(crate) const DISK: &str = "NIGHTDESK_E2E_DISK";

/// A namespace in which this user may mount, if there is one. `mount` is a line of shell in which
/// `$0` is the folder that becomes the disk.
fn mounter(mount: &str, disk: &Path) -> Option<Command> {
    let ways = [&["--mount"][..], &["--mount", "--map-root-user"]];
    let script = format!("{mount} && exec \"$@\"");
    ways.iter().find_map(|flags| {
        let command = || {
            let mut command = Command::new("unshare");
            command.args(*flags).args(["sh", "-c", &script]).arg(disk);
            command
        };
        let works = command().arg("true").status().is_ok_and(|status| status.success());
        works.then(command)
    })
}

/// Runs the test of this name with a disk; it must say `done` at its end. False: no such disk can
/// be had here.
#[must_use]
pub(crate) fn run_on_a_disk(mount: &str, test: &str, done: &str, must_be_there: bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut child) = mounter(mount, folder.path()) else {
        assert!(
            !must_be_there || std::env::var_os("CI").is_none(),
            "no such disk on a machine that must have it: {mount}"
        );
        return false;
    };
    let output = child
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(done), "{said}\n{errors}");
    true
}
