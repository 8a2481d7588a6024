//! A model of the station's store: what is on the disk, what a transaction does to it, how much
//! room is left, and what is known after a crash.
//!
//! Records are applied in memory exactly as the core hands them over, all or none. It seals
//! nothing: that is tested where it is done.

use std::collections::{BTreeMap, BTreeSet};

use hall_api::{
    receipt::ReceiptCode,
    wire::{By, CaseFiled, CustodyMoved, CustodyStep, EventBody, EventEnvelope, ScanEntry},
};
use kiosk_core::{
    EffectId, Event,
    custody::{self, Change, Order, Stored, Who},
    effect::Query,
    event::{
        Delivery, FoundCase, Interrupted, Maintenance, PastStep, PersistError, Prints, Recovered,
        Step,
    },
    record::{AuditKind, FiledCase, PrintEnd, Record, SessionEnd, SlipKind},
    staff_card::StaffTrust,
};
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Digest32, Electronic, Epoch, OrderId, Originals, Private,
    ReceiptNo, Seq, ServiceTime, StationId, WallTime,
};
use sha2::{Digest as _, Sha256};

use crate::invariants::{clone_safe::Known, no_duplicate_originals::Slip};

/// Care mode looks at starts within this time.
const RECENT_STARTS_MS: u64 = 600_000;
/// Room a case's row, event and audit lines take.
const CASE_BYTES: u64 = 16 * 1024;
/// Room any other record takes.
const RECORD_BYTES: u64 = 256;
/// Receipt counters that enrolment handed out.
const FIRST_BLOCK: (u32, u32) = (1, 1_000);

/// The disk, counted in bytes.
#[derive(Debug, Clone)]
pub struct Disk {
    capacity: u64,
    rows: u64,
    files: BTreeMap<Digest32, u64>,
    filler: u64,
    /// Kept free of new cases, so that everything else goes on.
    ballast: u64,
    broken: bool,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            capacity: 256 << 20,
            rows: 0,
            files: BTreeMap::new(),
            filler: 0,
            ballast: 4 << 20,
            broken: false,
        }
    }
}

impl Disk {
    fn free(&self) -> u64 {
        let used = self.rows + self.files.values().sum::<u64>() + self.filler;
        self.capacity.saturating_sub(used)
    }

    /// Room for new cases and pages: what is free beside the ballast.
    pub fn free_for_new(&self) -> u64 {
        self.free().saturating_sub(self.ballast)
    }

    pub fn is_full(&self) -> bool {
        self.free_for_new() < CASE_BYTES
    }

    pub fn fill(&mut self) {
        self.filler += self.free_for_new();
    }

    pub const fn empty(&mut self) {
        self.filler = 0;
    }

    pub(crate) const fn break_down(&mut self) {
        self.broken = true;
    }

    pub(crate) const fn mend(&mut self) {
        self.broken = false;
    }

    pub fn keep_file(&mut self, digest: Digest32, n_bytes: u64) {
        self.files.insert(digest, n_bytes);
    }

    pub fn drop_file(&mut self, digest: &Digest32) {
        self.files.remove(digest);
    }

    pub fn files(&self) -> impl Iterator<Item = &Digest32> {
        self.files.keys()
    }

    fn has_file(&self, digest: &Digest32) -> bool {
        self.files.contains_key(digest)
    }
}

/// A case as the store keeps it.
#[derive(Debug, Clone)]
pub struct StoredCase {
    pub filed: FiledCase,
    pub state: CaseState,
    pub history: Vec<PastStep>,
    pub envelope: EventEnvelope,
    pub scans_delivered: bool,
}

/// What a crash does with writes that were handed over and not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOnCrash {
    /// They reached the disk; only the answer was lost.
    Yes,
    No,
}

