//! The pages of the screen, each with the data that is valid only there.

use device_api::{
    camera, id_reader,
    locker::DoorNo,
    smart_card::{self, Challenge},
    wire,
};
use kiosk_matters::Stop;
use kiosk_words::{CaseId, Digest32, MatterId, OrderId, Private, ReceiptNo, ServiceTime};

use super::service::{Export, Test};
use crate::{
    custody::{Act, Denied},
    diagnosis::Part,
    effect::EffectId,
    event::{FoundCase, Maintenance},
    record::{FiledCase, FiledScan, Person, Signature},
    staff_card::{Presented, Unfit},
};

/// What a card is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Applicant,
    Guardian,
    Progress,
    Collect,
}

/// Why a card page says something in its banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardTrouble {
    Reader(id_reader::Refusal),
    Chip(smart_card::Refusal),
    /// A card of staff, where a person's own is asked for.
    StaffCard,
    /// The applicant's card again instead of the guardian's.
    SamePerson,
    GuardianTooYoung,
}

/// Why a capture gave no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaptureTrouble {
    Camera(camera::Fault),
    NoRoom,
}

/// Why a signed case was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// The disk is full.
    Full,
    /// No receipt number is left until the hall hands out more.
    NoNumbers,
}

/// A refusal with its reason (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    Expired { until: String },
    TooYoung { from: u32 },
    Situation(Stop),
}

/// A filed case as the receipt shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub filed: FiledCase,
    pub qr: String,
}

/// The case an act at the cabinet is about, as far as the page needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    /// Absent on a staff errand that is about a cell.
    pub case: Option<CaseId>,
    pub receipt: Option<ReceiptNo>,
    pub matter: Option<MatterId>,
}

impl Errand {
    pub(crate) fn of(found: &FoundCase) -> Self {
        let (receipt, matter) = (Some(found.receipt), Some(found.matter.clone()));
        Self { case: Some(found.case), receipt, matter }
    }

    pub(crate) fn of_filed(filed: &FiledCase) -> Self {
        let (receipt, matter) = (Some(filed.receipt), Some(filed.matter.clone()));
        Self { case: Some(filed.case), receipt, matter }
    }

    pub(crate) const fn of_case(case: CaseId) -> Self {
        Self { case: Some(case), receipt: None, matter: None }
    }

    /// About a cell and no case.
    pub(crate) const fn staff() -> Self {
        Self { case: None, receipt: None, matter: None }
    }
}

/// Why a door did not do what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoorTrouble {
    /// Another door stands open.
    CloseFirst(DoorNo),
    Jammed,
    /// Its board does not answer.
    Silent,
    /// It stood open in this act, and what lies behind it now is in doubt.
    ClosedOff,
}

