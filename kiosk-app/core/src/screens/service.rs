//! One part of the station and its test, its wire, and what a technician does with the station as a
//! whole; and the page of a station that they have closed.

use device_api::{
    receipt_printer::{self, Fault},
    wire::{From, Line},
};
use kiosk_words::Now;

use super::{Body, action, back, fact, leave, message, next, phone_fact, spoken, when};
use crate::{
    diagnosis::{Part, Row},
    effect::Exported,
    station::{
        Station,
        service::{Export, REOPENS, Test, Tested},
    },
    view::{Choice, Fact, Intent, Language, Section, Stage, TimeoutClass, Tone},
    words::{self, Say},
};

pub(super) fn part(station: &Station, part: Part, test: Option<&Test>, language: Language) -> Body {
    let Some(row) = station.diagnosis.row(part) else {
        return super::devices::devices(station, language);
    };
    let mut sections = vec![state(row, language)];
    let may_test = station.may_service() && Station::can_test(part);
    if may_test {
        sections.push(tested(part, test, language));
    }
    sections.extend(consumables(station, part, language));
    sections.extend(has_wire(part).then(|| wire_of(language)));
    let is_running = matches!(test, Some(Test::Running(_)));
    let again = if test.is_some() { words::DEVICE_TEST_AGAIN } else { words::DEVICE_TEST };
    let stage = Stage::Check { title: part.name(language), note: String::new(), sections };
    let to_do = row.to_do().unwrap_or(words::DEVICE_WELL);
    Body {
        left: back(language),
        right: next(again, language).filter(|_| may_test && !is_running),
        ..Body::new(stage, format!("{} {}", part.name(language), to_do.str(language)))
    }
}

fn state(row: &Row, language: Language) -> Section {
    let is = row.state.to_do().unwrap_or(words::DEVICE_WELL);
    let next = row.to_do().unwrap_or(words::DEVICE_NOTHING_TO_DO);
    let last = row.last_fault.map_or_else(
        || words::DEVICE_NO_FAULT.in_(language),
        |(what, at)| format!("{} · {}", when(at, language), what.str(language)),
    );
    let is_device = !row.link.is_empty();
    let identity = row.identity.clone().unwrap_or_else(|| words::DEVICE_NO_IDENTITY.in_(language));
    let link = is_device.then(|| fact(words::DEVICE_LINK, row.link.clone(), language));
    let identity = is_device.then(|| fact(words::DEVICE_IDENTITY, identity, language));
    let before = row.replaced.clone().map(|before| fact(words::DEVICE_BEFORE, before, language));
    let facts = [
        fact(words::DEVICE_STATE, is.in_(language), language),
        fact(words::DEVICE_FROM, when(row.since, language), language),
        fact(words::DEVICE_LAST_FAULT, last, language),
        fact(words::DEVICE_NEXT, next.in_(language), language),
    ];
    let edit = Intent::Edit("seen".to_owned());
    Section {
        title: words::DEVICE_STATE.in_(language),
        facts: link.into_iter().chain(identity).chain(before).chain(facts).collect(),
        edit: row.replaced.as_ref().map(|_| action(words::DEVICE_SEEN, language, edit)),
    }
}

fn tested(part: Part, test: Option<&Test>, language: Language) -> Section {
    let result = match test {
        None => words::TEST_NOT_YET.in_(language),
        Some(Test::Running(_)) => running(part).in_(language),
        Some(Test::Ended(Tested::Good(what, seen))) if seen.is_empty() => what.in_(language),
        Some(Test::Ended(Tested::Good(what, seen))) => format!("{}：{seen}", what.str(language)),
        Some(Test::Ended(Tested::Bad(what))) => what.in_(language),
    };
    let facts = vec![fact(words::DEVICE_TEST_RESULT, result, language)];
    Section { title: words::DEVICE_TEST.in_(language), facts, edit: None }
}

/// What the technician does meanwhile.
const fn running(part: Part) -> Say {
    match part {
        Part::Reader => words::TEST_LAY_CARD,
        Part::Scanner => words::TEST_HOLD_CODE,
        Part::Slot
        | Part::Camera
        | Part::Printer
        | Part::Board(_)
        | Part::Room
        | Part::Mains
        | Part::Keypad
        | Part::Disk
        | Part::Numbers
        | Part::Clock
        | Part::Hall => words::TEST_RUNNING,
    }
}

/// What runs out, with the part that uses it.
fn consumables(station: &Station, part: Part, language: Language) -> Option<Section> {
    let fact = match part {
        Part::Printer => {
            let level = station.printer.map_or(words::PAPER_UNKNOWN, paper);
            fact(words::PAPER_LEVEL, level.in_(language), language)
        }
        Part::Numbers => fact(words::NUMBERS_LEFT, station.numbers_left().to_string(), language),
        Part::Board(_) => fact(words::CELLS_FREE, station.custody.n_free().to_string(), language),
        Part::Reader
        | Part::Slot
        | Part::Scanner
        | Part::Camera
        | Part::Room
        | Part::Mains
        | Part::Keypad
        | Part::Disk
        | Part::Clock
        | Part::Hall => return None,
    };
    let title = words::CONSUMABLES.in_(language);
    Some(Section { title, facts: vec![fact], edit: None })
}

const fn paper(status: receipt_printer::Status) -> Say {
    use receipt_printer::Health;
    match status.health {
        Health::Down(Fault::PaperOut) => words::PAPER_OUT_WORD,
        Health::Ready if status.paper_low => words::PAPER_LOW_WORD,
        Health::Ready => words::PAPER_ENOUGH,
        Health::Starting | Health::Down(_) => words::PAPER_UNKNOWN,
    }
}

