//! Rust and Slint sources: length, headers, and words that may not be merged.
//!
//! Lengths of functions are clippy's. A long file is not forbidden because of a number but because
//! it is usually two things; tests and tables of texts may be long.

use crate::{File, Finding, Tree};

/// Hard limit of the house style; 400 is what one aims at.
const LINES_MAX: usize = 700;

/// A word that may not stand in a source file, and what to do instead. Written in two halves so
/// that this file does not find itself.
const BANNED: [(&str, &str, &str); 6] = [
    ("todo", "!(", "answer with a typed refusal, or finish it"),
    ("unimplemented", "!(", "answer with a typed refusal, or finish it"),
    ("dbg", "!(", "remove it, or log with tracing"),
    ("#[ign", "ore", "mend the test, or delete it with the reason in the commit"),
    ("FIX", "ME", "mend it, or file an issue and write TODO(#n)"),
    ("unbounded", "_channel", "use a bounded channel with a named capacity"),
];

/// Paths that exist on one machine only.
const MACHINE_PATHS: [(&str, &str); 5] =
    [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/"), ("/tm", "p/nd")];

pub fn check_length(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .filter(|file| file.has_extension("rs") || file.has_extension("slint"))
        .filter(|file| !file.is_test())
        .filter_map(|file| {
            let lines = file.product_lines().count();
            (lines > LINES_MAX).then(|| {
                Finding::new(
                    &file.path,
                    LINES_MAX,
                    format!("at most {LINES_MAX} lines before the tests, got {lines}"),
                    "find the second thing in it and give it a file",
                )
            })
        })
        .collect()
}

pub fn check_headers(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .filter(|file| file.name() != "tests.rs")
        .filter(|file| {
            let first = file.text.lines().find(|line| !line.trim().is_empty());
            !first.is_some_and(|line| line.starts_with("//! "))
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "a header that starts with `//! `",
                "say what the module decides and what it does not",
            )
        })
        .collect()
}

pub fn check_banned_words(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        for (line, text) in file.lines() {
            for (head, tail, todo) in BANNED {
                if has_word(text, &format!("{head}{tail}")) {
                    let expected = format!("no `{head}{tail}`");
                    findings.push(Finding::new(&file.path, line, expected, todo));
                }
            }
            if has_word(text, "TODO") && !text.contains("TODO(#") {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "TODO with the number of an issue: TODO(#12)",
                    "file one, or do it",
                ));
            }
        }
    }
    findings
}

/// clippy sees each call; this sees that the whole file has said why it may wait for time.
pub fn check_sleeps(tree: &Tree) -> Vec<Finding> {
    let sleep = concat!("thread::", "sleep(");
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        if file.text.contains("clippy::disallowed_methods") {
            continue;
        }
        for (line, _) in file.lines().filter(|(_, text)| text.contains(sleep)) {
            findings.push(Finding::new(
                &file.path,
                line,
                "no sleep outside the clock and the pump",
                "wait on the thing itself with a limit, or `#[expect(clippy::disallowed_methods, reason = ..)]`",
            ));
        }
    }
    findings
}

pub fn check_machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| !file.has_extension("lock") && !is_unit(file)) {
        for (line, text) in file.lines() {
            for (head, tail) in MACHINE_PATHS {
                let path = format!("{head}{tail}");
                // `~/.cache/work/` or `a/root/b` is part of another path.
                let alone = text.match_indices(&path).any(|(at, _)| {
                    text.get(..at)
                        .and_then(|before| before.chars().last())
                        .is_none_or(|c| !(c.is_alphanumeric() || "._-}~/)".contains(c)))
                });
                if alone {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("no path of one machine, got `{path}`"),
                        "make it relative, or take it from a parameter",
                    ));
                }
            }
        }
    }
    findings
}

/// Transcripts name their device and where they come from, or nobody can judge them later.
pub fn check_transcripts(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("wire")
        .filter(|file| {
            let first = file.text.lines().next().unwrap_or_default();
            !(first.starts_with("wire 1 ")
                && first.contains(" device=")
                && first.contains(" source="))
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "a header `wire 1  device=..  source=..`",
                "say which device and where the bytes come from",
            )
        })
        .collect()
}

fn is_unit(file: &File) -> bool {
    file.has_extension("service")
}

/// `word` where no letter stands before it: part of a longer name is another name.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        text.get(..at)
            .and_then(|before| before.chars().last())
            .is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Tree {
        Tree::sample(&[("a/src/lib.rs", text)])
    }

    #[test]
    fn a_file_of_701_lines_is_found_and_its_tests_do_not_count() {
        let long = "x\n".repeat(701);
        assert_eq!(check_length(&one(&long)).len(), 1);
        let tests = format!("{}#[cfg(test)]\nmod tests {{\n{long}", "x\n".repeat(700));
        assert_eq!(check_length(&one(&tests)), []);
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(check_headers(&one("use std::fs;\n")).len(), 1);
        assert_eq!(check_headers(&one("//! What it decides.\n")), []);
    }

    #[test]
    fn each_banned_word_is_found() {
        for (head, tail, _) in BANNED {
            assert_eq!(check_banned_words(&one(&format!("  {head}{tail}\n"))).len(), 1, "{head}");
        }
        assert_eq!(check_banned_words(&one(concat!("// TO", "DO later\n"))).len(), 1);
        assert_eq!(check_banned_words(&one("// TODO(#12): later\nmy_todo_list\n")), []);
    }

    #[test]
    fn a_sleep_without_a_reason_is_found() {
        let sleep = concat!("std::thread::", "sleep(d);\n");
        assert_eq!(check_sleeps(&one(sleep)).len(), 1);
        let excused = format!("#[expect(clippy::disallowed_methods, reason = \"pump\")]\n{sleep}");
        assert_eq!(check_sleeps(&one(&excused)), []);
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_part_of_another_path_is_not() {
        assert_eq!(check_machine_paths(&one(concat!("\"/wo", "rk/main\"\n"))).len(), 1);
        assert_eq!(check_machine_paths(&one(concat!("a/wo", "rk/main\n"))), []);
    }

    #[test]
    fn a_transcript_without_a_source_is_found() {
        let tree = Tree::sample(&[
            ("t/a.wire", "wire 1  device=id-reader\n"),
            ("t/b.wire", "wire 1  device=id-reader  source=manual 4.3\n"),
        ]);
        assert_eq!(check_transcripts(&tree).len(), 1);
    }
}
