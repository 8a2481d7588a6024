//! Draws every page in every look into a folder, to be looked at by a person.

use std::path::PathBuf;

use anyhow::Context as _;
use golden::paper::Paper;
use golden::{VARIANTS, views};
use kiosk_ui::headless::Headless;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("usage: look FOLDER [VARIANT [PAGE]]")?);
    let only = arguments.next();
    let page = arguments.next();
    std::fs::create_dir_all(&folder)?;
    for variant in VARIANTS.iter().filter(|v| only.as_deref().is_none_or(|only| only == v.name)) {
        let screen = Headless::new(variant.width_px, variant.height_px)?;
        for specimen in views::all(variant.look) {
            if page.as_deref().is_some_and(|page| page != specimen.name) {
                continue;
            }
            screen.show(&specimen.view, &Paper);
            let shot = screen.snapshot()?;
            let file = folder.join(format!("{}-{}.png", specimen.name, variant.name));
            image::save_buffer(
                &file,
                &shot.rgba,
                shot.width_px,
                shot.height_px,
                image::ExtendedColorType::Rgba8,
            )?;
        }
    }
    Ok(())
}
