mod faults;
mod rig;
mod streams;

use device_api::{
    RequestId,
    receipt_printer::{Event, Fault, Health, Refusal, Reply},
};

use self::rig::{Rig, rare_slip, slip};
use crate::{
    machine::Input,
    receipt_printer::codec::{Command, Sensed, command::COMMAND_LEN_MAX},
};

#[test]
fn a_printer_with_an_unknown_past_is_asked_and_cleaned_before_it_is_ready() {
    let mut rig = Rig::new();
    rig.step(Input::LinkUp);
    assert_eq!(rig.core.status().health, Health::Starting);
    rig.run_until(|rig| rig.core.status().health == Health::Ready);
    let heard = &rig.printer.heard;
    let n_nothing = heard.iter().filter(|c| **c == Command::Nothing).count();
    assert!(n_nothing >= COMMAND_LEN_MAX, "{n_nothing}");
    let orders: Vec<_> = heard
        .iter()
        .filter(|c| !matches!(c, Command::Nothing | Command::AskStatus(_)))
        .cloned()
        .collect();
    assert_eq!(
        orders,
        [
            Command::Clear,
            Command::Initialise,
            Command::PushStatus(0x4F),
            Command::Cut { feed_dots: 0 },
            Command::AskPaper,
        ]
    );
}

#[test]
fn a_slip_is_printed_when_its_end_mark_is_answered_and_everything_is_well() {
    let mut rig = Rig::ready();
    rig.print(1, slip());
    rig.run_until_answered(1);
    assert_eq!(rig.events_of(1), [Event::Done(RequestId(1), Reply::Printed)]);
    let heard = &rig.printer.heard;
    let at = |wanted: &Command| heard.iter().rposition(|c| c == wanted).unwrap();
    let (cut, mark) = (at(&Command::Cut { feed_dots: 0 }), at(&Command::AskPaper));
    assert!(cut < mark, "the end mark stands behind the cut");
    let asked_after = heard[mark..].iter().filter(|c| matches!(c, Command::AskStatus(_))).count();
    assert_eq!(asked_after, 4);
}

#[test]
fn an_end_mark_before_the_paper_can_have_moved_is_no_proof() {
    let mut rig = Rig::ready();
    let asked_at = rig.now;
    rig.print(1, slip());
    rig.run_until_answered(1);
    // Two lines, a code and the way to the knife: 30 + 54 + 264 + 96 dots at 300 mm/s.
    assert!(asked_at.ms_until(rig.now) >= 185, "{:?} to {:?}", asked_at, rig.now);
}

#[test]
fn without_the_end_mark_nothing_is_claimed() {
    let mut rig = Rig::ready();
    rig.printer.marks = false;
    rig.print(1, slip());
    rig.run_until_answered(1);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Uncertain(Fault::Silent)));
}

#[test]
fn the_next_slip_waits_until_the_torn_one_is_swept_out() {
    let mut rig = Rig::ready();
    rig.printer.marks = false;
    rig.print(1, slip());
    rig.run_until_answered(1);
    rig.printer.heard.clear();
    rig.print(2, slip());
    rig.run_ms(3_000);
    assert_eq!(rig.events_of(2), []);
    let text = |c: &Command| matches!(c, Command::Text(_));
    assert!(!rig.printer.heard.iter().any(text), "{:?}", rig.printer.heard);
    rig.printer.marks = true;
    rig.printer.say_mark();
    rig.run_until_answered(2);
    assert_eq!(rig.events_of(2), [Event::Done(RequestId(2), Reply::Printed)]);
    let heard = &rig.printer.heard;
    let swept = heard.iter().position(|c| *c == Command::Cut { feed_dots: 0 }).unwrap();
    assert!(swept < heard.iter().position(text).unwrap(), "cut before the first line");
}

