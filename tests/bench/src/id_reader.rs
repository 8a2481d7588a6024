//! How much longer a card takes than its bytes take on the wire.
//!
//! The driver that ships reads the twin over a real pty at 115200. The card lies there when the
//! search goes out, so that the poll interval, which the module demands, is not part of the time:
//! from asking to the fields. The limit is the bare time on the wire of all bytes that went over
//! it meanwhile, both directions, ten bits each.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use device_api::{
    RequestId,
    id_reader::{Event, Health, ReadWhat, Reply, Request, Status},
};
use device_drivers::{
    clock::Clock,
    id_reader::{self, Baud, Config, IdReaderHandle, timings::PRODUCTION},
};
use device_sim::{
    port::{self, AtStart, ReaderHand},
    reader::Act,
    specimen,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{Row, median};

const N_READS: u64 = 7;
/// Longer than any wait of the driver.
const LIMIT: Duration = Duration::from_secs(20);
const RATE: Baud = Baud::B115200;

/// One row, `id_read_over_wire`.
pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no runtime")?;
    Ok(vec![runtime.block_on(measure(folder))?])
}

async fn measure(folder: &Path) -> Result<Row> {
    let stop = CancellationToken::new();
    let _stops_all = stop.clone().drop_guard();
    let port = folder.join("id-reader");
    let (hand, _) = port::spawn(port.clone(), AtStart::Plugged, stop.child_token())?;
    let config = Config { port, baud: RATE, timings: PRODUCTION };
    let (asker, events) = id_reader::spawn(config, Clock::start(), stop.child_token());
    let mut reader = Reader { hand, asker, events };
    reader.until(|status| status.health == Health::Ready).await?;
    let (mut took_ms, mut wire_ms) = (Vec::new(), Vec::new());
    for n in 0..N_READS {
        let (took, wire) = reader.read_one(RequestId(n)).await?;
        took_ms.push(took);
        wire_ms.push(wire);
    }
    let what = "the bare wire time of the bytes at 115200";
    Ok(Row::new("id_read_over_wire", median(took_ms), "ms", what, median(wire_ms)))
}

struct Reader {
    hand: ReaderHand,
    asker: IdReaderHandle,
    events: mpsc::Receiver<Event>,
}

impl Reader {
    /// Milliseconds from asking to the fields, and of the bytes on the wire.
    async fn read_one(&mut self, id: RequestId) -> Result<(f64, f64)> {
        let card = specimen::card("zhang_san").context("no specimen")?;
        self.hand.touch(Act::Lay(Box::new(card))).await?;
        let before = self.hand.look().await?;
        let start = Instant::now();
        let what = ReadWhat { photo: false, fingerprint: false, new_address: false };
        self.asker.ask(id, Request::Read(what))?;
        loop {
            match self.event().await? {
                Event::Done(done, Reply::Card(_)) if done == id => break,
                Event::StatusChanged(_) => {}
                Event::Done(..) | Event::Refused(..) => bail!("the card was not read"),
            }
        }
        let took_ms = start.elapsed().as_secs_f64() * 1_000.0;
        let after = self.hand.look().await?;
        self.hand.touch(Act::Lift).await?;
        self.until(|status| !status.card_present).await?;
        let n_bytes =
            after.n_bytes_heard + after.n_bytes_said - before.n_bytes_heard - before.n_bytes_said;
        let n_bytes = f64::from(u32::try_from(n_bytes)?);
        Ok((took_ms, n_bytes * 10_000.0 / f64::from(RATE.rate())))
    }

    async fn until(&mut self, is: impl Fn(&Status) -> bool) -> Result<()> {
        loop {
            match self.event().await? {
                Event::StatusChanged(status) if is(&status) => return Ok(()),
                Event::StatusChanged(_) | Event::Done(..) | Event::Refused(..) => {}
            }
        }
    }

    async fn event(&mut self) -> Result<Event> {
        let event = timeout(LIMIT, self.events.recv()).await.context("the reader is silent")?;
        event.context("the driver has ended")
    }
}
