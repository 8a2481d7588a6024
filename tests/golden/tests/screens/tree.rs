//! What a page says to somebody who cannot see it: every page in every look, as text.

use std::path::Path;

use golden::paper::Paper;
use golden::{VARIANTS, views};
use kiosk_ui::headless::Headless;

#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of golden tests")]
fn every_page_says_what_it_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures");
    for variant in &VARIANTS {
        let screen = Headless::new(variant.width_px, variant.height_px).unwrap();
        let mut text = String::new();
        for specimen in views::all(variant.look) {
            screen.show(&specimen.view, &Paper);
            text.push_str(&format!("== {}\n{}", specimen.name, screen.tree()));
        }
        let file = folder.join(format!("{}.txt", variant.name));
        if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
            std::fs::write(&file, &text).unwrap();
        }
        let blessed = std::fs::read_to_string(&file).unwrap_or_default();
        let first = blessed.lines().zip(text.lines()).find(|(a, b)| a != b);
        assert!(
            blessed == text,
            "{}: first difference {first:?}, {} lines for {}",
            variant.name,
            text.lines().count(),
            blessed.lines().count()
        );
    }
}