#[test]
fn the_end_mark_of_a_torn_slip_is_not_taken_for_a_later_one() {
    let mut rig = Rig::ready();
    rig.printer.marks = false;
    rig.print(1, slip());
    rig.run_until_answered(1);
    rig.print(2, slip());
    // The cleaning's own mark is on its way when the old one is answered at last.
    rig.run_until(|rig| rig.printer.heard.last() == Some(&Command::AskPaper));
    rig.printer.heard.clear();
    rig.printer.say_mark();
    rig.run_ms(1_900);
    assert!(!rig.printer.heard.contains(&Command::Initialise), "not clean yet");
    rig.printer.marks = true;
    rig.printer.say_mark();
    rig.run_until_answered(2);
    assert_eq!(rig.events_of(2), [Event::Done(RequestId(2), Reply::Printed)]);
}

#[test]
fn an_end_mark_that_went_with_the_buffer_is_not_waited_for_for_ever() {
    let mut rig = Rig::ready();
    rig.printer.marks = false;
    rig.print(1, slip());
    rig.run_until_answered(1);
    rig.printer.marks = true;
    rig.run_until(|rig| rig.core.status().health == Health::Ready);
}

#[test]
fn a_slip_cancelled_before_its_first_byte_is_not_printed() {
    let mut rig = Rig::ready();
    rig.print(1, slip());
    rig.cancel(2);
    assert_eq!(rig.refusal_of(1), Some(Refusal::Stopped));
    assert_eq!(rig.events_of(2), [Event::Done(RequestId(2), Reply::Cancelled)]);
    rig.printer.heard.clear();
    rig.run_ms(10_000);
    assert!(rig.printer.heard.iter().all(|c| matches!(c, Command::AskStatus(_))));
}

#[test]
fn a_slip_that_has_begun_is_finished_and_a_cancel_answered_at_once() {
    let mut rig = Rig::ready();
    rig.print(1, slip());
    rig.run_until(|rig| rig.printer.heard.iter().any(|c| matches!(c, Command::Text(_))));
    rig.cancel(2);
    assert_eq!(rig.events_of(2), [Event::Done(RequestId(2), Reply::Cancelled)]);
    rig.run_until_answered(1);
    assert_eq!(rig.events_of(1), [Event::Done(RequestId(1), Reply::Printed)]);
}

#[test]
fn a_second_slip_is_refused_while_one_is_being_printed() {
    let mut rig = Rig::ready();
    rig.print(1, slip());
    rig.print(2, slip());
    assert_eq!(rig.refusal_of(2), Some(Refusal::Stopped));
}

#[test]
fn a_slip_that_cannot_be_printed_sends_nothing() {
    let mut rig = Rig::ready();
    rig.printer.heard.clear();
    rig.print(1, rare_slip("\u{E000}"));
    assert_eq!(rig.refusal_of(1), Some(Refusal::Unprintable));
    assert_eq!(rig.printer.heard, []);
}

#[test]
fn paper_near_its_end_is_told_and_printing_goes_on() {
    let mut rig = Rig::ready();
    rig.printer.set(Sensed { paper_low: true, ..Sensed::default() });
    rig.run_until(|rig| rig.core.status().paper_low);
    assert_eq!(rig.core.status().health, Health::Ready);
    rig.print(1, slip());
    rig.run_until_answered(1);
    assert_eq!(rig.events_of(1), [Event::Done(RequestId(1), Reply::Printed)]);
}

#[test]
fn no_more_is_written_than_line_and_paper_take_soon() {
    let mut rig = Rig::ready();
    rig.printer.heard.clear();
    let asked_at = rig.now;
    rig.print(1, rig::long_slip(40));
    let n_lines =
        |rig: &Rig| rig.printer.heard.iter().filter(|c| **c == Command::LineFeed).count() as u64;
    while rig.events_of(1).is_empty() {
        rig.go_on();
        // 30 dots at 300 mm/s are 12.5 ms, and about six lines more may be in the printer.
        let moved = asked_at.ms_until(rig.now) * 10 / 125;
        assert!(n_lines(&rig) <= moved + 8, "{} lines after {moved}", n_lines(&rig));
    }
    assert_eq!(n_lines(&rig), 40);
}
