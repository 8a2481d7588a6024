//! Reads the matters of `assets/catalog` for the page model.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use kiosk_matters::Catalogue;

/// One folder per matter with its `matter.toml`.
pub fn load(folder: &Path) -> Result<Catalogue> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let file = entry?.path().join("matter.toml");
        if file.is_file() {
            let name = file.display().to_string();
            files.push((name.clone(), fs::read_to_string(&file).context(name)?));
        }
    }
    files.sort();
    Catalogue::load(files).map_err(|bad| anyhow::anyhow!("{bad:?}"))
}
