//! From the station's state to the View: pure functions, one per page.
//!
//! Nothing is decided here but words and their order; personal data is masked unless the person
//! must check it.

mod alarm;
mod apply;
mod check;
mod devices;
mod locker;
mod progress;
mod service;
mod staff;
mod start;

use kiosk_words::{ClockQuality, Now, WallTime};

use crate::{
    station::{
        Station,
        pages::{Page, Purpose, Sheet},
    },
    view::{
        Action, Banner, Connection, Fact, Intent, Language, Look, Revision, Sheet as SheetView,
        Stage, Steps, TimeoutClass, Tone, TopBar, View,
    },
    words::{self, Say},
};

pub(crate) use progress::{answer_by, lines as state_lines, received};

/// What a page gives to the frame around it.
pub(crate) struct Body {
    pub stage: Stage,
    pub left: Option<Action>,
    pub right: Option<Action>,
    pub say: String,
    pub timeout: TimeoutClass,
    /// Number and name of the step, within an application.
    pub step: Option<(u8, Say)>,
    pub banner: Option<Banner>,
}

impl Body {
    pub(crate) fn new(stage: Stage, say: String) -> Self {
        Self {
            stage,
            left: None,
            right: None,
            say,
            timeout: TimeoutClass::Long,
            step: None,
            banner: None,
        }
    }
}

/// Steps of an application.
const N_STEPS: u8 = 6;

