//! The pages of the screen, each with the data that is valid only there.

use device_api::{camera, id_reader};
use kiosk_matters::Stop;
use kiosk_words::Digest32;

use crate::{
    effect::EffectId,
    event::FoundCase,
    record::{FiledCase, FiledScan, Person},
};

/// What a card is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Applicant,
    Guardian,
    Progress,
}

/// Why a card page says something in its banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardTrouble {
    Reader(id_reader::Refusal),
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
    Sign {
        page: Digest32,
        asked_again: bool,
    },
    /// The case is being written; nothing can be touched and nothing is shown as done.
    Sealing,
    /// Nothing was taken in.
    NotTaken(NotTaken),
    Receipt(Box<Receipt>),
    Finding,
    Cases(Vec<FoundCase>),
    Detail {
        cases: Vec<FoundCase>,
        at: usize,
    },
}

impl Page {
    pub(crate) const fn needs_session(&self) -> bool {
        !matches!(self, Self::Attract | Self::Care | Self::Dead)
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
