//! Frozen bytes of envelope version 1. Do not edit: stations in the field hold files like these.
//! A new form gets a new algorithm byte and a new test beside these.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use hall_api::seal::{
    HallSecret, Purpose, RecordKey, ScanKey, WrapKey,
    scan::{self, CHUNK_LEN},
};
use kiosk_words::CaseId;
use sha2::{Digest as _, Sha256};

fn case() -> CaseId {
    CaseId::new(0x0123_4567_89ab, [0xcd; 10])
}

#[test]
fn hall_keys_version_1() {
    let hall = HallSecret::from_seed([0x11; 32]);
    assert_eq!(hall.to_base64().expose(), "kOLdV3w+1tCO9UMqu5WJ1OgfyglCpN7NTClFgSSDB3M=");
    assert_eq!(hall.public().to_string(), "GiOSSep0QDurwB8y35kxoW9xrIlyxGHWn+0VZA4xBjk=");
}

#[test]
fn hall_envelope_version_1() {
    let hall = HallSecret::from_seed([0x11; 32]);
    let envelope = hall.public().seal(Purpose::Record, case(), b"{}", [0x22; 32]);
    assert_eq!(
        hex::encode(&envelope),
        "01e3b9708aaa21a7f1e62a95ee28d1e5d60b0fceed6c68599013a54b318e9e0b158a5603dbb848e8a9eb5df146d1f4beb4fc80"
    );
    assert_eq!(hall.open(Purpose::Record, case(), &envelope).unwrap().expose(), b"{}");
}

#[test]
fn wrapped_record_key_version_1() {
    let wrapped = WrapKey::new([0x33; 32]).wrap(case(), &RecordKey::new([0x44; 32]), [0x55; 24]);
    assert_eq!(
        hex::encode(wrapped),
        "11555555555555555555555555555555555555555555555555330932bf1c5a935dcc1226b378db5fd04ec4f321fa8ae1ccc113de6c1cb061a6a70b3b9e4548a3251f8441faf16d7c30"
    );
}

#[test]
fn scan_file_version_1() {
    let mut file = Vec::new();
    scan::seal(&ScanKey::new([0x66; 32]), case(), [0x77; 19], &b"page"[..], &mut file).unwrap();
    assert_eq!(
        hex::encode(file),
        "4e44532177777777777777777777777777777777777777582df23f7e18a91886d9880363725efa50c85330"
    );
}

#[test]
fn scan_file_of_three_chunks_version_1() {
    let plain = vec![0x5a; 2 * CHUNK_LEN + 1];
    let mut file = Vec::new();
    scan::seal(&ScanKey::new([0x66; 32]), case(), [0x77; 19], plain.as_slice(), &mut file).unwrap();
    assert_eq!(file.len(), 23 + 2 * (CHUNK_LEN + 16) + 17);
    assert_eq!(
        hex::encode(Sha256::digest(&file)),
        "12e2a91e056ea8bcdf1d24cd3ba1b2fe590fb79adb98958844a52c79d517a370"
    );
}

/// Purposes added later: at rest in the hall only.
#[test]
fn hall_envelopes_of_later_purposes_version_1() {
    let hall = HallSecret::from_seed([0x11; 32]);
    for (purpose, frozen) in [
        (
            Purpose::Collectors,
            "01e3b9708aaa21a7f1e62a95ee28d1e5d60b0fceed6c68599013a54b318e9e0b15aa7600c250c8e0b7cb8c602dc1eb53b88358",
        ),
        (
            Purpose::HandOut,
            "01e3b9708aaa21a7f1e62a95ee28d1e5d60b0fceed6c68599013a54b318e9e0b15aa76942336f2077c7886264637112b5a7439",
        ),
    ] {
        let envelope = hall.public().seal(purpose, case(), b"[]", [0x22; 32]);
        assert_eq!(hex::encode(&envelope), frozen, "{purpose:?}");
        assert_eq!(hall.open(purpose, case(), &envelope).unwrap().expose(), b"[]");
    }
}