pub(crate) fn view(station: &Station, revision: Revision, now: Now) -> View {
    let look = station.look(now);
    let language = look.language;
    let mut body = if station.is_covered() {
        alarm::cover(station, language)
    } else {
        body(station, language, now)
    };
    if !station.room.on_mains() && body.banner.is_none() && !station.is_covered() {
        body.banner = Some(Banner { tone: Tone::Care, text: words::MAINS_LOST.in_(language) });
    }
    let sheet = station.sheet.as_ref().filter(|_| !station.is_covered());
    let sheet = sheet.map(|sheet| sheet_view(sheet, language));
    let top = top_bar(station, look, body.timeout, now);
    let say = match (&sheet, &body.banner) {
        (Some(sheet), _) => format!("{} {}", sheet.title, sheet.body),
        (None, Some(banner)) => format!("{} {}", banner.text, body.say),
        (None, None) => body.say,
    };
    let timeout = match sheet {
        Some(_) if body.timeout == TimeoutClass::Held => TimeoutClass::Long,
        _ => body.timeout,
    };
    View {
        revision,
        look,
        top,
        steps: body.step.map(|(at, name)| steps(at, name, language)),
        banner: body.banner,
        stage: body.stage,
        left: body.left,
        right: body.right,
        sheet,
        say,
        ring: None,
        screenfuls: 0,
        timeout,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the pages at the cabinet have their own list")]
fn body(station: &Station, language: Language, now: Now) -> Body {
    match &station.page {
        Page::Attract => start::attract(station, language),
        Page::Care => start::care(station, language),
        Page::Dead => start::dead(station, language),
        Page::Home => start::home(station, language),
        Page::Pick => start::pick(station, language),
        Page::Help { .. } => start::help(station, language, now),
        Page::Question { noted } => apply::question(station, noted.as_deref(), language),
        Page::Unsure => apply::unsure(station, language),
        Page::Refused(refused) => apply::refused(station, refused, language),
        Page::Materials => apply::materials(station, language),
        Page::Notice(purpose) => apply::notice(station, *purpose, language),
        Page::Card { purpose, read: _, trouble } => {
            apply::card(station, *purpose, *trouble, language)
        }
        Page::NoCard(purpose) => apply::no_card(station, *purpose, language),
        Page::Form { focus } => apply::form(station, focus.as_deref(), language, now),
        Page::Contact => apply::contact(station, language),
        Page::Mobile => apply::mobile(station, language),
        Page::Delivery => apply::delivery(station, language),
        Page::Capture { at, page, pending, taken, trouble } => {
            let shot = apply::Shot { pending: *pending, taken: taken.as_ref(), trouble: *trouble };
            apply::capture(station, *at, *page, &shot, language)
        }
        Page::Check => check::check(station, language, now),
        Page::Hashing => wait(words::CHECKING, words::FINDING_BODY, language),
        Page::Sign { page, signed, asked_again } => {
            apply::sign(station, page, signed.len(), *asked_again, language)
        }
        Page::Sealing => wait(words::SEALING_TITLE, words::SEALING_BODY, language),
        Page::NotTaken(why) => apply::not_taken(station, *why, language),
        Page::Receipt(receipt) => progress::receipt(station, receipt, language),
        Page::Finding(_) => wait(words::FINDING_TITLE, words::FINDING_BODY, language),
        Page::Cases(cases) => progress::cases(station, cases, language),
        Page::Detail { cases, at } => progress::detail(station, &cases[*at], language),
        Page::Paper(receipt) => progress::paper(station, receipt, language),
        _ => at_the_cabinet(station, language, now),
    }
}

/// The pages at the cabinet.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other list has all other pages")]
fn at_the_cabinet(station: &Station, language: Language, now: Now) -> Body {
    match &station.page {
        Page::Envelope(errand) => locker::envelope(station, errand, language),
        Page::DoorTrouble { errand: _, act, door, why } => {
            locker::trouble(station, *act, *door, *why, language)
        }
        Page::DoorDone { errand, what, door } => {
            locker::done(station, errand, *what, *door, language)
        }
        Page::Denied { errand, why } => locker::denied(station, errand, *why, language),
        Page::NothingToCollect => locker::nothing(station, language),
        Page::ToCollect(waiting) => locker::to_collect(station, waiting, language),
        Page::Code { errand, act: _, typed, checking: _, was_wrong } => {
            locker::code(station, errand, typed, *was_wrong, language)
        }
        Page::StaffCard { trouble } => staff::card(station, *trouble, language),
        Page::StaffPin { card, pin, trouble, asked } => {
            staff::pin(&card.staff, pin, *trouble, asked.is_some(), language)
        }
        Page::Alarm => alarm::alarm(station, language),
        Page::Devices => devices::devices(station, language),
        Page::Part { part, test } => service::part(station, *part, test.as_ref(), language),
        Page::Wire { part, asked, lines } => service::wire(*part, asked.is_some(), lines, language),
        Page::Reopens => service::reopens(language),
        Page::Export(export) => service::export(export, language),
        Page::PowerOff => service::power_off(station, language),
        Page::PoweredOff => service::powered_off(language),
        Page::Maintenance => service::maintenance(station, language, now),
        Page::Round => staff::round(station, language),
        Page::StaffCode(what, typed, busy, trouble) => {
            staff::code(what, typed, busy.is_some(), *trouble, station.config.has_scanner, language)
        }
        _ => locker::door(station, language, now),
    }
}

fn wait(title: Say, detail: Say, language: Language) -> Body {
    let stage = Stage::Wait { title: title.in_(language), detail: detail.in_(language) };
    let say = spoken(&[title, detail], language);
    Body { timeout: TimeoutClass::Held, ..Body::new(stage, say) }
}

fn steps(at: u8, name: Say, language: Language) -> Steps {
    let counted = words::STEP.with(language, &[&at.to_string(), &N_STEPS.to_string()]);
    Steps { counted, name: name.in_(language), at, of: N_STEPS }
}

fn top_bar(station: &Station, look: Look, class: TimeoutClass, now: Now) -> TopBar {
    let language = look.language;
    let online = station.sync.is_online();
    let name = match language {
        Language::Chinese => station.config.name_zh.clone(),
        Language::English => station.config.name_en.clone(),
    };
    let on_first_pages = matches!(station.page, Page::Attract | Page::Home | Page::Pick);
    let matter = open_matter(station).filter(|_| !on_first_pages);
    let clock = match now.quality {
        ClockQuality::Unknown => words::CLOCK_UNKNOWN.in_(language),
        ClockQuality::Held | ClockQuality::Synced => now.wall.civil().clock(),
    };
    let left = station.session.as_ref().and_then(|s| s.seconds_left(class, now.moment));
    TopBar {
        title: matter.map_or(name, |matter| words::of(&matter.short, language)),
        clock,
        connection: if online { Connection::Online } else { Connection::Offline },
        connection_text: connection_text(station, online).in_(language),
        remaining: left.map(|s| words::LEFT_S.with(language, &[&s.to_string()])),
        buttons: top_buttons(station, look),
    }
}

/// What can be done without the hall depends on what is fitted, and on whether anything can be
/// done at all (R13).
fn connection_text(station: &Station, online: bool) -> Say {
    let is_closed =
        matches!(station.page, Page::Care | Page::Dead | Page::Maintenance | Page::PoweredOff)
            || station.readiness.full;
    match (online, station.custody.has_cells()) {
        (true, _) => words::ONLINE,
        (false, _) if is_closed => words::OFFLINE_CLOSED,
        (false, true) => words::OFFLINE_CABINET,
        (false, false) => words::OFFLINE,
    }
}

/// The matter of the open application, or of the receipt that is shown.
fn open_matter(station: &Station) -> Option<&kiosk_matters::Matter> {
    if let Page::Receipt(receipt) = &station.page {
        return station.catalogue.get(&receipt.filed.matter);
    }
    station.application.as_ref().map(|open| &open.matter)
}

fn top_buttons(station: &Station, look: Look) -> Vec<Action> {
    let language = look.language;
    if station.is_covered() {
        return vec![other_language(language)];
    }
    let no_buttons = matches!(
        station.page,
        Page::Attract
            | Page::Care
            | Page::Dead
            | Page::Maintenance
            | Page::PoweredOff
            | Page::Sealing
            | Page::Hashing
            | Page::Finding(_)
    );
    if no_buttons {
        return Vec::new();
    }
    let mut buttons = Vec::new();
    if matches!(station.page, Page::Home | Page::Pick) {
        buttons.push(other_language(language));
        let size = if look.elder { words::TO_STANDARD } else { words::TO_ELDER };
        buttons.push(action(size, language, Intent::SetElder(!look.elder)));
    }
    if !matches!(station.page, Page::Help { .. }) {
        buttons.push(action(words::HELP, language, Intent::Help));
    }
    buttons
}

fn other_language(language: Language) -> Action {
    let other = match language {
        Language::Chinese => Language::English,
        Language::English => Language::Chinese,
    };
    action(words::TO_ENGLISH, language, Intent::SetLanguage(other))
}

fn sheet_view(sheet: &Sheet, language: Language) -> SheetView {
    let (title, body, yes, no) = match sheet {
        Sheet::StillThere => {
            (words::STILL_THERE, words::STILL_THERE_BODY, words::MORE_TIME, words::LEAVE)
        }
        Sheet::Leave => (words::LEAVE_TITLE, words::LEAVE_BODY, words::LEAVE, words::LEAVE_NO),
        Sheet::OtherPerson(_) => (
            words::OTHER_PERSON_TITLE,
            words::OTHER_PERSON_BODY,
            words::OTHER_PERSON_YES,
            words::OTHER_PERSON_NO,
        ),
    };
    SheetView {
        title: title.in_(language),
        body: body.in_(language),
        yes: action(yes, language, Intent::Yes),
        no: action(no, language, Intent::No),
    }
}

// ---- small pieces shared by the pages ----

pub(crate) fn action(label: Say, language: Language, intent: Intent) -> Action {
    Action { label: label.in_(language), intent, enabled: true }
}

pub(crate) fn back(language: Language) -> Option<Action> {
    Some(action(words::BACK, language, Intent::Back))
}

pub(crate) fn leave(language: Language) -> Option<Action> {
    Some(action(words::LEAVE, language, Intent::Leave))
}

pub(crate) fn next(label: Say, language: Language) -> Option<Action> {
    Some(action(label, language, Intent::Next))
}

pub(crate) fn fact(label: Say, value: String, language: Language) -> Fact {
    Fact { label: label.in_(language), value }
}

pub(crate) fn spoken(parts: &[Say], language: Language) -> String {
    parts.iter().map(|part| part.str(language)).collect::<Vec<_>>().join(" ")
}

/// Date and time as people say it: `3月5日（周四）09:26`.
pub(crate) fn when(at: WallTime, language: Language) -> String {
    if at < WallTime::EARLIEST {
        return words::NO_TIME.in_(language);
    }
    let civil = at.civil();
    match language {
        Language::Chinese => format!("{}{}", civil.date_zh(), civil.clock()),
        Language::English => {
            format!("{}-{:02}-{:02} {}", civil.year, civil.month, civil.day, civil.clock())
        }
    }
}

/// A day as people say it: `3月5日（周四）`.
pub(crate) fn day(at: WallTime, language: Language) -> String {
    if at < WallTime::EARLIEST {
        return words::NO_TIME.in_(language);
    }
    let civil = at.civil();
    match language {
        Language::Chinese => civil.date_zh(),
        Language::English => civil.date_en(),
    }
}

/// `YYYYMMDD` as people read it.
pub(crate) fn date(yyyymmdd: &str) -> String {
    let digits: Vec<char> = yyyymmdd.chars().collect();
    if digits.len() != 8 {
        return yyyymmdd.to_owned();
    }
    let part = |from: usize, to: usize| digits[from..to].iter().collect::<String>();
    format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8))
}

