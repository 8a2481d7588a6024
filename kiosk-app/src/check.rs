//! `check`, `status` and `audit verify`: of a running station over its socket, else of the folder
//! itself.

mod devices;
mod ports;
mod sound;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use device_api::{camera, code_scanner, id_reader, keypad, receipt_printer, room, smart_card};
use device_drivers::camera::{FolderSource, FrameSource as _};
use hall_api::wire::Heartbeat;
use kiosk_core::diagnosis::Diagnosis;
use kiosk_store::{HeartbeatFacts, Store};
use tokio::sync::watch;

use crate::{
    catalogue,
    clock::Clock,
    config::Machine,
    control::{Answerer, Question},
    exit::{Exit, Failure, with_causes},
    hall::{cells, link::Link},
    limits::Timings,
    locker::Seen,
    parts,
    photo_decoder::PhotoDecoder,
    report::{Format, Report, Row, table},
    run::{cabinet_of, client_of},
    slips,
    store_thread::{self, NOT_A_START, StoreHandle},
    window,
};
use devices::Known;

/// Answers for a running station.
#[derive(Debug)]
pub struct Desk {
    pub machine: Machine,
    pub store: StoreHandle,
    pub reader: watch::Receiver<id_reader::Status>,
    pub printer: Option<watch::Receiver<receipt_printer::Status>>,
    pub locker: Option<watch::Receiver<Seen>>,
    pub scanner: Option<watch::Receiver<code_scanner::Status>>,
    pub chip_slot: Option<watch::Receiver<smart_card::Status>>,
    pub photo_decoder: PhotoDecoder,
    pub room: Option<watch::Receiver<room::Status>>,
    pub keypad: Option<watch::Receiver<keypad::Status>>,
    pub link: watch::Receiver<Link>,
    pub table: watch::Receiver<Diagnosis>,
}

impl Answerer for Desk {
    async fn answer(&self, question: Question) -> Report {
        match question {
            Question::Status => self.status().await,
            Question::Check { json } => self.check(format_of(json)).await,
            Question::AuditVerify => match self.store.verify_audit().await {
                Some(outcome) => audit_report(outcome),
                None => Report::failed("the store does not answer"),
            },
        }
    }
}

impl Desk {
    async fn status(&self) -> Report {
        let Some(facts) = self.store.heartbeat().await else {
            return Report::failed("the store does not answer");
        };
        let mut report = status_of_store(&self.machine, facts);
        report.lines.insert(1, "running yes".to_owned());
        report.lines.extend(devices::lines(&self.known()));
        report.lines.push(format!("hall {}", link_word(*self.link.borrow())));
        report
    }

    async fn check(&self, format: Format) -> Report {
        let facts = self.store.heartbeat().await;
        let store = facts.as_ref().map_or_else(
            || Row::bad("store", "does not answer"),
            |facts| Row::good("store", format!("open, {} events for the hall", facts.n_outbox)),
        );
        let hall = match *self.link.borrow() {
            Link::Up => Row::good("hall", &self.machine.hall.url.0),
            Link::Down => Row::bad("hall", format!("{}: not answered", self.machine.hall.url.0)),
        };
        // `run` refuses to go on without the font, and only the window's thread can look it up.
        let font = Row::good("font", "every glyph, when the window opened");
        let mut rows = rows_of_files(&self.machine);
        rows.push(store);
        rows.extend(facts.as_ref().map(|facts| staff_row(&self.machine, facts)));
        rows.extend(facts.and_then(|facts| lost_cells_row(&self.machine, &facts)));
        rows.extend(devices::rows(&self.machine, &self.known()));
        rows.push(Row::of("photo", self.photo_decoder.self_test().await));
        rows.extend(sound::row(self.machine.speech.as_ref()));
        rows.extend([hall, font]);
        table(&parts::beside(rows, &self.table.borrow()), format)
    }

    fn known(&self) -> Known {
        Known {
            reader: self.reader.borrow().clone(),
            printer: self.printer.as_ref().map(|status| Ok(*status.borrow())),
            locker: self.locker.as_ref().map(|seen| seen.borrow().clone()),
            scanner: self.scanner.as_ref().map(|status| *status.borrow()),
            chip_slot: self.chip_slot.as_ref().map(|status| *status.borrow()),
            room: self.room.as_ref().map(|status| *status.borrow()),
            keypad: self.keypad.as_ref().map(|status| *status.borrow()),
        }
    }
}

/// The same questions without a running station: this process takes the store and the ports.
/// Stays on the caller's thread, which looks the font up.
pub async fn alone(
    machine: &Machine,
    store_key: &Path,
    question: Question,
    timings: Timings,
) -> Result<Report, Failure> {
    match question {
        Question::Status => {
            let store = open(machine, store_key)?;
            let facts = store.heartbeat().map_err(|error| Failure::plain(&error))?;
            let mut report = status_of_store(machine, facts);
            report.lines.insert(1, "running no".to_owned());
            Ok(report)
        }
        Question::AuditVerify => {
            let store = open(machine, store_key)?;
            Ok(audit_report(store_thread::verify_audit(&store)))
        }
        Question::Check { json } => {
            Ok(check_alone(machine, store_key, timings, format_of(json)).await)
        }
    }
}

fn open(machine: &Machine, store_key: &Path) -> Result<Store, Failure> {
    store_thread::open_now(&machine.data, store_key, NOT_A_START).map(|(store, _)| store)
}

