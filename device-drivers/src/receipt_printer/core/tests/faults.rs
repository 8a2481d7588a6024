//! Every fault, before a slip and in the middle of it.

use device_api::receipt_printer::{Fault, Health, Refusal, Status};

use super::rig::{Rig, long_slip, slip};
use crate::{
    machine::{CloseReason, Input, Machine as _},
    receipt_printer::codec::{Command, Sensed},
};

const WELL: Sensed = Sensed {
    off_line: false,
    cover_open: false,
    feeding: false,
    paper_low: false,
    paper_out: false,
    cutter_stuck: false,
    unrecoverable: false,
    hot: false,
};
const OFF: Sensed = Sensed { off_line: true, ..WELL };

const LASTING: [(Fault, Sensed); 4] = [
    (Fault::PaperOut, Sensed { paper_out: true, ..OFF }),
    (Fault::CoverOpen, Sensed { cover_open: true, ..OFF }),
    (Fault::Cutter, Sensed { cutter_stuck: true, ..OFF }),
    (Fault::Unrecoverable, Sensed { unrecoverable: true, ..OFF }),
];
const PASSING: [(Fault, Sensed); 2] =
    [(Fault::Hot, Sensed { hot: true, ..OFF }), (Fault::OffLine, Sensed { feeding: true, ..OFF })];

fn is_of_a_slip(command: &Command) -> bool {
    matches!(command, Command::Text(_) | Command::LineFeed | Command::QrPrint | Command::Raster(_))
}

/// A rig that has some lines of a long slip out.
fn in_the_middle(notices: bool) -> Rig {
    let mut rig = Rig::ready();
    rig.printer.notices = notices;
    rig.printer.heard.clear();
    rig.print(1, long_slip(40));
    rig.run_until(|rig| rig.printer.heard.iter().filter(|c| is_of_a_slip(c)).count() > 10);
    rig
}

#[test]
fn with_any_fault_a_slip_is_not_started() {
    for (fault, sensed) in LASTING.into_iter().chain(PASSING) {
        for known_before in [true, false] {
            let mut rig = Rig::ready();
            rig.run_ms(1_000);
            // The driver knows by a notice, or finds out when it asks before the first byte.
            rig.printer.notices = known_before;
            rig.printer.heard.clear();
            rig.printer.set(sensed);
            if known_before {
                rig.run_until(|rig| rig.core.status().health == Health::Down(fault));
            }
            rig.print(1, slip());
            rig.run_until_answered(1);
            assert_eq!(rig.refusal_of(1), Some(Refusal::NotStarted(fault)));
            assert!(!rig.printer.heard.iter().any(is_of_a_slip), "{fault:?}");
        }
    }
}

#[test]
fn a_fault_in_the_middle_ends_the_slip_at_once_and_it_is_not_known_what_came_out() {
    for (fault, sensed) in LASTING {
        for notices in [true, false] {
            let mut rig = in_the_middle(notices);
            rig.printer.set(sensed);
            let seen_at = rig.now;
            rig.run_until_answered(1);
            assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(fault)));
            assert!(seen_at.ms_until(rig.now) < 400, "{fault:?} {notices}");
            assert_eq!(rig.core.status().health, Health::Down(fault));
            // The buffer is emptied, and nothing more of the slip follows, ever.
            assert!(rig.printer.heard.contains(&Command::Clear));
            rig.printer.heard.clear();
            rig.run_ms(10_000);
            rig.printer.set(WELL);
            rig.run_until(|rig| rig.core.status().health == Health::Ready);
            rig.run_ms(10_000);
            assert!(!rig.printer.heard.iter().any(is_of_a_slip), "{fault:?}");
        }
    }
}

#[test]
fn a_stop_that_passes_is_waited_for_and_the_slip_goes_on() {
    for (fault, sensed) in PASSING {
        let mut rig = in_the_middle(true);
        rig.printer.set(sensed);
        rig.run_until(|rig| rig.core.status().health == Health::Down(fault));
        rig.printer.heard.clear();
        rig.run_ms(20_000);
        assert!(!rig.printer.heard.iter().any(is_of_a_slip), "nothing is sent meanwhile");
        rig.printer.set(WELL);
        rig.run_until_answered(1);
        assert_eq!(rig.refusal_of(1), None, "{fault:?}: {:?}", rig.events);
    }
}

#[test]
fn a_stop_that_does_not_pass_ends_the_slip() {
    for (fault, sensed) in PASSING {
        let mut rig = in_the_middle(true);
        rig.printer.set(sensed);
        let from = rig.now;
        rig.run_until_answered(1);
        assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(fault)));
        assert!((29_000..32_000).contains(&from.ms_until(rig.now)));
    }
}

