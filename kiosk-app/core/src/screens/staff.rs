//! Staff at the machine: signing in and the round. Cell and case numbers, no names.

use device_api::smart_card::{Health, Refusal};
use kiosk_words::{Private, StaffRole, WallTime};

use super::{Body, action, back, date, fact, leave, next, spoken, when};
use crate::{
    custody::CellState,
    event::Staff,
    staff_card::Unfit,
    station::{
        Station,
        pages::{CodeFor, CodeTrouble, StaffTrouble},
    },
    view::{
        Banner, Choice, DevicePicture, FieldView, Intent, Keys, Language, Stage, TimeoutClass, Tone,
    },
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
        focused: true,
        secret: false,
        max_chars: 14,
    }
}

pub(super) fn card(station: &Station, trouble: Option<StaffTrouble>, language: Language) -> Body {
    let is_down = station.readiness.chip_slot != Some(Health::Ready);
    let down = is_down.then(|| Banner {
        tone: Tone::Bad,
        text: words::STAFF_NO_SLOT.with(language, &[station.phone()]),
    });
    let used = station
        .is_slot_used()
        .then(|| Banner { tone: Tone::Care, text: words::CHIP_USED.in_(language) });
    let trouble = trouble.map(|why| told(station, why, language));
    let stage = Stage::Card {
        title: words::STAFF_CARD_TITLE.in_(language),
        hint: words::STAFF_CARD_HINT.in_(language),
        picture: DevicePicture::CardSlot,
        trouble: down.or(trouble).or(used),
        other: None,
    };
    let say = spoken(&[words::STAFF_CARD_TITLE, words::STAFF_CARD_HINT], language);
    Body { left: back(language), timeout: TimeoutClass::Short, ..Body::new(stage, say) }
}

pub(super) fn pin(
    staff: &Staff,
    pin: &Private<String>,
    trouble: Option<StaffTrouble>,
    busy: bool,
    language: Language,
) -> Body {
    let error = match trouble {
        None => String::new(),
        Some(StaffTrouble::Chip(Refusal::WrongPin { n_left })) => {
            words::STAFF_PIN_WRONG.with(language, &[&n_left.to_string()])
        }
        Some(_) => words::STAFF_NOT_A_PIN.in_(language),
    };
    let secret = field("pin", words::STAFF_PIN, pin.expose(), error, language);
    let stage = Stage::Form {
        title: words::STAFF_PIN_TITLE.in_(language),
        facts: vec![
            fact(words::STAFF_ID, staff.id.clone(), language),
            fact(words::STAFF_ROLE, role(staff.role).in_(language), language),
        ],
        fields: vec![FieldView { secret: true, max_chars: 8, ..secret }],
        hint: words::STAFF_HINT.in_(language),
    };
    Body {
        left: back(language).filter(|_| !busy),
        right: next(words::STAFF_SIGN_IN, language).filter(|_| !busy),
        timeout: if busy { TimeoutClass::Held } else { TimeoutClass::Short },
        ..Body::new(stage, spoken(&[words::STAFF_PIN_TITLE, words::STAFF_HINT], language))
    }
}

const fn role(role: StaffRole) -> Say {
    match role {
        StaffRole::Technician => words::ROLE_TECHNICIAN,
        StaffRole::Courier => words::ROLE_COURIER,
        StaffRole::Manager => words::ROLE_MANAGER,
        StaffRole::Supervisor => words::ROLE_SUPERVISOR,
        StaffRole::Guard => words::ROLE_GUARD,
    }
}

fn told(station: &Station, why: StaffTrouble, language: Language) -> Banner {
    let (tone, text) = match why {
        StaffTrouble::Chip(Refusal::UnknownCard) | StaffTrouble::NotStaff => {
            (Tone::Care, words::STAFF_OTHER_CARD.in_(language))
        }
        StaffTrouble::Chip(Refusal::TakenOut) => (Tone::Care, words::STAFF_CARD_OUT.in_(language)),
        StaffTrouble::Chip(Refusal::BadCardData) => {
            (Tone::Bad, words::STAFF_CARD_UNREADABLE.in_(language))
        }
        StaffTrouble::Chip(why) => return super::apply::chip_trouble(station, why, language),
        StaffTrouble::NotAPin => (Tone::Care, words::STAFF_NOT_A_PIN.in_(language)),
        StaffTrouble::Locked { until } => {
            let until = when(WallTime(until.0), language);
            (Tone::Bad, words::STAFF_LOCKED.with(language, &[&until]))
        }
        StaffTrouble::Unfit(why) => (Tone::Bad, unfit(why, language)),
    };
    Banner { tone, text }
}

fn unfit(why: Unfit, language: Language) -> String {
    let text = match why {
        Unfit::NoTrust => words::STAFF_NO_TRUST,
        Unfit::Unreadable | Unfit::TwoCards => words::STAFF_CARD_UNREADABLE,
        Unfit::NotOfThisHall => words::STAFF_CARD_FOREIGN,
        Unfit::Copied => words::STAFF_CARD_COPIED,
        Unfit::Revoked => words::STAFF_CARD_REVOKED,
        Unfit::Expired { since } => {
            return words::STAFF_CARD_EXPIRED.with(language, &[&whole_date(since)]);
        }
        Unfit::NotYet { from } => {
            return words::STAFF_CARD_NOT_YET.with(language, &[&whole_date(from)]);
        }
    };
    text.in_(language)
}

/// With its year: it may be long ago.
fn whole_date(at: WallTime) -> String {
    date(&at.civil().yyyymmdd())
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
    let may_open = station.may_open_doors();
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
    let help = match (choices.is_empty(), may_open) {
        (true, _) => words::ROUND_NOTHING,
        (false, true) => words::ROUND_HELP,
        (false, false) => words::ROUND_ONLY_SEE,
    };
    for choice in &mut choices {
        choice.enabled &= may_open;
    }
    choices.push(row("devices".to_owned(), words::DEVICES_TITLE.in_(language), String::new()));
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
        fields: vec![number],
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
