//! What is written down. One `Persist` is one transaction: case, outbox and audit together.

use kiosk_words::{
    CaseId, CaseState, ClockQuality, Digest32, MatterId, OrderId, Private, ReceiptNo, Seq,
    ServiceTime, WallTime,
};

use crate::{
    custody::{self, Order},
    effect::Scan,
    event::{Delivery, Maintenance},
    staff_card::StaffTrust,
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
    /// One step of custody: the cell, the authorisation, or an event for the hall.
    Custody {
        change: custody::Change,
        at: WallTime,
        quality: ClockQuality,
    },
    /// The hall sends an envelope; its collectors are kept as keyed hashes.
    OrderReceived {
        id: OrderId,
        order: Order,
        collectors: Vec<Private<String>>,
    },
    /// Recalled.
    OrderChanged {
        id: OrderId,
        order: Order,
    },
    /// So many wrong pick-up codes were typed for this case; 0 when the hall begins anew.
    WrongCodes {
        case: CaseId,
        n: u8,
    },
    /// 领取冻结 set or lifted.
    Frozen {
        case: CaseId,
        frozen: bool,
    },
    /// A slip goes to the printer; written before the first byte.
    PrintStarted {
        number: u64,
        case: CaseId,
        slip: SlipKind,
        reprint: bool,
        at: WallTime,
    },
    PrintEnded {
        number: u64,
        how: PrintEnd,
    },
    /// Someone typed a wrong PIN for the card of this staff number.
    StaffFailed {
        staff: String,
        n_failures: u32,
        /// Nobody signs in under this id before.
        locked_until: ServiceTime,
    },
    /// The right PIN: failures are forgotten.
    StaffPassed {
        staff: String,
    },
    /// Which staff cards are good, in place of what was said before.
    StaffTrust(StaffTrust),
    /// What a part of the station says of itself: another one is noticed, also over a restart.
    DeviceSeen {
        part: String,
        identity: String,
    },
    /// Closed for a while, or open again.
    Maintenance(Option<Maintenance>),
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
    /// Somebody pressed the emergency button.
    Alarm,
    /// Found open at the next start.
    Interrupted,
}

/// What a slip is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlipKind {
    /// 收件凭证
    Receipt,
    /// Goes into the envelope, behind its window.
    Deposit,
    /// 领取凭证
    Collection,
}

/// How a print ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrintEnd {
    /// The printer said, after the cut, that all is well.
    CameOut,
    /// No byte was sent.
    NotStarted,
    /// It may have come out whole, in part or not at all; only a marked reprint may follow.
    Uncertain,
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
    DoorAuthorised,
    DoorDone,
    DoorForced,
    CellClosedOff,
    CustodyMoved,
    OrderReceived,
    OrderRecalled,
    CaseFrozen,
    CaseUnfrozen,
    WrongCode,
    PrintStarted,
    PrintCameOut,
    PrintNotStarted,
    PrintUncertain,
    StaffSignedIn,
    StaffRefused,
    DeviceReplaced,
    DeviceTested,
    MaintenanceBegun,
    MaintenanceEnded,
    LogsExported,
    PoweredOff,
    AlarmRaised,
    GuardReached,
    AlarmReset,
    AlarmOver,
    MainsLost,
    MainsBack,
}

impl AuditKind {
    pub const ALL: [Self; 42] = [
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
        Self::DoorAuthorised,
        Self::DoorDone,
        Self::DoorForced,
        Self::CellClosedOff,
        Self::CustodyMoved,
        Self::OrderReceived,
        Self::OrderRecalled,
        Self::CaseFrozen,
        Self::CaseUnfrozen,
        Self::WrongCode,
        Self::PrintStarted,
        Self::PrintCameOut,
        Self::PrintNotStarted,
        Self::PrintUncertain,
        Self::StaffSignedIn,
        Self::StaffRefused,
        Self::DeviceReplaced,
        Self::DeviceTested,
        Self::MaintenanceBegun,
        Self::MaintenanceEnded,
        Self::LogsExported,
        Self::PoweredOff,
        Self::AlarmRaised,
        Self::GuardReached,
        Self::AlarmReset,
        Self::AlarmOver,
        Self::MainsLost,
        Self::MainsBack,
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
            Self::DoorAuthorised => "door_authorised",
            Self::DoorDone => "door_done",
            Self::DoorForced => "door_forced",
            Self::CellClosedOff => "cell_closed_off",
            Self::CustodyMoved => "custody_moved",
            Self::OrderReceived => "order_received",
            Self::OrderRecalled => "order_recalled",
            Self::CaseFrozen => "case_frozen",
            Self::CaseUnfrozen => "case_unfrozen",
            Self::WrongCode => "wrong_code",
            Self::PrintStarted => "print_started",
            Self::PrintCameOut => "print_came_out",
            Self::PrintNotStarted => "print_not_started",
            Self::PrintUncertain => "print_uncertain",
            Self::StaffSignedIn => "staff_signed_in",
            Self::StaffRefused => "staff_refused",
            Self::DeviceReplaced => "device_replaced",
            Self::DeviceTested => "device_tested",
            Self::MaintenanceBegun => "maintenance_begun",
            Self::MaintenanceEnded => "maintenance_ended",
            Self::LogsExported => "logs_exported",
            Self::PoweredOff => "powered_off",
            Self::AlarmRaised => "alarm_raised",
            Self::GuardReached => "guard_reached",
            Self::AlarmReset => "alarm_reset",
            Self::AlarmOver => "alarm_over",
            Self::MainsLost => "mains_lost",
            Self::MainsBack => "mains_back",
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

#[cfg(test)]
impl Person {
    /// Somebody invented.
    pub(crate) fn sample(name: &str, number: &str) -> Self {
        Self {
            name: Private::text(name),
            number: Private::text(number),
            birth: Private::text("19900307"),
            address: Private::text("样本路 1 号"),
            sex: "女",
            verified_at: WallTime(1_772_673_960_000),
            reader: None,
        }
    }
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
    /// 取件码, six digits: with the card of a named collector it opens the result's cell.
    pub pickup_code: Private<String>,
    pub state: CaseState,
}

impl FiledCase {
    /// Id numbers of everyone who may later ask how this case stands.
    pub fn owners(&self) -> impl Iterator<Item = &Private<String>> {
        self.parties.iter().map(|party| &party.person.number)
    }
}
