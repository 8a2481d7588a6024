//! The code scanner on a serial line: plain text in, and the trigger commands of the "7E 00" family
//! out.
//!
//! [`codec`] knows the bytes, [`core`] the conversation. [`spawn`] puts the core on a serial port.

pub mod codec;
pub mod core;
pub mod timings;
pub mod wire;

use std::path::PathBuf;

use device_api::code_scanner::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};

pub use self::{core::CodeScanner, timings::Timings};
pub use codec::{Charset, Ending};

/// The asking side; dropping every copy stops the driver.
pub type CodeScannerHandle = Handle<Request>;

/// How a scanner begins to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// By the commands of the "7E 00" family; it answers them, so that it is known to be there.
    Command,
    /// By itself, whatever comes before it. Whether it is there is not known before it has read.
    Always,
}

/// What a scanner is set to, with its own setting codes, when it is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub trigger: Trigger,
    pub ending: Ending,
    pub charset: Charset,
}

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/ttyUSB1`.
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
) -> (CodeScannerHandle, mpsc::Receiver<Event>) {
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
) -> (CodeScannerHandle, mpsc::Receiver<Event>) {
    pump::spawn("code-scanner", CodeScanner::new(settings, timings), connect, clock, stop)
}
