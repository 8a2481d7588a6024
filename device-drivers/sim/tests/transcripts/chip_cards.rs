//! Plays every transcript of the slot for chip cards against the driver's core and against the twin:
//! `>` is a command, `<` the card's answer, `*` what the slot, the app or the test does.

use std::fmt::Debug;

use super::wire::{Line, Transcripts};
use device_api::{
    RequestId,
    smart_card::{Challenge, Event, Pin, Refusal, Reply, Request},
};
use device_drivers::smart_card::{
    SmartCardReader,
    codec::Protocol,
    core::{Failure, Heard, Input, Output},
    timings::PRODUCTION,
};
use device_sim::smart_card::{CardSlot, Chip, Said, piv::PivChip, protocol_of, specimen::chip};
use kiosk_words::{Moment, Private};

/// What staff cards sign in transcripts.
const CHALLENGE: Challenge = Challenge([0xC4; 32]);

/// A card for staff stands in no list: those are as delivered.
fn chip_of(specimen: &str) -> Box<dyn Chip> {
    match specimen {
        "staff" => Box::new(PivChip::with_bare_keys("staff", "271828")),
        listed => chip(listed).unwrap(),
    }
}

const ALL: Transcripts = Transcripts { device: "chip-cards", n_min: 10 };

/// The driver's core, and what it wants of the slot.
struct Driver {
    core: SmartCardReader,
    wanted: Vec<Output>,
    events: Vec<Event>,
}

impl Driver {
    fn take(&mut self, input: Input, now: Moment) {
        for output in self.core.handle(input, now) {
            match output {
                Output::Tell(event) => self.events.push(event),
                Output::Connect | Output::Transmit(_) | Output::LetGo => self.wanted.push(output),
            }
        }
    }

    fn act(&mut self, words: &[&str], now: Moment) {
        let heard = match words {
            ["empty"] => Heard::Empty,
            ["insert", _] => Heard::Inserted,
            ["found_inside", _] => Heard::FoundInside,
            ["power", protocol] => {
                assert_eq!(self.wanted.pop(), Some(Output::Connect));
                Heard::Connected(if *protocol == "T0" { Protocol::T0 } else { Protocol::T1 })
            }
            ["pull"] => Heard::Failed(Failure::Removed),
            ["ask", "read"] => {
                let read = Request::Read { challenge: CHALLENGE };
                return self.take(Input::Ask(RequestId(1), read), now);
            }
            ["ask", "prove", digits] => {
                let pin = Pin::new(&Private::text(digits)).unwrap();
                let prove = Request::Prove { pin, challenge: CHALLENGE };
                return self.take(Input::Ask(RequestId(2), prove), now);
            }
            ["expect", "staff_card", n_left] => {
                let Some(Event::Done(_, Reply::StaffCard(card))) = self.answer() else {
                    panic!("no staff card: {:?}", self.events)
                };
                return assert_eq!(card.n_tries_left.to_string(), *n_left);
            }
            ["expect", "proof"] => {
                let proved = matches!(self.answer(), Some(Event::Done(_, Reply::Proof(_))));
                return assert!(proved, "{:?}", self.events);
            }
            ["let_go"] => return assert_eq!(self.wanted.pop(), Some(Output::LetGo)),
            ["expect", "card", name, number] => {
                let Some(Event::Done(_, Reply::SocialCard(card))) = self.answer() else {
                    panic!("no card: {:?}", self.events)
                };
                let read = (card.name.expose().as_str(), card.number.expose().as_str());
                return assert_eq!(read, (*name, *number));
            }
            ["expect", "refused", why] => {
                let Some(Event::Refused(_, refusal)) = self.answer() else {
                    panic!("not refused: {:?}", self.events)
                };
                let word = if let Refusal::WrongPin { n_left } = refusal {
                    format!("WrongPin_{n_left}")
                } else {
                    format!("{refusal:?}")
                };
                return assert_eq!(word, *why);
            }
            _ => panic!("no such act: {words:?}"),
        };
        self.take(Input::Heard(heard), now);
    }

    fn answer(&self) -> Option<&Event> {
        self.events.iter().rfind(|event| !matches!(event, Event::StatusChanged(_)))
    }
}

#[test]
fn the_driver_sends_every_command_byte_for_byte() {
    ALL.each(|name, lines| {
        let core = SmartCardReader::new(PRODUCTION);
        let mut driver = Driver { core, wanted: Vec::new(), events: Vec::new() };
        for (at, now, line) in lines {
            match line {
                Line::ToDevice(bytes) => {
                    same(
                        name,
                        at,
                        driver.wanted.pop(),
                        Some(Output::Transmit(Private::new(bytes))),
                    );
                }
                Line::FromDevice(bytes) => {
                    driver.take(Input::Heard(Heard::Answer(Private::new(bytes))), now);
                }
                Line::Act(words) => driver.act(&super::wire::as_words(&words), now),
            }
        }
        same(name, 0, driver.wanted, Vec::new());
    });
}

fn same<T: PartialEq + Debug>(name: &str, at: usize, left: T, right: T) {
    assert_eq!(left, right, "{name} line {at}");
}

#[test]
fn the_card_gives_every_answer_byte_for_byte() {
    ALL.each(|name, lines| {
        let mut slot = CardSlot::new();
        let mut said = None;
        for (at, _, line) in lines {
            match line {
                Line::ToDevice(bytes) => said = slot.hear(&bytes),
                Line::FromDevice(bytes) => {
                    same(name, at, said.take(), Some(Said::Answer { bytes, after_ms: 0 }));
                }
                Line::Act(words) => match super::wire::as_words(&words).as_slice() {
                    ["insert" | "found_inside", specimen] => {
                        slot.put_in(specimen, chip_of(specimen));
                    }
                    ["power", protocol] => {
                        same(
                            name,
                            at,
                            *protocol,
                            &format!("{:?}", protocol_of(&slot.atr().unwrap())),
                        );
                        slot.reset();
                    }
                    ["pull"] => {
                        slot.take_out();
                        said = None;
                    }
                    ["let_go"] => slot.reset(),
                    ["empty" | "ask" | "expect", ..] => {}
                    words => panic!("{name} line {at}: no such act: {words:?}"),
                },
            }
        }
        same(name, 0, said, None);
    });
}
