//! Rows and lines about the devices: of a running station from what its tasks know, else from
//! opening each port with the driver that ships.
//!
//! A printer is only known to be ready once it has cut: probing it leaves a short empty slip.

use std::path::Path;

use device_api::{
    code_scanner, id_reader, keypad as keypad_api, receipt_printer, room as room_api, smart_card,
};
use device_drivers::clock::Clock as DriverClock;
use locker_controller::BoardProfile;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    chip_slot,
    config::{self, Machine},
    fonts, keypad,
    limits::Timings,
    locker::{self, Seen},
    printer,
    reader::{self, without_module},
    report::Row,
    room, scanner,
};

use super::ports;

/// What is known of every device that machine.toml names.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) reader: id_reader::Status,
    /// `Err`: it could not be asked.
    pub(super) printer: Option<Result<receipt_printer::Status, String>>,
    pub(super) locker: Option<Seen>,
    pub(super) scanner: Option<code_scanner::Status>,
    pub(super) chip_slot: Option<smart_card::Status>,
    pub(super) room: Option<room_api::Status>,
    pub(super) keypad: Option<keypad_api::Status>,
}

/// Opens every port and waits for what is found there.
pub(super) async fn probe(machine: &Machine, timings: Timings) -> Known {
    let (reader, printer, locker, scanner, chip_slot, room, keypad) = tokio::join!(
        probe_reader(&machine.id_reader, timings),
        async {
            let config = machine.receipt_printer.as_ref()?;
            Some(probe_printer(config, timings).await)
        },
        async { Some(probe_locker(machine.locker.as_ref()?, timings).await) },
        async { Some(probe_scanner(machine.code_scanner.as_ref()?, timings).await) },
        async { Some(probe_chip_slot(machine.chip_cards.as_ref()?, timings).await) },
        async { Some(probe_room(machine.room.as_ref()?, timings).await) },
        async { Some(probe_keypad(machine.keypad.as_ref()?, timings).await) },
    );
    Known { reader, printer, locker, scanner, chip_slot, room, keypad }
}

async fn probe_reader(config: &config::IdReader, timings: Timings) -> id_reader::Status {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = reader::config_of(config);
    let (_driver, said) = device_drivers::id_reader::spawn(config, DriverClock::start(), stop);
    let mut status = without_module(id_reader::Health::Starting);
    heard(said, timings, |event| {
        if let id_reader::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != id_reader::Health::Starting
    })
    .await;
    status
}

async fn probe_printer(
    config: &config::ReceiptPrinter,
    timings: Timings,
) -> Result<receipt_printer::Status, String> {
    let typeface = fonts::of_slips().map_err(|failure| failure.sentence)?;
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = printer::config_of(config, typeface);
    let (_driver, said) =
        device_drivers::receipt_printer::spawn(config, DriverClock::start(), stop);
    let mut status = printer::with_paper(receipt_printer::Health::Starting);
    heard(said, timings, |event| {
        if let receipt_printer::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != receipt_printer::Health::Starting
    })
    .await;
    Ok(status)
}

async fn probe_locker(config: &config::Locker, timings: Timings) -> Seen {
    use device_api::locker::{Event, Health};
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = locker::config_of(config);
    let mut seen = Seen::nothing_yet(&config);
    let (_driver, said) = locker_controller::spawn(config, DriverClock::start(), stop);
    heard(said, timings, |event| {
        if let Event::Board(change) = event {
            seen.boards.insert(change.board, change.health);
        }
        seen.boards.values().all(|health| *health != Health::Starting)
    })
    .await;
    seen
}

async fn probe_scanner(config: &config::CodeScanner, timings: Timings) -> code_scanner::Status {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = scanner::config_of(config);
    let (_driver, said) = device_drivers::code_scanner::spawn(config, DriverClock::start(), stop);
    let mut status = code_scanner::Status { health: code_scanner::Health::Starting };
    heard(said, timings, |event| {
        if let code_scanner::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != code_scanner::Health::Starting
    })
    .await;
    status
}

