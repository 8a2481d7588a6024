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
    /// Somebody opens the cover when so much of a paper has come out.
    OpenCover { after_mm: u32 },
}

/// A trouble waiting for its time; `on` names one of [`SAYINGS`].
pub type Planned = crate::trouble::Planned<Trouble>;

/// Whether it spoils what is said under this name.
pub(super) fn spoils(planned: &Planned, what: &str) -> bool {
    after_mm(planned.trouble).is_none() && planned.concerns(what)
}

/// How much paper must hang out first, for what happens to the machine.
pub(super) const fn after_mm(trouble: Trouble) -> Option<u32> {
    match trouble {
        Trouble::Die { after_mm } | Trouble::OpenCover { after_mm } => Some(after_mm),
        Trouble::Mute
        | Trouble::Late { .. }
        | Trouble::Garble
        | Trouble::Noise { .. }
        | Trouble::Say { .. } => None,
    }
}
