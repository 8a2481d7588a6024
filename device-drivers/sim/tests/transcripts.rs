//! Plays every transcript of the card reader against the driver's core and against its twin.
//!
//! The driver must write each `>` byte for byte when its time comes; the twin must answer it with
//! the following `<` bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod wire;

use device_api::{
    RequestId,
    id_reader::{Event, Fault, Health, ReadWhat, Refusal, Reply, Request},
};
use device_drivers::{
    id_reader::{Baud, IdReader, timings::PRODUCTION},
    machine::{Input, Machine as _, Output},
};
use device_sim::{
    reader::{Act, ModuleHealth, ReaderTwin},
    specimen,
    trouble::{Planned, Trouble},
};
use kiosk_words::Moment;
use wire::{Line, each_transcript};

/// The driver's core with what it said so far.
struct Driver {
    core: IdReader,
    written: Vec<u8>,
    events: Vec<Event>,
    next_id: u64,
}

impl Driver {
    fn take(&mut self, input: Input<'_, Request>, now: Moment) {
        for output in self.core.handle(input, now) {
            match output {
                Output::Write(bytes) => self.written.extend(bytes),
                Output::Tell(event) => self.events.push(event),
                Output::SetLineBaud(rate) => panic!("rate changed to {rate}"),
                Output::CloseLink(reason) => panic!("link closed: {reason:?}"),
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
            ["ask", "text"] => {
                self.next_id += 1;
                let what = ReadWhat { photo: false, fingerprint: false, new_address: false };
                self.take(Input::Ask(RequestId(self.next_id), Request::Read(what)), now);
                self.run_until(now);
            }
            ["expect", ref what @ ..] => self.expect(what),
            ["lay" | "lift" | "module" | "trouble", ..] => {}
            _ => panic!("no such act: {words:?}"),
        }
    }

    fn expect(&self, what: &[&str]) {
        let status = self.core.status();
        let id = RequestId(self.next_id);
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
                    Event::Done(_, Reply::Stopped)
                    | Event::Refused(..)
                    | Event::StatusChanged(_) => false,
                };
                assert!(self.events.iter().any(is_it), "{:?}", self.events);
            }
            ["refused", "lay_again"] => {
                assert!(self.events.contains(&Event::Refused(id, Refusal::LayAgain)));
            }
            _ => panic!("no such expectation: {what:?}"),
        }
    }
}

#[test]
fn the_driver_writes_every_host_line_byte_for_byte() {
    each_transcript("id-reader", 4, |name, lines| {
        let core = IdReader::new(Baud::B115200, PRODUCTION);
        let mut driver = Driver { core, written: Vec::new(), events: Vec::new(), next_id: 0 };
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

fn touch(twin: &mut ReaderTwin, words: &[String]) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["lay", name] => twin.touch(Act::Lay(Box::new(specimen::card(name).unwrap()))),
        ["lift"] => twin.touch(Act::Lift),
        ["module", "healthy"] => twin.touch(Act::SetModule(ModuleHealth::Healthy)),
        ["module", "self_test_failed"] => {
            twin.touch(Act::SetModule(ModuleHealth::SelfTestFailed));
        }
        ["trouble", "lift_mid_read"] => {
            twin.touch(Act::Plan(Planned::new(Trouble::LiftMidRead)));
        }
        ["trouble", "bad_checksum", on] => {
            twin.touch(Act::Plan(Planned::new(Trouble::BadChecksum).on(on)));
        }
        ["ask" | "expect", ..] => {}
        _ => panic!("no such act: {words:?}"),
    }
}

#[test]
fn the_twin_answers_every_host_line_byte_for_byte() {
    each_transcript("id-reader", 4, |name, lines| {
        let (mut twin, mut said) = (ReaderTwin::new(), Vec::new());
        for (at, now, line) in lines {
            match line {
                Line::ToDevice(bytes) => {
                    assert!(said.is_empty(), "{name} line {at}: {said:02x?} was not awaited");
                    for speak in twin.hear(&bytes, now) {
                        said.extend(speak.bytes);
                    }
                }
                Line::FromDevice(bytes) => {
                    assert_eq!(said, bytes, "{name} line {at}");
                    said.clear();
                }
                Line::Act(words) => touch(&mut twin, &words),
            }
        }
        assert!(said.is_empty(), "{name}");
    });
}
