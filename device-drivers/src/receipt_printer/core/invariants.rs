//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    receipt_printer::{Event, Health, Reply},
};

use super::{Outputs, ReceiptPrinter, Residue, Stage};
use crate::machine::{Output, check_answered_once};

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
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once(
            [was_open.map(|(id, _)| id), asked],
            self.job.as_ref().map(|job| job.id),
            answered,
        );
    }
}
