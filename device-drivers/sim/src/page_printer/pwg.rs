//! PWG raster (PWG 5102.4): pages as pictures, line by line in PackBits.
//!
//! ```text
//!  "RaS2" · for each page: header of 1796 bytes, big-endian · groups of lines:
//!           how often the line stands again · runs of pixels until the line is full
//! ```

use image::{GrayImage, ImageBuffer};

const SYNC: &[u8; 4] = b"RaS2";
const HEADER_LEN: usize = 1_796;
/// A page at 1200 dots an inch is less.
const SIDE_MAX: u32 = 16_384;
/// As many pages as a station ever prints at once, and more.
const N_PAGES_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRaster {
    #[error("does not begin with RaS2")]
    Sync,
    #[error("ends inside page {page}")]
    Short { page: usize },
    #[error("page {page}: a header that contradicts itself")]
    Header { page: usize },
    #[error("page {page}: pixels of a kind that this printer does not take")]
    Colour { page: usize },
    #[error("page {page}: a line that is too long")]
    Line { page: usize },
    #[error("page {page}: more lines than the header says")]
    Lines { page: usize },
    #[error("no page")]
    Empty,
    #[error("more than {N_PAGES_MAX} pages")]
    TooMany,
}

/// One page, eight bits of grey a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RasterPage {
    pub dpi: (u32, u32),
    pub picture: GrayImage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    /// One bit a dot, 1 is black.
    Black1,
    /// 0 is black.
    Grey8,
    Rgb24,
}

struct Header {
    width: u32,
    height: u32,
    line_len: usize,
    dpi: (u32, u32),
    colour: Colour,
}

/// All pages, or what is wrong with the first bad one.
pub fn read(bytes: &[u8]) -> Result<Vec<RasterPage>, BadRaster> {
    let mut rest = bytes.strip_prefix(SYNC).ok_or(BadRaster::Sync)?;
    let mut pages = Vec::new();
    while !rest.is_empty() {
        let page = pages.len() + 1;
        if page > N_PAGES_MAX {
            return Err(BadRaster::TooMany);
        }
        let (header, body) = rest.split_at_checked(HEADER_LEN).ok_or(BadRaster::Short { page })?;
        let header = Header::read(header, page)?;
        let (lines, left) = unpack(&header, body, page)?;
        pages.push(RasterPage { dpi: header.dpi, picture: picture(&header, &lines) });
        rest = left;
    }
    if pages.is_empty() { Err(BadRaster::Empty) } else { Ok(pages) }
}

impl Header {
    fn read(bytes: &[u8], page: usize) -> Result<Self, BadRaster> {
        let word = |at: usize| {
            let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
            four.map(u32::from_be_bytes).ok_or(BadRaster::Short { page })
        };
        let bad = BadRaster::Header { page };
        if !bytes.starts_with(b"PwgRaster\0") {
            return Err(bad);
        }
        let (width, height, line_len) = (word(372)?, word(376)?, word(392)?);
        let colour = match (word(400)?, word(384)?, word(388)?) {
            (3, 1, 1) => Colour::Black1,
            (18, 8, 8) => Colour::Grey8,
            (19, 8, 24) => Colour::Rgb24,
            _ => return Err(BadRaster::Colour { page }),
        };
        let wanted = match colour {
            Colour::Black1 => width.div_ceil(8),
            Colour::Grey8 => width,
            Colour::Rgb24 => width.saturating_mul(3),
        };
        let sizes = [width, height].iter().all(|side| (1..=SIDE_MAX).contains(side));
        if !sizes || line_len != wanted || word(396)? != 0 {
            return Err(bad);
        }
        let line_len = usize::try_from(line_len).map_err(|_| bad)?;
        Ok(Self { width, height, line_len, dpi: (word(276)?, word(280)?), colour })
    }

    const fn pixel_len(&self) -> usize {
        match self.colour {
            // Eight dots are packed as one.
            Colour::Black1 | Colour::Grey8 => 1,
            Colour::Rgb24 => 3,
        }
    }

    const fn white(&self) -> u8 {
        match self.colour {
            Colour::Black1 => 0,
            Colour::Grey8 | Colour::Rgb24 => 255,
        }
    }
}

/// The lines of a page one behind the other, and what comes after them.
fn unpack<'a>(
    header: &Header,
    body: &'a [u8],
    page: usize,
) -> Result<(Vec<u8>, &'a [u8]), BadRaster> {
    let n_lines = usize::try_from(header.height).unwrap_or(usize::MAX);
    let whole_len = n_lines * header.line_len;
    let mut lines = Vec::new();
    let mut rest = body;
    while lines.len() < whole_len {
        let (again, packed) = rest.split_first().ok_or(BadRaster::Short { page })?;
        let (line, left) = unpack_line(header, packed, page)?;
        for _ in 0..=*again {
            lines.extend_from_slice(&line);
        }
        rest = left;
    }
    if lines.len() > whole_len { Err(BadRaster::Lines { page }) } else { Ok((lines, rest)) }
}

