//! A store in a throw-away folder and invented people to fill it with.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::path::{Path, PathBuf};

use device_api::{camera, locker::DoorNo};
use hall_api::{
    seal::HallSecret,
    wire::{CaseFiled, EventBody, EventEnvelope},
};
use kiosk_core::{
    Recovered,
    custody::{Act, Change, End, Envelope, Order, Step, Who},
    effect::{Query, Scan},
    event::FoundCase,
    record::{
        AuditKind, Collector, Contact, ContactWay, DeliveryWay, FiledCase, FiledScan, FilledField,
        Mandate, Party, Person, Record, Role, Signature, Strokes,
    },
    view::{ImageId, PadPoint},
};
use kiosk_store::{
    Answer, Identity, OpenError, STORE_KEY_FILE, SealedPage, Store, StoreKey, new_epoch,
};
use kiosk_words::{
    CaseId, CaseState, CellSize, ClockQuality, Content, Digest32, MatterId, OrderId, Private,
    ReceiptNo, Release, ServiceTime, StationId, WallTime,
};
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const NOW: WallTime = WallTime(1_772_673_960_000);
pub(crate) const HALL_SEED: [u8; 32] = [0x42; 32];

pub(crate) fn hall() -> HallSecret {
    HallSecret::from_seed(HALL_SEED)
}

pub(crate) fn identity() -> Identity {
    Identity {
        key_pem: Private::text("-----BEGIN PRIVATE KEY-----\nspecimen\n"),
        certificate_pem: "-----BEGIN CERTIFICATE-----\nspecimen\n".into(),
        ca_pem: "-----BEGIN CERTIFICATE-----\nspecimen\n".into(),
        hall_seal_key: hall().public(),
    }
}

/// A provisioned, enrolled station. Fields drop in order: the store closes before the folder goes.
pub(crate) struct Station {
    pub(crate) store: Store,
    pub(crate) key: StoreKey,
    pub(crate) dir: TempDir,
}

impl Station {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = make(dir.path());
        let (store, _) = open(dir.path(), &key, NOW).unwrap();
        Self { store, key, dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Closes the store and opens it again, as a restart does.
    pub(crate) fn restart(self) -> (Self, Recovered) {
        let Self { store, key, dir } = self;
        drop(store);
        let (store, recovered) = open(dir.path(), &key, NOW).unwrap();
        (Self { store, key, dir }, recovered)
    }

    /// Captures `n_pages` and files a case with them and an audit line.
    pub(crate) fn file(&mut self, n: u32, n_pages: u16) -> FiledCase {
        let filed = self.prepare(n, n_pages);
        self.store.persist(&filing(&filed)).unwrap();
        filed
    }

    /// Captures `n_pages` for a case that is not filed yet.
    pub(crate) fn prepare(&mut self, n: u32, n_pages: u16) -> FiledCase {
        let mut filed = case(n);
        for page in 1..=n_pages {
            let sealed = self.store.vault().seal_page(filed.case, &picture(page)).unwrap();
            filed.scans.push(scan(page, sealed));
        }
        filed
    }

    /// Every file of the data folder with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.path())
    }
}

pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

/// Key, database, identity and a block of counters.
pub(crate) fn make(folder: &Path) -> StoreKey {
    let key = StoreKey::create(&folder.join(STORE_KEY_FILE)).unwrap();
    Store::provision(folder, &key, new_epoch().unwrap()).unwrap();
    let (mut store, _) = open(folder, &key, WallTime(0)).unwrap();
    store.install_identity(identity()).unwrap();
    store.persist(&[Record::ReceiptBlock { first: 1, end: 1_000_000 }]).unwrap();
    key
}

pub(crate) fn open(
    folder: &Path,
    key: &StoreKey,
    at: WallTime,
) -> Result<(Store, Recovered), OpenError> {
    Store::open(folder, key, at)
}

/// The database as a thief with the key would open it.
pub(crate) fn raw(folder: &Path) -> Connection {
    let key = std::fs::read_to_string(folder.join(STORE_KEY_FILE)).unwrap();
    let db = Connection::open(folder.join("station.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\";", key.trim())).unwrap();
    db
}