/// What a slip's code is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodeFor {
    /// The envelope that is to be put in.
    Put,
    /// The envelope that was taken out: materials, or what an order sent.
    Check(Errand, Option<OrderId>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeTrouble {
    /// No code, or more than one, under the camera.
    NotSeen,
    /// Not a number of ours.
    Foreign,
    /// A slip of another envelope.
    Other,
    /// The number alone does not say which of several envelopes it is.
    Several,
}

/// Why staff are not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaffTrouble {
    /// The card gave nothing, or took the PIN for wrong.
    Chip(smart_card::Refusal),
    Unfit(Unfit),
    /// A social security card.
    NotStaff,
    /// What was typed can be no PIN; no card was asked.
    NotAPin,
    Locked {
        until: ServiceTime,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    Attract,
    Care,
    Dead,
    Home,
    Pick,
    Help {
        back: Box<Page>,
    },
    /// `noted` is the answer chosen whose note is being read.
    Question {
        noted: Option<String>,
    },
    Unsure,
    Refused(Refused),
    Materials,
    Notice(Purpose),
    Card {
        purpose: Purpose,
        read: Option<EffectId>,
        trouble: Option<CardTrouble>,
    },
    NoCard(Purpose),
    Form {
        focus: Option<String>,
    },
    Contact,
    Mobile,
    Delivery,
    Capture {
        at: usize,
        page: u16,
        pending: bool,
        taken: Option<FiledScan>,
        trouble: Option<CaptureTrouble>,
    },
    Check,
    Hashing,
    /// `signed` are those who have signed; the next of the signers has the pad.
    Sign {
        page: Digest32,
        signed: Vec<Signature>,
        asked_again: bool,
    },
    /// The case is being written; nothing can be touched and nothing is shown as done.
    Sealing,
    /// Nothing was taken in.
    NotTaken(NotTaken),
    Receipt(Box<Receipt>),
    Finding(Purpose),
    Cases(Vec<FoundCase>),
    Detail {
        cases: Vec<FoundCase>,
        at: usize,
    },
    /// The receipt as it is on the paper.
    Paper(Box<Receipt>),
    /// A cell is kept; the slip goes into the envelope.
    Envelope(Errand),
    /// One door, in whatever phase custody has it.
    Door(Errand),
    DoorTrouble {
        errand: Errand,
        act: Act,
        door: DoorNo,
        why: DoorTrouble,
    },
    DoorDone {
        errand: Errand,
        what: Act,
        door: DoorNo,
    },
    Denied {
        errand: Errand,
        why: Denied,
    },
    NothingToCollect,
    ToCollect(Vec<(Errand, OrderId)>),
    Code {
        errand: Errand,
        act: Act,
        typed: Private<String>,
        checking: Option<EffectId>,
        was_wrong: bool,
    },
    /// Waits for a staff card in the slot.
    StaffCard {
        trouble: Option<StaffTrouble>,
    },
    /// A good card is in; `asked` is the proof under way, and what is to be signed.
    StaffPin {
        card: Box<Presented>,
        pin: Private<String>,
        trouble: Option<StaffTrouble>,
        asked: Option<(EffectId, Challenge)>,
    },
    /// An alarm, for somebody who may reset it.
    Alarm,
    /// How the devices are, and what to do about each.
    Devices,
    /// One of them, and its test.
    Part {
        part: Part,
        test: Option<Test>,
    },
    /// What went over its wire within the last minute.
    Wire {
        part: Part,
        asked: Option<EffectId>,
        lines: Vec<wire::Line>,
    },
    /// For how long the station is to be closed.
    Reopens,
    Export(Export),
    /// Asks whether the station is to be switched off.
    PowerOff,
    /// It may be cut off in a moment; nothing is handled any more.
    PoweredOff,
    /// Closed by staff for a while.
    Maintenance,
    /// What staff can do at the cabinet now.
    Round,
    /// A slip's code, typed or under the camera; the effect under way, what was wrong before.
    StaffCode(CodeFor, Private<String>, Option<EffectId>, Option<CodeTrouble>),
}

impl Page {
    pub(crate) const fn needs_session(&self) -> bool {
        !matches!(
            self,
            Self::Attract | Self::Care | Self::Dead | Self::Maintenance | Self::PoweredOff
        )
    }

    /// Pages on which a staff card belongs into the slot.
    pub(crate) const fn is_of_staff_card(&self) -> bool {
        matches!(self, Self::StaffCard { .. } | Self::StaffPin { .. })
    }

    /// Pages on which somebody works at an open application and might be taken over.
    pub(crate) const fn watches_for_cards(&self) -> bool {
        matches!(
            self,
            Self::Form { .. }
                | Self::Contact
                | Self::Mobile
                | Self::Delivery
                | Self::Capture { pending: false, .. }
                | Self::Check
        )
    }
}

/// Something asked over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sheet {
    StillThere,
    Leave,
    OtherPerson(Box<Person>),
}

/// The page of a station that nobody stands at. Staff who closed it open it again, whatever mode it
/// is in by then.
pub(super) const fn resting_page(maintenance: Option<Maintenance>, in_care: bool) -> Page {
    match maintenance {
        Some(_) => Page::Maintenance,
        None if in_care => Page::Care,
        None => Page::Attract,
    }
}
