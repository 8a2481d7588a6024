//! A twin at the end of a real pty, at wire speed.
//!
//! The slave is reachable under a name of its own (a symbolic link), as a real port is.
//! Unplugging closes the pty and takes the name away; plugging makes both anew.
//! It decides nothing about the protocol.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fmt, fs, io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
};

use device_drivers::clock::Clock;
use kiosk_words::Moment;
use rustix::{
    fs::{Mode, OFlags},
    pty::OpenptFlags,
    termios,
};
use tokio::{
    io::unix::AsyncFd,
    sync::{mpsc, oneshot, watch},
};
use tokio_util::sync::CancellationToken;

use crate::{
    reader::{self, ReaderTwin},
    wire::Speak,
    wire_log::{Frame, Way, WireLog},
};

/// Orders on the way; a hand that is faster waits.
const N_ORDERS_MAX: usize = 32;
const CHUNK_LEN: usize = 4 * 1024;

/// A device without a wire: what it hears, what a hand does to it, what it says when.
pub trait Twin: Send + 'static {
    type Act: Send + 'static;
    type Look: Send + 'static;

    /// Bytes from the host; what the device says comes at wire speed.
    fn hear(&mut self, bytes: &[u8], now: Moment) -> Vec<Speak>;

    /// A hand does something; a device may say so unasked.
    fn touch(&mut self, act: Self::Act, now: Moment) -> Vec<Speak>;

    /// What a person sees who looks at it.
    fn look(&self, now: Moment) -> Self::Look;

    /// The rate of the host's end, told before every `hear`.
    fn set_line_rate(&mut self, rate: u32);

    /// Power comes back with the cable.
    fn power_cycle(&mut self);

    /// When something happens in the device by itself next, if ever.
    fn deadline(&self) -> Option<Moment> {
        None
    }

    /// Time has passed: what the device says of what it did meanwhile.
    fn pass_time(&mut self, _now: Moment) -> Vec<Speak> {
        Vec::new()
    }
}

/// What the hand sees of the port.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PortLook<Look = reader::Physical> {
    pub plugged: bool,
    #[serde(flatten)]
    pub device: Look,
    /// Bytes that went over the wire since the start, both directions.
    pub n_bytes_heard: u64,
    pub n_bytes_said: u64,
}

/// The twin has ended.
#[derive(Debug, thiserror::Error)]
#[error("the twin has ended")]
pub struct Gone;

#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error("no pty for {port}")]
    Pty { port: PathBuf, source: io::Error },
    #[error(transparent)]
    Gone(#[from] Gone),
}

enum Order<T: Twin> {
    Act(T::Act, oneshot::Sender<()>),
    Unplug(oneshot::Sender<()>),
    Plug(oneshot::Sender<io::Result<()>>),
    Look(oneshot::Sender<PortLook<T::Look>>),
    Wire(oneshot::Sender<Vec<Frame>>),
}

/// The hand on a twin that runs on a pty.
pub struct Hand<T: Twin> {
    orders: mpsc::Sender<Order<T>>,
    /// Moves with everything that happens to the twin or its port.
    happened: watch::Receiver<u64>,
    port: PathBuf,
}

/// The hand on the card reader.
pub type ReaderHand = Hand<ReaderTwin>;

impl<T: Twin> fmt::Debug for Hand<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hand").field("port", &self.port).finish_non_exhaustive()
    }
}

impl<T: Twin> Clone for Hand<T> {
    fn clone(&self) -> Self {
        let (orders, happened) = (self.orders.clone(), self.happened.clone());
        Self { orders, happened, port: self.port.clone() }
    }
}

impl<T: Twin> Hand<T> {
    /// Does something to the device; done when this returns.
    pub async fn touch(&self, act: T::Act) -> Result<(), Gone> {
        self.order(|done| Order::Act(act, done)).await
    }

    pub async fn unplug(&self) -> Result<(), Gone> {
        self.order(Order::Unplug).await
    }

    pub async fn plug(&self) -> Result<(), PortError> {
        let plugged = self.order(Order::Plug).await?;
        plugged.map_err(|source| PortError::Pty { port: self.port.clone(), source })
    }

    pub async fn look(&self) -> Result<PortLook<T::Look>, Gone> {
        self.order(Order::Look).await
    }

    /// What went over the wire last, oldest first.
    pub async fn wire(&self) -> Result<Vec<Frame>, Gone> {
        self.order(Order::Wire).await
    }