/// Pictures of the camera are no wire to read, and the rest is no device.
const fn has_wire(part: Part) -> bool {
    match part {
        Part::Reader
        | Part::Slot
        | Part::Scanner
        | Part::Printer
        | Part::Board(_)
        | Part::Room
        | Part::Keypad => true,
        Part::Camera | Part::Mains | Part::Disk | Part::Numbers | Part::Clock | Part::Hall => false,
    }
}

fn wire_of(language: Language) -> Section {
    let edit = Intent::Edit("wire".to_owned());
    Section {
        title: words::WIRE_TITLE.in_(language),
        facts: Vec::new(),
        edit: Some(action(words::DEVICE_WIRE, language, edit)),
    }
}

pub(super) fn wire(part: Part, is_asked: bool, lines: &[Line], language: Language) -> Body {
    let title = format!("{} · {}", part.name(language), words::WIRE_TITLE.str(language));
    // Newest first: what happened just now is what one looks for.
    let facts = lines.iter().rev().map(|line| wire_line(line, language)).collect();
    let is_empty = lines.is_empty() && !is_asked;
    let heading = if is_empty { words::WIRE_NOTHING } else { words::WIRE_LAST };
    let stage = Stage::Check {
        title: title.clone(),
        note: words::WIRE_HELP.in_(language),
        sections: vec![Section { title: heading.in_(language), facts, edit: None }],
    };
    Body {
        left: back(language),
        right: next(words::WIRE_AGAIN, language).filter(|_| !is_asked),
        ..Body::new(stage, title)
    }
}

fn wire_line(line: &Line, language: Language) -> Fact {
    let label = match line.from {
        From::Station => words::WIRE_OUT,
        From::Device => words::WIRE_IN,
    };
    let tenths = line.ago_ms / 100;
    let ago = format!("{}.{}", tenths / 10, tenths % 10);
    Fact { label: label.with(language, &[&ago]), value: line.shown.clone() }
}

// ---- the station as a whole ----

pub(super) fn reopens(language: Language) -> Body {
    let choice = |(id, say, _): (&str, Say, i64)| Choice {
        id: id.to_owned(),
        title: say.in_(language),
        note: String::new(),
        aside: String::new(),
        chosen: false,
        enabled: true,
    };
    let stage = Stage::Choose {
        title: words::REOPENS_TITLE.in_(language),
        help: words::REOPENS_HELP.in_(language),
        choices: REOPENS.into_iter().map(choice).collect(),
        note: String::new(),
    };
    let say = spoken(&[words::REOPENS_TITLE, words::REOPENS_HELP], language);
    Body { left: back(language), ..Body::new(stage, say) }
}

pub(super) fn maintenance(station: &Station, language: Language, now: Now) -> Body {
    let until = match station.maintenance.and_then(|closed| closed.until) {
        Some(until) if until >= now.wall => when(until, language),
        Some(_) => words::MAINTENANCE_LATE.in_(language),
        None => words::MAINTENANCE_NO_TIME.in_(language),
    };
    let facts = vec![
        fact(words::MAINTENANCE_UNTIL, until, language),
        phone_fact(station, language),
        fact(words::INSTEAD, words::DOWN_INSTEAD.in_(language), language),
    ];
    let title = words::MAINTENANCE_TITLE.in_(language);
    let body = message(Tone::Care, title, words::MAINTENANCE_BODY.in_(language), facts);
    let staff = next(words::MAINTENANCE_STAFF, language);
    Body {
        right: staff.filter(|_| station.config.has_chip_slot),
        timeout: TimeoutClass::Never,
        banner: super::start::card_in_slot(station, language),
        ..body
    }
}

pub(super) fn export(export: &Export, language: Language) -> Body {
    let (tone, title, text, facts) = match export {
        Export::Running(_) => {
            return super::wait(words::EXPORT_TITLE, words::EXPORT_WAIT, language);
        }
        Export::Done(what) => {
            (Tone::Good, words::EXPORT_DONE, words::EXPORT_DONE_BODY, exported(what, language))
        }
        Export::Failed(why) => (Tone::Bad, words::EXPORT_NOT_DONE, *why, Vec::new()),
    };
    let body = message(tone, title.in_(language), text.in_(language), facts);
    Body { left: leave(language), right: next(words::EXPORT_AGAIN, language), ..body }
}

fn exported(what: &Exported, language: Language) -> Vec<Fact> {
    vec![
        fact(words::EXPORT_FOLDER, what.folder.clone(), language),
        fact(words::EXPORT_FILES, what.n_files.to_string(), language),
        fact(words::EXPORT_BYTES, what.n_bytes.to_string(), language),
    ]
}

pub(super) fn power_off(station: &Station, language: Language) -> Body {
    let open = station.custody.open_door();
    let (tone, text) = match open {
        Some(door) => (Tone::Bad, words::POWER_OFF_DOOR.with(language, &[&door.to_string()])),
        None => (Tone::Care, words::POWER_OFF_BODY.in_(language)),
    };
    let body = message(tone, words::POWER_OFF_TITLE.in_(language), text, Vec::new());
    let off = next(words::POWER_OFF, language).filter(|_| open.is_none());
    Body { left: back(language), right: off, ..body }
}

pub(super) fn powered_off(language: Language) -> Body {
    let body = super::wait(words::POWERED_OFF_TITLE, words::POWERED_OFF_BODY, language);
    Body { timeout: TimeoutClass::Never, ..body }
}
