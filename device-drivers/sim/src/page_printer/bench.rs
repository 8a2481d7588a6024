//! The driver core that ships and the printer, with no network between them, on virtual time.

use device_api::{
    RequestId,
    page_printer::{Event, Request, Status},
};
use device_drivers::page_printer::{
    Address, PagePrinter,
    core::{Failure, Heard, Input, Message, Output},
    timings::PRODUCTION,
};
use kiosk_words::Moment;

use super::{Act, PagePrinterLook, PagePrinterTwin, Said};

/// A connection to something that does not answer is given up after this.
const CONNECT_MS: u64 = PRODUCTION.connect_ms;

#[derive(Debug)]
pub struct Bench {
    core: PagePrinter,
    pub twin: PagePrinterTwin,
    /// What becomes of the message under way, if anything.
    due: Option<(Moment, Heard)>,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new(PagePrinterTwin::new())
    }
}

impl Bench {
    #[must_use]
    pub fn new(twin: PagePrinterTwin) -> Self {
        Self { core: Self::core(), twin, due: None }
    }

    fn core() -> PagePrinter {
        let address = Address::parse("ipp://127.0.0.1/ipp/print").expect("an address");
        PagePrinter::new(address, PRODUCTION)
    }

    #[must_use]
    pub const fn status(&self) -> Status {
        self.core.status()
    }

    /// The program of the driver ends and begins anew; the printer goes on.
    pub fn program_restarts(&mut self) {
        self.core = Self::core();
        self.due = None;
    }

    pub fn ask(&mut self, id: RequestId, request: Request, now: Moment) -> Vec<Event> {
        self.step(Input::Ask(id, request), now)
    }

    pub fn touch(&mut self, act: Act, now: Moment) {
        let cuts = matches!(act, Act::SetPower(super::Power::Off))
            || matches!(act, Act::SetNetwork(super::Network::Unplugged));
        self.twin.touch(act, now);
        if cuts && let Some((at, heard)) = &mut self.due {
            (*at, *heard) = (now, Heard::Failed(Failure::Broken));
        }
    }

    pub fn look(&mut self, now: Moment) -> PagePrinterLook {
        self.twin.look(now)
    }

    /// When something happens, in the driver or at its printer.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let due = self.due.as_ref().map(|(at, _)| *at);
        [due, self.core.deadline(), self.twin.deadline()].into_iter().flatten().min()
    }

    /// What is due by now happens.
    pub fn run(&mut self, now: Moment) -> Vec<Event> {
        // The printer goes on by itself.
        self.twin.look(now);
        let mut events = Vec::new();
        if let Some((_, heard)) = self.due.take_if(|(at, _)| *at <= now) {
            events.extend(self.step(Input::Heard(heard), now));
        }
        events.extend(self.step(Input::Tick, now));
        events
    }

    fn step(&mut self, input: Input, now: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        for output in self.core.handle(input, now) {
            match output {
                Output::Send(message) => self.due = self.carry(message, now),
                Output::GiveUp => self.due = None,
                Output::Tell(event) => events.push(event),
            }
        }
        events
    }

    fn carry(&mut self, message: Message, now: Moment) -> Option<(Moment, Heard)> {
        if !self.twin.listens(now) {
            // A printer that is off does not even refuse.
            let after_ms = if self.twin.look(now).is_awake { 0 } else { CONNECT_MS };
            return Some((now.plus_ms(after_ms), Heard::Failed(Failure::NotConnected)));
        }
        let mut bytes = message.head;
        if let Some(document) = &message.document {
            bytes.extend_from_slice(document.expose());
        }
        match self.twin.hear(bytes, now) {
            Said::Answer { bytes, after_ms } => Some((now.plus_ms(after_ms), Heard::Answer(bytes))),
            Said::WebPage => Some((now, Heard::Failed(Failure::NotIpp))),
            Said::Cut => Some((now, Heard::Failed(Failure::Broken))),
            Said::Nothing => None,
        }
    }
}
