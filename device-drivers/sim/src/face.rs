//! Drawn faces for the chips of specimen cards: people who do not exist, one for each.
//!
//! A card carries the encoded picture (`face/*.webp`, lossy WebP of at most 1024 bytes, padded
//! with zeros to the length of the chip's block), made from what [`drawn`] draws by
//! `UPDATE_GOLDEN=1 cargo test -p device-sim --test faces`. The kind is this project's own: a real
//! chip has blocks that only the vendor's decoder reads.

use device_api::chip_photo::{BLOCK_LEN, HEIGHT_PX, WIDTH_PX};
use image::{Rgb, RgbImage, imageops};

/// Drawn so much larger and made smaller, so that edges are smooth.
const SCALE: u32 = 4;

const BACKGROUND: Rgb<u8> = Rgb([206, 220, 232]);
const WHITE: Rgb<u8> = Rgb([246, 246, 242]);
const INK: Rgb<u8> = Rgb([34, 30, 32]);
const GREY: Rgb<u8> = Rgb([188, 188, 190]);
const BROWN: Rgb<u8> = Rgb([120, 78, 44]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hair {
    Short,
    Fringe,
    Long,
    Bun,
    Thin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glasses {
    None,
    Round,
}

/// What tells one face from another.
#[derive(Debug, Clone, Copy)]
struct Face {
    skin: Rgb<u8>,
    hair: Hair,
    hair_colour: Rgb<u8>,
    clothes: Rgb<u8>,
    /// Half the width of the face.
    half_width: i32,
    mouth_half: i32,
    glasses: Glasses,
}

/// The persons with a face, and the files of their pictures.
const FACES: [(&str, Face, &[u8]); 7] = [
    (
        "li_xiulan",
        Face {
            skin: Rgb([226, 190, 164]),
            hair: Hair::Bun,
            hair_colour: GREY,
            clothes: Rgb([128, 44, 60]),
            half_width: 82,
            mouth_half: 26,
            glasses: Glasses::Round,
        },
        include_bytes!("face/li_xiulan.webp"),
    ),
    (
        "wang_wei",
        Face {
            skin: Rgb([220, 178, 146]),
            hair: Hair::Short,
            hair_colour: INK,
            clothes: Rgb([40, 62, 110]),
            half_width: 94,
            mouth_half: 34,
            glasses: Glasses::None,
        },
        include_bytes!("face/wang_wei.webp"),
    ),
    (
        "rare_name",
        Face {
            skin: Rgb([232, 196, 168]),
            hair: Hair::Long,
            hair_colour: INK,
            clothes: Rgb([36, 116, 100]),
            half_width: 80,
            mouth_half: 24,
            glasses: Glasses::None,
        },
        include_bytes!("face/rare_name.webp"),
    ),
    (
        "minor",
        Face {
            skin: Rgb([240, 206, 182]),
            hair: Hair::Fringe,
            hair_colour: Rgb([58, 40, 34]),
            clothes: Rgb([222, 190, 60]),
            half_width: 86,
            mouth_half: 18,
            glasses: Glasses::None,
        },
        include_bytes!("face/minor.webp"),
    ),
    (
        "expired",
        Face {
            skin: Rgb([204, 158, 126]),
            hair: Hair::Thin,
            hair_colour: Rgb([92, 90, 92]),
            clothes: Rgb([84, 84, 84]),
            half_width: 98,
            mouth_half: 38,
            glasses: Glasses::None,
        },
        include_bytes!("face/expired.webp"),
    ),
    (
        "hmt_permit",
        Face {
            skin: Rgb([236, 198, 170]),
            hair: Hair::Long,
            hair_colour: BROWN,
            clothes: Rgb([150, 110, 180]),
            half_width: 84,
            mouth_half: 28,
            glasses: Glasses::Round,
        },
        include_bytes!("face/hmt_permit.webp"),
    ),
    (
        "foreign",
        Face {
            skin: Rgb([242, 210, 190]),
            hair: Hair::Short,
            hair_colour: Rgb([176, 120, 56]),
            clothes: Rgb([34, 40, 44]),
            half_width: 90,
            mouth_half: 30,
            glasses: Glasses::None,
        },
        include_bytes!("face/foreign.webp"),
    ),
];

/// Whose faces there are.
pub fn persons() -> impl Iterator<Item = &'static str> {
    FACES.iter().map(|(person, ..)| *person)
}

/// The face as it was before it was encoded.
#[must_use]
pub fn drawn(person: &str) -> Option<RgbImage> {
    let (_, face, _) = FACES.iter().find(|(of, ..)| *of == person)?;
    let large = draw(face);
    Some(imageops::resize(&large, WIDTH_PX, HEIGHT_PX, imageops::FilterType::Triangle))
}

/// The block of the chip.
///
/// # Panics
/// If a committed picture is longer than a block, which a test looks at.
#[must_use]
pub fn block(person: &str) -> Option<Vec<u8>> {
    let (.., encoded) = FACES.iter().find(|(of, ..)| *of == person)?;
    assert!(encoded.len() <= BLOCK_LEN, "the picture of {person} does not fit a chip");
    let mut block = encoded.to_vec();
    block.resize(BLOCK_LEN, 0);
    Some(block)
}

fn draw(face: &Face) -> RgbImage {
    let mut picture = RgbImage::from_pixel(WIDTH_PX * SCALE, HEIGHT_PX * SCALE, BACKGROUND);
    let (middle, wide) = (204, face.half_width);
    match face.hair {
        Hair::Long => ellipse(&mut picture, (middle, 290), (wide + 40, 180), face.hair_colour),
        Hair::Bun => ellipse(&mut picture, (middle, 84), (46, 44), face.hair_colour),
        Hair::Short | Hair::Fringe | Hair::Thin => {}
    }
    ellipse(&mut picture, (middle, 540), (180, 140), face.clothes);
    ellipse(&mut picture, (middle, 400), (44, 60), shade(face.skin));
    for side in [-1, 1] {
        ellipse(&mut picture, (middle + side * wide, 250), (14, 26), shade(face.skin));
    }
    let (hair_top, face_top) = match face.hair {
        Hair::Thin => (236, 240),
        Hair::Short | Hair::Long | Hair::Bun => (218, 262),
        Hair::Fringe => (222, 282),
    };
    ellipse(&mut picture, (middle, hair_top), (wide + 14, 128), face.hair_colour);
    ellipse(&mut picture, (middle, face_top), (wide, 118), face.skin);
    ellipse(&mut picture, (middle, 300), (wide - 12, 106), face.skin);
    features(&mut picture, face, middle);
    picture
}

fn features(picture: &mut RgbImage, face: &Face, middle: i32) {
    for side in [-1, 1] {
        let eye = (middle + side * (face.half_width / 2), 262);
        if face.glasses == Glasses::Round {
            ellipse(picture, eye, (36, 34), INK);
            ellipse(picture, eye, (30, 28), face.skin);
        }
        ellipse(picture, eye, (20, 12), WHITE);
        ellipse(picture, eye, (10, 11), INK);
        ellipse(picture, (eye.0, 218), (26, 6), face.hair_colour);
    }
    if face.glasses == Glasses::Round {
        ellipse(picture, (middle, 258), (14, 4), INK);
    }
    ellipse(picture, (middle, 306), (12, 20), shade(face.skin));
    ellipse(picture, (middle, 360), (face.mouth_half, 9), Rgb([164, 70, 66]));
}

fn shade(colour: Rgb<u8>) -> Rgb<u8> {
    Rgb(colour.0.map(|value| value - value / 8))
}

fn ellipse(picture: &mut RgbImage, (cx, cy): (i32, i32), (rx, ry): (i32, i32), colour: Rgb<u8>) {
    let (rx, ry) = (i64::from(rx), i64::from(ry));
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (dx, dy) = (i64::from(x) - i64::from(cx), i64::from(y) - i64::from(cy));
        if dx * dx * ry * ry + dy * dy * rx * rx < rx * rx * ry * ry {
            *pixel = colour;
        }
    }
}
