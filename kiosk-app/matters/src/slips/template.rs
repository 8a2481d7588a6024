//! A text with `{placeholders}`: taken apart when the layout is parsed, put together for a case.

use std::collections::BTreeSet;

use kiosk_words::Private;

use super::placeholder::{Placeholder, Shape, Slip, Values};
use crate::Text;

/// A text in both languages. The paper is Chinese; English is checked so that it can be printed
/// one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    zh: Template,
    en: Template,
}

impl Words {
    /// The problem names the language: `zh: expected …`.
    pub(super) fn parse(text: &Text, slip: Slip) -> Result<Self, String> {
        let template = |language: &str, text: &str| {
            Template::parse(text, slip).map_err(|why| format!("{language}: {why}"))
        };
        let words = Self { zh: template("zh", &text.zh)?, en: template("en", &text.en)? };
        if words.zh.placeholders() == words.en.placeholders() {
            return Ok(words);
        }
        Err("zh and en: expected the same placeholders in both".to_owned())
    }

    pub(super) fn placeholders(&self) -> BTreeSet<Placeholder> {
        self.zh.placeholders()
    }

    pub(super) fn on_paper(&self) -> &Template {
        &self.zh
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Fixed(String),
    Value(Placeholder),
}

impl Template {
    fn parse(text: &str, slip: Slip) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("expected a text, got none".to_owned());
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((fixed, after)) = rest.split_once('{') {
            let (name, behind) =
                after.split_once('}').ok_or_else(|| format!("expected a }} behind {{{after}"))?;
            push_fixed(&mut pieces, fixed)?;
            pieces.push(Piece::Value(text_placeholder(name, slip)?));
            rest = behind;
        }
        push_fixed(&mut pieces, rest)?;
        Ok(Self(pieces))
    }

    fn placeholders(&self) -> BTreeSet<Placeholder> {
        self.0
            .iter()
            .filter_map(|piece| match piece {
                Piece::Fixed(_) => None,
                Piece::Value(placeholder) => Some(*placeholder),
            })
            .collect()
    }

    /// The text for one case, or the placeholder that has no value.
    pub(super) fn fill(&self, values: &Values) -> Result<Private<String>, Placeholder> {
        let mut parts: Vec<&str> = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            parts.push(match piece {
                Piece::Fixed(text) => text,
                Piece::Value(name) => values.text(*name).ok_or(*name)?.expose().trim(),
            });
        }
        // `concat` asks for the memory once, so no copy of a name stays behind.
        Ok(Private::new(parts.concat()))
    }
}

fn push_fixed(pieces: &mut Vec<Piece>, text: &str) -> Result<(), String> {
    if text.contains('}') {
        return Err(format!("expected a {{ before the }} in {text:?}"));
    }
    if !text.is_empty() {
        pieces.push(Piece::Fixed(text.to_owned()));
    }
    Ok(())
}

fn text_placeholder(name: &str, slip: Slip) -> Result<Placeholder, String> {
    of_shape(name, Shape::Text, slip).ok_or_else(|| expected(Shape::Text, slip, name))
}

/// The placeholder of this slip with that name, if it holds such a thing.
pub(super) fn of_shape(name: &str, shape: Shape, slip: Slip) -> Option<Placeholder> {
    slip.find(name).filter(|placeholder| placeholder.shape() == shape)
}

/// A sentence for the person who edits: what could stand there.
pub(super) fn expected(shape: Shape, slip: Slip, got: &str) -> String {
    let known: Vec<&str> = slip
        .known()
        .iter()
        .filter(|(placeholder, _)| placeholder.shape() == shape)
        .map(|(placeholder, _)| placeholder.name())
        .collect();
    let kind = match shape {
        Shape::Text => "a text",
        Shape::List => "a list",
        Shape::Flag => "a flag",
        Shape::Code => "a code",
    };
    format!("expected {kind} of this slip ({}), got \"{got}\"", known.join(", "))
}
