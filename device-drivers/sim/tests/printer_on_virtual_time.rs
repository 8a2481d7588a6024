//! The driver's core against the twin of the printer, without pump and pty, on virtual time: what
//! hands may do to a printer, in any order, and what must never come out of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paper;

use std::{collections::BTreeMap, sync::Arc};

use device_api::{
    RequestId,
    receipt_printer::{Event, Fault, Health, Refusal, Reply, Request, Slip},
};
use device_drivers::{
    machine::{Input, Machine as _, Output},
    receipt_printer::{Baud, ReceiptPrinter, codec::Command, timings::PRODUCTION},
};
use device_sim::{
    port::Twin as _,
    printer::{
        Act, Board, Button, Clearing, Cover, Cutter, Head, PrinterLook, PrinterTwin,
        paper::{End, Entry, Paper},
        trouble::{Planned, Trouble},
    },
    wire::Speak,
};
use kiosk_words::Moment;
use paper::{line, slip_of, typeface};
use proptest::prelude::*;

const LIMIT_MS: u64 = 120_000;
/// What the pump waits before it opens a link again.
const REOPEN_MS: u64 = 250;

struct World {
    core: ReceiptPrinter,
    twin: PrinterTwin,
    now: Moment,
    /// On the way to the driver, by time.
    said: Vec<Speak>,
    /// When the link is opened again; absent while it is open or the cable is out.
    open_at: Option<Moment>,
    linked: bool,
    events: Vec<Event>,
    next_id: u64,
}

impl World {
    fn new(baud: Baud) -> Self {
        let mut twin = PrinterTwin::new(typeface());
        twin.touch(Act::SetBaud(baud), Moment(0));
        let core = ReceiptPrinter::new(baud, typeface(), PRODUCTION);
        Self {
            core,
            twin,
            now: Moment(0),
            said: Vec::new(),
            open_at: Some(Moment(0)),
            linked: false,
            events: Vec::new(),
            next_id: 0,
        }
    }

    fn ready() -> Self {
        let mut world = Self::new(Baud::B115200);
        world.until(|world| world.core.status().health == Health::Ready);
        world.touch(Act::TakePapers);
        world
    }

    fn feed(&mut self, input: Input<'_, Request>) {
        for output in self.core.handle(input, self.now) {
            match output {
                Output::Write(bytes) => {
                    let said = self.twin.hear(&bytes, self.now);
                    self.hear(said);
                }
                Output::Tell(event) => self.events.push(event),
                Output::CloseLink(_) => {
                    self.linked = false;
                    self.said.clear();
                    self.open_at = Some(self.now.plus_ms(REOPEN_MS));
                }
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
            }
        }
    }

    fn hear(&mut self, said: Vec<Speak>) {
        if self.linked {
            self.said.extend(said);
            self.said.sort_by_key(|speak| speak.at);
        }
    }

    fn touch(&mut self, act: Act) {
        let said = self.twin.touch(act, self.now);
        self.hear(said);
    }

    fn pull_cable(&mut self) {
        self.said.clear();
        self.open_at = None;
        if std::mem::take(&mut self.linked) {
            self.feed(Input::LinkDown);
        }
    }

    fn put_cable_in(&mut self) {
        if !self.linked && self.open_at.is_none() {
            self.open_at = Some(self.now);
        }
    }

    fn next_due(&self) -> Option<Moment> {
        let core = self.core.deadline().filter(|_| self.linked);
        let said = self.said.first().map(|speak| speak.at);
        [core, said, self.twin.deadline(), self.open_at].into_iter().flatten().min()
    }

    /// Goes on to the next thing that happens, at most until then.
    fn go_on(&mut self, until: Moment) {
        self.now = self.next_due().unwrap_or(until).min(until).max(self.now);
        if self.open_at.is_some_and(|at| at <= self.now) {
            self.open_at = None;
            self.linked = true;
            self.feed(Input::LinkUp);
        }
        while self.said.first().is_some_and(|speak| speak.at <= self.now) {
            let speak = self.said.remove(0);
            self.feed(Input::Chunk(&speak.bytes));
        }
        let said = self.twin.pass_time(self.now);
        self.hear(said);
        if self.linked && self.core.deadline().is_some_and(|due| due <= self.now) {
            self.feed(Input::Tick);
        }
    }

