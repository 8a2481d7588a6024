//! Facts about a picture: how bright, how sharp, how much of the desk it covers.

use device_api::camera::{Fault, Frame, Quality};
use image::GrayImage;

use super::decode;

/// Pictures are measured at this width, so that the figures do not depend on the camera.
const MEASURED_WIDTH_PX: u32 = 800;
/// The desk is a dark mat: a picture whose bright end is below this shows no paper at all.
const BRIGHT_END_MIN: u8 = 48;
/// Paper is at least this share of the bright end, the mat is darker.
const PAPER_PERCENT: u32 = 45;
/// Share of pixels above the bright end; glare covers less than that.
const BRIGHT_END_PERCENT: usize = 5;

/// Measures a frame.
///
/// * `brightness`: mean luma.
/// * `sharpness`: variance of the Laplacian of the luma at 800 px width. A sharp page of text
///   has several hundred and more, an unreadable one less than about fifty.
/// * `covered_percent`: pixels that are not the dark mat. Too dark to tell is 0.
pub fn quality(frame: &Frame) -> Result<Quality, Fault> {
    let picture = decode(frame.encoded.expose())?;
    let luma = if picture.width() > MEASURED_WIDTH_PX {
        let height =
            u64::from(picture.height()) * u64::from(MEASURED_WIDTH_PX) / u64::from(picture.width());
        let height = u32::try_from(height).unwrap_or(picture.height()).max(1);
        picture.thumbnail_exact(MEASURED_WIDTH_PX, height).into_luma8()
    } else {
        picture.into_luma8()
    };
    Ok(Quality {
        brightness: brightness(&luma),
        sharpness: sharpness(&luma),
        covered_percent: covered_percent(&luma),
    })
}

fn brightness(luma: &GrayImage) -> u8 {
    let sum: u64 = luma.as_raw().iter().map(|value| u64::from(*value)).sum();
    let mean = sum / (luma.as_raw().len() as u64).max(1);
    u8::try_from(mean).expect("a mean of bytes is a byte")
}

/// Variance of the 4-neighbour Laplacian over the inner pixels.
fn sharpness(luma: &GrayImage) -> u32 {
    let width = luma.width() as usize;
    let rows: Vec<&[u8]> = luma.as_raw().chunks_exact(width.max(1)).collect();
    let (mut n, mut sum, mut sum_of_squares) = (0_i64, 0_i64, 0_i64);
    for window in rows.windows(3) {
        let [above, here, below] = window else { continue };
        for x in 1..width.saturating_sub(1) {
            let [up, down, left, right, centre] =
                [above[x], below[x], here[x - 1], here[x + 1], here[x]].map(i64::from);
            let laplacian = up + down + left + right - 4 * centre;
            n += 1;
            sum += laplacian;
            sum_of_squares += laplacian * laplacian;
        }
    }
    if n == 0 {
        return 0;
    }
    let mean = sum / n;
    u32::try_from((sum_of_squares / n - mean * mean).max(0)).unwrap_or(u32::MAX)
}

fn covered_percent(luma: &GrayImage) -> u8 {
    let bright_end = bright_end(luma);
    if bright_end < BRIGHT_END_MIN {
        return 0;
    }
    let paper_min = u32::from(bright_end) * PAPER_PERCENT / 100;
    let n_paper = luma.as_raw().iter().filter(|value| u32::from(**value) >= paper_min).count();
    let percent = n_paper * 100 / luma.as_raw().len().max(1);
    u8::try_from(percent).expect("a share is at most 100")
}

/// The luma that the brightest pixels reach, glare left out.
fn bright_end(luma: &GrayImage) -> u8 {
    let mut n_of = [0_usize; 256];
    for value in luma.as_raw() {
        n_of[usize::from(*value)] += 1;
    }
    let wanted = luma.as_raw().len() * BRIGHT_END_PERCENT / 100;
    let mut n_above = 0;
    for value in (0..=u8::MAX).rev() {
        n_above += n_of[usize::from(value)];
        if n_above > wanted {
            return value;
        }
    }
    0
}
