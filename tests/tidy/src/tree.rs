//! The text files of a checkout, read once. Holds no opinion about them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Folders that no check reads: they are made by tools and ignored by git.
const SKIPPED: [&str; 3] = [".git", "target", "out"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path from the root of the checkout, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// Lines with their number, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines that the product holds: those before the test module, which stands last in a file.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.test_module().unwrap_or(self.text.len());
        let lines = self.text.get(..end).map_or(0, |text| text.lines().count());
        self.lines().take(lines)
    }

    /// Where the inline test module starts, in bytes.
    pub fn test_module(&self) -> Option<usize> {
        self.text.find("#[cfg(test)]\nmod ")
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub fn has_extension(&self, extension: &str) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, last)| last == extension)
    }

    /// Rust that only tests run: a test folder, a test crate, or a `tests.rs` beside its module.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.name() == "tests.rs"
            || self.name().ends_with("_tests.rs")
    }
}

#[derive(Debug, Clone)]
pub struct Tree {
    files: Vec<File>,
    /// Every path, also of files that are no text.
    paths: Vec<String>,
}

impl Tree {
    /// The checkout this crate was compiled in.
    pub fn of_checkout() -> Result<Self> {
        let root = checkout();
        let mut tree = Self { files: Vec::new(), paths: Vec::new() };
        tree.read(&root, "")?;
        Ok(tree)
    }

    /// A tree that exists only here, to show what a check catches.
    pub fn sample(files: &[(&str, &str)]) -> Self {
        Self {
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            files: files
                .iter()
                .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() })
                .collect(),
        }
    }

    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    pub fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.has_extension(extension))
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// True for a file, or a folder that holds one.
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|known| known == path || known.starts_with(&folder))
    }

    fn read(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .with_context(|| format!("reading {}", folder.display()))?
            .collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    self.read(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.is_file() {
                self.paths.push(path.clone());
                // A picture or a font is no text, and no check reads it.
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.push(File { path, text });
                }
            }
        }
        Ok(())
    }
}

/// The root of the checkout.
pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