fn unpack_line<'a>(
    header: &Header,
    packed: &'a [u8],
    page: usize,
) -> Result<(Vec<u8>, &'a [u8]), BadRaster> {
    let short = BadRaster::Short { page };
    let mut line = Vec::with_capacity(header.line_len);
    let mut rest = packed;
    while line.len() < header.line_len {
        let (control, after) = rest.split_first().ok_or(short)?;
        rest = match control {
            0..=127 => {
                let (pixel, after) = after.split_at_checked(header.pixel_len()).ok_or(short)?;
                for _ in 0..=*control {
                    line.extend_from_slice(pixel);
                }
                after
            }
            128 => {
                line.resize(header.line_len, header.white());
                after
            }
            129..=255 => {
                let len = (257 - usize::from(*control)) * header.pixel_len();
                let (pixels, after) = after.split_at_checked(len).ok_or(short)?;
                line.extend_from_slice(pixels);
                after
            }
        };
    }
    if line.len() > header.line_len { Err(BadRaster::Line { page }) } else { Ok((line, rest)) }
}

fn picture(header: &Header, lines: &[u8]) -> GrayImage {
    ImageBuffer::from_fn(header.width, header.height, |x, y| {
        let (x, y) = (usize::try_from(x).unwrap_or(0), usize::try_from(y).unwrap_or(0));
        let line = &lines[y * header.line_len..(y + 1) * header.line_len];
        image::Luma([match header.colour {
            Colour::Black1 => {
                if line[x / 8] & (0x80 >> (x % 8)) == 0 {
                    255
                } else {
                    0
                }
            }
            Colour::Grey8 => line[x],
            Colour::Rgb24 => {
                let sum: u16 = line[3 * x..3 * x + 3].iter().map(|byte| u16::from(*byte)).sum();
                u8::try_from(sum / 3).unwrap_or(u8::MAX)
            }
        }])
    })
}

/// Pages as a document, packed line by line. For trying printers out.
#[must_use]
pub fn write(pages: &[RasterPage]) -> Vec<u8> {
    let mut bytes = SYNC.to_vec();
    for page in pages {
        bytes.extend(header_of(page));
        for row in page.picture.rows() {
            bytes.push(0);
            let row: Vec<u8> = row.map(|pixel| pixel.0[0]).collect();
            for run in row.chunk_by(|a, b| a == b) {
                for piece in run.chunks(128) {
                    bytes.extend([u8::try_from(piece.len() - 1).unwrap_or(127), piece[0]]);
                }
            }
        }
    }
    bytes
}

fn header_of(page: &RasterPage) -> Vec<u8> {
    let mut header = vec![0; HEADER_LEN];
    header[..9].copy_from_slice(b"PwgRaster");
    let (width, height) = page.picture.dimensions();
    for (at, value) in [
        (276, page.dpi.0),
        (280, page.dpi.1),
        (340, 1),
        (352, 595),
        (356, 842),
        (372, width),
        (376, height),
        (384, 8),
        (388, 8),
        (392, width),
        (400, 18),
        (420, 1),
    ] {
        header[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    let name = b"iso_a4_210x297mm";
    header[1_732..1_732 + name.len()].copy_from_slice(name);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(shade: u8) -> RasterPage {
        let picture = GrayImage::from_fn(83, 117, |x, y| {
            image::Luma([if x > 40 && y > 60 { shade } else { 255 }])
        });
        RasterPage { dpi: (10, 10), picture }
    }

    #[test]
    fn pages_are_read_as_they_were_written() {
        let pages = [page(0), page(90)];
        assert_eq!(read(&write(&pages)), Ok(pages.to_vec()));
    }

    #[test]
    fn a_document_that_ends_early_or_lies_about_its_size_is_found() {
        let good = write(&[page(0)]);
        for cut in [5, 4 + HEADER_LEN, good.len() - 1] {
            assert_eq!(read(&good[..cut]), Err(BadRaster::Short { page: 1 }), "{cut}");
        }
        assert_eq!(read(&good[..4]), Err(BadRaster::Empty));
        assert_eq!(read(b"%PDF-1.4"), Err(BadRaster::Sync));
        for (at, value, why) in [
            (4 + 392, 84_u32, BadRaster::Header { page: 1 }),
            (4 + 372, 0, BadRaster::Header { page: 1 }),
            (4 + 376, 16_385, BadRaster::Header { page: 1 }),
            (4 + 400, 20, BadRaster::Colour { page: 1 }),
            (4 + 376, 118, BadRaster::Short { page: 1 }),
            // One line fewer: the last begins another page.
            (4 + 376, 116, BadRaster::Short { page: 2 }),
        ] {
            let mut bad = good.clone();
            bad[at..at + 4].copy_from_slice(&value.to_be_bytes());
            assert_eq!(read(&bad), Err(why), "{at} {value}");
        }
        let mut bad = good.clone();
        // The first run of the first line is one pixel too long for it.
        bad[4 + HEADER_LEN + 1] = 83;
        assert_eq!(read(&bad), Err(BadRaster::Line { page: 1 }));
        let mut bad = good;
        bad[4 + HEADER_LEN] = 117;
        assert_eq!(read(&bad), Err(BadRaster::Lines { page: 1 }));
    }
}
