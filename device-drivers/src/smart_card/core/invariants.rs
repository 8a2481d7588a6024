//! What holds after every step of the driver, checked in every build.

use device_api::{
    RequestId,
    smart_card::{Event, Health, Slot},
};

use super::{Output, Outputs, Phase, SmartCardReader};
use crate::machine::check_answered_once;

impl SmartCardReader {
    pub(super) fn check_invariants(
        &self,
        was_open: Option<RequestId>,
        asked: Option<RequestId>,
        out: &Outputs,
    ) {
        if let Health::Down(fault) = self.status.health {
            assert!(self.open.is_none(), "a request is open while the reader is down: {fault:?}");
        }
        match &self.phase {
            Phase::Resting => {}
            Phase::Connecting { .. } | Phase::Pausing { .. } => {
                assert!(self.open.is_some(), "a card is asked for nobody");
                assert!(self.status.slot == Slot::Card, "a used card is read");
            }
            Phase::Talking { talk, .. } => {
                assert!(self.open.is_some(), "a card is asked for nobody");
                let slot = if talk.is_reading() { Slot::Card } else { Slot::Used };
                assert!(self.status.slot == slot, "a used card is read, or a new one proves");
            }
            Phase::Waiting { .. } => {
                assert!(self.open.is_none(), "a card waits while it is asked");
                assert!(self.status.slot == Slot::Used, "a card waits that was not read");
            }
        }
        assert!(!self.is_working() || self.deadline().is_some(), "a card may have power for ever");
        let answered = out.iter().filter_map(Output::told).filter_map(Event::answers);
        check_answered_once([was_open, asked], self.open_id(), answered);
    }
}