async fn probe_chip_slot(config: &config::ChipCards, timings: Timings) -> smart_card::Status {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = chip_slot::config_of(config);
    let (_driver, said) = device_drivers::smart_card::spawn(config, DriverClock::start(), stop);
    let mut status = chip_slot::empty(smart_card::Health::Starting);
    heard(said, timings, |event| {
        if let smart_card::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != smart_card::Health::Starting
    })
    .await;
    status
}

async fn probe_room(config: &config::Room, timings: Timings) -> room_api::Status {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = room::config_of(config);
    let (_driver, said) = device_drivers::room::spawn(config, DriverClock::start(), stop);
    let mut status = room::without_room(room_api::Health::Starting);
    heard(said, timings, |event| {
        if let room_api::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != room_api::Health::Starting
    })
    .await;
    status
}

async fn probe_keypad(config: &config::Keypad, timings: Timings) -> keypad_api::Status {
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = keypad::config_of(config);
    let (_driver, said) = device_drivers::keypad::spawn(config, DriverClock::start(), stop);
    let mut status = keypad_api::Status::STARTING;
    heard(said, timings, |event| {
        if let keypad_api::Event::StatusChanged(now) = event {
            status = now;
        }
        status.health != keypad_api::Health::Starting
    })
    .await;
    status
}

/// Hears a driver until that is enough, or for as long as a port may take.
async fn heard<E>(
    mut said: mpsc::Receiver<E>,
    timings: Timings,
    mut is_enough: impl FnMut(E) -> bool,
) {
    let hear = async {
        while let Some(event) = said.recv().await {
            if is_enough(event) {
                return;
            }
        }
    };
    // What was not heard in time is told as it stands.
    let _ = tokio::time::timeout(timings.device, hear).await;
}

/// For `check`: one row per device, one per lock board.
pub(super) fn rows(machine: &Machine, known: &Known) -> Vec<Row> {
    let on = |port: &Path, row: Row| match ports::note(port, Path::new(ports::BY_ID)) {
        Some(note) => Row { detail: format!("{}; {note}", row.detail), ..row },
        None => row,
    };
    let reader = &machine.id_reader;
    let mut rows = vec![on(&reader.port, reader_row(reader, &known.reader))];
    if let (Some(config), Some(status)) = (&machine.receipt_printer, &known.printer) {
        rows.push(on(&config.port, printer_row(config, status)));
    }
    if let (Some(config), Some(seen)) = (&machine.locker, &known.locker) {
        rows.extend(board_rows(config, seen).into_iter().map(|row| on(&config.port, row)));
    }
    if let (Some(config), Some(status)) = (&machine.code_scanner, &known.scanner) {
        rows.push(on(&config.port, scanner_row(config, *status)));
    }
    if let (Some(config), Some(status)) = (&machine.chip_cards, &known.chip_slot) {
        rows.push(chip_slot_row(config, *status));
    }
    if let (Some(config), Some(status)) = (&machine.room, &known.room) {
        rows.push(room_row(config, *status));
    }
    if let (Some(config), Some(status)) = (&machine.keypad, &known.keypad) {
        rows.push(on(&config.port, keypad_row(config, *status)));
    }
    rows
}

/// For `status`: one word per device, one per lock board.
pub(super) fn lines(known: &Known) -> Vec<String> {
    let mut lines = vec![format!("reader {}", reader::health_word(known.reader.health))];
    if let Some(Ok(status)) = &known.printer {
        lines.push(format!("printer {}", printer_words(*status)));
    }
    if let Some(seen) = &known.locker {
        let boards = seen.boards.iter();
        lines.extend(
            boards.map(|(board, health)| format!("board {board} {}", locker::health_word(*health))),
        );
    }
    if let Some(status) = &known.scanner {
        lines.push(format!("scanner {}", scanner::health_word(status.health)));
    }
    if let Some(status) = &known.chip_slot {
        lines.push(format!("card slot {}", chip_slot::health_word(status.health)));
    }
    if let Some(status) = &known.room {
        lines.push(format!("room {}", room::health_words(*status)));
    }
    if let Some(status) = &known.keypad {
        lines.push(format!("keypad {}", keypad::health_words(*status)));
    }
    lines
}

