//! The strokes of an unfinished signature.

use std::fmt::Write as _;

use kiosk_core::view::{PadPoint, Stroke};

/// Thousandths of the pad that a finger must move before a point is kept.
const STEP: u16 = 3;
/// A hand that never lifts cannot fill the memory.
const STROKES_MAX: usize = 200;
const POINTS_MAX: usize = 4000;

#[derive(Debug, Default)]
pub(crate) struct Ink {
    strokes: Vec<Stroke>,
    drawing: bool,
}

impl Ink {
    pub(crate) fn clear(&mut self) {
        self.strokes.clear();
        self.drawing = false;
    }

    pub(crate) fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    pub(crate) fn press(&mut self, at: PadPoint) {
        if self.strokes.len() < STROKES_MAX {
            self.strokes.push(vec![at]);
            self.drawing = true;
        }
    }

    /// Whether the stroke grew.
    pub(crate) fn drag(&mut self, at: PadPoint) -> bool {
        let Some(stroke) = self.strokes.last_mut().filter(|_| self.drawing) else { return false };
        let near = stroke
            .last()
            .is_some_and(|last| last.x.abs_diff(at.x) < STEP && last.y.abs_diff(at.y) < STEP);
        if near || stroke.len() >= POINTS_MAX {
            return false;
        }
        stroke.push(at);
        true
    }

    pub(crate) fn lift(&mut self) {
        self.drawing = false;
    }
}

/// A place on the pad in thousandths, held inside it.
pub(crate) fn pad_point(x: f32, y: f32, width: f32, height: f32) -> PadPoint {
    PadPoint { x: thousandths(x, width), y: thousandths(y, height) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1000 first; not a number becomes 0"
)]
fn thousandths(part: f32, whole: f32) -> u16 {
    if whole <= 0.0 { 0 } else { (part / whole * 1000.0).clamp(0.0, 1000.0).round() as u16 }
}

/// SVG path commands of one stroke on a pad of that size in pixels.
pub(crate) fn commands(stroke: &[PadPoint], width: f32, height: f32) -> String {
    let place = |p: &PadPoint| (f32::from(p.x) / 1000.0 * width, f32::from(p.y) / 1000.0 * height);
    let mut text = String::new();
    let Some(first) = stroke.first() else { return text };
    let (x, y) = place(first);
    // A dot is a very short line: a path of one point is not drawn.
    let _ = write!(text, "M {x:.1} {y:.1} L {:.1} {y:.1}", x + 1.0);
    for point in stroke.iter().skip(1) {
        let (x, y) = place(point);
        let _ = write!(text, " L {x:.1} {y:.1}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_outside_the_pad_are_held_at_its_edge() {
        assert_eq!(pad_point(-3.0, 900.0, 1000.0, 500.0), PadPoint { x: 0, y: 1000 });
    }

    #[test]
    fn a_resting_finger_adds_no_points() {
        let mut ink = Ink::default();
        ink.press(PadPoint { x: 10, y: 10 });
        assert!(!ink.drag(PadPoint { x: 11, y: 11 }));
        assert!(ink.drag(PadPoint { x: 20, y: 11 }));
        ink.lift();
        assert!(!ink.drag(PadPoint { x: 90, y: 90 }));
        assert_eq!(ink.strokes(), [vec![PadPoint { x: 10, y: 10 }, PadPoint { x: 20, y: 11 }]]);
    }
}
