//! An error of a template, as its author wants to read it: file, line, column, the line itself.

use std::fmt;

use serde::{Deserialize, Serialize};
use typst::{
    World, WorldExt as _,
    diag::{SourceDiagnostic, Tracepoint},
};

use crate::world::Sheet;

/// Most errors of one template that are told; the first is the one to mend.
const N_TOLD_MAX: usize = 8;
/// Most calls that are told of one error.
const N_CALLS_MAX: usize = 8;
/// Characters of a line or a message that are told.
const TEXT_LEN_MAX: usize = 300;

/// A place in a template, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// The line, as it stands in the file.
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateError {
    /// What is wrong, in typst's words, which may quote the data.
    pub message: String,
    pub place: Option<Place>,
    /// Where it was called from, the nearest first.
    pub called_from: Vec<Place>,
    pub hints: Vec<String>,
}

impl fmt::Debug for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateError").field("place", &self.place).finish_non_exhaustive()
    }
}

impl TemplateError {
    pub(crate) fn new(diagnostic: &SourceDiagnostic, sheet: &Sheet<'_>) -> Self {
        let called_from = diagnostic
            .trace
            .iter()
            .filter(|point| matches!(point.v, Tracepoint::Call(_) | Tracepoint::Import(_)))
            .filter_map(|point| place(point.span, sheet));
        Self {
            message: short(&diagnostic.message),
            place: place(diagnostic.span, sheet),
            called_from: called_from.take(N_CALLS_MAX).collect(),
            hints: diagnostic.hints.iter().take(N_CALLS_MAX).map(|hint| short(&hint.v)).collect(),
        }
    }

    pub(crate) fn all(diagnostics: &[SourceDiagnostic], sheet: &Sheet<'_>) -> Vec<Self> {
        diagnostics.iter().take(N_TOLD_MAX).map(|one| Self::new(one, sheet)).collect()
    }
}

fn short(text: &str) -> String {
    text.chars().take(TEXT_LEN_MAX).collect()
}

fn place(span: impl Into<typst::syntax::DiagSpan>, sheet: &Sheet<'_>) -> Option<Place> {
    let span = span.into();
    let source = sheet.source(span.id()?).ok()?;
    let at = sheet.range(span)?.start;
    let (line, column) = source.lines().byte_to_line_column(at)?;
    let text = source.lines().line_to_range(line).and_then(|range| source.text().get(range));
    Some(Place {
        file: source.id().get().vpath().get_without_slash().to_owned(),
        line: line + 1,
        column: column + 1,
        text: short(text.unwrap_or_default().trim_end()),
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => {
                writeln!(f, "{place}: {}", self.message)?;
                write!(f, "  {} | {}", place.line, place.text)?;
            }
            None => write!(f, "{}", self.message)?,
        }
        for place in &self.called_from {
            write!(f, "\n  called from {place}: {}", place.text.trim_start())?;
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}
