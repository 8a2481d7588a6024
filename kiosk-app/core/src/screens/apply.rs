//! The pages of an application, from the first question to the signature.

use device_api::{camera, id_reader, smart_card};
use kiosk_matters::{ChipFact, Field, FieldKind, How, NextQuestion, rules::Unfit};
use kiosk_words::{ClockQuality, Digest32, Now, mask};

use super::{
    Body, action, back, date, fact, is_progress, leave, message, next, office_facts, phone_fact,
    spoken,
};
use crate::{
    application::Application,
    record::{ContactWay, DeliveryWay, FiledScan},
    station::{
        Station,
        filing::{self as filing_finding, PictureFinding},
        flow::UNSURE,
        pages::{CaptureTrouble, CardTrouble, NotTaken, Purpose, Refused},
    },
    view::{
        Action, Banner, Choice, DevicePicture, Fact, FieldView, Finding, Intent, Keys, Language,
        MaterialMark, MaterialRow, Stage, TimeoutClass, Tone,
    },
    words::{self, Say},
};

/// These pages are shown only with an application; without one they would be a bug.
pub(super) fn application(station: &Station) -> &Application {
    let open = station.application.as_ref();
    open.unwrap_or_else(|| unreachable!("a page of an application without one"))
}

fn choice(id: &str, title: String, note: String) -> Choice {
    Choice { id: id.to_owned(), title, note, aside: String::new(), chosen: false, enabled: true }
}

pub(super) fn question(station: &Station, noted: Option<&str>, language: Language) -> Body {
    let application = application(station);
    let NextQuestion::Ask(situation) = application.matter.next_question(&application.answers)
    else {
        unreachable!("a question page without an open question")
    };
    let mut choices: Vec<Choice> = situation
        .options
        .iter()
        .map(|option| Choice {
            chosen: noted == Some(&option.id),
            ..choice(&option.id, words::of(&option.label, language), String::new())
        })
        .collect();
    choices.push(choice(UNSURE, words::UNSURE.in_(language), String::new()));
    let note = situation.options.iter().find(|option| noted == Some(&option.id));
    let note = note.and_then(|option| option.note.as_ref());
    let help = situation.help.as_ref().map(|help| words::of(help, language));
    let title = words::of(&situation.ask, language);
    let stage = Stage::Choose {
        title: title.clone(),
        help: help.unwrap_or_else(|| words::QUESTION_HELP.in_(language)),
        choices,
        note: note.map(|note| words::of(note, language)).unwrap_or_default(),
    };
    Body {
        left: back(language),
        right: noted.and_then(|_| next(words::NEXT, language)),
        step: Some((1, words::STEP_SITUATION)),
        ..Body::new(stage, title)
    }
}

pub(super) fn unsure(station: &Station, language: Language) -> Body {
    let title = words::UNSURE_TITLE.in_(language);
    let text = words::UNSURE_BODY.in_(language);
    let body = message(Tone::Info, title, text, office_facts(station, language));
    Body { left: back(language), step: Some((1, words::STEP_SITUATION)), ..body }
}

pub(super) fn refused(station: &Station, refused: &Refused, language: Language) -> Body {
    let (title, rule, instead) = match refused {
        Refused::Expired { until } => (
            words::CARD_EXPIRED_TITLE,
            words::CARD_EXPIRED_RULE.with(language, &[&date(until)]),
            words::CARD_EXPIRED_INSTEAD.in_(language),
        ),
        Refused::TooYoung { from } => (
            words::TOO_YOUNG_TITLE,
            words::TOO_YOUNG_RULE.with(language, &[&from.to_string()]),
            words::TOO_YOUNG_INSTEAD.in_(language),
        ),
        Refused::Situation(stop) => (
            words::CANNOT_TITLE,
            words::of(&stop.rule, language),
            words::of(&stop.instead, language),
        ),
    };
    let mut facts = vec![fact(words::INSTEAD, instead, language)];
    facts.extend(office_facts(station, language));
    let body = message(Tone::Care, title.in_(language), rule, facts);
    let left = matches!(refused, Refused::Situation(_)).then(|| back(language)).flatten();
    Body {
        left: left.or_else(|| leave(language)),
        right: next(words::DONE_LEAVE, language),
        ..body
    }
}

