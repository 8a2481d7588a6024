//! Staff at the machine: signing in with a PIN, and the round through the cabinet.
//!
//! Staff cards come later; until then a registered id and its PIN. Wrong PINs lock the id, longer
//! each time, and a restart forgives nothing (R10). Staff see cell and case numbers, no names.

use device_api::locker::DoorNo;
use kiosk_words::{CaseId, EnvelopeCode, Now, OrderId, Private, ReceiptNo, ServiceTime};

use super::{
    Pending, Station,
    pages::{CodeFor, CodeTrouble, Errand, Page, StaffTrouble},
};
use crate::{
    custody::{Act, CellState, Denied, Phase},
    effect::{EffectId, Query, Request},
    event::{FoundCase, Staff, StaffRole},
    record::{AuditKind, Record},
};

/// Wrong PINs before an id is locked.
const FREE_FAILURES: u32 = 3;
/// The first lock; each further wrong PIN doubles it.
const LOCK_MS: i64 = 60_000;
const LOCK_MS_MAX: i64 = 24 * 3_600_000;

impl Station {
    pub(super) fn open_staff_sign(&mut self) {
        if self.custody.has_cells() {
            self.stop_reading();
            self.go(Page::StaffSign {
                staff: String::new(),
                pin: Private::default(),
                focus: "staff".to_owned(),
                trouble: None,
                checking: None,
            });
        }
    }

    pub(super) fn sign_staff_in(&mut self) {
        let Page::StaffSign { staff, pin, focus, checking: None, .. } = self.page.clone() else {
            return;
        };
        if let Some(until) = self.locked_until(&staff) {
            let trouble = Some(StaffTrouble::Locked { until });
            let pin = Private::default();
            return self.go(Page::StaffSign { staff, pin, focus, trouble, checking: None });
        }
        let id = self.expect(Pending::Staff);
        let query = Query::StaffIs { staff: Private::text(&staff), pin: pin.clone() };
        self.out.push(crate::Effect::Find { id, query });
        self.go(Page::StaffSign { staff, pin, focus, trouble: None, checking: Some(id) });
    }

    fn locked_until(&self, staff: &str) -> Option<ServiceTime> {
        let (_, until) = self.lockouts.get(staff)?;
        (*until > self.service_time).then_some(*until)
    }

    pub(super) fn on_staff_checked(&mut self, id: EffectId, staff: Option<Staff>, now: Now) {
        self.settle(id);
        let Page::StaffSign { staff: typed, checking: Some(asked), .. } = self.page.clone() else {
            return;
        };
        if asked != id {
            return;
        }
        match staff {
            Some(staff) => self.staff_signed_in(staff, now),
            None => self.staff_refused(typed, now),
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
        self.go(Page::Round);
    }

    fn staff_refused(&mut self, staff: String, now: Now) {
        let failures = self.lockouts.get(&staff).map_or(0, |(n, _)| *n) + 1;
        let over = failures.saturating_sub(FREE_FAILURES);
        let lock = if over == 0 { 0 } else { (LOCK_MS << (over - 1).min(12)).min(LOCK_MS_MAX) };
        let until = ServiceTime(self.service_time.0.saturating_add(lock));
        self.lockouts.insert(staff.clone(), (failures, until));
        let records = vec![
            Record::StaffFailed {
                staff: Private::text(&staff),
                n_failures: failures,
                locked_until: until,
            },
            self.audit(AuditKind::StaffRefused, None, now),
            Record::ServiceTime(self.service_time),
        ];
        self.note(records);
        let trouble =
            Some(if lock > 0 { StaffTrouble::Locked { until } } else { StaffTrouble::Wrong });
        let (pin, focus) = (Private::default(), "pin".to_owned());
        self.go(Page::StaffSign { staff, pin, focus, trouble, checking: None });
    }

    pub(crate) fn staff_role(&self) -> Option<StaffRole> {
        self.session.as_ref()?.staff.as_ref().map(|staff| staff.role)
    }

    // ---- the round ----

    pub(super) fn choose_on_round(&mut self, id: &str, now: Now) {
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
        match self.staff_role() {
            Some(StaffRole::Manager) => true,
            Some(StaffRole::Courier) => !closed_off,
            None => false,
        }
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
