//! `kiosk become`: between the station and a program that may have nothing of the station's.
//!
//! bubblewrap hands every open file on to the sandbox. Files of this program close by themselves,
//! those that a C library opened may not (a socket to pcscd would let a decoder talk to the card).
//! So the station starts itself once more, and this closes what came along and becomes the
//! command. It runs before any thread and is never started by hand.

use std::{ffi::OsString, fs, io, os::unix::process::CommandExt as _, process::Command};

use rustix::process::getuid;

use crate::exit::{Exit, Failure};

/// Name of the subcommand.
pub const NAME: &str = "become";
/// The user nobody. The kernel counts no processes of root, who runs tests but no station.
const NOBODY: u32 = 65_534;

/// Does not come back if all is well.
pub fn become_command(words: Vec<OsString>) -> Failure {
    let failed = |error: io::Error| Failure::new(Exit::Failed, format!("become: {error}"));
    if let Err(error) = close_what_came_along() {
        return failed(error);
    }
    let mut words = words.into_iter();
    let Some(program) = words.next() else {
        return failed(io::Error::other("expected a command, got none"));
    };
    let mut command = Command::new(program);
    command.args(words).env_clear();
    if getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    failed(command.exec())
}

/// All but standard input, output and error.
fn close_what_came_along() -> io::Result<()> {
    let mut open = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok());
        open.extend(number.filter(|number| *number > 2));
    }
    for number in open {
        match nix::unistd::close(number) {
            // The one through which the folder was read is closed already.
            Ok(()) | Err(nix::Error::EBADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