const fn mark(how: How, has_cells: bool) -> (MaterialMark, Say) {
    match how {
        How::Scan => (MaterialMark::ScanHere, words::MARK_SCAN),
        How::Original if has_cells => (MaterialMark::Original, words::MARK_ORIGINAL),
        How::Original => (MaterialMark::Original, words::MARK_ORIGINAL_WINDOW),
        How::SkippedAfterCheck => (MaterialMark::SkippedAfterCheck, words::MARK_SKIP),
        How::Chip => (MaterialMark::FromChip, words::MARK_CHIP),
        How::Form => (MaterialMark::FillHere, words::MARK_FORM),
    }
}

pub(super) fn materials(station: &Station, language: Language) -> Body {
    let application = application(station);
    let has_cells = station.custody.has_cells();
    let row = |material: &&kiosk_matters::Material| {
        let (mark, text) = mark(material.how, has_cells);
        MaterialRow {
            mark,
            mark_text: text.in_(language),
            title: words::of(&material.name, language),
            note: words::of(&material.note, language),
        }
    };
    let facts = &application.matter.facts;
    let place = words::of(&application.matter.office.place, language);
    let note = if has_cells { words::MATERIALS_NOTE } else { words::MATERIALS_NOTE_WINDOW };
    let cell = application.cell_needed().filter(|_| has_cells).map(|size| match language {
        Language::Chinese => size.zh(),
        Language::English => size.en(),
    });
    let cell = cell.map(|size| fact(words::CELL_FOR_YOU, size.to_owned(), language));
    let facts_of_matter = [
        fact(words::PROMISE, words::of(&facts.promise, language), language),
        fact(words::FEE, words::of(&facts.fee, language), language),
        fact(words::RESULT, words::of(&facts.result, language), language),
        fact(words::CONDITION, words::of(&facts.condition, language), language),
    ];
    let stage = Stage::Materials {
        title: words::MATERIALS_TITLE.in_(language),
        rows: application.matter.plan(&application.answers).materials.iter().map(row).collect(),
        facts: cell.into_iter().chain(facts_of_matter).collect(),
        note: note.with(language, &[&place]),
    };
    Body {
        left: back(language),
        right: next(words::START_APPLY, language),
        step: Some((1, words::STEP_SITUATION)),
        ..Body::new(stage, words::MATERIALS_TITLE.in_(language))
    }
}

const fn card_step(purpose: Purpose) -> Option<(u8, Say)> {
    match purpose {
        Purpose::Applicant | Purpose::Guardian => Some((2, words::STEP_IDENTITY)),
        Purpose::Progress | Purpose::Collect => None,
    }
}

pub(super) fn notice(station: &Station, purpose: Purpose, language: Language) -> Body {
    let progress = is_progress(purpose);
    let who = if progress {
        words::NOTICE_WHO_PROGRESS.in_(language)
    } else {
        let office = words::of(&application(station).matter.office.name, language);
        words::NOTICE_WHO.with(language, &[&office])
    };
    let what = if progress { words::NOTICE_WHAT_PROGRESS } else { words::NOTICE_WHAT };
    let mut paragraphs = vec![who, what.in_(language)];
    if !progress {
        paragraphs.push(words::NOTICE_FOR.in_(language));
        paragraphs.push(words::NOTICE_LONG.in_(language));
    }
    paragraphs.push(words::NOTICE_RIGHTS.with(language, &[station.phone()]));
    let say = paragraphs.join(" ");
    let stage = Stage::Notice { title: words::NOTICE_TITLE.in_(language), paragraphs };
    Body {
        left: back(language),
        right: next(words::NOTICE_NEXT, language),
        step: card_step(purpose),
        ..Body::new(stage, say)
    }
}

fn card_trouble(station: &Station, trouble: CardTrouble, language: Language) -> Banner {
    let (tone, text) = match trouble {
        CardTrouble::SamePerson => (Tone::Care, words::GUARDIAN_SAME.in_(language)),
        CardTrouble::GuardianTooYoung => (Tone::Care, words::GUARDIAN_MINOR.in_(language)),
        CardTrouble::Reader(why) => match why {
            id_reader::Refusal::LayAgain => (Tone::Care, words::CARD_LAY_AGAIN.in_(language)),
            id_reader::Refusal::NotAnIdCard => (Tone::Care, words::CARD_NOT_ID.in_(language)),
            id_reader::Refusal::NotTrusted => (Tone::Bad, words::CARD_NOT_TRUSTED.in_(language)),
            id_reader::Refusal::BadCardData => (Tone::Bad, words::CARD_BAD_DATA.in_(language)),
            id_reader::Refusal::Stopped | id_reader::Refusal::DeviceDown(_) => {
                (Tone::Bad, words::CARD_DEVICE.with(language, &[station.phone()]))
            }
        },
        CardTrouble::Chip(why) => return chip_trouble(station, why, language),
        CardTrouble::StaffCard => (Tone::Care, words::CHIP_IS_STAFF.in_(language)),
    };
    Banner { tone, text }
}

