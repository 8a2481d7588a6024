mod chance;
mod rig;

use device_api::{
    RequestId,
    page_printer::{Counted, Event, Fault, Health, Loaded, Refusal, Reply},
};

use self::rig::{Air, Rig};
use crate::page_printer::timings::PRODUCTION;

const fn printed(counted: Counted) -> Event {
    Event::Done(RequestId(1), Reply::Printed { counted })
}

const fn uncertain(fault: Fault, n_pages_out: Option<u16>) -> Refusal {
    Refusal::Uncertain { fault, n_pages_out }
}

// ---- at the start, and with nothing to do ----

#[test]
fn a_printer_is_asked_how_it_is_and_what_it_holds_before_it_is_ready() {
    let mut rig = Rig::new();
    rig.run_ms(1);
    assert_eq!(rig.fake.heard, ["Get-Printer-Attributes", "Get-Jobs"]);
    assert_eq!((rig.health(), rig.core.status().a4), (Health::Ready, Loaded::Yes));
    let identified = rig.events.iter().any(
        |event| matches!(event, Event::Identified(it) if it.model == "Fake A4" && it.counts_pages),
    );
    assert!(identified, "{:?}", rig.events);
}

#[test]
fn an_idle_printer_is_looked_at_every_few_seconds_and_named_once() {
    let mut rig = Rig::ready();
    rig.run_ms(60_000);
    let n_looks = rig.n_heard("Get-Printer-Attributes");
    assert_eq!(u64::try_from(n_looks).unwrap(), 60_000 / PRODUCTION.idle_poll_ms);
    let n_named = rig.events.iter().filter(|e| matches!(e, Event::Identified(_))).count();
    assert_eq!(n_named, 1);
}

#[test]
fn jobs_of_others_are_cancelled_and_gone_before_it_is_ready() {
    let mut rig = Rig::new();
    rig.fake.add_stranger(true);
    rig.fake.add_stranger(true);
    rig.step(crate::page_printer::core::Input::Tick);
    assert_eq!(rig.health(), Health::Starting);
    rig.run_ms(PRODUCTION.clean_poll_ms);
    assert_eq!(rig.health(), Health::Ready);
    assert_eq!((rig.n_heard("Cancel-Job"), rig.n_heard("Get-Jobs")), (2, 2));
}

#[test]
fn a_job_that_cannot_be_removed_keeps_every_document_out() {
    let mut rig = Rig::new();
    let stranger = rig.fake.add_stranger(false);
    rig.print(1, 2);
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Occupied));
    assert!(rig.now.0 >= PRODUCTION.clean_ms);
    assert_eq!(rig.health(), Health::Down(Fault::Occupied));
    rig.print(2, 2);
    assert_eq!(rig.refusal_of(2), Refusal::NotStarted(Fault::Occupied));
    assert_eq!(rig.fake.documents, Vec::<Vec<u8>>::new());
    rig.fake.jobs.get_mut(&stranger).unwrap().state = 9;
    rig.run_until(|rig| rig.health() == Health::Ready);
}

#[test]
fn a_job_that_came_while_it_was_idle_is_cancelled_before_a_document() {
    let mut rig = Rig::ready();
    rig.fake.add_stranger(true);
    rig.print(1, 1);
    assert_eq!(rig.n_heard("Print-Job"), 0);
    rig.run_until(|rig| rig.n_heard("Print-Job") == 1);
    let at = |name| rig.fake.heard.iter().rposition(|heard| *heard == name).unwrap();
    assert!(at("Cancel-Job") < at("Get-Jobs") && at("Get-Jobs") < at("Print-Job"));
    // What the stranger's pages did to its count and its covers is looked at anew.
    assert!(at("Cancel-Job") < at("Get-Printer-Attributes"), "{:?}", rig.fake.heard);
}

// ---- what keeps a document from going out ----

#[test]
fn a_document_is_looked_for_a_place_for_with_fresh_eyes() {
    let mut rig = Rig::ready();
    rig.print(1, 1);
    assert_eq!(rig.fake.heard[..3], ["Get-Printer-Attributes", "Get-Jobs", "Print-Job"]);
}

