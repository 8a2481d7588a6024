//! Collecting: the card of a named collector and the pick-up code, then one door (R7).

use device_api::locker;
use kiosk_words::{Now, OrderId, Private};

use super::{
    Pending, Station,
    pages::{Errand, Page},
};
use crate::{
    custody::Act,
    effect::{EffectId, Query},
    event::FoundCase,
    record::{AuditKind, Record},
    words::{self, Say},
};

/// Digits of a pick-up code.
pub(crate) const CODE_LEN: usize = 6;

impl Station {
    /// Why nothing can be collected now, or `None` (R3).
    pub(crate) fn collect_blocked(&self) -> Option<Say> {
        let all_silent = !self.boards.is_empty()
            && self.boards.values().all(|health| matches!(health, locker::Health::Down(_)));
        if all_silent { Some(words::NOT_READY_LOCKER) } else { self.readiness.card_blocked() }
    }

    /// After the card: everything that lies here for this person.
    pub(super) fn on_found_to_collect(&mut self, cases: Vec<FoundCase>) {
        let waiting: Vec<(Errand, OrderId)> = cases
            .iter()
            .flat_map(|found| {
                let orders = self.waiting_for_person(found).into_iter();
                orders.map(move |order| (Errand::of(found), order))
            })
            .collect();
        match waiting.as_slice() {
            [] => self.go(Page::NothingToCollect),
            [(errand, order)] => self.ask_code(errand.clone(), Act::Collect { order: *order }),
            _ => self.go(Page::ToCollect(waiting)),
        }
    }

    pub(super) fn choose_to_collect(&mut self, waiting: &[(Errand, OrderId)], id: &str) {
        let chosen = waiting.iter().find(|(_, order)| order.0.to_string() == id);
        if let Some((errand, order)) = chosen {
            self.ask_code(errand.clone(), Act::Collect { order: *order });
        }
    }

    /// The second thing that opens a door (R7); also for whoever takes originals back.
    pub(super) fn ask_code(&mut self, errand: Errand, act: Act) {
        match self.custody.may_give(act) {
            Ok(_) => self.go(Page::Code {
                errand,
                act,
                typed: Private::default(),
                checking: None,
                was_wrong: false,
            }),
            Err(why) => self.go(Page::Denied { errand, why }),
        }
    }

    pub(super) fn check_code(&mut self) {
        let Page::Code { errand, act, typed, checking: None, .. } = self.page.clone() else {
            return;
        };
        if typed.expose().len() != CODE_LEN {
            let was_wrong = false;
            let page = Page::Code { errand, act, typed, checking: None, was_wrong };
            return self.go(page);
        }
        let Some(case) = errand.case else { return };
        let id = self.expect(Pending::Code);
        let query = Query::CodeIs { case, code: typed.clone() };
        self.out.push(crate::Effect::Find { id, query });
        self.go(Page::Code { errand, act, typed, checking: Some(id), was_wrong: false });
    }

    pub(super) fn on_code_checked(&mut self, id: EffectId, right: bool, now: Now) {
        self.settle(id);
        let Page::Code { errand, act, checking: Some(asked), .. } = self.page.clone() else {
            return;
        };
        if asked != id {
            return;
        }
        if right {
            return self.open_for(errand, act, None, now);
        }
        if let Some(case) = errand.case {
            let n = self.custody.wrong_code(case);
            let records = vec![
                Record::WrongCodes { case, n },
                self.audit(AuditKind::WrongCode, Some(case), now),
            ];
            self.note(records);
        }
        match self.custody.may_give(act) {
            Ok(_) => {
                let typed = Private::default();
                self.go(Page::Code { errand, act, typed, checking: None, was_wrong: true });
            }
            Err(why) => self.go(Page::Denied { errand, why }),
        }
    }
}