    /// Waits until the device looks like this.
    pub async fn until(
        &self,
        is: impl Fn(&PortLook<T::Look>) -> bool,
    ) -> Result<PortLook<T::Look>, Gone> {
        let mut happened = self.happened.clone();
        loop {
            happened.mark_unchanged();
            let look = self.look().await?;
            if is(&look) {
                return Ok(look);
            }
            happened.changed().await.map_err(|_| Gone)?;
        }
    }

    /// The name under which a host opens the port.
    #[must_use]
    pub fn port(&self) -> &Path {
        &self.port
    }

    async fn order<A>(&self, make: impl FnOnce(oneshot::Sender<A>) -> Order<T>) -> Result<A, Gone> {
        let (done, answer) = oneshot::channel();
        self.orders.send(make(done)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// Whether the device is plugged in at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStart {
    Plugged,
    Unplugged,
}

/// Starts a card reader whose port will be `port`. It ends, and its port goes, with `stop`.
pub fn spawn(
    port: PathBuf,
    at_start: AtStart,
    stop: CancellationToken,
) -> Result<(ReaderHand, tokio::task::JoinHandle<()>), PortError> {
    spawn_twin(ReaderTwin::new(), port, at_start, stop)
}

/// The same for any twin.
pub fn spawn_twin<T: Twin>(
    twin: T,
    port: PathBuf,
    at_start: AtStart,
    stop: CancellationToken,
) -> Result<(Hand<T>, tokio::task::JoinHandle<()>), PortError> {
    let (orders_tx, orders) = mpsc::channel(N_ORDERS_MAX);
    let (happens, happened) = watch::channel(0);
    let mut actor = Actor {
        twin,
        clock: Clock::start(),
        port: port.clone(),
        pty: None,
        queue: VecDeque::new(),
        orders,
        happens,
        stop,
        n_bytes_heard: 0,
        n_bytes_said: 0,
        log: WireLog::new(),
    };
    if at_start == AtStart::Plugged {
        actor.plug().map_err(|source| PortError::Pty { port: port.clone(), source })?;
    }
    Ok((Hand { orders: orders_tx, happened, port }, tokio::spawn(actor.run())))
}

struct Pty {
    master: AsyncFd<OwnedFd>,
    /// Kept open so that the pty lives while no host has it open.
    slave: OwnedFd,
}

struct Actor<T: Twin> {
    twin: T,
    clock: Clock,
    port: PathBuf,
    pty: Option<Pty>,
    /// What is still to be said, by time.
    queue: VecDeque<Speak>,
    orders: mpsc::Receiver<Order<T>>,
    happens: watch::Sender<u64>,
    stop: CancellationToken,
    n_bytes_heard: u64,
    n_bytes_said: u64,
    log: WireLog,
}

enum Heard<T: Twin> {
    Stop,
    Order(Order<T>),
    Bytes(io::Result<usize>),
    SpeakDue,
    TwinDue,
}

impl<T: Twin> Actor<T> {
    async fn run(mut self) {
        let mut buffer = vec![0; CHUNK_LEN];
        loop {
            let speak_at = self.queue.front().map(|speak| speak.at);
            let heard = tokio::select! { biased;
                () = self.stop.cancelled() => Heard::Stop,
                order = self.orders.recv() => order.map_or(Heard::Stop, Heard::Order),
                read = read_some(self.pty.as_ref(), &mut buffer) => Heard::Bytes(read),
                () = self.clock.until(speak_at) => Heard::SpeakDue,
                () = self.clock.until(self.twin.deadline()) => Heard::TwinDue,
            };
            let only_looked = matches!(heard, Heard::Order(Order::Look(_) | Order::Wire(_)));
            match heard {
                Heard::Stop => break,
                Heard::Order(order) => self.obey(order),
                Heard::Bytes(Ok(len)) => self.hear(&buffer[..len]),
                // The kernel took the pty away; a real cable would be out as well.
                Heard::Bytes(Err(error)) => {
                    tracing::warn!(%error, "pty lost");
                    self.unplug();
                }
                Heard::SpeakDue => self.speak(),
                Heard::TwinDue => {
                    let said = self.twin.pass_time(self.clock.now());
                    self.say(said);
                }
            }
            if !only_looked {
                self.happens.send_modify(|n| *n += 1);
            }
        }
        self.unplug();
    }

    fn obey(&mut self, order: Order<T>) {
        // An asker that went away does not need the answer.
        match order {
            Order::Act(act, done) => {
                let said = self.twin.touch(act, self.clock.now());
                self.say(said);
                _ = done.send(());
            }
            Order::Unplug(done) => {
                self.unplug();
                _ = done.send(());
            }
            Order::Plug(done) => _ = done.send(self.plug()),
            Order::Look(done) => drop(done.send(self.look())),
            Order::Wire(done) => drop(done.send(self.log.frames())),
        }
    }

    fn look(&self) -> PortLook<T::Look> {
        PortLook {
            plugged: self.pty.is_some(),
            device: self.twin.look(self.clock.now()),
            n_bytes_heard: self.n_bytes_heard,
            n_bytes_said: self.n_bytes_said,
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let Some(pty) = &self.pty else { return };
        if let Ok(settings) = termios::tcgetattr(&pty.slave) {
            self.twin.set_line_rate(settings.output_speed());
        }
        // A host marks the port as its own; on real hardware the mark goes with the last close,
        // here the twin's own end keeps the port open.
        if let Err(error) = termios::ioctl_tiocnxcl(&pty.slave) {
            tracing::debug!(%error, "the port stays marked exclusive");
        }
        self.n_bytes_heard += bytes.len() as u64;
        self.log.note(Way::Heard, bytes, self.clock.now());
        let said = self.twin.hear(bytes, self.clock.now());
        self.say(said);
    }

    /// Puts it among what waits to be said; without a cable nobody hears it.
    fn say(&mut self, said: Vec<Speak>) {
        if self.pty.is_some() && !said.is_empty() {
            self.queue.extend(said);
            self.queue.make_contiguous().sort_by_key(|speak| speak.at);
        }
    }

    fn speak(&mut self) {
        let now = self.clock.now();
        while self.queue.front().is_some_and(|speak| speak.at <= now) {
            let Some(speak) = self.queue.pop_front() else { return };
            let Some(pty) = &self.pty else { continue };
            // A host that does not read loses bytes, as on a real line.
            match rustix::io::write(pty.master.get_ref(), &speak.bytes) {
                Ok(len) => {
                    self.n_bytes_said += len as u64;
                    self.log.note(Way::Said, &speak.bytes[..len], now);
                }
                Err(error) => tracing::debug!(%error, "bytes lost on the line"),
            }
        }
    }

    fn plug(&mut self) -> io::Result<()> {
        if self.pty.is_some() {
            return Ok(());
        }
        let (pty, slave_path) = open_pty()?;
        self.twin.power_cycle();
        link_to(&self.port, &slave_path)?;
        self.pty = Some(pty);
        Ok(())
    }

    fn unplug(&mut self) {
        self.queue.clear();
        if self.pty.take().is_some()
            && let Err(error) = fs::remove_file(&self.port)
        {
            tracing::warn!(%error, "the name of the port stays");
        }
    }
}

async fn read_some(pty: Option<&Pty>, buffer: &mut [u8]) -> io::Result<usize> {
    let Some(pty) = pty else { return std::future::pending().await };
    loop {
        let mut ready = pty.master.readable().await?;
        match ready.try_io(|master| Ok(rustix::io::read(master.get_ref(), &mut *buffer)?)) {
            Ok(result) => return result,
            Err(_would_block) => {}
        }
    }
}

fn open_pty() -> io::Result<(Pty, PathBuf)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = rustix::pty::openpt(flags)?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    let slave_path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    let slave = rustix::fs::open(
        &slave_path,
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    // No echo and no line editing before a host opens the port.
    let mut settings = termios::tcgetattr(&slave)?;
    settings.make_raw();
    termios::tcsetattr(&slave, termios::OptionalActions::Now, &settings)?;
    rustix::fs::fcntl_setfl(&master, OFlags::NONBLOCK)?;
    Ok((Pty { master: watched(master)?, slave }, slave_path))
}

#[expect(
    deprecated,
    reason = "unsound only for types that may close their descriptor early; an OwnedFd does not"
)]
fn watched(master: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(master)
}

/// Points the name of the port at the pty, in one step.
fn link_to(port: &Path, slave: &Path) -> io::Result<()> {
    let mut beside = port.as_os_str().to_owned();
    beside.push(".new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    std::os::unix::fs::symlink(slave, &beside)?;
    fs::rename(&beside, port)
}
