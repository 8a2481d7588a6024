//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    id_reader::{Event, Health},
};

use super::{IdReader, Outputs, Phase, Step, Wait};
use crate::machine::{Output, check_answered_once};

impl IdReader {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        let offline = self.phase == Phase::Offline;
        let is_up = matches!(self.status.health, Health::Ready);
        assert!(!(offline && is_up), "ready without a link");
        assert!(!(offline && self.status.card_present), "a card on a reader that is not there");
        if let Health::Down(fault) = self.status.health {
            assert!(self.read.is_none(), "a read is open while the reader is down: {fault:?}");
        }
        let n_writes = out.iter().filter(|o| matches!(o, Output::Write(_))).count();
        assert!(n_writes <= 1, "{n_writes} commands sent in one step");
        if n_writes == 1 {
            assert!(matches!(self.phase, Phase::Waiting(_)), "sent and not waiting");
        }
        let holds_card = self.read.as_ref().is_some_and(|read| read.card.is_some());
        if holds_card {
            let adding = matches!(
                self.phase,
                Phase::Waiting(Wait { step: Step::Added, .. })
                    | Phase::Draining { wait: Wait { step: Step::Added, .. }, .. }
            );
            assert!(adding, "a card is kept without waiting for its addresses");
        }
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once([was_open, asked], self.read.as_ref().map(|read| read.id), answered);
    }
}
