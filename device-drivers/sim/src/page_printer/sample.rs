//! Documents to try a printer out with: so many black squares on a page as its number.

use std::fmt::Write as _;

use image::{GrayImage, Luma};

use super::pwg::{self, RasterPage};

/// A4 in points.
const WIDTH_PT: u32 = 595;
const HEIGHT_PT: u32 = 842;
const SQUARE_PT: u32 = 40;

/// A whole PDF, written by hand.
#[must_use]
pub fn pdf(n_pages: u16) -> Vec<u8> {
    let kids: String = (0..n_pages).fold(String::new(), |mut kids, n| {
        // Writing to a String cannot fail.
        let _ = write!(kids, "{} 0 R ", 3 + 2 * n);
        kids
    });
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [ {kids}] /Count {n_pages} >>"),
    ];
    for n in 0..n_pages {
        let squares: String = squares(n + 1).fold(String::new(), |mut drawn, (x, y)| {
            let y = HEIGHT_PT - y - SQUARE_PT;
            let _ = writeln!(drawn, "{x} {y} {SQUARE_PT} {SQUARE_PT} re f");
            drawn
        });
        let contents = 4 + 2 * n;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 {WIDTH_PT} {HEIGHT_PT} ] \
             /Resources << >> /Contents {contents} 0 R >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{squares}endstream", squares.len()));
    }
    let mut text = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (no, object) in (1..).zip(&objects) {
        offsets.push(text.len());
        let _ = write!(text, "{no} 0 obj\n{object}\nendobj\n");
    }
    let at = text.len();
    let _ = write!(text, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(text, "{offset:010} 00000 n ");
    }
    let size = objects.len() + 1;
    let _ = write!(text, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    text.into_bytes()
}

/// The same as pictures, one dot a point.
#[must_use]
pub fn raster(n_pages: u16) -> Vec<u8> {
    let page = |n| {
        let mut picture = GrayImage::from_pixel(WIDTH_PT, HEIGHT_PT, Luma([255]));
        for (left, top) in squares(n) {
            for y in top..top + SQUARE_PT {
                for x in left..left + SQUARE_PT {
                    picture.put_pixel(x, y, Luma([0]));
                }
            }
        }
        RasterPage { dpi: (72, 72), picture }
    };
    pwg::write(&(1..=n_pages).map(page).collect::<Vec<_>>())
}

/// Left upper corners, from the top, eight in a row.
fn squares(n: u16) -> impl Iterator<Item = (u32, u32)> {
    (0..u32::from(n)).map(|n| (40 + (n % 8) * 60, 60 + (n / 8) * 60))
}

/// How many squares are on a page as it came out, by how much of it is black.
#[must_use]
pub fn n_squares(picture: &GrayImage) -> u64 {
    let n_black = picture.pixels().filter(|pixel| pixel.0[0] < 128).count() as u64;
    let n_dots = u64::from(picture.width()) * u64::from(picture.height());
    let page = u64::from(WIDTH_PT * HEIGHT_PT);
    let square = u64::from(SQUARE_PT * SQUARE_PT);
    (n_black * page + n_dots * square / 2) / (n_dots * square).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page_printer::document::{Document, half};

    #[test]
    fn both_kinds_have_their_pages_and_each_page_its_squares() {
        for (mime, bytes) in [("application/pdf", pdf(3)), ("image/pwg-raster", raster(3))] {
            let document = Document::read(mime, bytes).unwrap();
            assert_eq!(document.n_pages, 3, "{mime}");
            for page in 1..=3 {
                let picture = document.picture(page).unwrap();
                assert_eq!(n_squares(&picture), u64::from(page), "{mime} page {page}");
                assert_eq!(n_squares(&half(picture)), u64::from(page), "squares stand above");
            }
            assert_eq!(document.picture(4), None);
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for (mime, bytes) in [
            ("application/pdf", b"%PDF-1.4 and no more".to_vec()),
            ("image/pwg-raster", pdf(1)),
            ("image/png", pdf(1)),
        ] {
            assert!(Document::read(mime, bytes).is_err(), "{mime}");
        }
    }
}
