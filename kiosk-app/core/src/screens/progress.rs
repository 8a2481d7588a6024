//! The receipt and how a case stands: the three lines, in true words.

use kiosk_matters::{How, Matter, workdays};
use kiosk_words::{CaseState, ClockQuality, Electronic, Handling, Originals, WallTime};

use super::{Body, action, back, day, fact, leave, locker, message, next, phone_fact, start, when};
use crate::{
    event::{FoundCase, PastStep, Step},
    print::Outcome,
    record::{FiledCase, SlipKind},
    slips,
    station::{Station, pages::Receipt},
    view::{Action, Banner, Choice, Fact, Intent, Language, Stage, StateLine, Tone},
    words,
};

/// Without a cabinet what waits for a cell waits for its window (R13).
fn originals(station: &Station, state: Originals, language: Language) -> String {
    if state == Originals::AwaitingCell && !station.custody.has_cells() {
        return words::ORIGINALS_TO_WINDOW.in_(language);
    }
    match language {
        Language::Chinese => state.zh().to_owned(),
        Language::English => state.en().to_owned(),
    }
}

fn electronic(state: Electronic, language: Language) -> String {
    match language {
        Language::Chinese => state.zh().to_owned(),
        Language::English => state.en().to_owned(),
    }
}

fn handling(state: &Handling, language: Language) -> String {
    match language {
        Language::Chinese => state.zh(),
        Language::English => state.en(),
    }
}

const fn handling_tone(state: &Handling) -> Tone {
    match state {
        Handling::NeedsCorrection { .. } | Handling::Paused { .. } => Tone::Care,
        Handling::Refused { .. } => Tone::Bad,
        Handling::AwaitingReview
        | Handling::Accepted { .. }
        | Handling::InProgress
        | Handling::Decided { .. }
        | Handling::AwaitingCollection { .. } => Tone::Info,
        Handling::Collected { .. } | Handling::HandedOver { .. } => Tone::Good,
    }
}

pub(crate) fn lines(station: &Station, state: &CaseState, language: Language) -> Vec<StateLine> {
    let line = |label: words::Say, value: String, tone: Tone| StateLine {
        label: label.in_(language),
        value,
        tone,
        at: String::new(),
    };
    let electronic_tone = match state.electronic {
        Electronic::SavedHere => Tone::Care,
        Electronic::AtHall => Tone::Good,
    };
    let originals_tone = match state.originals {
        Originals::AwaitingCell | Originals::AwaitingReturn => Tone::Care,
        Originals::NotNeeded | Originals::InCell | Originals::TakenByHall | Originals::Returned => {
            Tone::Info
        }
    };
    vec![
        line(words::LINE_ELECTRONIC, electronic(state.electronic, language), electronic_tone),
        line(words::LINE_ORIGINALS, originals(station, state.originals, language), originals_tone),
        line(
            words::LINE_HANDLING,
            handling(&state.handling, language),
            handling_tone(&state.handling),
        ),
    ]
}

/// The day by which the hall answers, reckoned; none from a clock that nobody vouches for.
pub(crate) fn answer_by(filed: &FiledCase, matter: &Matter) -> Option<WallTime> {
    match filed.quality {
        ClockQuality::Unknown => None,
        ClockQuality::Held | ClockQuality::Synced => {
            Some(workdays::after(filed.deposited, matter.facts.notice_days))
        }
    }
}

fn answer(filed: &FiledCase, matter: &Matter, language: Language) -> String {
    answer_by(filed, matter).map_or_else(
        || {
            let days = matter.facts.notice_days.to_string();
            words::RECEIPT_ANSWER_DAYS.with(language, &[&days])
        },
        |by| words::RECEIPT_ANSWER_BY.with(language, &[&day(by, language)]),
    )
}

