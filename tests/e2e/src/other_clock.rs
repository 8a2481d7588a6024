//! Another wall clock for the station's process than this machine's: a small library, built here
//! and loaded before the program's own, that moves what the system says the time is. Deadlines of
//! the program are on the monotonic clock and stay.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

const SOURCE: &str = include_str!("../clock/ahead.c");

/// A clock that runs ahead of this machine's, or behind it.
#[derive(Debug, Clone)]
pub struct OtherClock {
    preload: PathBuf,
    file: PathBuf,
}

impl OtherClock {
    /// Builds it in this folder with the C compiler that also builds the database.
    pub fn build(folder: &Path) -> Result<Self> {
        let (source, preload) = (folder.join("ahead.c"), folder.join("ahead.so"));
        fs::write(&source, SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
        let built = compiler.arg(&preload).arg(&source).output().context("no C compiler")?;
        if !built.status.success() {
            bail!("ahead.c does not build: {}", String::from_utf8_lossy(&built.stderr));
        }
        let clock = Self { preload, file: folder.join("ahead.ms") };
        clock.set(0)?;
        Ok(clock)
    }

    /// By so much it is ahead for every process that is started from now on.
    pub fn set(&self, ahead_ms: i64) -> Result<()> {
        fs::write(&self.file, ahead_ms.to_string()).context("the file of the other clock")
    }

    /// What the process must be started with.
    pub fn env(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.display().to_string();
        vec![
            ("LD_PRELOAD".to_owned(), text(&self.preload)),
            ("CLOCK_AHEAD_FILE".to_owned(), text(&self.file)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_by(clock: &OtherClock) -> i64 {
        let date = Command::new("date").arg("+%s").envs(clock.env()).output().unwrap();
        String::from_utf8(date.stdout).unwrap().trim().parse().unwrap()
    }

    #[test]
    fn a_program_has_the_time_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let clock = OtherClock::build(folder.path()).unwrap();
        let here = crate::clock::wall().0 / 1_000;
        assert!((shown_by(&clock) - here).abs() < 60);
        clock.set(86_400_000).unwrap();
        assert!((shown_by(&clock) - here - 86_400).abs() < 60);
    }
}
