//! What a person sees who looks at the printer.

use std::sync::Arc;

use device_drivers::receipt_printer::codec::DOTS_PER_MM;
use serde::Serialize;

use super::{
    Board, Button, Clearing, Cover, Cutter, Head, PrinterTwin, paper::Paper, trouble::Planned,
};

/// The sensor sees the end of the roll when so little is left.
pub(super) const NEAR_END_MM: u32 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrinterLook {
    pub paper_left_mm: u32,
    pub cover: Cover,
    pub cutter: Cutter,
    pub cutter_error: bool,
    pub head: Head,
    pub button: Button,
    pub board: Board,
    pub clearing: Clearing,
    pub dead: bool,
    /// Bytes received and not worked off.
    pub n_waiting: usize,
    /// Bytes that came when the buffer was full.
    pub n_lost: u64,
    /// Bytes that were no command.
    pub n_unknown: u64,
    /// Characters that its font does not have, printed as a box.
    pub n_boxes: u64,
    /// Milliseconds that head, paper and cutter were at work since the start.
    pub busy_ms: u64,
    /// Length of what hangs out uncut.
    pub hanging_mm: u32,
    /// Number of the newest paper in the tray.
    pub newest: Option<u32>,
    pub planned: Vec<Planned>,
    /// What lies in the tray, oldest first. Served by itself.
    #[serde(skip)]
    pub papers: Vec<Arc<Paper>>,
}

impl PrinterTwin {
    pub(super) fn look_at_it(&self) -> PrinterLook {
        PrinterLook {
            paper_left_mm: self.mechanism.roll_dots / DOTS_PER_MM,
            cover: self.cover,
            cutter: self.cutter,
            cutter_error: self.cutter_error,
            head: self.head,
            button: self.button,
            board: self.board,
            clearing: self.clearing,
            dead: self.is_dead,
            n_waiting: self.buffer.len(),
            n_lost: self.n_lost,
            n_unknown: self.mechanism.n_unknown,
            n_boxes: self.mechanism.n_boxes,
            busy_ms: self.mechanism.busy_us / 1_000,
            hanging_mm: self.mechanism.hanging_dots() / DOTS_PER_MM,
            newest: self.newest(),
            planned: self.plan.list(),
            papers: self.came_out.iter().cloned().collect(),
        }
    }
}
