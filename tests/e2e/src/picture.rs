//! Pictures of the screen: PNG files, comparison with masks and a named tolerance, QR codes.
//! Decides whether two pictures are the same page; does not know what a page is.

use std::path::Path;

use anyhow::{Context, Result, bail};
use image::{ImageFormat, Rgb, RgbImage};

/// A rectangle in pixels of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Area {
    pub const fn holds(&self, x: u32, y: u32) -> bool {
        x >= self.x && y >= self.y && x - self.x < self.width && y - self.y < self.height
    }

    /// With `by` more pixels on every side, cut at the screen's left and upper edge.
    #[must_use]
    pub const fn grown(self, by: u32) -> Self {
        let (x, y) = (self.x.saturating_sub(by), self.y.saturating_sub(by));
        Self { x, y, width: self.width + self.x - x + by, height: self.height + self.y - y + by }
    }
}

/// How much two pictures of one page may differ.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// A pixel differs when a channel differs by more than this.
    pub channel: u8,
    /// So many pixels of a million may differ.
    pub per_million: u64,
}

/// Both sides come from the same renderer with the same fonts and were measured to be equal byte
/// for byte; the channel step allows for another blending order, the share for one text caret
/// (4 x 48 of 1.6 million pixels).
pub const SAME_PAGE: Tolerance = Tolerance { channel: 8, per_million: 120 };

/// Where two pictures differ.
#[derive(Debug)]
pub struct Difference {
    pub n_pixels: u64,
    pub n_compared: u64,
    /// Encloses every differing pixel.
    pub around: Option<Area>,
    pub tolerance: Tolerance,
}

impl Difference {
    pub const fn is_same(&self) -> bool {
        self.n_pixels * 1_000_000 <= self.tolerance.per_million * self.n_compared
    }

    /// One sentence for a person.
    pub fn say(&self) -> String {
        let Some(area) = self.around else { return "the pictures are equal".into() };
        format!(
            "{} of {} pixels differ, between ({}, {}) and ({}, {})",
            self.n_pixels,
            self.n_compared,
            area.x,
            area.y,
            area.x + area.width,
            area.y + area.height
        )
    }
}

/// What is compared: the stage, without the parts that vary by nature.
#[derive(Debug, Clone)]
pub struct Scope {
    pub stage: Area,
    pub masks: Vec<Area>,
}

impl Scope {
    fn compares(&self, x: u32, y: u32) -> bool {
        !self.masks.iter().any(|mask| mask.holds(x, y))
    }
}

/// Counts the pixels of the scope in which the pictures differ.
pub fn compare(
    expected: &RgbImage,
    actual: &RgbImage,
    scope: &Scope,
    tolerance: Tolerance,
) -> Result<Difference> {
    if expected.dimensions() != actual.dimensions() {
        bail!("expected {:?} pixels, got {:?}", expected.dimensions(), actual.dimensions());
    }
    let mut found = Difference { n_pixels: 0, n_compared: 0, around: None, tolerance };
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for_each_pixel(expected, scope, |x, y| {
        found.n_compared += 1;
        if differs(expected.get_pixel(x, y), actual.get_pixel(x, y), tolerance) {
            found.n_pixels += 1;
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x), bottom.max(y));
        }
    });
    if found.n_pixels > 0 {
        found.around =
            Some(Area { x: left, y: top, width: right - left + 1, height: bottom - top + 1 });
    }
    Ok(found)
}

fn differs(one: &Rgb<u8>, other: &Rgb<u8>, tolerance: Tolerance) -> bool {
    one.0.iter().zip(other.0).any(|(a, b)| a.abs_diff(b) > tolerance.channel)
}

fn for_each_pixel(picture: &RgbImage, scope: &Scope, mut look: impl FnMut(u32, u32)) {
    let right = (scope.stage.x + scope.stage.width).min(picture.width());
    let bottom = (scope.stage.y + scope.stage.height).min(picture.height());
    for y in scope.stage.y..bottom {
        for x in scope.stage.x..right {
            if scope.compares(x, y) {
                look(x, y);
            }
        }
    }
}

const DIFFERS: Rgb<u8> = Rgb([220, 0, 40]);
const MASKED: Rgb<u8> = Rgb([120, 140, 220]);

