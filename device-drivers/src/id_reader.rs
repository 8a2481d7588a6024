//! The second-generation id card reader (SAM_V module).
//!
//! [`codec`] knows the bytes, [`card`] the text on the chip, [`core`] the conversation.
//! [`spawn`] puts the core on a serial port.

pub mod card;
pub mod codec;
pub mod core;
pub mod timings;
pub mod wire;

use std::path::PathBuf;

use device_api::id_reader::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};

pub use self::{core::IdReader, timings::Timings};
pub use codec::Baud;

/// The asking side; dropping every copy stops the driver.
pub type IdReaderHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/ttyUSB0`.
    pub port: PathBuf,
    /// Rate tried first; the others follow when nothing answers.
    pub baud: Baud,
    pub timings: Timings,
}

/// Starts the driver on the current tokio runtime. It opens the port by itself, and again
/// whenever it was lost; a missing port is `Health::Down(Missing)`, not an error.
/// The channel closes when the driver has ended.
#[must_use]
pub fn spawn(
    config: Config,
    clock: Clock,
    stop: CancellationToken,
) -> (IdReaderHandle, mpsc::Receiver<Event>) {
    let connect = SerialConnect::new(config.port, config.baud.rate());
    spawn_on(connect, config.baud, config.timings, clock, stop)
}

/// The same driver on any link.
#[must_use]
pub fn spawn_on<C: Connect>(
    connect: C,
    baud: Baud,
    timings: Timings,
    clock: Clock,
    stop: CancellationToken,
) -> (IdReaderHandle, mpsc::Receiver<Event>) {
    pump::spawn("id-reader", IdReader::new(baud, timings), connect, clock, stop)
}
