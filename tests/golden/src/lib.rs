//! Pictures of every page, and what is asked of all of them.
//!
//! `pictures/` holds the blessed pictures and the text of every page; `tests/screens` compares.
//! `cargo run -p golden --bin look -- FOLDER` draws every page in every look into a folder.

pub mod paper;
pub mod views;

use kiosk_core::view::{Language, Look, Palette};

/// A look with its name in file names.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    pub name: &'static str,
    pub look: Look,
    pub width_px: u32,
    pub height_px: u32,
}

const PORTRAIT: Look =
    Look { language: Language::Chinese, palette: Palette::Day, elder: false, low: false };

const fn upright(name: &'static str, look: Look) -> Variant {
    Variant { name, look, width_px: 1080, height_px: 1920 }
}

/// Every look that a person can choose, and the lying screen.
pub const VARIANTS: [Variant; 12] = [
    upright("day", PORTRAIT),
    upright("night", Look { palette: Palette::Night, ..PORTRAIT }),
    upright("contrast", Look { palette: Palette::HighContrast, ..PORTRAIT }),
    upright("elder", Look { elder: true, ..PORTRAIT }),
    upright("elder_night", Look { elder: true, palette: Palette::Night, ..PORTRAIT }),
    upright("english", Look { language: Language::English, ..PORTRAIT }),
    upright("english_elder", Look { language: Language::English, elder: true, ..PORTRAIT }),
    upright("low", Look { low: true, ..PORTRAIT }),
    upright("low_elder", Look { low: true, elder: true, ..PORTRAIT }),
    upright("low_english", Look { low: true, language: Language::English, ..PORTRAIT }),
    Variant { name: "wide", look: PORTRAIT, width_px: 1920, height_px: 1080 },
    Variant {
        name: "wide_elder",
        look: Look { elder: true, ..PORTRAIT },
        width_px: 1920,
        height_px: 1080,
    },
];
