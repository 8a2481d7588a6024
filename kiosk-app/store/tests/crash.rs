//! Processes that die: what they acknowledged is there, and the disk tells nothing about a person.
//!
//! The dying process is this test binary again, told by a variable to be the child.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::FileExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use kiosk_core::{
    custody::{Act, Change, Doubt, End, Step},
    effect::Query,
    record::Record,
};
use kiosk_store::{Answer, OpenError, STORE_KEY_FILE, Store, StoreKey};
use kiosk_words::{OrderId, Private, Seq};

use common::{
    CANARY_ADDRESS, CANARY_CODE, CANARY_NAME, CANARY_NUMBER, CANARY_PHONE, COLLECTOR_NAME,
    COLLECTOR_NUMBER, NOW, Station, applicant, case_id, courier, custody, deposited, door, files,
    filing, make, moved, open, ordered, raw, result,
};

const CHILD_FOLDER: &str = "NIGHTDESK_STORE_CHILD_FOLDER";

/// Starts this binary as a child that runs one test only.
fn child(test: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD_FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The folder a child works in; `None` in the parent's own run of the same test.
fn child_folder() -> Option<OsString> {
    std::env::var_os(CHILD_FOLDER)
}

fn child_store(folder: &Path) -> Store {
    let key = StoreKey::from_file(&folder.join(STORE_KEY_FILE)).unwrap();
    open(folder, &key, NOW).unwrap().0
}

/// Child: files cases without end and prints the number of each after its acknowledgement.
#[test]
fn child_files_cases_until_it_is_killed() {
    let Some(folder) = child_folder() else { return };
    let folder = Path::new(&folder);
    let mut store = child_store(folder);
    let first = store.audit_head().unwrap().1 + 1;
    for n in first.. {
        let n = u32::try_from(n).unwrap();
        let mut filed = common::case(n);
        let sealed = store.vault().seal_page(filed.case, &common::picture(1)).unwrap();
        filed.scans.push(common::scan(1, sealed));
        store.persist(&filing(&filed)).unwrap();
        let mut out = std::io::stdout();
        writeln!(out, "acknowledged {n}").unwrap();
        out.flush().unwrap();
    }
}

/// Child: opens the store and holds it until its input ends.
#[test]
fn child_holds_the_store() {
    let Some(folder) = child_folder() else { return };
    let _store = child_store(Path::new(&folder));
    println!("holding");
    std::io::stdin().lines().for_each(drop);
}

/// Child: lets somebody open a door, says so, and waits to be killed.
#[test]
fn child_opens_a_door() {
    let Some(folder) = child_folder() else { return };
    let mut store = child_store(Path::new(&folder));
    store.persist(&filing(&common::case(1))).unwrap();
    let act = Act::Deposit { case: case_id(1) };
    let asked = Change::Authorised { number: 1, door: door(7), act, by: applicant() };
    store.persist(&[custody(asked)]).unwrap();
    println!("authorised");
    std::io::stdin().lines().for_each(drop);
}

#[test]
fn a_door_that_may_be_open_when_the_process_dies_is_known_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let key = make(dir.path());
    let mut child = child("child_opens_a_door", dir.path());
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("authorised")));
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, recovered) = open(dir.path(), &key, NOW).unwrap();
    let act = Act::Deposit { case: case_id(1) };
    assert_eq!(recovered.custody.open, Some((1, door(7), act)));
}

#[test]
fn acknowledged_cases_survive_a_process_killed_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let key = make(dir.path());
    let mut last = 0;
    for n_before_kill in [1, 7, 23, 12] {
        let mut child = child("child_files_cases_until_it_is_killed", dir.path());
        let mut acknowledged = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split("acknowledged ").nth(1)?.trim().parse::<u32>().ok());
        last = acknowledged.by_ref().take(n_before_kill).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // What the child had said and the pipe still held.
        last = acknowledged.last().unwrap_or(last);
        let (store, recovered) = open(dir.path(), &key, NOW).unwrap();
        let n_kept = u32::try_from(recovered.outbox.len()).unwrap();
        assert!(n_kept == last || n_kept == last + 1, "{n_kept} kept, {last} acknowledged");
        for n in 1..=n_kept {
            let case = case_id(n);
            assert_eq!(recovered.outbox[n as usize - 1], (Seq(u64::from(n)), case));
            assert_eq!(store.record_of(case).unwrap().unwrap().case, case);
            assert!(store.scans_of(case).unwrap().iter().all(|(_, path)| path.exists()));
        }
        assert_eq!(store.verify_audit().unwrap().n_lines, u64::from(n_kept));
    }
    assert!(last >= 43);
}

/// The log is whole, and a page of the file was half written when the power went.
#[test]
fn a_page_torn_while_the_log_was_moved_is_whole_at_the_next_start() {
    let mut station = Station::new();
    let filed = station.file(1, 1);
    let cut = tempfile::tempdir().unwrap();
    for (path, _) in station.files() {
        let copy = cut.path().join(path.strip_prefix(station.path()).unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(&path, &copy).unwrap();
    }
    let database = cut.path().join("station.db");
    let file = std::fs::OpenOptions::new().write(true).open(&database).unwrap();
    file.write_all_at(&[0xa5; 512], 1_024).unwrap();
    let (store, _) = open(cut.path(), &station.key, NOW).unwrap();
    assert_eq!(store.record_of(filed.case).unwrap().unwrap().case, filed.case);
    store.verify_audit().unwrap();
}

#[test]
fn a_second_process_is_refused_and_the_first_ones_death_frees_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let key = make(dir.path());
    let mut child = child("child_holds_the_store", dir.path());
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("holding")), "the child has the store");
    let refused = open(dir.path(), &key, NOW).map(|_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::InUse), "{refused:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    open(dir.path(), &key, NOW).unwrap();
}

