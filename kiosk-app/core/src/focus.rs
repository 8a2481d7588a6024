//! Where the keys of the keypad can stand on a page, in which order, and what is spoken there.
//!
//! It reads a finished view and decides nothing about it: whoever sees the page and whoever hears
//! it are told the same. Where the keys stand now is decided by [`crate::keys`].
//!
//! ```text
//!  a sheet alone, else:  stage ─► caps of the field that is typed into ─► right ─► left ─► top bar
//! ```

use crate::{
    view::{
        Action, Banner, Cap, Choice, Control, Fact, FieldView, Intent, Keys, Language, MaterialRow,
        PaperLine, Section, Stage, StateLine, Tile, Typed, View,
    },
    words,
};

/// Something that the keys can stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The accessible label of the control.
    pub label: String,
    /// The label, what belongs to it, and how it stands.
    pub say: String,
    pub control: Control,
}

const PAD: [&str; 3] = ["123", "456", "789"];
/// Small letters, digits and signs, capitals: the keyboard shows one layer at a time, the keys go
/// through all of them.
const KEYBOARD: [&str; 10] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    " ",
    "1234567890",
    "-/:()@#&+",
    ".,?!'_*",
    "QWERTYUIOP",
    "ASDFGHJKL",
    "ZXCVBNM",
];
/// The row of the keyboard that ends with the cap that erases.
const ERASE_ROW: u8 = 2;
/// Fields as short as this hold codes.
const CODE_CHARS_MAX: u16 = 8;

/// All stops of a page.
pub fn stops(view: &View) -> Vec<Stop> {
    let language = view.look.language;
    if let Some(sheet) = &view.sheet {
        return vec![button(&sheet.yes, language), button(&sheet.no, language)];
    }
    let actions = view.right.iter().chain(&view.left).chain(&view.top.buttons);
    let mut stops = in_stage(&view.stage, language);
    stops.extend(actions.map(|action| button(action, language)));
    stops
}

fn in_stage(stage: &Stage, language: Language) -> Vec<Stop> {
    let buttons = |actions: &mut dyn Iterator<Item = &Action>| {
        actions.map(|action| button(action, language)).collect::<Vec<_>>()
    };
    match stage {
        Stage::Home { verbs, services, .. } => {
            let tiles = verbs.iter().map(|tile| of_tile(tile, language));
            tiles.chain(services.iter().map(|choice| of_choice(choice, language))).collect()
        }
        Stage::Choose { choices, .. } => {
            choices.iter().map(|choice| of_choice(choice, language)).collect()
        }
        Stage::Form { fields, .. } => {
            let typed_into = fields.iter().find(|field| field.focused);
            let caps = typed_into.map(|field| caps(field.keys, language)).unwrap_or_default();
            fields.iter().map(|field| of_field(field, language)).chain(caps).collect()
        }
        Stage::Card { other, .. } | Stage::Door { other, .. } => buttons(&mut other.iter()),
        Stage::Capture { shutter, .. } => vec![button(shutter, language)],
        Stage::Check { sections, .. } => {
            buttons(&mut sections.iter().filter_map(|section| section.edit.as_ref()))
        }
        Stage::Sign { clear, .. } => vec![button(clear, language)],
        Stage::CaseDetail { acts, .. } => buttons(&mut acts.iter()),
        Stage::Attract { .. }
        | Stage::Materials { .. }
        | Stage::Notice { .. }
        | Stage::Wait { .. }
        | Stage::Receipt { .. }
        | Stage::Paper { .. }
        | Stage::Message { .. } => Vec::new(),
    }
}

fn pressable(
    label: &str,
    intent: Intent,
    parts: &[&str],
    enabled: bool,
    language: Language,
) -> Stop {
    let state = if enabled { "" } else { words::keypad::OFF.str(language) };
    let parts = std::iter::once(label).chain(parts.iter().copied()).chain([state]);
    Stop {
        label: label.to_owned(),
        say: joined(parts, language),
        control: Control::Button { intent, enabled },
    }
}

fn button(action: &Action, language: Language) -> Stop {
    pressable(&action.label, action.intent.clone(), &[], action.enabled, language)
}

