//! Whether the font of the screen has every glyph it will need.
//!
//! A glyph that is missing is drawn as nothing at all, so a person's name could silently lose a
//! character; the station refuses to start instead.

use slint::fontique_011::{fontique, shared_collection};

/// The families that `theme.slint` names, of the screen and of slips; Debian package
/// fonts-noto-cjk holds both.
const FAMILIES: [&str; 2] = ["Noto Sans CJK SC", "Noto Sans Mono CJK SC"];

/// Common characters, digits, punctuation and two rare ones that occur in names and that small
/// subsets of the font lack.
const PROBES: &str = "请把身份证放在读卡区×·—“”？！：，。（）¥0123456789AZaz㛃䶮龘喆堃";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FontProblem {
    /// The family is not installed.
    Missing { family: &'static str },
    /// The family lacks these characters.
    Incomplete { family: &'static str, lacking: String },
}

impl std::fmt::Display for FontProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing { family } => {
                write!(f, "the font {family} is not installed; install the package fonts-noto-cjk")
            }
            Self::Incomplete { family, lacking } => write!(
                f,
                "the font {family} lacks the characters {lacking}; names with them would be \
                 shown with gaps; install the full package fonts-noto-cjk"
            ),
        }
    }
}

impl std::error::Error for FontProblem {}

/// Looks every probe up in the fonts that the screen draws with, in both weights.
///
/// # Errors
/// The sentence to print before leaving with the exit code for a bad installation.
pub fn check_font() -> Result<(), FontProblem> {
    FAMILIES.into_iter().try_for_each(check_family)
}

fn check_family(family: &'static str) -> Result<(), FontProblem> {
    let mut collection = shared_collection();
    let mut sources = fontique::SourceCache::default();
    for weight in [fontique::FontWeight::NORMAL, fontique::FontWeight::BOLD] {
        let mut query = collection.query(&mut sources);
        query.set_families([family]);
        query.set_attributes(fontique::Attributes { weight, ..Default::default() });
        let mut found = None;
        query.matches_with(|font| {
            found = Some(lacking(font));
            fontique::QueryStatus::Stop
        });
        match found {
            None => return Err(FontProblem::Missing { family }),
            Some(lacking) if !lacking.is_empty() => {
                return Err(FontProblem::Incomplete { family, lacking });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn lacking(font: &fontique::QueryFont) -> String {
    let Some(map) = font.charmap() else { return PROBES.to_owned() };
    PROBES.chars().filter(|c| map.map(*c).is_none_or(|glyph| glyph == 0)).collect()
}
