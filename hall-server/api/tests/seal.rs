//! What envelopes and scan files must refuse.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io;

use hall_api::{
    case_record::{CaseRecord, ContactRecord},
    seal::{
        HallPublic, HallSecret, Purpose, RecordKey, ScanKey, SealError, WrapKey, algorithm,
        scan::{self, CHUNK_LEN, HEADER_LEN, ScanError},
    },
};
use kiosk_words::{CaseId, ClockQuality, MatterId, ReceiptNo, StationId, WallTime};
use proptest::prelude::*;

const TAG_LEN: usize = 16;

fn case() -> CaseId {
    CaseId::new(1_772_673_960_000, [3; 10])
}

fn other_case() -> CaseId {
    CaseId::new(1_772_673_960_000, [4; 10])
}

fn record() -> CaseRecord {
    CaseRecord {
        case: case(),
        receipt: ReceiptNo::new(StationId::try_from(17).unwrap(), 5).unwrap(),
        matter: MatterId("yancao_yanxu".into()),
        matter_version: 1,
        matter_name: "烟草专卖零售许可证延续".into(),
        deposited: WallTime(1_772_673_960_000),
        quality: ClockQuality::Synced,
        parties: vec![],
        collectors: vec![],
        answers: vec![],
        fields: vec![],
        contact: ContactRecord { way: "come_back".into(), mobile: None, delivery: "window".into() },
        scans: vec![],
        signatures: vec![],
    }
}

#[test]
fn a_record_opens_only_for_the_hall_its_case_and_its_purpose() {
    let hall = HallSecret::from_seed([1; 32]);
    let sealed = hall.public().seal_record(&record(), [2; 32]);
    assert_eq!(hall.open_record(case(), &sealed), Ok(record()));
    assert_eq!(hall.open_record(other_case(), &sealed), Err(SealError::Refused));
    assert_eq!(hall.open_scan_key(case(), &sealed), Err(SealError::Refused));
    let stranger = HallSecret::from_seed([9; 32]);
    assert_eq!(stranger.open_record(case(), &sealed), Err(SealError::Refused));
}

#[test]
fn a_record_that_names_another_case_than_its_envelope_is_refused() {
    let hall = HallSecret::from_seed([1; 32]);
    let json = serde_json::to_vec(&record()).unwrap();
    let envelope = hall.public().seal(Purpose::Record, other_case(), &json, [2; 32]);
    let text = hall_api::seal::to_text(&envelope);
    assert_eq!(hall.open_record(other_case(), &text), Err(SealError::Refused));
}

#[test]
fn every_changed_byte_of_a_hall_envelope_is_found() {
    let hall = HallSecret::from_seed([1; 32]);
    let envelope = hall.public().seal(Purpose::ScanKey, case(), &[5; 32], [2; 32]);
    for at in 0..envelope.len() {
        let mut wrong = envelope.clone();
        wrong[at] ^= 0x40;
        assert!(hall.open(Purpose::ScanKey, case(), &wrong).is_err(), "byte {at}");
    }
    let short = hall.open(Purpose::ScanKey, case(), &envelope[..48]);
    assert_eq!(short, Err(SealError::Short { expected: 49, got: 48 }));
}

#[test]
fn an_unknown_algorithm_byte_is_named_and_never_tried() {
    let hall = HallSecret::from_seed([1; 32]);
    let mut envelope = hall.public().seal(Purpose::Record, case(), b"{}", [2; 32]);
    envelope[0] = 0x7f;
    let refused = hall.open(Purpose::Record, case(), &envelope);
    assert_eq!(refused, Err(SealError::Algorithm { got: 0x7f }));
}

#[test]
fn keys_round_trip_as_base64_and_bad_ones_are_refused() {
    let hall = HallSecret::from_seed([1; 32]);
    let again = HallSecret::from_base64(hall.to_base64().expose()).unwrap();
    assert_eq!(again.public(), hall.public());
    let public: HallPublic = hall.public().to_string().parse().unwrap();
    let sealed = public.seal_record(&record(), [2; 32]);
    assert!(again.open_record(case(), &sealed).is_ok());
    let low_order = hall_api::seal::to_text(&[0; 32]);
    for bad in ["", "not base64!", "AAAA", low_order.as_str()] {
        assert_eq!(bad.parse::<HallPublic>().err(), Some(SealError::BadKey), "{bad}");
    }
}

