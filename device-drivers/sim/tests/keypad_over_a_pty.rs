//! The keypad's driver that ships (core, pump, serial link) against the twin on a real pty.
//! Every wait is for an event, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use device_api::keypad::{Event, Fault, Health, Key, Status};
use device_drivers::{
    clock::Clock,
    keypad::{self, Config, KeypadHandle, Timings, timings::PRODUCTION},
};
use device_sim::{
    keypad::{Act, KeypadTwin, Planned, Trouble},
    port::{self, AtStart, Hand},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, retries and a busy test machine included.
const LIMIT: Duration = Duration::from_secs(40);
/// A key that lies still is stuck after half a second, so that a test need not wait.
const TIMINGS: Timings = Timings { stuck_ms: 500, ..PRODUCTION };

struct Bench {
    _folder: tempfile::TempDir,
    hand: Hand<KeypadTwin>,
    _driver: KeypadHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    pressed: Vec<Key>,
    n_plugged: u32,
    stop: CancellationToken,
}

impl Bench {
    fn new(at_start: AtStart) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let port = folder.path().join("keypad");
        let twin = KeypadTwin::new();
        let (hand, _) = port::spawn_twin(twin, port.clone(), at_start, stop.child_token()).unwrap();
        let config = Config { port, baud: 9_600, timings: TIMINGS };
        let (driver, events) = keypad::spawn(config, Clock::start(), stop.child_token());
        let (status, pressed, n_plugged) = (Status::STARTING, Vec::new(), 0);
        Self { _folder: folder, hand, _driver: driver, events, status, pressed, n_plugged, stop }
    }

    async fn ready() -> Self {
        let mut bench = Self::new(AtStart::Plugged);
        bench.until(|bench| bench.status.health == Health::Ready).await;
        bench
    }

    async fn until(&mut self, seen: impl Fn(&Self) -> bool) {
        while !seen(self) {
            let event = timeout(LIMIT, self.events.recv()).await.expect("within the limit");
            match event.expect("the driver lives") {
                Event::StatusChanged(status) => self.status = status,
                Event::Pressed(key) => self.pressed.push(key),
                Event::Plugged => self.n_plugged += 1,
                Event::Identified(who) => assert_eq!(who.model, "ND-KEYPAD-9"),
            }
        }
    }

    async fn presses(&mut self, key: Key) {
        let n_before = self.pressed.len();
        self.hand.touch(Act::Press(key)).await.unwrap();
        self.until(|bench| bench.pressed.len() > n_before).await;
    }

    async fn end(self) {
        self.stop.cancel();
        self.hand.until(|_| false).await.unwrap_err();
    }
}

#[tokio::test]
async fn every_key_is_told_once_and_in_order() {
    let mut bench = Bench::ready().await;
    for key in Key::ALL {
        bench.presses(key).await;
    }
    assert_eq!(bench.pressed, Key::ALL);
    bench.hand.until(|look| look.device.n_heard == 9 && look.device.n_queued == 0).await.unwrap();
    bench.end().await;
}

#[tokio::test]
async fn keys_come_through_noise_torn_frames_and_deaf_ears_once_each() {
    let mut bench = Bench::ready().await;
    // Another key each time: the finger of the one before is still on it.
    let troubles = [
        (Trouble::Mute, "ack"),
        (Trouble::Twice, "key"),
        (Trouble::Torn, "key"),
        (Trouble::Garble, "key"),
        (Trouble::Noise { n_bytes: 40 }, "key"),
        (Trouble::Mute, "key"),
    ];
    for ((trouble, on), key) in troubles.into_iter().zip(Key::ALL) {
        bench.hand.touch(Act::Plan(Planned::new(trouble).on(on))).await.unwrap();
        bench.presses(key).await;
        bench.hand.until(|look| look.device.n_queued == 0).await.unwrap();
    }
    assert_eq!(bench.pressed, Key::ALL[..6]);
    assert_eq!(bench.hand.look().await.unwrap().device.n_lost, 0);
    bench.end().await;
}

#[tokio::test]
async fn the_jack_is_told_when_it_is_in_and_when_it_is_out() {
    let mut bench = Bench::ready().await;
    bench.hand.touch(Act::PlugJack).await.unwrap();
    bench.until(|bench| bench.status.jack).await;
    bench.hand.touch(Act::UnplugJack).await.unwrap();
    bench.until(|bench| !bench.status.jack).await;
    bench.hand.touch(Act::PlugJack).await.unwrap();
    bench.until(|bench| bench.status.jack).await;
    bench.hand.unplug().await.unwrap();
    bench.until(|bench| !bench.status.jack).await;
    assert_eq!(bench.status.health, Health::Down(Fault::Missing));
    bench.hand.plug().await.unwrap();
    bench.until(|bench| bench.status == Status { health: Health::Ready, jack: true }).await;
    assert_eq!(bench.n_plugged, 2, "a plug that was there already was put in by nobody");
    bench.end().await;
}

#[tokio::test]
async fn a_key_that_lies_still_is_stuck_and_the_others_work() {
    let mut bench = Bench::ready().await;
    bench.hand.touch(Act::Hold(Key::Select)).await.unwrap();
    let stuck = Health::Hampered(Fault::KeyStuck(Key::Select));
    bench.until(|bench| bench.status.health == stuck).await;
    bench.presses(Key::Down).await;
    assert_eq!(bench.pressed, [Key::Select, Key::Down], "it was pressed once");
    bench.hand.touch(Act::Release(Key::Select)).await.unwrap();
    bench.until(|bench| bench.status.health == Health::Ready).await;
    bench.end().await;
}

#[tokio::test]
async fn missing_at_the_start_and_found_when_it_comes() {
    let mut bench = Bench::new(AtStart::Unplugged);
    bench.until(|bench| bench.status.health == Health::Down(Fault::Missing)).await;
    bench.hand.plug().await.unwrap();
    bench.until(|bench| bench.status.health == Health::Ready).await;
    bench.presses(Key::Help).await;
    bench.end().await;
}

#[tokio::test]
async fn one_of_another_version_is_a_fault() {
    let mut bench = Bench::new(AtStart::Unplugged);
    let other = Act::Plan(Planned::new(Trouble::Version { version: 2 }).times(9));
    bench.hand.touch(other).await.unwrap();
    bench.hand.plug().await.unwrap();
    bench.until(|bench| bench.status.health == Health::Down(Fault::OtherVersion(2))).await;
    bench.end().await;
}
