//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    smart_card::{Event, Health, Slot},
};

use super::{Output, Outputs, SmartCardReader};
use crate::machine::check_answered_once;

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
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once([was_open, asked], self.read, answered);
    }
}