/// Everything one transaction may change.
#[derive(Debug, Clone, Default)]
struct Tables {
    cases: BTreeMap<CaseId, StoredCase>,
    unsettled: BTreeMap<Seq, EventEnvelope>,
    settled: BTreeMap<Seq, Delivery>,
    last_seq: Seq,
    receipts: Option<(u32, u32)>,
    further: Option<(u32, u32)>,
    open_session: Option<Interrupted>,
    last_session: u64,
    service_time: ServiceTime,
    feed_cursor: u64,
    audit: Vec<AuditKind>,
    custody: Stored,
    collectors: BTreeMap<OrderId, Vec<Private<String>>>,
    /// Started prints and how they ended.
    prints: BTreeMap<u64, (CaseId, SlipKind, bool, Option<PrintEnd>)>,
    lockouts: BTreeMap<String, (u32, ServiceTime)>,
    staff_trust: StaffTrust,
    devices: BTreeMap<String, String>,
    maintenance: Option<Maintenance>,
    /// What became of envelopes, in the order in which it was written.
    moved: Vec<(CaseId, custody::Step)>,
}

#[derive(Debug, Clone)]
pub struct ModelStore {
    station: StationId,
    epoch: Epoch,
    pub disk: Disk,
    tables: Tables,
    /// World time of each start of the program.
    starts: Vec<u64>,
    dead: bool,
    n_changes: u64,
}

/// What a commit changed that the witness wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    pub seq: Seq,
    pub receipt_qr: Option<String>,
}

impl ModelStore {
    pub fn new(station: StationId, epoch: Epoch, service_time: ServiceTime) -> Self {
        let tables = Tables { receipts: Some(FIRST_BLOCK), service_time, ..Tables::default() };
        Self {
            station,
            epoch,
            disk: Disk::default(),
            tables,
            starts: Vec::new(),
            dead: false,
            n_changes: 0,
        }
    }

    /// Grows whenever something is written.
    pub(crate) const fn n_changes(&self) -> u64 {
        self.n_changes
    }

    /// What another store has to be told to be as this one is before anybody came.
    pub(crate) fn as_records(&self) -> Vec<Record> {
        let (first, end) = self.tables.receipts.expect("a block from enrolment");
        let (at, quality) = (WallTime(self.tables.service_time.0), ClockQuality::Synced);
        let cell = |(door, state): &(_, _)| Record::Custody {
            change: Change::Cell { door: *door, state: *state },
            at,
            quality,
        };
        let cells = self.tables.custody.cells.iter().map(cell);
        let told = [
            Record::ReceiptBlock { first, end },
            Record::ServiceTime(self.tables.service_time),
            Record::StaffTrust(self.tables.staff_trust.clone()),
        ];
        told.into_iter().chain(cells).collect()
    }

    /// The hall hands out these receipt numbers, `first..end`, when a store is made.
    pub(crate) const fn begins_with(mut self, first: u32, end: u32) -> Self {
        self.tables.receipts = Some((first, end));
        self
    }

