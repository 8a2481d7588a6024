//! Captured pages of the open session.
//!
//! A page is encrypted in memory the moment it is captured and only its ciphertext reaches the
//! disk. The scan key of a case lives here and nowhere else: filing sends it sealed to the hall, the
//! end of the session drops it, and with it every page that was not filed becomes noise.
//!
//! ```text
//!            seal_page            persist(CaseFiled)
//! (no key) ───────────► open ────────────────────────► filed: pages stay, key dropped
//!                        └── wipe, crash ─────────────► gone: pages removed, key dropped
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fs, io,
    io::Write,
    path::Path,
};

use hall_api::seal::{
    HallPublic, ScanKey,
    scan::{self, ScanError},
};
use kiosk_words::{CaseId, Digest32, Private};
use sha2::{Digest as _, Sha256};

use crate::{
    folder::{self, Folder},
    key::{NoRandomness, random},
};

/// Keys and pages that are not yet filed.
#[derive(Debug)]
pub struct Vault {
    folder: Folder,
    /// To whom keys are sealed; `None` before enrolment.
    hall: Option<HallPublic>,
    open: BTreeMap<CaseId, OpenCase>,
}

#[derive(Debug)]
struct OpenCase {
    key: ScanKey,
    /// Made with the key, because it takes its time and at filing somebody waits.
    sealed: Option<SealedKey>,
    pages: BTreeSet<Digest32>,
}

/// A scan key that only this hall can open.
#[derive(Debug)]
struct SealedKey {
    hall: HallPublic,
    text: String,
}

impl SealedKey {
    fn new(hall: &HallPublic, case: CaseId, key: &ScanKey) -> Result<Self, NoRandomness> {
        Ok(Self { hall: hall.clone(), text: hall.seal_scan_key(case, key, random()?) })
    }
}

/// A page on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPage {
    /// SHA-256 of the ciphertext; the name of the file.
    pub digest: Digest32,
    /// Length of the ciphertext.
    pub n_bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the disk has no room for a page")]
    NoRoom,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("writing a sealed page")]
    Io(#[from] io::Error),
}

impl Vault {
    pub(crate) const fn new(folder: Folder, hall: Option<HallPublic>) -> Self {
        Self { folder, hall, open: BTreeMap::new() }
    }

    /// The station was enrolled, or its hall has another key.
    pub(crate) fn set_hall(&mut self, hall: HallPublic) {
        self.hall = Some(hall);
    }

    /// Encrypts a page under the case's scan key, made here for its first page, and writes it to
    /// `scans/`, durable when this returns.
    pub fn seal_page(
        &mut self,
        case: CaseId,
        page: &Private<Vec<u8>>,
    ) -> Result<SealedPage, VaultError> {
        let key = self.open_case(case)?.key.clone();
        let part = self.folder.scans().join(format!(".{}.part", hex::encode(random::<8>()?)));
        let sealed = write_page(&key, case, page, &part)
            .and_then(|sealed| {
                fs::rename(&part, self.folder.scan(&sealed.digest))?;
                folder::sync_folder(&self.folder.scans())?;
                Ok(sealed)
            })
            .inspect_err(|_| {
                if let Err(error) = folder::remove_if_there(&part) {
                    tracing::warn!(%error, "an unfinished page stays until the next start");
                }
            })?;
        self.open_case(case)?.pages.insert(sealed.digest);
        Ok(sealed)
    }

