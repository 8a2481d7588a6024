//! A folder whose power can be cut: the disk model, the switch, and real files beside it.
//!
//! The product looks at its folder with `std::fs` too, so every write also goes into a real file,
//! unflushed: that is what a running program sees. After a cut the real files are written anew from
//! what the model says is left.
//!
//! Files that `std::fs` makes, renames or removes are taken as durable as they are when SQLite
//! opens them: the model sees by the inode number that a file is not the one it knows. The product
//! flushes file and folder in those places. So a cut is between SQLite's own steps, never inside
//! the few of `std::fs`, and after a cut no step of `std::fs` that came before is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError, Weak},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rusqlite::Connection;
use testkit::Random;

use crate::{
    disk::{Disk, Flush, Inode},
    vfs,
};

/// Threads of a store that was dropped close their files within this, or something hangs.
const CLOSING_LIMIT: Duration = Duration::from_secs(30);

/// When the power goes: with the write or sync of this number, counted from 0 and from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fuse {
    AtWrite(u64),
    AtSync(u64),
}

/// What the disk was doing when the power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Writing the write-ahead log.
    Log,
    /// Moving the log into the database.
    Database,
    /// The rollback journal, which exists while the mode changes.
    Journal,
    /// Making or removing a file.
    Name,
    /// Nothing: all was answered.
    Rest,
}

/// The power is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Off;

#[derive(Debug)]
pub struct Rig {
    folder: PathBuf,
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Debug)]
struct State {
    disk: Disk,
    is_on: bool,
    fuse: Option<Fuse>,
    went_at: Place,
    n_open: usize,
    /// Inode numbers of the real files.
    real: BTreeMap<Inode, u64>,
    /// Every name that SQLite has used.
    names: BTreeSet<String>,
    n_writes: u64,
    n_syncs: u64,
}

