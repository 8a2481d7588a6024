//! Staff at the machine: signing in with a card and its PIN, and what a role may do.
//!
//! ```text
//!  card in the slot ─▶ good? (`staff_card`) ─▶ PIN ─▶ the holder's key signs ─▶ signed in
//!                        │ no: which way            │ wrong: the card counts, and we lock
//!                        ▼                          ▼
//!                     the page says why        longer each time, also over a restart (R10)
//! ```
//! The card stays in the slot while its holder works; taking it out signs out. A card that the hall
//! takes back ends a session that it began, as soon as no door is open.

use device_api::smart_card::{Challenge, Pin, Refusal, Slot, StaffCard};
use kiosk_words::{Now, Private, ServiceTime, StaffCardNo, StaffRole};
use sha2::{Digest as _, Sha256};

use super::{
    Pending, Station,
    pages::{CodeFor, Page, StaffTrouble},
};
use crate::{
    effect::{EffectId, Request},
    event::Staff,
    record::{AuditKind, Record, SessionEnd},
    staff_card::{self, StaffTrust},
};

/// Wrong PINs before a person is locked out here. The card itself blocks after its own count.
const FREE_FAILURES: u32 = 1;
/// The first lock; each further wrong PIN doubles it.
const LOCK_MS: i64 = 60_000;
const LOCK_MS_MAX: i64 = 24 * 3_600_000;

impl Station {
    pub(super) fn open_staff_sign(&mut self) {
        if self.staff_role().is_some() {
            self.go_to_staff_work();
        } else if self.config.has_chip_slot {
            self.stop_reading();
            self.go(Page::StaffCard { trouble: None });
        }
    }

    /// What a card is to sign: of this station, and never the same twice.
    pub(super) fn new_challenge(&mut self) -> Challenge {
        let noise = self.random.block();
        let hash = Sha256::new()
            .chain_update("Nightdesk staff card 1")
            .chain_update(u16::from(self.config.station).to_be_bytes())
            .chain_update(noise);
        Challenge(hash.finalize().into())
    }

    pub(super) fn on_staff_card(&mut self, id: EffectId, card: &StaffCard, now: Now) {
        let Some((_, challenge)) = self.chip_read.take_if(|(read, _)| *read == id) else { return };
        if !matches!(self.page, Page::StaffCard { .. }) {
            return self.staff_card_for_citizen(now);
        }
        self.is_trust_new = false;
        match staff_card::check(card, &challenge, &self.staff_trust, now) {
            Err(why) => self.staff_refused(StaffTrouble::Unfit(why), now),
            Ok(presented) => match self.locked_until(&presented.staff.id) {
                Some(until) => self.staff_refused(StaffTrouble::Locked { until }, now),
                None => self.go(Page::StaffPin {
                    card: Box::new(presented),
                    pin: Private::default(),
                    trouble: None,
                    asked: None,
                }),
            },
        }
    }

    /// Says why, and waits for the next card.
    pub(super) fn staff_refused(&mut self, why: StaffTrouble, now: Now) {
        let record = self.audit(AuditKind::StaffRefused, None, now);
        self.note(vec![record]);
        self.go(Page::StaffCard { trouble: Some(why) });
    }

    fn locked_until(&self, staff: &str) -> Option<ServiceTime> {
        let (_, until) = self.lockouts.get(staff)?;
        (*until > self.service_time).then_some(*until)
    }

    pub(super) fn sign_staff_in(&mut self) {
        let Page::StaffPin { card, pin: typed, asked: None, .. } = self.page.clone() else {
            return;
        };
        let pin = Private::default();
        let Some(digits) = Pin::new(&typed) else {
            let trouble = Some(StaffTrouble::NotAPin);
            return self.go(Page::StaffPin { card, pin, trouble, asked: None });
        };
        let challenge = self.new_challenge();
        let pending = Pending::Staff(card.staff.id.clone());
        let id = self.ask(Request::ProveStaff { pin: digits, challenge }, pending);
        let asked = Some((id, challenge));
        self.go(Page::StaffPin { card, pin, trouble: None, asked });
    }

    pub(super) fn on_staff_proof(&mut self, id: EffectId, signature: &[u8], now: Now) {
        let Page::StaffPin { card, asked: Some((asked, challenge)), .. } = self.page.clone() else {
            return;
        };
        if asked != id {
            return;
        }
        if card.has_signed(&challenge, signature) {
            self.staff_signed_in(card.staff, now);
        } else {
            self.staff_refused(StaffTrouble::Unfit(staff_card::Unfit::Copied), now);
        }
    }

    fn staff_signed_in(&mut self, staff: Staff, now: Now) {
        self.lockouts.remove(&staff.id);
        let records = vec![
            Record::StaffPassed { staff: staff.id.clone() },
            self.audit(AuditKind::StaffSignedIn, None, now),
        ];
        self.note(records);
        self.drop_application();
        if let Some(session) = &mut self.session {
            session.people.clear();
            session.staff = Some(staff);
        }
        self.go_to_staff_work();
    }

