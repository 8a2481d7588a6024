//! What is understood of an answer. Printers leave out what they do not know, send one kind of
//! text for another and more than they were asked for: whatever is not as expected is not known.

use device_api::page_printer::{Capabilities, Format, Loaded};
use ipp::{
    attribute::{IppAttributeGroup, IppAttributes},
    model::DelimiterTag,
    value::IppValue,
};

use super::{A4, Garbage, Message, Reason, mime};

/// Status of an answer, RFC 8011 appendix B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// No such job, or not any more.
    Gone,
    /// Nothing is wrong with the printer or the request; later it may be done.
    Busy,
    NotAccepting,
    /// The document, or how it is wanted, is not for this printer.
    BadDocument,
    /// Any other error.
    Failed(u16),
}

impl Outcome {
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            0x0000..=0x00FF => Self::Done,
            0x0406 | 0x0407 => Self::Gone,
            // Service unavailable, temporary error, busy.
            0x0502 | 0x0505 | 0x0507 => Self::Busy,
            0x0506 => Self::NotAccepting,
            // Too long, format, attributes or values, conflicting, compression, errors inside.
            0x0408 | 0x040A | 0x040B | 0x040E..=0x0412 => Self::BadDocument,
            other => Self::Failed(other),
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    attributes: IppAttributes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    Idle,
    Processing,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterReport {
    pub capabilities: Capabilities,
    /// The formats are a guess where the printer does not list them.
    pub lists_formats: bool,
    pub state: PrinterState,
    pub reasons: Vec<Reason>,
    pub is_accepting: bool,
    pub a4: Loaded,
    /// Pages of its whole life.
    pub n_pages_ever: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    Pending,
    Held,
    Processing,
    Stopped,
    Canceled,
    Aborted,
    Completed,
}

impl JobState {
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Pending | Self::Held | Self::Processing | Self::Stopped => false,
            Self::Canceled | Self::Aborted | Self::Completed => true,
        }
    }

    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            3 => Self::Pending,
            4 => Self::Held,
            5 => Self::Processing,
            6 => Self::Stopped,
            7 => Self::Canceled,
            8 => Self::Aborted,
            9 => Self::Completed,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobReport {
    pub id: Option<i32>,
    pub name: Option<String>,
    pub state: Option<JobState>,
    /// Pages, or else sheets, which are as many on one side.
    pub n_pages_out: Option<u16>,
    /// Whether work on it ever began, where the printer says so.
    pub has_begun: Option<bool>,
    pub has_bad_document: bool,
}

impl Answer {
    pub fn read(bytes: &[u8], request_id: i32) -> Result<Self, Garbage> {
        let message = Message::read(bytes)?;
        if message.request_id != request_id {
            let (expected, got) = (request_id, message.request_id);
            return Err(Garbage::OtherRequest { expected, got });
        }
        Ok(Self { status: message.code, attributes: message.attributes })
    }

    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        Outcome::of(self.status)
    }

    /// `None`: no printer answers like this.
    #[must_use]
    pub fn printer(&self) -> Option<PrinterReport> {
        let group = self.attributes.first_of(DelimiterTag::PrinterAttributes)?;
        let state = match number(group, "printer-state")? {
            3 => PrinterState::Idle,
            4 => PrinterState::Processing,
            5 => PrinterState::Stopped,
            _ => return None,
        };
        Some(PrinterReport {
            capabilities: capabilities(group),
            lists_formats: group.get("document-format-supported").is_some(),
            state,
            reasons: texts(group, "printer-state-reasons").filter_map(Reason::read).collect(),
            is_accepting: truth(group, "printer-is-accepting-jobs").unwrap_or(true),
            a4: a4(group),
            n_pages_ever: count(group, "printer-impressions-completed"),
        })
    }

    /// Each job that has a number.
    #[must_use]
    pub fn job_ids(&self) -> Vec<i32> {
        let jobs = self.attributes.groups_of(DelimiterTag::JobAttributes);
        jobs.filter_map(|group| number(group, "job-id")).collect()
    }

    #[must_use]
    pub fn job(&self) -> Option<JobReport> {
        let group = self.attributes.first_of(DelimiterTag::JobAttributes)?;
        let n_out = count(group, "job-impressions-completed")
            .or_else(|| count(group, "job-media-sheets-completed"));
        let begun = group.get("time-at-processing").map(|attribute| attribute.value());
        Some(JobReport {
            id: number(group, "job-id"),
            name: texts(group, "job-name").next().map(str::to_owned),
            state: number(group, "job-state").and_then(JobState::from_code),
            n_pages_out: n_out.map(|n_out| u16::try_from(n_out).unwrap_or(u16::MAX)),
            has_begun: begun.map(|value| value.as_integer().is_some()),
            has_bad_document: texts(group, "job-state-reasons").any(is_of_the_document),
        })
    }
}

/// Finer than a page is set in: four times the dots of 300, and nobody sees more.
const DPI_MAX: u16 = 600;

fn capabilities(group: &IppAttributeGroup) -> Capabilities {
    let first = |name| texts(group, name).next().map(str::to_owned);
    let offers = |format| texts(group, "document-format-supported").any(|one| one == mime(format));
    // Of its engine only where it does not say what it takes as raster.
    let dpi = ["pwg-raster-document-resolution-supported", "printer-resolution-supported"];
    Capabilities {
        model: first("printer-make-and-model").unwrap_or_default(),
        firmware: first("printer-firmware-string-version").filter(|text| !text.is_empty()),
        formats: [Format::Pdf, Format::PwgRaster].into_iter().filter(|f| offers(*f)).collect(),
        resolution_dpi: dpi.into_iter().find_map(|name| finest(group, name)),
        two_sided: texts(group, "sides-supported").any(|sides| sides.starts_with("two-sided")),
        counts_pages: count(group, "printer-impressions-completed").is_some(),
    }
}

