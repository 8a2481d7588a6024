//! The exit codes that the runner and a person at the console rely on.

use std::process::ExitCode;

/// Why the process ends, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// Anything that has no code of its own; the message says what.
    Failed,
    /// `machine.toml` is wrong, or a database stands there without its key: a person must act,
    /// starting again changes nothing.
    BadConfig,
    /// Another process works on this store.
    SecondProcess,
    /// The store is dead until the process starts again (EX_TEMPFAIL): the runner restarts it.
    StoreDead,
    /// What the core asked for with `Stop`.
    Core(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::BadConfig => 2,
            Self::SecondProcess => 3,
            Self::StoreDead => 75,
            Self::Core(code) => code,
        }
    }
}

/// A sentence for the person at the console and the code that goes with it.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    pub exit: Exit,
    pub sentence: String,
}

impl Failure {
    pub fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentence: sentence.into() }
    }

    /// A failure without a code of its own; the causes are joined with `: `.
    pub fn plain(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(Exit::Failed, with_causes(error))
    }
}

/// `outer: inner: innermost`, because errors here never repeat their source.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
