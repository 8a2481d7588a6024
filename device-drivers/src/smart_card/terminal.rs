//! The loop between the chip card core and a terminal: the reader with its slot.
//!
//! It brings what the terminal says, asks and time to the core, and performs what the core wants.
//! It decides nothing about cards.

use device_api::{
    RequestId,
    smart_card::{Event, Request},
};
use kiosk_words::Private;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::core::{Heard, Input, Output, SmartCardReader};
use crate::{
    clock::Clock,
    pump::{Handle, N_ASKS_MAX, N_EVENTS_MAX},
};

/// A reader with a slot. Whole commands go in; a card that is gone, or does not answer, is told by
/// what is heard.
pub trait Terminal: Send + 'static {
    /// The next thing that is said; for ever if nothing is. Cancel-safe.
    fn hear(&mut self) -> impl Future<Output = Heard> + Send;

    /// Gives the card power; nobody else may talk to it until it is let go.
    fn connect(&mut self);

    fn transmit(&mut self, command: &Private<Vec<u8>>);

    /// Takes the power away. Nothing that was asked before is heard any more.
    fn let_go(&mut self);
}

/// Starts the driver of a terminal on the current runtime.
pub fn spawn<T: Terminal>(
    core: SmartCardReader,
    terminal: T,
    clock: Clock,
    stop: CancellationToken,
) -> (Handle<Request>, mpsc::Receiver<Event>) {
    let (asks_tx, asks) = mpsc::channel(N_ASKS_MAX);
    let (events, events_rx) = mpsc::channel(N_EVENTS_MAX);
    tokio::spawn(Loop { core, terminal, clock, stop, asks, events }.run());
    (Handle::new(asks_tx), events_rx)
}

struct Loop<T> {
    core: SmartCardReader,
    terminal: T,
    clock: Clock,
    stop: CancellationToken,
    asks: mpsc::Receiver<(RequestId, Request)>,
    events: mpsc::Sender<Event>,
}

impl<T: Terminal> Loop<T> {
    async fn run(mut self) {
        while let Some(input) = self.next().await {
            let from = self.core.state();
            let outputs = self.core.handle(input, self.clock.now());
            let to = self.core.state();
            if from != to {
                tracing::debug!(device = "smart-card", from, to, "device state");
            }
            for output in outputs {
                if !self.perform(output).await {
                    return;
                }
            }
        }
        tracing::info!(device = "smart-card", "driver stopped");
    }

    async fn next(&mut self) -> Option<Input> {
        tokio::select! { biased;
            () = self.stop.cancelled() => None,
            heard = self.terminal.hear() => Some(Input::Heard(heard)),
            ask = self.asks.recv() => ask.map(|(id, ask)| Input::Ask(id, ask)),
            () = self.clock.until(self.core.deadline()) => Some(Input::Tick),
        }
    }

    /// False when the driver must end.
    async fn perform(&mut self, output: Output) -> bool {
        match output {
            Output::Connect => self.terminal.connect(),
            Output::Transmit(command) => self.terminal.transmit(&command),
            Output::LetGo => self.terminal.let_go(),
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
