//! From the first picture to the receipt: capture, check, sign, seal.

use device_api::camera;
use kiosk_words::{Digest32, EnvelopeCode, Now, Seq};

use super::{
    Pending, Station,
    pages::{CaptureTrouble, CodeTrouble, NotTaken, Page, Receipt},
};
use crate::{
    application::{Application, sign},
    effect::{EffectId, Refusal, Reply, Request, Scan},
    record::{AuditKind, FiledCase, FiledScan, Record, Signature},
    view::{ImageId, Language, Stroke},
};

impl Station {
    pub(super) fn capture_or_check(&mut self) {
        let Some(application) = &self.application else { return };
        let page = match application.next_capture() {
            Some((at, page)) => {
                Page::Capture { at, page, pending: false, taken: None, trouble: None }
            }
            None => Page::Check,
        };
        self.go(page);
    }

    pub(super) fn shoot(&mut self) {
        let Page::Capture { at, page, pending: false, .. } = self.page else { return };
        self.drop_taken();
        let Some((session, application)) = self.session.as_ref().zip(self.application.as_ref())
        else {
            return;
        };
        let materials = application.captured_materials();
        let Some(material) = materials.get(at) else { return };
        let request = Request::Capture { case: application.case, slot: material.id.clone(), page };
        let session = session.id;
        self.ask(request, Pending::Capture { session });
        self.go(Page::Capture { at, page, pending: true, taken: None, trouble: None });
    }

    /// A picture that was not kept is forgotten at once.
    pub(super) fn drop_taken(&mut self) {
        if let Page::Capture { taken: Some(taken), .. } = &self.page {
            let image = taken.image;
            self.ask(Request::Discard { image }, Pending::Tidy);
        }
    }

    pub(super) fn keep_capture(&mut self, taken: Option<FiledScan>) {
        let (Some(taken), Some(application)) = (taken, self.application.as_mut()) else { return };
        application.captures.insert((taken.slot.clone(), taken.page), taken);
        self.capture_or_check();
    }

    fn on_captured(&mut self, session: u64, image: ImageId, scan: Scan) {
        let same = self.session.as_ref().is_some_and(|current| current.id == session);
        let Page::Capture { at, page, pending: true, .. } = self.page else {
            return self.discard_late(image);
        };
        let application = self.application.as_ref().filter(|_| same);
        let materials = application.map(Application::captured_materials).unwrap_or_default();
        let Some(material) = materials.get(at) else { return self.discard_late(image) };
        let taken = FiledScan {
            slot: material.id.clone(),
            title: material.name.zh.clone(),
            page,
            image,
            scan,
        };
        self.go(Page::Capture { at, page, pending: false, taken: Some(taken), trouble: None });
    }

    /// The person left the page, or the station, while the camera worked.
    fn discard_late(&mut self, image: ImageId) {
        self.ask(Request::Discard { image }, Pending::Tidy);
    }

    fn on_capture_refused(&mut self, why: CaptureTrouble) {
        if let Page::Capture { at, page, pending: true, .. } = self.page {
            let trouble = Some(why);
            self.go(Page::Capture { at, page, pending: false, taken: None, trouble });
        }
    }

    pub(super) fn prepare_page(&mut self, now: Now) {
        let Some((session, application)) = self.session.as_ref().zip(self.application.as_ref())
        else {
            return;
        };
        if application.next_capture().is_some() || application.way.is_none() {
            return self.capture_or_check();
        }
        let (text, session) = (application.page_text(now), session.id);
        self.ask(Request::Hash { text }, Pending::Hash { session });
        self.go(Page::Hashing);
    }

    fn on_hashed(&mut self, session: u64, page: Digest32) {
        let same = self.session.as_ref().is_some_and(|current| current.id == session);
        if same && matches!(self.page, Page::Hashing) {
            self.go(Page::Sign { page, signed: Vec::new(), asked_again: false });
        }
    }

    /// One signer after another; the last signature files the case.
    pub(super) fn signed(&mut self, strokes: Vec<Stroke>, now: Now) {
        let Page::Sign { page, mut signed, .. } = self.page.clone() else { return };
        if !Application::is_signature(&strokes) {
            return self.go(Page::Sign { page, signed, asked_again: true });
        }
        let Some(application) = &self.application else { return };
        let signers = application.signers();
        let Some(signer) = signers.get(signed.len()) else { return };
        signed.push(sign(signer, page, strokes, now));
        if signed.len() < signers.len() {
            self.go(Page::Sign { page, signed, asked_again: false });
        } else {
            self.file(signed, now);
        }
    }