#[test]
fn a_fault_refuses_a_document_before_its_first_byte() {
    for (reason, fault) in [
        ("media-empty-error", Fault::PaperOut),
        ("input-tray-missing-error", Fault::TrayMissing),
        ("media-jam-report", Fault::PaperJam),
        ("cover-open-report", Fault::CoverOpen),
        ("toner-empty-error", Fault::TonerEmpty),
        ("output-area-full-error", Fault::OutputFull),
        ("paused", Fault::Paused),
        ("fuser-over-temp-error", Fault::NeedsTechnician),
    ] {
        let mut rig = Rig::ready();
        rig.fake.reasons = vec![reason];
        rig.print(1, 1);
        assert_eq!(rig.refusal_of(1), Refusal::NotStarted(fault), "{reason}");
        assert_eq!(rig.health(), Health::Down(fault), "{reason}");
        assert_eq!(rig.n_heard("Print-Job"), 0, "{reason}");
        rig.fake.reasons.clear();
        rig.run_ms(PRODUCTION.down_poll_ms);
        assert_eq!(rig.health(), Health::Ready, "{reason}");
    }
}

#[test]
fn the_gravest_of_several_faults_is_told() {
    let mut rig = Rig::ready();
    rig.fake.reasons = vec!["media-empty-error", "media-jam-error", "cover-open-error"];
    rig.run_ms(PRODUCTION.idle_poll_ms);
    assert_eq!(rig.health(), Health::Down(Fault::PaperJam));
}

#[test]
fn a_stopped_printer_another_paper_and_closed_doors_refuse_too() {
    let mut rig = Rig::ready();
    rig.fake.state = 5;
    rig.print(1, 1);
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Paused));
    rig.fake.state = 3;
    rig.fake.media = Some("na_letter_8.5x11in");
    rig.print(2, 1);
    assert_eq!(rig.refusal_of(2), Refusal::NotStarted(Fault::WrongPaper));
    assert_eq!(rig.core.status().a4, Loaded::No);
    rig.fake.media = None;
    rig.fake.accepting = false;
    rig.print(3, 1);
    assert_eq!(rig.refusal_of(3), Refusal::NotStarted(Fault::NotAccepting));
    assert_eq!(rig.core.status().a4, Loaded::Unknown);
}

#[test]
fn a_bare_reason_that_nobody_knows_stops_only_a_printer_that_is_stopped() {
    let mut rig = Rig::ready();
    rig.fake.reasons = vec!["identify-printer-requested"];
    rig.run_ms(PRODUCTION.idle_poll_ms);
    assert_eq!(rig.health(), Health::Ready);
    rig.fake.state = 5;
    rig.run_ms(PRODUCTION.idle_poll_ms);
    assert_eq!(rig.health(), Health::Down(Fault::NeedsTechnician));
}

#[test]
fn low_supplies_are_told_and_stop_nothing() {
    let mut rig = Rig::ready();
    rig.fake.reasons =
        vec!["media-low-warning", "toner-low-report", "output-area-almost-full-warning"];
    rig.print(1, 1);
    let status = rig.core.status();
    assert!(status.paper_low && status.toner_low && status.output_nearly_full);
    assert_eq!(rig.n_heard("Print-Job"), 1);
}

#[test]
fn a_printer_that_is_busy_by_itself_is_waited_for_and_not_for_ever() {
    let mut rig = Rig::ready();
    rig.fake.state = 4;
    rig.print(1, 1);
    rig.run_ms(5_000);
    rig.fake.state = 3;
    rig.run_ms(PRODUCTION.follow_poll_ms);
    assert_eq!(rig.n_heard("Print-Job"), 1);

    let mut rig = Rig::ready();
    rig.fake.state = 4;
    rig.print(1, 1);
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Occupied));
    assert!(rig.now.0 >= PRODUCTION.busy_ms);
}

