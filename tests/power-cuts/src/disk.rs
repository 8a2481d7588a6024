//! What a disk holds of a few files, and what a power cut leaves of them.
//!
//! ```text
//! write, truncate ──► waiting ──sync of that file──► durable
//! make, remove    ──► waiting ──sync of any file───► durable
//!                        └── power cut: nothing, all, a beginning, or any sectors of it
//! ```
//! Names follow ext4 and xfs: they are kept in order, and a later flush of any file takes with it
//! whatever happened to names before. An unlinked file comes back only if nothing was flushed since.
//! That is a choice of file system, not a proof. What was never written reads as zeros.
//!
//! A sector is written in part (a torn tail), but bytes beside a write are never touched, as SQLite
//! assumes too. A lying disk answers every flush and keeps nothing.
//!
//! Pure: no file, no clock, no randomness but the one it is given.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use testkit::Random;

pub const SECTOR: usize = 512;

/// A file, whatever its name is or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inode(u32);

/// Whether the disk does what it says when it is asked to flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    Honest,
    Lying,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

#[derive(Debug, Clone)]
enum NameChange {
    Made(String, Inode),
    Removed(String),
}

/// What the cut leaves of the changes of one file that were not flushed.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Nothing,
    /// The disk was done, and nobody heard of it.
    Everything,
    /// The first `n` changes and a part of the next.
    Beginning {
        n: usize,
    },
    /// Each sector by itself, so many in a hundred.
    Sectors {
        percent: u64,
    },
}

#[derive(Debug, Clone, Default)]
struct Content {
    durable: Vec<u8>,
    waiting: Vec<Change>,
}

#[derive(Debug)]
pub struct Disk {
    flush: Flush,
    files: BTreeMap<Inode, Content>,
    names: BTreeMap<String, Inode>,
    durable_names: BTreeMap<String, Inode>,
    waiting_names: Vec<NameChange>,
    n_inodes: u32,
}

impl Disk {
    pub const fn new(flush: Flush) -> Self {
        Self {
            flush,
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            waiting_names: Vec::new(),
            n_inodes: 0,
        }
    }

    pub fn find(&self, name: &str) -> Option<Inode> {
        self.names.get(name).copied()
    }

    /// A new empty file; its name is not durable.
    pub fn make(&mut self, name: &str) -> Inode {
        let inode = self.new_file(Vec::new());
        self.names.insert(name.to_owned(), inode);
        self.waiting_names.push(NameChange::Made(name.to_owned(), inode));
        inode
    }

    /// A file that somebody else wrote and flushed, name and all.
    pub fn adopt(&mut self, name: &str, bytes: Vec<u8>) -> Inode {
        let inode = self.new_file(bytes);
        self.names.insert(name.to_owned(), inode);
        self.flush_names();
        self.durable_names.insert(name.to_owned(), inode);
        inode
    }

    /// Somebody else removed a file or took its name away, and flushed that.
    pub fn forget(&mut self, name: &str) {
        self.names.remove(name);
        self.flush_names();
        self.durable_names.remove(name);
    }

    /// Every file as the running program sees it.
    pub fn names(&self) -> impl Iterator<Item = (&str, Inode)> {
        self.names.iter().map(|(name, inode)| (name.as_str(), *inode))
    }

    fn new_file(&mut self, durable: Vec<u8>) -> Inode {
        self.n_inodes += 1;
        let inode = Inode(self.n_inodes);
        self.files.insert(inode, Content { durable, waiting: Vec::new() });
        inode
    }

    pub fn remove(&mut self, name: &str) {
        if self.names.remove(name).is_some() {
            self.waiting_names.push(NameChange::Removed(name.to_owned()));
        }
    }

    pub fn write(&mut self, inode: Inode, at: usize, bytes: &[u8]) {
        self.change(inode, Change::Write { at, bytes: bytes.to_owned() });
    }

    pub fn truncate(&mut self, inode: Inode, len: usize) {
        self.change(inode, Change::Truncate { len });
    }

    fn change(&mut self, inode: Inode, change: Change) {
        self.files.entry(inode).or_default().waiting.push(change);
    }

    /// Flushes a file, and the names before it.
    pub fn sync(&mut self, inode: Inode) {
        if self.flush == Flush::Lying {
            return;
        }
        if let Some(file) = self.files.get_mut(&inode) {
            for change in std::mem::take(&mut file.waiting) {
                change.apply(&mut file.durable);
            }
        }
        self.flush_names();
    }

