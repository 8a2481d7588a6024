//! Licences and doubled versions in the lock file, against `tables/licences.toml` and
//! `tables/duplicates.toml`.
//!
//! A crate passes when its SPDX expression can be met with allowed licences alone: for `OR` one
//! side, for `AND` both. The old `A/B` reads as `A OR B`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use cargo_metadata::Metadata;
use serde::Deserialize;

use crate::{Finding, Tree};

pub const LICENCES: &str = "tests/tidy/tables/licences.toml";
pub const DUPLICATES: &str = "tests/tidy/tables/duplicates.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licences {
    /// SPDX id to the reason it is here.
    pub allowed: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    #[serde(rename = "crate")]
    pub crates: Vec<Duplicate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicate {
    pub name: String,
    /// The versions as `major.minor`, or `0.minor`: patch releases change nothing here.
    pub versions: BTreeSet<String>,
    pub reason: String,
}

/// A crate of the lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    pub name: String,
    pub version: String,
    pub licence: Option<String>,
}

pub fn locked(metadata: &Metadata) -> Vec<Locked> {
    metadata
        .packages
        .iter()
        .map(|package| Locked {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
        })
        .collect()
}

impl Licences {
    pub fn read(tree: &Tree) -> Result<Self> {
        let file = tree.file(LICENCES).context("the table of licences is in the tree")?;
        toml::from_str(&file.text).context(LICENCES)
    }

    pub fn check(&self, locked: &[Locked]) -> Vec<Finding> {
        locked
            .iter()
            .filter(|package| !package.licence.as_deref().is_some_and(|text| self.allows(text)))
            .map(|package| {
                Finding::new(
                    "Cargo.lock",
                    0,
                    format!(
                        "{} {} under a licence of {LICENCES}, got {}",
                        package.name,
                        package.version,
                        package.licence.as_deref().unwrap_or("none")
                    ),
                    "use another crate, or add the licence with the reason it fits GPL-3.0",
                )
            })
            .collect()
    }

    fn allows(&self, expression: &str) -> bool {
        let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let tokens: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = tokens.as_slice();
        self.any_of(&mut rest) == Some(true) && rest.is_empty()
    }

    fn any_of(&self, rest: &mut &[&str]) -> Option<bool> {
        let mut met = self.all_of(rest)?;
        while let ["OR", tail @ ..] = *rest {
            *rest = tail;
            met |= self.all_of(rest)?;
        }
        Some(met)
    }

    fn all_of(&self, rest: &mut &[&str]) -> Option<bool> {
        let mut met = self.one(rest)?;
        while let ["AND", tail @ ..] = *rest {
            *rest = tail;
            met &= self.one(rest)?;
        }
        Some(met)
    }

    fn one(&self, rest: &mut &[&str]) -> Option<bool> {
        let (id, tail) = match *rest {
            ["(", tail @ ..] => {
                *rest = tail;
                let met = self.any_of(rest)?;
                let [")", tail @ ..] = *rest else { return None };
                *rest = tail;
                return Some(met);
            }
            [id, "WITH", exception, tail @ ..] => (format!("{id} WITH {exception}"), tail),
            [id, tail @ ..] => ((*id).to_owned(), tail),
            [] => return None,
        };
        *rest = tail;
        Some(self.allowed.contains_key(&id))
    }
}

impl Duplicates {
    pub fn read(tree: &Tree) -> Result<Self> {
        let file = tree.file(DUPLICATES).context("the table of duplicates is in the tree")?;
        toml::from_str(&file.text).context(DUPLICATES)
    }

    /// Finds doubled crates that are not listed, and entries that are no longer true.
    pub fn check(&self, locked: &[Locked]) -> Vec<Finding> {
        let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for package in locked {
            versions.entry(&package.name).or_default().insert(short(&package.version));
        }
        let mut findings = Vec::new();
        for (name, found) in versions.iter().filter(|(_, found)| found.len() > 1) {
            if !self.crates.iter().any(|entry| entry.name == *name && entry.versions == *found) {
                findings.push(Finding::new(
                    "Cargo.lock",
                    0,
                    format!("one version of {name}, got {}", list(found)),
                    format!("bring them together, or list them with the reason in {DUPLICATES}"),
                ));
            }
        }
        for entry in &self.crates {
            if versions.get(entry.name.as_str()) != Some(&entry.versions) {
                findings.push(Finding::new(
                    DUPLICATES,
                    0,
                    format!("{} still locked as {}", entry.name, list(&entry.versions)),
                    "remove or correct the entry",
                ));
            }
            if entry.reason.trim().is_empty() {
                findings.push(Finding::new(
                    DUPLICATES,
                    0,
                    format!("a reason for {}", entry.name),
                    "say who holds the older version",
                ));
            }
        }
        findings
    }
}

/// What semver counts as one: `1.4.2` is `1`, `0.4.2` is `0.4`.
fn short(version: &str) -> String {
    let mut parts = version.split(['.', '-', '+']);
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        ("0", minor) => format!("0.{minor}"),
        (major, _) => major.to_owned(),
    }
}

fn list(versions: &BTreeSet<String>) -> String {
    versions.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licences() -> Licences {
        toml::from_str("[allowed]\nMIT = \"\"\nISC = \"\"\n\"A WITH X\" = \"\"\n").unwrap()
    }

    #[test]
    fn an_expression_is_met_by_one_side_of_or_and_both_of_and() {
        let licences = licences();
        for met in ["MIT", "Other OR MIT", "Other/MIT", "MIT AND (Other OR ISC)", "A WITH X"] {
            assert!(licences.allows(met), "{met}");
        }
        for unmet in ["Other", "MIT AND Other", "A", "A WITH Y", "(MIT", "MIT ISC", ""] {
            assert!(!licences.allows(unmet), "{unmet}");
        }
    }

    #[test]
    fn a_crate_without_a_licence_is_found() {
        let locked = [Locked { name: "a".into(), version: "1.0.0".into(), licence: None }];
        assert_eq!(licences().check(&locked).len(), 1);
    }

    fn two_of(name: &str) -> Vec<Locked> {
        ["0.4.1", "0.5.0"]
            .map(|version| Locked { name: name.into(), version: version.into(), licence: None })
            .to_vec()
    }

    #[test]
    fn a_new_duplicate_and_a_stale_entry_are_found() {
        let none: Duplicates = toml::from_str("crate = []").unwrap();
        assert_eq!(none.check(&two_of("a")).len(), 1);
        let listed: Duplicates = toml::from_str(
            "crate = [{ name = \"a\", versions = [\"0.4\", \"0.5\"], reason = \"b holds 0.4\" }]",
        )
        .unwrap();
        assert_eq!(listed.check(&two_of("a")), []);
        assert_eq!(listed.check(&two_of("a")[..1]).len(), 1);
    }
}