static RIGS: Mutex<BTreeMap<PathBuf, Weak<Rig>>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that panicked elsewhere must not hide its own words behind these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Rig {
    /// From here on SQLite's files in this folder are on a disk whose power can be cut.
    pub fn new(folder: &Path, flush: Flush) -> Result<Arc<Self>> {
        vfs::install()?;
        silence_sqlcipher()?;
        let folder = folder.canonicalize().context("folder of a rig")?;
        let state = State {
            disk: Disk::new(flush),
            is_on: true,
            fuse: None,
            went_at: Place::Rest,
            n_open: 0,
            real: BTreeMap::new(),
            names: BTreeSet::new(),
            n_writes: 0,
            n_syncs: 0,
        };
        let rig = Self { folder: folder.clone(), state: Mutex::new(state), closed: Condvar::new() };
        let rig = Arc::new(rig);
        lock(&RIGS).insert(folder, Arc::downgrade(&rig));
        Ok(rig)
    }

    /// The rig that a path lies in, and its name there.
    pub(crate) fn of(path: &Path) -> Option<(Arc<Self>, String)> {
        let rig = lock(&RIGS).get(path.parent()?)?.upgrade()?;
        Some((rig, path.file_name()?.to_str()?.to_owned()))
    }

    pub fn arm(&self, fuse: Option<Fuse>) {
        self.state().fuse = fuse;
    }

    pub fn is_on(&self) -> bool {
        self.state().is_on
    }

    /// Writes and syncs so far: equal numbers mean an equal run.
    pub fn n_steps(&self) -> (u64, u64) {
        let state = self.state();
        (state.n_writes, state.n_syncs)
    }

    /// Pulls the plug if the fuse has not. Says what the disk was doing when the power went.
    pub fn power_off(&self) -> Place {
        let mut state = self.state();
        if state.is_on {
            state.go_off(Place::Rest);
        }
        state.went_at
    }

    /// Cuts and comes back: the store must have been dropped, and every file of it is closed when
    /// this goes on.
    pub fn restart(&self, chance: &mut Random) -> Result<()> {
        self.power_off();
        let mut state = self.wait_closed()?;
        state.notice_others(&self.folder);
        state.disk.cut(chance);
        state.write_real_files(&self.folder).context("what the cut left")?;
        state.is_on = true;
        state.fuse = None;
        Ok(())
    }

    fn wait_closed(&self) -> Result<MutexGuard<'_, State>> {
        let waited =
            self.closed.wait_timeout_while(self.state(), CLOSING_LIMIT, |state| state.n_open > 0);
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            bail!(
                "expected every file closed after the store was dropped, {} are open",
                state.n_open
            );
        }
        Ok(state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// What the VFS tells and asks.
impl Rig {
    /// A file was opened; `was_there`: before the call.
    pub(crate) fn opened(&self, name: &str, was_there: bool) -> io::Result<Inode> {
        let path = self.folder.join(name);
        let real = fs::metadata(&path)?.ino();
        let mut state = self.state();
        let known = state.disk.find(name).filter(|inode| state.real.get(inode) == Some(&real));
        let inode = match known {
            Some(inode) => inode,
            None if was_there => state.disk.adopt(name, fs::read(&path)?),
            None => state.disk.make(name),
        };
        state.real.insert(inode, real);
        state.names.insert(name.to_owned());
        state.n_open += 1;
        Ok(inode)
    }

    pub(crate) fn closed(&self) {
        let mut state = self.state();
        state.n_open -= 1;
        if state.n_open == 0 {
            self.closed.notify_all();
        }
    }

    pub(crate) fn write(
        &self,
        (inode, place): (Inode, Place),
        at: usize,
        bytes: &[u8],
    ) -> Result<(), Off> {
        self.state().step(place, |disk| disk.write(inode, at, bytes))
    }

    pub(crate) fn truncate(&self, (inode, place): (Inode, Place), len: usize) -> Result<(), Off> {
        self.state().step(place, |disk| disk.truncate(inode, len))
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), Off> {
        self.state().step(Place::Name, |disk| disk.remove(name))
    }

    pub(crate) fn sync(&self, (inode, place): (Inode, Place)) -> Result<(), Off> {
        self.state().flush(place, |disk| disk.sync(inode))
    }

    pub(crate) fn sync_names(&self) -> Result<(), Off> {
        self.state().flush(Place::Name, Disk::sync_names)
    }
}

impl State {
    /// One write. The one that the fuse is set for is under way when the power goes: a part of it
    /// may arrive.
    fn step(&mut self, place: Place, change: impl FnOnce(&mut Disk)) -> Result<(), Off> {
        if !self.is_on {
            return Err(Off);
        }
        change(&mut self.disk);
        self.n_writes += 1;
        match &mut self.fuse {
            Some(Fuse::AtWrite(0)) => Err(self.go_off(place)),
            Some(Fuse::AtWrite(n)) => {
                *n -= 1;
                Ok(())
            }
            Some(Fuse::AtSync(_)) | None => Ok(()),
        }
    }

    /// One flush. The one that the fuse is set for is not answered: what it was for may have
    /// arrived, in part or whole.
    fn flush(&mut self, place: Place, flush: impl FnOnce(&mut Disk)) -> Result<(), Off> {
        if !self.is_on {
            return Err(Off);
        }
        self.n_syncs += 1;
        match &mut self.fuse {
            Some(Fuse::AtSync(0)) => return Err(self.go_off(place)),
            Some(Fuse::AtSync(n)) => *n -= 1,
            Some(Fuse::AtWrite(_)) | None => {}
        }
        flush(&mut self.disk);
        Ok(())
    }

    const fn go_off(&mut self, place: Place) -> Off {
        self.is_on = false;
        self.went_at = place;
        Off
    }

    /// Files that `std::fs` has removed or renamed since SQLite made them.
    fn notice_others(&mut self, folder: &Path) {
        let is_same = |(name, inode): &(&str, Inode)| {
            let real = fs::metadata(folder.join(name)).map(|file| file.ino()).ok();
            real == self.real.get(inode).copied()
        };
        let gone = self.disk.names().filter(|file| !is_same(file));
        let gone: Vec<String> = gone.map(|(name, _)| name.to_owned()).collect();
        gone.iter().for_each(|name| self.disk.forget(name));
    }

    fn write_real_files(&mut self, folder: &Path) -> io::Result<()> {
        let images: Vec<_> = self.disk.images().collect();
        for name in &self.names {
            let path = folder.join(name);
            if !images.iter().any(|(image, ..)| image == name) {
                remove_if_there(&path)?;
            }
            // Shared memory of processes that are gone.
            remove_if_there(&folder.join(format!("{name}-shm")))?;
        }
        let mut real = BTreeMap::new();
        for (name, inode, bytes) in images {
            let path = folder.join(name);
            fs::write(&path, bytes)?;
            real.insert(inode, fs::metadata(&path)?.ino());
        }
        self.real = real;
        Ok(())
    }
}

/// SQLCipher writes three lines about every page that it cannot read, which is one at every cut.
fn silence_sqlcipher() -> Result<()> {
    static SILENCED: Once = Once::new();
    let mut outcome = Ok(());
    // The level is the process's, not the connection's.
    SILENCED.call_once(|| {
        outcome = Connection::open_in_memory()
            .and_then(|db| db.execute_batch("PRAGMA cipher_log_level = NONE"));
    });
    outcome.context("SQLCipher's log")
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
