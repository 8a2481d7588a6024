//! The driver that ships (core, pump, serial link) against the twin on a real pty.
//! Every wait is for an event, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use device_api::{
    RequestId,
    room::{Event, Fault, Health, Inputs, Output, Refusal, Reply, Request, Status},
};
use device_drivers::{
    clock::Clock,
    room::{self, Config, Room, RoomHandle, timings::PRODUCTION},
};
use device_sim::{
    port::{self, AtStart, Hand},
    room::{Act, Planned, RoomTwin, Trouble, as_wired},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, retries and a busy test machine included.
const LIMIT: Duration = Duration::from_secs(40);

struct Bench {
    _folder: tempfile::TempDir,
    hand: Hand<RoomTwin>,
    asker: RoomHandle,
    events: mpsc::Receiver<Event>,
    status: Status,
    next_id: u64,
    stop: CancellationToken,
}

impl Bench {
    fn new(at_start: AtStart) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let port = folder.path().join("room");
        let twin = RoomTwin::as_delivered();
        let (hand, _) = port::spawn_twin(twin, port.clone(), at_start, stop.child_token()).unwrap();
        let config = Config { port, baud: 9_600, settings: as_wired(), timings: PRODUCTION };
        let (asker, events) = room::spawn(config, Clock::start(), stop.child_token());
        let status = Room::new_status();
        Self { _folder: folder, hand, asker, events, status, next_id: 0, stop }
    }

    async fn ready() -> Self {
        let mut bench = Self::new(AtStart::Plugged);
        bench.until(|status| status.health == Health::Ready).await;
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

    async fn until(&mut self, is_it: impl Fn(Status) -> bool) {
        while !is_it(self.status) {
            self.event().await;
        }
    }

    async fn until_inputs(&mut self, is_it: impl Fn(Inputs) -> bool) {
        self.until(|status| status.inputs.is_some_and(&is_it)).await;
    }

    async fn sets(&mut self, output: Output, on: bool) -> Result<(), Refusal> {
        self.next_id += 1;
        let asked = RequestId(self.next_id);
        self.asker.ask(asked, Request::Set { output, on }).unwrap();
        loop {
            match self.event().await {
                Event::Done(id, Reply::IsSet) if id == asked => return Ok(()),
                Event::Refused(id, why) if id == asked => return Err(why),
                Event::Done(..) | Event::Refused(..) | Event::StatusChanged(_) => {}
            }
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.hand.until(|_| false).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_press_a_door_and_a_loss_of_the_mains_are_told_and_are_over_again() {
    let mut bench = Bench::ready().await;
    for (begin, end, is_it) in [
        (Act::PressButton, Act::ReleaseButton, (|i| i.emergency) as fn(Inputs) -> bool),
        (Act::CutWire(true), Act::CutWire(false), |i| i.emergency),
        (Act::OpenDoor(true), Act::OpenDoor(false), |i| i.lobby_open),
        (Act::Mains(false), Act::Mains(true), |i| !i.on_mains),
    ] {
        bench.hand.touch(begin).await.unwrap();
        bench.until_inputs(is_it).await;
        bench.hand.touch(end).await.unwrap();
        bench.until_inputs(|inputs| !is_it(inputs)).await;
    }
    assert_eq!(bench.hand.look().await.unwrap().device.n_too_soon, 0, "the gap is kept");
    bench.end().await;
}

#[tokio::test]
async fn outputs_are_on_when_they_say_so() {
    let mut bench = Bench::ready().await;
    for output in Output::ALL {
        assert_eq!(bench.sets(output, true).await, Ok(()));
    }
    let look = bench.hand.look().await.unwrap().device;
    assert!(look.is_lit && look.is_siren_on && look.is_guard_called);
    assert_eq!(bench.sets(Output::Siren, false).await, Ok(()));
    assert!(!bench.hand.look().await.unwrap().device.is_siren_on);
    bench.end().await;
}

#[tokio::test]
async fn an_echoing_line_does_not_pass_for_a_switched_relay() {
    let mut bench = Bench::ready().await;
    bench.hand.touch(Act::Echo(true)).await.unwrap();
    bench.hand.touch(Act::Stick(Some(as_wired().wiring.guard.relay))).await.unwrap();
    assert_eq!(bench.sets(Output::Guard, true).await, Err(Refusal::StaysAsItWas));
    bench.until(|status| status.disobeys == Some(Output::Guard)).await;
    bench.hand.touch(Act::Stick(None)).await.unwrap();
    // It is wanted still.
    bench.until(|status| status.outputs.is_some_and(|outputs| outputs.guard)).await;
    bench.end().await;
}

#[tokio::test]
async fn a_board_that_refuses_or_lies_in_pieces_is_read_all_the_same() {
    let mut bench = Bench::ready().await;
    for trouble in [
        Trouble::Noise { n_bytes: 9 },
        Trouble::Halves { gap_ms: 12 },
        Trouble::Late { ms: 160 },
        Trouble::Garble,
        Trouble::Torn,
        Trouble::Mute,
        Trouble::Refuse { code: 4 },
    ] {
        bench.hand.touch(Act::Plan(Planned::new(trouble).on("inputs"))).await.unwrap();
        bench.hand.touch(Act::PressButton).await.unwrap();
        bench.until_inputs(|inputs| inputs.emergency).await;
        bench.hand.touch(Act::ReleaseButton).await.unwrap();
        bench.until_inputs(|inputs| !inputs.emergency).await;
        assert_eq!(bench.status.health, Health::Ready, "{trouble:?}");
    }
    bench.end().await;
}

#[tokio::test]
async fn another_board_at_this_address_is_unfit() {
    let mut bench = Bench::ready().await;
    let refuses = Planned::new(Trouble::Refuse { code: 2 }).times(5);
    bench.hand.touch(Act::Plan(refuses)).await.unwrap();
    bench.until(|status| status.health == Health::Down(Fault::Unfit)).await;
    bench.until(|status| status.health == Health::Ready).await;
    bench.end().await;
}

#[tokio::test]
async fn what_was_asked_last_is_set_again_when_the_board_is_back() {
    let mut bench = Bench::ready().await;
    assert_eq!(bench.sets(Output::Siren, true).await, Ok(()));
    bench.hand.unplug().await.unwrap();
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    assert_eq!((bench.status.inputs, bench.status.outputs), (None, None));
    let missing = Refusal::DeviceDown(Fault::Missing);
    assert_eq!(bench.sets(Output::Guard, true).await, Err(missing));
    bench.hand.touch(Act::DropPower).await.unwrap();
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.outputs.is_some_and(|o| o.siren && o.guard && !o.light)).await;
    bench.hand.touch(Act::DropPower).await.unwrap();
    bench.until(|status| status.outputs.is_some_and(|o| !o.siren)).await;
    bench.until(|status| status.outputs.is_some_and(|o| o.siren && o.guard)).await;
    bench.end().await;
}

#[tokio::test]
async fn missing_at_the_start_and_found_when_it_comes() {
    let mut bench = Bench::new(AtStart::Unplugged);
    bench.until(|status| status.health == Health::Down(Fault::Missing)).await;
    bench.hand.plug().await.unwrap();
    bench.until(|status| status.health == Health::Ready).await;
    bench.end().await;
}

#[tokio::test]
async fn a_board_that_falls_silent_is_down_and_comes_back() {
    let mut bench = Bench::ready().await;
    bench.hand.touch(Act::Plan(Planned::new(Trouble::Mute).times(3))).await.unwrap();
    bench.until(|status| status.health == Health::Down(Fault::Silent)).await;
    bench.until(|status| status.health == Health::Ready).await;
    bench.end().await;
}
