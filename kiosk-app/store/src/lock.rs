//! One process for one folder.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
};

use rustix::fs::{FlockOperation, flock};

use crate::{error::OpenError, folder::Folder};

/// Held until dropped; the kernel drops it when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Never waits: another holder is reported at once.
    pub(crate) fn take(folder: &Folder) -> Result<Self, OpenError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.lock())
            .map_err(OpenError::Io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { file }),
            Err(error) => match io::Error::from(error) {
                error if error.kind() == io::ErrorKind::WouldBlock => Err(OpenError::InUse),
                error => Err(OpenError::Io(error)),
            },
        }
    }
}

impl Drop for Lock {
    /// Closing alone leaves the lock with a child process that is being started at this moment.
    fn drop(&mut self) {
        if let Err(error) = flock(&self.file, FlockOperation::Unlock) {
            tracing::warn!(%error, "the folder's lock ends with the process");
        }
    }
}
