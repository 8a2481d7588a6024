//! The first night on real processes: hall, device twins, station, window, finger.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod built;

use nightdesk_e2e::{
    clock::Clock,
    house::{AtEnd, Places},
    night::{self, Night},
    script::{FIRST_NIGHT, Script},
    shadow::Fitting,
};

use built::{out, places};

#[test]
fn a_case_goes_from_a_touch_to_the_hall_and_back() {
    let script = Script::read(FIRST_NIGHT).unwrap();
    let out = out("first-night");
    let places = Places { fitting: Fitting::WithLocker, tells_all: true, ..places() };
    let night = Night { places: &places, script: &script, out: &out, at_end: AtEnd::Remove };
    let summary = night::play(&night, &Clock::start()).unwrap();
    assert_eq!(summary.failure, None, "pictures: {}", out.display());
    assert!(summary.all_seen);
    assert_eq!(summary.hall.len(), 3, "{:?}", summary.hall);
    assert_eq!(summary.audit.len(), 2);
    assert!(out.join("01-asleep.png").is_file());
}

#[test]
fn a_changed_label_fails_the_night_at_its_step() {
    let mut script = Script::read(FIRST_NIGHT).unwrap();
    script.steps.truncate(4);
    script.break_label("工作人员").unwrap();
    let out = out("broken-night");
    let places = Places { fitting: Fitting::WithLocker, ..places() };
    let night = Night { places: &places, script: &script, out: &out, at_end: AtEnd::Remove };
    let summary = night::play(&night, &Clock::start()).unwrap();
    assert!(!summary.all_seen);
    assert!(
        summary.failure.unwrap().starts_with("step 2 (staff-sign-in)"),
        "steps: {:?}",
        summary.steps
    );
}