fn reader_row(config: &config::IdReader, status: &id_reader::Status) -> Row {
    use id_reader::Health;
    let port = config.port.display();
    match (status.health, &status.module_id) {
        (Health::Ready, Some(module)) => Row::good("reader", format!("{port}: module {module}")),
        (Health::Ready, None) => Row::good("reader", port.to_string()),
        (health @ (Health::Starting | Health::Down(_)), _) => {
            Row::bad("reader", format!("{port}: {}", reader::health_word(health)))
        }
    }
}

fn printer_row(
    config: &config::ReceiptPrinter,
    status: &Result<receipt_printer::Status, String>,
) -> Row {
    let port = config.port.display();
    match status {
        Ok(status) if status.health == receipt_printer::Health::Ready => {
            Row::good("printer", format!("{port}: {}", printer_words(*status)))
        }
        Ok(status) => Row::bad("printer", format!("{port}: {}", printer_words(*status))),
        Err(why) => Row::bad("printer", why.clone()),
    }
}

fn printer_words(status: receipt_printer::Status) -> String {
    let low = if status.paper_low { ", paper low" } else { "" };
    format!("{}{low}", printer::health_word(status.health))
}

/// One that reads by itself says nothing before it has read: the port is all that is known.
fn scanner_row(config: &config::CodeScanner, status: code_scanner::Status) -> Row {
    let words = format!("{}: {}", config.port.display(), scanner::health_word(status.health));
    match status.health {
        code_scanner::Health::Ready => Row::good("scanner", words),
        code_scanner::Health::Starting | code_scanner::Health::Down(_) => {
            Row::bad("scanner", words)
        }
    }
}

fn chip_slot_row(config: &config::ChipCards, status: smart_card::Status) -> Row {
    let words = format!("{}: {}", config.reader.0, chip_slot::health_word(status.health));
    match status.health {
        smart_card::Health::Ready => Row::good("card slot", words),
        smart_card::Health::Starting | smart_card::Health::Down(_) => Row::bad("card slot", words),
    }
}

fn room_row(config: &config::Room, status: room_api::Status) -> Row {
    let mut words = format!("{}: {}", config.port.display(), room::health_words(status));
    if !config.notices_cut_button() {
        words.push_str(", expected a button that is normally_closed: a cut wire raises no alarm");
    }
    let is_well = status.health == room_api::Health::Ready && status.disobeys.is_none();
    if is_well && config.notices_cut_button() {
        Row::good("room", words)
    } else {
        Row::bad("room", words)
    }
}

fn keypad_row(config: &config::Keypad, status: keypad_api::Status) -> Row {
    let words = format!("{}: {}", config.port.display(), keypad::health_words(status));
    if status.health == keypad_api::Health::Ready {
        Row::good("keypad", words)
    } else {
        Row::bad("keypad", words)
    }
}

fn board_rows(config: &config::Locker, seen: &Seen) -> Vec<Row> {
    use device_api::locker::Health;
    let (port, cabinet) = (config.port.display(), config.cabinet());
    let row = |board: &BoardProfile| {
        let address = board.address().get();
        let what = format!("board {address}");
        let hangs_here =
            |place: &&locker_controller::cabinet::Place| place.board == board.address();
        let n_doors = cabinet.doors().values().filter(hangs_here).count();
        match seen.boards.get(&address).copied().unwrap_or(Health::Starting) {
            Health::Ready => Row::good(what, format!("{port}: {n_doors} doors")),
            health @ (Health::Starting | Health::Down(_)) => {
                Row::bad(what, format!("{port}: {}", locker::health_word(health)))
            }
        }
    };
    cabinet.boards().iter().map(row).collect()
}
