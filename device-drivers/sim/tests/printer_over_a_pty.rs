//! The printer driver that ships (core, pump, serial link) against the twin on a real pty.
//! Every wait is for an event or for something to be seen, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paper;

use std::{path::Path, sync::Arc, time::Duration};

use device_api::{
    RequestId,
    receipt_printer::{Event, Fault, Health, Part, Refusal, Reply, Request, Slip, Status},
};
use device_drivers::{
    clock::Clock,
    receipt_printer::{
        Baud, Config, ReceiptPrinter, ReceiptPrinterHandle, codec::WIDTH_LEN, spawn,
        timings::PRODUCTION,
    },
};
use device_sim::{
    control::printer::PrinterHand,
    port::{self, AtStart},
    printer::{
        Act, Clearing, Cover, Cutter, PrinterLook, PrinterTwin,
        paper::{End, Entry, Paper},
        trouble::{Planned, Trouble},
    },
};
use kiosk_words::Private;
use paper::{line, slip_of, title, typeface};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, on a busy test machine.
const LIMIT: Duration = Duration::from_secs(60);
const BAUD: Baud = Baud::B115200;

struct Bench {
    _folder: tempfile::TempDir,
    hand: PrinterHand,
    asker: ReceiptPrinterHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    next_id: u64,
    stop: CancellationToken,
}

