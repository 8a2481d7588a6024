//! Papers for the document camera, drawn on a dark mat as the camera would see them.
//!
//! Plain shapes in place of words: bars for lines of text, boxes for seals and photos, and the
//! word SPECIMEN across. Every run draws the same bytes.

mod letters;

use image::{
    ExtendedColorType, ImageEncoder as _, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops,
};

use crate::specimen::Listed;

pub const PAPERS: [Listed; 6] = [
    Listed { specimen: "old_permit", title_zh: "旧许可证（样本）" },
    Listed { specimen: "business_licence", title_zh: "营业执照（样本）" },
    Listed { specimen: "photo", title_zh: "证件照片（样本）" },
    Listed { specimen: "blurred", title_zh: "拍糊了的许可证（样本）" },
    Listed { specimen: "dark", title_zh: "光线太暗的许可证（样本）" },
    Listed { specimen: "blank", title_zh: "白纸（样本）" },
];

const WIDTH_PX: u32 = 1_000;
const HEIGHT_PX: u32 = 1_400;
const JPEG_QUALITY: u8 = 80;

const MAT: Rgb<u8> = Rgb([38, 40, 44]);
const PAPER: Rgb<u8> = Rgb([244, 241, 232]);
const INK: Rgb<u8> = Rgb([46, 46, 52]);
const RED: Rgb<u8> = Rgb([186, 40, 34]);
const GREEN: Rgb<u8> = Rgb([44, 110, 84]);
const GOLD: Rgb<u8> = Rgb([176, 140, 62]);
const SKY: Rgb<u8> = Rgb([106, 150, 200]);
const SKIN: Rgb<u8> = Rgb([216, 178, 150]);

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy)]
struct Area {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

const fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
    Area { x, y, width, height }
}

/// A paper as the camera's JPEG, with its name in [`PAPERS`]; `None` if there is none.
#[must_use]
pub fn picture(specimen: &str) -> Option<(&'static str, Vec<u8>)> {
    let listed = PAPERS.iter().find(|listed| listed.specimen == specimen)?;
    let picture = match listed.specimen {
        "old_permit" => permit(),
        "business_licence" => licence(),
        "photo" => portrait(),
        "blurred" => imageops::fast_blur(&permit(), 9.0),
        "dark" => darkened(permit()),
        "blank" => sheet(PAPER),
        _ => unreachable!("every listed paper is drawn"),
    };
    Some((listed.specimen, jpeg(&picture)))
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut encoded = Vec::new();
    JpegEncoder::new_with_quality(&mut encoded, JPEG_QUALITY)
        .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .expect("a picture in memory of a legal size encodes");
    encoded
}

fn sheet(colour: Rgb<u8>) -> RgbImage {
    let mut picture = RgbImage::from_pixel(WIDTH_PX, HEIGHT_PX, MAT);
    fill(&mut picture, area(60, 60, WIDTH_PX - 120, HEIGHT_PX - 120), colour);
    picture
}

fn permit() -> RgbImage {
    let mut picture = sheet(PAPER);
    frame(&mut picture, area(90, 90, 820, 1_220), 8, GREEN);
    fill(&mut picture, area(300, 170, 400, 56), GREEN);
    text_bars(&mut picture, area(160, 300, 680, 620), 52);
    letters::write(&mut picture, "SPECIMEN 230202 0017", (160, 980), 6, INK);
    seal(&mut picture, (690, 1_120), 100);
    letters::write(&mut picture, "SPECIMEN", (190, 1_100), 8, RED);
    picture
}

fn licence() -> RgbImage {
    let mut picture = sheet(PAPER);
    frame(&mut picture, area(90, 90, 820, 1_220), 14, GOLD);
    seal(&mut picture, (500, 220), 70);
    fill(&mut picture, area(270, 330, 460, 64), INK);
    letters::write(&mut picture, "91230202SPECIMEN00", (250, 430), 5, INK);
    text_bars(&mut picture, area(150, 520, 700, 520), 46);
    seal(&mut picture, (700, 1_150), 105);
    letters::write(&mut picture, "SPECIMEN", (170, 1_150), 8, RED);
    picture
}

