//! Whatever a printer answers, every request is answered once and something is always waited for.

use device_api::{RequestId, page_printer::Request};
use kiosk_words::Moment;
use proptest::prelude::*;

use super::rig::{Air, Rig, document};
use crate::page_printer::{
    PagePrinter,
    codec::Address,
    core::{Failure, Heard, Input, Output},
    timings::PRODUCTION,
};

#[derive(Debug, Clone)]
enum Turn {
    Print { n_pages: u16 },
    Cancel,
    Passes { ms: u64 },
    Air(Air),
    Spoil(usize, Air),
    Status(usize, u16),
    Reasons(usize),
    PrinterState(i32),
    Stranger { obeys: bool },
    JobState(i32),
    PutOut,
    Forget,
    Counter(Option<i32>),
}

const NAMES: [&str; 5] =
    ["Get-Printer-Attributes", "Get-Jobs", "Cancel-Job", "Get-Job-Attributes", "Print-Job"];
const REASONS: [&[&str]; 5] =
    [&[], &["media-empty-error"], &["media-jam-warning"], &["toner-low"], &["what-ever-error"]];

fn air() -> impl Strategy<Value = Air> {
    proptest::sample::select(vec![Air::Clear, Air::Refused, Air::Silent, Air::Broken, Air::Garbage])
}

fn turn() -> impl Strategy<Value = Turn> {
    let status =
        proptest::sample::select(vec![0, 1, 0x0404, 0x0406, 0x040A, 0x0500, 0x0506, 0x0507]);
    prop_oneof![
        4 => (0..4_u16).prop_map(|n_pages| Turn::Print { n_pages }),
        2 => Just(Turn::Cancel),
        6 => (0..40_000_u64).prop_map(|ms| Turn::Passes { ms }),
        1 => air().prop_map(Turn::Air),
        2 => (0..NAMES.len(), air()).prop_map(|(at, air)| Turn::Spoil(at, air)),
        2 => (0..NAMES.len(), status).prop_map(|(at, status)| Turn::Status(at, status)),
        2 => (0..REASONS.len()).prop_map(Turn::Reasons),
        1 => (2..7).prop_map(Turn::PrinterState),
        1 => any::<bool>().prop_map(|obeys| Turn::Stranger { obeys }),
        3 => (2..11).prop_map(Turn::JobState),
        4 => Just(Turn::PutOut),
        1 => Just(Turn::Forget),
        1 => proptest::option::of(-5..200).prop_map(Turn::Counter),
    ]
}

fn play(rig: &mut Rig, turns: &[Turn]) -> u64 {
    let mut n_asked = 0;
    for turn in turns {
        match turn {
            Turn::Print { n_pages } => {
                n_asked += 1;
                rig.print(n_asked, *n_pages);
            }
            Turn::Cancel => {
                n_asked += 1;
                rig.cancel(n_asked);
            }
            Turn::Passes { ms } => rig.run_ms(*ms),
            Turn::Air(air) => rig.fake.air = *air,
            Turn::Spoil(at, air) => rig.fake.spoiled = Some((NAMES[*at], *air)),
            Turn::Status(at, status) => rig.fake.status = Some((NAMES[*at], *status)),
            Turn::Reasons(at) => rig.fake.reasons = REASONS[*at].to_vec(),
            Turn::PrinterState(state) => rig.fake.state = *state,
            Turn::Stranger { obeys } => {
                rig.fake.add_stranger(*obeys);
            }
            Turn::JobState(state) if !rig.fake.jobs.is_empty() => rig.fake.last().state = *state,
            Turn::PutOut if !rig.fake.jobs.is_empty() => rig.fake.put_out(1),
            Turn::JobState(_) | Turn::PutOut => {}
            Turn::Forget => rig.fake.jobs.clear(),
            Turn::Counter(n_ever) => rig.fake.n_ever = *n_ever,
        }
        assert!(rig.core.deadline().is_some());
    }
    n_asked
}

proptest! {
    #[test]
    fn every_request_is_answered_once_and_the_printer_is_itself_again(
        turns in proptest::collection::vec(turn(), 0..60),
    ) {
        let mut rig = Rig::new();
        let n_asked = play(&mut rig, &turns);
        // Whatever was open ends by the limits alone, with the printer as it is.
        rig.run_ms(400_000);
        for id in 1..=n_asked {
            prop_assert_eq!(rig.answers_to(id).len(), 1, "answers to {}: {:?}", id, rig.events);
        }
        // And with a printer that is well again, the next document comes out.
        rig.fake.air = Air::Clear;
        (rig.fake.spoiled, rig.fake.status) = (None, None);
        (rig.fake.state, rig.fake.reasons) = (3, vec![]);
        (rig.fake.jobs, rig.fake.n_ever) = (Default::default(), None);
        rig.run_ms(40_000);
        let id = n_asked + 1;
        rig.print(id, 1);
        prop_assert_eq!(rig.fake.jobs.len(), 1);
        rig.fake.put_out(1);
        rig.fake.last().state = 9;
        rig.run_ms(5_000);
        prop_assert!(
            matches!(rig.answers_to(id)[..], [device_api::page_printer::Event::Done(RequestId(_), _)])
        );
    }

    #[test]
    fn any_bytes_and_any_failures_at_any_time_do_no_harm(
        heard in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..60).prop_map(Heard::Answer),
                Just(Heard::Failed(Failure::Broken)),
                Just(Heard::Failed(Failure::NotIpp)),
                Just(Heard::Failed(Failure::NotConnected)),
            ],
            0..40,
        ),
    ) {
        let address = Address::parse("ipp://printer/").unwrap();
        let mut core = PagePrinter::new(address, PRODUCTION);
        let (mut now, mut n_answers) = (Moment(0), 0);
        let mut inputs = vec![Input::Ask(RequestId(1), Request::Print(document(1)))];
        inputs.extend(heard.into_iter().map(Input::Heard));
        for input in inputs {
            for input in [input, Input::Tick] {
                let out = core.handle(input, now);
                n_answers += out.iter().filter_map(Output::told).filter_map(|e| e.answers()).count();
                now = now.max(core.deadline().unwrap());
            }
        }
        prop_assert!(n_answers <= 1);
    }
}
