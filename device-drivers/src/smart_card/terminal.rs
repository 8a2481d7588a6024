//! The loop between the chip card core and a terminal: the reader with its slot.
//!
//! It brings what the terminal says, asks and time to the core, and performs what the core wants.
//! It decides nothing about cards.

use device_api::{
    RequestId,
    smart_card::{Event, Request},
    wire::From,
};
use kiosk_words::Private;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::core::{Heard, Input, Output, SmartCardReader};
use crate::{
    clock::Clock,
    pump::{Handle, N_ASKS_MAX, N_EVENTS_MAX},
    wire::{WireLog, hex, hidden},
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
    let wire = WireLog::new(clock);
    tokio::spawn(Loop { core, terminal, wire: wire.clone(), clock, stop, asks, events }.run());
    (Handle::new(asks_tx, wire), events_rx)
}

struct Loop<T> {
    core: SmartCardReader,
    terminal: T,
    wire: WireLog,
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
            heard = self.terminal.hear() => {
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
            Output::Connect => self.terminal.connect(),
            Output::Transmit(command) => {
                self.wire.keep(From::Station, vec![command_line(command.expose())]);
                self.terminal.transmit(&command);
            }
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

/// A command by its head: a PIN and names stand behind it.
fn command_line(command: &[u8]) -> String {
    let (head, rest) = command.split_at(command.len().min(4));
    if rest.is_empty() { hex(head) } else { format!("{} {}", hex(head), hidden(rest.len())) }
}

/// An answer by its status words, anything else by its name.
fn heard_line(heard: &Heard) -> String {
    match heard {
        Heard::Answer(answer) => {
            let answer = answer.expose();
            let (data, status) = answer.split_at(answer.len().saturating_sub(2));
            if data.is_empty() {
                hex(status)
            } else {
                format!("{} {}", hidden(data.len()), hex(status))
            }
        }
        Heard::Down(fault) => format!("{fault:?}"),
        Heard::Failed(failure) => format!("{failure:?}"),
        Heard::Empty => "Empty".to_owned(),
        Heard::FoundInside => "FoundInside".to_owned(),
        Heard::Inserted => "Inserted".to_owned(),
        Heard::Connected(protocol) => format!("{protocol:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_pin_nor_what_a_card_says_is_shown() {
        let verify = [0x00, 0x20, 0x00, 0x80, 0x08, b'2', b'7', b'1', b'8', b'2', b'8', 0xFF, 0xFF];
        assert_eq!(command_line(&verify), "00 20 00 80 ·9·");
        let heard = Heard::Answer(Private::new(vec![b'n', b'a', b'm', b'e', 0x90, 0x00]));
        assert_eq!(heard_line(&heard), "·4· 90 00");
        let refused = Heard::Answer(Private::new(vec![0x63, 0xC2]));
        assert_eq!(heard_line(&refused), "63 C2");
    }
}
