//! Values as columns and back. Times and counters are integers, ids and hashes blobs, states JSON.

pub(crate) mod custody;

use kiosk_core::{event::Step, record::SessionEnd};
use kiosk_words::{
    CaseId, CaseState, ClockQuality, Electronic, Handling, Originals, ReceiptNo, Seq,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;

/// SQLite's integers are signed; the stream and the cursor stay far below 2^63.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn seq(column: i64) -> Result<Seq, StoreError> {
    u64::try_from(column).map(Seq).map_err(|_| StoreError::Unreadable("a sequence number"))
}

pub(crate) fn case_id(column: [u8; 16]) -> CaseId {
    CaseId(Uuid::from_bytes(column))
}

pub(crate) fn receipt(column: &str) -> Result<ReceiptNo, StoreError> {
    column.parse().map_err(|_| StoreError::Unreadable("a receipt number"))
}

pub(crate) fn state_text(state: &CaseState) -> String {
    serde_json::to_string(state).expect("a state has text keys only")
}

pub(crate) fn state(column: &str) -> Result<CaseState, StoreError> {
    serde_json::from_str(column).map_err(|_| StoreError::Unreadable("a case state"))
}

/// A session's number is only compared, so its bits may take any sign.
pub(crate) const fn session(number: u64) -> i64 {
    number.cast_signed()
}

pub(crate) const fn session_number(column: i64) -> u64 {
    column.cast_unsigned()
}

pub(crate) const fn session_end(why: SessionEnd) -> &'static str {
    match why {
        SessionEnd::Finished => "finished",
        SessionEnd::Left => "left",
        SessionEnd::TimedOut => "timed_out",
        SessionEnd::Alarm => "alarm",
        SessionEnd::Interrupted => "interrupted",
    }
}

pub(crate) const fn quality_text(quality: ClockQuality) -> &'static str {
    match quality {
        ClockQuality::Unknown => "unknown",
        ClockQuality::Held => "held",
        ClockQuality::Synced => "synced",
    }
}

pub(crate) fn quality(column: &str) -> Result<ClockQuality, StoreError> {
    match column {
        "unknown" => Ok(ClockQuality::Unknown),
        "held" => Ok(ClockQuality::Held),
        "synced" => Ok(ClockQuality::Synced),
        _ => Err(StoreError::Unreadable("a clock quality")),
    }
}

/// One step of a case's history as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub(crate) enum KeptStep {
    Filed,
    ReceivedByHall,
    Handling { handling: Handling },
    Originals { originals: Originals },
}

impl KeptStep {
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("a step has text keys only")
    }

    pub(crate) fn read(column: &str) -> Result<Step, StoreError> {
        let step =
            serde_json::from_str(column).map_err(|_| StoreError::Unreadable("a step of a case"))?;
        Ok(match step {
            Self::Filed => Step::Filed,
            Self::ReceivedByHall => Step::ReceivedByHall,
            Self::Handling { handling } => Step::Handling(handling),
            Self::Originals { originals } => Step::Originals(originals),
        })
    }
}

/// What moved between two states, or the first line that may not move so.
pub(crate) fn moved(from: &CaseState, to: &CaseState) -> Result<Vec<KeptStep>, String> {
    let mut steps = Vec::new();
    if from.electronic != to.electronic {
        if !from.electronic.may_become(to.electronic) {
            return Err(format!("{:?} to {:?}", from.electronic, to.electronic));
        }
        steps.push(KeptStep::ReceivedByHall);
    }
    if from.originals != to.originals {
        if !from.originals.may_become(to.originals) {
            return Err(format!("{:?} to {:?}", from.originals, to.originals));
        }
        steps.push(KeptStep::Originals { originals: to.originals });
    }
    if from.handling != to.handling {
        if !from.handling.may_become(&to.handling) {
            return Err("this step of the handling".to_owned());
        }
        steps.push(KeptStep::Handling { handling: to.handling.clone() });
    }
    Ok(steps)
}

/// Nothing more can happen to the case: the hall has it, its handling has ended, and no paper is
/// on its way.
pub(crate) const fn is_finished(state: &CaseState) -> bool {
    let ended = matches!(
        state.handling,
        Handling::Refused { .. } | Handling::Collected { .. } | Handling::HandedOver { .. }
    );
    let no_paper = matches!(
        state.originals,
        Originals::NotNeeded | Originals::AwaitingCell | Originals::Returned
    );
    ended && no_paper && matches!(state.electronic, Electronic::AtHall)
}
