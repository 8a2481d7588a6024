//! What this process has in memory is never written to a disk by the kernel: it may be of people.
//!
//! A limit of zero covers core files; a process that may not be dumped covers a collector that the
//! kernel pipes to, and other processes of the same user that would read its memory.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From now on no crash of this process leaves its memory behind.
///
/// # Errors
/// If the kernel refuses; nothing of a person may be read then.
pub fn forbid() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
