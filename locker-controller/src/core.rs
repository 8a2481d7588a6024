//! Doors and bus as one machine: asks go down to the line, readings come up to the doors.
//!
//! It decides nothing of its own. What happens on the bus is handed to the doors in the same step,
//! and the open the doors want is handed to the bus, so that no reading lies between them.

#[cfg(test)]
mod tests;

use device_api::{
    RequestId,
    locker::{BoardChanged, DoorNo, DoorState, Event, Health, Request},
};
use device_drivers::{
    machine::{Input, Machine, Output},
    wire::{Plain, Shown},
};
use kiosk_words::Moment;

use crate::{
    bus::{self, Bus, Pulse},
    cabinet::Cabinet,
    codec::Address,
    doors::{self, Doors, Effect},
    timings::Timings,
};

type Outputs = Vec<Output<Event>>;

/// The driver of one cabinet.
#[derive(Debug)]
pub struct Locker {
    bus: Bus,
    doors: Doors,
    linked: bool,
}

impl Locker {
    #[must_use]
    pub fn new(cabinet: &Cabinet, baud: u32, timings: Timings) -> Self {
        let (bus, doors) = (Bus::new(cabinet, baud, timings), Doors::new(cabinet, timings));
        Self { bus, doors, linked: false }
    }

    #[must_use]
    pub fn door(&self, no: DoorNo) -> Option<DoorState> {
        self.doors.state(no)
    }

    #[must_use]
    pub fn board(&self, address: Address) -> Option<Health> {
        self.bus.health(address)
    }

    fn bus_step(&mut self, input: Input<'_, Pulse>, now: Moment, out: &mut Outputs) {
        for output in self.bus.handle(input, now) {
            match output {
                Output::Write(bytes) => out.push(Output::Write(bytes)),
                Output::SetLineBaud(baud) => out.push(Output::SetLineBaud(baud)),
                Output::CloseLink(reason) => {
                    self.linked = false;
                    out.push(Output::CloseLink(reason));
                }
                Output::Tell(event) => self.on_bus_event(event, now, out),
            }
        }
    }

    fn on_bus_event(&mut self, event: bus::Event, now: Moment, out: &mut Outputs) {
        match event {
            bus::Event::Pulsed(id) => self.doors_step(doors::Input::Pulsed(id), now, out),
            bus::Event::NotPulsed(id) => self.doors_step(doors::Input::NotPulsed(id), now, out),
            bus::Event::Seen { board, contacts } => {
                self.doors_step(doors::Input::Seen { board, contacts }, now, out);
            }
            bus::Event::Health { board, health } => {
                let changed = BoardChanged { board: board.get(), health };
                out.push(Output::Tell(Event::Board(changed)));
                if matches!(health, Health::Down(_)) {
                    self.doors_step(doors::Input::BoardLost(board), now, out);
                }
            }
        }
    }

    fn doors_step(&mut self, input: doors::Input, now: Moment, out: &mut Outputs) {
        for effect in self.doors.handle(input, now) {
            match effect {
                Effect::Tell(event) => out.push(Output::Tell(event)),
                Effect::Pulse(id, pulse) => self.bus_step(Input::Ask(id, pulse), now, out),
                Effect::Forget(id) => self.bus.forget(id),
            }
        }
    }

    fn on_ask(&mut self, id: RequestId, ask: Request, now: Moment, out: &mut Outputs) {
        self.doors_step(doors::Input::Ask(id, ask), now, out);
    }
}

impl Machine for Locker {
    type Ask = Request;
    type Event = Event;

    fn handle(&mut self, input: Input<'_, Request>, now: Moment) -> Outputs {
        let mut out = Outputs::new();
        match input {
            Input::LinkUp => {
                self.linked = true;
                self.bus_step(Input::LinkUp, now, &mut out);
            }
            Input::LinkDown => {
                self.linked = false;
                self.bus_step(Input::LinkDown, now, &mut out);
            }
            Input::Chunk(bytes) => self.bus_step(Input::Chunk(bytes), now, &mut out),
            Input::Ask(id, ask) => self.on_ask(id, ask, now, &mut out),
            Input::Tick => {
                self.bus_step(Input::Tick, now, &mut out);
                self.doors_step(doors::Input::Tick, now, &mut out);
            }
        }
        self.bus.watch(self.doors.watched());
        out
    }

    fn deadline(&self) -> Option<Moment> {
        self.bus.deadline().into_iter().chain(self.doors.deadline()).min()
    }

    /// Nothing of a person is ever on the bus.
    fn wire(&self) -> Box<dyn Shown> {
        Box::new(Plain)
    }

    fn state(&self) -> &'static str {
        match (self.linked, self.doors.is_opening()) {
            (false, _) => "offline",
            (true, false) => "polling",
            (true, true) => "opening",
        }
    }
}
