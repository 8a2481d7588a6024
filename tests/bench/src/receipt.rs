//! How much longer a receipt takes than its paper takes to come out.
//!
//! The driver that ships prints a typical 收件凭证 on the twin over a real pty at 115200: from
//! asking to `Printed`. The limit is what cannot be done faster by anybody: head, paper and cutter
//! of the twin at work one after the other, or the bare wire time of all bytes, both directions,
//! ten bits each, if that were longer. Bytes that travel while the paper moves cost nothing.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use device_api::{
    RequestId,
    receipt_printer::{Align, Event, Health, Line, Part, Reply, Request, Scale, Slip},
};
use device_drivers::{
    clock::Clock,
    receipt_printer::{self, Baud, Config, ReceiptPrinterHandle, timings::PRODUCTION},
};
use device_sim::{
    control::printer::PrinterHand,
    port::{self, AtStart},
    printer::{self, PrinterTwin},
};
use kiosk_words::Private;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{Row, median};

const N_SLIPS: u64 = 5;
/// Longer than any wait of the driver.
const LIMIT: Duration = Duration::from_secs(60);
const RATE: Baud = Baud::B115200;

/// One row, `receipt_over_wire`.
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
    let port = folder.join("printer");
    let typeface = printer::typeface(printer::FONT.as_ref())?;
    let twin = PrinterTwin::new(typeface.clone());
    let (hand, _) = port::spawn_twin(twin, port.clone(), AtStart::Plugged, stop.child_token())?;
    let config = Config { port, baud: RATE, typeface, timings: PRODUCTION };
    let (asker, events) = receipt_printer::spawn(config, Clock::start(), stop.child_token());
    let mut desk = Desk { hand, asker, events };
    desk.until_ready().await?;
    let (mut took_ms, mut least_ms) = (Vec::new(), Vec::new());
    for n in 0..N_SLIPS {
        let (took, least) = desk.print_one(RequestId(n)).await?;
        took_ms.push(took);
        least_ms.push(least);
    }
    let what = "the paper's own time at 200 mm/s, or the bytes' at 115200 if longer";
    Ok(Row::new("receipt_over_wire", median(took_ms), "ms", what, median(least_ms)))
}

struct Desk {
    hand: PrinterHand,
    asker: ReceiptPrinterHandle,
    events: mpsc::Receiver<Event>,
}

impl Desk {
    /// Milliseconds from asking to `Printed`, and the least that the machine needs.
    async fn print_one(&mut self, id: RequestId) -> Result<(f64, f64)> {
        let before = self.hand.look().await?;
        let start = Instant::now();
        self.asker.ask(id, Request::Print { slip: Box::new(receipt()), reprint: false })?;
        loop {
            match self.event().await? {
                Event::Done(done, Reply::Printed) if done == id => break,
                Event::StatusChanged(_) => {}
                Event::Done(..) | Event::Refused(..) => bail!("the receipt did not come out"),
            }
        }
        let took_ms = start.elapsed().as_secs_f64() * 1_000.0;
        let after = self.hand.look().await?;
        let n_bytes =
            after.n_bytes_heard + after.n_bytes_said - before.n_bytes_heard - before.n_bytes_said;
        let wire_ms = f64::from(u32::try_from(n_bytes)?) * 10_000.0 / f64::from(RATE.rate());
        let paper_ms = f64::from(u32::try_from(after.device.busy_ms - before.device.busy_ms)?);
        Ok((took_ms, paper_ms.max(wire_ms)))
    }

    async fn until_ready(&mut self) -> Result<()> {
        loop {
            match self.event().await? {
                Event::StatusChanged(status) if status.health == Health::Ready => return Ok(()),
                Event::StatusChanged(_) | Event::Done(..) | Event::Refused(..) => {}
            }
        }
    }

    async fn event(&mut self) -> Result<Event> {
        let event = timeout(LIMIT, self.events.recv()).await.context("the printer is silent")?;
        event.context("the driver has ended")
    }
}

/// Thirty lines and a code; the people and numbers on it are invented.
fn receipt() -> Slip {
    let part = |text: &str, scale, align, bold| {
        Part::Line(Line { text: Private::text(text), scale, align, bold })
    };
    let plain = |text: &str| part(text, Scale::Normal, Align::Left, false);
    let mut parts = vec![
        part("收件凭证", Scale::Double, Align::Centre, true),
        part("2302 0000 117 42", Scale::Double, Align::Centre, false),
        Part::Rule,
        plain("事项：烟草专卖零售许可证延续"),
        plain("申请人：张三    证件：110101********0011"),
        plain("收件时间：2026-03-02 02:14"),
        part("已存本机，尚未传到大厅", Scale::Normal, Align::Left, true),
        Part::Rule,
        plain("已收材料："),
    ];
    parts.extend(
        (1..=12).map(|n| plain(&format!("{n:2}. 样本材料第{n}份              1 份 扫描件"))),
    );
    parts.extend([Part::Rule, Part::Qr(Private::new("ND1".repeat(26)))]);
    parts.extend((0..5).map(|_| plain("本凭证只证明材料已经收到，不表示已经受理。")));
    parts.extend([Part::Gap(1), plain("咨询电话：0452-0000000")]);
    Slip { parts }
}