/// Also for staff, up to what only their cards know.
pub(super) fn chip_trouble(
    station: &Station,
    why: smart_card::Refusal,
    language: Language,
) -> Banner {
    use smart_card::Refusal;
    let (tone, text) = match why {
        Refusal::TakenOut => (Tone::Care, words::CHIP_TAKEN_OUT),
        Refusal::NotPersonalised => (Tone::Care, words::STAFF_CARD_BLANK),
        Refusal::NoKey => (Tone::Bad, words::STAFF_CARD_COPIED),
        Refusal::PinBlocked => (Tone::Bad, words::STAFF_PIN_BLOCKED),
        Refusal::NotWaiting => (Tone::Care, words::STAFF_CARD_AGAIN),
        Refusal::WrongPin { n_left } => {
            let text = words::STAFF_PIN_WRONG.with(language, &[&n_left.to_string()]);
            return Banner { tone: Tone::Bad, text };
        }
        Refusal::InsertAgain | Refusal::InUse => (Tone::Care, words::CHIP_INSERT_AGAIN),
        Refusal::Stalled => (Tone::Care, words::CHIP_STALLED),
        Refusal::UnknownCard => (Tone::Care, words::CHIP_UNKNOWN),
        Refusal::Blocked => (Tone::Bad, words::CHIP_BLOCKED),
        Refusal::Protected => (Tone::Bad, words::CHIP_PROTECTED),
        Refusal::UnknownGeneration => (Tone::Bad, words::CHIP_GENERATION),
        Refusal::BadCardData => (Tone::Bad, words::CHIP_BAD_DATA),
        Refusal::Stopped | Refusal::DeviceDown(_) => {
            let text = words::CHIP_DEVICE.with(language, &[station.phone()]);
            return Banner { tone: Tone::Bad, text };
        }
    };
    Banner { tone, text: text.in_(language) }
}

/// What to do with which card, for who wants to see their own cases.
fn progress_card(station: &Station, language: Language) -> (Say, String) {
    let has_slot = station.takes_social_card();
    let has_reader = station.readiness.card_blocked().is_none();
    let (title, hint) = match (has_slot, has_reader) {
        (true, true) => (words::CARD_OR_CHIP_TITLE, words::CARD_OR_CHIP_HINT),
        (true, false) => (words::CHIP_ONLY_TITLE, words::CHIP_ONLY_HINT),
        (false, _) => (words::CARD_TITLE, words::CARD_HINT),
    };
    (title, hint.in_(language))
}

pub(super) fn card(
    station: &Station,
    purpose: Purpose,
    trouble: Option<CardTrouble>,
    language: Language,
) -> Body {
    let (title, hint) = match purpose {
        Purpose::Guardian => {
            let age = application(station).matter.alone_from_age.to_string();
            let hint = words::CARD_GUARDIAN_HINT.with(language, &[&age]);
            (words::CARD_GUARDIAN_TITLE, hint)
        }
        Purpose::Progress => progress_card(station, language),
        Purpose::Applicant | Purpose::Collect => {
            (words::CARD_TITLE, words::CARD_HINT.in_(language))
        }
    };
    let trouble = trouble.map(|why| card_trouble(station, why, language)).or_else(|| {
        let is_used = station.takes_social_card() && station.is_slot_used();
        is_used.then(|| Banner { tone: Tone::Care, text: words::CHIP_USED.in_(language) })
    });
    let say = format!("{} {hint}", title.str(language));
    let stage = Stage::Card {
        title: title.in_(language),
        hint,
        picture: if title == words::CHIP_ONLY_TITLE {
            DevicePicture::CardSlot
        } else {
            DevicePicture::IdReader
        },
        trouble,
        other: Some(action(words::NO_CARD, language, Intent::NoCard)),
    };
    Body { left: back(language), step: card_step(purpose), ..Body::new(stage, say) }
}

