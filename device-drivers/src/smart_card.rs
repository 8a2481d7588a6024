//! Chip cards in a reader of pcscd (PC/SC): the social security card.
//!
//! [`codec`] knows the bytes, [`core`] the conversation, [`terminal`] carries it to a reader.
//! A reader differs from a line: it is asked whole commands, and it knows whether a card is there.

pub mod codec;
pub mod core;
pub mod terminal;
pub mod timings;

use device_api::smart_card::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, link::pcsc::PcscTerminal, pump::Handle};

pub use self::{core::SmartCardReader, timings::Timings};

/// The asking side; dropping every copy stops the driver.
pub type SmartCardHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// The reader's name as pcscd says it, with or without the two numbers at its end.
    pub reader: String,
    pub timings: Timings,
}

/// Starts the driver on the current tokio runtime. A missing daemon or reader is a health, not an
/// error, and is looked for for ever. The channel closes when the driver has ended.
#[must_use]
pub fn spawn(
    config: Config,
    clock: Clock,
    stop: CancellationToken,
) -> (SmartCardHandle, mpsc::Receiver<Event>) {
    let terminal = PcscTerminal::start(config.reader);
    terminal::spawn(SmartCardReader::new(config.timings), terminal, clock, stop)
}
