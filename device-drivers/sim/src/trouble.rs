//! What can be wrong with an answer of the twin, and when.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Troubles waiting at most at one twin; more are refused.
pub const N_PLANNED_MAX: usize = 64;

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

/// Troubles in the order in which they were planned.
#[derive(Debug)]
pub(crate) struct Plan<T>(VecDeque<Planned<T>>);

impl<T: Copy> Plan<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(crate) fn add(&mut self, planned: Planned<T>) {
        if self.0.len() < N_PLANNED_MAX && planned.times > 0 {
            self.0.push_back(planned);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first that is wanted here; it is used up once more.
    pub(crate) fn take(&mut self, is_wanted: impl Fn(&Planned<T>) -> bool) -> Option<T> {
        let at = self.0.iter().position(is_wanted)?;
        let planned = &mut self.0[at];
        planned.times -= 1;
        let (trouble, is_used_up) = (planned.trouble, planned.times == 0);
        if is_used_up {
            self.0.remove(at);
        }
        Some(trouble)
    }

    pub(crate) fn list(&self) -> Vec<Planned<T>> {
        self.0.iter().cloned().collect()
    }
}

/// Meaningless bytes, the same in every run (xorshift).
#[derive(Debug)]
pub(crate) struct Noise(u32);

impl Noise {
    /// `seed` is not zero, or there would be silence.
    pub(crate) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0.to_be_bytes()[0]
    }

    /// So many of them, and then these.
    pub(crate) fn before(&mut self, n_bytes: u16, bytes: &[u8]) -> Vec<u8> {
        let mut noisy: Vec<u8> = (0..n_bytes).map(|_| self.byte()).collect();
        noisy.extend_from_slice(bytes);
        noisy
    }
}
