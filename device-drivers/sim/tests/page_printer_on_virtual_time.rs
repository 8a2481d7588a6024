//! The page printer's driver and its twin, with nothing between them, on virtual time: what comes
//! out, and what is said of it.

use device_api::{
    RequestId,
    page_printer::{
        Counted, Document, Event, Fault, Format, Health, Loaded, Refusal, Reply, Request,
    },
};
use device_drivers::page_printer::timings::PRODUCTION;
use device_sim::page_printer::{
    Act, Board, Cancelling, Counting, Cover, Formats, Media, Network, PagePrinterLook, Panel,
    Power, Queueing, State, Tray,
    bench::Bench,
    mechanism::End,
    sample,
    trouble::{Planned, Trouble},
};
use kiosk_words::{Moment, Private};

const UNCERTAIN: fn(Fault, u16) -> Result<Counted, Refusal> =
    |fault, n| Err(Refusal::Uncertain { fault, n_pages_out: Some(n) });

struct Rig {
    bench: Bench,
    now: Moment,
    events: Vec<Event>,
}

impl Rig {
    fn new() -> Self {
        Self { bench: Bench::default(), now: Moment(0), events: Vec::new() }
    }

    fn ready() -> Self {
        let mut rig = Self::new();
        rig.until(|rig| rig.health() == Health::Ready);
        rig
    }

    fn health(&self) -> Health {
        self.bench.status().health
    }

    fn touch(&mut self, act: Act) {
        self.bench.touch(act, self.now);
    }

    fn look(&mut self) -> PagePrinterLook {
        self.bench.look(self.now)
    }

    fn ask(&mut self, id: u64, request: Request) {
        let events = self.bench.ask(RequestId(id), request, self.now);
        self.events.extend(events);
    }

    fn print(&mut self, id: u64, n_pages: u16) {
        self.ask(id, Request::Print(pdf(n_pages)));
    }

    fn until(&mut self, is_it: impl Fn(&mut Self) -> bool) {
        let end = self.now.plus_ms(900_000);
        while !is_it(self) {
            let due = self.bench.deadline().expect("something is always waited for");
            assert!(due <= end, "does not come: {:?} {:?}", self.look(), self.events);
            self.now = self.now.max(due);
            let events = self.bench.run(self.now);
            self.events.extend(events);
        }
    }

    fn passes(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while let Some(due) = self.bench.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let events = self.bench.run(self.now);
            self.events.extend(events);
        }
        self.now = end;
    }

    fn until_pages(&mut self, n_pages: usize) {
        self.until(|rig| rig.look().sheets.len() == n_pages);
    }

    fn outcome(&mut self, id: u64) -> Result<Counted, Refusal> {
        let id = RequestId(id);
        self.until(|rig| rig.events.iter().any(|event| event.answers() == Some(id)));
        let answers: Vec<_> = self.events.iter().filter(|e| e.answers() == Some(id)).collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        match answers[0] {
            Event::Done(_, Reply::Printed { counted }) => Ok(*counted),
            Event::Refused(_, refusal) => Err(*refusal),
            other @ (Event::Done(_, Reply::Cancelled)
            | Event::StatusChanged(_)
            | Event::Identified(_)
            | Event::Progress { .. }) => panic!("{other:?}"),
        }
    }

    /// Pages of documents that lie in the bin, each with how it ended.
    fn pages(&mut self) -> Vec<(u16, End)> {
        self.look().sheets.iter().map(|sheet| (sheet.page, sheet.end)).collect()
    }
}

fn pdf(n_pages: u16) -> Document {
    Document { format: Format::Pdf, bytes: Private::new(sample::pdf(n_pages)), n_pages }
}

const fn whole(pages: &[u16]) -> usize {
    pages.len()
}

#[test]
fn three_pages_come_out_are_counted_and_are_the_pages_that_were_sent() {
    for (format, bytes) in [(Format::Pdf, sample::pdf(3)), (Format::PwgRaster, sample::raster(3))] {
        let mut rig = Rig::ready();
        let document = Document { format, bytes: Private::new(bytes), n_pages: 3 };
        rig.ask(1, Request::Print(document));
        assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter), "{format:?}");
        let sheets = rig.look().sheets;
        assert_eq!(sheets.len(), whole(&[1, 2, 3]));
        for sheet in sheets {
            let n_squares = sample::n_squares(&sheet.picture().unwrap());
            assert_eq!((n_squares, sheet.end), (u64::from(sheet.page), End::Whole));
            assert_eq!(sheet.job, "nightdesk-1");
        }
        assert_eq!(rig.health(), Health::Ready);
    }
}

