//! The locker: lock boards on one RS-485 bus, and the doors that hang on them.
//!
//! [`cabinet`] says what is built in, [`codec`] knows the bytes, [`bus`] shares the one line among
//! the boards, [`doors`] makes door states and answers of readings, and [`core`] joins the two
//! into one machine without clock or port. [`spawn`] puts it on a serial port.
//!
//! ```text
//!  ask ──▶ doors ──pulse──▶ bus ──bytes──▶ pump ──▶ RS-485
//!  event ◀─ doors ◀─reading─ bus ◀─bytes── pump ◀──
//! ```
//!
//! This crate decides when a door is opened, once, and what is known of it since.
//! It does not decide who may open it, what lies behind it, or what follows from an alarm: that is
//! custody, in the core of the station.

pub mod bus;
pub mod cabinet;
pub mod codec;
pub mod core;
pub mod doors;
pub mod timings;

use std::path::PathBuf;

use device_api::locker::{Event, Request};
use device_drivers::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use self::{
    cabinet::{BadCabinet, BoardProfile, Cabinet, Polarity},
    codec::{Address, ByteOrder, LockNo},
    core::Locker,
    timings::Timings,
};

/// The rate every known board of this family is set to.
pub const BAUD: u32 = 9_600;

/// The asking side; dropping every copy stops the driver.
pub type LockerHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/serial/by-id/..`.
    pub port: PathBuf,
    /// [`BAUD`], unless the boards were set otherwise.
    pub baud: u32,
    pub cabinet: Cabinet,
    pub timings: Timings,
}

/// Starts the driver on the current tokio runtime. It opens the port by itself, and again whenever
/// it was lost; a missing port is `Health::Down(Missing)` of every board, not an error.
/// The channel closes when the driver has ended.
#[must_use]
pub fn spawn(
    config: Config,
    clock: Clock,
    stop: CancellationToken,
) -> (LockerHandle, mpsc::Receiver<Event>) {
    let connect = SerialConnect::new(config.port, config.baud);
    spawn_on(connect, Locker::new(&config.cabinet, config.baud, config.timings), clock, stop)
}

/// The same driver on any link.
#[must_use]
pub fn spawn_on<C: Connect>(
    connect: C,
    core: Locker,
    clock: Clock,
    stop: CancellationToken,
) -> (LockerHandle, mpsc::Receiver<Event>) {
    pump::spawn("locker", core, connect, clock, stop)
}
