//! The store key: 32 random bytes from first boot, the raw key of the database.
//!
//! It lies in a 0600 file (development) or comes as a systemd credential (production); the app
//! passes the path. It is never derived from a password and never made anew for an old database.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use kiosk_words::{Epoch, Private};
use zeroize::Zeroize as _;

use crate::folder::{self, ReadPrivate};

const KEY_LEN: usize = 32;

/// The raw key of the database.
pub struct StoreKey(Private<[u8; KEY_LEN]>);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("there is no store key at {}", path.display())]
    Missing { path: PathBuf },
    #[error("there is a store key at {} already", path.display())]
    AlreadyThere { path: PathBuf },
    #[error("the store key at {} may be read by others: expected mode 600, got {mode:o}", path.display())]
    TooOpen { path: PathBuf, mode: u32 },
    #[error("expected 64 hexadecimal digits in {}", path.display())]
    NotAKey { path: PathBuf },
    #[error("no random bytes from the system")]
    NoRandomness,
    #[error("the store key at {}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl StoreKey {
    /// Reads the key of a station that has been in service.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let at = || path.to_owned();
        let mut text = folder::read_private(path).map_err(|error| match error {
            ReadPrivate::TooOpen { mode } => KeyError::TooOpen { path: at(), mode },
            ReadPrivate::Io(source) if source.kind() == io::ErrorKind::NotFound => {
                KeyError::Missing { path: at() }
            }
            ReadPrivate::Io(source) => KeyError::Io { path: at(), source },
        })?;
        let mut bytes = [0; KEY_LEN];
        let read = hex::decode_to_slice(text.trim_ascii(), &mut bytes);
        text.zeroize();
        read.map_err(|_| KeyError::NotAKey { path: at() })?;
        Ok(Self(Private::new(bytes)))
    }

    /// Makes the key of a new station, durable before this returns; refuses to replace one.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self(Private::new(random().map_err(|_| KeyError::NoRandomness)?));
        let mut text = hex::encode(key.0.expose());
        text.push('\n');
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let written = folder::write_new(path, text.as_bytes())
            .and_then(|()| folder::sync_folder(folder.unwrap_or_else(|| Path::new("."))));
        text.zeroize();
        match written {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(KeyError::AlreadyThere { path: path.to_owned() })
            }
            Err(source) => Err(KeyError::Io { path: path.to_owned(), source }),
        }
    }

    /// `x'…'`: SQLCipher takes it as the key itself, without a key derivation.
    pub(crate) fn pragma(&self) -> Private<String> {
        self.0.map(|bytes| {
            let mut digits = hex::encode(bytes);
            let pragma = format!("PRAGMA key = \"x'{digits}'\";");
            digits.zeroize();
            pragma
        })
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(<private>)")
    }
}

/// The system has no random bytes to give; the station cannot work then.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no random bytes from the system")]
pub struct NoRandomness;

pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// The id of a new store. A rebuilt store gets another one and is never taken for the old.
pub fn new_epoch() -> Result<Epoch, NoRandomness> {
    Ok(Epoch(uuid::Builder::from_random_bytes(random()?).into_uuid()))
}
