//! Receipt numbers: the hall hands them out in blocks, and one is used for each case.

use kiosk_words::ReceiptNo;

use super::Station;
use crate::record::Record;

impl Station {
    /// Whether a further receipt can be given.
    pub(super) fn take_number(&mut self) -> Option<ReceiptNo> {
        let (next, end) = self.numbers?;
        if next >= end {
            return None;
        }
        ReceiptNo::new(self.config.station, next)
    }

    /// Receipts that can still be given before the hall hands out more.
    pub(crate) fn numbers_left(&self) -> u32 {
        let blocks = [self.numbers, self.further_numbers].into_iter().flatten();
        blocks.map(|(next, end)| end.saturating_sub(next)).sum()
    }

    pub(super) fn used_number(&mut self) {
        if let Some((next, end)) = &mut self.numbers {
            *next += 1;
            if next >= end && self.further_numbers.is_some() {
                self.numbers = self.further_numbers.take();
            }
        }
        self.readiness.has_numbers = self.numbers.is_some_and(|(next, end)| next < end);
    }

    pub(super) fn on_receipts(&mut self, first: u32, end: u32) {
        if self.numbers.is_none_or(|(next, end)| next >= end) {
            self.numbers = Some((first, end));
        } else {
            self.further_numbers = Some((first, end));
        }
        self.readiness.has_numbers = true;
        self.note(vec![Record::ReceiptBlock { first, end }]);
    }
}
