//! `check`, `status` and `audit verify`: of a running station over its socket, else of the folder
//! itself.

use std::path::Path;

use device_api::{
    camera,
    id_reader::{self, Health, Status},
};
use device_drivers::{
    camera::{FolderSource, FrameSource as _},
    clock::Clock as DriverClock,
    id_reader::{Baud, Config, spawn, timings as driver_timings},
};
use hall_api::wire::Heartbeat;
use kiosk_store::{HeartbeatFacts, Store};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    catalogue,
    config::{self, Machine},
    control::{Answerer, Question},
    exit::{Exit, Failure, with_causes},
    hall::link::{Link, health_word},
    limits::Timings,
    report::{Report, Row, table},
    run::client_of,
    store_thread::{self, NOT_A_START, StoreHandle},
    window,
};

/// Answers for a running station.
#[derive(Debug)]
pub struct Desk {
    pub machine: Machine,
    pub store: StoreHandle,
    pub reader: watch::Receiver<Status>,
    pub link: watch::Receiver<Link>,
}

impl Answerer for Desk {
    async fn answer(&self, question: Question) -> Report {
        match question {
            Question::Status => self.status().await,
            Question::Check => self.check().await,
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
        report.lines.push(format!("reader {}", health_word(self.reader.borrow().health)));
        report.lines.push(format!("hall {}", link_word(*self.link.borrow())));
        report
    }

    async fn check(&self) -> Report {
        let facts = self.store.heartbeat().await;
        let store = facts.map_or_else(
            || Row::bad("store", "does not answer"),
            |facts| Row::good("store", format!("open, {} events for the hall", facts.n_outbox)),
        );
        let reader = reader_row(&self.machine.id_reader, &self.reader.borrow());
        let hall = match *self.link.borrow() {
            Link::Up => Row::good("hall", &self.machine.hall.url.0),
            Link::Down => Row::bad("hall", format!("{}: not answered", self.machine.hall.url.0)),
        };
        // `run` refuses to go on without the font, and only the window's thread can look it up.
        let font = Row::good("font", "every glyph, when the window opened");
        let mut rows = rows_of_files(&self.machine);
        rows.extend([store, reader, hall, font]);
        table(&rows)
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
        Question::Check => Ok(check_alone(machine, store_key, timings).await),
    }
}

fn open(machine: &Machine, store_key: &Path) -> Result<Store, Failure> {
    store_thread::open_now(&machine.data, store_key, NOT_A_START).map(|(store, _)| store)
}

async fn check_alone(machine: &Machine, store_key: &Path, timings: Timings) -> Report {
    let mut rows = rows_of_files(machine);
    match open(machine, store_key) {
        Ok(store) => {
            rows.push(Row::good("store", format!("opens, epoch {}", store.epoch())));
            rows.push(Row::of("hall", ask_hall(machine, &store, timings).await));
        }
        Err(failure) => {
            rows.push(Row::bad("store", failure.sentence));
            rows.push(Row::bad("hall", "not asked: that needs the identity in the store"));
        }
    }
    rows.push(reader_row(&machine.id_reader, &probe(&machine.id_reader, timings).await));
    rows.push(Row::of("font", window::font_without_window()));
    table(&rows)
}

/// Says the address if the hall answers a heartbeat.
async fn ask_hall(machine: &Machine, store: &Store, timings: Timings) -> Result<String, String> {
    let identity = store.identity().ok_or("this machine is not enrolled")?;
    let client = client_of(machine, identity, timings).map_err(|failure| failure.sentence)?;
    let facts = store.heartbeat().map_err(|error| with_causes(&error))?;
    let beat = Heartbeat {
        station: machine.station,
        epoch: store.epoch(),
        n_outbox: facts.n_outbox,
        audit_head: facts.audit_head,
        n_audit: facts.n_audit,
        reader: "not_asked".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    client.heartbeat(&beat).await.map_err(|error| with_causes(&error))?;
    Ok(machine.hall.url.0.clone())
}

/// Opens the port with the driver that ships and waits for what it finds.
async fn probe(reader: &config::IdReader, timings: Timings) -> Status {
    let starting = Status { health: Health::Starting, card_present: false, module_id: None };
    let Some(baud) = Baud::from_rate(reader.baud.0) else { return starting };
    let stop = CancellationToken::new();
    let _ends_driver = stop.clone().drop_guard();
    let config = Config { port: reader.port.clone(), baud, timings: driver_timings::PRODUCTION };
    let (_handle, mut events) = spawn(config, DriverClock::start(), stop);
    let found = async {
        while let Some(event) = events.recv().await {
            if let id_reader::Event::StatusChanged(status) = event
                && status.health != Health::Starting
            {
                return Some(status);
            }
        }
        None
    };
    tokio::time::timeout(timings.connect, found).await.ok().flatten().unwrap_or(starting)
}

fn rows_of_files(machine: &Machine) -> Vec<Row> {
    let catalogue = catalogue::load(&machine.catalog)
        .map(|catalogue| format!("{} matters", catalogue.iter().count()))
        .map_err(|error| with_causes(&error));
    let folder = machine.camera.folder.display();
    let camera = match FolderSource::new(machine.camera.folder.clone()).health() {
        camera::Health::Ready => Row::good("camera", folder.to_string()),
        camera::Health::Down(fault) => Row::bad("camera", format!("{folder}: {fault:?}")),
    };
    vec![
        Row::good("config", format!("station {}, {}", machine.station, machine.name.zh.0)),
        Row::of("catalogue", catalogue),
        camera,
    ]
}

fn reader_row(config: &config::IdReader, status: &Status) -> Row {
    let port = config.port.display();
    match (status.health, &status.module_id) {
        (Health::Ready, Some(module)) => Row::good("reader", format!("{port}: module {module}")),
        (Health::Ready, None) => Row::good("reader", port.to_string()),
        (health @ (Health::Starting | Health::Down(_)), _) => {
            Row::bad("reader", format!("{port}: {}", health_word(health)))
        }
    }
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
    ];
    Report { lines, exit: Exit::Done }
}

fn audit_report(outcome: Result<String, String>) -> Report {
    match outcome {
        Ok(whole) => Report::done(format!("audit: {whole}")),
        Err(broken) => Report::failed(format!("audit: {broken}")),
    }
}
