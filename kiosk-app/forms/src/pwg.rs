//! PWG raster, for printers that take no PDF: PWG 5102.4-2012, `sgray_8`, one side.
//!
//! A page is a header of 1796 bytes, big-endian, and lines in the compression of Annex C: how often
//! a line repeats, then runs of equal pixels and stretches of different ones.

use kiosk_words::Private;
use zeroize::Zeroizing;

use crate::picture::Raster;

/// Beginning of every file.
pub const SYNC: &[u8; 4] = b"RaS2";
/// Length of a page's header.
pub const HEADER_LEN: usize = 1796;

/// sGray, 8 bits, 0 black.
const COLOR_SPACE_SGRAY: u32 = 18;
/// Normal, of draft, normal, high.
const QUALITY_NORMAL: u32 = 4;
/// A4 in points, as printers name it.
const A4_POINTS: [u32; 2] = [595, 842];
const A4_NAME: &str = "iso_a4_210x297mm";
const RUN_MAX: usize = 128;
const LINES_MAX: usize = 256;

/// A document that grows by pages; a page of text at 300 dots an inch takes half a megabyte of its
/// nine.
#[derive(Debug)]
pub struct Document {
    bytes: Zeroizing<Vec<u8>>,
    dpi: u16,
    n_pages: usize,
}

impl Document {
    /// Every page will be A4 at this resolution.
    #[must_use]
    pub fn new(dpi: u16, n_pages: usize) -> Self {
        Self { bytes: Zeroizing::new(SYNC.to_vec()), dpi, n_pages }
    }

    pub fn add(&mut self, page: &Raster) {
        self.bytes.extend_from_slice(&header(page, self.dpi, self.n_pages));
        lines(page.grey.expose(), page.width_px as usize, &mut self.bytes);
    }

    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    #[must_use]
    pub fn finish(mut self) -> Private<Vec<u8>> {
        Private::new(std::mem::take(&mut *self.bytes))
    }
}