pub(super) fn receipt(station: &Station, receipt: &Receipt, language: Language) -> Body {
    let filed = &receipt.filed;
    let matter = station.catalogue.get(&filed.matter);
    let at = when(filed.deposited, language);
    let at = match filed.quality {
        ClockQuality::Unknown => words::RECEIPT_AT_UNKNOWN.with(language, &[&at]),
        ClockQuality::Held | ClockQuality::Synced => at,
    };
    // What must be copied before anything else is read comes first.
    let mut facts: Vec<Fact> = code_to_copy(station, filed, language).into_iter().collect();
    facts.push(fact(words::RECEIPT_AT, at, language));
    if let Some(matter) = matter {
        facts.push(fact(words::RECEIPT_MATTER, words::of(&matter.name, language), language));
        facts.push(fact(words::RECEIPT_ANSWER, answer(filed, matter, language), language));
        facts.push(fact(words::RECEIPT_ASK, matter.office.phone.clone(), language));
    }
    facts.push(fact(words::RECEIPT_COMPLAIN, station.phone().to_owned(), language));
    let stage = Stage::Receipt {
        title: words::RECEIPT_TITLE.in_(language),
        number: filed.receipt.to_string(),
        qr: receipt.qr.clone(),
        states: lines(station, &filed.state, language),
        facts,
        received: received(station, filed, language),
        note: words::RECEIPT_NOTE.in_(language),
    };
    let saved = electronic(filed.state.electronic, language);
    let say = format!(
        "{} {saved} {}",
        words::RECEIPT_TITLE.str(language),
        words::RECEIPT_NOTE.str(language)
    );
    let case = Some(filed.case);
    let kind = SlipKind::Receipt;
    let to_cell = filed.state.originals == Originals::AwaitingCell
        && station.custody.reserved_for(filed.case).is_some();
    let paper = || action(words::SEE_PAPER, language, Intent::Choose("paper".to_owned()));
    let again = locker::print_action(station, case, kind, language);
    let has_printer = station.config.has_printer;
    Body {
        banner: locker::print_banner(station, case, kind, language),
        left: again.or_else(|| has_printer.then(paper)),
        right: next(if to_cell { words::PUT_ORIGINALS } else { words::DONE_LEAVE }, language),
        step: Some((6, words::STEP_RECEIPT)),
        ..Body::new(stage, say)
    }
}

/// Half of what opens a cell stands on the paper; without paper it must be copied from here.
fn code_to_copy(station: &Station, filed: &FiledCase, language: Language) -> Option<Fact> {
    let printed = station.prints.outcome(filed.case, SlipKind::Receipt);
    let on_paper = match printed {
        Some(Outcome::UnderWay | Outcome::CameOut) => true,
        Some(Outcome::NotStarted(_) | Outcome::Uncertain) => false,
        None => station.config.has_printer,
    };
    let code = || fact(words::RECEIPT_CODE, filed.pickup_code.expose().clone(), language);
    (station.custody.has_cells() && !on_paper).then(code)
}

/// The slip as it is on the paper, for the eyes before and after.
pub(super) fn paper(station: &Station, receipt: &Receipt, language: Language) -> Body {
    let kind = SlipKind::Receipt;
    let printed = station.prints.paper(receipt.filed.case, kind).cloned();
    let slip = printed.or_else(|| {
        let facts = slips::receipt(station, &receipt.filed, &receipt.qr);
        slips::fill(&station.config.slips, kind, &facts)
    });
    let stage = Stage::Paper {
        title: words::PAPER_TITLE.in_(language),
        lines: slip.as_ref().map(slips::preview).unwrap_or_default(),
        note: words::PAPER_NOTE.in_(language),
    };
    Body { left: back(language), ..Body::new(stage, words::PAPER_TITLE.in_(language)) }
}

/// What was handed in, page by page: 影像 and 原件 told apart.
pub(crate) fn received(station: &Station, filed: &FiledCase, language: Language) -> Vec<String> {
    let mut out = vec![words::RECEIPT_FORM.in_(language)];
    let Some(matter) = station.catalogue.get(&filed.matter) else { return out };
    let place = words::of(&matter.office.place, language);
    for material in &matter.materials {
        let n_pages = filed.scans.iter().filter(|scan| scan.slot == material.id).count();
        if n_pages == 0 {
            continue;
        }
        let text = match material.how {
            How::Original if station.custody.has_cells() => words::RECEIPT_ORIGINAL,
            How::Original => words::RECEIPT_ORIGINAL_WINDOW,
            How::Scan | How::SkippedAfterCheck | How::Chip | How::Form => words::RECEIPT_PAPER,
        };
        let name = words::of(&material.name, language);
        out.push(text.with(language, &[&name, &n_pages.to_string(), &place]));
    }
    out
}

fn name_of(station: &Station, found: &FoundCase, language: Language) -> String {
    station
        .catalogue
        .get(&found.matter)
        .map_or_else(|| found.matter.to_string(), |matter| words::of(&matter.name, language))
}

