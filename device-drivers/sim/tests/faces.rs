//! The pictures on the twins' chips are those that this project draws, encoded by Debian's
//! `cwebp`. `UPDATE_GOLDEN=1 cargo test -p device-sim --test faces` encodes them anew.
//!
//! Bytes of another `cwebp` may differ; what is compared is the look.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};

use device_api::chip_photo::{BLOCK_LEN, HEIGHT_PX, PIXELS_LEN, WIDTH_PX};
use device_sim::face;
use image::RgbImage;

/// Mean distance of a channel between what was drawn and what a chip's 1024 bytes can hold of it;
/// two different faces are three times as far apart.
const BLUR_MAX: f64 = 7.0;

fn asset(person: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/face").join(format!("{person}.webp"))
}

/// Lossy, at most as long as a block.
fn encoded(picture: &RgbImage) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (png, webp) = (folder.path().join("face.png"), folder.path().join("face.webp"));
    picture.save(&png).unwrap();
    let length = BLOCK_LEN.to_string();
    let done = Command::new("cwebp")
        .args(["-quiet", "-m", "6", "-pass", "10", "-size", &length, "-o"])
        .arg(&webp)
        .arg(&png)
        .status()
        .expect("Debian's package webp is installed");
    assert!(done.success(), "cwebp: {done}");
    fs::read(webp).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the one switch of golden tests")]
fn blessing() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}

fn pixels(webp: &[u8]) -> Vec<u8> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(webp)).unwrap();
    assert_eq!(decoder.dimensions(), (WIDTH_PX, HEIGHT_PX));
    assert!(decoder.is_lossy() && !decoder.has_alpha());
    let mut pixels = vec![0; PIXELS_LEN];
    decoder.read_image(&mut pixels).unwrap();
    pixels
}

fn distance(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / PIXELS_LEN as f64
}

#[test]
fn the_committed_faces_are_what_is_drawn_and_fit_a_chip() {
    let is_update = blessing();
    for person in face::persons() {
        let drawn = face::drawn(person).unwrap();
        let anew = encoded(&drawn);
        if is_update {
            fs::write(asset(person), &anew).unwrap();
        }
        for webp in [anew, fs::read(asset(person)).unwrap()] {
            assert!(webp.len() <= BLOCK_LEN, "{person}: {} bytes", webp.len());
            let far = distance(&pixels(&webp), drawn.as_raw());
            assert!(far < BLUR_MAX, "{person}: {far:.2} from what was drawn");
        }
        if !is_update {
            assert_eq!(face::block(person).unwrap().len(), BLOCK_LEN);
        }
    }
}

#[test]
fn no_two_faces_are_alike() {
    let faces: Vec<_> = face::persons().map(|person| face::drawn(person).unwrap()).collect();
    for (n, one) in faces.iter().enumerate() {
        for other in &faces[n + 1..] {
            let far = distance(one.as_raw(), other.as_raw());
            assert!(far > 2.0 * BLUR_MAX, "{far:.2}");
        }
    }
}