    fn file(&mut self, signatures: Vec<Signature>, now: Now) {
        let Some(receipt) = self.take_number() else {
            self.readiness.has_numbers = false;
            self.drop_application();
            self.wipe();
            return self.go(Page::NotTaken(NotTaken::NoNumbers));
        };
        let Some(application) = &self.application else { return };
        let today = now.wall.civil().yyyymmdd();
        assert!(application.agent_may_act(&today), "an agent signs without a mandate");
        let code = self.random.code();
        let Some(application) = &self.application else { return };
        let filed = application.file(receipt, code, signatures, Language::Chinese, now);
        let records = vec![
            Record::CaseFiled(Box::new(filed.clone())),
            self.audit(AuditKind::CaseFiled, Some(filed.case), now),
            Record::ServiceTime(self.service_time),
        ];
        self.persist(records, Pending::Seal(Box::new(filed)));
        self.go(Page::Sealing);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing waits for the other records")]
    pub(super) fn on_persisted(&mut self, id: EffectId, seq: Seq, qr: Option<String>, now: Now) {
        match self.settle(id) {
            Pending::Seal(filed) => self.on_sealed(*filed, seq, qr, now),
            Pending::Custody { events, then } => self.on_custody_written(&events, then, seq, now),
            Pending::PrintWritten { number } => self.on_print_written(number, now),
            Pending::Service => self.on_disk_tested(id),
            Pending::PowerOff => self.on_power_off_written(),
            _ => {}
        }
    }

    /// The case is on the disk: only now may a receipt be shown.
    fn on_sealed(&mut self, filed: FiledCase, seq: Seq, qr: Option<String>, now: Now) {
        self.used_number();
        self.sync.filed(seq, filed.case, filed.scans.len());
        self.open_cases.insert(filed.case, filed.state.clone());
        self.application = None;
        if matches!(self.page, Page::Sealing) {
            let qr = qr.unwrap_or_default();
            self.go(Page::Receipt(Box::new(Receipt { filed, qr })));
            self.print_again(now);
        }
    }

    pub(super) fn on_done(&mut self, id: EffectId, reply: Reply, now: Now) {
        let what = self.settle(id);
        if what == Pending::Service {
            return self.on_serviced(id, reply, now);
        }
        match reply {
            Reply::Card(card) => self.on_card(id, &card, now),
            Reply::SocialCard(card) => self.on_social_card(id, &card, now),
            Reply::StaffCard(card) => self.on_staff_card(id, &card, now),
            Reply::StaffProof(signature) => self.on_staff_proof(id, &signature, now),
            Reply::Captured { image, scan } => {
                if let Pending::Capture { session } = what {
                    self.on_captured(session, image, scan);
                }
            }
            Reply::Hashed(digest) => {
                if let Pending::Hash { session } = what {
                    self.on_hashed(session, digest);
                }
            }
            Reply::Printed => {
                if let Pending::Print { number } = what {
                    self.on_print_ended(number, None, now);
                }
            }
            Reply::DoorOpened(door) => self.on_door_opened(door, now),
            Reply::Code(code) => self
                .on_code_read(id, EnvelopeCode::decode(code.expose()).ok_or(CodeTrouble::Foreign)),
            // These answer a technician, which was sorted out before.
            Reply::Looked { .. } | Reply::Wire(_) | Reply::Exported(_) => {}
            Reply::Stopped
            | Reply::Discarded
            | Reply::Wiped
            | Reply::RoomSwitched
            | Reply::KeysChanged => {}
        }
    }

    pub(super) fn on_refused(&mut self, id: EffectId, refusal: Refusal, now: Now) {
        let what = self.settle(id);
        if what == Pending::Service {
            return self.on_service_refused(id, refusal, now);
        }
        if let (Pending::Staff(staff), Refusal::Chip(why)) = (&what, refusal) {
            return self.on_proof_refused(id, staff, why, now);
        }
        match refusal {
            Refusal::Card(why) => self.on_read_refused(id, why, now),
            Refusal::Chip(why) => self.on_chip_refused(id, why, now),
            Refusal::Print(why) => {
                if let Pending::Print { number } = what {
                    self.on_print_ended(number, Some(why), now);
                }
            }
            Refusal::Door(why) => self.on_door_refused(why, now),
            Refusal::NoCode => self.on_code_read(id, Err(CodeTrouble::NotSeen)),
            Refusal::ForeignCode => self.on_code_read(id, Err(CodeTrouble::Foreign)),
            Refusal::Camera(_) if what == Pending::Scan => {
                self.on_code_read(id, Err(CodeTrouble::NotSeen));
            }
            Refusal::Camera(fault) => self.on_capture_refused(CaptureTrouble::Camera(fault)),
            Refusal::NoRoom => {
                self.readiness.full = true;
                self.on_capture_refused(CaptureTrouble::NoRoom);
            }
            // What the room is, its status says.
            Refusal::Room(_)
            | Refusal::KeysNotChanged
            | Refusal::Export(_)
            | Refusal::NotFitted => {}
        }
        debug_assert!(!matches!(what, Pending::Seal(_)), "a Persist is never refused");
    }
}

/// What the measured facts of a picture say; the order is the order of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureFinding {
    Dark,
    Bright,
    Blurred,
}

/// Mean brightness below this is a lobby at night without the lamp.
const DARK_BELOW: u8 = 50;
/// Above this the lamp is mirrored, or the paper fills nothing.
const BRIGHT_ABOVE: u8 = 250;
/// Variance of the Laplacian below this on the driver's scale: letters run together.
const SHARP_MIN: u32 = 20;

pub(crate) const fn find(quality: camera::Quality) -> Option<PictureFinding> {
    if quality.brightness < DARK_BELOW {
        Some(PictureFinding::Dark)
    } else if quality.brightness > BRIGHT_ABOVE {
        Some(PictureFinding::Bright)
    } else if quality.sharpness < SHARP_MIN {
        Some(PictureFinding::Blurred)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