fn header(page: &Raster, dpi: u16, n_pages: usize) -> [u8; HEADER_LEN] {
    let mut out = [0; HEADER_LEN];
    let text = |out: &mut [u8; HEADER_LEN], at: usize, text: &str| {
        out[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    let number = |out: &mut [u8; HEADER_LEN], at: usize, number: u32| {
        out[at..at + 4].copy_from_slice(&number.to_be_bytes());
    };
    text(&mut out, 0, "PwgRaster");
    text(&mut out, 128, "stationery");
    text(&mut out, 1732, A4_NAME);
    let numbers = [
        (276, u32::from(dpi)),
        (280, u32::from(dpi)),
        (340, 1), // copies
        (352, A4_POINTS[0]),
        (356, A4_POINTS[1]),
        (372, page.width_px),
        (376, page.height_px),
        (384, 8), // bits a colour
        (388, 8), // bits a pixel
        (392, page.width_px),
        (400, COLOR_SPACE_SGRAY),
        (420, 1), // colours
        (452, u32::try_from(n_pages).unwrap_or(0)),
        (456, 1), // cross-feed transform: as it is
        (460, 1), // feed transform: as it is
        (484, QUALITY_NORMAL),
    ];
    for (at, value) in numbers {
        number(&mut out, at, value);
    }
    out
}

fn lines(grey: &[u8], width: usize, out: &mut Vec<u8>) {
    let mut rest = grey.chunks_exact(width).peekable();
    while let Some(line) = rest.next() {
        let mut n_same = 1;
        while n_same < LINES_MAX && rest.next_if(|next| *next == line).is_some() {
            n_same += 1;
        }
        out.push(count(n_same));
        pixels(line, out);
    }
}

fn pixels(line: &[u8], out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some((first, _)) = rest.split_first() {
        let n_equal = rest.iter().take(RUN_MAX).take_while(|pixel| *pixel == first).count();
        let n_taken = if n_equal > 1 { n_equal } else { different(rest) };
        if n_equal > 1 || n_taken == 1 {
            out.extend_from_slice(&[count(n_taken), *first]);
        } else {
            // 257 - n, in a byte.
            out.push(count(n_taken).wrapping_neg());
            out.extend_from_slice(&rest[..n_taken]);
        }
        rest = &rest[n_taken..];
    }
}

/// How many pixels go by before two are equal.
fn different(line: &[u8]) -> usize {
    let pair = line.windows(2).position(|pair| pair[0] == pair[1]);
    pair.unwrap_or(line.len()).clamp(1, RUN_MAX)
}

/// Counts begin at one and are written less one.
fn count(n: usize) -> u8 {
    u8::try_from(n - 1).expect("runs and repeats are cut at what a byte holds")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(width_px: u32, height_px: u32, grey: impl Fn(usize) -> u8) -> Raster {
        let n_pixels = (width_px * height_px) as usize;
        let grey = (0..n_pixels).map(grey).collect();
        Raster { width_px, height_px, grey: Private::new(grey) }
    }

    fn document(page: &Raster) -> Private<Vec<u8>> {
        let mut document = Document::new(300, 1);
        document.add(page);
        document.finish()
    }

    /// The other direction, by the words of Annex C.
    fn unpack(mut packed: &[u8], width: usize, height: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while out.len() < width * height {
            let n_lines = usize::from(packed[0]) + 1;
            packed = &packed[1..];
            let mut line = Vec::new();
            while line.len() < width {
                let n = usize::from(packed[0]);
                if n < 128 {
                    line.extend(std::iter::repeat_n(packed[1], n + 1));
                    packed = &packed[2..];
                } else {
                    line.extend_from_slice(&packed[1..258 - n]);
                    packed = &packed[258 - n..];
                }
            }
            assert_eq!(line.len(), width, "no run goes past its line");
            for _ in 0..n_lines {
                out.extend_from_slice(&line);
            }
        }
        assert!(packed.is_empty(), "{} bytes too many", packed.len());
        assert_eq!(out.len(), width * height);
        out
    }

    #[test]
    fn the_bytes_of_a_small_page_are_as_the_standard_says() {
        // Black black white / the same again / 1 2 3
        let grey = [0, 0, 255, 0, 0, 255, 1, 2, 3];
        let document = document(&page(3, 3, |at| grey[at]));
        let bytes = document.expose();
        assert_eq!(&bytes[..4], b"RaS2");
        let header = &bytes[4..4 + HEADER_LEN];
        assert_eq!(&header[..10], b"PwgRaster\0");
        assert_eq!(header[276..284], [0, 0, 1, 44, 0, 0, 1, 44], "300 x 300 dots an inch");
        assert_eq!(header[372..380], [0, 0, 0, 3, 0, 0, 0, 3], "width and height");
        assert_eq!(header[384..396], [0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 3]);
        assert_eq!(header[400..404], [0, 0, 0, 18], "sGray");
        assert_eq!(header[452..456], [0, 0, 0, 1], "one page");
        assert_eq!(&header[1732..1749], b"iso_a4_210x297mm\0");
        let lines = &bytes[4 + HEADER_LEN..];
        assert_eq!(lines, [1, 1, 0, 0, 255, /* next */ 0, 254, 1, 2, 3]);
    }

    #[test]
    fn long_runs_and_many_equal_lines_are_cut_where_a_byte_ends() {
        let document = document(&page(300, 600, |_| 255));
        assert_eq!(
            document.expose()[4 + HEADER_LEN..],
            [255, 127, 255, 127, 255, 43, 255]
                .into_iter()
                .chain([255, 127, 255, 127, 255, 43, 255])
                .chain([87, 127, 255, 127, 255, 43, 255])
                .collect::<Vec<u8>>()
        );
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked_again(
            width in 1_u32..300,
            height in 1_u32..6,
            seed in prop::collection::vec(0_u8..4, 1..64),
            step in 1_usize..40,
        ) {
            let page = page(width, height, |at| seed[(at / step) % seed.len()]);
            let document = document(&page);
            let lines = &document.expose()[4 + HEADER_LEN..];
            prop_assert_eq!(&unpack(lines, width as usize, height as usize), page.grey.expose());
        }
    }
}
