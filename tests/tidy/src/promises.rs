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
}
