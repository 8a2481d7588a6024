//! The chip card driver at the slot, on virtual time: every card, every fault, every moment.

use device_api::{
    RequestId,
    id_reader::Sex,
    smart_card::{
        Challenge, Event, Fault, Generation, Health, Pin, Refusal, Reply, Request, Slot,
        SocialCard, StaffCard,
    },
};
use device_drivers::smart_card::{
    SmartCardReader,
    codec::social::Item,
    core::{Failure, Heard, Input, Output},
    timings::PRODUCTION,
};
use device_sim::smart_card::{
    Chip, Planned, Trouble,
    bench::Bench,
    piv::PivChip,
    social::{Manner, SocialChip, SocialImage},
    specimen::chip,
};
use kiosk_words::{Moment, Private};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use proptest::prelude::*;

type Outcome = Result<SocialCard, Refusal>;

const CHALLENGE: Challenge = Challenge([7; 32]);
const READ: Request = Request::Read { challenge: CHALLENGE };
const PIN: &str = "271828";

/// A person with a card and the driver before them.
struct Visit {
    bench: Bench,
    now: Moment,
    events: Vec<Event>,
    n_asked: u64,
}

impl Visit {
    fn new() -> Self {
        let mut bench = Bench::new();
        let events = bench.daemon_up(Moment(0));
        Self { bench, now: Moment(0), events, n_asked: 0 }
    }

    fn ask(&mut self, request: Request) -> RequestId {
        self.n_asked += 1;
        let id = RequestId(self.n_asked);
        self.events.extend(self.bench.ask(id, request, self.now));
        id
    }

    fn put_in(&mut self, specimen: &str) {
        self.put_in_chip(specimen, chip(specimen).expect("a listed card"));
    }

    fn put_in_chip(&mut self, name: &str, chip: Box<dyn Chip>) {
        self.events.extend(self.bench.put_in(name, chip, self.now));
    }

    fn take_out(&mut self) {
        self.events.extend(self.bench.take_out(self.now));
    }

    /// Until nothing is due within this time.
    fn pass_ms(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while let Some(at) = self.bench.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.events.extend(self.bench.run(self.now));
        }
        self.now = until;
    }

    fn answer(&self, wanted: RequestId) -> Option<Result<Reply, Refusal>> {
        self.events.iter().find_map(|event| match event {
            Event::Done(id, reply) if *id == wanted => Some(Ok(reply.clone())),
            Event::Refused(id, why) if *id == wanted => Some(Err(*why)),
            Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => None,
        })
    }

    fn outcome(&self, wanted: RequestId) -> Option<Outcome> {
        self.answer(wanted).map(|answer| match answer? {
            Reply::SocialCard(card) => Ok(*card),
            other @ (Reply::StaffCard(_) | Reply::Proof(_) | Reply::Stopped) => {
                panic!("another answer than a social security card: {other:?}")
            }
        })
    }

    fn reads_staff(&mut self, chip: PivChip) -> Result<StaffCard, Refusal> {
        let id = self.ask(READ);
        self.put_in_chip("staff", Box::new(chip));
        self.pass_ms(10_000);
        match self.answer(id).expect("every read ends")? {
            Reply::StaffCard(card) => Ok(*card),
            other @ (Reply::SocialCard(_) | Reply::Proof(_) | Reply::Stopped) => {
                panic!("another answer than a staff card: {other:?}")
            }
        }
    }

    fn proves(&mut self, pin: &str) -> Result<Vec<u8>, Refusal> {
        let pin = Pin::new(&Private::text(pin)).expect("digits");
        let id = self.ask(Request::Prove { pin, challenge: CHALLENGE });
        self.pass_ms(10_000);
        match self.answer(id).expect("every proof ends")? {
            Reply::Proof(signature) => Ok(signature),
            other @ (Reply::SocialCard(_) | Reply::StaffCard(_) | Reply::Stopped) => {
                panic!("another answer than a proof: {other:?}")
            }
        }
    }

    fn reads(&mut self, specimen: &str) -> Outcome {
        let id = self.ask(READ);
        self.put_in(specimen);
        self.pass_ms(10_000);
        self.outcome(id).expect("every read ends")
    }
}

fn name_of(outcome: &Outcome) -> &str {
    outcome.as_ref().expect("a card was read").name.expose()
}

