//! The tables `[keypad]` and `[speech]`: keys that can be felt, and the program that speaks into the
//! earphones beside them.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Baud, NotEmpty, Program};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keypad {
    pub port: PathBuf,
    pub baud: Baud,
}

/// Text comes on the standard input of the program; `{voice}` and `{volume}` in its arguments are
/// filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    pub program: Program,
    pub voice_zh: NotEmpty,
    pub voice_en: NotEmpty,
}
