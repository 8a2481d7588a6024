//! What the core hears. A closed set; the shell makes these and nothing else.

use device_api::{
    camera, code_scanner, id_reader, keypad, locker, receipt_printer, room, smart_card,
};
use kiosk_words::{
    CaseId, CaseState, Handling, MatterId, OrderId, Originals, Private, ReceiptNo, Seq,
    ServiceTime, StaffCardNo, StaffRole, WallTime,
};

use crate::{
    custody::{self, Order},
    effect::{EffectId, Refusal, Reply},
    record::SlipKind,
    staff_card::StaffTrust,
    view::{Intent, Revision},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Intent {
        revision: Revision,
        intent: Intent,
    },
    /// The store committed. `receipt_qr` is the text of the receipt's code if a case was filed.
    Persisted {
        id: EffectId,
        seq: Seq,
        receipt_qr: Option<String>,
    },
    PersistFailed {
        id: EffectId,
        why: PersistError,
    },
    Done {
        id: EffectId,
        reply: Reply,
    },
    Refused {
        id: EffectId,
        refusal: Refusal,
    },
    Found {
        id: EffectId,
        cases: Vec<FoundCase>,
    },
    CodeChecked {
        id: EffectId,
        right: bool,
    },
    /// The hall answered, event by event; or all scans of a case are there.
    Acked {
        id: EffectId,
        answers: Vec<(Seq, Delivery)>,
    },
    ScansDelivered {
        id: EffectId,
        case: CaseId,
    },
    SendFailed {
        id: EffectId,
        why: SendError,
    },
    /// Unasked: the reader's health changed.
    Reader(id_reader::Status),
    /// Unasked: the slot for chip cards, or what is in it, changed.
    ChipSlot(smart_card::Status),
    /// Unasked: the printer's health changed.
    Printer(receipt_printer::Status),
    /// Unasked: the code scanner's health changed.
    Scanner(code_scanner::Status),
    /// Unasked: the camera came or went.
    Camera(camera::Health),
    /// Unasked: a door moved.
    Door(locker::DoorChanged),
    /// Unasked: a lock board came or went.
    Board(locker::BoardChanged),
    /// Unasked: something in the room moved, or its board came or went.
    Room(room::Status),
    /// Unasked: a key was pressed, the jack or the health of the keypad changed.
    Keypad(keypad::Event),
    /// Unasked: the link to the hall came or went (a heartbeat was answered, or none).
    Hall(HallLink),
    /// Unasked: something from the hall's feed; `cursor` is stored with its effect.
    Feed {
        cursor: u64,
        item: FeedItem,
    },
    /// Unasked: the hall handed out a further block of receipt counters, `first..end`.
    Receipts {
        first: u32,
        end: u32,
    },
    /// Unasked: the disk has room again.
    RoomAgain,
    /// The moment asked for with `Wake` came.
    Woken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersistError {
    /// No room: no new cases; the ballast keeps the rest going.
    Full,
    /// The store is dead until the process restarts.
    Io,
    Closed,
}

/// The hall's answer to one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    Accepted,
    Duplicate,
    /// Durable, but a person at the hall must look at it.
    Held {
        code: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// No connection, DNS, TLS, captive portal, 5xx: same bytes again with backoff.
    Unreachable,
    /// 429 or a window: not before this many milliseconds.
    Later { after_ms: u64 },
    /// 426: the hall is older than this station; kept.
    HallTooOld,
    /// There is nothing to send.
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallLink {
    Up { hall_time: ServiceTime },
    Down,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    Handling {
        case: CaseId,
        handling: Handling,
    },
    Originals {
        case: CaseId,
        originals: Originals,
    },
    /// The hall sends an envelope and names who may take it, by id number.
    Place {
        id: OrderId,
        order: Order,
        collectors: Vec<Private<String>>,
    },
    /// The hall wants an envelope of this case back.
    Recall {
        case: CaseId,
        id: OrderId,
    },
    /// 领取冻结
    Freeze {
        case: CaseId,
        frozen: bool,
    },
    /// Which staff cards are good, as a whole: what was said before is over.
    StaffTrust(StaffTrust),
}

impl FeedItem {
    /// The case it is about.
    pub const fn case(&self) -> Option<CaseId> {
        Some(match self {
            Self::Handling { case, .. }
            | Self::Originals { case, .. }
            | Self::Recall { case, .. }
            | Self::Freeze { case, .. } => *case,
            Self::Place { order, .. } => order.case,
            Self::StaffTrust(_) => return None,
        })
    }
}

/// Someone of the hall's staff, by their card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: String,
    pub role: StaffRole,
    pub card: StaffCardNo,
    /// Let in on a clock that nobody vouches for: sees how the devices are, and opens no door.
    pub is_limited: bool,
}

/// A case as a person may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCase {
    pub case: CaseId,
    pub receipt: ReceiptNo,
    pub matter: MatterId,
    pub deposited: WallTime,
    pub state: CaseState,
    /// The person asked for is a party: may see how it stands, not only collect.
    pub is_party: bool,
    /// Orders of this case that the person may collect.
    pub collects: Vec<OrderId>,
    /// Slips that were printed and may have come out, in whichever session.
    pub printed: Vec<SlipKind>,
    /// Newest first: when, and the words of the step in both languages.
    pub history: Vec<PastStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastStep {
    pub at: WallTime,
    pub step: Step,
}

/// What happened to a case, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Filed,
    ReceivedByHall,
    Handling(Handling),
    Originals(Originals),
}

/// What the store knows at start; by default what a new store does: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Last stored service time.
    pub service_time: ServiceTime,
    /// How often the program started within the last ten minutes, this one included.
    pub recent_starts: u32,
    /// A session was open when a run ended, and nobody has come since; the case it filed, if any.
    pub interrupted: Option<Interrupted>,
    /// Number of the last session of this store; 0 if there was none.
    pub last_session: u64,
    /// Next receipt counter and the first one beyond the block.
    pub receipts: Option<(u32, u32)>,
    /// Events not yet settled at the hall, oldest first.
    pub outbox: Vec<(Seq, CaseId)>,
    /// Cases with scans not yet delivered, oldest first.
    pub scans: Vec<CaseId>,
    /// Cases the hall keeps aside for a person: not received yet, whatever is delivered.
    pub held: Vec<CaseId>,
    pub feed_cursor: u64,
    /// State of every case that is not finished (small: the store drops old ones).
    pub open_cases: Vec<(CaseId, CaseState)>,
    /// The disk is full at start.
    pub full: bool,
    pub custody: custody::Stored,
    pub prints: Prints,
    /// Staff numbers with wrong PINs: how many, and until when nobody signs in.
    pub lockouts: Vec<(String, u32, ServiceTime)>,
    /// An alarm was raised and neither reset nor over.
    pub had_alarm: bool,
    /// As the hall said last.
    pub staff_trust: StaffTrust,
    /// Parts by their id, and what each said of itself last.
    pub devices: Vec<(String, String)>,
    pub maintenance: Option<Maintenance>,
}

/// Staff have closed the station for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// When they expect it to be open again; unknown where the clock is.
    pub until: Option<WallTime>,
}

/// What the store knows of the printer's work at start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prints {
    /// Started and not ended: whether they came out is not known.
    pub unsettled: Vec<(u64, CaseId, SlipKind)>,
    /// Number of the last print.
    pub last: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub session: u64,
    pub filed: Option<ReceiptNo>,
}
