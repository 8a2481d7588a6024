//! The driver that ships (core, pump, serial link) against the twin on a real pty.
//! Every wait is for an event, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use device_api::{
    RequestId,
    code_scanner::{Event, Fault, Health, Refusal, Reply, Request},
};
use device_drivers::{
    clock::Clock,
    code_scanner::{
        self, Charset, CodeScannerHandle, Config, Ending, Settings, Timings, Trigger,
        timings::PRODUCTION,
    },
};
use device_sim::{
    port::{self, AtStart, Hand},
    scanner::{Act, Mode, Planned, ScannerTwin, Suffix, Trouble},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, retries and a busy test machine included.
const LIMIT: Duration = Duration::from_secs(40);
const BY_COMMAND: Settings =
    Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
/// Distrust of what follows something torn is tested on virtual time.
const TIMINGS: Timings = Timings { distrust_ms: 1, ..PRODUCTION };
const READ: Request = Request::Read { patience_ms: 30_000 };
const CODE: &[u8] = b"NDE1 0017-0000-000138";

struct Bench {
    _folder: tempfile::TempDir,
    hand: Hand<ScannerTwin>,
    asker: CodeScannerHandle,
    events: mpsc::Receiver<Event>,
    health: Health,
    next_id: u64,
    stop: CancellationToken,
}

impl Bench {
    fn new(settings: Settings, at_start: AtStart) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let port = folder.path().join("code-scanner");
        let twin = ScannerTwin::new();
        let (hand, _) = port::spawn_twin(twin, port.clone(), at_start, stop.child_token()).unwrap();
        let config = Config { port, baud: 115_200, settings, timings: TIMINGS };
        let (asker, events) = code_scanner::spawn(config, Clock::start(), stop.child_token());
        let health = Health::Starting;
        Self { _folder: folder, hand, asker, events, health, next_id: 0, stop }
    }

    async fn ready(settings: Settings) -> Self {
        let mut bench = Self::new(settings, AtStart::Plugged);
        bench.until(Health::Ready).await;
        bench
    }

    async fn event(&mut self) -> Event {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event within the limit");
        let event = event.expect("the driver lives");
        if let Event::StatusChanged(status) = &event {
            self.health = status.health;
        }
        event
    }

    async fn until(&mut self, health: Health) {
        while self.health != health {
            self.event().await;
        }
    }

    fn asks(&mut self) {
        self.next_id += 1;
        self.asker.ask(RequestId(self.next_id), READ).unwrap();
    }

    async fn answer(&mut self) -> Result<String, Refusal> {
        loop {
            match self.event().await {
                Event::Done(id, Reply::Code(code)) => {
                    assert_eq!(id, RequestId(self.next_id));
                    return Ok(code.expose().clone());
                }
                Event::Refused(id, why) => {
                    assert_eq!(id, RequestId(self.next_id));
                    return Err(why);
                }
                Event::Done(_, Reply::Stopped) | Event::StatusChanged(_) => {}
            }
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.hand.until(|_| false).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_slip_is_read_while_the_lamp_is_on_and_only_then() {
    let mut bench = Bench::ready(BY_COMMAND).await;
    assert!(!bench.hand.look().await.unwrap().device.is_lit);
    bench.asks();
    bench.hand.until(|look| look.device.is_lit).await.unwrap();
    bench.hand.touch(Act::Hold(CODE.to_vec())).await.unwrap();
    assert_eq!(bench.answer().await.unwrap().as_bytes(), CODE);
    bench.hand.until(|look| !look.device.is_lit && look.device.n_reads == 1).await.unwrap();
    bench.end().await;
}

#[tokio::test]
async fn torn_long_and_foreign_bytes_are_refused_and_the_next_slip_is_read() {
    let mut bench = Bench::ready(BY_COMMAND).await;
    let torn = Act::Plan(Planned::new(Trouble::Torn).on("code"));
    for (act, code, why) in [
        (Some(torn), CODE.to_vec(), Refusal::Torn),
        (None, vec![b'x'; 4_096], Refusal::TooLong),
        (None, vec![0xBC, 0xFE], Refusal::NotText),
    ] {
        if let Some(act) = act {
            bench.hand.touch(act).await.unwrap();
        }
        bench.hand.touch(Act::Hold(code)).await.unwrap();
        bench.asks();
        assert_eq!(bench.answer().await, Err(why));
        bench.hand.touch(Act::TakeAway).await.unwrap();
    }
    bench.asks();
    bench.hand.touch(Act::Hold(CODE.to_vec())).await.unwrap();
    assert_eq!(bench.answer().await.unwrap().as_bytes(), CODE);
    bench.end().await;
}

#[tokio::test]
async fn unplugged_in_a_read_and_plugged_again() {
    let mut bench = Bench::ready(BY_COMMAND).await;
    bench.asks();
    bench.hand.until(|look| look.device.is_lit).await.unwrap();
    bench.hand.unplug().await.unwrap();
    assert_eq!(bench.answer().await, Err(Refusal::DeviceDown(Fault::Missing)));
    bench.hand.plug().await.unwrap();
    bench.until(Health::Ready).await;
    bench.end().await;
}

#[tokio::test]
async fn missing_at_the_start_and_found_when_it_comes() {
    let mut bench = Bench::new(BY_COMMAND, AtStart::Unplugged);
    bench.until(Health::Down(Fault::Missing)).await;
    bench.hand.plug().await.unwrap();
    bench.until(Health::Ready).await;
    bench.end().await;
}

#[tokio::test]
async fn a_scanner_that_reads_by_itself_is_heard_in_its_own_charset() {
    let settings =
        Settings { trigger: Trigger::Always, ending: Ending::Silence, charset: Charset::Gbk };
    let mut bench = Bench::ready(settings).await;
    for act in [Act::SetMode(Mode::Always), Act::SetSuffix(Suffix::Nothing)] {
        bench.hand.touch(act).await.unwrap();
    }
    bench.asks();
    let gbk = vec![0xC8, 0xA1, 0xBC, 0xFE];
    bench.hand.touch(Act::Hold(gbk)).await.unwrap();
    assert_eq!(bench.answer().await.unwrap(), "取件");
    bench.end().await;
}
