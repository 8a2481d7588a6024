//! The table of parts as staff see it on the screen, for `kiosk check` and for the stick: as text
//! and as JSON. What is wrong and what to do about it is said by the core.

use kiosk_core::{
    diagnosis::{self, Diagnosis, Part, State},
    view::Language,
};
use kiosk_words::WallTime;
use serde::Serialize;

use crate::{config::Machine, report::Row};

/// One part; times are of the station's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartRow {
    pub part: String,
    /// Port, reader or folder of machine.toml.
    pub link: Option<String>,
    /// What the device says of itself.
    pub identity: Option<String>,
    /// What it said before, if another one is in its place.
    pub replaced: Option<String>,
    pub state: &'static str,
    pub since: String,
    pub last_fault: Option<Fault>,
    pub to_do: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub what: String,
    pub at: String,
}

pub fn rows(table: &Diagnosis) -> Vec<PartRow> {
    table.rows().map(|(part, row)| row_of(part, row)).collect()
}

fn row_of(part: Part, row: &diagnosis::Row) -> PartRow {
    let fault = |(what, at): (kiosk_core::words::Say, WallTime)| Fault {
        what: what.in_(Language::English),
        at: time(at),
    };
    PartRow {
        part: part.id(),
        link: (!row.link.is_empty()).then(|| row.link.clone()),
        identity: row.identity.clone(),
        replaced: row.replaced.clone(),
        state: match row.state {
            State::Starting => "starting",
            State::Well => "well",
            State::Wrong(_) => "wrong",
        },
        since: time(row.since),
        last_fault: row.last_fault.map(fault),
        to_do: row.to_do().map(|say| say.in_(Language::English)),
    }
}

fn time(at: WallTime) -> String {
    let civil = at.civil();
    format!("{} {}", civil.date_iso(), civil.clock())
}

impl PartRow {
    /// What stands behind the port in one line.
    pub fn words(&self) -> String {
        let mut words = vec![format!("{} since {}", self.state, self.since)];
        words.extend(self.identity.as_ref().map(|identity| format!("says {identity}")));
        words.extend(self.replaced.as_ref().map(|before| format!("was {before}")));
        let last = self.last_fault.as_ref();
        words.extend(last.map(|fault| format!("last fault {}: {}", fault.at, fault.what)));
        words.extend(self.to_do.as_ref().map(|to_do| format!("to do: {to_do}")));
        words.join("; ")
    }
}

/// The rows of `check`, each with what staff see of that part; parts without a row get one.
pub fn beside(checked: Vec<Row>, table: &Diagnosis) -> Vec<Row> {
    let mut parts = rows(table);
    let take = |row: Row| {
        let at = parts.iter().position(|part| part.part == row.what);
        Row { part: at.map(|at| parts.remove(at)), ..row }
    };
    let mut all: Vec<Row> = checked.into_iter().map(take).collect();
    all.extend(parts.into_iter().map(|part| {
        let what = part.part.clone();
        let row = match part.to_do {
            None => Row::good(what, part.state),
            Some(_) => Row::bad(what, part.state),
        };
        Row { part: Some(part), ..row }
    }));
    all
}

pub fn text(rows: &[PartRow]) -> String {
    let line = |row: &PartRow| {
        let link = row.link.as_deref().unwrap_or("-");
        format!("{:<10}  {link}  {}\n", row.part, row.words())
    };
    rows.iter().map(line).collect()
}

pub fn json(rows: &[PartRow]) -> String {
    serde_json::to_string_pretty(rows).expect("a table of texts is JSON")
}

/// The parts that machine.toml names, and those that every station has.
pub fn links(machine: &Machine) -> Vec<(Part, String)> {
    let port = |path: &std::path::Path| path.display().to_string();
    let mut links = vec![
        (Part::Reader, port(&machine.id_reader.port)),
        (Part::Camera, port(&machine.camera.folder)),
        (Part::Disk, String::new()),
        (Part::Numbers, String::new()),
        (Part::Clock, String::new()),
        (Part::Hall, machine.hall.url.0.clone()),
    ];
    let slot = machine.chip_cards.as_ref();
    links.extend(slot.map(|config| (Part::Slot, config.reader.0.clone())));
    let scanner = machine.code_scanner.as_ref();
    links.extend(scanner.map(|config| (Part::Scanner, port(&config.port))));
    let printer = machine.receipt_printer.as_ref();
    links.extend(printer.map(|config| (Part::Printer, port(&config.port))));
    let room = machine.room.as_ref();
    links.extend(room.map(|config| (Part::Room, port(&config.port))));
    let keypad = machine.keypad.as_ref();
    links.extend(keypad.map(|config| (Part::Keypad, port(&config.port))));
    for locker in machine.locker.iter() {
        let cabinet = locker.cabinet();
        let board = |board: &locker_controller::BoardProfile| {
            (Part::Board(board.address().get()), port(&locker.port))
        };
        links.extend(cabinet.boards().iter().map(board));
    }
    links
}

#[cfg(test)]
mod tests {
    use kiosk_core::diagnosis::reader;

    use super::*;

    #[test]
    fn text_and_json_say_the_same_of_a_part() {
        let at = WallTime(1_772_676_000_000);
        let mut table = Diagnosis::new(&[(Part::Reader, "by-id/reader".to_owned())], &[], at);
        table.says(Part::Reader, "module 7");
        let gone = device_api::id_reader::Health::Down(device_api::id_reader::Fault::Missing);
        table.is(Part::Reader, reader(gone), at);
        let rows = rows(&table);
        let (text, json) = (text(&rows), json(&rows));
        for said in ["reader", "by-id/reader", "module 7", "wrong", &rows[0].since] {
            assert!(text.contains(said) && json.contains(said), "{said}: {text}{json}");
        }
        assert!(text.contains("to do: ") && json.contains("\"to_do\": \""), "{text}{json}");
    }
}
