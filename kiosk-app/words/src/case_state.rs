//! The three state lines of a case (rule R1) and the one table of legal transitions.
//!
//! ```text
//! electronic  SavedHere ─────────────────► AtHall
//! originals   NotNeeded   AwaitingCell ► InCell ► TakenByHall ► AwaitingReturn ► Returned
//!                              └──◄── taken back by the depositor ◄─┘ InCell
//!             AwaitingReturn ► TakenByHall: nobody fetched it, or the hall recalled it
//! handling    AwaitingReview ► NeedsCorrection | Accepted | Refused
//!             NeedsCorrection ► AwaitingReview
//!             Accepted ► InProgress ◄► Paused ► Decided ► AwaitingCollection ► Collected
//!                                                     └► HandedOver
//!             AwaitingCollection ► Decided: nobody fetched it, or the hall recalled it
//! ```
//! A word may be claimed only after its proof: `AtHall` after the hall's durable
//! acknowledgement, the handling words only after an event from the hall.

use serde::{Deserialize, Serialize};

/// Where the electronic record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Electronic {
    SavedHere,
    AtHall,
}

/// Where the papers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Originals {
    NotNeeded,
    AwaitingCell,
    InCell,
    TakenByHall,
    AwaitingReturn,
    Returned,
}

/// How a decided case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Granted,
    Denied,
    Terminated,
    Withdrawn,
    SentBack,
}

/// What the hall has done with the case. Dates are `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Handling {
    AwaitingReview,
    NeedsCorrection { until: String, reasons: Vec<String> },
    Accepted { number: String, on: String },
    Refused { reason: String },
    InProgress,
    Paused { reason: String },
    Decided { outcome: Outcome, on: String },
    AwaitingCollection { station: u16 },
    Collected { on: String },
    HandedOver { how: String },
}

/// All three lines of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseState {
    pub electronic: Electronic,
    pub originals: Originals,
    pub handling: Handling,
}

impl CaseState {
    pub const fn filed(needs_originals: bool) -> Self {
        Self {
            electronic: Electronic::SavedHere,
            originals: if needs_originals { Originals::AwaitingCell } else { Originals::NotNeeded },
            handling: Handling::AwaitingReview,
        }
    }
}

impl Electronic {
    pub const fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::SavedHere, Self::AtHall))
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::SavedHere => "已存本机，尚未传到大厅",
            Self::AtHall => "大厅已收到",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::SavedHere => "Saved on this machine, not yet sent to the hall",
            Self::AtHall => "Received by the hall",
        }
    }
}

impl Originals {
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::AwaitingCell, Self::InCell)
                | (Self::InCell, Self::TakenByHall | Self::AwaitingCell)
                | (Self::TakenByHall, Self::AwaitingReturn)
                | (Self::AwaitingReturn, Self::Returned | Self::TakenByHall)
        )
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::NotNeeded => "不需要",
            Self::AwaitingCell => "待入柜",
            Self::InCell => "在柜",
            Self::TakenByHall => "大厅已取走",
            Self::AwaitingReturn => "待您取回",
            Self::Returned => "已取回",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::NotNeeded => "Not needed",
            Self::AwaitingCell => "To be put into the locker",
            Self::InCell => "In the locker",
            Self::TakenByHall => "Taken by the hall",
            Self::AwaitingReturn => "Ready for you to take back",
            Self::Returned => "Taken back",
        }
    }
}

impl Outcome {
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Granted => "准予",
            Self::Denied => "不予",
            Self::Terminated => "终止",
            Self::Withdrawn => "撤回",
            Self::SentBack => "退件",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Terminated => "terminated",
            Self::Withdrawn => "withdrawn",
            Self::SentBack => "sent back",
        }
    }
}

