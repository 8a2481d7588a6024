//! What a tool prints, and the code it ends with.

use std::borrow::Cow;

use crate::exit::Exit;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub what: Cow<'static, str>,
    pub found: Found,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Good,
    Bad,
}

impl Row {
    pub fn good(what: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), found: Found::Good, detail: detail.into() }
    }

    pub fn bad(what: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), found: Found::Bad, detail: detail.into() }
    }

    pub fn of<E: std::fmt::Display>(what: &'static str, result: Result<String, E>) -> Self {
        match result {
            Ok(detail) => Self::good(what, detail),
            Err(error) => Self::bad(what, error.to_string()),
        }
    }
}

/// The table; fails if any row is bad.
pub fn table(rows: &[Row]) -> Report {
    let lines = rows.iter().map(|row| {
        let word = match row.found {
            Found::Good => "ok ",
            Found::Bad => "BAD",
        };
        format!("{word}  {:<10}  {}", row.what, row.detail)
    });
    let all_good = rows.iter().all(|row| row.found == Found::Good);
    Report { lines: lines.collect(), exit: if all_good { Exit::Done } else { Exit::Failed } }
}
