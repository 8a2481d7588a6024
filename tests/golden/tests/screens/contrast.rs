//! Contrast of every pair of colours that is drawn, computed from the text of theme.slint.

use std::collections::BTreeMap;
use std::path::Path;

/// Words on what lies behind them.
const WORDS: [(&str, &str); 23] = [
    ("text", "ground"),
    ("text", "surface"),
    ("text", "accent-tint"),
    ("text", "good-tint"),
    ("text", "care-tint"),
    ("text", "bad-tint"),
    ("quiet", "ground"),
    ("quiet", "surface"),
    ("quiet", "accent-tint"),
    ("quiet", "off"),
    ("accent", "ground"),
    ("accent", "surface"),
    ("accent", "accent-tint"),
    ("on-accent", "accent"),
    ("good", "ground"),
    ("good", "surface"),
    ("good", "good-tint"),
    ("care", "ground"),
    ("care", "surface"),
    ("care", "care-tint"),
    ("bad", "ground"),
    ("bad", "surface"),
    ("bad", "bad-tint"),
];

/// Outlines of what can be touched and of the doors of the cabinet, on what lies beside them
/// (WCAG 1.4.11).
const OUTLINES: [(&str, &str); 7] = [
    ("edge", "ground"),
    ("edge", "surface"),
    ("edge", "tray"),
    ("text", "tray"),
    ("accent", "ground"),
    ("accent", "surface"),
    ("accent", "tray"),
];
const OUTLINE_LEAST: f64 = 3.0;

type Palette = BTreeMap<String, [u8; 3]>;

fn theme() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/ui/theme.slint");
    std::fs::read_to_string(file).unwrap()
}

/// The palette that is written in theme.slint under that name.
fn palette(name: &str) -> Palette {
    let text = theme();
    let start = format!("out property <Palette> {name}: {{");
    let body = text.split_once(&start).unwrap().1.split_once("};").unwrap().0;
    body.split(',')
        .filter_map(|pair| pair.split_once(':'))
        .map(|(name, colour)| (name.trim().to_owned(), rgb(colour.trim())))
        .collect()
}

/// A colour that is the same in every palette.
fn fixed(name: &str) -> [u8; 3] {
    let text = theme();
    let start = format!("out property <color> {name}: ");
    rgb(text.split_once(&start).unwrap().1.split_once(';').unwrap().0)
}

fn rgb(colour: &str) -> [u8; 3] {
    let hex = colour.strip_prefix('#').unwrap();
    [0, 2, 4].map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap())
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn check(name: &str, least: f64) {
    let colours = palette(name);
    let mut wrong = Vec::new();
    let pairs = WORDS.iter().map(|pair| (pair, least));
    for ((front, back), least) in pairs.chain(OUTLINES.iter().map(|pair| (pair, OUTLINE_LEAST))) {
        let found = contrast(colours[*front], colours[*back]);
        if found < least {
            wrong.push(format!("{front} on {back}: {found:.2}"));
        }
    }
    assert!(wrong.is_empty(), "{name} needs {least}: {}", wrong.join(", "));
}

#[test]
fn words_can_be_read_by_day_and_night() {
    check("day", 4.5);
    check("night", 4.5);
}

#[test]
fn words_stand_out_in_elder_mode_and_high_contrast() {
    check("day-elder", 7.0);
    check("night-elder", 7.0);
    check("contrast", 7.0);
}

#[test]
fn a_slip_and_a_code_are_black_on_white_in_every_palette() {
    assert!((contrast(fixed("print-dark"), fixed("print-light")) - 21.0).abs() < 0.001);
}

#[test]
fn black_on_white_is_twenty_one_to_one() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
}