    /// Flushes names only: a folder was synced.
    pub fn sync_names(&mut self) {
        if self.flush == Flush::Honest {
            self.flush_names();
        }
    }

    fn flush_names(&mut self) {
        for change in std::mem::take(&mut self.waiting_names) {
            change.apply(&mut self.durable_names);
        }
    }

    /// The power goes. Whatever is left is durable, and is what every later look finds.
    pub fn cut(&mut self, chance: &mut Random) {
        let n_kept = below(chance, self.waiting_names.len() + 1);
        for change in self.waiting_names.drain(..).take(n_kept) {
            change.apply(&mut self.durable_names);
        }
        self.names.clone_from(&self.durable_names);
        let kept: Vec<Inode> = self.names.values().copied().collect();
        self.files.retain(|inode, _| kept.contains(inode));
        for file in self.files.values_mut() {
            let waiting = std::mem::take(&mut file.waiting);
            let fate = Fate::draw(waiting.len(), chance);
            fate.apply(&waiting, &mut file.durable, chance);
        }
    }

    /// Every file after a cut.
    pub fn images(&self) -> impl Iterator<Item = (&str, Inode, &[u8])> {
        self.durable_names.iter().filter_map(|(name, inode)| {
            self.files.get(inode).map(|file| (name.as_str(), *inode, file.durable.as_slice()))
        })
    }
}

impl NameChange {
    fn apply(self, names: &mut BTreeMap<String, Inode>) {
        match self {
            Self::Made(name, inode) => names.insert(name, inode),
            Self::Removed(name) => names.remove(&name),
        };
    }
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(image, *at, bytes),
            Self::Truncate { len } => image.resize(*len, 0),
        }
    }

    /// Whole sectors and a torn tail.
    fn apply_beginning(&self, image: &mut Vec<u8>, chance: &mut Random) {
        match self {
            Self::Write { at, bytes } => put(image, *at, &bytes[..below(chance, bytes.len() + 1)]),
            // The length is one number, written or not.
            Self::Truncate { len } if chance.chance(50) => image.resize(*len, 0),
            Self::Truncate { .. } => {}
        }
    }

    fn apply_sectors(&self, image: &mut Vec<u8>, percent: u64, chance: &mut Random) {
        match self {
            Self::Write { at, bytes } => {
                for (at, sector) in sectors(*at, bytes) {
                    if chance.chance(percent) {
                        let is_torn = chance.chance(TORN_PERCENT);
                        let n = if is_torn { below(chance, sector.len()) } else { sector.len() };
                        put(image, at, &sector[..n]);
                    }
                }
            }
            Self::Truncate { len } if chance.chance(percent) => image.resize(*len, 0),
            Self::Truncate { .. } => {}
        }
    }
}

/// Sectors written in part, of those written at all.
const TORN_PERCENT: u64 = 10;

impl Fate {
    fn draw(n_waiting: usize, chance: &mut Random) -> Self {
        match chance.below(5) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::Beginning { n: below(chance, n_waiting + 1) },
            3 => Self::Sectors { percent: 50 },
            _ => Self::Sectors { percent: 95 },
        }
    }

    fn apply(self, waiting: &[Change], image: &mut Vec<u8>, chance: &mut Random) {
        match self {
            Self::Nothing => {}
            Self::Everything => waiting.iter().for_each(|change| change.apply(image)),
            Self::Beginning { n } => {
                waiting.iter().take(n).for_each(|change| change.apply(image));
                if let Some(next) = waiting.get(n) {
                    next.apply_beginning(image, chance);
                }
            }
            Self::Sectors { percent } => {
                waiting.iter().for_each(|change| change.apply_sectors(image, percent, chance));
            }
        }
    }
}

/// The parts of a write by the sectors of the file that they lie in.
fn sectors(at: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let to_boundary = (SECTOR - at % SECTOR).min(bytes.len());
    let (first, rest) = bytes.split_at(to_boundary);
    let rest = rest.chunks(SECTOR).enumerate();
    let rest = rest.map(move |(n, part)| (at + to_boundary + n * SECTOR, part));
    std::iter::once((at, first)).chain(rest)
}

fn put(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = at + bytes.len();
    if image.len() < end {
        image.resize(end, 0);
    }
    image[at..end].copy_from_slice(bytes);
}

fn below(chance: &mut Random, n: usize) -> usize {
    let drawn = chance.below(u64::try_from(n).expect("a length is shorter than 2^64"));
    usize::try_from(drawn).expect("the number is below a length")
}
