//! The data folder: what lies where, and writes that survive a power cut.
//!
//! ```text
//! station.db, station.db-wal   the SQLCipher database
//! wrap.key                     the wrap key of this night (wrap.next while it is replaced)
//! scans/<sha256>               sealed pages, named by the digest of their bytes
//! identity/                    key and certificate of the station, CA, the hall's seal key
//! ballast                      room kept back for custody and audit when the disk is full
//! lock                         held by the one process that may use the folder
//! ```

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use kiosk_words::Digest32;

/// Name of the store key in the data folder (development) or among the credentials (production).
pub const STORE_KEY_FILE: &str = "store.key";

/// Only the station's own user.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("station.db")
    }

    /// The database while it is being made; renamed when it is whole.
    pub(crate) fn unborn_database(&self) -> PathBuf {
        self.root.join("station.unborn")
    }

    pub(crate) fn wrap_key(&self) -> PathBuf {
        self.root.join("wrap.key")
    }

    pub(crate) fn next_wrap_key(&self) -> PathBuf {
        self.root.join("wrap.next")
    }

    pub(crate) fn ballast(&self) -> PathBuf {
        self.root.join("ballast")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn scans(&self) -> PathBuf {
        self.root.join("scans")
    }

    pub(crate) fn scan(&self, digest: &Digest32) -> PathBuf {
        self.scans().join(digest.to_string())
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.root.join("identity")
    }

    /// Makes the folder and its parts, for this user only.
    pub(crate) fn create(&self) -> io::Result<()> {
        for path in [self.root.clone(), self.scans(), self.identity()] {
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(FOLDER_MODE))?;
        }
        sync_folder(&self.root)
    }
}

/// Makes the names in a folder durable, not only the bytes of its files.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A new file for this user only; refuses one that is there.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// Bytes, flushed, under a name that is new. The folder is not flushed.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Replaces a file as a whole: after a power cut it is the old or the new one, never a mixture.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let part = folder.join(format!(".{name}.part"));
    remove_if_there(&part)?;
    write_new(&part, bytes)?;
    fs::rename(&part, path)?;
    sync_folder(folder)
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The bytes of a file that only its owner may read.
pub(crate) fn read_private(path: &Path) -> Result<Vec<u8>, ReadPrivate> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(ReadPrivate::TooOpen { mode: mode & 0o777 });
    }
    Ok(fs::read(path)?)
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadPrivate {
    #[error("others may read it: mode {mode:o}")]
    TooOpen { mode: u32 },
    #[error(transparent)]
    Io(#[from] io::Error),
}
