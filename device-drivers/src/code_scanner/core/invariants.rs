//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    code_scanner::{Event, Health},
};

use super::{CodeScanner, Outputs, Phase};
use crate::machine::Output;

impl CodeScanner {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        let is_offline = self.phase == Phase::Offline;
        assert!(!is_offline || self.status.health != Health::Ready, "ready without a link");
        assert!(!is_offline || !self.is_lit, "a lamp that cannot be reached");
        if let Health::Down(fault) = self.status.health {
            assert!(self.read.is_none(), "a read is open while the scanner is down: {fault:?}");
        }
        assert!(
            self.silent_at.is_some() != self.deframer.is_empty(),
            "what has begun ends at the latest with a silence"
        );
        // Each request that was open or came in is open still or was answered once in this step.
        for id in [was_open, asked].into_iter().flatten() {
            let n_answers = out.iter().filter(|o| answers(o, id)).count();
            let n_open = usize::from(self.read == Some(id));
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
