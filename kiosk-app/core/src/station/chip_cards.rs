//! Chip cards in the slot: a social security card, where one is enough, and the cards of staff.
//!
//! What a social security card says can be read, and so copied, by anybody. It shows people their
//! own cases, as the number on a slip would; it files nothing and opens no door (R7).

use device_api::smart_card::{Health, Refusal, Slot, SocialCard, Status};
use kiosk_words::{Now, Private};

use super::{
    Pending, Station,
    pages::{CardTrouble, Page, Purpose, Refused, StaffTrouble},
};
use crate::{
    effect::{EffectId, Request},
    record::{AuditKind, Person},
};

impl Station {
    pub(super) fn on_chip_slot(&mut self, status: Status) {
        self.readiness.chip_slot = Some(status.health);
        self.chip_slot = status.slot;
        // A proof that is under way is refused by itself.
        if self.chip_slot == Slot::Empty && matches!(self.page, Page::StaffPin { asked: None, .. })
        {
            let trouble = Some(StaffTrouble::Chip(Refusal::TakenOut));
            self.go(Page::StaffCard { trouble });
        }
    }

    /// A card in the slot will do on this page.
    pub(crate) fn takes_social_card(&self) -> bool {
        let Page::Card { purpose, .. } = self.page else { return false };
        self.slot_will_do(purpose)
    }

    /// A card in the slot is waited for on this page.
    fn wants_chip_card(&self) -> bool {
        let is_up = self.readiness.chip_slot == Some(Health::Ready);
        self.takes_social_card() || (is_up && matches!(self.page, Page::StaffCard { .. }))
    }

    pub(super) fn slot_will_do(&self, purpose: Purpose) -> bool {
        purpose.takes_social_card() && self.readiness.chip_slot == Some(Health::Ready)
    }

    /// A card that nobody is asked for: left behind, or forgotten until now.
    pub(crate) fn card_stays_in_slot(&self) -> bool {
        let has_work =
            self.takes_social_card() || self.page.is_of_staff_card() || self.staff_role().is_some();
        self.chip_slot != Slot::Empty && !has_work
    }

    /// The card in the slot will not be read before it was taken out.
    pub(crate) fn is_slot_used(&self) -> bool {
        self.chip_slot == Slot::Used
    }

    /// Reads on wherever a card in the slot will do, and nowhere else. Runs at the end of every
    /// step.
    pub(super) fn keep_reading_slot(&mut self) {
        let is_wanted = self.wants_chip_card() && self.sheet.is_none();
        if is_wanted && self.chip_read.is_none() {
            let challenge = self.new_challenge();
            let id = self.ask(Request::ReadChipCard { challenge }, Pending::Read);
            self.chip_read = Some((id, challenge));
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
        if self.chip_read.take_if(|(read, _)| *read == id).is_none() {
            return;
        }
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
            | Refusal::BadCardData
            | Refusal::NotPersonalised
            | Refusal::NoKey
            | Refusal::WrongPin { .. }
            | Refusal::PinBlocked
            | Refusal::NotWaiting => {}
        }
        if matches!(self.page, Page::StaffCard { .. }) {
            return self.staff_refused(StaffTrouble::Chip(why), now);
        }
        let record = self.audit(AuditKind::CardRefused, None, now);
        self.note(vec![record]);
        if let Page::Card { trouble, .. } = &mut self.page {
            *trouble = Some(CardTrouble::Chip(why));
        }
        self.turn_over();
    }

    pub(super) fn on_social_card(&mut self, id: EffectId, card: &SocialCard, now: Now) {
        if self.chip_read.take_if(|(read, _)| *read == id).is_none() {
            return;
        }
        if matches!(self.page, Page::StaffCard { .. }) {
            return self.staff_refused(StaffTrouble::NotStaff, now);
        }
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

impl Station {
    /// Whoever wants to see their own cases does not need a staff card for it.
    pub(super) fn staff_card_for_citizen(&mut self, now: Now) {
        let record = self.audit(AuditKind::CardRefused, None, now);
        self.note(vec![record]);
        if let Page::Card { trouble, .. } = &mut self.page {
            *trouble = Some(CardTrouble::StaffCard);
        }
        self.turn_over();
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
