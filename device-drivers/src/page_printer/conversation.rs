//! The loop between the page printer core and HTTP.
//!
//! It brings answers, asks and time to the core, and performs what the core wants. It decides
//! nothing about printers.

use device_api::{
    RequestId,
    page_printer::{Event, Request},
    wire::From,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    core::{Failure, Heard, Input, Message, Output, PagePrinter},
    wire::{heard_line, sent_line},
};
use crate::{
    clock::Clock,
    link::http::{HttpLink, Lost},
    pump::{Handle, N_ASKS_MAX, N_EVENTS_MAX},
    wire::WireLog,
};

/// Starts the driver on the current runtime.
pub(super) fn spawn(
    core: PagePrinter,
    link: HttpLink,
    clock: Clock,
    stop: CancellationToken,
) -> (Handle<Request>, mpsc::Receiver<Event>) {
    let (asks_tx, asks) = mpsc::channel(N_ASKS_MAX);
    let (events, events_rx) = mpsc::channel(N_EVENTS_MAX);
    let wire = WireLog::new(clock);
    tokio::spawn(Loop { core, link, wire: wire.clone(), clock, stop, asks, events }.run());
    (Handle::new(asks_tx, wire), events_rx)
}

struct Loop {
    core: PagePrinter,
    link: HttpLink,
    wire: WireLog,
    clock: Clock,
    stop: CancellationToken,
    asks: mpsc::Receiver<(RequestId, Request)>,
    events: mpsc::Sender<Event>,
}

impl Loop {
    async fn run(mut self) {
        while let Some(input) = self.next().await {
            let from = self.core.state();
            let outputs = self.core.handle(input, self.clock.now());
            let to = self.core.state();
            if from != to {
                tracing::debug!(device = "page-printer", from, to, "device state");
            }
            for output in outputs {
                if !self.perform(output).await {
                    return;
                }
            }
        }
        tracing::info!(device = "page-printer", "driver stopped");
    }

    async fn next(&mut self) -> Option<Input> {
        tokio::select! { biased;
            () = self.stop.cancelled() => None,
            answer = self.link.hear() => {
                let heard = heard(answer);
                self.wire.keep(From::Device, vec![heard_line(&heard)]);
                Some(Input::Heard(heard))
            }
            ask = self.asks.recv() => ask.map(|(id, ask)| Input::Ask(id, ask)),
            () = self.clock.until(self.core.deadline()) => Some(Input::Tick),
        }
    }

    /// False when the driver must end.
    async fn perform(&mut self, output: Output) -> bool {
        match output {
            Output::Send(message) => {
                self.wire.keep(From::Station, vec![sent_line(&message)]);
                let Message { head, document, command: _ } = message;
                self.link.post(head, document);
            }
            Output::GiveUp => self.link.give_up(),
            Output::Tell(event) => {
                return tokio::select! { biased;
                    () = self.stop.cancelled() => false,
                    told = self.events.send(event) => told.is_ok(),
                };
            }
        }
        true
    }
}

fn heard(answer: Result<Vec<u8>, Lost>) -> Heard {
    match answer {
        Ok(bytes) => Heard::Answer(bytes),
        Err(lost) => {
            tracing::debug!(device = "page-printer", %lost, "no answer");
            Heard::Failed(match lost {
                Lost::NotConnected(_) => Failure::NotConnected,
                Lost::Broken(_) => Failure::Broken,
                Lost::Status(_) | Lost::Kind | Lost::TooLong => Failure::NotIpp,
            })
        }
    }
}