/// A page that tells and ends; no dead end: what, why, where, whom to call.
pub(crate) fn message(tone: Tone, title: String, body: String, facts: Vec<Fact>) -> Body {
    let say = format!("{title} {body}");
    let stage = Stage::Message { tone, title, body, facts, code: String::new() };
    Body::new(stage, say)
}

pub(crate) fn phone_fact(station: &Station, language: Language) -> Fact {
    fact(words::PHONE, station.phone().to_owned(), language)
}

/// Name of a matter where somebody else than its applicant may read it (R14).
pub(crate) fn matter_name(
    station: &Station,
    matter: Option<&kiosk_words::MatterId>,
    language: Language,
) -> String {
    let known = matter.and_then(|id| station.catalogue.get(id));
    known.map_or_else(String::new, |matter| {
        if matter.discreet {
            words::DISCREET.in_(language)
        } else {
            words::of(&matter.name, language)
        }
    })
}

/// Where the office of a matter is, or the station's phone alone.
pub(crate) fn office_of(
    station: &Station,
    matter: Option<&kiosk_words::MatterId>,
    language: Language,
) -> Vec<Fact> {
    let Some(matter) = matter.and_then(|id| station.catalogue.get(id)) else {
        return vec![phone_fact(station, language)];
    };
    let office = &matter.office;
    let place =
        format!("{} · {}", words::of(&office.name, language), words::of(&office.place, language));
    vec![
        fact(words::WHERE, place, language),
        fact(words::HOURS, words::of(&office.hours, language), language),
        fact(words::PHONE, office.phone.clone(), language),
    ]
}

/// Where the office of the open application is, or the station's phone alone.
pub(crate) fn office_facts(station: &Station, language: Language) -> Vec<Fact> {
    let matter = station.application.as_ref().map(|open| open.matter.id.clone());
    office_of(station, matter.as_ref(), language)
}

pub(crate) const fn is_progress(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Progress | Purpose::Collect)
}
