//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    page_printer::{Event, Health, Reply},
};

use super::{Doing, Output, Outputs, PagePrinter, Question, Stage};
use crate::{machine::check_answered_once, page_printer::codec::Command};

impl PagePrinter {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<(RequestId, bool)>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        let is_started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        if self.status.health == Health::Ready {
            let fault = self.printer.as_ref().map(|report| self.fault(report));
            assert!(fault == Some(None), "ready with {fault:?}");
            assert!(self.absence.is_none(), "ready without a printer");
            assert!(is_started || self.queue.is_empty(), "ready with strange jobs in it");
        }
        self.check_messages(was_open, out);
        let printed =
            out.iter().any(|o| matches!(o, Output::Tell(Event::Done(_, Reply::Printed { .. }))));
        if printed {
            assert!(was_open.is_some_and(|(_, started)| started), "printed and never sent");
        }
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once(
            [was_open.map(|(id, _)| id), asked],
            self.job.as_ref().map(|job| job.id),
            answered,
        );
    }

    fn check_messages(&self, was_open: Option<(RequestId, bool)>, out: &Outputs) {
        let mut n_sent = 0;
        for output in out {
            let Output::Send(message) = output else { continue };
            n_sent += 1;
            let is_print = matches!(message.command, Command::Print { .. });
            assert!(is_print == message.document.is_some(), "{:?}", message.command);
            if is_print {
                let had_started = was_open.is_some_and(|(_, started)| started);
                assert!(!had_started, "a document is sent a second time");
                assert!(self.queue.is_empty(), "a document is sent to a printer with other jobs");
            }
        }
        assert!(n_sent <= 1, "{n_sent} messages at once");
        let is_asking = matches!(self.doing, Doing::Asking { .. });
        assert!(n_sent == 0 || is_asking, "sent and not waited for");
        let is_printing = matches!(self.doing, Doing::Asking { question: Question::Print, .. });
        let is_sending =
            self.job.as_ref().is_some_and(|job| matches!(job.stage, Stage::Sending { .. }));
        assert!(is_printing == is_sending, "a document under way and nobody who waits for it");
        let holds = self.job.as_ref().is_some_and(|job| job.document.is_some());
        assert!(!(holds && is_sending), "the document is kept after it was sent");
    }
}
