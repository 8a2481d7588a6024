//! What a person finds on the glass: the labels that can be touched and the texts that can be read.

use kiosk_core::view::{Action, Choice, Fact, FieldView, Intent, PaperLine, Stage, View};

/// Something that can be touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub label: String,
    pub intent: Intent,
    pub enabled: bool,
}

fn target(action: &Action) -> Target {
    Target { label: action.label.clone(), intent: action.intent.clone(), enabled: action.enabled }
}

fn row(choice: &Choice) -> Target {
    Target {
        label: choice.title.clone(),
        intent: Intent::Choose(choice.id.clone()),
        enabled: choice.enabled,
    }
}

/// Everything that can be touched: the sheet alone while there is one.
pub fn targets(view: &View) -> Vec<Target> {
    if let Some(sheet) = &view.sheet {
        return vec![target(&sheet.yes), target(&sheet.no)];
    }
    let mut all = stage_targets(&view.stage);
    all.extend(view.right.iter().chain(&view.left).chain(&view.top.buttons).map(target));
    all
}

fn stage_targets(stage: &Stage) -> Vec<Target> {
    match stage {
        Stage::Attract { invitation, .. } => {
            vec![Target { label: invitation.clone(), intent: Intent::Wake, enabled: true }]
        }
        Stage::Home { verbs, services, .. } => {
            let tiles = verbs.iter().map(|tile| Target {
                label: tile.title.clone(),
                intent: Intent::Choose(tile.id.clone()),
                enabled: tile.enabled,
            });
            tiles.chain(services.iter().map(row)).collect()
        }
        Stage::Choose { choices, .. } => choices.iter().map(row).collect(),
        Stage::Card { other, .. } => other.iter().map(target).collect(),
        Stage::Form { fields, .. } => fields
            .iter()
            .map(|field| Target {
                label: field.label.clone(),
                intent: Intent::FieldFocused(field.id.clone()),
                enabled: true,
            })
            .collect(),
        Stage::Capture { shutter, .. } => vec![target(shutter)],
        Stage::Check { sections, .. } => {
            sections.iter().filter_map(|section| section.edit.as_ref()).map(target).collect()
        }
        Stage::Sign { clear, .. } => vec![target(clear)],
        Stage::Door { other, .. } => other.iter().map(target).collect(),
        Stage::CaseDetail { acts, .. } => acts.iter().map(target).collect(),
        Stage::Materials { .. }
        | Stage::Notice { .. }
        | Stage::Wait { .. }
        | Stage::Receipt { .. }
        | Stage::Paper { .. }
        | Stage::Message { .. } => Vec::new(),
    }
}

/// Every text on the glass, the spoken one included.
pub fn texts(view: &View) -> Vec<String> {
    let mut all = vec![view.top.title.clone(), view.top.connection_text.clone(), view.say.clone()];
    all.extend(view.top.remaining.clone());
    all.extend(view.steps.iter().flat_map(|s| [s.counted.clone(), s.name.clone()]));
    all.extend(view.banner.iter().map(|banner| banner.text.clone()));
    all.extend(view.sheet.iter().flat_map(|sheet| [sheet.title.clone(), sheet.body.clone()]));
    all.extend(targets(view).into_iter().map(|target| target.label));
    all.extend(stage_texts(&view.stage));
    all
}

fn facts(rows: &[Fact]) -> impl Iterator<Item = String> {
    rows.iter().flat_map(|fact| [fact.label.clone(), fact.value.clone()])
}

fn choices(rows: &[Choice]) -> impl Iterator<Item = String> {
    rows.iter().flat_map(|row| [row.title.clone(), row.note.clone(), row.aside.clone()])
}