impl Bench {
    fn new(at_start: AtStart) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let path = folder.path().join("printer");
        let twin = PrinterTwin::new(typeface());
        let (hand, _) = port::spawn_twin(twin, path.clone(), at_start, stop.child_token()).unwrap();
        let (asker, events) = driver(&path, &stop);
        let status = ReceiptPrinter::new_status();
        Self { _folder: folder, hand, asker, events, status, next_id: 0, stop }
    }

    async fn ready() -> Self {
        let mut bench = Self::new(AtStart::Plugged);
        bench.until_ready().await;
        bench.touch(Act::TakePapers).await;
        bench
    }

    async fn event(&mut self) -> Event {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event within the limit");
        let event = event.expect("the driver lives");
        if let Event::StatusChanged(status) = event {
            self.status = status;
        }
        event
    }

    async fn until(&mut self, is: impl Fn(&Status) -> bool) {
        while !is(&self.status) {
            self.event().await;
        }
    }

    async fn until_ready(&mut self) {
        self.until(|status| status.health == Health::Ready).await;
    }

    async fn until_seen(&self, is: impl Fn(&PrinterLook) -> bool) {
        let seen = self.hand.until(|look| is(&look.device));
        timeout(LIMIT, seen).await.expect("seen within the limit").unwrap();
    }

    fn ask(&mut self, slip: Slip, reprint: bool) -> RequestId {
        self.next_id += 1;
        let id = RequestId(self.next_id);
        self.asker.ask(id, Request::Print { slip: Box::new(slip), reprint }).unwrap();
        id
    }

    async fn answer(&mut self, wanted: RequestId) -> Result<(), Refusal> {
        loop {
            match self.event().await {
                Event::Done(id, Reply::Printed) if id == wanted => return Ok(()),
                Event::Refused(id, refusal) if id == wanted => return Err(refusal),
                Event::StatusChanged(_) => {}
                other @ (Event::Done(..) | Event::Refused(..)) => {
                    panic!("nobody asked for {other:?}")
                }
            }
        }
    }

    async fn print(&mut self, slip: Slip) -> Result<(), Refusal> {
        let id = self.ask(slip, false);
        self.answer(id).await
    }

    /// Asks for a long slip and waits until some of it hangs out.
    async fn begin(&mut self) -> RequestId {
        let id = self.ask(slip_of("张三", 40), false);
        self.until_seen(|look| look.hanging_mm >= 30).await;
        id
    }

    async fn touch(&self, act: Act) {
        self.hand.touch(act).await.unwrap();
    }

    async fn papers(&self) -> Vec<Arc<Paper>> {
        self.hand.look().await.unwrap().device.papers
    }

    /// The next person's slip comes out whole and alone.
    async fn expect_next_slip_is_clean(&mut self) {
        self.until_ready().await;
        self.touch(Act::TakePapers).await;
        assert_eq!(self.print(slip_of("李四", 12)).await, Ok(()));
        let papers = self.papers().await;
        let own = papers.last().unwrap();
        assert_eq!(own.end, End::Cut);
        assert_eq!(own.text().matches("李四").count(), 12);
        assert!(!own.text().contains("张三"), "{}", own.text());
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn driver(port: &Path, stop: &CancellationToken) -> (ReceiptPrinterHandle, mpsc::Receiver<Event>) {
    let config =
        Config { port: port.to_owned(), baud: BAUD, typeface: typeface(), timings: PRODUCTION };
    spawn(config, Clock::start(), stop.child_token())
}

#[tokio::test]
async fn a_slip_comes_out_with_everything_that_stands_on_it() {
    let mut bench = Bench::ready().await;
    let parts = vec![
        title("收件凭证"),
        Part::Rule,
        line("受理事项：烟草专卖零售许可证延续"),
        line("No. 2302 0000-0117"),
        Part::Gap(1),
        Part::Qr(Private::text("ND1 2302 7f3a 117 9c0ffee")),
    ];
    let id = bench.ask(Slip { parts }, true);
    assert_eq!(bench.answer(id).await, Ok(()));
    let papers = bench.papers().await;
    let [paper] = &papers[..] else { panic!("{} papers", papers.len()) };
    let rule = "-".repeat(48);
    assert_eq!(
        paper.text(),
        format!("补打\n收件凭证\n{rule}\n受理事项：烟草专卖零售许可证延续\nNo. 2302 0000-0117")
    );
    let code = Entry::Code { text: "ND1 2302 7f3a 117 9c0ffee".to_owned() };
    assert!(paper.entries.contains(&code) && paper.end == End::Cut, "{:?}", paper.entries);
    let look = bench.hand.look().await.unwrap().device;
    assert_eq!((look.n_boxes, look.n_unknown, look.n_lost, look.hanging_mm), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_name_that_the_printer_lacks_comes_out_dot_for_dot() {
    let mut bench = Bench::ready().await;
    assert_eq!(bench.print(Slip { parts: vec![line("姓名：㛃䶮")] }).await, Ok(()));
    let papers = bench.papers().await;
    let paper = papers.last().unwrap();
    assert_eq!(paper.text(), "", "nothing went as text");
    assert!(matches!(paper.entries[0], Entry::Picture { height_dots: 30, .. }));
    // The picture that a person would see shows the characters as the font draws them.
    let png = image::load_from_memory(&paper.png()).unwrap().to_luma8();
    let scale = device_api::receipt_printer::Scale::Normal;
    let align = device_api::receipt_printer::Align::Left;
    let mut ink = typeface().line("姓名：㛃䶮", scale, align, false).unwrap();
    ink.defuse();
    let margin = (png.width() - 8 * u32::try_from(WIDTH_LEN).unwrap()) / 2;
    let mut n_black = 0;
    for (y, row) in (0..).zip(ink.bytes.chunks(usize::from(ink.row_len))) {
        for x in 0..u32::from(ink.row_len) * 8 {
            let wanted = row[x as usize / 8] & (0x80 >> (x % 8)) != 0;
            let black = png.get_pixel(margin + x, y).0[0] < 128;
            assert_eq!(black, wanted, "dot {x},{y}");
            n_black += u32::from(black);
        }
    }
    assert!(n_black > 400, "{n_black}");
    assert_eq!(bench.hand.look().await.unwrap().device.n_boxes, 0);
    // What no font has is not printed at all.
    let nameless = Slip { parts: vec![line("姓名：\u{2B820}")] };
    assert_eq!(bench.print(nameless).await, Err(Refusal::Unprintable));
    assert_eq!(bench.papers().await.len(), 1);
}

#[tokio::test]
async fn paper_that_ends_in_the_middle_leaves_the_next_slip_clean() {
    let mut bench = Bench::ready().await;
    bench.touch(Act::SetPaper { left_mm: 60 }).await;
    bench.until(|status| status.paper_low).await;
    let id = bench.ask(slip_of("张三", 40), false);
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::PaperOut)));
    bench.until(|status| status.health == Health::Down(Fault::PaperOut)).await;
    let refused = bench.print(slip_of("李四", 3)).await;
    assert_eq!(refused, Err(Refusal::NotStarted(Fault::PaperOut)));
    bench.touch(Act::SetPaper { left_mm: 50_000 }).await;
    bench.expect_next_slip_is_clean().await;
    assert!(!bench.status.paper_low);
}

