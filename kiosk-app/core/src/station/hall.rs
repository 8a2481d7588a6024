//! What the hall says: answers to the outbox, the link, the feed. The three lines move here.

use kiosk_words::{CaseId, CaseState, Electronic, Now, Seq};

use super::{Pending, Station, pages::Page};
use crate::{
    effect::EffectId,
    event::{Delivery, FeedItem, HallLink, SendError},
    record::{AuditKind, Record},
};

impl Station {
    pub(super) fn on_hall(&mut self, link: HallLink) {
        match link {
            HallLink::Up { hall_time } => {
                self.service_time = self.service_time.advanced(0, Some(hall_time));
                self.sync.link(true);
            }
            HallLink::Down => self.sync.link(false),
        }
    }

    pub(super) fn on_acked(&mut self, id: EffectId, answers: Vec<(Seq, Delivery)>, now: Now) {
        self.settle(id);
        let seen = self.sync.answered(&answers, now.moment);
        let mut records = vec![Record::OutboxSettled { answers }];
        for (case, delivery) in seen {
            match delivery {
                Delivery::Accepted | Delivery::Duplicate => {
                    if self.sync.is_complete(case) {
                        records.extend(self.received_by_hall(case, now));
                    }
                }
                Delivery::Held { .. } => {
                    records.push(self.audit(AuditKind::EventHeld, Some(case), now));
                }
            }
        }
        // Erasure counts from the first service time stored after the hall has everything.
        records.push(Record::ServiceTime(self.service_time));
        self.note(records);
    }

    pub(super) fn on_scans_delivered(&mut self, id: EffectId, case: CaseId, now: Now) {
        self.settle(id);
        self.sync.scans_delivered(case);
        let mut records = vec![Record::ScansDelivered { case }];
        if self.sync.is_complete(case) {
            records.extend(self.received_by_hall(case, now));
        }
        records.push(Record::ServiceTime(self.service_time));
        self.note(records);
    }

    /// 大厅已收到: the hall holds the record and every page.
    fn received_by_hall(&mut self, case: CaseId, now: Now) -> Vec<Record> {
        let Some(state) = self.open_cases.get(&case) else { return Vec::new() };
        if !state.electronic.may_become(Electronic::AtHall) {
            return Vec::new();
        }
        let state = CaseState { electronic: Electronic::AtHall, ..state.clone() };
        let audit = self.audit(AuditKind::CaseReceivedByHall, Some(case), now);
        vec![self.moved(case, state, now), audit]
    }

    /// Remembers the new state, also on the receipt that is being shown.
    pub(super) fn moved(&mut self, case: CaseId, state: CaseState, now: Now) -> Record {
        // The receipt may be behind the help page.
        let page =
            if let Page::Help { back } = &mut self.page { back.as_mut() } else { &mut self.page };
        if let Page::Receipt(receipt) = page
            && receipt.filed.case == case
        {
            receipt.filed.state = state.clone();
        }
        self.open_cases.insert(case, state.clone());
        Record::CaseMoved { case, state, at: now.wall }
    }

    pub(super) fn on_send_failed(&mut self, id: EffectId, why: &SendError, now: Now) {
        self.settle(id);
        self.sync.failed(why, now.moment);
    }

    /// One item of the feed: applied if the transition table allows it, else refused and audited.
    /// The cursor moves in the same transaction, so a crash repeats the item and nothing else.
    pub(super) fn on_feed(&mut self, cursor: u64, item: FeedItem, now: Now) {
        let case = match &item {
            FeedItem::Handling { case, .. } | FeedItem::Originals { case, .. } => *case,
            FeedItem::Place { .. } | FeedItem::Recall { .. } | FeedItem::Freeze { .. } => {
                return self.on_custody_word(cursor, item, now);
            }
            FeedItem::StaffTrust(trust) => return self.on_staff_trust(cursor, trust.clone()),
        };
        let next = self.open_cases.get(&case).and_then(|state| match item {
            FeedItem::Handling { handling, .. } => (state.handling == handling
                || state.handling.may_become(&handling))
            .then(|| CaseState { handling, ..state.clone() }),
            FeedItem::Originals { originals, .. } => (state.originals == originals
                || state.originals.may_become(originals))
            .then(|| CaseState { originals, ..state.clone() }),
            FeedItem::Place { .. }
            | FeedItem::Recall { .. }
            | FeedItem::Freeze { .. }
            | FeedItem::StaffTrust(_) => None,
        });
        let mut records = vec![Record::FeedCursor(cursor)];
        match next {
            Some(state) if self.open_cases.get(&case) == Some(&state) => {}
            Some(state) => {
                records.push(self.moved(case, state, now));
                records.push(self.audit(AuditKind::CaseMoved, Some(case), now));
            }
            None => records.push(self.audit(AuditKind::IllegalMoveRefused, Some(case), now)),
        }
        self.persist(records, Pending::Note);
    }
}
