//! The five requests.

use device_api::page_printer::Format;
use ipp::{attribute::IppAttribute, model::DelimiterTag};

use super::{A4, Address, build, mime};

pub const PRINT_JOB: u16 = 0x0002;
pub const CANCEL_JOB: u16 = 0x0008;
pub const GET_JOB_ATTRIBUTES: u16 = 0x0009;
pub const GET_JOBS: u16 = 0x000A;
pub const GET_PRINTER_ATTRIBUTES: u16 = 0x000B;

/// Who asks, as printers list it.
const USER: &str = "nightdesk";
/// All that is ever read from a printer.
const OF_PRINTER: [&str; 11] = [
    "printer-make-and-model",
    "printer-firmware-string-version",
    "document-format-supported",
    "printer-resolution-supported",
    "pwg-raster-document-resolution-supported",
    "sides-supported",
    "media-ready",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-impressions-completed",
];
const OF_JOB: [&str; 7] = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "time-at-processing",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    AskPrinter,
    /// Jobs that are not over, anybody's.
    AskJobs,
    CancelJob(i32),
    AskJob(i32),
    /// The document stands behind the request.
    Print {
        n_job: u32,
        format: Format,
    },
}

impl Command {
    /// As RFC 8011 names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskPrinter => "Get-Printer-Attributes",
            Self::AskJobs => "Get-Jobs",
            Self::CancelJob(_) => "Cancel-Job",
            Self::AskJob(_) => "Get-Job-Attributes",
            Self::Print { .. } => "Print-Job",
        }
    }

    /// Everything up to the document.
    #[must_use]
    pub fn encode(self, printer: &Address, request_id: i32) -> Vec<u8> {
        let (operation, more) = match self {
            Self::AskPrinter => {
                (GET_PRINTER_ATTRIBUTES, vec![build::keywords("requested-attributes", OF_PRINTER)])
            }
            Self::AskJobs => (
                GET_JOBS,
                vec![
                    build::keyword("which-jobs", "not-completed"),
                    build::keywords("requested-attributes", ["job-id", "job-state"]),
                ],
            ),
            Self::CancelJob(job) => (CANCEL_JOB, vec![build::integer("job-id", job)]),
            Self::AskJob(job) => (
                GET_JOB_ATTRIBUTES,
                vec![
                    build::integer("job-id", job),
                    build::keywords("requested-attributes", OF_JOB),
                ],
            ),
            Self::Print { n_job, format } => (
                PRINT_JOB,
                vec![
                    build::name("job-name", &job_name(n_job)),
                    // It is an attribute of the operation: among those of the job it is refused.
                    build::media_type("document-format", mime(format)),
                ],
            ),
        };
        let mut first = vec![build::uri("printer-uri", printer.ipp())];
        first.push(build::name("requesting-user-name", USER));
        first.extend(more);
        let mut groups = vec![(DelimiterTag::OperationAttributes, first)];
        if let Self::Print { .. } = self {
            groups.push((DelimiterTag::JobAttributes, job_attributes()));
        }
        build::message(operation, request_id, groups)
    }
}

fn job_attributes() -> Vec<IppAttribute> {
    vec![
        build::integer("copies", 1),
        build::keyword("media", A4),
        build::keyword("sides", "one-sided"),
    ]
}

/// It says nothing of a person: printers show it, and keep it.
#[must_use]
pub fn job_name(n_job: u32) -> String {
    format!("nightdesk-{n_job}")
}