    /// Cases that the hall has for good, by the answers that were written down.
    pub(crate) fn received(&self) -> impl Iterator<Item = Known> + '_ {
        let taken = |case: &&StoredCase| {
            let answer = self.tables.settled.get(&case.envelope.seq);
            matches!(answer, Some(Delivery::Accepted | Delivery::Duplicate))
        };
        let cases = self.cases().filter(taken);
        cases.map(|case| (case.filed.case, case.filed.receipt, self.epoch))
    }

    /// Slips as no_duplicate_originals wants them.
    pub(crate) fn slips(&self) -> impl Iterator<Item = Slip> + '_ {
        let told = self.tables.prints.values();
        told.map(|(case, kind, reprint, end)| Slip {
            case: *case,
            kind: *kind,
            reprint: *reprint,
            end: *end,
        })
    }

    pub fn cases(&self) -> impl Iterator<Item = &StoredCase> {
        self.tables.cases.values()
    }

    pub fn case_of_receipt(&self, digits: &str) -> Option<&StoredCase> {
        self.cases().find(|case| case.filed.receipt.digits() == digits)
    }

    pub fn settled(&self) -> &BTreeMap<Seq, Delivery> {
        &self.tables.settled
    }

    pub fn n_unsettled(&self) -> usize {
        self.tables.unsettled.len()
    }

    pub fn n_scans_waiting(&self) -> usize {
        self.cases().filter(|case| waits_for_scans(case)).count()
    }

    pub fn audit(&self) -> &[AuditKind] {
        &self.tables.audit
    }

    pub const fn service_time(&self) -> ServiceTime {
        self.tables.service_time
    }

    /// Slips in the order in which they were started: kind, reprint, how it ended.
    pub fn prints(&self) -> Vec<(SlipKind, bool, Option<PrintEnd>)> {
        let told = self.tables.prints.values();
        told.map(|(_, kind, reprint, end)| (*kind, *reprint, *end)).collect()
    }

    pub const fn feed_cursor(&self) -> u64 {
        self.tables.feed_cursor
    }

    pub(crate) const fn identity(&self) -> (StationId, Epoch) {
        (self.station, self.epoch)
    }

    /// First counter the hall has not handed out yet.
    pub(crate) fn first_free_receipt(&self) -> u32 {
        let end = |block: Option<(u32, u32)>| block.map_or(0, |(_, end)| end);
        end(self.tables.receipts).max(end(self.tables.further))
    }

    pub fn n_receipts_left(&self) -> u32 {
        let left = |block: Option<(u32, u32)>| block.map_or(0, |(next, end)| end - next);
        left(self.tables.receipts) + left(self.tables.further)
    }

    /// One transaction: all records or none.
    pub fn persist(&mut self, records: &[Record]) -> Result<Committed, PersistError> {
        if self.dead {
            return Err(PersistError::Closed);
        }
        if self.disk.broken {
            self.dead = true;
            return Err(PersistError::Io);
        }
        let is_new = |record: &Record| matches!(record, Record::CaseFiled(_));
        let needed = records.iter().map(|r| if is_new(r) { CASE_BYTES } else { RECORD_BYTES });
        let needed: u64 = needed.sum();
        let free =
            if records.iter().any(is_new) { self.disk.free_for_new() } else { self.disk.free() };
        if needed > free {
            return Err(PersistError::Full);
        }
        let mut tables = self.tables.clone();
        let mut receipt_qr = None;
        for record in records {
            if let Record::CaseFiled(filed) = record {
                let all_there = filed.scans.iter().all(|s| self.disk.has_file(&s.scan.digest));
                assert!(all_there, "a case names a page that is not on the disk");
                receipt_qr = Some(tables.file(filed, self.station, self.epoch));
            } else {
                tables.apply(record);
            }
        }
        self.disk.rows += needed;
        self.tables = tables;
        self.n_changes += 1;
        Ok(Committed { seq: self.tables.last_seq, receipt_qr })
    }

    fn held(&self) -> impl Iterator<Item = CaseId> {
        let settled = |case: &&StoredCase| self.tables.settled.get(&case.envelope.seq);
        let is_held =
            move |case: &&StoredCase| matches!(settled(case), Some(Delivery::Held { .. }));
        self.cases().filter(is_held).map(|case| case.filed.case)
    }

    /// What the store says to a question of the core.
    pub fn answer(&self, id: EffectId, query: &Query) -> Event {
        match query {
            Query::CasesOf { number } => Event::Found { id, cases: self.find(number.expose()) },
            Query::CaseOf { receipt } => Event::Found { id, cases: self.find_receipt(*receipt) },
            Query::CodeIs { case, code } => {
                Event::CodeChecked { id, right: self.code_is(*case, code.expose()) }
            }
        }
    }

    pub fn find(&self, number: &str) -> Vec<FoundCase> {
        let mut found: Vec<FoundCase> = self
            .cases()
            .map(|case| self.found(case, number))
            .filter(|found| found.is_party || !found.collects.is_empty())
            .collect();
        found.sort_by_key(|case| std::cmp::Reverse((case.deposited, case.case)));
        found
    }

    fn found(&self, case: &StoredCase, number: &str) -> FoundCase {
        let of_case = |(_, order): &&(OrderId, Order)| order.case == case.filed.case;
        let may = |id: &OrderId| {
            let named = self.tables.collectors.get(id);
            named.is_some_and(|named| named.iter().any(|collector| collector.expose() == number))
        };
        let orders = self.tables.custody.orders.iter().filter(of_case).map(|(id, _)| *id);
        FoundCase {
            case: case.filed.case,
            receipt: case.filed.receipt,
            matter: case.filed.matter.clone(),
            deposited: case.filed.deposited,
            state: case.state.clone(),
            is_party: case.filed.owners().any(|owner| owner.expose() == number),
            collects: orders.filter(may).collect(),
            printed: self.tables.printed(case.filed.case),
            history: case.history.iter().rev().cloned().collect(),
        }
    }

    pub fn find_receipt(&self, receipt: ReceiptNo) -> Vec<FoundCase> {
        let of = |case: &&StoredCase| case.filed.receipt == receipt;
        self.cases().filter(of).map(|case| self.found(case, "")).collect()
    }

    pub fn code_is(&self, case: CaseId, code: &str) -> bool {
        let known = self.tables.cases.get(&case);
        known.is_some_and(|known| known.filed.pickup_code.expose() == code)
    }

    /// What the hall said about staff cards before this world began.
    pub fn trusts(&mut self, trust: StaffTrust) {
        self.tables.staff_trust = trust;
    }

    /// A cabinet that was looked into when the station was set up.
    pub fn take_inventory(&mut self, doors: impl Iterator<Item = device_api::locker::DoorNo>) {
        let empty = |door| (door, custody::CellState::Empty);
        self.tables.custody.cells = doors.map(empty).collect();
        self.n_changes += 1;
    }

    pub(crate) fn moved(&self) -> &[(CaseId, custody::Step)] {
        &self.tables.moved
    }

    /// Id numbers of everybody who may take this envelope out.
    pub(crate) fn may_take(&self, case: CaseId, order: Option<OrderId>) -> Vec<&str> {
        let named = order.and_then(|order| self.tables.collectors.get(&order));
        let owners = self.tables.cases.get(&case).filter(|_| order.is_none());
        let owners = owners.into_iter().flat_map(|case| case.filed.owners());
        named.into_iter().flatten().chain(owners).map(|number| number.expose().as_str()).collect()
    }

    pub const fn custody(&self) -> &Stored {
        &self.tables.custody
    }

    pub fn next_batch(&self, after: Seq, limit: usize) -> Vec<EventEnvelope> {
        let waiting = self.tables.unsettled.range(Seq(after.0 + 1)..).take(limit);
        waiting.map(|(_, envelope)| envelope.clone()).collect()
    }

    pub fn scans_of(&self, case: CaseId) -> Vec<ScanEntry> {
        self.tables.cases.get(&case).map(|stored| scan_entries(&stored.filed)).unwrap_or_default()
    }

    /// Files that belong to a filed case.
    pub fn sealed_files(&self) -> BTreeSet<Digest32> {
        let scans = self.cases().flat_map(|case| &case.filed.scans);
        scans.map(|scan| scan.scan.digest).collect()
    }

    /// The program starts: what the store says of the past. Pages of nobody are removed.
    pub fn recover(&mut self, now_ms: u64) -> Recovered {
        self.dead = false;
        self.disk.mend();
        let sealed = self.sealed_files();
        self.disk.files.retain(|digest, _| sealed.contains(digest));
        self.starts.push(now_ms);
        let recent = self.starts.iter().filter(|at| now_ms - **at < RECENT_STARTS_MS).count();
        let tables = &self.tables;
        let scans = self.cases().filter(|case| waits_for_scans(case));
        Recovered {
            service_time: tables.service_time,
            recent_starts: u32::try_from(recent).unwrap_or(u32::MAX),
            interrupted: tables.open_session.clone(),
            last_session: tables.last_session,
            receipts: tables.receipts,
            outbox: tables.unsettled.iter().map(|(seq, event)| (*seq, event.case)).collect(),
            scans: scans.map(|case| case.filed.case).collect(),
            held: self.held().collect(),
            feed_cursor: tables.feed_cursor,
            open_cases: self.cases().map(|case| (case.filed.case, case.state.clone())).collect(),
            full: self.disk.is_full(),
            custody: tables.custody.clone(),
            prints: tables.recovered_prints(),
            staff_trust: tables.staff_trust.clone(),
            devices: tables.devices.clone().into_iter().collect(),
            maintenance: tables.maintenance,
            had_alarm: had_alarm(&tables.audit),
            lockouts: tables.lockouts.iter().map(|(id, (n, at))| (id.clone(), *n, *at)).collect(),
        }
    }
}

