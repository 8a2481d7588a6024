//! One invented case, as large as cases are: a form of a page, two scans, a signature.

use device_api::camera::Quality;
use kiosk_core::{
    effect::Scan,
    record::{
        Contact, ContactWay, DeliveryWay, FiledCase, FiledScan, FilledField, Party, Person, Role,
        Signature, Strokes,
    },
    view::{ImageId, PadPoint},
};
use kiosk_store::SealedPage;
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Digest32, MatterId, Private, ReceiptNo, StationId, WallTime,
};

/// 2026-03-05 in China.
pub const NOW: WallTime = WallTime(1_772_673_960_000);
/// Id number of the applicant.
pub const NUMBER: &str = "110101199003070011";
const N_STROKES: u16 = 12;
const N_FIELDS: u32 = 12;

pub fn case_id(station: u16, n: u32) -> CaseId {
    let mut random = [0x3c; 10];
    random[..2].copy_from_slice(&station.to_be_bytes());
    random[2..6].copy_from_slice(&n.to_be_bytes());
    CaseId::new(NOW.0.unsigned_abs() + u64::from(n), random)
}

/// A case of one applicant who signs; its scans are those sealed for it.
pub fn case(station: StationId, n: u32, pages: &[SealedPage]) -> FiledCase {
    let number = Private::text(NUMBER);
    FiledCase {
        case: case_id(1, n),
        receipt: ReceiptNo::new(station, n).expect("a bench files few cases"),
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
        answers: vec![("expiry".into(), "early".into()), ("changed".into(), "no".into())],
        fields: (0..N_FIELDS).map(field).collect(),
        contact: Contact { way: ContactWay::ComeBack, mobile: None, delivery: DeliveryWay::Window },
        scans: (1..).zip(pages).map(scan).collect(),
        pickup_code: Private::text("402913"),
        signatures: vec![Signature {
            signer: number,
            page: Digest32([0x51; 32]),
            strokes: Private::new(Strokes((0..N_STROKES).map(stroke).collect())),
            at: NOW,
        }],
        state: CaseState::filed(false),
    }
}

fn field(n: u32) -> FilledField {
    FilledField {
        id: format!("field_{n}"),
        label: format!("第{n}项"),
        value: Private::text("样本市示例路1号样本烟酒商店"),
    }
}

fn stroke(n: u16) -> Vec<PadPoint> {
    (0..40).map(|at| PadPoint { x: n * 60 + at, y: 300 + at * 2 }).collect()
}

fn scan((page, sealed): (u16, &SealedPage)) -> FiledScan {
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
            quality: Quality { brightness: 180, sharpness: 900, covered_percent: 70 },
        },
    }
}