    fn until(&mut self, is: impl Fn(&Self) -> bool) {
        let limit = self.now.plus_ms(LIMIT_MS);
        while !is(self) {
            assert!(self.now < limit, "never: {:?} {:?}", self.core, self.look());
            self.go_on(limit);
        }
    }

    fn run_ms(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while self.now < until {
            self.go_on(until);
        }
    }

    fn look(&self) -> PrinterLook {
        self.twin.look(self.now)
    }

    fn papers(&self) -> Vec<Arc<Paper>> {
        self.look().papers
    }

    fn print(&mut self, slip: Slip) -> RequestId {
        self.next_id += 1;
        let id = RequestId(self.next_id);
        let ask = Request::Print { slip: Box::new(slip), reprint: false };
        self.feed(Input::Ask(id, ask));
        id
    }

    fn answer(&mut self, id: RequestId) -> Result<(), Refusal> {
        self.until(|world| world.outcome(id).is_some());
        self.outcome(id).unwrap()
    }

    fn outcome(&self, id: RequestId) -> Option<Result<(), Refusal>> {
        self.events.iter().find_map(|event| match event {
            Event::Done(done, Reply::Printed) if *done == id => Some(Ok(())),
            Event::Refused(refused, refusal) if *refused == id => Some(Err(*refusal)),
            Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => None,
        })
    }

    /// Prints until so much of the slip hangs out.
    fn begin(&mut self, slip: Slip, mm: u32) -> RequestId {
        let id = self.print(slip);
        self.until(|world| world.look().hanging_mm >= mm);
        id
    }

    fn until_ready(&mut self) {
        self.until(|world| world.core.status().health == Health::Ready);
    }

    /// The next person's slip comes out whole and alone.
    fn expect_next_slip_is_clean(&mut self) {
        self.touch(Act::TakePapers);
        let id = self.print(slip_of("李四", 12));
        assert_eq!(self.answer(id), Ok(()), "{:?}", self.look());
        let papers = self.papers();
        let own = papers.last().unwrap();
        assert_eq!(own.end, End::Cut);
        assert!(own.text().contains("李四 第12行") && own.text().contains("李四 第1行"));
        assert!(!own.text().contains("张三"), "{}", own.text());
        let look = self.look();
        assert_eq!((look.n_unknown, look.n_boxes, look.n_lost), (0, 0, 0));
    }
}

#[test]
fn a_slip_comes_out_whole_at_every_rate() {
    for baud in Baud::ALL {
        let mut world = World::new(baud);
        world.until_ready();
        world.touch(Act::TakePapers);
        let id = world.print(slip_of("张三", 20));
        assert_eq!(world.answer(id), Ok(()), "{baud:?}");
        let papers = world.papers();
        let [paper] = &papers[..] else { panic!("{} papers", papers.len()) };
        assert_eq!((paper.end, paper.text().lines().count()), (End::Cut, 22));
        assert!(paper.entries.contains(&Entry::Code { text: "OF 20".to_owned() }));
        world.expect_next_slip_is_clean();
    }
}

#[test]
fn printed_is_not_said_before_the_paper_is_cut() {
    let mut world = World::ready();
    let id = world.print(slip_of("张三", 20));
    world.until(|world| {
        assert!(world.outcome(id).is_none() || !world.papers().is_empty(), "too early");
        world.outcome(id).is_some()
    });
}

