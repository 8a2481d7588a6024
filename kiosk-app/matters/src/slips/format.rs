//! The format of a layout file, and what it must keep.
//!
//! ```toml
//! label_columns = 12          # column in which values begin
//!
//! [[element]]                 # a text; `scale` and `align` are optional
//! text = { zh = "收件凭证", en = "Receipt" }
//! scale = "double"
//! align = "centre"
//! bold = true
//!
//! [[element]]                 # only there if the matter is known
//! when = "matter"             # or `unless`
//! label = { zh = "事项", en = "Matter" }
//! value = { zh = "{matter}", en = "{matter}" }
//!
//! [[element]]
//! list = "received"           # a line per item
//! ```
//! The other elements are `rule = true`, `gap = 1` and `qr = "qr"`. A label that is empty in both
//! languages goes on under the value above.

use std::{collections::BTreeSet, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Align, Body, COLUMNS, Condition, Element, Layout, Layouts, Scale, Style,
    fill::label_fits,
    placeholder::{Need, Placeholder, Shape, Slip},
    template::{Words, expected, of_shape},
};
use crate::Text;

/// More is an accident.
const GAP_MAX: u8 = 5;

/// Which file, where, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {field}: {hint}")]
pub struct BadLayout {
    pub file: String,
    /// From 1; 0 if it is about the whole file.
    pub line: usize,
    pub field: String,
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    label_columns: Spanned<u8>,
    element: Vec<Spanned<RawElement>>,
}

/// One of `text`, `label`, `list`, `qr`, `rule`, `gap` says what it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawElement {
    text: Option<Spanned<Text>>,
    scale: Option<Spanned<Scale>>,
    align: Option<Spanned<Align>>,
    bold: Option<Spanned<bool>>,
    label: Option<Spanned<Text>>,
    value: Option<Spanned<Text>>,
    list: Option<Spanned<String>>,
    qr: Option<Spanned<String>>,
    rule: Option<Spanned<bool>>,
    gap: Option<Spanned<u8>>,
    when: Option<Spanned<String>>,
    unless: Option<Spanned<String>>,
}

/// What is wrong, in which field, where in the text.
struct Problem {
    at: usize,
    field: &'static str,
    hint: String,
}

fn problem<T>(
    at: &Range<usize>,
    field: &'static str,
    hint: impl Into<String>,
) -> Result<T, Problem> {
    Err(Problem { at: at.start, field, hint: hint.into() })
}

pub(super) fn parse(files: &[(&str, &str)]) -> Result<Layouts, BadLayout> {
    for (file, _) in files {
        if !Slip::ALL.iter().any(|slip| is_file_of(file, *slip)) {
            let names = Slip::ALL.map(Slip::file).join(", ");
            return Err(whole(file, format!("expected one of {names}")));
        }
    }
    let one = |slip: Slip| {
        let mut found = files.iter().filter(|(file, _)| is_file_of(file, slip));
        let (file, text) = found
            .next()
            .ok_or_else(|| whole(slip.file(), "expected this file, got none".into()))?;
        if let Some((again, _)) = found.next() {
            return Err(whole(again, format!("expected one {slip}, got two")));
        }
        parse_one(slip, file, text)
    };
    Ok(Layouts {
        receipt: one(Slip::Receipt)?,
        deposit: one(Slip::Deposit)?,
        collection: one(Slip::Collection)?,
    })
}

fn is_file_of(file: &str, slip: Slip) -> bool {
    file.rsplit('/').next() == Some(slip.file())
}

fn whole(file: &str, hint: String) -> BadLayout {
    BadLayout { file: file.to_owned(), line: 0, field: "file".to_owned(), hint }
}

