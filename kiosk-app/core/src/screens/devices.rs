//! How the devices are, and the next thing to do about each, for staff at the machine.
//!
//! No case and no name stands here. A guard sees only doors that are an alarm, and where.

use device_api::{id_reader, locker, receipt_printer, smart_card};
use kiosk_words::{ClockQuality, Now};

use super::{Body, leave, next, phone_fact};
use crate::{
    custody::{CellState, Doubt},
    station::Station,
    view::{Banner, Fact, Language, Section, Stage, Tone},
    words::{self, Say},
};

/// One line: the device, and what is wrong with it, if anything.
type Row = (String, Option<Say>);

pub(super) fn devices(station: &Station, language: Language, now: Now) -> Body {
    if station.sees_alarms_only() {
        return alarms(station, language);
    }
    let mut rows = alarm_rows(station, language);
    rows.extend(device_rows(station, language));
    let full = station.readiness.full.then_some(words::FIX_DISK);
    rows.push((words::DEVICE_DISK.in_(language), full));
    let used_up = (!station.readiness.has_numbers).then_some(words::FIX_NUMBERS);
    rows.push((words::DEVICE_NUMBERS.in_(language), used_up));
    rows.push((
        words::DEVICE_CLOCK.in_(language),
        (now.quality == ClockQuality::Unknown).then_some(words::FIX_CLOCK),
    ));
    rows.push((
        words::DEVICE_HALL.in_(language),
        (!station.sync.is_online()).then_some(words::FIX_HALL),
    ));
    // What needs a hand stands first.
    let (wrong, well): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|(_, wrong)| wrong.is_some());
    let mut sections = Vec::new();
    if !wrong.is_empty() {
        let title = words::DEVICES_SOME.with(language, &[&wrong.len().to_string()]);
        sections.push(section(title, wrong, language));
    }
    let title = if sections.is_empty() { words::DEVICES_ALL_WELL } else { words::DEVICE_WELL };
    sections.push(section(title.in_(language), well, language));
    let limited = is_limited(station)
        .then(|| Banner { tone: Tone::Care, text: words::STAFF_LIMITED.in_(language) });
    Body { banner: limited, ..page(station, words::DEVICES_TITLE, sections, language) }
}

fn alarms(station: &Station, language: Language) -> Body {
    let rows = alarm_rows(station, language);
    let title = if rows.is_empty() { words::ALARMS_NONE } else { words::ALARMS_SOME };
    let mut alarms = section(title.in_(language), rows, language);
    alarms.facts.push(phone_fact(station, language));
    page(station, words::ALARMS_TITLE, vec![alarms], language)
}

fn section(title: String, rows: Vec<Row>, language: Language) -> Section {
    let facts = rows.into_iter().map(|row| shown(row, language)).collect();
    Section { title, facts, edit: None }
}

fn page(station: &Station, title: Say, sections: Vec<Section>, language: Language) -> Body {
    let right = if station.sees_round() { words::DEVICES_TO_ROUND } else { words::ROUND_DONE };
    let first = sections.first().map(|section| section.title.clone()).unwrap_or_default();
    let say = format!("{} {first}", title.str(language));
    let stage = Stage::Check { title: title.in_(language), note: String::new(), sections };
    Body { left: leave(language), right: next(right, language), ..Body::new(stage, say) }
}

fn is_limited(station: &Station) -> bool {
    let staff = station.session.as_ref().and_then(|session| session.staff.as_ref());
    staff.is_some_and(|staff| staff.is_limited)
}

fn shown((name, wrong): Row, language: Language) -> Fact {
    Fact { label: name, value: wrong.unwrap_or(words::DEVICE_WELL).in_(language) }
}

/// Doors that moved without having been asked, or stand open.
fn alarm_rows(station: &Station, language: Language) -> Vec<Row> {
    let cells = station.custody.cells().filter_map(|(door, cell)| {
        let is_forced = cell.door == locker::DoorState::Forced
            || matches!(cell.state, CellState::Quarantined { why: Doubt::Forced, .. });
        let is_open = matches!(cell.door, locker::DoorState::Open | locker::DoorState::Ajar);
        let wrong = match (is_forced, is_open) {
            (true, _) => words::ALARM_FORCED,
            (false, true) => words::ALARM_OPEN,
            (false, false) => return None,
        };
        Some((words::DEVICE_CELL.with(language, &[&door.to_string()]), Some(wrong)))
    });
    cells.collect()
}

fn device_rows(station: &Station, language: Language) -> Vec<Row> {
    let mut rows = vec![(words::DEVICE_READER.in_(language), reader(station.readiness.reader))];
    if let Some(health) = station.readiness.chip_slot {
        rows.push((words::DEVICE_SLOT.in_(language), slot(health)));
    }
    if let Some(status) = station.printer {
        rows.push((words::DEVICE_PRINTER.in_(language), printer(status)));
    }
    for (board, health) in &station.boards {
        let name = words::DEVICE_BOARD.with(language, &[&board.to_string()]);
        rows.push((name, lock_board(*health)));
    }
    rows
}

const fn reader(health: id_reader::Health) -> Option<Say> {
    use id_reader::{Fault, Health};
    match health {
        Health::Ready => None,
        Health::Starting => Some(words::FIX_STARTING),
        Health::Down(Fault::Missing) => Some(words::FIX_PLUG),
        Health::Down(Fault::Silent) => Some(words::FIX_POWER),
        Health::Down(Fault::Garbage) => Some(words::FIX_CABLE),
        Health::Down(Fault::SelfTestFailed | Fault::NotAuthorised) => Some(words::FIX_REPLACE),
    }
}

const fn slot(health: smart_card::Health) -> Option<Say> {
    use smart_card::{Fault, Health};
    match health {
        Health::Ready => None,
        Health::Starting => Some(words::FIX_STARTING),
        Health::Down(Fault::Missing) => Some(words::FIX_PLUG),
        Health::Down(Fault::NoService | Fault::Stuck) => Some(words::FIX_RESTART),
        Health::Down(Fault::Several) => Some(words::FIX_NAME),
    }
}

const fn printer(status: receipt_printer::Status) -> Option<Say> {
    use receipt_printer::{Fault, Health};
    match status.health {
        Health::Ready if status.paper_low => Some(words::FIX_PAPER_LOW),
        Health::Ready => None,
        Health::Starting => Some(words::FIX_STARTING),
        Health::Down(Fault::Missing) => Some(words::FIX_PLUG),
        Health::Down(Fault::Silent | Fault::OffLine) => Some(words::FIX_POWER),
        Health::Down(Fault::Garbage) => Some(words::FIX_CABLE),
        Health::Down(Fault::PaperOut) => Some(words::FIX_PAPER),
        Health::Down(Fault::CoverOpen) => Some(words::FIX_COVER),
        Health::Down(Fault::Cutter) => Some(words::FIX_CUTTER),
        Health::Down(Fault::Hot) => Some(words::FIX_HOT),
        Health::Down(Fault::Unrecoverable) => Some(words::FIX_REPLACE),
    }
}

const fn lock_board(health: locker::Health) -> Option<Say> {
    use locker::{Fault, Health};
    match health {
        Health::Ready => None,
        Health::Starting => Some(words::FIX_STARTING),
        Health::Down(Fault::Missing) => Some(words::FIX_PLUG),
        Health::Down(Fault::Silent) => Some(words::FIX_POWER),
        Health::Down(Fault::Garbage) => Some(words::FIX_CABLE),
    }
}