#[test]
fn a_document_that_the_printer_cannot_read_is_not_sent_to_it() {
    let mut rig = Rig::ready();
    rig.fake.formats = vec!["image/pwg-raster"];
    rig.print(1, 1);
    assert_eq!(rig.refusal_of(1), Refusal::Unprintable);
    assert_eq!(rig.n_heard("Print-Job"), 0);
    rig.print(2, 0);
    assert_eq!(rig.refusal_of(2), Refusal::Unprintable);
}

#[test]
fn what_the_printer_says_to_a_document_decides_what_becomes_of_it() {
    for (status, refusal) in [
        (0x040A, Refusal::Unprintable),
        (0x0411, Refusal::Unprintable),
        (0x040B, Refusal::Unprintable),
        (0x0408, Refusal::Unprintable),
        (0x0507, Refusal::NotStarted(Fault::Occupied)),
        (0x0505, Refusal::NotStarted(Fault::Occupied)),
        (0x0506, Refusal::NotStarted(Fault::NotAccepting)),
        (0x0501, Refusal::NotStarted(Fault::NeedsTechnician)),
        (0x0500, Refusal::Uncertain { fault: Fault::NeedsTechnician, n_pages_out: None }),
        (0x0508, Refusal::Uncertain { fault: Fault::NeedsTechnician, n_pages_out: None }),
        (0x0401, Refusal::NotStarted(Fault::NeedsTechnician)),
        // Accepted, without the number of a job.
        (0x0000, uncertain(Fault::Garbage, None)),
    ] {
        let mut rig = Rig::ready();
        rig.fake.status = Some(("Print-Job", status));
        rig.print(1, 1);
        assert_eq!(rig.refusal_of(1), refusal, "{status:#06x}");
        assert_eq!(rig.n_heard("Print-Job"), 1, "{status:#06x}");
        rig.run_until(|rig| rig.health() == Health::Ready);
    }
}

// ---- one document at a time ----

#[test]
fn a_second_document_is_refused_while_one_is_open() {
    let mut rig = Rig::printing(2);
    rig.print(2, 1);
    assert_eq!(rig.refusal_of(2), Refusal::Stopped);
    rig.fake.put_out(2);
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
}

#[test]
fn pages_are_told_as_they_come_and_the_count_is_the_proof() {
    let mut rig = Rig::printing(3);
    for _ in 0..3 {
        rig.fake.put_out(1);
        rig.run_ms(PRODUCTION.follow_poll_ms);
    }
    assert_eq!(rig.answers_to(1), Vec::<&Event>::new());
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
    let told = rig.events.iter().filter(|event| matches!(event, Event::Progress { .. }));
    let progress = |n_pages_out| Event::Progress { id: RequestId(1), n_pages_out };
    assert_eq!(told.cloned().collect::<Vec<_>>(), [1, 2, 3].map(progress));
    assert_eq!(rig.health(), Health::Ready);
    assert_eq!(rig.fake.documents, [b"%PDF of 3 pages"]);
}

// ---- proof ----

#[test]
fn a_printer_that_counts_nothing_is_believed_and_it_is_said_so() {
    let mut rig = Rig::ready();
    (rig.fake.counts, rig.fake.n_ever) = (false, None);
    rig.print(1, 2);
    rig.fake.put_out(2);
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::NotCounted));
}

#[test]
fn a_printer_with_only_the_counter_of_its_life_proves_by_that() {
    for has_a_zero in [false, true] {
        let mut rig = Rig::ready();
        rig.fake.counts = has_a_zero;
        rig.print(1, 2);
        rig.fake.put_out(2);
        rig.fake.last().n_out = has_a_zero.then_some(0);
        rig.fake.last().state = 9;
        assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter), "{has_a_zero}");
    }
}