#[test]
fn debug_and_errors_never_show_a_key() {
    let hall = HallSecret::from_seed([1; 32]);
    let secret = hall.to_base64();
    let shown = format!(
        "{hall:?} {:?} {:?} {:?}",
        ScanKey::new([0x41; 32]),
        RecordKey::new([0x41; 32]),
        WrapKey::new([0x41; 32])
    );
    assert!(
        !shown.contains(secret.expose().as_str()) && !shown.contains("41") && !shown.contains("65")
    );
}

#[test]
fn a_record_key_opens_only_with_the_wrap_key_of_its_night() {
    let (tonight, tomorrow) = (WrapKey::new([6; 32]), WrapKey::new([7; 32]));
    let key = RecordKey::new([8; 32]);
    let wrapped = tonight.wrap(case(), &key, [9; 24]);
    let sealed = key.seal(&record(), [10; 24]);
    let opened = tonight.unwrap(case(), &wrapped).unwrap();
    assert_eq!(opened.open(case(), &sealed), Ok(record()));
    assert_eq!(tomorrow.unwrap(case(), &wrapped).err(), Some(SealError::Refused));
    assert_eq!(tonight.unwrap(other_case(), &wrapped).err(), Some(SealError::Refused));
    assert_eq!(opened.open(other_case(), &sealed).err(), Some(SealError::Refused));
}

fn page(n_bytes: usize) -> Vec<u8> {
    (0_u8..=255).cycle().take(n_bytes).collect()
}

fn seal(plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    let n = scan::seal(&ScanKey::new([5; 32]), case(), [6; 19], plain, &mut sealed).unwrap();
    assert_eq!(n, sealed.len() as u64);
    assert_eq!(n, scan::sealed_len(plain.len() as u64));
    sealed
}

fn open(sealed: &[u8]) -> Result<Vec<u8>, ScanError> {
    let mut plain = Vec::new();
    scan::open(&ScanKey::new([5; 32]), case(), sealed, &mut plain).map(|_| plain)
}

#[test]
fn scans_of_every_length_around_a_chunk_round_trip() {
    for n in [0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 2 * CHUNK_LEN, 2 * CHUNK_LEN + 7] {
        let plain = page(n);
        assert!(open(&seal(&plain)).unwrap() == plain, "{n} bytes");
    }
}

#[test]
fn a_scan_cut_reordered_repeated_or_extended_is_refused() {
    let sealed = seal(&page(2 * CHUNK_LEN + 7));
    let step = CHUNK_LEN + TAG_LEN;
    let (header, chunks) = sealed.split_at(HEADER_LEN);
    let (first, rest) = chunks.split_at(step);
    let (second, last) = rest.split_at(step);
    let broken = |parts: &[&[u8]], why: &str| {
        assert!(open(&parts.concat()).is_err(), "{why}");
    };
    broken(&[header, first, second], "the last chunk is missing");
    broken(&[header, first], "two chunks are missing");
    broken(&[header], "all chunks are missing");
    broken(&[header, second, first, last], "two chunks changed places");
    broken(&[header, first, first, second, last], "a chunk comes twice");
    broken(&[header, first, last], "a chunk in the middle is missing");
    broken(&[header, first, second, last, last], "the last chunk comes twice");
    broken(&[header, first, second, last, &[0]], "a byte was added");
    broken(&[header, first, second, &last[..last.len() - 1]], "a byte was cut off");
    broken(&[&header[..10]], "the header is torn");
}

#[test]
fn a_scan_of_another_case_key_or_algorithm_is_refused() {
    let sealed = seal(&page(100));
    let key = ScanKey::new([5; 32]);
    let refused = scan::open(&key, other_case(), sealed.as_slice(), io::sink());
    assert!(matches!(refused, Err(ScanError::Chunk { chunk: 0 })));
    let refused = scan::open(&ScanKey::new([4; 32]), case(), sealed.as_slice(), io::sink());
    assert!(matches!(refused, Err(ScanError::Chunk { chunk: 0 })));
    let mut other = sealed.clone();
    other[3] = algorithm::XCHACHA;
    assert!(matches!(open(&other), Err(ScanError::Algorithm { got: 0x11 })));
    other[0] = b'X';
    assert!(matches!(open(&other), Err(ScanError::NotAScan)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_of_a_scan_is_found(n in 0_usize..3_000, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut sealed = seal(&page(n));
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(open(&sealed).is_err());
    }
}