/// What the parts are like beside the rows is known to a running station only.
async fn check_alone(
    machine: &Machine,
    store_key: &Path,
    timings: Timings,
    format: Format,
) -> Report {
    let mut rows = rows_of_files(machine);
    match store_thread::open_now(&machine.data, store_key, NOT_A_START) {
        Ok((store, recovered)) => {
            rows.push(Row::good("store", format!("opens, epoch {}", store.epoch())));
            let facts = store.heartbeat().ok();
            rows.extend(facts.as_ref().map(|facts| staff_row(machine, facts)));
            rows.extend(facts.and_then(|facts| lost_cells_row(machine, &facts)));
            let clock = Arc::new(Clock::start());
            clock.knows_passed(recovered.service_time);
            rows.push(Row::of("hall", ask_hall(machine, &store, &clock, timings).await));
        }
        Err(failure) => {
            rows.push(Row::bad("store", failure.sentence));
            rows.push(Row::bad("hall", "not asked: that needs the identity in the store"));
        }
    }
    rows.extend(devices::rows(machine, &devices::probe(machine, timings).await));
    rows.push(Row::of("photo", PhotoDecoder::of(machine, timings).self_test().await));
    rows.extend(sound::row(machine.speech.as_ref()));
    rows.push(Row::of("font", window::font_without_window()));
    table(&rows, format)
}

/// Says the address if the hall answers a heartbeat.
async fn ask_hall(
    machine: &Machine,
    store: &Store,
    clock: &Arc<Clock>,
    timings: Timings,
) -> Result<String, String> {
    let identity = store.identity().ok_or("this machine is not enrolled")?;
    let client =
        client_of(machine, identity, clock, timings).map_err(|failure| failure.sentence)?;
    let facts = store.heartbeat().map_err(|error| with_causes(&error))?;
    let beat = Heartbeat {
        station: machine.station,
        epoch: store.epoch(),
        n_outbox: facts.n_outbox,
        audit_head: facts.audit_head,
        n_audit: facts.n_audit,
        reader: "not_asked".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        // No door is looked at by this process; the record is as it is.
        cells: cells::report(&cabinet_of(machine), &facts.cells, &BTreeMap::new()),
    };
    client.heartbeat(&beat).await.map_err(|error| with_causes(&error))?;
    Ok(machine.hall.url.0.clone())
}

fn rows_of_files(machine: &Machine) -> Vec<Row> {
    let catalogue = catalogue::load(&machine.catalog)
        .map(|catalogue| format!("{} matters", catalogue.iter().count()))
        .map_err(|error| with_causes(&error));
    let slips = slips::load(&machine.slips)
        .map(|_| "receipt, deposit and collection".to_owned())
        .map_err(|error| with_causes(&error));
    let folder = machine.camera.folder.display();
    let camera = match FolderSource::new(machine.camera.folder.clone()).health() {
        camera::Health::Ready => Row::good("camera", folder.to_string()),
        camera::Health::Down(fault) => Row::bad("camera", format!("{folder}: {fault:?}")),
    };
    vec![
        Row::good("config", format!("station {}, {}", machine.station, machine.name.zh.0)),
        Row::of("catalogue", catalogue),
        Row::of("slips", slips),
        camera,
    ]
}

/// Whether anybody of the staff can sign in; where there is no cabinet nobody has to.
fn staff_row(machine: &Machine, facts: &HeartbeatFacts) -> Row {
    match (&machine.chip_cards, facts.trusts_staff_cards) {
        (None, _) if machine.locker.is_none() => Row::good("staff cards", "no slot for them"),
        (None, _) => Row::bad("staff cards", "no [chip_cards] in machine.toml: nobody can sign in"),
        (Some(_), false) => Row::bad(
            "staff cards",
            "the hall has not said yet whose cards are good: nobody can sign in before that",
        ),
        (Some(_), true) => Row::good("staff cards", "those of the hall sign in"),
    }
}

/// An envelope in a cell that machine.toml no longer has would be forgotten there.
fn lost_cells_row(machine: &Machine, facts: &HeartbeatFacts) -> Option<Row> {
    let lost = cells::lost(&cabinet_of(machine), &facts.cells);
    let numbers: Vec<String> = lost.iter().map(ToString::to_string).collect();
    let sentence = || {
        let numbers = numbers.join(", ");
        format!("expected every cell that is not empty in machine.toml, it lacks {numbers}")
    };
    (!lost.is_empty()).then(|| Row::bad("cells", sentence()))
}

const fn format_of(json: bool) -> Format {
    if json { Format::Json } else { Format::Text }
}

const fn link_word(link: Link) -> &'static str {
    match link {
        Link::Up => "up",
        Link::Down => "down",
    }
}

fn status_of_store(machine: &Machine, facts: HeartbeatFacts) -> Report {
    let lines = vec![
        format!("station {}", machine.station),
        format!("outbox {}", facts.n_outbox),
        format!("audit {} {}", facts.n_audit, facts.audit_head),
        format!("staff cards {}", if facts.trusts_staff_cards { "ready" } else { "not_told" }),
    ];
    Report { lines, exit: Exit::Done }
}

fn audit_report(outcome: Result<String, String>) -> Report {
    match outcome {
        Ok(whole) => Report::done(format!("audit: {whole}")),
        Err(broken) => Report::failed(format!("audit: {broken}")),
    }
}
