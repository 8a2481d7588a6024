//! Writes down what goes over a link, in the text of `tests/transcripts`: `>` host to device, `<`
//! device to host, `#` what happens to the link, each with milliseconds since the beginning.
//!
//! Only with the feature `recorder`, which no product has: a wire of a station carries people's
//! data, and nothing that can keep it may be in there. Record cards that belong to nobody.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use kiosk_words::Private;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Connect, Line, LinkError};
use crate::{
    clock::Clock,
    smart_card::{core::Heard, terminal::Terminal},
};

/// A transcript under way. Copies write into the same file.
#[derive(Debug, Clone)]
pub struct Transcript {
    file: Arc<Mutex<File>>,
    clock: Clock,
}

impl Transcript {
    /// A new file, readable by its owner only; one that is there already is left as it is.
    /// `source` says where the bytes come from, `firmware` what the device says of itself.
    /// `clock` is the driver's: then replayed times are never later than the driver's own.
    pub fn create(
        path: &Path,
        device: &str,
        source: &str,
        firmware: &str,
        clock: Clock,
    ) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "wire 1  device={device}  source={source}  fw={firmware}")?;
        Ok(Self { file: Arc::new(Mutex::new(file)), clock })
    }

    pub fn note(&self, words: &str) {
        self.line(&format!("# {words}"));
    }

    /// What a hand or an app does.
    pub fn act(&self, words: &str) {
        self.line(&format!("{:>6} *  {words}", self.clock.now().0));
    }

    pub fn to_device(&self, bytes: &[u8]) {
        self.bytes('>', bytes);
    }

    pub fn from_device(&self, bytes: &[u8]) {
        self.bytes('<', bytes);
    }

    fn bytes(&self, mark: char, bytes: &[u8]) {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.line(&format!("{:>6} {mark}  {}", self.clock.now().0, hex.join(" ")));
    }

    fn line(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(file, "{line}") {
            tracing::error!(%error, "the transcript cannot be written");
        }
    }
}

/// Opens links, or speaks to a terminal, and writes it all down.
#[derive(Debug)]
pub struct Recording<C> {
    inner: C,
    transcript: Transcript,
}

impl<C> Recording<C> {
    pub const fn new(inner: C, transcript: Transcript) -> Self {
        Self { inner, transcript }
    }
}

impl<C: Connect> Connect for Recording<C> {
    type Link = RecordedLine<C::Link>;

    async fn open(&mut self) -> Result<Self::Link, LinkError> {
        let opened = self.inner.open().await;
        self.transcript.note(match &opened {
            Ok(_) => "the link is open",
            Err(_) => "the link does not open",
        });
        opened.map(|inner| RecordedLine { inner, transcript: self.transcript.clone() })
    }
}

/// A line whose bytes are written down.
#[derive(Debug)]
pub struct RecordedLine<L> {
    inner: L,
    transcript: Transcript,
}

impl<L: Line> AsyncRead for RecordedLine<L> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n_before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if let Some(bytes) = buffer.filled().get(n_before..).filter(|bytes| !bytes.is_empty()) {
            self.transcript.from_device(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl<L: Line> AsyncWrite for RecordedLine<L> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n_written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.transcript.to_device(bytes.get(..n_written).unwrap_or(bytes));
        Poll::Ready(Ok(n_written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<L: Line> Line for RecordedLine<L> {
    fn set_baud(&mut self, baud: u32) -> Result<(), LinkError> {
        self.transcript.note(&format!("the line goes on at {baud}"));
        self.inner.set_baud(baud)
    }
}

impl<T: Terminal> Terminal for Recording<T> {
    async fn hear(&mut self) -> Heard {
        let heard = self.inner.hear().await;
        match &heard {
            Heard::Answer(bytes) => self.transcript.from_device(bytes.expose()),
            Heard::Inserted => self.transcript.act("insert"),
            Heard::Empty => self.transcript.act("empty"),
            Heard::FoundInside => self.transcript.act("found_inside"),
            Heard::Connected(protocol) => self.transcript.act(&format!("power {protocol:?}")),
            Heard::Down(fault) => self.transcript.note(&format!("down: {fault:?}")),
            Heard::Failed(failure) => self.transcript.note(&format!("failed: {failure:?}")),
        }
        heard
    }

    fn connect(&mut self) {
        self.inner.connect();
    }

    fn transmit(&mut self, command: &Private<Vec<u8>>) {
        self.transcript.to_device(command.expose());
        self.inner.transmit(command);
    }

    fn let_go(&mut self) {
        self.inner.let_go();
    }
}