/// Everything that may happen to a person's case, each with their data.
fn live(station: &mut Station) {
    for n in 1..=5 {
        station.file(n, 1);
    }
    let authorised =
        |number, act, by| custody(Change::Authorised { number, door: door(7), act, by });
    let ended = |number, how| custody(Change::Ended { number, how });
    let records = [
        authorised(1, Act::Deposit { case: case_id(1) }, applicant()),
        ended(1, End::Confirmed),
        deposited(1),
        ordered(1, &[CANARY_NUMBER, COLLECTOR_NUMBER]),
        authorised(2, Act::Collect { order: OrderId(1) }, applicant()),
        ended(2, End::Doubted(Doubt::Unconfirmed)),
        moved(7, result(1), Step::Unconfirmed, Some(applicant())),
        authorised(3, Act::Look, courier()),
        Record::StaffPassed { staff: "lz-007".into() },
    ];
    station.store.persist(&records).unwrap();
    let code = Query::CodeIs { case: case_id(1), code: Private::text(CANARY_CODE) };
    assert_eq!(station.store.find(&code).unwrap(), Answer::Code(true));
}

/// Every form in which a person's data could lie in a file.
fn traces() -> Vec<(&'static str, Vec<u8>)> {
    let mut traces = Vec::new();
    for text in [
        CANARY_NAME,
        CANARY_NUMBER,
        CANARY_ADDRESS,
        CANARY_PHONE,
        "欧阳样本",
        COLLECTOR_NAME,
        COLLECTOR_NUMBER,
        CANARY_CODE,
    ] {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        traces.push(("UTF-8", text.as_bytes().to_vec()));
        traces.push(("UTF-16LE", utf16(u16::to_le_bytes)));
        traces.push(("UTF-16BE", utf16(u16::to_be_bytes)));
        traces.push(("hexadecimal", hex::encode(text).into_bytes()));
        let escaped = text.chars().flat_map(|c| c.escape_unicode()).collect::<String>();
        traces.push(("escaped", escaped.into_bytes()));
    }
    // 诸葛金丝雀 and 金丝雀胡同 in GBK.
    traces.push(("GBK", hex::decode("d6eeb8f0bdf0cbbfc8b8").unwrap()));
    traces.push(("GBK", hex::decode("bdf0cbbfc8b8bafacdac").unwrap()));
    traces
}

fn found_traces(files: &[(std::path::PathBuf, Vec<u8>)]) -> Vec<String> {
    let traces = traces();
    let mut found = Vec::new();
    for (path, bytes) in files {
        for (form, trace) in &traces {
            if bytes.windows(trace.len()).any(|window| window == trace.as_slice()) {
                found.push(format!("{form} in {}", path.display()));
            }
        }
    }
    found
}

/// All but the ballast, which is 8 MiB of nothing.
fn speaking_files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = files(folder);
    found.retain(|(path, bytes)| !path.ends_with("ballast") || bytes.iter().any(|byte| *byte != 0));
    found
}

#[test]
fn the_search_for_traces_finds_a_trace() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("leak"), format!("x{CANARY_NUMBER}x")).unwrap();
    std::fs::write(dir.path().join("gbk"), hex::decode("00d6eeb8f0bdf0cbbfc8b800").unwrap())
        .unwrap();
    assert_eq!(found_traces(&files(dir.path())).len(), 2);
}

#[test]
fn no_file_of_an_open_store_names_a_person() {
    let mut station = Station::new();
    live(&mut station);
    // A session in its middle: captured, not filed.
    station.prepare(6, 2);
    let open_files = speaking_files(station.path());
    assert!(
        open_files
            .iter()
            .any(|(path, bytes)| path.ends_with("station.db-wal") && bytes.len() > 4_096)
    );
    assert_eq!(found_traces(&open_files), [""; 0]);
    station.store.rotate_wrap_key().unwrap();
    assert_eq!(found_traces(&speaking_files(station.path())), [""; 0]);
}

#[test]
fn no_file_of_a_killed_process_names_a_person() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let mut child = child("child_files_cases_until_it_is_killed", dir.path());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let n_acknowledged = lines.filter(|line| line.contains("acknowledged")).take(5).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(n_acknowledged, 5);
    assert!(dir.path().join("station.db-wal").exists(), "the log was left as it was");
    assert_eq!(found_traces(&speaking_files(dir.path())), [""; 0]);
}

#[test]
fn the_open_database_names_no_person_outside_the_sealed_records() {
    let mut station = Station::new();
    live(&mut station);
    let Station { store, dir, .. } = station;
    drop(store);
    let plain = tempfile::tempdir().unwrap();
    let path = plain.path().join("plain.db");
    let db = raw(dir.path());
    db.execute_batch(&format!("ATTACH '{}' AS plain KEY ''", path.display())).unwrap();
    db.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
    drop(db);
    let bytes = std::fs::read(&path).unwrap();
    let says = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(says("SQLite format 3") && says("citizen:") && says("staff:lz-007"), "it is readable");
    assert_eq!(found_traces(&files(plain.path())), [""; 0]);
}