#[test]
fn what_a_stranger_sent_does_not_come_out_in_the_next_session() {
    let mut rig = Rig::new();
    rig.touch(Act::AddStranger { n_pages: 9 });
    rig.until(|rig| rig.health() == Health::Ready);
    let n_strange = rig.look().sheets.len();
    rig.touch(Act::AddStranger { n_pages: 9 });
    rig.print(1, 2);
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    let jobs: Vec<_> = rig.look().sheets.iter().map(|sheet| sheet.job.clone()).collect();
    let ours = jobs.iter().position(|job| job == "nightdesk-1").unwrap();
    assert!(jobs[ours..].iter().all(|job| job == "nightdesk-1"), "{jobs:?}");
    assert!(n_strange <= 1 && ours <= 2, "the page that was on its way, and no more: {jobs:?}");
}

#[test]
fn a_stranger_that_cannot_be_removed_keeps_the_printer_occupied() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetPaper { n_sheets: 0 });
    rig.touch(Act::SetCancelling(Cancelling::Refuses));
    rig.touch(Act::AddStranger { n_pages: 1 });
    rig.passes(PRODUCTION.clean_ms + 10_000);
    rig.touch(Act::SetPaper { n_sheets: 100 });
    rig.touch(Act::SetPanel(Panel::Paused));
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), Err(Refusal::NotStarted(Fault::Paused)));
    rig.touch(Act::SetPanel(Panel::Running));
    rig.touch(Act::SetSpeed { first_page_ms: 0, page_ms: 600_000 });
    rig.until(|rig| rig.health() == Health::Down(Fault::Occupied));
    rig.print(2, 1);
    assert_eq!(rig.outcome(2), Err(Refusal::NotStarted(Fault::Occupied)));
    assert_eq!(rig.pages(), []);
}

#[test]
fn each_fault_is_seen_before_a_page_and_again_when_it_is_gone() {
    for (breaks, mends, fault) in [
        (Act::SetPaper { n_sheets: 0 }, Act::SetPaper { n_sheets: 9 }, Fault::PaperOut),
        (Act::SetMedia(Media::Letter), Act::SetMedia(Media::A4), Fault::WrongPaper),
        (Act::SetTray(Tray::Out), Act::SetTray(Tray::In), Fault::TrayMissing),
        (Act::SetCover(Cover::Open), Act::SetCover(Cover::Closed), Fault::CoverOpen),
        (Act::SetToner { percent: 0 }, Act::SetToner { percent: 80 }, Fault::TonerEmpty),
        (Act::FillBin { n_sheets: 100 }, Act::TakeSheets, Fault::OutputFull),
        (Act::SetPanel(Panel::Paused), Act::SetPanel(Panel::Running), Fault::Paused),
        (Act::SetBoard(Board::Broken), Act::SetBoard(Board::Working), Fault::NeedsTechnician),
        (Act::SetAccepting(false), Act::SetAccepting(true), Fault::NotAccepting),
        (Act::SetPower(Power::Off), Act::SetPower(Power::On), Fault::Missing),
        (Act::SetNetwork(Network::Unplugged), Act::SetNetwork(Network::Plugged), Fault::Missing),
        (Act::SetNetwork(Network::Hung), Act::SetNetwork(Network::Plugged), Fault::Silent),
    ] {
        let mut rig = Rig::ready();
        rig.touch(breaks);
        rig.print(1, 1);
        assert_eq!(rig.outcome(1), Err(Refusal::NotStarted(fault)), "{fault:?}");
        assert_eq!(rig.health(), Health::Down(fault));
        assert_eq!(rig.pages(), [], "{fault:?}");
        rig.touch(mends);
        rig.until(|rig| rig.health() == Health::Ready);
        rig.print(2, 1);
        assert_eq!(rig.outcome(2), Ok(Counted::ByPrinter), "after {fault:?}");
    }
}

