//! Printer and locks fail in the middle of a visit, on real processes.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;

use nightdesk_e2e::{
    clock::Clock,
    house::{AtEnd, Places},
    night::{self, Night},
    script::{DEVICES_FAIL, Script},
    shadow::Fitting,
};

use built::{out, places};

#[test]
fn what_fails_in_the_middle_is_said_as_it_is_and_made_good() {
    let script = Script::read(DEVICES_FAIL).unwrap();
    let out = out("devices-fail");
    let places = Places { fitting: Fitting::WithLocker, ..places() };
    let night = Night { places: &places, script: &script, out: &out, at_end: AtEnd::Remove };
    let summary = night::play(&night, &Clock::start()).unwrap();
    assert_eq!(summary.failure, None, "pictures: {}", out.display());
    assert_eq!(summary.hall.len(), 2, "{:?}", summary.hall);
    assert_eq!(summary.audit.len(), 2, "both chains are whole");
}
