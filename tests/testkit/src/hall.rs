//! A model of the hall as the station can notice it: what it keeps, how it answers, and how it
//! can be out of reach.

use std::collections::{BTreeMap, BTreeSet};

use hall_api::wire::{
    Answer, Batch, BatchReply, CustodyMoved, CustodyStep, EventAnswer, EventBody, EventEnvelope,
    held,
};
use kiosk_core::{custody::Order, event::FeedItem, staff_card::StaffTrust};
#[cfg(feature = "planted")]
use kiosk_words::planted::{Bug, is_planted};
use kiosk_words::{
    CaseId, CellSize, Content, Digest32, Epoch, Handling, OrderId, Originals, Private, ReceiptNo,
    Release, Seq, StationId,
};
use sha2::{Digest as _, Sha256};

use crate::invariants::clone_safe::Known;

/// How the way to the hall is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Open,
    /// Nothing comes back.
    Dark,
    /// Everything is answered 200 with a page of HTML.
    CaptivePortal,
}

/// A case as the hall keeps it.
#[derive(Debug, Clone)]
pub struct HallCase {
    pub receipt: ReceiptNo,
    pub epoch: Epoch,
    pub seq: Seq,
    /// Every page the record names.
    pub expected: BTreeSet<Digest32>,
    pub arrived: BTreeSet<Digest32>,
    pub handling: Handling,
    /// Kept aside for a person: not received yet.
    pub held: bool,
}

impl HallCase {
    pub fn is_complete(&self) -> bool {
        !self.held && self.expected.is_subset(&self.arrived)
    }
}

#[derive(Debug, Clone)]
pub struct ModelHall {
    pub(crate) way: Way,
    /// So many answers are lost after the hall has committed.
    pub(crate) n_replies_to_lose: u32,
    /// So many batches kill the hall before it has written anything.
    pub(crate) n_deaths: u32,
    /// So many events are held for a person, whatever they are.
    pub(crate) n_to_hold: u32,
    keys: BTreeMap<(StationId, Epoch, Seq), Digest32>,
    cases: BTreeMap<CaseId, HallCase>,
    /// Every event accepted, in the order of arrival.
    accepted: Vec<(CaseId, ReceiptNo, Seq)>,
    feed: Vec<(u64, FeedItem)>,
    /// What became of envelopes, in the order of arrival.
    custody: Vec<(CaseId, CustodyMoved)>,
    n_orders: u64,
    n_changes: u64,
}

impl Default for ModelHall {
    fn default() -> Self {
        Self {
            way: Way::Open,
            n_replies_to_lose: 0,
            n_deaths: 0,
            n_to_hold: 0,
            keys: BTreeMap::new(),
            cases: BTreeMap::new(),
            accepted: Vec::new(),
            feed: Vec::new(),
            custody: Vec::new(),
            n_orders: 0,
            n_changes: 0,
        }
    }
}

impl ModelHall {
    pub fn cases(&self) -> impl Iterator<Item = &HallCase> {
        self.cases.values()
    }

    pub fn case(&self, case: CaseId) -> Option<&HallCase> {
        self.cases.get(&case)
    }

    pub fn case_of(&self, receipt: &str) -> Option<(CaseId, &HallCase)> {
        let found = self.cases.iter().find(|(_, case)| case.receipt.digits() == receipt);
        found.map(|(id, case)| (*id, case))
    }

    /// Every case that is not kept aside: its receipt, and the epoch it came from.
    pub(crate) fn known(&self) -> Vec<Known> {
        let taken = self.cases.iter().filter(|(_, case)| !case.held);
        taken.map(|(id, case)| (*id, case.receipt, case.epoch)).collect()
    }

    pub fn accepted(&self) -> &[(CaseId, ReceiptNo, Seq)] {
        &self.accepted
    }

    /// Every event of this store that is durable here.
    pub(crate) fn seqs(&self, station: StationId, epoch: Epoch) -> BTreeSet<Seq> {
        let ours = self.keys.keys().filter(|(s, e, _)| (*s, *e) == (station, epoch));
        ours.map(|(_, _, seq)| *seq).collect()
    }

    /// Grows whenever events or pages may have come in.
    pub(crate) const fn n_changes(&self) -> u64 {
        self.n_changes
    }

    pub(crate) fn take(&mut self, batch: &Batch) -> BatchReply {
        self.n_changes += 1;
        let answers = batch.events.iter().map(|event| EventAnswer {
            seq: event.seq,
            answer: self.take_event(batch.station, batch.epoch, event),
        });
        BatchReply { answers: answers.collect() }
    }