pub(super) fn cases(station: &Station, cases: &[FoundCase], language: Language) -> Body {
    if cases.is_empty() {
        let title = words::NO_CASES_TITLE.in_(language);
        let facts = vec![phone_fact(station, language)];
        let body = message(Tone::Info, title, words::NO_CASES_BODY.in_(language), facts);
        return Body {
            left: back(language),
            right: next(words::DONE_LEAVE, language),
            banner: start::card_in_slot(station, language),
            ..body
        };
    }
    let choice = |found: &FoundCase| Choice {
        id: found.case.to_string(),
        title: name_of(station, found, language),
        note: handling(&found.state.handling, language),
        aside: when(found.deposited, language),
        chosen: false,
        enabled: true,
    };
    let stage = Stage::Choose {
        title: words::CASES_TITLE.in_(language),
        help: words::CASES_HELP.in_(language),
        choices: cases.iter().map(choice).collect(),
        note: String::new(),
    };
    Body {
        left: leave(language),
        banner: start::card_in_slot(station, language),
        ..Body::new(stage, words::CASES_TITLE.in_(language))
    }
}

fn past(station: &Station, step: &PastStep, language: Language) -> StateLine {
    let (value, tone) = match &step.step {
        Step::Filed => (words::HISTORY_FILED.in_(language), Tone::Info),
        Step::ReceivedByHall => (words::HISTORY_AT_HALL.in_(language), Tone::Good),
        Step::Handling(state) => (handling(state, language), handling_tone(state)),
        Step::Originals(state) => (originals(station, *state, language), Tone::Info),
    };
    StateLine { label: String::new(), value, tone, at: when(step.at, language) }
}

pub(super) fn detail(station: &Station, found: &FoundCase, language: Language) -> Body {
    let online = station.sync.is_online();
    let note = if online { words::CASE_NOTE_ONLINE } else { words::CASE_NOTE_OFFLINE };
    let mut note = note.in_(language);
    if let Handling::NeedsCorrection { reasons, .. } = &found.state.handling {
        note = format!("{} {note}", reasons.join("；"));
    } else if let Handling::Refused { reason } = &found.state.handling {
        note = format!("{reason} {note}");
    }
    if let Some(phone) = office_phone(station, found) {
        note = format!("{note} {} {phone}", words::PHONE.str(language));
    }
    let stage = Stage::CaseDetail {
        title: name_of(station, found, language),
        number: found.receipt.to_string(),
        states: lines(station, &found.state, language),
        history: found.history.iter().map(|step| past(station, step, language)).collect(),
        note,
        acts: acts(station, found, language),
    };
    let say = format!(
        "{} {}",
        words::CASE_TITLE.str(language),
        handling(&found.state.handling, language)
    );
    Body {
        left: back(language),
        right: next(words::DONE_LEAVE, language),
        banner: not_yet_told(station, found, language)
            .or_else(|| start::card_in_slot(station, language)),
        ..Body::new(stage, say)
    }
}

/// What became of this case when a visit was cut off: whether its receipt came out, and the cell
/// that nobody may rely on.
fn not_yet_told(station: &Station, found: &FoundCase, language: Language) -> Option<Banner> {
    let filed = station.interrupted.as_ref().and_then(|(cut_off, _)| cut_off.filed);
    let receipt = (filed == Some(found.receipt)).then(|| {
        let printed = found.printed.contains(&SlipKind::Receipt);
        if printed { words::CUT_OFF_MAYBE_PRINTED } else { words::CUT_OFF_NOT_PRINTED }
            .in_(language)
    });
    let (stop, gap) = if language == Language::Chinese { ("。", "") } else { (".", " ") };
    let cell = station.custody.materials_in_doubt(found.case).map(|door| {
        let closed = words::CLOSED_OFF.with(language, &[&door.to_string()]);
        let what_to_do = words::IN_DOUBT_BODY.with(language, &[station.phone()]);
        format!("{closed}{stop}{gap}{what_to_do}")
    });
    let text = receipt.into_iter().chain(cell).collect::<Vec<_>>().join(gap);
    (!text.is_empty()).then_some(Banner { tone: Tone::Care, text })
}

/// What the person can do with this case at the cabinet.
fn acts(station: &Station, found: &FoundCase, language: Language) -> Vec<Action> {
    let act = |label, id: &str| action(label, language, Intent::Choose(id.to_owned()));
    let deposit = station.may_deposit(found).then(|| act(words::PUT_ORIGINALS, "deposit"));
    let back = station.may_take_back(found).then(|| act(words::TAKE_BACK, "take_back"));
    deposit.into_iter().chain(back).collect()
}

fn office_phone(station: &Station, found: &FoundCase) -> Option<String> {
    station.catalogue.get(&found.matter).map(|matter| matter.office.phone.clone())
}
