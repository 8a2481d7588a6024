//! The station's store: SQLCipher, one connection, one transaction per call.
//!
//! It is made, opened and used as the app does: `provision` at first boot, `open` at every start,
//! `persist` for what the core decided. Cuts begin with the first write of the first boot. What is
//! written: cases, the hall's answers, openings of doors with their envelopes, the feed's cursor,
//! and now and then the night's new wrap key.
//!
//! After a cut everything that [`Store::open`] recovers is compared with what was acknowledged, the
//! audit chain is walked through the last head that was acknowledged, every filing and opening is
//! compared with its line there, and every record must open.

use std::{collections::BTreeMap, path::PathBuf};

use device_api::locker::DoorNo;
use hall_api::{audit::Head, seal::HallSecret};
use kiosk_core::{
    Recovered,
    custody::{Act, CellState, Change, Doubt, End, Envelope, Step, Who},
    event::Delivery,
    record::{
        AuditKind, Contact, ContactWay, DeliveryWay, FiledCase, FilledField, Party, Person, Record,
        Role, Signature, Strokes,
    },
    view::PadPoint,
};
use kiosk_store::{Identity, Presence, STORE_KEY_FILE, Store, StoreKey, new_epoch};
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Content, Digest32, Electronic, MatterId, Originals, Private,
    ReceiptNo, Seq, ServiceTime, StationId, WallTime,
};
use testkit::Random;

use crate::{
    lives::{Expected, Scale, Stopped, Subject},
    tally::Found,
};

pub(crate) const NOW: WallTime = WallTime(1_772_673_960_000);
const HALL_SEED: [u8; 32] = [0x42; 32];
const N_DOORS: u64 = 24;
/// Most events that the hall answers in one reply here.
const ANSWERS_MAX: u64 = 6;
/// One field of a form; a long one now and then fills the log.
const FIELD_CHARS: usize = 60;
const LONG_FIELD_CHARS: usize = 8_000;

/// What the store must still know, as far as it tells at a start.
#[derive(Debug, Clone, PartialEq, Default)]
struct State {
    cases: BTreeMap<CaseId, CaseState>,
    outbox: BTreeMap<Seq, CaseId>,
    n_audit: u64,
    open: Option<(u64, DoorNo, Act)>,
    n_authorisations: u64,
    cells: BTreeMap<DoorNo, CellState>,
    cursor: u64,
}

pub struct Station {
    folder: PathBuf,
    store: Option<Store>,
    recovered: Option<Recovered>,
    expected: Expected<State>,
    /// The chain as it was when the store last acknowledged something.
    head: Option<Head>,
    n_events: u64,
    /// Records that were opened since the last new wrap key; those before them open too.
    n_opened: usize,
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Station")
    }
}