#[test]
fn all_generations_give_the_same_facts() {
    let second = Visit::new().reads("social_zhang_san").unwrap();
    assert_eq!(second.generation, Generation::Second);
    assert_eq!((second.name.expose().as_str(), second.sex), ("张三", Sex::Male));
    assert_eq!(second.number.expose(), "110101199003070011");
    assert_eq!(second.birth.expose(), "19900307");
    assert_eq!((second.area.as_str(), second.valid_to.as_deref()), ("230200", Some("20351231")));
    assert_eq!(second.card_number.expose(), "A00000001");
    let first = Visit::new().reads("social_li_xiulan").unwrap();
    assert_eq!((first.generation, first.sex), (Generation::First, Sex::Female));
    let third = Visit::new().reads("social_wang_wei").unwrap();
    assert_eq!((third.generation, third.name.expose().as_str()), (Generation::Third, "王伟"));
}

#[test]
fn a_name_longer_than_its_item_is_whole() {
    let read = Visit::new().reads("social_long_name");
    assert_eq!(name_of(&read), "阿卜杜热合曼·麦麦提明江·吐尔逊");
}

#[test]
fn each_card_that_gives_nothing_says_why() {
    let cases = [
        ("social_protected", Refusal::Protected),
        ("social_blocked", Refusal::Blocked),
        ("social_bad_number", Refusal::BadCardData),
        ("other_card", Refusal::UnknownCard),
    ];
    for (specimen, why) in cases {
        assert_eq!(Visit::new().reads(specimen), Err(why), "{specimen}");
    }
}

#[test]
fn data_that_is_none_is_refused_and_never_guessed() {
    let image = SocialImage {
        generation: Generation::Second,
        manner: Manner::Plain,
        number: "110101199003070011",
        name: "张三",
        sex: b'1',
        card_number: "A00000001",
        valid_to: [0; 4],
    };
    let cases: [(Item, &[u8], Refusal); 5] = [
        (Item::Version, b"7.00", Refusal::UnknownGeneration),
        (Item::Name, &[0; 30], Refusal::BadCardData),
        (Item::Name, &[0xD5], Refusal::BadCardData),
        (Item::Number, b"11010119900307001", Refusal::BadCardData),
        (Item::CardId, &[0xFF; 16], Refusal::BadCardData),
    ];
    for (item, value, why) in cases {
        let mut spoilt = SocialChip::new(&image);
        spoilt.spoil(item, value);
        let mut visit = Visit::new();
        let id = visit.ask(READ);
        visit.put_in_chip("spoilt", Box::new(spoilt));
        visit.pass_ms(10_000);
        assert_eq!(visit.outcome(id), Some(Err(why)), "{item:?}");
    }
}

#[test]
fn no_pin_is_ever_sent() {
    for listed in device_sim::smart_card::specimen::CHIP_CARDS {
        #[derive(Debug)]
        struct NoVerify(Box<dyn Chip>);
        impl Chip for NoVerify {
            fn atr(&self) -> Vec<u8> {
                self.0.atr()
            }
            fn reset(&mut self) {
                self.0.reset();
            }
            fn answer(&mut self, command: &device_drivers::smart_card::codec::Command) -> Vec<u8> {
                assert_ne!(command.instruction, 0x20, "VERIFY burns a try of somebody's card");
                self.0.answer(command)
            }
        }
        let mut visit = Visit::new();
        visit.ask(READ);
        visit.put_in_chip("watched", Box::new(NoVerify(chip(listed.specimen).unwrap())));
        visit.pass_ms(10_000);
    }
}

#[test]
fn a_card_pulled_at_any_command_is_told_as_taken_out_and_read_when_it_comes_again() {
    let n_commands = {
        let mut visit = Visit::new();
        visit.reads("social_zhang_san").unwrap();
        visit.bench.slot.look().n_commands
    };
    assert!(n_commands > 10, "{n_commands}");
    for n in 1..=n_commands {
        let mut visit = Visit::new();
        visit.bench.slot.pull_at(n);
        assert_eq!(visit.reads("social_zhang_san"), Err(Refusal::TakenOut), "command {n}");
        assert_eq!(visit.bench.status().slot, Slot::Empty, "command {n}");
        assert_eq!(name_of(&visit.reads("social_zhang_san")), "张三", "command {n}");
    }
}

#[test]
fn a_card_that_stalls_is_left_alone_until_it_is_taken_out() {
    let mut visit = Visit::new();
    visit.bench.slot.plan(Planned::new(Trouble::Stall { ms: 6_000 }).on("read_record"));
    assert_eq!(visit.reads("social_zhang_san"), Err(Refusal::Stalled));
    let id = visit.ask(READ);
    visit.pass_ms(60_000);
    assert_eq!(visit.outcome(id), None, "it was not taken out yet");
    assert_eq!(visit.bench.status().slot, Slot::Used);
    visit.take_out();
    visit.pass_ms(1_000);
    visit.put_in("social_zhang_san");
    visit.pass_ms(1_000);
    assert_eq!(name_of(&visit.outcome(id).unwrap()), "张三");
}

