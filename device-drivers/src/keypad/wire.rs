//! How the wire of the keypad is shown to staff: frame by frame, and never which keys were pressed,
//! for a PIN or a pick-up code may have been typed with them.

use super::codec::{Deframer, GARBAGE_LEN};
use crate::wire::{Shown, hex, hidden};

#[derive(Debug, Default)]
pub(super) struct Frames {
    heard: Deframer,
}

impl Shown for Frames {
    /// Greetings and acknowledgements: numbers alone.
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }

    /// Bytes that are no frame may be the rest of one.
    fn heard(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(item) = self.heard.next(&mut bytes) {
            lines.push(item.map_or_else(|_garbage| hidden(GARBAGE_LEN), |frame| frame.shown()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use device_api::keypad::Key;

    use super::*;
    use crate::keypad::codec::{Held, Report};

    #[test]
    fn which_key_was_pressed_is_not_shown() {
        let shown = |report: Report| Frames::default().heard(&report.encode()).concat();
        let key = |key| shown(Report::Key { seq: 7, key });
        assert_eq!(key(Key::Select), "A5 01 82 07 ·3·");
        assert_eq!(key(Key::Up), key(Key::Select));
        let state =
            |key| shown(Report::State { conversation: 1, jack: true, held: Held::of([key]) });
        assert_eq!(state(Key::Up), "A5 03 83 01 01 ·4·");
        assert_eq!(state(Key::Up), state(Key::Softer));
    }
}