#[test]
fn the_end_of_the_paper_in_the_middle_tears_one_slip_and_not_the_next() {
    for clearing in [Clearing::CutterErrors, Clearing::AnyStop] {
        for left_mm in [5, 40, 80, 95] {
            let mut world = World::ready();
            world.touch(Act::SetClearing(clearing));
            world.touch(Act::SetPaper { left_mm });
            let id = world.print(slip_of("张三", 20));
            let refusal = world.answer(id);
            assert_eq!(refusal, Err(Refusal::Uncertain(Fault::PaperOut)), "{left_mm} mm");
            world.run_ms(8_000);
            world.touch(Act::SetPaper { left_mm: 10_000 });
            world.until_ready();
            world.expect_next_slip_is_clean();
        }
    }
}

#[test]
fn a_cover_opened_in_the_middle_tears_one_slip_and_not_the_next() {
    for clearing in [Clearing::CutterErrors, Clearing::AnyStop] {
        for mm in [2, 30, 60] {
            let mut world = World::ready();
            world.touch(Act::SetClearing(clearing));
            let id = world.begin(slip_of("张三", 20), mm);
            world.touch(Act::SetCover(Cover::Open));
            assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::CoverOpen)), "{mm} mm");
            world.run_ms(5_000);
            world.touch(Act::SetCover(Cover::Closed));
            world.until_ready();
            world.expect_next_slip_is_clean();
        }
    }
}

#[test]
fn a_stuck_cutter_leaves_the_slip_uncertain_until_it_is_free() {
    let mut world = World::ready();
    world.touch(Act::SetCutter(Cutter::Jammed));
    let id = world.print(slip_of("张三", 20));
    assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Cutter)));
    world.run_ms(20_000);
    assert_eq!(world.core.status().health, Health::Down(Fault::Cutter));
    let id = world.print(slip_of("李四", 3));
    assert_eq!(world.answer(id), Err(Refusal::NotStarted(Fault::Cutter)));
    world.touch(Act::SetCutter(Cutter::Free));
    world.until_ready();
    world.expect_next_slip_is_clean();
}

#[test]
fn a_hot_head_only_makes_it_take_longer() {
    let mut world = World::ready();
    let id = world.begin(slip_of("张三", 20), 30);
    world.touch(Act::SetHead(Head::Hot));
    world.run_ms(10_000);
    assert_eq!(world.core.status().health, Health::Down(Fault::Hot));
    world.touch(Act::SetHead(Head::Cool));
    assert_eq!(world.answer(id), Ok(()));
    world.expect_next_slip_is_clean();
}

#[test]
fn somebody_holding_the_feed_button_only_makes_it_take_longer() {
    let mut world = World::ready();
    let id = world.begin(slip_of("张三", 20), 30);
    world.touch(Act::SetButton(Button::Held));
    world.run_ms(3_000);
    assert_eq!(world.core.status().health, Health::Down(Fault::OffLine));
    world.touch(Act::SetButton(Button::Released));
    assert_eq!(world.answer(id), Ok(()));
}

#[test]
fn a_broken_printer_says_so() {
    let mut world = World::ready();
    let id = world.begin(slip_of("张三", 20), 30);
    world.touch(Act::SetBoard(Board::Broken));
    assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Unrecoverable)));
}

#[test]
fn a_printer_that_dies_in_the_middle_is_silent_and_comes_back_clean() {
    let mut world = World::ready();
    world.touch(Act::Plan(Planned::new(Trouble::Die { after_mm: 30 })));
    let id = world.print(slip_of("张三", 20));
    assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Silent)));
    world.run_ms(10_000);
    assert_eq!(world.core.status().health, Health::Down(Fault::Silent));
    world.touch(Act::PowerCycle);
    world.until_ready();
    world.expect_next_slip_is_clean();
}

#[test]
fn a_power_cut_in_the_middle_is_noticed_although_the_printer_is_well_again() {
    for mm in [2, 30, 60, 110] {
        let mut world = World::ready();
        let id = world.begin(slip_of("张三", 20), mm);
        world.touch(Act::PowerCycle);
        assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Silent)), "{mm} mm");
        world.until_ready();
        world.expect_next_slip_is_clean();
    }
}

