//! The pages at the cabinet: envelope, door, code, what was done and what cannot be done.

use device_api::locker::{DoorNo, DoorState};
use kiosk_words::{Now, OrderId, Private};

use super::{Body, action, back, fact, leave, message, next, office_of, phone_fact, spoken};
use crate::{
    custody::{Act, CellState, Denied, Phase},
    print::Outcome,
    record::SlipKind,
    station::{
        Station,
        collect::CODE_LEN,
        pages::{DoorTrouble, Errand},
    },
    view::{
        Action, Banner, CellDot, CellMark, Choice, DoorPicture, FieldView, Intent, Keys, Language,
        Stage, TimeoutClass, Tone,
    },
    words::{self, Say},
};

/// The cabinet with one cell marked; staff also see what is used and what is closed off.
pub(super) fn map(station: &Station, this: Option<DoorNo>) -> Vec<CellDot> {
    let staff = station.staff_role().is_some();
    let dot = |door: DoorNo, state: &CellState, size: kiosk_words::CellSize| CellDot {
        number: door.to_string(),
        mark: match state {
            _ if Some(door) == this => CellMark::This,
            CellState::Holds(_) if staff => CellMark::Used,
            CellState::Unknown | CellState::Quarantined { .. } if staff => CellMark::ClosedOff,
            CellState::Holds(_)
            | CellState::Unknown
            | CellState::Quarantined { .. }
            | CellState::Empty => CellMark::Other,
        },
        tall: match size {
            kiosk_words::CellSize::A4 => 1,
            kiosk_words::CellSize::A4Thick => 2,
            kiosk_words::CellSize::A3 => 3,
        },
    };
    station.custody.cells().map(|(door, cell)| dot(door, &cell.state, cell.size)).collect()
}

fn size_text(station: &Station, door: DoorNo, language: Language) -> String {
    let size = station.custody.cell(door).map(|cell| cell.size);
    size.map_or_else(String::new, |size| match language {
        Language::Chinese => size.zh().to_owned(),
        Language::English => size.en().to_owned(),
    })
}

/// What is known of a slip on its way to paper.
pub(super) fn print_banner(
    station: &Station,
    errand: Option<kiosk_words::CaseId>,
    kind: SlipKind,
    language: Language,
) -> Option<Banner> {
    let outcome = station.prints.outcome(errand?, kind)?;
    let (tone, text) = match outcome {
        Outcome::UnderWay => (Tone::Info, words::PRINTING),
        Outcome::CameOut => (Tone::Good, words::PRINTED),
        Outcome::NotStarted(_) => (Tone::Care, words::NOT_PRINTED),
        Outcome::Uncertain => (Tone::Care, words::PRINT_UNCERTAIN),
    };
    Some(Banner { tone, text: text.in_(language) })
}

/// 补打, where it makes sense.
pub(super) fn print_action(
    station: &Station,
    case: Option<kiosk_words::CaseId>,
    kind: SlipKind,
    language: Language,
) -> Option<Action> {
    let again = match station.prints.outcome(case?, kind)? {
        Outcome::UnderWay | Outcome::CameOut => false,
        Outcome::NotStarted(_) | Outcome::Uncertain => true,
    };
    let ready = station.printer_fault().is_none();
    let choose = Intent::Choose("print".to_owned());
    (again && ready).then(|| action(words::PRINT_AGAIN, language, choose))
}

pub(super) fn envelope(station: &Station, errand: &Errand, language: Language) -> Body {
    let door = errand.case.and_then(|case| station.custody.reserved_for(case));
    let number = door.map(|door| door.to_string()).unwrap_or_default();
    let printed = errand.case.and_then(|case| station.prints.outcome(case, SlipKind::Deposit));
    let hint = match (printed, errand.receipt) {
        (Some(Outcome::UnderWay | Outcome::CameOut), _) | (_, None) => {
            words::ENVELOPE_HINT.in_(language)
        }
        (_, Some(receipt)) => words::ENVELOPE_BY_HAND.with(language, &[&receipt.to_string()]),
    };
    let larger = Intent::Choose("larger".to_owned());
    let stage = Stage::Door {
        title: words::ENVELOPE_TITLE.in_(language),
        hint: hint.clone(),
        number,
        size: door.map(|door| size_text(station, door, language)).unwrap_or_default(),
        door: DoorPicture::Shut,
        map: map(station, door),
        trouble: print_banner(station, errand.case, SlipKind::Deposit, language),
        other: print_action(station, errand.case, SlipKind::Deposit, language)
            .or_else(|| Some(action(words::TOO_BIG, language, larger))),
    };
    Body {
        left: Some(action(words::LATER, language, Intent::Back)),
        right: next(words::OPEN_DOOR, language),
        ..Body::new(stage, format!("{} {hint}", words::ENVELOPE_TITLE.str(language)))
    }
}