pub(super) fn no_card(station: &Station, purpose: Purpose, language: Language) -> Body {
    let title = words::NO_CARD_TITLE.in_(language);
    let mut facts = office_facts(station, language);
    let other = words::NO_CARD_PROGRESS.in_(language);
    facts.insert(0, fact(words::INSTEAD, other, language));
    let body = message(Tone::Info, title, words::NO_CARD_BODY.in_(language), facts);
    Body {
        left: back(language),
        right: next(words::DONE_LEAVE, language),
        step: card_step(purpose),
        ..body
    }
}

const fn keys(kind: Option<FieldKind>) -> (Keys, u16) {
    match kind {
        Some(FieldKind::Mobile) => (Keys::Digits, 11),
        Some(FieldKind::IdNumber) => (Keys::IdNumber, 18),
        Some(FieldKind::SocialCreditCode) => (Keys::Letters, 18),
        Some(FieldKind::Digits) | None => (Keys::Digits, 60),
        Some(FieldKind::Letters) => (Keys::Letters, 60),
    }
}

fn field_error(field: &Field, why: &Unfit, language: Language) -> String {
    match (why, &field.fix) {
        (Unfit::Missing, _) => words::MISSING_FIELD.in_(language),
        (_, Some(fix)) => words::of(fix, language),
        (_, None) => words::MISSING_FIELD.in_(language),
    }
}

fn field_view(
    application: &Application,
    field: &Field,
    focus: Option<&str>,
    language: Language,
) -> FieldView {
    let error = application.flagged.get(&field.id);
    let (keys, most) = keys(field.kind);
    let placeholder = field.placeholder.as_ref().map(|text| words::of(text, language));
    FieldView {
        id: field.id.clone(),
        label: words::of(&field.label, language),
        value: application.typed_value(&field.id).to_owned(),
        placeholder: placeholder.unwrap_or_default(),
        error: error.map(|why| field_error(field, why, language)).unwrap_or_default(),
        keys,
        focused: focus == Some(&field.id),
        secret: false,
        max_chars: if field.max > 0 { field.max } else { most },
    }
}

/// Facts from the chip: the number is shown masked, it cannot be changed here.
fn chip_facts(application: &Application, language: Language) -> Vec<Fact> {
    let plan = application.matter.plan(&application.answers);
    let chip = plan.fields.into_iter().filter(|field| field.chip.is_some());
    chip.map(|field| field_fact(application, field, language)).collect()
}

/// A field as it is filed; the card's number masked, for it cannot be changed here.
pub(super) fn field_fact(application: &Application, field: &Field, language: Language) -> Fact {
    let value = application.value_of(field);
    let value = match field.chip {
        Some(ChipFact::Number) => mask::id_number(value.expose()),
        Some(ChipFact::Birth) => date(value.expose()),
        Some(ChipFact::Name | ChipFact::Sex | ChipFact::Address) | None => value.expose().clone(),
    };
    Fact { label: words::of(&field.label, language), value }
}

/// On a clock nobody vouches for, a card that has just run out looks like one that has not.
fn not_dated(now: Now, language: Language) -> Option<Banner> {
    let unknown = now.quality == ClockQuality::Unknown;
    unknown.then(|| Banner { tone: Tone::Care, text: words::CARD_NOT_DATED.in_(language) })
}

pub(super) fn form(station: &Station, focus: Option<&str>, language: Language, now: Now) -> Body {
    let application = application(station);
    let fields: Vec<FieldView> = application
        .typed_fields()
        .into_iter()
        .map(|field| field_view(application, field, focus, language))
        .collect();
    let hint = if fields.is_empty() { words::FORM_HINT_CHIP } else { words::FORM_HINT_TYPED };
    let stage = Stage::Form {
        title: words::FORM_TITLE.in_(language),
        facts: chip_facts(application, language),
        fields,
        hint: hint.in_(language),
    };
    Body {
        left: leave(language),
        right: next(words::NEXT, language),
        step: Some((3, words::STEP_FORM)),
        banner: not_dated(now, language),
        ..Body::new(stage, spoken(&[words::FORM_TITLE, hint], language))
    }
}

pub(super) const CONTACT_WAYS: [(&str, ContactWay, Say); 4] = [
    ("own_mobile", ContactWay::OwnMobile, words::CONTACT_OWN),
    ("other_mobile", ContactWay::OtherMobile, words::CONTACT_OTHER),
    ("post", ContactWay::Post, words::CONTACT_POST),
    ("come_back", ContactWay::ComeBack, words::CONTACT_COME),
];