/// The last line about an alarm says that one was raised.
fn had_alarm(audit: &[AuditKind]) -> bool {
    let about_alarms = |kind: &&AuditKind| {
        matches!(kind, AuditKind::AlarmRaised | AuditKind::AlarmReset | AuditKind::AlarmOver)
    };
    audit.iter().rev().find(about_alarms) == Some(&AuditKind::AlarmRaised)
}

fn waits_for_scans(case: &StoredCase) -> bool {
    !case.scans_delivered && !case.filed.scans.is_empty()
}

fn scan_entries(filed: &FiledCase) -> Vec<ScanEntry> {
    let entry = |scan: &kiosk_core::record::FiledScan| ScanEntry {
        slot: scan.slot.clone(),
        page: scan.page,
        digest: scan.scan.digest,
        n_bytes: scan.scan.n_bytes,
    };
    filed.scans.iter().map(entry).collect()
}

impl Tables {
    /// Case, outbox event and receipt counter together; returns the text of the receipt's code.
    fn file(&mut self, filed: &FiledCase, station: StationId, epoch: Epoch) -> String {
        self.last_seq = Seq(self.last_seq.0 + 1);
        let seq = self.last_seq;
        assert_eq!(filed.receipt.station(), station, "a receipt of another station");
        let fresh = self.cases.values().all(|known| known.filed.receipt != filed.receipt);
        assert!(fresh, "the receipt number {} is given twice", filed.receipt);
        let envelope = envelope(filed, seq);
        let qr = ReceiptCode::new(filed.receipt, epoch, seq, &envelope.body_hash).encode();
        let history = vec![PastStep { at: filed.deposited, step: Step::Filed }];
        self.unsettled.insert(seq, envelope.clone());
        let stored = StoredCase {
            filed: filed.clone(),
            state: filed.state.clone(),
            history,
            envelope,
            scans_delivered: filed.scans.is_empty(),
        };
        assert!(self.cases.insert(filed.case, stored).is_none(), "a case is filed twice");
        self.use_number(filed.receipt, filed.next_counter);
        if let Some(open) = &mut self.open_session {
            open.filed = Some(filed.receipt);
        }
        qr
    }