/// Title and hint by act and phase.
const fn door_words(act: Act, phase: Phase) -> (Say, Say) {
    match (phase, act) {
        (Phase::Authorising | Phase::Unlocking, _) => (words::DOOR_OPENING, words::DOOR_WAIT),
        (Phase::Open, Act::Deposit { .. } | Act::Put { .. }) => {
            (words::DOOR_PUT, words::DOOR_PUT_HINT)
        }
        (Phase::Open, Act::Look) => (words::DOOR_LOOK, words::DOOR_LOOK_HINT),
        (
            Phase::Open,
            Act::TakeBack { .. } | Act::Collect { .. } | Act::TakeOut { .. } | Act::Withdraw { .. },
        ) => (words::DOOR_TAKE, words::DOOR_TAKE_HINT),
        (Phase::Asking, Act::Deposit { .. } | Act::Put { .. }) => {
            (words::ASK_PUT, words::ASK_PUT_HINT)
        }
        (Phase::Asking, Act::Look) => (words::ASK_LOOK, words::ASK_LOOK_HINT),
        (
            Phase::Asking,
            Act::TakeBack { .. } | Act::Collect { .. } | Act::TakeOut { .. } | Act::Withdraw { .. },
        ) => (words::ASK_TAKEN, words::ASK_TAKEN_HINT),
    }
}

pub(super) fn door(station: &Station, language: Language, now: Now) -> Body {
    let Some(opening) = station.custody.opening() else {
        return super::wait(words::DOOR_OPENING, words::DOOR_WAIT, language);
    };
    let (title, hint) = door_words(opening.act, opening.phase);
    let may_again = station.custody.may_open_again(now.moment) && !station.staff_has_gone();
    let no_more = opening.phase == Phase::Asking && opening.act != Act::Look && !may_again;
    let hint = if no_more {
        words::ASK_NO_MORE.with(language, &[station.phone()])
    } else {
        hint.in_(language)
    };
    let state = station.custody.cell(opening.door).map(|cell| cell.door);
    let ajar = state == Some(DoorState::Ajar);
    let asking = opening.phase == Phase::Asking;
    let picture = match opening.phase {
        Phase::Authorising | Phase::Unlocking => DoorPicture::Opening,
        Phase::Open => DoorPicture::Open,
        Phase::Asking => DoorPicture::Shut,
    };
    let again = || action(words::OPEN_AGAIN, language, Intent::Choose("again".to_owned()));
    let full = || action(words::LOOK_FULL, language, Intent::Choose("full".to_owned()));
    let other = if opening.act == Act::Look { asking.then(full) } else { may_again.then(again) };
    let stage = Stage::Door {
        title: title.in_(language),
        hint: hint.clone(),
        number: opening.door.to_string(),
        size: size_text(station, opening.door, language),
        door: picture,
        map: map(station, Some(opening.door)),
        trouble: ajar.then(|| Banner { tone: Tone::Care, text: words::DOOR_AJAR.in_(language) }),
        other,
    };
    let say = words::CELL_SAY.with(language, &[&opening.door.to_string(), title.str(language)]);
    let hint = if ajar { words::DOOR_AJAR.in_(language) } else { hint };
    Body {
        right: asking.then(|| action(done_label(opening.act), language, Intent::Next)),
        timeout: match opening.phase {
            Phase::Authorising | Phase::Unlocking => TimeoutClass::Held,
            Phase::Open | Phase::Asking => TimeoutClass::Long,
        },
        ..Body::new(stage, format!("{say} {hint}"))
    }
}

