//! The pump: the one loop between a core and its link, for all byte devices.
//!
//! It opens the link and opens it again with backoff, turns bytes, asks and time into `Input`,
//! performs `Output`, and logs state changes in one place with no data of persons.
//! It decides nothing about the device.
//!
//! ```text
//!  closed ──open──▶ open ──read error, end, write limit, CloseLink──▶ closed (backoff doubles)
//!     ▲  └─fails──▶ LinkDown to the core, wait, again
//!     └──────────── a link that held for BACKOFF_FORGIVEN_MS starts the backoff over
//! ```

use std::time::Duration;

use device_api::{RequestId, wire::From};
use kiosk_words::Moment;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    link::{Connect, Line as _},
    machine::{Input, Machine, Output},
    wire::{Shown, WireLog},
};

/// Asks on the way to a driver; the asker is told when they are more (`NotTaken::Full`).
pub const N_ASKS_MAX: usize = 16;
/// Events on the way to the app; a full channel makes the pump wait, and the device with it.
pub const N_EVENTS_MAX: usize = 64;
/// One read takes at most this much; longer answers come in several chunks.
const CHUNK_LEN: usize = 4 * 1024;
/// A line that takes no bytes for so long is dead (a request is below 32 bytes).
const WRITE_LIMIT: Duration = Duration::from_secs(2);
/// First wait before a link is opened again: short, for a cable that was touched.
const BACKOFF_FIRST_MS: u64 = 250;
/// Longest wait: a person who plugs a reader in sees it work within this.
const BACKOFF_MAX_MS: u64 = 2_000;
/// A link that held this long was good: the next backoff starts short again.
const BACKOFF_FORGIVEN_MS: u64 = 30_000;

/// The driver did not take the request; it will never be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("{N_ASKS_MAX} requests are already waiting for the driver")]
    Full,
    #[error("the driver has ended")]
    Gone,
}

/// The asking side of a driver. Dropping every copy stops the driver.
#[derive(Debug)]
pub struct Handle<Ask> {
    asks: mpsc::Sender<(RequestId, Ask)>,
    wire: WireLog,
}

impl<Ask> Clone for Handle<Ask> {
    fn clone(&self) -> Self {
        Self { asks: self.asks.clone(), wire: self.wire.clone() }
    }
}

impl<Ask> Handle<Ask> {
    pub(crate) const fn new(asks: mpsc::Sender<(RequestId, Ask)>, wire: WireLog) -> Self {
        Self { asks, wire }
    }

    /// What went over the wire within the last minute.
    #[must_use]
    pub const fn wire(&self) -> &WireLog {
        &self.wire
    }

    /// Hands a request over without waiting; it is answered once by an event with this id.
    pub fn ask(&self, id: RequestId, ask: Ask) -> Result<(), NotTaken> {
        self.asks.try_send((id, ask)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(_) => NotTaken::Gone,
        })
    }
}

/// Starts a driver on the current runtime. The event channel closes when the driver has ended:
/// by `stop`, because every handle is gone, or because it died of a bug.
pub fn spawn<M: Machine, C: Connect>(
    name: &'static str,
    core: M,
    connect: C,
    clock: Clock,
    stop: CancellationToken,
) -> (Handle<M::Ask>, mpsc::Receiver<M::Event>)
where
    M::Ask: Sync,
{
    let (asks_tx, asks) = mpsc::channel(N_ASKS_MAX);
    let (events, events_rx) = mpsc::channel(N_EVENTS_MAX);
    let now = clock.now();
    let (shown, wire) = (core.wire(), WireLog::new(clock));
    let pump = Pump {
        name,
        shown,
        wire: wire.clone(),
        core,
        connect,
        clock,
        stop,
        asks,
        events,
        link: None,
        opened: now,
        open_at: now,
        backoff_ms: BACKOFF_FIRST_MS,
    };
    tokio::spawn(pump.run());
    (Handle::new(asks_tx, wire), events_rx)
}

struct Pump<M: Machine, C: Connect> {
    name: &'static str,
    core: M,
    shown: Box<dyn Shown>,
    wire: WireLog,
    connect: C,
    clock: Clock,
    stop: CancellationToken,
    asks: mpsc::Receiver<(RequestId, M::Ask)>,
    events: mpsc::Sender<M::Event>,
    link: Option<C::Link>,
    opened: Moment,
    /// When a closed link is opened next.
    open_at: Moment,
    backoff_ms: u64,
}

/// What the select heard; the loop body turns it into one input.
enum Heard<Ask> {
    Stop,
    Chunk(usize),
    LinkLost,
    Ask(RequestId, Ask),
    OpenDue,
    Tick,
}