#[test]
fn a_look_that_began_before_the_document_was_there_is_not_enough() {
    let mut rig = Rig::ready();
    rig.touch(Act::Plan(Planned::new(Trouble::Late { ms: 3_000 }).on("get_jobs")));
    let n_before = rig.look().n_requests;
    rig.until(|rig| rig.look().n_requests == n_before + 2);
    rig.touch(Act::SetCover(Cover::Open));
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), Err(Refusal::NotStarted(Fault::CoverOpen)));
    assert_eq!(rig.look().jobs, [], "it never had the document");
}

#[test]
fn supplies_that_run_low_are_told_and_a_printer_may_say_nothing_of_its_paper() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetPaper { n_sheets: 10 });
    rig.touch(Act::SetToner { percent: 5 });
    rig.touch(Act::FillBin { n_sheets: 85 });
    rig.touch(Act::SetMedia(Media::Unsaid));
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    let status = rig.bench.status();
    assert!(status.paper_low && status.toner_low && status.output_nearly_full);
    assert_eq!(status.a4, Loaded::Unknown);
}

// ---- stops in the middle ----

#[test]
fn paper_that_runs_out_at_page_two_and_is_refilled_goes_on() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetPaper { n_sheets: 1 });
    rig.print(1, 3);
    rig.until(|rig| rig.look().jobs.iter().any(|job| job.state == State::Stopped));
    rig.passes(60_000);
    assert_eq!(rig.health(), Health::Down(Fault::PaperOut));
    rig.touch(Act::SetPaper { n_sheets: 50 });
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    assert_eq!(rig.pages(), [(1, End::Whole), (2, End::Whole), (3, End::Whole)]);
}

#[test]
fn paper_that_is_not_refilled_ends_the_document_and_nothing_follows() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetPaper { n_sheets: 1 });
    rig.print(1, 3);
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::PaperOut, 1));
    assert!(rig.now.0 > PRODUCTION.hold_ms);
    rig.touch(Act::SetPaper { n_sheets: 50 });
    rig.passes(120_000);
    assert_eq!(rig.pages(), [(1, End::Whole)], "the rest does not come out for somebody else");
}

#[test]
fn a_jam_leaves_half_a_page_which_is_printed_again_when_it_is_cleared() {
    let mut rig = Rig::ready();
    rig.touch(Act::JamAt { page: 2 });
    rig.print(1, 2);
    rig.until(|rig| rig.health() == Health::Down(Fault::PaperJam));
    rig.touch(Act::SetCover(Cover::Open));
    rig.passes(5_000);
    rig.touch(Act::SetCover(Cover::Closed));
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    assert_eq!(rig.pages(), [(1, End::Whole), (2, End::Half), (2, End::Whole)]);
}

#[test]
fn a_jam_that_stays_is_told_with_the_pages_before_it() {
    let mut rig = Rig::ready();
    rig.touch(Act::JamAt { page: 3 });
    rig.print(1, 3);
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::PaperJam, 2));
    rig.touch(Act::ClearJam);
    rig.until(|rig| rig.health() == Health::Ready);
    assert_eq!(rig.pages().len(), 3, "the half page is somebody's too");
}

#[test]
fn a_cover_that_is_opened_over_a_moving_page_is_waited_for() {
    let mut rig = Rig::ready();
    rig.print(1, 2);
    rig.until_pages(1);
    rig.passes(500);
    rig.touch(Act::SetCover(Cover::Open));
    rig.until(|rig| rig.health() != Health::Ready);
    rig.touch(Act::SetCover(Cover::Closed));
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    assert_eq!(rig.pages(), [(1, End::Whole), (2, End::Half), (2, End::Whole)]);
}

#[test]
fn a_printer_that_takes_for_ever_over_a_page_is_given_up() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetSpeed { first_page_ms: 0, page_ms: 800_000 });
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::Stalled, 0));
    // The page is on its way still: nobody else's document goes out before it is out.
    rig.print(2, 1);
    assert_eq!(rig.outcome(2), Err(Refusal::NotStarted(Fault::Occupied)));
}

#[test]
fn a_session_that_ends_takes_its_document_out_of_the_printer() {
    let mut rig = Rig::ready();
    rig.print(1, 9);
    rig.until_pages(2);
    rig.ask(2, Request::Cancel);
    let n_out = match rig.outcome(1) {
        Err(Refusal::Uncertain { fault: Fault::Aborted, n_pages_out: Some(n_out) }) => n_out,
        other => panic!("{other:?}"),
    };
    assert_eq!(rig.pages().len(), usize::from(n_out), "as many as it says");
    assert!(n_out <= 3);
    rig.passes(60_000);
    assert_eq!(rig.pages().len(), usize::from(n_out));
}