impl Handling {
    /// The transition table. A station never makes these steps itself: they arrive from the hall.
    pub const fn may_become(&self, next: &Self) -> bool {
        use Handling as H;
        match self {
            H::AwaitingReview => matches!(
                next,
                H::NeedsCorrection { .. }
                    | H::Accepted { .. }
                    | H::Refused { .. }
                    | H::Decided { outcome: Outcome::Withdrawn, .. }
            ),
            H::NeedsCorrection { .. } => matches!(
                next,
                H::AwaitingReview
                    | H::Accepted { .. }
                    | H::Decided { outcome: Outcome::Withdrawn | Outcome::SentBack, .. }
            ),
            H::Accepted { .. } => {
                matches!(next, H::InProgress | H::Paused { .. } | H::Decided { .. })
            }
            H::InProgress => matches!(next, H::Paused { .. } | H::Decided { .. }),
            H::Paused { .. } => matches!(next, H::InProgress | H::Decided { .. }),
            H::Decided { .. } => {
                matches!(next, H::AwaitingCollection { .. } | H::HandedOver { .. })
            }
            H::AwaitingCollection { .. } => {
                matches!(next, H::Collected { .. } | H::HandedOver { .. } | H::Decided { .. })
            }
            H::Refused { .. } | H::Collected { .. } | H::HandedOver { .. } => false,
        }
    }

    pub fn zh(&self) -> String {
        match self {
            Self::AwaitingReview => "待审查".into(),
            Self::NeedsCorrection { until, .. } => format!("需补正（{until}前）"),
            Self::Accepted { number, on } => format!("已受理（{number}，{on}）"),
            Self::Refused { .. } => "不予受理".into(),
            Self::InProgress => "办理中".into(),
            Self::Paused { reason } => format!("暂停计时（{reason}）"),
            Self::Decided { outcome, on } => format!("已办结：{}（{on}）", outcome.zh()),
            Self::AwaitingCollection { station } => format!("待领取（{station:04}站）"),
            Self::Collected { on } => format!("已领取（{on}）"),
            Self::HandedOver { how } => format!("已转{how}"),
        }
    }

    pub fn en(&self) -> String {
        match self {
            Self::AwaitingReview => "Waiting for review".into(),
            Self::NeedsCorrection { until, .. } => format!("Correction needed by {until}"),
            Self::Accepted { number, on } => format!("Accepted ({number}, {on})"),
            Self::Refused { .. } => "Not accepted".into(),
            Self::InProgress => "In progress".into(),
            Self::Paused { reason } => format!("Clock paused ({reason})"),
            Self::Decided { outcome, on } => format!("Decided: {} ({on})", outcome.en()),
            Self::AwaitingCollection { station } => format!("Ready at station {station:04}"),
            Self::Collected { on } => format!("Collected on {on}"),
            Self::HandedOver { how } => format!("Handed over: {how}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_handling() -> Vec<Handling> {
        let day = || "2026-03-05".to_owned();
        vec![
            Handling::AwaitingReview,
            Handling::NeedsCorrection { until: day(), reasons: vec!["照片模糊".into()] },
            Handling::Accepted { number: "A1".into(), on: day() },
            Handling::Refused { reason: "不归本局".into() },
            Handling::InProgress,
            Handling::Paused { reason: "现场核查".into() },
            Handling::Decided { outcome: Outcome::Granted, on: day() },
            Handling::AwaitingCollection { station: 17 },
            Handling::Collected { on: day() },
            Handling::HandedOver { how: "窗口".into() },
        ]
    }

    /// The whole table as a picture: a changed transition is a changed line here.
    #[test]
    fn the_handling_table_is_this_one() {
        let all = every_handling();
        let table: Vec<String> = all
            .iter()
            .map(|from| all.iter().map(|to| if from.may_become(to) { 'x' } else { '.' }).collect())
            .collect();
        assert_eq!(
            table,
            [
                ".xxx......",
                "x.x.......",
                "....xxx...",
                "..........",
                ".....xx...",
                "....x.x...",
                ".......x.x",
                "......x.xx",
                "..........",
                "..........",
            ]
        );
    }

    #[test]
    fn nothing_goes_back_from_the_hall_to_saved_here() {
        assert!(Electronic::SavedHere.may_become(Electronic::AtHall));
        assert!(!Electronic::AtHall.may_become(Electronic::SavedHere));
    }

    #[test]
    fn the_depositor_may_take_the_envelope_back_only_until_staff_took_it() {
        assert!(Originals::InCell.may_become(Originals::AwaitingCell));
        assert!(!Originals::TakenByHall.may_become(Originals::AwaitingCell));
    }

    #[test]
    fn no_line_uses_a_forbidden_word() {
        for state in every_handling() {
            for bad in ["提交成功", "送达", "立案"] {
                assert!(!state.zh().contains(bad), "{}", state.zh());
            }
        }
    }
}
