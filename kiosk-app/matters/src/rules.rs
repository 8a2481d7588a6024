//! What follows from the answers: the next question, the materials, the fields, a stop.

use std::collections::BTreeMap;

use kiosk_words::{CellSize, numbers};

use crate::{Field, FieldKind, Material, Matter, Situation, Stop};

/// Answer id by question id.
pub type Answers = BTreeMap<String, String>;

/// What to ask now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextQuestion<'a> {
    Ask(&'a Situation),
    /// An answer ends the way here (R8).
    Stop(&'a Stop),
    /// Everything is answered.
    Ready,
}

/// What this applicant has to bring and fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    pub materials: Vec<&'a Material>,
    pub fields: Vec<&'a Field>,
}

impl Plan<'_> {
    /// The smallest cell that takes all originals; `None` if there are none.
    pub fn cell(&self) -> Option<CellSize> {
        self.materials.iter().filter_map(|material| material.cell).max()
    }
}

impl Matter {
    /// The cell that takes all originals whatever was answered.
    pub fn largest_cell(&self) -> Option<CellSize> {
        self.materials.iter().filter_map(|material| material.cell).max()
    }

    /// The first question without an answer; a stop comes as soon as its answer was given.
    pub fn next_question(&self, answers: &Answers) -> NextQuestion<'_> {
        for situation in &self.situations {
            let Some(answer) = answers.get(&situation.id) else {
                return NextQuestion::Ask(situation);
            };
            let chosen = situation.options.iter().find(|option| &option.id == answer);
            if let Some(stop) = chosen.and_then(|option| option.stop.as_ref()) {
                return NextQuestion::Stop(stop);
            }
        }
        NextQuestion::Ready
    }

    pub fn plan(&self, answers: &Answers) -> Plan<'_> {
        Plan {
            materials: self.materials.iter().filter(|m| holds(&m.when, answers)).collect(),
            fields: self.fields.iter().filter(|f| holds(&f.when, answers)).collect(),
        }
    }

    /// Does the matter match what somebody typed? Names, short names and synonyms are searched.
    pub fn matches(&self, typed: &str) -> bool {
        let typed = typed.trim().to_lowercase();
        [&self.name.zh, &self.name.en, &self.short.zh, &self.short.en]
            .into_iter()
            .chain(&self.synonyms)
            .any(|word| word.to_lowercase().contains(&typed))
    }
}

fn holds(when: &[String], answers: &Answers) -> bool {
    when.is_empty()
        || when.iter().any(|condition| {
            condition.split_once('=').is_some_and(|(question, answer)| {
                answers.get(question).is_some_and(|a| a == answer)
            })
        })
}

/// Why a typed value does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    Missing,
    TooShort { min: u16 },
    TooLong { max: u16 },
    Characters,
    Number(numbers::BadNumber),
}

impl Field {
    /// Checks a typed value; a field filled from the card is never checked here.
    pub fn check(&self, value: &str) -> Result<(), Unfit> {
        let Some(kind) = self.kind else { return Ok(()) };
        let n_chars = value.chars().count();
        if n_chars == 0 {
            return Err(Unfit::Missing);
        }
        match kind {
            FieldKind::Digits => {
                all(value, |c| c.is_ascii_digit())?;
            }
            FieldKind::Letters => {
                all(value, |c| c.is_ascii_alphanumeric() || c == ' ')?;
            }
            FieldKind::Mobile => {
                return numbers::mobile(value).map(drop).map_err(Unfit::Number);
            }
            FieldKind::IdNumber => {
                return numbers::id_number(value).map(drop).map_err(Unfit::Number);
            }
            FieldKind::SocialCreditCode => {
                return numbers::social_credit_code(value).map(drop).map_err(Unfit::Number);
            }
        }
        if n_chars < usize::from(self.min) {
            return Err(Unfit::TooShort { min: self.min });
        }
        if n_chars > usize::from(self.max) {
            return Err(Unfit::TooLong { max: self.max });
        }
        Ok(())
    }
}

fn all(value: &str, fits: impl Fn(char) -> bool) -> Result<(), Unfit> {
    if value.chars().all(fits) { Ok(()) } else { Err(Unfit::Characters) }
}