impl<M: Machine, C: Connect> Pump<M, C> {
    async fn run(mut self) {
        let mut buffer = vec![0; CHUNK_LEN];
        loop {
            let heard = self.hear(&mut buffer).await;
            let going_on = match heard {
                Heard::Stop => false,
                Heard::Chunk(len) => {
                    let chunk: Vec<u8> = buffer.drain(..len).collect();
                    buffer.resize(CHUNK_LEN, 0);
                    let chunk = zeroize::Zeroizing::new(chunk);
                    self.wire.keep(From::Device, self.shown.heard(&chunk));
                    self.feed(Input::Chunk(&chunk), "bytes").await
                }
                Heard::LinkLost => self.lose_link("link lost").await,
                Heard::Ask(id, ask) => self.feed(Input::Ask(id, ask), "asked").await,
                Heard::OpenDue => self.open().await,
                Heard::Tick => self.feed(Input::Tick, "time").await,
            };
            if !going_on {
                tracing::info!(device = self.name, "driver stopped");
                return;
            }
        }
    }

    async fn hear(&mut self, buffer: &mut [u8]) -> Heard<M::Ask> {
        let open_at = self.link.is_none().then_some(self.open_at);
        tokio::select! { biased;
            () = self.stop.cancelled() => Heard::Stop,
            read = read_some(self.link.as_mut(), buffer) => read.map_or(Heard::LinkLost, Heard::Chunk),
            ask = self.asks.recv() => ask.map_or(Heard::Stop, |(id, ask)| Heard::Ask(id, ask)),
            () = self.clock.until(open_at) => Heard::OpenDue,
            () = self.clock.until(self.core.deadline()) => Heard::Tick,
        }
    }

    async fn open(&mut self) -> bool {
        let opened = tokio::select! { biased;
            () = self.stop.cancelled() => return false,
            opened = self.connect.open() => opened,
        };
        match opened {
            Ok(link) => {
                self.link = Some(link);
                self.opened = self.clock.now();
                // What was left of a frame on the old link is no beginning on this one.
                self.shown = self.core.wire();
                self.feed(Input::LinkUp, "link up").await
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::debug!(device = self.name, %error, source, "link does not open");
                self.back_off();
                self.feed(Input::LinkDown, "link does not open").await
            }
        }
    }

    async fn lose_link(&mut self, because: &'static str) -> bool {
        self.link = None;
        self.back_off();
        self.feed(Input::LinkDown, because).await
    }

    fn back_off(&mut self) {
        let now = self.clock.now();
        if now.ms_since(self.opened) >= BACKOFF_FORGIVEN_MS {
            self.backoff_ms = BACKOFF_FIRST_MS;
            self.opened = now;
        }
        self.open_at = now.plus_ms(self.backoff_ms);
        self.backoff_ms = (self.backoff_ms * 2).min(BACKOFF_MAX_MS);
    }

    /// Hands one input to the core and performs what it wants; false when the driver must end.
    async fn feed(&mut self, input: Input<'_, M::Ask>, because: &'static str) -> bool {
        let from = self.core.state();
        let outputs = self.core.handle(input, self.clock.now());
        let to = self.core.state();
        if from != to {
            tracing::debug!(device = self.name, from, to, because, "device state");
        }
        let mut link_failed = false;
        for output in outputs {
            match output {
                Output::Write(bytes) => link_failed |= !self.write(&bytes).await,
                Output::SetLineBaud(baud) => link_failed |= !self.set_baud(baud),
                Output::CloseLink(reason) => {
                    tracing::warn!(device = self.name, ?reason, "link closed by the driver");
                    self.link = None;
                    self.back_off();
                }
                Output::Tell(event) => {
                    tokio::select! { biased;
                        () = self.stop.cancelled() => return false,
                        told = self.events.send(event) => if told.is_err() { return false },
                    }
                }
            }
        }
        if link_failed && self.link.is_some() {
            return Box::pin(self.lose_link("write failed")).await;
        }
        true
    }

    async fn write(&mut self, bytes: &[u8]) -> bool {
        let Some(link) = self.link.as_mut() else { return false };
        self.wire.keep(From::Station, self.shown.sent(bytes));
        let written = tokio::time::timeout(WRITE_LIMIT, async {
            link.write_all(bytes).await?;
            link.flush().await
        });
        matches!(written.await, Ok(Ok(())))
    }

    fn set_baud(&mut self, baud: u32) -> bool {
        let Some(link) = self.link.as_mut() else { return false };
        link.set_baud(baud).is_ok()
    }
}

/// Length of the next chunk; `None` when the link has ended. Waits for ever without a link.
async fn read_some<L: crate::link::Line>(link: Option<&mut L>, buffer: &mut [u8]) -> Option<usize> {
    let Some(link) = link else { return std::future::pending().await };
    link.read(buffer).await.ok().filter(|len| *len > 0)
}
