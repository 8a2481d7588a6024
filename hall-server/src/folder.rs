//! The hall's data folder: names, rights and locks.
//!
//! The folder is 0700 and every file in it 0600. Files are written beside their place, synced and
//! renamed, so that a cut leaves the old file or the new one.
//!
//! Two locks: `prepare.lock` is held while keys and tables are made, by whichever command comes
//! first; `serve.lock` is held as long as a hall serves, so that two never share a folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Where the hall keeps what.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{path}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("another hall already serves {0}")]
    InUse(PathBuf),
}

impl Folder {
    /// Makes the folder if it is not there and sets its rights.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        let folder = Self { root: root.to_owned() };
        for path in [folder.root.clone(), folder.scans(), folder.staging()] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700)))
                .map_err(|source| FolderError::Io { path: path.clone(), source })?;
        }
        Ok(folder)
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("hall.db")
    }

    /// Finished scan files, by digest.
    pub fn scans(&self) -> PathBuf {
        self.root.join("scans")
    }

    /// Scan files still arriving.
    pub fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Waits until no other command prepares this folder.
    pub fn lock_preparing(&self) -> Result<File, FolderError> {
        let path = self.path("prepare.lock");
        let file = private_file(&path)?;
        file.lock().map_err(|source| FolderError::Io { path, source })?;
        Ok(file)
    }

    /// The lock of the one serving hall; held until the file is dropped.
    pub fn lock_serving(&self) -> Result<File, FolderError> {
        let file = private_file(&self.path("serve.lock"))?;
        file.try_lock().map_err(|_| FolderError::InUse(self.root.clone()))?;
        Ok(file)
    }

    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io { path, source }),
        }
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.path(name);
        write_whole(&path, bytes).map_err(|source| FolderError::Io { path, source })
    }
}

/// Creates (0600) or opens the file without emptying it.
fn private_file(path: &Path) -> Result<File, FolderError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| FolderError::Io { path: path.to_owned(), source })
}

/// Writes a 0600 file so that a reader sees the old content or the whole new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
