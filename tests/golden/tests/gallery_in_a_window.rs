//! The gallery as a person opens it: in a window, with keys for other looks.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

use std::path::Path;

use image::RgbImage;
use nightdesk_e2e::{
    clock::{Clock, Limit},
    picture::{Area, SAME_PAGE, Scope, compare, save},
    process::{Program, Service},
    x11::Display,
    xvfb::Xvfb,
};

const WINDOW: Limit = Limit { name: "the gallery's window", ms: 30_000 };
const PICTURE: Limit = Limit { name: "the blessed picture in the window", ms: 30_000 };

fn blessed(palette: &str) -> RgbImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures");
    image::open(folder.join(format!("gallery-{palette}.png"))).unwrap().into_rgb8()
}

/// Waits for the picture; what was there instead lies beside the target folder.
fn sees(display: &Display, clock: &Clock, palette: &str) {
    let picture = blessed(palette);
    let (width, height) = picture.dimensions();
    let scope = Scope { stage: Area { x: 0, y: 0, width, height }, masks: vec![] };
    let seen = clock.until(PICTURE, || {
        let shot = display.screenshot()?;
        let found = compare(&picture, &shot, &scope, SAME_PAGE)?;
        Ok(found.is_same().then_some(()))
    });
    if let Err(why) = seen {
        let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gallery-{palette}.png"));
        save(&display.screenshot().unwrap(), &actual).unwrap();
        panic!("{why}: see {}", actual.display());
    }
}

#[test]
fn the_gallery_opens_in_a_window_and_a_key_changes_its_palette() {
    let folder = tempfile::tempdir().unwrap();
    let (width, height) = blessed("day").dimensions();
    let (screen_width, screen_height) = (width.try_into().unwrap(), height.try_into().unwrap());
    let log = folder.path().join("xvfb.log");
    let xvfb = Xvfb::start_sized(&log, screen_width, screen_height).unwrap();
    let clock = Clock::start();
    let program = Program {
        name: "gallery",
        path: env!("CARGO_BIN_EXE_gallery").into(),
        args: vec![width.to_string(), height.to_string()],
        display: Some(xvfb.display().into()),
        env: vec![],
        log: folder.path().join("gallery.log"),
    };
    let mut gallery = Service::new(program, &clock);
    gallery.start().unwrap();
    let display = Display::connect(xvfb.display()).unwrap();
    let window = clock.until(WINDOW, || display.full_window()).unwrap();
    sees(&display, &clock, "day");
    display.type_key(window, 'p').unwrap();
    sees(&display, &clock, "night");
    display.type_key(window, 'p').unwrap();
    sees(&display, &clock, "contrast");
}
