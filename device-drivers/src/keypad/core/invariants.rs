//! What holds after every step of the driver, checked in every build.

use device_api::keypad::Event;

use super::{Keypad, Outputs, Phase};
use crate::machine::Output;

impl Keypad {
    pub(super) fn check_invariants(&self, out: &Outputs) {
        let is_offline = self.phase == Phase::Offline;
        assert!(!is_offline || !self.status.health.works(), "works without a link");
        assert!(!self.status.jack || self.is_talking(), "a jack that nobody reports");
        assert!(!self.status.jack || self.jack_at.is_none(), "in, and still settling");
        assert!(
            self.silent_at.is_some() != self.deframer.is_empty(),
            "what has begun ends at the latest with a silence"
        );
        let presses = out.iter().filter(|output| matches!(output.told(), Some(Event::Pressed(_))));
        let acks = out.iter().filter(|output| matches!(output, Output::Write(_)));
        assert!(presses.count() <= acks.count(), "a key was told and not acknowledged");
    }
}
