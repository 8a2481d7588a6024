//! The table `[id_reader.photo_decoder]`: which program makes pictures of the chips' blocks.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::photo_decoder::Program;

/// No beginning of a block needs more letters to be told from another.
const BEGINNING_LEN_MAX: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoDecoder {
    program: Spanned<PathBuf>,
    arguments: Vec<String>,
    reads: Vec<Beginning>,
}

/// The letters that a block of one kind begins with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Beginning(String);

impl TryFrom<String> for Beginning {
    type Error = String;

    fn try_from(letters: String) -> Result<Self, String> {
        let is_good = (1..=BEGINNING_LEN_MAX).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_graphic());
        if is_good {
            Ok(Self(letters))
        } else {
            Err(format!(
                "expected the 1 to {BEGINNING_LEN_MAX} letters that a block begins with, got {letters:?}"
            ))
        }
    }
}

impl PhotoDecoder {
    /// What is run.
    pub fn program(&self) -> Program {
        Program {
            path: self.program.get_ref().clone(),
            arguments: self.arguments.clone(),
            reads: self.reads.iter().map(|beginning| beginning.0.clone()).collect(),
        }
    }

    pub(super) fn is_relative_to(&mut self, folder: &Path) {
        let program = folder.join(self.program.get_ref());
        *self.program.get_mut() = program;
    }

    /// The decoder sees the folder that it lies in. Otherwise: where in the text the program
    /// stands, and what was expected.
    pub(super) fn lies_apart_from(&self, data: &Path) -> Result<(), (usize, String)> {
        let program = self.program.get_ref();
        let folder = program.parent().unwrap_or(program);
        if data.starts_with(folder) || folder.starts_with(data) {
            let expected = format!(
                "expected a program in a folder of its own, away from the data folder, got {}",
                program.display()
            );
            return Err((self.program.span().start, expected));
        }
        Ok(())
    }
}