impl Station {
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            store: None,
            recovered: None,
            expected: Expected::new(State::default()),
            head: None,
            n_events: 0,
            n_opened: 0,
        }
    }

    fn store(&mut self) -> Result<&mut Store, Stopped> {
        self.store.as_mut().ok_or_else(|| Stopped::Failed("the store is closed".to_owned()))
    }

    /// One transaction that leads from the present state to `next`.
    fn persist(&mut self, records: &[Record], next: State) -> Result<(), Stopped> {
        self.expected.begin(next);
        let store = self.store()?;
        let seq = store.persist(records)?;
        let (hash, n_lines) = store.audit_head()?;
        self.head = Some(Head { n_lines, hash });
        self.n_events = seq.0;
        self.expected.acknowledge();
        Ok(())
    }

    fn file(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        let n = u32::try_from(next.cases.len())? + 1;
        let field_chars = if chance.chance(10) { LONG_FIELD_CHARS } else { FIELD_CHARS };
        let filed = filed_case(n, chance.chance(60), field_chars);
        next.cases.insert(filed.case, filed.state.clone());
        next.outbox.insert(Seq(self.n_events + 1), filed.case);
        next.n_audit += 1;
        let line = line(AuditKind::CaseFiled, filed.case);
        self.persist(&[Record::CaseFiled(Box::new(filed)), line], next)
    }

    /// The hall has answered the oldest events.
    fn settle(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        let n = 1 + usize::try_from(chance.below(ANSWERS_MAX))?;
        let answered: Vec<(Seq, CaseId)> =
            next.outbox.iter().take(n).map(|(seq, case)| (*seq, *case)).collect();
        let answers = answered.iter().map(|(seq, _)| (*seq, Delivery::Accepted)).collect();
        let mut records = vec![Record::OutboxSettled { answers }];
        for (seq, case) in answered {
            next.outbox.remove(&seq);
            let state = next.cases.get_mut(&case).expect("events are of cases");
            if state.electronic == Electronic::SavedHere {
                state.electronic = Electronic::AtHall;
                records.push(Record::CaseMoved { case, state: state.clone(), at: NOW });
                records.push(line(AuditKind::CaseReceivedByHall, case));
                next.n_audit += 1;
            }
        }
        self.persist(&records, next)
    }

    /// Ends the opening that is under way, or begins one.
    fn custody(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        match self.expected.present().open {
            Some((number, door, act)) => self.end(number, door, act),
            None => self.authorise(chance),
        }
    }

    fn authorise(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        let door = u16::try_from(1 + chance.below(N_DOORS))?;
        let door = DoorNo::new(door).expect("doors begin at 1");
        let act = match next.cells.get(&door) {
            Some(CellState::Holds(envelope)) => Act::TakeOut { case: envelope.case },
            Some(CellState::Quarantined { .. }) => Act::Look,
            Some(CellState::Unknown | CellState::Empty) | None => {
                let waits =
                    |(_, state): &(_, &CaseState)| state.originals == Originals::AwaitingCell;
                let waiting = next.cases.iter().find(waits);
                waiting.map_or(Act::Look, |(case, _)| Act::Deposit { case: *case })
            }
        };
        let number = next.n_authorisations + 1;
        next.n_authorisations = number;
        next.open = Some((number, door, act));
        next.n_audit += 1;
        let authorised = Change::Authorised { number, door, act, by: who(act) };
        self.persist(&[custody(authorised), audit(AuditKind::DoorAuthorised)], next)
    }

    fn end(&mut self, number: u64, door: DoorNo, act: Act) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        next.open = None;
        next.n_audit += 1;
        let ended = custody(Change::Ended { number, how: End::Confirmed });
        let mut records = vec![ended, audit(AuditKind::DoorDone)];
        let moved = match act {
            Act::Deposit { case } => Some((case, Originals::InCell, Step::Deposited)),
            Act::TakeOut { case } => Some((case, Originals::TakenByHall, Step::TakenByStaff)),
            Act::TakeBack { .. }
            | Act::Collect { .. }
            | Act::Put { .. }
            | Act::Withdraw { .. }
            | Act::Look => None,
        };
        let cell = match moved {
            Some((case, originals, step)) => {
                let envelope = materials(case);
                let by = Some(who(act));
                records.push(custody(Change::Moved { door: Some(door), envelope, step, by }));
                records.push(line(AuditKind::CustodyMoved, case));
                let state = next.cases.get_mut(&case).expect("envelopes are of cases");
                state.originals = originals;
                records.push(Record::CaseMoved { case, state: state.clone(), at: NOW });
                next.outbox.insert(Seq(self.n_events + 1), case);
                next.n_audit += 1;
                if step == Step::Deposited { CellState::Holds(envelope) } else { CellState::Empty }
            }
            None => CellState::Empty,
        };
        next.cells.insert(door, cell);
        records.push(custody(Change::Cell { door, state: cell }));
        self.persist(&records, next)
    }

    /// What was open when the power went is in doubt.
    fn doubt(&mut self, number: u64, door: DoorNo) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        let cell = CellState::Quarantined { why: Doubt::Interrupted, held: None };
        next.open = None;
        next.cells.insert(door, cell);
        next.n_audit += 1;
        let ended = Change::Ended { number, how: End::Doubted(Doubt::Interrupted) };
        let records = [
            custody(ended),
            custody(Change::Cell { door, state: cell }),
            audit(AuditKind::CellClosedOff),
        ];
        self.persist(&records, next)
    }

    fn move_cursor(&mut self) -> Result<(), Stopped> {
        let mut next = self.expected.present().clone();
        next.cursor += 1;
        let time = ServiceTime(NOW.0 + i64::try_from(next.cursor)?);
        self.persist(&[Record::FeedCursor(next.cursor), Record::ServiceTime(time)], next)
    }

    fn look_into_records(&mut self) -> Result<(), Stopped> {
        let head = self.head;
        let cases: Vec<CaseId> = self.expected.present().cases.keys().copied().collect();
        let unopened = cases.get(self.n_opened..).unwrap_or_default();
        self.n_opened = cases.len();
        let store = self.store()?;
        let heads: Vec<Head> = head.into_iter().collect();
        store.verify_audit_with(&heads).map_err(|error| broken("the audit chain", &error))?;
        for case in unopened {
            let record = store.record_of(*case).map_err(|error| broken("a record", &error))?;
            if record.is_none_or(|record| record.case != *case) {
                return Err(Stopped::Found(Found::Broken(format!("{case} has no record"))));
            }
        }
        Ok(())
    }
}

