//! A folder of templates, read once.
//!
//! File ids of typst are never freed, so a path is turned into one only here and for two virtual
//! files; no page makes a new one.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;
use typst::{
    Library, LibraryExt as _,
    foundations::Bytes,
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    utils::LazyHash,
};

use crate::fonts::Fonts;

/// What a template reads its data from: `json("data.json")`.
pub const DATA_FILE: &str = "data.json";
/// A picture of the text at `qr` in the data, if there is one: `image("qr.svg")`.
pub const QR_FILE: &str = "qr.svg";

/// Longest template or picture of a template folder.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Files of a template folder.
const N_FILES_MAX: usize = 1000;

#[derive(Debug, Error)]
pub enum TemplatesError {
    #[error("cannot read {path}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} has more than {FILE_BYTES_MAX} bytes")]
    TooLong { path: PathBuf },
    #[error("{path} has more than {N_FILES_MAX} files")]
    TooMany { path: PathBuf },
    #[error("{path} is not UTF-8")]
    NotText { path: PathBuf },
    #[error("{path} has a name that a template cannot use")]
    BadName { path: PathBuf },
}

/// The templates of one folder, with fonts.
#[derive(Debug)]
pub struct Templates {
    pub(crate) library: LazyHash<Library>,
    pub(crate) fonts: Fonts,
    sources: BTreeMap<String, Source>,
    /// Pictures, which templates show.
    files: BTreeMap<String, Bytes>,
    pub(crate) data_id: FileId,
    pub(crate) qr_id: FileId,
}

impl Templates {
    /// Reads `*.typ` and `*.svg` of the folder itself; folders in it are not looked into.
    ///
    /// # Errors
    /// Which file cannot be used, and why.
    pub fn open(folder: &Path, fonts: Fonts) -> Result<Self, TemplatesError> {
        let unreadable =
            |path: &Path, source| TemplatesError::Unreadable { path: path.to_owned(), source };
        let mut sources = BTreeMap::new();
        let mut files = BTreeMap::new();
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
        for (n_files, entry) in entries.enumerate() {
            if n_files >= N_FILES_MAX {
                return Err(TemplatesError::TooMany { path: folder.to_owned() });
            }
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            let is_template = path.extension().is_some_and(|ending| ending == "typ");
            let is_picture = path.extension().is_some_and(|ending| ending == "svg");
            if !is_template && !is_picture {
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str());
            let bad_name = || TemplatesError::BadName { path: path.clone() };
            let name = name.ok_or_else(bad_name)?;
            let id = file_id(name).ok_or_else(bad_name)?;
            let text = read(&path)?;
            if is_template {
                sources.insert(name.to_owned(), Source::new(id, text));
            } else {
                files.insert(name.to_owned(), Bytes::from_string(text));
            }
        }
        let (data_id, qr_id) = virtual_ids();
        Ok(Self {
            library: LazyHash::new(Library::builder().build()),
            fonts,
            sources,
            files,
            data_id,
            qr_id,
        })
    }

    /// Names of all templates, without `.typ`; also of those that others import.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().filter_map(|name| name.strip_suffix(".typ"))
    }

    pub(crate) fn template(&self, name: &str) -> Option<&Source> {
        self.sources.get(&format!("{name}.typ"))
    }

    pub(crate) fn source(&self, id: FileId) -> Option<&Source> {
        self.sources.get(id.get().vpath().get_without_slash())
    }

    pub(crate) fn file(&self, id: FileId) -> Option<&Bytes> {
        self.files.get(id.get().vpath().get_without_slash())
    }
}

fn read(path: &Path) -> Result<String, TemplatesError> {
    let unreadable = |source| TemplatesError::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
        return Err(TemplatesError::TooLong { path: path.to_owned() });
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_error| TemplatesError::NotText { path: path.to_owned() })
}

fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

fn virtual_ids() -> (FileId, FileId) {
    let id = |name| file_id(name).expect("a plain file name is a path");
    (id(DATA_FILE), id(QR_FILE))
}