    fn use_number(&mut self, receipt: ReceiptNo, next_counter: u32) {
        let (next, end) = self.receipts.expect("a receipt without a block of counters");
        assert!((next..end).contains(&receipt.counter()), "a receipt outside of its block");
        self.receipts = Some((next_counter, end));
        if next_counter >= end && self.further.is_some() {
            self.receipts = self.further.take();
        }
    }

    fn apply(&mut self, record: &Record) {
        match record {
            Record::SessionOpened { session, at: _ } => {
                self.open_session = Some(Interrupted { session: *session, filed: None });
                self.last_session = *session;
            }
            Record::SessionClosed { session, why } => {
                let open = self.open_session.as_ref().map(|open| open.session);
                assert_eq!(open, Some(*session), "a session is closed that is not open");
                // Whoever was cut off is told until somebody has come.
                if *why != SessionEnd::Interrupted {
                    self.open_session = None;
                }
            }
            Record::CaseFiled(_) => unreachable!("filed by the caller"),
            Record::OutboxSettled { answers } => {
                for (seq, delivery) in answers {
                    self.unsettled.remove(seq);
                    self.settled.insert(*seq, delivery.clone());
                }
            }
            Record::ScansDelivered { case } => {
                let stored = self.cases.get_mut(case).expect("scans of a case that was filed");
                stored.scans_delivered = true;
            }
            Record::CaseMoved { case, state, at } => self.move_case(*case, state, *at),
            Record::FeedCursor(cursor) => self.feed_cursor = *cursor,
            Record::ReceiptBlock { first, end } => match self.receipts {
                Some((next, last)) if next < last => self.further = Some((*first, *end)),
                Some(_) | None => self.receipts = Some((*first, *end)),
            },
            Record::ServiceTime(time) => self.service_time = *time,
            Record::Audit { kind, .. } => self.audit.push(*kind),
            Record::Custody { change, at, quality } => self.change(change, *at, *quality),
            Record::OrderReceived { id, order, collectors } => {
                self.put_order(*id, *order);
                self.collectors.insert(*id, collectors.clone());
            }
            Record::OrderChanged { id, order } => self.put_order(*id, *order),
            Record::WrongCodes { case, n } => {
                self.custody.wrong_codes.retain(|(known, _)| known != case);
                self.custody.wrong_codes.extend((*n > 0).then_some((*case, *n)));
            }
            Record::Frozen { case, frozen } => {
                self.custody.frozen.retain(|known| known != case);
                if *frozen {
                    self.custody.frozen.push(*case);
                }
            }
            Record::PrintStarted { number, case, slip, reprint, at: _ } => {
                // A further 领取凭证 of a case is for another envelope.
                let again = *slip != SlipKind::Collection && self.printed(*case).contains(slip);
                assert!(*reprint || !again, "a slip that may be out is printed without 补打");
                let before = self.prints.insert(*number, (*case, *slip, *reprint, None));
                assert!(before.is_none(), "print {number} is started twice");
            }
            Record::PrintEnded { number, how } => {
                let print = self.prints.get_mut(number).expect("a print ends that was started");
                assert!(print.3.replace(*how).is_none(), "print {number} ends twice");
            }
            Record::StaffFailed { staff, n_failures, locked_until } => {
                self.lockouts.insert(staff.clone(), (*n_failures, *locked_until));
            }
            Record::StaffPassed { staff } => drop(self.lockouts.remove(staff)),
            Record::StaffTrust(trust) => self.staff_trust = trust.clone(),
            Record::DeviceSeen { part, identity } => {
                self.devices.insert(part.clone(), identity.clone());
            }
            Record::Maintenance(is) => self.maintenance = *is,
        }
    }

