//! The keypad with an earphone jack, on a serial line: an open protocol, written out byte for byte
//! in docs/devices/keypad.md.
//!
//! [`codec`] knows the bytes, [`core`] the conversation. [`spawn`] puts the core on a serial port.

pub mod codec;
pub mod core;
pub mod timings;
mod wire;

use std::path::PathBuf;

use device_api::keypad::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};

pub use self::{core::Keypad, timings::Timings};

/// Nothing can be asked; dropping every copy stops the driver.
pub type KeypadHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/ttyUSB2`.
    pub port: PathBuf,
    pub baud: u32,
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
) -> (KeypadHandle, mpsc::Receiver<Event>) {
    let connect = SerialConnect::new(config.port, config.baud);
    spawn_on(connect, config.timings, clock, stop)
}

/// The same driver on any link.
#[must_use]
pub fn spawn_on<C: Connect>(
    connect: C,
    timings: Timings,
    clock: Clock,
    stop: CancellationToken,
) -> (KeypadHandle, mpsc::Receiver<Event>) {
    pump::spawn("keypad", Keypad::new(timings), connect, clock, stop)
}