#[test]
fn done_with_another_count_is_not_printed() {
    // Counts of the job and of the printer's life, of three pages.
    for (n_out, moved, expected) in [
        (Some(2), Some(2), Some(2)),
        (Some(2), None, Some(2)),
        (Some(0), None, Some(0)),
        (Some(3), Some(0), Some(0)),
        (Some(3), Some(2), Some(2)),
        (None, Some(0), Some(0)),
        (Some(4), None, Some(4)),
    ] {
        let mut rig = Rig::ready();
        if moved.is_none() {
            rig.fake.n_ever = None;
        }
        rig.print(1, 3);
        rig.fake.n_ever = moved.map(|moved| 100 + moved);
        rig.fake.last().n_out = n_out;
        rig.fake.last().state = 9;
        let refusal = uncertain(Fault::Miscounted, expected);
        assert_eq!(rig.refusal_of(1), refusal, "{n_out:?} {moved:?}");
        assert_eq!(rig.n_heard("Print-Job"), 1);
    }
}

#[test]
fn a_counter_that_follows_a_little_later_is_waited_for() {
    let mut rig = Rig::printing(2);
    rig.fake.last().n_out = Some(2);
    rig.fake.last().state = 9;
    rig.run_ms(2 * PRODUCTION.follow_poll_ms);
    assert_eq!(rig.answers_to(1), Vec::<&Event>::new());
    rig.fake.n_ever = Some(102);
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
}

// ---- stops in the middle ----

#[test]
fn a_stop_that_is_mended_in_time_goes_on() {
    let mut rig = Rig::printing(3);
    rig.fake.put_out(1);
    rig.fake.last().state = 6;
    (rig.fake.state, rig.fake.reasons) = (5, vec!["media-empty-error"]);
    rig.run_ms(PRODUCTION.hold_ms - 5_000);
    assert_eq!(rig.health(), Health::Down(Fault::PaperOut));
    (rig.fake.state, rig.fake.reasons) = (4, vec![]);
    rig.fake.put_out(2);
    rig.run_ms(2_000);
    assert_eq!(rig.health(), Health::Ready);
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
    assert_eq!(rig.n_heard("Cancel-Job"), 0);
}

#[test]
fn a_stop_that_nobody_mends_is_cancelled_and_its_pages_are_told() {
    let mut rig = Rig::printing(3);
    rig.fake.put_out(1);
    (rig.fake.state, rig.fake.reasons) = (5, vec!["media-jam-error"]);
    assert_eq!(rig.refusal_of(1), uncertain(Fault::PaperJam, Some(1)));
    assert!(rig.now.0 >= PRODUCTION.hold_ms);
    assert_eq!(rig.fake.last().state, 7);
    // The jam stays; nothing is left in the printer.
    rig.run_ms(10_000);
    assert_eq!(rig.health(), Health::Down(Fault::PaperJam));
}

#[test]
fn a_stop_before_work_on_it_began_leaves_nothing_in_doubt() {
    let mut rig = Rig::printing(2);
    rig.fake.reasons = vec!["media-empty-error"];
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::PaperOut));
    assert_eq!(rig.fake.last().state, 7);
}

#[test]
fn a_job_that_is_stopped_without_a_reason_is_held_too() {
    let mut rig = Rig::printing(2);
    rig.fake.last().state = 6;
    rig.run_ms(2_000);
    assert_eq!(rig.health(), Health::Down(Fault::Paused));
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Paused, Some(0)));
}

#[test]
fn a_printer_that_prints_and_never_gets_on_is_given_up() {
    let mut rig = Rig::printing(2);
    rig.fake.put_out(1);
    rig.fake.state = 4;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Stalled, Some(1)));
    assert_eq!(rig.fake.last().state, 7);
}

#[test]
fn a_job_that_cannot_be_cancelled_is_left_to_the_cleaning() {
    let mut rig = Rig::printing(2);
    rig.fake.put_out(1);
    rig.fake.last().obeys = false;
    rig.cancel(2);
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(1)));
    assert_ne!(rig.health(), Health::Ready);
    rig.print(3, 1);
    assert_eq!(rig.refusal_of(3), Refusal::NotStarted(Fault::Occupied));
    assert_eq!(rig.fake.documents.len(), 1);
}

// ---- cancel ----

