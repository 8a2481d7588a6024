//! How many modules a QR code has, and how big they may be on the paper.
//!
//! The printer draws the code; the host only chooses the size of a module, and must know that the
//! code fits: a printer leaves out one that is too wide.

/// Bytes that versions 1 to 20 hold at level M (ISO/IEC 18004, table 7, byte mode).
const BYTES_AT_LEVEL_M: [usize; 20] =
    [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666];
/// Modules that stay white around a code, on both sides together.
const QUIET_MODULES: u32 = 8;
/// 44 mm: a phone reads it at arm's length, and the paper stays short.
const WIDTH_AIM_DOTS: u32 = 352;
/// Below three dots (0.375 mm) a worn head makes modules that no camera tells apart.
const MODULE_DOTS_MIN: u32 = 3;
/// A short text needs no larger modules than 1 mm.
const MODULE_DOTS_MAX: u32 = 8;

/// A code on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Modules of a side, without the white around.
    pub modules: u32,
    pub module_dots: u8,
}

impl Size {
    /// Dots of a side, without the white around.
    #[must_use]
    pub fn dots(self) -> u32 {
        self.modules * u32::from(self.module_dots)
    }
}

/// The size for a text of so many bytes; `None` if it is too long for the paper.
#[must_use]
pub fn size_for(text_len: usize) -> Option<Size> {
    let version_before = BYTES_AT_LEVEL_M.iter().position(|holds| text_len <= *holds)?;
    let modules = 21 + 4 * u32::try_from(version_before).ok()?;
    let dots = WIDTH_AIM_DOTS / (modules + QUIET_MODULES);
    let module_dots = u8::try_from(dots.clamp(MODULE_DOTS_MIN, MODULE_DOTS_MAX)).ok()?;
    Some(Size { modules, module_dots })
}

#[cfg(test)]
mod tests {
    use super::{super::WIDTH_DOTS, *};

    #[test]
    fn the_size_follows_the_length_and_fits_the_paper() {
        let sizes: Vec<_> = (0..=666).filter_map(size_for).collect();
        assert_eq!(sizes.len(), 667);
        for size in &sizes {
            let whole = size.dots() + QUIET_MODULES * u32::from(size.module_dots);
            assert!(whole <= u32::from(WIDTH_DOTS), "{size:?}");
        }
        assert_eq!(size_for(2), Some(Size { modules: 21, module_dots: 8 }));
        assert_eq!(size_for(80), Some(Size { modules: 37, module_dots: 7 }));
        assert_eq!(size_for(667), None);
    }
}
