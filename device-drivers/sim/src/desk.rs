//! What lies under the document camera: the one file `current.jpg` in the camera's folder.

use std::{fs, io, path::PathBuf};

use crate::paper;

const NAME: &str = "current.jpg";

#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    paper: Option<&'static str>,
}

impl Desk {
    /// An empty desk; makes the folder.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut desk = Self { folder, paper: None };
        desk.clear()?;
        Ok(desk)
    }

    /// Lays a paper down, instead of what lay there. `None` if there is no such paper.
    pub fn lay(&mut self, specimen: &str) -> io::Result<Option<()>> {
        let Some((listed, encoded)) = paper::picture(specimen) else { return Ok(None) };
        let beside = self.folder.join(".current.new");
        fs::write(&beside, encoded)?;
        fs::rename(&beside, self.folder.join(NAME))?;
        self.paper = Some(listed);
        Ok(Some(()))
    }

    pub fn clear(&mut self) -> io::Result<()> {
        self.paper = None;
        match fs::remove_file(self.folder.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    #[must_use]
    pub const fn paper(&self) -> Option<&'static str> {
        self.paper
    }
}
