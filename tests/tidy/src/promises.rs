//! Rule R13: a sentence that promises an act of a person or a system stands in one file, with the
//! condition under which it may be shown.
//!
//! The check knows promises by their marks. A mark anywhere else in the texts of the station is a
//! promise without a condition.

use crate::{Finding, Tree};

/// The one file that lists promises with their condition.
pub const FILE: &str = "kiosk-app/core/src/words/promises.rs";

/// Words by which a promise is known.
pub const MARKS: [&str; 9] = [
    "会通知",
    "将通知",
    "已通知",
    "将与您联系",
    "会与您联系",
    "短信告诉",
    "回电",
    "自动补做",
    "会尽快",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let texts = ["kiosk-app/core/src/", "ui/", "assets/catalog/"];
    for file in tree.files().filter(|file| {
        file.path != FILE
            && !file.is_test()
            && texts.iter().any(|folder| file.path.starts_with(folder))
            && ["rs", "slint", "toml"].iter().any(|extension| file.has_extension(extension))
    }) {
        for (line, text) in file.product_lines() {
            let text = text.trim_start();
            if text.starts_with("//") || text.starts_with('#') {
                continue;
            }
            for mark in MARKS.iter().filter(|mark| text.contains(*mark)) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("no promise (「{mark}」) outside {FILE}"),
                    "move the sentence there with its condition and date, or say only what is so",
                ));
            }
        }
    }
    findings
}

/// A promise that the program keeps by itself names what proves it: a test, or a file of tests.
pub fn check_proofs(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file(FILE) else { return Vec::new() };
    let mut findings = Vec::new();
    for (line, text) in file.product_lines() {
        for rest in text.split("proof: \"").skip(1) {
            let Some((proof, _)) = rest.split_once('"') else { continue };
            let (test, story) = (format!("fn {proof}("), format!("/{proof}.rs"));
            if !tree
                .with_extension("rs")
                .any(|file| file.text.contains(&test) || file.path.ends_with(&story))
            {
                findings.push(Finding::new(
                    FILE,
                    line,
                    format!("a test called {proof}"),
                    "write it, or correct the name",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_outside_its_file_is_found() {
        let tree = Tree::sample(&[
            (FILE, "\"大厅会与您联系\"\n"),
            ("kiosk-app/core/src/words.rs", "// 已通知\n\"已通知值班人员\"\n"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 2);
    }

    #[test]
    fn a_promise_whose_proof_is_no_test_is_found() {
        let tree = Tree::sample(&[
            (FILE, "proof: \"it_is_erased\"\nproof: \"it_is_not_there\"\n"),
            ("tests/a.rs", "fn it_is_erased() {}\n"),
        ]);
        let lines: Vec<_> = check_proofs(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2]);
    }
}
