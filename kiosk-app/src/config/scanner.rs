//! The table `[code_scanner]`: what the scanner was set to when it was built in.

use std::path::PathBuf;

use device_drivers::code_scanner;
use serde::Deserialize;

use super::Baud;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeScanner {
    pub port: PathBuf,
    pub baud: Baud,
    pub trigger: Trigger,
    pub ending: Ending,
    pub charset: Charset,
}

/// How it begins to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// By the commands of the "7E 00" family.
    Command,
    /// By itself.
    Always,
}

/// What it sends after a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// CR, LF or both.
    Line,
    /// Nothing.
    Silence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    Utf8,
    Gbk,
}

impl From<Trigger> for code_scanner::Trigger {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Command => Self::Command,
            Trigger::Always => Self::Always,
        }
    }
}

impl From<Ending> for code_scanner::Ending {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Line => Self::Line,
            Ending::Silence => Self::Silence,
        }
    }
}

impl From<Charset> for code_scanner::Charset {
    fn from(charset: Charset) -> Self {
        match charset {
            Charset::Utf8 => Self::Utf8,
            Charset::Gbk => Self::Gbk,
        }
    }
}
