//! The tables `[export]` and `[power]`: what a technician takes along, and how the machine goes off.

use std::path::PathBuf;

use serde::Deserialize;

/// Where a stick is mounted, and the program that says the log of this station.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    pub folder: PathBuf,
    /// Its standard output is the log.
    pub log: Program,
}

/// What cuts the power once everything is written; without it somebody does so by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    pub off: Program,
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Program(pub Vec<String>);

impl Program {
    pub fn command(&self) -> std::process::Command {
        let (name, arguments) = self.0.split_first().expect("a program has a name");
        let mut command = std::process::Command::new(name);
        command.args(arguments);
        command
    }
}

impl TryFrom<Vec<String>> for Program {
    type Error = String;

    fn try_from(words: Vec<String>) -> Result<Self, String> {
        match words.first() {
            Some(name) if !name.trim().is_empty() => Ok(Self(words)),
            Some(_) | None => Err("expected a program and its arguments, got no name".to_owned()),
        }
    }
}