#[test]
fn a_session_that_ends_before_the_first_page_has_nothing_printed() {
    let mut rig = Rig::ready();
    rig.touch(Act::Plan(Planned::new(Trouble::Late { ms: 3_000 }).on("get_jobs")));
    rig.print(1, 1);
    rig.ask(2, Request::Cancel);
    assert_eq!(rig.outcome(1), Err(Refusal::Stopped));
    rig.passes(60_000);
    assert_eq!(rig.pages(), []);
}

#[test]
fn a_session_that_ends_while_its_document_is_on_its_way_has_it_cancelled_on_arrival() {
    let mut rig = Rig::ready();
    rig.touch(Act::Plan(Planned::new(Trouble::Late { ms: 4_000 }).on("print_job")));
    rig.print(1, 9);
    rig.until(|rig| rig.look().requests.contains(&"print_job"));
    rig.ask(2, Request::Cancel);
    assert!(rig.events.contains(&Event::Done(RequestId(2), Reply::Cancelled)), "at once");
    let outcome = rig.outcome(1);
    let uncertain = matches!(outcome, Err(Refusal::Uncertain { fault: Fault::Aborted, .. }));
    assert!(uncertain, "{outcome:?}");
    rig.passes(60_000);
    assert!(rig.pages().len() <= 2, "{:?}", rig.pages());
}

#[test]
fn a_cancel_that_is_refused_ends_in_doubt_and_the_printer_is_not_used_before_it_is_empty() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetCancelling(Cancelling::Refuses));
    rig.touch(Act::SetSpeed { first_page_ms: 3_000, page_ms: 10_000 });
    rig.print(1, 9);
    rig.until_pages(1);
    rig.ask(2, Request::Cancel);
    assert!(matches!(
        rig.outcome(1),
        Err(Refusal::Uncertain { fault: Fault::Aborted, n_pages_out: Some(1..) })
    ));
    assert_eq!(rig.health(), Health::Starting);
    rig.print(3, 1);
    assert_eq!(rig.outcome(3), Err(Refusal::NotStarted(Fault::Occupied)));
    rig.until(|rig| rig.health() == Health::Ready);
    assert_eq!(rig.pages().len(), 9);
}

// ---- counts ----

#[test]
fn a_lie_is_found_and_silence_is_said() {
    for (counting, expected, n_out) in [
        (Counting::Honest, Ok(Counted::ByPrinter), 3),
        (Counting::LifeOnly, Ok(Counted::ByPrinter), 3),
        (Counting::Nothing, Ok(Counted::NotCounted), 3),
        (Counting::ClaimsAll, UNCERTAIN(Fault::Miscounted, 0), 0),
        (Counting::StopsShort, UNCERTAIN(Fault::Miscounted, 2), 2),
    ] {
        let mut rig = Rig::ready();
        rig.touch(Act::SetCounting(counting));
        rig.print(1, 3);
        assert_eq!(rig.outcome(1), expected, "{counting:?}");
        assert_eq!(rig.pages().len(), n_out, "{counting:?}");
    }
}

#[test]
fn more_pages_than_the_document_has_are_not_believed() {
    let mut rig = Rig::ready();
    let bytes = Private::new(sample::pdf(2));
    rig.ask(1, Request::Print(Document { format: Format::Pdf, bytes, n_pages: 3 }));
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::Miscounted, 2));
}

// ---- documents ----

#[test]
fn documents_that_the_printer_cannot_print_are_unprintable() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetFormats(Formats::RasterOnly));
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), Err(Refusal::Unprintable));
    let bytes = Private::new(b"RaS2 and then nothing".to_vec());
    rig.ask(2, Request::Print(Document { format: Format::PwgRaster, bytes, n_pages: 1 }));
    assert_eq!(rig.outcome(2), Err(Refusal::Unprintable));
    rig.until(|rig| rig.health() == Health::Ready);
    assert_eq!(rig.pages(), []);
}