#[test]
fn a_fault_after_the_last_byte_still_counts() {
    for (fault, sensed) in LASTING {
        let mut rig = Rig::ready();
        rig.printer.heard.clear();
        rig.print(1, slip());
        rig.run_until(|rig| rig.printer.heard.last() == Some(&Command::AskPaper));
        rig.printer.set(sensed);
        rig.run_until_answered(1);
        assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(fault)));
    }
}

#[test]
fn a_lost_link_says_whether_a_byte_was_sent() {
    let mut rig = Rig::ready();
    rig.print(1, slip());
    rig.step(Input::LinkDown);
    assert_eq!(rig.refusal_of(1), Some(Refusal::NotStarted(Fault::Missing)));
    let mut rig = in_the_middle(true);
    rig.step(Input::LinkDown);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Missing)));
    rig.print(2, slip());
    assert_eq!(rig.refusal_of(2), Some(Refusal::NotStarted(Fault::Missing)));
    assert_eq!(rig.core.status().health, Health::Down(Fault::Missing));
}

#[test]
fn a_printer_that_falls_silent_in_the_middle_ends_the_slip_and_the_link() {
    let mut rig = in_the_middle(true);
    rig.printer.speaks = false;
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Silent)));
    rig.run_until(|rig| rig.closed.is_some());
    assert_eq!(rig.closed, Some(CloseReason::Silent));
    assert_eq!(rig.core.status().health, Health::Down(Fault::Silent));
    assert_eq!(rig.core.deadline(), None);
}

#[test]
fn a_printer_that_was_away_for_a_moment_has_forgotten_the_slip() {
    let mut rig = in_the_middle(true);
    rig.printer.speaks = false;
    rig.run_ms(300);
    rig.printer.speaks = true;
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Silent)));
    rig.run_until(|rig| rig.core.status().health == Health::Ready);
    assert_eq!(rig.closed, None, "the printer itself is well");
}

#[test]
fn a_printer_that_never_speaks_is_silent_and_starts_nothing() {
    let mut rig = Rig::new();
    rig.printer.speaks = false;
    rig.step(Input::LinkUp);
    rig.print(1, slip());
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::NotStarted(Fault::Silent)));
}

#[test]
fn a_printer_that_answers_no_end_mark_is_of_no_use() {
    let mut rig = Rig::new();
    rig.printer.marks = false;
    rig.step(Input::LinkUp);
    rig.run_until(|rig| rig.closed.is_some());
    assert_eq!(rig.core.status().health, Health::Down(Fault::Silent));
}

#[test]
fn babble_ends_the_link() {
    let mut rig = in_the_middle(true);
    rig.printer.say(&[0xFF; 40]);
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Garbage)));
    assert_eq!(rig.closed, Some(CloseReason::Garbage));
    assert_eq!(rig.core.status().health, Health::Down(Fault::Garbage));
}

#[test]
fn the_rest_of_a_notice_that_passes_for_the_end_mark_is_found_out() {
    let mut rig = Rig::ready();
    rig.printer.marks = false;
    rig.print(1, slip());
    rig.printer.heard.clear();
    rig.run_until(|rig| rig.printer.heard.last() == Some(&Command::AskPaper));
    // Paper near its end, the first byte lost on the line.
    rig.printer.say(&[0x00, 0x03, 0x0F]);
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Garbage)));
}

#[test]
fn a_stuck_cutter_is_told_to_try_again_until_it_is_free() {
    let mut rig = Rig::ready();
    rig.printer.set(Sensed { cutter_stuck: true, ..OFF });
    rig.run_until(|rig| rig.core.status().health == Health::Down(Fault::Cutter));
    rig.printer.heard.clear();
    rig.run_ms(10_000);
    let n_tries = rig.printer.heard.iter().filter(|c| **c == Command::Clear).count();
    assert!((3..=4).contains(&n_tries), "{n_tries}");
    rig.printer.set(WELL);
    rig.run_until(|rig| rig.core.status() == Status { health: Health::Ready, paper_low: false });
}

#[test]
fn an_open_cover_without_a_torn_slip_needs_no_cleaning() {
    let mut rig = Rig::ready();
    rig.printer.set(Sensed { cover_open: true, ..OFF });
    rig.run_until(|rig| rig.core.status().health == Health::Down(Fault::CoverOpen));
    rig.printer.heard.clear();
    rig.printer.set(WELL);
    rig.run_until(|rig| rig.core.status().health == Health::Ready);
    assert!(!rig.printer.heard.contains(&Command::Cut { feed_dots: 0 }));
}