#[expect(clippy::too_many_lines, reason = "one arm for each page")]
fn stage_texts(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    match stage {
        Stage::Attract { headline, invitation, lines } => {
            all.extend([headline.clone(), invitation.clone()]);
            all.extend(lines.iter().cloned());
        }
        Stage::Home { title, verbs, services_title, services, note } => {
            all.extend([title.clone(), services_title.clone(), note.clone()]);
            all.extend(verbs.iter().flat_map(|tile| [tile.title.clone(), tile.note.clone()]));
            all.extend(choices(services));
        }
        Stage::Choose { title, help, choices: rows, note } => {
            all.extend([title.clone(), help.clone(), note.clone()]);
            all.extend(choices(rows));
        }
        Stage::Materials { title, rows, facts: told, note } => {
            all.extend([title.clone(), note.clone()]);
            all.extend(
                rows.iter()
                    .flat_map(|row| [row.mark_text.clone(), row.title.clone(), row.note.clone()]),
            );
            all.extend(facts(told));
        }
        Stage::Notice { title, paragraphs } => {
            all.push(title.clone());
            all.extend(paragraphs.iter().cloned());
        }
        Stage::Card { title, hint, picture: _, trouble, other } => {
            all.extend([title.clone(), hint.clone()]);
            all.extend(other.iter().map(|other| other.label.clone()));
            all.extend(trouble.iter().map(|banner| banner.text.clone()));
        }
        Stage::Form { title, facts: told, fields, hint } => {
            all.extend([title.clone(), hint.clone()]);
            all.extend(facts(told));
            all.extend(fields.iter().flat_map(field_texts));
        }
        Stage::Capture { title, hint, counted, image: _, findings, shutter } => {
            all.extend([title.clone(), hint.clone(), counted.clone(), shutter.label.clone()]);
            all.extend(findings.iter().flat_map(|f| [f.what.clone(), f.fix.clone()]));
        }
        Stage::Check { title, note, sections } => {
            all.extend([title.clone(), note.clone()]);
            for section in sections {
                all.push(section.title.clone());
                all.extend(facts(&section.facts));
            }
        }
        Stage::Sign { title, statement, signer, has_ink: _, clear } => {
            all.extend([title.clone(), statement.clone(), signer.clone(), clear.label.clone()]);
        }
        Stage::Wait { title, detail } => all.extend([title.clone(), detail.clone()]),
        Stage::Receipt { title, number, qr: _, states, facts: told, received, note } => {
            all.extend([title.clone(), number.clone(), note.clone()]);
            all.extend(states.iter().flat_map(|line| [line.label.clone(), line.value.clone()]));
            all.extend(facts(told));
            all.extend(received.iter().cloned());
        }
        Stage::Door { title, hint, number, size, trouble, .. } => {
            all.extend([title.clone(), hint.clone(), number.clone(), size.clone()]);
            all.extend(trouble.iter().map(|banner| banner.text.clone()));
        }
        Stage::Paper { title, lines, note } => {
            all.extend([title.clone(), note.clone()]);
            all.extend(lines.iter().filter_map(|line| match line {
                PaperLine::Text { text, .. } | PaperLine::Qr(text) => Some(text.clone()),
                PaperLine::Rule | PaperLine::Gap(_) => None,
            }));
        }
        Stage::CaseDetail { title, number, states, history, note, acts: _ } => {
            all.extend([title.clone(), number.clone(), note.clone()]);
            let lines = states.iter().chain(history);
            all.extend(lines.flat_map(|line| [line.label.clone(), line.value.clone()]));
        }
        Stage::Message { tone: _, title, body, facts: told, code } => {
            all.extend([title.clone(), body.clone(), code.clone()]);
            all.extend(facts(told));
        }
    }
    all
}

fn field_texts(field: &FieldView) -> [String; 4] {
    [field.label.clone(), field.value.clone(), field.placeholder.clone(), field.error.clone()]
}

/// A short name of the page for messages of a test.
pub fn page(view: &View) -> String {
    let stage = match &view.stage {
        Stage::Attract { .. } => "Attract",
        Stage::Home { .. } => "Home",
        Stage::Choose { title, .. } => return format!("Choose 「{title}」{}", sheet(view)),
        Stage::Materials { .. } => "Materials",
        Stage::Notice { .. } => "Notice",
        Stage::Card { .. } => "Card",
        Stage::Form { title, .. } => return format!("Form 「{title}」{}", sheet(view)),
        Stage::Capture { title, .. } => return format!("Capture 「{title}」{}", sheet(view)),
        Stage::Check { .. } => "Check",
        Stage::Sign { .. } => "Sign",
        Stage::Wait { title, .. } => return format!("Wait 「{title}」"),
        Stage::Receipt { .. } => "Receipt",
        Stage::CaseDetail { .. } => "CaseDetail",
        Stage::Door { title, .. } => return format!("Door 「{title}」{}", sheet(view)),
        Stage::Paper { .. } => "Paper",
        Stage::Message { title, .. } => return format!("Message 「{title}」{}", sheet(view)),
    };
    format!("{stage}{}", sheet(view))
}

fn sheet(view: &View) -> String {
    view.sheet.as_ref().map(|sheet| format!(" + 「{}」", sheet.title)).unwrap_or_default()
}