pub(super) fn contact(station: &Station, language: Language) -> Body {
    let chosen = application(station).way;
    let stage = Stage::Choose {
        title: words::CONTACT_TITLE.in_(language),
        help: words::CONTACT_HELP.in_(language),
        choices: CONTACT_WAYS
            .iter()
            .map(|(id, way, text)| Choice {
                chosen: chosen == Some(*way),
                ..choice(id, text.in_(language), String::new())
            })
            .collect(),
        note: String::new(),
    };
    Body {
        left: back(language),
        step: Some((3, words::STEP_FORM)),
        ..Body::new(stage, spoken(&[words::CONTACT_TITLE, words::CONTACT_HELP], language))
    }
}

pub(super) fn mobile(station: &Station, language: Language) -> Body {
    let application = application(station);
    let error = if application.mobile_flagged { words::MOBILE_FIX.str(language) } else { "" };
    let field = FieldView {
        id: "mobile".to_owned(),
        label: words::MOBILE_LABEL.in_(language),
        value: application.mobile.expose().clone(),
        placeholder: String::new(),
        error: error.to_owned(),
        keys: Keys::Digits,
        focused: true,
        secret: false,
        max_chars: 11,
    };
    let stage = Stage::Form {
        title: words::MOBILE_TITLE.in_(language),
        facts: Vec::new(),
        fields: vec![field],
        hint: String::new(),
    };
    Body {
        left: back(language),
        right: next(words::NEXT, language),
        step: Some((3, words::STEP_FORM)),
        ..Body::new(stage, words::MOBILE_TITLE.in_(language))
    }
}

pub(super) const fn delivery_text(way: DeliveryWay) -> (&'static str, Say) {
    match way {
        DeliveryWay::Locker => ("locker", words::DELIVERY_LOCKER),
        DeliveryWay::Window => ("window", words::DELIVERY_WINDOW),
        DeliveryWay::Post => ("post", words::DELIVERY_POST),
    }
}

pub(super) fn delivery(station: &Station, language: Language) -> Body {
    let application = application(station);
    let choices = station.delivery_ways().into_iter().map(|way| {
        let (id, text) = delivery_text(way);
        let chosen = application.delivery == Some(way);
        Choice { chosen, ..choice(id, text.in_(language), String::new()) }
    });
    let stage = Stage::Choose {
        title: words::DELIVERY_TITLE.in_(language),
        help: words::DELIVERY_HELP.in_(language),
        choices: choices.collect(),
        note: String::new(),
    };
    Body {
        left: back(language),
        step: Some((3, words::STEP_FORM)),
        ..Body::new(stage, spoken(&[words::DELIVERY_TITLE, words::DELIVERY_HELP], language))
    }
}

/// The state of a capture page.
pub(super) struct Shot<'a> {
    pub pending: bool,
    pub taken: Option<&'a FiledScan>,
    pub trouble: Option<CaptureTrouble>,
}

fn finding(tone: Tone, what: Say, fix: Say, language: Language) -> Finding {
    Finding { tone, what: what.in_(language), fix: fix.in_(language) }
}

fn picture_finding(quality: camera::Quality, language: Language) -> Finding {
    match filing_finding::find(quality) {
        None => finding(Tone::Good, words::FOUND_OK, words::FOUND_OK_FIX, language),
        Some(PictureFinding::Dark) => {
            finding(Tone::Care, words::FOUND_DARK, words::FOUND_DARK_FIX, language)
        }
        Some(PictureFinding::Bright) => {
            finding(Tone::Care, words::FOUND_BRIGHT, words::FOUND_BRIGHT_FIX, language)
        }
        Some(PictureFinding::Blurred) => {
            finding(Tone::Care, words::FOUND_BLURRED, words::FOUND_BLURRED_FIX, language)
        }
    }
}

fn trouble_finding(trouble: CaptureTrouble, language: Language) -> Finding {
    match trouble {
        CaptureTrouble::Camera(camera::Fault::NothingThere) => {
            finding(Tone::Care, words::FOUND_NOTHING, words::FOUND_NOTHING_FIX, language)
        }
        CaptureTrouble::Camera(camera::Fault::Missing | camera::Fault::BadPicture) => {
            finding(Tone::Bad, words::FOUND_CAMERA, words::FOUND_CAMERA_FIX, language)
        }
        CaptureTrouble::NoRoom => {
            finding(Tone::Bad, words::FOUND_NO_ROOM, words::FOUND_NO_ROOM_FIX, language)
        }
    }
}

