//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    room::{Event, Health},
};

use super::{Outputs, Phase, Room};
use crate::machine::Output;

impl Room {
    /// `before`: requests that were open, or came in with this step.
    pub(super) fn check_invariants(&self, before: &[RequestId], out: &Outputs) {
        let status = self.status;
        let is_offline = self.phase == Phase::Offline;
        assert!(!is_offline || status.health != Health::Ready, "ready without a link");
        let is_known = status.inputs.is_some() && status.outputs.is_some();
        assert_eq!(status.health == Health::Ready, is_known, "ready is to know the room");
        if let Health::Down(fault) = status.health {
            assert_eq!(self.wishes.open().count(), 0, "somebody waits for a board down: {fault:?}");
        }
        assert!(
            self.silent_at.is_some() != self.deframer.is_empty(),
            "what has begun ends at the latest with a silence"
        );
        let n_writes = out.iter().filter(|output| matches!(output, Output::Write(_))).count();
        assert!(n_writes <= 1, "one command at a time, not {n_writes}");
        for id in before {
            let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
            let n_answers = answered.filter(|answer| answer == id).count();
            let n_open = self.wishes.open().filter(|open| open == id).count();
            assert!(n_answers + n_open == 1, "{id:?} answered {n_answers} times, open {n_open}");
        }
    }
}