#[tokio::test]
async fn a_cover_opened_in_the_middle_leaves_the_next_slip_clean() {
    for clearing in [Clearing::CutterErrors, Clearing::AnyStop] {
        let mut bench = Bench::ready().await;
        bench.touch(Act::SetClearing(clearing)).await;
        let id = bench.begin().await;
        bench.touch(Act::SetCover(Cover::Open)).await;
        assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::CoverOpen)));
        bench.until(|status| status.health == Health::Down(Fault::CoverOpen)).await;
        bench.touch(Act::SetCover(Cover::Closed)).await;
        bench.expect_next_slip_is_clean().await;
    }
}

#[tokio::test]
async fn a_stuck_cutter_is_freed_and_the_next_slip_is_clean() {
    let mut bench = Bench::ready().await;
    bench.touch(Act::SetCutter(Cutter::Jammed)).await;
    let id = bench.ask(slip_of("张三", 5), false);
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::Cutter)));
    bench.until(|status| status.health == Health::Down(Fault::Cutter)).await;
    bench.touch(Act::SetCutter(Cutter::Free)).await;
    bench.expect_next_slip_is_clean().await;
}

#[tokio::test]
async fn a_printer_that_dies_in_the_middle_is_silent_until_it_is_switched_on() {
    let mut bench = Bench::ready().await;
    bench.touch(Act::Plan(Planned::new(Trouble::Die { after_mm: 30 }))).await;
    let id = bench.ask(slip_of("张三", 40), false);
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::Silent)));
    bench.until(|status| status.health == Health::Down(Fault::Silent)).await;
    bench.touch(Act::PowerCycle).await;
    bench.expect_next_slip_is_clean().await;
}

#[tokio::test]
async fn a_cable_pulled_in_the_middle_leaves_the_next_slip_clean() {
    let mut bench = Bench::ready().await;
    let id = bench.begin().await;
    bench.hand.unplug().await.unwrap();
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::Missing)));
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    bench.hand.plug().await.unwrap();
    bench.expect_next_slip_is_clean().await;
}

#[tokio::test]
async fn a_printer_that_is_missing_at_the_start_works_when_it_appears() {
    let mut bench = Bench::new(AtStart::Unplugged);
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    let refused = bench.print(slip_of("张三", 1)).await;
    assert_eq!(refused, Err(Refusal::NotStarted(Fault::Missing)));
    bench.hand.plug().await.unwrap();
    bench.expect_next_slip_is_clean().await;
}

#[tokio::test]
async fn a_lying_status_is_not_taken_for_proof() {
    let mut bench = Bench::ready().await;
    bench.touch(Act::SetPaper { left_mm: 60 }).await;
    let lie = Planned::new(Trouble::Say { byte: 0x12 }).on("status").times(u32::MAX);
    bench.touch(Act::Plan(lie)).await;
    bench.touch(Act::Plan(Planned::new(Trouble::Mute).on("notice").times(u32::MAX))).await;
    let id = bench.ask(slip_of("张三", 20), false);
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::Silent)));
}

#[tokio::test]
async fn spoiled_answers_cost_no_slip() {
    for trouble in [Trouble::Mute, Trouble::Garble, Trouble::Late { ms: 300 }] {
        let mut bench = Bench::ready().await;
        bench.touch(Act::Plan(Planned::new(trouble).on("status"))).await;
        assert_eq!(bench.print(slip_of("张三", 5)).await, Ok(()), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_printer_that_babbles_is_garbage_until_it_speaks_again() {
    let mut bench = Bench::ready().await;
    let id = bench.begin().await;
    bench.touch(Act::Plan(Planned::new(Trouble::Noise { n_bytes: 400 }).times(9))).await;
    assert_eq!(bench.answer(id).await, Err(Refusal::Uncertain(Fault::Garbage)));
    bench.until(|status| status.health == Health::Down(Fault::Garbage)).await;
    bench.touch(Act::ClearPlan).await;
    bench.expect_next_slip_is_clean().await;
}
