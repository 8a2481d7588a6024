//! A screen without a monitor: Xvfb on a display number that it picks itself.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// The station's screen, and the depth its software renderer draws in.
pub const WIDTH: u16 = 1080;
pub const HEIGHT: u16 = 1920;
const DEPTH: u16 = 24;

/// A running Xvfb; ended when dropped.
#[derive(Debug)]
pub struct Xvfb {
    child: Child,
    display: String,
}

impl Xvfb {
    /// As large as the station's screen. Returns when the server accepts clients; its messages go
    /// to `log`.
    pub fn start(log: &Path) -> Result<Self> {
        Self::start_sized(log, WIDTH, HEIGHT)
    }

    pub fn start_sized(log: &Path, width: u16, height: u16) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let screen = format!("{width}x{height}x{DEPTH}");
        let mut command = Command::new("Xvfb");
        // File descriptor 1: the server writes its display number there and closes it.
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        command.args(["-dpi", "96", "-nocursor"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).process_group(0);
        let mut child = command.spawn().context("cannot start Xvfb (Debian package xvfb)")?;
        let mut number = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        let number = number.trim();
        if number.is_empty() {
            bail!("Xvfb ended without a display: {}", child.wait()?);
        }
        Ok(Self { display: format!(":{number}"), child })
    }

    /// For `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        // SIGTERM and not SIGKILL: the server removes its lock file and socket.
        let _gone = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ended = self.child.wait();
    }
}
