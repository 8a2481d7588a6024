//! A disk that is really full: a small memory file system in a mount namespace of its own.
//!
//! The namespace needs `unshare` to be allowed (root, or unprivileged user namespaces). Where it
//! is not, this file has nothing to run on; the page limit in `src/persist/tests.rs` covers the
//! same path everywhere.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
};

use kiosk_core::{
    event::Delivery,
    record::{AuditKind, Record},
};
use kiosk_store::{PersistError, Room, VaultError};
use kiosk_words::Seq;

use common::{NOW, audit, case, case_id, filing, make, open, picture};

const CHILD_FOLDER: &str = "NIGHTDESK_STORE_SMALL_DISK";

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user"]);
    command
}

#[test]
fn full_disk_refuses_only_new() {
    let is_allowed = unshare().arg("true").status().is_ok_and(|status| status.success());
    if !is_allowed {
        println!("no mount namespace here: nothing to run on");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=48m tmpfs \"$0\" && exec \"$@\"";
    let output = unshare()
        .args(["sh", "-c", script])
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child_on_a_small_disk", "--nocapture"])
        .env(CHILD_FOLDER, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("small disk done"), "{output:?}");
}

/// Writes a file until the disk has no byte left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write_all(&[0x55; 4_096]).is_ok() {}
    while file.write_all(&[0x55]).is_ok() {}
}

/// Child: 48 MiB of disk.
#[test]
fn child_on_a_small_disk() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let folder = Path::new(&folder);
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    let key = make(&data);
    let (mut store, recovered) = open(&data, &key, NOW).unwrap();
    assert!(!recovered.full);
    store.persist(&filing(&case(1))).unwrap();
    fill(&folder.join("filler"));

    let page = store.vault().seal_page(case_id(2), &picture(1));
    assert!(matches!(page, Err(VaultError::NoRoom)), "{page:?}");
    let n_filed = (2..).take_while(|n| store.persist(&filing(&case(*n))).is_ok()).count();
    let n_next = u32::try_from(n_filed).unwrap() + 2;
    assert!(matches!(store.persist(&filing(&case(n_next))), Err(PersistError::Full)));
    assert_eq!(store.room().unwrap(), Room::Full);

    let before = store.audit_head().unwrap().1;
    for _ in 0..300 {
        store.persist(&[audit(AuditKind::StoreFull)]).unwrap();
    }
    let settled = Record::OutboxSettled { answers: vec![(Seq(1), Delivery::Accepted)] };
    store.persist(&[settled]).unwrap();
    assert_eq!(store.verify_audit().unwrap().n_lines, before + 300);
    assert!(matches!(store.persist(&filing(&case(n_next))), Err(PersistError::Full)));

    drop(store);
    let (mut store, recovered) = open(&data, &key, NOW).unwrap();
    assert!(recovered.full, "a restart does not make room");
    assert_eq!(recovered.outbox.len(), n_filed, "the first is settled, the others wait");
    assert!(matches!(store.persist(&filing(&case(n_next))), Err(PersistError::Full)));

    fs::remove_file(folder.join("filler")).unwrap();
    assert_eq!(store.room().unwrap(), Room::Enough);
    store.persist(&filing(&case(n_next))).unwrap();
    assert_eq!(fs::metadata(data.join("ballast")).unwrap().len(), 8 << 20);
    println!("small disk done");
}
