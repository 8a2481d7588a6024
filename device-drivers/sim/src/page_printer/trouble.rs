//! What can be wrong with an answer, as against what can be wrong with paper.

use device_drivers::page_printer::codec::command::{
    CANCEL_JOB, GET_JOB_ATTRIBUTES, GET_JOBS, GET_PRINTER_ATTRIBUTES, PRINT_JOB,
};
use serde::{Deserialize, Serialize};

/// The requests by name; `other` is any that the driver does not send.
pub const REQUESTS: [(&str, u16); 5] = [
    ("get_printer_attributes", GET_PRINTER_ATTRIBUTES),
    ("get_jobs", GET_JOBS),
    ("get_job_attributes", GET_JOB_ATTRIBUTES),
    ("cancel_job", CANCEL_JOB),
    ("print_job", PRINT_JOB),
];

#[must_use]
pub fn name_of(operation: u16) -> &'static str {
    REQUESTS.iter().find(|(_, code)| *code == operation).map_or("other", |(name, _)| name)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// It is done, and no answer comes while the connection stands.
    Mute,
    /// It is done, and the connection ends without an answer.
    Cut,
    /// The connection ends, and nothing was done.
    Drop,
    /// It is done, and the answer comes so much later.
    Late { ms: u64 },
    /// It is done, and the answer ends in its middle.
    Truncate,
    /// It is done, and other bytes come instead.
    Garble,
    /// A web page comes, and nothing was done.
    WebPage,
    /// Nothing was done, and this is the status.
    Status { code: u16 },
}

impl Trouble {
    pub(super) const fn is_done(self) -> bool {
        match self {
            Self::Mute | Self::Cut | Self::Late { .. } | Self::Truncate | Self::Garble => true,
            Self::Drop | Self::WebPage | Self::Status { .. } => false,
        }
    }
}

/// A trouble waiting for its time; `on` names one of [`REQUESTS`].
pub type Planned = crate::trouble::Planned<Trouble>;
