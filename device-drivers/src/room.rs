//! The room board: emergency button, lobby door and mains, light, siren and the guard's contact, on
//! a Modbus-RTU board with eight inputs and eight relays.
//!
//! [`codec`] knows the bytes, [`wiring`] what they mean in this room, [`core`] the conversation.
//! [`spawn`] puts the core on a serial port.

pub mod codec;
pub mod core;
pub mod timings;
pub mod wiring;

use std::path::PathBuf;

use device_api::room::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};

pub use self::{core::Room, timings::Timings};
pub use codec::{Address, Channel};
pub use wiring::{Contact, InputWire, OnWhen, OutputWire, Wiring};

/// The asking side; dropping every copy stops the driver.
pub type RoomHandle = Handle<Request>;

/// Which board, and what is wired to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub address: Address,
    pub wiring: Wiring,
}

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/ttyUSB2`.
    pub port: PathBuf,
    pub baud: u32,
    pub settings: Settings,
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
) -> (RoomHandle, mpsc::Receiver<Event>) {
    let connect = SerialConnect::new(config.port, config.baud);
    spawn_on(connect, config.settings, config.timings, clock, stop)
}

/// The same driver on any link.
#[must_use]
pub fn spawn_on<C: Connect>(
    connect: C,
    settings: Settings,
    timings: Timings,
    clock: Clock,
    stop: CancellationToken,
) -> (RoomHandle, mpsc::Receiver<Event>) {
    pump::spawn("room", Room::new(settings, timings), connect, clock, stop)
}
