//! An in-memory line for tests: plugging is handing the other end over.

use tokio::{
    io::DuplexStream,
    sync::mpsc::{self, error::TryRecvError},
};

use super::{Connect, Line, LinkError};

/// Bytes on the way in one direction; a writer waits when the reader is that far behind.
const LINE_LEN: usize = 8 * 1024;
/// A test that plugs more often without an opener is wrong: plugging then fails.
const N_PLUGS_MAX: usize = 8;

#[derive(Debug)]
pub struct MemoryConnect {
    lines: mpsc::Receiver<DuplexStream>,
}

/// The hand that plugs the device in.
#[derive(Debug)]
pub struct MemoryPlug {
    lines: mpsc::Sender<DuplexStream>,
}

#[must_use]
pub fn memory() -> (MemoryPlug, MemoryConnect) {
    let (tx, rx) = mpsc::channel(N_PLUGS_MAX);
    (MemoryPlug { lines: tx }, MemoryConnect { lines: rx })
}

impl MemoryPlug {
    /// Plugs the device in and returns its end; dropping it unplugs. `None` if nobody opens.
    #[must_use]
    pub fn plug(&self) -> Option<DuplexStream> {
        let (host, device) = tokio::io::duplex(LINE_LEN);
        self.lines.try_send(host).ok().map(|()| device)
    }
}

impl Connect for MemoryConnect {
    type Link = DuplexStream;

    async fn open(&mut self) -> Result<DuplexStream, LinkError> {
        match self.lines.try_recv() {
            Ok(line) => Ok(line),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {
                Err(LinkError::Missing { port: "memory".to_owned() })
            }
        }
    }
}

impl Line for DuplexStream {
    fn set_baud(&mut self, _baud: u32) -> Result<(), LinkError> {
        Ok(())
    }
}
