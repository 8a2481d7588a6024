//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    receipt_printer::{Event, Health, Reply},
};

use super::{Outputs, ReceiptPrinter, Residue, Stage};
use crate::machine::Output;

impl ReceiptPrinter {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<(RequestId, Stage)>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        let started = self.job.as_ref().is_some_and(|job| job.stage.has_started());
        if self.is_offline() {
            assert!(!started && self.cleaning.is_none(), "at work without a link");
            assert!(self.status.health != Health::Ready, "ready without a link");
        }
        if self.status.health == Health::Ready {
            assert!(self.fault().is_none(), "ready with {:?}", self.fault());
            assert!(started || self.residue == Residue::None, "ready with the rest of a slip");
        }
        assert!(!(started && self.cleaning.is_some()), "printing into a cleaning");
        if started {
            assert!(self.residue == Residue::Torn, "a started slip counts as torn until it ends");
        }
        let printed = out.iter().any(|o| matches!(o, Output::Tell(Event::Done(_, Reply::Printed))));
        if printed {
            let stage = was_open.map(|(_, stage)| stage);
            assert!(stage == Some(Stage::Confirming), "printed without proof, was {stage:?}");
            assert!(self.fault().is_none(), "printed with {:?}", self.fault());
        }
        self.check_answers(was_open.map(|(id, _)| id), asked, out);
    }

    /// Each request that was open or came in is open still or was answered once in this step.
    fn check_answers(&self, was_open: Option<RequestId>, asked: Option<RequestId>, out: &Outputs) {
        let is_open = self.job.as_ref().map(|job| job.id);
        for id in [was_open, asked].into_iter().flatten() {
            let n_answers = out.iter().filter(|o| answers(o, id)).count();
            let n_open = usize::from(is_open == Some(id));
            assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
        }
    }
}

fn answers(output: &Output<Event>, to: RequestId) -> bool {
    match output {
        Output::Tell(Event::Done(id, _) | Event::Refused(id, _)) => *id == to,
        Output::Tell(Event::StatusChanged(_))
        | Output::Write(_)
        | Output::SetLineBaud(_)
        | Output::CloseLink(_) => false,
    }
}
