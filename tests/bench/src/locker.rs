//! What the locker's bus costs, and how soon a door opens.
//!
//! The driver that ships speaks to the twin of a cabinet over a real pty at 9600: five boards of
//! 24, 120 doors. `locker_poll_over_wire` is one round of all boards with the bus always busy; its
//! limit is the time of the bytes, of the gap the boards demand, and of the boards' thinking.
//! `tap_to_unlock_…` is what a person waits for: the real store (SQLCipher, FULL) writes the
//! authorisation, and then the door is asked and the bolt moves. The two are timed one after the
//! other and added, because the door is asked at the worst moment, when a poll has just gone out.
//! Screen, core, and the way to the store's thread are not timed. The limit is one fdatasync, the
//! exchange on the line, the gap and the open itself. A pty carries a frame at once, so the time
//! of the open on a real wire is added.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use device_api::{
    RequestId,
    locker::{DoorChanged, DoorNo, DoorState, Event, Health, Request},
};
use device_drivers::clock::Clock;
use device_sim::{
    lock_board::{Act, BoardAct, CabinetLook, DoorAct, LockBoards, Power, TURNAROUND_US},
    port::{self, AtStart, Hand, PortLook},
};
use locker_controller::{
    self as locker, Address, BAUD, BoardProfile, ByteOrder, Cabinet, Config, LockerHandle,
    Polarity,
    timings::{PRODUCTION, Timings, gap_ms},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{Row, custody::Keeper, disk, median};

const N_BOARDS: u8 = 5;
const N_CHANNELS: u8 = 24;
/// The boards are polled for so long, as fast as the line allows.
const ROUNDS_MS: u64 = 5_000;
const N_OPENS: u16 = 9;
/// Longer than any wait of the driver.
const LIMIT: Duration = Duration::from_secs(20);
/// Bytes of a command, and of the answer of 24 channels to query all.
const COMMAND_LEN: u32 = 5;
const READING_LEN: u32 = 7;

/// Three rows.
pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(async {
        Ok(vec![
            poll(folder).await?,
            open(folder, Boards::Alive).await?,
            open(folder, Boards::OneDead).await?,
        ])
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Boards {
    Alive,
    OneDead,
}

async fn poll(folder: &Path) -> Result<Row> {
    // Every board is always due.
    let timings = Timings { poll_ms: 1, watch_ms: 1, ..PRODUCTION };
    let mut bench = Bench::start(folder.join("always-due"), timings)?;
    bench.until_all_ready().await?;
    let (clock, before, start) = (Clock::start(), bench.n_orders().await?, Instant::now());
    clock.until(Some(clock.now().plus_ms(ROUNDS_MS))).await;
    let (n_polls, took) = (bench.n_orders().await? - before, start.elapsed());
    let n_rounds = f64::from(u32::try_from(n_polls)?) / f64::from(N_BOARDS);
    let what = "bytes on the wire, one gap and the boards' thinking per exchange";
    let limit = f64::from(N_BOARDS) * exchange_ms();
    Ok(Row::new(
        "locker_poll_over_wire",
        took.as_secs_f64() * 1_000.0 / n_rounds,
        "ms",
        what,
        limit,
    ))
}

async fn open(folder: &Path, boards: Boards) -> Result<Row> {
    let name = match boards {
        Boards::Alive => "tap_to_unlock_poll_in_flight",
        Boards::OneDead => "tap_to_unlock_dead_board",
    };
    let flush_ms = disk::fdatasync_ms(folder)?;
    let mut keeper = Keeper::new(&folder.join(format!("{name}-station")), N_OPENS)?;
    // A port of its own: the twin before takes its name away when it has ended.
    let mut bench = Bench::start(folder.join(name), PRODUCTION)?;
    bench.until_all_ready().await?;
    if boards == Boards::OneDead {
        bench.kill_last_board().await?;
    }
    let mut took_ms = Vec::new();
    for n in 0..N_OPENS {
        let case = keeper.file()?;
        let (door, written_ms) = keeper.authorise(case)?;
        bench.until_poll_went_out(boards).await?;
        took_ms.push(written_ms + bench.open_one(RequestId(u64::from(n)), door).await?);
        bench.shut(door).await?;
        keeper.confirm(case, door)?;
    }
    let limit = flush_ms + exchange_ms() + wire_ms(COMMAND_LEN);
    let what = "one fdatasync, the exchange on the line, the gap and the open";
    Ok(Row::new(name, median(took_ms), "ms", what, limit))
}

struct Bench {
    hand: Hand<LockBoards>,
    asker: LockerHandle,
    events: mpsc::Receiver<Event>,
    _stops_all: tokio_util::sync::DropGuard,
}

impl Bench {
    fn start(port: PathBuf, timings: Timings) -> Result<Self> {
        let stop = CancellationToken::new();
        let board = |address| {
            BoardProfile::new(address, N_CHANNELS, Polarity::ShortWhenLocked, ByteOrder::HighFirst)
        };
        let boards: Vec<_> = (1..=N_BOARDS).map(board).collect::<Result<_, _>>()?;
        let cabinet = Cabinet::in_order(boards)?;
        let twin = LockBoards::new(cabinet.boards());
        let (hand, _) = port::spawn_twin(twin, port.clone(), AtStart::Plugged, stop.child_token())?;
        let config = Config { port, baud: BAUD, cabinet, timings };
        let (asker, events) = locker::spawn(config, Clock::start(), stop.child_token());
        Ok(Self { hand, asker, events, _stops_all: stop.drop_guard() })
    }

    async fn until_all_ready(&mut self) -> Result<()> {
        let mut n_ready = 0;
        while n_ready < N_BOARDS {
            match self.event().await? {
                Event::Board(changed) if changed.health == Health::Ready => n_ready += 1,
                Event::Board(_) | Event::Door(_) | Event::Done(..) | Event::Refused(..) => {}
            }
        }
        Ok(())
    }

    async fn kill_last_board(&mut self) -> Result<()> {
        let address = Address::new(N_BOARDS).context("an address")?;
        self.hand.touch(Act::Board(address, BoardAct::SetPower(Power::Off))).await?;
        loop {
            if let Event::Board(changed) = self.event().await?
                && matches!(changed.health, Health::Down(_))
            {
                return Ok(());
            }
        }
    }

    /// A poll of a living board, or of the dead one, has just gone out.
    async fn until_poll_went_out(&self, boards: Boards) -> Result<()> {
        let n_polls = |look: &PortLook<CabinetLook>| {
            let n_heard = look.n_bytes_heard / u64::from(COMMAND_LEN);
            let n_obeyed = n_orders(look);
            match boards {
                Boards::Alive => n_obeyed,
                Boards::OneDead => n_heard - n_obeyed,
            }
        };
        let before = n_polls(&self.hand.look().await?);
        let went_out = self.hand.until(|look| n_polls(look) > before);
        timeout(LIMIT, went_out).await.context("no poll goes out")??;
        Ok(())
    }

    /// Milliseconds from the ask to the bolt.
    async fn open_one(&mut self, id: RequestId, door: DoorNo) -> Result<f64> {
        let n_pulses = |look: &PortLook<CabinetLook>| {
            let mut doors = look.device.doors.iter();
            doors.find(|look| look.door == door.get()).map_or(0, |look| look.n_pulses)
        };
        let before = n_pulses(&self.hand.look().await?);
        let start = Instant::now();
        self.asker.ask(id, Request::Open(door))?;
        let pulsed = self.hand.until(|look| n_pulses(look) > before);
        timeout(LIMIT, pulsed).await.context("the bolt does not move")??;
        let took_ms = start.elapsed().as_secs_f64() * 1_000.0;
        loop {
            match self.event().await? {
                Event::Done(done, _) if done == id => break,
                Event::Refused(_, why) => bail!("the door was not opened: {why:?}"),
                Event::Done(..) | Event::Board(_) | Event::Door(_) => {}
            }
        }
        Ok(took_ms + wire_ms(COMMAND_LEN))
    }

    async fn shut(&mut self, door: DoorNo) -> Result<()> {
        let bolted = self.hand.until(|look| look.device.doors.iter().all(|door| !door.is_unbolted));
        timeout(LIMIT, bolted).await.context("the bolt stays back")??;
        self.hand.touch(Act::Door(door.get(), DoorAct::PushShut)).await?;
        loop {
            if let Event::Door(DoorChanged { is: DoorState::Shut, door: shut, .. }) =
                self.event().await?
                && shut == door
            {
                return Ok(());
            }
        }
    }

    async fn n_orders(&self) -> Result<u64> {
        Ok(n_orders(&self.hand.look().await?))
    }

    async fn event(&mut self) -> Result<Event> {
        let event = timeout(LIMIT, self.events.recv()).await.context("the locker is silent")?;
        event.context("the driver has ended")
    }
}

fn n_orders(look: &PortLook<CabinetLook>) -> u64 {
    look.device.boards.iter().map(|board| board.n_orders).sum()
}

/// Query all and its answer, with the boards' thinking and the gap after it.
fn exchange_ms() -> f64 {
    let thinking_ms = f64::from(u32::try_from(TURNAROUND_US).unwrap_or(u32::MAX)) / 1_000.0;
    let gap_ms = f64::from(u32::try_from(gap_ms(BAUD)).unwrap_or(u32::MAX));
    wire_ms(COMMAND_LEN + READING_LEN) + thinking_ms + gap_ms
}

fn wire_ms(n_bytes: u32) -> f64 {
    f64::from(n_bytes) * 10_000.0 / f64::from(BAUD)
}
