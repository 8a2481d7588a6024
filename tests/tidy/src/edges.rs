//! Who may depend on whom, from `tables/edges.toml`.
//!
//! Two readings of the same rule: the edges cargo sees, and the sources of the pure crates, which
//! could reach a clock or a file through `std` without any edge.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata};
use serde::Deserialize;

use crate::{File, Finding, Tree};

pub const TABLE: &str = "tests/tidy/tables/edges.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edges {
    pub forbidden_in_pure: BTreeSet<String>,
    pub impure_words: Vec<String>,
    #[serde(rename = "crate")]
    pub crates: Vec<Crate>,
    pub tests: Vec<TestCrate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crate {
    pub name: String,
    pub may_use: BTreeSet<String>,
    #[serde(default)]
    pub pure: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCrate {
    pub name: String,
}

/// One of our crates using another, outside of its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub from: String,
    pub to: String,
}

impl Edges {
    pub fn read(tree: &Tree) -> Result<Self> {
        let file = tree.file(TABLE).context("the table of edges is in the tree")?;
        toml::from_str(&file.text).context(TABLE)
    }

    fn is_test(&self, name: &str) -> bool {
        self.tests.iter().any(|test| test.name == name)
    }

    /// Checks members and edges against the table.
    pub fn check(&self, members: &[String], edges: &[Edge]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let listed = |name: &str| self.crates.iter().any(|c| c.name == name) || self.is_test(name);
        for member in members.iter().filter(|member| !listed(member)) {
            findings.push(Finding::new(
                TABLE,
                0,
                format!("an entry for the member {member}"),
                "say there what it may use",
            ));
        }
        for name in self
            .crates
            .iter()
            .map(|c| &c.name)
            .chain(self.tests.iter().map(|test| &test.name))
            .filter(|name| !members.contains(name))
        {
            findings.push(Finding::new(
                TABLE,
                0,
                format!("a workspace member called {name}"),
                "remove the entry",
            ));
        }
        for edge in edges {
            let allowed = self.is_test(&edge.from)
                || self.crates.iter().any(|c| c.name == edge.from && c.may_use.contains(&edge.to));
            if !allowed {
                findings.push(Finding::new(
                    "Cargo.toml",
                    0,
                    format!("{} not to use {}", edge.from, edge.to),
                    format!("move the code, or argue the edge in ARCHITECTURE.md and {TABLE}"),
                ));
            }
        }
        findings
    }

    /// Checks what a pure crate uses, from the lines `cargo tree -e no-dev` printed for it.
    pub fn check_pure(&self, package: &str, lines: &[String]) -> Vec<Finding> {
        lines
            .iter()
            .filter_map(|line| line.split(' ').next())
            .filter(|name| self.forbidden_in_pure.contains(*name))
            .map(|name| {
                Finding::new(
                    "Cargo.toml",
                    0,
                    format!("{package} without {name}, of its own or through others"),
                    format!("`cargo tree -p {package} -i {name}` shows the way it came in"),
                )
            })
            .collect()
    }
}

/// The edges between members; those only tests use are left out.
pub fn edges(metadata: &Metadata) -> (Vec<String>, Vec<Edge>) {
    let members: Vec<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let mut edges = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if dependency.kind != DependencyKind::Development && members.contains(&dependency.name)
            {
                edges.push(Edge { from: package.name.to_string(), to: dependency.name.clone() });
            }
        }
    }
    (members, edges)
}

/// Folder of every member, from the root of the checkout.
pub fn folders(metadata: &Metadata) -> BTreeMap<String, String> {
    metadata
        .workspace_packages()
        .iter()
        .filter_map(|package| {
            let folder = package.manifest_path.parent()?;
            let folder = folder.strip_prefix(&metadata.workspace_root).ok()?;
            Some((package.name.to_string(), folder.to_string()))
        })
        .collect()
}

/// Sources of a pure crate take time, files and randomness as values. Test modules may do more.
pub fn check_pure_sources(edges: &Edges, folder: &str, tree: &Tree) -> Vec<Finding> {
    let sources = format!("{folder}/src/");
    tree.with_extension("rs")
        .filter(|file| file.path.starts_with(&sources) && !file.is_test())
        .flat_map(|file| impure_lines(file, &edges.impure_words))
        .collect()
}