pub(crate) fn cases_of(store: &Store, number: &str) -> Vec<FoundCase> {
    cases(store, &Query::CasesOf { number: Private::text(number) })
}

pub(crate) fn cases(store: &Store, query: &Query) -> Vec<FoundCase> {
    match store.find(query).unwrap() {
        Answer::Cases(cases) => cases,
        other @ Answer::Code(_) => panic!("{query:?}: {other:?}"),
    }
}

pub(crate) fn filed_in(event: &EventEnvelope) -> CaseFiled {
    match serde_json::from_str(&event.body).unwrap() {
        EventBody::CaseFiled(filed) => filed,
        EventBody::Custody(moved) => panic!("{moved:?}"),
    }
}

pub(crate) fn custody(change: Change) -> Record {
    Record::Custody { change, at: NOW, quality: ClockQuality::Synced }
}

/// A permission to open door 7.
pub(crate) fn authorised(number: u64, act: Act, by: Who) -> Record {
    custody(Change::Authorised { number, door: door(7), act, by })
}

pub(crate) fn ended(number: u64, how: End) -> Record {
    custody(Change::Ended { number, how })
}

pub(crate) fn door(number: u16) -> DoorNo {
    DoorNo::new(number).unwrap()
}

/// The originals of a case.
pub(crate) fn materials(n: u32) -> Envelope {
    let since = ServiceTime(5_000);
    Envelope { case: case_id(n), content: Content::Materials, order: None, since }
}

/// The result of a case under the hall's order of the same number.
pub(crate) fn result(n: u32) -> Envelope {
    let (order, since) = (Some(OrderId(u64::from(n))), ServiceTime(6_000));
    Envelope { case: case_id(n), content: Content::Result, order, since }
}

pub(crate) fn moved(number: u16, envelope: Envelope, step: Step, by: Option<Who>) -> Record {
    custody(Change::Moved { door: Some(door(number)), envelope, step, by })
}

/// The applicant puts the originals of a case behind a door of the case's number.
pub(crate) fn deposited(n: u32) -> Record {
    let number = u16::try_from(n).unwrap();
    moved(number, materials(n), Step::Deposited, Some(applicant()))
}

pub(crate) fn applicant() -> Who {
    Who::Citizen { number: Private::text(CANARY_NUMBER) }
}

pub(crate) fn courier() -> Who {
    Who::Staff { id: "lz-007".into() }
}

pub(crate) const fn order(case: CaseId) -> Order {
    Order {
        case,
        content: Content::Result,
        release: Release::Ordinary,
        size: CellSize::A4,
        recalled: false,
    }
}

/// The hall's order for the result of a case, under the case's number.
pub(crate) fn ordered(n: u32, collectors: &[&str]) -> Record {
    Record::OrderReceived {
        id: OrderId(u64::from(n)),
        order: order(case_id(n)),
        collectors: collectors.iter().map(|number| Private::text(number)).collect(),
    }
}

pub(crate) fn filing(filed: &FiledCase) -> [Record; 2] {
    [
        Record::CaseFiled(Box::new(filed.clone())),
        Record::Audit {
            kind: AuditKind::CaseFiled,
            case: Some(filed.case),
            session: Some(1),
            at: NOW,
            quality: ClockQuality::Synced,
        },
    ]
}

pub(crate) fn audit(kind: AuditKind) -> Record {
    Record::Audit { kind, case: None, session: None, at: NOW, quality: ClockQuality::Synced }
}

pub(crate) fn line_about(kind: AuditKind, case: CaseId) -> Record {
    Record::Audit { kind, case: Some(case), session: None, at: NOW, quality: ClockQuality::Held }
}

