//! `planted_bugs_found`: how many of the mistakes made on purpose the simulated nights find, beside
//! how many are made. They are made in another program, so that they are in nothing that is
//! measured.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

use crate::Row;

/// Beside this binary.
const PROGRAM: &str = "planted";

pub fn rows(_folder: &Path) -> Result<Vec<Row>> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let output = Command::new(&program)
        .output()
        .with_context(|| format!("{} (built by `make bench`)", program.display()))?;
    ensure!(output.status.success(), "{PROGRAM} ended with {}", output.status);
    let said = String::from_utf8(output.stdout)?;
    let (found, made) = counts(&said).with_context(|| said.clone())?;
    Ok(vec![Row::new("planted_bugs_found", found, "bugs", "made on purpose", made)])
}

/// From `found 8 of 8`.
fn counts(said: &str) -> Option<(f64, f64)> {
    let (found, made) = said.lines().last()?.strip_prefix("found ")?.split_once(" of ")?;
    Some((found.parse().ok()?, made.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_has_the_counts() {
        assert_eq!(counts("A: found in night 3: b\nfound 7 of 8\n"), Some((7.0, 8.0)));
        assert_eq!(counts("A: found in night 3: b\n"), None);
    }
}
