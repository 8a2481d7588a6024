//! What cargo knows of the workspace: members, edges, the features of one product binary.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::{Finding, Tree, tree::checkout};

/// Everything in the lock file, for every platform.
pub fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .manifest_path(checkout().join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .context("cargo metadata")
}

/// The lines of `cargo tree` for one package, without its tests' dependencies.
pub fn tree_of(package: &str, edges: &str) -> Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .current_dir(checkout())
        .args(["tree", "--locked", "--prefix", "none", "-p", package, "-e", edges])
        .output()
        .context("starting cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree -p {package}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("cargo tree prints UTF-8")?;
    let mut lines: Vec<_> =
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect();
    lines.sort();
    lines.dedup();
    Ok(lines)
}

/// What must not be linked into a product, by the words cargo tree uses, and why.
const LEAKS: [(&str, &str); 10] = [
    ("device-sim", "a twin"),
    ("testkit", "a test fixture"),
    ("nightdesk-e2e", "the runner and player of the first night"),
    ("i-slint-backend-testing", "the test window of the screen"),
    ("slint feature \"mcp\"", "remote control of the screen"),
    ("feature \"recorder\"", "records the wire"),
    ("feature \"headless\"", "a screen without a window"),
    ("feature \"testing\"", "hooks for tests"),
    ("feature \"test-hooks\"", "hooks for tests"),
    ("feature \"planted\"", "mistakes made on purpose"),
];

/// Finds twins, recorders and test hooks in what `cargo tree -e features,no-dev` printed.
pub fn check_leaks(package: &str, lines: &[String]) -> Vec<Finding> {
    lines
        .iter()
        .flat_map(|line| {
            LEAKS.iter().filter(move |(word, _)| line.contains(word)).map(move |(word, what)| {
                Finding::new(
                    "Cargo.toml",
                    0,
                    format!("{package} without {word} ({what}), got `{line}`"),
                    format!(
                        "run `cargo tree -e features,no-dev -i` on it for {package} and cut the edge"
                    ),
                )
            })
        })
        .collect()
}

/// Every dependency of a member comes from `[workspace.dependencies]`, features included, so that
/// a crate such as rusqlite is declared once.
pub fn check_members_inherit(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_member = |path: &str| path.contains('/') && !path.starts_with("fuzz/");
    for file in tree.files().filter(|file| file.name() == "Cargo.toml" && is_member(&file.path)) {
        let Ok(manifest) = file.text.parse::<toml::Table>() else {
            findings.push(Finding::new(&file.path, 0, "TOML", "see what cargo says of it"));
            continue;
        };
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(wanted) = manifest.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (name, value) in wanted {
                if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    findings.push(Finding::new(
                        &file.path,
                        line_of(&file.text, name),
                        format!("`{name}.workspace = true`"),
                        "declare version and features in the root Cargo.toml",
                    ));
                } else if name == "rusqlite" && value.get("features").is_some() {
                    findings.push(Finding::new(
                        &file.path,
                        line_of(&file.text, name),
                        "rusqlite with the features of the workspace and no others",
                        "move the feature to the root Cargo.toml",
                    ));
                }
            }
        }
    }
    findings
}

/// rusqlite is declared once, on SQLCipher: a second SQLite would open a store without its key.
pub fn check_rusqlite(tree: &Tree) -> Vec<Finding> {
    let root = "Cargo.toml";
    let Some(file) = tree.file(root) else {
        return vec![Finding::new(root, 0, "a workspace", "add it")];
    };
    let declared = file.text.lines().find(|line| line.starts_with("rusqlite "));
    if declared.is_some_and(|line| {
        line.contains("\"bundled-sqlcipher\"") && line.contains("default-features = false")
    }) {
        return Vec::new();
    }
    vec![Finding::new(
        root,
        line_of(&file.text, "rusqlite"),
        "rusqlite with default-features = false and the feature bundled-sqlcipher",
        "put both back: the station's store is encrypted",
    )]
}

fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.starts_with(word)).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_in_the_product_is_found() {
        let lines = ["device-drivers v0.1.0", "device-sim feature \"default\""].map(str::to_owned);
        assert_eq!(check_leaks("kiosk-app", &lines).len(), 1);
    }

    #[test]
    fn a_version_of_ones_own_and_a_feature_of_ones_own_are_found() {
        let tree = Tree::sample(&[
            ("Cargo.toml", "[workspace]\n"),
            (
                "a/Cargo.toml",
                "[dependencies]\nserde = \"1\"\nrusqlite = { workspace = true, features = [\"x\"] }\n",
            ),
        ]);
        let lines: Vec<_> =
            check_members_inherit(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.contains(&2) && lines.contains(&3));
    }

    #[test]
    fn plain_sqlite_is_found() {
        let tree = Tree::sample(&[("Cargo.toml", "rusqlite = { features = [\"bundled\"] }\n")]);
        assert_eq!(check_rusqlite(&tree).len(), 1);
    }
}
