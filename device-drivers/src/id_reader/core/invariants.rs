//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    id_reader::{Event, Health},
};

use super::{IdReader, Outputs, Phase, Step, Wait};
use crate::machine::Output;

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
        self.check_answers(was_open, asked, out);
    }

    /// Each request that was open or came in is open still or was answered once in this step.
    fn check_answers(&self, was_open: Option<RequestId>, asked: Option<RequestId>, out: &Outputs) {
        let is_open = self.read.as_ref().map(|read| read.id);
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
