//! What was recorded on a real pty is a transcript: replayed, the driver writes the same bytes.

use std::{fs, time::Duration};

use super::{
    receipt_printer::{driver, print, typeface},
    wire::{Driver, play_recorded},
};
use device_api::{
    RequestId, code_scanner, id_reader, keypad::Event as KeypadEvent, keypad::Key, receipt_printer,
    room,
};
use device_drivers::{
    clock::Clock,
    code_scanner::{Charset, CodeScanner, Ending, Settings, Trigger},
    id_reader::{Baud, IdReader},
    keypad::Keypad,
    link::{
        record::{Recording, Transcript},
        serial::SerialConnect,
    },
    machine::Machine,
    pump::{self, Handle},
};
use device_sim::{
    keypad::{self, KeypadTwin},
    port::{self, AtStart, Hand, Twin},
    printer::PrinterTwin,
    reader::{self, ReaderTwin},
    room::{RoomTwin, as_wired},
    scanner::{self, ScannerTwin},
    specimen,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

const LIMIT: Duration = Duration::from_secs(40);
const RATE: u32 = 115_200;
const SETTINGS: Settings =
    Settings { trigger: Trigger::Command, ending: Ending::Line, charset: Charset::Utf8 };
const READ_CODE: code_scanner::Request = code_scanner::Request::Read { patience_ms: 30_000 };
const READ_CARD: id_reader::Request = id_reader::Request::Read(id_reader::ReadWhat {
    photo: true,
    fingerprint: false,
    new_address: true,
});

/// A twin on a pty and its driver, with a recorder between.
struct Recorded<M: Machine, T: Twin> {
    folder: tempfile::TempDir,
    hand: Hand<T>,
    handle: Handle<M::Ask>,
    events: mpsc::Receiver<M::Event>,
    transcript: Transcript,
    stop: CancellationToken,
}

impl<M: Machine, T: Twin> Recorded<M, T>
where
    M::Ask: Sync,
{
    fn start(device: &'static str, core: M, twin: T) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (stop, clock) = (CancellationToken::new(), Clock::start());
        let port = folder.path().join("port");
        let plugged = AtStart::Plugged;
        let (hand, _) = port::spawn_twin(twin, port.clone(), plugged, stop.child_token()).unwrap();
        let file = folder.path().join("recorded.wire");
        let transcript =
            Transcript::create(&file, device, "the twin on a pty", "none", clock).unwrap();
        let connect = Recording::new(SerialConnect::new(port, RATE), transcript.clone());
        let (handle, events) = pump::spawn(device, core, connect, clock, stop.child_token());
        Self { folder, hand, handle, events, transcript, stop }
    }

    fn ask(&self, words: &str, ask: M::Ask) {
        self.transcript.act(words);
        self.handle.ask(RequestId(1), ask).unwrap();
    }

    async fn until(&mut self, is_it: impl Fn(&M::Event) -> bool) {
        let hear = async {
            loop {
                if is_it(&self.events.recv().await.expect("the driver lives")) {
                    return;
                }
            }
        };
        timeout(LIMIT, hear).await.expect("it happens within the limit");
    }

    /// What was recorded, once the driver has ended.
    async fn end(mut self) -> String {
        self.stop.cancel();
        while self.events.recv().await.is_some() {}
        fs::read_to_string(self.folder.path().join("recorded.wire")).unwrap()
    }
}

fn code_scanner_timings() -> device_drivers::code_scanner::Timings {
    let production = device_drivers::code_scanner::timings::PRODUCTION;
    device_drivers::code_scanner::Timings { distrust_ms: 1, ..production }
}

#[tokio::test]
async fn a_scan_can_be_replayed() {
    // What is held there in the first second is nobody's; here that second is short.
    let timings = code_scanner_timings();
    let core = || CodeScanner::new(SETTINGS, timings);
    let mut recorded = Recorded::start("code-scanner", core(), ScannerTwin::new());
    recorded.ask("ask read", READ_CODE);
    recorded.hand.touch(scanner::Act::Hold(b"NDE1-138".to_vec())).await.unwrap();
    recorded.until(|event| matches!(event, code_scanner::Event::Done(..))).await;
    let text = recorded.end().await;
    let asked = |driver: &mut Driver<_>, _: &[&str], now| driver.ask(READ_CODE, now);
    let events = play_recorded("code-scanner", &text, core(), asked);
    let read = events.iter().any(|event| matches!(event, code_scanner::Event::Done(..)));
    assert!(read, "{text}\n{events:?}");
}

#[tokio::test]
async fn a_card_that_was_read_can_be_replayed() {
    let core = || IdReader::new(Baud::B115200, device_drivers::id_reader::timings::PRODUCTION);
    let mut recorded = Recorded::start("id-reader", core(), ReaderTwin::new());
    recorded.ask("ask read", READ_CARD);
    let card = specimen::card("zhang_san").unwrap();
    recorded.hand.touch(reader::Act::Lay(Box::new(card))).await.unwrap();
    recorded.until(|event| matches!(event, id_reader::Event::Done(..))).await;
    let text = recorded.end().await;
    let asked = |driver: &mut Driver<_>, _: &[&str], now| driver.ask(READ_CARD, now);
    let events = play_recorded("id-reader", &text, core(), asked);
    let name = events.iter().find_map(|event| match event {
        id_reader::Event::Done(_, id_reader::Reply::Card(card)) => Some(card.name.expose().clone()),
        id_reader::Event::Done(..)
        | id_reader::Event::Refused(..)
        | id_reader::Event::StatusChanged(_) => None,
    });
    assert_eq!(name.as_deref(), Some("张三"), "{text}");
}

#[tokio::test]
async fn a_slip_that_was_printed_can_be_replayed() {
    let twin = PrinterTwin::new(typeface());
    let mut recorded = Recorded::start("receipt-printer", driver(), twin);
    recorded.ask("ask print", print());
    recorded.until(|event| matches!(event, receipt_printer::Event::Done(..))).await;
    let text = recorded.end().await;
    let asked = |driver: &mut Driver<_>, _: &[&str], now| driver.ask(print(), now);
    let events = play_recorded("receipt-printer", &text, driver(), asked);
    let printed = events.iter().any(|event| matches!(event, receipt_printer::Event::Done(..)));
    assert!(printed, "{events:?}");
}

#[tokio::test]
async fn a_relay_that_was_set_can_be_replayed() {
    use device_drivers::room::{Room, timings::PRODUCTION};
    let core = || Room::new(as_wired(), PRODUCTION);
    let ask = room::Request::Set { output: room::Output::Light, on: true };
    let mut recorded = Recorded::start("room", core(), RoomTwin::as_delivered());
    recorded.ask("ask light on", ask);
    recorded.until(|event| matches!(event, room::Event::Done(..))).await;
    let text = recorded.end().await;
    let asked = |driver: &mut Driver<_>, _: &[&str], now| driver.ask(ask, now);
    let events = play_recorded("room", &text, core(), asked);
    let is_set = room::Event::Done(RequestId(1), room::Reply::IsSet);
    assert!(events.contains(&is_set), "{text}\n{events:?}");
}

#[tokio::test]
async fn keys_that_were_pressed_can_be_replayed() {
    let core = || Keypad::new(device_drivers::keypad::timings::PRODUCTION);
    let mut recorded = Recorded::start("keypad", core(), KeypadTwin::new());
    recorded.until(|event| matches!(event, KeypadEvent::StatusChanged(_))).await;
    for key in [Key::Down, Key::Select] {
        recorded.hand.touch(keypad::Act::Press(key)).await.unwrap();
        recorded.until(|event| *event == KeypadEvent::Pressed(key)).await;
    }
    let text = recorded.end().await;
    let events = play_recorded("keypad", &text, core(), |_, _: &[&str], _| {});
    for key in [Key::Down, Key::Select] {
        assert!(events.contains(&KeypadEvent::Pressed(key)), "{text}\n{events:?}");
    }
}
