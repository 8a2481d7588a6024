//! Doors: what custody allows is written down, then asked of the lock, then watched to its end.

use device_api::locker::{BoardChanged, DoorChanged, DoorNo, DoorState, Refusal};
use kiosk_matters::Matter;
use kiosk_words::{CaseId, CaseState, CellSize, Content, Handling, Now, OrderId, Originals, Seq};

use super::{
    Pending, Station,
    pages::{CodeFor, DoorTrouble, Errand, Page},
};
use crate::{
    custody::{Act, Change, Denied, End, Phase, Step, Unasked, Who},
    effect::Request,
    event::{FeedItem, FoundCase},
    record::{AuditKind, Record, SessionEnd, SlipKind},
    slips,
};

impl Station {
    // ---- what custody wants written ----

    /// Writes changes of custody, moves the case's lines with them and tells the hall.
    pub(super) fn write_custody(&mut self, changes: Vec<Change>, then: Option<u64>, now: Now) {
        if changes.is_empty() {
            return;
        }
        self.write_together(Vec::new(), changes, then, now);
    }

    /// The same with other records in the one transaction.
    fn write_together(
        &mut self,
        mut records: Vec<Record>,
        changes: Vec<Change>,
        then: Option<u64>,
        now: Now,
    ) {
        let mut events = Vec::new();
        for change in changes {
            records.extend(self.audit_of(&change, now));
            if let Change::Moved { envelope, step, .. } = &change {
                events.push(envelope.case);
                records.extend(self.lines_after(envelope.case, envelope.content, *step, now));
            }
            records.push(Record::Custody { change, at: now.wall, quality: now.quality });
        }
        records.push(Record::ServiceTime(self.service_time));
        self.persist(records, Pending::Custody { events, then });
    }

    fn audit_of(&self, change: &Change, now: Now) -> Option<Record> {
        let (kind, case) = match change {
            Change::Authorised { act, .. } => (AuditKind::DoorAuthorised, self.case_of(*act)),
            Change::Ended { how: End::Doubted(_), .. } => (AuditKind::CellClosedOff, None),
            Change::Ended { .. } => (AuditKind::DoorDone, None),
            Change::Moved { envelope, .. } => (AuditKind::CustodyMoved, Some(envelope.case)),
            Change::Cell { .. } => return None,
        };
        Some(self.audit(kind, case, now))
    }

    fn case_of(&self, act: Act) -> Option<CaseId> {
        match act {
            Act::Deposit { case } | Act::TakeBack { case } | Act::TakeOut { case } => Some(case),
            Act::Collect { order } | Act::Put { order } | Act::Withdraw { order } => {
                self.custody.order(order).map(|order| order.case)
            }
            Act::Look => None,
        }
    }

    /// R1: the lines of the case follow the proof, by the one table.
    fn lines_after(&mut self, case: CaseId, what: Content, step: Step, now: Now) -> Vec<Record> {
        let Some(state) = self.open_cases.get(&case) else { return Vec::new() };
        let on = now.wall.civil().date_iso();
        let station = self.config.station.into();
        let mut next = state.clone();
        match (step, what) {
            (Step::Deposited, _) => next.originals = Originals::InCell,
            (Step::TakenBack, _) => next.originals = Originals::AwaitingCell,
            (Step::TakenByStaff, _) => next.originals = Originals::TakenByHall,
            (Step::Placed, Content::ReturnedOriginals) => {
                next.originals = Originals::AwaitingReturn
            }
            (Step::Placed, _) => next.handling = Handling::AwaitingCollection { station },
            (Step::Collected, Content::ReturnedOriginals) => next.originals = Originals::Returned,
            (Step::Collected, _) => next.handling = Handling::Collected { on },
            (
                Step::Withdrawn
                | Step::Unconfirmed
                | Step::Quarantined
                | Step::NoPlace
                | Step::TooLate,
                _,
            ) => {}
        }
        self.move_lines(case, next, now)
    }