    fn put_order(&mut self, id: OrderId, order: Order) {
        self.custody.orders.retain(|(known, _)| *known != id);
        self.custody.orders.push((id, order));
    }

    /// Slips of a case that may have come out.
    fn printed(&self, case: CaseId) -> Vec<SlipKind> {
        let of_case = |(of, _, _, end): &&(CaseId, SlipKind, bool, Option<PrintEnd>)| {
            *of == case && *end != Some(PrintEnd::NotStarted)
        };
        let slips = self.prints.values().filter(of_case).map(|(_, slip, _, _)| *slip);
        slips.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn recovered_prints(&self) -> Prints {
        let open = self.prints.iter().filter(|(_, print)| print.3.is_none());
        Prints {
            unsettled: open.map(|(number, print)| (*number, print.0, print.1)).collect(),
            last: self.prints.keys().next_back().copied().unwrap_or(0),
        }
    }

    fn change(&mut self, change: &Change, at: WallTime, quality: ClockQuality) {
        match change {
            Change::Authorised { number, door, act, by: _ } => {
                assert!(self.custody.open.is_none(), "two authorisations at a time");
                self.custody.open = Some((*number, *door, *act));
                self.custody.last_authorisation = *number;
            }
            Change::Ended { number, how: _ } => {
                let open = self.custody.open.take().map(|(number, _, _)| number);
                assert_eq!(open, Some(*number), "an authorisation ends that is not open");
            }
            Change::Cell { door, state } => {
                self.custody.cells.retain(|(known, _)| known != door);
                self.custody.cells.push((*door, *state));
            }
            Change::Moved { door, envelope, step, by } => {
                let moved = CustodyMoved {
                    door: door.map_or(0, device_api::locker::DoorNo::get),
                    content: envelope.content,
                    order: envelope.order,
                    step: step_word(*step),
                    by: who(by.as_ref()),
                    at,
                    quality,
                };
                if let Some(order) = envelope.order
                    && ends_order(*step)
                {
                    self.custody.orders.retain(|(known, _)| *known != order);
                }
                self.moved.push((envelope.case, *step));
                self.last_seq = Seq(self.last_seq.0 + 1);
                let event = sealed(envelope.case, self.last_seq, &EventBody::Custody(moved));
                self.unsettled.insert(self.last_seq, event);
            }
        }
    }

    fn move_case(&mut self, case: CaseId, state: &CaseState, at: WallTime) {
        let stored = self.cases.get_mut(&case).expect("a case that was filed moves");
        let old = std::mem::replace(&mut stored.state, state.clone());
        let mut past = |step: Step| stored.history.push(PastStep { at, step });
        if old.electronic != state.electronic && state.electronic == Electronic::AtHall {
            past(Step::ReceivedByHall);
        }
        if old.handling != state.handling {
            past(Step::Handling(state.handling.clone()));
        }
        if old.originals != state.originals {
            past(Step::Originals(state.originals));
        }
    }
}

/// The event as it travels: the bytes are made once, with the case.
fn envelope(filed: &FiledCase, seq: Seq) -> EventEnvelope {
    let body = EventBody::CaseFiled(CaseFiled {
        receipt: filed.receipt,
        matter: filed.matter.clone(),
        matter_version: filed.matter_version,
        discreet: filed.discreet,
        needs_originals: filed.state.originals != Originals::NotNeeded,
        deposited: filed.deposited,
        quality: filed.quality,
        sealed_record: format!("sealed record of {}", filed.case),
        sealed_scan_key: (!filed.scans.is_empty()).then(|| format!("key of {}", filed.case)),
        scans: scan_entries(filed),
    });
    sealed(filed.case, seq, &body)
}

fn sealed(case: CaseId, seq: Seq, body: &EventBody) -> EventEnvelope {
    let body = serde_json::to_string(body).expect("the event is plain data");
    let body_hash = Digest32(Sha256::digest(body.as_bytes()).into());
    EventEnvelope { seq, case, body_hash, body }
}

const fn ends_order(step: custody::Step) -> bool {
    matches!(step, custody::Step::Collected | custody::Step::Withdrawn | custody::Step::NoPlace)
}

const fn step_word(step: custody::Step) -> CustodyStep {
    match step {
        custody::Step::Deposited => CustodyStep::Deposited,
        custody::Step::TakenBack => CustodyStep::TakenBack,
        custody::Step::TakenByStaff => CustodyStep::TakenByStaff,
        custody::Step::Placed => CustodyStep::Placed,
        custody::Step::Collected => CustodyStep::Collected,
        custody::Step::Withdrawn => CustodyStep::Withdrawn,
        custody::Step::Unconfirmed => CustodyStep::Unconfirmed,
        custody::Step::Quarantined => CustodyStep::Quarantined,
        custody::Step::NoPlace => CustodyStep::NoPlace,
        custody::Step::TooLate => CustodyStep::TooLate,
    }
}

fn who(by: Option<&Who>) -> By {
    match by {
        Some(Who::Citizen { .. }) => By::Citizen,
        Some(Who::Staff { id }) => By::Staff { id: id.clone() },
        None => By::Station,
    }
}
