//! What station and hall have in memory is of people: a crash must not write it to a disk.

use std::fs;

use nightdesk_e2e::{
    clock::{Clock, Limit},
    house::{AtEnd, House},
    process::Service,
    xvfb::Xvfb,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::built::places;

/// Its first act.
const FORBIDS: Limit = Limit { name: "a program that forbids dumps", ms: 10_000 };
const NEXT_LIFE: Limit = Limit { name: "its next life", ms: 30_000 };

/// Soft and hard limit of a running process.
fn core_limit(service: &Service) -> (String, String) {
    let limits = fs::read_to_string(format!("/proc/{}/limits", service.pid().unwrap())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn a_crash_of_station_or_hall_leaves_no_core() {
    // Children inherit as much as this machine gives, so that only they themselves can forbid it.
    let maximum = getrlimit(Resource::Core).maximum;
    setrlimit(Resource::Core, Rlimit { current: maximum, maximum }).unwrap();
    let (log, clock) = (tempfile::NamedTempFile::new().unwrap(), Clock::start());
    let xvfb = Xvfb::start(log.path()).unwrap();
    let house = House::start(&places(), &[], xvfb.display(), &clock, AtEnd::Remove).unwrap();
    for service in [house.station(), house.hall()] {
        let forbidden = || Ok((core_limit(service) == ("0".into(), "0".into())).then_some(()));
        clock
            .until(FORBIDS, forbidden)
            .unwrap_or_else(|why| panic!("{why}: {}", service.program().name));
        let n_starts = service.n_starts();
        service.crash();
        let lives_again = || Ok((service.n_starts() > n_starts).then_some(()));
        clock.until(NEXT_LIFE, lives_again).unwrap();
        assert_eq!(service.last_code(), None, "a signal ended it");
        assert!(!service.left_a_dump(), "{} left a dump", service.program().name);
    }
}