    fn move_lines(&mut self, case: CaseId, next: CaseState, now: Now) -> Vec<Record> {
        let Some(state) = self.open_cases.get(&case) else { return Vec::new() };
        if *state == next {
            return Vec::new();
        }
        let legal = (state.originals == next.originals
            || state.originals.may_become(next.originals))
            && (state.handling == next.handling || state.handling.may_become(&next.handling));
        if !legal {
            return vec![self.audit(AuditKind::IllegalMoveRefused, Some(case), now)];
        }
        vec![self.moved(case, next, now), self.audit(AuditKind::CaseMoved, Some(case), now)]
    }

    /// Custody is on the disk: events are numbered, and a door that was authorised is asked.
    pub(super) fn on_custody_written(
        &mut self,
        events: &[CaseId],
        then: Option<u64>,
        seq: Seq,
        now: Now,
    ) {
        let n_events = events.len() as u64;
        for (at, case) in (1..).zip(events) {
            self.sync.filed(Seq(seq.0 + at - n_events), *case, 0);
        }
        let Some(authorisation) = then else { return };
        // In whose name it was written: without their card the door is not asked.
        if self.staff_has_gone() {
            self.end_session(SessionEnd::Left, now);
        }
        if let Some(door) = self.custody.written(authorisation) {
            self.ask(Request::OpenDoor(door), Pending::Open { authorisation });
            return;
        }
        let (changes, why) = self.custody.drop_unasked(authorisation);
        self.write_custody(changes, None, now);
        if let Some(Unasked::Denied(why)) = why
            && let Page::Door(errand) = self.page.clone()
        {
            self.go(Page::Denied { errand, why });
        }
    }

    // ---- what the lock says ----

    pub(super) fn on_door_opened(&mut self, door: DoorNo, now: Now) {
        self.custody.opened(door, now.moment);
    }

    pub(super) fn on_door_refused(&mut self, why: Refusal, now: Now) {
        let Some(opening) = self.custody.opening().cloned() else { return };
        let changes = self.custody.not_opened(why);
        self.write_custody(changes, None, now);
        let Page::Door(errand) = self.page.clone() else { return };
        let why = match why {
            _ if opening.opened.is_some() => DoorTrouble::ClosedOff,
            Refusal::AnotherDoor(other) => DoorTrouble::CloseFirst(other),
            Refusal::AlreadyOpen => DoorTrouble::CloseFirst(opening.door),
            Refusal::NotKnown | Refusal::NoSuchDoor | Refusal::Lost => DoorTrouble::Silent,
            Refusal::StayedShut | Refusal::WrongDoor(_) => DoorTrouble::Jammed,
        };
        self.go(Page::DoorTrouble { errand, act: opening.act, door: opening.door, why });
    }

    pub(super) fn on_door(&mut self, change: DoorChanged, now: Now) {
        let in_use = self.custody.opening().filter(|o| o.door == change.door).cloned();
        let changes = self.custody.door_changed(change);
        if change.is == DoorState::Forced {
            let record = self.audit(AuditKind::DoorForced, None, now);
            self.note(vec![record]);
        }
        self.write_custody(changes, None, now);
        if let Some(opening) = in_use.filter(|_| change.is == DoorState::Forced)
            && let Page::Door(errand) | Page::StaffCode(CodeFor::Check(errand, _), ..) =
                self.page.clone()
        {
            let (act, door, why) = (opening.act, opening.door, DoorTrouble::ClosedOff);
            self.go(Page::DoorTrouble { errand, act, door, why });
        }
    }

    pub(super) fn on_board(&mut self, change: BoardChanged) {
        self.boards.insert(change.board, change.health);
    }

    // ---- errands of citizens ----

    /// Opens a door for an act, or says why not.
    pub(super) fn open_for(&mut self, errand: Errand, act: Act, look_at: Option<DoorNo>, now: Now) {
        let Some(by) = self.who() else { return };
        match self.custody.authorise(act, by, look_at) {
            Ok(changes) => {
                let number = self.custody.opening().map(|opening| opening.authorisation);
                self.write_custody(changes, number, now);
                self.go(Page::Door(errand));
            }
            Err(Denied::Busy(open)) => {
                let why = DoorTrouble::CloseFirst(open);
                let door = look_at.unwrap_or(open);
                self.go(Page::DoorTrouble { errand, act, door, why });
            }
            Err(why) => self.go(Page::Denied { errand, why }),
        }
    }

