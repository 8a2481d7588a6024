//! Words for what lies in a locker cell: which content, how big, how closely guarded, which order.

use serde::{Deserialize, Serialize};

/// What an envelope in a cell is. One cell, one content (R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// 申请材料: a person's originals on their way to the hall.
    Materials,
    /// 办理结果: what the hall made, on its way to a collector.
    Result,
    /// 退还原件: originals on their way back.
    ReturnedOriginals,
}

/// How big a cell is, smallest first: a bigger one also takes what fits a smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellSize {
    /// A4, 3 cm thick.
    A4,
    /// A4, 10 cm thick.
    A4Thick,
    /// A3 and files.
    A3,
}

/// What a result may be given out on (R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// 普通: card of a named collector and pick-up code.
    Ordinary,
    /// 重要: card, code and a face, or the window; not while the freeze list is old.
    Important,
    /// 不入柜: never in a cell.
    NotInLocker,
}

/// Number the hall gave to one envelope it wants placed; also on the envelope's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub u64);

impl Content {
    pub const ALL: [Self; 3] = [Self::Materials, Self::Result, Self::ReturnedOriginals];

    pub const fn zh(self) -> &'static str {
        match self {
            Self::Materials => "申请材料",
            Self::Result => "办理结果",
            Self::ReturnedOriginals => "退还原件",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::Materials => "Application papers",
            Self::Result => "Result",
            Self::ReturnedOriginals => "Returned originals",
        }
    }
}

impl CellSize {
    pub const fn zh(self) -> &'static str {
        match self {
            Self::A4 => "A4，厚3厘米以内",
            Self::A4Thick => "A4，厚10厘米以内",
            Self::A3 => "A3，厚10厘米以内",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::A4 => "A4, up to 3 cm thick",
            Self::A4Thick => "A4, up to 10 cm thick",
            Self::A3 => "A3, up to 10 cm thick",
        }
    }
}

impl Release {
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Ordinary => "普通",
            Self::Important => "重要",
            Self::NotInLocker => "不入柜",
        }
    }
}