const fn done_label(act: Act) -> Say {
    match act {
        Act::Deposit { .. } | Act::Put { .. } => words::ALL_IN,
        Act::TakeBack { .. } | Act::Collect { .. } | Act::TakeOut { .. } | Act::Withdraw { .. } => {
            words::GOT_IT
        }
        Act::Look => words::LOOK_EMPTY,
    }
}

pub(super) fn trouble(
    station: &Station,
    act: Act,
    door: DoorNo,
    why: DoorTrouble,
    language: Language,
) -> Body {
    let number = door.to_string();
    let deposit = matches!(act, Act::Deposit { .. });
    let put = matches!(act, Act::Put { .. });
    let (title, text, label) = match why {
        DoorTrouble::CloseFirst(other) => {
            let text = words::CLOSE_FIRST_BODY.with(language, &[&other.to_string()]);
            (words::CLOSE_FIRST.in_(language), text, words::CLOSED_IT)
        }
        DoorTrouble::Jammed if deposit => (
            words::JAMMED.with(language, &[&number]),
            words::JAMMED_PUT.in_(language),
            words::OTHER_CELL,
        ),
        DoorTrouble::Silent if deposit => {
            (words::DOOR_SILENT.in_(language), words::JAMMED_PUT.in_(language), words::OTHER_CELL)
        }
        DoorTrouble::Jammed if put => (
            words::JAMMED.with(language, &[&number]),
            words::JAMMED_STAFF.in_(language),
            words::DONE_LEAVE,
        ),
        DoorTrouble::ClosedOff => (
            words::CLOSED_OFF.with(language, &[&number]),
            words::CLOSED_OFF_BODY.with(language, &[station.phone()]),
            words::DONE_LEAVE,
        ),
        DoorTrouble::Silent => (
            words::DOOR_SILENT.in_(language),
            words::DOOR_SILENT_BODY.in_(language),
            words::DONE_LEAVE,
        ),
        DoorTrouble::Jammed => {
            let text = words::JAMMED_TAKE.with(language, &[station.phone()]);
            (words::JAMMED.with(language, &[&number]), text, words::DONE_LEAVE)
        }
    };
    let body = message(Tone::Care, title, text, vec![phone_fact(station, language)]);
    Body { left: leave(language), right: next(label, language), ..body }
}

pub(super) fn done(
    station: &Station,
    errand: &Errand,
    what: Act,
    door: DoorNo,
    language: Language,
) -> Body {
    let (title, text) = match what {
        Act::Deposit { .. } => (words::DONE_DEPOSIT, words::DONE_DEPOSIT_BODY),
        Act::TakeBack { .. } => (words::DONE_BACK, words::DONE_BACK_BODY),
        Act::Collect { .. } => (words::DONE_COLLECT, words::DONE_COLLECT_BODY),
        Act::TakeOut { .. } | Act::Put { .. } | Act::Withdraw { .. } | Act::Look => {
            (words::DONE_STAFF, words::DONE_STAFF_BODY)
        }
    };
    let mut facts = vec![fact(words::CELL, door.to_string(), language)];
    if let Some(receipt) = errand.receipt {
        facts.push(fact(words::RECEIPT_NUMBER, receipt.to_string(), language));
    }
    facts.push(phone_fact(station, language));
    let body = message(Tone::Good, title.in_(language), text.in_(language), facts);
    let kind = SlipKind::Collection;
    Body {
        banner: print_banner(station, errand.case, kind, language),
        left: print_action(station, errand.case, kind, language),
        right: next(words::DONE_LEAVE, language),
        ..body
    }
}

