//! What a tool prints, and the code it ends with.

use std::borrow::Cow;

use serde::Serialize;

use crate::{exit::Exit, parts::PartRow};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub lines: Vec<String>,
    pub exit: Exit,
}

impl Default for Report {
    fn default() -> Self {
        Self { lines: Vec::new(), exit: Exit::Done }
    }
}

impl Report {
    pub fn done(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], exit: Exit::Done }
    }

    pub fn failed(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], exit: Exit::Failed }
    }
}

/// One row of the table that `kiosk check` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub what: Cow<'static, str>,
    pub found: Found,
    pub detail: String,
    /// As staff see it on the screen, where it is a part of the station.
    pub part: Option<PartRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    Good,
    Bad,
}

impl Row {
    pub fn good(what: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), found: Found::Good, detail: detail.into(), part: None }
    }

    pub fn bad(what: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), found: Found::Bad, detail: detail.into(), part: None }
    }

    pub fn of<E: std::fmt::Display>(what: &'static str, result: Result<String, E>) -> Self {
        match result {
            Ok(detail) => Self::good(what, detail),
            Err(error) => Self::bad(what, error.to_string()),
        }
    }
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// The table; fails if any row is bad.
pub fn table(rows: &[Row], format: Format) -> Report {
    let lines = match format {
        Format::Text => rows.iter().map(line).collect(),
        Format::Json => vec![serde_json::to_string(rows).expect("a table of texts is JSON")],
    };
    let all_good = rows.iter().all(|row| row.found == Found::Good);
    Report { lines, exit: if all_good { Exit::Done } else { Exit::Failed } }
}

fn line(row: &Row) -> String {
    let word = match row.found {
        Found::Good => "ok ",
        Found::Bad => "BAD",
    };
    let part = row.part.as_ref().map_or_else(String::new, |part| format!("; {}", part.words()));
    format!("{word}  {:<10}  {}{part}", row.what, row.detail)
}
