//! Room on the disk, and the ballast kept back for the time when there is none.
//!
//! A full disk refuses only new cases (`full_disk_refuses_only_new`): the ballast file is given
//! up, and custody, collection, settling and audit go on in its room. New cases are taken again
//! once there is room for a whole new ballast and then some.

use std::{fs, io, io::Write as _, path::Path};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use crate::folder::{self, Folder};

/// 8 MiB: more than a month of audit, settling and custody rows (some 200 bytes each, a few
/// thousand a day) and the largest write-ahead log before a checkpoint (4 MiB).
pub(crate) const BALLAST_BYTES: u64 = 8 << 20;
/// 24 MiB more must be free before new cases are taken again, so that the state does not flap
/// with every case: a case with its scans is 2 to 6 MB.
const ROOM_AGAIN_BYTES: u64 = 24 << 20;

/// Whether new cases can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Enough,
    Full,
}

/// Makes the ballast durable; on a disk without room nothing is left of it.
pub(crate) fn make_ballast(folder: &Folder) -> io::Result<()> {
    let path = folder.ballast();
    folder::remove_if_there(&path)?;
    let made = fill(&path).and_then(|()| folder::sync_folder(folder.root()));
    if made.is_err() {
        folder::remove_if_there(&path)?;
    }
    made
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = folder::create_private(path)?;
    match fallocate(&file, FallocateFlags::empty(), 0, BALLAST_BYTES) {
        Ok(()) => {}
        Err(rustix::io::Errno::OPNOTSUPP) => {
            let block = [0; 4096];
            for _ in 0..BALLAST_BYTES / 4096 {
                file.write_all(&block)?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    file.sync_all()
}

/// Gives the ballast up; its room is there when this returns.
pub(crate) fn release_ballast(folder: &Folder) -> io::Result<()> {
    folder::remove_if_there(&folder.ballast())?;
    folder::sync_folder(folder.root())
}

/// The room at start: an intact ballast, or a new one where there is room for it.
pub(crate) fn at_start(folder: &Folder) -> io::Result<Room> {
    let intact = fs::metadata(folder.ballast()).is_ok_and(|file| file.len() == BALLAST_BYTES);
    if intact { Ok(Room::Enough) } else { try_again(folder) }
}

/// Makes a new ballast if there is room for it and for new cases.
pub(crate) fn try_again(folder: &Folder) -> io::Result<Room> {
    let disk = statvfs(folder.root())?;
    if disk.f_bavail.saturating_mul(disk.f_frsize) < BALLAST_BYTES + ROOM_AGAIN_BYTES {
        return Ok(Room::Full);
    }
    match make_ballast(folder) {
        Ok(()) => Ok(Room::Enough),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(Room::Full),
        Err(error) => Err(error),
    }
}