#[test]
fn a_broken_answer_is_asked_for_again_and_not_for_ever() {
    let broken = |times| {
        let mut visit = Visit::new();
        visit.bench.slot.plan(Planned::new(Trouble::Status { sw: 0x61_01 }).times(times));
        visit.reads("social_zhang_san")
    };
    assert_eq!(name_of(&broken(2)), "张三");
    assert_eq!(broken(u32::MAX), Err(Refusal::InsertAgain));
}

#[test]
fn nobody_reads_the_card_of_who_was_here_before() {
    let mut visit = Visit::new();
    visit.reads("social_zhang_san").unwrap();
    // It stays in the slot, and the next person asks.
    let next = visit.ask(READ);
    visit.pass_ms(60_000);
    assert_eq!(visit.outcome(next), None);
    visit.take_out();
    visit.pass_ms(1_000);
    visit.put_in("social_li_xiulan");
    visit.pass_ms(1_000);
    assert_eq!(name_of(&visit.outcome(next).unwrap()), "李秀兰");

    // Put in, never asked for, and left behind.
    let mut visit = Visit::new();
    visit.put_in("social_zhang_san");
    visit.ask(Request::Stop);
    let next = visit.ask(READ);
    visit.pass_ms(60_000);
    assert_eq!(visit.outcome(next), None);

    // In the slot when the reader was found.
    let mut bench = Bench::new();
    bench.slot.put_in("social_zhang_san", chip("social_zhang_san").unwrap());
    let events = bench.daemon_up(Moment(0));
    let mut visit = Visit { bench, now: Moment(0), events, n_asked: 0 };
    let id = visit.ask(READ);
    visit.pass_ms(60_000);
    assert_eq!(visit.outcome(id), None);
    assert_eq!(visit.bench.status().slot, Slot::Used);
}

#[test]
fn a_card_put_in_before_anybody_asked_is_read_in_the_same_visit() {
    let mut visit = Visit::new();
    visit.put_in("social_zhang_san");
    visit.pass_ms(5_000);
    let id = visit.ask(READ);
    visit.pass_ms(1_000);
    assert_eq!(name_of(&visit.outcome(id).unwrap()), "张三");
}

#[test]
fn a_dead_daemon_refuses_what_is_open_and_reads_again_when_it_is_back() {
    let mut visit = Visit::new();
    let id = visit.ask(READ);
    visit.events.extend(visit.bench.daemon_down(Fault::NoService, visit.now));
    assert_eq!(visit.outcome(id), Some(Err(Refusal::DeviceDown(Fault::NoService))));
    let id = visit.ask(READ);
    assert_eq!(visit.outcome(id), Some(Err(Refusal::DeviceDown(Fault::NoService))));
    visit.events.extend(visit.bench.daemon_up(visit.now));
    assert_eq!(visit.bench.status().health, Health::Ready);
    assert_eq!(name_of(&visit.reads("social_zhang_san")), "张三");
}

#[test]
fn calls_that_do_not_come_back_are_told_as_a_fault_of_the_reader() {
    let mut core = SmartCardReader::new(PRODUCTION);
    let mut step = |input| core.handle(input, Moment(0));
    step(Input::Heard(Heard::Empty));
    step(Input::Ask(RequestId(1), READ));
    step(Input::Heard(Heard::Inserted));
    let told = step(Input::Heard(Heard::Failed(Failure::Stuck)));
    let why = Refusal::DeviceDown(Fault::Stuck);
    assert!(told.contains(&Output::Tell(Event::Refused(RequestId(1), why))), "{told:?}");
    step(Input::Heard(Heard::Empty));
    assert_eq!(core.status().health, Health::Ready, "the daemon is seen to work again");
}

/// Whether the key whose public half was read signed the challenge.
fn is_signed(public: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(public).expect("a key of P-256");
    let signature = Signature::from_der(signature).expect("a signature in DER");
    key.verify_prehash(&CHALLENGE.0, &signature).is_ok()
}

