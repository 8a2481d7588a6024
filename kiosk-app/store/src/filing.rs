//! A filed case becomes a record: sealed to the hall for the outbox, sealed under its own record
//! key for showing and reprinting here.

use hall_api::{
    case_record::{
        CaseRecord, CollectorRecord, ContactRecord, FieldRecord, MandateRecord, PartyRecord,
        ScanRecord, SignatureRecord,
    },
    seal::{HallPublic, RecordKey},
    wire::{self, EventBody, ScanEntry},
};
use kiosk_core::record::{
    Contact, ContactWay, DeliveryWay, FiledCase, FiledScan, Party, Role, Signature,
};
use kiosk_words::{Digest32, Originals, Private};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use crate::{
    error::Refused,
    key::{NoRandomness, random},
    vault::Vault,
    wrap::NamedWrapKey,
};

/// What of a filed case goes into the database.
pub(crate) struct Sealed {
    /// JSON of the outbox event.
    pub(crate) body: String,
    pub(crate) body_hash: Digest32,
    /// The record under its record key.
    pub(crate) record: Vec<u8>,
    /// The record key under the wrap key.
    pub(crate) record_key: Vec<u8>,
}

#[derive(Debug)]
pub(crate) enum SealingError {
    Refused(Refused),
    NoRandomness,
}

impl From<NoRandomness> for SealingError {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

pub(crate) fn seal(
    filed: &FiledCase,
    hall: &HallPublic,
    wrap: &NamedWrapKey,
    vault: &Vault,
) -> Result<Sealed, SealingError> {
    let case = filed.case;
    if filed.scans.iter().any(|page| !vault.holds(case, &page.scan.digest)) {
        return Err(SealingError::Refused(Refused::UnknownScan(case)));
    }
    let plain = Plain(record_of(filed));
    // Pages are filed with their key or not at all.
    let sealed_scan_key =
        if filed.scans.is_empty() { None } else { vault.sealed_key(case, hall)? };
    let event = EventBody::CaseFiled(wire::CaseFiled {
        receipt: filed.receipt,
        matter: filed.matter.clone(),
        matter_version: filed.matter_version,
        discreet: filed.discreet,
        needs_originals: filed.state.originals != Originals::NotNeeded,
        deposited: filed.deposited,
        quality: filed.quality,
        sealed_record: hall.seal_record(&plain.0, random()?),
        sealed_scan_key,
        scans: filed.scans.iter().map(scan_entry).collect(),
    });
    let (body, body_hash) = event_bytes(&event);
    let key = RecordKey::new(random()?);
    Ok(Sealed {
        body_hash,
        body,
        record: key.seal(&plain.0, random()?),
        record_key: wrap.key.wrap(case, &key, random()?),
    })
}

/// The bytes that travel, and their hash.
pub(crate) fn event_bytes(event: &EventBody) -> (String, Digest32) {
    let body = serde_json::to_string(event).expect("an event has text keys only");
    let hash = Digest32(Sha256::digest(&body).into());
    (body, hash)
}

pub(crate) fn scan_entry(page: &FiledScan) -> ScanEntry {
    ScanEntry {
        slot: page.slot.clone(),
        page: page.page,
        digest: page.scan.digest,
        n_bytes: page.scan.n_bytes,
    }
}

fn record_of(filed: &FiledCase) -> CaseRecord {
    CaseRecord {
        case: filed.case,
        receipt: filed.receipt,
        matter: filed.matter.clone(),
        matter_version: filed.matter_version,
        matter_name: filed.matter_name.clone(),
        deposited: filed.deposited,
        quality: filed.quality,
        parties: filed.parties.iter().map(party).collect(),
        collectors: filed
            .collectors
            .iter()
            .map(|who| CollectorRecord { name: plain(&who.name), number: plain(&who.number) })
            .collect(),
        answers: filed.answers.clone(),
        fields: filed
            .fields
            .iter()
            .map(|field| FieldRecord {
                id: field.id.clone(),
                label: field.label.clone(),
                value: plain(&field.value),
            })
            .collect(),
        contact: contact(&filed.contact),
        scans: filed
            .scans
            .iter()
            .map(|page| ScanRecord {
                slot: page.slot.clone(),
                title: page.title.clone(),
                page: page.page,
                digest: page.scan.digest,
                n_bytes: page.scan.n_bytes,
            })
            .collect(),
        signatures: filed.signatures.iter().map(signature).collect(),
    }
}

fn plain(value: &Private<String>) -> String {
    value.expose().clone()
}

fn party(party: &Party) -> PartyRecord {
    let role = match party.role {
        Role::Applicant => "applicant",
        Role::Agent => "agent",
        Role::Guardian => "guardian",
    };
    PartyRecord {
        role: role.to_owned(),
        name: plain(&party.person.name),
        number: plain(&party.person.number),
        birth: plain(&party.person.birth),
        address: plain(&party.person.address),
        sex: party.person.sex.to_owned(),
        verified_at: party.person.verified_at,
        reader: party.person.reader.clone(),
        mandate: party.mandate.as_ref().map(|mandate| MandateRecord {
            given_by: plain(&mandate.given_by),
            matter: mandate.matter.clone(),
            until: mandate.until.clone(),
        }),
    }
}

fn contact(contact: &Contact) -> ContactRecord {
    let way = match contact.way {
        ContactWay::OwnMobile => "own_mobile",
        ContactWay::OtherMobile => "other_mobile",
        ContactWay::Post => "post",
        ContactWay::ComeBack => "come_back",
    };
    let delivery = match contact.delivery {
        DeliveryWay::Locker => "locker",
        DeliveryWay::Window => "window",
        DeliveryWay::Post => "post",
    };
    ContactRecord {
        way: way.to_owned(),
        mobile: contact.mobile.as_ref().map(plain),
        delivery: delivery.to_owned(),
    }
}

fn signature(signature: &Signature) -> SignatureRecord {
    let strokes = &signature.strokes.expose().0;
    SignatureRecord {
        signer: plain(&signature.signer),
        page: signature.page,
        strokes: strokes
            .iter()
            .map(|stroke| stroke.iter().map(|point| (point.x, point.y)).collect())
            .collect(),
        at: signature.at,
    }
}

/// Wipes the plain record when it is sealed.
struct Plain(CaseRecord);

impl Drop for Plain {
    fn drop(&mut self) {
        let record = &mut self.0;
        for party in &mut record.parties {
            for text in [
                &mut party.name,
                &mut party.number,
                &mut party.birth,
                &mut party.address,
                &mut party.sex,
            ] {
                text.zeroize();
            }
            if let Some(mandate) = &mut party.mandate {
                mandate.given_by.zeroize();
            }
        }
        for who in &mut record.collectors {
            who.name.zeroize();
            who.number.zeroize();
        }
        record.fields.iter_mut().for_each(|field| field.value.zeroize());
        record.contact.mobile.zeroize();
        for signature in &mut record.signatures {
            signature.signer.zeroize();
            signature.strokes.iter_mut().for_each(|stroke| stroke.fill((0, 0)));
        }
    }
}
