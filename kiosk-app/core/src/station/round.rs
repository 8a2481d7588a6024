//! The round through the cabinet, and the codes on slips. Staff see cell and case numbers, no names.

use device_api::locker::DoorNo;
use kiosk_words::{CaseId, EnvelopeCode, Now, OrderId, Private, ReceiptNo, StaffRole};

use super::{
    Pending, Station,
    pages::{CodeFor, CodeTrouble, Errand, Page},
};
use crate::{
    custody::{Act, CellState, Denied, Phase},
    effect::{EffectId, Query, Request},
    event::FoundCase,
};

impl Station {
    pub(super) fn choose_on_round(&mut self, id: &str, now: Now) {
        if id == "devices" {
            return self.go(Page::Devices);
        }
        if !self.may_open_doors() {
            return;
        }
        if id == "put" {
            return self.go(Page::StaffCode(CodeFor::Put, Private::default(), None, None));
        }
        let Some((kind, number)) = id.split_once(':') else { return };
        let door = number.parse().ok().and_then(DoorNo::new);
        match (kind, door) {
            ("take", Some(door)) => self.take_out(door, now),
            ("withdraw", Some(door)) => self.withdraw(door, now),
            ("look", Some(door)) if self.may_look(door) => {
                self.open_for(Errand::staff(), Act::Look, Some(door), now);
            }
            _ => {}
        }
    }

    /// A cell that was never looked into is anybody's round; one closed off is the manager's.
    pub(crate) fn may_look(&self, door: DoorNo) -> bool {
        let closed_off = self.custody.cell(door).is_none_or(|cell| match cell.state {
            CellState::Quarantined { .. } => true,
            CellState::Unknown | CellState::Empty | CellState::Holds(_) => false,
        });
        self.may_open_doors() && (!closed_off || self.staff_role() == Some(StaffRole::Manager))
    }

    fn take_out(&mut self, door: DoorNo, now: Now) {
        let case = self.custody.to_take().into_iter().find(|(at, _)| *at == door);
        if let Some((_, case)) = case {
            self.open_for(Errand::of_case(case), Act::TakeOut { case }, None, now);
        }
    }

    fn withdraw(&mut self, door: DoorNo, now: Now) {
        let order = self.custody.to_withdraw().into_iter().find(|(at, _)| *at == door);
        if let Some((_, order)) = order {
            let case = self.custody.order(order).map(|order| order.case);
            let errand = case.map_or_else(Errand::staff, Errand::of_case);
            self.open_for(errand, Act::Withdraw { order }, None, now);
        }
    }

    /// 空的 / 有东西 of a cell that was looked into.
    pub(super) fn found_in_cell(&mut self, is_empty: bool, now: Now) {
        let looking =
            self.custody.opening().is_some_and(|o| o.act == Act::Look && o.phase == Phase::Asking);
        if looking {
            let changes = self.custody.found(is_empty);
            self.write_custody(changes, None, now);
            self.go(Page::Round);
        }
    }

    // ---- codes on slips ----

    /// The envelope taken out is checked by the code of its slip before it counts.
    pub(super) fn check_slip(&mut self, errand: Errand, order: Option<OrderId>) {
        self.go(Page::StaffCode(CodeFor::Check(errand, order), Private::default(), None, None));
    }

    pub(super) fn scan_code(&mut self) {
        let Page::StaffCode(what, typed, None, _) = self.page.clone() else { return };
        let id = self.ask(Request::ReadCode, Pending::Scan);
        self.go(Page::StaffCode(what, typed, Some(id), None));
    }

    pub(super) fn on_code_read(&mut self, id: EffectId, code: Result<EnvelopeCode, CodeTrouble>) {
        let Page::StaffCode(what, typed, Some(asked), _) = self.page.clone() else { return };
        if asked != id {
            return;
        }
        match code {
            Ok(code) => self.use_slip(what, Slip::Scanned(code)),
            Err(why) => self.go(Page::StaffCode(what, typed, None, Some(why))),
        }
    }

    pub(super) fn use_typed_code(&mut self) {
        let Page::StaffCode(what, typed, None, _) = self.page.clone() else { return };
        match typed.expose().parse() {
            Ok(receipt) => self.use_slip(what, Slip::Typed(receipt)),
            Err(_) => self.go(Page::StaffCode(what, typed, None, Some(CodeTrouble::Foreign))),
        }
    }

    fn use_slip(&mut self, what: CodeFor, slip: Slip) {
        let receipt = match slip {
            Slip::Scanned(code) => code.receipt,
            Slip::Typed(receipt) => receipt,
        };
        let id = self.expect(Pending::Slip(slip));
        self.out.push(crate::Effect::Find { id, query: Query::CaseOf { receipt } });
        self.go(Page::StaffCode(what, Private::default(), Some(id), None));
    }

    pub(super) fn on_slip_found(
        &mut self,
        id: EffectId,
        slip: Slip,
        cases: &[FoundCase],
        now: Now,
    ) {
        let Page::StaffCode(what, _, Some(asked), _) = self.page.clone() else { return };
        if asked != id {
            return;
        }
        let found = cases.first();
        match what {
            CodeFor::Put => self.put(found, slip, now),
            CodeFor::Check(errand, order) => {
                let is_it = found.is_some_and(|found| Some(found.case) == errand.case)
                    && slip.may_be(order);
                if is_it {
                    self.confirm_door(errand, now);
                } else {
                    let what = CodeFor::Check(errand, order);
                    let why = Some(CodeTrouble::Other);
                    self.go(Page::StaffCode(what, Private::default(), None, why));
                }
            }
        }
    }

    /// Puts in the envelope of this slip, if the hall has asked for just that one.
    fn put(&mut self, found: Option<&FoundCase>, slip: Slip, now: Now) {
        let errand = found.map_or_else(Errand::staff, Errand::of);
        let orders = found.map(|found| self.orders_to_put(found.case, slip)).unwrap_or_default();
        match orders.as_slice() {
            [] => self.go(Page::Denied { errand, why: self.why_not_put(slip) }),
            [order] => self.open_for(errand, Act::Put { order: *order }, None, now),
            _ => {
                let (what, why) = (CodeFor::Put, Some(CodeTrouble::Several));
                self.go(Page::StaffCode(what, Private::default(), None, why));
            }
        }
    }

    fn orders_to_put(&self, case: CaseId, slip: Slip) -> Vec<OrderId> {
        let of_case = |id: &OrderId| self.custody.order(*id).is_some_and(|o| o.case == case);
        let wanted = |id: &OrderId| of_case(id) && slip.may_be(Some(*id));
        self.custody.to_place().into_iter().filter(wanted).collect()
    }

    fn why_not_put(&self, slip: Slip) -> Denied {
        let Slip::Scanned(EnvelopeCode { order: Some(order), .. }) = slip else {
            return Denied::NotOrdered;
        };
        self.custody.order_in_doubt(order).map_or(Denied::NotOrdered, Denied::InDoubt)
    }
}

/// How an envelope was told: by the code of its slip, or by the number under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    Scanned(EnvelopeCode),
    Typed(ReceiptNo),
}

impl Slip {
    /// A number stands on all envelopes of a case; a code names one.
    fn may_be(self, order: Option<OrderId>) -> bool {
        match self {
            Self::Scanned(code) => code.order == order,
            Self::Typed(_) => true,
        }
    }
}
