//! Looks for the people of a night in every byte that its house leaves behind: data folders, logs,
//! ready files, core dumps. Who was there, the script says; how bytes can carry them, the testkit's
//! net knows.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testkit::canary::{Caught, Net};

use crate::script::Script;

/// What was searched and what was found.
#[derive(Debug, Default)]
pub struct Swept {
    pub n_files: usize,
    pub n_bytes: u64,
    /// Where a word was found; the word itself stays unsaid.
    pub found: Vec<(PathBuf, Caught)>,
}

/// Shorter words are found by chance in the bytes of a picture or of a key.
const MARKED_LEN: usize = 10;

/// Words by which a specimen could be known, of every one that a reader can be given, and what is
/// typed in this script.
pub fn everybody(script: &Script) -> Net {
    let names = device_sim::specimen::CARDS.iter().map(|listed| listed.specimen);
    let words: Vec<String> = names.flat_map(testkit::people::canaries).collect();
    let typed = script.typed().filter(|word| word.chars().count() >= MARKED_LEN);
    Net::of(words.iter().map(String::as_str).chain(typed))
}

/// Every file below a folder, names of files included.
pub fn sweep(folder: &Path, net: &Net) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let name = entry.file_name();
            swept.found.extend(net.in_text(&name.to_string_lossy()).map(|at| (path.clone(), at)));
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
                swept.n_files += 1;
                swept.n_bytes += u64::try_from(bytes.len())?;
                swept.found.extend(net.in_bytes(&bytes).map(|at| (path, at)));
            }
        }
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::FIRST_NIGHT;

    #[test]
    fn a_person_in_a_file_below_or_in_its_name_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("clean"), [0x80; 4096]).unwrap();
        let net = everybody(&Script::read(FIRST_NIGHT).unwrap());
        let swept = sweep(folder.path(), &net).unwrap();
        assert_eq!((swept.n_files, swept.found.len()), (1, 0));
        let word = testkit::people::number("wang_wei");
        let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(deep.join("wal"), [&[0x80; 100][..], &utf16].concat()).unwrap();
        fs::write(folder.path().join(&word), "").unwrap();
        fs::write(deep.join("log"), "phone=13000000000").unwrap();
        let swept = sweep(folder.path(), &net).unwrap();
        assert_eq!(swept.found.len(), 3, "{:?}", swept.found);
    }
}
