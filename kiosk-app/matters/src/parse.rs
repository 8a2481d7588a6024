//! From the text of `matter.toml` files to a checked [`Catalogue`]. Reading files is the caller's.

use std::{collections::BTreeMap, fmt};

use kiosk_words::MatterId;

use crate::{Matter, check};

/// All matters of a station, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    matters: BTreeMap<MatterId, Matter>,
}

/// Which file, where, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadCatalogue {
    pub file: String,
    pub message: String,
}

impl fmt::Display for BadCatalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

/// Parses and checks one matter.
pub fn parse_matter(file: &str, text: &str) -> Result<Matter, BadCatalogue> {
    let bad = |message: String| BadCatalogue { file: file.to_owned(), message };
    let matter: Matter = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
    let problems = check::problems(&matter);
    if problems.is_empty() {
        return Ok(matter);
    }
    Err(bad(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
}

impl Catalogue {
    /// `files` are pairs of a name for messages and the text.
    pub fn load(files: Vec<(String, String)>) -> Result<Self, BadCatalogue> {
        let mut matters = BTreeMap::new();
        for (file, text) in files {
            let matter = parse_matter(&file, &text)?;
            let id = matter.id.clone();
            if matters.insert(id.clone(), matter).is_some() {
                return Err(BadCatalogue { file, message: format!("matter {id} is there twice") });
            }
        }
        Ok(Self { matters })
    }

    pub fn get(&self, id: &MatterId) -> Option<&Matter> {
        self.matters.get(id)
    }

    /// In order of id, which is stable.
    pub fn iter(&self) -> impl Iterator<Item = &Matter> {
        self.matters.values()
    }
}
