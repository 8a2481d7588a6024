//! Documents: links that resolve, commands that exist, examples that parse.

use crate::{File, Finding, Tree};

/// Documents that a newcomer looks for, each at the root.
const EXPECTED: [&str; 7] = [
    "README.md",
    "README.zh.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
];

pub fn check_root(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<_> = EXPECTED
        .iter()
        .filter(|path| !tree.has(path))
        .map(|path| Finding::new(*path, 0, "this file at the root", "write it"))
        .collect();
    for readme in ["README.md", "README.zh.md"] {
        let Some(file) = tree.file(readme) else { continue };
        for command in ["make run", "make test"] {
            if !file.text.contains(command) {
                findings.push(Finding::new(
                    readme,
                    0,
                    format!("the command `{command}`"),
                    "name both commands",
                ));
            }
        }
    }
    findings
}

/// Every relative link and picture leads to a file of the tree.
pub fn check_links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        for (line, target) in links(file) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !resolve(&file.path, path).is_some_and(|path| tree.has(&path)) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("a file at {path}"),
                    "correct the link or add the file",
                ));
            }
        }
    }
    findings
}

/// Where the program reads machine.toml, with a whole file in its tests.
const CONFIG: &str = "kiosk-app/src/config.rs";

/// The keys of machine.toml, from the file that the program's own test reads.
pub fn machine_keys(tree: &Tree) -> Option<Vec<String>> {
    let text = &tree.file(CONFIG)?.text;
    let (_, from) = text.split_once("const GOOD: &str = r#\"")?;
    let (good, _) = from.split_once("\"#")?;
    let mut keys = Vec::new();
    flatten("", &good.parse().ok()?, &mut keys);
    Some(keys)
}

/// Blocks marked `toml` are TOML; one whose first line is `# machine.toml` has the keys that the
/// program reads and no others.
pub fn check_examples(tree: &Tree, machine_keys: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        for (line, block) in blocks(file, "toml") {
            let table = match block.parse::<toml::Table>() {
                Ok(table) => table,
                Err(error) => {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("TOML, got: {}", error.message()),
                        "correct the block",
                    ));
                    continue;
                }
            };
            if !block.starts_with("# machine.toml") {
                continue;
            }
            let mut keys = Vec::new();
            flatten("", &table, &mut keys);
            for key in keys.iter().filter(|key| !machine_keys.contains(key)) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("a key that the program reads, got `{key}`"),
                    "correct the key",
                ));
            }
            for key in machine_keys.iter().filter(|key| !keys.iter().any(|k| k == *key)) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("the key `{key}`"),
                    "show every key, with what it means",
                ));
            }
        }
    }
    findings
}

/// Targets of `[text](target)` and `![text](target)` outside code blocks, with their line.
fn links(file: &File) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for rest in text.split("](").skip(1) {
            if let Some((target, _)) = rest.split_once(')') {
                found.push((line, target.split(' ').next().unwrap_or_default()));
            }
        }
    }
    found
}

/// Fenced blocks of one language, with the line they start at.
fn blocks(file: &File, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in file.lines() {
        match (&mut open, text.strip_prefix("```")) {
            (None, Some(name)) if name.trim() == language => open = Some((line + 1, String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, block)), None) => {
                block.push_str(text);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

fn flatten(prefix: &str, table: &toml::Table, keys: &mut Vec<String>) {
    for (name, value) in table {
        match value.as_table() {
            Some(inner) => flatten(&format!("{prefix}{name}."), inner, keys),
            None => keys.push(format!("{prefix}{name}")),
        }
    }
}

/// `path` as seen from the folder of `from`; none if it leaves the tree.
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let tree = Tree::sample(&[
            ("README.md", "See [a](docs/a.md#part), [b](docs/b.md) and [c](https://c.example).\n"),
            ("docs/a.md", "Back to [the start](../README.md) or [out](../../x).\n"),
        ]);
        let lines: Vec<_> = check_links(&tree).into_iter().map(|f| f.path).collect();
        assert_eq!(lines, ["README.md", "docs/a.md"]);
    }

    #[test]
    fn a_readme_without_its_commands_is_found() {
        let tree = Tree::sample(&[("README.md", "make run\n")]);
        let findings = check_root(&tree);
        assert!(findings.iter().any(|f| f.path == "README.md" && f.expected.contains("make test")));
        assert!(findings.iter().any(|f| f.path == "LICENSE"));
    }

    #[test]
    fn an_example_with_a_wrong_key_and_one_that_is_no_toml_are_found() {
        let text = "```toml\n# machine.toml\nstation = 1\n[hall]\nurll = \"x\"\n```\n\n```toml\na =\n```\n";
        let tree = Tree::sample(&[("docs/a.md", text)]);
        let findings = check_examples(&tree, &["station", "hall.url"].map(str::to_owned));
        assert_eq!(findings.len(), 3, "{findings:?}");
    }
}
