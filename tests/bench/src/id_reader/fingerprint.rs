//! `id_fp_read_over_wire`: what the driver adds when it reads a card with fingerprint, the longest
//! answer of the module.
//!
//! The driver that ships and a bare loop of the same commands read the same card, one after the
//! other, from the same twin on a real pty at 115200: from the hand that lays the card down to the
//! fingerprint. No matter of the catalogue asks for one, so no screen is in it. The driver's wait
//! for the next search is taken off, because the module demands the interval.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use device_api::{
    RequestId,
    id_reader::{Event, Health, IdCard, ReadWhat, Reply, Request, Status},
};
use device_drivers::{
    clock::Clock,
    id_reader::{
        Config, IdReaderHandle,
        codec::{Command, Deframer, ReadKind},
        spawn,
        timings::PRODUCTION,
    },
    link::{Connect as _, serial::SerialConnect},
};
use device_sim::{
    port::{self, AtStart, ReaderHand},
    reader::Act,
    specimen,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{N_READS, RATE};
use crate::{Row, disk::ms, median};

const CARD: &str = "wang_wei";
const COMMANDS: [Command; 3] =
    [Command::Find, Command::Select, Command::Read(ReadKind::BaseFingerprint)];
/// Longer than any wait of the driver.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) fn row(folder: &Path) -> Result<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(measure(folder))
}

async fn measure(folder: &Path) -> Result<Row> {
    let stop = CancellationToken::new();
    let _stops_all = stop.clone().drop_guard();
    let port = folder.join("id-reader");
    let (hand, _) = port::spawn(port.clone(), AtStart::Plugged, stop.child_token())?;
    let mut bare_ms = Vec::new();
    let mut link = SerialConnect::new(port.clone(), RATE.rate()).open().await?;
    for _ in 0..N_READS {
        bare_ms.push(timeout(LIMIT, bare(&mut link, &hand)).await.context("no answer")??);
    }
    drop(link);
    let config = Config { port, baud: RATE, timings: PRODUCTION };
    let (asker, events) = spawn(config, Clock::start(), stop.child_token());
    let mut driver = Driver { hand, asker, events };
    driver.until(|status| status.health == Health::Ready).await?;
    let mut took_ms = Vec::new();
    for n in 0..N_READS {
        took_ms.push(driver.reads(RequestId(n as u64)).await?);
    }
    let what = "a bare loop of the same commands at 115200";
    Ok(Row::new("id_fp_read_over_wire", median(took_ms), "ms", what, median(bare_ms)))
}

async fn lay(hand: &ReaderHand) -> Result<()> {
    let card = specimen::card(CARD).context("no such card")?;
    Ok(hand.touch(Act::Lay(Box::new(card))).await?)
}

/// Milliseconds from the hand to the last answer.
async fn bare(link: &mut (impl AsyncRead + AsyncWrite + Unpin), hand: &ReaderHand) -> Result<f64> {
    let (start, mut deframer, mut buffer) = (Instant::now(), Deframer::new(), vec![0; 4_096]);
    lay(hand).await?;
    for command in COMMANDS {
        link.write_all(&command.encode()).await?;
        loop {
            let n_read = link.read(&mut buffer).await?;
            let mut chunk = buffer.get(..n_read).context("a chunk")?;
            if let Some(frame) = deframer.next(&mut chunk) {
                frame.map_err(|garbage| anyhow::anyhow!("{garbage:?}"))?;
                break;
            }
        }
    }
    let took_ms = millis(start);
    hand.touch(Act::Lift).await?;
    Ok(took_ms)
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}

struct Driver {
    hand: ReaderHand,
    asker: IdReaderHandle,
    events: mpsc::Receiver<Event>,
}

impl Driver {
    /// The same, without the wait for the search.
    async fn reads(&mut self, id: RequestId) -> Result<f64> {
        let what = ReadWhat { photo: false, fingerprint: true, new_address: false };
        self.asker.ask(id, Request::Read(what))?;
        let before = self.hand.look().await?.device.n_commands;
        let start = Instant::now();
        lay(&self.hand).await?;
        let card = self.card(id).await?;
        let took_ms = millis(start);
        ensure!(card.fingerprint.is_some(), "the card came without a fingerprint");
        let look = self.hand.look().await?.device;
        let n_commands = look.n_commands - before;
        // One more: a search that went out between the look and the hand.
        let expected = COMMANDS.len() as u64;
        ensure!((expected..=expected + 1).contains(&n_commands), "{n_commands} commands");
        let waited_ms = look.ms_to_find.context("the card was not found")?;
        self.hand.touch(Act::Lift).await?;
        self.until(|status| !status.card_present).await?;
        Ok(took_ms - ms(waited_ms * 1_000))
    }

    async fn card(&mut self, id: RequestId) -> Result<Box<IdCard>> {
        loop {
            match self.event().await? {
                Event::Done(of, Reply::Card(card)) if of == id => return Ok(card),
                Event::Refused(_, why) => bail!("refused: {why:?}"),
                Event::Done(..) | Event::StatusChanged(_) => {}
            }
        }
    }

    async fn until(&mut self, is: impl Fn(&Status) -> bool) -> Result<()> {
        loop {
            if let Event::StatusChanged(status) = self.event().await?
                && is(&status)
            {
                return Ok(());
            }
        }
    }

    async fn event(&mut self) -> Result<Event> {
        let event = timeout(LIMIT, self.events.recv()).await.context("the reader is silent")?;
        event.context("the driver has ended")
    }
}