    /// Everyone at the screen has a name: staff with their PIN, else the person last verified.
    fn who(&self) -> Option<Who> {
        let session = self.session.as_ref()?;
        if let Some(staff) = &session.staff {
            return Some(Who::Staff { id: staff.id.clone() });
        }
        let person = session.people.last()?;
        Some(Who::Citizen { number: person.number.clone() })
    }

    /// 去放原件: keeps a cell and shows how to make the envelope ready.
    pub(super) fn start_deposit(&mut self, errand: Errand, now: Now) {
        let Some(case) = errand.case else { return };
        if let Some(door) = self.custody.materials_in_doubt(case) {
            return self.go(Page::Denied { errand, why: Denied::InDoubt(door) });
        }
        let matter = errand.matter.as_ref().and_then(|matter| self.catalogue.get(matter));
        let size = matter.and_then(Matter::largest_cell).unwrap_or(CellSize::A4);
        let kept = self.custody.reserved_for(case);
        let kept = kept.or_else(|| self.custody.reserve(case, size));
        if kept.is_none() {
            let why = self.custody.why_no_cell(size);
            return self.go(Page::Denied { errand, why });
        }
        self.go(Page::Envelope(errand.clone()));
        self.print_deposit_slip(&errand, now);
    }

    /// 放不下: a larger cell, if there is one.
    pub(super) fn take_larger(&mut self, errand: Errand, now: Now) {
        let Some(case) = errand.case else { return };
        let Some(door) = self.custody.reserved_for(case) else { return };
        let larger = self.custody.cell(door).and_then(|cell| match cell.size {
            CellSize::A4 => Some(CellSize::A4Thick),
            CellSize::A4Thick => Some(CellSize::A3),
            CellSize::A3 => None,
        });
        let kept = larger.and_then(|size| self.custody.reserve(case, size));
        if kept.is_none() {
            self.custody.give_up(case);
            return self.go(Page::Denied { errand, why: Denied::NoFreeCell });
        }
        self.print_deposit_slip(&errand, now);
        self.go(Page::Envelope(errand));
    }

    pub(super) fn print_deposit_slip(&mut self, errand: &Errand, now: Now) {
        let Some(case) = errand.case else { return };
        let Some(door) = self.custody.reserved_for(case) else { return };
        let facts = slips::deposit(self, errand, door, now);
        self.print(case, SlipKind::Deposit, &facts, now);
    }

    pub(super) fn print_collection(&mut self, errand: &Errand, act: Act, now: Now) {
        if let Act::Collect { .. } = act
            && let Some((door, content)) = self.collected
            && let Some(case) = errand.case
        {
            let facts = slips::collection(self, errand, door, content, now);
            self.print(case, SlipKind::Collection, &facts, now);
        }
    }

    /// 取到了 / 都放进去了: the record follows the hand.
    pub(super) fn confirm_door(&mut self, errand: Errand, now: Now) {
        let Some(opening) = self.custody.opening().filter(|o| o.phase == Phase::Asking).cloned()
        else {
            return;
        };
        if opening.act == Act::Look {
            return;
        }
        let content = self.content_of(opening.act);
        let changes = self.custody.confirm(self.service_time);
        self.write_custody(changes, None, now);
        self.collected = Some((opening.door, content));
        let what = opening.act;
        self.go(Page::DoorDone { errand: errand.clone(), what, door: opening.door });
        self.print_collection(&errand, what, now);
    }

    fn content_of(&self, act: Act) -> Content {
        match act {
            Act::Collect { order } | Act::Put { order } | Act::Withdraw { order } => {
                self.custody.order(order).map_or(Content::Result, |order| order.content)
            }
            Act::Deposit { .. } | Act::TakeBack { .. } | Act::TakeOut { .. } | Act::Look => {
                Content::Materials
            }
        }
    }

    /// 再开一次
    pub(super) fn open_again(&mut self, now: Now) {
        if self.staff_has_gone() {
            return;
        }
        if let Ok(changes) = self.custody.again(now.moment) {
            let number = self.custody.opening().map(|opening| opening.authorisation);
            self.write_custody(changes, number, now);
            self.turn_over();
        }
    }

