//! The reader's wire as a technician sees it: commands whole, answers by their status alone.

use super::codec::Deframer;
use crate::wire::{Shown, hex, hidden};

/// Status bytes SW1 to SW3; what follows may be a person's.
const STATUS_LEN: usize = 3;

/// Commands carry nothing of a person.
#[derive(Debug, Default)]
pub struct Frames {
    deframer: Deframer,
}

impl Shown for Frames {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        vec![hex(bytes)]
    }

    fn heard(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(item) = self.deframer.next(&mut bytes) {
            lines.push(match item {
                Ok(body) => answer(body.expose()),
                Err(garbage) => format!("? {garbage:?}"),
            });
        }
        lines
    }
}

fn answer(body: &[u8]) -> String {
    let (status, rest) = body.split_at(STATUS_LEN.min(body.len()));
    if rest.is_empty() { hex(status) } else { format!("{} {}", hex(status), hidden(rest.len())) }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::frame, *};

    #[test]
    fn an_answer_is_shown_by_its_status_however_it_comes_in_pieces() {
        let card = frame(&[0x00, 0x00, 0x90, b'n', b'a', b'm', b'e']);
        let mut frames = Frames::default();
        let mut lines = Vec::new();
        for byte in card.iter().chain(&frame(&[0x00, 0x00, 0x80])) {
            lines.extend(frames.heard(&[*byte]));
        }
        assert_eq!(lines, ["00 00 90 ·4·", "00 00 80"]);
    }

    #[test]
    fn noise_is_told_by_its_kind() {
        let mut broken = frame(&[0x00, 0x00, 0x90, b'x']);
        if let Some(last) = broken.last_mut() {
            *last ^= 1;
        }
        let lines = Frames::default().heard(&broken).join(" ");
        assert!(lines.starts_with("? Checksum"), "{lines}");
    }
}
