//! What is written down. One `Persist` is one transaction: case, outbox and audit together.

use kiosk_words::{
    CaseId, CaseState, ClockQuality, Digest32, MatterId, Private, ReceiptNo, Seq, ServiceTime,
    WallTime,
};

use crate::{
    effect::Scan,
    event::Delivery,
    view::{ImageId, Stroke},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    SessionOpened {
        session: u64,
        at: WallTime,
    },
    SessionClosed {
        session: u64,
        why: SessionEnd,
    },
    /// A new case: its row, its outbox event and its place in the receipt counter.
    CaseFiled(Box<FiledCase>),
    /// The hall has answered these events.
    OutboxSettled {
        answers: Vec<(Seq, Delivery)>,
    },
    /// All scans of the case are verified at the hall.
    ScansDelivered {
        case: CaseId,
    },
    /// One or more of the three lines moved, legally.
    CaseMoved {
        case: CaseId,
        state: CaseState,
        at: WallTime,
    },
    FeedCursor(u64),
    /// A further block of receipt counters, `first..end`, used when the present one is empty.
    ReceiptBlock {
        first: u32,
        end: u32,
    },
    ServiceTime(ServiceTime),
    /// One line of the audit chain.
    Audit {
        kind: AuditKind,
        case: Option<CaseId>,
        session: Option<u64>,
        at: WallTime,
        quality: ClockQuality,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    Finished,
    Left,
    TimedOut,
    /// Found open at the next start.
    Interrupted,
}

/// The ids of `assets/audit-events.toml`; a test keeps both the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditKind {
    Started,
    CareModeEntered,
    SessionOpened,
    SessionClosed,
    NoticeShown,
    CardRead,
    CardRefused,
    CaseFiled,
    CaseReceivedByHall,
    CaseMoved,
    IllegalMoveRefused,
    EventHeld,
    StoreFull,
    ClockJumped,
}

impl AuditKind {
    pub const ALL: [Self; 14] = [
        Self::Started,
        Self::CareModeEntered,
        Self::SessionOpened,
        Self::SessionClosed,
        Self::NoticeShown,
        Self::CardRead,
        Self::CardRefused,
        Self::CaseFiled,
        Self::CaseReceivedByHall,
        Self::CaseMoved,
        Self::IllegalMoveRefused,
        Self::EventHeld,
        Self::StoreFull,
        Self::ClockJumped,
    ];

    /// The id used in the catalogue and in the chain.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::CareModeEntered => "care_mode_entered",
            Self::SessionOpened => "session_opened",
            Self::SessionClosed => "session_closed",
            Self::NoticeShown => "notice_shown",
            Self::CardRead => "card_read",
            Self::CardRefused => "card_refused",
            Self::CaseFiled => "case_filed",
            Self::CaseReceivedByHall => "case_received_by_hall",
            Self::CaseMoved => "case_moved",
            Self::IllegalMoveRefused => "illegal_move_refused",
            Self::EventHeld => "event_held",
            Self::StoreFull => "store_full",
            Self::ClockJumped => "clock_jumped",
        }
    }
}

/// What a person is to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Applicant,
    /// Acts for an applicant under a mandate.
    Agent,
    Guardian,
}

/// A natural person verified in this session with their own card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: Private<String>,
    pub number: Private<String>,
    /// `YYYYMMDD`
    pub birth: Private<String>,
    pub address: Private<String>,
    pub sex: &'static str,
    pub verified_at: WallTime,
    /// The reader's module number.
    pub reader: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub role: Role,
    pub person: Person,
    pub mandate: Option<Mandate>,
}

/// Who may act for whom, in which matter, until when (`YYYYMMDD`); revocable by the giver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    pub given_by: Private<String>,
    pub matter: MatterId,
    pub until: String,
    pub revoked: bool,
}

/// Up to three people named when filing who may collect the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    pub name: Private<String>,
    pub number: Private<String>,
}

/// A signature names its signer and the hash of the page that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub signer: Private<String>,
    pub page: Digest32,
    pub strokes: Private<Strokes>,
    pub at: WallTime,
}

/// Newtype so that strokes can be wiped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strokes(pub Vec<Stroke>);

impl zeroize::Zeroize for Strokes {
    fn zeroize(&mut self) {
        for stroke in &mut self.0 {
            for point in stroke.iter_mut() {
                point.x = 0;
                point.y = 0;
            }
            stroke.clear();
        }
        self.0.clear();
    }
}

/// How the person wants to hear and to get the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub way: ContactWay,
    /// Phone number where the way is one.
    pub mobile: Option<Private<String>>,
    pub delivery: DeliveryWay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactWay {
    OwnMobile,
    OtherMobile,
    Post,
    /// 我自己再来看
    ComeBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryWay {
    Locker,
    Window,
    Post,
}

/// A field of the form with its label as shown, so that the hall reads it without the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledField {
    pub id: String,
    pub label: String,
    pub value: Private<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledScan {
    pub slot: String,
    /// Title of the material as shown.
    pub title: String,
    /// From 1.
    pub page: u16,
    pub image: ImageId,
    pub scan: Scan,
}

/// Everything a case is when it is filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledCase {
    pub case: CaseId,
    pub receipt: ReceiptNo,
    /// First counter not used by this case or any before it.
    pub next_counter: u32,
    pub matter: MatterId,
    pub matter_version: u32,
    /// Name of the matter as shown to the applicant.
    pub matter_name: String,
    pub discreet: bool,
    pub deposited: WallTime,
    pub quality: ClockQuality,
    pub parties: Vec<Party>,
    pub collectors: Vec<Collector>,
    /// Question id and answer id of every situation question.
    pub answers: Vec<(String, String)>,
    pub fields: Vec<FilledField>,
    pub contact: Contact,
    pub scans: Vec<FiledScan>,
    pub signatures: Vec<Signature>,
    pub state: CaseState,
}

impl FiledCase {
    /// Id numbers of everyone who may later ask how this case stands.
    pub fn owners(&self) -> impl Iterator<Item = &Private<String>> {
        self.parties.iter().map(|party| &party.person.number)
    }
}