    fn take_event(&mut self, station: StationId, epoch: Epoch, event: &EventEnvelope) -> Answer {
        let hold = |code: &str| Answer::Held { code: code.to_owned() };
        #[cfg(feature = "planted")]
        if is_planted(Bug::NoUniqueKey)
            && let Ok(EventBody::CaseFiled(filed)) = serde_json::from_str(&event.body)
            && self.cases.contains_key(&event.case)
        {
            self.accepted.push((event.case, filed.receipt, event.seq));
            return Answer::Accepted;
        }
        #[cfg(feature = "planted")]
        if is_planted(Bug::NoEpoch)
            && self.keys.keys().any(|(s, e, seq)| (*s, *seq) == (station, event.seq) && *e != epoch)
        {
            return Answer::Duplicate;
        }
        if Digest32(Sha256::digest(event.body.as_bytes()).into()) != event.body_hash {
            return hold(held::BAD_HASH);
        }
        match self.keys.get(&(station, epoch, event.seq)) {
            Some(known) if *known == event.body_hash => return self.again(event),
            Some(_) => return hold(held::OTHER_BODY),
            None => {}
        }
        self.keys.insert((station, epoch, event.seq), event.body_hash);
        let filed = match serde_json::from_str(&event.body) {
            Ok(EventBody::CaseFiled(filed)) => filed,
            Ok(EventBody::Custody(moved)) => {
                self.custody.push((event.case, moved));
                return Answer::Accepted;
            }
            Err(_) => return hold(held::BAD_BODY),
        };
        if self.cases.contains_key(&event.case) {
            return hold(held::OTHER_BODY);
        }
        if self.cases.values().any(|case| case.receipt == filed.receipt) {
            return hold(held::BAD_RECEIPT);
        }
        let is_held = self.n_to_hold > 0;
        self.cases.insert(
            event.case,
            HallCase {
                receipt: filed.receipt,
                epoch,
                seq: event.seq,
                expected: filed.scans.iter().map(|scan| scan.digest).collect(),
                arrived: BTreeSet::new(),
                handling: Handling::AwaitingReview,
                held: is_held,
            },
        );
        if is_held {
            self.n_to_hold -= 1;
            return hold(held::BAD_SEAL);
        }
        self.accepted.push((event.case, filed.receipt, event.seq));
        Answer::Accepted
    }

    /// The same bytes once more: known, or still kept aside.
    fn again(&self, event: &EventEnvelope) -> Answer {
        let is_held =
            self.cases.get(&event.case).is_some_and(|case| case.held && case.seq == event.seq);
        if is_held { Answer::Held { code: held::BAD_SEAL.to_owned() } } else { Answer::Duplicate }
    }

    /// A page arrived whole; the hall takes it only for a case it knows.
    pub(crate) fn take_scan(&mut self, case: CaseId, digest: Digest32) -> bool {
        self.n_changes += 1;
        let Some(known) = self.cases.get_mut(&case) else { return false };
        if known.expected.contains(&digest) {
            known.arrived.insert(digest);
        }
        known.expected.contains(&digest)
    }

    pub(crate) fn say_handling(&mut self, case: CaseId, handling: Handling) {
        if let Some(known) = self.cases.get_mut(&case) {
            known.handling = handling.clone();
        }
        self.push(FeedItem::Handling { case, handling });
    }

    pub(crate) fn say_originals(&mut self, case: CaseId, originals: Originals) {
        self.push(FeedItem::Originals { case, originals });
    }

    /// Asks for a place for an envelope that these people may take.
    pub(crate) fn asks_place(
        &mut self,
        case: CaseId,
        content: Content,
        release: Release,
        collectors: &[&str],
    ) -> OrderId {
        self.n_orders += 1;
        let id = OrderId(self.n_orders);
        let size = CellSize::A4;
        let order = Order { case, content, release, size, recalled: false };
        let collectors = collectors.iter().map(|number| Private::text(number)).collect();
        self.push(FeedItem::Place { id, order, collectors });
        id
    }

    pub(crate) fn recalls(&mut self, case: CaseId, id: OrderId) {
        self.push(FeedItem::Recall { case, id });
    }

    pub(crate) fn freezes(&mut self, case: CaseId, frozen: bool) {
        self.push(FeedItem::Freeze { case, frozen });
    }

    /// Which staff cards are good from now on.
    pub(crate) fn says_of_staff(&mut self, trust: StaffTrust) {
        self.push(FeedItem::StaffTrust(trust));
    }

    /// What the hall heard of a case's envelopes.
    pub fn custody_of(&self, case: CaseId) -> Vec<CustodyStep> {
        let of_case = self.custody.iter().filter(|(known, _)| *known == case);
        of_case.map(|(_, moved)| moved.step).collect()
    }

    fn push(&mut self, item: FeedItem) {
        let cursor = self.feed.last().map_or(0, |(cursor, _)| *cursor) + 1;
        self.feed.push((cursor, item));
    }

    pub(crate) fn feed_after(&self, cursor: u64) -> Vec<(u64, FeedItem)> {
        self.feed.iter().filter(|(at, _)| *at > cursor).cloned().collect()
    }
}
