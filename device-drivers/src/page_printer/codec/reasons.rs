//! Why a printer stands still, or soon will: `printer-state-reasons`.
//!
//! A reason is a keyword with `-report`, `-warning` or `-error` behind it; bare ones count as
//! errors, and a printer with an error is stopped (RFC 8011 5.4.12). So a bare reason that nobody
//! knows, of a printer that is not stopped, is none. Not every printer means it: ippeveprinter calls a jam a report while
//! it is idle and a warning while it prints. So what no printer can print with stops the driver
//! whatever stands behind it, and only what one can print with is weighed by it.

use device_api::page_printer::{Fault, Loaded};

/// Longest keyword that ippeveprinter keeps: what is longer loses its end.
const CUT_LEN: usize = 31;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Report,
    Warning,
    /// An error, by the book.
    Unsaid,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub keyword: String,
    pub severity: Severity,
}

/// What follows from a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    Stops(Fault),
    PaperLow,
    TonerLow,
    OutputNearlyFull,
    /// If the printer is stopped, it is by this.
    Unknown,
    Nothing,
}

impl Reason {
    /// `None`: there is no reason.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text == "none" || text.is_empty() {
            return None;
        }
        let (keyword, severity) = match text.rsplit_once('-') {
            Some((keyword, "report")) => (keyword, Severity::Report),
            Some((keyword, "warning")) => (keyword, Severity::Warning),
            Some((keyword, "error")) => (keyword, Severity::Error),
            Some((keyword, cut)) if is_cut(text, cut, "warning") => (keyword, Severity::Warning),
            Some((keyword, cut)) if is_cut(text, cut, "report") => (keyword, Severity::Report),
            Some((keyword, cut)) if is_cut(text, cut, "error") => (keyword, Severity::Error),
            Some(_) | None => (text, Severity::Unsaid),
        };
        Some(Self { keyword: keyword.to_owned(), severity })
    }

    /// `a4`: an empty or missing tray stops nothing while another one has A4.
    #[must_use]
    pub fn means(&self, a4: Loaded) -> Means {
        let is_error = self.severity >= Severity::Unsaid;
        let has_other_tray = !is_error && a4 == Loaded::Yes;
        match self.keyword.as_str() {
            "media-jam" => Means::Stops(Fault::PaperJam),
            "cover-open" | "door-open" | "interlock-open" => Means::Stops(Fault::CoverOpen),
            "media-needed" => Means::Stops(Fault::PaperOut),
            "media-empty" if has_other_tray => Means::PaperLow,
            "media-empty" => Means::Stops(Fault::PaperOut),
            "input-tray-missing" if has_other_tray => Means::PaperLow,
            "input-tray-missing" => Means::Stops(Fault::TrayMissing),
            "media-low" => Means::PaperLow,
            "toner-empty" | "marker-supply-empty" if is_error => Means::Stops(Fault::TonerEmpty),
            "toner-empty" | "marker-supply-empty" | "toner-low" | "marker-supply-low" => {
                Means::TonerLow
            }
            "output-area-full" if is_error => Means::Stops(Fault::OutputFull),
            "output-area-full" | "output-area-almost-full" => Means::OutputNearlyFull,
            "paused" | "moving-to-paused" => Means::Stops(Fault::Paused),
            _ if self.severity == Severity::Error => Means::Stops(Fault::NeedsTechnician),
            _ if is_error => Means::Unknown,
            _ => Means::Nothing,
        }
    }
}

fn is_cut(text: &str, end: &str, whole: &str) -> bool {
    text.len() >= CUT_LEN && !end.is_empty() && whole.starts_with(end)
}

/// Which of two faults a person mends first: what is shut away behind the other is later.
#[must_use]
pub const fn weight(fault: Fault) -> u8 {
    match fault {
        Fault::NeedsTechnician => 9,
        Fault::PaperJam => 8,
        Fault::CoverOpen => 7,
        Fault::TrayMissing => 6,
        Fault::PaperOut => 5,
        Fault::WrongPaper => 4,
        Fault::TonerEmpty => 3,
        Fault::OutputFull => 2,
        Fault::Paused => 1,
        Fault::Missing
        | Fault::Silent
        | Fault::Garbage
        | Fault::Occupied
        | Fault::NotAccepting
        | Fault::Stalled
        | Fault::Miscounted
        | Fault::Aborted => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(text: &str, a4: Loaded) -> Means {
        Reason::read(text).map_or(Means::Nothing, |reason| reason.means(a4))
    }

    #[test]
    fn the_severity_is_taken_off_and_kept() {
        let read = |text| Reason::read(text).map(|r| (r.keyword, r.severity));
        let some = |keyword: &str, severity| Some((keyword.to_owned(), severity));
        assert_eq!(read("none"), None);
        assert_eq!(read(""), None);
        assert_eq!(read("media-jam"), some("media-jam", Severity::Unsaid));
        assert_eq!(read("media-low-report"), some("media-low", Severity::Report));
        assert_eq!(read("toner-empty-error"), some("toner-empty", Severity::Error));
        // As measured: the 32nd byte of ippeveprinter's keyword is the zero.
        let cut = "marker-waste-almost-full-warnin";
        assert_eq!(read(cut), some("marker-waste-almost-full", Severity::Warning));
        assert_eq!(means(cut, Loaded::Yes), Means::Nothing);
    }

    #[test]
    fn what_nobody_prints_with_stops_at_any_severity() {
        for severity in ["", "-report", "-warning", "-error"] {
            for (keyword, fault) in [
                ("media-jam", Fault::PaperJam),
                ("cover-open", Fault::CoverOpen),
                ("interlock-open", Fault::CoverOpen),
                ("media-needed", Fault::PaperOut),
                ("paused", Fault::Paused),
            ] {
                let text = format!("{keyword}{severity}");
                assert_eq!(means(&text, Loaded::Yes), Means::Stops(fault), "{text}");
            }
        }
    }

    #[test]
    fn an_empty_tray_is_weighed_by_whether_there_is_another() {
        let out = Means::Stops(Fault::PaperOut);
        assert_eq!(means("media-empty-report", Loaded::Yes), Means::PaperLow);
        assert_eq!(means("media-empty-report", Loaded::No), out);
        assert_eq!(means("media-empty-warning", Loaded::Unknown), out);
        assert_eq!(means("media-empty-error", Loaded::Yes), out);
        let missing = Means::Stops(Fault::TrayMissing);
        assert_eq!(means("input-tray-missing-warning", Loaded::Unknown), missing);
    }

    #[test]
    fn supplies_stop_only_as_errors_and_unknown_errors_are_a_technicians() {
        for (text, wanted) in [
            ("toner-empty-warning", Means::TonerLow),
            ("marker-supply-empty-error", Means::Stops(Fault::TonerEmpty)),
            ("output-area-full-warning", Means::OutputNearlyFull),
            ("output-area-full-error", Means::Stops(Fault::OutputFull)),
            ("fuser-over-temp-error", Means::Stops(Fault::NeedsTechnician)),
            ("fuser-over-temp-warning", Means::Nothing),
            ("toner-empty", Means::Stops(Fault::TonerEmpty)),
            ("identify-printer-requested", Means::Unknown),
        ] {
            assert_eq!(means(text, Loaded::Yes), wanted, "{text}");
        }
    }
}
