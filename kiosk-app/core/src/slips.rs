//! What stands on the slips: the facts of a case put into the layouts of `assets/slips`.
//!
//! The screen's preview and the paper are made from the same lines, so they are equal. Which facts
//! may stand on which slip is decided here: no id number on any, no name on what lies in a window
//! envelope, no matter's name where it is discreet (R14). Paper speaks Chinese.

use device_api::{
    locker::DoorNo,
    receipt_printer::{self as paper, Line, Part},
};
use kiosk_matters::{
    Matter,
    slips::{Align, Layouts, Out, Placeholder, Scale, Values},
};
use kiosk_words::{ClockQuality, Content, EnvelopeCode, Now, Originals, mask};

use crate::{
    record::{FiledCase, Role, SlipKind},
    screens,
    station::{Station, pages::Errand},
    view::{Language, PaperLine},
};

const LANGUAGE: Language = Language::Chinese;

/// The finished slip; `None` if a fact does not fit its layout.
pub(crate) fn fill(layouts: &Layouts, kind: SlipKind, facts: &Values) -> Option<paper::Slip> {
    let layout = match kind {
        SlipKind::Receipt => &layouts.receipt,
        SlipKind::Deposit => &layouts.deposit,
        SlipKind::Collection => &layouts.collection,
    };
    let parts = layout.fill(facts).ok()?.into_iter().map(part).collect();
    Some(paper::Slip { parts })
}

fn part(out: Out) -> Part {
    match out {
        Out::Line { text, scale, align, bold } => Part::Line(Line {
            text,
            scale: match scale {
                Scale::Normal => paper::Scale::Normal,
                Scale::Double => paper::Scale::Double,
            },
            align: match align {
                Align::Left => paper::Align::Left,
                Align::Centre => paper::Align::Centre,
            },
            bold,
        }),
        Out::Rule => Part::Rule,
        Out::Qr(text) => Part::Qr(text),
        Out::Gap(lines) => Part::Gap(lines),
    }
}

/// The same lines for the screen.
pub(crate) fn preview(slip: &paper::Slip) -> Vec<PaperLine> {
    let line = |part: &Part| match part {
        Part::Line(line) => PaperLine::Text {
            text: line.text.expose().clone(),
            double: line.scale == paper::Scale::Double,
            centred: line.align == paper::Align::Centre,
            bold: line.bold,
        },
        Part::Rule => PaperLine::Rule,
        Part::Qr(text) => PaperLine::Qr(text.expose().clone()),
        Part::Gap(lines) => PaperLine::Gap(*lines),
    };
    slip.parts.iter().map(line).collect()
}

/// 收件凭证
pub(crate) fn receipt(station: &Station, filed: &FiledCase, qr: &str) -> Values {
    let matter = station.catalogue.get(&filed.matter);
    let applicant = filed.parties.iter().find(|party| party.role == Role::Applicant);
    let lines = screens::state_lines(station, &filed.state, LANGUAGE);
    let line = |at: usize| lines.get(at).map(|line| line.value.clone());
    let comes_to_a_cell = station.custody.has_cells();
    let answer_by = matter.and_then(|matter| screens::answer_by(filed, matter));
    let answer_days = matter.filter(|_| answer_by.is_none());
    Values::default()
        .with(Placeholder::Station, station.config.name_zh.as_str())
        .with(Placeholder::ReceiptNo, filed.receipt)
        .with(Placeholder::Matter, (!filed.discreet).then(|| filed.matter_name.clone()))
        .with(Placeholder::Applicant, applicant.map(|party| mask::name(party.person.name.expose())))
        .with(Placeholder::DepositedAt, screens::when(filed.deposited, LANGUAGE))
        .with(Placeholder::ClockUnknown, filed.quality == ClockQuality::Unknown)
        .with(Placeholder::Received, received(station, filed))
        .with(Placeholder::Electronic, line(0))
        .with(Placeholder::Originals, line(1))
        .with(Placeholder::Handling, line(2))
        .with(Placeholder::AnswerBy, answer_by.map(|by| screens::day(by, LANGUAGE)))
        .with(Placeholder::AnswerDays, answer_days.map(|m| m.facts.notice_days.to_string()))
        .with(Placeholder::PickupCode, comes_to_a_cell.then(|| filed.pickup_code.clone()))
        .with(Placeholder::AskPhone, matter.map(|m| m.office.phone.clone()))
        .with(Placeholder::ComplainPhone, station.phone())
        .with(Placeholder::Qr, qr)
}

/// Of a discreet matter no paper is named either.
fn received(station: &Station, filed: &FiledCase) -> Vec<String> {
    let all = screens::received(station, filed, LANGUAGE);
    if !filed.discreet {
        return all;
    }
    let originals = match filed.state.originals {
        Originals::NotNeeded => "",
        Originals::AwaitingCell if !station.custody.has_cells() => "，原件请交到窗口",
        Originals::AwaitingCell
        | Originals::InCell
        | Originals::TakenByHall
        | Originals::AwaitingReturn
        | Originals::Returned => "，原件待入柜",
    };
    let n_pages = filed.scans.len();
    let mut out: Vec<String> = all.into_iter().take(1).collect();
    if n_pages > 0 {
        out.push(format!("材料：影像 {n_pages} 页{originals}"));
    }
    out
}

fn matter<'a>(station: &'a Station, errand: &Errand) -> Option<&'a Matter> {
    errand.matter.as_ref().and_then(|id| station.catalogue.get(id))
}

/// 存件小票, behind the window of the envelope.
pub(crate) fn deposit(station: &Station, errand: &Errand, door: DoorNo, now: Now) -> Values {
    let open = matter(station, errand).filter(|matter| !matter.discreet);
    let code = errand.receipt.map(|receipt| EnvelopeCode::materials(receipt).encode());
    Values::default()
        .with(Placeholder::Station, station.config.name_zh.as_str())
        .with(Placeholder::ReceiptNo, errand.receipt)
        .with(Placeholder::Qr, code)
        .with(Placeholder::Cell, door.to_string())
        .with(Placeholder::Content, Content::Materials.zh())
        .with(Placeholder::Date, now.wall.civil().date_iso())
        .with(Placeholder::ClockUnknown, now.quality == ClockQuality::Unknown)
        .with(Placeholder::Matter, open.map(|matter| matter.name.zh.clone()))
}

/// 领取凭证
pub(crate) fn collection(
    station: &Station,
    errand: &Errand,
    door: DoorNo,
    content: Content,
    now: Now,
) -> Values {
    let person = station.session.as_ref().and_then(|session| session.people.last());
    let office = matter(station, errand).map(|matter| matter.office.phone.clone());
    Values::default()
        .with(Placeholder::Station, station.config.name_zh.as_str())
        .with(Placeholder::ReceiptNo, errand.receipt)
        .with(Placeholder::Cell, door.to_string())
        .with(Placeholder::Content, content.zh())
        .with(Placeholder::Collector, person.map(|person| mask::name(person.name.expose())))
        .with(Placeholder::CollectedAt, screens::when(now.wall, LANGUAGE))
        .with(Placeholder::ClockUnknown, now.quality == ClockQuality::Unknown)
        .with(Placeholder::AskPhone, office.unwrap_or_else(|| station.phone().to_owned()))
}
