//! Colours, sizes and durations are written in theme.slint and nowhere else.

use std::path::{Path, PathBuf};

/// No size at all, and one pixel as a unit.
const ALLOWED: [&str; 2] = ["0px", "1px"];

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "slint") && !path.ends_with("theme.slint") {
            found.push(path);
        }
    }
}

/// Words of a line that are a literal colour, length or duration.
fn literals(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    // What stands in quotes are words or paths.
    let code: String = code.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '#' || c == '.'))
        .filter(|word| {
            let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let unit = word.strip_prefix(number).unwrap_or_default();
            let measured = !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit() || c == '.')
                && ["px", "phx", "pt", "rem", "ms", "s", "cm", "mm"].contains(&unit);
            (measured && !ALLOWED.contains(word)) || word.starts_with('#')
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_page_writes_a_colour_size_or_duration_of_its_own() {
    let mut files = Vec::new();
    pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/ui"), &mut files);
    assert!(files.len() > 15, "the pages were not found");
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, line) in text.lines().enumerate() {
            for literal in literals(line) {
                wrong.push(format!("{}:{}: {literal}", file.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_literal_is_recognised() {
    assert_eq!(literals("width: 12px; color: #FF0000; a: 200ms;"), ["12px", "#FF0000", "200ms"]);
    assert!(literals("y: 0px; z: a / 1px; // 5px\ntext: \"3px\";").is_empty());
}