/// The actual picture faded, differing pixels red, masked areas blue, outside the stage grey.
pub fn difference_picture(
    expected: &RgbImage,
    actual: &RgbImage,
    scope: &Scope,
    tolerance: Tolerance,
) -> RgbImage {
    RgbImage::from_fn(expected.width(), expected.height(), |x, y| {
        let shown = actual.get_pixel_checked(x, y).unwrap_or(&DIFFERS);
        if !scope.stage.holds(x, y) {
            return Rgb(shown.0.map(|c| c / 4 + 96));
        }
        if !scope.compares(x, y) {
            return MASKED;
        }
        if differs(expected.get_pixel(x, y), shown, tolerance) {
            return DIFFERS;
        }
        Rgb(shown.0.map(|c| c / 4 + 190))
    })
}

pub fn save(picture: &RgbImage, path: &Path) -> Result<()> {
    picture
        .save_with_format(path, ImageFormat::Png)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Texts of all QR codes in the picture, as a scanner at the hall would read them.
pub fn qr_texts(picture: &RgbImage) -> Vec<String> {
    let grey = |x: usize, y: usize| {
        let (x, y) = (u32::try_from(x).unwrap_or(0), u32::try_from(y).unwrap_or(0));
        let [r, g, b] = picture.get_pixel(x, y).0.map(u32::from);
        u8::try_from((r * 299 + g * 587 + b * 114) / 1_000).unwrap_or(u8::MAX)
    };
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = prepared.detect_grids();
    grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// A page with this code on it, as a PNG: what a label in an envelope's window looks like.
pub fn code_picture(text: &str) -> Result<Vec<u8>> {
    /// Pixels of one square of the code, and of the page around it.
    const SQUARE_PX: u32 = 8;
    const MARGIN_PX: u32 = 160;
    let code = qrcode::QrCode::new(text).context("the code")?;
    let side = u32::try_from(code.width())?;
    let colors = code.to_colors();
    let all = side * SQUARE_PX + 2 * MARGIN_PX;
    let picture = image::GrayImage::from_fn(all, all, |x, y| {
        let at = |px: u32| px.checked_sub(MARGIN_PX).map(|px| px / SQUARE_PX);
        let square = at(x).zip(at(y)).filter(|(x, y)| *x < side && *y < side);
        let dark = square.is_some_and(|(x, y)| colors[(y * side + x) as usize].select(true, false));
        image::Luma([if dark { 30 } else { 230 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Area = Area { x: 0, y: 0, width: 100, height: 100 };

    fn grey(value: u8) -> RgbImage {
        RgbImage::from_pixel(100, 100, Rgb([value; 3]))
    }

    #[test]
    fn a_masked_clock_does_not_count_and_an_unmasked_one_does() {
        let (expected, mut actual) = (grey(200), grey(200));
        for x in 10..20 {
            actual.put_pixel(x, 10, Rgb([0, 0, 0]));
        }
        let open = Scope { stage: ALL, masks: vec![] };
        let seen = compare(&expected, &actual, &open, SAME_PAGE).unwrap();
        assert!(!seen.is_same());
        assert_eq!(seen.around, Some(Area { x: 10, y: 10, width: 10, height: 1 }));
        let mask = Area { x: 10, y: 10, width: 10, height: 1 };
        let masked = Scope { stage: ALL, masks: vec![mask] };
        assert!(compare(&expected, &actual, &masked, SAME_PAGE).unwrap().is_same());
    }

    #[test]
    fn a_step_of_colour_within_the_tolerance_is_the_same_page() {
        let open = Scope { stage: ALL, masks: vec![] };
        assert!(compare(&grey(200), &grey(208), &open, SAME_PAGE).unwrap().is_same());
        assert!(!compare(&grey(200), &grey(209), &open, SAME_PAGE).unwrap().is_same());
    }

    #[test]
    fn pictures_of_other_sizes_are_never_compared() {
        let open = Scope { stage: ALL, masks: vec![] };
        let small = RgbImage::new(10, 10);
        assert!(compare(&grey(1), &small, &open, SAME_PAGE).is_err());
    }

    #[test]
    fn a_picture_without_a_code_has_no_texts() {
        assert_eq!(qr_texts(&grey(255)), Vec::<String>::new());
    }
}
