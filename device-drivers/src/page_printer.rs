//! The page printer: A4 over IPP, which is HTTP to an address of the printer's own.
//!
//! [`codec`] knows the bytes, [`core`] leads the conversation, [`conversation`] carries it over
//! HTTP. It differs from a line: a question and its answer are one exchange, and the printer says
//! nothing unasked. [`spawn`] starts it.

pub mod codec;
pub mod conversation;
pub mod core;
pub mod timings;
mod wire;

use device_api::page_printer::{Event, Request};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::http::{HttpLink, NoHttp},
    pump::Handle,
};

pub use self::{
    codec::{Address, BadAddress},
    core::PagePrinter,
    timings::Timings,
};

/// The asking side; dropping every copy stops the driver.
pub type PagePrinterHandle = Handle<Request>;

#[derive(Debug, Clone)]
pub struct Config {
    /// `ipp://host:port/path`, as in machine.toml.
    pub address: Address,
    pub timings: Timings,
}

/// Starts the driver on the current tokio runtime. A printer that is not there is a health, not an
/// error, and is looked for for ever. The channel closes when the driver has ended.
pub fn spawn(
    config: Config,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(PagePrinterHandle, mpsc::Receiver<Event>), NoHttp> {
    let link = HttpLink::new(config.address.http(), config.timings.connect())?;
    let core = PagePrinter::new(config.address, config.timings);
    Ok(conversation::spawn(core, link, clock, stop))
}