#[test]
fn cancelled_before_it_was_sent_nothing_goes_out() {
    let mut rig = Rig::ready();
    rig.fake.state = 4;
    rig.print(1, 1);
    rig.cancel(2);
    assert_eq!(rig.refusal_of(1), Refusal::Stopped);
    assert_eq!(rig.answer_to(2), Event::Done(RequestId(2), Reply::Cancelled));
    rig.fake.state = 3;
    rig.run_ms(60_000);
    assert_eq!(rig.n_heard("Print-Job"), 0);
}

#[test]
fn cancelled_in_the_middle_it_is_told_how_far_it_got() {
    let mut rig = Rig::printing(3);
    rig.fake.put_out(2);
    rig.run_ms(1_500);
    rig.cancel(2);
    assert_eq!(rig.answers_to(2).len(), 1, "answered at once");
    assert_eq!(rig.n_heard("Cancel-Job"), 1, "and told at once");
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(2)));
}

#[test]
fn cancelled_before_work_on_it_began_nothing_came_out() {
    let mut rig = Rig::printing(3);
    rig.cancel(2);
    assert_eq!(rig.refusal_of(1), Refusal::Stopped);
    // Where the printer does not say whether it began, a page may be on its way.
    let mut rig = Rig::printing(3);
    rig.fake.last().has_begun = None;
    rig.cancel(2);
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(0)));
}

#[test]
fn cancelled_too_late_it_is_printed() {
    let mut rig = Rig::printing(1);
    rig.fake.put_out(1);
    rig.fake.last().obeys = false;
    rig.cancel(2);
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
}

#[test]
fn cancelled_with_nothing_open_it_is_answered() {
    let mut rig = Rig::ready();
    rig.cancel(1);
    assert_eq!(rig.answer_to(1), Event::Done(RequestId(1), Reply::Cancelled));
}

// ---- ends that we did not ask for ----

#[test]
fn a_job_that_the_printer_gives_up_is_uncertain_or_unprintable() {
    let mut rig = Rig::printing(3);
    rig.fake.put_out(1);
    rig.fake.last().state = 8;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(1)));

    let mut rig = Rig::printing(3);
    rig.fake.last().reason = "document-format-error";
    rig.fake.last().state = 8;
    assert_eq!(rig.refusal_of(1), Refusal::Unprintable);

    let mut rig = Rig::printing(3);
    rig.fake.put_out(1);
    rig.fake.last().reason = "document-format-error";
    rig.fake.last().state = 8;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(1)));
}

#[test]
fn a_job_that_is_forgotten_or_anothers_is_uncertain() {
    let mut rig = Rig::printing(3);
    rig.fake.put_out(1);
    rig.run_ms(PRODUCTION.follow_poll_ms);
    rig.fake.jobs.clear();
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, Some(1)));

    let mut rig = Rig::printing(3);
    rig.fake.last().name = "somebody's".to_owned();
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Aborted, None));
    rig.run_until(|rig| rig.health() == Health::Ready);
    assert_eq!(rig.fake.last().state, 7, "whoever has the number is a stranger");
}

// ---- the connection ----

#[test]
fn a_printer_that_is_not_there_is_missing_at_once_and_back_when_it_is() {
    let mut rig = Rig::new();
    rig.fake.air = Air::Refused;
    rig.print(1, 1);
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Missing));
    assert_eq!(rig.health(), Health::Down(Fault::Missing));
    rig.fake.air = Air::Clear;
    rig.run_ms(PRODUCTION.down_poll_ms);
    assert_eq!(rig.health(), Health::Ready);
}

#[test]
fn one_missing_answer_is_asked_for_again_and_two_are_a_fault() {
    for (air, fault) in
        [(Air::Silent, Fault::Silent), (Air::Garbage, Fault::Garbage), (Air::Broken, Fault::Silent)]
    {
        let mut rig = Rig::ready();
        rig.fake.spoiled = Some(("Get-Printer-Attributes", air));
        rig.print(1, 1);
        rig.run_ms(PRODUCTION.answer_ms);
        assert_eq!(rig.n_heard("Print-Job"), 1, "{air:?}");

        let mut rig = Rig::ready();
        rig.fake.air = air;
        rig.print(1, 1);
        assert_eq!(rig.refusal_of(1), Refusal::NotStarted(fault), "{air:?}");
        assert_eq!(rig.health(), Health::Down(fault), "{air:?}");
        assert_eq!(rig.n_heard("Print-Job"), 0, "{air:?}");
    }
}

