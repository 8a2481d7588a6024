//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    code_scanner::{Event, Health},
};

use super::{CodeScanner, Outputs, Phase};
use crate::machine::{Output, check_answered_once};

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
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once([was_open, asked], self.read, answered);
    }
}