fn of_tile(tile: &Tile, language: Language) -> Stop {
    let intent = Intent::Choose(tile.id.clone());
    pressable(&tile.title, intent, &[&tile.note], tile.enabled, language)
}

fn of_choice(choice: &Choice, language: Language) -> Stop {
    let intent = Intent::Choose(choice.id.clone());
    let chosen = if choice.chosen { words::keypad::CHOSEN.str(language) } else { "" };
    pressable(
        &choice.title,
        intent,
        &[&choice.note, &choice.aside, chosen],
        choice.enabled,
        language,
    )
}

fn of_field(field: &FieldView, language: Language) -> Stop {
    let filled = match field.value.chars().count() {
        0 => words::keypad::FIELD_EMPTY.in_(language),
        n if is_code(field) => words::keypad::FIELD_FILLED.with(language, &[&n.to_string()]),
        _ => field.value.clone(),
    };
    Stop {
        label: field.label.clone(),
        say: joined([field.label.as_str(), &filled, &field.error], language),
        control: Control::Field(field.id.clone()),
    }
}

/// A PIN, a pick-up code, a number of a person: of what is typed only how much it is, for who knows
/// what is plugged into the jack.
pub(crate) fn is_code(field: &FieldView) -> bool {
    field.secret || field.max_chars <= CODE_CHARS_MAX || field.keys == Keys::IdNumber
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, language: Language) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(match language {
        Language::Chinese => "，",
        Language::English => ", ",
    })
}

// ---- caps ----

fn caps(keys: Keys, language: Language) -> Vec<Stop> {
    let caps = match keys {
        Keys::Digits | Keys::IdNumber => {
            let x = (keys == Keys::IdNumber).then_some(Cap {
                types: Typed::Char('X'),
                row: 3,
                column: 0,
            });
            let last = [Cap { types: Typed::Char('0'), row: 3, column: 1 }, erase(3, 2)];
            rows(&PAD).into_iter().chain(x).chain(last).collect()
        }
        Keys::Letters => {
            let mut caps = rows(&KEYBOARD);
            let at = caps.iter().position(|cap| cap.row > ERASE_ROW).unwrap_or(caps.len());
            caps.insert(at, erase(ERASE_ROW, 9));
            caps
        }
    };
    caps.into_iter().map(|cap| of_cap(cap, language)).collect()
}

const fn erase(row: u8, column: u8) -> Cap {
    Cap { types: Typed::Erase, row, column }
}

fn rows(rows: &[&str]) -> Vec<Cap> {
    let mut caps = Vec::new();
    for (row, chars) in (0_u8..).zip(rows) {
        let cap = |(column, char)| Cap { types: Typed::Char(char), row, column };
        caps.extend((0_u8..).zip(chars.chars()).map(cap));
    }
    caps
}

fn of_cap(cap: Cap, language: Language) -> Stop {
    let label = match cap.types {
        Typed::Erase => words::keypad::ERASE.in_(language),
        Typed::Char(' ') => words::keypad::SPACE.in_(language),
        Typed::Char(char) if char.is_ascii_uppercase() && cap.row > ERASE_ROW + 1 => {
            words::keypad::CAPITAL.with(language, &[&char.to_string()])
        }
        Typed::Char(char) => char.to_string(),
    };
    Stop { say: label.clone(), label, control: Control::Cap(cap) }
}

/// Other things to touch, or a banner that came, went or grew: then they lie elsewhere. What is
/// typed and what a form says of it moves nothing.
pub(crate) fn targets_moved(shown: &View, view: &View) -> bool {
    let other_page = std::mem::discriminant(&shown.stage) != std::mem::discriminant(&view.stage);
    let is_list = matches!(view.stage, Stage::Home { .. } | Stage::Choose { .. });
    let other_list = is_list && shown.stage != view.stage;
    let labels = |view| stops(view).into_iter().map(|stop| stop.label);
    let other_stops = !labels(shown).eq(labels(view));
    other_page || other_list || other_stops || shown.banner != view.banner
}

// ---- the page as a whole ----

