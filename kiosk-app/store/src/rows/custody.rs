//! Words of custody as columns and back. A word once written stays as it is.

use device_api::locker::DoorNo;
use kiosk_core::{
    custody::{Act, CellState, Doubt, End, Envelope},
    record::{PrintEnd, SlipKind},
};
use kiosk_words::{CaseId, CellSize, Content, OrderId, Release, ServiceTime};
use rusqlite::Row;

use super::case_id;
use crate::error::StoreError;

/// Both directions from one table; a variant that is missing does not compile.
macro_rules! words {
    ($type:ty, $to:ident, $from:ident, $what:literal, { $($variant:path = $word:literal),+ $(,)? }) => {
        pub(crate) const fn $to(value: $type) -> &'static str {
            match value { $($variant => $word),+ }
        }

        pub(crate) fn $from(column: &str) -> Result<$type, StoreError> {
            match column {
                $($word => Ok($variant),)+
                _ => Err(StoreError::Unreadable($what)),
            }
        }
    };
}

words!(Content, content_text, content, "a content", {
    Content::Materials = "materials",
    Content::Result = "result",
    Content::ReturnedOriginals = "returned_originals",
});

words!(CellSize, size_text, size, "a size of a cell", {
    CellSize::A4 = "a4",
    CellSize::A4Thick = "a4_thick",
    CellSize::A3 = "a3",
});

words!(Release, release_text, release, "a release level", {
    Release::Ordinary = "ordinary",
    Release::Important = "important",
    Release::NotInLocker = "not_in_locker",
});

words!(Doubt, doubt_text, doubt, "a doubt about a cell", {
    Doubt::Interrupted = "interrupted",
    Doubt::Unconfirmed = "unconfirmed",
    Doubt::StayedShut = "stayed_shut",
    Doubt::Forced = "forced",
    Doubt::WrongDoor = "wrong_door",
    Doubt::Lost = "lost",
    Doubt::NotAsWritten = "not_as_written",
});

words!(SlipKind, slip_text, slip, "a kind of slip", {
    SlipKind::Receipt = "receipt",
    SlipKind::Deposit = "deposit",
    SlipKind::Collection = "collection",
});

pub(crate) const fn print_end_text(how: PrintEnd) -> &'static str {
    match how {
        PrintEnd::CameOut => "came_out",
        PrintEnd::NotStarted => "not_started",
        PrintEnd::Uncertain => "uncertain",
    }
}

/// Columns `how` and `doubt` of an authorisation.
pub(crate) const fn end_columns(how: End) -> (&'static str, Option<&'static str>) {
    match how {
        End::Confirmed => ("confirmed", None),
        End::Again => ("again", None),
        End::NotOpened => ("not_opened", None),
        End::Doubted(why) => ("doubted", Some(doubt_text(why))),
    }
}

/// The hall numbers its orders as it likes; only the bits are kept.
pub(crate) const fn order(id: OrderId) -> i64 {
    id.0.cast_signed()
}

pub(crate) const fn order_id(column: i64) -> OrderId {
    OrderId(column.cast_unsigned())
}

pub(crate) fn door(column: i64) -> Result<DoorNo, StoreError> {
    let number = u16::try_from(column).ok().and_then(DoorNo::new);
    number.ok_or(StoreError::Unreadable("a door number"))
}

/// Columns `act`, `case_id` and `order_id` of an authorisation.
pub(crate) const fn act_columns(act: Act) -> (&'static str, Option<CaseId>, Option<OrderId>) {
    match act {
        Act::Deposit { case } => ("deposit", Some(case), None),
        Act::TakeBack { case } => ("take_back", Some(case), None),
        Act::TakeOut { case } => ("take_out", Some(case), None),
        Act::Collect { order } => ("collect", None, Some(order)),
        Act::Put { order } => ("put", None, Some(order)),
        Act::Withdraw { order } => ("withdraw", None, Some(order)),
        Act::Look => ("look", None, None),
    }
}

pub(crate) fn act(
    word: &str,
    case: Option<CaseId>,
    order: Option<OrderId>,
) -> Result<Act, StoreError> {
    match (word, case, order) {
        ("deposit", Some(case), None) => Ok(Act::Deposit { case }),
        ("take_back", Some(case), None) => Ok(Act::TakeBack { case }),
        ("take_out", Some(case), None) => Ok(Act::TakeOut { case }),
        ("collect", None, Some(order)) => Ok(Act::Collect { order }),
        ("put", None, Some(order)) => Ok(Act::Put { order }),
        ("withdraw", None, Some(order)) => Ok(Act::Withdraw { order }),
        ("look", None, None) => Ok(Act::Look),
        _ => Err(StoreError::Unreadable("an act at a door")),
    }
}

/// A row of `cell` without its door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellColumns {
    pub(crate) state: String,
    pub(crate) doubt: Option<String>,
    pub(crate) case: Option<[u8; 16]>,
    pub(crate) content: Option<String>,
    pub(crate) order: Option<i64>,
    pub(crate) since: Option<i64>,
}

impl From<CellState> for CellColumns {
    fn from(cell: CellState) -> Self {
        let (state, why, held) = match cell {
            CellState::Unknown => ("unknown", None, None),
            CellState::Empty => ("empty", None, None),
            CellState::Holds(envelope) => ("holds", None, Some(envelope)),
            CellState::Quarantined { why, held } => ("quarantined", Some(why), held),
        };
        Self {
            state: state.to_owned(),
            doubt: why.map(|why| doubt_text(why).to_owned()),
            case: held.map(|envelope| envelope.case.0.into_bytes()),
            content: held.map(|envelope| content_text(envelope.content).to_owned()),
            order: held.and_then(|envelope| envelope.order).map(order),
            since: held.map(|envelope| envelope.since.0),
        }
    }
}

impl CellColumns {
    /// Columns `state, doubt, case_id, content, order_id, since`, from the one at `first`.
    pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            state: row.get(first)?,
            doubt: row.get(first + 1)?,
            case: row.get(first + 2)?,
            content: row.get(first + 3)?,
            order: row.get(first + 4)?,
            since: row.get(first + 5)?,
        })
    }

    pub(crate) fn state(&self) -> Result<CellState, StoreError> {
        let why = self.doubt.as_deref().map(doubt).transpose()?;
        match (self.state.as_str(), why, self.envelope()?) {
            ("unknown", None, None) => Ok(CellState::Unknown),
            ("empty", None, None) => Ok(CellState::Empty),
            ("holds", None, Some(envelope)) => Ok(CellState::Holds(envelope)),
            ("quarantined", Some(why), held) => Ok(CellState::Quarantined { why, held }),
            _ => Err(StoreError::Unreadable("a cell")),
        }
    }

    fn envelope(&self) -> Result<Option<Envelope>, StoreError> {
        let (Some(case), Some(held), Some(since)) =
            (self.case, self.content.as_deref(), self.since)
        else {
            return Ok(None);
        };
        let order = self.order.map(order_id);
        let since = ServiceTime(since);
        Ok(Some(Envelope { case: case_id(case), content: content(held)?, order, since }))
    }
}
