//! The driver core that ships and the slot, with no daemon between them, on virtual time.

use device_api::{
    RequestId,
    smart_card::{Challenge, Event, Fault, Pin, Refusal, Reply, Request, Status},
};
use device_drivers::smart_card::{
    SmartCardReader,
    core::{Failure, Heard, Input, Output},
    timings::PRODUCTION,
};
use kiosk_words::{Moment, Private};

use super::{CardSlot, Chip, Said, protocol_of};

/// pcscd tells that a card is gone so much later at most (measured: 340 ms).
const NOTICE_MS: u64 = 340;

/// A reader whose daemon runs, until it is told otherwise.
#[derive(Debug)]
pub struct Bench {
    core: SmartCardReader,
    pub slot: CardSlot,
    /// What the terminal will say, by time.
    due: Vec<(Moment, Heard)>,
    is_up: bool,
    is_connected: bool,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    #[must_use]
    pub fn new() -> Self {
        let core = SmartCardReader::new(PRODUCTION);
        let (slot, due) = (CardSlot::new(), Vec::new());
        Self { core, slot, due, is_up: false, is_connected: false }
    }

    /// What the driver reads from this card, pushed in by somebody who is in no hurry.
    pub fn read(chip: Box<dyn Chip>) -> Result<Reply, Refusal> {
        Self::new().read_in(chip, Challenge([0; 32]))
    }

    /// The same at this bench: the card stays in. A staff card signs the challenge.
    pub fn read_in(&mut self, chip: Box<dyn Chip>, challenge: Challenge) -> Result<Reply, Refusal> {
        let (id, now) = (RequestId(0), Moment(0));
        let mut events = self.daemon_up(now);
        events.extend(self.ask(id, Request::Read { challenge }, now));
        events.extend(self.put_in("a card", chip, now));
        self.outcome(id, events)
    }

    /// What the staff card that was read says to this PIN.
    pub fn prove(&mut self, pin: Pin, challenge: Challenge) -> Result<Reply, Refusal> {
        let (id, now) = (RequestId(1), Moment(0));
        let request = Request::Prove { pin, challenge };
        let events = self.ask(id, request, now);
        self.outcome(id, events)
    }

    fn outcome(&mut self, id: RequestId, mut events: Vec<Event>) -> Result<Reply, Refusal> {
        loop {
            let outcome = events.drain(..).find_map(|event| match event {
                Event::Done(of, reply) if of == id => Some(Ok(reply)),
                Event::Refused(of, why) if of == id => Some(Err(why)),
                Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => None,
            });
            match (outcome, self.deadline()) {
                (Some(outcome), _) => return outcome,
                (None, Some(at)) => events = self.run(at),
                (None, None) => return Err(Refusal::Stalled),
            }
        }
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.core.status()
    }

    /// The daemon is there, and finds the slot as it is.
    pub fn daemon_up(&mut self, now: Moment) -> Vec<Event> {
        self.is_up = true;
        let heard = if self.slot.atr().is_some() { Heard::FoundInside } else { Heard::Empty };
        self.hear(heard, now)
    }

    /// The program of the driver ends and begins anew; the daemon goes on, and the card stays in.
    pub fn program_restarts(&mut self, now: Moment) -> Vec<Event> {
        self.core = SmartCardReader::new(PRODUCTION);
        self.due.clear();
        self.is_connected = false;
        if self.is_up { self.daemon_up(now) } else { Vec::new() }
    }

    pub fn daemon_down(&mut self, fault: Fault, now: Moment) -> Vec<Event> {
        (self.is_up, self.is_connected) = (false, false);
        self.due.clear();
        self.slot.reset();
        self.hear(Heard::Down(fault), now)
    }

    pub fn put_in(&mut self, specimen: &str, chip: Box<dyn Chip>, now: Moment) -> Vec<Event> {
        self.slot.put_in(specimen, chip);
        if !self.is_up {
            return Vec::new();
        }
        // A change that was quicker than the daemon's look is told as what it was.
        let was_out = self.due.iter().any(|(_, heard)| *heard == Heard::Empty);
        self.due.clear();
        let mut events = if was_out { self.hear(Heard::Empty, now) } else { Vec::new() };
        events.extend(self.hear(Heard::Inserted, now));
        events
    }

    /// The daemon notices a little later; a card that was being asked fails at once.
    pub fn take_out(&mut self, now: Moment) -> Vec<Event> {
        self.slot.take_out();
        self.due.clear();
        if !self.is_up {
            return Vec::new();
        }
        self.due.push((now.plus_ms(NOTICE_MS), Heard::Empty));
        if self.is_connected { self.hear(Heard::Failed(Failure::Removed), now) } else { Vec::new() }
    }

    pub fn ask(&mut self, id: RequestId, request: Request, now: Moment) -> Vec<Event> {
        self.step(Input::Ask(id, request), now)
    }

    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let due = self.due.iter().map(|(at, _)| *at);
        due.chain(self.core.deadline()).min()
    }

    /// What is due by now happens.
    pub fn run(&mut self, now: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(at) = self.due.iter().position(|(at, _)| *at <= now) {
            let (_, heard) = self.due.remove(at);
            events.extend(self.hear(heard, now));
        }
        events.extend(self.step(Input::Tick, now));
        events
    }

    fn hear(&mut self, heard: Heard, now: Moment) -> Vec<Event> {
        self.step(Input::Heard(heard), now)
    }

    fn step(&mut self, input: Input, now: Moment) -> Vec<Event> {
        let outputs = self.core.handle(input, now);
        let mut events = Vec::new();
        for output in outputs {
            match output {
                Output::Tell(event) => events.push(event),
                Output::Connect => self.connect(now),
                Output::Transmit(command) => self.transmit(&command, now),
                Output::LetGo => {
                    self.is_connected = false;
                    self.due.retain(|(_, heard)| *heard == Heard::Empty);
                    self.slot.reset();
                }
            }
        }
        events
    }

    fn connect(&mut self, now: Moment) {
        self.slot.reset();
        let heard = match self.slot.atr() {
            Some(atr) => Heard::Connected(protocol_of(&atr)),
            None => Heard::Failed(Failure::Removed),
        };
        self.is_connected = self.slot.atr().is_some();
        self.due.push((now, heard));
    }

    fn transmit(&mut self, command: &Private<Vec<u8>>, now: Moment) {
        match self.slot.hear(command.expose()) {
            Some(Said::Answer { bytes, after_ms }) => {
                self.due.push((now.plus_ms(after_ms), Heard::Answer(Private::new(bytes))));
            }
            Some(Said::Pulled) | None => {
                self.due.push((now, Heard::Answer(Private::default())));
                self.due.push((now.plus_ms(NOTICE_MS), Heard::Empty));
            }
        }
    }
}