fn a4(group: &IppAttributeGroup) -> Loaded {
    // A printer with an empty tray lists nothing, or says that it has no value.
    match group.get("media-ready") {
        None => Loaded::Unknown,
        Some(_) if texts(group, "media-ready").any(|media| media == A4) => Loaded::Yes,
        Some(_) => Loaded::No,
    }
}

/// Reasons of a job (RFC 8011 5.3.8) that speak of what was sent.
fn is_of_the_document(reason: &str) -> bool {
    [
        "document-format-error",
        "unsupported-document-format",
        "document-unprintable-error",
        "document-access-error",
        "unsupported-compression",
        "compression-error",
        "unsupported-attributes-or-values",
    ]
    .contains(&reason)
}

fn values<'a>(group: &'a IppAttributeGroup, name: &str) -> impl Iterator<Item = &'a IppValue> {
    group.get(name).into_iter().flat_map(|attribute| attribute.value())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others are no text")]
fn texts<'a>(group: &'a IppAttributeGroup, name: &str) -> impl Iterator<Item = &'a str> {
    values(group, name).filter_map(|value| match value {
        IppValue::Keyword(text) => Some(text.as_str()),
        IppValue::NameWithoutLanguage(text) | IppValue::NameWithLanguage { name: text, .. } => {
            Some(text.as_str())
        }
        IppValue::TextWithoutLanguage(text) | IppValue::TextWithLanguage { text, .. } => Some(text),
        IppValue::MimeMediaType(text) => Some(text.as_str()),
        _ => None,
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others are no number")]
fn number(group: &IppAttributeGroup, name: &str) -> Option<i32> {
    values(group, name).find_map(|value| match value {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    })
}

/// A number of things; printers say a negative one when they do not know.
fn count(group: &IppAttributeGroup, name: &str) -> Option<u32> {
    number(group, name).and_then(|count| u32::try_from(count).ok())
}

fn truth(group: &IppAttributeGroup, name: &str) -> Option<bool> {
    values(group, name).find_map(|value| value.as_boolean().copied())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others are no resolution")]
fn finest(group: &IppAttributeGroup, name: &str) -> Option<u16> {
    const PER_INCH: i8 = 3;
    let dpi = values(group, name).filter_map(|value| match value {
        IppValue::Resolution { cross_feed, feed, units: PER_INCH } => {
            u16::try_from(*cross_feed.min(feed)).ok()
        }
        _ => None,
    });
    let (fine, finer): (Vec<u16>, Vec<u16>) = dpi.partition(|dpi| *dpi <= DPI_MAX);
    fine.into_iter().max().or_else(|| finer.into_iter().min())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page_printer::codec::build;

    fn answer(groups: Vec<(DelimiterTag, Vec<ipp::attribute::IppAttribute>)>) -> Answer {
        Answer::read(&build::message(0, 7, groups), 7).unwrap()
    }

    #[test]
    fn a_printer_that_says_little_is_understood_as_far_as_it_says() {
        let group = vec![build::number("printer-state", 3)];
        let report = answer(vec![(DelimiterTag::PrinterAttributes, group)]).printer().unwrap();
        assert_eq!((report.state, report.a4), (PrinterState::Idle, Loaded::Unknown));
        assert!(report.is_accepting && !report.lists_formats && report.reasons.is_empty());
        assert_eq!((report.n_pages_ever, report.capabilities.resolution_dpi), (None, None));
        assert_eq!(answer(vec![(DelimiterTag::PrinterAttributes, vec![])]).printer(), None);
        assert_eq!(answer(vec![]).printer(), None);
    }

    #[test]
    fn paper_is_a4_only_where_the_printer_lists_it_as_ready() {
        let a4_of = |media: ipp::attribute::IppAttribute| {
            let group = vec![build::number("printer-state", 3), media];
            answer(vec![(DelimiterTag::PrinterAttributes, group)]).printer().unwrap().a4
        };
        assert_eq!(a4_of(build::keywords("media-ready", ["na_letter_8.5x11in", A4])), Loaded::Yes);
        assert_eq!(a4_of(build::keyword("media-ready", "na_letter_8.5x11in")), Loaded::No);
        assert_eq!(a4_of(build::nothing("media-ready")), Loaded::No);
    }

    #[test]
    fn each_job_is_listed_and_counts_below_zero_are_not_known() {
        let job = |id| {
            let count = build::integer("job-impressions-completed", -1);
            (DelimiterTag::JobAttributes, vec![build::integer("job-id", id), count])
        };
        let answer = answer(vec![job(4), job(9)]);
        assert_eq!(answer.job_ids(), [4, 9]);
        let first = answer.job().unwrap();
        assert_eq!((first.id, first.n_pages_out, first.has_begun), (Some(4), None, None));
    }

    #[test]
    fn an_answer_to_another_request_is_garbage() {
        let bytes = build::message(0, 6, vec![]);
        let expected = Garbage::OtherRequest { expected: 7, got: 6 };
        assert_eq!(Answer::read(&bytes, 7).unwrap_err(), expected);
    }
}
