//! How the parts of the station are, and the next thing to do about each, for staff at the machine.
//!
//! No case and no name stands here. A guard sees only doors that are an alarm, and where.

use device_api::locker;

use super::{Body, leave, next, phone_fact, when};
use crate::{
    custody::{CellState, Doubt},
    diagnosis::{Part, Row},
    station::Station,
    view::{Banner, Choice, Fact, Language, Section, Stage, Tone},
    words::{self, Say},
};

pub(super) fn devices(station: &Station, language: Language) -> Body {
    if station.sees_alarms_only() {
        return alarms(station, language);
    }
    let mut rows: Vec<(Part, &Row)> = station.diagnosis.rows().collect();
    // What needs a hand stands first.
    rows.sort_by_key(|(_, row)| row.to_do().is_none());
    let n_wrong = rows.iter().filter(|(_, row)| row.to_do().is_some()).count();
    let title = match n_wrong {
        0 => words::DEVICES_ALL_WELL.in_(language),
        n => words::DEVICES_SOME.with(language, &[&n.to_string()]),
    };
    let parts = rows.iter().map(|(part, row)| part_choice(*part, row, language));
    let alarms = alarm_rows(station, language).into_iter().map(|(name, why)| Choice {
        enabled: false,
        ..choice(String::new(), name, why.in_(language))
    });
    let acts = if station.may_service() { acts(station, language) } else { Vec::new() };
    let say = format!("{} {title}", words::DEVICES_TITLE.str(language));
    let stage = Stage::Choose {
        title: format!("{} · {title}", words::DEVICES_TITLE.str(language)),
        help: words::DEVICES_HELP.in_(language),
        choices: alarms.chain(parts).chain(acts).collect(),
        note: String::new(),
    };
    let limited = is_limited(station)
        .then(|| Banner { tone: Tone::Care, text: words::STAFF_LIMITED.in_(language) });
    Body {
        left: leave(language),
        right: next(onward(station), language),
        banner: limited,
        ..Body::new(stage, say)
    }
}

fn onward(station: &Station) -> Say {
    if station.sees_round() { words::DEVICES_TO_ROUND } else { words::ROUND_DONE }
}

fn choice(id: String, title: String, note: String) -> Choice {
    Choice { id, title, note, aside: String::new(), chosen: false, enabled: true }
}

fn part_choice(part: Part, row: &Row, language: Language) -> Choice {
    let note = row.to_do().unwrap_or(words::DEVICE_WELL).in_(language);
    let since = words::DEVICE_SINCE.with(language, &[&when(row.since, language)]);
    let aside = if row.to_do().is_some() { since } else { String::new() };
    Choice { aside, ..choice(part.id(), part.name(language), note) }
}

/// What can be done with the station as a whole.
fn acts(station: &Station, language: Language) -> Vec<Choice> {
    let maintenance = match station.maintenance {
        Some(_) => words::MAINTENANCE_END,
        None => words::MAINTENANCE_BEGIN,
    };
    let acts =
        [("export", words::EXPORT_START), ("maintenance", maintenance), ("off", words::POWER_OFF)];
    let act = |(id, say): (&str, Say)| choice(id.to_owned(), say.in_(language), String::new());
    acts.into_iter().map(act).collect()
}

fn alarms(station: &Station, language: Language) -> Body {
    let rows = alarm_rows(station, language);
    let title = if rows.is_empty() { words::ALARMS_NONE } else { words::ALARMS_SOME };
    let shown = |(label, why): (String, Say)| Fact { label, value: why.in_(language) };
    let facts = rows.into_iter().map(shown).chain([phone_fact(station, language)]).collect();
    let section = Section { title: title.in_(language), facts, edit: None };
    let say = format!("{} {}", words::ALARMS_TITLE.str(language), title.str(language));
    let stage = Stage::Check {
        title: words::ALARMS_TITLE.in_(language),
        note: String::new(),
        sections: vec![section],
    };
    let right = next(onward(station), language);
    Body { left: leave(language), right, ..Body::new(stage, say) }
}

fn is_limited(station: &Station) -> bool {
    let staff = station.session.as_ref().and_then(|session| session.staff.as_ref());
    staff.is_some_and(|staff| staff.is_limited)
}

/// Doors that moved without having been asked, or stand open.
fn alarm_rows(station: &Station, language: Language) -> Vec<(String, Say)> {
    let cells = station.custody.cells().filter_map(|(door, cell)| {
        let is_forced = cell.door == locker::DoorState::Forced
            || matches!(cell.state, CellState::Quarantined { why: Doubt::Forced, .. });
        let is_open = matches!(cell.door, locker::DoorState::Open | locker::DoorState::Ajar);
        let wrong = match (is_forced, is_open) {
            (true, _) => words::ALARM_FORCED,
            (false, true) => words::ALARM_OPEN,
            (false, false) => return None,
        };
        Some((words::DEVICE_CELL.with(language, &[&door.to_string()]), wrong))
    });
    cells.collect()
}