fn broken(what: &str, error: &kiosk_store::StoreError) -> Stopped {
    match error {
        // Reading failed: the driver knows whether the power is off.
        kiosk_store::StoreError::Dead
        | kiosk_store::StoreError::Full
        | kiosk_store::StoreError::Database(_)
        | kiosk_store::StoreError::Io(_)
        | kiosk_store::StoreError::Randomness(_) => Stopped::Failed(format!("{what}: {error}")),
        kiosk_store::StoreError::Unreadable(_)
        | kiosk_store::StoreError::Seal(_)
        | kiosk_store::StoreError::Audit(_)
        | kiosk_store::StoreError::Edited(_) => {
            Stopped::Found(Found::Broken(format!("{what}: {error}")))
        }
    }
}

impl Subject for Station {
    fn open(&mut self) -> Result<(), Stopped> {
        let key_file = self.folder.join(STORE_KEY_FILE);
        let key = match Store::presence(&self.folder, &key_file) {
            Presence::Nothing => StoreKey::create(&key_file)?,
            Presence::Both | Presence::KeyOnly => StoreKey::from_file(&key_file)?,
            Presence::DatabaseOnly => {
                return Err(Stopped::Found(Found::Unopenable("the key is gone".to_owned())));
            }
        };
        if Store::presence(&self.folder, &key_file) == Presence::KeyOnly {
            Store::provision(&self.folder, &key, new_epoch()?)?;
        }
        let (mut store, recovered) = Store::open(&self.folder, &key, NOW)?;
        if recovered.receipts.is_none() {
            store.install_identity(identity())?;
            store.persist(&[Record::ReceiptBlock { first: 1, end: 1_000_000 }])?;
        }
        self.store = Some(store);
        self.recovered = Some(recovered);
        Ok(())
    }

    fn look(&mut self) -> Result<(), Stopped> {
        let Some(recovered) = self.recovered.take() else { return Ok(()) };
        let (_, n_audit) = self.store()?.audit_head()?;
        let seen = State {
            cases: recovered.open_cases.into_iter().collect(),
            outbox: recovered.outbox.into_iter().collect(),
            n_audit,
            open: recovered.custody.open,
            n_authorisations: recovered.custody.last_authorisation,
            cells: recovered.custody.cells.into_iter().collect(),
            cursor: recovered.feed_cursor,
        };
        self.expected.settle(&seen)?;
        self.look_into_records()?;
        // An empty transaction says how far the stream is.
        self.n_events = self.store()?.persist(&[])?.0;
        match self.expected.present().open {
            Some((number, door, _)) => self.doubt(number, door),
            None => Ok(()),
        }
    }

