//! Reads the files of the catalogue; what they mean is checked by `kiosk_matters`.

use std::{fs, io, path::Path};

use kiosk_matters::{BadCatalogue, Catalogue};

#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the catalogue at {} cannot be read", path.display())]
    Unreadable {
        path: std::path::PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the catalogue at {} holds no matter", path.display())]
    Empty { path: std::path::PathBuf },
    #[error(transparent)]
    Bad(#[from] BadCatalogue),
}

/// One folder per matter, one `matter.toml` each; other files are left alone.
pub fn load(folder: &Path) -> Result<Catalogue, CatalogueError> {
    let files = read(folder)
        .map_err(|source| CatalogueError::Unreadable { path: folder.to_owned(), source })?;
    if files.is_empty() {
        return Err(CatalogueError::Empty { path: folder.to_owned() });
    }
    Ok(Catalogue::load(files)?)
}

fn read(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path().join("matter.toml");
        if file.is_file() {
            files.push((file.display().to_string(), fs::read_to_string(&file)?));
        }
    }
    files.sort();
    Ok(files)
}
