//! A made-up scanned page: grey lines where text would be.

use std::sync::Arc;

use kiosk_core::view::ImageId;
use kiosk_ui::{Picture, PictureSource};

use crate::views::PAGE;

const WIDTH: usize = 620;
const HEIGHT: usize = 877;

/// Serves the one page of the specimens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paper;

impl PictureSource for Paper {
    fn picture(&self, image: ImageId) -> Option<Picture> {
        (image == PAGE).then(page)
    }
}

fn page() -> Picture {
    let mut rgb = vec![0xFA; WIDTH * HEIGHT * 3];
    let mut block = |x: usize, y: usize, width: usize, height: usize, grey: u8| {
        for row in y..y + height {
            for column in x..x + width {
                let at = (row * WIDTH + column) * 3;
                rgb[at..at + 3].fill(grey);
            }
        }
    };
    block(190, 70, 240, 26, 0x30);
    for line in 0..17 {
        let width = if line % 5 == 4 { 260 } else { 460 };
        block(80, 150 + line * 36, width, 10, 0x70);
    }
    block(380, 790, 150, 8, 0x50);
    Picture {
        width_px: u32::try_from(WIDTH).expect("small"),
        height_px: u32::try_from(HEIGHT).expect("small"),
        rgb: Arc::from(rgb),
    }
}
