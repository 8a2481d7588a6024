//! What can be wrong with an answer of the twin, and when.

use serde::{Deserialize, Serialize};

/// One kind of wrongness of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// No answer.
    Mute,
    /// The answer starts so much later.
    Late {
        ms: u64,
    },
    /// Some bytes of the answer are others.
    Garble,
    /// The answer comes byte by byte with pauses of this length.
    Split {
        gap_ms: u64,
    },
    /// The second half of the answer is missing.
    HalfFrame,
    BadChecksum,
    /// This status instead of the right one.
    Status {
        sw3: u8,
    },
    /// So many meaningless bytes before the answer.
    Noise {
        n_bytes: u16,
    },
    /// The card is lifted while the chip is being read.
    LiftMidRead,
}

/// A trouble of some twin, waiting for its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned<T = Trouble> {
    #[serde(flatten)]
    pub trouble: T,
    /// Only answers of this name (a command such as `find`, or what a printer says); any if absent.
    #[serde(default)]
    pub on: Option<String>,
    /// How many answers.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

impl<T> Planned<T> {
    #[must_use]
    pub const fn new(trouble: T) -> Self {
        Self { trouble, on: None, times: 1 }
    }

    #[must_use]
    pub fn on(self, command: &str) -> Self {
        Self { on: Some(command.to_owned()), ..self }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    pub(crate) fn concerns(&self, command: &str) -> bool {
        self.on.as_deref().is_none_or(|on| on == command)
    }
}