pub(super) fn denied(station: &Station, errand: &Errand, why: Denied, language: Language) -> Body {
    let is_filed = errand.receipt.is_some();
    let (title, text) = match why {
        Denied::InDoubt(door) => {
            let title = words::CLOSED_OFF.with(language, &[&door.to_string()]);
            let text = words::IN_DOUBT_BODY.with(language, &[station.phone()]);
            let facts = office_of(station, errand.matter.as_ref(), language);
            let body = message(Tone::Care, title, text, facts);
            return Body { right: next(words::DONE_LEAVE, language), ..body };
        }
        Denied::NoFreeCell if is_filed => (words::CABINET_FULL, words::CABINET_FULL_FILED),
        Denied::Busy(_) => (words::CLOSE_FIRST, words::DOOR_WAIT),
        Denied::NoFreeCell => (words::CABINET_FULL, words::CABINET_FULL_BODY),
        Denied::NotHere | Denied::NoMore => (words::NOT_HERE, words::NOT_HERE_BODY),
        Denied::NotOrdered => (words::NOT_ORDERED, words::NOT_ORDERED_BODY),
        Denied::Frozen => (words::FROZEN, words::FROZEN_BODY),
        Denied::Recalled => (words::RECALLED, words::RECALLED_BODY),
        Denied::Locked => (words::CODE_LOCKED, words::CODE_LOCKED_BODY),
        Denied::DoorUnknown => (words::DOOR_SILENT, words::DOOR_SILENT_BODY),
        Denied::WindowOnly => (words::WINDOW_ONLY, words::WINDOW_ONLY_BODY),
    };
    let facts = office_of(station, errand.matter.as_ref(), language);
    let body = message(Tone::Care, title.in_(language), text.in_(language), facts);
    Body { right: next(words::DONE_LEAVE, language), ..body }
}

pub(super) fn nothing(station: &Station, language: Language) -> Body {
    let title = words::NOTHING_HERE.in_(language);
    let facts = vec![phone_fact(station, language)];
    let body = message(Tone::Info, title, words::NOTHING_HERE_BODY.in_(language), facts);
    Body { right: next(words::DONE_LEAVE, language), ..body }
}

pub(super) fn to_collect(
    station: &Station,
    waiting: &[(Errand, OrderId)],
    language: Language,
) -> Body {
    let choice = |(errand, order): &(Errand, OrderId)| Choice {
        id: order.0.to_string(),
        title: super::matter_name(station, errand.matter.as_ref(), language),
        note: station.custody.order(*order).map_or_else(String::new, |order| match language {
            Language::Chinese => order.content.zh().to_owned(),
            Language::English => order.content.en().to_owned(),
        }),
        aside: errand.receipt.map(|receipt| receipt.to_string()).unwrap_or_default(),
        chosen: false,
        enabled: true,
    };
    let stage = Stage::Choose {
        title: words::TO_COLLECT.in_(language),
        help: words::TO_COLLECT_HELP.in_(language),
        choices: waiting.iter().map(choice).collect(),
        note: String::new(),
    };
    Body { left: leave(language), ..Body::new(stage, words::TO_COLLECT.in_(language)) }
}

pub(super) fn code(
    station: &Station,
    errand: &Errand,
    typed: &Private<String>,
    was_wrong: bool,
    language: Language,
) -> Body {
    let wrong = errand.case.map_or(0, |case| station.custody.wrong_codes(case));
    let left = crate::custody::WRONG_CODES_MAX.saturating_sub(wrong).to_string();
    let error = if was_wrong { words::CODE_WRONG.with(language, &[&left]) } else { String::new() };
    let mut facts = vec![fact(
        words::RECEIPT_MATTER,
        super::matter_name(station, errand.matter.as_ref(), language),
        language,
    )];
    if let Some(receipt) = errand.receipt {
        facts.push(fact(words::RECEIPT_NUMBER, receipt.to_string(), language));
    }
    let stage = Stage::Form {
        title: words::CODE_TITLE.in_(language),
        facts,
        fields: vec![FieldView {
            id: "code".to_owned(),
            label: words::CODE_LABEL.in_(language),
            value: typed.expose().clone(),
            placeholder: words::CODE_WHERE.in_(language),
            error,
            keys: Keys::Digits,
            focused: true,
            secret: false,
            max_chars: 6,
        }],
        hint: words::CODE_HINT.in_(language),
    };
    Body {
        left: back(language),
        right: next(words::CODE_NEXT, language)
            .map(|open| Action { enabled: typed.expose().len() == CODE_LEN, ..open }),
        ..Body::new(stage, spoken(&[words::CODE_TITLE, words::CODE_HINT], language))
    }
}
