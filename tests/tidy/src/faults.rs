//! Every way a device can fail or refuse is named in at least one test.
//!
//! The words are read from `device-drivers/api/src`: each enum called `Fault` or `Refusal`. A test
//! names a variant as `Fault::Missing`, or through an alias such as `IdReaderFault::Missing`.

use crate::{File, Finding, Tree};

const API: &str = "device-drivers/api/src/";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let tests: Vec<&str> = tree.with_extension("rs").filter_map(test_part).collect();
    let mut findings = Vec::new();
    for file in tree.with_extension("rs").filter(|file| file.path.starts_with(API)) {
        for variant in variants(file) {
            let named = format!("{}::{}", variant.of, variant.name);
            if !tests.iter().any(|text| names(text, &named)) {
                findings.push(Finding::new(
                    &file.path,
                    variant.line,
                    format!("{named} in a test or scenario"),
                    "write what the person sees when it happens",
                ));
            }
        }
    }
    findings
}

struct Variant {
    of: &'static str,
    name: String,
    line: usize,
}

/// The part of a file that only tests run.
fn test_part(file: &File) -> Option<&str> {
    // The checks themselves are no test of a device.
    if file.path.starts_with("tests/tidy/") {
        return None;
    }
    if file.is_test() {
        return Some(&file.text);
    }
    file.test_module().and_then(|at| file.text.get(at..))
}

fn variants(file: &File) -> Vec<Variant> {
    let mut of = None;
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        match text {
            "pub enum Fault {" => of = Some("Fault"),
            "pub enum Refusal {" => of = Some("Refusal"),
            "}" => of = None,
            _ => {
                let word: String =
                    text.trim().chars().take_while(char::is_ascii_alphanumeric).collect();
                let is_variant = text.starts_with("    ")
                    && !text.starts_with("     ")
                    && word.starts_with(|c: char| c.is_ascii_uppercase());
                if let (Some(of), true) = (of, is_variant) {
                    found.push(Variant { of, name: word, line });
                }
            }
        }
    }
    found
}

/// `named` followed by the end of the word.
fn names(text: &str, named: &str) -> bool {
    text.split(named).skip(1).any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_no_test_names_is_found() {
        let api = "pub enum Fault {\n    /// Port gone.\n    Missing,\n    Garbage,\n    SelfTest(u8),\n}\n";
        let tree = Tree::sample(&[
            ("device-drivers/api/src/id_reader.rs", api),
            (
                "kiosk-app/core/src/a.rs",
                "Fault::Garbage\n#[cfg(test)]\nmod tests {\nFault::SelfTest(1)\n",
            ),
            ("tests/scenarios/b.rs", "id_reader::Fault::MissingNot\n"),
        ]);
        let lines: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [3, 4]);
    }
}
