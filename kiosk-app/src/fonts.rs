//! The font of slips: for names with characters that the printer's own font lacks.
//!
//! The same family that the screen previews a slip with, found in the same way.

use device_drivers::receipt_printer::Typeface;
use slint::fontique_011::fontique::{
    Collection, CollectionOptions, QueryStatus, SourceCache, SourceCacheOptions,
};

use crate::exit::{Exit, Failure};

const FAMILY: &str = "Noto Sans Mono CJK SC";

/// Letters of half a square, so that columns stand under each other.
pub fn of_slips() -> Result<Typeface, Failure> {
    let missing = || {
        let sentence =
            format!("the font {FAMILY} is not installed; install the package fonts-noto-cjk");
        Failure::new(Exit::BadConfig, sentence)
    };
    // Not the screen's collection: that one belongs to the window's thread.
    let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: true });
    let mut sources = SourceCache::new(SourceCacheOptions { shared: false });
    let mut query = collection.query(&mut sources);
    query.set_families([FAMILY]);
    let mut file = None;
    query.matches_with(|font| {
        file = Some(font.blob.as_ref().to_vec());
        QueryStatus::Stop
    });
    let typeface = Typeface::of_family(file.ok_or_else(missing)?, FAMILY);
    typeface.map_err(|error| Failure::new(Exit::BadConfig, error.to_string()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_font_of_slips_is_found_without_a_window() {
        super::of_slips().unwrap();
    }
}