fn parse_one(slip: Slip, file: &str, text: &str) -> Result<Layout, BadLayout> {
    let raw: RawLayout = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = line_of(text, at);
        // What stands left of `=` is the field; a line without it is named whole.
        let source = text.lines().nth(line - 1).unwrap_or_default();
        let field = source.split('=').next().unwrap_or(source).trim().to_owned();
        BadLayout { file: file.to_owned(), line, field, hint: error.message().to_owned() }
    })?;
    layout(slip, text, &raw).map_err(|Problem { at, field, hint }| BadLayout {
        file: file.to_owned(),
        line: line_of(text, at),
        field: field.to_owned(),
        hint,
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn layout(slip: Slip, text: &str, raw: &RawLayout) -> Result<Layout, Problem> {
    let label_columns = usize::from(*raw.label_columns.get_ref());
    let mut elements = Vec::with_capacity(raw.element.len());
    for raw in &raw.element {
        let at = raw.span();
        let raw = raw.get_ref();
        let condition = condition(slip, raw)?;
        let body = body(slip, raw, &at, label_columns)?;
        guarded(slip, condition, &body, &at)?;
        elements.push(Element { line: line_of(text, at.start), condition, body });
    }
    all_said(slip, &elements)?;
    Ok(Layout { slip, label_columns, elements })
}

fn condition(slip: Slip, raw: &RawElement) -> Result<Condition, Problem> {
    let (field, name) = match (&raw.when, &raw.unless) {
        (None, None) => return Ok(Condition::Always),
        (Some(name), None) => ("when", name),
        (None, Some(name)) => ("unless", name),
        (Some(_), Some(name)) => return problem(&name.span(), "unless", "`when` is there already"),
    };
    let found = slip.find(name.get_ref());
    let Some(placeholder) = found.filter(|found| slip.need(*found) == Some(Need::Maybe)) else {
        let maybe = slip.known().iter().filter(|(_, need)| *need == Need::Maybe);
        let names: Vec<&str> = maybe.map(|(placeholder, _)| placeholder.name()).collect();
        let got = name.get_ref();
        let hint = format!("expected what may be absent ({}), got \"{got}\"", names.join(", "));
        return problem(&name.span(), field, hint);
    };
    let is_when = field == "when";
    Ok(if is_when { Condition::When(placeholder) } else { Condition::Unless(placeholder) })
}

fn body(
    slip: Slip,
    raw: &RawElement,
    at: &Range<usize>,
    label_columns: usize,
) -> Result<Body, Problem> {
    let kinds = [
        ("text", raw.text.is_some()),
        ("label", raw.label.is_some()),
        ("list", raw.list.is_some()),
        ("qr", raw.qr.is_some()),
        ("rule", raw.rule.is_some()),
        ("gap", raw.gap.is_some()),
    ];
    let given: Vec<&str> = kinds.iter().filter(|(_, is)| *is).map(|(kind, _)| *kind).collect();
    let [kind] = given[..] else {
        let hint = "expected exactly one of text, label, list, qr, rule, gap";
        return problem(at, "element", format!("{hint}; got {}", given.len()));
    };
    no_stray(raw, kind)?;
    if let Some(text) = &raw.text {
        let style = Style {
            scale: get(raw.scale.as_ref()),
            align: get(raw.align.as_ref()),
            bold: get(raw.bold.as_ref()),
        };
        return Ok(Body::Text { words: words(slip, text, "text")?, style });
    }
    if let Some(label) = &raw.label {
        return labelled(slip, raw, label, label_columns);
    }
    if let Some(name) = &raw.list {
        return Ok(Body::List(named(slip, name, Shape::List, "list")?));
    }
    if let Some(name) = &raw.qr {
        return Ok(Body::Qr(named(slip, name, Shape::Code, "qr")?));
    }
    if let Some(gap) = &raw.gap {
        let n_lines = *gap.get_ref();
        if !(1..=GAP_MAX).contains(&n_lines) {
            let hint = format!("expected 1 to {GAP_MAX} lines, got {n_lines}");
            return problem(&gap.span(), "gap", hint);
        }
        return Ok(Body::Gap(n_lines));
    }
    match &raw.rule {
        Some(rule) if !rule.get_ref() => problem(&rule.span(), "rule", "expected true, or no rule"),
        Some(_) | None => Ok(Body::Rule),
    }
}

fn get<T: Copy + Default>(value: Option<&Spanned<T>>) -> T {
    value.map_or_else(T::default, |value| *value.get_ref())
}

/// A field that would do nothing is an error: whoever wrote it expected something.
fn no_stray(raw: &RawElement, kind: &str) -> Result<(), Problem> {
    let stray: [(_, _, &[&str]); 4] = [
        ("scale", raw.scale.as_ref().map(Spanned::span), &["text"]),
        ("align", raw.align.as_ref().map(Spanned::span), &["text"]),
        ("bold", raw.bold.as_ref().map(Spanned::span), &["text", "label"]),
        ("value", raw.value.as_ref().map(Spanned::span), &["label"]),
    ];
    for (field, span, kinds) in stray {
        if let Some(at) = span
            && !kinds.contains(&kind)
        {
            let hint = format!("expected only with {}, got with {kind}", kinds.join(" or "));
            return problem(&at, field, hint);
        }
    }
    Ok(())
}

fn labelled(
    slip: Slip,
    raw: &RawElement,
    label: &Spanned<Text>,
    label_columns: usize,
) -> Result<Body, Problem> {
    let text = label.get_ref();
    if text.zh.is_empty() != text.en.is_empty() {
        return problem(&label.span(), "label", "expected both languages, or neither");
    }
    // The paper is Chinese; English labels would have columns of their own.
    if !label_fits(&text.zh, label_columns) {
        let hint = format!(
            "expected a label that fits label_columns = {label_columns} with its colon (a Chinese \
             character takes 2), label_columns being at most {}; got \"{}\"",
            COLUMNS / 2,
            text.zh
        );
        return problem(&label.span(), "label", hint);
    }
    let Some(value) = &raw.value else {
        return problem(&label.span(), "value", "expected the value of this label, got none");
    };
    let bold = get(raw.bold.as_ref());
    Ok(Body::Labelled { label: text.clone(), value: words(slip, value, "value")?, bold })
}

fn words(slip: Slip, text: &Spanned<Text>, field: &'static str) -> Result<Words, Problem> {
    Words::parse(text.get_ref(), slip).or_else(|hint| problem(&text.span(), field, hint))
}

fn named(
    slip: Slip,
    name: &Spanned<String>,
    shape: Shape,
    field: &'static str,
) -> Result<Placeholder, Problem> {
    of_shape(name.get_ref(), shape, slip)
        .map_or_else(|| problem(&name.span(), field, expected(shape, slip, name.get_ref())), Ok)
}

impl Body {
    fn placeholders(&self) -> BTreeSet<Placeholder> {
        match self {
            Self::Text { words, .. } => words.placeholders(),
            Self::Labelled { value, .. } => value.placeholders(),
            Self::List(placeholder) | Self::Qr(placeholder) => BTreeSet::from([*placeholder]),
            Self::Rule | Self::Gap(_) => BTreeSet::new(),
        }
    }
}

/// What may be absent is only said under its own `when`, so filling cannot fail on it.
fn guarded(
    slip: Slip,
    condition: Condition,
    body: &Body,
    at: &Range<usize>,
) -> Result<(), Problem> {
    let bare = body.placeholders().into_iter().find(|placeholder| {
        slip.need(*placeholder) == Some(Need::Maybe) && condition != Condition::When(*placeholder)
    });
    bare.map_or(Ok(()), |placeholder| {
        let name = placeholder.name();
        problem(at, "when", format!("{placeholder} may be absent: expected when = \"{name}\""))
    })
}

/// Every placeholder of a slip is said or asked for, and what is always there is always said:
/// nothing is lost by an edit.
fn all_said(slip: Slip, elements: &[Element]) -> Result<(), Problem> {
    let mut always = BTreeSet::new();
    let mut sometimes = BTreeSet::new();
    for element in elements {
        match element.condition {
            Condition::Always => always.append(&mut element.body.placeholders()),
            Condition::When(placeholder) => drop(sometimes.insert(placeholder)),
            Condition::Unless(_) => {}
        }
    }
    let lost = slip.known().iter().find(|(placeholder, need)| match need {
        Need::Always => !always.contains(placeholder),
        Need::Maybe => !sometimes.contains(placeholder),
    });
    lost.map_or(Ok(()), |(placeholder, _)| {
        problem(&(0..0), "element", format!("expected an element with {placeholder}, got none"))
    })
}
