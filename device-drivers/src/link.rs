//! Links: open, read, write, close. They know nothing about protocols.
//!
//! A missing port is a `LinkError` like any other; trying again is the pump's business.

pub mod http;
pub mod memory;
pub mod pcsc;
#[cfg(feature = "recorder")]
pub mod record;
pub mod serial;

use std::{io, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("port {port} is not there")]
    Missing { port: String },
    #[error("port {port} does not open")]
    Open { port: String, source: io::Error },
    #[error("port {port} did not open within {after:?}")]
    OpenTimeout { port: String, after: Duration },
    #[error("line rate {baud} is not accepted")]
    Baud { baud: u32, source: io::Error },
}

/// Opens links to one device, again and again.
pub trait Connect: Send + 'static {
    type Link: Line;

    fn open(&mut self) -> impl Future<Output = Result<Self::Link, LinkError>> + Send;
}

/// An open line.
pub trait Line: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn set_baud(&mut self, baud: u32) -> Result<(), LinkError>;
}
