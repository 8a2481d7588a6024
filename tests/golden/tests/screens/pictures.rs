//! Blessed pictures. `UPDATE_GOLDEN=1 cargo test -p golden` writes them anew.

use std::path::{Path, PathBuf};

use golden::paper::Paper;
use golden::{VARIANTS, Variant, views};
use kiosk_core::view::{Look, Palette};
use kiosk_ui::headless::{self, Headless, Shot};

/// A channel may differ by this much: other builds of the font rasteriser round differently.
const STEP_MAX: u8 = 8;
/// So many pixels may differ by more.
const PIXELS_MAX: usize = 40;

/// Pages that hold the most; drawn in the looks that strain them.
const LOADED: [&str; 4] = ["home", "form", "check", "receipt"];

fn variant(name: &str) -> &'static Variant {
    VARIANTS.iter().find(|v| v.name == name).unwrap()
}

fn check_pages(variant_name: &str, pages: &[&str]) {
    let variant = variant(variant_name);
    let screen = Headless::new(variant.width_px, variant.height_px).unwrap();
    let mut wrong = Vec::new();
    for page in pages {
        screen.show(&views::one(page, variant.look), &Paper);
        let shot = screen.snapshot().unwrap();
        wrong.extend(difference(&format!("{page}-{variant_name}"), &shot));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures")
}

#[expect(clippy::disallowed_methods, reason = "the one switch of golden tests")]
fn blessing() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}

/// A sentence if the picture is not the blessed one; leaves `*.actual.png` beside it.
fn difference(name: &str, shot: &Shot) -> Option<String> {
    let blessed = folder().join(format!("{name}.png"));
    let actual = folder().join(format!("{name}.actual.png"));
    if blessing() {
        save(&blessed, shot);
        return None;
    }
    let Ok(picture) = image::open(&blessed) else {
        save(&actual, shot);
        return Some(format!("{name}: no blessed picture; UPDATE_GOLDEN=1 writes it"));
    };
    let picture = picture.into_rgba8();
    if picture.dimensions() != (shot.width_px, shot.height_px) {
        save(&actual, shot);
        return Some(format!("{name}: another size"));
    }
    let far = picture
        .as_raw()
        .chunks_exact(4)
        .zip(shot.rgba.chunks_exact(4))
        .filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > STEP_MAX))
        .count();
    if far > PIXELS_MAX {
        save(&actual, shot);
        return Some(format!("{name}: {far} pixels differ, see {name}.actual.png"));
    }
    // Left from a failure that is mended.
    let _ = std::fs::remove_file(&actual);
    None
}

/// Colours only: the window is opaque.
fn save(file: &Path, shot: &Shot) {
    use image::ImageEncoder as _;
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    let rgb: Vec<u8> = shot.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    PngEncoder::new_with_quality(out, CompressionType::Best, FilterType::NoFilter)
        .write_image(&rgb, shot.width_px, shot.height_px, image::ExtendedColorType::Rgb8)
        .unwrap();
}

#[test]
fn every_page_by_day_looks_as_blessed() {
    let look = variant("day").look;
    let pages: Vec<&str> = views::all(look).iter().map(|s| s.name).collect();
    check_pages("day", &pages);
}

#[test]
fn loaded_pages_by_night_look_as_blessed() {
    check_pages("night", &["attract", "form", "receipt"]);
    check_pages("night", &["door_collect", "door_trouble", "door_staff", "paper_receipt", "pin"]);
    check_pages("night", &["care_mode", "out_of_service", "devices", "alarm_not_called"]);
    check_pages("night", &["keys_home", "keys_sheet"]);
}

#[test]
fn loaded_pages_in_high_contrast_look_as_blessed() {
    check_pages("contrast", &["home", "form", "keys_home", "keys_form"]);
    check_pages("contrast", &["door_deposit", "door_staff", "paper_receipt", "pin"]);
}

#[test]
fn loaded_pages_in_elder_type_look_as_blessed() {
    check_pages("elder", &LOADED);
    check_pages("elder", &["door_asked", "door_trouble", "paper_receipt", "code"]);
    check_pages("elder", &["case_detail_acts", "case_cut_off", "card_slot", "devices"]);
    check_pages("elder", &["alarm_called", "alarm_not_called", "keys_home", "keys_letters"]);
}

#[test]
fn loaded_pages_in_english_look_as_blessed() {
    check_pages("english", &["home", "materials"]);
    check_pages("english", &["door_trouble", "case_detail_acts", "staff_card", "devices"]);
    check_pages("english", &["alarm_called", "alarm_not_called"]);
    check_pages("english_elder", &["form", "door_deposit", "case_cut_off", "slip", "card_slot"]);
}

#[test]
fn pages_for_a_seated_person_look_as_blessed() {
    check_pages("low", &["home", "form", "sign"]);
    check_pages("low", &["door_trouble", "paper_deposit", "case_detail_acts", "code"]);
}

#[test]
fn pages_on_a_lying_screen_look_as_blessed() {
    check_pages("wide", &["home", "form_letters"]);
    check_pages("wide", &["door_trouble", "paper_receipt", "case_detail_acts", "pin"]);
    check_pages("wide_elder", &["door_asked"]);
}

#[test]
fn the_gallery_looks_as_blessed() {
    let plain = Look::default();
    let looks = [
        ("day", plain),
        ("night", Look { palette: Palette::Night, ..plain }),
        ("contrast", Look { palette: Palette::HighContrast, ..plain }),
        ("elder", Look { elder: true, ..plain }),
    ];
    let mut wrong = Vec::new();
    for (name, look) in looks {
        let shot = headless::gallery(look).unwrap();
        wrong.extend(difference(&format!("gallery-{name}"), &shot));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