#[test]
fn a_printer_that_lies_about_its_paper_is_not_believed() {
    let mut world = World::ready();
    world.touch(Act::SetPaper { left_mm: 40 });
    let always = |byte, on| Act::Plan(Planned::new(Trouble::Say { byte }).on(on).times(u32::MAX));
    world.touch(always(0x12, "status"));
    world.touch(Act::Plan(Planned::new(Trouble::Mute).on("notice").times(u32::MAX)));
    let id = world.print(slip_of("张三", 20));
    assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Silent)));
}

#[test]
fn a_cable_pulled_in_the_middle_of_a_picture_tears_one_slip_and_not_the_next() {
    for (baud, ms) in [(Baud::B19200, 300), (Baud::B19200, 700), (Baud::B115200, 60)] {
        let mut world = World::new(baud);
        world.until_ready();
        let pictures = Slip { parts: vec![line("张三 㛃䶮㛃䶮㛃䶮㛃䶮㛃䶮㛃䶮"); 9] };
        let id = world.print(pictures);
        world.run_ms(ms);
        world.pull_cable();
        assert_eq!(world.answer(id), Err(Refusal::Uncertain(Fault::Missing)));
        world.run_ms(3_000);
        world.put_cable_in();
        world.until_ready();
        world.expect_next_slip_is_clean();
    }
}

#[test]
fn spoiled_answers_cost_a_question_and_no_slip() {
    for trouble in [Trouble::Mute, Trouble::Garble, Trouble::Late { ms: 300 }] {
        let mut world = World::ready();
        world.touch(Act::Plan(Planned::new(trouble).on("status")));
        let id = world.print(slip_of("张三", 20));
        assert_eq!(world.answer(id), Ok(()), "{trouble:?}");
        world.expect_next_slip_is_clean();
    }
}

#[test]
fn a_name_that_the_printer_does_not_know_comes_out_as_dots() {
    let mut world = World::ready();
    let id = world.print(Slip { parts: vec![line("姓名：㛃䶮"), line("姓名：张三")] });
    assert_eq!(world.answer(id), Ok(()));
    let papers = world.papers();
    let paper = papers.last().unwrap();
    let Entry::Picture { height_dots, black_dots, .. } = paper.entries[0] else {
        panic!("not as a picture: {:?}", paper.entries)
    };
    assert!(height_dots == 30 && black_dots > 400, "{height_dots} {black_dots}");
    assert_eq!(paper.text(), "姓名：张三");
    assert_eq!(world.look().n_boxes, 0);
    // A name of no font refuses the slip instead.
    let id = world.print(Slip { parts: vec![line("姓名：\u{2B820}")] });
    assert_eq!(world.answer(id), Err(Refusal::Unprintable));
}

#[test]
fn as_text_such_a_name_would_be_boxes() {
    let mut world = World::ready();
    let (text, _, _) = encoding_rs::GB18030.encode("㛃䶮");
    let bytes = [&text[..], &Command::LineFeed.encode()].concat();
    let said = world.twin.hear(&bytes, world.now);
    world.hear(said);
    world.run_ms(1_000);
    assert!(world.look().n_boxes >= 2, "{:?}", world.look());
}

#[derive(Debug, Clone)]
enum Hand {
    Print(u8),
    Cancel,
    Act(Act),
    PullCable,
    PutCableIn,
}

fn hand() -> impl Strategy<Value = Hand> {
    let act = prop_oneof![
        3 => (0_u32..150).prop_map(|left_mm| Act::SetPaper { left_mm }),
        4 => Just(Act::SetPaper { left_mm: 20_000 }),
        2 => Just(Act::SetCover(Cover::Open)),
        4 => Just(Act::SetCover(Cover::Closed)),
        1 => Just(Act::SetCutter(Cutter::Jammed)),
        3 => Just(Act::SetCutter(Cutter::Free)),
        1 => Just(Act::SetHead(Head::Hot)),
        3 => Just(Act::SetHead(Head::Cool)),
        1 => Just(Act::SetButton(Button::Held)),
        3 => Just(Act::SetButton(Button::Released)),
        1 => Just(Act::Tear),
        1 => Just(Act::PowerCycle),
        1 => (0_u32..90).prop_map(|after_mm| Act::Plan(Planned::new(Trouble::Die { after_mm }))),
        1 => Just(Act::Plan(Planned::new(Trouble::Mute))),
        1 => Just(Act::Plan(Planned::new(Trouble::Garble))),
        1 => Just(Act::Plan(Planned::new(Trouble::Noise { n_bytes: 9 }))),
        1 => Just(Act::Plan(Planned::new(Trouble::Late { ms: 900 }))),
    ];
    prop_oneof![
        8 => (1_u8..25).prop_map(Hand::Print),
        1 => Just(Hand::Cancel),
        12 => act.prop_map(Hand::Act),
        1 => Just(Hand::PullCable),
        3 => Just(Hand::PutCableIn),
    ]
}

