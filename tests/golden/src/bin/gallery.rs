//! Opens the gallery, every component in every state: `gallery [WIDTH HEIGHT]`, in pixels.
//!
//! Keys: `p` the next palette, `e` large type and back, `q` closes. What does not fit into the
//! window is reached with a finger or the wheel; `SLINT_SCALE_FACTOR=0.4` makes all of it smaller.

use std::cell::Cell;

use anyhow::Context as _;
use kiosk_core::view::{Look, Palette};
use kiosk_ui::gallery::Gallery;

/// Fits on the screen of a desk.
const SIZE: (u32, u32) = (1600, 1000);

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let size = match arguments.next() {
        None => SIZE,
        Some(width) => {
            let height = arguments.next().context("usage: gallery [WIDTH HEIGHT]")?;
            (width.parse()?, height.parse()?)
        }
    };
    let look = Cell::new(Look::default());
    let gallery = Gallery::new(look.get())?;
    gallery.set_size(size.0, size.1);
    gallery.on_key(move |gallery, key| match key {
        "p" => {
            let palette = next(look.get().palette);
            look.set(Look { palette, ..look.get() });
            gallery.dress(look.get());
        }
        "e" => {
            look.set(Look { elder: !look.get().elder, ..look.get() });
            gallery.dress(look.get());
        }
        "q" => gallery.close(),
        _ => {}
    });
    gallery.run().context("the gallery needs a display")
}

const fn next(palette: Palette) -> Palette {
    match palette {
        Palette::Day => Palette::Night,
        Palette::Night => Palette::HighContrast,
        Palette::HighContrast => Palette::Day,
    }
}