/// Codecs and the cores of devices are pure too, inside a crate that is not.
pub fn check_device_cores(edges: &Edges, tree: &Tree) -> Vec<Finding> {
    let mut words = edges.impure_words.clone();
    words.extend(["tokio::", "tokio_serial::", "serialport::"].map(str::to_owned));
    tree.with_extension("rs")
        .filter(|file| file.path.starts_with("device-drivers/src/") && !file.is_test())
        .filter(|file| {
            matches!(file.name(), "codec.rs" | "core.rs")
                || file.path.contains("/codec/")
                || file.path.contains("/core/")
        })
        .flat_map(|file| impure_lines(file, &words))
        .collect()
}

/// The screen knows the view and nothing else of the core.
pub fn check_screen_sees_only_the_view(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs").filter(|file| file.path.starts_with("ui/")) {
        for (line, text) in file.lines().filter(|(_, text)| !is_comment(text)) {
            if text.split("kiosk_core::").skip(1).any(|rest| !rest.starts_with("view")) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "kiosk_core::view and no other module of the core",
                    "put what the screen needs into the View",
                ));
            }
        }
    }
    findings
}

fn impure_lines(file: &File, words: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, text) in file.product_lines().filter(|(_, text)| !is_comment(text)) {
        for word in words.iter().filter(|word| has_word(text, word)) {
            findings.push(Finding::new(
                &file.path,
                line,
                format!("no `{word}` in a crate or module that only decides"),
                "take the value as a parameter and let the shell ask for it",
            ));
        }
    }
    findings
}

/// The word, and not the end of a longer name: `rand::` does not stand in `Errand::`.
fn has_word(text: &str, word: &str) -> bool {
    let begins = |at: usize| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    };
    text.match_indices(word).any(|(at, _)| begins(at))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Edges {
        toml::from_str(
            r#"
            forbidden_in_pure = ["tokio"]
            impure_words = ["Instant::now"]
            crate = [{ name = "core", may_use = ["words"], pure = true },
                     { name = "words", may_use = [] }]
            tests = [{ name = "testkit" }]
            "#,
        )
        .unwrap()
    }

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn a_forbidden_edge_is_found_and_an_allowed_one_is_not() {
        let members = ["core", "words", "testkit"].map(str::to_owned);
        let edges = [edge("core", "words"), edge("testkit", "core"), edge("words", "core")];
        let findings = table().check(&members, &edges);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].expected.contains("words not to use core"));
    }

    #[test]
    fn a_word_is_found_whole_and_not_in_a_longer_name() {
        assert!(has_word("    rand::random()", "rand::") && has_word("::rand::x", "rand::"));
        assert!(!has_word("Errand::of(case)", "rand::"));
    }

    #[test]
    fn nobody_uses_a_test_crate() {
        let members = ["core", "words", "testkit"].map(str::to_owned);
        assert_eq!(table().check(&members, &[edge("core", "testkit")]).len(), 1);
    }

    #[test]
    fn a_member_without_an_entry_and_an_entry_without_a_member_are_found() {
        let members = ["core", "words", "new"].map(str::to_owned);
        assert_eq!(table().check(&members, &[]).len(), 2);
    }

    #[test]
    fn a_runtime_that_comes_through_another_crate_is_found() {
        let lines = ["core v0.1.0", "tokio v1.0.0"].map(str::to_owned);
        assert_eq!(table().check_pure("core", &lines).len(), 1);
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_one_in_its_tests_is_not() {
        let tree = Tree::sample(&[(
            "core/src/lib.rs",
            "// Instant::now is forbidden\nlet t = Instant::now();\n#[cfg(test)]\nmod tests {\nInstant::now()\n",
        )]);
        let findings = check_pure_sources(&table(), "core", &tree);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_runtime_in_a_codec_is_found() {
        let tree = Tree::sample(&[
            ("device-drivers/src/id_reader/codec.rs", "use tokio::io;\n"),
            ("device-drivers/src/pump.rs", "use tokio::io;\n"),
        ]);
        assert_eq!(check_device_cores(&table(), &tree).len(), 1);
    }

    #[test]
    fn a_screen_that_looks_past_the_view_is_found() {
        let tree = Tree::sample(&[(
            "ui/src/lib.rs",
            "use kiosk_core::view::View;\nuse kiosk_core::record::Role;\n",
        )]);
        assert_eq!(check_screen_sees_only_the_view(&tree)[0].line, 2);
    }
}