    /// A door that would not open: another cell for papers, or once more after closing another.
    pub(super) fn after_door_trouble(
        &mut self,
        errand: Errand,
        act: Act,
        door: DoorNo,
        why: DoorTrouble,
        now: Now,
    ) {
        match (why, act) {
            // The cell that was kept may be the one whose door stood open.
            (DoorTrouble::CloseFirst(_), Act::Deposit { case })
                if self.custody.reserved_for(case).is_none() =>
            {
                self.start_deposit(errand, now);
            }
            (DoorTrouble::CloseFirst(_), _) => self.open_for(errand, act, Some(door), now),
            (DoorTrouble::Jammed | DoorTrouble::Silent, Act::Deposit { .. }) => {
                if let Some(case) = errand.case {
                    self.custody.give_up(case);
                }
                self.start_deposit(errand, now);
            }
            (DoorTrouble::Jammed | DoorTrouble::Silent | DoorTrouble::ClosedOff, _) => {
                self.leave_errand(now);
            }
        }
    }

    /// Back to what the person came for: staff to their round, others leave.
    pub(super) fn leave_errand(&mut self, now: Now) {
        if self.session.as_ref().is_some_and(|session| session.staff.is_some()) {
            self.go_to_staff_work();
        } else {
            self.end_session(SessionEnd::Finished, now);
        }
    }

    // ---- what the hall sends ----

    /// Orders, recalls and freezes; the cursor moves in the same transaction.
    pub(super) fn on_custody_word(&mut self, cursor: u64, item: FeedItem, now: Now) {
        let mut records = vec![Record::FeedCursor(cursor)];
        let mut changes = Vec::new();
        if item.case().is_none_or(|case| !self.open_cases.contains_key(&case)) {
            // A rebuilt store hears of cases it never had.
            records.push(self.audit(AuditKind::IllegalMoveRefused, None, now));
            return self.note(records);
        }
        match item {
            FeedItem::Place { id, order, collectors } => {
                let wrong = self.custody.wrong_codes(order.case);
                changes = self.custody.place(id, order);
                // Written only if it was forgiven: a refused order begins nothing anew.
                if wrong > 0 && self.custody.wrong_codes(order.case) == 0 {
                    records.push(Record::WrongCodes { case: order.case, n: 0 });
                }
                records.push(self.audit(AuditKind::OrderReceived, Some(order.case), now));
                records.push(Record::OrderReceived { id, order, collectors });
            }
            FeedItem::Recall { case, id } => {
                records.push(self.audit(AuditKind::OrderRecalled, Some(case), now));
                match self.custody.recall(id, case) {
                    Ok(order) => records.push(Record::OrderChanged { id, order }),
                    Err(change) => changes.push(change),
                }
            }
            FeedItem::Freeze { case, frozen } => {
                self.custody.set_frozen(case, frozen);
                let kind = if frozen { AuditKind::CaseFrozen } else { AuditKind::CaseUnfrozen };
                records.push(self.audit(kind, Some(case), now));
                records.push(Record::Frozen { case, frozen });
            }
            FeedItem::Handling { .. } | FeedItem::Originals { .. } | FeedItem::StaffTrust(_) => {}
        }
        self.write_together(records, changes, None, now);
    }

    /// What a found case lets this person do at the cabinet.
    pub(crate) fn may_deposit(&self, found: &FoundCase) -> bool {
        found.is_party
            && self.custody.has_cells()
            && found.state.originals == Originals::AwaitingCell
            && self.custody.materials_of(found.case).is_none()
            && self.custody.materials_in_doubt(found.case).is_none()
    }

    pub(crate) fn may_take_back(&self, found: &FoundCase) -> bool {
        found.is_party && self.custody.materials_of(found.case).is_some()
    }

    /// Orders of a found case that lie in a cell for this person, or may.
    pub(crate) fn waiting_for_person(&self, found: &FoundCase) -> Vec<OrderId> {
        let lies_here = |order: &OrderId| {
            let place = self.custody.place_of(*order);
            place.or_else(|| self.custody.order_in_doubt(*order)).is_some()
        };
        found.collects.iter().copied().filter(lies_here).collect()
    }
}
