use std::{fs, path::Path};

use image::{GrayImage, ImageEncoder as _, Luma, codecs::png::PngEncoder, imageops};

use super::*;

/// A page with rows of bars on a dark mat.
fn page() -> GrayImage {
    GrayImage::from_fn(600, 800, |x, y| {
        let on_paper = (60..540).contains(&x) && (80..720).contains(&y);
        let ink = (100..500).contains(&x) && y % 20 < 8 && x % 12 < 7;
        Luma([match (on_paper, ink) {
            (false, _) => 30,
            (true, true) => 40,
            (true, false) => 230,
        }])
    })
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            image::ExtendedColorType::L8,
        )
        .unwrap();
    bytes
}

fn quality_of(picture: &GrayImage) -> device_api::camera::Quality {
    quality(&frame_from(png(picture)).unwrap()).unwrap()
}

fn source(folder: &Path) -> FolderSource {
    FolderSource::new(folder.to_owned())
}

#[test]
fn an_empty_folder_is_an_empty_desk_and_no_folder_is_no_camera() {
    let folder = tempfile::tempdir().unwrap();
    let mut camera = source(folder.path());
    assert_eq!((camera.health(), camera.take()), (Health::Ready, Err(Fault::NothingThere)));
    let mut none = source(&folder.path().join("none"));
    assert_eq!(none.health(), Health::Down(Fault::Missing));
    assert_eq!(none.take(), Err(Fault::Missing));
}

#[test]
fn a_picture_is_taken_as_it_is_with_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = png(&page());
    fs::write(folder.path().join("current.png"), &bytes).unwrap();
    let frame = source(folder.path()).take().unwrap();
    assert_eq!((frame.width_px, frame.height_px), (600, 800));
    assert_eq!((frame.media_type, frame.encoded.expose()), (MediaType::Png, &bytes));
}

#[test]
fn what_is_no_picture_is_a_bad_picture() {
    let folder = tempfile::tempdir().unwrap();
    let whole = png(&page());
    for bytes in [&b"not a picture"[..], &[], &whole[..whole.len() / 2]] {
        fs::write(folder.path().join("current.jpg"), bytes).unwrap();
        assert_eq!(source(folder.path()).take(), Err(Fault::BadPicture));
    }
}

#[test]
fn blurring_takes_sharpness_and_darkness_takes_brightness() {
    let sharp = quality_of(&page());
    let blurred = quality_of(&imageops::blur(&page(), 6.0));
    let mut dark = page();
    dark.pixels_mut().for_each(|pixel| pixel.0[0] /= 8);
    let dark = quality_of(&dark);
    assert!(sharp.sharpness > 1_000 && blurred.sharpness < sharp.sharpness / 20);
    assert!(sharp.brightness > 90 && dark.brightness < 20, "{sharp:?} {dark:?}");
    assert_eq!(dark.covered_percent, 0);
}

#[test]
fn covered_is_the_share_of_the_paper_without_its_ink() {
    let blank = GrayImage::from_pixel(600, 800, Luma([30]));
    assert_eq!(quality_of(&blank).covered_percent, 0);
    let sheet = GrayImage::from_fn(600, 800, |x, _| Luma([if x < 300 { 230 } else { 30 }]));
    assert_eq!(quality_of(&sheet).covered_percent, 50);
    let covered = quality_of(&page()).covered_percent;
    assert!((45..64).contains(&covered), "{covered}");
}

#[test]
fn a_picture_of_one_pixel_is_measured_too() {
    assert_eq!(quality_of(&GrayImage::from_pixel(1, 1, Luma([200]))).sharpness, 0);
}
