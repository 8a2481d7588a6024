//! What can be offered now, and why not (rule R3): decided before a person signs in.

use device_api::{id_reader::Health, smart_card};

use crate::words::{self, Say};

/// What the station needs for its services, as known at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    pub reader: Health,
    /// The store has no room for new cases.
    pub full: bool,
    /// A receipt number can be given.
    pub has_numbers: bool,
    /// `None`: there is no slot for chip cards.
    pub chip_slot: Option<smart_card::Health>,
    /// Otherwise the station lives on its battery: what is begun is ended, and nothing more.
    pub on_mains: bool,
}

impl Readiness {
    /// Why nothing new can be taken in, or `None`.
    pub const fn apply_blocked(&self) -> Option<Say> {
        if !self.on_mains {
            Some(words::NOT_READY_MAINS)
        } else if self.full {
            Some(words::NOT_READY_FULL)
        } else if !self.has_numbers {
            Some(words::NOT_READY_NUMBERS)
        } else {
            self.card_blocked()
        }
    }

    /// Why nobody can see their own cases, or `None`: for that, either reader will do.
    pub fn progress_blocked(&self) -> Option<Say> {
        match self.chip_slot {
            Some(smart_card::Health::Ready) => None,
            Some(smart_card::Health::Starting | smart_card::Health::Down(_)) | None => {
                self.card_blocked()
            }
        }
    }

    /// Why nobody can be recognised by id card, or `None`.
    pub const fn card_blocked(&self) -> Option<Say> {
        match self.reader {
            Health::Ready => None,
            Health::Starting => Some(words::NOT_READY_STARTING),
            Health::Down(_) => Some(words::NOT_READY_READER),
        }
    }
}

#[cfg(test)]
mod tests {
    use device_api::id_reader::Fault;

    use super::*;

    #[test]
    fn a_full_disk_refuses_new_cases_and_nothing_else() {
        let full = Readiness {
            reader: Health::Ready,
            full: true,
            has_numbers: true,
            chip_slot: None,
            on_mains: true,
        };
        assert_eq!(full.apply_blocked(), Some(words::NOT_READY_FULL));
        assert_eq!(full.card_blocked(), None);
    }

    #[test]
    fn without_mains_nothing_new_is_begun_and_cards_are_read() {
        let dark = Readiness {
            reader: Health::Ready,
            full: false,
            has_numbers: true,
            chip_slot: None,
            on_mains: false,
        };
        assert_eq!(dark.apply_blocked(), Some(words::NOT_READY_MAINS));
        assert_eq!((dark.card_blocked(), dark.progress_blocked()), (None, None));
    }

    #[test]
    fn every_fault_of_the_reader_blocks_what_needs_a_card() {
        for fault in [
            Fault::Missing,
            Fault::Silent,
            Fault::Garbage,
            Fault::SelfTestFailed,
            Fault::NotAuthorised,
        ] {
            let down = Readiness {
                reader: Health::Down(fault),
                full: false,
                has_numbers: true,
                chip_slot: None,
                on_mains: true,
            };
            assert_eq!(down.card_blocked(), Some(words::NOT_READY_READER));
            assert_eq!(down.apply_blocked(), Some(words::NOT_READY_READER));
            assert_eq!(down.progress_blocked(), Some(words::NOT_READY_READER));
            let slot = Readiness { chip_slot: Some(smart_card::Health::Ready), ..down };
            assert_eq!(slot.progress_blocked(), None, "a card in the slot will do");
            assert_eq!(slot.apply_blocked(), Some(words::NOT_READY_READER));
        }
    }
}
