//! The format of a matter (事项): situations, materials, fields, and what follows from answers.
//!
//! A matter is data: one folder per matter under `assets/catalog`, one `matter.toml` each.
//! This crate parses and checks it and answers three questions: what to ask next, which
//! materials and fields follow, and whether the person may act alone. It shows nothing and
//! stores nothing. What a case looks like on thermal paper is data too: [`slips`].

mod check;
pub mod documents;
mod parse;
pub mod rules;
pub mod slips;
pub mod workdays;

use kiosk_words::{CellSize, MatterId};
use serde::Deserialize;

pub use check::Problem;
pub use parse::{BadCatalogue, Catalogue, parse_matter};
pub use rules::{Answers, NextQuestion, Plan, Unfit};

/// A text in both languages; both are required.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    pub id: MatterId,
    pub version: u32,
    pub name: Text,
    /// Short name for the top bar and lists.
    pub short: Text,
    /// 政务服务办件 plus a number everywhere but the applicant's own screen (R14).
    #[serde(default)]
    pub discreet: bool,
    /// Elder mode is switched on when this matter is chosen.
    #[serde(default)]
    pub elder: bool,
    /// Typical time at the screen.
    pub minutes: u8,
    /// From this age a person may act alone.
    pub alone_from_age: u32,
    /// From this age the matter is open at all, if there is such an age.
    #[serde(default)]
    pub open_from_age: Option<u32>,
    pub office: Office,
    /// How long it takes, fee, result: shown before the person starts.
    pub facts: Facts,
    #[serde(default)]
    pub synonyms: Vec<String>,
    #[serde(default, rename = "situation")]
    pub situations: Vec<Situation>,
    #[serde(default, rename = "material")]
    pub materials: Vec<Material>,
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    pub delivery: Vec<Delivery>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    pub name: Text,
    pub place: Text,
    pub phone: String,
    pub hours: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    pub promise: Text,
    pub fee: Text,
    pub result: Text,
    pub condition: Text,
    /// Answer of the hall at the latest after this many working days (R2).
    pub notice_days: u8,
}

/// One question; every question has 我不清楚 added by the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    pub id: String,
    pub ask: Text,
    #[serde(default)]
    pub help: Option<Text>,
    #[serde(rename = "option")]
    pub options: Vec<SituationOption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SituationOption {
    pub id: String,
    pub label: Text,
    /// Shown under the list when chosen.
    #[serde(default)]
    pub note: Option<Text>,
    /// The matter cannot go on here with this answer (R8): why and what to do.
    #[serde(default)]
    pub stop: Option<Stop>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Which rule says so.
    pub rule: Text,
    pub instead: Text,
}

/// How a material is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// 现场扫: captured page by page.
    Scan,
    /// 要投原件: the original goes into a cell; it is captured too.
    Original,
    /// 联网核验后可免交; until then captured here.
    SkippedAfterCheck,
    /// Read from the id card.
    Chip,
    /// Made from the form.
    Form,
}

impl How {
    /// The station takes pictures of it.
    pub const fn is_captured(self) -> bool {
        match self {
            Self::Scan | Self::Original | Self::SkippedAfterCheck => true,
            Self::Chip | Self::Form => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub id: String,
    pub name: Text,
    pub how: How,
    /// `["question=answer", …]`: needed if any of them was answered; empty means always.
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default = "one")]
    pub pages: u16,
    /// The cell that takes it; stated for every original and for nothing else.
    pub cell: Option<CellSize>,
    pub note: Text,
}

const fn one() -> u16 {
    1
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Digits only, `min` to `max` of them.
    Digits,
    /// English letters and digits.
    Letters,
    Mobile,
    IdNumber,
    SocialCreditCode,
}

/// A fact of the card that fills a field which then cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChipFact {
    Name,
    Number,
    Sex,
    Birth,
    Address,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub id: String,
    pub label: Text,
    /// Filled from the card and fixed; otherwise `kind` says what is typed.
    #[serde(default)]
    pub chip: Option<ChipFact>,
    #[serde(default)]
    pub kind: Option<FieldKind>,
    #[serde(default)]
    pub min: u16,
    #[serde(default)]
    pub max: u16,
    #[serde(default)]
    pub placeholder: Option<Text>,
    /// Said when the value does not do.
    #[serde(default)]
    pub fix: Option<Text>,
    #[serde(default)]
    pub when: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Locker,
    Window,
    Post,
}
