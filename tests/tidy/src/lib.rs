//! Checks that read the tree: what no compiler sees and no reviewer should have to remember.
//!
//! Each check is a function from a [`Tree`] (or from `cargo metadata`) to [`Finding`]s, and has
//! beside it a test on a small broken tree that shows what it catches. `tests/checkout.rs` runs
//! them all on this checkout. What is allowed, and why, stands in `tables/*.toml`, not here.
//!
//! A finding names the place, what was expected there and what to do about it.
//! Nothing here builds, formats or judges style that rustfmt and clippy already hold.

pub mod cargo;
pub mod documents;
pub mod edges;
pub mod faults;
pub mod licences;
pub mod promises;
pub mod screen_words;
pub mod sources;
mod tree;

pub use tree::{File, Tree};

use std::fmt;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path from the root of the checkout, with `/`.
    pub path: String,
    /// From 1; 0 where the whole file is meant.
    pub line: usize,
    pub expected: String,
    pub todo: String,
}

impl Finding {
    pub fn new(
        path: impl Into<String>,
        line: usize,
        expected: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), line, expected: expected.into(), todo: todo.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: expected {}; {}", self.path, self.line, self.expected, self.todo)
    }
}

/// Fails the test that calls it with one line per finding.
///
/// # Panics
/// If there is any finding.
#[track_caller]
pub fn assert_clean(findings: &[Finding]) {
    assert!(
        findings.is_empty(),
        "{} finding(s)\n{}",
        findings.len(),
        findings.iter().map(|finding| format!("  {finding}\n")).collect::<String>()
    );
}