fn portrait() -> RgbImage {
    let mut picture = RgbImage::from_pixel(WIDTH_PX, HEIGHT_PX, MAT);
    fill(&mut picture, area(150, 150, 700, 1_000), Rgb([250, 250, 250]));
    fill(&mut picture, area(180, 180, 640, 940), SKY);
    disc(&mut picture, (500, 520), 190, SKIN);
    disc(&mut picture, (500, 400), 170, INK);
    disc(&mut picture, (500, 560), 160, SKIN);
    disc(&mut picture, (440, 540), 16, INK);
    disc(&mut picture, (560, 540), 16, INK);
    fill(&mut picture, area(450, 640, 100, 10), RED);
    fill(&mut picture, area(270, 790, 460, 330), INK);
    text_bars(&mut picture, area(180, 1_060, 640, 40), 14);
    letters::write(&mut picture, "SPECIMEN", (330, 1_180), 8, PAPER);
    picture
}

/// The same page with the lamp off at night.
fn darkened(mut picture: RgbImage) -> RgbImage {
    for pixel in picture.pixels_mut() {
        pixel.0 = pixel.0.map(|value| value / 9);
    }
    picture
}

/// Lines of words as bars of different lengths; the pattern repeats but not at once.
fn text_bars(picture: &mut RgbImage, within: Area, pitch: u32) {
    let bar_height = pitch / 2;
    for line in 0..within.height / pitch {
        let (mut x, mut n) = (within.x, line);
        let end = within.x + within.width - (line * 97) % (within.width / 3);
        while x < end {
            let width = (12 + (n * 37 + line * 11) % 46).min(end - x);
            fill(picture, area(x, within.y + line * pitch, width, bar_height), INK);
            x += width + 9;
            n += 1;
        }
    }
}

fn seal(picture: &mut RgbImage, centre: (u32, u32), radius: u32) {
    disc(picture, centre, radius, RED);
    disc(picture, centre, radius - radius / 8, PAPER);
    disc(picture, centre, radius / 3, RED);
}

fn frame(picture: &mut RgbImage, outer: Area, line_px: u32, colour: Rgb<u8>) {
    let Area { x, y, width, height } = outer;
    fill(picture, area(x, y, width, line_px), colour);
    fill(picture, area(x, y + height - line_px, width, line_px), colour);
    fill(picture, area(x, y, line_px, height), colour);
    fill(picture, area(x + width - line_px, y, line_px, height), colour);
}

fn fill(picture: &mut RgbImage, within: Area, colour: Rgb<u8>) {
    for y in within.y..(within.y + within.height).min(picture.height()) {
        for x in within.x..(within.x + within.width).min(picture.width()) {
            picture.put_pixel(x, y, colour);
        }
    }
}

fn disc(picture: &mut RgbImage, (cx, cy): (u32, u32), radius: u32, colour: Rgb<u8>) {
    for y in cy.saturating_sub(radius)..(cy + radius).min(picture.height()) {
        for x in cx.saturating_sub(radius)..(cx + radius).min(picture.width()) {
            let (dx, dy) = (x.abs_diff(cx), y.abs_diff(cy));
            if dx * dx + dy * dy < radius * radius {
                picture.put_pixel(x, y, colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use device_drivers::camera;

    use super::*;

    #[test]
    fn papers_measure_as_they_are_named() {
        let quality = |name| {
            let (_, encoded) = picture(name).unwrap();
            camera::quality(&camera::frame_from(encoded).unwrap()).unwrap()
        };
        let good = quality("old_permit");
        assert!(good.sharpness > 200 && good.brightness > 90, "{good:?}");
        assert!((70..=90).contains(&good.covered_percent) || good.covered_percent > 50);
        assert!(quality("business_licence").sharpness > 200);
        assert!(quality("blurred").sharpness < 20, "{:?}", quality("blurred"));
        assert!(quality("dark").brightness < 50, "{:?}", quality("dark"));
        let blank = quality("blank");
        assert!(blank.covered_percent > 70 && blank.brightness > 150, "{blank:?}");
        assert!(picture("nothing").is_none());
    }
}
