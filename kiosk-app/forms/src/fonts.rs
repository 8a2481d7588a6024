//! The fonts that pages are set in: found by family, shared with the page cache.
//!
//! Only the families of [`FAMILIES`] are used, so that a page looks the same on every machine, and
//! nothing else a machine happens to have can stand in for a missing character.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use memmap2::Mmap;
use thiserror::Error;
use typst::{
    foundations::Bytes,
    text::{Font, FontBook},
    utils::LazyHash,
};

/// What templates may name, and after it what stands in for characters that those lack. The first
/// two have to be there.
pub const FAMILIES: [&str; 4] = ["Noto Sans CJK SC", "Noto Serif CJK SC", "HanaMinA", "HanaMinB"];

const N_NEEDED: usize = 2;

#[derive(Debug, Error)]
pub enum FontsError {
    #[error("the font {0} is not installed; install the package fonts-noto-cjk")]
    Missing(&'static str),
    #[error("cannot read the font {path}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} is no font")]
    NoFont { path: PathBuf },
}

/// Where the faces are: file and place in it, in the order of [`FAMILIES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faces(pub Vec<(PathBuf, u32)>);

impl Faces {
    /// Asks the machine where it keeps them.
    ///
    /// # Errors
    /// One that is needed is not installed.
    pub fn find() -> Result<Self, FontsError> {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        let mut found: BTreeMap<usize, Vec<(PathBuf, u32)>> = BTreeMap::new();
        for face in database.faces() {
            let fontdb::Source::File(path) = &face.source else { continue };
            let named = |family: &str| face.families.iter().any(|(name, _)| name == family);
            if let Some(at) = FAMILIES.iter().position(|family| named(family)) {
                found.entry(at).or_default().push((path.clone(), face.index));
            }
        }
        if let Some(at) = (0..N_NEEDED).find(|at| !found.contains_key(at)) {
            return Err(FontsError::Missing(FAMILIES[at]));
        }
        found.values_mut().for_each(|faces| faces.sort());
        Ok(Self(found.into_values().flatten().collect()))
    }
}

/// Fonts ready to set pages in.
#[derive(Debug)]
pub struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Fonts {
    /// # Errors
    /// A file that cannot be read or is no font.
    pub fn open(faces: &Faces) -> Result<Self, FontsError> {
        let mut files: BTreeMap<&Path, Bytes> = BTreeMap::new();
        let mut fonts = Vec::with_capacity(faces.0.len());
        for (path, index) in &faces.0 {
            let bytes = match files.get(path.as_path()) {
                Some(bytes) => bytes.clone(),
                None => map(path)
                    .map_err(|source| FontsError::Unreadable { path: path.clone(), source })?,
            };
            files.insert(path, bytes.clone());
            let font = Font::new(bytes, *index);
            fonts.push(font.ok_or_else(|| FontsError::NoFont { path: path.clone() })?);
        }
        Ok(Self { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts })
    }

    pub(crate) const fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    /// The bytes of the first face of the first family and its place in them, for PDFs that bring
    /// no font of their own.
    pub(crate) fn plain(&self) -> Option<(Bytes, u32)> {
        self.fonts.first().map(|font| (font.data().clone(), font.index()))
    }
}

#[expect(unsafe_code, reason = "a font of 20 MB is shared with the page cache, not copied")]
fn map(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: font files belong to packages, which replace a file by renaming a new one over it;
    // nobody writes into the mapped one.
    let mapped = unsafe { Mmap::map(&file)? };
    Ok(Bytes::new(mapped))
}
