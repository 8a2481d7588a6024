//! What follows from what the printer says of itself.

use device_api::page_printer::{Fault, Health, Loaded, Status};

use super::{PagePrinter, Stage};
use crate::page_printer::codec::{
    PrinterReport, PrinterState,
    reasons::{Means, weight},
};

impl PagePrinter {
    pub(super) fn weigh(&self) -> Status {
        let Some(report) = &self.printer else {
            // What was known of paper and toner is as old as the printer is away.
            return Status { health: self.health(), ..self.status };
        };
        let means = |wanted| report.reasons.iter().any(|one| one.means(report.a4) == wanted);
        Status {
            health: self.health(),
            a4: report.a4,
            paper_low: means(Means::PaperLow),
            toner_low: means(Means::TonerLow),
            output_nearly_full: means(Means::OutputNearlyFull),
        }
    }

    fn health(&self) -> Health {
        let is_printing = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        match (self.absence, &self.printer) {
            (Some(fault), _) => Health::Down(fault),
            (None, None) => Health::Starting,
            (None, Some(report)) => match self.fault(report) {
                Some(fault) => Health::Down(fault),
                None if is_printing || self.queue.is_empty() => Health::Ready,
                None if self.queue.is_overdue() => Health::Down(Fault::Occupied),
                None => Health::Starting,
            },
        }
    }

    /// What keeps it from printing.
    pub(super) fn fault(&self, report: &PrinterReport) -> Option<Fault> {
        let is_started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        let stops = report.reasons.iter().filter_map(|reason| match reason.means(report.a4) {
            Means::Stops(fault) => Some(fault),
            Means::Unknown if report.state == PrinterState::Stopped => Some(Fault::NeedsTechnician),
            Means::PaperLow
            | Means::TonerLow
            | Means::OutputNearlyFull
            | Means::Unknown
            | Means::Nothing => None,
        });
        let gravest = stops.max_by_key(|fault| weight(*fault));
        // Paper that is being used may count as not there; what the job needs, its reasons say.
        let wrong_paper = report.a4 == Loaded::No && !is_started;
        let job_stopped = self.job.as_ref().is_some_and(|job| match &job.stage {
            Stage::Following(followed) => followed.is_stopped(),
            Stage::Checking { .. } | Stage::Sending { .. } | Stage::Counting(_) => false,
        });
        gravest.or_else(|| {
            if wrong_paper {
                Some(Fault::WrongPaper)
            } else if report.state == PrinterState::Stopped || job_stopped {
                Some(Fault::Paused)
            } else if !report.is_accepting && !is_started {
                Some(Fault::NotAccepting)
            } else {
                None
            }
        })
    }
}