#[test]
fn a_staff_card_gives_its_certificates_and_signs_then_the_pin_opens_its_holders_key() {
    for chip in [PivChip::with_bare_keys("a", PIN), PivChip::with_bare_keys("b", PIN).speaking_t0()]
    {
        let mut visit = Visit::new();
        let card = visit.reads_staff(chip).unwrap();
        assert_eq!(card.n_tries_left, 3);
        assert!(is_signed(&card.card_certificate, &card.signature));
        assert!(!is_signed(&card.holder_certificate, &card.signature), "two keys");
        assert_eq!(visit.bench.status().slot, Slot::Used);
        let proof = visit.proves(PIN).unwrap();
        assert!(is_signed(&card.holder_certificate, &proof));
        assert_eq!(visit.proves(PIN), Err(Refusal::NotWaiting), "a card proves once");
    }
}

#[test]
fn wrong_pins_are_counted_by_the_card_and_never_sent_twice() {
    let mut visit = Visit::new();
    visit.reads_staff(PivChip::with_bare_keys("staff", PIN)).unwrap();
    let before = visit.bench.slot.look().n_commands;
    assert_eq!(visit.proves("314159"), Err(Refusal::WrongPin { n_left: 2 }));
    assert_eq!(visit.bench.slot.look().n_commands, before + 1, "one command for one PIN");
    assert!(visit.proves(PIN).is_ok(), "another may follow");

    let mut visit = Visit::new();
    visit.reads_staff(PivChip::with_bare_keys("staff", PIN)).unwrap();
    for n_left in [2, 1] {
        assert_eq!(visit.proves("314159"), Err(Refusal::WrongPin { n_left }));
    }
    assert_eq!(visit.proves("314159"), Err(Refusal::PinBlocked));
    let chip = visit.bench.slot.take_out().expect("the card");
    let id = visit.ask(READ);
    visit.put_in_chip("the same card", chip);
    visit.pass_ms(10_000);
    assert_eq!(visit.answer(id), Some(Err(Refusal::PinBlocked)), "told before a PIN is asked for");
}

#[test]
fn a_pin_that_met_trouble_is_not_sent_again() {
    for (trouble, why) in [
        (Trouble::Stall { ms: 6_000 }, Refusal::Stalled),
        (Trouble::Pull, Refusal::TakenOut),
        (Trouble::Status { sw: 0x6F00 }, Refusal::InsertAgain),
        (Trouble::Status { sw: 0x6983 }, Refusal::PinBlocked),
    ] {
        let mut visit = Visit::new();
        visit.reads_staff(PivChip::with_bare_keys("staff", PIN)).unwrap();
        let before = visit.bench.slot.look().n_commands;
        visit.bench.slot.plan(Planned::new(trouble).on("verify"));
        assert_eq!(visit.proves(PIN), Err(why), "{trouble:?}");
        let after = visit.bench.slot.look().n_commands;
        assert!(after == before + 1 || after == 0, "{trouble:?}: {before} to {after}");
        assert_eq!(visit.proves(PIN), Err(Refusal::NotWaiting), "{trouble:?}");
    }
}

#[test]
fn a_staff_card_that_is_none_yet_or_a_copy_is_told_apart() {
    let mut visit = Visit::new();
    let blank = visit.reads_staff(PivChip::new("blank"));
    assert_eq!(blank, Err(Refusal::NotPersonalised));
    // A copy of what can be read signs with another key.
    let genuine = PivChip::with_bare_keys("staff", PIN);
    let card = Visit::new().reads_staff(genuine.copied()).unwrap();
    assert!(!is_signed(&card.card_certificate, &card.signature));
    // A card without its key says so.
    let mut visit = Visit::new();
    visit.bench.slot.plan(Planned::new(Trouble::Status { sw: 0x6A88 }).on("authenticate"));
    assert_eq!(visit.reads_staff(genuine), Err(Refusal::NoKey));
}

#[test]
fn a_staff_card_waits_until_it_is_taken_out_let_go_or_forgotten() {
    let waiting = || {
        let mut visit = Visit::new();
        visit.reads_staff(PivChip::with_bare_keys("staff", PIN)).unwrap();
        visit
    };
    let mut taken = waiting();
    taken.take_out();
    taken.pass_ms(1_000);
    assert_eq!(taken.bench.status().slot, Slot::Empty);
    assert_eq!(taken.proves(PIN), Err(Refusal::NotWaiting));
    let mut stopped = waiting();
    stopped.ask(Request::Stop);
    assert_eq!(stopped.proves(PIN), Err(Refusal::NotWaiting));
    let mut forgotten = waiting();
    forgotten.pass_ms(PRODUCTION.waiting_ms);
    assert_eq!(forgotten.proves(PIN), Err(Refusal::NotWaiting));
    let mut read_again = waiting();
    let id = read_again.ask(READ);
    read_again.pass_ms(1_000);
    assert_eq!(read_again.answer(id), None, "a used card is not read");
}

