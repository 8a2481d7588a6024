//! The file of the wrap key, and its replacement every night.
//!
//! ```text
//! 1 wrap.next written and flushed
//! 2 one transaction: every record key wrapped anew, station.wrap_key_id = the new one
//! 3 wrap.key overwritten, wrap.next renamed over it, folder flushed
//! ```
//! A power cut before the commit of 2 leaves the old key in force and wrap.next is removed at the
//! next start; after it, step 3 is done at the next start. The key does not lie in the database,
//! because pages of a database live on in its log and in free pages; a small file of its own can
//! be overwritten. What flash does below the file system is in docs/decisions/keys.md.

use std::{
    fs,
    fs::OpenOptions,
    io::{self, Write as _},
    path::Path,
};

use hall_api::seal::{KEY_LEN, WrapKey};
use kiosk_words::Private;
use zeroize::Zeroize as _;

use crate::{
    error::OpenError,
    folder::{self, Folder},
    key::{NoRandomness, random},
};

pub(crate) const ID_LEN: usize = 16;
const FIRST_LINE: &str = "nightdesk wrap key 1";

/// The wrap key with the name by which the database refers to it.
#[derive(Debug, Clone)]
pub(crate) struct NamedWrapKey {
    pub(crate) id: [u8; ID_LEN],
    pub(crate) key: WrapKey,
}

impl NamedWrapKey {
    pub(crate) fn new_random() -> Result<Self, NoRandomness> {
        Ok(Self { id: random()?, key: WrapKey::new(random()?) })
    }

    /// Writes the key under a new name, durable when this returns.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut key = hex::encode(self.key.bytes());
        let text = Private::new(format!("{FIRST_LINE}\n{}\n{key}\n", hex::encode(self.id)));
        key.zeroize();
        folder::replace(path, text.expose().as_bytes())
    }

    /// `None` if there is no such file or it is not a whole wrap key.
    fn read(path: &Path) -> Result<Option<Self>, OpenError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Private::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OpenError::Io(error)),
        };
        Ok(Self::parse(text.expose()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let (mut id, mut key) = ([0; ID_LEN], [0; KEY_LEN]);
        hex::decode_to_slice(lines.next()?, &mut id).ok()?;
        hex::decode_to_slice(lines.next()?, &mut key).ok()?;
        let named = Self { id, key: WrapKey::new(key) };
        key.zeroize();
        Some(named)
    }

    /// The key that the database names, finishing or undoing a replacement that was cut off.
    pub(crate) fn in_force(folder: &Folder, id: [u8; ID_LEN]) -> Result<Self, OpenError> {
        if let Some(next) = Self::read(&folder.next_wrap_key())?.filter(|next| next.id == id) {
            put_in_force(folder).map_err(OpenError::Io)?;
            return Ok(next);
        }
        folder::remove_if_there(&folder.next_wrap_key()).map_err(OpenError::Io)?;
        Self::read(&folder.wrap_key())?.filter(|key| key.id == id).ok_or(OpenError::WrapKey)
    }
}

/// Step 3: the old key is overwritten, the new one takes its name.
pub(crate) fn put_in_force(folder: &Folder) -> io::Result<()> {
    overwrite(&folder.wrap_key())?;
    fs::rename(folder.next_wrap_key(), folder.wrap_key())?;
    folder::sync_folder(folder.root())
}

/// Writes other bytes over a file in place and flushes them.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let n_bytes = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.write_all(&vec![0xff; n_bytes])?;
    file.sync_all()
}