/// Whose lines stand on a paper, and how many.
fn owners(paper: &Paper) -> BTreeMap<String, usize> {
    let mut owners = BTreeMap::new();
    for line in paper.text().lines() {
        if let Some((owner, _)) = line.split_once(" 第") {
            *owners.entry(owner.to_owned()).or_default() += 1;
        }
    }
    owners
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn whatever_hands_do_no_paper_holds_two_peoples_lines_and_printed_is_true(
        clears_all in any::<bool>(),
        hands in prop::collection::vec((0_u64..4_000, hand()), 0..40),
    ) {
        let mut world = World::ready();
        if clears_all {
            world.touch(Act::SetClearing(Clearing::AnyStop));
        }
        let mut slips: BTreeMap<RequestId, u8> = BTreeMap::new();
        for (ms, hand) in hands {
            world.run_ms(ms);
            match hand {
                Hand::Print(n_lines) => {
                    let name = format!("{}号", world.next_id + 1);
                    let id = world.print(slip_of(&name, n_lines.into()));
                    slips.insert(id, n_lines);
                }
                Hand::Cancel => {
                    world.next_id += 1;
                    let id = RequestId(world.next_id);
                    world.feed(Input::Ask(id, Request::Cancel));
                }
                Hand::Act(act) => world.touch(act),
                Hand::PullCable => world.pull_cable(),
                Hand::PutCableIn => world.put_cable_in(),
            }
        }
        // Somebody puts everything right; then it must work again.
        for act in [
            Act::ClearPlan,
            Act::SetHead(Head::Cool),
            Act::SetButton(Button::Released),
            Act::SetCutter(Cutter::Free),
            Act::SetPaper { left_mm: 20_000 },
            Act::SetCover(Cover::Closed),
        ] {
            world.touch(act);
        }
        if world.look().dead {
            world.touch(Act::PowerCycle);
        }
        world.put_cable_in();
        for id in slips.keys() {
            world.until(|world| world.outcome(*id).is_some());
        }
        world.until_ready();
        world.run_ms(5_000);
        let papers: Vec<_> = world.papers();
        let mut lines_of: BTreeMap<String, usize> = BTreeMap::new();
        for paper in &papers {
            let owners = owners(paper);
            prop_assert!(owners.len() <= 1, "two people on one paper:\n{}", paper.text());
            for (owner, n) in owners {
                *lines_of.entry(owner).or_default() += n;
            }
        }
        for (id, n_lines) in &slips {
            let owner = format!("{}号", id.0);
            let n_lines = usize::from(*n_lines);
            let n_printed = lines_of.get(&owner).copied().unwrap_or(0);
            prop_assert!(n_printed <= n_lines, "{owner} was sent twice");
            match world.outcome(*id) {
                Some(Ok(())) => {
                    // Whole, or in two pieces if somebody tore it while it came.
                    prop_assert_eq!(n_printed, n_lines, "{} is not whole", owner);
                }
                Some(Err(Refusal::NotStarted(_) | Refusal::Stopped)) => {
                    prop_assert_eq!(n_printed, 0, "{} was not to be printed", owner);
                }
                Some(Err(Refusal::Uncertain(_))) => {}
                other => prop_assert!(false, "{owner}: {other:?}"),
            }
        }
    }
}