#[test]
fn a_printer_with_one_place_that_is_taken_says_busy() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetQueueing(Queueing::RefusesSecond));
    rig.touch(Act::Plan(Planned::new(Trouble::Status { code: 0x0507 }).on("print_job")));
    rig.print(1, 1);
    assert_eq!(rig.outcome(1), Err(Refusal::NotStarted(Fault::Occupied)));
    rig.print(2, 1);
    assert_eq!(rig.outcome(2), Ok(Counted::ByPrinter));
}

// ---- power and network ----

#[test]
fn a_printer_that_keeps_its_queue_prints_on_after_a_power_cut_and_is_believed() {
    let mut rig = Rig::ready();
    rig.print(1, 3);
    rig.until_pages(1);
    rig.passes(200);
    rig.touch(Act::SetPower(Power::Off));
    rig.passes(10_000);
    assert_eq!(rig.health(), Health::Down(Fault::Missing));
    rig.touch(Act::SetPower(Power::On));
    assert_eq!(rig.outcome(1), Ok(Counted::ByPrinter));
    assert_eq!(rig.pages(), [(1, End::Whole), (2, End::Half), (2, End::Whole), (3, End::Whole)]);
}

#[test]
fn a_printer_that_loses_its_queue_leaves_a_doubt() {
    let mut rig = Rig::ready();
    rig.touch(Act::SetQueueMemory { keeps: false });
    rig.print(1, 3);
    rig.until_pages(1);
    rig.passes(1_200);
    rig.touch(Act::SetPower(Power::Off));
    rig.passes(5_000);
    rig.touch(Act::SetPower(Power::On));
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::Aborted, 1));
    rig.until(|rig| rig.health() == Health::Ready);
}

#[test]
fn a_printer_that_comes_back_too_late_does_not_print_on() {
    let mut rig = Rig::ready();
    rig.print(1, 5);
    rig.until_pages(1);
    rig.passes(1_200);
    rig.touch(Act::SetPower(Power::Off));
    assert_eq!(rig.outcome(1), UNCERTAIN(Fault::Missing, 1));
    rig.touch(Act::SetPaper { n_sheets: 0 });
    rig.touch(Act::SetPower(Power::On));
    rig.passes(30_000);
    rig.touch(Act::SetPaper { n_sheets: 50 });
    rig.passes(60_000);
    let n_whole = rig.pages().iter().filter(|(_, end)| *end == End::Whole).count();
    assert_eq!(n_whole, 1, "{:?}", rig.pages());
}

#[test]
fn a_station_that_starts_again_clears_what_it_left_in_the_printer() {
    let mut rig = Rig::ready();
    rig.print(1, 9);
    rig.until_pages(1);
    rig.bench.program_restarts();
    rig.until(|rig| rig.health() == Health::Ready);
    let n_out = rig.pages().len();
    assert!(n_out <= 3, "{n_out}");
    rig.passes(60_000);
    assert_eq!(rig.pages().len(), n_out);
}

#[test]
fn each_wrong_answer_to_each_question_ends_in_an_honest_word() {
    let kinds = [
        Trouble::Mute,
        Trouble::Cut,
        Trouble::Drop,
        Trouble::Late { ms: 3_000 },
        Trouble::Truncate,
        Trouble::Garble,
        Trouble::WebPage,
        Trouble::Status { code: 0x0500 },
    ];
    for kind in kinds {
        for on in ["get_printer_attributes", "get_jobs", "get_job_attributes", "print_job"] {
            let mut rig = Rig::ready();
            rig.touch(Act::Plan(Planned::new(kind).on(on)));
            rig.print(1, 2);
            let outcome = rig.outcome(1);
            // Once is forgiven, except where a document was on its way.
            match (on, kind) {
                ("print_job", Trouble::Late { .. }) => assert_eq!(outcome, Ok(Counted::ByPrinter)),
                ("print_job", _) => assert!(
                    matches!(outcome, Err(Refusal::Uncertain { n_pages_out: None, .. })),
                    "{kind:?}: {outcome:?}"
                ),
                _ => assert_eq!(outcome, Ok(Counted::ByPrinter), "{kind:?} on {on}"),
            }
            rig.until(|rig| rig.health() == Health::Ready);
            rig.passes(30_000);
            let n_pages = rig.pages().len();
            rig.print(2, 1);
            assert_eq!(rig.outcome(2), Ok(Counted::ByPrinter), "after {kind:?} on {on}");
            assert_eq!(rig.pages().len(), n_pages + 1, "and nothing else with it");
        }
    }
}
