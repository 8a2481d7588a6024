//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    smart_card::{Event, Health, Slot},
};

use super::{Output, Outputs, SmartCardReader};

impl SmartCardReader {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        if let Health::Down(fault) = self.status.health {
            assert!(self.read.is_none(), "a read is open while the reader is down: {fault:?}");
        }
        if self.is_working() {
            assert!(self.read.is_some(), "a card is asked for nobody");
            assert!(self.status.slot == Slot::Card, "a used card is asked");
            assert!(self.deadline().is_some(), "a card may answer never");
        }
        // Each request that was open or came in is open still or was answered once in this step.
        for id in [was_open, asked].into_iter().flatten() {
            let n_answers = out.iter().filter(|o| answers(o, id)).count();
            let n_open = usize::from(self.read == Some(id));
            assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
        }
    }
}

fn answers(output: &Output, to: RequestId) -> bool {
    match output {
        Output::Tell(Event::Done(id, _) | Event::Refused(id, _)) => *id == to,
        Output::Tell(Event::StatusChanged(_))
        | Output::Connect
        | Output::Transmit(_)
        | Output::LetGo => false,
    }
}
