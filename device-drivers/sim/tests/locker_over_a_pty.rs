//! The locker's driver that ships (doors, bus, pump, serial link) against the cabinet's twin on a
//! real pty. Every wait is for an event or for a look of the twin, with a limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, time::Duration};

use device_api::{
    RequestId,
    locker::{
        BoardChanged, DoorChanged, DoorNo, DoorState, Event, Fault, Health, Refusal, Reply, Request,
    },
};
use device_drivers::clock::Clock;
use device_sim::{
    lock_board::{
        Act, BoardAct, CabinetLook, DoorAct, DoorLook, Echo, LockBoards, On, Planned, Power, Reads,
        Trouble, Uploads, cabinet,
    },
    port::{self, AtStart, Hand, PortLook},
};
use locker_controller::{
    self as locker, Address, BAUD, BoardProfile, ByteOrder, Cabinet, Config, LockerHandle,
    Polarity,
    timings::{PRODUCTION, Timings},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any wait of the driver, a busy test machine included.
const LIMIT: Duration = Duration::from_secs(40);

struct Bench {
    _folder: tempfile::TempDir,
    hand: Hand<LockBoards>,
    asker: LockerHandle,
    events: mpsc::Receiver<Event>,
    /// What was told last of each.
    doors: BTreeMap<u16, DoorState>,
    boards: BTreeMap<u8, Health>,
    answers: BTreeMap<RequestId, Result<u16, Refusal>>,
    next_id: u64,
    stop: CancellationToken,
}

impl Bench {
    fn new(built: &Cabinet, configured: Cabinet, at_start: AtStart, timings: Timings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let port = folder.path().join("locker");
        let twin = LockBoards::new(built.boards());
        let (hand, _) = port::spawn_twin(twin, port.clone(), at_start, stop.child_token()).unwrap();
        let config = Config { port, baud: BAUD, cabinet: configured, timings };
        let (asker, events) = locker::spawn(config, Clock::start(), stop.child_token());
        let (doors, boards, answers) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { _folder: folder, hand, asker, events, doors, boards, answers, next_id: 0, stop }
    }

    fn plain(at_start: AtStart) -> Self {
        Self::new(&cabinet(), cabinet(), at_start, PRODUCTION)
    }

    async fn ready() -> Self {
        let mut bench = Self::plain(AtStart::Plugged);
        bench.until_ready().await;
        bench
    }

    async fn until_ready(&mut self) {
        let up = |b: &Self| [1, 2].iter().all(|n| b.boards.get(n) == Some(&Health::Ready));
        self.until(|b| up(b) && b.door(1) == DoorState::Shut && b.door(24) == DoorState::Shut)
            .await;
    }

    async fn event(&mut self) {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event within the limit");
        match event.expect("the driver lives") {
            Event::Door(DoorChanged { door, was, is }) => {
                let before = self.doors.insert(door.get(), is).unwrap_or(DoorState::Unknown);
                assert_eq!(before, was, "door {door}");
            }
            Event::Board(BoardChanged { board, health }) => drop(self.boards.insert(board, health)),
            Event::Done(id, Reply::Opened(door)) => self.note(id, Ok(door.get())),
            Event::Refused(id, refusal) => self.note(id, Err(refusal)),
        }
    }

    fn note(&mut self, id: RequestId, answer: Result<u16, Refusal>) {
        assert_eq!(self.answers.insert(id, answer), None, "{id:?} is answered once");
    }

    async fn until(&mut self, is: impl Fn(&Self) -> bool) {
        while !is(self) {
            self.event().await;
        }
    }

    fn door(&self, number: u16) -> DoorState {
        self.doors.get(&number).copied().unwrap_or(DoorState::Unknown)
    }

    async fn until_door(&mut self, number: u16, state: DoorState) {
        self.until(|bench| bench.door(number) == state).await;
    }

    async fn until_board(&mut self, number: u8, health: Health) {
        self.until(|bench| bench.boards.get(&number) == Some(&health)).await;
    }

    fn ask(&mut self, number: u16) -> RequestId {
        self.next_id += 1;
        let id = RequestId(self.next_id);
        self.asker.ask(id, Request::Open(door(number))).unwrap();
        id
    }

    async fn open(&mut self, number: u16) -> Result<u16, Refusal> {
        let id = self.ask(number);
        self.until(|bench| bench.answers.contains_key(&id)).await;
        self.answers[&id]
    }

    async fn touch(&self, number: u16, act: DoorAct) {
        self.hand.touch(Act::Door(number, act)).await.unwrap();
    }

    async fn board(&self, number: u8, act: BoardAct) {
        self.hand.touch(Act::Board(Address::new(number).unwrap(), act)).await.unwrap();
    }

    async fn look(&self, number: u16) -> DoorLook {
        let doors = self.hand.look().await.unwrap().device.doors;
        doors.into_iter().find(|look| look.door == number).unwrap()
    }

    async fn shut(&mut self, number: u16) {
        // Pushed while the bolt is still back, a door springs open again.
        let is_bolted =
            |look: &PortLook<CabinetLook>| !look.device.doors[usize::from(number) - 1].is_unbolted;
        timeout(LIMIT, self.hand.until(is_bolted)).await.unwrap().unwrap();
        self.touch(number, DoorAct::PushShut).await;
        self.until_door(number, DoorState::Shut).await;
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn door(number: u16) -> DoorNo {
    DoorNo::new(number).unwrap()
}

fn wired(polarity: Polarity, byte_order: ByteOrder) -> Cabinet {
    let board = |address| BoardProfile::new(address, 12, polarity, byte_order).unwrap();
    Cabinet::in_order(vec![board(1), board(2)]).unwrap()
}

#[tokio::test]
async fn a_door_opens_once_stays_open_and_is_shut_by_a_person() {
    let mut bench = Bench::ready().await;
    assert_eq!(bench.open(14).await, Ok(14));
    let look = bench.look(14).await;
    assert_eq!((look.is_open, look.n_pulses), (true, 1));
    assert_eq!(bench.door(14), DoorState::Open);
    assert_eq!(bench.open(14).await, Err(Refusal::AlreadyOpen));
    assert_eq!(bench.open(3).await, Err(Refusal::AnotherDoor(door(14))));
    bench.shut(14).await;
    assert_eq!(bench.open(3).await, Ok(3));
    assert_eq!(bench.open(25).await, Err(Refusal::NoSuchDoor));
    let look = bench.hand.look().await.unwrap().device;
    assert_eq!(look.doors.iter().map(|door| door.n_pulses).sum::<u32>(), 2);
    assert_eq!(look.n_frames_lost, 0, "the gap was kept");
}

#[tokio::test]
async fn every_wiring_that_is_configured_as_built_opens_the_right_door() {
    for polarity in [Polarity::ShortWhenLocked, Polarity::ShortWhenOpen] {
        for byte_order in [ByteOrder::HighFirst, ByteOrder::LowFirst] {
            let cabinet = wired(polarity, byte_order);
            let mut bench = Bench::new(&cabinet, cabinet.clone(), AtStart::Plugged, PRODUCTION);
            bench.until_ready().await;
            assert_eq!(bench.open(9).await, Ok(9), "{polarity:?} {byte_order:?}");
            assert_eq!(bench.door(1), DoorState::Shut);
        }
    }
}

#[tokio::test]
async fn with_the_polarity_the_wrong_way_every_door_is_found_open_and_none_is_opened() {
    let built = wired(Polarity::ShortWhenLocked, ByteOrder::HighFirst);
    let configured = wired(Polarity::ShortWhenOpen, ByteOrder::HighFirst);
    let mut bench = Bench::new(&built, configured, AtStart::Plugged, PRODUCTION);
    bench.until(|b| b.doors.len() == 24).await;
    assert!(bench.doors.values().all(|state| *state == DoorState::Forced), "{:?}", bench.doors);
    for number in [1, 24] {
        assert_eq!(bench.open(number).await, Err(Refusal::AlreadyOpen));
        assert_eq!(bench.look(number).await.n_pulses, 0, "nothing was sent");
    }
}

#[tokio::test]
async fn with_the_byte_order_the_wrong_way_nothing_opens_twice() {
    let board = |order| BoardProfile::new(1, 24, Polarity::ShortWhenLocked, order).unwrap();
    let built = Cabinet::in_order(vec![board(ByteOrder::HighFirst)]).unwrap();
    let configured = Cabinet::in_order(vec![board(ByteOrder::LowFirst)]).unwrap();
    let mut bench = Bench::new(&built, configured, AtStart::Plugged, PRODUCTION);
    bench.until_door(24, DoorState::Shut).await;
    assert_eq!(bench.open(2).await, Err(Refusal::WrongDoor(door(18))));
    assert_eq!(bench.look(2).await.n_pulses, 1);
}

#[tokio::test]
async fn an_echoing_adapter_fakes_no_answer() {
    let mut bench = Bench::plain(AtStart::Unplugged);
    bench.hand.touch(Act::SetEcho(Echo::On)).await.unwrap();
    bench.hand.plug().await.unwrap();
    bench.until_ready().await;
    assert_eq!(bench.open(2).await, Ok(2));
    bench.shut(2).await;

    // The echo of the open is byte for byte the answer of a board: it proves nothing.
    bench.board(1, BoardAct::Plan(Planned::once(Trouble::Deaf).on(On::Open))).await;
    assert_eq!(bench.open(2).await, Err(Refusal::StayedShut));
    assert!(!bench.look(2).await.is_open);

    // The echo of a poll is no status either.
    bench.board(2, BoardAct::SetPower(Power::Off)).await;
    bench.until_board(2, Health::Down(Fault::Silent)).await;
    bench.until_door(24, DoorState::Unknown).await;
}

#[tokio::test]
async fn one_dead_board_of_two_stops_nobody() {
    let mut bench = Bench::ready().await;
    bench.board(2, BoardAct::SetPower(Power::Off)).await;
    bench.until_board(2, Health::Down(Fault::Silent)).await;
    bench.until_door(24, DoorState::Unknown).await;
    assert_eq!(bench.open(13).await, Err(Refusal::NotKnown));
    assert_eq!(bench.open(12).await, Ok(12));
    bench.shut(12).await;
    bench.board(2, BoardAct::SetPower(Power::On)).await;
    bench.until_ready().await;
    assert_eq!(bench.open(13).await, Ok(13));
}

#[tokio::test]
async fn a_late_reply_is_eaten_and_nothing_goes_down() {
    let mut bench = Bench::ready().await;
    for ms in [120, 300, 480, 700] {
        bench.board(1, BoardAct::Plan(Planned::once(Trouble::Late { ms }))).await;
        bench.hand.until(|look| look.device.boards[0].planned.is_empty()).await.unwrap();
        let n_orders = bench.hand.look().await.unwrap().device.boards[0].n_orders;
        let asked_on =
            |look: &PortLook<CabinetLook>| look.device.boards[0].n_orders >= n_orders + 3;
        bench.hand.until(asked_on).await.unwrap();
    }
    assert_eq!(bench.open(1).await, Ok(1));
    assert!(bench.boards.values().all(|health| *health == Health::Ready), "{:?}", bench.boards);
    let others = bench.doors.iter().filter(|(number, _)| **number != 1);
    assert!(others.clone().all(|(_, state)| *state == DoorState::Shut), "{:?}", bench.doors);
}

#[tokio::test]
async fn noise_and_bad_check_bytes_are_lived_with() {
    let mut bench = Bench::ready().await;
    for trouble in [Trouble::Noise { n_bytes: 5 }, Trouble::BadChecksum, Trouble::Mute] {
        bench.board(1, BoardAct::Plan(Planned::once(trouble).times(2))).await;
        assert_eq!(bench.open(1).await, Ok(1), "{trouble:?}");
        bench.shut(1).await;
        assert_eq!(bench.boards[&1], Health::Ready, "{trouble:?}");
    }
    assert_eq!(bench.look(1).await.n_pulses, 3, "none was sent twice");
}

#[tokio::test]
async fn a_jammed_door_stayed_shut_and_opens_later_by_a_new_ask() {
    let mut bench = Bench::ready().await;
    bench.touch(5, DoorAct::Jam).await;
    assert_eq!(bench.open(5).await, Err(Refusal::StayedShut));
    assert_eq!(bench.look(5).await.n_pulses, 1, "an open is never sent again");
    bench.touch(5, DoorAct::Unjam).await;
    assert_eq!(bench.open(5).await, Ok(5));
}

#[tokio::test]
async fn a_door_somebody_leans_on_opens_when_let_go_in_time() {
    let mut bench = Bench::ready().await;
    bench.touch(5, DoorAct::Lean).await;
    let id = bench.ask(5);
    bench.hand.until(|look| look.device.doors[4].is_unbolted).await.unwrap();
    bench.touch(5, DoorAct::LetGo).await;
    bench.until(|b| b.answers.contains_key(&id)).await;
    assert_eq!(bench.answers[&id], Ok(5));
}

#[tokio::test]
async fn another_door_opening_instead_is_told_with_its_number() {
    let mut bench = Bench::ready().await;
    bench.touch(7, DoorAct::Cross { to: 20 }).await;
    assert_eq!(bench.open(7).await, Err(Refusal::WrongDoor(door(20))));
    assert_eq!((bench.door(7), bench.door(20)), (DoorState::Shut, DoorState::Forced));
    assert_eq!((bench.look(7).await.n_pulses, bench.look(20).await.n_pulses), (0, 1));
}

#[tokio::test]
async fn a_forced_door_is_told_with_and_without_uploads() {
    let mut bench = Bench::ready().await;
    for (number, uploads) in [(3, Uploads::Off), (15, Uploads::H81), (16, Uploads::H82)] {
        bench.board(2, BoardAct::SetUploads(uploads)).await;
        bench.touch(number, DoorAct::Force).await;
        bench.until_door(number, DoorState::Forced).await;
    }
    assert_eq!(bench.open(1).await, Ok(1), "the others go on");
    bench.shut(3).await;
}

#[tokio::test]
async fn a_stuck_sensor_is_believed_and_loses_nobody_else_the_locker() {
    let mut bench = Bench::ready().await;
    bench.touch(4, DoorAct::StickSensor { reads: Reads::Shut }).await;
    assert_eq!(bench.open(4).await, Err(Refusal::StayedShut), "although it is open");
    assert!(bench.look(4).await.is_open);
    bench.touch(4, DoorAct::StickSensor { reads: Reads::Open }).await;
    bench.until_door(4, DoorState::Forced).await;
    assert_eq!(bench.open(6).await, Ok(6));
}

#[tokio::test]
async fn a_door_left_open_is_ajar() {
    let timings = Timings { ajar_ms: 400, ..PRODUCTION };
    let mut bench = Bench::new(&cabinet(), cabinet(), AtStart::Plugged, timings);
    bench.until_ready().await;
    assert_eq!(bench.open(8).await, Ok(8));
    bench.until_door(8, DoorState::Ajar).await;
    bench.shut(8).await;
}

#[tokio::test]
async fn two_boards_of_one_address_are_garbage_until_the_switches_are_right() {
    let mut bench = Bench::ready().await;
    let address = |number| BoardAct::SetAddress(Address::new(number).unwrap());
    bench.board(2, address(1)).await;
    bench.until_board(1, Health::Down(Fault::Garbage)).await;
    bench.until_board(2, Health::Down(Fault::Silent)).await;
    assert_eq!(bench.open(1).await, Err(Refusal::NotKnown));
    bench.board(2, address(2)).await;
    bench.until_ready().await;
    assert_eq!(bench.open(1).await, Ok(1));
}

#[tokio::test]
async fn a_board_that_dies_while_it_opens_a_door_loses_it() {
    let mut bench = Bench::ready().await;
    bench.touch(14, DoorAct::Lean).await;
    let id = bench.ask(14);
    bench.hand.until(|look| look.device.doors[13].is_unbolted).await.unwrap();
    bench.board(2, BoardAct::SetPower(Power::Off)).await;
    bench.until(|b| b.answers.contains_key(&id)).await;
    assert_eq!(bench.answers[&id], Err(Refusal::Lost));
    bench.board(2, BoardAct::SetPower(Power::On)).await;
    bench.until_door(14, DoorState::Shut).await;
    assert_eq!(bench.look(14).await.n_pulses, 1);
}

#[tokio::test]
async fn a_locker_that_is_missing_at_the_start_works_when_it_appears_and_comes_back() {
    let mut bench = Bench::plain(AtStart::Unplugged);
    bench.until_board(2, Health::Down(Fault::Missing)).await;
    assert_eq!(bench.open(1).await, Err(Refusal::NotKnown));
    bench.hand.plug().await.unwrap();
    bench.until_ready().await;
    assert_eq!(bench.open(1).await, Ok(1));

    bench.hand.unplug().await.unwrap();
    bench.until_board(1, Health::Down(Fault::Missing)).await;
    bench.until_door(1, DoorState::Unknown).await;
    bench.hand.plug().await.unwrap();
    bench.until_door(1, DoorState::Open).await;
    bench.shut(1).await;
}
