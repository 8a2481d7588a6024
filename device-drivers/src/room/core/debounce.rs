//! Inputs without their bounces: a contact is believed when every look saw it so for long enough.

use device_api::room::Inputs;
use kiosk_words::Moment;

use super::super::timings::Timings;

#[derive(Debug, Default)]
pub(super) struct Debounced {
    emergency: Slow,
    lobby_open: Slow,
    on_mains: Slow,
}

/// One contact.
#[derive(Debug, Default)]
struct Slow {
    known: Option<bool>,
    /// What is seen, and since when.
    seen: Option<(bool, Moment)>,
}

impl Slow {
    fn sees(&mut self, value: bool, hold_ms: u64, now: Moment) {
        match self.seen {
            Some((seen, since)) if seen == value => {
                if since.ms_until(now) >= hold_ms {
                    self.known = Some(value);
                }
            }
            Some(_) | None => self.seen = Some((value, now)),
        }
    }
}

impl Debounced {
    /// What is not known yet is believed as fast as the button.
    pub(super) fn see(&mut self, inputs: Inputs, timings: &Timings, now: Moment) {
        let press_ms = timings.press_ms;
        let hold = |contact: &Slow, ms| if contact.known.is_none() { press_ms } else { ms };
        self.emergency.sees(inputs.emergency, press_ms, now);
        let door_ms = hold(&self.lobby_open, timings.door_ms);
        self.lobby_open.sees(inputs.lobby_open, door_ms, now);
        let mains_ms = hold(&self.on_mains, timings.mains_ms);
        self.on_mains.sees(inputs.on_mains, mains_ms, now);
    }

    pub(super) fn known(&self) -> Option<Inputs> {
        let Self { emergency, lobby_open, on_mains } = self;
        Some(Inputs {
            emergency: emergency.known?,
            lobby_open: lobby_open.known?,
            on_mains: on_mains.known?,
        })
    }
}
