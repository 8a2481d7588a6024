//! What typst may see while it sets one page: the templates, the fonts, one file of data, and the
//! QR code of it. No file system, no packages, no date.

use typst::{
    Library, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};

use crate::templates::Templates;

#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    pub(crate) templates: &'a Templates,
    pub(crate) main: FileId,
    pub(crate) data: Bytes,
    pub(crate) qr: Option<Bytes>,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.templates.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.templates.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.templates.source(id).cloned().ok_or_else(|| not_there(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.templates.data_id {
            return Ok(self.data.clone());
        }
        if id == self.templates.qr_id {
            return self.qr.clone().ok_or_else(|| not_there(id));
        }
        self.templates.file(id).cloned().ok_or_else(|| not_there(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.templates.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_there(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
