//! Reads the layouts of the slips; what they mean is checked by `kiosk_matters`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kiosk_matters::slips::{BadLayout, Layouts};

#[derive(Debug, thiserror::Error)]
pub enum SlipsError {
    #[error("the layouts of the slips at {} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Bad(#[from] BadLayout),
}

/// Every `.toml` of the folder; other files are left alone.
pub fn load(folder: &Path) -> Result<Layouts, SlipsError> {
    let files = read(folder)
        .map_err(|source| SlipsError::Unreadable { path: folder.to_owned(), source })?;
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Layouts::parse(&files)?)
}

fn read(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push((file.display().to_string(), fs::read_to_string(&file)?));
        }
    }
    files.sort();
    Ok(files)
}
