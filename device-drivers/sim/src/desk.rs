//! What lies under the document camera: the one file `current.jpg` in the camera's folder. A
//! camera looks at the bytes, not at the name: a picture of somebody's own may be a PNG.

use std::{fs, io, path::PathBuf};

use crate::paper;

const NAME: &str = "current.jpg";
/// What the look of the camera says of a paper that is no specimen.
const OWN_PICTURE: &str = "own_picture";

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
        self.put(&encoded)?;
        self.paper = Some(listed);
        Ok(Some(()))
    }

    /// Lays a picture of somebody's own down: JPEG or PNG, as it is.
    pub fn lay_picture(&mut self, encoded: &[u8]) -> io::Result<()> {
        self.put(encoded)?;
        self.paper = Some(OWN_PICTURE);
        Ok(())
    }

    fn put(&self, encoded: &[u8]) -> io::Result<()> {
        let beside = self.folder.join(".current.new");
        fs::write(&beside, encoded)?;
        fs::rename(&beside, self.folder.join(NAME))
    }

    pub fn clear(&mut self) -> io::Result<()> {
        self.paper = None;
        match fs::remove_file(self.folder.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The picture that lies there, as its bytes came.
    pub fn picture(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(NAME)) {
            Ok(encoded) => Ok(Some(encoded)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    #[must_use]
    pub const fn paper(&self) -> Option<&'static str> {
        self.paper
    }
}
