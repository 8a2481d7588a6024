//! Plays every transcript of the code scanner against the driver's core and against its twin.
//!
//! The driver must write each `>` byte for byte when its time comes; the twin must have said the
//! `<` bytes by then.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod wire;

use device_api::{
    RequestId,
    code_scanner::{Event, Fault, Health, Refusal, Reply, Request},
};
use device_drivers::{
    code_scanner::{Charset, CodeScanner, Ending, Settings, Trigger, timings::PRODUCTION},
    machine::{Input, Machine as _, Output},
};
use device_sim::{
    port::Twin as _,
    scanner::{Act, Planned, ScannerTwin, Suffix, Trouble},
};
use kiosk_words::Moment;
use wire::{Line, each_transcript};

const SETTINGS: Settings =
    Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
const READ: Request = Request::Read { patience_ms: 30_000 };
const N_TRANSCRIPTS: usize = 4;

struct Driver {
    core: CodeScanner,
    written: Vec<u8>,
    events: Vec<Event>,
    next_id: u64,
    is_closed: bool,
}

impl Driver {
    fn take(&mut self, input: Input<'_, Request>, now: Moment) {
        for output in self.core.handle(input, now) {
            match output {
                Output::Write(bytes) => self.written.extend(bytes),
                Output::Tell(event) => self.events.push(event),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
                Output::CloseLink(_) => self.is_closed = true,
            }
        }
    }

    fn run_until(&mut self, now: Moment) {
        while let Some(due) = self.core.deadline().filter(|due| *due <= now) {
            self.take(Input::Tick, due);
        }
    }

    fn act(&mut self, words: &[String], now: Moment) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["ask", what] => {
                self.next_id += 1;
                let ask = if what == "read" { READ } else { Request::Stop };
                self.take(Input::Ask(RequestId(self.next_id), ask), now);
            }
            ["expect", ref what @ ..] => self.expect(what),
            ["hold" | "take_away" | "trouble" | "suffix", ..] => {}
            _ => panic!("no such act: {words:?}"),
        }
    }

    fn expect(&self, what: &[&str]) {
        let (id, last) = (RequestId(self.next_id), self.events.last());
        match what {
            ["ready"] => assert_eq!(self.core.status().health, Health::Ready),
            ["silent"] => {
                assert_eq!(self.core.status().health, Health::Down(Fault::Silent));
                assert!(self.is_closed);
            }
            ["code", text] => match last {
                Some(Event::Done(done, Reply::Code(code))) => {
                    assert_eq!((done, code.expose().as_str()), (&id, *text));
                }
                other => panic!("{text} was expected, not {other:?}"),
            },
            ["torn"] => assert_eq!(last, Some(&Event::Refused(id, Refusal::Torn))),
            ["too_long"] => assert_eq!(last, Some(&Event::Refused(id, Refusal::TooLong))),
            ["stopped"] => assert_eq!(last, Some(&Event::Done(id, Reply::Stopped))),
            _ => panic!("no such expectation: {what:?}"),
        }
    }
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    each_transcript("code-scanner", N_TRANSCRIPTS, |name, lines| {
        let core = CodeScanner::new(SETTINGS, PRODUCTION);
        let (written, events) = (Vec::new(), Vec::new());
        let mut driver = Driver { core, written, events, next_id: 0, is_closed: false };
        driver.take(Input::LinkUp, Moment(0));
        for (at, now, line) in lines {
            driver.run_until(now);
            match line {
                Line::ToDevice(bytes) => {
                    assert_eq!(driver.written, bytes, "{name} line {at}");
                    driver.written.clear();
                }
                Line::FromDevice(bytes) => {
                    assert!(driver.written.is_empty(), "{name} line {at}: {:02x?}", driver.written);
                    driver.take(Input::Chunk(&bytes), now);
                }
                Line::Act(words) => driver.act(&words, now),
            }
        }
        assert!(driver.written.is_empty(), "{name}: {:02x?} at the end", driver.written);
    });
}

fn act_of(words: &[String]) -> Option<Act> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words[..] {
        ["hold", code] => Act::Hold(code.as_bytes().to_vec()),
        ["hold_long", len] => Act::Hold(vec![b'x'; len.parse().unwrap()]),
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
    each_transcript("code-scanner", N_TRANSCRIPTS, |name, lines| {
        let (mut twin, mut said) = (ScannerTwin::new(), Vec::new());
        for (at, now, line) in lines {
            while let Some(due) = twin.deadline().filter(|due| *due <= now) {
                said.extend(twin.pass_time(due).into_iter().flat_map(|speak| speak.bytes));
            }
            match line {
                Line::ToDevice(bytes) => {
                    assert!(said.is_empty(), "{name} line {at}: {said:02x?} was not awaited");
                    said.extend(twin.hear(&bytes, now).into_iter().flat_map(|speak| speak.bytes));
                }
                Line::FromDevice(bytes) => {
                    assert_eq!(said, bytes, "{name} line {at}");
                    said.clear();
                }
                Line::Act(words) => {
                    if let Some(act) = act_of(&words) {
                        said.extend(twin.touch(act, now).into_iter().flat_map(|s| s.bytes));
                    }
                }
            }
        }
        assert!(said.is_empty(), "{name}: {said:02x?}");
    });
}
