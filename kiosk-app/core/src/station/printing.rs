//! Slips: written down, printed, and what is known of them afterwards.

use device_api::receipt_printer::{self, Fault, Health, Refusal};
use kiosk_matters::slips::Values;
use kiosk_words::{CaseId, Now};

use super::{Pending, Station, pages::Page};
use crate::{
    effect::Request,
    print::Job,
    record::{AuditKind, PrintEnd, Record, SlipKind},
    slips,
};

impl Station {
    pub(super) const fn on_printer(&mut self, status: receipt_printer::Status) {
        self.printer = Some(status);
    }

    /// Why nothing can be printed now.
    pub(crate) fn printer_fault(&self) -> Option<Fault> {
        match self.printer.map(|status| status.health) {
            Some(Health::Ready) => None,
            Some(Health::Down(fault)) => Some(fault),
            Some(Health::Starting) | None => Some(Fault::Silent),
        }
    }

    /// Starts a slip; without a printer the page says so and nothing else changes.
    pub(super) fn print(&mut self, case: CaseId, kind: SlipKind, facts: &Values, now: Now) {
        let Some(session) = self.session.as_ref().map(|session| session.id) else { return };
        if !self.config.has_printer {
            return;
        }
        if self.prints.is_busy() {
            self.prints.wait(case, kind);
            self.print_next = Some((case, kind, facts.clone()));
            return;
        }
        if let Some(fault) = self.printer_fault() {
            return self.prints.refuse(case, kind, fault);
        }
        let Some(slip) = slips::fill(&self.config.slips, kind, facts) else {
            return self.prints.refuse(case, kind, Fault::Unrecoverable);
        };
        let Some(job) = self.prints.start(session, case, kind, slip) else { return };
        let (number, reprint) = (job.number, job.reprint);
        let at = now.wall;
        let records = vec![
            Record::PrintStarted { number, case, slip: kind, reprint, at },
            self.audit(AuditKind::PrintStarted, Some(case), now),
        ];
        self.persist(records, Pending::PrintWritten { number });
    }

    /// Only now may the first byte go to the printer.
    pub(super) fn on_print_written(&mut self, number: u64, now: Now) {
        let session = self.session.as_ref().map(|session| session.id);
        if let Some(job) = self.prints.written(number, session) {
            let request = Request::Print { slip: job.slip, reprint: job.reprint };
            self.ask(request, Pending::Print { number });
        } else if let Some(job) = self.prints.drop_unwanted(number) {
            self.note_print(&job, PrintEnd::NotStarted, now);
        }
    }

    pub(super) fn on_print_ended(&mut self, number: u64, refusal: Option<Refusal>, now: Now) {
        let Some((job, end)) = self.prints.ended(number, refusal) else { return };
        self.note_print(&job, end, now);
        if let Some((case, kind, facts)) = self.print_next.take() {
            self.print(case, kind, &facts, now);
        }
    }

    fn note_print(&mut self, job: &Job, how: PrintEnd, now: Now) {
        let kind = match how {
            PrintEnd::CameOut => AuditKind::PrintCameOut,
            PrintEnd::NotStarted => AuditKind::PrintNotStarted,
            PrintEnd::Uncertain => AuditKind::PrintUncertain,
        };
        let audit = self.audit(kind, Some(job.case), now);
        self.note(vec![Record::PrintEnded { number: job.number, how }, audit]);
    }

    /// Whether these came out is not known, and never will be.
    pub(super) fn note_unsettled_prints(
        &mut self,
        unsettled: &[(u64, CaseId, SlipKind)],
        now: Now,
    ) {
        for (number, case, _) in unsettled {
            let audit = self.audit(AuditKind::PrintUncertain, Some(*case), now);
            let how = PrintEnd::Uncertain;
            self.note(vec![Record::PrintEnded { number: *number, how }, audit]);
        }
    }

    /// 打印 or 补打 of the slip on this page.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other page has a slip")]
    pub(super) fn print_again(&mut self, now: Now) {
        match self.page.clone() {
            Page::Receipt(receipt) | Page::Paper(receipt) => {
                let facts = slips::receipt(self, &receipt.filed, &receipt.qr);
                self.print(receipt.filed.case, SlipKind::Receipt, &facts, now);
            }
            Page::Envelope(errand) => self.print_deposit_slip(&errand, now),
            Page::DoorDone { errand, what, .. } => self.print_collection(&errand, what, now),
            _ => {}
        }
        self.turn_over();
    }
}