    fn open_case(&mut self, case: CaseId) -> Result<&mut OpenCase, NoRandomness> {
        match self.open.entry(case) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let key = ScanKey::new(random()?);
                let hall = self.hall.as_ref();
                let sealed = hall.map(|hall| SealedKey::new(hall, case, &key)).transpose()?;
                Ok(place.insert(OpenCase { key, sealed, pages: BTreeSet::new() }))
            }
        }
    }

    /// Forgets one page that is not filed; an unknown or filed one is left alone.
    pub fn discard(&mut self, digest: &Digest32) -> Result<(), VaultError> {
        for open in self.open.values_mut() {
            if open.pages.remove(digest) {
                folder::remove_if_there(&self.folder.scan(digest))?;
            }
        }
        Ok(())
    }

    /// End of a session (R4): drops every key and removes every page that is not filed.
    pub fn wipe(&mut self) -> Result<(), VaultError> {
        // Keys first: a page that cannot be removed cannot be read either.
        let open = std::mem::take(&mut self.open);
        let pages: Vec<Digest32> = open.into_values().flat_map(|case| case.pages).collect();
        for digest in &pages {
            folder::remove_if_there(&self.folder.scan(digest))?;
        }
        if pages.is_empty() { Ok(()) } else { Ok(folder::sync_folder(&self.folder.scans())?) }
    }

    /// `session_end_leaves_no_pii`: no key and no unfiled page is held.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The key of a case in the form it travels in; `None` for a case without pages.
    pub(crate) fn sealed_key(
        &self,
        case: CaseId,
        hall: &HallPublic,
    ) -> Result<Option<String>, NoRandomness> {
        let Some(open) = self.open.get(&case) else { return Ok(None) };
        match &open.sealed {
            Some(sealed) if sealed.hall == *hall => Ok(Some(sealed.text.clone())),
            // The hall got another key while this case was open.
            Some(_) | None => Ok(Some(SealedKey::new(hall, case, &open.key)?.text)),
        }
    }

    pub(crate) fn holds(&self, case: CaseId, digest: &Digest32) -> bool {
        self.open.get(&case).is_some_and(|open| open.pages.contains(digest))
    }

    /// The case is committed: its pages stay, its key goes, pages it does not name are removed.
    pub(crate) fn filed(&mut self, case: CaseId, kept: &BTreeSet<Digest32>) {
        let Some(open) = self.open.remove(&case) else { return };
        for digest in open.pages.difference(kept) {
            if let Err(error) = folder::remove_if_there(&self.folder.scan(digest)) {
                tracing::warn!(%error, "an unfiled page stays until the next start");
            }
        }
    }
}

/// Removes every file of `scans/` that no filed case names: pages of a session that was cut off.
pub(crate) fn remove_orphans(folder: &Folder, filed: &BTreeSet<Digest32>) -> io::Result<usize> {
    let mut n_removed = 0;
    for entry in fs::read_dir(folder.scans())? {
        let entry = entry?;
        let digest = entry.file_name().to_str().and_then(|name| name.parse::<Digest32>().ok());
        if digest.is_none_or(|digest| !filed.contains(&digest)) {
            folder::remove_if_there(&entry.path())?;
            n_removed += 1;
        }
    }
    if n_removed > 0 {
        folder::sync_folder(&folder.scans())?;
    }
    Ok(n_removed)
}

fn write_page(
    key: &ScanKey,
    case: CaseId,
    page: &Private<Vec<u8>>,
    part: &Path,
) -> Result<SealedPage, VaultError> {
    let file = folder::create_private(part).map_err(with_room)?;
    let mut out = Hashing { file, hasher: Sha256::new() };
    let n_bytes =
        scan::seal(key, case, random()?, page.expose().as_slice(), &mut out).map_err(|error| {
            match error {
                ScanError::Io(error) => with_room(error),
                ScanError::NotAScan
                | ScanError::Algorithm { .. }
                | ScanError::Chunk { .. }
                | ScanError::TooLong => VaultError::Io(io::ErrorKind::InvalidData.into()),
            }
        })?;
    out.file.sync_all().map_err(with_room)?;
    Ok(SealedPage { digest: Digest32(out.hasher.finalize().into()), n_bytes })
}

fn with_room(error: io::Error) -> VaultError {
    if error.kind() == io::ErrorKind::StorageFull { VaultError::NoRoom } else { error.into() }
}

/// Hashes what passes to the file.
struct Hashing {
    file: fs::File,
    hasher: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_written = self.file.write(bytes)?;
        if let Some(written) = bytes.get(..n_written) {
            self.hasher.update(written);
        }
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
