//! The receipt printer: ESC/POS over a serial line.
//!
//! [`codec`] knows the bytes, [`raster`] draws what the printer's own font lacks, [`core`] leads
//! the conversation. [`spawn`] puts the core on a serial port.

pub mod codec;
pub mod core;
pub mod raster;
pub mod timings;
pub mod wire;

use std::path::PathBuf;

use device_api::receipt_printer::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, serial::SerialConnect},
    pump::{self, Handle},
};

pub use self::{core::ReceiptPrinter, raster::Typeface, timings::Timings};
pub use codec::Baud;

/// The asking side; dropping every copy stops the driver.
pub type ReceiptPrinterHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// Path of the port, for example `/dev/ttyS1`.
    pub port: PathBuf,
    /// The rate the printer is set to; it is not searched for.
    pub baud: Baud,
    /// For lines with characters that the printer's own font lacks.
    pub typeface: Typeface,
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
) -> (ReceiptPrinterHandle, mpsc::Receiver<Event>) {
    let connect = SerialConnect::new(config.port, config.baud.rate());
    let core = ReceiptPrinter::new(config.baud, config.typeface, config.timings);
    spawn_on(connect, core, clock, stop)
}

/// The same driver on any link.
#[must_use]
pub fn spawn_on<C: Connect>(
    connect: C,
    core: ReceiptPrinter,
    clock: Clock,
    stop: CancellationToken,
) -> (ReceiptPrinterHandle, mpsc::Receiver<Event>) {
    pump::spawn("receipt-printer", core, connect, clock, stop)
}
