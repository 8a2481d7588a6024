//! What a printer may still hold from before, and how it is made clean.
//!
//! ```text
//!  DLE ENQ 2 · NUL × 768 · ESC @ · GS a 4F · cut · GS r 1      after a torn slip
//!  DLE ENQ 2 ·             ESC @ · GS a 4F ·       GS r 1      after a lost link
//! ```
//!
//! DLE ENQ 2 empties the buffers only in an error the printer knows how to leave; after an open
//! cover or the end of the paper most printers print on. Then the rest of the torn slip comes out
//! here, and the cut parts it from the next one.

use kiosk_words::{Moment, Private};

use super::{Outputs, ReceiptPrinter, moment, printing::Sending};
use crate::{
    machine::CloseReason,
    receipt_printer::codec::{
        Command, Piece,
        command::COMMAND_LEN_MAX,
        slip::{KNIFE_DOTS, PUSH_ALL},
    },
};

/// From harmless to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Residue {
    None,
    /// Modes, and reports that may be off.
    Modes,
    /// Bytes of a slip, on the way, in the buffer or on the paper.
    Torn,
}

#[derive(Debug)]
pub(super) struct Cleaning {
    sending: Sending,
    /// Set when everything is sent.
    deadline: Option<Moment>,
    n_marks_heard: u32,
}

impl ReceiptPrinter {
    pub(super) fn needs_cleaning(&self) -> bool {
        self.residue != Residue::None && self.cleaning.is_none()
    }

    pub(super) fn start_cleaning(&mut self, now: Moment, out: &mut Outputs) {
        let torn = self.residue == Residue::Torn;
        let mut pieces = vec![piece(Command::Clear.encode(), 0)];
        if torn {
            pieces.push(piece(Command::Nothing.encode().repeat(COMMAND_LEN_MAX), 0));
        }
        let modes = [Command::Initialise, Command::PushStatus(PUSH_ALL)];
        pieces.push(piece(modes.iter().flat_map(Command::encode).collect(), 0));
        if torn {
            pieces.push(piece(Command::Cut { feed_dots: 0 }.encode(), KNIFE_DOTS));
        }
        let sending = Sending::new(pieces, now);
        self.cleaning = Some(Cleaning { sending, deadline: None, n_marks_heard: 0 });
        self.rest(now);
        self.tick_cleaning(now, out);
    }

    pub(super) fn cleaning_deadline(&self) -> Option<Moment> {
        let cleaning = self.cleaning.as_ref()?;
        let due = cleaning.sending.due_us(self.line_free_us, &self.timings).map(moment);
        due.or(cleaning.deadline)
    }

    pub(super) fn tick_cleaning(&mut self, now: Moment, out: &mut Outputs) {
        let Some(mut cleaning) = self.cleaning.take() else { return };
        self.write_due(&mut cleaning.sending, now, out);
        if !cleaning.sending.is_done() {
            self.cleaning = Some(cleaning);
            return;
        }
        match cleaning.deadline {
            None => {
                let limit_ms = match self.residue {
                    Residue::Torn => self.timings.clean_ms,
                    Residue::None | Residue::Modes => self.timings.end_margin_ms,
                };
                cleaning.deadline = Some(self.send_mark(now, out).plus_ms(limit_ms));
                self.cleaning = Some(cleaning);
            }
            Some(deadline) if now < deadline => self.cleaning = Some(cleaning),
            // An older mark was answered and the newest not: its like went with the buffer.
            Some(_) if cleaning.n_marks_heard > 0 => self.finish_cleaning(now),
            Some(_) => self.give_up_link(CloseReason::Silent, out),
        }
    }

    pub(super) fn on_cleaning_mark(&mut self, now: Moment) {
        let is_newest = self.n_marks_due == 0;
        let Some(cleaning) = &mut self.cleaning else { return };
        cleaning.n_marks_heard += 1;
        if cleaning.deadline.is_none() {
            return;
        }
        if is_newest {
            self.finish_cleaning(now);
        } else {
            cleaning.deadline = Some(now.plus_ms(self.timings.stray_ms));
        }
    }

    fn finish_cleaning(&mut self, now: Moment) {
        self.cleaning = None;
        self.n_marks_due = 0;
        self.residue = Residue::None;
        self.ask_soon(now);
    }
}

fn piece(bytes: Vec<u8>, advance_dots: u32) -> Piece {
    Piece { bytes: Private::new(bytes), advance_dots }
}