pub(super) fn capture(
    station: &Station,
    at: usize,
    page: u16,
    shot: &Shot<'_>,
    language: Language,
) -> Body {
    let application = application(station);
    let materials = application.captured_materials();
    let material = materials[at];
    let title = words::of(&material.name, language);
    let quality = shot.taken.map(|taken| taken.scan.quality);
    let shutter = if shot.taken.is_some() { words::SHOOT_AGAIN } else { words::SHOOT };
    let findings = quality
        .map(|quality| picture_finding(quality, language))
        .into_iter()
        .chain(shot.trouble.map(|trouble| trouble_finding(trouble, language)))
        .collect();
    let good = quality.is_some_and(|quality| filing_finding::find(quality).is_none());
    let keep = if good { words::USE_PICTURE } else { words::USE_ANYWAY };
    let counted =
        words::CAPTURE_PAGE.with(language, &[&page.to_string(), &material.pages.to_string()]);
    let hint = if shot.pending { words::CAPTURING } else { words::CAPTURE_HINT };
    let say = format!("{title} {}", hint.str(language));
    let stage = Stage::Capture {
        title,
        hint: hint.in_(language),
        counted,
        image: shot.taken.map(|taken| taken.image),
        findings,
        shutter: Action { enabled: !shot.pending, ..action(shutter, language, Intent::Shoot) },
    };
    Body {
        left: back(language),
        right: shot.taken.and_then(|_| next(keep, language)),
        step: Some((4, words::STEP_MATERIALS)),
        timeout: if shot.pending { TimeoutClass::Held } else { TimeoutClass::Long },
        ..Body::new(stage, say)
    }
}

/// First twelve digits of the page's hash in groups of four: enough to compare by eye.
fn fingerprint(page: &Digest32) -> String {
    let hex = page.to_string();
    let digits: Vec<char> = hex.chars().take(12).collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Who has the pad now, and the button for when they have signed.
fn signer_now(application: &Application, n_signed: usize, language: Language) -> (String, Say) {
    let signers = application.signers();
    let name = signers.get(n_signed).map_or("", |signer| signer.name.expose().as_str());
    if signers.len() == 1 {
        return (words::SIGNER.with(language, &[name]), words::SIGN_NEXT);
    }
    let (at, of) = (n_signed + 1, signers.len());
    let signer = words::SIGNER_NOW.with(language, &[name, &at.to_string(), &of.to_string()]);
    (signer, if at == of { words::SIGN_NEXT } else { words::SIGN_NEXT_PERSON })
}

pub(super) fn sign(
    station: &Station,
    page: &Digest32,
    n_signed: usize,
    asked_again: bool,
    language: Language,
) -> Body {
    let (signer, done) = signer_now(application(station), n_signed, language);
    let title = words::SIGN_TITLE.str(language);
    let in_turn = application(station).signers().len() > 1;
    let say = if in_turn { format!("{title} {signer}") } else { title.to_owned() };
    let stage = Stage::Sign {
        title: words::SIGN_TITLE.in_(language),
        statement: words::SIGN_STATEMENT.with(language, &[&fingerprint(page)]),
        signer,
        has_ink: false,
        clear: action(words::CLEAR, language, Intent::ClearSignature),
    };
    let text = words::SIGN_TOO_SHORT.in_(language);
    Body {
        left: back(language),
        right: Some(action(done, language, Intent::Signed(Vec::new()))),
        step: Some((5, words::STEP_SIGN)),
        banner: asked_again.then_some(Banner { tone: Tone::Care, text }),
        ..Body::new(stage, say)
    }
}

pub(super) fn not_taken(station: &Station, why: NotTaken, language: Language) -> Body {
    let title = words::SEALING_FAILED_TITLE.in_(language);
    let text = match why {
        NotTaken::Full => words::SEALING_FAILED_BODY,
        NotTaken::NoNumbers => words::NO_NUMBER_BODY,
    };
    let text = text.in_(language);
    let facts = vec![phone_fact(station, language)];
    let body = message(Tone::Bad, title, text, facts);
    Body { right: next(words::DONE_LEAVE, language), ..body }
}
