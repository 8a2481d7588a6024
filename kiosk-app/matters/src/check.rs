//! What a matter must keep so that the station can offer it; every problem names its place.

use std::{collections::BTreeSet, fmt};

use crate::{How, Matter};

/// One reason why a matter is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    Duplicate {
        kind: &'static str,
        id: String,
    },
    /// A condition names a question or an answer that does not exist.
    UnknownAnswer {
        at: String,
        condition: String,
    },
    NoOptions {
        situation: String,
    },
    /// A field is neither filled from the card nor typed, or both.
    FieldSource {
        field: String,
    },
    FieldLength {
        field: String,
    },
    NoDelivery,
    NoForm,
    /// An original without a size of cell, or a size for something that goes into none.
    Cell {
        material: String,
    },
    EmptyText {
        at: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { kind, id } => write!(f, "{kind} \"{id}\" is there twice"),
            Self::UnknownAnswer { at, condition } => {
                write!(f, "{at}: expected \"question=answer\" of this matter, got \"{condition}\"")
            }
            Self::NoOptions { situation } => {
                write!(f, "situation \"{situation}\": expected at least two options")
            }
            Self::FieldSource { field } => {
                write!(f, "field \"{field}\": expected exactly one of `chip` and `kind`")
            }
            Self::FieldLength { field } => {
                write!(f, "field \"{field}\": expected 1 <= min <= max <= 60")
            }
            Self::NoDelivery => f.write_str("delivery: expected at least one way"),
            Self::Cell { material } => write!(
                f,
                "material \"{material}\": expected `cell` (a4, a4_thick or a3) if how = \"original\", \
                 and only then"
            ),
            Self::NoForm => f.write_str("expected one material with how = \"form\""),
            Self::EmptyText { at } => write!(f, "{at}: a text is empty in one language"),
        }
    }
}

pub(crate) fn problems(matter: &Matter) -> Vec<Problem> {
    let mut found = Vec::new();
    duplicates("situation", matter.situations.iter().map(|s| &s.id), &mut found);
    duplicates("material", matter.materials.iter().map(|m| &m.id), &mut found);
    duplicates("field", matter.fields.iter().map(|x| &x.id), &mut found);
    for situation in &matter.situations {
        duplicates("option", situation.options.iter().map(|o| &o.id), &mut found);
        if situation.options.len() < 2 {
            found.push(Problem::NoOptions { situation: situation.id.clone() });
        }
    }
    conditions(matter, &mut found);
    fields(matter, &mut found);
    if matter.delivery.is_empty() {
        found.push(Problem::NoDelivery);
    }
    if !matter.materials.iter().any(|material| material.how == How::Form) {
        found.push(Problem::NoForm);
    }
    for material in &matter.materials {
        if (material.how == How::Original) != material.cell.is_some() {
            found.push(Problem::Cell { material: material.id.clone() });
        }
    }
    texts(matter, &mut found);
    found
}

fn duplicates<'a>(
    kind: &'static str,
    ids: impl Iterator<Item = &'a String>,
    found: &mut Vec<Problem>,
) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            found.push(Problem::Duplicate { kind, id: id.clone() });
        }
    }
}

fn conditions(matter: &Matter, found: &mut Vec<Problem>) {
    let known: BTreeSet<String> = matter
        .situations
        .iter()
        .flat_map(|s| s.options.iter().map(move |o| format!("{}={}", s.id, o.id)))
        .collect();
    let materials = matter.materials.iter().map(|m| (&m.id, &m.when));
    let fields = matter.fields.iter().map(|x| (&x.id, &x.when));
    for (id, when) in materials.chain(fields) {
        for condition in when.iter().filter(|condition| !known.contains(*condition)) {
            found.push(Problem::UnknownAnswer { at: id.clone(), condition: condition.clone() });
        }
    }
}

fn fields(matter: &Matter, found: &mut Vec<Problem>) {
    for field in &matter.fields {
        if field.chip.is_some() == field.kind.is_some() {
            found.push(Problem::FieldSource { field: field.id.clone() });
        }
        let typed = field.kind.is_some();
        if typed && !(1 <= field.min && field.min <= field.max && field.max <= 60) {
            found.push(Problem::FieldLength { field: field.id.clone() });
        }
    }
}

fn texts(matter: &Matter, found: &mut Vec<Problem>) {
    let mut check = |at: &str, text: &crate::Text| {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            found.push(Problem::EmptyText { at: at.to_owned() });
        }
    };
    check("name", &matter.name);
    check("short", &matter.short);
    for situation in &matter.situations {
        check(&situation.id, &situation.ask);
        for option in &situation.options {
            check(&option.id, &option.label);
        }
    }
    for material in &matter.materials {
        check(&material.id, &material.name);
        check(&material.id, &material.note);
    }
    for field in &matter.fields {
        check(&field.id, &field.label);
    }
}
