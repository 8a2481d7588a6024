//! A camera that is a folder: the one file `current.jpg` or `current.png` in it is what lies
//! under the lens; an empty folder is an empty desk; no folder is no camera.
//!
//! Whoever writes the file writes it under another name first and renames it.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::PathBuf,
};

use device_api::camera::{Fault, Frame, Health};

use super::{ENCODED_LEN_MAX, FrameSource, frame_from};

/// In this order; a writer leaves only one of them.
const NAMES: [&str; 3] = ["current.jpg", "current.jpeg", "current.png"];

#[derive(Debug)]
pub struct FolderSource {
    folder: PathBuf,
}

impl FolderSource {
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl FrameSource for FolderSource {
    fn take(&mut self) -> Result<Frame, Fault> {
        if let Health::Down(fault) = self.health() {
            return Err(fault);
        }
        for name in NAMES {
            match File::open(self.folder.join(name)) {
                Ok(file) => return frame_from(read(file)?),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => return Err(Fault::BadPicture),
            }
        }
        Err(Fault::NothingThere)
    }

    fn health(&mut self) -> Health {
        match fs::metadata(&self.folder) {
            Ok(found) if found.is_dir() => Health::Ready,
            Ok(_) | Err(_) => Health::Down(Fault::Missing),
        }
    }
}

fn read(file: File) -> Result<Vec<u8>, Fault> {
    let mut encoded = Vec::new();
    let len =
        file.take(ENCODED_LEN_MAX + 1).read_to_end(&mut encoded).map_err(|_| Fault::BadPicture)?;
    if len as u64 > ENCODED_LEN_MAX { Err(Fault::BadPicture) } else { Ok(encoded) }
}
