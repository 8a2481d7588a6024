//! A serial port, or anything the system shows as one (USB adapter, pty).

use std::{io, path::PathBuf, time::Duration};

use tokio::sync::oneshot;
use tokio_serial::{
    DataBits, ErrorKind, FlowControl, Parity, SerialPort as _, SerialPortBuilderExt as _,
    SerialStream, StopBits,
};

use super::{Connect, Line, LinkError};

/// Opening a wedged USB adapter can hang in the system; nobody waits longer than this for it.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct SerialConnect {
    port: PathBuf,
    baud: u32,
}

impl SerialConnect {
    /// 8 data bits, no parity, 1 stop bit, no flow control.
    #[must_use]
    pub const fn new(port: PathBuf, baud: u32) -> Self {
        Self { port, baud }
    }
}

impl Connect for SerialConnect {
    type Link = SerialStream;

    async fn open(&mut self) -> Result<SerialStream, LinkError> {
        let port = self.port.display().to_string();
        let (name, baud) = (port.clone(), self.baud);
        let runtime = tokio::runtime::Handle::current();
        let (done, opened) = oneshot::channel();
        let thread = std::thread::Builder::new().name("serial-open".to_owned());
        thread
            .spawn(move || {
                let _in_runtime = runtime.enter();
                // A late result is dropped with the channel, which closes the port again.
                drop(done.send(open_now(&name, baud)));
            })
            .map_err(|source| LinkError::Open { port: port.clone(), source })?;
        match tokio::time::timeout(OPEN_LIMIT, opened).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => {
                Err(LinkError::Open { port, source: io::Error::other("the opener died") })
            }
            Err(_) => Err(LinkError::OpenTimeout { port, after: OPEN_LIMIT }),
        }
    }
}

impl Line for SerialStream {
    fn set_baud(&mut self, baud: u32) -> Result<(), LinkError> {
        self.set_baud_rate(baud).map_err(|error| LinkError::Baud { baud, source: error.into() })
    }
}

fn open_now(port: &str, baud: u32) -> Result<SerialStream, LinkError> {
    let opened = tokio_serial::new(port, baud)
        .data_bits(DataBits::Eight)
        .parity(Parity::None)
        .stop_bits(StopBits::One)
        .flow_control(FlowControl::None)
        .open_native_async();
    opened.map_err(|error| match error.kind {
        ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::NotFound) => {
            LinkError::Missing { port: port.to_owned() }
        }
        ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
            LinkError::Open { port: port.to_owned(), source: error.into() }
        }
    })
}