#[test]
fn a_document_whose_answer_is_lost_is_uncertain_and_its_job_is_cleared_away() {
    for (air, fault) in
        [(Air::Broken, Fault::Silent), (Air::Silent, Fault::Silent), (Air::Garbage, Fault::Garbage)]
    {
        let mut rig = Rig::ready();
        rig.fake.spoiled = Some(("Print-Job", air));
        rig.print(1, 2);
        assert_eq!(rig.refusal_of(1), uncertain(fault, None), "{air:?}");
        rig.run_until(|rig| rig.health() == Health::Ready);
        assert!(rig.fake.jobs.values().all(|job| job.state == 7), "{:?}", rig.fake.jobs);
        assert_eq!(rig.n_heard("Print-Job"), 1, "never sent again");
    }
}

#[test]
fn a_document_for_which_there_was_no_connection_was_not_sent() {
    let mut rig = Rig::ready();
    rig.fake.spoiled = Some(("Print-Job", Air::Refused));
    rig.print(1, 2);
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Missing));
    assert_eq!(rig.fake.documents, Vec::<Vec<u8>>::new());
}

#[test]
fn a_printer_that_is_away_for_a_while_is_followed_when_it_is_back() {
    let mut rig = Rig::printing(2);
    rig.fake.air = Air::Refused;
    rig.run_ms(PRODUCTION.lost_ms / 2);
    assert_eq!(rig.health(), Health::Down(Fault::Missing));
    rig.fake.air = Air::Clear;
    rig.fake.put_out(2);
    rig.fake.last().state = 9;
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));
}

#[test]
fn a_printer_that_answers_every_other_question_is_not_followed_for_ever() {
    let mut rig = Rig::printing(2);
    rig.fake.put_out(1);
    rig.fake.state = 2;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Garbage, Some(1)));
    let mut rig = Rig::ready();
    for _ in 0..8 {
        rig.fake.status = Some(("Get-Jobs", 0x0500));
        rig.run_ms(PRODUCTION.idle_poll_ms);
    }
    rig.fake.status = Some(("Get-Jobs", 0x0500));
    rig.print(1, 1);
    rig.fake.status = Some(("Get-Jobs", 0x0500));
    assert_eq!(rig.refusal_of(1), Refusal::NotStarted(Fault::Garbage));
}

#[test]
fn a_printer_that_stays_away_leaves_its_document_uncertain() {
    let mut rig = Rig::printing(2);
    rig.fake.put_out(1);
    rig.run_ms(PRODUCTION.follow_poll_ms);
    rig.fake.air = Air::Refused;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Missing, Some(1)));
    rig.fake.air = Air::Clear;
    rig.run_until(|rig| rig.health() == Health::Ready);
    assert_eq!(rig.fake.last().state, 7);
}

#[test]
fn a_printer_that_goes_away_after_the_end_is_not_believed() {
    let mut rig = Rig::printing(1);
    rig.fake.put_out(1);
    rig.fake.last().state = 9;
    rig.run_until(|rig| rig.core.state() == "counting" || !rig.answers_to(1).is_empty());
    // The count was taken in the same moment: there is nothing between to lose it in.
    assert_eq!(rig.answer_to(1), printed(Counted::ByPrinter));

    let mut rig = Rig::printing(1);
    rig.fake.last().n_out = Some(1);
    rig.fake.last().state = 9;
    rig.run_until(|rig| rig.core.state() == "counting");
    rig.fake.air = Air::Refused;
    assert_eq!(rig.refusal_of(1), uncertain(Fault::Missing, Some(1)));
}