pub(crate) fn case_id(n: u32) -> CaseId {
    let mut random = [0x3c; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    CaseId::new(1_772_673_960_000 + u64::from(n), random)
}

pub(crate) fn receipt(n: u32) -> ReceiptNo {
    ReceiptNo::new(StationId::try_from(17).unwrap(), n).unwrap()
}

pub(crate) fn picture(page: u16) -> Private<Vec<u8>> {
    let line = format!("烟草专卖零售许可证 第{page}页 {CANARY_NAME} {CANARY_NUMBER} ");
    Private::new(line.into_bytes().repeat(400))
}

pub(crate) fn scan(page: u16, sealed: SealedPage) -> FiledScan {
    FiledScan {
        slot: "old_permit".into(),
        title: "原许可证".into(),
        page,
        image: ImageId(u64::from(page)),
        scan: Scan {
            digest: sealed.digest,
            n_bytes: sealed.n_bytes,
            width_px: 1_600,
            height_px: 1_200,
            quality: camera::Quality { brightness: 180, sharpness: 900, covered_percent: 70 },
        },
    }
}

/// Invented: the name and the numbers belong to nobody.
pub(crate) const CANARY_NAME: &str = "诸葛金丝雀";
pub(crate) const CANARY_NUMBER: &str = "230202195803040018";
pub(crate) const CANARY_ADDRESS: &str = "黑龙江省齐齐哈尔市龙沙区金丝雀胡同41号";
pub(crate) const CANARY_PHONE: &str = "13845209417";
pub(crate) const CANARY_CODE: &str = "604817";
/// Named to collect, and nothing else to the case.
pub(crate) const COLLECTOR_NAME: &str = "东方样本";
pub(crate) const COLLECTOR_NUMBER: &str = "230202197001010011";

fn person(name: &str, number: &str) -> Person {
    Person {
        name: Private::text(name),
        number: Private::text(number),
        birth: Private::text("19580304"),
        address: Private::text(CANARY_ADDRESS),
        sex: "女",
        verified_at: NOW,
        reader: Some("SAM05.01-20140102-0000012345".into()),
    }
}

fn signature(signer: &str) -> Signature {
    Signature {
        signer: Private::text(signer),
        page: Digest32([0x51; 32]),
        strokes: Private::new(Strokes(vec![
            (0..60).map(|at| PadPoint { x: at * 10, y: 500 + at }).collect(),
            vec![PadPoint { x: 1, y: 2 }],
        ])),
        at: NOW,
    }
}

/// Three parties, an agent with a mandate, three collectors, two signatures, no scans.
pub(crate) fn case(n: u32) -> FiledCase {
    let field = |id: &str, label: &str, value: &str| FilledField {
        id: id.into(),
        label: label.into(),
        value: Private::text(value),
    };
    let collector = |name: &str, number: &str| Collector {
        name: Private::text(name),
        number: Private::text(number),
    };
    let mandate = Mandate {
        given_by: Private::text(CANARY_NAME),
        matter: MatterId("yancao_yanxu".into()),
        until: "20261231".into(),
        revoked: false,
    };
    FiledCase {
        case: case_id(n),
        receipt: receipt(n),
        next_counter: n + 1,
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 3,
        matter_name: "烟草专卖零售许可证延续".into(),
        discreet: false,
        deposited: NOW,
        quality: ClockQuality::Synced,
        parties: vec![
            Party {
                role: Role::Applicant,
                person: person(CANARY_NAME, CANARY_NUMBER),
                mandate: None,
            },
            Party {
                role: Role::Guardian,
                person: person("欧阳样本", "230202196001010019"),
                mandate: None,
            },
            Party {
                role: Role::Agent,
                person: person("司马样本", "23020219850505001X"),
                mandate: Some(mandate),
            },
        ],
        collectors: vec![
            collector(CANARY_NAME, CANARY_NUMBER),
            collector("欧阳样本", "230202196001010019"),
            collector(COLLECTOR_NAME, COLLECTOR_NUMBER),
        ],
        answers: vec![("q_change".into(), "no".into()), ("q_place".into(), "same".into())],
        fields: vec![
            field("holder", "持证人", CANARY_NAME),
            field("address", "经营地址", CANARY_ADDRESS),
            field("phone", "联系电话", CANARY_PHONE),
        ],
        contact: Contact {
            way: ContactWay::OwnMobile,
            mobile: Some(Private::text(CANARY_PHONE)),
            delivery: DeliveryWay::Window,
        },
        scans: vec![],
        signatures: vec![signature(CANARY_NAME), signature("司马样本")],
        pickup_code: Private::text(CANARY_CODE),
        state: CaseState::filed(false),
    }
}
