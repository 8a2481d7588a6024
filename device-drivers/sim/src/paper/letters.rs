//! Letters of five by seven dots, only those the specimens need.

use image::{Rgb, RgbImage};

use super::{area, fill};

const N_COLUMNS: u32 = 5;

/// Rows from top to bottom, five bits each, the leftmost highest.
const fn dots(letter: char) -> [u8; 7] {
    match letter {
        'S' => [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
        'P' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
        'E' => [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
        'C' => [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
        'I' => [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        'M' => [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
        'N' => [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        _ => [0; 7],
    }
}

/// Writes from the left upper corner on; a dot is `dot_px` wide and high.
pub(super) fn write(
    picture: &mut RgbImage,
    text: &str,
    (left, top): (u32, u32),
    dot_px: u32,
    colour: Rgb<u8>,
) {
    let mut x = left;
    for letter in text.chars() {
        let mut y = top;
        for row in dots(letter) {
            for column in 0..N_COLUMNS {
                if row >> (N_COLUMNS - 1 - column) & 1 == 1 {
                    fill(picture, area(x + column * dot_px, y, dot_px, dot_px), colour);
                }
            }
            y += dot_px;
        }
        x += (N_COLUMNS + 1) * dot_px;
    }
}
