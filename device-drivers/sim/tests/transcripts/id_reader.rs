//! Plays every transcript of the card reader against the driver's core and against its twin.

use super::wire::{Driver, Transcripts};
use device_api::id_reader::{Event, Fault, Health, ReadWhat, Refusal, Reply, Request};
use device_drivers::id_reader::{Baud, IdReader, timings::PRODUCTION};
use device_sim::{
    reader::{Act, ModuleHealth, ReaderTwin},
    specimen,
    trouble::{Planned, Trouble},
};
use kiosk_words::Moment;

const ALL: Transcripts = Transcripts { device: "id-reader", n_min: 4 };

fn act(driver: &mut Driver<IdReader>, words: &[&str], now: Moment) {
    match words {
        ["ask", "text"] => {
            let what = ReadWhat { photo: false, fingerprint: false, new_address: false };
            driver.ask(Request::Read(what), now);
        }
        ["expect", what @ ..] => expect(driver, what),
        ["lay" | "lift" | "module" | "trouble", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

fn expect(driver: &Driver<IdReader>, what: &[&str]) {
    let (status, id) = (driver.core.status(), driver.last_id());
    match what {
        ["ready"] => assert_eq!(status.health, Health::Ready),
        ["lifted"] => assert!(!status.card_present),
        ["down", "self_test_failed"] => {
            assert_eq!(status.health, Health::Down(Fault::SelfTestFailed));
        }
        ["card", number] => {
            let is_it = |event: &Event| match event {
                Event::Done(done, Reply::Card(card)) => {
                    *done == id && card.number.expose() == number
                }
                Event::Done(_, Reply::Stopped) | Event::Refused(..) | Event::StatusChanged(_) => {
                    false
                }
            };
            assert!(driver.events.iter().any(is_it), "{:?}", driver.events);
        }
        ["refused", "lay_again"] => {
            assert!(driver.events.contains(&Event::Refused(id, Refusal::LayAgain)));
        }
        _ => panic!("no such expectation: {what:?}"),
    }
    assert!(!driver.is_closed, "the link was given up");
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(|| IdReader::new(Baud::B115200, PRODUCTION), act);
}

fn lay(name: &str) -> Act {
    Act::Lay(Box::new(specimen::card(name).unwrap()))
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["lay", name] => lay(name),
        ["lift"] => Act::Lift,
        ["module", "healthy"] => Act::SetModule(ModuleHealth::Healthy),
        ["module", "self_test_failed"] => Act::SetModule(ModuleHealth::SelfTestFailed),
        ["trouble", "lift_mid_read"] => Act::Plan(Planned::new(Trouble::LiftMidRead)),
        ["trouble", "bad_checksum", on] => Act::Plan(Planned::new(Trouble::BadChecksum).on(on)),
        ["ask" | "expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_answers_every_host_line_byte_for_byte() {
    ALL.play_to_twin(ReaderTwin::new, act_of, |_| {});
}
