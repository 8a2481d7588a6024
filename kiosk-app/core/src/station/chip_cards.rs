//! Chip cards in the slot: a social security card, where one is enough.
//!
//! What it says can be read, and so copied, by anybody. It shows people their own cases, as the
//! number on a slip would; it files nothing and opens no door (R7).

use device_api::smart_card::{Health, Refusal, Slot, SocialCard, Status};
use kiosk_words::{Now, Private};

use super::{
    Pending, Station,
    pages::{CardTrouble, Page, Purpose, Refused},
};
use crate::{
    effect::{EffectId, Request},
    record::{AuditKind, Person},
};

impl Station {
    pub(super) const fn on_chip_slot(&mut self, status: Status) {
        self.readiness.chip_slot = Some(status.health);
        self.chip_slot = status.slot;
    }

    /// A card in the slot will do on this page.
    pub(crate) fn takes_social_card(&self) -> bool {
        let Page::Card { purpose, .. } = self.page else { return false };
        self.slot_will_do(purpose)
    }

    pub(super) fn slot_will_do(&self, purpose: Purpose) -> bool {
        purpose.takes_social_card() && self.readiness.chip_slot == Some(Health::Ready)
    }

    /// A card that nobody is asked for: left behind, or forgotten until now.
    pub(crate) fn card_stays_in_slot(&self) -> bool {
        self.chip_slot != Slot::Empty && !self.takes_social_card()
    }

    /// The card in the slot will not be read before it was taken out.
    pub(crate) fn is_slot_used(&self) -> bool {
        self.chip_slot == Slot::Used
    }

    /// Reads on wherever a card in the slot will do, and nowhere else. Runs at the end of every
    /// step.
    pub(super) fn keep_reading_slot(&mut self) {
        let is_wanted = self.takes_social_card() && self.sheet.is_none();
        if is_wanted && self.chip_read.is_none() {
            self.chip_read = Some(self.ask(Request::ReadChipCard, Pending::Read));
        } else if !is_wanted && self.chip_read.take().is_some() {
            self.ask(Request::StopReadingChip, Pending::Tidy);
        }
    }

    /// At the end of a visit a card in the slot belongs to nobody any more.
    pub(super) fn disown_card_in_slot(&mut self) {
        if self.config.has_chip_slot {
            self.chip_read = None;
            self.ask(Request::StopReadingChip, Pending::Tidy);
        }
    }

    pub(super) fn on_chip_refused(&mut self, id: EffectId, why: Refusal, now: Now) {
        if self.chip_read != Some(id) {
            return;
        }
        self.chip_read = None;
        // The status that says so is on its way; until then nothing is asked, or a driver that has
        // ended would be asked for ever.
        match why {
            Refusal::DeviceDown(fault) => self.readiness.chip_slot = Some(Health::Down(fault)),
            Refusal::Stopped => self.readiness.chip_slot = Some(Health::Starting),
            Refusal::TakenOut
            | Refusal::InsertAgain
            | Refusal::Stalled
            | Refusal::UnknownCard
            | Refusal::Blocked
            | Refusal::Protected
            | Refusal::UnknownGeneration
            | Refusal::InUse
            | Refusal::BadCardData => {}
        }
        let record = self.audit(AuditKind::CardRefused, None, now);
        self.note(vec![record]);
        if let Page::Card { trouble, .. } = &mut self.page {
            *trouble = Some(CardTrouble::Chip(why));
        }
        self.turn_over();
    }

    pub(super) fn on_social_card(&mut self, id: EffectId, card: &SocialCard, now: Now) {
        if self.chip_read != Some(id) {
            return;
        }
        self.chip_read = None;
        let Page::Card { purpose, .. } = self.page else { return };
        let record = self.audit(AuditKind::CardRead, None, now);
        self.note(vec![record]);
        self.stop_reading();
        if let Some(until) = card.valid_to.as_ref().filter(|until| self.has_passed(until, now)) {
            return self.go(Page::Refused(Refused::Expired { until: until.clone() }));
        }
        let person = person(card, now);
        if let Some(session) = &mut self.session {
            session.verified(person.clone());
        }
        self.look_up(&person, purpose);
    }
}

impl Purpose {
    const fn takes_social_card(self) -> bool {
        match self {
            Self::Progress => true,
            Self::Applicant | Self::Guardian | Self::Collect => false,
        }
    }
}

fn person(card: &SocialCard, now: Now) -> Person {
    Person {
        name: card.name.clone(),
        number: card.number.clone(),
        birth: card.birth.clone(),
        address: Private::default(),
        sex: super::cards::sex_word(card.sex),
        verified_at: now.wall,
        reader: None,
    }
}