    /// The card gave no proof. A wrong PIN counts, whatever page is there by now.
    pub(super) fn on_proof_refused(&mut self, id: EffectId, staff: &str, why: Refusal, now: Now) {
        let is_wrong = matches!(why, Refusal::WrongPin { .. } | Refusal::PinBlocked);
        let until = if is_wrong { self.count_failure(staff) } else { None };
        let Page::StaffPin { card, asked: Some((asked, _)), .. } = self.page.clone() else {
            return;
        };
        if asked != id {
            return;
        }
        let trouble = match until {
            Some(until) if why != Refusal::PinBlocked => StaffTrouble::Locked { until },
            Some(_) | None => StaffTrouble::Chip(why),
        };
        if until.is_none() && matches!(why, Refusal::WrongPin { .. }) {
            let record = self.audit(AuditKind::StaffRefused, None, now);
            self.note(vec![record]);
            let (pin, trouble) = (Private::default(), Some(trouble));
            self.go(Page::StaffPin { card, pin, trouble, asked: None });
        } else {
            self.staff_refused(trouble, now);
        }
    }

    /// Until when this person is locked out now, if they are.
    fn count_failure(&mut self, staff: &str) -> Option<ServiceTime> {
        let failures = self.lockouts.get(staff).map_or(0, |(n, _)| *n) + 1;
        let over = failures.saturating_sub(FREE_FAILURES);
        let lock = if over == 0 { 0 } else { (LOCK_MS << (over - 1).min(12)).min(LOCK_MS_MAX) };
        let until = ServiceTime(self.service_time.0.saturating_add(lock));
        self.lockouts.insert(staff.to_owned(), (failures, until));
        let records = vec![
            Record::StaffFailed {
                staff: staff.to_owned(),
                n_failures: failures,
                locked_until: until,
            },
            Record::ServiceTime(self.service_time),
        ];
        self.note(records);
        (lock > 0).then_some(until)
    }

    // ---- what a role may do ----

    fn staff(&self) -> Option<&Staff> {
        self.session.as_ref()?.staff.as_ref()
    }

    pub(crate) fn staff_role(&self) -> Option<StaffRole> {
        self.staff().map(|staff| staff.role)
    }

    /// Opens doors for the hall. Never on a clock that nobody vouches for: then the dates of a card
    /// say nothing.
    pub(crate) fn may_open_doors(&self) -> bool {
        self.staff().is_some_and(|staff| match staff.role {
            StaffRole::Courier | StaffRole::Manager => !staff.is_limited,
            StaffRole::Technician | StaffRole::Supervisor | StaffRole::Guard => false,
        })
    }

    /// Sees what lies where and what is to be done at the cabinet.
    pub(crate) fn sees_round(&self) -> bool {
        let may = self.staff().is_some_and(|staff| match staff.role {
            StaffRole::Courier | StaffRole::Manager | StaffRole::Supervisor => !staff.is_limited,
            StaffRole::Technician | StaffRole::Guard => false,
        });
        may && self.custody.has_cells()
    }

    /// Sees only what is an alarm, and where.
    pub(crate) fn sees_alarms_only(&self) -> bool {
        self.staff_role() == Some(StaffRole::Guard)
    }

    /// Where somebody of the staff begins, and comes back to.
    pub(super) fn go_to_staff_work(&mut self) {
        let page = match self.sees_round() {
            _ if self.room.is_alarm() && self.may_reset_alarm() => Page::Alarm,
            true => Page::Round,
            false => Page::Devices,
        };
        self.go(page);
    }

    // ---- cards that are taken out, or taken back ----

    /// What the hall says about its staff cards; kept with the cursor in one transaction.
    pub(super) fn on_staff_trust(&mut self, cursor: u64, trust: StaffTrust) {
        // Under another CA nobody who signed in before is known any more.
        self.is_trust_new |= self.staff_trust.anchors != trust.anchors;
        self.staff_trust = trust.clone();
        self.note(vec![Record::FeedCursor(cursor), Record::StaffTrust(trust)]);
    }

    /// A card that is out of the slot, or taken back by the hall, ends what it began; an open door
    /// comes first. Runs at the end of every step.
    pub(super) fn sign_out_without_card(&mut self, now: Now) {
        let at_a_door =
            matches!(self.page, Page::Door(_) | Page::StaffCode(CodeFor::Check(..), ..));
        if !at_a_door && self.staff_has_gone() {
            self.end_session(SessionEnd::Left, now);
        }
    }

    /// Somebody signed in, and their card is out of the slot or not good any more: nothing further is
    /// done in their name.
    pub(crate) fn staff_has_gone(&self) -> bool {
        let is_revoked = |card: &StaffCardNo| self.staff_trust.revoked.contains(card);
        self.staff().is_some_and(|staff| {
            self.chip_slot != Slot::Used || self.is_trust_new || is_revoked(&staff.card)
        })
    }
}