    fn work(&mut self, chance: &mut Random) -> Result<(), Stopped> {
        match chance.below(100) {
            0..=44 => self.file(chance),
            45..=59 if !self.expected.present().outbox.is_empty() => self.settle(chance),
            45..=89 => self.custody(chance),
            90..=98 => self.move_cursor(),
            _ => {
                self.n_opened = 0;
                Ok(self.store()?.rotate_wrap_key()?)
            }
        }
    }

    fn close(&mut self) {
        self.store = None;
    }

    fn counts(&self) -> (u64, u64) {
        self.expected.counts()
    }

    fn scale(&self) -> Scale {
        Scale { writes_to_open: 60, writes_in_life: 700, syncs_in_life: 25 }
    }

    fn stops_in_order(&self) -> bool {
        true
    }
}

fn who(act: Act) -> Who {
    match act {
        Act::Deposit { .. } | Act::TakeBack { .. } | Act::Collect { .. } => {
            Who::Citizen { number: Private::text(NUMBER) }
        }
        Act::TakeOut { .. } | Act::Put { .. } | Act::Withdraw { .. } | Act::Look => {
            Who::Staff { id: "lz-007".to_owned() }
        }
    }
}

const fn custody(change: Change) -> Record {
    Record::Custody { change, at: NOW, quality: ClockQuality::Synced }
}

const fn audit(kind: AuditKind) -> Record {
    Record::Audit { kind, case: None, session: None, at: NOW, quality: ClockQuality::Synced }
}

const fn line(kind: AuditKind, case: CaseId) -> Record {
    let quality = ClockQuality::Synced;
    Record::Audit { kind, case: Some(case), session: Some(1), at: NOW, quality }
}

fn materials(case: CaseId) -> Envelope {
    Envelope { case, content: Content::Materials, order: None, since: ServiceTime(5_000) }
}

fn identity() -> Identity {
    Identity {
        key_pem: Private::text("unused: the store only keeps it"),
        certificate_pem: String::new(),
        ca_pem: String::new(),
        hall_seal_key: HallSecret::from_seed(HALL_SEED).public(),
    }
}

/// Invented. Always the same person, so that a keyed hash that is random sorts like any other.
const NUMBER: &str = "110101199003070011";

fn filed_case(n: u32, needs_originals: bool, field_chars: usize) -> FiledCase {
    let number = Private::text(NUMBER);
    let mut random = [0x3c; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    let station = StationId::try_from(17).expect("17 is a station");
    FiledCase {
        case: CaseId::new(NOW.0.unsigned_abs() + u64::from(n), random),
        receipt: ReceiptNo::new(station, n).expect("few cases"),
        next_counter: n + 1,
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 1,
        matter_name: "烟草专卖零售许可证延续".into(),
        discreet: false,
        deposited: NOW,
        quality: ClockQuality::Synced,
        parties: vec![Party {
            role: Role::Applicant,
            person: Person {
                name: Private::text("章样本"),
                number: number.clone(),
                birth: Private::text("19900307"),
                address: Private::text("样本市示例路1号"),
                sex: "女",
                verified_at: NOW,
                reader: None,
            },
            mandate: None,
        }],
        collectors: vec![],
        answers: vec![("expiry".into(), "early".into())],
        fields: vec![FilledField {
            id: "address".into(),
            label: "经营地址".into(),
            value: Private::new("x".repeat(field_chars)),
        }],
        contact: Contact { way: ContactWay::ComeBack, mobile: None, delivery: DeliveryWay::Window },
        scans: vec![],
        signatures: vec![Signature {
            signer: number,
            page: Digest32([0x51; 32]),
            strokes: Private::new(Strokes(vec![
                (0..8).map(|at| PadPoint { x: at * 10, y: 500 + at }).collect(),
            ])),
            at: NOW,
        }],
        pickup_code: Private::text("402913"),
        state: CaseState::filed(needs_originals),
    }
}