#[test]
fn a_staff_card_pulled_at_any_command_ends_the_request_and_the_next_is_read() {
    let n_commands = {
        let mut visit = Visit::new();
        visit.reads_staff(PivChip::with_bare_keys("staff", PIN)).unwrap();
        visit.bench.slot.look().n_commands
    };
    assert!(n_commands > 5, "{n_commands}");
    for n_command in 1..=n_commands {
        let mut visit = Visit::new();
        visit.bench.slot.pull_at(n_command);
        let chip = PivChip::with_bare_keys("staff", PIN);
        assert_eq!(visit.reads_staff(chip.clone()), Err(Refusal::TakenOut), "at {n_command}");
        assert!(visit.reads_staff(chip).is_ok(), "after {n_command}");
    }
}

/// Anything that can happen at a slot.
#[derive(Debug, Clone)]
enum Happens {
    Read,
    /// A PIN, right or not.
    Prove(bool),
    Stop,
    PutIn(usize),
    PutInStaff,
    TakeOut,
    Trouble(Trouble),
    Down,
    Up,
    Pass(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let n_cards = device_sim::smart_card::specimen::CHIP_CARDS.len();
    prop_oneof![
        Just(Happens::Read),
        any::<bool>().prop_map(Happens::Prove),
        Just(Happens::Stop),
        Just(Happens::PutInStaff),
        (0..n_cards).prop_map(Happens::PutIn),
        Just(Happens::TakeOut),
        prop_oneof![
            (0_u64..9_000).prop_map(|ms| Trouble::Stall { ms }),
            Just(Trouble::Pull),
            any::<u16>().prop_map(|sw| Trouble::Status { sw }),
            Just(Trouble::Garble),
        ]
        .prop_map(Happens::Trouble),
        Just(Happens::Down),
        Just(Happens::Up),
        (0_u64..6_000).prop_map(Happens::Pass),
    ]
}

proptest! {
    /// The invariants of the driver hold after every step, each request is answered once, and a good
    /// card is read when the trouble is over.
    #[test]
    fn whatever_happens_a_good_card_is_read_afterwards(
        story in proptest::collection::vec(happens(), 0..40)
    ) {
        let cards = device_sim::smart_card::specimen::CHIP_CARDS;
        let mut visit = Visit::new();
        let mut is_up = true;
        for event in story {
            match event {
                Happens::Read => drop(visit.ask(READ)),
                Happens::Prove(is_right) => {
                    let typed = Private::text(if is_right { PIN } else { "314159" });
                    let pin = Pin::new(&typed).expect("digits");
                    visit.ask(Request::Prove { pin, challenge: CHALLENGE });
                }
                Happens::PutInStaff => {
                    let chip = PivChip::with_bare_keys("staff", PIN);
                    visit.put_in_chip("staff", Box::new(chip));
                }
                Happens::Stop => drop(visit.ask(Request::Stop)),
                Happens::PutIn(at) => visit.put_in(cards[at].specimen),
                Happens::TakeOut => visit.take_out(),
                Happens::Trouble(trouble) => visit.bench.slot.plan(Planned::new(trouble)),
                Happens::Down if is_up => {
                    is_up = false;
                    visit.events.extend(visit.bench.daemon_down(Fault::NoService, visit.now));
                }
                Happens::Up if !is_up => {
                    is_up = true;
                    visit.events.extend(visit.bench.daemon_up(visit.now));
                }
                Happens::Down | Happens::Up => {}
                Happens::Pass(ms) => visit.pass_ms(ms),
            }
        }
        if !is_up {
            visit.events.extend(visit.bench.daemon_up(visit.now));
        }
        visit.bench.slot.clear_plan();
        visit.take_out();
        visit.pass_ms(20_000);
        let stop = visit.ask(Request::Stop);
        prop_assert!(visit.events.contains(&Event::Done(stop, Reply::Stopped)));
        let read = visit.reads("social_zhang_san");
        prop_assert_eq!(name_of(&read), "张三");
        for id in (1..=visit.n_asked).map(RequestId) {
            let n = visit.events.iter().filter(|event| event.answers() == Some(id)).count();
            prop_assert_eq!(n, 1, "request {:?}", id);
        }
    }
}
