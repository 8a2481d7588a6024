//! What people read at a station that is broken, on the real program in a real window: care mode, a
//! damaged store, a lost key, a lost database, a disk that cannot be written to, a dead clock. And
//! what a crash leaves behind: nothing.
//!
//! A picture of each screen is left in the folder of the test.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

#[path = "../built/mod.rs"]
mod built;
#[path = "../mounted/mod.rs"]
mod mounted;
mod no_dump;
mod read_only_disk;
mod watched;

use std::{fs, path::Path};

use kiosk_core::out_of_service::Why;
use nightdesk_e2e::house::Process;

use watched::{Files, Watched};

const PHONE: &str = "0452-0000000";
const INTERRUPTED: &str = "刚才停电或重启了";

#[test]
fn the_third_start_within_ten_minutes_is_care_mode_until_the_next_quiet_start() {
    let mut watched = Watched::new("care-mode");
    watched.sees_own_page("01-first-start");
    for (n, name) in [(2, "02-second-start"), (3, "03-care-mode")] {
        watched.dies_and_lives_again();
        assert_eq!(watched.recent_starts(), n);
        watched.sees_own_page(name);
    }
    let words = watched.words();
    for said in ["这台机器正在自我保护", "已经收下的都在", PHONE] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(!words.contains("可填表"), "nothing is offered: {words}");
    assert!(watched.house.ask_station(&["status"]).unwrap().contains("running yes"));
    // Eleven minutes later, by the clock of the machine, it is started once more.
    watched.hours_pass(11 * 60_000);
    watched.dies_and_lives_again();
    watched.sees_own_page("04-next-quiet-start");
    assert!(!watched.words().contains("自我保护"));
}

/// Bytes of the middle of the database are not what they were; where, and what they are now.
fn flip(database: &Path) -> (usize, Vec<u8>) {
    let mut bytes = fs::read(database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let flipped = bytes[middle..middle + 64].to_vec();
    fs::write(database, bytes).unwrap();
    (middle, flipped)
}

#[test]
fn a_damaged_store_is_never_replaced_and_both_sides_are_told() {
    let mut watched = Watched::new("damaged-store");
    watched.sees_own_page("01-before");
    // The power goes, so that the log of the database is still there.
    watched.house.kill(Process::Station);
    let database = watched.data().join("station.db");
    let (at, flipped) = flip(&database);
    let before = Files::of(&watched.data()).beside("station.db");
    watched.starts_broken();
    watched.sees_out_of_service("02-damaged-store", Why::NeedsStaff, 2);
    watched.log_says("the database is damaged");
    assert_eq!(watched.ends_with(), 2, "a supervisor that knows it does not start it again");
    // As at every start, the log was moved into the database before its pages were looked at.
    assert_eq!(Files::of(&watched.data()).beside("station.db"), before);
    let bytes = fs::read(&database).unwrap();
    assert_eq!(bytes[at..at + 64], flipped, "the database is the one that was damaged");
}

#[test]
fn a_lost_key_opens_nothing_and_makes_nothing() {
    let mut watched = Watched::new("lost-key");
    watched.sees_own_page("01-before");
    watched.house.stop_station();
    let (key, kept) = (watched.data().join("store.key"), watched.elsewhere("store.key"));
    fs::rename(&key, &kept).unwrap();
    let before = Files::of(&watched.data());
    watched.starts_broken();
    watched.sees_out_of_service("02-lost-key", Why::NeedsStaff, 2);
    watched.log_says("no store key");
    assert_eq!(watched.ends_with(), 2);
    assert_eq!(Files::of(&watched.data()), before, "no new key, no new database");
    // The technician finds it.
    fs::rename(&kept, &key).unwrap();
    watched.lives_again();
    watched.sees_own_page("03-key-found");
}

#[test]
fn a_lost_database_is_not_made_anew() {
    let mut watched = Watched::new("lost-database");
    watched.sees_own_page("01-before");
    watched.house.stop_station();
    for name in ["station.db", "station.db-wal"] {
        let path = watched.data().join(name);
        if path.exists() {
            fs::rename(&path, watched.elsewhere(name)).unwrap();
        }
    }
    let before = Files::of(&watched.data());
    watched.starts_broken();
    watched.sees_out_of_service("02-lost-database", Why::NeedsStaff, 2);
    watched.log_says("no database");
    assert_eq!(watched.ends_with(), 2);
    assert_eq!(Files::of(&watched.data()), before, "no new database");
}

#[test]
fn a_dead_clock_is_not_believed_and_does_not_cut_the_hall_off() {
    let mut watched = Watched::new("dead-clock");
    watched.sees_own_page("01-before");
    // Somebody is here, so that the time is written down.
    watched.wakes();
    watched.clock_dies();
    watched.dies_and_lives_again();
    watched.sees_own_page("02-dead-clock");
    assert!(watched.words().contains(INTERRUPTED));
    assert!(watched.words().contains("时间未知"), "{}", watched.words());
    watched.sees_top_bar("02-dead-clock");
    watched.hall_is_reached();
    watched.files_a_certificate("03-receipt-of-a-dead-clock");
    assert!(watched.words().contains("时间不详（本机时钟未核准）"), "{}", watched.words());
    // The technician puts in a battery and sets the clock.
    watched.clock_is_set();
    watched.dies_and_lives_again();
    watched.sees_own_page("04-clock-set");
    assert!(!watched.words().contains("时间未知"), "{}", watched.words());
}
