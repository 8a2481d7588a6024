//! A job in the printer, and what is said of it.

use std::sync::Arc;

use device_drivers::page_printer::codec::build;
use ipp::attribute::IppAttribute;
use serde::Serialize;

use super::{Counting, document::Document};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Pending,
    Processing,
    Stopped,
    Canceled,
    Aborted,
    Completed,
}

impl State {
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Pending => 3,
            Self::Processing => 5,
            Self::Stopped => 6,
            Self::Canceled => 7,
            Self::Aborted => 8,
            Self::Completed => 9,
        }
    }

    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Pending | Self::Processing | Self::Stopped => false,
            Self::Canceled | Self::Aborted | Self::Completed => true,
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Pending => "none",
            Self::Processing => "job-printing",
            Self::Stopped => "printer-stopped",
            Self::Canceled => "job-canceled-by-user",
            Self::Aborted => "aborted-by-system",
            Self::Completed => "job-completed-successfully",
        }
    }
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) document: Arc<Document>,
    pub(super) state: State,
    /// Pages that really came out.
    pub(super) n_out: u16,
    /// What it says instead.
    pub(super) n_claimed: Option<u16>,
    /// Seconds after its power came on.
    pub(super) begun_s: Option<i32>,
    /// It ends after the page that is on its way.
    pub(super) is_leaving: bool,
    pub(super) is_broken: bool,
}

impl Job {
    pub(super) fn new(name: String, document: Document) -> Self {
        Self {
            name,
            document: Arc::new(document),
            state: State::Pending,
            n_out: 0,
            n_claimed: None,
            begun_s: None,
            is_leaving: false,
            is_broken: false,
        }
    }

    pub(super) fn n_pages(&self) -> u16 {
        self.document.n_pages
    }

    pub(super) fn attributes(&self, id: i32, uri: &str, counting: Counting) -> Vec<IppAttribute> {
        let reason = match (self.is_broken, self.is_leaving && !self.state.is_over()) {
            (true, _) => "document-format-error",
            (false, true) => "processing-to-stop-point",
            (false, false) => self.state.reason(),
        };
        let mut group = vec![
            build::integer("job-id", id),
            build::uri("job-uri", &format!("{uri}/jobs/{id}")),
            build::name("job-name", &self.name),
            build::number("job-state", self.state.code()),
            build::keyword("job-state-reasons", reason),
            match self.begun_s {
                Some(begun_s) => build::integer("time-at-processing", begun_s),
                None => build::nothing("time-at-processing"),
            },
        ];
        let counts = match counting {
            Counting::Honest | Counting::ClaimsAll | Counting::StopsShort => true,
            Counting::LifeOnly | Counting::Nothing => false,
        };
        if counts {
            let n_out = i32::from(self.n_claimed.unwrap_or(self.n_out));
            group.push(build::integer("job-impressions-completed", n_out));
        }
        group
    }
}
