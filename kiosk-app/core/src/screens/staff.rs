//! Staff at the machine: signing in and the round. Cell and case numbers, no names.

use kiosk_words::{Private, WallTime};

use super::{Body, action, back, leave, next, spoken, when};
use crate::{
    custody::CellState,
    station::{
        Station,
        pages::{CodeFor, CodeTrouble, StaffTrouble},
    },
    view::{Choice, FieldView, Intent, Keys, Language, Stage},
    words::{self, Say},
};

fn field(id: &str, label: Say, value: &str, error: String, language: Language) -> FieldView {
    FieldView {
        id: id.to_owned(),
        label: label.in_(language),
        value: value.to_owned(),
        placeholder: String::new(),
        error,
        keys: Keys::Digits,
        focused: false,
        secret: false,
        max_chars: 12,
    }
}

pub(super) fn sign(
    staff: &str,
    pin: &Private<String>,
    focus: &str,
    trouble: Option<StaffTrouble>,
    language: Language,
) -> Body {
    let error = match trouble {
        None => String::new(),
        Some(StaffTrouble::Wrong) => words::STAFF_WRONG.in_(language),
        Some(StaffTrouble::Locked { until }) => {
            words::STAFF_LOCKED.with(language, &[&when(WallTime(until.0), language)])
        }
    };
    let id = field("staff", words::STAFF_ID, staff, String::new(), language);
    let secret = field("pin", words::STAFF_PIN, pin.expose(), error, language);
    let stage = Stage::Form {
        title: words::STAFF_TITLE.in_(language),
        facts: Vec::new(),
        fields: vec![
            FieldView { focused: focus == "staff", ..id },
            FieldView { focused: focus != "staff", secret: true, ..secret },
        ],
        hint: words::STAFF_HINT.in_(language),
    };
    Body {
        left: back(language),
        right: next(words::STAFF_SIGN_IN, language),
        ..Body::new(stage, spoken(&[words::STAFF_TITLE, words::STAFF_HINT], language))
    }
}

fn row(id: String, title: String, note: String) -> Choice {
    Choice { id, title, note, aside: String::new(), chosen: false, enabled: true }
}

pub(super) fn round(station: &Station, language: Language) -> Body {
    let custody = &station.custody;
    let with =
        |text: Say, door: device_api::locker::DoorNo| text.with(language, &[&door.to_string()]);
    let mut choices: Vec<Choice> = custody
        .to_take()
        .into_iter()
        .map(|(door, _)| {
            let title = with(words::ROUND_TAKE, door);
            row(format!("take:{}", door.get()), title, String::new())
        })
        .collect();
    let n_put = custody.to_place().len();
    if n_put > 0 {
        let note = words::ROUND_PUT_NOTE.with(language, &[&n_put.to_string()]);
        choices.push(row("put".to_owned(), words::ROUND_PUT.in_(language), note));
    }
    for (door, _) in custody.to_withdraw() {
        let title = with(words::ROUND_WITHDRAW, door);
        choices.push(row(format!("withdraw:{}", door.get()), title, String::new()));
    }
    for door in custody.to_look() {
        let why = match custody.cell(door).map(|cell| cell.state) {
            Some(CellState::Quarantined { .. }) => words::ROUND_CLOSED_OFF,
            _ => words::ROUND_UNKNOWN,
        };
        let look =
            row(format!("look:{}", door.get()), with(words::ROUND_LOOK, door), why.in_(language));
        choices.push(Choice { enabled: station.may_look(door), ..look });
    }
    let help = if choices.is_empty() { words::ROUND_NOTHING } else { words::ROUND_HELP };
    let stage = Stage::Choose {
        title: words::ROUND_TITLE.in_(language),
        help: help.in_(language),
        choices,
        note: String::new(),
    };
    Body {
        left: leave(language),
        right: next(words::ROUND_DONE, language),
        ..Body::new(stage, words::ROUND_TITLE.in_(language))
    }
}

pub(super) fn code(
    what: &CodeFor,
    typed: &Private<String>,
    busy: bool,
    trouble: Option<CodeTrouble>,
    has_scanner: bool,
    language: Language,
) -> Body {
    let title = match what {
        CodeFor::Put => words::SLIP_PUT,
        CodeFor::Check(..) => words::SLIP_CHECK,
    };
    let error = trouble.map(|why| match why {
        CodeTrouble::NotSeen => words::SLIP_NOT_SEEN,
        CodeTrouble::Foreign => words::SLIP_FOREIGN,
        CodeTrouble::Other => words::SLIP_OTHER,
        CodeTrouble::Several => words::SLIP_SEVERAL,
    });
    let error = error.map(|text| text.in_(language)).unwrap_or_default();
    let hint = if has_scanner { words::SLIP_HINT_SCANNER } else { words::SLIP_HINT };
    let number = field("slip", words::SLIP_LABEL, typed.expose(), error, language);
    let stage = Stage::Form {
        title: title.in_(language),
        facts: Vec::new(),
        fields: vec![FieldView { focused: true, max_chars: 14, ..number }],
        hint: hint.in_(language),
    };
    let scan = action(words::SLIP_SCAN, language, Intent::Choose("scan".to_owned()));
    let typed_whole = typed.expose().len() == 14;
    Body {
        left: back(language),
        right: Some(if typed_whole { action(words::NEXT, language, Intent::Next) } else { scan })
            .filter(|_| !busy),
        ..Body::new(stage, spoken(&[title, hint], language))
    }
}
