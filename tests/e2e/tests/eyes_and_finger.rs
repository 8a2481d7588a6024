//! The player's eyes and finger, tried on a bare window of our own on a real Xvfb.

#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

use nightdesk_e2e::{
    bare::{KEY_SQUARE, KEYS_Y, PAGE_COLOURS},
    clock::{Clock, Limit},
    picture::{Area, SAME_PAGE, Scope, compare},
    process::{Program, Service},
    x11::Display,
    xvfb::Xvfb,
};

const WINDOW: Limit = Limit { name: "the bare window on the screen", ms: 20_000 };
const CHANGE_MS: u64 = 10_000;

struct Stage {
    display: Display,
    clock: Clock,
    _window: Service,
    _xvfb: Xvfb,
    _folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let xvfb = Xvfb::start(&folder.path().join("xvfb.log")).unwrap();
    let clock = Clock::start();
    let program = Program {
        name: "bare",
        path: env!("CARGO_BIN_EXE_nightdesk-bare").into(),
        args: vec![],
        display: Some(xvfb.display().into()),
        env: vec![],
        log: folder.path().join("bare.log"),
    };
    let mut window = Service::new(program, &clock);
    window.start().unwrap();
    let display = Display::connect(xvfb.display()).unwrap();
    clock.until(WINDOW, || display.full_window()).unwrap();
    clock.until(WINDOW, || Ok((pixel(&display, 5, 5) == PAGE_COLOURS[0]).then_some(()))).unwrap();
    Stage { display, clock, _window: window, _xvfb: xvfb, _folder: folder }
}

fn pixel(display: &Display, x: u32, y: u32) -> [u8; 3] {
    display.screenshot_of(Area { x, y, width: 1, height: 1 }).unwrap().get_pixel(0, 0).0
}

#[test]
fn a_tap_shows_the_other_page_and_the_eyes_see_it() {
    let stage = stage();
    let before = stage.display.screenshot().unwrap();
    assert_eq!(before.dimensions(), (1080, 1920));
    let window = stage.display.full_window().unwrap().unwrap();
    let watch = stage.display.watch(window).unwrap();
    watch.forget().unwrap();
    stage.display.tap(500, 500).unwrap();
    assert!(watch.wait_for_change(CHANGE_MS).unwrap().is_some());
    stage
        .clock
        .until(WINDOW, || Ok((pixel(&stage.display, 5, 5) == PAGE_COLOURS[1]).then_some(())))
        .unwrap();
    let after = stage.display.screenshot().unwrap();
    let scope = Scope { stage: Area { x: 0, y: 200, width: 1080, height: 1500 }, masks: vec![] };
    assert!(!compare(&before, &after, &scope, SAME_PAGE).unwrap().is_same());
}

#[test]
fn a_key_changes_its_own_square_only() {
    let stage = stage();
    let window = stage.display.full_window().unwrap().unwrap();
    let watch = stage.display.watch(window).unwrap();
    watch.forget().unwrap();
    let square = Area {
        x: u32::try_from(KEY_SQUARE.x).unwrap(),
        y: u32::try_from(KEY_SQUARE.y).unwrap(),
        width: KEY_SQUARE.width.into(),
        height: KEY_SQUARE.height.into(),
    };
    stage.display.tap(540, u32::from(KEYS_Y) + 200).unwrap();
    stage
        .clock
        .until(WINDOW, || {
            let change = watch.wait_for_change(CHANGE_MS)?;
            Ok((change == Some(square)).then_some(()))
        })
        .unwrap();
}
