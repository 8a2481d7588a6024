//! Plays every transcript of the code scanner against the driver's core and against its twin.

use super::wire::{Driver, Transcripts};
use device_api::code_scanner::{Event, Fault, Health, Refusal, Reply, Request};
use device_drivers::code_scanner::{
    Charset, CodeScanner, Ending, Settings, Trigger, timings::PRODUCTION,
};
use device_sim::scanner::{Act, Planned, ScannerTwin, Suffix, Trouble};
use kiosk_words::Moment;

const ALL: Transcripts = Transcripts { device: "code-scanner", n_min: 4 };
const SETTINGS: Settings =
    Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
const PATIENCE_MS: u64 = 30_000;

fn act(driver: &mut Driver<CodeScanner>, words: &[&str], now: Moment) {
    match words {
        ["ask", "read"] => driver.ask(Request::Read { patience_ms: PATIENCE_MS }, now),
        ["ask", "stop"] => driver.ask(Request::Stop, now),
        ["expect", what @ ..] => expect(driver, what),
        ["hold" | "take_away" | "trouble" | "suffix", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

fn expect(driver: &Driver<CodeScanner>, what: &[&str]) {
    let (id, last) = (driver.last_id(), driver.events.last());
    match what {
        ["ready"] => assert_eq!(driver.core.status().health, Health::Ready),
        ["silent"] => {
            assert_eq!(driver.core.status().health, Health::Down(Fault::Silent));
            assert!(driver.is_closed);
        }
        ["code", text] => match last {
            Some(Event::Done(done, Reply::Code(code))) => {
                assert_eq!((*done, code.expose().as_str()), (id, *text));
            }
            other => panic!("{text} was expected, not {other:?}"),
        },
        ["torn"] => assert_eq!(last, Some(&Event::Refused(id, Refusal::Torn))),
        ["stopped"] => assert_eq!(last, Some(&Event::Done(id, Reply::Stopped))),
        _ => panic!("no such expectation: {what:?}"),
    }
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    ALL.play_to_driver(|| CodeScanner::new(SETTINGS, PRODUCTION), act);
}

fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["hold", code] => Act::Hold(code.as_bytes().to_vec()),
        ["take_away"] => Act::TakeAway,
        ["suffix", "cr_lf"] => Act::SetSuffix(Suffix::CrLf),
        ["trouble", "mute", times] => {
            Act::Plan(Planned::new(Trouble::Mute).times(times.parse().unwrap()))
        }
        ["trouble", "torn"] => Act::Plan(Planned::new(Trouble::Torn).on("code")),
        ["ask" | "expect", ..] => return None,
        _ => panic!("no such act: {words:?}"),
    })
}

#[test]
fn the_twin_says_every_line_of_the_device_byte_for_byte() {
    ALL.play_to_twin(ScannerTwin::new, act_of, |_| {});
}
