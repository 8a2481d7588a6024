//! What can be wrong with what the printer says, and when.

use serde::{Deserialize, Serialize};

/// What it says, by name: the answer to DLE EOT, the notice by itself, the answer to GS r.
pub const SAYINGS: [&str; 3] = ["status", "notice", "mark"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing is said.
    Mute,
    /// It is said so much later.
    Late { ms: u64 },
    /// Other bytes, of no kind that is known.
    Garble,
    /// So many meaningless bytes before it.
    Noise { n_bytes: u16 },
    /// Another byte: a status that is not true.
    Say { byte: u8 },
    /// The printer dies when so much of a paper has come out.
    Die { after_mm: u32 },
}

/// A trouble waiting for its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    #[serde(flatten)]
    pub trouble: Trouble,
    /// One of [`SAYINGS`]; any of them if absent.
    #[serde(default)]
    pub on: Option<String>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

impl Planned {
    #[must_use]
    pub const fn new(trouble: Trouble) -> Self {
        Self { trouble, on: None, times: 1 }
    }

    #[must_use]
    pub fn on(self, what: &str) -> Self {
        Self { on: Some(what.to_owned()), ..self }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    pub(super) fn concerns(&self, what: &str) -> bool {
        let is_death = matches!(self.trouble, Trouble::Die { .. });
        !is_death && self.on.as_deref().is_none_or(|on| on == what)
    }
}
