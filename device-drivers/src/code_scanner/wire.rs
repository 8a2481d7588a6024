//! The scanner's wire as a technician sees it: commands and answers whole, a text by its length.

use super::codec::{Deframer, Ending, Garbage, Item};
use crate::wire::{Shown, hex, hidden};

#[derive(Debug)]
pub struct Frames {
    deframer: Deframer,
    ending: Ending,
}

impl Frames {
    #[must_use]
    pub fn new(ending: Ending) -> Self {
        Self { deframer: Deframer::new(ending), ending }
    }
}

impl Shown for Frames {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }

    fn heard(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(item) = self.deframer.next(&mut bytes) {
            lines.push(shown(item));
        }
        // Where nothing ends a text, a piece of one is as good a line: its length is all that is told.
        if self.ending == Ending::Silence && !self.deframer.is_empty() {
            lines.extend(self.deframer.falls_silent().map(shown));
        }
        lines
    }
}

fn shown(item: Result<Item, Garbage>) -> String {
    match item {
        Ok(Item::Answer(answer)) => hex(&answer.encode()),
        Ok(Item::Text(text)) => hidden(text.expose().len()),
        Err(garbage) => format!("? {garbage:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::Answer, *};

    #[test]
    fn a_text_is_shown_by_its_length_and_an_answer_whole() {
        for ending in [Ending::Line, Ending::Silence] {
            let mut frames = Frames::new(ending);
            assert_eq!(frames.heard(&Answer(0).encode()), ["02 00 00 01 00 33 31"]);
            let lines = frames.heard(b"NDE1 0017 4402\r");
            assert!(lines.concat().contains("·14·"), "{lines:?}");
            assert!(!lines.concat().contains("4E 44"), "{lines:?}");
        }
    }
}