/// What is spoken when a page appears: the sentence of the view, and what a person reads on it who
/// sees it. Buttons and fields are spoken when the keys come to them.
pub fn page_words(view: &View) -> String {
    if let Stage::Attract { lines, .. } = &view.stage {
        let banner = view.banner.iter().map(|banner| banner.text.as_str());
        let any = [words::keypad::ANY.str(view.look.language)];
        let lines = lines.iter().map(String::as_str);
        return banner.chain(any).chain(lines).collect::<Vec<_>>().join("\n");
    }
    let mut text = view.say.clone();
    let told = if view.sheet.is_none() { told(&view.stage) } else { Vec::new() };
    for part in told {
        if !part.is_empty() && !text.contains(&part) {
            text.push('\n');
            text.push_str(&part);
        }
    }
    text
}

fn told(stage: &Stage) -> Vec<String> {
    match stage {
        // Said by `page_words` itself: a listener has keys and no finger on the screen.
        Stage::Attract { .. } => Vec::new(),
        Stage::Home { note, .. } | Stage::Wait { detail: note, .. } => vec![note.clone()],
        Stage::Choose { help, note, .. } => vec![help.clone(), note.clone()],
        Stage::Materials { rows, facts, note, .. } => {
            let row =
                |row: &MaterialRow| pair(&row.title, &format!("{} {}", row.mark_text, row.note));
            chained([rows.iter().map(row).collect(), of_facts(facts), vec![note.clone()]])
        }
        Stage::Notice { title, paragraphs } => chained([vec![title.clone()], paragraphs.clone()]),
        Stage::Card { hint, trouble, .. } => vec![hint.clone(), of_trouble(trouble.as_ref())],
        Stage::Form { facts, fields, hint, .. } => {
            let wrong = fields.iter().filter(|field| !field.error.is_empty());
            let wrong = wrong.map(|field| pair(&field.label, &field.error)).collect();
            chained([wrong, of_facts(facts), vec![hint.clone()]])
        }
        Stage::Capture { hint, counted, findings, .. } => {
            let findings = findings.iter().map(|one| pair(&one.what, &one.fix)).collect();
            chained([vec![hint.clone(), counted.clone()], findings])
        }
        Stage::Check { note, sections, .. } => {
            let of = |section: &Section| {
                chained([vec![section.title.clone()], of_facts(&section.facts)])
            };
            chained([sections.iter().flat_map(of).collect(), vec![note.clone()]])
        }
        Stage::Sign { statement, signer, .. } => vec![signer.clone(), statement.clone()],
        Stage::Receipt { number, states, facts, received, note, .. } => chained([
            vec![number.clone()],
            of_states(states),
            of_facts(facts),
            received.clone(),
            vec![note.clone()],
        ]),
        Stage::Door { hint, number, size, trouble, .. } => {
            vec![hint.clone(), pair(number, size), of_trouble(trouble.as_ref())]
        }
        Stage::Paper { lines, note, .. } => {
            chained([lines.iter().filter_map(of_line).collect(), vec![note.clone()]])
        }
        Stage::CaseDetail { number, states, history, note, .. } => chained([
            vec![number.clone()],
            of_states(states),
            of_states(history),
            vec![note.clone()],
        ]),
        Stage::Message { body, facts, .. } => chained([vec![body.clone()], of_facts(facts)]),
    }
}

fn chained<const N: usize>(parts: [Vec<String>; N]) -> Vec<String> {
    parts.into_iter().flatten().collect()
}

fn pair(label: &str, value: &str) -> String {
    format!("{label} {value}").trim().to_owned()
}

fn of_facts(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(|fact| pair(&fact.label, &fact.value)).collect()
}

fn of_states(lines: &[StateLine]) -> Vec<String> {
    lines.iter().map(|line| pair(&pair(&line.label, &line.value), &line.at)).collect()
}

fn of_trouble(trouble: Option<&Banner>) -> String {
    trouble.map(|banner| banner.text.clone()).unwrap_or_default()
}

fn of_line(line: &PaperLine) -> Option<String> {
    match line {
        PaperLine::Text { text, .. } => Some(text.clone()),
        PaperLine::Rule | PaperLine::Qr(_) | PaperLine::Gap(_) => None,
    }
}
